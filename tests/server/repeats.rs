//! Requests that come again after the clock has moved on, the policy has changed, or an identity has a new owner: the first
//! answer stands.

use std::{collections::BTreeSet, fs, future::Future, pin::Pin};

use rapport::{
    proto::{recovery_service_client::RecoveryServiceClient, *},
    store::layers::Method,
};

use super::{
    gestures::{give, given, giving, in_role, set},
    world::*,
};

on_both!(
    every_change_has_its_first_receipt_again,
    a_proposal_tells_again_who_may_approve,
    what_was_never_carried_out_is_refused_as_ever,
    an_interaction_is_repeated_though_its_venue_is_gone,
    what_is_refused_now_is_looked_up_once_for_each_customer,
);

/// Moments in the requests: they pass before the repetition.
const SOON: i64 = NOON + 2;

type Answered = Pin<Box<dyn Future<Output = (Receipt, bool)> + Send>>;

/// A change that was carried out.
struct Done {
    name: &'static str,
    first: Receipt,
    again: Box<dyn Fn() -> Answered>,
}

/// Carries a change out, and keeps it to be repeated; answers the ids that it made.
macro_rules! change {
    ($done:ident, $client:expr, $method:ident, $staff:expr, $name:ident { $($fields:tt)* }) => {{
        #[allow(clippy::needless_update, reason = "one of them has no field left")]
        let message = $name { request_id: format!("r-{}", $done.len()), $($fields)*, ..$name::default() };
        let client = $client;
        let call = move || {
            let (mut client, message) = (client.clone(), message.clone());
            let answered = async move {
                let answer = client.$method(in_role($staff, "manager", message)).await;
                let answer = answer.unwrap_or_else(|status| panic!("{}: {status:?}", stringify!($name)));
                let is_replayed = answer.metadata().contains_key("rapport-replayed");
                (answer.into_inner().receipt.expect("a receipt"), is_replayed)
            };
            Box::pin(answered) as Answered
        };
        let (first, is_replayed) = call().await;
        assert!(!is_replayed, stringify!($name));
        $done.push(Done { name: stringify!($name), first: first.clone(), again: Box::new(call) });
        first.created_ids
    }};
}

fn observed() -> EvidenceDraft {
    EvidenceDraft { source: EvidenceSource::Observed as i32, venue_id: VENUE.into(), ..stated("tea") }
}

fn until_soon(identity: Identity) -> Identity {
    Identity { expire_time: time(SOON), ..identity }
}

/// Another house took over: nothing of the old policy is in force.
fn another_policy() -> Policy {
    let mut policy = policy();
    policy.venues.truncate(1);
    policy.venues[0].venue_id = "another-house".into();
    policy
}

async fn change_the_person(world: &World, done: &mut Vec<Done>) {
    let draft = CustomerDraft {
        identities: vec![until_soon(loyalty("A-1")), until_soon(identity(IdentityType::Room, "9"))],
        evidence: vec![observed()],
        ..named("Ana")
    };
    change!(done, world.customers(), create_customer, "mara", CreateCustomerRequest { customer: Some(draft) });
    let id = done[0].first.customer_id.clone();
    let customer_id = || id.clone();
    let details = named("Ana Souza").details;
    change!(
        done,
        world.customers(),
        update_customer,
        "mara",
        UpdateCustomerRequest { customer_id: customer_id(), details }
    );
    let passing = Some(loyalty("B-1"));
    change!(
        done,
        world.customers(),
        add_identity,
        "mara",
        AddIdentityRequest { customer_id: customer_id(), identity: passing.clone() }
    );
    change!(
        done,
        world.customers(),
        remove_identity,
        "mara",
        RemoveIdentityRequest { customer_id: customer_id(), identity: passing }
    );
    let ending = Some(until_soon(identity(IdentityType::Table, "4")));
    change!(
        done,
        world.customers(),
        add_identity,
        "mara",
        AddIdentityRequest { customer_id: customer_id(), identity: ending }
    );
}

