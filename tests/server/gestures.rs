//! Gestures as tills and desks give them: given, proposed, approved, taken back, repeated, erased.

use rapport::{
    proto::{recovery_service_client::RecoveryServiceClient, *},
    store::{BudgetKey, BudgetState, StoreExt as _},
};
use tonic::{Code, Request};
use tonic_types::StatusExt;

use super::world::*;

on_both!(
    a_gift_is_stored_with_its_delivery_and_its_money,
    limits_hold_to_the_cent,
    a_proposal_is_approved_by_somebody_with_the_authority,
    what_is_taken_back_is_free_again,
    what_was_taken_is_delivered_and_what_was_declined_is_not_carried_up,
    a_repeated_request_draws_once,
    suggestions_are_ranked_and_explained,
    an_erasure_leaves_nothing_of_it,
);

/// A hotel that gives desserts, notes and vouchers; concierges within narrow limits, managers within wide ones.
pub fn giving() -> Policy {
    let kind = |id: &str, name: &str, cost: i64, contents: &[&str]| GestureType {
        gesture_type_id: id.into(),
        display_name: name.into(),
        costs: ["CHF", "EUR"].map(|currency| Money { currency_code: currency.into(), minor_units: cost }).into(),
        contents: contents.iter().map(|code| (*code).to_owned()).collect(),
        ..GestureType::default()
    };
    let dessert = |kind: GestureType| GestureType {
        needs: vec!["kitchen".into()],
        appeals_to: vec!["dessert".into()],
        celebrates: true,
        ..kind
    };
    let limits = |code: &str, per_gesture: i64, guest: i64, incident: i64, day: i64| Authority {
        currency_code: code.into(),
        per_gesture_minor_units: per_gesture,
        per_guest_minor_units: guest,
        per_incident_minor_units: incident,
        per_day_minor_units: day,
    };
    let role = |id: &str, kinds: &[&str], limits: &dyn Fn(&str) -> Authority| Role {
        role_id: id.into(),
        display_name: id.into(),
        authorities: vec![limits("CHF"), limits("EUR")],
        gesture_type_ids: kinds.iter().map(|kind| (*kind).to_owned()).collect(),
        sees_value: false,
        sees_bars: false,
    };
    let budget = |venue: &str, code: &str| Budget {
        venue_id: venue.into(),
        monthly: Some(Money { currency_code: code.into(), minor_units: 100_000 }),
    };
    let mut policy = policy();
    for venue in &mut policy.venues {
        venue.capabilities = vec!["kitchen".into(), "room-delivery".into()];
    }
    policy.catalogue = vec![
        dessert(kind("tart", "Almond tart in the room", 1_200, &["ALMOND", "GLUTEN", "EGGS"])),
        dessert(kind("sorbet", "Lemon sorbet in the room", 1_000, &[])),
        GestureType { appeals_to: vec!["chinotto".into()], ..kind("chinotto", "Chinotto on ice", 400, &[]) },
        kind("note", "Handwritten note", 0, &[]),
        kind("basket", "Basket of fruit", 2_000, &[]),
        kind("dinner", "Dinner for two", 2_001, &[]),
        GestureType { contents_unknown: true, ..kind("surprise", "Something from the kitchen", 300, &[]) },
        GestureType { recovery: true, ..kind("voucher", "Voucher", 1_500, &[]) },
        GestureType { recovery: true, ..kind("refund", "A night's refund", 2_000, &[]) },
        kind("spa", "An hour of massage", 1_000, &[]),
    ];
    policy.roles = vec![
        role("concierge", &["*"], &|code| limits(code, 2_000, 4_500, 3_000, 6_000)),
        role("waiter", &["chinotto", "note"], &|code| limits(code, 500, 500, 500, 500)),
        role("manager", &["*"], &|code| limits(code, 50_000, 50_000, 50_000, 100_000)),
    ];
    policy.budgets = vec![budget(VENUE, "CHF"), budget(OTHER_VENUE, "EUR")];
    policy
}

