use std::collections::HashSet;

use proptest::prelude::*;

use super::*;
use crate::domain::CustomerId;

fn tenant(name: &str) -> TenantId {
    TenantId::parse("tenant", name).unwrap()
}

fn named(owner: &str, name: &str) -> DocumentKey {
    DocumentKey { tenant: tenant(owner), name: name.into() }
}

fn key() -> CustomerKey {
    CustomerKey {
        tenant: tenant("acme"),
        customer: CustomerId::from_bytes(*b"\x01\x23\x45\x67\x89\xab\xcd\xef0123456\xff"),
    }
}

fn identity_key() -> IdentityKey {
    IdentityKey { tenant: tenant("acme"), version: 3, digest: [0xa5; 16] }
}

/// Stored data depends on every byte of these.
#[test]
fn the_keys_are_these() {
    let golden = [
        (record(&key()), "record:{0d}:acme:014d2pf2dbsqqk0c9j6ct3adqz"),
        (requests(&key()), "requests:{0d}:acme:014d2pf2dbsqqk0c9j6ct3adqz"),
        (tokens(&key()), "token:{0d}:acme:014d2pf2dbsqqk0c9j6ct3adqz"),
        (history(&key(), Lane::Interactions), "history:{0d}:acme:014d2pf2dbsqqk0c9j6ct3adqz:i"),
        (timeline(&key(), Lane::Changes), "timeline:{0d}:acme:014d2pf2dbsqqk0c9j6ct3adqz:c"),
        (settled(255), "settled:{ff}"),
        (log(0), "log:{00}"),
        (position(10), "position:{0a}"),
        (identity(&identity_key()), "identity:{69}:acme:3:a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5"),
        (hint(HintIndex::Listing, &tenant("acme"), 7), "hint:{07}:listing:acme"),
        (hint(HintIndex::FollowUps, &tenant("acme"), 7), "hint:{07}:follow-ups:acme"),
        (hint(HintIndex::Occasions, &tenant("acme"), 7), "hint:{07}:occasions:acme"),
        (hint(HintIndex::Absences, &tenant("acme"), 7), "hint:{07}:absences:acme"),
        (hint(HintIndex::Visits, &tenant("acme"), 7), "hint:{07}:visits:acme"),
        (hint_revision(HintIndex::Listing, &tenant("acme"), 7), "hint-revision:{07}:listing:acme"),
        (budget(&BudgetKey { tenant: tenant("acme"), name: "a:b".into() }), "budget:{0c}:acme:a%3ab"),
        (
            tally(&TallyKey { tenant: tenant("acme"), bucket: 10, name: "a:2026-11".into() }),
            "tally:{0a}:acme:a%3a2026-11",
        ),
        (document(&named("acme", "policy")), "document:{3e}:acme:policy"),
        (versions(&named("acme", "a:{b}\0é")), "version:{20}:acme:a%3a%7bb%7d%00%c3%a9"),
        (
            data_key(&KeyName::Customer(key().tenant, key().customer)),
            "key:{0d}:acme:customer:014d2pf2dbsqqk0c9j6ct3adqz",
        ),
        (data_key(&KeyName::Index(tenant("acme"), 2)), "key:{73}:acme:index:2"),
        (data_key(&KeyName::Tenant(tenant("acme"), 2)), "key:{73}:acme:tenant:2"),
        (FORMAT.into(), "format:{00}"),
        (number(u64::MAX), "18446744073709551615"),
        (number(7), "00000000000000000007"),
    ];
    for (made, expected) in golden {
        assert_eq!(made, expected);
    }
}

#[test]
fn all_keys_of_a_customer_and_its_log_share_the_tag() {
    let tag = |key: &str| key[key.find('{').unwrap()..=key.find('}').unwrap()].to_owned();
    let key = key();
    let expected = format!("{{{:02x}}}", bucket(&key.tenant, &key.customer));
    for name in [record(&key), requests(&key), tokens(&key), log(bucket(&key.tenant, &key.customer))] {
        assert_eq!(tag(&name), expected);
    }
    for lane in [Lane::Interactions, Lane::Changes] {
        assert_eq!(tag(&history(&key, lane)), expected);
        assert_eq!(tag(&timeline(&key, lane)), expected);
    }
}

#[test]
fn buckets_are_used_evenly() {
    let mut counts = [0_u32; 256];
    for number in 0..25_600_u128 {
        counts[usize::from(bucket(&tenant("acme"), &CustomerId::from_bytes(number.to_be_bytes())))] += 1;
    }
    assert!(counts.iter().all(|count| (50..200).contains(count)), "{counts:?}");
}

#[test]
fn members_of_another_shape_are_refused() {
    let good = settled_member(&key(), &[9; 16]);
    assert_eq!(parse_settled_member(&good), Some((key(), [9; 16])));
    for bad in ["", "acme", &good[..good.len() - 1], &format!("{good}:"), &good.replace("09", "+9")] {
        assert_eq!(parse_settled_member(bad), None, "{bad}");
    }
    assert_eq!(parse_timeline_member(&[0; 23]), None);
    assert_eq!(parse_timeline_member(&[0; 25]), None);
}

#[test]
fn different_things_have_different_keys() {
    let names = ["a", "A", "a:b", "a%3ab", "a%", "%", "{a}", "", "\u{e9}", "e\u{301}"];
    let keys: HashSet<_> = names.iter().map(|name| document(&named("t", name))).collect();
    assert_eq!(keys.len(), names.len());
}

proptest! {
    #[test]
    fn timeline_members_sort_like_time_and_id(a: (i64, EntryId), b: (i64, EntryId)) {
        let member = |(time, id): &(i64, EntryId)| timeline_member(*time, id);
        prop_assert_eq!(member(&a).cmp(&member(&b)), a.cmp(&b));
        prop_assert_eq!(parse_timeline_member(&member(&a)), Some(a));
        prop_assert!(timeline_time(a.0).as_slice() <= member(&a).as_slice());
    }

    #[test]
    fn numbers_sort_like_numbers(a: u64, b: u64) {
        prop_assert_eq!(number(a).cmp(&number(b)), a.cmp(&b));
    }

    #[test]
    fn names_never_break_out_of_their_part(name: String) {
        let key = document(&named("t", &name));
        prop_assert_eq!(key.matches(':').count(), 3);
        prop_assert_eq!(key.matches(['{', '}']).count(), 2);
    }
}
