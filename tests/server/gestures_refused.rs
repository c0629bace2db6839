//! What GestureService refuses, where, and that nothing is stored or drawn then.

use rapport::proto::*;
use tonic::Code;
use tonic_types::StatusExt;

use super::{
    gestures::{assert_spent, complete, give, given, giving, in_role, open_issue, set},
    world::*,
};

on_both!(
    bad_fields_are_named,
    what_speaks_against_a_gift_vetoes_it,
    what_is_not_there_cannot_be_changed,
    a_role_learns_nothing_of_what_it_may_not_give,
    no_other_purpose_is_suggested_gestures,
);

const CARD: &str = "4111 1111 1111 1111";

async fn bad_fields_are_named(world: World) {
    set(&world, giving()).await;
    let id = world.create(asked("Ana")).await.customer_id;
    let before = world.dump().await;
    let good = || give(&id, "chinotto");
    let table = [
        ("customer_id", GiveGestureRequest { customer_id: "nobody".into(), ..good() }, "nobody"),
        ("gesture_type_id", GiveGestureRequest { gesture_type_id: String::new(), ..good() }, ""),
        ("gesture_type_id", GiveGestureRequest { gesture_type_id: "a gift!".into(), ..good() }, "a gift!"),
        ("gesture_type_id", GiveGestureRequest { gesture_type_id: "yacht".into(), ..good() }, "yacht"),
        ("venue_id", GiveGestureRequest { venue_id: String::new(), ..good() }, ""),
        ("venue_id", GiveGestureRequest { venue_id: "nowhere".into(), ..good() }, "nowhere"),
        ("issue_id", GiveGestureRequest { issue_id: "g7".into(), ..good() }, "g7"),
        ("note", GiveGestureRequest { note: "x".repeat(281), ..good() }, ""),
        ("note", GiveGestureRequest { note: "a\u{202e}b".into(), ..good() }, "\u{202e}"),
        ("note", GiveGestureRequest { note: format!("charge {CARD}"), ..good() }, CARD),
        ("place", GiveGestureRequest { place: "x".repeat(61), ..good() }, ""),
        ("place", GiveGestureRequest { place: CARD.into(), ..good() }, CARD),
        ("deliver_owner", GiveGestureRequest { deliver_owner: "o'neill".into(), ..good() }, "o'neill"),
        ("deliver_time", GiveGestureRequest { deliver_time: time(NOON - 1), ..good() }, ""),
        ("deliver_time", GiveGestureRequest { deliver_time: time(NOON + 800 * 86_400), ..good() }, ""),
        ("request_id", GiveGestureRequest { request_id: "x".repeat(65), ..good() }, ""),
    ];
    for (at, request, value) in table {
        let refused = refusal!(world, gestures, give_gesture, in_role("mara", "concierge", request));
        assert_field(&refused, at, value);
    }
    let ask = |limit: i32| SuggestGesturesRequest {
        customer_id: id.clone(),
        venue_id: VENUE.into(),
        limit,
        ..SuggestGesturesRequest::default()
    };
    for (at, request) in [
        ("limit", ask(-1)),
        ("limit", ask(51)),
        ("venue_id", SuggestGesturesRequest { venue_id: "nowhere".into(), ..ask(0) }),
        ("issue_id", SuggestGesturesRequest { issue_id: "seven".into(), ..ask(0) }),
        ("customer_id", SuggestGesturesRequest { customer_id: "1".into(), ..ask(0) }),
    ] {
        assert_field(&refusal!(world, gestures, suggest_gestures, request), at, "");
    }
    let outcome = |outcome: i32| RecordGestureOutcomeRequest {
        customer_id: id.clone(),
        gesture_id: "g1".into(),
        outcome,
        ..RecordGestureOutcomeRequest::default()
    };
    for number in [0, 9] {
        assert_field(&refusal!(world, gestures, record_gesture_outcome, outcome(number)), "outcome", "");
    }
    for reason in [String::new(), "x".repeat(281), CARD.to_owned()] {
        let request = with!(CancelGestureRequest { customer_id: id.clone(), gesture_id: "g1".into(), reason });
        assert_field(&refusal!(world, gestures, cancel_gesture, request), "reason", CARD);
    }
    for gesture in ["", "1", "f1", "g", "g-1", "g99999999999"] {
        let request = with!(ApproveGestureRequest { customer_id: id.clone(), gesture_id: gesture.into() });
        assert_field(&refusal!(world, gestures, approve_gesture, request), "gesture_id", "");
    }
    for purpose in [Purpose::Marketing, Purpose::Analytics] {
        let request = ListGesturesRequest { customer_id: id.clone(), purpose: purpose as i32 };
        let refused = refusal!(world, gestures, list_gestures, request);
        assert_refused(&refused, Code::PermissionDenied, "PURPOSE_NOT_ALLOWED");
    }
    let request = ListGesturesRequest { customer_id: id.clone(), purpose: 0 };
    assert_field(&refusal!(world, gestures, list_gestures, request), "purpose", "");
    world.assert_unchanged(&before).await;
}

