use super::*;
use crate::{
    domain::{CustomerId, id::HoldToken},
    store::{
        CustomerKey, EntryState, IdentityEntry, IdentityKey, StoreExt as _, keystore::KeyEntry, testing::in_memory,
    },
};

fn mark(id: u8, epoch: u64) -> Option<Mark> {
    Some(Mark { store_id: [id; 16], epoch, lost: String::new() })
}

fn all(mark: Option<&Mark>) -> Vec<Option<Mark>> {
    vec![mark.cloned(); 256]
}

#[test]
fn stores_are_whole_only_if_all_their_marks_are_one() {
    let (ours, theirs, later) = (mark(1, 1), mark(2, 1), mark(1, 2));
    let known = ours.as_ref();
    assert_eq!(whole(None, &all(ours.as_ref()), &all(ours.as_ref())).ok(), ours);
    assert_eq!(whole(known, &all(ours.as_ref()), &all(ours.as_ref())).ok(), ours);
    assert_eq!(whole(known, &all(later.as_ref()), &all(later.as_ref())).ok(), later, "adopted by an operator");

    let mut holed = all(ours.as_ref());
    holed[200] = None;
    let mut mixed = all(later.as_ref());
    mixed[3] = ours.clone();
    let lost = Some(Mark { lost: "records were evicted".to_owned(), ..ours.clone().unwrap() });
    for (expected, data, keys, cause) in [
        (None, all(None), all(None), "neither store has its marks"),
        (known, all(None), all(None), "the data store was emptied, or is another: 256 of 256"),
        (None, all(None), all(ours.as_ref()), "the data store was emptied, or is another"),
        (known, all(ours.as_ref()), all(None), "the key store was emptied, or is another"),
        (known, holed.clone(), all(ours.as_ref()), "the data store has lost a part of what it had: 1 of 256"),
        (None, all(ours.as_ref()), holed, "the key store has lost a part of what it had"),
        (
            None,
            all(ours.as_ref()),
            all(theirs.as_ref()),
            "the key store is not the one that belongs to the other store",
        ),
        (known, all(theirs.as_ref()), all(theirs.as_ref()), "the data store is not the one"),
        (None, mixed, all(later.as_ref()), "the data store is in part of an earlier time"),
        (mark(1, 2).as_ref(), all(ours.as_ref()), all(ours.as_ref()), "the data store is in part of an earlier time"),
        (None, all(lost.as_ref()), all(ours.as_ref()), "records were evicted"),
    ] {
        let told = whole(expected, &data, &keys).unwrap_err();
        assert!(told.contains(cause), "{told} should say: {cause}");
        assert!(told.contains("rapport store adopt"), "{told} should say what to do");
    }
}

fn tenant(name: &str) -> TenantId {
    TenantId::parse("tenant", name).expect("a name")
}

/// Two new stores, which are whole.
async fn begun() -> Fitness {
    let (data, keys) = in_memory();
    let fitness = Fitness::new(data, keys);
    fitness.begin().await.expect("are empty");
    fitness.look(Some(MARKED_FORMAT), &tenant("acme")).await.expect("are whole");
    fitness
}

#[tokio::test]
async fn of_those_who_adopt_at_once_one_does() {
    let (one, acme) = (begun().await, tenant("acme"));
    let seen = one.marks(Side::Data, &[0]).await.expect("works").remove(0);
    let other = Fitness::new(one.data.clone(), one.keys.clone());
    let mark = one.adopt(&acme, &Losses::default()).await.expect("the first");
    assert_eq!(mark.epoch, 2);
    let late = other.claim(seen.as_ref(), &mark).await;
    assert!(
        matches!(&late, Err(StoreError::Unfit(told)) if told.contains("another `rapport store adopt`")),
        "{late:?}"
    );
    // Who begins while the first still writes takes its claim for one that was left behind.
    let later = other.adopt(&acme, &Losses::default()).await.expect("begins anew");
    one.put_all(&mark).await.expect("is written");
    let data = one.marks(Side::Data, &ALL_BUCKETS).await.expect("works");
    assert!(data.iter().all(|there| there.as_ref() == Some(&later)), "the later epoch stays");
}

/// A key without a record, and an identity that is confirmed for it.
async fn without_record(stores: &Fitness, tenant: &TenantId, number: u8, is_committed: bool) -> (KeyName, IdentityKey) {
    let key = CustomerKey { tenant: tenant.clone(), customer: CustomerId::from_bytes([number; 16]) };
    let name = KeyName::Customer(tenant.clone(), key.customer);
    stores.keys.put_new(&name, Bytes::from_static(b"wrapped")).await.expect("works");
    stores.keys.set_committed(&name, is_committed).await.expect("works");
    let identity = IdentityKey { tenant: tenant.clone(), version: 1, digest: [number; 16] };
    let (token, state) = (HoldToken([number; 16]), EntryState::Confirmed);
    let entry = IdentityEntry { customer: key.customer, token, state, expire_ms: None };
    stores.data.hold(&identity, entry, 1, 0).await.expect("works");
    (name, identity)
}

#[tokio::test]
async fn what_is_given_up_is_what_was_told_as_lost() {
    let (stores, acme, globex) = (begun().await, tenant("acme"), tenant("globex"));
    let lost = without_record(&stores, &acme, 1, true).await;
    let being_made = without_record(&stores, &acme, 2, false).await;
    let of_others = without_record(&stores, &globex, 3, true).await;
    let erased = without_record(&stores, &acme, 4, true).await;
    stores.keys.bury(&erased.0).await.expect("works");
    let losses = stores.losses(&acme).await.expect("works");
    let named: Vec<CustomerId> = losses.named.iter().map(|(key, _)| key.customer).collect();
    assert_eq!((named, losses.without_record), (vec![CustomerId::from_bytes([1; 16])], 1));
    stores.adopt(&acme, &losses).await.expect("adopted");
    let wrapped = Bytes::from_static(b"wrapped");
    for ((name, identity), key, is_found) in [
        (lost, KeyEntry::Wrapped(wrapped.clone()), false),
        (being_made, KeyEntry::Wrapped(wrapped.clone()), true),
        (of_others, KeyEntry::Committed(wrapped), true),
        (erased, KeyEntry::Tombstone, true),
    ] {
        assert_eq!(stores.keys.get(&name).await.expect("works"), Some(key), "{name:?}");
        let entries = stores.data.identities(&[identity], 0).await.expect("works").remove(0).expect("decodes");
        assert_eq!(!entries.is_empty(), is_found, "{name:?}");
    }
}
