//! Documents and their versions, and the format of writing.

use bytes::Bytes;
use rapport::store::{
    Advance, Document, DocumentKey, Revision, StoreError, StoreExt as _, Tally, TallyKey,
    keys::{self, Kind},
};

use crate::make::{AnyStore, NOW, bucket, commit, key, revision, tenant};

crate::scenarios! { store_on_redb, store_on_redis:
    an_unknown_document_is_none,
    a_document_comes_back,
    creating_over_a_document_conflicts,
    a_stale_revision_conflicts,
    a_stale_write_id_conflicts,
    a_refused_document_changes_nothing,
    versions_stay_readable,
    only_the_newest_versions_are_kept,
    a_kept_version_is_replaced_if_it_is_still_the_same,
    documents_and_tallies_are_named,
    the_document_in_force_is_always_there,
    an_empty_document_is_a_document,
    documents_do_not_mix,
    names_of_any_kind_are_kept_apart,
    an_empty_store_has_no_format,
    the_format_is_only_raised,
}

fn document(counter: u64) -> Document {
    Document { revision: revision(counter), bytes: Bytes::from(format!("words {counter}")) }
}

async fn put(store: &AnyStore, counter: u64, keep: u64) -> Result<(), StoreError> {
    let expect = (counter > 1).then(|| revision(counter - 1));
    store.put_document(&tenant("acme"), "policy", expect, document(counter), keep).await
}

async fn get(store: &AnyStore, version: Option<u64>) -> Option<Document> {
    store.document(&tenant("acme"), "policy", version).await.unwrap()
}

async fn an_unknown_document_is_none(store: AnyStore) {
    assert_eq!(get(&store, None).await, None);
    assert_eq!(get(&store, Some(1)).await, None);
}

async fn a_document_comes_back(store: AnyStore) {
    put(&store, 1, 5).await.unwrap();
    assert_eq!(get(&store, None).await, Some(document(1)));
}

async fn creating_over_a_document_conflicts(store: AnyStore) {
    put(&store, 1, 5).await.unwrap();
    assert!(matches!(put(&store, 1, 5).await, Err(StoreError::Conflict)));
}

async fn a_stale_revision_conflicts(store: AnyStore) {
    assert!(matches!(put(&store, 2, 5).await, Err(StoreError::Conflict)));
    put(&store, 1, 5).await.unwrap();
    put(&store, 2, 5).await.unwrap();
    assert!(matches!(put(&store, 2, 5).await, Err(StoreError::Conflict)));
}

async fn a_stale_write_id_conflicts(store: AnyStore) {
    put(&store, 1, 5).await.unwrap();
    let other = Some(Revision { counter: 1, write_id: 0 });
    let outcome = store.put_document(&tenant("acme"), "policy", other, document(2), 5).await;
    assert!(matches!(outcome, Err(StoreError::Conflict)));
}

async fn a_refused_document_changes_nothing(store: AnyStore) {
    put(&store, 1, 5).await.unwrap();
    let before = store.dump().await.unwrap();
    assert!(put(&store, 3, 0).await.is_err());
    assert_eq!(store.dump().await.unwrap(), before);
}

async fn versions_stay_readable(store: AnyStore) {
    for counter in 1..=3 {
        put(&store, counter, 5).await.unwrap();
    }
    for counter in 1..=3 {
        assert_eq!(get(&store, Some(counter)).await, Some(document(counter)));
    }
    assert_eq!(get(&store, None).await, Some(document(3)));
    assert_eq!(get(&store, Some(4)).await, None);
}

async fn only_the_newest_versions_are_kept(store: AnyStore) {
    for counter in 1..=12 {
        put(&store, counter, 3).await.unwrap();
    }
    for counter in 1..=12 {
        assert_eq!(get(&store, Some(counter)).await.is_some(), counter > 9, "{counter}");
    }
}

async fn the_document_in_force_is_always_there(store: AnyStore) {
    put(&store, 1, 0).await.unwrap();
    put(&store, 2, 0).await.unwrap();
    assert_eq!(get(&store, None).await, Some(document(2)));
    assert_eq!(get(&store, Some(2)).await, None);
    put(&store, 3, u64::MAX).await.unwrap();
    assert_eq!(get(&store, Some(3)).await, Some(document(3)));
}

