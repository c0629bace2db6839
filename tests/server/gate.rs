//! What may be proposed, as callers see it: the rows of docs/gate.md.

use rapport::proto::{recovery_service_client::RecoveryServiceClient, *};
use tonic::Code;

use super::{
    gestures::{give, given, giving, in_role, listed, set},
    world::*,
};

on_both!(
    what_nobody_declared_is_named_only_as_stated_since,
    what_was_stated_before_the_precaution_is_not_proposed,
    what_they_go_on_buying_with_a_low_allergy_is_named,
    a_diet_judges_by_the_name,
    what_a_name_negates_clears_no_allergy,
    who_was_never_asked_is_said_so,
    no_edible_gesture_before_somebody_asked,
    who_may_not_see_precautions_gets_nothing_to_eat,
    a_celebration_looks_at_the_day_of_its_delivery,
    what_must_not_be_delivered_is_listed_as_such,
    a_proposal_shows_what_speaks_against_it_by_now,
    the_name_of_a_gesture_counts,
    the_headline_names_each_that_is_life_threatening,
    words_say_a_precaution_once,
    how_to_treat_what_nobody_called_harmless_is_said_once,
    a_purpose_is_read_as_serving_where_it_is_missing,
);

const DAY: i64 = 86_400;

fn precaution(kind: PrecautionKind, code: &str) -> PrecautionDraft {
    PrecautionDraft { kind: kind as i32, ..allergy(code) }
}

pub fn dish(item: &str) -> EvidenceDraft {
    EvidenceDraft { category: "dish".into(), stance: Stance::Favourite as i32, ..stated(item) }
}

pub async fn briefed(world: &World, draft: CustomerDraft) -> Briefing {
    let id = world.create(draft).await.customer_id;
    world.brief(by_id(&id)).await
}

fn proposals(briefing: &Briefing) -> Vec<&Statement> {
    [&briefing.headline, &briefing.communicate, &briefing.anticipate, &briefing.delight].into_iter().flatten().collect()
}

pub fn names(briefing: &Briefing, item: &str) -> bool {
    proposals(briefing).iter().any(|statement| statement.text.contains(item))
}

pub fn clearances<'b>(briefing: &'b Briefing, item: &str) -> Vec<&'b str> {
    let naming = proposals(briefing).into_iter().filter(|one| one.text.contains(item));
    naming.map(|one| values(std::slice::from_ref(one), "clearance")[0]).collect()
}

async fn what_nobody_declared_is_named_only_as_stated_since(world: World) {
    for (kind, code) in [(PrecautionKind::Allergy, "MILK"), (PrecautionKind::Intolerance, "GLUTEN")] {
        let seen = EvidenceDraft {
            source: EvidenceSource::Observed as i32,
            venue_id: VENUE.into(),
            ..dish("Chef's surprise")
        };
        let draft = CustomerDraft {
            precautions: vec![precaution(kind, code)],
            evidence: vec![
                dish("Soup of the day"),
                seen,
                EvidenceDraft { category: "room".into(), ..dish("High floor") },
            ],
            ..asked("Ana")
        };
        let briefing = briefed(&world, draft).await;
        assert_eq!(clearances(&briefing, "Soup of the day"), ["CHECK_WITH_KITCHEN"; 2], "{code}");
        let soup = briefing.anticipate.iter().find(|one| one.text.contains("Soup")).expect("a favourite");
        assert_eq!(soup.text, "Favourite: Soup of the day. Check with the kitchen first.");
        assert!(!names(&briefing, "surprise"), "{code}: {briefing:?}");
        assert_eq!(clearances(&briefing, "High floor"), ["", ""], "{code}");
    }
}

async fn what_was_stated_before_the_precaution_is_not_proposed(world: World) {
    let before = time(world.now_ms() / 1_000 - 400 * DAY);
    for item in ["Tiramisu", "Panna cotta", "Sea bass", "Pad Thai", "Milkshake", "Soup of the day"] {
        let old = EvidenceDraft { observe_time: before, ..dish(item) };
        let evidence = vec![old.clone()];
        assert!(names(&briefed(&world, CustomerDraft { evidence: evidence.clone(), ..asked("Bo") }).await, item));
        let draft = CustomerDraft { precautions: vec![allergy("SESAME")], evidence, ..asked("Ana") };
        let id = world.create(draft).await.customer_id;
        assert!(!names(&world.brief(by_id(&id)).await, item), "{item}");
        // Said again, it is theirs.
        let again = with!(RecordEvidenceRequest { customer_id: id.clone(), evidence: vec![dish(item)] });
        world.customers().record_evidence(again).await.expect("recorded");
        assert!(clearances(&world.brief(by_id(&id)).await, item).contains(&"CHECK_WITH_KITCHEN"), "{item}");
    }
}

