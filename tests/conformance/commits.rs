//! Commits and what is loaded before them.

use bytes::Bytes;
use rapport::store::{Lane, Loaded, RecordWrite, Revision, StoreError, StoreExt as _};

use crate::make::{AnyStore, commit, entry, erase, key, record, revision, token};

crate::scenarios! { store_on_redb, store_on_redis:
    an_absent_customer_is_none,
    a_created_record_is_read,
    creating_over_a_record_conflicts,
    changing_an_absent_record_conflicts,
    a_stale_counter_conflicts,
    a_stale_write_id_conflicts,
    a_change_replaces_the_record,
    the_body_does_not_matter_to_the_revision,
    a_record_without_a_header_is_refused,
    requests_stay_unless_given,
    empty_requests_are_not_none,
    erasing_removes_everything_of_the_customer,
    erasing_with_a_stale_revision_conflicts,
    erasing_nothing_is_logged,
    an_erased_customer_can_be_created_again,
    a_refused_commit_changes_nothing,
    many_records_come_in_the_order_of_the_keys,
    no_records_are_asked_for,
    a_large_record_comes_back,
    any_byte_comes_back,
    loading_an_absent_customer_is_empty,
    loading_answers_the_named_entries_in_order,
    ready_is_ready,
}

async fn an_absent_customer_is_none(store: AnyStore) {
    assert_eq!(store.record(&key(1)).await.unwrap(), None);
    assert_eq!(store.records(&[key(1)]).await.unwrap(), [None]);
}

async fn a_created_record_is_read(store: AnyStore) {
    store.commit(commit(&key(1), 1)).await.unwrap();
    assert_eq!(store.record(&key(1)).await.unwrap(), Some(record(revision(1), b"sealed")));
}

async fn creating_over_a_record_conflicts(store: AnyStore) {
    store.commit(commit(&key(1), 1)).await.unwrap();
    assert!(matches!(store.commit(commit(&key(1), 1)).await, Err(StoreError::Conflict)));
}

async fn changing_an_absent_record_conflicts(store: AnyStore) {
    assert!(matches!(store.commit(commit(&key(1), 2)).await, Err(StoreError::Conflict)));
}

async fn a_stale_counter_conflicts(store: AnyStore) {
    store.commit(commit(&key(1), 1)).await.unwrap();
    store.commit(commit(&key(1), 2)).await.unwrap();
    assert!(matches!(store.commit(commit(&key(1), 2)).await, Err(StoreError::Conflict)));
    assert!(matches!(store.commit(commit(&key(1), 4)).await, Err(StoreError::Conflict)));
}

async fn a_stale_write_id_conflicts(store: AnyStore) {
    store.commit(commit(&key(1), 1)).await.unwrap();
    let other = Revision { write_id: revision(1).write_id ^ 1, ..revision(1) };
    let mut change = commit(&key(1), 2);
    change.expect = Some(other);
    assert!(matches!(store.commit(change).await, Err(StoreError::Conflict)));
}

async fn a_change_replaces_the_record(store: AnyStore) {
    store.commit(commit(&key(1), 1)).await.unwrap();
    let mut change = commit(&key(1), 2);
    change.record = RecordWrite::Put(record(revision(2), b"s"));
    store.commit(change).await.unwrap();
    assert_eq!(store.record(&key(1)).await.unwrap(), Some(record(revision(2), b"s")));
}

async fn the_body_does_not_matter_to_the_revision(store: AnyStore) {
    let mut create = commit(&key(1), 1);
    create.record = RecordWrite::Put(record(revision(1), b""));
    store.commit(create).await.unwrap();
    store.commit(commit(&key(1), 2)).await.unwrap();
}

async fn a_record_without_a_header_is_refused(store: AnyStore) {
    let before = store.dump().await.unwrap();
    for bytes in [&b""[..], b"short", b"XX this is no header of a record"] {
        let mut create = commit(&key(1), 1);
        create.record = RecordWrite::Put(Bytes::copy_from_slice(bytes));
        assert!(matches!(store.commit(create).await, Err(StoreError::Corrupt(_))));
    }
    assert_eq!(store.dump().await.unwrap(), before);
}

async fn requests_stay_unless_given(store: AnyStore) {
    let mut create = commit(&key(1), 1);
    create.requests = Some(Bytes::from_static(b"first"));
    store.commit(create).await.unwrap();
    store.commit(commit(&key(1), 2)).await.unwrap();
    let loaded = store.load(&key(1), Lane::Changes, &[]).await.unwrap();
    assert_eq!(loaded.requests.as_deref(), Some(&b"first"[..]));
    let mut change = commit(&key(1), 3);
    change.requests = Some(Bytes::from_static(b"second"));
    store.commit(change).await.unwrap();
    let loaded = store.load(&key(1), Lane::Changes, &[]).await.unwrap();
    assert_eq!(loaded.requests.as_deref(), Some(&b"second"[..]));
}

async fn empty_requests_are_not_none(store: AnyStore) {
    let mut create = commit(&key(1), 1);
    create.requests = Some(Bytes::new());
    store.commit(create).await.unwrap();
    assert_eq!(store.load(&key(1), Lane::Changes, &[]).await.unwrap().requests, Some(Bytes::new()));
}