/// Asserts a veto, and its dimension.
fn assert_vetoed(status: &tonic::Status, dimension: &str, code: &str) {
    assert_refused(status, Code::FailedPrecondition, "GESTURE_VETOED");
    let info = status.get_details_error_info().expect("an ErrorInfo");
    assert_eq!((info.metadata["dimension"].as_str(), info.metadata["code"].as_str()), (dimension, code));
}

async fn what_speaks_against_a_gift_vetoes_it(world: World) {
    let mut policy = giving();
    let day = prost_types::Duration { seconds: 86_400, nanos: 0 };
    let kind = |policy: &mut Policy, id: &str, change: &dyn Fn(&mut GestureType)| {
        change(policy.catalogue.iter_mut().find(|kind| kind.gesture_type_id == id).expect("in the catalogue"));
    };
    kind(&mut policy, "chinotto", &|kind| kind.cool_down = Some(day));
    kind(&mut policy, "spa", &|kind| kind.needs = vec!["spa".into()]);
    kind(&mut policy, "basket", &|kind| kind.costs.retain(|cost| cost.currency_code == "EUR"));
    kind(&mut policy, "dinner", &|kind| kind.trial_venue_ids = vec![OTHER_VENUE.into()]);
    kind(&mut policy, "note", &|kind| kind.level_min = 2);
    set(&world, policy.clone()).await;
    let id = world.create(asked("Ana")).await.customer_id;
    let wary = CustomerDraft { precautions: vec![allergy("TREE_NUTS")], ..asked("Ben") };
    let wary = CustomerDraft { occasions: vec![birthday(None, 3, 16)], ..wary };
    let wary = world.create(wary).await.customer_id;
    let refused = async |customer: &str, kind: &str| {
        let request = in_role("mara", "manager", give(customer, kind));
        world.gestures().give_gesture(request).await.expect_err(kind)
    };
    assert_vetoed(&refused(&wary, "tart").await, "CUSTOMER", "PRECAUTION");
    assert_vetoed(&refused(&wary, "surprise").await, "CUSTOMER", "CONTENTS_UNKNOWN");
    assert_vetoed(&refused(&id, "note").await, "CUSTOMER", "LEVEL_TOO_LOW");
    assert_vetoed(&refused(&id, "sorbet").await, "CONCEPT", "NOTHING_TO_CELEBRATE");
    assert_vetoed(&refused(&id, "dinner").await, "CONCEPT", "TRIAL_ELSEWHERE");
    assert_vetoed(&refused(&id, "spa").await, "TOOLS", "VENUE_CANNOT");
    assert_vetoed(&refused(&id, "basket").await, "BUSINESS_PLAN", "NO_PRICE");
    given(&world, in_role("mara", "manager", give(&id, "chinotto"))).await;
    assert_vetoed(&refused(&id, "chinotto").await, "PROCESS", "UNDER_WAY");
    complete(&world, &id, "f2").await;
    assert_vetoed(&refused(&id, "chinotto").await, "PROCESS", "COOL_DOWN");
    world.set_clock(NOON + 86_400);
    given(&world, in_role("mara", "manager", give(&id, "chinotto"))).await;
    open_issue(&world, &wary).await;
    assert_vetoed(&refused(&wary, "sorbet").await, "PROCESS", "OPEN_ISSUE");
    given(&world, in_role("mara", "manager", give(&wary, "voucher"))).await;
    // Closed on Sundays, but not when it is delivered.
    policy.venues[0].opening_hours = vec![OpeningHours { iso_weekday: 1, open: "08:00".into(), close: "18:00".into() }];
    set(&world, policy).await;
    assert_vetoed(&refused(&wary, "refund").await, "TOOLS", "CLOSED");
    let monday = GiveGestureRequest { deliver_time: time(NOON + 2 * 86_400), ..give(&wary, "refund") };
    given(&world, in_role("mara", "manager", monday)).await;
    assert_spent(&world, 400 + 400 + 1_500 + 2_000).await;
}

