//! The service review: each number out of a small story.

use rapport::proto::{recovery_service_client::RecoveryServiceClient, *};
use tonic::{Code, transport::Channel};

use super::{
    gestures::{complete, give, given, giving, in_role, set},
    world::*,
};

on_both!(
    a_months_figures_are_those_of_its_story,
    levels_and_absences_follow_the_visits,
    a_month_is_the_venues_own,
    an_erasure_leaves_the_totals,
    counts_are_exact_whoever_works_and_whenever_they_stop,
    only_who_sees_value_sees_it,
    nonsense_is_refused,
);

const DAY: i64 = 86_400;

/// The policy of the gestures' tests, with standards, and managers who see what customers are worth.
fn reviewed() -> Policy {
    let mut policy = giving();
    policy.roles.last_mut().expect("the manager").sees_value = true;
    policy.standards = Some(ServiceStandards {
        greet_within: Some(prost_types::Duration { seconds: 300, nanos: 0 }),
        resolve_within: Some(prost_types::Duration { seconds: 3_600, nanos: 0 }),
        follow_up_within: None,
    });
    policy.review_due_date = "2026-03-14".into();
    for kind in &mut policy.catalogue {
        kind.celebrates = false;
    }
    policy
}

fn recovery(world: &World) -> RecoveryServiceClient<Channel> {
    RecoveryServiceClient::new(world.channel())
}

async fn review_at(world: &World, month: &str, venue: &str) -> ServiceReview {
    world.settle().await;
    let request = GetServiceReviewRequest { month: month.into(), venue_id: venue.into() };
    let answer = world.reports().get_service_review(in_role("nora", "manager", request)).await;
    answer.expect("reviewed").into_inner().review.expect("a review")
}

async fn review(world: &World) -> ServiceReview {
    review_at(world, "", "").await
}

async fn open(world: &World, customer: &str, venue: &str, cause: &str, item: &str) -> String {
    let issue = IssueDraft {
        severity: IssueSeverity::Minor as i32,
        cause: cause.into(),
        venue_id: venue.into(),
        item: item.into(),
        ..IssueDraft::default()
    };
    let request = with!(OpenIssueRequest { customer_id: customer.into(), issue: Some(issue) });
    let answer = recovery(world).open_issue(request).await.expect("opened").into_inner();
    answer.receipt.expect("a receipt").created_ids.remove(0)
}

/// Resolves an issue; answers the follow-up.
async fn resolve(world: &World, customer: &str, issue: &str) -> String {
    let request = ResolveIssueRequest {
        customer_id: customer.into(),
        issue_id: issue.into(),
        resolution: "repaired".into(),
        ..ResolveIssueRequest::default()
    };
    let answer = recovery(world).resolve_issue(request).await.expect("resolved").into_inner();
    answer.receipt.expect("a receipt").created_ids.remove(0)
}

async fn promise(world: &World, customer: &str, due: i64) -> String {
    let follow_up = FollowUpDraft {
        kind: FollowUpKind::Promise as i32,
        text: "Call back".into(),
        due_time: time(due),
        venue_id: VENUE.into(),
        ..FollowUpDraft::default()
    };
    let request = with!(PromiseFollowUpRequest { customer_id: customer.into(), follow_up: Some(follow_up) });
    let answer = recovery(world).promise_follow_up(request).await.expect("promised").into_inner();
    answer.receipt.expect("a receipt").created_ids.remove(0)
}

async fn miss(world: &World, customer: &str, follow_up: &str) {
    let request = CompleteFollowUpRequest {
        customer_id: customer.into(),
        follow_up_id: follow_up.into(),
        state: FollowUpState::Missed as i32,
        ..CompleteFollowUpRequest::default()
    };
    recovery(world).complete_follow_up(request).await.expect("completed");
}

async fn record(world: &World, interaction: Interaction) {
    let request = RecordInteractionsRequest { interactions: vec![interaction] };
    let answer = world.interactions().record_interactions(request).await.expect("recorded").into_inner();
    assert!(answer.results.iter().all(|result| result.error.is_none()));
}

fn happened(customer: &str, kind: InteractionKind, key: &str, at: i64) -> Interaction {
    Interaction { kind: kind as i32, occur_time: time(at), purchase: None, ..purchase(customer, key, Vec::new()) }
}

async fn stay(world: &World, customer: &str, at: i64) {
    record(world, happened(customer, InteractionKind::Visit, &format!("stay-{at}"), at)).await;
}

fn causes(review: &ServiceReview) -> Vec<(&str, &str, &str, i64)> {
    let causes = &review.issues.as_ref().expect("issues").causes;
    causes.iter().map(|one| (one.venue_id.as_str(), one.cause.as_str(), one.item.as_str(), one.issues)).collect()
}