async fn what_they_go_on_buying_with_a_low_allergy_is_named(world: World) {
    for (criticality, days, expected) in
        [(Criticality::Low, 3, true), (Criticality::Low, 2, false), (Criticality::High, 3, false)]
    {
        let low = PrecautionDraft { criticality: criticality as i32, ..allergy("SESAME") };
        let id = world.create(CustomerDraft { precautions: vec![low], ..asked("Ana") }).await.customer_id;
        // Several on one day count once.
        for turn in 0..4 {
            world.set_clock(world.now_ms() / 1_000 + if turn < days { DAY } else { 60 });
            let lines = vec![PurchaseLine { category: "dish".into(), ..line("Soup of the day", 900) }];
            let bought = Interaction {
                occur_time: time(world.now_ms() / 1_000),
                ..purchase(&id, &format!("{id}-{turn}"), lines)
            };
            let request = RecordInteractionsRequest { interactions: vec![bought] };
            let answer = world.interactions().record_interactions(request).await.expect("an answer").into_inner();
            assert!(answer.results[0].outcome() == RecordOutcome::Recorded);
        }
        let briefing = world.brief(by_id(&id)).await;
        assert_eq!(
            names(&briefing, "Soup of the day"),
            expected,
            "{}, {days} days: {briefing:?}",
            criticality.as_str_name()
        );
    }
}

async fn a_diet_judges_by_the_name(world: World) {
    for (kind, code, item, expected) in [
        (PrecautionKind::Diet, "VEGAN", "Soup of the day", true),
        (PrecautionKind::Diet, "VEGAN", "Cheese board", false),
        (PrecautionKind::Diet, "HALAL", "Pork belly", false),
        (PrecautionKind::Abstention, "ALCOHOL", "Red wine", false),
        (PrecautionKind::Abstention, "ALCOHOL", "Chinotto", true),
    ] {
        let draft =
            CustomerDraft { precautions: vec![precaution(kind, code)], evidence: vec![dish(item)], ..asked("Ana") };
        let briefing = briefed(&world, draft).await;
        assert_eq!(names(&briefing, item), expected, "{code}: {item}");
        assert!(clearances(&briefing, item).iter().all(|clearance| clearance.is_empty()), "{code}: {item}");
    }
}

async fn what_a_name_negates_clears_no_allergy(world: World) {
    let before = time(world.now_ms() / 1_000 - 400 * DAY);
    for (kind, code, item, clearance, when_old) in [
        (PrecautionKind::Allergy, "GLUTEN", "Gluten-free pasta", "CHECK_WITH_KITCHEN", false),
        (PrecautionKind::Allergy, "MILK", "Oat milk latte", "CHECK_WITH_KITCHEN", false),
        (PrecautionKind::Intolerance, "LACTOSE", "Lactose-free yoghurt", "CHECK_WITH_KITCHEN", false),
        (PrecautionKind::Diet, "VEGAN", "Oat milk latte", "", true),
        (PrecautionKind::Diet, "VEGAN", "Vegan burger", "", true),
        (PrecautionKind::Abstention, "ALCOHOL", "Alcohol-free beer", "", true),
        (PrecautionKind::Abstention, "ALCOHOL", "Virgin mojito", "", true),
    ] {
        let with = |evidence: EvidenceDraft| CustomerDraft {
            precautions: vec![precaution(kind, code)],
            evidence: vec![evidence],
            ..asked("Ana")
        };
        assert_eq!(clearances(&briefed(&world, with(dish(item))).await, item), [clearance; 2], "{code}: {item}");
        let old = briefed(&world, with(EvidenceDraft { observe_time: before, ..dish(item) })).await;
        assert_eq!(names(&old, item), when_old, "{code}: {item}");
    }
    // What tastes of alcohol is not for every abstainer: only if they said so.
    let seen =
        EvidenceDraft { source: EvidenceSource::Observed as i32, venue_id: VENUE.into(), ..dish("Virgin mojito") };
    let draft = CustomerDraft {
        precautions: vec![precaution(PrecautionKind::Abstention, "ALCOHOL")],
        evidence: vec![seen],
        ..asked("Ana")
    };
    assert!(!names(&briefed(&world, draft).await, "mojito"));
}

