//! The history of a customer.

use rapport::store::{EntryId, HistoryEntry, HistoryRange, Lane, PAGE_MAX};

use crate::make::{AnyStore, commit, entry, key};

crate::scenarios! { store_on_redb, store_on_redis:
    an_empty_history_is_empty,
    entries_are_ordered_by_time_then_id,
    newest_first_is_the_reverse,
    a_range_takes_its_start_and_leaves_its_end,
    an_impossible_range_is_empty,
    pages_follow_each_other_without_gaps,
    pages_follow_each_other_backwards,
    a_page_after_something_outside_the_range,
    a_put_replaces_the_entry_with_its_id,
    a_replaced_entry_leaves_no_trace_of_its_old_time,
    a_drop_removes_and_ignores_the_unknown,
    a_drop_comes_before_a_put,
    lanes_do_not_mix,
    histories_of_customers_do_not_mix,
    the_extreme_times_are_kept,
    a_page_is_never_longer_than_its_maximum,
}

fn all() -> HistoryRange {
    HistoryRange { from_ms: i64::MIN, to_ms: i64::MAX, after: None, newest_first: false, limit: PAGE_MAX }
}

async fn with(store: &AnyStore, entries: &[HistoryEntry]) {
    let mut create = commit(&key(1), 1);
    create.history_put = entries.iter().map(|entry| (Lane::Interactions, entry.clone())).collect();
    store.commit(create).await.unwrap();
}

async fn ids(store: &AnyStore, range: HistoryRange) -> Vec<u8> {
    let found = store.history(&key(1), Lane::Interactions, range).await.unwrap();
    found.iter().map(|entry| entry.id[0]).collect()
}

fn four() -> [HistoryEntry; 4] {
    [entry(4, 20), entry(2, 10), entry(3, 20), entry(9, -5)]
}

async fn an_empty_history_is_empty(store: AnyStore) {
    assert!(ids(&store, all()).await.is_empty());
}

async fn entries_are_ordered_by_time_then_id(store: AnyStore) {
    with(&store, &four()).await;
    let found = store.history(&key(1), Lane::Interactions, all()).await.unwrap();
    assert_eq!(found, [entry(9, -5), entry(2, 10), entry(3, 20), entry(4, 20)]);
}

async fn newest_first_is_the_reverse(store: AnyStore) {
    with(&store, &four()).await;
    assert_eq!(ids(&store, HistoryRange { newest_first: true, ..all() }).await, [4, 3, 2, 9]);
    assert_eq!(ids(&store, HistoryRange { newest_first: true, limit: 2, ..all() }).await, [4, 3]);
}

async fn a_range_takes_its_start_and_leaves_its_end(store: AnyStore) {
    with(&store, &four()).await;
    assert_eq!(ids(&store, HistoryRange { from_ms: -5, to_ms: 20, ..all() }).await, [9, 2]);
    assert_eq!(ids(&store, HistoryRange { from_ms: -4, to_ms: 21, ..all() }).await, [2, 3, 4]);
    assert_eq!(ids(&store, HistoryRange { from_ms: 20, to_ms: 21, newest_first: true, ..all() }).await, [4, 3]);
}

async fn an_impossible_range_is_empty(store: AnyStore) {
    with(&store, &four()).await;
    assert!(ids(&store, HistoryRange { from_ms: 20, to_ms: 20, ..all() }).await.is_empty());
    assert!(ids(&store, HistoryRange { from_ms: 20, to_ms: -20, newest_first: true, ..all() }).await.is_empty());
    assert!(ids(&store, HistoryRange { limit: 0, ..all() }).await.is_empty());
}

async fn pages_follow_each_other_without_gaps(store: AnyStore) {
    with(&store, &four()).await;
    let mut range = HistoryRange { limit: 1, ..all() };
    let mut seen = Vec::new();
    while let Some(last) = store.history(&key(1), Lane::Interactions, range).await.unwrap().pop() {
        range.after = Some((last.time_ms, last.id));
        seen.push(last.id[0]);
    }
    assert_eq!(seen, [9, 2, 3, 4]);
}

async fn pages_follow_each_other_backwards(store: AnyStore) {
    with(&store, &four()).await;
    let mut range = HistoryRange { limit: 3, newest_first: true, ..all() };
    assert_eq!(ids(&store, range).await, [4, 3, 2]);
    range.after = Some((10, [2; 16]));
    assert_eq!(ids(&store, range).await, [9]);
    range.after = Some((-5, [9; 16]));
    assert!(ids(&store, range).await.is_empty());
}