fn standards(review: &ServiceReview) -> Vec<(i64, i64, &str)> {
    review.standards.iter().map(|one| (one.met, one.missed, one.no_data.as_str())).collect()
}

fn counts(review: &ServiceReview) -> Vec<i64> {
    review.levels.as_ref().expect("levels").counts.iter().map(|one| one.customers).collect()
}

fn movements(review: &ServiceReview) -> Vec<(i32, i32, i64)> {
    let movements = &review.levels.as_ref().expect("levels").movements;
    movements.iter().map(|one| (one.from, one.to, one.movements)).collect()
}

fn absences(review: &ServiceReview) -> (i64, i64) {
    let absences = review.absences.as_ref().expect("absences");
    (absences.slipping_away, absences.newly_slipping_away)
}

fn issues(review: &ServiceReview) -> (i64, i64, i64) {
    let issues = review.issues.as_ref().expect("issues");
    (issues.opened, issues.reopened, issues.resolved)
}

fn promises(review: &ServiceReview) -> (i64, i64, i64, i64) {
    let promises = review.promises.as_ref().expect("promises");
    (promises.kept, promises.kept_late, promises.missed, promises.overdue)
}

/// Type, expectation, outcome and number, by number.
fn gestures(review: &ServiceReview) -> Vec<(&str, i32, i32, i64)> {
    let mut all = Vec::new();
    for one in &review.gestures {
        all.push((one.gesture_type_id.as_str(), one.expectation, one.outcome, one.gestures));
    }
    all.sort_by_key(|one| one.3);
    all
}

async fn what_went_wrong(world: &World, ana: &str, ben: &str) {
    // Ana's issue is solved in time, comes back, and is solved late; Ben's elsewhere stays open.
    let issue = open(world, ana, VENUE, "AIR_CONDITIONING", "Room 412").await;
    open(world, ben, OTHER_VENUE, "NOISE", "the courtyard, where the band plays until two").await;
    world.set_clock(NOON + 1_800);
    let first = resolve(world, ana, &issue).await;
    complete(world, ana, &first).await;
    let again =
        with!(ReopenIssueRequest { customer_id: ana.to_owned(), issue_id: issue.clone(), reason: "again".into() });
    recovery(world).reopen_issue(again).await.expect("reopened");
    world.set_clock(NOON + 2 * 3_600);
    let second = resolve(world, ana, &issue).await;
    miss(world, ana, &second).await;

    // One promise is kept, one late, one overdue.
    let due = NOON + 4 * 3_600;
    let kept = promise(world, ben, due).await;
    let late = promise(world, ben, due).await;
    promise(world, ben, due).await;
    complete(world, ben, &kept).await;
    world.set_clock(due + 1);
    complete(world, ben, &late).await;
}

async fn what_was_given(world: &World, ana: &str) {
    // Three drinks are expected; a fourth is taken back. One delighted.
    let mut gifts = Vec::new();
    for day in 1..=4 {
        world.set_clock(NOON + day * 2 * DAY);
        let answer = given(world, in_role("nora", "manager", give(ana, "chinotto"))).await;
        let created = answer.receipt.expect("a receipt").created_ids;
        if day < 4 {
            complete(world, ana, &created[1]).await;
        }
        gifts.push(created[0].clone());
    }
    let outcome = RecordGestureOutcomeRequest {
        customer_id: ana.to_owned(),
        gesture_id: gifts[0].clone(),
        outcome: GestureOutcome::Delighted as i32,
        ..RecordGestureOutcomeRequest::default()
    };
    world.gestures().record_gesture_outcome(outcome).await.expect("noted");
    let cancel = CancelGestureRequest {
        customer_id: ana.to_owned(),
        gesture_id: gifts[3].clone(),
        reason: "the wrong table".into(),
        ..CancelGestureRequest::default()
    };
    world.gestures().cancel_gesture(in_role("nora", "manager", cancel)).await.expect("taken back");
}

async fn what_they_said(world: &World, ana: &str, ben: &str) {
    // Two say what they think, one of them takes it back.
    let now = NOON + 8 * DAY;
    for (customer, key, score) in [(ana, "f-1", 8), (ben, "f-2", 2)] {
        let feedback = Feedback { score, scale_min: 0, scale_max: 10 };
        let said = happened(customer, InteractionKind::Feedback, key, now - 60);
        record(world, Interaction { feedback: Some(feedback), ..said }).await;
    }
    let wrong = VoidInteractionRequest {
        source: "till-4".into(),
        external_id: "f-2".into(),
        customer_id: ben.to_owned(),
        reason: "somebody else's".into(),
    };
    world.interactions().void_interaction(wrong).await.expect("voided");
}