pub async fn set(world: &World, policy: Policy) {
    world.policies().set_policy(SetPolicyRequest { policy: Some(policy) }).await.expect("a policy");
}

pub fn give(customer: &str, kind: &str) -> GiveGestureRequest {
    GiveGestureRequest {
        customer_id: customer.into(),
        gesture_type_id: kind.into(),
        venue_id: VENUE.into(),
        ..GiveGestureRequest::default()
    }
}

/// A request by a member of staff in a role.
pub fn in_role<T>(staff: &str, role: &str, message: T) -> Request<T> {
    let mut request = by(staff, message);
    request.metadata_mut().insert("rapport-role", role.parse().expect("ASCII"));
    request
}

pub async fn given(world: &World, request: Request<GiveGestureRequest>) -> GiveGestureResponse {
    world.gestures().give_gesture(request).await.expect("given").into_inner()
}

pub async fn listed(world: &World, customer: &str) -> ListGesturesResponse {
    let request = ListGesturesRequest { customer_id: customer.into(), purpose: Purpose::Service as i32 };
    world.gestures().list_gestures(request).await.expect("listed").into_inner()
}

pub async fn complete(world: &World, customer: &str, follow_up: &str) {
    let request = CompleteFollowUpRequest {
        customer_id: customer.into(),
        follow_up_id: follow_up.into(),
        state: FollowUpState::Done as i32,
        ..CompleteFollowUpRequest::default()
    };
    RecoveryServiceClient::new(world.channel()).complete_follow_up(by("jo", request)).await.expect("completed");
}

pub async fn open_issue(world: &World, customer: &str) -> String {
    let issue = with!(IssueDraft {
        severity: IssueSeverity::Major as i32,
        cause: "AIR_CONDITIONING".into(),
        venue_id: VENUE.into()
    });
    let request = with!(OpenIssueRequest { customer_id: customer.into(), issue: Some(issue) });
    let answer = RecoveryServiceClient::new(world.channel()).open_issue(by("mara", request)).await.expect("opened");
    answer.into_inner().receipt.expect("a receipt").created_ids.remove(0)
}

/// The venue's budget of the month of the tests, when all is at rest.
pub async fn month(world: &World) -> BudgetState {
    world.settle().await;
    let key = BudgetKey { tenant: world.tenant(), name: format!("gestures/month/{VENUE}/2026-03/CHF") };
    world.server.core.store.budgets(&[key], world.now_ms()).await.expect("reads").remove(0)
}

pub async fn assert_spent(world: &World, minor_units: i64) {
    assert_eq!(month(world).await, BudgetState { spent: minor_units, entries: Vec::new() });
}

/// Asserts a refusal for want of authority, with the limit that is passed and the roles that may approve.
fn assert_over(status: &tonic::Status, limit: &str, roles: &str) {
    assert_refused(status, Code::PermissionDenied, "OVER_AUTHORITY");
    let info = status.get_details_error_info().expect("an ErrorInfo");
    assert_eq!((info.metadata["limit"].as_str(), info.metadata["approving_role_ids"].as_str()), (limit, roles));
}

