//! What Redis does to us, and what the caller sees: the truth, at once, and recovery by itself.

use std::{
    io::Write,
    net::TcpStream,
    sync::Arc,
    time::{Duration, Instant},
};

use rapport::store::{
    EntryId, HoldOutcome, Lane, RecordWrite, Store, StoreError, StoreExt as _,
    keystore::{KeyName, KeyStore},
    redis::{Options, READ_DEADLINE, RedisKeys, RedisStore, WRITE_DEADLINE},
};

use crate::{
    common::redis::{DURABLE, Server, VOLATILE},
    make::{NOW, budget, commit, draw, erase, held, identity, key, record, revision, tenant, token},
};

/// What a busy machine may add to a deadline.
pub const SLACK: Duration = Duration::from_millis(750);
/// "At once": all of a test's calls together take less than one of them would wait.
const AT_ONCE: Duration = READ_DEADLINE;
/// Longest wait for something that happens by itself.
pub const RECOVERY_MAX: Duration = Duration::from_secs(15);

pub const TRIAL: Options = Options { prefix: String::new(), allow_volatile: true, is_patient: false };

pub async fn connect(server: &Server) -> Arc<RedisStore> {
    Arc::new(RedisStore::connect(&server.url(), TRIAL).await.unwrap())
}

/// Waits until the store serves again.
pub async fn recovered(store: &RedisStore) {
    let since = Instant::now();
    while let Err(error) = store.ready().await {
        assert!(since.elapsed() < RECOVERY_MAX, "{error}");
        tokio::task::yield_now().await;
    }
}

pub fn is_unavailable<T: std::fmt::Debug>(outcome: Result<T, StoreError>) {
    assert!(matches!(outcome, Err(StoreError::Unavailable(_))), "{outcome:?}");
}

