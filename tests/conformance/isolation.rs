//! Tenants do not see each other, even with the same ids.

use rapport::store::{CustomerKey, HistoryRange, Lane, PAGE_MAX, RecordWrite, Settled, StoreExt as _};

use crate::make::{AnyStore, NOW, commit, entry, erase, key, record, revision, tenant, token};

crate::scenarios! { store_on_redb, store_on_redis:
    the_same_id_is_another_customer_in_another_tenant,
    erasing_one_leaves_the_other,
    names_that_begin_alike_do_not_mix,
}

fn same_id(owner: &str) -> CustomerKey {
    CustomerKey { tenant: tenant(owner), ..key(1) }
}

const ALL: HistoryRange =
    HistoryRange { from_ms: i64::MIN, to_ms: i64::MAX, after: None, newest_first: false, limit: PAGE_MAX };

async fn fill(store: &AnyStore, owner: &str) {
    let mut create = commit(&same_id(owner), 1);
    create.record = RecordWrite::Put(record(revision(1), owner.as_bytes()));
    create.history_put = vec![(Lane::Changes, entry(owner.len() as u8, 1))];
    create.tokens = vec![token(1)];
    store.commit(create).await.unwrap();
}

async fn check(store: &AnyStore, owner: &str) {
    let loaded = store.load(&same_id(owner), Lane::Changes, &[]).await.unwrap();
    assert_eq!(loaded.record, Some(record(revision(1), owner.as_bytes())));
    let history = store.history(&same_id(owner), Lane::Changes, ALL).await.unwrap();
    assert_eq!(history, [entry(owner.len() as u8, 1)]);
    assert_eq!(store.settle(&same_id(owner), token(1), NOW).await.unwrap(), Settled::Committed);
}

async fn the_same_id_is_another_customer_in_another_tenant(store: AnyStore) {
    fill(&store, "acme").await;
    assert_eq!(store.record(&same_id("rival")).await.unwrap(), None);
    assert!(store.history(&same_id("rival"), Lane::Changes, ALL).await.unwrap().is_empty());
    assert_eq!(store.settle(&same_id("rival"), token(1), NOW).await.unwrap(), Settled::Refused);
    fill(&store, "rival2").await;
    check(&store, "acme").await;
}

async fn erasing_one_leaves_the_other(store: AnyStore) {
    fill(&store, "acme").await;
    fill(&store, "rival").await;
    store.commit(erase(&same_id("rival"), 2)).await.unwrap();
    check(&store, "acme").await;
    assert_eq!(store.record(&same_id("rival")).await.unwrap(), None);
}

async fn names_that_begin_alike_do_not_mix(store: AnyStore) {
    let names = ["a", "a.", "a-", "a_", "aa", "A", &"a".repeat(64)];
    for name in names {
        fill(&store, name).await;
    }
    for name in names {
        check(&store, name).await;
    }
}
