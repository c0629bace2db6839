//! Tallies: counted exactly once, with any number of workers and after any crash.

use std::{collections::BTreeMap, sync::Arc};

use rapport::store::{Advance, CustomerKey, IndexOp, OTHER, StoreExt as _, TALLY_KEYS_MAX, Tally, TallyKey};

use crate::{
    make::{AnyStore, NOW, bucket, commit, key, neighbour, tenant},
    worker::replica,
};

crate::scenarios! { store_on_redb, store_on_redis:
    an_untouched_tally_is_empty,
    a_step_puts_its_tallies,
    a_step_from_elsewhere_changes_nothing,
    a_repeated_step_changes_nothing,
    a_step_that_moves_nothing_puts_no_tally,
    tallies_do_not_mix,
    counts_are_folded_from_the_log,
    a_full_tally_counts_the_rest_together,
    many_workers_count_once,
    workers_that_crash_anywhere_count_once,
}

const MONTH: &str = "2026-11";

fn tally_key(bucket: u8) -> TallyKey {
    TallyKey { tenant: tenant("acme"), bucket, name: MONTH.into() }
}

fn tally(counts: &[(&str, i64)]) -> Tally {
    let mut tally = Tally::default();
    for (key, n) in counts {
        tally.add(key, *n);
    }
    tally.keep(NOW);
    tally
}

fn step(from: u64, to: u64, tally: Tally) -> Advance {
    let bucket = bucket(&key(1));
    Advance { bucket, from, to, keep: 0, values: vec![tally.to_value(&tally_key(bucket), NOW)] }
}

async fn read(store: &AnyStore) -> Tally {
    store.tallies(&[tally_key(bucket(&key(1)))]).await.unwrap().remove(0)
}

async fn fill(store: &AnyStore, key: &CustomerKey, count: u64) {
    for counter in 1..=count {
        let mut change = commit(key, counter);
        let count = |key: &str, n| IndexOp::Count { name: MONTH.into(), key: key.into(), n };
        change.log.index = vec![count("visits", 1), count("amount", counter as i64), count("visits", 1)];
        store.commit(change).await.unwrap();
    }
}

/// What `customers` customers with `each` commits come to.
fn expected(customers: i64, each: i64) -> BTreeMap<String, i64> {
    let counts = [("visits", 2 * customers * each), ("amount", customers * each * (each + 1) / 2)];
    counts.map(|(key, n)| (key.to_owned(), n)).into()
}

async fn counted(store: &AnyStore) -> BTreeMap<String, i64> {
    replica(store).reports().counted(&tenant("acme"), MONTH).await.unwrap()
}

async fn an_untouched_tally_is_empty(store: AnyStore) {
    assert_eq!(read(&store).await, Tally::default());
    assert!(store.tallies(&[]).await.unwrap().is_empty());
    assert!(counted(&store).await.is_empty());
}

async fn a_step_puts_its_tallies(store: AnyStore) {
    fill(&store, &key(1), 3).await;
    assert!(store.advance(step(0, 2, tally(&[("a", 1), ("b", -2)]))).await.unwrap());
    assert_eq!(read(&store).await, tally(&[("a", 1), ("b", -2)]));
    assert!(store.advance(step(2, 3, tally(&[("c", 3)]))).await.unwrap());
    assert_eq!(read(&store).await, tally(&[("c", 3)]));
}

async fn a_step_from_elsewhere_changes_nothing(store: AnyStore) {
    fill(&store, &key(1), 3).await;
    store.advance(step(0, 2, tally(&[("a", 1)]))).await.unwrap();
    let before = store.dump().await.unwrap();
    for from in [0, 1, 3, u64::MAX] {
        assert!(!store.advance(step(from, 3, tally(&[("a", 9)]))).await.unwrap());
    }
    assert_eq!(store.dump().await.unwrap(), before);
}

async fn a_repeated_step_changes_nothing(store: AnyStore) {
    fill(&store, &key(1), 3).await;
    assert!(store.advance(step(0, 3, tally(&[("a", 1)]))).await.unwrap());
    assert!(!store.advance(step(0, 3, tally(&[("a", 1)]))).await.unwrap());
    assert_eq!(read(&store).await, tally(&[("a", 1)]));
}

