//! What RecoveryService refuses, where, and that nothing is stored then; and that neither it nor GestureService knows
//! another tenant's customers.

use rapport::proto::{recovery_service_client::RecoveryServiceClient, *};
use tonic::{Code, Status, transport::Channel};

use super::{
    gestures::{give, giving, in_role, open_issue, set},
    world::*,
};

on_both!(bad_fields_are_named, what_is_not_there_cannot_be_changed, a_stale_etag_changes_nothing);

const CARD: &str = "4111 1111 1111 1111";
const ABSENT: &str = "7zzzzzzzzzzzzzzzzzzzzzzzzz";

fn recovery(world: &World) -> RecoveryServiceClient<Channel> {
    RecoveryServiceClient::new(world.channel())
}

/// The error of a call of RecoveryService.
macro_rules! refused {
    ($world:expr, $method:ident, $request:expr $(,)?) => {
        recovery(&$world).$method($request).await.expect_err(stringify!($method))
    };
}

fn assign(customer: &str, issue: &str, owner: &str) -> AssignIssueRequest {
    with!(AssignIssueRequest { customer_id: customer.into(), issue_id: issue.into(), owner: owner.into() })
}

fn resolve(customer: &str, issue: &str, resolution: &str) -> ResolveIssueRequest {
    with!(ResolveIssueRequest { customer_id: customer.into(), issue_id: issue.into(), resolution: resolution.into() })
}

fn reopen(customer: &str, issue: &str, reason: &str) -> ReopenIssueRequest {
    with!(ReopenIssueRequest { customer_id: customer.into(), issue_id: issue.into(), reason: reason.into() })
}

fn issue() -> IssueDraft {
    with!(IssueDraft { severity: IssueSeverity::Major as i32, cause: "NOISE".into(), venue_id: VENUE.into() })
}

fn promise() -> FollowUpDraft {
    with!(FollowUpDraft {
        kind: FollowUpKind::Promise as i32,
        text: "Call back".into(),
        due_time: time(NOON + 3_600),
        venue_id: VENUE.into()
    })
}

fn open(customer: &str, issue: IssueDraft) -> OpenIssueRequest {
    with!(OpenIssueRequest { customer_id: customer.into(), issue: Some(issue) })
}

fn promised(customer: &str, follow_up: FollowUpDraft) -> PromiseFollowUpRequest {
    with!(PromiseFollowUpRequest { customer_id: customer.into(), follow_up: Some(follow_up) })
}

fn complete(customer: &str, follow_up: &str) -> CompleteFollowUpRequest {
    with!(CompleteFollowUpRequest {
        customer_id: customer.into(),
        follow_up_id: follow_up.into(),
        state: FollowUpState::Done as i32
    })
}

async fn bad_fields_are_named(world: World) {
    let id = world.create(named("Ana")).await.customer_id;
    open_issue(&world, &id).await;
    world.settle().await;
    let before = world.dump().await;
    for bad in ["", "1", "g1", "i", "i-1", "i99999999999"] {
        for status in [
            refused!(world, assign_issue, assign(&id, bad, "jo")),
            refused!(world, resolve_issue, resolve(&id, bad, "done")),
            refused!(world, reopen_issue, reopen(&id, bad, "again")),
        ] {
            assert_field(&status, "issue_id", "");
        }
    }
    for bad in ["", "1", "i1", "f", "f-1"] {
        assert_field(&refused!(world, complete_follow_up, complete(&id, bad)), "follow_up_id", "");
    }
    for owner in ["", "o'neill", &"x".repeat(65), "4111111111111111"] {
        assert_field(&refused!(world, assign_issue, assign(&id, "i1", owner)), "owner", owner);
    }
    for words in ["", &"x".repeat(281), "a\u{202e}b", CARD] {
        let echo = if words.len() > 100 { "" } else { words };
        assert_field(&refused!(world, resolve_issue, resolve(&id, "i1", words)), "resolution", echo);
        assert_field(&refused!(world, reopen_issue, reopen(&id, "i1", words)), "reason", echo);
    }
    for due in [NOON - 1, NOON + 800 * 86_400] {
        let request = ResolveIssueRequest { follow_up_due_time: time(due), ..resolve(&id, "i1", "done") };
        assert_field(&refused!(world, resolve_issue, request), "follow_up_due_time", "");
    }
    let split = IssueDraft { item: "4111 1111".into(), text: "1111 1111".into(), ..issue() };
    let statuses = [
        ("issue", refused!(world, open_issue, with!(OpenIssueRequest { customer_id: id.clone() }))),
        ("issue.cause", refused!(world, open_issue, open(&id, IssueDraft { cause: String::new(), ..issue() }))),
        ("issue.owner", refused!(world, open_issue, open(&id, IssueDraft { owner: "a b".into(), ..issue() }))),
        ("issue.item", refused!(world, open_issue, open(&id, IssueDraft { item: "x".repeat(81), ..issue() }))),
        ("issue.text", refused!(world, open_issue, open(&id, split))),
        ("follow_up", refused!(world, promise_follow_up, with!(PromiseFollowUpRequest { customer_id: id.clone() }))),
        (
            "follow_up.venue_id",
            refused!(world, promise_follow_up, promised(&id, FollowUpDraft { venue_id: "x".into(), ..promise() })),
        ),
        (
            "follow_up.due_time",
            refused!(world, promise_follow_up, promised(&id, FollowUpDraft { due_time: None, ..promise() })),
        ),
        (
            "follow_up.place",
            refused!(world, promise_follow_up, promised(&id, FollowUpDraft { place: "x".repeat(61), ..promise() })),
        ),
        ("venue_id", refused!(world, list_follow_ups, with!(ListFollowUpsRequest { venue_id: "nowhere".into() }))),
        (
            "page_size",
            refused!(world, list_follow_ups, with!(ListFollowUpsRequest { venue_id: VENUE.into(), page_size: -1 })),
        ),
        ("purpose", refused!(world, get_recovery, with!(GetRecoveryRequest { customer_id: id.clone() }))),
    ];
    for (at, status) in statuses {
        assert_field(&status, at, "1111");
    }
    for status in calls_of_a_customer(&world, "no id").await {
        assert_field(&status, "customer_id", "no id");
    }
    world.assert_unchanged(&before).await;
}

