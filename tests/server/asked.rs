//! Asked means asked: what was never asked stays a question, and an answer is one person's, of one visit.

use rapport::proto::*;
use tonic::Code;
use tonic_types::StatusExt as _;

use super::{
    gestures::{give, giving, in_role, set},
    world::*,
};

on_both!(
    what_is_listed_is_no_answer,
    an_answer_holds_for_its_visit,
    the_policy_lets_an_answer_stand,
    nobody_answers_for_a_household,
    the_same_again_is_an_update,
    one_of_a_companion_is_said_with_whose_it_is,
    what_is_over_is_not_active_and_stays_on_record,
    a_pregnancy_is_never_mentioned_and_ends_by_itself,
    a_pregnancy_with_a_slip_is_not_mentioned_either,
    what_has_ended_is_asked_about_anew,
    an_end_is_told_only_to_those_who_see_what_ends,
    what_ended_with_a_death_is_asked_about_anew,
);

const DAY: i64 = 86_400;

fn texts(statements: &[Statement]) -> Vec<&str> {
    statements.iter().map(|statement| statement.text.as_str()).collect()
}

fn codes(statements: &[Statement]) -> Vec<&str> {
    statements.iter().map(|statement| statement.code.as_str()).collect()
}

async fn inquire(world: &World, id: &str) {
    let asked = with!(RecordPrecautionInquiryRequest { customer_id: id.to_owned() });
    world.customers().record_precaution_inquiry(asked).await.expect("recorded");
}

async fn add(world: &World, staff: &str, id: &str, precaution: PrecautionDraft) -> Receipt {
    let add = with!(AddPrecautionsRequest { customer_id: id.to_owned(), precautions: vec![precaution] });
    world.customers().add_precautions(by(staff, add)).await.expect("added").into_inner().receipt.expect("a receipt")
}

async fn what_is_listed_is_no_answer(world: World) {
    let kinds = [PrecautionKind::Accessibility, PrecautionKind::Topic, PrecautionKind::Allergy, PrecautionKind::Diet];
    for kind in kinds {
        let listed = PrecautionDraft { kind: kind as i32, ..allergy("VEGAN") };
        let ana = world.create(CustomerDraft { precautions: vec![listed], ..named("Ana") }).await.customer_id;
        for lines in [world.brief(by_id(&ana)).await.headline, world.brief(by_id(&ana)).await.respect] {
            let question = lines.iter().find(|one| one.code == "PRECAUTIONS_NOT_ASKED").expect("a question");
            assert!(question.text.starts_with("Ask about "), "{question:?}");
        }
        inquire(&world, &ana).await;
        let briefing = world.brief(by_id(&ana)).await;
        let said = [briefing.headline, briefing.respect].concat();
        assert!(!codes(&said).contains(&"PRECAUTIONS_NOT_ASKED"), "{}", kind.as_str_name());
    }
}

async fn an_answer_holds_for_its_visit(world: World) {
    let none = world.create(CustomerDraft { precautions_asked: true, ..named("Bo") }).await.customer_id;
    let draft = CustomerDraft { precautions: vec![allergy("MILK")], precautions_asked: true, ..named("Cy") };
    let some = world.create(draft).await.customer_id;
    let respect = async |id: &str| world.brief(by_id(id)).await.respect;
    assert_eq!(texts(&respect(&none).await), ["Named no allergies or needs when asked."]);
    assert_eq!(codes(&respect(&some).await), ["PRECAUTION_ALLERGY"]);
    // A table sits past midnight; its visit ends at four.
    world.set_clock(NOON + 14 * 3_600);
    assert_eq!(texts(&respect(&none).await), ["Named no allergies or needs when asked."]);
    assert_eq!(codes(&respect(&some).await), ["PRECAUTION_ALLERGY"]);
    world.set_clock(NOON + DAY);
    let again = world.brief(by_id(&none)).await;
    assert_eq!(texts(&again.respect), ["Named none on 14 March 2026: ask again."]);
    // The answer is given all the same, with its day; and it is no question for the headline.
    assert!(again.precaution_state() == PrecautionState::NoneKnown);
    assert_eq!(again.precautions_asked_time, time(NOON));
    assert_eq!(codes(&again.headline), ["NAME"]);
    assert_eq!(codes(&respect(&some).await), ["PRECAUTION_ALLERGY", "PRECAUTIONS_STILL_SO"]);
    // Once a visit.
    inquire(&world, &some).await;
    inquire(&world, &none).await;
    assert_eq!(codes(&respect(&some).await), ["PRECAUTION_ALLERGY"]);
    assert_eq!(texts(&respect(&none).await), ["Named no allergies or needs when asked."]);
    // Another moment moves occasions, and not what was asked.
    let tomorrow = GetBriefingRequest { at: time(NOON + 3 * DAY), ..briefing(by_id(&none)) };
    let tomorrow = world.briefings().get_briefing(tomorrow).await.expect("answered").into_inner().briefing;
    assert_eq!(texts(&tomorrow.expect("a briefing").respect), ["Named no allergies or needs when asked."]);
}

