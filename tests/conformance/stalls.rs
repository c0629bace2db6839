//! Calls that their callers drop before Redis has answered: what that says about the server, and what it does to others.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use rapport::store::{
    RecordWrite, Store, StoreExt as _,
    redis::{READ_DEADLINE, RedisStore},
};
use tokio::time::timeout;

use crate::{
    common::redis::{Server, VOLATILE},
    faults::{connect, is_unavailable, recovered},
    make::{commit, key, record, revision},
};

/// Waited longer than any healthy server takes, and yet less than the deadline.
const NEARLY: Duration = Duration::from_millis(240);
/// A caller who has gone after so long has only been impatient.
const IMPATIENT: Duration = Duration::from_millis(50);

/// The connections of others than the one who asks.
fn connections(server: &Server) -> Vec<String> {
    let clients = server.tell("CLIENT LIST");
    let id = |line: &str| line.strip_prefix("id=")?.split(' ').next().map(ToOwned::to_owned);
    clients.lines().filter(|line| !line.contains("cmd=client")).filter_map(id).collect()
}

async fn put(store: &RedisStore, number: u8) {
    let mut create = commit(&key(number), 1);
    create.record = RecordWrite::Put(record(revision(1), &[number]));
    store.commit(create).await.unwrap();
}

/// A deadline that is kept further up drops the call. The next callers do not wait as long again.
#[tokio::test]
async fn a_call_dropped_after_a_stall_fails_others_at_once() {
    let server = Server::start(VOLATILE);
    let store = connect(&server).await;
    put(&store, 1).await;
    server.stop();
    timeout(NEARLY, store.record(&key(1))).await.expect_err("it does not answer");
    let since = Instant::now();
    is_unavailable(store.record(&key(1)).await);
    is_unavailable(store.commit(commit(&key(1), 2)).await);
    assert!(since.elapsed() < READ_DEADLINE, "{:?}", since.elapsed());
    server.resume();
    recovered(&store).await;
    assert_eq!(store.record(&key(1)).await.unwrap(), Some(record(revision(1), &[1])));
}

#[tokio::test]
async fn an_impatient_caller_ends_nothing_for_others() {
    let server = Server::start(VOLATILE);
    let store = connect(&server).await;
    put(&store, 1).await;
    let before = connections(&server);
    assert_eq!(before.len(), 1, "{before:?}");
    server.stop();
    for _ in 0..3 {
        timeout(IMPATIENT, store.record(&key(1))).await.expect_err("it does not answer");
        // A write may take longer, and is waited for longer.
        timeout(IMPATIENT, store.commit(commit(&key(2), 1))).await.expect_err("it does not answer");
    }
    server.resume();
    assert_eq!(store.record(&key(1)).await.unwrap(), Some(record(revision(1), &[1])));
    assert_eq!(connections(&server), before, "it is still the same connection");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_storm_of_dropped_calls_around_a_stall_never_mixes_up_answers() {
    let server = Server::start(VOLATILE);
    let store = connect(&server).await;
    for number in 0..8 {
        put(&store, number).await;
    }
    let mut answered = 0;
    for round in 0..6_u64 {
        server.stop();
        let calls: Vec<_> = (0..128_u64)
            .map(|call| {
                let (store, number) = (Arc::clone(&store), (call % 8) as u8);
                // Some are dropped while the server is stopped, some just as it goes on, some get their answer.
                let patience = Duration::from_millis((call * 7 + round) % 260);
                (number, tokio::spawn(async move { timeout(patience, store.record(&key(number))).await }))
            })
            .collect();
        timeout(Duration::from_millis(60 + 20 * round), std::future::pending::<()>()).await.expect_err("never ready");
        server.resume();
        for (number, call) in calls {
            if let Ok(Ok(found)) = call.await.unwrap() {
                assert_eq!(found, Some(record(revision(1), &[number])));
                answered += 1;
            }
        }
        recovered(&store).await;
        for number in 0..8 {
            assert_eq!(store.record(&key(number)).await.unwrap(), Some(record(revision(1), &[number])));
        }
    }
    assert!(answered > 0, "some calls outlive the stall");
}