async fn erasing_removes_everything_of_the_customer(store: AnyStore) {
    let mut create = commit(&key(1), 1);
    create.requests = Some(Bytes::from_static(b"requests"));
    create.history_put = vec![(Lane::Interactions, entry(1, 5)), (Lane::Changes, entry(2, 6))];
    create.tokens = vec![token(1)];
    store.commit(create).await.unwrap();
    let position = store.commit(erase(&key(1), 2)).await.unwrap();
    assert_eq!(position, 2);
    for lane in crate::make::LANES {
        let loaded = store.load(&key(1), lane, &[[1; 16], [2; 16]]).await.unwrap();
        assert_eq!(loaded, Loaded { record: None, requests: None, history: vec![None, None] });
    }
    // Nothing but the log knows the customer any more.
    let name = key(1).customer.to_string();
    for (key, _) in store.dump().await.unwrap() {
        assert!(!String::from_utf8_lossy(&key).contains(&name), "{}", String::from_utf8_lossy(&key));
    }
}

async fn erasing_with_a_stale_revision_conflicts(store: AnyStore) {
    store.commit(commit(&key(1), 1)).await.unwrap();
    store.commit(commit(&key(1), 2)).await.unwrap();
    assert!(matches!(store.commit(erase(&key(1), 2)).await, Err(StoreError::Conflict)));
    assert!(store.record(&key(1)).await.unwrap().is_some());
}

async fn erasing_nothing_is_logged(store: AnyStore) {
    assert_eq!(store.commit(erase(&key(1), 1)).await.unwrap(), 1);
    assert_eq!(store.record(&key(1)).await.unwrap(), None);
}

async fn an_erased_customer_can_be_created_again(store: AnyStore) {
    store.commit(commit(&key(1), 1)).await.unwrap();
    store.commit(erase(&key(1), 2)).await.unwrap();
    assert_eq!(store.commit(commit(&key(1), 1)).await.unwrap(), 3);
}

async fn a_refused_commit_changes_nothing(store: AnyStore) {
    store.commit(commit(&key(1), 1)).await.unwrap();
    let before = store.dump().await.unwrap();
    let mut change = commit(&key(1), 3);
    change.requests = Some(Bytes::from_static(b"requests"));
    change.history_put = vec![(Lane::Interactions, entry(1, 5))];
    change.tokens = vec![token(1)];
    assert!(matches!(store.commit(change).await, Err(StoreError::Conflict)));
    assert_eq!(store.dump().await.unwrap(), before);
}

async fn many_records_come_in_the_order_of_the_keys(store: AnyStore) {
    for number in [1, 2, 3] {
        let mut create = commit(&key(number), 1);
        create.record = RecordWrite::Put(record(revision(1), &[number]));
        store.commit(create).await.unwrap();
    }
    let wanted = [key(3), key(9), key(1), key(1)];
    let record = |number: u8| Some(record(revision(1), &[number]));
    assert_eq!(store.records(&wanted).await.unwrap(), [record(3), None, record(1), record(1)]);
}

async fn no_records_are_asked_for(store: AnyStore) {
    assert!(store.records(&[]).await.unwrap().is_empty());
    assert!(store.identities(&[], 0).await.unwrap().is_empty());
}

async fn a_large_record_comes_back(store: AnyStore) {
    let body = vec![0xa5; 2 << 20];
    let mut create = commit(&key(1), 1);
    create.record = RecordWrite::Put(record(revision(1), &body));
    store.commit(create).await.unwrap();
    assert_eq!(store.record(&key(1)).await.unwrap().unwrap().len(), 20 + body.len());
    store.commit(commit(&key(1), 2)).await.unwrap();
}

async fn any_byte_comes_back(store: AnyStore) {
    let body: Vec<u8> = (0..=255).collect();
    let mut create = commit(&key(0), 1);
    create.record = RecordWrite::Put(record(revision(1), &body));
    create.requests = Some(body.clone().into());
    let mut change = entry(0, -1);
    change.bytes = body.clone().into();
    create.history_put = vec![(Lane::Interactions, change.clone())];
    store.commit(create).await.unwrap();
    let loaded = store.load(&key(0), Lane::Interactions, &[[0; 16]]).await.unwrap();
    assert_eq!(loaded.record, Some(record(revision(1), &body)));
    assert_eq!(loaded.requests.as_deref(), Some(body.as_slice()));
    assert_eq!(loaded.history, [Some(change)]);
}

async fn loading_an_absent_customer_is_empty(store: AnyStore) {
    let loaded = store.load(&key(1), Lane::Interactions, &[[1; 16]]).await.unwrap();
    assert_eq!(loaded, Loaded { record: None, requests: None, history: vec![None] });
}

async fn loading_answers_the_named_entries_in_order(store: AnyStore) {
    let mut create = commit(&key(1), 1);
    create.history_put =
        vec![(Lane::Interactions, entry(1, 10)), (Lane::Interactions, entry(2, -10)), (Lane::Changes, entry(3, 0))];
    store.commit(create).await.unwrap();
    let ids = [[2; 16], [3; 16], [1; 16], [2; 16]];
    let loaded = store.load(&key(1), Lane::Interactions, &ids).await.unwrap();
    assert_eq!(loaded.history, [Some(entry(2, -10)), None, Some(entry(1, 10)), Some(entry(2, -10))]);
}

async fn ready_is_ready(store: AnyStore) {
    store.ready().await.unwrap();
}