async fn who_was_never_asked_is_said_so(world: World) {
    let evidence = || vec![dish("Tiramisu"), EvidenceDraft { category: "room".into(), ..dish("High floor") }];
    let never = briefed(&world, CustomerDraft { evidence: evidence(), ..named("Ana") }).await;
    assert_eq!(clearances(&never, "Tiramisu"), ["NOT_ASKED"; 2]);
    let tiramisu = never.anticipate.iter().find(|one| one.text.contains("Tiramisu")).expect("a favourite");
    assert!(tiramisu.reason.ends_with("Nobody has asked them about allergies and diets."), "{tiramisu:?}");
    assert_eq!(clearances(&never, "High floor"), ["", ""]);
    let asked = briefed(&world, CustomerDraft { evidence: evidence(), ..asked("Bo") }).await;
    assert_eq!(clearances(&asked, "Tiramisu"), ["", ""]);
}

async fn no_edible_gesture_before_somebody_asked(world: World) {
    set(&world, giving()).await;
    let ana = world.create(named("Ana")).await.customer_id;
    let suggested = |ana: String| {
        let request = SuggestGesturesRequest {
            customer_id: ana,
            venue_id: VENUE.into(),
            include_vetoed: true,
            limit: 50,
            purpose: Purpose::Service as i32,
            ..SuggestGesturesRequest::default()
        };
        let request = in_role("jon", "manager", request);
        let mut gestures = world.gestures();
        async move { gestures.suggest_gestures(request).await.expect("suggested").into_inner().gestures }
    };
    let customer = |all: &[SuggestedGesture], id: &str| {
        let one = all.iter().find(|one| one.gesture_type_id == id).expect("in the catalogue");
        let verdict = one.verdicts.iter().find(|one| one.dimension == VerdictDimension::Customer as i32);
        let verdict = verdict.expect("a verdict");
        (verdict.agrees, verdict.code.clone(), verdict.reason.clone())
    };
    let all = suggested(ana.clone()).await;
    for id in ["tart", "surprise", "basket", "sorbet"] {
        let (agrees, code, reason) = customer(&all, id);
        assert_eq!((agrees, code.as_str()), (false, "NOT_ASKED"), "{id}");
        assert!(reason.contains("ask first"), "{reason}");
    }
    for id in ["note", "spa", "voucher"] {
        assert!(customer(&all, id).0, "{id}");
    }
    for id in ["surprise", "basket"] {
        let refused = refusal!(world, gestures, give_gesture, in_role("jon", "manager", give(&ana, id)));
        assert_eq!((refused.code(), reason(&refused)), (Code::FailedPrecondition, "GESTURE_VETOED".to_owned()), "{id}");
    }
    given(&world, in_role("jon", "manager", give(&ana, "note"))).await;
    let inquiry = with!(RecordPrecautionInquiryRequest { customer_id: ana.clone() });
    world.customers().record_precaution_inquiry(inquiry).await.expect("recorded");
    assert!(customer(&suggested(ana.clone()).await, "surprise").0);
    given(&world, in_role("jon", "manager", give(&ana, "surprise"))).await;
}

