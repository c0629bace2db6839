//! What went wrong, what is owed, and what the briefing says of it.

use rapport::proto::{recovery_service_client::RecoveryServiceClient, *};
use tonic::{Code, transport::Channel};

use super::world::*;

on_both!(
    an_issue_has_a_life,
    a_resolution_that_did_not_hold_owes_no_word,
    an_open_issue_silences_selling_until_it_is_resolved,
    what_is_owed_is_listed_by_venue_and_due_time,
    a_list_goes_on_from_page_to_page,
    what_is_completed_leaves_the_list,
    the_same_request_opens_one_issue,
    what_cannot_be_is_refused_and_leaves_nothing,
    an_erased_customer_is_owed_nothing,
    only_those_who_serve_may_read_it,
);

const HOUR: i64 = 3_600;

fn recovery(world: &World) -> RecoveryServiceClient<Channel> {
    RecoveryServiceClient::new(world.channel())
}

fn air_conditioning() -> IssueDraft {
    IssueDraft {
        severity: IssueSeverity::Major as i32,
        cause: "AIR_CONDITIONING".into(),
        venue_id: VENUE.into(),
        item: "Room 412".into(),
        text: "too warm to sleep".into(),
        owner: "jon".into(),
    }
}

fn promise(text: &str, due: i64) -> FollowUpDraft {
    FollowUpDraft {
        kind: FollowUpKind::Promise as i32,
        text: text.into(),
        due_time: time(due),
        venue_id: VENUE.into(),
        ..FollowUpDraft::default()
    }
}

async fn opened(world: &World, id: &str) -> Receipt {
    let request = OpenIssueRequest { customer_id: id.into(), issue: Some(air_conditioning()), ..Default::default() };
    recovery(world).open_issue(request).await.expect("opened").into_inner().receipt.expect("a receipt")
}

async fn promised(world: &World, id: &str, follow_up: FollowUpDraft) -> String {
    let request = PromiseFollowUpRequest { customer_id: id.into(), follow_up: Some(follow_up), ..Default::default() };
    let answer = recovery(world).promise_follow_up(request).await.expect("promised").into_inner();
    answer.receipt.expect("a receipt").created_ids.remove(0)
}

async fn of(world: &World, id: &str) -> GetRecoveryResponse {
    let request = GetRecoveryRequest { customer_id: id.into(), purpose: Purpose::Service as i32 };
    recovery(world).get_recovery(request).await.expect("read").into_inner()
}

async fn listed(world: &World, filter: FollowUpFilter) -> Vec<OwedFollowUp> {
    world.settle().await;
    let request =
        ListFollowUpsRequest { venue_id: VENUE.into(), filter: filter as i32, ..ListFollowUpsRequest::default() };
    let answer = recovery(world).list_follow_ups(request).await.expect("listed").into_inner();
    assert!(answer.next_page_token.is_empty());
    answer.follow_ups
}

fn texts(owed: &[OwedFollowUp]) -> Vec<&str> {
    owed.iter().map(|one| one.follow_up.as_ref().unwrap().promised.as_ref().unwrap().text.as_str()).collect()
}

fn codes(statements: &[Statement]) -> Vec<&str> {
    statements.iter().map(|statement| statement.code.as_str()).collect()
}

async fn an_issue_has_a_life(world: World) {
    let id = world.create(named("Ana")).await.customer_id;
    let receipt = opened(&world, &id).await;
    assert_eq!(receipt.created_ids, ["i1"]);
    let request = AssignIssueRequest {
        customer_id: id.clone(),
        issue_id: "i1".into(),
        owner: "mara".into(),
        ..AssignIssueRequest::default()
    };
    recovery(&world).assign_issue(request).await.expect("assigned");
    let resolve = ResolveIssueRequest {
        customer_id: id.clone(),
        issue_id: "i1".into(),
        resolution: "A new compressor.".into(),
        ..ResolveIssueRequest::default()
    };
    let resolved = recovery(&world).resolve_issue(resolve.clone()).await.expect("resolved").into_inner();
    assert_eq!(resolved.receipt.unwrap().created_ids, ["f2"], "the word with the customer is promised");
    let known = of(&world, &id).await;
    let issue = &known.issues[0];
    assert_eq!((issue.state, issue.resolution.as_str()), (IssueState::Resolved as i32, "A new compressor."));
    assert_eq!(issue.reported.as_ref().unwrap().owner, "mara");
    let word = &known.follow_ups[0];
    let promised = word.promised.as_ref().unwrap();
    assert_eq!(promised.text, "Ask whether all is well now: air conditioning, Room 412.");
    assert_eq!((promised.issue_id.as_str(), promised.owner.as_str()), ("i1", "mara"));
    assert_eq!(promised.due_time, time(NOON + 24 * HOUR), "a day, where the policy does not say");
    // Resolved once is enough.
    assert_refused(&recovery(&world).resolve_issue(resolve).await.unwrap_err(), Code::FailedPrecondition, "NOT_ACTIVE");
    let reopen = ReopenIssueRequest {
        customer_id: id.clone(),
        issue_id: "i1".into(),
        reason: "Warm again.".into(),
        ..ReopenIssueRequest::default()
    };
    recovery(&world).reopen_issue(reopen.clone()).await.expect("opened again");
    assert_refused(&recovery(&world).reopen_issue(reopen).await.unwrap_err(), Code::FailedPrecondition, "NOT_RESOLVED");
    let issue = of(&world, &id).await.issues.remove(0);
    assert_eq!((issue.state, issue.reopen_count), (IssueState::Open as i32, 1));
}