async fn the_policy_lets_an_answer_stand(world: World) {
    let ana = world.create(CustomerDraft { precautions_asked: true, ..named("Ana") }).await.customer_id;
    let listed = CustomerDraft { precautions: vec![allergy("MILK")], precautions_asked: true, ..named("Cy") };
    let cy = world.create(listed).await.customer_id;
    world.set_clock(NOON + DAY);
    let told = async || world.brief(by_id(&ana)).await.respect.remove(0);
    let asks_again = |one: &Statement| one.parameters.iter().any(|parameter| parameter.name == "ask_again");
    let one = told().await;
    assert!(asks_again(&one) && one.text == "Named none on 14 March 2026: ask again.");
    set(&world, Policy { none_known_stands: true, ..policy() }).await;
    let one = told().await;
    assert!(!asks_again(&one) && one.text == "Named no allergies or needs when asked.");
    assert_eq!(one.reason, "Asked on 14 March 2026.");
    // What is listed is asked about once a visit all the same.
    assert_eq!(codes(&world.brief(by_id(&cy)).await.respect), ["PRECAUTION_ALLERGY", "PRECAUTIONS_STILL_SO"]);
    set(&world, policy()).await;
    assert!(asks_again(&told().await));
}

async fn nobody_answers_for_a_household(world: World) {
    let phone = || identity(IdentityType::Phone, "+41446681800");
    let mut family =
        CustomerDraft { identities: vec![loyalty("GC-5"), phone()], precautions_asked: true, ..named("Keller family") };
    family.details.as_mut().expect("details").kind = CustomerKind::Household as i32;
    let family = world.create(family).await.customer_id;
    let nina = CustomerDraft {
        identities: vec![phone()],
        precautions: vec![allergy("PEANUTS")],
        precautions_asked: true,
        ..named("Nina Keller")
    };
    world.create(nina).await;
    let question = "Ask who is here today, and about allergies and diets.";
    for known in [world.brief(by_id(&family)).await, world.brief(by_identity(loyalty("GC-5"))).await] {
        assert!(known.precaution_state() == PrecautionState::NotAsked);
        assert_eq!((texts(&known.headline)[0], codes(&known.respect)), (question, vec!["PRECAUTIONS_NOT_ASKED"]));
    }
    // By what they share, what one of them has counts.
    let shared = world.brief(by_identity(phone())).await;
    assert!(shared.precaution_state() == PrecautionState::Listed);
    assert_eq!(values(&shared.respect, "code"), ["PEANUTS", ""]);
    assert_eq!(codes(&shared.headline), ["PRECAUTION_ALLERGY", "PRECAUTIONS_NOT_ASKED", "ASK_WHO"]);
    assert_eq!(texts(&shared.headline)[1], question);
    assert!(world.get(&family).await.precaution_state() == PrecautionState::NotAsked);
    // Nor does it become the answer of one of them, however it is said that there is one.
    for paths in [vec![], vec!["kind".to_owned()], vec!["*".to_owned()]] {
        let is = async |kind: CustomerKind| {
            let details = with!(CustomerDetails { kind: kind as i32 });
            let update_mask = (!paths.is_empty()).then(|| prost_types::FieldMask { paths: paths.clone() });
            let request =
                with!(UpdateCustomerRequest { customer_id: family.clone(), details: Some(details), update_mask });
            world.customers().update_customer(request).await.expect("updated");
            let customer = world.get(&family).await;
            assert!(customer.details.as_ref().expect("details").kind() == kind, "{paths:?}: {customer:?}");
            assert!(customer.precaution_state() == PrecautionState::NotAsked, "{paths:?}: {customer:?}");
        };
        is(CustomerKind::Person).await;
        let known = world.brief(by_id(&family)).await;
        assert!(known.precaution_state() == PrecautionState::NotAsked && known.precautions_asked_time.is_none());
        // Asked as a person, it is theirs, until others join.
        inquire(&world, &family).await;
        assert!(world.get(&family).await.precaution_state() == PrecautionState::NoneKnown);
        is(CustomerKind::Household).await;
    }
}

