//! What nobody understands, or nobody asked about, is served as what it is: not known.

use rapport::proto::{recovery_service_client::RecoveryServiceClient, *};
use tonic::Code;

use super::{
    gestures::{give, given, giving, in_role, set},
    world::*,
};

on_both!(
    a_code_that_is_not_understood_vetoes_all_that_may_be_eaten,
    a_wheelchair_is_no_answer_about_allergies,
    what_is_forbidden_is_not_asked_about,
    a_delivery_is_stopped_by_an_allergy_recorded_later,
);

fn precaution(kind: PrecautionKind, code: &str) -> PrecautionDraft {
    PrecautionDraft { kind: kind as i32, ..allergy(code) }
}

fn observed(item: &str, category: &str) -> EvidenceDraft {
    let source = EvidenceSource::Observed as i32;
    EvidenceDraft { category: category.into(), source, venue_id: VENUE.into(), ..stated(item) }
}

fn codes(statements: &[Statement]) -> Vec<&str> {
    statements.iter().map(|statement| statement.code.as_str()).collect()
}

async fn a_code_that_is_not_understood_vetoes_all_that_may_be_eaten(world: World) {
    set(&world, giving()).await;
    let evidence = || {
        let floor = EvidenceDraft { category: "room".into(), ..stated("high floor") };
        vec![stated("chinotto"), floor, observed("grappa", "drink"), observed("mariachi", "music")]
    };
    for draft in [
        allergy("MANDEL"),
        allergy("treenut"),
        allergy("_"),
        allergy("COCONUT_MILK"),
        precaution(PrecautionKind::Intolerance, "LAKTOSE"),
        precaution(PrecautionKind::Abstention, "ALKOHOL"),
    ] {
        let code = draft.code.clone();
        let customer = CustomerDraft { precautions: vec![draft], evidence: evidence(), ..named("Ana") };
        let ana = world.create(customer).await.customer_id;
        let briefing = world.brief(by_id(&ana)).await;
        let listed = &briefing.respect[0];
        assert!(listed.text.contains("The code is not understood: ask the customer and the kitchen"), "{listed:?}");
        assert!(listed.parameters.iter().any(|parameter| parameter.name == "not_understood"), "{listed:?}");
        // The room is no food; everything else might be.
        assert_eq!(values(&briefing.anticipate, "item"), ["high floor"], "{code}");
        let asked = briefing.communicate.iter().filter(|one| one.code == "CONFIRM_PREFERENCE");
        assert_eq!(values(&asked.cloned().collect::<Vec<_>>(), "item"), ["mariachi"], "{code}");
        let refused = refusal!(world, gestures, give_gesture, in_role("jon", "manager", give(&ana, "tart")));
        assert_eq!(
            (refused.code(), reason(&refused)),
            (Code::FailedPrecondition, "GESTURE_VETOED".to_owned()),
            "{code}"
        );
        given(&world, in_role("jon", "manager", give(&ana, "note"))).await;
    }
    // What is understood lets pass what it is not about.
    for draft in [allergy("PEANUTS"), allergy("FEATHERS"), precaution(PrecautionKind::Abstention, "SMOKING")] {
        let customer = CustomerDraft { precautions: vec![draft], evidence: evidence(), ..named("Bo") };
        let briefing = world.brief(by_id(&world.create(customer).await.customer_id)).await;
        assert_eq!(values(&briefing.anticipate, "item").len(), 2);
        assert!(!briefing.respect[0].text.contains("understood"), "{:?}", briefing.respect[0]);
    }
}

