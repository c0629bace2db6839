"""The checks of the Python client, with stubs that grpcio-tools generates from proto/.

Knows nothing of the demo's customers: it finds one by listing.
"""

import importlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import textwrap
import threading
import time
import traceback

import grpc
import grpc_tools
from google.protobuf import json_format, timestamp_pb2
from google.protobuf.descriptor_pool import DescriptorPool
from google.rpc import error_details_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase
from grpc_status import rpc_status
from grpc_tools import protoc

PROTOS = pathlib.Path(__file__).resolve().parents[1] / "proto"
SERVICES = ["BriefingService", "CustomerService", "InteractionService", "PolicyService"]
EXCLUSIVE = ["IDENTITY_TYPE_LOYALTY", "IDENTITY_TYPE_PMS", "IDENTITY_TYPE_POS", "IDENTITY_TYPE_SYSTEM"]
NOBODY = "0" * 26
# Fixed, so that the moment a briefing is about is the same in every answer.
MOMENT = "2026-06-05T18:30:00Z"
READY_SECONDS = 60
CALL_SECONDS = 20
CHECKS = []


def check(function):
    CHECKS.append(function)
    return function


class Contract:
    """The generated modules, merged: messages, enums and stubs by their names."""

    def __init__(self, folder: str):
        well_known = pathlib.Path(grpc_tools.__file__).parent / "_proto"
        files = [str(file) for file in sorted((PROTOS / "rapport" / "v1").glob("*.proto"))]
        if protoc.main(["protoc", f"-I{PROTOS}", f"-I{well_known}", f"--python_out={folder}",
                        f"--grpc_python_out={folder}", *files]) != 0:
            sys.exit("the contract does not compile")
        sys.path.insert(0, folder)
        self.modules = []
        for file in files:
            name = f"rapport.v1.{pathlib.Path(file).stem}"
            self.modules += [importlib.import_module(f"{name}_pb2"), importlib.import_module(f"{name}_pb2_grpc")]

    def __getattr__(self, name: str):
        for module in self.modules:
            if hasattr(module, name):
                return getattr(module, name)
        raise AttributeError(name)


class Client:
    """The contract, a channel, and one customer, venue and identity of the demo."""

    def __init__(self, contract: Contract, address: str, binary: str, log: str):
        self.v1, self.address, self.binary, self.log = contract, address, binary, log
        self.channel = grpc.insecure_channel(address)
        grpc.channel_ready_future(self.channel).result(timeout=READY_SECONDS)
        self.health = health_pb2_grpc.HealthStub(self.channel)
        for name in SERVICES:
            setattr(self, name, getattr(contract, f"{name}Stub")(self.channel))
        self.await_serving()
        self.policy = self.call("PolicyService", "GetPolicy").policy
        self.venue = self.policy.venues[0].venue_id
        self.customer, self.identity = self.find_customer()
        self.at = timestamp_pb2.Timestamp()
        self.at.FromJsonString(MOMENT)

    def await_serving(self) -> None:
        """Watches health until the server says that it serves."""
        for answer in self.health.Watch(health_pb2.HealthCheckRequest(), timeout=READY_SECONDS):
            if answer.status == health_pb2.HealthCheckResponse.SERVING:
                return

    def call(self, service: str, method: str, timeout=CALL_SECONDS, compression=None, **fields):
        request = getattr(self.v1, f"{method}Request")(**fields)
        return getattr(getattr(self, service), method)(request, timeout=timeout, compression=compression)

    def find_customer(self):
        """Of the listed customers with an identity that only they have, the one of whom most is known."""
        found = []
        listed = self.call("CustomerService", "ListCustomers", page_size=200, purpose=self.v1.PURPOSE_SERVICE)
        for customer_id in listed.customer_ids:
            customer = self.call("CustomerService", "GetCustomer", customer_id=customer_id,
                                 purpose=self.v1.PURPOSE_SERVICE).customer
            for identity in customer.identities:
                if self.v1.IdentityType.Name(identity.type) in EXCLUSIVE:
                    found.append((customer, self.v1.Identity(type=identity.type, value=identity.value,
                                                             issuer=identity.issuer)))
        assert found, "no customer of the demo has an exclusive identity"
        return max(found, key=lambda pair: pair[0].ByteSize())

    def brief(self, **fields):
        fields.setdefault("venue_id", self.venue)
        fields.setdefault("purpose", self.v1.PURPOSE_SERVICE)
        fields.setdefault("subject", self.v1.BriefingSubject(identity=self.identity))
        return self.call("BriefingService", "GetBriefing", **fields)

    def printed_brief(self):
        """What the command line prints about the customer at the fixed moment, as JSON."""
        kind = self.v1.IdentityType.Name(self.identity.type).removeprefix("IDENTITY_TYPE_").lower()
        issuer = f"@{self.identity.issuer}" if self.identity.issuer else ""
        command = [self.binary, "brief", "--json", "--server", f"http://{self.address}", "--venue", self.venue,
                   "--at", MOMENT, "--identity", f"{kind}{issuer}:{self.identity.value}"]
        printed = subprocess.run(command, capture_output=True, text=True, timeout=CALL_SECONDS)
        assert printed.returncode == 0, f"exit code {printed.returncode}: {printed.stderr}"
        return json.loads(printed.stdout)

    def purchase(self, external_id: str):
        now = timestamp_pb2.Timestamp()
        now.GetCurrentTime()
        return self.v1.Interaction(
            source="interop", external_id=external_id, customer_id=self.customer.customer_id,
            kind=self.v1.INTERACTION_KIND_PURCHASE, venue_id=self.venue, occur_time=now,
            purchase=self.v1.Purchase(lines=[
                self.v1.PurchaseLine(item="espresso", category="coffee", quantity=1, amount_minor_units=350)]))