async fn a_gift_is_stored_with_its_delivery_and_its_money(world: World) {
    set(&world, giving()).await;
    let id = world.create(CustomerDraft { occasions: vec![birthday(None, 3, 16)], ..asked("Ana") }).await.customer_id;
    let request = GiveGestureRequest {
        note: "Happy birthday, Ms Ferreira".into(),
        place: "Room 412".into(),
        deliver_time: time(NOON + 7_200),
        deliver_owner: "jo".into(),
        ..give(&id, "tart")
    };
    let answer = given(&world, in_role("mara", "concierge", request)).await;
    assert_eq!(answer.state, GestureState::Given as i32);
    // The birthday was the first part.
    assert_eq!(answer.receipt.expect("a receipt").created_ids, ["g2", "f3"]);
    assert_spent(&world, 1_200).await;
    let recovery = RecoveryServiceClient::new(world.channel())
        .get_recovery(GetRecoveryRequest { customer_id: id.clone(), purpose: Purpose::Service as i32 })
        .await
        .expect("read")
        .into_inner();
    let owed = &recovery.follow_ups[0];
    let promised = owed.promised.as_ref().expect("a promise");
    assert_eq!((owed.gesture_id.as_str(), promised.kind), ("g2", FollowUpKind::Delivery as i32));
    assert_eq!((promised.place.as_str(), promised.owner.as_str()), ("Room 412", "jo"));
    assert_eq!(promised.due_time, time(NOON + 7_200));
    assert!(promised.text.contains("Happy birthday, Ms Ferreira"), "{}", promised.text);

    complete(&world, &id, "f3").await;
    let outcome = RecordGestureOutcomeRequest {
        customer_id: id.clone(),
        gesture_id: "g2".into(),
        outcome: GestureOutcome::Delighted as i32,
        ..RecordGestureOutcomeRequest::default()
    };
    world.gestures().record_gesture_outcome(outcome).await.expect("noted");
    let list = listed(&world, &id).await;
    let gift = &list.gestures[0];
    assert_eq!(gift.state, GestureState::Delivered as i32);
    assert_eq!((gift.given_by.as_str(), gift.role_id.as_str()), ("mara@till-4", "concierge"));
    assert_eq!(
        (gift.outcome, gift.expectation),
        (GestureOutcome::Delighted as i32, ExpectationLevel::Augmented as i32)
    );
    assert_eq!((gift.follow_up_id.as_str(), gift.cost.as_ref().expect("a cost").minor_units), ("f3", 1_200));
    assert_eq!((list.ledger[0].given_count, list.ledger[0].delighted_count), (1, 1));
    // Without a time it is due as the type says, an hour from now.
    given(&world, in_role("mara", "waiter", give(&id, "note"))).await;
    let briefing = world.brief(by_id(&id)).await;
    let due = briefing.communicate.iter().find(|one| one.code == "PROMISE_DUE").expect("a delivery");
    assert!(due.text.contains("Handwritten note"), "{}", due.text);
}

async fn limits_hold_to_the_cent(world: World) {
    set(&world, giving()).await;
    let new = async || world.create(asked("Guest")).await.customer_id;
    let refused = async |staff: &str, role: &str, request: GiveGestureRequest| {
        world.gestures().give_gesture(in_role(staff, role, request)).await.expect_err("over authority")
    };
    let (one, other) = (new().await, new().await);
    assert_over(&refused("mara", "concierge", give(&one, "dinner")).await, "per_gesture", "manager");
    assert_over(&refused("mara", "waiter", give(&one, "spa")).await, "", "concierge,manager");
    assert_over(&refused("mara", "pirate", give(&one, "note")).await, "", "concierge,waiter,manager");
    given(&world, in_role("mara", "concierge", give(&one, "basket"))).await;
    given(&world, in_role("mara", "concierge", give(&one, "refund"))).await;
    // 4,000 of the guest's 4,500 are spent, 4,000 of the day's 6,000.
    assert_over(&refused("mara", "concierge", give(&one, "spa")).await, "per_guest", "manager");
    given(&world, in_role("mara", "concierge", give(&one, "chinotto"))).await;
    given(&world, in_role("mara", "concierge", give(&other, "voucher"))).await;
    // 5,900 of the day's 6,000: another device is no other day, another colleague is.
    assert_over(&refused("MARA", "concierge", give(&other, "chinotto")).await, "per_day", "concierge,manager");
    given(&world, in_role("jo", "concierge", give(&other, "chinotto"))).await;
    assert_spent(&world, 2_000 + 2_000 + 400 + 1_500 + 400).await;
    // The business day ends at four in the morning, and with it the limit.
    world.set_clock(NOON + 16 * 3_600);
    given(&world, in_role("mara", "concierge", give(&other, "spa"))).await;
    let third = new().await;
    let issue_id = open_issue(&world, &third).await;
    let makes_good = |kind: &str| GiveGestureRequest { issue_id: issue_id.clone(), ..give(&third, kind) };
    given(&world, in_role("kim", "concierge", makes_good("voucher"))).await;
    assert_over(&refused("kim", "concierge", makes_good("refund")).await, "per_incident", "manager");
    given(&world, in_role("kim", "concierge", give(&third, "refund"))).await;
    // A guest's thirty days pass.
    world.set_clock(NOON + 31 * 86_400);
    given(&world, in_role("mara", "concierge", give(&one, "spa"))).await;
}

