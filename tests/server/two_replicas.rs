//! Two replicas on one Redis: no lost update, and never two owners of one exclusive identity.

use std::sync::Arc;

use rapport::{
    domain::{
        CustomerId,
        id::HoldToken,
        identity::{Identity as Known, IdentityType as Kind},
    },
    proto::*,
    store::{
        CustomerKey, EntryState, HoldOutcome, IdentityEntry, IdentityKey, Settled, Store, StoreExt as _, TOKEN_KEEP_MS,
    },
};
use tokio::task::JoinSet;
use tonic::Code;

use super::{common::scaled, world::*};

const CUSTOMERS: usize = 10;
const WRITERS: usize = 50;

/// Every change of one customer is a read, a decision and a conditional write: here, that each recorded interaction is
/// counted once. The sum must be exact, whichever replica was quicker.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_changes_end_with_exactly_the_sum() {
    let one = World::start(Backend::Redis).await;
    let other = one.replica().await;
    let mut customers = Vec::new();
    for number in 0..CUSTOMERS {
        customers.push(one.create(named(&format!("Guest {number}"))).await.customer_id);
    }
    let total = scaled(2_000, 10_000);
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let mut client = if writer % 2 == 0 { one.interactions() } else { other.interactions() };
        let customers = customers.clone();
        writers.spawn(async move {
            for number in (writer..total).step_by(WRITERS) {
                let interaction =
                    purchase(&customers[number % CUSTOMERS], &number.to_string(), vec![line("espresso", 1)]);
                loop {
                    let request = RecordInteractionsRequest { interactions: vec![interaction.clone()] };
                    let result =
                        client.record_interactions(request).await.expect("answers").into_inner().results.remove(0);
                    match RecordOutcome::try_from(result.outcome) {
                        // A retry whose first attempt had been stored after all is a repetition.
                        Ok(RecordOutcome::Recorded | RecordOutcome::Repeated) => break,
                        Ok(RecordOutcome::Retry) => {}
                        _ => panic!("{}", result.error.map(|error| error.message).unwrap_or_default()),
                    }
                }
            }
        });
    }
    while let Some(ended) = writers.join_next().await {
        ended.expect("no writer fails");
    }
    let (mut purchases, mut spent) = (0, 0);
    for customer in &customers {
        let habits = other.get(customer).await.habits.expect("habits");
        purchases += habits.purchase_count;
        spent += habits.spend[0].total.as_ref().expect("a total").minor_units;
    }
    assert_eq!((purchases, spent), (total as i64, total as i64));
}

/// The same through etags: read, add one to a number in the name, write if nobody else did.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn conditional_updates_end_with_exactly_the_sum() {
    let one = World::start(Backend::Redis).await;
    let other = one.replica().await;
    let customer = one.create(named("0")).await.customer_id;
    let each = scaled(20, 100);
    let mut writers = JoinSet::new();
    for writer in 0..10 {
        let (mut client, customer) =
            (if writer % 2 == 0 { one.customers() } else { other.customers() }, customer.clone());
        writers.spawn(async move {
            for _ in 0..each {
                loop {
                    let read =
                        client.get_customer(get(&customer)).await.expect("found").into_inner().customer.expect("one");
                    let name = read.details.expect("details").name.expect("a name").full;
                    let next = (name.parse::<u32>().expect("a number") + 1).to_string();
                    let update = UpdateCustomerRequest {
                        customer_id: customer.clone(),
                        etag: read.etag,
                        details: named(&next).details,
                        ..UpdateCustomerRequest::default()
                    };
                    match client.update_customer(update).await {
                        Ok(_) => break,
                        Err(status) => assert_eq!(status.code(), Code::Aborted, "{status:?}"),
                    }
                }
            }
        });
    }
    while let Some(ended) = writers.join_next().await {
        ended.expect("no writer fails");
    }
    let name = one.get(&customer).await.details.expect("details").name.expect("a name").full;
    assert_eq!(name, (10 * each).to_string());
}

/// The same request, sent to two replicas at once: both answer with the one customer that it makes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_request_makes_one_customer_at_two_replicas() {
    let one = World::start(Backend::Redis).await;
    let other = one.replica().await;
    for number in 0..scaled(30, 300) {
        let customer = CustomerDraft { identities: vec![loyalty(&format!("GC-{number}"))], ..named("Ana") };
        let request = CreateCustomerRequest { customer: Some(customer), request_id: format!("request-{number}") };
        let (mut here, mut there) = (one.customers(), other.customers());
        let answers = tokio::join!(here.create_customer(request.clone()), there.create_customer(request));
        let id = |answer: Result<tonic::Response<CreateCustomerResponse>, tonic::Status>| {
            answer.expect("a receipt").into_inner().receipt.expect("a receipt").customer_id
        };
        assert_eq!(id(answers.0), id(answers.1));
    }
    one.settle().await;
    super::soundness::assert_sound(&one.server.core).await;
}

