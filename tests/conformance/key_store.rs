//! The key store's contract.

use std::sync::Arc;

use bytes::Bytes;
use rapport::{
    domain::id::CustomerId,
    store::keystore::{KeyEntry, KeyName, KeyStore},
};

use crate::make::{NOW, tenant};

type Keys = Arc<dyn KeyStore>;

crate::scenarios! { keys_on_redb, keys_on_redis:
    an_unknown_key_is_none,
    a_new_key_is_kept,
    a_second_key_is_not,
    a_tombstone_is_final,
    burying_the_unknown_prevents_it,
    burying_twice_is_once,
    many_keys_come_in_the_order_of_the_names,
    names_do_not_mix,
    an_empty_key_is_not_a_tombstone,
    of_many_new_keys_exactly_one_stays,
    burying_wins_over_new_keys,
    a_dump_shows_everything,
    a_committed_key_is_the_same_key,
    a_tombstone_is_not_committed,
    burying_wins_over_committing,
    notes_lie_beside_the_keys,
    a_key_is_replaced_if_it_is_still_the_same,
    what_is_destroyed_or_committed_meanwhile_stays_so,
    what_is_destroyed_is_noted_until_its_copies_are_removed,
}

async fn what_is_destroyed_is_noted_until_its_copies_are_removed(keys: Keys) {
    let unknown = keys.copies().await.unwrap().expect("nobody knows what a store holds that was never written anew");
    assert_eq!(unknown.since_ms, None);
    keys.remove_copies(unknown).await.unwrap();
    assert_eq!(keys.copies().await.unwrap(), None);
    put(&keys, &name(1), "one").await;
    put(&keys, &name(2), "two").await;
    keys.bury(&name(1), NOW + 5).await.unwrap();
    let first = keys.copies().await.unwrap().expect("one was destroyed");
    assert_eq!(first.since_ms, Some(NOW + 5));
    keys.bury(&name(1), NOW + 9).await.unwrap();
    assert_eq!(keys.copies().await.unwrap().as_ref(), Some(&first), "it is destroyed once");
    // In the same bucket and in others.
    for number in 2..=255 {
        keys.bury(&name(number), NOW + 7).await.unwrap();
    }
    keys.remove_copies(first).await.unwrap();
    let left = keys.copies().await.unwrap().expect("those were destroyed since");
    assert!(left.since_ms.is_some_and(|since_ms| since_ms >= NOW + 5));
    keys.remove_copies(left).await.unwrap();
    assert_eq!(keys.copies().await.unwrap(), None);
    assert_eq!(keys.get(&name(2)).await.unwrap(), Some(KeyEntry::Tombstone));
}

fn name(number: u8) -> KeyName {
    KeyName::Customer(tenant("acme"), CustomerId::from_bytes([number; 16]))
}

fn wrapped(text: &'static str) -> KeyEntry {
    KeyEntry::Wrapped(Bytes::from_static(text.as_bytes()))
}

async fn put(keys: &Keys, name: &KeyName, text: &'static str) -> KeyEntry {
    keys.put_new(name, Bytes::from_static(text.as_bytes())).await.unwrap()
}

async fn an_unknown_key_is_none(keys: Keys) {
    assert_eq!(keys.get(&name(1)).await.unwrap(), None);
    assert!(keys.get_many(&[]).await.unwrap().is_empty());
}

async fn a_new_key_is_kept(keys: Keys) {
    assert_eq!(put(&keys, &name(1), "one").await, wrapped("one"));
    assert_eq!(keys.get(&name(1)).await.unwrap(), Some(wrapped("one")));
}

async fn a_second_key_is_not(keys: Keys) {
    put(&keys, &name(1), "one").await;
    assert_eq!(put(&keys, &name(1), "two").await, wrapped("one"));
    assert_eq!(keys.get(&name(1)).await.unwrap(), Some(wrapped("one")));
}

async fn a_tombstone_is_final(keys: Keys) {
    put(&keys, &name(1), "one").await;
    keys.bury(&name(1), NOW).await.unwrap();
    assert_eq!(put(&keys, &name(1), "two").await, KeyEntry::Tombstone);
    assert_eq!(keys.get(&name(1)).await.unwrap(), Some(KeyEntry::Tombstone));
    for (_, value) in keys.dump().await.unwrap() {
        assert!(!value.windows(3).any(|part| part == b"one"), "the key is still there");
    }
}

async fn burying_the_unknown_prevents_it(keys: Keys) {
    keys.bury(&name(1), NOW).await.unwrap();
    assert_eq!(put(&keys, &name(1), "one").await, KeyEntry::Tombstone);
}

