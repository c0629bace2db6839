//! The money of gestures: which budget it comes from, and that what was spent stays known.

use rapport::{
    domain::{CustomerId, id::HoldToken},
    proto::*,
    service::check::{Fault, Report},
    store::{BudgetEntry, BudgetKey, BudgetOutcome, BudgetState, Effect, Label, Lifetime, StoreExt as _, keys},
};
use tokio::task::JoinSet;
use tonic::Code;
use tonic_types::StatusExt;

use super::{
    common::scaled,
    gestures::{assert_spent, give, given, giving, in_role, set},
    soundness::{assert_sound, checked, faults},
    world::*,
};

on_both!(
    money_goes_back_to_the_month_it_came_from,
    a_currency_without_authority_is_none,
    what_a_budget_lacks_is_found_and_counted_in,
    a_damaged_budget_is_told_and_the_others_are_counted,
    a_check_beside_givers_finds_nothing,
    a_forgotten_hold_takes_no_room_in_suggestions,
);

/// The budgets of Zurich's month and of a giver's business day.
pub async fn budgets_of(world: &World, staff: &str, month: &str, day: &str) -> [BudgetKey; 2] {
    let digest = world.caller().await.index_key.digest(Label::Staff, &[b"staff", staff.as_bytes()]);
    let who = format!("{:032x}", u128::from_be_bytes(digest));
    let names = [format!("gestures/month/{VENUE}/{month}/CHF"), format!("gestures/day/{who}/{day}/CHF")];
    names.map(|name| BudgetKey { tenant: world.tenant(), name })
}

/// Places a hold as a giver would.
async fn hold(world: &World, key: &BudgetKey, customer: &str, number: u8, amount: i64, deadline_ms: i64) {
    let customer = CustomerId::parse("id", customer).expect("an id");
    let entry = BudgetEntry { customer, token: HoldToken([number; 16]), amount, deadline_ms };
    let now_ms = world.now_ms();
    let placed = world.server.core.store.hold_budget(key, entry, i64::MAX, now_ms + 86_400_000, now_ms).await;
    assert_eq!(placed.expect("works"), BudgetOutcome::Placed);
}

async fn a_damaged_budget_is_told_and_the_others_are_counted(world: World) {
    set(&world, giving()).await;
    let id = world.create(asked("Ana")).await.customer_id;
    given(&world, in_role("mara", "concierge", give(&id, "basket"))).await;
    world.settle().await;
    let core = &world.server.core;
    let [month, day] = budgets_of(&world, "mara", "2026-03", "2026-03-14").await;
    hold(&world, &month, &id, 1, -1_500, world.now_ms() + 1).await;
    core.store.confirm_budget(&month, HoldToken([1; 16])).await.expect("works");
    let spoil = |_: &[u8]| Ok(Effect::Put(b"no budget".to_vec(), Lifetime::Forever));
    core.store.change(keys::budget(&day), Box::new(spoil)).await.expect("works");
    for (repair, uncounted) in [(false, (0, 1)), (true, (1, 0))] {
        let (report, found) = checked(core, repair).await;
        let expected = [(Fault::BudgetUncounted, uncounted.0, uncounted.1), (Fault::BudgetDamaged, 0, 1)];
        assert_eq!(faults(&report), expected, "{found:?}");
    }
}