async fn who_may_not_see_precautions_gets_nothing_to_eat(world: World) {
    let consents = [Purpose::Marketing, Purpose::Analytics]
        .map(|purpose| with!(Consent { purpose: purpose as i32, state: ConsentState::Granted as i32 }));
    let evidence = || {
        vec![
            dish("Almond tart"),
            dish("Soup of the day"),
            EvidenceDraft { category: "room".into(), ..dish("High floor") },
        ]
    };
    let of =
        |precautions| CustomerDraft { precautions, evidence: evidence(), consents: consents.to_vec(), ..asked("Ana") };
    let with_nuts = world.create(of(vec![allergy("TREE_NUTS")])).await.customer_id;
    let without = world.create(of(Vec::new())).await.customer_id;
    for purpose in [Purpose::Marketing, Purpose::Analytics] {
        let mut told = Vec::new();
        for id in [&with_nuts, &without] {
            let request = GetBriefingRequest { purpose: purpose as i32, ..briefing(by_id(id)) };
            let briefing = world.briefings().get_briefing(request).await.expect("an answer").into_inner();
            let briefing = briefing.briefing.expect("a briefing");
            assert!(briefing.precautions.is_empty());
            told.push((briefing.anticipate, briefing.delight, briefing.communicate));
        }
        assert_eq!(format!("{:?}", told[0].0.len()), "1", "the floor alone");
        assert_eq!(values(&told[0].0, "item"), ["High floor"]);
        assert_eq!(values(&told[1].0, "item"), ["High floor"]);
        assert!(told[0] == told[1], "nothing is to be found by comparing");
    }
}

async fn a_celebration_looks_at_the_day_of_its_delivery(world: World) {
    let mut policy = giving();
    for kind in &mut policy.catalogue {
        kind.cool_down = None;
    }
    set(&world, policy).await;
    // The tests begin on 14 March 2026.
    let quiet = OccasionDraft { do_not_celebrate: true, ..birthday(None, 3, 17) };
    let party = OccasionDraft { kind: OccasionKind::Anniversary as i32, ..birthday(None, 3, 14) };
    let draft = CustomerDraft { occasions: vec![quiet, party], ..asked("Ana") };
    let ana = world.create(draft).await.customer_id;
    let on = |days: i64| GiveGestureRequest {
        deliver_time: time(world.now_ms() / 1_000 + days * DAY),
        ..give(&ana, "tart")
    };
    let refused = refusal!(world, gestures, give_gesture, in_role("jon", "manager", on(3)));
    assert_eq!(reason(&refused), "GESTURE_VETOED");
    given(&world, in_role("jon", "manager", on(0))).await;
}

async fn what_must_not_be_delivered_is_listed_as_such(world: World) {
    set(&world, giving()).await;
    let draft = CustomerDraft { occasions: vec![birthday(None, 3, 14)], ..asked("Ana") };
    let ana = world.create(draft).await.customer_id;
    given(&world, in_role("jon", "manager", give(&ana, "tart"))).await;
    let follow_up = FollowUpDraft {
        kind: FollowUpKind::Promise as i32,
        text: "Bring almond biscuits to room 5".into(),
        due_time: time(world.now_ms() / 1_000 + 60),
        venue_id: VENUE.into(),
        ..FollowUpDraft::default()
    };
    let mut recovery = RecoveryServiceClient::new(world.channel());
    let request = with!(PromiseFollowUpRequest { customer_id: ana.clone(), follow_up: Some(follow_up) });
    recovery.promise_follow_up(request).await.expect("promised");
    world.settle().await;
    let list = |purpose: Purpose| with!(ListFollowUpsRequest { venue_id: VENUE.into(), purpose: purpose as i32 });
    let owed = recovery.list_follow_ups(list(Purpose::Service)).await.expect("listed").into_inner().follow_ups;
    assert_eq!(owed.iter().map(|one| one.conflict.as_str()).collect::<Vec<_>>(), ["", ""]);
    let add = with!(AddPrecautionsRequest { customer_id: ana.clone(), precautions: vec![allergy("TREE_NUTS")] });
    world.customers().add_precautions(add).await.expect("added");
    let owed = recovery.list_follow_ups(list(Purpose::Service)).await.expect("listed").into_inner().follow_ups;
    assert_eq!(owed.iter().map(|one| one.conflict.as_str()).collect::<Vec<_>>(), ["PRECAUTION", "PRECAUTION"]);
    let tart = owed.iter().find(|one| one.conflict_text.contains("tart")).expect("the tart");
    assert!(
        tart.conflict_text.starts_with(
            "Do not deliver: Almond tart in the room. Tree nut allergy, life-threatening; it contains almond."
        ),
        "{}",
        tart.conflict_text
    );
    let refused = recovery.list_follow_ups(list(Purpose::Marketing)).await.expect_err("refused");
    assert_eq!(refused.code(), Code::PermissionDenied);
}