async fn a_proposal_is_approved_by_somebody_with_the_authority(world: World) {
    set(&world, giving()).await;
    let id = world.create(asked("Ana")).await.customer_id;
    let request = GiveGestureRequest { propose: true, place: "Room 7".into(), ..give(&id, "dinner") };
    let answer = given(&world, in_role("mara", "concierge", request.clone())).await;
    assert_eq!((answer.state, answer.approving_role_ids), (GestureState::Proposed as i32, vec!["manager".to_owned()]));
    assert_eq!(answer.receipt.expect("a receipt").created_ids, ["g1"]);
    assert_spent(&world, 0).await;
    let again = world.gestures().give_gesture(in_role("jo", "concierge", request)).await.expect_err("under way");
    assert_refused(&again, Code::FailedPrecondition, "GESTURE_VETOED");
    let approve = |gesture: &str| ApproveGestureRequest {
        customer_id: id.clone(),
        gesture_id: gesture.into(),
        ..ApproveGestureRequest::default()
    };
    let by_role =
        async |staff: &str, role: &str| world.gestures().approve_gesture(in_role(staff, role, approve("g1"))).await;
    assert_over(&by_role("jo", "concierge").await.expect_err("no authority"), "per_gesture", "manager");
    assert_refused(
        &by_role("mara", "manager").await.expect_err("same"),
        Code::FailedPrecondition,
        "SECOND_PERSON_NEEDED",
    );
    assert_spent(&world, 0).await;
    let receipt = by_role("vera", "manager").await.expect("approved").into_inner().receipt.expect("a receipt");
    assert_eq!(receipt.created_ids, ["f2"]);
    assert_spent(&world, 2_001).await;
    let gift = listed(&world, &id).await.gestures.remove(0);
    assert_eq!((gift.state, gift.approved_by.as_str()), (GestureState::Given as i32, "vera@till-4"));
    assert_eq!((gift.role_id.as_str(), gift.follow_up_id.as_str()), ("manager", "f2"));
    assert_refused(&by_role("vera", "manager").await.expect_err("over"), Code::FailedPrecondition, "NOT_ACTIVE");
    // Vetoes are looked at again: an allergy that was told meanwhile.
    let other = world.create(asked("Ben")).await.customer_id;
    let open = GiveGestureRequest { propose: true, ..give(&other, "surprise") };
    given(&world, in_role("mara", "waiter", open)).await;
    let told = AddPrecautionsRequest {
        customer_id: other.clone(),
        precautions: vec![allergy("MILK")],
        ..AddPrecautionsRequest::default()
    };
    world.customers().add_precautions(told).await.expect("told");
    let request = ApproveGestureRequest { customer_id: other, ..approve("g1") };
    let vetoed = world.gestures().approve_gesture(in_role("vera", "manager", request)).await.expect_err("vetoed");
    assert_refused(&vetoed, Code::FailedPrecondition, "GESTURE_VETOED");
    assert_spent(&world, 2_001).await;
}