async fn burying_twice_is_once(keys: Keys) {
    keys.bury(&name(1), NOW).await.unwrap();
    let before = keys.dump().await.unwrap();
    keys.bury(&name(1), NOW).await.unwrap();
    assert_eq!(keys.dump().await.unwrap(), before);
}

async fn many_keys_come_in_the_order_of_the_names(keys: Keys) {
    put(&keys, &name(1), "one").await;
    keys.bury(&name(2), NOW).await.unwrap();
    let found = keys.get_many(&[name(2), name(9), name(1), name(2)]).await.unwrap();
    assert_eq!(found, [Some(KeyEntry::Tombstone), None, Some(wrapped("one")), Some(KeyEntry::Tombstone)]);
}

async fn names_do_not_mix(keys: Keys) {
    let names = [
        name(1),
        KeyName::Customer(tenant("acme2"), CustomerId::from_bytes([1; 16])),
        KeyName::Index(tenant("acme"), 1),
        KeyName::Index(tenant("acme"), 11),
        KeyName::Index(tenant("acme2"), 1),
        KeyName::Tenant(tenant("acme"), 1),
        KeyName::Tenant(tenant("acme"), 11),
    ];
    for (name, text) in names.iter().zip(["a", "b", "c", "d", "e"]) {
        assert_eq!(put(&keys, name, text).await, wrapped(text));
    }
    keys.bury(&names[2], NOW).await.unwrap();
    assert_eq!(keys.get(&names[3]).await.unwrap(), Some(wrapped("d")));
}

async fn an_empty_key_is_not_a_tombstone(keys: Keys) {
    assert_eq!(put(&keys, &name(1), "").await, wrapped(""));
    assert_eq!(put(&keys, &name(2), "t").await, wrapped("t"));
    assert_eq!(keys.get(&name(1)).await.unwrap(), Some(wrapped("")));
}

async fn of_many_new_keys_exactly_one_stays(keys: Keys) {
    let tries = (0..16_u8).map(|number| {
        let keys = Arc::clone(&keys);
        tokio::spawn(async move { keys.put_new(&name(1), vec![number].into()).await.unwrap() })
    });
    let mut answers = Vec::new();
    for try_ in tries.collect::<Vec<_>>() {
        answers.push(try_.await.unwrap());
    }
    let kept = keys.get(&name(1)).await.unwrap().unwrap();
    assert!(answers.iter().all(|answer| *answer == kept), "{answers:?}");
}

async fn burying_wins_over_new_keys(keys: Keys) {
    burying_wins_over(keys, |keys, number| async move {
        keys.put_new(&name(1), vec![number].into()).await.unwrap();
    })
    .await;
}

/// One of many that write at once buries.
async fn burying_wins_over<F>(keys: Keys, write: fn(Keys, u8) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let bury = |keys: Keys| async move { keys.bury(&name(1), NOW).await.unwrap() };
    let tries = (0..16_u8).map(|number| {
        let keys = Arc::clone(&keys);
        if number == 7 { tokio::spawn(bury(keys)) } else { tokio::spawn(write(keys, number)) }
    });
    for try_ in tries.collect::<Vec<_>>() {
        try_.await.unwrap();
    }
    assert_eq!(keys.get(&name(1)).await.unwrap(), Some(KeyEntry::Tombstone));
}

async fn a_dump_shows_everything(keys: Keys) {
    put(&keys, &name(1), "one").await;
    keys.bury(&name(2), NOW).await.unwrap();
    let dump = keys.dump().await.unwrap();
    assert!(dump.is_sorted());
    let (entries, notes): (Vec<_>, Vec<_>) = dump.iter().partition(|(key, _)| key.starts_with(b"key:{"));
    assert_eq!((entries.len(), notes.len()), (2, 1));
    assert!(notes[0].0.starts_with(b"key-destroyed:{"));
}

async fn a_committed_key_is_the_same_key(keys: Keys) {
    put(&keys, &name(1), "one").await;
    put(&keys, &name(2), "w").await;
    for committed in [true, true, false, false, true] {
        for name in [name(1), name(2), name(3)] {
            keys.set_committed(&name, committed).await.unwrap();
        }
        let kind = if committed { KeyEntry::Committed } else { KeyEntry::Wrapped };
        let found = keys.get_many(&[name(1), name(2), name(3)]).await.unwrap();
        assert_eq!(found, [Some(kind("one".into())), Some(kind("w".into())), None]);
    }
    assert_eq!(put(&keys, &name(1), "two").await, KeyEntry::Committed("one".into()), "the one that is there");
}