/// A race for one identity: two creators through two replicas, and before them one who crashed somewhere between the
/// steps of its hold.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_customers_never_hold_one_exclusive_identity() {
    let one = World::start(Backend::Redis).await;
    let other = one.replica().await;
    let races = scaled(100, 1_000);
    for race in 0..races {
        let card = format!("GC-{race}");
        let crashed = crash(&one, &card, race % 4).await;
        // The hold of the one who crashed is overdue by now.
        one.set_clock(NOON + 60 * (race as i64 + 1));
        let draft = || CustomerDraft { identities: vec![loyalty(&card)], ..named("Racer") };
        let request = || CreateCustomerRequest { customer: Some(draft()), request_id: String::new() };
        let (mut first, mut second) = (one.customers(), other.customers());
        let (first, second) = tokio::join!(first.create_customer(request()), second.create_customer(request()));
        let winners = [first, second].into_iter().filter(|result| match result {
            Ok(_) => true,
            Err(status) => {
                assert!(matches!(status.code(), Code::AlreadyExists | Code::Aborted), "{status:?}");
                false
            }
        });
        let winners: Vec<String> =
            winners.flatten().map(|won| won.into_inner().receipt.expect("a receipt").customer_id).collect();
        let lookup = LookupCustomerRequest {
            identities: vec![loyalty(&card)],
            purpose: Purpose::Service as i32,
            ..LookupCustomerRequest::default()
        };
        let found = other.customers().lookup_customer(lookup).await.expect("answers").into_inner().matches;
        let found: Vec<String> = found.into_iter().map(|found| found.customer_id).collect();
        match crashed {
            // It had committed before it crashed: it keeps the identity.
            Some(owner) => assert_eq!((winners.len(), found), (0, vec![owner]), "race {race}"),
            None => {
                assert!(winners.len() <= 1, "race {race}: two winners");
                assert_eq!(found, winners, "race {race}");
            }
        }
    }
}

/// Somebody who crashes: before anything, after placing the hold, after the commit, or after the commit and a look at
/// the hold by a third. Answers the customer that owns the identity now, if one does.
async fn crash(world: &World, card: &str, step: usize) -> Option<String> {
    let store: Arc<dyn Store> = world.server.core.store.clone();
    if step == 0 {
        return None;
    }
    if step == 1 {
        // The hold is placed; then nothing more is ever heard.
        let key = world.blind(&Known { kind: Kind::Loyalty, issuer: String::new(), value: card.to_owned() }).await;
        place(world, store.as_ref(), &key).await;
        return None;
    }
    // Committed, but neither confirmed nor indexed: what the log's entry asks for is undone by hand.
    let receipt = world.create(CustomerDraft { identities: vec![loyalty(card)], ..named("Crashed") }).await;
    let key = world.blind(&Known { kind: Kind::Loyalty, issuer: String::new(), value: card.to_owned() }).await;
    world.settle().await;
    let now_ms = world.now_ms();
    let entries =
        store.identities(std::slice::from_ref(&key), now_ms).await.expect("reads").remove(0).expect("decodes");
    let [entry] = entries.as_slice() else { panic!("one owner, not {}", entries.len()) };
    store.release(&key, entry.token).await.expect("writes");
    let held = IdentityEntry { state: EntryState::Held { deadline_ms: now_ms + 1 }, ..entry.clone() };
    assert_eq!(store.hold(&key, held, 1, now_ms).await.expect("writes"), HoldOutcome::Placed);
    if step == 3 {
        let owner = CustomerKey { tenant: world.tenant(), customer: entry.customer };
        assert_eq!(store.settle(&owner, entry.token, now_ms).await.expect("writes"), Settled::Committed);
    }
    Some(receipt.customer_id)
}

async fn place(world: &World, store: &dyn Store, key: &IdentityKey) {
    let now_ms = world.now_ms();
    assert!(now_ms < NOON * 1_000 + TOKEN_KEEP_MS, "tokens are remembered for the whole test");
    let entry = IdentityEntry {
        customer: CustomerId::from_bytes([7; 16]),
        token: HoldToken(uuid::Uuid::new_v4().into_bytes()),
        state: EntryState::Held { deadline_ms: now_ms + 1 },
        expire_ms: None,
    };
    assert_eq!(store.hold(key, entry, 1, now_ms).await.expect("writes"), HoldOutcome::Placed);
}