async fn the_same_again_is_an_update(world: World) {
    let ana = world.create(named("Ana")).await.customer_id;
    let peanuts = |criticality: Criticality, text: &str| PrecautionDraft {
        criticality: criticality as i32,
        text: text.to_owned(),
        ..allergy("PEANUTS")
    };
    let first = add(&world, "mara", &ana, peanuts(Criticality::Low, "")).await;
    for (staff, criticality, text, expected) in [
        ("mara", Criticality::Low, "", (Criticality::Low, "")),
        ("mara", Criticality::High, "", (Criticality::High, "")),
        ("mara", Criticality::Low, "Traces too", (Criticality::High, "Traces too")),
        ("jon", Criticality::Unspecified, "", (Criticality::High, "Traces too")),
        ("jon", Criticality::Low, "", (Criticality::Low, "Traces too")),
    ] {
        let before = world.get(&ana).await.etag;
        let again = add(&world, staff, &ana, peanuts(criticality, text)).await;
        // Nobody learns from the answer whether it was on record.
        assert_eq!(again.created_ids, first.created_ids, "{staff}, {text}");
        assert_ne!(again.etag, before, "{staff}, {text}");
        let known = world.get(&ana).await.precautions;
        let reported = known[0].reported.clone().expect("reported");
        let expected = (1, expected.0 as i32, expected.1);
        assert_eq!((known.len(), reported.criticality, reported.text.as_str()), expected, "{staff}, {text}");
    }
}

async fn one_of_a_companion_is_said_with_whose_it_is(world: World) {
    let sons = PrecautionDraft { of_whom: "my son".into(), ..allergy("PEANUTS") };
    let draft = CustomerDraft { precautions: vec![sons, allergy("PEANUTS")], precautions_asked: true, ..named("Ana") };
    let ana = world.create(draft).await.customer_id;
    let briefing = world.brief(by_id(&ana)).await;
    // Of two that are as bad, the guest's own comes first.
    assert_eq!(values(&briefing.respect, "of_whom"), ["", "my son"]);
    let said = ["Peanut allergy, life-threatening.", "Peanut allergy (my son), life-threatening."];
    assert_eq!(texts(&briefing.respect), said);
    // The same of the same person is one.
    let again = PrecautionDraft { of_whom: "My son".into(), text: "Traces too".into(), ..allergy("PEANUTS") };
    assert_eq!(add(&world, "mara", &ana, again).await.created_ids, ["p1"]);
    let known = world.get(&ana).await.precautions;
    assert_eq!(
        known[0].reported.as_ref().map(|one| (one.of_whom.as_str(), one.text.as_str())),
        Some(("my son", "Traces too"))
    );
}

