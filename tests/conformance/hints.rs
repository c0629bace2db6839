//! Indexes of hints.

use rapport::{
    domain::{VenueId, id::PartId},
    store::{
        Hint, HintIndex, HintRange, PAGE_MAX, StoreExt as _,
        hints::{follow_up, parse_at_venue, venue_partition, venue_range},
    },
};

use crate::make::{AnyStore, key, tenant};

crate::scenarios! { store_on_redb, store_on_redis:
    an_empty_index_is_empty,
    members_come_in_byte_order,
    pages_follow_each_other,
    an_older_revision_does_not_replace,
    a_newer_revision_replaces,
    revisions_are_compared_as_numbers,
    a_dropped_member_is_gone,
    an_older_drop_leaves_a_newer_member,
    a_range_has_its_beginning_and_not_its_end,
    a_prefix_has_what_begins_with_it,
    an_empty_range_is_empty,
    counting_stops_where_it_is_told,
    what_is_due_comes_in_time_and_by_venue,
    dropping_the_unknown_changes_nothing,
    partitions_do_not_mix,
    any_bytes_make_a_member,
    a_page_is_never_longer_than_its_maximum,
}

const INDEX: HintIndex = HintIndex::FollowUps;

fn hint(member: &[u8]) -> Hint {
    Hint { index: INDEX, partition: 3, member: member.to_vec() }
}

async fn put(store: &AnyStore, member: &[u8], revision: u64) {
    store.put_hint(&tenant("acme"), &hint(member), revision).await.unwrap();
}

async fn remove(store: &AnyStore, member: &[u8], revision: u64) {
    store.drop_hint(&tenant("acme"), &hint(member), revision).await.unwrap();
}

async fn within(store: &AnyStore, range: HintRange, limit: usize) -> Vec<(Vec<u8>, u64)> {
    store.hints(&tenant("acme"), INDEX, 3, &range, limit).await.unwrap()
}

async fn count(store: &AnyStore, range: HintRange, up_to: usize) -> usize {
    store.count_hints(&tenant("acme"), INDEX, 3, &range, up_to).await.unwrap()
}

async fn all(store: &AnyStore) -> Vec<(Vec<u8>, u64)> {
    within(store, HintRange::default(), PAGE_MAX).await
}

fn range(from: &[u8], to: Option<&[u8]>, after: Option<&[u8]>) -> HintRange {
    HintRange { from: from.to_vec(), to: to.map(<[u8]>::to_vec), after: after.map(<[u8]>::to_vec) }
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
    let page = async |after, limit| within(&store, range(&[], None, after), limit).await;
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
    remove(&store, b"a", 5).await;
    assert_eq!(all(&store).await, [(b"b".to_vec(), 5)]);
    put(&store, b"a", 1).await;
    assert_eq!(all(&store).await[0], (b"a".to_vec(), 1));
}

async fn an_older_drop_leaves_a_newer_member(store: AnyStore) {
    put(&store, b"a", (1 << 53) + 1).await;
    let before = store.dump().await.unwrap();
    remove(&store, b"a", 1 << 53).await;
    assert_eq!(store.dump().await.unwrap(), before);
    remove(&store, b"a", (1 << 53) + 1).await;
    assert!(store.dump().await.unwrap().is_empty());
}

async fn a_range_has_its_beginning_and_not_its_end(store: AnyStore) {
    for member in [&b"a"[..], b"b", b"b\0", b"c", b"\xff\xff"] {
        put(&store, member, 1).await;
    }
    let members = async |range: HintRange| {
        let counted = count(&store, range.clone(), 10).await;
        let found: Vec<_> = within(&store, range, 10).await.into_iter().map(|(member, _)| member).collect();
        assert_eq!(found.len(), counted);
        found
    };
    assert_eq!(members(range(b"b", Some(b"c"), None)).await, [&b"b"[..], b"b\0"]);
    assert_eq!(members(range(b"b", None, Some(b"b"))).await, [&b"b\0"[..], b"c", b"\xff\xff"]);
    assert_eq!(members(range(b"b", Some(b"c"), Some(b"a"))).await, [&b"b"[..], b"b\0"]);
    assert_eq!(members(range(b"", Some(b"b"), None)).await, [b"a"]);
    assert_eq!(members(range(b"c\0", None, None)).await, [b"\xff\xff"]);
}

