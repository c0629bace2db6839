//! The logs of the buckets.

use rapport::{
    domain::TouchedParts,
    store::{ALL_BUCKETS, BUCKETS, Hint, HintIndex, IndexOp, LogPosition, PAGE_MAX, StoreError},
};

use crate::make::{AnyStore, advance, bucket, commit, erase, identity, key, neighbour, token};

crate::scenarios! { store_on_redb, store_on_redis:
    an_empty_log_is_empty,
    a_commit_appends_what_it_says,
    positions_count_up_by_one,
    customers_of_a_bucket_share_its_log,
    a_refused_commit_takes_no_position,
    pages_follow_each_other,
    a_position_ahead_shows_in_the_end,
    a_position_too_old_shows_in_what_was_trimmed,
    positions_of_all_buckets_come_at_once,
    the_cursor_never_goes_back,
    the_cursor_never_passes_the_end,
    trimming_keeps_the_newest,
    trimming_never_passes_the_cursor,
    positions_go_on_after_everything_was_trimmed,
    erasing_leaves_the_log,
}

async fn fill(store: &AnyStore, count: u64) {
    for counter in 1..=count {
        store.commit(commit(&key(1), counter)).await.unwrap();
    }
}

async fn positions(store: &AnyStore, after: u64) -> Vec<u64> {
    let page = store.log(bucket(&key(1)), after, PAGE_MAX).await.unwrap();
    page.entries.iter().map(|(position, _)| *position).collect()
}

async fn position(store: &AnyStore) -> LogPosition {
    store.log_positions(&[bucket(&key(1))]).await.unwrap()[0]
}

async fn an_empty_log_is_empty(store: AnyStore) {
    let page = store.log(7, 0, 10).await.unwrap();
    assert!(page.entries.is_empty());
    assert_eq!((page.trimmed, page.end), (0, 0));
}

async fn a_commit_appends_what_it_says(store: AnyStore) {
    let mut create = commit(&key(1), 1);
    create.log.touched = TouchedParts::IDENTITIES.with(TouchedParts::ERASED);
    create.log.index = vec![
        IndexOp::Confirm { identity: identity(1), token: token(2) },
        IndexOp::Release { identity: identity(3), token: token(4) },
        IndexOp::List,
        IndexOp::Unlist,
        IndexOp::PutHint(Hint { index: HintIndex::Occasions, partition: 255, member: vec![0, 255] }),
        IndexOp::DropHint(Hint { index: HintIndex::Visits, partition: 0, member: vec![] }),
        IndexOp::Count { name: "2026-11".into(), key: "zrh-lakeside".into(), n: i64::MIN },
    ];
    let expected = create.log.clone();
    assert_eq!(store.commit(create).await.unwrap(), 1);
    let page = store.log(bucket(&key(1)), 0, 10).await.unwrap();
    assert_eq!(page.entries, [(1, expected)]);
    assert_eq!((page.trimmed, page.end), (0, 1));
}

async fn positions_count_up_by_one(store: AnyStore) {
    for counter in 1..=5 {
        assert_eq!(store.commit(commit(&key(1), counter)).await.unwrap(), counter);
    }
    assert_eq!(positions(&store, 0).await, [1, 2, 3, 4, 5]);
}

async fn customers_of_a_bucket_share_its_log(store: AnyStore) {
    let other = neighbour(&key(1));
    store.commit(commit(&key(1), 1)).await.unwrap();
    assert_eq!(store.commit(commit(&other, 1)).await.unwrap(), 2);
    let page = store.log(bucket(&other), 0, 10).await.unwrap();
    assert_eq!(page.entries.iter().map(|(_, entry)| &entry.key).collect::<Vec<_>>(), [&key(1), &other]);
}

async fn a_refused_commit_takes_no_position(store: AnyStore) {
    fill(&store, 1).await;
    assert!(matches!(store.commit(commit(&key(1), 1)).await, Err(StoreError::Conflict)));
    assert_eq!(store.commit(commit(&key(1), 2)).await.unwrap(), 2);
}