async fn what_is_over_is_not_active_and_stays_on_record(world: World) {
    let until = |time, until_departure, basis: PrecautionBasis| PrecautionDraft {
        until_time: time,
        until_departure,
        venue_id: VENUE.into(),
        basis: basis as i32,
        ..allergy("MILK")
    };
    // Four in the morning in Zurich.
    let day_end = NOON + 15 * 3_600;
    for (precaution, end) in [
        (until(time(NOON + 60), false, PrecautionBasis::Unspecified), NOON + 60),
        (until(None, true, PrecautionBasis::Consent), day_end),
        (until(None, false, PrecautionBasis::ThisVisitOnly), day_end),
    ] {
        world.set_clock(NOON);
        let draft = CustomerDraft { precautions: vec![precaution.clone()], precautions_asked: true, ..named("Ana") };
        let ana = world.create(draft).await.customer_id;
        let known = world.get(&ana).await.precautions.remove(0).reported.expect("reported");
        assert_eq!((known.until_time, known.basis, known.venue_id.as_str()), (time(end), precaution.basis, ""));
        world.set_clock(end - 1);
        let briefing = world.brief(by_id(&ana)).await;
        assert_eq!(values(&briefing.respect, "code"), ["MILK"]);
        assert!(briefing.valid_until_time.is_some_and(|until| until.seconds <= end));
        // A kept answer does not outlive it either.
        world.set_clock(end);
        assert!(!codes(&world.brief(by_id(&ana)).await.respect).contains(&"PRECAUTION_ALLERGY"));
        let kept = world.get(&ana).await;
        // What was named was not "none", and nobody has asked what there is now.
        assert!(kept.precautions.len() == 1 && kept.precaution_state() == PrecautionState::NotAsked);
        // Recorded anew, it is another one.
        let anew = add(&world, "mara", &ana, allergy("MILK")).await;
        assert_eq!(anew.created_ids, ["p2"]);
    }
    world.set_clock(NOON);
    let bo = world.create(named("Bo")).await.customer_id;
    let nowhere = |draft: PrecautionDraft| PrecautionDraft { venue_id: String::new(), ..draft };
    for (precaution, at) in [
        (until(time(NOON), false, PrecautionBasis::Unspecified), "precautions[0].until_time"),
        (nowhere(until(None, true, PrecautionBasis::Unspecified)), "precautions[0].venue_id"),
        (nowhere(until(None, false, PrecautionBasis::ThisVisitOnly)), "precautions[0].venue_id"),
        (PrecautionDraft { basis_evidence: "said so".into(), ..allergy("MILK") }, "precautions[0].basis"),
        (
            PrecautionDraft { basis_time: time(NOON + 200_000), basis: 1, ..allergy("MILK") },
            "precautions[0].basis_time",
        ),
    ] {
        let add = with!(AddPrecautionsRequest { customer_id: bo.clone(), precautions: vec![precaution] });
        assert_field(&refusal!(world, customers, add_precautions, add), at, "");
    }
    let visit = until(None, false, PrecautionBasis::ThisVisitOnly);
    each_report_lasts_as_long_as_it_says(&world, &bo, visit, day_end).await;
}

/// `visit`: an allergy that is told for a visit, which ends at `day_end`.
async fn each_report_lasts_as_long_as_it_says(world: &World, bo: &str, visit: PrecautionDraft, day_end: i64) {
    // Agreed to for one visit stays so, until the customer agrees to more; a danger that is told without an end has none.
    let agreed = PrecautionDraft { basis: PrecautionBasis::Consent as i32, ..allergy("MILK") };
    let chair = |draft: PrecautionDraft| PrecautionDraft {
        kind: PrecautionKind::Accessibility as i32,
        code: "CHAIR".into(),
        criticality: Criticality::Low as i32,
        ..draft
    };
    use PrecautionBasis::{Consent, ThisVisitOnly, Unspecified};
    let (for_visit, kept) = ((time(day_end), ThisVisitOnly as i32), (None, Consent as i32));
    for (precaution, all) in [
        (visit.clone(), vec![for_visit]),
        (allergy("MILK"), vec![for_visit, (None, Unspecified as i32)]),
        (agreed.clone(), vec![for_visit, kept]),
        (visit.clone(), vec![for_visit, kept]),
        (chair(visit.clone()), vec![for_visit, kept, for_visit]),
        (chair(allergy("")), vec![for_visit, kept, for_visit]),
        (chair(agreed), vec![for_visit, kept, kept]),
        (chair(visit), vec![for_visit, kept, kept, for_visit]),
    ] {
        add(world, "mara", bo, precaution).await;
        let known = world.get(bo).await.precautions;
        let known = known.iter().filter_map(|one| one.reported.as_ref()).map(|one| (one.until_time, one.basis));
        assert_eq!(known.collect::<Vec<_>>(), all);
    }
}