async fn a_prefix_has_what_begins_with_it(store: AnyStore) {
    for member in [&b"a\xfe"[..], b"a\xff", b"a\xff\xff", b"a\xff\0", b"b", b"\xff\xff"] {
        put(&store, member, 1).await;
    }
    for (prefix, expected) in [(&b"a\xff"[..], 3), (b"a", 4), (b"", 6), (b"\xff", 1), (b"c", 0)] {
        assert_eq!(count(&store, HintRange::prefix(prefix), 10).await, expected, "{prefix:?}");
        assert_eq!(within(&store, HintRange::prefix(prefix), 10).await.len(), expected, "{prefix:?}");
    }
}

async fn an_empty_range_is_empty(store: AnyStore) {
    put(&store, b"b", 1).await;
    let empty = [
        range(b"b", Some(b"b"), None),
        range(b"c", Some(b"a"), None),
        range(b"", Some(b""), None),
        range(b"a", Some(b"b"), Some(b"b")),
        range(b"", Some(b"b"), Some(b"c")),
    ];
    for range in empty {
        assert_eq!(count(&store, range.clone(), 10).await, 0, "{range:?}");
        assert!(within(&store, range, 10).await.is_empty());
    }
}

async fn counting_stops_where_it_is_told(store: AnyStore) {
    assert_eq!(count(&store, HintRange::default(), 10).await, 0);
    for member in 0..5_u8 {
        put(&store, &[member], 1).await;
    }
    for (up_to, expected) in [(0, 0), (1, 1), (4, 4), (5, 5), (6, 5), (usize::MAX, 5)] {
        assert_eq!(count(&store, HintRange::default(), up_to).await, expected);
    }
}

async fn what_is_due_comes_in_time_and_by_venue(store: AnyStore) {
    let venue = |name| VenueId::parse("venue", name).unwrap();
    let (lakeside, airport) = (venue("zrh-lakeside"), venue("zrh-airport"));
    let due = |venue, time_ms, number| follow_up(venue, time_ms, key(number).customer, PartId(number.into()));
    for hint in [due(&lakeside, 300, 1), due(&lakeside, -5, 2), due(&airport, 100, 3), due(&lakeside, 200, 4)] {
        store.put_hint(&tenant("acme"), &hint, 1).await.unwrap();
    }
    let found = async |venue: &VenueId, from_ms, to_ms| {
        let range = venue_range(venue, from_ms, to_ms);
        let hints = store.hints(&tenant("acme"), INDEX, venue_partition(venue), &range, 10).await.unwrap();
        hints.iter().map(|(member, _)| parse_at_venue(member).unwrap()).collect::<Vec<_>>()
    };
    let whose = |time_ms: i64, number: u8| (time_ms, key(number).customer, PartId(number.into()));
    assert_eq!(found(&lakeside, i64::MIN, 300).await, [whose(-5, 2), whose(200, 4)]);
    assert_eq!(found(&lakeside, 200, i64::MAX).await, [whose(200, 4), whose(300, 1)]);
    assert_eq!(found(&airport, 0, 101).await, [whose(100, 3)]);
}

async fn dropping_the_unknown_changes_nothing(store: AnyStore) {
    put(&store, b"a", 5).await;
    let before = store.dump().await.unwrap();
    remove(&store, b"b", 9).await;
    store.drop_hint(&tenant("other"), &hint(b"a"), 9).await.unwrap();
    store.drop_hint(&tenant("acme"), &Hint { partition: 4, ..hint(b"a") }, 9).await.unwrap();
    store.drop_hint(&tenant("acme"), &Hint { index: HintIndex::Visits, ..hint(b"a") }, 9).await.unwrap();
    assert_eq!(store.dump().await.unwrap(), before);
}

async fn partitions_do_not_mix(store: AnyStore) {
    put(&store, b"a", 1).await;
    store.put_hint(&tenant("acme"), &Hint { partition: 4, ..hint(b"b") }, 2).await.unwrap();
    store.put_hint(&tenant("acme2"), &hint(b"c"), 3).await.unwrap();
    store.put_hint(&tenant("acm"), &hint(b"d"), 4).await.unwrap();
    let others = [HintIndex::Listing, HintIndex::Occasions, HintIndex::Absences, HintIndex::Visits];
    for index in others {
        store.put_hint(&tenant("acme"), &Hint { index, ..hint(b"e") }, 5).await.unwrap();
    }
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
    let after = within(&store, range(&[], None, Some(b":")), 1).await;
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
    let page = within(&store, HintRange::default(), usize::MAX).await;
    assert_eq!(page.len(), PAGE_MAX);
    let rest = within(&store, HintRange::default().after(page.into_iter().next_back().map(|(last, _)| last)), 10).await;
    assert_eq!(rest.len(), 3);
    assert_eq!(count(&store, HintRange::default(), usize::MAX).await, PAGE_MAX + 3);
}