async fn what_is_taken_back_is_free_again(world: World) {
    let mut policy = giving();
    policy.budgets[0].monthly = Some(Money { currency_code: "CHF".into(), minor_units: 2_000 });
    set(&world, policy).await;
    let (one, other) = (world.create(asked("Ana")).await.customer_id, world.create(asked("Ben")).await.customer_id);
    given(&world, in_role("mara", "concierge", give(&one, "basket"))).await;
    let spent = world.gestures().give_gesture(in_role("jo", "manager", give(&other, "chinotto"))).await;
    let spent = spent.expect_err("the budget is spent");
    assert_refused(&spent, Code::ResourceExhausted, "BUDGET_SPENT");
    assert_eq!(spent.get_details_error_info().expect("an ErrorInfo").metadata["left_minor_units"], "0");
    // What costs nothing is given all the same.
    given(&world, in_role("jo", "waiter", give(&other, "note"))).await;
    let cancel = CancelGestureRequest {
        customer_id: one.clone(),
        gesture_id: "g1".into(),
        reason: "left early".into(),
        request_id: "c-1".into(),
        ..CancelGestureRequest::default()
    };
    world.gestures().cancel_gesture(cancel.clone()).await.expect("cancelled");
    world.gestures().cancel_gesture(cancel.clone()).await.expect("the same again");
    let twice = CancelGestureRequest { request_id: String::new(), ..cancel };
    let twice = world.gestures().cancel_gesture(twice).await.expect_err("once is enough");
    assert_refused(&twice, Code::FailedPrecondition, "NOT_ACTIVE");
    assert_spent(&world, 0).await;
    let list = listed(&world, &one).await;
    assert_eq!((list.gestures[0].state, list.ledger[0].given_count), (GestureState::Cancelled as i32, 0));
    assert_eq!(list.gestures[0].follow_up_id, "", "nobody is to deliver it");
    // The day's limit is free again too: 6,000 in all.
    given(&world, in_role("mara", "concierge", give(&other, "basket"))).await;
    assert_spent(&world, 2_000).await;
}

async fn what_was_taken_is_delivered_and_what_was_declined_is_not_carried_up(world: World) {
    set(&world, giving()).await;
    let id = world.create(asked("Ana")).await.customer_id;
    let outcome = async |gesture: &str, outcome: GestureOutcome| {
        let request = with!(RecordGestureOutcomeRequest {
            customer_id: id.clone(),
            gesture_id: gesture.into(),
            outcome: outcome as i32
        });
        world.gestures().record_gesture_outcome(by("jo", request)).await.expect("noted");
    };
    let owed = async || -> Vec<(String, i32)> {
        let request = GetRecoveryRequest { customer_id: id.clone(), purpose: Purpose::Service as i32 };
        let found = RecoveryServiceClient::new(world.channel()).get_recovery(request).await.expect("read").into_inner();
        found.follow_ups.into_iter().map(|known| (known.follow_up_id, known.state)).collect()
    };
    let state = async |place: usize| listed(&world, &id).await.gestures[place].state;
    // Somebody saw it taken, and nobody ticked off the delivery.
    given(&world, in_role("mara", "concierge", give(&id, "chinotto"))).await;
    outcome("g1", GestureOutcome::Delighted).await;
    assert_eq!(state(0).await, GestureState::Delivered as i32);
    assert_eq!(owed().await, [("f2".to_owned(), FollowUpState::Done as i32)]);
    // The delivery was missed, and made good later.
    world.set_clock(NOON + 60);
    given(&world, in_role("mara", "concierge", give(&id, "chinotto"))).await;
    let missed = with!(CompleteFollowUpRequest {
        customer_id: id.clone(),
        follow_up_id: "f4".into(),
        state: FollowUpState::Missed as i32
    });
    RecoveryServiceClient::new(world.channel()).complete_follow_up(by("jo", missed)).await.expect("completed");
    assert_eq!(state(0).await, GestureState::Given as i32);
    outcome("g3", GestureOutcome::Neutral).await;
    assert_eq!(state(0).await, GestureState::Delivered as i32);
    // Declined at the door: nobody carries it up, and the money can be had back.
    world.set_clock(NOON + 120);
    given(&world, in_role("mara", "concierge", give(&id, "chinotto"))).await;
    assert_spent(&world, 1_200).await;
    outcome("g5", GestureOutcome::Declined).await;
    assert!(owed().await.iter().all(|(_, state)| *state != FollowUpState::Open as i32));
    let cancel =
        with!(CancelGestureRequest { customer_id: id.clone(), gesture_id: "g5".into(), reason: "declined".into() });
    world.gestures().cancel_gesture(by("mara", cancel)).await.expect("cancelled");
    assert_spent(&world, 800).await;
}