async fn a_pregnancy_is_never_mentioned_and_ends_by_itself(world: World) {
    let kind = PrecautionKind::Diet as i32;
    let seen = PrecautionDraft { kind, ..allergy("PREGNANCY") };
    let guess = with!(CreateCustomerRequest {
        customer: Some(CustomerDraft { precautions: vec![seen.clone()], ..named("Ana") })
    });
    assert_field(&refusal!(world, customers, create_customer, guess), "customer.precautions[0].basis", "");
    let said = PrecautionDraft { basis: PrecautionBasis::Consent as i32, ..seen };
    let mut wrong = vec![(PrecautionDraft { kind: PrecautionKind::Allergy as i32, ..said.clone() }, "kind")];
    for code in ["SCHWANGER", "EMBARAZADA", "PREGNANCY_DIET"] {
        wrong.push((PrecautionDraft { kind, ..allergy(code) }, "basis"));
    }
    for (draft, field) in wrong {
        let customer = Some(CustomerDraft { precautions: vec![draft], ..named("Bo") });
        let refused = refusal!(world, customers, create_customer, with!(CreateCustomerRequest { customer }));
        assert_field(&refused, &format!("customer.precautions[0].{field}"), "");
    }
    let draft = CustomerDraft { precautions: vec![said], precautions_asked: true, ..named("Ana") };
    let ana = world.create(draft).await.customer_id;
    let briefing = world.brief(by_id(&ana)).await;
    let listed = briefing.respect.iter().find(|one| one.code == "PRECAUTION_DIET").expect("it is listed");
    // Beside it stands what they answered, as to everybody else.
    assert!(values(&briefing.respect, "code") == ["PREGNANCY", ""] && listed.tact() == Tact::NeverMention);
    let elsewhere =
        [briefing.headline, briefing.acknowledge, briefing.communicate, briefing.anticipate, briefing.delight];
    for one in elsewhere.iter().flatten() {
        assert!(!format!("{one:?}").to_lowercase().contains("pregnan"), "{one:?}");
    }
    world.set_clock(NOON + 280 * DAY);
    assert!(values(&world.brief(by_id(&ana)).await.respect, "code").iter().all(|code| *code != "PREGNANCY"));
}

async fn a_pregnancy_with_a_slip_is_not_mentioned_either(world: World) {
    set(&world, giving()).await;
    let kind = PrecautionKind::Diet as i32;
    let guess = PrecautionDraft { kind, ..allergy("PREGNENT") };
    let customer = Some(CustomerDraft { precautions: vec![guess], ..named("Bo") });
    let refused = refusal!(world, customers, create_customer, with!(CreateCustomerRequest { customer }));
    assert_field(&refused, "customer.precautions[0].basis", "");
    for code in ["PREGNENT", "PREGNENCY_DIET", "SCHWANGERSHAFT", "EMBARAZDA", "ENCIENTE", "WEEK_20_PREGNAT"] {
        let draft = PrecautionDraft { kind, basis: PrecautionBasis::Consent as i32, ..allergy(code) };
        let draft = CustomerDraft { precautions: vec![draft], precautions_asked: true, ..named("Ana") };
        let ana = world.create(draft).await.customer_id;
        let briefing = world.brief(by_id(&ana)).await;
        let listed = briefing.respect.iter().find(|one| one.code == "PRECAUTION_DIET").expect("it is listed");
        assert!(values(&briefing.respect, "code")[0] == code && listed.tact() == Tact::NeverMention, "{listed:?}");
        assert!(!listed.text.contains("understood"), "{}", listed.text);
        let said = [&briefing.headline, &briefing.acknowledge, &briefing.communicate, &briefing.anticipate];
        let said = said.into_iter().flatten().filter(|one| one.tact() != Tact::NeverMention);
        for one in said {
            assert!(!format!("{one:?}").contains(&code[..5]) && !one.text.contains("understood"), "{one:?}");
        }
        assert_eq!(briefing.headline[0].text, "A topic not to mention: see the briefing");
        // It is understood as what it was meant to be.
        assert_eq!(giving_food(&world, &ana).await, "CONTENTS_UNKNOWN");
        let sorbet = refusal!(world, gestures, give_gesture, in_role("mara", "manager", give(&ana, "sorbet")));
        let info = sorbet.get_details_error_info().expect("an ErrorInfo");
        assert_eq!(info.metadata["code"], "NOTHING_TO_CELEBRATE");
    }
}