async fn a_resolution_that_did_not_hold_owes_no_word(world: World) {
    let id = world.create(named("Ana")).await.customer_id;
    opened(&world, &id).await;
    let resolve =
        with!(ResolveIssueRequest { customer_id: id.clone(), issue_id: "i1".into(), resolution: "A fan.".into() });
    let resolve = async || {
        let answer = recovery(&world).resolve_issue(resolve.clone()).await.expect("resolved").into_inner();
        answer.receipt.expect("a receipt").created_ids.remove(0)
    };
    resolve().await;
    world.set_clock(NOON + 60);
    // Another promise stays owed in any case.
    let own =
        FollowUpDraft { kind: FollowUpKind::AfterIssue as i32, issue_id: "i1".into(), ..promise("call", NOON + HOUR) };
    promised(&world, &id, own).await;
    let reopen =
        with!(ReopenIssueRequest { customer_id: id.clone(), issue_id: "i1".into(), reason: "Warm again.".into() });
    recovery(&world).reopen_issue(reopen).await.expect("opened again");
    assert_eq!(texts(&listed(&world, FollowUpFilter::Unspecified).await), ["call"]);
    assert_eq!(resolve().await, "f4");
    assert_eq!(
        texts(&listed(&world, FollowUpFilter::Unspecified).await),
        ["call", "Ask whether all is well now: air conditioning, Room 412."]
    );
}

async fn an_open_issue_silences_selling_until_it_is_resolved(world: World) {
    let draft = CustomerDraft {
        evidence: vec![EvidenceDraft { stance: Stance::Favourite as i32, ..stated("espresso") }],
        precautions: vec![allergy("TREE_NUTS")],
        precautions_asked: true,
        ..named("Ana")
    };
    let id = world.create(draft).await.customer_id;
    let before = world.brief(by_id(&id)).await;
    assert!(codes(&before.anticipate).contains(&"PREFERENCE_FAVOURITE"));
    assert!(codes(&before.delight).contains(&"FAVOURITE_TOUCH"));
    opened(&world, &id).await;
    let during = world.brief(by_id(&id)).await;
    assert!(during.anticipate.is_empty() && during.delight.is_empty());
    assert_eq!(codes(&during.respect), codes(&before.respect));
    assert_eq!(during.headline[1].text, "Open issue: air conditioning, Room 412");
    assert_eq!(during.communicate[0].code, "ISSUE_OPEN");
    let resolve = ResolveIssueRequest {
        customer_id: id.clone(),
        issue_id: "i2".into(),
        resolution: "Repaired.".into(),
        ..ResolveIssueRequest::default()
    };
    recovery(&world).resolve_issue(resolve).await.expect("resolved");
    let after = world.brief(by_id(&id)).await;
    assert_eq!(codes(&after.anticipate), codes(&before.anticipate));
    assert_eq!(codes(&after.delight), codes(&before.delight));
    assert_eq!(after.communicate[0].code, "PROMISE_DUE");
}

async fn what_is_owed_is_listed_by_venue_and_due_time(world: World) {
    let (ana, ben) = (world.create(named("Ana")).await.customer_id, world.create(named("Ben")).await.customer_id);
    promised(&world, &ana, promise("second", NOON + 2 * HOUR)).await;
    promised(&world, &ben, promise("first", NOON + HOUR)).await;
    promised(&world, &ben, promise("next month", NOON + 30 * 24 * HOUR)).await;
    promised(&world, &ben, FollowUpDraft { venue_id: OTHER_VENUE.into(), ..promise("elsewhere", NOON + HOUR) }).await;
    let owed = listed(&world, FollowUpFilter::Unspecified).await;
    assert_eq!(texts(&owed), ["first", "second", "next month"]);
    assert_eq!((owed[0].customer_id.as_str(), owed[0].overdue), (ben.as_str(), false));
    assert_eq!(owed[0].due_local, "2026-03-14 14:00", "on the venue's clock");
    assert_eq!(texts(&listed(&world, FollowUpFilter::DueToday).await), ["first", "second"]);
    assert_eq!(texts(&listed(&world, FollowUpFilter::Overdue).await), [""; 0]);
    world.set_clock(NOON + HOUR);
    let overdue = listed(&world, FollowUpFilter::Overdue).await;
    assert_eq!((texts(&overdue), overdue[0].overdue), (vec!["first"], true));
    assert_eq!(codes(&world.brief(by_id(&ben)).await.communicate)[0], "PROMISE_OVERDUE");
}