def refused(code: grpc.StatusCode, call):
    """Makes a call that must fail with this code; answers its details by type name."""
    try:
        call()
    except grpc.RpcError as error:
        assert error.code() == code, f"{error.code()} instead of {code}: {error.details()}"
        status = rpc_status.from_call(error)
        assert status is not None, "no google.rpc.Status in the trailers"
        details = {}
        for packed in status.details:
            kind = getattr(error_details_pb2, packed.type_url.rsplit(".", 1)[1])
            details[kind.__name__] = kind.FromString(packed.value)
        info = details.get("ErrorInfo")
        assert info is not None, "no ErrorInfo"
        assert re.fullmatch(r"[A-Z][A-Z0-9_]*", info.reason) and info.domain, f"ErrorInfo: {info}"
        return details
    raise AssertionError(f"accepted; {code} was expected")


@check
def health_of_every_service(client):
    for name in ["", *(f"rapport.v1.{service}" for service in SERVICES)]:
        answer = client.health.Check(health_pb2.HealthCheckRequest(service=name), timeout=CALL_SECONDS)
        assert answer.status == health_pb2.HealthCheckResponse.SERVING, f"{name or 'the whole'}: {answer.status}"


@check
def reflection_describes_the_contract(client):
    database = ProtoReflectionDescriptorDatabase(client.channel)
    served = set(database.get_services())
    assert {f"rapport.v1.{name}" for name in SERVICES} <= served, f"served: {sorted(served)}"
    pool = DescriptorPool(database)
    for name in SERVICES:
        found = {method.name for method in pool.FindServiceByName(f"rapport.v1.{name}").methods}
        module = next(m for m in client.v1.modules if hasattr(m, "DESCRIPTOR") and name in m.DESCRIPTOR.services_by_name)
        expected = {method.name for method in module.DESCRIPTOR.services_by_name[name].methods}
        assert found == expected, f"{name}: {found ^ expected}"


@check
def an_identity_finds_its_customer(client):
    answer = client.call("CustomerService", "LookupCustomer", identities=[client.identity],
                         purpose=client.v1.PURPOSE_SERVICE)
    assert [match.customer_id for match in answer.matches] == [client.customer.customer_id], answer


@check
def a_briefing_is_the_same_by_id_and_by_identity(client):
    at = timestamp_pb2.Timestamp()
    at.GetCurrentTime()
    by_identity = client.brief(at=at).briefing
    subject = client.v1.BriefingSubject(customer_id=client.customer.customer_id)
    by_id = client.brief(at=at, subject=subject).briefing
    assert by_identity.state == client.v1.BRIEFING_STATE_KNOWN
    assert by_identity.found_by == client.identity.type
    by_identity.ClearField("found_by")
    assert by_identity == by_id


@check
def a_briefing_keeps_its_form(client):
    briefing = client.brief().briefing
    assert len(briefing.headline) <= 3
    assert briefing.precaution_state != client.v1.PRECAUTION_STATE_UNSPECIFIED
    for statement in briefing.headline:
        assert len(statement.text) <= 60, statement.text
    for section in ["headline", "respect", "acknowledge", "communicate", "anticipate", "delight"]:
        for statement in getattr(briefing, section):
            assert statement.code and statement.text and statement.tact, f"{section}: {statement}"


@check
def a_stranger_gets_a_first_visit_briefing(client):
    unknown = client.v1.Identity(type=client.v1.IDENTITY_TYPE_LOYALTY, value="nobody-has-this", issuer="interop")
    briefing = client.brief(subject=client.v1.BriefingSubject(identity=unknown)).briefing
    assert briefing.state == client.v1.BRIEFING_STATE_FIRST_VISIT


@check
def an_invalid_field_is_named(client):
    details = refused(grpc.StatusCode.INVALID_ARGUMENT, lambda: client.brief(purpose=client.v1.PURPOSE_UNSPECIFIED))
    fields = [violation.field for violation in details["BadRequest"].field_violations]
    assert fields == ["purpose"], fields