async fn change_what_is_known(world: &World, done: &mut Vec<Done>) {
    let id = done[0].first.customer_id.clone();
    let customer_id = || id.clone();
    let evidence = vec![EvidenceDraft { item: "coffee".into(), ..observed() }];
    change!(
        done,
        world.customers(),
        record_evidence,
        "mara",
        RecordEvidenceRequest { customer_id: customer_id(), evidence }
    );
    let preference_id = world.get(&id).await.preferences[0].preference_id.clone();
    change!(
        done,
        world.customers(),
        remove_preference,
        "mara",
        RemovePreferenceRequest { customer_id: customer_id(), preference_id }
    );
    let precautions = vec![allergy("SESAME")];
    let ids = change!(
        done,
        world.customers(),
        add_precautions,
        "mara",
        AddPrecautionsRequest { customer_id: customer_id(), precautions }
    );
    let (precaution_id, status) = (ids[0].clone(), PrecautionStatus::Confirmed as i32);
    change!(
        done,
        world.customers(),
        review_precaution,
        "vera",
        ReviewPrecautionRequest { customer_id: customer_id(), precaution_id, status }
    );
    change!(
        done,
        world.customers(),
        record_precaution_inquiry,
        "mara",
        RecordPrecautionInquiryRequest { customer_id: customer_id(), ask_time: time(NOON) }
    );
}

async fn change_the_days(world: &World, done: &mut Vec<Done>) {
    let id = done[0].first.customer_id.clone();
    let customer_id = || id.clone();
    let day = Some(birthday(None, 5, 1));
    let ids = change!(
        done,
        world.customers(),
        add_occasion,
        "mara",
        AddOccasionRequest { customer_id: customer_id(), occasion: day }
    );
    let day = Some(birthday(None, 5, 2));
    change!(
        done,
        world.customers(),
        update_occasion,
        "mara",
        UpdateOccasionRequest { customer_id: customer_id(), occasion_id: ids[0].clone(), occasion: day }
    );
    change!(
        done,
        world.customers(),
        remove_occasion,
        "mara",
        RemoveOccasionRequest { customer_id: customer_id(), occasion_id: ids[0].clone() }
    );
    change!(
        done,
        world.customers(),
        record_consent,
        "mara",
        RecordConsentRequest { customer_id: customer_id(), consent: Some(agreed()) }
    );
    let bar = Bar { code: "UNPAID".into(), until_time: time(SOON), ..Bar::default() };
    let mark = Some(mark_customer_request::Mark::Bar(bar));
    change!(
        done,
        world.customers(),
        mark_customer,
        "mara",
        MarkCustomerRequest { customer_id: customer_id(), mark: mark.clone() }
    );
}

async fn change_what_is_owed(world: &World, done: &mut Vec<Done>) {
    let id = world.create(named("Ben")).await.customer_id;
    let (customer_id, recovery) = (|| id.clone(), || RecoveryServiceClient::new(world.channel()));
    let issue =
        with!(IssueDraft { severity: IssueSeverity::Minor as i32, cause: "NOISE".into(), venue_id: VENUE.into() });
    let ids = change!(
        done,
        recovery(),
        open_issue,
        "mara",
        OpenIssueRequest { customer_id: customer_id(), issue: Some(issue) }
    );
    let issue_id = || ids[0].clone();
    change!(
        done,
        recovery(),
        assign_issue,
        "mara",
        AssignIssueRequest { customer_id: customer_id(), issue_id: issue_id(), owner: "jon".into() }
    );
    change!(
        done,
        recovery(),
        resolve_issue,
        "mara",
        ResolveIssueRequest {
            customer_id: customer_id(),
            issue_id: issue_id(),
            resolution: "moved".into(),
            follow_up_due_time: time(SOON)
        }
    );
    change!(
        done,
        recovery(),
        reopen_issue,
        "mara",
        ReopenIssueRequest { customer_id: customer_id(), issue_id: issue_id(), reason: "again".into() }
    );
    let promise = with!(FollowUpDraft {
        kind: FollowUpKind::Promise as i32,
        text: "a call".into(),
        due_time: time(SOON),
        venue_id: VENUE.into()
    });
    let ids = change!(
        done,
        recovery(),
        promise_follow_up,
        "mara",
        PromiseFollowUpRequest { customer_id: customer_id(), follow_up: Some(promise) }
    );
    let state = FollowUpState::Done as i32;
    change!(
        done,
        recovery(),
        complete_follow_up,
        "mara",
        CompleteFollowUpRequest { customer_id: customer_id(), follow_up_id: ids[0].clone(), state }
    );
}