async fn a_wheelchair_is_no_answer_about_allergies(world: World) {
    let phone = || identity(IdentityType::Phone, "+41446681800");
    for kind in [PrecautionKind::Accessibility, PrecautionKind::Topic] {
        let draft = CustomerDraft { precautions: vec![precaution(kind, "DIVORCE")], ..named("Ana") };
        let ana = world.create(draft).await.customer_id;
        let briefing = world.brief(by_id(&ana)).await;
        assert_eq!(briefing.precaution_state, PrecautionState::NotAsked as i32, "{}", kind.as_str_name());
        assert_eq!(world.get(&ana).await.precaution_state, PrecautionState::NotAsked as i32, "{}", kind.as_str_name());
        assert_eq!(values(&briefing.respect, "code"), ["DIVORCE", ""], "{}", kind.as_str_name());
        assert_eq!(briefing.respect[1].code, "PRECAUTIONS_NOT_ASKED");
        assert!(codes(&briefing.headline).contains(&"PRECAUTIONS_NOT_ASKED"), "{}", kind.as_str_name());
        let asked = with!(RecordPrecautionInquiryRequest { customer_id: ana.clone() });
        world.customers().record_precaution_inquiry(asked).await.expect("recorded");
        let briefing = world.brief(by_id(&ana)).await;
        assert_eq!(
            (briefing.precaution_state, briefing.respect.len()),
            (PrecautionState::Listed as i32, 1),
            "{}",
            kind.as_str_name()
        );
    }
    for precautions in [vec![precaution(PrecautionKind::Accessibility, "WHEELCHAIR")], Vec::new()] {
        world.create(CustomerDraft { precautions, identities: vec![phone()], ..named("Bo") }).await;
    }
    let both = world.brief(by_identity(phone())).await;
    assert_eq!(
        (both.state, both.precaution_state),
        (BriefingState::Ambiguous as i32, PrecautionState::NotAsked as i32)
    );
    assert_eq!(codes(&both.respect), ["PRECAUTION_ACCESSIBILITY", "PRECAUTIONS_NOT_ASKED"]);
}

async fn what_is_forbidden_is_not_asked_about(world: World) {
    for (draft, item) in [
        (precaution(PrecautionKind::Abstention, "ALCOHOL"), "red wine"),
        (allergy("TREE_NUTS"), "marzipan"),
        (allergy("MANDEL"), "marzipan"),
    ] {
        let evidence = vec![observed(item, "drink")];
        let anybody = world.create(CustomerDraft { evidence: evidence.clone(), ..named("Bo") }).await.customer_id;
        assert!(codes(&world.brief(by_id(&anybody)).await.communicate).contains(&"CONFIRM_PREFERENCE"));
        let ana = world.create(CustomerDraft { precautions: vec![draft], evidence, ..named("Ana") }).await.customer_id;
        let briefing = world.brief(by_id(&ana)).await;
        let sections = [&briefing.headline, &briefing.communicate, &briefing.anticipate, &briefing.delight];
        assert!(sections.into_iter().flatten().all(|statement| !statement.text.contains(item)), "{briefing:?}");
    }
}

async fn a_delivery_is_stopped_by_an_allergy_recorded_later(world: World) {
    set(&world, giving()).await;
    let draft = CustomerDraft { occasions: vec![birthday(None, 3, 14)], precautions_asked: true, ..named("Ana") };
    let ana = world.create(draft).await.customer_id;
    given(&world, in_role("jon", "manager", give(&ana, "tart"))).await;
    let owed = |briefing: &Briefing| {
        let promise = briefing.communicate.iter().find(|one| one.code == "PROMISE_DUE").expect("a promise");
        (promise.text.clone(), values(std::slice::from_ref(promise), "conflict")[0].to_owned())
    };
    assert_eq!(owed(&world.brief(by_id(&ana)).await), ("Almond tart in the room.".to_owned(), String::new()));
    let add = with!(AddPrecautionsRequest { customer_id: ana.clone(), precautions: vec![allergy("TREE_NUTS")] });
    world.customers().add_precautions(add).await.expect("added");
    let stopped = ("Do not deliver: Almond tart in the room.".to_owned(), "PRECAUTION".to_owned());
    assert_eq!(owed(&world.brief(by_id(&ana)).await), stopped);
    // It stays owed: somebody has to settle it.
    world.settle().await;
    let mut recovery = RecoveryServiceClient::new(world.channel());
    let list = with!(ListFollowUpsRequest { venue_id: VENUE.into() });
    assert_eq!(recovery.list_follow_ups(list).await.expect("listed").into_inner().follow_ups.len(), 1);
}