async fn a_list_goes_on_from_page_to_page(world: World) {
    let id = world.create(named("Ana")).await.customer_id;
    for number in 0..7 {
        promised(&world, &id, promise(&format!("{number}"), NOON + (number + 1) * HOUR)).await;
    }
    world.settle().await;
    let mut request = ListFollowUpsRequest { venue_id: VENUE.into(), page_size: 3, ..ListFollowUpsRequest::default() };
    let mut all = Vec::new();
    loop {
        let page = recovery(&world).list_follow_ups(request.clone()).await.expect("listed").into_inner();
        assert!(page.follow_ups.len() <= 3);
        all.extend(texts(&page.follow_ups).into_iter().map(str::to_owned));
        if page.next_page_token.is_empty() {
            break;
        }
        request.page_token = page.next_page_token;
    }
    assert_eq!(all, ["0", "1", "2", "3", "4", "5", "6"]);
    // A token belongs to its query.
    let foreign = ListFollowUpsRequest { filter: FollowUpFilter::Overdue as i32, ..request.clone() };
    assert_invalid(&recovery(&world).list_follow_ups(foreign).await.unwrap_err(), "page_token", &request.page_token);
    let foreign = ListFollowUpsRequest { venue_id: OTHER_VENUE.into(), ..request };
    assert_invalid(&recovery(&world).list_follow_ups(foreign).await.unwrap_err(), "page_token", "");
}

async fn what_is_completed_leaves_the_list(world: World) {
    let id = world.create(named("Ana")).await.customer_id;
    let (kept, missed) = (
        promised(&world, &id, promise("kept", NOON + HOUR)).await,
        promised(&world, &id, promise("missed", NOON + HOUR)).await,
    );
    assert_eq!(listed(&world, FollowUpFilter::Unspecified).await.len(), 2);
    let complete = |follow_up_id: &str, state: FollowUpState, rating| CompleteFollowUpRequest {
        customer_id: id.clone(),
        follow_up_id: follow_up_id.into(),
        state: state as i32,
        rating,
        ..CompleteFollowUpRequest::default()
    };
    recovery(&world).complete_follow_up(complete(&kept, FollowUpState::Done, 5)).await.expect("completed");
    recovery(&world).complete_follow_up(complete(&missed, FollowUpState::Missed, 0)).await.expect("completed");
    assert!(listed(&world, FollowUpFilter::Unspecified).await.is_empty());
    let known = of(&world, &id).await.follow_ups;
    assert_eq!((known[0].state, known[0].rating), (FollowUpState::Done as i32, 5));
    assert_eq!(known[1].state, FollowUpState::Missed as i32);
    let again = recovery(&world).complete_follow_up(complete(&kept, FollowUpState::Done, 0)).await.unwrap_err();
    assert_refused(&again, Code::FailedPrecondition, "NOT_ACTIVE");
}

async fn the_same_request_opens_one_issue(world: World) {
    let id = world.create(named("Ana")).await.customer_id;
    let request = OpenIssueRequest {
        customer_id: id.clone(),
        request_id: "issue-1".into(),
        issue: Some(air_conditioning()),
        ..OpenIssueRequest::default()
    };
    let first = recovery(&world).open_issue(request.clone()).await.expect("opened").into_inner();
    let again = recovery(&world).open_issue(request.clone()).await.expect("opened").into_inner();
    assert!(first == again);
    assert_eq!(of(&world, &id).await.issues.len(), 1);
    let other = OpenIssueRequest { issue: Some(IssueDraft { cause: "NOISE".into(), ..air_conditioning() }), ..request };
    assert_refused(&recovery(&world).open_issue(other).await.unwrap_err(), Code::InvalidArgument, "REQUEST_ID_REUSED");
}

