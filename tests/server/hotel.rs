//! A guest of several houses: what was learnt in one makes a moment in the other, within authority, and nothing of it
//! while something is unresolved.

use rapport::proto::{recovery_service_client::RecoveryServiceClient, *};
use tonic::Code;

use super::{
    gestures::{complete, give, given, giving, in_role, listed, open_issue, set},
    world::*,
};

on_both!(a_guest_is_delighted_within_authority);

const DAY: i64 = 86_400;

/// What two stays in Lisbon have taught: name, birthday, favourite drink, and that nuts are dangerous.
async fn guest(world: &World) -> String {
    let mut draft = asked("Elena Marchetti");
    draft.details.as_mut().expect("details").name.as_mut().expect("a name").addressed_as = "Ms Marchetti".into();
    draft.occasions = vec![birthday(Some(1986), 3, 16)];
    draft.precautions = vec![allergy("TREE_NUTS")];
    let liked = |category: &str, item: &str, stance: Stance| EvidenceDraft {
        category: category.into(),
        stance: stance as i32,
        venue_id: OTHER_VENUE.into(),
        scope: PreferenceScope::Brand as i32,
        // Said again when the allergy was told: what is older is not proposed to somebody with one.
        observe_time: time(NOON),
        ..stated(item)
    };
    draft.evidence =
        vec![liked("drink", "chinotto", Stance::Favourite), liked("dessert", "lemon sorbet", Stance::Likes)];
    let id = world.create(draft).await.customer_id;
    for (number, days) in [(1, 100), (2, 40)] {
        let stay = Interaction {
            venue_id: OTHER_VENUE.into(),
            occur_time: time(NOON - days * DAY),
            ..purchase(&id, &format!("lisbon-{number}"), vec![line("chinotto", 350)])
        };
        let request = RecordInteractionsRequest { interactions: vec![stay] };
        world.interactions().record_interactions(request).await.expect("recorded");
    }
    id
}

/// The types that are suggested to a concierge, the best first, with their reasons.
async fn suggested(world: &World, guest: &str) -> Vec<SuggestedGesture> {
    let request = SuggestGesturesRequest {
        customer_id: guest.into(),
        venue_id: VENUE.into(),
        limit: 50,
        include_vetoed: true,
        ..SuggestGesturesRequest::default()
    };
    world
        .gestures()
        .suggest_gestures(in_role("mara", "concierge", request))
        .await
        .expect("suggested")
        .into_inner()
        .gestures
}

fn codes(statements: &[Statement]) -> Vec<&str> {
    statements.iter().map(|statement| statement.code.as_str()).collect()
}

fn names_of(statements: &[Statement], code: &str) -> Vec<String> {
    let of_code: Vec<Statement> = statements.iter().filter(|one| one.code == code).cloned().collect();
    values(&of_code, "gesture_type_id").into_iter().map(str::to_owned).collect()
}

/// A stay with the sorbet, carried up by somebody, and taken with delight.
async fn stay_with_sorbet(world: &World, guest: &str) {
    let request = GiveGestureRequest {
        note: "Welcome back, Ms Marchetti".into(),
        place: "Room 412".into(),
        ..give(guest, "sorbet")
    };
    let answer = given(world, in_role("mara", "concierge", request)).await;
    assert_eq!(answer.state, GestureState::Given as i32);
    let created = answer.receipt.expect("a receipt").created_ids;
    complete(world, guest, &created[1]).await;
    let outcome = RecordGestureOutcomeRequest {
        customer_id: guest.into(),
        gesture_id: created[0].clone(),
        outcome: GestureOutcome::Delighted as i32,
        ..RecordGestureOutcomeRequest::default()
    };
    world.gestures().record_gesture_outcome(outcome).await.expect("noted");
}