async fn change_what_is_given(world: &World, done: &mut Vec<Done>) {
    let (kept, taken_back) = (world.create(asked("Cy")).await.customer_id, world.create(asked("Di")).await.customer_id);
    for (id, is_kept) in [(kept, true), (taken_back, false)] {
        let customer_id = || id.clone();
        let (kind, venue_id) = ("basket".to_owned(), VENUE.to_owned());
        let ids = change!(
            done,
            world.gestures(),
            give_gesture,
            "mara",
            GiveGestureRequest {
                customer_id: customer_id(),
                gesture_type_id: kind,
                venue_id,
                deliver_time: time(SOON)
            }
        );
        let (gesture_id, outcome) = (ids[0].clone(), GestureOutcome::Delighted as i32);
        if is_kept {
            change!(
                done,
                world.gestures(),
                record_gesture_outcome,
                "mara",
                RecordGestureOutcomeRequest { customer_id: customer_id(), gesture_id, outcome }
            );
        } else {
            change!(
                done,
                world.gestures(),
                cancel_gesture,
                "mara",
                CancelGestureRequest { customer_id: customer_id(), gesture_id, reason: "a slip".into() }
            );
        }
    }
    let id = world.create(asked("Ed")).await.customer_id;
    let request = GiveGestureRequest { propose: true, ..give(&id, "dinner") };
    let proposed = given(world, in_role("jo", "concierge", request)).await.receipt.expect("a receipt");
    let gesture_id = proposed.created_ids[0].clone();
    change!(done, world.gestures(), approve_gesture, "vera", ApproveGestureRequest { customer_id: id, gesture_id });
}

/// Requests of the contract that have a request id.
fn recognisable() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for service in ["customer", "gesture", "interaction", "policy", "recovery", "report", "briefing"] {
        let text = fs::read_to_string(format!("proto/rapport/v1/{service}_service.proto")).expect("the contract");
        let mut message = "";
        for line in text.lines() {
            message = line.strip_prefix("message ").and_then(|rest| rest.split(' ').next()).unwrap_or(message);
            if line.trim_start().starts_with("string request_id =") {
                found.insert(message.to_owned());
            }
        }
    }
    found
}

async fn every_change_has_its_first_receipt_again(world: World) {
    set(&world, giving()).await;
    let mut done = Vec::new();
    change_the_person(&world, &mut done).await;
    change_what_is_known(&world, &mut done).await;
    change_the_days(&world, &mut done).await;
    change_what_is_owed(&world, &mut done).await;
    change_what_is_given(&world, &mut done).await;
    let mut tried: BTreeSet<String> = done.iter().map(|one| one.name.to_owned()).collect();
    // An erasure answers no receipt: the same again finishes it.
    tried.insert("EraseCustomerRequest".to_owned());
    assert_eq!(tried, recognisable());
    // The card that was given up is another's by now.
    world.create(CustomerDraft { identities: vec![loyalty("B-1")], ..named("Fay") }).await;
    let before = world.dump().await;
    let again = async |when: &str| {
        for Done { name, first, again } in &done {
            assert_eq!(again().await, (first.clone(), true), "{name}, {when}");
        }
    };
    again("at once").await;
    world.set_clock(SOON + 2);
    again("when its time has passed").await;
    world.assert_unchanged(&before).await;
    set(&world, another_policy()).await;
    again("under another policy").await;
}

async fn a_proposal_tells_again_who_may_approve(world: World) {
    set(&world, giving()).await;
    let id = world.create(asked("Ana")).await.customer_id;
    let request =
        GiveGestureRequest { request_id: "r-1".into(), propose: true, deliver_time: time(SOON), ..give(&id, "dinner") };
    let first = given(&world, in_role("mara", "concierge", request.clone())).await;
    assert_eq!(first.approving_role_ids, ["manager"]);
    world.set_clock(SOON + 2);
    assert_eq!(given(&world, in_role("mara", "concierge", request.clone())).await, first);
    // Who may approve is told as it is now: nobody, once the type is gone.
    set(&world, another_policy()).await;
    let later = given(&world, in_role("mara", "concierge", request)).await;
    assert_eq!((later.receipt, later.state), (first.receipt, first.state));
    assert!(later.approving_role_ids.is_empty());
}