async fn a_repeated_request_draws_once(world: World) {
    let mut policy = giving();
    policy.budgets[0].monthly = Some(Money { currency_code: "CHF".into(), minor_units: 2_000 });
    set(&world, policy).await;
    let id = world.create(asked("Ana")).await.customer_id;
    let request = GiveGestureRequest { request_id: "r-1".into(), ..give(&id, "basket") };
    let first = given(&world, in_role("mara", "concierge", request.clone())).await;
    let second = world.gestures().give_gesture(in_role("mara", "concierge", request.clone())).await.expect("again");
    assert_eq!(second.metadata().get("rapport-replayed").expect("marked"), "true");
    let second = second.into_inner();
    assert!(first.receipt == second.receipt && first.state == second.state);
    let different = GiveGestureRequest { note: "other words".into(), ..request };
    let reused = world.gestures().give_gesture(in_role("mara", "concierge", different)).await.expect_err("reused");
    assert_invalid(&reused, "request_id", "");
    assert_spent(&world, 2_000).await;
    let request = GiveGestureRequest { request_id: "r-2".into(), propose: true, ..give(&id, "dinner") };
    let first = given(&world, in_role("mara", "concierge", request.clone())).await;
    let second = given(&world, in_role("mara", "concierge", request)).await;
    assert!(first.receipt == second.receipt && second.state == GestureState::Proposed as i32);
    assert_eq!(second.approving_role_ids, ["manager"]);
    assert_eq!(listed(&world, &id).await.gestures.len(), 2);
    // Two at once by the same name: one of them stored it, and the money was drawn once.
    let request = |venue: &str| GiveGestureRequest { request_id: "r-3".into(), ..give(&id, venue) };
    let (mut one, mut other) = (world.gestures(), world.gestures());
    let (one, other) = tokio::join!(
        one.give_gesture(in_role("mara", "concierge", request("note"))),
        other.give_gesture(in_role("mara", "concierge", request("note")))
    );
    assert!(one.expect("given").into_inner().receipt == other.expect("given").into_inner().receipt);
    assert_spent(&world, 2_000).await;
}