async fn what_is_not_there_cannot_be_changed(world: World) {
    set(&world, giving()).await;
    let id = world.create(asked("Ana")).await.customer_id;
    let absent = "7zzzzzzzzzzzzzzzzzzzzzzzzz";
    let before = world.dump().await;
    let missing = [(id.as_str(), "PART_NOT_FOUND"), (absent, "CUSTOMER_NOT_FOUND")];
    for (customer, why) in missing {
        let approve = with!(ApproveGestureRequest { customer_id: customer.into(), gesture_id: "g7".into() });
        let refused = refusal!(world, gestures, approve_gesture, in_role("mara", "manager", approve));
        assert_refused(&refused, Code::NotFound, why);
        let cancel = CancelGestureRequest {
            customer_id: customer.into(),
            gesture_id: "g7".into(),
            reason: "a slip".into(),
            ..CancelGestureRequest::default()
        };
        assert_refused(&refusal!(world, gestures, cancel_gesture, cancel), Code::NotFound, why);
        let makes_good = GiveGestureRequest { issue_id: "i7".into(), ..give(customer, "voucher") };
        let refused = refusal!(world, gestures, give_gesture, in_role("mara", "manager", makes_good));
        assert_refused(&refused, Code::NotFound, why);
        let ask = SuggestGesturesRequest {
            customer_id: customer.into(),
            venue_id: VENUE.into(),
            issue_id: "i7".into(),
            ..SuggestGesturesRequest::default()
        };
        assert_refused(&refusal!(world, gestures, suggest_gestures, ask), Code::NotFound, why);
    }
    let stale = GiveGestureRequest { etag: "AAAAAAAAAAAAAAAAAAAAAA".into(), ..give(&id, "chinotto") };
    let refused = refusal!(world, gestures, give_gesture, in_role("mara", "manager", stale));
    assert_refused(&refused, Code::Aborted, "ETAG_MISMATCH");
    world.assert_unchanged(&before).await;
}

/// What a refusal says, whole.
fn told(status: &tonic::Status) -> (Code, String, String, Vec<(String, String)>) {
    let info = status.get_details_error_info().expect("an ErrorInfo");
    let mut metadata: Vec<(String, String)> = info.metadata.into_iter().collect();
    metadata.sort();
    (status.code(), status.message().to_owned(), info.reason, metadata)
}

