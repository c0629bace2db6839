//! What is never mentioned shows in nothing that is said aloud.

use rapport::proto::*;

use super::{gestures::set, world::*};

on_both!(what_is_never_mentioned_does_not_show_in_what_is_said);

const DAY: i64 = 86_400;

fn codes(statements: &[Statement]) -> Vec<&str> {
    statements.iter().map(|statement| statement.code.as_str()).collect()
}

async fn what_is_never_mentioned_does_not_show_in_what_is_said(world: World) {
    let of = |kind: PrecautionKind, code: &str| PrecautionDraft { kind: kind as i32, ..allergy(code) };
    let topic = || of(PrecautionKind::Topic, "DIVORCE");
    let pregnancy = || {
        let basis = PrecautionBasis::Consent as i32;
        PrecautionDraft { basis, ..of(PrecautionKind::Diet, "PREGNANCY") }
    };
    let chair = || of(PrecautionKind::Accessibility, "WHEELCHAIR");
    let view = |id: &str, view: BriefingView| GetBriefingRequest { view: view as i32, ..briefing(by_id(id)) };
    let question = async |id: &str| {
        let mut said = Vec::new();
        for each in [BriefingView::Unspecified, BriefingView::Till] {
            let answer = world.briefings().get_briefing(view(id, each)).await.expect("answered").into_inner();
            let respect = answer.briefing.expect("a briefing").respect;
            said.extend(respect.into_iter().filter(|one| one.code.starts_with("PRECAUTIONS_")).map(|one| one.text));
        }
        let [full, till] = said.try_into().unwrap_or_default();
        assert_eq!(full, till);
        full
    };
    let none = ["Named no allergies or needs when asked.", "Named none on 14 March 2026: ask again."];
    let nothing = ["Named nothing about food when asked.", "Named nothing about food on 14 March 2026: ask again."];
    for (precautions, [today, later]) in [
        (vec![], none),
        (vec![topic()], none),
        (vec![pregnancy()], none),
        (vec![topic(), pregnancy()], none),
        (vec![chair()], nothing),
        (vec![chair(), pregnancy()], nothing),
        (vec![allergy("FEATHERS")], nothing),
    ] {
        world.set_clock(NOON);
        let name = format!("{:?}", precautions.iter().map(|one| one.code.as_str()).collect::<Vec<_>>());
        let never = CustomerDraft { precautions: precautions.clone(), ..named("Bo") };
        let never = world.create(never).await.customer_id;
        assert_eq!(question(&never).await, "Ask about allergies, diets and other needs before serving.", "{name}");
        let ana = world.create(CustomerDraft { precautions, ..asked("Ana") }).await.customer_id;
        assert_eq!(question(&ana).await, today, "{name}");
        world.set_clock(NOON + DAY);
        assert_eq!(question(&ana).await, later, "{name}");
        set(&world, Policy { none_known_stands: true, ..policy() }).await;
        assert_eq!(question(&ana).await, today, "{name}");
        set(&world, policy()).await;
    }
    world.set_clock(NOON);
    let draft = CustomerDraft { precautions: vec![allergy("MILK"), pregnancy()], ..asked("Ana") };
    let ana = world.create(draft).await.customer_id;
    world.set_clock(NOON + DAY);
    assert_eq!(question(&ana).await, "Ask whether this is still so, and all.");
    // Who shares a telephone is no riddle either.
    world.set_clock(NOON);
    let phone = || identity(IdentityType::Phone, "+41446681800");
    for precautions in [vec![topic()], vec![]] {
        let shared = CustomerDraft { identities: vec![phone()], precautions, ..asked("Cy") };
        world.create(shared).await;
    }
    world.set_clock(NOON + DAY);
    let shared = world.brief(by_identity(phone())).await;
    assert_eq!(codes(&shared.respect), ["PRECAUTION_TOPIC", "PRECAUTIONS_NONE_KNOWN"]);
}