async fn what_cannot_be_is_refused_and_leaves_nothing(world: World) {
    let id = world.create(named("Ana")).await.customer_id;
    world.settle().await;
    let before = world.dump().await;
    let card = "4111 1111 1111 1111";
    let issues: [(&str, IssueDraft); 6] = [
        ("issue.severity", IssueDraft { severity: 0, ..air_conditioning() }),
        ("issue.severity", IssueDraft { severity: 9, ..air_conditioning() }),
        ("issue.cause", IssueDraft { cause: "too warm!".into(), ..air_conditioning() }),
        ("issue.cause", IssueDraft { cause: "A".repeat(41), ..air_conditioning() }),
        ("issue.venue_id", IssueDraft { venue_id: "nowhere".into(), ..air_conditioning() }),
        ("issue.text", IssueDraft { text: card.into(), ..air_conditioning() }),
    ];
    for (field, issue) in issues {
        let request = OpenIssueRequest { customer_id: id.clone(), issue: Some(issue), ..Default::default() };
        assert_field(&recovery(&world).open_issue(request).await.unwrap_err(), field, card);
    }
    let follow_ups: [(&str, FollowUpDraft); 7] = [
        ("follow_up.kind", FollowUpDraft { kind: FollowUpKind::Delivery as i32, ..promise("x", NOON + HOUR) }),
        ("follow_up.issue_id", FollowUpDraft { kind: FollowUpKind::AfterIssue as i32, ..promise("x", NOON + HOUR) }),
        ("follow_up.issue_id", FollowUpDraft { issue_id: "p1".into(), ..promise("x", NOON + HOUR) }),
        ("follow_up.due_time", promise("x", NOON - HOUR)),
        ("follow_up.due_time", promise("x", NOON + 800 * 24 * HOUR)),
        ("follow_up.text", promise("", NOON + HOUR)),
        ("follow_up.text", promise(card, NOON + HOUR)),
    ];
    for (field, follow_up) in follow_ups {
        let request =
            PromiseFollowUpRequest { customer_id: id.clone(), follow_up: Some(follow_up), ..Default::default() };
        assert_field(&recovery(&world).promise_follow_up(request).await.unwrap_err(), field, card);
    }
    let unknown = FollowUpDraft { issue_id: "i9".into(), ..promise("x", NOON + HOUR) };
    let request = PromiseFollowUpRequest { customer_id: id.clone(), follow_up: Some(unknown), ..Default::default() };
    assert_eq!(recovery(&world).promise_follow_up(request).await.unwrap_err().code(), Code::NotFound);
    let complete = CompleteFollowUpRequest { customer_id: id.clone(), follow_up_id: "f1".into(), ..Default::default() };
    assert_field(&recovery(&world).complete_follow_up(complete.clone()).await.unwrap_err(), "state", "");
    let rated = CompleteFollowUpRequest { state: FollowUpState::Done as i32, rating: 6, ..complete.clone() };
    assert_field(&recovery(&world).complete_follow_up(rated).await.unwrap_err(), "rating", "");
    let missing = CompleteFollowUpRequest { state: FollowUpState::Done as i32, ..complete };
    assert_eq!(recovery(&world).complete_follow_up(missing).await.unwrap_err().code(), Code::NotFound);
    let list = ListFollowUpsRequest { venue_id: VENUE.into(), filter: 9, ..ListFollowUpsRequest::default() };
    assert_field(&recovery(&world).list_follow_ups(list).await.unwrap_err(), "filter", "");
    world.assert_unchanged(&before).await;
}

async fn an_erased_customer_is_owed_nothing(world: World) {
    let id = world.create(named("Ana")).await.customer_id;
    opened(&world, &id).await;
    promised(&world, &id, promise("call", NOON + HOUR)).await;
    assert_eq!(listed(&world, FollowUpFilter::Unspecified).await.len(), 1);
    let request = EraseCustomerRequest { customer_id: id, reason: "asked for it".into(), ..Default::default() };
    world.customers().erase_customer(request).await.expect("erased");
    assert!(listed(&world, FollowUpFilter::Unspecified).await.is_empty());
    let dump = world.dump().await;
    let left = dump.iter().filter(|(key, _)| key.windows(6).any(|part| part == b"follow")).count();
    assert_eq!(left, 0, "no trace in the index");
}

async fn only_those_who_serve_may_read_it(world: World) {
    let draft = CustomerDraft { consents: vec![agreed()], ..named("Ana") };
    let id = world.create(draft).await.customer_id;
    opened(&world, &id).await;
    for purpose in [Purpose::Marketing, Purpose::Analytics] {
        let request = GetRecoveryRequest { customer_id: id.clone(), purpose: purpose as i32 };
        assert_eq!(recovery(&world).get_recovery(request).await.unwrap_err().code(), Code::PermissionDenied);
    }
}
