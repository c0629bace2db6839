//! The money of gestures: which budget it comes from, and that what was spent stays known.

use rapport::{
    proto::*,
    store::{BudgetKey, BudgetState},
};
use tonic::Code;
use tonic_types::StatusExt;

use super::{
    gestures::{assert_spent, give, given, giving, in_role, set},
    world::*,
};

on_both!(money_goes_back_to_the_month_it_came_from, a_currency_without_authority_is_none);

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
    let (one, other) = (world.create(named("Ana")).await.customer_id, world.create(named("Ben")).await.customer_id);
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
    let id = world.create(named("Ana")).await.customer_id;
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