async fn a_tombstone_is_not_committed(keys: Keys) {
    put(&keys, &name(1), "one").await;
    keys.set_committed(&name(1), true).await.unwrap();
    keys.bury(&name(1), NOW).await.unwrap();
    for committed in [true, false] {
        keys.set_committed(&name(1), committed).await.unwrap();
        assert_eq!(keys.get(&name(1)).await.unwrap(), Some(KeyEntry::Tombstone));
    }
}

async fn burying_wins_over_committing(keys: Keys) {
    put(&keys, &name(1), "one").await;
    burying_wins_over(keys, |keys, number| async move {
        keys.set_committed(&name(1), number.is_multiple_of(2)).await.unwrap();
    })
    .await;
}

async fn notes_lie_beside_the_keys(keys: Keys) {
    put(&keys, &name(1), "one").await;
    let names: Vec<String> = (0..=255).map(|bucket| format!("key-log:{{{bucket:02x}}}")).collect();
    assert_eq!(keys.notes(&names).await.unwrap(), vec![None; 256]);
    keys.put_notes(Vec::new()).await.unwrap();
    for round in ["first", "second"] {
        let note = |name: &String| Bytes::from(format!("{round} {name}"));
        keys.put_notes(names.iter().skip(1).map(|name| (name.clone(), note(name))).collect()).await.unwrap();
        let found = keys.notes(&names).await.unwrap();
        let wanted: Vec<_> = [None].into_iter().chain(names.iter().skip(1).map(|name| Some(note(name)))).collect();
        assert_eq!(found, wanted);
    }
    assert_eq!(keys.get(&name(1)).await.unwrap(), Some(wrapped("one")));
    let (mut found, mut from) = (Vec::new(), Some(None));
    while let Some(at) = from.take() {
        let page = keys.names(at.as_deref(), 10).await.unwrap();
        found.extend(page.names);
        from = page.next.map(Some);
    }
    assert_eq!(found.len(), 1, "a note is no key: {found:?}");
}

async fn a_key_is_replaced_if_it_is_still_the_same(keys: Keys) {
    let (first, second) = (Bytes::from_static(b"\0first\xff"), Bytes::from_static(b"second"));
    assert!(!keys.replace(&name(1), &first, Some(second.clone())).await.unwrap(), "there is none");
    assert_eq!(keys.get(&name(1)).await.unwrap(), None);
    keys.put_new(&name(1), first.clone()).await.unwrap();
    assert!(!keys.replace(&name(1), &second, Some(first.clone())).await.unwrap(), "it is another");
    assert!(!keys.replace(&name(1), &first.slice(..3), Some(second.clone())).await.unwrap(), "it only begins so");
    assert!(keys.replace(&name(1), &first, Some(second.clone())).await.unwrap());
    assert_eq!(keys.get(&name(1)).await.unwrap(), Some(KeyEntry::Wrapped(second.clone())));
    keys.set_committed(&name(1), true).await.unwrap();
    assert!(keys.replace(&name(1), &second, Some(first.clone())).await.unwrap());
    assert_eq!(keys.get(&name(1)).await.unwrap(), Some(KeyEntry::Committed(first.clone())));
    assert!(!keys.replace(&name(1), &second, None).await.unwrap(), "it is another");
    assert!(keys.replace(&name(1), &first, None).await.unwrap());
    assert_eq!(keys.get(&name(1)).await.unwrap(), None);
    let names = keys.names(None, 100).await.unwrap().names;
    assert!(names.is_empty(), "{names:?}");
}

async fn what_is_destroyed_or_committed_meanwhile_stays_so(keys: Keys) {
    let (old, new) = (Bytes::from_static(b"old"), Bytes::from_static(b"new"));
    for number in 0..20 {
        keys.put_new(&name(number), old.clone()).await.unwrap();
        let name = name(number);
        let (buried, replaced) = tokio::join!(keys.bury(&name, NOW), keys.replace(&name, &old, Some(new.clone())));
        assert!(buried.is_ok() && replaced.is_ok());
        assert_eq!(keys.get(&name).await.unwrap(), Some(KeyEntry::Tombstone));
    }
    for number in 20..40 {
        keys.put_new(&name(number), old.clone()).await.unwrap();
        let name = name(number);
        let both = tokio::join!(keys.set_committed(&name, true), keys.replace(&name, &old, Some(new.clone())));
        assert!(both.0.is_ok() && both.1.unwrap());
        assert_eq!(keys.get(&name).await.unwrap(), Some(KeyEntry::Committed(new.clone())));
    }
    keys.bury(&name(40), NOW).await.unwrap();
    assert!(!keys.replace(&name(40), &Bytes::new(), Some(new)).await.unwrap(), "a tombstone is no key");
    assert_eq!(keys.get(&name(40)).await.unwrap(), Some(KeyEntry::Tombstone));
}