fn assert_figures(review: &ServiceReview) {
    assert_eq!((review.month.as_str(), review.venue_id.as_str(), review.other_events), ("2026-03", "", 0));
    assert_eq!(issues(review), (2, 1, 2));
    assert_eq!(standards(review), [(0, 0, "NOT_RECORDED"), (1, 1, ""), (1, 1, "")]);
    let mut expected = vec![
        (VENUE, "AIR_CONDITIONING", "", 1),
        (OTHER_VENUE, "NOISE", "", 1),
        (VENUE, "AIR_CONDITIONING", "Room 412", 1),
    ];
    let mut found = causes(review);
    expected.sort_unstable();
    found.sort_unstable();
    assert_eq!(found, expected);
    // Three of those kept are the deliveries.
    assert_eq!(promises(review), (5, 1, 1, 1));
    let augmented = ExpectationLevel::Augmented as i32;
    let delighted = ("chinotto", augmented, GestureOutcome::Delighted as i32, 1);
    assert_eq!(gestures(review), [delighted, ("chinotto", augmented, 0, 2)]);
    let drift: Vec<_> =
        review.drift.iter().map(|one| (one.gesture_type_id.as_str(), one.became, one.customers)).collect();
    assert_eq!(drift, [("chinotto", ExpectationLevel::Expected as i32, 1)]);
    let advocacy = review.advocacy.as_ref().expect("advocacy");
    assert_eq!((advocacy.feedback, advocacy.mean_score, advocacy.referrals), (1, Some(0.8), 0));
}

fn spent(review: &ServiceReview) -> Vec<(String, i64, i64)> {
    let amount = |money: &Option<Money>| money.as_ref().map_or(0, |money| money.minor_units);
    let of = |one: &BudgetReview| (one.venue_id.clone(), amount(&one.monthly), amount(&one.spent));
    review.budgets.iter().map(of).collect()
}

async fn a_months_figures_are_those_of_its_story(world: World) {
    set(&world, reviewed()).await;
    let ana = world.create(asked("Ana")).await.customer_id;
    let ben = world.create(asked("Ben")).await.customer_id;
    what_went_wrong(&world, &ana, &ben).await;
    what_was_given(&world, &ana).await;
    what_they_said(&world, &ana, &ben).await;

    let review = review(&world).await;
    assert_figures(&review);
    assert_eq!(spent(&review), [(VENUE.to_owned(), 100_000, 1_200), (OTHER_VENUE.to_owned(), 100_000, 0)]);
    let policy = review.policy.as_ref().expect("a policy");
    assert_eq!((policy.review_due_date.as_str(), policy.due), ("2026-03-14", true));

    // One venue alone, and a month before all this.
    let there = review_at(&world, "2026-03", OTHER_VENUE).await;
    assert_eq!((issues(&there), promises(&there)), ((1, 0, 0), (0, 0, 0, 0)));
    assert_eq!(spent(&there), [(OTHER_VENUE.to_owned(), 100_000, 0)]);
    let before = review_at(&world, "2026-02", "").await;
    assert_eq!((issues(&before), before.gestures.len(), before.drift.len()), ((0, 0, 0), 0, 0));
    assert!(spent(&review_at(&world, "2025-12", "").await).is_empty(), "budgets of then are not kept");
}

async fn levels_and_absences_follow_the_visits(world: World) {
    let mut policy = reviewed();
    let conditions = LevelConditions { visits_min: 3, last_visit_days_max: 100, ..LevelConditions::default() };
    policy.engagement = Some(conditions);
    policy.intimacy = Some(LevelConditions { visits_min: 5, ..conditions });
    set(&world, policy).await;
    let regular = world.create(asked("Ana")).await.customer_id;
    world.create(asked("Ben")).await;
    assert_eq!(counts(&review(&world).await), [2, 0, 0]);
    for week in (0..5).rev() {
        stay(&world, &regular, NOON - week * 7 * DAY).await;
    }
    let close = review(&world).await;
    assert_eq!(counts(&close), [1, 0, 1]);
    assert_eq!(movements(&close), [(1, 2, 1), (2, 3, 1)]);
    assert_eq!(absences(&close), (0, 0));

    // Sixty days and a week later she is missed; her level is that of her last change.
    world.set_clock(NOON + 67 * DAY);
    let away = review(&world).await;
    assert_eq!(away.month, "2026-05");
    assert_eq!(absences(&away), (1, 1));
    assert_eq!((counts(&away), movements(&away).len()), (vec![1, 0, 1], 0));
    world.set_clock(NOON + 120 * DAY);
    let later = review(&world).await;
    assert_eq!(absences(&later), (1, 0));
    // A word with somebody is no visit, but it finds out; and then she comes back.
    record(&world, happened(&regular, InteractionKind::Contact, "call", NOON + 119 * DAY)).await;
    assert_eq!(counts(&review(&world).await), [2, 0, 0]);
    stay(&world, &regular, NOON + 120 * DAY).await;
    let back = review(&world).await;
    assert_eq!((counts(&back), absences(&back)), (vec![1, 0, 1], (0, 0)));
}