async fn suggestions_are_ranked_and_explained(world: World) {
    set(&world, giving()).await;
    let draft = CustomerDraft {
        occasions: vec![birthday(Some(1986), 3, 16)],
        evidence: vec![EvidenceDraft { stance: Stance::Favourite as i32, ..stated("chinotto") }],
        precautions: vec![allergy("FISH")],
        ..asked("Ana")
    };
    let id = world.create(draft).await.customer_id;
    let ask = |limit: i32, include_vetoed: bool| SuggestGesturesRequest {
        customer_id: id.clone(),
        venue_id: VENUE.into(),
        limit,
        include_vetoed,
        ..SuggestGesturesRequest::default()
    };
    let suggest = async |request: SuggestGesturesRequest| {
        let request = in_role("mara", "concierge", request);
        world.gestures().suggest_gestures(request).await.expect("suggested").into_inner().gestures
    };
    let best = suggest(ask(0, false)).await;
    assert_eq!(best.len(), 5);
    // The birthday first, the cheaper dessert before the dearer one. Then the favourite drink.
    let ids: Vec<&str> = best.iter().map(|one| one.gesture_type_id.as_str()).collect();
    assert_eq!(ids[..3], ["sorbet", "tart", "chinotto"]);
    assert!(best[0].reason.contains("40th birthday in 2 days"), "{}", best[0].reason);
    assert!(best[2].reason.contains("Favourite: chinotto"), "{}", best[2].reason);
    for one in &best {
        assert!(one.suggested && one.verdicts.len() == 6 && one.verdicts.iter().all(|verdict| verdict.agrees));
    }
    let all = suggest(ask(50, true)).await;
    assert_eq!(all.len(), giving().catalogue.len());
    let of = |id: &str| all.iter().find(|one| one.gesture_type_id == id).expect("in the catalogue");
    let against = |id: &str| -> Vec<&str> {
        of(id).verdicts.iter().filter(|verdict| !verdict.agrees).map(|verdict| verdict.code.as_str()).collect()
    };
    assert_eq!(against("surprise"), ["CONTENTS_UNKNOWN"]);
    assert_eq!(against("tart"), [""; 0]);
    assert_eq!(against("dinner"), ["OVER_AUTHORITY"]);
    assert_eq!(of("dinner").approving_role_ids, ["manager"]);
    assert_eq!(all.last().expect("ten").gesture_type_id, "surprise", "what is vetoed comes last");
    assert!(suggest(ask(50, false)).await.iter().all(|one| one.gesture_type_id != "surprise"));
    // Nuts are handled together: almond may bring traces of hazelnut.
    let nuts = with!(AddPrecautionsRequest { customer_id: id.clone(), precautions: vec![allergy("HAZELNUT")] });
    world.customers().add_precautions(nuts).await.expect("added");
    let after = suggest(ask(50, true)).await;
    let tart = after.iter().find(|one| one.gesture_type_id == "tart").expect("in the catalogue");
    assert!(tart.verdicts.iter().any(|verdict| !verdict.agrees && verdict.code == "PRECAUTION"));
    let issue_id = open_issue(&world, &id).await;
    let making_good = suggest(SuggestGesturesRequest { issue_id, ..ask(0, false) }).await;
    let ids: Vec<&str> = making_good.iter().map(|one| one.gesture_type_id.as_str()).collect();
    assert_eq!(ids, ["voucher", "refund"]);
    assert!(making_good[0].reason.starts_with("Makes good: air conditioning"), "{}", making_good[0].reason);
}

async fn an_erasure_leaves_nothing_of_it(world: World) {
    set(&world, giving()).await;
    let id = world.create(asked("Ana")).await.customer_id;
    let request = GiveGestureRequest { note: "Unmistakable words".into(), ..give(&id, "basket") };
    given(&world, in_role("mara", "concierge", request)).await;
    let erase = EraseCustomerRequest { customer_id: id.clone(), reason: "asked for it".into(), ..Default::default() };
    world.customers().erase_customer(erase).await.expect("erased");
    let customer = rapport::domain::CustomerId::parse("", &id).expect("an id");
    let raw = customer.as_bytes();
    let is_log = |key: &[u8]| String::from_utf8_lossy(key).contains("log");
    for (key, value) in world.dump().await {
        let holds =
            |part: &[u8]| [&key, &value].into_iter().any(|bytes| bytes.windows(part.len()).any(|at| at == part));
        assert!(!holds(b"Unmistakable words") && !holds(b"mara"), "{}", String::from_utf8_lossy(&key));
        // The log tells others that the customer is gone.
        assert!(is_log(&key) || !holds(raw), "{}", String::from_utf8_lossy(&key));
    }
    // What was spent stays spent.
    assert_spent(&world, 2_000).await;
    let gone = refusal!(world, gestures, give_gesture, in_role("mara", "concierge", give(&id, "note")));
    assert_refused(&gone, Code::NotFound, "CUSTOMER_NOT_FOUND");
}