async fn a_page_after_something_outside_the_range(store: AnyStore) {
    with(&store, &four()).await;
    let range = HistoryRange { from_ms: 10, to_ms: 20, ..all() };
    assert_eq!(ids(&store, HistoryRange { after: Some((-9, [0; 16])), ..range }).await, [2]);
    assert!(ids(&store, HistoryRange { after: Some((30, [0; 16])), ..range }).await.is_empty());
    let back = HistoryRange { newest_first: true, ..range };
    assert_eq!(ids(&store, HistoryRange { after: Some((30, [0; 16])), ..back }).await, [2]);
    assert!(ids(&store, HistoryRange { after: Some((-9, [0; 16])), ..back }).await.is_empty());
}

async fn a_put_replaces_the_entry_with_its_id(store: AnyStore) {
    with(&store, &four()).await;
    let mut change = commit(&key(1), 2);
    let replaced = HistoryEntry { bytes: "other".into(), ..entry(2, 10) };
    change.history_put = vec![(Lane::Interactions, replaced.clone())];
    store.commit(change).await.unwrap();
    let loaded = store.load(&key(1), Lane::Interactions, &[[2; 16]]).await.unwrap();
    assert_eq!(loaded.history, [Some(replaced.clone())]);
    assert_eq!(store.history(&key(1), Lane::Interactions, all()).await.unwrap()[1], replaced);
    assert_eq!(ids(&store, all()).await, [9, 2, 3, 4]);
}

async fn a_replaced_entry_leaves_no_trace_of_its_old_time(store: AnyStore) {
    with(&store, &four()).await;
    let mut change = commit(&key(1), 2);
    change.history_put = vec![(Lane::Interactions, entry(2, 30))];
    store.commit(change).await.unwrap();
    assert_eq!(ids(&store, all()).await, [9, 3, 4, 2]);
}

async fn a_drop_removes_and_ignores_the_unknown(store: AnyStore) {
    with(&store, &four()).await;
    let mut change = commit(&key(1), 2);
    change.history_drop = vec![
        (Lane::Interactions, [2; 16]),
        (Lane::Interactions, [77; 16]),
        (Lane::Changes, [3; 16]),
        (Lane::Interactions, [2; 16]),
    ];
    store.commit(change).await.unwrap();
    assert_eq!(ids(&store, all()).await, [9, 3, 4]);
    assert_eq!(store.load(&key(1), Lane::Interactions, &[[2; 16]]).await.unwrap().history, [None]);
}

async fn a_drop_comes_before_a_put(store: AnyStore) {
    with(&store, &four()).await;
    let mut change = commit(&key(1), 2);
    change.history_drop = vec![(Lane::Interactions, [2; 16])];
    change.history_put = vec![(Lane::Interactions, entry(2, 10))];
    store.commit(change).await.unwrap();
    assert_eq!(ids(&store, all()).await, [9, 2, 3, 4]);
}

async fn lanes_do_not_mix(store: AnyStore) {
    let mut create = commit(&key(1), 1);
    create.history_put = vec![(Lane::Interactions, entry(1, 1)), (Lane::Changes, entry(1, 2))];
    store.commit(create).await.unwrap();
    let of = async |lane| store.history(&key(1), lane, all()).await.unwrap();
    assert_eq!(of(Lane::Interactions).await, [entry(1, 1)]);
    assert_eq!(of(Lane::Changes).await, [entry(1, 2)]);
}

async fn histories_of_customers_do_not_mix(store: AnyStore) {
    let other = crate::make::neighbour(&key(1));
    with(&store, &four()).await;
    let mut create = commit(&other, 1);
    create.history_put = vec![(Lane::Interactions, entry(2, 10))];
    store.commit(create).await.unwrap();
    assert_eq!(store.history(&other, Lane::Interactions, all()).await.unwrap(), [entry(2, 10)]);
    assert_eq!(ids(&store, all()).await, [9, 2, 3, 4]);
}

async fn the_extreme_times_are_kept(store: AnyStore) {
    with(&store, &[entry(1, i64::MIN), entry(2, i64::MAX - 1), entry(255, 0), entry(0, 0)]).await;
    assert_eq!(ids(&store, all()).await, [1, 0, 255, 2]);
}

async fn a_page_is_never_longer_than_its_maximum(store: AnyStore) {
    let mut create = commit(&key(1), 1);
    let entry = |number: u128| HistoryEntry {
        id: EntryId::from(number.to_be_bytes()),
        time_ms: number as i64,
        bytes: "x".into(),
    };
    create.history_put = (0..PAGE_MAX as u128 + 5).map(|number| (Lane::Changes, entry(number))).collect();
    store.commit(create).await.unwrap();
    let range = HistoryRange { limit: usize::MAX, ..all() };
    let found = store.history(&key(1), Lane::Changes, range).await.unwrap();
    assert_eq!(found.len(), PAGE_MAX);
    let last = found.last().unwrap();
    let rest = HistoryRange { after: Some((last.time_ms, last.id)), ..range };
    assert_eq!(store.history(&key(1), Lane::Changes, rest).await.unwrap().len(), 5);
}
