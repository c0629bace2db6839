//! Asked means asked: what was never asked stays a question, and an answer is one person's, of one visit.

use rapport::proto::*;

use super::world::*;

on_both!(
    what_is_listed_is_no_answer,
    an_answer_holds_for_its_visit,
    nobody_answers_for_a_household,
    the_same_again_is_an_update,
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
