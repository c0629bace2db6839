//! Many at once.

use std::{collections::HashSet, sync::Arc};

use rapport::store::{
    CustomerKey, HoldOutcome, PAGE_MAX, RecordWrite, Revision, Settled, Store as _, StoreError, StoreExt as _,
    TOKEN_KEEP_MS, hints,
    redis::{Exchange, Options, RedisStore},
};
use tokio::sync::mpsc;

use crate::common::redis::{Server, VOLATILE};
use crate::make::{AnyStore, NOW, bucket, commit, held, identity, key, neighbour, record, revision, token};

crate::scenarios! { store_on_redb, store_on_redis:
    of_many_creations_exactly_one_wins,
    of_many_changes_exactly_one_wins,
    a_conflict_does_not_spoil_its_neighbours,
    positions_are_unique_and_complete,
    a_hold_is_committed_or_refused_never_both,
    an_exclusive_seat_has_one_winner,
    shared_seats_are_never_overbooked,
    a_read_after_a_commit_sees_it,
    a_load_is_of_one_moment,
}

const MANY: u8 = 24;

/// Runs all at once; answers in their order.
async fn at_once<T: Send + 'static, F: Future<Output = T> + Send + 'static>(calls: impl Iterator<Item = F>) -> Vec<T> {
    let tasks: Vec<_> = calls.map(tokio::spawn).collect();
    let mut answers = Vec::with_capacity(tasks.len());
    for task in tasks {
        answers.push(task.await.unwrap());
    }
    answers
}

fn attempt(
    store: &AnyStore,
    key: CustomerKey,
    counter: u64,
    mark: u8,
) -> impl Future<Output = Result<u64, StoreError>> + use<> {
    let store = Arc::clone(store);
    let mut change = commit(&key, counter);
    let marked = Revision { counter, write_id: mark.into() };
    change.record = RecordWrite::Put(record(marked, b""));
    change.log.revision = marked;
    async move { store.commit(change).await }
}

async fn of_many_creations_exactly_one_wins(store: AnyStore) {
    let answers = at_once((0..MANY).map(|mark| attempt(&store, key(1), 1, mark))).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    assert!(answers.iter().all(|answer| matches!(answer, Ok(1) | Err(StoreError::Conflict))), "{answers:?}");
    let winner = answers.iter().position(Result::is_ok).unwrap() as u64;
    let expected = record(Revision { counter: 1, write_id: winner }, b"");
    assert_eq!(store.record(&key(1)).await.unwrap(), Some(expected));
}

async fn of_many_changes_exactly_one_wins(store: AnyStore) {
    store.commit(commit(&key(1), 1)).await.unwrap();
    let answers = at_once((0..MANY).map(|mark| attempt(&store, key(1), 2, mark))).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    assert_eq!(store.log(bucket(&key(1)), 0, PAGE_MAX).await.unwrap().end, 2);
}

async fn a_conflict_does_not_spoil_its_neighbours(store: AnyStore) {
    // Every second one expects a record that is not there.
    let answers = at_once((0..MANY).map(|number| attempt(&store, key(number), 1 + u64::from(number % 2), 0))).await;
    for (number, answer) in answers.iter().enumerate() {
        assert_eq!(answer.is_ok(), number % 2 == 0, "{number}: {answer:?}");
    }
}

async fn positions_are_unique_and_complete(store: AnyStore) {
    let other = neighbour(&key(1));
    let calls = [key(1), other].into_iter().map(|key| {
        let store = Arc::clone(&store);
        async move {
            let mut positions = Vec::new();
            for counter in 1..=10 {
                positions.push(store.commit(commit(&key, counter)).await.unwrap());
            }
            positions
        }
    });
    let positions = at_once(calls).await;
    assert!(positions.iter().all(|positions| positions.is_sorted()));
    let all: HashSet<_> = positions.into_iter().flatten().collect();
    assert_eq!(all, (1..=20).collect());
    let page = store.log(bucket(&key(1)), 0, PAGE_MAX).await.unwrap();
    assert_eq!(page.entries.len(), 20);
}

async fn a_hold_is_committed_or_refused_never_both(store: AnyStore) {
    for number in 0..MANY {
        let mut create = commit(&key(number), 1);
        create.tokens = vec![token(1)];
        let (one, other) = (Arc::clone(&store), Arc::clone(&store));
        let committed = tokio::spawn(async move { one.commit(create).await });
        let settled = tokio::spawn(async move { other.settle(&key(number), token(1), NOW).await.unwrap() });
        match (committed.await.unwrap(), settled.await.unwrap()) {
            (Ok(_), Settled::Committed) | (Err(StoreError::HoldRefused), Settled::Refused) => {}
            both => panic!("{both:?}"),
        }
    }
}