async fn what_a_budget_lacks_is_found_and_counted_in(world: World) {
    set(&world, giving()).await;
    let id = world.create(asked("Ana")).await.customer_id;
    given(&world, in_role("mara", "concierge", give(&id, "basket"))).await;
    given(&world, in_role("mara", "concierge", give(&id, "chinotto"))).await;
    given(&world, in_role("mara", "concierge", give(&id, "note"))).await;
    world.settle().await;
    let core = &world.server.core;
    assert_sound(core).await;
    // As if an older copy of both had come back; and a giver who was never seen again.
    let keys = budgets_of(&world, "mara", "2026-03", "2026-03-14").await;
    for key in &keys {
        hold(&world, key, &id, 1, -1_500, world.now_ms() + 1).await;
        core.store.confirm_budget(key, HoldToken([1; 16])).await.expect("works");
    }
    hold(&world, &keys[0], &id, 2, 700, world.now_ms()).await;
    let wrong = |report: &Report| -> Vec<(Fault, u64, u64)> {
        report.faults.iter().map(|(fault, (repaired, left))| (*fault, *repaired, *left)).collect()
    };
    let (report, _) = checked(core, false).await;
    assert_eq!(wrong(&report), [(Fault::HoldOverdue, 0, 1), (Fault::BudgetUncounted, 0, 2)]);
    assert_eq!(report.budgets, 2);
    let (report, found) = checked(core, true).await;
    assert_eq!(wrong(&report), [(Fault::HoldOverdue, 1, 0), (Fault::BudgetUncounted, 2, 0)], "{found:?}");
    assert_sound(core).await;
    let states = core.store.budgets(&keys, world.now_ms()).await.expect("works");
    assert_eq!(
        states,
        [BudgetState { spent: 2_400, entries: Vec::new() }, BudgetState { spent: 2_400, entries: Vec::new() }]
    );
    // Who is erased is on record no more, and what was spent stays spent.
    let erase = with!(EraseCustomerRequest { customer_id: id, reason: "asked for it".into() });
    world.customers().erase_customer(erase).await.expect("erased");
    world.settle().await;
    assert_sound(core).await;
    assert_spent(&world, 2_400).await;
}

/// Calls until no other writer is in the way.
macro_rules! until_done {
    ($call:expr) => {
        loop {
            match $call.await {
                Err(status) if status.code() == Code::Aborted => {}
                answer => break answer.expect(stringify!($call)).into_inner(),
            }
        }
    };
}

async fn a_check_beside_givers_finds_nothing(world: World) {
    set(&world, giving()).await;
    let mut givers = JoinSet::new();
    for number in 0..8 {
        let id = world.create(asked("Guest")).await.customer_id;
        let mut gestures = world.gestures();
        givers.spawn(async move {
            for gift in 0..scaled(10, 100) {
                let staff = format!("giver-{number}");
                let given = until_done!(gestures.give_gesture(in_role(&staff, "manager", give(&id, "chinotto"))));
                let gesture_id = given.receipt.expect("a receipt").created_ids.remove(0);
                // One is kept, the others are taken back at once.
                if gift > 0 {
                    let (customer_id, reason) = (id.clone(), "a slip".to_owned());
                    let cancel = with!(CancelGestureRequest { customer_id, gesture_id, reason });
                    until_done!(gestures.cancel_gesture(by("jo", cancel.clone())));
                } else {
                    let (customer_id, outcome) = (id.clone(), GestureOutcome::Neutral as i32);
                    let taken = with!(RecordGestureOutcomeRequest { customer_id, gesture_id, outcome });
                    until_done!(gestures.record_gesture_outcome(by("jo", taken.clone())));
                }
            }
        });
    }
    while !givers.is_empty() {
        // Indexes lag behind while others write.
        let (_, found) = checked(&world.server.core, false).await;
        let found: Vec<_> = found.iter().filter(|one| one.at.starts_with("budget:")).collect();
        assert!(found.is_empty(), "{found:?}");
        while let Some(ended) = givers.try_join_next() {
            ended.expect("no giver fails");
        }
    }
    assert_spent(&world, 8 * 400).await;
    // Two have worked the same logs, and left nothing that is not there.
    assert_sound(&world.server.core).await;
}