async fn pages_follow_each_other(store: AnyStore) {
    fill(&store, 5).await;
    let page = store.log(bucket(&key(1)), 1, 2).await.unwrap();
    assert_eq!(page.entries.iter().map(|(position, _)| *position).collect::<Vec<_>>(), [2, 3]);
    assert_eq!(page.end, 5);
    assert_eq!(positions(&store, 3).await, [4, 5]);
    assert!(positions(&store, 5).await.is_empty());
    assert!(store.log(bucket(&key(1)), 0, 0).await.unwrap().entries.is_empty());
}

async fn a_position_ahead_shows_in_the_end(store: AnyStore) {
    fill(&store, 2).await;
    for ahead in [3, 1 << 40, u64::MAX - 1] {
        let page = store.log(bucket(&key(1)), ahead, 10).await.unwrap();
        assert!(page.entries.is_empty());
        assert!(page.end < ahead);
    }
}

async fn a_position_too_old_shows_in_what_was_trimmed(store: AnyStore) {
    fill(&store, 5).await;
    advance(&store, bucket(&key(1)), 4, 2).await;
    let page = store.log(bucket(&key(1)), 1, 10).await.unwrap();
    assert_eq!((page.trimmed, page.end), (3, 5));
    assert_eq!(page.entries.iter().map(|(position, _)| *position).collect::<Vec<_>>(), [4, 5]);
}

async fn positions_of_all_buckets_come_at_once(store: AnyStore) {
    fill(&store, 3).await;
    advance(&store, bucket(&key(1)), 2, 1).await;
    let all = store.log_positions(&ALL_BUCKETS).await.unwrap();
    assert_eq!(all.len(), usize::from(BUCKETS));
    let marked = [bucket(&key(2)), bucket(&key(1)), bucket(&key(2))];
    let some = store.log_positions(&marked).await.unwrap();
    assert_eq!(some, marked.map(|bucket| all[usize::from(bucket)]), "only those, in the order asked for");
    assert!(store.log_positions(&[]).await.unwrap().is_empty());
    for (number, position) in all.into_iter().enumerate() {
        let expected = if number == usize::from(bucket(&key(1))) {
            LogPosition { cursor: 2, trimmed: 2, end: 3 }
        } else {
            LogPosition::default()
        };
        assert_eq!(position, expected, "bucket {number}");
    }
}

async fn the_cursor_never_goes_back(store: AnyStore) {
    fill(&store, 3).await;
    advance(&store, bucket(&key(1)), 2, 10).await;
    advance(&store, bucket(&key(1)), 1, 10).await;
    assert_eq!(position(&store).await, LogPosition { cursor: 2, trimmed: 0, end: 3 });
}

async fn the_cursor_never_passes_the_end(store: AnyStore) {
    fill(&store, 3).await;
    advance(&store, bucket(&key(1)), u64::MAX, u64::MAX).await;
    assert_eq!(position(&store).await, LogPosition { cursor: 3, trimmed: 0, end: 3 });
}

async fn trimming_keeps_the_newest(store: AnyStore) {
    fill(&store, 6).await;
    advance(&store, bucket(&key(1)), 6, 2).await;
    assert_eq!(positions(&store, 0).await, [5, 6]);
    // Keeping more later brings nothing back.
    advance(&store, bucket(&key(1)), 6, 5).await;
    assert_eq!(position(&store).await, LogPosition { cursor: 6, trimmed: 4, end: 6 });
}

async fn trimming_never_passes_the_cursor(store: AnyStore) {
    fill(&store, 6).await;
    advance(&store, bucket(&key(1)), 3, 0).await;
    assert_eq!(positions(&store, 0).await, [4, 5, 6]);
    assert_eq!(position(&store).await.trimmed, 3);
}

async fn positions_go_on_after_everything_was_trimmed(store: AnyStore) {
    fill(&store, 2).await;
    advance(&store, bucket(&key(1)), 2, 0).await;
    assert!(positions(&store, 0).await.is_empty());
    assert_eq!(store.commit(commit(&key(1), 3)).await.unwrap(), 3);
    assert_eq!(positions(&store, 0).await, [3]);
}

async fn erasing_leaves_the_log(store: AnyStore) {
    fill(&store, 2).await;
    store.commit(erase(&key(1), 3)).await.unwrap();
    assert_eq!(positions(&store, 0).await, [1, 2, 3]);
}