fn place(store: &AnyStore, number: u8, seats: usize) -> impl Future<Output = HoldOutcome> + use<> {
    let store = Arc::clone(store);
    async move { store.hold(&identity(1), held(number), seats, NOW).await.unwrap() }
}

async fn an_exclusive_seat_has_one_winner(store: AnyStore) {
    let answers = at_once((0..MANY).map(|number| place(&store, number, 1))).await;
    let winners: Vec<_> = (0..MANY).filter(|number| answers[usize::from(*number)] == HoldOutcome::Placed).collect();
    assert_eq!(winners.len(), 1);
    for answer in answers {
        assert!(answer == HoldOutcome::Placed || answer == HoldOutcome::Taken(vec![held(winners[0])]));
    }
}

async fn shared_seats_are_never_overbooked(store: AnyStore) {
    let answers = at_once((0..MANY).map(|number| place(&store, number, 16))).await;
    assert_eq!(answers.iter().filter(|answer| **answer == HoldOutcome::Placed).count(), 16);
    assert_eq!(store.identities(&[identity(1)], NOW).await.unwrap()[0].as_ref().unwrap().len(), 16);
}

async fn a_read_after_a_commit_sees_it(store: AnyStore) {
    let calls = (0..4).map(|number| {
        let store = Arc::clone(&store);
        async move {
            for counter in 1..=20 {
                store.commit(commit(&key(number), counter)).await.unwrap();
                let seen = store.record(&key(number)).await.unwrap();
                assert_eq!(seen, Some(record(revision(counter), b"sealed")));
            }
        }
    });
    at_once(calls).await;
}

async fn a_load_is_of_one_moment(store: AnyStore) {
    use rapport::store::Lane;
    let writer = {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            for counter in 1..=40_u64 {
                let mut change = commit(&key(1), counter);
                change.requests = Some(counter.to_be_bytes().to_vec().into());
                let bytes = counter.to_be_bytes().to_vec().into();
                let entry = rapport::store::HistoryEntry { id: [1; 16], time_ms: 1, bytes };
                change.history_put = vec![(Lane::Changes, entry)];
                store.commit(change).await.unwrap();
            }
        })
    };
    while !writer.is_finished() {
        let loaded = store.load(&key(1), Lane::Changes, &[[1; 16]]).await.unwrap();
        let Some(record) = loaded.record else {
            continue;
        };
        assert_eq!(record[4..12], *loaded.requests.unwrap());
        assert_eq!(record[4..12], *loaded.history[0].as_ref().unwrap().bytes);
        tokio::task::yield_now().await;
    }
    writer.await.unwrap();
}

/// How often a Redis is read out while it is written to.
const READS: usize = 200;

/// A key that goes between its listing and its reading is gone, and no damage.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_goes_while_a_redis_is_read_out_is_no_damage() {
    let server = Server::start(VOLATILE);
    let options = || Options { allow_volatile: true, ..Options::default() };
    let url = server.url();
    let store = Arc::new(RedisStore::connect(&url, options()).await.unwrap());
    let writers = (0..4).map(|number| {
        let store = store.clone();
        tokio::spawn(async move {
            let (key, mut revision) = (key(number), 0);
            let hint = hints::in_all_customers(&key);
            loop {
                revision += 1;
                store.put_hint(&key.tenant, &hint, revision).await.unwrap();
                store.settle(&key, token(number), NOW).await.unwrap();
                store.hold(&identity(number), held(number), 1, NOW).await.unwrap();
                store.release(&identity(number), token(number)).await.unwrap();
                store.drop_hint(&key.tenant, &hint, revision).await.unwrap();
                store.purge(NOW + TOKEN_KEEP_MS + 1).await.unwrap();
            }
        })
    });
    let writers: Vec<_> = writers.collect();
    let exchange = Exchange::connect(&url, options(), "data's").await.unwrap();
    for _ in 0..READS {
        let (send, mut pages) = mpsc::channel(PAGE_MAX);
        let (read, ()) = tokio::join!(
            async {
                let read = exchange.read(&send).await;
                drop(send);
                read
            },
            async { while pages.recv().await.is_some() {} }
        );
        read.unwrap();
        store.dump().await.unwrap();
    }
    writers.iter().for_each(tokio::task::JoinHandle::abort);
}