/// Fault: Redis killed.
#[tokio::test]
async fn a_killed_server_fails_calls_at_once_and_is_found_again() {
    let mut server = Server::start(DURABLE);
    let store = connect(&server).await;
    store.commit(commit(&key(1), 1)).await.unwrap();
    server.kill();

    let since = Instant::now();
    let outcome = store.commit(commit(&key(1), 2)).await;
    assert!(matches!(outcome, Err(StoreError::Unknown(_) | StoreError::Unavailable(_))), "{outcome:?}");
    is_unavailable(store.record(&key(1)).await);
    is_unavailable(store.commit(commit(&key(1), 2)).await);
    is_unavailable(store.hold(&identity(1), held(1), 1, NOW).await);
    is_unavailable(store.confirm_budget(&budget("spring"), token(1)).await);
    is_unavailable(store.ready().await);
    assert!(since.elapsed() < AT_ONCE, "{:?}", since.elapsed());

    server.restart();
    recovered(&store).await;
    assert_eq!(store.record(&key(1)).await.unwrap(), Some(record(revision(1), b"sealed")));
    store.commit(commit(&key(1), 2)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_survives_a_kill_under_writers() {
    let mut server = Server::start(DURABLE);
    let store = connect(&server).await;
    let (progress, mut seen) = tokio::sync::mpsc::channel(1);
    let writers: Vec<_> = (0..4_u8)
        .map(|number| {
            let (store, progress) = (Arc::clone(&store), progress.clone());
            tokio::spawn(async move {
                let mut acknowledged = 0;
                while store.commit(commit(&key(number), acknowledged + 1)).await.is_ok() {
                    acknowledged += 1;
                    let _ = progress.try_send(());
                }
                acknowledged
            })
        })
        .collect();
    for _ in 0..40 {
        seen.recv().await.unwrap();
    }
    server.kill();
    let mut acknowledged = Vec::new();
    for writer in writers {
        acknowledged.push(writer.await.unwrap());
    }
    server.restart();
    recovered(&store).await;
    for (number, acknowledged) in (0..).zip(acknowledged) {
        let record = store.record(&key(number)).await.unwrap();
        let counter = record.map_or(0, |record| u64::from_be_bytes(record[4..12].try_into().unwrap()));
        // The one under way may have happened.
        assert!(counter == acknowledged || counter == acknowledged + 1, "{counter} of {acknowledged}");
    }
}

/// Fault: Redis hangs.
#[tokio::test]
async fn a_stalled_server_meets_our_own_deadline() {
    let server = Server::start(VOLATILE);
    let store = connect(&server).await;
    store.commit(commit(&key(1), 1)).await.unwrap();
    server.stop();

    let since = Instant::now();
    is_unavailable(store.record(&key(1)).await);
    assert!(since.elapsed() >= READ_DEADLINE && since.elapsed() < READ_DEADLINE + SLACK, "{:?}", since.elapsed());
    // The breaker is open: nobody waits any more.
    let since = Instant::now();
    is_unavailable(store.record(&key(1)).await);
    is_unavailable(store.commit(commit(&key(1), 2)).await);
    assert!(since.elapsed() < AT_ONCE, "{:?}", since.elapsed());

    server.resume();
    recovered(&store).await;
    store.commit(commit(&key(1), 2)).await.unwrap();
}

#[tokio::test]
async fn a_write_without_an_answer_has_an_unknown_outcome() {
    let server = Server::start(VOLATILE);
    let store = connect(&server).await;
    store.commit(commit(&key(1), 1)).await.unwrap();
    server.stop();
    let since = Instant::now();
    let outcome = store.commit(commit(&key(1), 2)).await;
    assert!(matches!(outcome, Err(StoreError::Unknown(_))), "{outcome:?}");
    assert!(since.elapsed() >= WRITE_DEADLINE && since.elapsed() < WRITE_DEADLINE + SLACK, "{:?}", since.elapsed());
    server.resume();
    recovered(&store).await;
    // In either case repeating is safe: it succeeds, or it conflicts.
    match store.commit(commit(&key(1), 2)).await {
        Ok(_) | Err(StoreError::Conflict) => {}
        other => panic!("{other:?}"),
    }
    assert_eq!(store.record(&key(1)).await.unwrap(), Some(record(revision(2), b"sealed")));
}

#[tokio::test]
async fn a_server_that_is_away_at_the_start_is_found_later() {
    let mut server = Server::start(VOLATILE);
    server.kill();
    let store = connect(&server).await;
    let keys = RedisKeys::connect(&server.url(), TRIAL).await.unwrap();
    is_unavailable(store.ready().await);
    is_unavailable(keys.get(&KeyName::Index(tenant("acme"), 1)).await);
    server.restart();
    recovered(&store).await;
}

/// Fault: Redis' memory is full.
#[tokio::test]
async fn a_full_server_refuses_writes_and_still_reads_and_erases() {
    let server = Server::start(VOLATILE);
    let store = connect(&server).await;
    store.commit(commit(&key(1), 1)).await.unwrap();
    let before = store.dump().await.unwrap();
    server.tell("CONFIG SET maxmemory 1");
    for outcome in [
        store.commit(commit(&key(1), 2)).await.map(drop),
        store.settle(&key(1), token(1), NOW).await.map(drop),
        store.hold(&identity(1), held(1), 1, NOW).await.map(drop),
        store.hold_budget(&budget("spring"), draw(1, 1), 1, NOW + 1, NOW).await.map(drop),
        // Redis refuses a transaction whole, reads too. It comes before a write.
        store.load(&key(1), Lane::Changes, &[]).await.map(drop),
    ] {
        assert!(matches!(outcome, Err(StoreError::Full(_))), "{outcome:?}");
    }
    assert_eq!(store.record(&key(1)).await.unwrap(), Some(record(revision(1), b"sealed")));
    assert_eq!(store.dump().await.unwrap(), before);
    // What frees memory works: somebody's erasure does not wait for more of it.
    store.commit(erase(&key(1), 2)).await.unwrap();
    assert_eq!(store.record(&key(1)).await.unwrap(), None);
    server.tell("CONFIG SET maxmemory 0");
    store.commit(commit(&key(1), 1)).await.unwrap();
}

/// Fault: Failover.
#[tokio::test]
async fn a_replica_refuses_writes_until_it_is_the_master() {
    let server = Server::start(VOLATILE);
    let store = connect(&server).await;
    store.commit(commit(&key(1), 1)).await.unwrap();
    server.tell("REPLICAOF 127.0.0.1 1");
    for _ in 0..3 {
        is_unavailable(store.commit(commit(&key(1), 2)).await);
        // Reading goes on.
        assert_eq!(store.record(&key(1)).await.unwrap(), Some(record(revision(1), b"sealed")));
    }
    server.tell("REPLICAOF NO ONE");
    recovered(&store).await;
    store.commit(commit(&key(1), 2)).await.unwrap();
}

#[tokio::test]
async fn missing_replicas_refuse_writes_without_storing() {
    let server = Server::start(VOLATILE);
    let store = connect(&server).await;
    server.tell("CONFIG SET min-replicas-to-write 1");
    is_unavailable(store.commit(commit(&key(1), 1)).await);
    server.tell("CONFIG SET min-replicas-to-write 0");
    assert!(store.dump().await.unwrap().is_empty());
    store.commit(commit(&key(1), 1)).await.unwrap();
}

/// Fault: Redis is loading.
#[tokio::test]
async fn a_busy_server_is_bounded() {
    let server = Server::start(VOLATILE);
    server.tell("CONFIG SET busy-reply-threshold 1");
    let store = connect(&server).await;
    store.commit(commit(&key(1), 1)).await.unwrap();
    let mut script = TcpStream::connect(("127.0.0.1", server.port())).unwrap();
    script.write_all(b"EVAL \"while true do end\" 0\r\n").unwrap();
    let since = Instant::now();
    loop {
        match store.record(&key(1)).await {
            // The script has not begun yet.
            Ok(_) => tokio::task::yield_now().await,
            Err(StoreError::Unavailable(_)) => break,
            Err(other) => panic!("{other}"),
        }
    }
    assert!(since.elapsed() < READ_DEADLINE + SLACK + RECOVERY_MAX);
    assert_eq!(server.tell("SCRIPT KILL"), "+OK\r\n");
    recovered(&store).await;
    store.commit(commit(&key(1), 2)).await.unwrap();
}

#[tokio::test]
async fn forgotten_scripts_are_told_again() {
    let server = Server::start(VOLATILE);
    let store = connect(&server).await;
    for counter in 1..=3 {
        server.tell("SCRIPT FLUSH");
        store.commit(commit(&key(1), counter)).await.unwrap();
    }
    assert_eq!(store.hold(&identity(1), held(1), 1, NOW).await.unwrap(), HoldOutcome::Placed);
}

#[tokio::test]
async fn a_foreign_value_is_damage_and_nothing_is_written() {
    let server = Server::start(VOLATILE);
    let store = connect(&server).await;
    server.tell(&format!("SADD {} x", rapport::store::keys::record(&key(1))));
    assert!(matches!(store.record(&key(1)).await, Err(StoreError::Corrupt(_))));
    server.tell(&format!("SET {} nonsense", rapport::store::keys::identity(&identity(1))));
    store.hold(&identity(2), held(2), 1, NOW).await.unwrap();
    let found = store.identities(&[identity(1), identity(2)], NOW).await.unwrap();
    assert!(matches!(&found[..], [Err(StoreError::Corrupt(_)), Ok(other)] if *other == [held(2)]), "{found:?}");
    assert!(matches!(store.hold(&identity(1), held(1), 1, NOW).await, Err(StoreError::Corrupt(_))));
    store.commit(commit(&key(2), 1)).await.unwrap();
}

#[tokio::test]
async fn a_redis_that_forgets_or_evicts_is_not_ready() {
    let server = Server::start(VOLATILE);
    let store = RedisStore::connect(&server.url(), Options::default()).await.unwrap();
    let cause = async || store.ready().await.unwrap_err().to_string();
    assert!(cause().await.contains("appendonly yes"));
    server.tell("CONFIG SET appendonly yes");
    store.ready().await.unwrap();
    server.tell("CONFIG SET maxmemory 1gb");
    store.ready().await.unwrap();
    server.tell("CONFIG SET maxmemory-policy allkeys-lru");
    assert!(cause().await.contains("noeviction"));
    // A service that forbids CONFIG: INFO says the same.
    server.tell("ACL SETUSER default -config");
    assert!(cause().await.contains("noeviction"));
    RedisKeys::connect(&server.url(), Options::default()).await.unwrap().ready().await.unwrap_err();
}

#[tokio::test]
async fn bad_options_are_refused_without_telling_secrets() {
    let refused = async |url: &str, prefix: &str| {
        let options = Options { prefix: prefix.into(), ..Options::default() };
        RedisStore::connect(url, options).await.err().expect("refused").to_string()
    };
    for url in ["", "http://user:hunter2@localhost", "redis://:hunter2@localhost:notaport/0", "hunter2"] {
        assert!(!refused(url, "").await.contains("hunter2"));
    }
    for prefix in ["{a}", "a*", "a b", "a\0"] {
        assert!(refused("redis://127.0.0.1:1/0", prefix).await.contains("prefix"));
    }
}

/// Counts of commands since the last reset, without those of setting up.
fn commands(server: &Server) -> Vec<String> {
    let stats = server.tell("INFO commandstats");
    let count = |line: &str| {
        let (name, rest) = line.strip_prefix("cmdstat_")?.split_once(":calls=")?;
        let calls = rest.split(',').next()?;
        (!name.starts_with("config") && name != "info").then(|| format!("{name}={calls}"))
    };
    let mut counts: Vec<_> = stats.lines().filter_map(count).collect();
    counts.sort();
    counts
}

#[tokio::test]
async fn the_hot_path_costs_what_it_promises() {
    let server = Server::start(VOLATILE);
    let store = connect(&server).await;
    let mut create = commit(&key(1), 1);
    create.record = RecordWrite::Put(record(revision(1), b"sealed"));
    store.commit(create).await.unwrap();

    server.tell("CONFIG RESETSTAT");
    store.record(&key(1)).await.unwrap();
    assert_eq!(commands(&server), ["get=1"]);

    server.tell("CONFIG RESETSTAT");
    store.identities(&[identity(1)], NOW).await.unwrap();
    assert_eq!(commands(&server), ["get=1"]);

    server.tell("CONFIG RESETSTAT");
    let ids: [EntryId; 2] = [[1; 16], [2; 16]];
    store.load(&key(1), Lane::Interactions, &ids).await.unwrap();
    assert_eq!(commands(&server), ["exec=1", "get=2", "hmget=1", "multi=1"]);

    server.tell("CONFIG RESETSTAT");
    store.commit(commit(&key(1), 2)).await.unwrap();
    assert!(commands(&server).contains(&"evalsha=1".to_owned()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cancelled_calls_never_mix_up_answers() {
    let server = Server::start(VOLATILE);
    let store = connect(&server).await;
    for number in 0..8_u8 {
        let mut create = commit(&key(number), 1);
        create.record = RecordWrite::Put(record(revision(1), &[number]));
        store.commit(create).await.unwrap();
    }
    for round in 0..50_u32 {
        let calls: Vec<_> = (0..64_u32)
            .map(|call| {
                let store = Arc::clone(&store);
                let number = (call % 8) as u8;
                (call, number, tokio::spawn(async move { store.record(&key(number)).await }))
            })
            .collect();
        tokio::task::yield_now().await;
        for (call, number, task) in calls {
            if (call + round) % 3 == 0 {
                task.abort();
                continue;
            }
            assert_eq!(task.await.unwrap().unwrap(), Some(record(revision(1), &[number])));
        }
    }
}
