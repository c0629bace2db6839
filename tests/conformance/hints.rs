//! Indexes of hints.

use rapport::store::{HintIndex, PAGE_MAX};

use crate::make::{AnyStore, tenant};

crate::scenarios! { store_on_redb, store_on_redis:
    an_empty_index_is_empty,
    members_come_in_byte_order,
    pages_follow_each_other,
    an_older_revision_does_not_replace,
    a_newer_revision_replaces,
    revisions_are_compared_as_numbers,
    a_dropped_member_is_gone,
    dropping_the_unknown_changes_nothing,
    partitions_do_not_mix,
    any_bytes_make_a_member,
    a_page_is_never_longer_than_its_maximum,
}

const INDEX: HintIndex = HintIndex::Listing;

async fn put(store: &AnyStore, member: &[u8], revision: u64) {
    store.put_hint(INDEX, &tenant("acme"), 3, member, revision).await.unwrap();
}

async fn all(store: &AnyStore) -> Vec<(Vec<u8>, u64)> {
    store.hints(INDEX, &tenant("acme"), 3, None, PAGE_MAX).await.unwrap()
}

async fn an_empty_index_is_empty(store: AnyStore) {
    assert!(all(&store).await.is_empty());
}

async fn members_come_in_byte_order(store: AnyStore) {
    for member in [&b"b"[..], b"\xff", b"a", b"ab", b"\0", b"B"] {
        put(&store, member, 1).await;
    }
    let members: Vec<_> = all(&store).await.into_iter().map(|(member, _)| member).collect();
    assert_eq!(members, [&b"\0"[..], b"B", b"a", b"ab", b"b", b"\xff"]);
}

async fn pages_follow_each_other(store: AnyStore) {
    for member in 0..5_u8 {
        put(&store, &[member], member.into()).await;
    }
    let page = async |after: Option<&[u8]>, limit| store.hints(INDEX, &tenant("acme"), 3, after, limit).await.unwrap();
    assert_eq!(page(None, 2).await, [(vec![0], 0), (vec![1], 1)]);
    assert_eq!(page(Some(&[1]), 2).await, [(vec![2], 2), (vec![3], 3)]);
    assert_eq!(page(Some(&[2, 9]), 9).await, [(vec![3], 3), (vec![4], 4)]);
    assert!(page(Some(&[4]), 2).await.is_empty());
    assert!(page(None, 0).await.is_empty());
}

async fn an_older_revision_does_not_replace(store: AnyStore) {
    put(&store, b"a", 5).await;
    let before = store.dump().await.unwrap();
    put(&store, b"a", 4).await;
    put(&store, b"a", 5).await;
    assert_eq!(store.dump().await.unwrap(), before);
}

async fn a_newer_revision_replaces(store: AnyStore) {
    put(&store, b"a", 5).await;
    put(&store, b"a", u64::MAX).await;
    assert_eq!(all(&store).await, [(b"a".to_vec(), u64::MAX)]);
}

async fn revisions_are_compared_as_numbers(store: AnyStore) {
    put(&store, b"a", 9).await;
    put(&store, b"a", 10).await;
    put(&store, b"a", 9).await;
    assert_eq!(all(&store).await, [(b"a".to_vec(), 10)]);
    // Beyond what a double holds exactly.
    put(&store, b"b", (1 << 53) + 1).await;
    put(&store, b"b", 1 << 53).await;
    assert_eq!(all(&store).await[1].1, (1 << 53) + 1);
}

async fn a_dropped_member_is_gone(store: AnyStore) {
    put(&store, b"a", 5).await;
    put(&store, b"b", 5).await;
    store.drop_hint(INDEX, &tenant("acme"), 3, b"a").await.unwrap();
    assert_eq!(all(&store).await, [(b"b".to_vec(), 5)]);
    put(&store, b"a", 1).await;
    assert_eq!(all(&store).await[0], (b"a".to_vec(), 1));
}

async fn dropping_the_unknown_changes_nothing(store: AnyStore) {
    put(&store, b"a", 5).await;
    let before = store.dump().await.unwrap();
    store.drop_hint(INDEX, &tenant("acme"), 3, b"b").await.unwrap();
    store.drop_hint(INDEX, &tenant("other"), 3, b"a").await.unwrap();
    assert_eq!(store.dump().await.unwrap(), before);
}

async fn partitions_do_not_mix(store: AnyStore) {
    put(&store, b"a", 1).await;
    store.put_hint(INDEX, &tenant("acme"), 4, b"b", 2).await.unwrap();
    store.put_hint(INDEX, &tenant("acme2"), 3, b"c", 3).await.unwrap();
    store.put_hint(INDEX, &tenant("acm"), 3, b"d", 4).await.unwrap();
    assert_eq!(all(&store).await, [(b"a".to_vec(), 1)]);
}

async fn any_bytes_make_a_member(store: AnyStore) {
    let strange: [&[u8]; 5] = [b":", b";", b"{x}", b"*", b"[("];
    for member in strange {
        put(&store, member, 1).await;
    }
    let mut sorted = strange.map(<[u8]>::to_vec);
    sorted.sort();
    let found: Vec<_> = all(&store).await.into_iter().map(|(member, _)| member).collect();
    assert_eq!(found, sorted);
    let after = store.hints(INDEX, &tenant("acme"), 3, Some(b":"), 1).await.unwrap();
    assert_eq!(after[0].0, b";");
}

async fn a_page_is_never_longer_than_its_maximum(store: AnyStore) {
    let puts = (0..PAGE_MAX as u16 + 3).map(|number| {
        let store = store.clone();
        tokio::spawn(async move { put(&store, &number.to_be_bytes(), 1).await })
    });
    for put in puts.collect::<Vec<_>>() {
        put.await.unwrap();
    }
    let page = store.hints(INDEX, &tenant("acme"), 3, None, usize::MAX).await.unwrap();
    assert_eq!(page.len(), PAGE_MAX);
    let rest = store.hints(INDEX, &tenant("acme"), 3, Some(&page[PAGE_MAX - 1].0), 10).await.unwrap();
    assert_eq!(rest.len(), 3);
}