async fn a_role_learns_nothing_of_what_it_may_not_give(world: World) {
    set(&world, giving()).await;
    let wary = CustomerDraft { precautions: vec![allergy("MILK")], ..asked("Ben") };
    let wary = world.create(wary).await.customer_id;
    let free = world.create(asked("Ana")).await.customer_id;
    let never = world.create(named("Cy")).await.customer_id;
    let refused = async |role: &str, propose: bool, customer: &str| {
        let request = GiveGestureRequest { propose, ..give(customer, "surprise") };
        let refused = world.gestures().give_gesture(in_role("mara", role, request)).await.expect_err("over authority");
        assert_refused(&refused, Code::PermissionDenied, "OVER_AUTHORITY");
        told(&refused)
    };
    for (role, propose, code) in
        [("pirate", false, "ROLE_UNKNOWN"), ("pirate", true, "ROLE_UNKNOWN"), ("waiter", false, "TYPE_NOT_ALLOWED")]
    {
        let same = refused(role, propose, &free).await;
        let expected = [("approving_role_ids", "concierge,manager"), ("code", code), ("limit", "")];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(same.3, expected, "{role}");
        for customer in [&wary, &never] {
            assert_eq!(refused(role, propose, customer).await, same, "{role}, {propose}");
        }
    }
    // Who may propose it is not told what speaks against it either.
    let hidden = refused("waiter", true, &wary).await;
    assert!(hidden.3.contains(&("code".to_owned(), "TYPE_NOT_ALLOWED".to_owned())), "{hidden:?}");
    assert_eq!(hidden, refused("waiter", true, &never).await);
    // Nor does it see in what is suggested; of what it may give it sees all.
    let suggested = async |role: &str, customer: &str| {
        let ask = with!(SuggestGesturesRequest {
            customer_id: customer.into(),
            venue_id: VENUE.into(),
            limit: 50,
            include_vetoed: true,
            purpose: Purpose::Service as i32
        });
        let request = in_role("mara", role, ask);
        world.gestures().suggest_gestures(request).await.expect("suggested").into_inner().gestures
    };
    let pirate = suggested("pirate", &free).await;
    for one in &pirate {
        assert_eq!(one.verdicts.len(), 1, "{one:?}");
        let team = VerdictDimension::Team as i32;
        assert_eq!((one.verdicts[0].dimension, one.verdicts[0].agrees), (team, false));
        assert!(!one.suggested && one.reason.is_empty() && one.verdicts[0].code == "ROLE_UNKNOWN", "{one:?}");
    }
    for customer in [&wary, &never] {
        assert_eq!(suggested("pirate", customer).await, pirate);
    }
    for one in suggested("waiter", &wary).await {
        let may = ["chinotto", "note"].contains(&one.gesture_type_id.as_str());
        assert_eq!(one.verdicts.len(), if may { 6 } else { 1 }, "{one:?}");
    }
    // Nothing of a proposal either: what the role may not give it may not approve.
    let request = GiveGestureRequest { propose: true, ..give(&free, "surprise") };
    let id = given(&world, in_role("mara", "waiter", request)).await.receipt.expect("a receipt").created_ids.remove(0);
    let told_now = with!(AddPrecautionsRequest { customer_id: free.clone(), precautions: vec![allergy("MILK")] });
    world.customers().add_precautions(told_now).await.expect("told");
    let approve = with!(ApproveGestureRequest { customer_id: free.clone(), gesture_id: id });
    let refused = refusal!(world, gestures, approve_gesture, in_role("jon", "waiter", approve));
    assert_refused(&refused, Code::PermissionDenied, "OVER_AUTHORITY");
    assert_spent(&world, 0).await;
}

/// FETCH_MANAGER would tell of a bar.
async fn no_other_purpose_is_suggested_gestures(world: World) {
    set(&world, giving()).await;
    let id = world.create(asked("Ana")).await.customer_id;
    for (purpose, include_vetoed) in
        [(Purpose::Marketing, false), (Purpose::Analytics, false), (Purpose::Marketing, true)]
    {
        let request = with!(SuggestGesturesRequest {
            customer_id: id.clone(),
            venue_id: VENUE.into(),
            purpose: purpose as i32,
            include_vetoed
        });
        let refused = refusal!(world, gestures, suggest_gestures, request);
        assert_refused(&refused, Code::PermissionDenied, "PURPOSE_NOT_ALLOWED");
    }
}
