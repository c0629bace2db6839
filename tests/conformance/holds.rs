//! Holds as the customer's slot decides them: settled, committed, refused, forgotten.

use rapport::store::{Settled, StoreError, StoreExt as _, TOKEN_KEEP_MS};

use crate::make::{AnyStore, NOW, commit, erase, key, neighbour, token};

crate::scenarios! { store_on_redb, store_on_redis:
    an_unknown_hold_is_refused,
    settling_twice_answers_the_same,
    a_committed_hold_stays_committed,
    a_commit_after_the_refusal_is_refused,
    one_refused_hold_refuses_the_whole_commit,
    a_conflict_comes_before_a_refusal,
    a_conflict_commits_no_hold,
    a_hold_may_be_committed_again,
    a_customer_that_is_not_there_can_refuse,
    holds_of_customers_do_not_mix,
    an_erasure_forgets_holds,
    an_erasure_with_a_refused_hold_is_refused,
    purging_forgets_what_is_old,
    purging_keeps_what_is_young,
    purging_an_empty_store,
    purging_reaches_every_customer,
}

async fn an_unknown_hold_is_refused(store: AnyStore) {
    assert_eq!(store.settle(&key(1), token(1), NOW).await.unwrap(), Settled::Refused);
}

async fn settling_twice_answers_the_same(store: AnyStore) {
    for now in [NOW, NOW + 1, NOW - TOKEN_KEEP_MS, NOW + 9 * TOKEN_KEEP_MS] {
        assert_eq!(store.settle(&key(1), token(1), now).await.unwrap(), Settled::Refused);
    }
}

async fn a_committed_hold_stays_committed(store: AnyStore) {
    let mut create = commit(&key(1), 1);
    create.tokens = vec![token(1), token(2)];
    store.commit(create).await.unwrap();
    for number in [1, 2, 1] {
        assert_eq!(store.settle(&key(1), token(number), NOW).await.unwrap(), Settled::Committed);
    }
}

async fn a_commit_after_the_refusal_is_refused(store: AnyStore) {
    store.settle(&key(1), token(1), NOW).await.unwrap();
    let before = store.dump().await.unwrap();
    let mut create = commit(&key(1), 1);
    create.tokens = vec![token(1)];
    assert!(matches!(store.commit(create).await, Err(StoreError::HoldRefused)));
    assert_eq!(store.dump().await.unwrap(), before);
}

async fn one_refused_hold_refuses_the_whole_commit(store: AnyStore) {
    store.settle(&key(1), token(2), NOW).await.unwrap();
    let mut create = commit(&key(1), 1);
    create.tokens = vec![token(1), token(2), token(3)];
    assert!(matches!(store.commit(create).await, Err(StoreError::HoldRefused)));
    assert_eq!(store.record(&key(1)).await.unwrap(), None);
    assert_eq!(store.settle(&key(1), token(1), NOW).await.unwrap(), Settled::Refused);
}

async fn a_conflict_comes_before_a_refusal(store: AnyStore) {
    store.settle(&key(1), token(1), NOW).await.unwrap();
    let mut change = commit(&key(1), 2);
    change.tokens = vec![token(1)];
    assert!(matches!(store.commit(change).await, Err(StoreError::Conflict)));
}

async fn a_conflict_commits_no_hold(store: AnyStore) {
    let mut change = commit(&key(1), 2);
    change.tokens = vec![token(1)];
    assert!(matches!(store.commit(change).await, Err(StoreError::Conflict)));
    assert_eq!(store.settle(&key(1), token(1), NOW).await.unwrap(), Settled::Refused);
}

async fn a_hold_may_be_committed_again(store: AnyStore) {
    for counter in 1..=2 {
        let mut change = commit(&key(1), counter);
        change.tokens = vec![token(1), token(1)];
        store.commit(change).await.unwrap();
    }
    assert_eq!(store.settle(&key(1), token(1), NOW).await.unwrap(), Settled::Committed);
}

async fn a_customer_that_is_not_there_can_refuse(store: AnyStore) {
    store.settle(&key(1), token(1), NOW).await.unwrap();
    assert_eq!(store.record(&key(1)).await.unwrap(), None);
    store.commit(commit(&key(1), 1)).await.unwrap();
}

async fn holds_of_customers_do_not_mix(store: AnyStore) {
    let other = neighbour(&key(1));
    let mut create = commit(&key(1), 1);
    create.tokens = vec![token(1)];
    store.commit(create).await.unwrap();
    assert_eq!(store.settle(&other, token(1), NOW).await.unwrap(), Settled::Refused);
    assert_eq!(store.settle(&key(1), token(1), NOW).await.unwrap(), Settled::Committed);
}

async fn an_erasure_forgets_holds(store: AnyStore) {
    let mut create = commit(&key(1), 1);
    create.tokens = vec![token(1)];
    store.commit(create).await.unwrap();
    store.settle(&key(1), token(2), NOW).await.unwrap();
    store.commit(erase(&key(1), 2)).await.unwrap();
    assert_eq!(store.purge(NOW + 2 * TOKEN_KEEP_MS).await.unwrap(), 0);
    assert_eq!(store.settle(&key(1), token(1), NOW).await.unwrap(), Settled::Refused);
}

async fn an_erasure_with_a_refused_hold_is_refused(store: AnyStore) {
    store.commit(commit(&key(1), 1)).await.unwrap();
    store.settle(&key(1), token(1), NOW).await.unwrap();
    let mut erasure = erase(&key(1), 2);
    erasure.tokens = vec![token(1)];
    assert!(matches!(store.commit(erasure).await, Err(StoreError::HoldRefused)));
    assert!(store.record(&key(1)).await.unwrap().is_some());
}

async fn purging_forgets_what_is_old(store: AnyStore) {
    let mut create = commit(&key(1), 1);
    create.tokens = vec![token(1)];
    store.commit(create).await.unwrap();
    store.settle(&key(1), token(2), NOW + 1).await.unwrap();
    assert_eq!(store.purge(NOW + TOKEN_KEEP_MS).await.unwrap(), 1);
    assert_eq!(store.purge(NOW + TOKEN_KEEP_MS).await.unwrap(), 0);
    assert_eq!(store.settle(&key(1), token(1), NOW).await.unwrap(), Settled::Refused);
    assert!(store.record(&key(1)).await.unwrap().is_some());
}

async fn purging_keeps_what_is_young(store: AnyStore) {
    let mut create = commit(&key(1), 1);
    create.tokens = vec![token(1)];
    store.commit(create).await.unwrap();
    assert_eq!(store.purge(NOW + TOKEN_KEEP_MS - 1).await.unwrap(), 0);
    assert_eq!(store.settle(&key(1), token(1), NOW).await.unwrap(), Settled::Committed);
}

async fn purging_an_empty_store(store: AnyStore) {
    assert_eq!(store.purge(i64::MAX).await.unwrap(), 0);
}

async fn purging_reaches_every_customer(store: AnyStore) {
    for number in 0..30 {
        for hold in 0..3 {
            store.settle(&key(number), token(hold), NOW).await.unwrap();
        }
    }
    assert_eq!(store.purge(NOW + TOKEN_KEEP_MS).await.unwrap(), 90);
    assert!(store.dump().await.unwrap().is_empty());
}