async fn an_empty_document_is_a_document(store: AnyStore) {
    let empty = Document { revision: revision(1), bytes: Bytes::new() };
    store.put_document(&tenant("acme"), "policy", None, empty.clone(), 1).await.unwrap();
    assert_eq!(get(&store, None).await, Some(empty));
}

async fn documents_do_not_mix(store: AnyStore) {
    put(&store, 1, 5).await.unwrap();
    for (owner, name) in [("acme", "other"), ("acme2", "policy"), ("acm", "policy"), ("acme", "policy2")] {
        assert_eq!(store.document(&tenant(owner), name, None).await.unwrap(), None);
        store.put_document(&tenant(owner), name, None, document(1), 5).await.unwrap();
    }
    put(&store, 2, 5).await.unwrap();
}

async fn names_of_any_kind_are_kept_apart(store: AnyStore) {
    let names = ["", "a", "a:b", "a%3ab", "{a}", "a\0b", "a\r\nb", "*", "é", "e\u{301}", "policy:now"];
    for (number, name) in (1..).zip(names) {
        store.put_document(&tenant("acme"), name, None, document(number), 5).await.unwrap();
    }
    for (number, name) in (1..).zip(names) {
        let found = store.document(&tenant("acme"), name, None).await.unwrap();
        assert_eq!(found, Some(document(number)), "{name:?}");
    }
}

async fn an_empty_store_has_no_format(store: AnyStore) {
    assert_eq!(store.write_format().await.unwrap(), None);
}

async fn the_format_is_only_raised(store: AnyStore) {
    for (set, then) in [(2, 2), (1, 2), (2, 2), (10, 10), (9, 10), (u32::MAX, u32::MAX)] {
        store.set_write_format(set).await.unwrap();
        assert_eq!(store.write_format().await.unwrap(), Some(then));
    }
}

async fn a_kept_version_is_replaced_if_it_is_still_the_same(store: AnyStore) {
    for counter in 1..=3 {
        put(&store, counter, 5).await.unwrap();
    }
    let key = DocumentKey { tenant: tenant("acme"), name: "policy".into() };
    let there = store.version(&key, 2).await.unwrap().expect("it is kept");
    let new = Bytes::from([&there[..16], b"\0other words\xff"].concat());
    assert!(!store.replace_version(&key, 2, &new, there.clone()).await.unwrap(), "it is another");
    assert!(!store.replace_version(&key, 4, &there, new.clone()).await.unwrap(), "there is none");
    assert!(store.replace_version(&key, 2, &there, new.clone()).await.unwrap());
    assert_eq!(store.version(&key, 2).await.unwrap(), Some(new));
    assert_eq!(store.version(&key, 4).await.unwrap(), None);
    assert_eq!((get(&store, Some(1)).await, get(&store, None).await), (Some(document(1)), Some(document(3))));
}

async fn documents_and_tallies_are_named(store: AnyStore) {
    put(&store, 1, 5).await.unwrap();
    put(&store, 2, 5).await.unwrap();
    store.put_document(&tenant("acme"), "items:a:b", None, document(1), 1).await.unwrap();
    store.commit(commit(&key(1), 1)).await.unwrap();
    let tally_key = TallyKey { tenant: tenant("acme"), bucket: bucket(&key(1)), name: "causes/2026-11".into() };
    let values = vec![Tally::default().to_value(&tally_key, NOW)];
    assert!(store.advance(Advance { bucket: bucket(&key(1)), from: 0, to: 1, keep: 0, values }).await.unwrap());
    let names = async |kind| {
        let (mut all, mut from) = (Vec::new(), Some(None));
        while let Some(at) = from.take() {
            let page = store.names(kind, at.as_deref(), 2).await.unwrap();
            all.extend(page.names);
            from = page.next.map(Some);
        }
        all.sort();
        all.dedup();
        all
    };
    let documents = names(Kind::Document).await;
    let named: Vec<String> =
        documents.iter().map(|name| keys::parse_document(name).expect("a document's name").name).collect();
    assert_eq!(named.len(), 2);
    assert!(["policy", "items:a:b"].iter().all(|name| named.iter().any(|there| there == name)), "{named:?}");
    let tallies = names(Kind::Tally).await;
    assert_eq!(tallies, [keys::tally(&tally_key)]);
    assert_eq!(keys::parse_tenant(&tallies[0]), Some(tenant("acme")));
    assert_eq!(keys::parse_document(&tallies[0]), None);
}