/// The errors of every call of recovery and gestures that names a customer, and is otherwise as it should be.
async fn calls_of_a_customer(world: &World, id: &str) -> Vec<Status> {
    let service = Purpose::Service as i32;
    let gesture = || "g1".to_owned();
    let cancel = with!(CancelGestureRequest { customer_id: id.into(), gesture_id: gesture(), reason: "a slip".into() });
    let outcome = with!(RecordGestureOutcomeRequest {
        customer_id: id.into(),
        gesture_id: gesture(),
        outcome: GestureOutcome::Neutral as i32
    });
    let approve = with!(ApproveGestureRequest { customer_id: id.into(), gesture_id: gesture() });
    let suggest = with!(SuggestGesturesRequest { customer_id: id.into(), venue_id: VENUE.into() });
    let list = ListGesturesRequest { customer_id: id.into(), purpose: service };
    let relationship = GetRelationshipRequest { customer_id: id.into(), purpose: service };
    vec![
        refused!(world, open_issue, open(id, issue())),
        refused!(world, assign_issue, assign(id, "i1", "jo")),
        refused!(world, resolve_issue, resolve(id, "i1", "done")),
        refused!(world, reopen_issue, reopen(id, "i1", "again")),
        refused!(world, promise_follow_up, promised(id, promise())),
        refused!(world, complete_follow_up, complete(id, "f1")),
        refused!(world, get_recovery, GetRecoveryRequest { customer_id: id.into(), purpose: service }),
        refusal!(world, gestures, suggest_gestures, suggest),
        refusal!(world, gestures, list_gestures, list),
        refusal!(world, gestures, record_gesture_outcome, outcome),
        refusal!(world, gestures, cancel_gesture, cancel),
        refusal!(world, gestures, approve_gesture, in_role("vera", "manager", approve)),
        refusal!(world, briefings, get_relationship, relationship),
    ]
}

async fn what_is_not_there_cannot_be_changed(world: World) {
    let id = world.create(named("Ana")).await.customer_id;
    let before = world.dump().await;
    let about = FollowUpDraft { kind: FollowUpKind::AfterIssue as i32, issue_id: "i7".into(), ..promise() };
    for status in [
        refused!(world, assign_issue, assign(&id, "i7", "jo")),
        refused!(world, resolve_issue, resolve(&id, "i7", "done")),
        refused!(world, reopen_issue, reopen(&id, "i7", "again")),
        refused!(world, promise_follow_up, promised(&id, about)),
        refused!(world, complete_follow_up, complete(&id, "f7")),
    ] {
        assert_refused(&status, Code::NotFound, "PART_NOT_FOUND");
    }
    for status in calls_of_a_customer(&world, ABSENT).await {
        assert_refused(&status, Code::NotFound, "CUSTOMER_NOT_FOUND");
    }
    world.assert_unchanged(&before).await;
}

async fn a_stale_etag_changes_nothing(world: World) {
    let id = world.create(named("Ana")).await.customer_id;
    let etag = world.get(&id).await.etag;
    open_issue(&world, &id).await;
    world.settle().await;
    let before = world.dump().await;
    let etag = || etag.clone();
    for status in [
        refused!(world, open_issue, OpenIssueRequest { etag: etag(), ..open(&id, issue()) }),
        refused!(world, assign_issue, AssignIssueRequest { etag: etag(), ..assign(&id, "i1", "jo") }),
        refused!(world, resolve_issue, ResolveIssueRequest { etag: etag(), ..resolve(&id, "i1", "done") }),
        refused!(world, promise_follow_up, PromiseFollowUpRequest { etag: etag(), ..promised(&id, promise()) }),
    ] {
        assert_refused(&status, Code::Aborted, "ETAG_MISMATCH");
    }
    world.assert_unchanged(&before).await;
}

/// Tenants that share a Redis.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_tenants_customer_is_as_good_as_none() {
    let world = World::start(Backend::Redis).await;
    let other = world.neighbour("other-house").await;
    set(&other, giving()).await;
    set(&world, giving()).await;
    let theirs = other.create(named("Ben")).await.customer_id;
    open_issue(&other, &theirs).await;
    let given = other.gestures().give_gesture(in_role("mara", "manager", give(&theirs, "voucher"))).await;
    given.expect("given");
    let foreign = calls_of_a_customer(&world, &theirs).await;
    let absent = calls_of_a_customer(&world, ABSENT).await;
    for (foreign, absent) in foreign.iter().zip(&absent) {
        assert_eq!(foreign.code(), Code::NotFound);
        assert_eq!((foreign.message(), foreign.details()), (absent.message(), absent.details()));
    }
    let request = with!(ListFollowUpsRequest { venue_id: VENUE.into() });
    world.settle().await;
    other.settle().await;
    assert!(
        recovery(&world).list_follow_ups(request.clone()).await.expect("listed").into_inner().follow_ups.is_empty()
    );
    assert_eq!(recovery(&other).list_follow_ups(request).await.expect("listed").into_inner().follow_ups.len(), 1);
}