/// The code of what speaks against giving something to eat; "given": nothing does.
async fn giving_food(world: &World, id: &str) -> String {
    match world.gestures().give_gesture(in_role("mara", "manager", give(id, "surprise"))).await {
        Ok(_) => "given".to_owned(),
        Err(refused) => {
            assert_refused(&refused, Code::FailedPrecondition, "GESTURE_VETOED");
            refused.get_details_error_info().expect("an ErrorInfo").metadata["code"].clone()
        }
    }
}

async fn what_has_ended_is_asked_about_anew(world: World) {
    set(&world, giving()).await;
    let at = |until| PrecautionDraft { until_time: time(until), ..allergy("PEANUTS") };
    let visit =
        PrecautionDraft { basis: PrecautionBasis::ThisVisitOnly as i32, venue_id: VENUE.into(), ..allergy("PEANUTS") };
    let departure = PrecautionDraft { until_departure: true, venue_id: VENUE.into(), ..allergy("PEANUTS") };
    let ends = [
        (at(NOON + 60), None),
        (visit, None),
        (departure, None),
        (allergy("PEANUTS"), Some(PrecautionStatus::EnteredInError)),
        (allergy("PEANUTS"), Some(PrecautionStatus::Refuted)),
        (allergy("PEANUTS"), Some(PrecautionStatus::Resolved)),
    ];
    for (number, (draft, review)) in ends.into_iter().enumerate() {
        world.set_clock(NOON);
        let draft = CustomerDraft { precautions: vec![draft], ..asked("Ana") };
        let request = by("mara", CreateCustomerRequest { customer: Some(draft), request_id: String::new() });
        let created = world.customers().create_customer(request).await.expect("created").into_inner();
        let id = created.receipt.expect("a receipt").customer_id;
        assert_ne!(giving_food(&world, &id).await, "given", "{number}");
        match review {
            Some(status) => {
                let review = with!(ReviewPrecautionRequest {
                    customer_id: id.clone(),
                    precaution_id: "p1".into(),
                    status: status as i32,
                    reason: "a slip".into()
                });
                world.customers().review_precaution(by("jon", review)).await.expect("reviewed");
            }
            // Four in the morning, and the next noon.
            None => world.set_clock(NOON + DAY),
        }
        let briefing = world.brief(by_id(&id)).await;
        assert!(briefing.precaution_state() == PrecautionState::NotAsked, "{number}");
        assert_eq!(codes(&briefing.respect), ["PRECAUTIONS_NOT_ASKED"], "{number}");
        assert_eq!(texts(&briefing.respect), ["Ask again about allergies, diets and other needs before serving."]);
        assert_eq!(texts(&briefing.headline)[0], "Ask again about allergies and diets.");
        assert!(world.get(&id).await.precaution_state() == PrecautionState::NotAsked, "{number}");
        assert_eq!(giving_food(&world, &id).await, "NOT_ASKED", "{number}");
        world.set_clock(NOON + DAY + 60);
        inquire(&world, &id).await;
        let briefing = world.brief(by_id(&id)).await;
        assert_eq!(texts(&briefing.respect), ["Named no allergies or needs when asked."], "{number}");
        assert_eq!(giving_food(&world, &id).await, "given", "{number}");
    }
    // Whoever answered for a household was one of several.
    let mut family = asked("Keller family");
    family.details.as_mut().expect("details").kind = CustomerKind::Household as i32;
    let family = world.create(family).await.customer_id;
    assert_eq!(giving_food(&world, &family).await, "NOT_ASKED");
    inquire(&world, &family).await;
    assert_eq!(giving_food(&world, &family).await, "NOT_ASKED");
}