async fn a_proposal_shows_what_speaks_against_it_by_now(world: World) {
    let mut policy = giving();
    for authority in &mut policy.roles[0].authorities {
        authority.per_gesture_minor_units = 0;
    }
    set(&world, policy).await;
    let draft = CustomerDraft { occasions: vec![birthday(None, 3, 14)], ..asked("Ana") };
    let ana = world.create(draft).await.customer_id;
    let propose = |kind: &str, note: &str| GiveGestureRequest { propose: true, note: note.into(), ..give(&ana, kind) };
    for request in [propose("tart", ""), propose("spa", "With almond oil"), propose("sorbet", "")] {
        let answer = given(&world, in_role("mara", "concierge", request)).await;
        assert!(answer.state() == GestureState::Proposed);
    }
    let conflicts = || async {
        let gestures = listed(&world, &ana).await.gestures;
        let of = |one: Gesture| (one.gesture_type_id, one.conflict, one.conflict_text, one.follow_up_id);
        gestures.into_iter().map(of).collect::<Vec<_>>()
    };
    assert!(conflicts().await.iter().all(|(_, conflict, ..)| conflict.is_empty()));
    let add = with!(AddPrecautionsRequest { customer_id: ana.clone(), precautions: vec![allergy("TREE_NUTS")] });
    world.customers().add_precautions(add).await.expect("added");
    let told = conflicts().await;
    let of = |kind: &str| told.iter().find(|(id, ..)| id == kind).expect("listed");
    assert_eq!(
        (of("tart").1.as_str(), of("spa").1.as_str(), of("sorbet").1.as_str()),
        ("PRECAUTION", "PRECAUTION", "")
    );
    assert!(of("tart").2.starts_with("Do not deliver: Almond tart in the room. Tree nut allergy, life-threatening"));
    assert!(told.iter().all(|(.., delivery)| delivery.is_empty()), "nothing is promised yet");
}

async fn the_name_of_a_gesture_counts(world: World) {
    let mut policy = giving();
    let tart = policy.catalogue.iter_mut().find(|kind| kind.gesture_type_id == "tart").expect("a tart");
    tart.contents = vec!["EGGS".into()];
    tart.celebrates = false;
    set(&world, policy).await;
    for (code, vetoed) in [("TREE_NUTS", true), ("SESAME", false)] {
        let ana = world.create(CustomerDraft { precautions: vec![allergy(code)], ..asked("Ana") }).await.customer_id;
        let request = in_role("jon", "manager", give(&ana, "tart"));
        if vetoed {
            assert_eq!(reason(&refusal!(world, gestures, give_gesture, request)), "GESTURE_VETOED", "{code}");
        } else {
            given(&world, request).await;
        }
    }
}

async fn the_headline_names_each_that_is_life_threatening(world: World) {
    let other = PrecautionDraft { text: "Kiwi, banana and latex; anaphylaxis".into(), ..allergy("OTHER") };
    let low = |code| PrecautionDraft { criticality: Criticality::Low as i32, ..allergy(code) };
    let unsaid = |code| PrecautionDraft { criticality: 0, ..allergy(code) };
    for (precautions, line) in [
        (vec![allergy("PEANUTS"), allergy("SHELLFISH")], "Peanuts, shellfish: life-threatening"),
        (
            vec![allergy("PEANUTS"), allergy("SHELLFISH"), other],
            "Peanuts, shellfish, kiwi, banana and latex: life-threatening",
        ),
        (vec![allergy("PEANUTS"), unsaid("FISH")], "Peanuts, fish: treat as life-threatening"),
        (vec![allergy("PEANUTS"), low("FISH"), low("MILK")], "Peanut allergy, life-threatening +2 more: read all"),
        (vec![low("FISH")], "Fish allergy"),
    ] {
        let count = precautions.len();
        let briefing = briefed(&world, CustomerDraft { precautions, ..asked("Ana") }).await;
        assert_eq!(briefing.headline[0].text, line);
        assert_eq!(briefing.precautions.len(), count);
        assert!(briefing.headline[0].statement_code() == StatementCode::PrecautionAllergy);
    }
    let briefing = briefed(&world, CustomerDraft { precautions: vec![allergy("PEANUTS")], ..asked("Ana") }).await;
    let typed = &briefing.precautions[0];
    assert_eq!((typed.kind().as_str_name(), typed.code.as_str()), ("PRECAUTION_KIND_ALLERGY", "PEANUTS"));
    assert_eq!(typed.criticality().as_str_name(), "CRITICALITY_HIGH");
    assert_eq!((typed.status().as_str_name(), typed.precaution_id.as_str()), ("PRECAUTION_STATUS_UNCONFIRMED", "p1"));
}