async fn a_step_that_moves_nothing_puts_no_tally(store: AnyStore) {
    fill(&store, &key(1), 3).await;
    store.advance(Advance { keep: 9, ..step(0, 2, tally(&[("a", 1)])) }).await.unwrap();
    // The second one trims, and yet counts nothing.
    for keep in [9, 0] {
        for to in [0, 1, 2] {
            assert!(store.advance(Advance { keep, ..step(2, to, tally(&[("a", 9)])) }).await.unwrap());
        }
    }
    assert_eq!(read(&store).await, tally(&[("a", 1)]));
}

async fn tallies_do_not_mix(store: AnyStore) {
    fill(&store, &key(1), 1).await;
    let own = tally_key(bucket(&key(1)));
    let keys = [
        own.clone(),
        TallyKey { name: "2026-12".into(), ..own.clone() },
        TallyKey { name: "a:b".into(), ..own.clone() },
        TallyKey { tenant: tenant("acm"), ..own.clone() },
    ];
    let values: Vec<_> = (1..).zip(&keys).map(|(n, key)| tally(&[("a", n)]).to_value(key, NOW)).collect();
    store.advance(Advance { values, ..step(0, 1, Tally::default()) }).await.unwrap();
    let elsewhere = TallyKey { bucket: own.bucket.wrapping_add(1), ..own };
    let found = store.tallies(&[&keys[..], &[elsewhere]].concat()).await.unwrap();
    let numbers: Vec<_> = found.iter().map(|tally| tally.counts.get("a").copied()).collect();
    assert_eq!(numbers, [Some(1), Some(2), Some(3), Some(4), None]);
}

async fn counts_are_folded_from_the_log(store: AnyStore) {
    fill(&store, &key(1), 4).await;
    fill(&store, &neighbour(&key(1)), 4).await;
    fill(&store, &key(2), 4).await;
    let replica = replica(&store);
    for _ in 0..2 {
        replica.worker().sweep().await.unwrap();
        assert_eq!(counted(&store).await, expected(3, 4));
    }
}

async fn a_full_tally_counts_the_rest_together(store: AnyStore) {
    let mut create = commit(&key(1), 1);
    let count = |number| IndexOp::Count { name: MONTH.into(), key: format!("key-{number:04}"), n: 1 };
    create.log.index = (0..TALLY_KEYS_MAX + 100).map(count).collect();
    store.commit(create).await.unwrap();
    replica(&store).worker().sweep().await.unwrap();
    let counts = counted(&store).await;
    assert_eq!((counts.len(), counts[OTHER]), (TALLY_KEYS_MAX + 1, 100));
}

async fn many_workers_count_once(store: AnyStore) {
    let writers: Vec<_> = (0..8)
        .map(|number| {
            let store = Arc::clone(&store);
            tokio::spawn(async move { fill(&store, &key(number), 20).await })
        })
        .collect();
    let workers: Vec<_> = (0..4)
        .map(|_| {
            let replica = replica(&store);
            tokio::spawn(async move {
                for _ in 0..10 {
                    replica.worker().sweep().await.unwrap();
                }
            })
        })
        .collect();
    for task in writers.into_iter().chain(workers) {
        task.await.unwrap();
    }
    replica(&store).worker().sweep().await.unwrap();
    assert_eq!(counted(&store).await, expected(8, 20));
}

/// A sweep that is cut off at one of its waits: what it had asked for may still happen, and it never hears of it.
async fn workers_that_crash_anywhere_count_once(store: AnyStore) {
    for number in 0..4 {
        fill(&store, &key(number), 5).await;
    }
    for yields in 0..40 {
        let replica = replica(&store);
        let sweep = tokio::spawn(async move { replica.worker().sweep().await });
        for _ in 0..yields * 4 {
            tokio::task::yield_now().await;
        }
        sweep.abort();
        // Ended or cut off: both are what happens.
        let _ = sweep.await;
    }
    replica(&store).worker().sweep().await.unwrap();
    assert_eq!(counted(&store).await, expected(4, 5));
}