async fn an_end_is_told_only_to_those_who_see_what_ends(world: World) {
    let consents = [Purpose::Marketing, Purpose::Analytics];
    let consents = consents.map(|purpose| Consent { purpose: purpose as i32, ..agreed() }).to_vec();
    let end = NOON + 60;
    let milk = PrecautionDraft { until_time: time(end), ..allergy("MILK") };
    let plain = world.create(CustomerDraft { consents: consents.clone(), ..asked("Bo") }).await.customer_id;
    let wary = CustomerDraft { precautions: vec![milk], consents, ..asked("Ana") };
    let wary = world.create(wary).await.customer_id;
    let until = async |id: &str, purpose: Purpose| {
        let request = GetBriefingRequest { purpose: purpose as i32, ..briefing(by_id(id)) };
        let answer = world.briefings().get_briefing(request).await.expect("answered").into_inner();
        answer.briefing.expect("a briefing").valid_until_time
    };
    assert_eq!(until(&wary, Purpose::Service).await, time(end));
    for purpose in [Purpose::Marketing, Purpose::Analytics] {
        assert_eq!(until(&wary, purpose).await, until(&plain, purpose).await, "{}", purpose.as_str_name());
        assert_ne!(until(&wary, purpose).await, time(end), "{}", purpose.as_str_name());
    }
}

async fn what_ended_with_a_death_is_asked_about_anew(world: World) {
    set(&world, giving()).await;
    let of_son = |kind: PrecautionKind, code: &str| PrecautionDraft {
        kind: kind as i32,
        of_whom: "my son".into(),
        ..allergy(code)
    };
    let chair = PrecautionDraft { kind: PrecautionKind::Accessibility as i32, ..allergy("WHEELCHAIR") };
    let nuts = || of_son(PrecautionKind::Allergy, "TREE_NUTS");
    for (precautions, after) in [
        (vec![nuts()], PrecautionState::NoneKnown),
        (vec![of_son(PrecautionKind::Diet, "VEGAN")], PrecautionState::NoneKnown),
        (vec![nuts(), chair], PrecautionState::Listed),
    ] {
        world.set_clock(NOON);
        let ana = world.create(CustomerDraft { precautions, ..asked("Ana") }).await.customer_id;
        world.set_clock(NOON + 60);
        for staff in ["mara", "jon"] {
            assert!(world.brief(by_id(&ana)).await.precaution_state() == PrecautionState::Listed);
            let mark = with!(MarkCustomerRequest {
                customer_id: ana.clone(),
                of_whom: "my son".into(),
                mark: Some(mark_customer_request::Mark::Deceased(true)),
                reason: "told by the family".into()
            });
            world.customers().mark_customer(by(staff, mark)).await.expect("marked");
        }
        let briefing = world.brief(by_id(&ana)).await;
        assert!(briefing.precaution_state() == PrecautionState::NotAsked, "{}", after.as_str_name());
        let again = "Ask again about allergies, diets and other needs before serving.";
        assert!(texts(&briefing.respect).contains(&again), "{}", after.as_str_name());
        assert!(world.get(&ana).await.precaution_state() == PrecautionState::NotAsked, "{}", after.as_str_name());
        assert_eq!(giving_food(&world, &ana).await, "NOT_ASKED", "{}", after.as_str_name());
        world.set_clock(NOON + 120);
        inquire(&world, &ana).await;
        let briefing = world.brief(by_id(&ana)).await;
        assert!(briefing.precaution_state() == after, "{}", after.as_str_name());
        assert!(codes(&briefing.respect).contains(&"PRECAUTIONS_NONE_KNOWN"), "{}", after.as_str_name());
        assert_eq!(giving_food(&world, &ana).await, "given", "{}", after.as_str_name());
    }
}