async fn a_month_is_the_venues_own(world: World) {
    set(&world, reviewed()).await;
    let ana = world.create(asked("Ana")).await.customer_id;
    // 2026-03-31T22:30Z: April in Zurich, March in Lisbon (both in summer time).
    let second = NOON + 17 * DAY + 10 * 3_600 + 1_800;
    world.set_clock(second);
    open(&world, &ana, VENUE, "NOISE", "").await;
    open(&world, &ana, OTHER_VENUE, "NOISE", "").await;
    assert_eq!(review_at(&world, "", VENUE).await.month, "2026-04");
    assert_eq!(review_at(&world, "", OTHER_VENUE).await.month, "2026-03");
    let of = |review: &ServiceReview| causes(review).iter().map(|one| one.0.to_owned()).collect::<Vec<_>>();
    world.set_clock(second + DAY);
    assert_eq!(of(&review_at(&world, "2026-03", "").await), [OTHER_VENUE]);
    assert_eq!(of(&review_at(&world, "2026-04", "").await), [VENUE]);
}

async fn an_erasure_leaves_the_totals(world: World) {
    set(&world, reviewed()).await;
    let ana = world.create(asked("Ana")).await.customer_id;
    let issue = open(&world, &ana, VENUE, "NOISE", "Room 1").await;
    resolve(&world, &ana, &issue).await;
    for week in [30, 20, 10] {
        stay(&world, &ana, NOON - week * 7 * DAY).await;
    }
    promise(&world, &ana, NOON + 60).await;
    world.set_clock(NOON + 365 * DAY / 2);
    assert_eq!(absences(&review(&world).await), (1, 0));
    let erase =
        EraseCustomerRequest { customer_id: ana, reason: "asked for it".into(), ..EraseCustomerRequest::default() };
    world.customers().erase_customer(erase).await.expect("erased");
    let review = review_at(&world, "2026-03", "").await;
    assert_eq!((issues(&review), causes(&review).len()), ((1, 0, 1), 2));
    assert_eq!(counts(&review), [0, 0, 0]);
    assert_eq!(absences(&review), (0, 0));
    assert_eq!(promises(&review).3, 0);
}

/// The worker is stopped between any two of its steps, again and again, by dropping what it does.
async fn counts_are_exact_whoever_works_and_whenever_they_stop(world: World) {
    set(&world, reviewed()).await;
    let mut opened = 0;
    for round in 0..24_usize {
        let guest = world.create(asked("Ana")).await.customer_id;
        for _ in 0..3 {
            open(&world, &guest, VENUE, "NOISE", "").await;
            opened += 1;
        }
        let rapport = &world.server.core.rapport;
        let mut work = Box::pin(rapport.worker().sweep());
        for _ in 0..round {
            let polled = futures_util::poll!(work.as_mut());
            if polled.is_ready() {
                break;
            }
            tokio::task::yield_now().await;
        }
        drop(work);
        let (one, other) = tokio::join!(rapport.worker().sweep(), rapport.worker().sweep());
        one.and(other).expect("the store works");
    }
    let review = review(&world).await;
    assert_eq!((issues(&review), causes(&review)), ((opened, 0, 0), vec![(VENUE, "NOISE", "", opened)]));
    assert_eq!(counts(&review), [24, 0, 0]);
}

async fn only_who_sees_value_sees_it(world: World) {
    let request = || GetServiceReviewRequest::default();
    let without = refusal!(world, reports, get_service_review, in_role("nora", "manager", request()));
    assert_refused(&without, Code::PermissionDenied, "ROLE_NOT_ALLOWED");
    set(&world, reviewed()).await;
    for role in ["concierge", "unheard-of"] {
        let refused = refusal!(world, reports, get_service_review, in_role("mara", role, request()));
        assert_refused(&refused, Code::PermissionDenied, "ROLE_NOT_ALLOWED");
    }
    let nobody = refusal!(world, reports, get_service_review, request());
    assert_refused(&nobody, Code::PermissionDenied, "ROLE_NOT_ALLOWED");
}

async fn nonsense_is_refused(world: World) {
    set(&world, reviewed()).await;
    for (month, venue, at) in [
        ("2026-13", "", "month"),
        ("March", "", "month"),
        ("2025-02", "", "month"),
        ("2026-04", "", "month"),
        ("", "nowhere", "venue_id"),
        ("", "a b", "venue_id"),
    ] {
        let request = GetServiceReviewRequest { month: month.into(), venue_id: venue.into() };
        let refused = refusal!(world, reports, get_service_review, in_role("nora", "manager", request));
        assert_field(&refused, at, if month.is_empty() { venue } else { month });
    }
}