async fn what_was_never_carried_out_is_refused_as_ever(world: World) {
    set(&world, giving()).await;
    let id = world.create(asked("Ana")).await.customer_id;
    let past = |request_id: &str| GiveGestureRequest {
        request_id: request_id.into(),
        deliver_time: time(NOON - 1),
        ..give(&id, "basket")
    };
    let carried_out = GiveGestureRequest { request_id: "r-1".into(), ..give(&id, "basket") };
    given(&world, in_role("mara", "concierge", carried_out)).await;
    for request_id in ["", "r-1", "r-2"] {
        let refused = world.gestures().give_gesture(in_role("mara", "concierge", past(request_id))).await;
        assert_invalid(&refused.expect_err("in the past"), "deliver_time", "");
    }
    let ended = AddIdentityRequest {
        customer_id: id,
        request_id: "r-1".into(),
        identity: Some(Identity { expire_time: time(NOON), ..loyalty("A-1") }),
        ..AddIdentityRequest::default()
    };
    assert_invalid(&refusal!(world, customers, add_identity, ended), "identity.expire_time", "");
}

async fn an_interaction_is_repeated_though_its_venue_is_gone(world: World) {
    let draft = CustomerDraft { identities: vec![loyalty("A-1"), identity(IdentityType::Room, "9")], ..named("Ana") };
    let id = world.create(draft).await.customer_id;
    let by_identity = |identity: Identity, key: &str| Interaction {
        customer: Some(interaction::Customer::Identity(identity)),
        ..purchase(&id, key, vec![line("tea", 300)])
    };
    let room = Identity { issuer: String::new(), ..identity(IdentityType::Room, "9") };
    let bought =
        vec![purchase(&id, "1", vec![line("tea", 300)]), by_identity(loyalty("A-1"), "2"), by_identity(room, "3")];
    let record = async |interactions: &[Interaction]| -> Vec<RecordOutcome> {
        let request = RecordInteractionsRequest { interactions: interactions.to_vec() };
        let answer = world.interactions().record_interactions(request).await.expect("answered").into_inner();
        answer.results.iter().map(InteractionResult::outcome).collect()
    };
    assert!(record(&bought).await == [RecordOutcome::Recorded; 3]);
    set(&world, another_policy()).await;
    let before = world.dump().await;
    assert!(record(&bought).await == [RecordOutcome::Repeated; 3]);
    let differing = Interaction { text: "other words".into(), ..bought[0].clone() };
    let new = Interaction { external_id: "4".into(), ..bought[0].clone() };
    let nobodys = by_identity(loyalty("A-2"), "2");
    assert!(record(&[differing, new, nobodys]).await == [RecordOutcome::Refused; 3]);
    world.assert_unchanged(&before).await;
}

async fn what_is_refused_now_is_looked_up_once_for_each_customer(world: World) {
    let mut bought = Vec::new();
    for card in ["A-1", "B-1"] {
        let id = world.create(CustomerDraft { identities: vec![loyalty(card)], ..named("Guest") }).await.customer_id;
        let customer = Some(interaction::Customer::Identity(loyalty(card)));
        let one = |number: i32| purchase(&id, &format!("{card}-{number}"), vec![line("tea", 300)]);
        bought.extend((0..20).map(|number| Interaction { customer: customer.clone(), ..one(number) }));
        bought.extend((20..40).map(one));
    }
    let record = async || {
        let request = RecordInteractionsRequest { interactions: bought.clone() };
        world.interactions().record_interactions(request).await.expect("answered").into_inner().results
    };
    let first = record().await;
    set(&world, another_policy()).await;
    world.settle().await;
    let calls = || [Method::Load, Method::Values].map(|method| world.server.core.meters.of(method).calls);
    let before = calls();
    let again = record().await;
    let [loads, values] = calls();
    assert!(again.iter().all(|result| result.outcome() == RecordOutcome::Repeated));
    let whose = |results: &[InteractionResult]| results.iter().map(|one| one.customer_id.clone()).collect::<Vec<_>>();
    assert_eq!(whose(&again), whose(&first), "in the order given");
    assert_eq!(loads - before[0], 2, "one for each customer");
    // One for the entries and one for the records of both cards; the index worker may ask for some of its own.
    assert!(values - before[1] < 10, "{}", values - before[1]);
}
