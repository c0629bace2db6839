"""Fills a store with one of everything through a running server, and writes down what the server answers.

fill.py ADDRESS ANSWERS: ADDRESS is a server of the release whose format is to be kept, which holds the demo; ANSWERS is
the file for the answers. See make.sh.
"""

import datetime
import json
import pathlib
import sys
import tempfile
import time

import grpc
from google.protobuf import json_format

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "interop"))
from client import Contract  # noqa: E402

HOTEL, RESTAURANT, BAR, BEACH = "zrh-lakeside", "zrh-seeblick", "lis-alfama", "cun-playa"
VENUES = [HOTEL, RESTAURANT, BAR, BEACH]
# The rooms and tables that must be found whenever the store is opened.
FAR = "2099-12-31T23:00:00Z"
# A promise of the demo is due half a minute after its start; the answers are taken when it is overdue.
DUE_SECONDS = 35
CALL_SECONDS = 20
MARA, JON, LEA = ("mara", "concierge"), ("jon", "manager"), ("lea", "director")


class Store:
    """Calls of a server, by service and method, with requests and answers as proto3-JSON."""

    def __init__(self, address: str):
        self.folder = tempfile.TemporaryDirectory()
        self.v1 = Contract(self.folder.name)
        self.channel = grpc.insecure_channel(address)
        grpc.channel_ready_future(self.channel).result(timeout=CALL_SECONDS)
        self.answers = []
        self.started = datetime.datetime.now(datetime.timezone.utc)

    def ago(self, days: float) -> str:
        return (self.started - datetime.timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")

    def ahead(self, days: float) -> str:
        return self.ago(-days)

    def call(self, service: str, method: str, who=MARA, **fields) -> dict:
        request = json_format.ParseDict(fields, getattr(self.v1, f"{method}Request")())
        stub = getattr(self.v1, f"{service}Stub")(self.channel)
        metadata = [("rapport-device", "desk-1"), ("rapport-staff", who[0]), ("rapport-role", who[1])]
        answer = getattr(stub, method)(request, timeout=CALL_SECONDS, metadata=metadata)
        return json_format.MessageToDict(answer)

    def ask(self, service: str, method: str, who=LEA, **fields) -> dict:
        """Asks, and writes question and answer down."""
        answer = self.call(service, method, who, **fields)
        self.answers.append({"service": service, "method": method, "staff": who[0], "role": who[1],
                             "request": fields, "answer": answer})
        return answer

    def customer(self, method: str, customer_id: str, who=MARA, **fields) -> dict:
        return self.call("CustomerService", method, who, customerId=customer_id, **fields)

    def create(self, name: str, card: str, language="en", **parts) -> str:
        draft = {"details": {"kind": "CUSTOMER_KIND_PERSON", "language": language, "name": {"full": name}},
                 "identities": [{"type": "IDENTITY_TYPE_LOYALTY", "value": card}], **parts}
        return self.call("CustomerService", "CreateCustomer", customer=draft)["receipt"]["customerId"]

    def found(self, card: str) -> str:
        identity = {"type": "IDENTITY_TYPE_LOYALTY", "value": card}
        answer = self.call("CustomerService", "LookupCustomer", identities=[identity], purpose="PURPOSE_SERVICE")
        return answer["matches"][0]["customerId"]


def made(answer: dict, letter: str) -> str:
    """The entry that was made, by the letter that its kind of ids begins with."""
    return next(one for one in answer["receipt"]["createdIds"] if one.startswith(letter))


def precaution(kind: str, code: str, text="", criticality="HIGH", severity="UNSPECIFIED", status="UNSPECIFIED") -> dict:
    return {"kind": f"PRECAUTION_KIND_{kind}", "code": code, "text": text, "criticality": f"CRITICALITY_{criticality}",
            "severity": f"REACTION_SEVERITY_{severity}", "status": f"PRECAUTION_STATUS_{status}"}


def evidence(category: str, item: str, stance: str, source="STATED", **fields) -> dict:
    return {"category": category, "item": item, "stance": f"STANCE_{stance}", "source": f"EVIDENCE_SOURCE_{source}",
            **fields}


def occasion(kind: str, month: int, day: int, year=None, **fields) -> dict:
    date = {"calendar": "CALENDAR_GREGORIAN", "month": month, "day": day}
    if year is not None:
        date["year"] = year
    return {"kind": f"OCCASION_KIND_{kind}", "date": date, **fields}


def identities() -> list[dict]:
    """One of each type; phone and address are shared with another customer."""
    return [
        {"type": "IDENTITY_TYPE_LOYALTY", "value": "GD-1"},
        {"type": "IDENTITY_TYPE_LOYALTY", "value": "77-1", "issuer": "miles"},
        {"type": "IDENTITY_TYPE_PMS", "value": "90001", "issuer": "opera-zrh"},
        {"type": "IDENTITY_TYPE_POS", "value": "4711", "issuer": "till-lis"},
        {"type": "IDENTITY_TYPE_SYSTEM", "value": "crm/1", "issuer": "crm"},
        {"type": "IDENTITY_TYPE_PHONE", "value": "+41 44 668 19 99"},
        {"type": "IDENTITY_TYPE_EMAIL", "value": "Family.Golden@example.com"},
        {"type": "IDENTITY_TYPE_ROOM", "value": "901", "issuer": HOTEL, "expireTime": FAR},
        {"type": "IDENTITY_TYPE_TABLE", "value": "T7", "issuer": RESTAURANT, "expireTime": FAR},
    ]


def whole(store: Store) -> str:
    """A customer with every part that a draft has."""
    precautions = [
        precaution("ALLERGY", "TREE_NUTS", "Also traces. Carries an EpiPen.", "HIGH", "SEVERE", "CONFIRMED"),
        precaution("ALLERGY", "TREENUT", "Written by hand.", "UNSPECIFIED", "MODERATE", "UNCONFIRMED"),
        precaution("ALLERGY", "OTHER", "Kiwi.", "HIGH", "MILD"),
        precaution("ALLERGY", "MANDEL", "", "HIGH"),
        precaution("INTOLERANCE", "LACTOSE", "", "LOW", "MILD", "CONFIRMED"),
        precaution("INTOLERANCE", "COELIAC_DISEASE", "", "HIGH"),
        precaution("DIET", "VEGETARIAN", "No egg either.", "LOW"),
        precaution("ABSTENTION", "ALCOHOL", "Not in sauces.", "LOW"),
        precaution("ACCESSIBILITY", "WHEELCHAIR", "Step-free.", "LOW"),
        precaution("TOPIC", "DIVORCE", "Never ask.", "HIGH"),
    ]
    seen = [
        evidence("drink", "espresso, double", "FAVOURITE", observeTime=store.ago(30), situation="breakfast"),
        evidence("drink", "red wine", "DISLIKES", observeTime=store.ago(20)),
        evidence("room", "feather pillows", "AVOID", venueId=HOTEL, scope="PREFERENCE_SCOPE_BRAND"),
        evidence("music", "fado", "LIKES", "OBSERVED", venueId=BAR, observeTime=store.ago(3)),
        evidence("music", "fado", "LIKES", "OBSERVED", venueId=BAR, observeTime=store.ago(2)),
        evidence("dessert", "sorbet", "LIKES", "INFERRED", venueId=RESTAURANT, observeTime=store.ago(9)),
        evidence("dessert", "tiramisu", "LIKES", "REFUSED", venueId=RESTAURANT, observeTime=store.ago(8)),
    ]
    occasions = [
        occasion("BIRTHDAY", 2, 29, 1988),
        occasion("BIRTHDAY", 11, 30, ofWhom="grandfather Wei"),
        occasion("ANNIVERSARY", 6, 5, 2014, label="wedding", doNotCelebrate=True),
        occasion("OTHER", 11, 28, label="opening of the gallery", ofWhom="sister Ada"),
    ]
    consents = [{"purpose": f"PURPOSE_{purpose}", "state": f"CONSENT_STATE_{state}", "decideTime": store.ago(30),
                 "evidence": f"form {purpose.lower()}"}
                for purpose, state in [("SERVICE", "GRANTED"), ("MARKETING", "DENIED"), ("ANALYTICS", "WITHDRAWN")]]
    name = {"full": "Ada Maria Golden", "addressedAs": "Dr Golden", "pronunciation": "AY-da"}
    draft = {"details": {"kind": "CUSTOMER_KIND_PERSON", "name": name, "language": "de-CH"}, "identities": identities(),
             "precautions": precautions, "precautionsAsked": True, "evidence": seen, "occasions": occasions,
             "consents": consents}
    request = {"customer": draft, "requestId": "golden-create"}
    receipt = store.call("CustomerService", "CreateCustomer", **request)["receipt"]
    remember(store, "CustomerService", "CreateCustomer", request, receipt)
    return receipt["customerId"]


def remember(store: Store, service: str, method: str, request: dict, receipt: dict) -> None:
    """Writes down a request that must be answered with its first receipt when it is repeated."""
    store.answers.append({"service": service, "method": method, "staff": MARA[0], "role": MARA[1], "request": request,
                          "answer": {"receipt": receipt}})


def changed(store: Store, ada: str) -> None:
    """What is changed later, one by one."""
    store.customer("UpdateCustomer", ada, details={"name": {"full": "Ada Maria Golden-Frey"}}, updateMask="name.full")
    store.customer("AddIdentity", ada, identity={"type": "IDENTITY_TYPE_POS", "value": "4712", "issuer": "till-lis"})
    store.customer("RemoveIdentity", ada, identity={"type": "IDENTITY_TYPE_POS", "value": "4711", "issuer": "till-lis"})
    request = {"customerId": ada, "requestId": "golden-precautions", "precautions": [
        precaution("ALLERGY", code, "", "LOW", "MILD") for code in ["PEANUTS", "SESAME", "FISH", "SULPHITES"]]}
    receipt = store.call("CustomerService", "AddPrecautions", **request)["receipt"]
    remember(store, "CustomerService", "AddPrecautions", request, receipt)
    past = ["REFUTED", "RESOLVED", "ENTERED_IN_ERROR", "CONFIRMED"]
    for precaution_id, status in zip(receipt["createdIds"], past):
        store.customer("ReviewPrecaution", ada, JON, precautionId=precaution_id, status=f"PRECAUTION_STATUS_{status}",
                       reason=f"asked again: {status.lower()}")
    store.customer("RecordPrecautionInquiry", ada, askTime=store.ago(1))
    store.customer("RecordEvidence", ada, evidence=[evidence("newspaper", "none", "LIKES")])
    kept = store.customer("GetCustomer", ada, purpose="PURPOSE_SERVICE")["customer"]
    paper = next(one for one in kept["preferences"] if one["category"] == "newspaper")
    store.customer("RemovePreference", ada, preferenceId=paper["preferenceId"])
    fair, slip = [made(store.customer("AddOccasion", ada, occasion=occasion("OTHER", 3, day, label="fair")), "o")
                  for day in (1, 2)]
    store.customer("UpdateOccasion", ada, occasionId=fair, occasion=occasion("OTHER", 3, 3, label="book fair"))
    store.customer("RemoveOccasion", ada, occasionId=slip)
    store.customer("RecordConsent", ada, consent={"purpose": "PURPOSE_MARKETING", "state": "CONSENT_STATE_GRANTED",
                                                  "evidence": "said at the desk"})


def visited(store: Store, ada: str, bea: str) -> None:
    """Every kind of interaction, one voided, and purchases enough for habits."""
    def happened(key: str, kind: str, venue: str, days: float, **fields) -> dict:
        return {"source": "golden-till", "externalId": key, "customerId": ada, "kind": f"INTERACTION_KIND_{kind}",
                "venueId": venue, "occurTime": store.ago(days), **fields}

    def bill(*lines) -> dict:
        return {"lines": [{"item": item, "category": category, "quantity": quantity, "amountMinorUnits": str(amount),
                           "seat": seat} for item, category, quantity, amount, seat in lines], "partySize": 2}

    rows = [happened("stay", "VISIT", HOTEL, 40),
            happened("call", "CONTACT", HOTEL, 35, text="Asked for a quiet room."),
            happened("score", "FEEDBACK", HOTEL, 34, feedback={"score": 9, "scaleMin": 0, "scaleMax": 10}),
            happened("brought", "REFERRAL", HOTEL, 33, referral={"referredCustomerId": bea}),
            happened("bar", "PURCHASE", BAR, 15, visitExternalId="stay",
                     purchase={**bill(("ginjinha", "drink", 1, 300, "1")),
                               "total": {"currencyCode": "EUR", "minorUnits": "320"}}),
            happened("wrong", "PURCHASE", RESTAURANT, 14, purchase=bill(("steak", "main", 1, 5200, "")))]
    rows += [happened(f"lunch-{week}", "PURCHASE", RESTAURANT, 7 * week + 1, purchase=bill(
        ("rösti", "main", 1, 2600, "1"), ("espresso, double", "drink", 2, 1100, "1"),
        ("cheese board", "dessert", 0.5, 900, "2")))
        for week in range(12)]
    identity = {"type": "IDENTITY_TYPE_LOYALTY", "value": "GD-2"}
    rows.append({key: value for key, value in happened("bea", "PURCHASE", RESTAURANT, 5, identity=identity,
                 purchase=bill(("rösti", "main", 1, 2600, ""))).items() if key != "customerId"})
    results = store.call("InteractionService", "RecordInteractions", interactions=rows)["results"]
    assert all(result["outcome"] == "RECORD_OUTCOME_RECORDED" for result in results), results
    store.call("InteractionService", "VoidInteraction", JON, customerId=ada, source="golden-till", externalId="wrong",
               reason="wrong table")


def given(store: Store, ada: str, bea: str) -> None:
    """Gestures in every state and with every outcome."""
    def give(who, whom: str, kind: str, **fields) -> dict:
        fields |= {"customerId": whom, "gestureTypeId": kind, "venueId": HOTEL}
        return store.call("GestureService", "GiveGesture", who, **fields)

    request = {"customerId": ada, "requestId": "golden-gift", "gestureTypeId": "handwritten-note", "venueId": HOTEL,
               "note": "Welcome back.", "place": "Room 901"}
    answer = store.call("GestureService", "GiveGesture", **request)
    remember(store, "GestureService", "GiveGesture", request, answer["receipt"])
    give(MARA, bea, "fruit-plate", deliverTime=store.ahead(2), deliverOwner="jon", place="Room 902")
    give(MARA, bea, "birthday-cake")
    give(MARA, ada, "room-upgrade", propose=True)
    slip = give(JON, bea, "flowers")
    store.call("GestureService", "CancelGesture", JON, customerId=bea, gestureId=made(slip, "g"), reason="a slip")
    for kind, outcome in [("lemon-sorbet", "DELIGHTED"), ("late-check-out", "NEUTRAL"), ("aperitif", "DECLINED")]:
        one = give(JON, bea, kind)
        store.call("GestureService", "RecordGestureOutcome", JON, customerId=bea, gestureId=made(one, "g"),
                   outcome=f"GESTURE_OUTCOME_{outcome}")


def made_good(store: Store, bea: str, cy: str) -> None:
    """Issues open, assigned, resolved and reopened; follow-ups owed, kept and missed."""
    def opened(whom: str, severity: str, cause: str) -> str:
        issue = {"severity": f"ISSUE_SEVERITY_{severity}", "cause": cause, "venueId": HOTEL, "item": "Room 902",
                 "text": "Said at the desk.", "owner": "mara"}
        return made(store.call("RecoveryService", "OpenIssue", customerId=whom, issue=issue), "i")

    def on(method: str, whom: str, who=JON, **fields) -> dict:
        return store.call("RecoveryService", method, who, customerId=whom, **fields)

    minor, major = opened(bea, "MINOR", "NOISE"), opened(bea, "MAJOR", "WAITING_TIME")
    for issue in (minor, major):
        on("ResolveIssue", bea, issueId=issue, resolution="Another room.", followUpDueTime=store.ahead(1))
    on("ReopenIssue", bea, issueId=major, reason="It happened again.")
    on("ResolveIssue", bea, issueId=major, resolution="A table kept free.")
    critical = opened(cy, "CRITICAL", "WRONG_DISH")
    on("AssignIssue", cy, issueId=critical, owner="lea")
    gift = {"customerId": cy, "venueId": HOTEL, "issueId": critical}
    store.call("GestureService", "GiveGesture", gestureTypeId="apology-plate", **gift)
    proposed = store.call("GestureService", "GiveGesture", gestureTypeId="refund-night", propose=True, **gift)
    store.call("GestureService", "ApproveGesture", JON, customerId=cy, gestureId=made(proposed, "g"))
    for at, state in [(1, None), (2, "DONE"), (3, "MISSED")]:
        promise = {"kind": "FOLLOW_UP_KIND_PROMISE", "text": f"Call back, {at}.", "owner": "jon",
                   "dueTime": store.ahead(at), "venueId": HOTEL, "place": "Lobby"}
        follow_up = made(on("PromiseFollowUp", bea, followUp=promise), "f")
        if state:
            on("CompleteFollowUp", bea, followUpId=follow_up, state=f"FOLLOW_UP_STATE_{state}",
               rating=4 if state == "DONE" else 0)


def fill(store: Store) -> str:
    """Answers the id of the customer that is erased."""
    rooms = {"type": "IDENTITY_TYPE_ROOM", "value": "412", "issuer": HOTEL}
    elena = store.found("GC-1017")
    store.customer("RemoveIdentity", elena, identity=rooms)
    store.customer("AddIdentity", elena, identity={**rooms, "expireTime": FAR})
    ada = whole(store)
    shared = [{"type": "IDENTITY_TYPE_LOYALTY", "value": "GD-2"}, {"type": "IDENTITY_TYPE_PHONE", "value": "+41446681999"},
              {"type": "IDENTITY_TYPE_EMAIL", "value": "family.golden@example.com"}]
    bea = store.create("Béatrice Golden", "GD-2", "fr", identities=shared, precautionsAsked=True,
                       occasions=[occasion("BIRTHDAY", store.started.month, store.started.day, 1990)])
    prawns = precaution("ALLERGY", "CRUSTACEANS", "Prawns.", "HIGH")
    cy = store.create("Cy Golden", "GD-3", "pt-PT", precautions=[prawns])
    store.create("Golden & Sons", "GD-4", precautionsAsked=True, details={
        "kind": "CUSTOMER_KIND_HOUSEHOLD", "name": {"full": "Golden & Sons"}, "language": "it"})
    store.create("Dora Golden", "GD-5")
    erased = store.create("Emil Golden", "GD-6", precautions=[precaution("ALLERGY", "EGGS")], evidence=[
        evidence("drink", "tea", "LIKES")])
    changed(store, ada)
    visited(store, ada, bea)
    given(store, ada, bea)
    made_good(store, bea, cy)
    store.customer("EraseCustomer", erased, reason="asked for it")
    policy = store.call("PolicyService", "GetPolicy")["policy"]
    policy["owner"] = "Head of Guest Relations, Zurich"
    policy["venues"][0]["language"] = "de"
    store.call("PolicyService", "SetPolicy", LEA, policy=policy)
    return erased


def asked(store: Store, erased: str) -> str:
    """Asks everything that can be read; answers the moment that the questions are about."""
    moment = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    service = {"purpose": "PURPOSE_SERVICE"}
    for version in (1, 2, 0):
        store.ask("PolicyService", "GetPolicy", version=version)
    listed = store.ask("CustomerService", "ListCustomers", pageSize=200)["customerIds"]
    assert erased not in listed
    for at, customer_id in enumerate(listed):
        one = {"customerId": customer_id, **service}
        customer = store.ask("CustomerService", "GetCustomer", **one)["customer"]
        for identity in customer["identities"]:
            identity.pop("expireTime", None)
            store.ask("CustomerService", "LookupCustomer", identities=[identity], **service)
            subject = {"identity": identity}
            store.ask("BriefingService", "GetBriefing", subject=subject, venueId=HOTEL, at=moment, **service)
        venue = VENUES[at % len(VENUES)]
        subject = {"customerId": customer_id}
        store.ask("BriefingService", "GetBriefing", subject=subject, venueId=venue, at=moment, **service)
        store.ask("BriefingService", "GetRelationship", **one)
        store.ask("InteractionService", "ListInteractions", pageSize=200, **one)
        store.ask("GestureService", "ListGestures", **one)
        store.ask("GestureService", "SuggestGestures", customerId=customer_id, venueId=venue, limit=50,
                  includeVetoed=True)
        store.ask("RecoveryService", "GetRecovery", **one)
    subjects = [{"customerId": customer_id} for customer_id in [*listed, erased]]
    store.ask("BriefingService", "LookupBriefings", subjects=subjects, venueId=HOTEL, at=moment, **service)
    for venue in VENUES:
        store.ask("RecoveryService", "ListFollowUps", venueId=venue, pageSize=200)
        store.ask("ReportService", "GetServiceReview", venueId=venue, month=moment[:7])
    return moment


def main() -> None:
    address, answers = sys.argv[1:]
    store = Store(address)
    erased = fill(store)
    left = store.started + datetime.timedelta(seconds=DUE_SECONDS) - datetime.datetime.now(datetime.timezone.utc)
    time.sleep(max(0, left.total_seconds()))
    moment = asked(store, erased)
    written = {"moment": moment, "erased": erased, "answers": store.answers}
    text = json.dumps(written, ensure_ascii=False, separators=(",", ":"))
    pathlib.Path(answers).write_text(text + "\n", encoding="utf-8")


main()