async fn a_forgotten_hold_takes_no_room_in_suggestions(world: World) {
    set(&world, giving()).await;
    let id = world.create(asked("Ana")).await.customer_id;
    let [month, _] = budgets_of(&world, "mara", "2026-03", "2026-03-14").await;
    hold(&world, &month, &id, 1, 100_000, world.now_ms() + 10_000).await;
    let is_suggested = async || {
        let request = with!(SuggestGesturesRequest {
            customer_id: id.clone(),
            venue_id: VENUE.into(),
            limit: 50,
            include_vetoed: true
        });
        let found = world.gestures().suggest_gestures(in_role("mara", "concierge", request)).await.expect("suggested");
        found.into_inner().gestures.into_iter().find(|one| one.gesture_type_id == "basket").expect("listed").suggested
    };
    assert!(!is_suggested().await, "somebody is giving all of it at this moment");
    world.set_clock(NOON + 10);
    assert!(is_suggested().await, "they never did");
    given(&world, in_role("mara", "concierge", give(&id, "basket"))).await;
    assert_spent(&world, 2_000).await;
}

/// What was spent of a venue's month.
async fn spent(world: &World, venue: &str, month: &str, currency: &str) -> i64 {
    world.settle().await;
    let key = BudgetKey { tenant: world.tenant(), name: format!("gestures/month/{venue}/{month}/{currency}") };
    let state = world.server.core.store.budgets(&[key], world.now_ms()).await.expect("reads").remove(0);
    assert_eq!(state, BudgetState { spent: state.spent, entries: Vec::new() });
    state.spent
}

async fn money_goes_back_to_the_month_it_came_from(world: World) {
    set(&world, giving()).await;
    let (one, other) = (world.create(asked("Ana")).await.customer_id, world.create(asked("Ben")).await.customer_id);
    // The last evening of March in Zurich, and the first morning of April in Tokyo.
    world.set_clock(NOON + 17 * 86_400 + 8 * 3_600);
    given(&world, in_role("mara", "concierge", give(&one, "basket"))).await;
    let proposal = GiveGestureRequest { propose: true, ..give(&other, "dinner") };
    given(&world, in_role("mara", "concierge", proposal)).await;
    let approve = with!(ApproveGestureRequest { customer_id: other.clone(), gesture_id: "g1".into() });
    world.gestures().approve_gesture(in_role("vera", "manager", approve)).await.expect("approved");
    assert_spent(&world, 2_000 + 2_001).await;
    let mut moved = giving();
    moved.venues[0].time_zone = "Asia/Tokyo".into();
    set(&world, moved).await;
    for customer in [one, other] {
        let cancel =
            with!(CancelGestureRequest { customer_id: customer, gesture_id: "g1".into(), reason: "left".into() });
        world.gestures().cancel_gesture(by("mara", cancel)).await.expect("cancelled");
    }
    assert_eq!(spent(&world, VENUE, "2026-03", "CHF").await, 0);
    assert_eq!(spent(&world, VENUE, "2026-04", "CHF").await, 0, "nothing was drawn on April");
}

async fn a_currency_without_authority_is_none(world: World) {
    let mut policy = giving();
    policy.roles[0].authorities.retain(|authority| authority.currency_code == "CHF");
    set(&world, policy).await;
    let id = world.create(asked("Ana")).await.customer_id;
    given(&world, in_role("mara", "concierge", give(&id, "chinotto"))).await;
    let before = world.dump().await;
    let abroad = |kind: &str| GiveGestureRequest { venue_id: OTHER_VENUE.into(), ..give(&id, kind) };
    let refused = refusal!(world, gestures, give_gesture, in_role("mara", "concierge", abroad("basket")));
    assert_refused(&refused, Code::PermissionDenied, "OVER_AUTHORITY");
    let info = refused.get_details_error_info().expect("an ErrorInfo");
    assert_eq!(
        (info.metadata["limit"].as_str(), info.metadata["approving_role_ids"].as_str()),
        ("per_gesture", "manager")
    );
    world.assert_unchanged(&before).await;
    // What costs nothing needs no authority; a currency's spending is not another's.
    given(&world, in_role("mara", "concierge", abroad("note"))).await;
    given(&world, in_role("vera", "manager", abroad("basket"))).await;
    assert_eq!(spent(&world, VENUE, "2026-03", "CHF").await, 400);
    assert_eq!(spent(&world, OTHER_VENUE, "2026-03", "EUR").await, 2_000);
}