async fn words_say_a_precaution_once(world: World) {
    let other = |kind| PrecautionDraft { text: "Kiwi.".into(), ..precaution(kind, "OTHER") };
    for (draft, text) in [
        (precaution(PrecautionKind::Abstention, "NO_ALCOHOL"), "No alcohol, strictly."),
        (allergy("NUT_ALLERGY"), "Nut allergy, life-threatening."),
        (precaution(PrecautionKind::Intolerance, "LACTOSE_INTOLERANCE"), "Lactose intolerance, life-threatening."),
        (other(PrecautionKind::Allergy), "Allergy: Kiwi, life-threatening."),
    ] {
        let briefing = briefed(&world, CustomerDraft { precautions: vec![draft], ..asked("Ana") }).await;
        assert!(briefing.respect[0].text.starts_with(text), "{}", briefing.respect[0].text);
        assert_eq!(briefing.respect[0].text.matches("Kiwi").count(), text.matches("Kiwi").count());
    }
}

async fn how_to_treat_what_nobody_called_harmless_is_said_once(world: World) {
    let unsaid = |code: &str, kind| PrecautionDraft { criticality: 0, ..precaution(kind, code) };
    let words = PrecautionDraft { text: "Kiwi.".into(), ..unsaid("OTHER", PrecautionKind::Allergy) };
    for (draft, listed, confirm) in [
        (unsaid("PEANUTS", PrecautionKind::Allergy), "Peanut allergy, treat as", "Peanut allergy; ask whether it is"),
        (unsaid("LACTOSE", PrecautionKind::Intolerance), "Lactose intolerance, treat", "Lactose intolerance; ask"),
        (words, "Allergy: Kiwi, treat as", "Allergy: Kiwi; ask whether it is life-threatening."),
        (allergy("PEANUTS"), "Peanut allergy, life-threatening.", "Peanut allergy, life-threatening."),
        (unsaid("VEGAN", PrecautionKind::Diet), "Diet: vegan.", "Diet: vegan."),
    ] {
        let briefing = briefed(&world, CustomerDraft { precautions: vec![draft], ..asked("Ana") }).await;
        assert!(briefing.respect[0].text.starts_with(listed), "{}", briefing.respect[0].text);
        let is_confirm = |one: &&Statement| one.statement_code() == StatementCode::ConfirmPrecaution;
        let asked = &briefing.communicate.iter().find(is_confirm).expect("it is to be confirmed").text;
        assert!(asked.starts_with(&format!("Confirm with the customer: {confirm}")), "{asked}");
        let sections = [&briefing.respect, &briefing.acknowledge, &briefing.communicate, &briefing.delight];
        let told = sections.into_iter().flatten().filter(|one| one.text.contains("treat as")).count();
        assert_eq!(told, usize::from(listed.contains("treat")), "{briefing:?}");
    }
}

async fn a_purpose_is_read_as_serving_where_it_is_missing(world: World) {
    let ana = world.create(asked("Ana")).await.customer_id;
    world.settle().await;
    let list = |purpose: i32| ListCustomersRequest { purpose, ..ListCustomersRequest::default() };
    for purpose in [0, Purpose::Service as i32] {
        assert_eq!(
            world.customers().list_customers(list(purpose)).await.expect("listed").into_inner().customer_ids,
            std::slice::from_ref(&ana)
        );
    }
    let refused = world.customers().list_customers(list(77)).await.expect_err("refused");
    assert_eq!(refused.code(), Code::InvalidArgument);
    set(&world, giving()).await;
    let suggest = |purpose: Purpose| SuggestGesturesRequest {
        customer_id: ana.clone(),
        venue_id: VENUE.into(),
        purpose: purpose as i32,
        ..SuggestGesturesRequest::default()
    };
    world.gestures().suggest_gestures(suggest(Purpose::Unspecified)).await.expect("suggested");
    let refused = world.gestures().suggest_gestures(suggest(Purpose::Marketing)).await.expect_err("refused");
    assert_eq!(refused.code(), Code::PermissionDenied);
}