async fn a_guest_is_delighted_within_authority(world: World) {
    let mut policy = giving();
    for kind in &mut policy.catalogue {
        // A dessert is for every stay.
        kind.celebrates = false;
    }
    set(&world, policy).await;
    let guest = guest(&world).await;

    // The first stay here: all of it is known, and says where from.
    let briefing = world.brief(by_id(&guest)).await;
    assert_eq!(briefing.headline[1].text, "Ms Marchetti: 40th birthday in 2 days");
    assert_eq!(names_of(&briefing.delight, "GESTURE_SUGGESTION"), ["chinotto"]);
    let best = suggested(&world, &guest).await;
    let drink = &best[0];
    assert_eq!((drink.gesture_type_id.as_str(), drink.suggested), ("chinotto", true));
    assert!(drink.reason.contains("Favourite: chinotto"), "{}", drink.reason);
    assert!(drink.reason.contains(&format!("Learnt at Venue {OTHER_VENUE}")), "{}", drink.reason);
    assert_eq!(best[1].gesture_type_id, "sorbet");
    let tart = best.iter().find(|one| one.gesture_type_id == "tart").expect("in the catalogue");
    let against: Vec<&str> =
        tart.verdicts.iter().filter(|verdict| !verdict.agrees).map(|verdict| verdict.code.as_str()).collect();
    assert_eq!((tart.suggested, against), (false, vec!["PRECAUTION"]));
    let almonds = refusal!(world, gestures, give_gesture, in_role("mara", "manager", give(&guest, "tart")));
    assert_refused(&almonds, Code::FailedPrecondition, "GESTURE_VETOED");
    stay_with_sorbet(&world, &guest).await;
    assert_eq!(listed(&world, &guest).await.gestures[0].state, GestureState::Delivered as i32);

    // After the third time it is counted on, and something fresh comes first.
    for days in [60, 120] {
        world.set_clock(NOON + days * DAY);
        stay_with_sorbet(&world, &guest).await;
    }
    let ledger = listed(&world, &guest).await.ledger.remove(0);
    assert_eq!((ledger.given_count, ledger.expectation), (3, ExpectationLevel::Expected as i32));
    world.set_clock(NOON + 362 * DAY);
    let ids: Vec<String> = suggested(&world, &guest).await.into_iter().map(|one| one.gesture_type_id).collect();
    let place = |id: &str| ids.iter().position(|known| known == id).expect("in the catalogue");
    assert_eq!(ids[0], "chinotto");
    assert!(["note", "spa", "basket"].into_iter().all(|fresh| place(fresh) < place("sorbet")), "{ids:?}");
    let quiet = world.brief(by_id(&guest)).await;
    assert_eq!(names_of(&quiet.delight, "EXPECTED_GESTURE"), ["sorbet"]);
    assert_eq!(names_of(&quiet.delight, "GESTURE_SUGGESTION"), ["chinotto"]);
    assert!(codes(&quiet.delight).contains(&"FAVOURITE_TOUCH") && !quiet.anticipate.is_empty());

    // The air conditioning fails.
    let issue_id = open_issue(&world, &guest).await;
    let unresolved = world.brief(by_id(&guest)).await;
    assert!(unresolved.anticipate.is_empty());
    assert_eq!(codes(&unresolved.delight), ["OCCASION_WISH", "GESTURE_SUGGESTION"]);
    assert_eq!(names_of(&unresolved.delight, "GESTURE_SUGGESTION"), ["voucher"], "only what makes good");
    let refused = refusal!(world, gestures, give_gesture, in_role("mara", "concierge", give(&guest, "chinotto")));
    assert_refused(&refused, Code::FailedPrecondition, "GESTURE_VETOED");

    // It is repaired, and somebody asks whether all is well.
    let resolve = with!(ResolveIssueRequest { customer_id: guest.clone(), issue_id, resolution: "repaired".into() });
    let resolved =
        RecoveryServiceClient::new(world.channel()).resolve_issue(by("jo", resolve)).await.expect("resolved");
    let follow_up = resolved.into_inner().receipt.expect("a receipt").created_ids.remove(0);
    complete(&world, &guest, &follow_up).await;
    let back = world.brief(by_id(&guest)).await;
    assert!(back.delight == quiet.delight && back.anticipate == quiet.anticipate);
    given(&world, in_role("mara", "concierge", give(&guest, "chinotto"))).await;
}