@check
def a_customer_nobody_knows_is_not_found(client):
    refused(grpc.StatusCode.NOT_FOUND, lambda: client.call(
        "CustomerService", "GetCustomer", customer_id=NOBODY, purpose=client.v1.PURPOSE_SERVICE))


@check
def a_repeated_request_gets_the_first_receipt(client):
    draft = client.v1.CustomerDraft(identities=[
        client.v1.Identity(type=client.v1.IDENTITY_TYPE_SYSTEM, value="interop-1", issuer="interop")])
    first, second = (client.call("CustomerService", "CreateCustomer", customer=draft, request_id="interop-request-1")
                     for _ in range(2))
    assert first == second, f"{first} {second}"


@check
def a_stream_acknowledges_every_interaction(client):
    def requests():
        for sequence, external_id in enumerate(["a", "b", "a"], start=1):
            yield client.v1.IngestInteractionsRequest(sequence=sequence, interaction=recorded[external_id])

    recorded = {external_id: client.purchase(external_id) for external_id in ["a", "b"]}
    answers = list(client.InteractionService.IngestInteractions(requests(), timeout=CALL_SECONDS))
    assert sorted(answer.sequence for answer in answers) == [1, 2, 3], answers
    outcomes = sorted(client.v1.RecordOutcome.Name(answer.result.outcome) for answer in answers)
    assert outcomes == ["RECORD_OUTCOME_RECORDED", "RECORD_OUTCOME_RECORDED", "RECORD_OUTCOME_REPEATED"], outcomes


@check
def a_bad_interaction_stops_no_other(client):
    bad = client.purchase("bad")
    bad.purchase.lines[0].quantity = float("nan")
    answer = client.call("InteractionService", "RecordInteractions", interactions=[bad, client.purchase("good")])
    refusal, success = answer.results
    assert refusal.outcome == client.v1.RECORD_OUTCOME_REFUSED, answer
    assert refusal.error.code == grpc.StatusCode.INVALID_ARGUMENT.value[0], answer
    assert refusal.error.field == "purchase.lines[0].quantity", answer
    assert success.outcome == client.v1.RECORD_OUTCOME_RECORDED, answer


@check
def compressed_requests_are_read(client):
    assert client.brief(compression=grpc.Compression.Gzip).briefing.customer_id == client.customer.customer_id


@check
def a_passed_deadline_ends_the_call(client):
    over = threading.Event()

    def requests():
        yield client.v1.IngestInteractionsRequest(sequence=1, interaction=client.purchase("c"))
        over.wait()  # The stream stays open until its deadline.

    begun = time.monotonic()
    try:
        acknowledged = list(client.InteractionService.IngestInteractions(requests(), timeout=0.5))
        raise AssertionError(f"the stream ended by itself: {acknowledged}")
    except grpc.RpcError as error:
        assert error.code() == grpc.StatusCode.DEADLINE_EXCEEDED, error.code()
    finally:
        over.set()
    assert time.monotonic() - begun < 5
    assert client.brief().briefing.customer_id == client.customer.customer_id


@check
def the_command_line_prints_the_same_briefing(client):
    answer = client.brief(at=client.at)
    assert json_format.MessageToDict(answer) == client.printed_brief()
    assert answer.ByteSize() > 200, "the customer is hardly known: the comparison says little"


@check
def the_printed_calls_answer(client):
    """The demo prints three calls to copy; they are run here."""
    printed = pathlib.Path(client.log).read_text(encoding="utf-8")
    blocks = [textwrap.dedent(block) for block in printed.split("\n\n") if block.startswith("  ")]
    calls = [block for block in blocks if re.match(r"npx |python3 |\S*rapport\S* brief ", block)]
    assert len(calls) == 3, f"{len(calls)} calls are printed:\n{printed}"
    # The Python call needs grpcio-tools: this program's own environment has it.
    environment = {**os.environ, "PATH": os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])}
    for call in calls:
        if call.startswith("npx") and shutil.which("npx") is None:
            continue
        done = subprocess.run(["bash", "-c", call], capture_output=True, text=True, timeout=120, cwd=PROTOS.parent,
                              env=environment)
        assert done.returncode == 0 and done.stdout.strip(), f"{call}\n{done.stdout}{done.stderr}"


def run(client: Client) -> tuple[int, int]:
    """Makes every check, and says how many passed and how many failed."""
    failed = 0
    for function in CHECKS:
        name = function.__name__.replace("_", " ")
        try:
            function(client)
            print(f"ok      {name}")
        except Exception:  # noqa: BLE001 - every check is run, whatever another came to
            failed += 1
            print(f"FAILED  {name}\n{traceback.format_exc()}")
    return len(CHECKS) - failed, failed
