//! Identity entries: placed under a hold, confirmed, released, expired.

use rapport::store::{EntryState, HoldOutcome, IdentityEntry, IdentityKey, StoreExt as _};

use crate::make::{AnyStore, NOW, held, identity, tenant, token};

crate::scenarios! { store_on_redb, store_on_redis:
    an_unknown_identity_has_nobody,
    a_placed_hold_is_found,
    an_exclusive_identity_has_one_seat,
    a_shared_identity_has_its_seats_and_no_more,
    no_seats_place_nobody,
    the_same_token_replaces_its_entry,
    a_full_identity_takes_the_same_token_again,
    an_expired_entry_is_not_found,
    an_expired_entry_frees_its_seat,
    an_overdue_hold_keeps_its_seat,
    a_refused_hold_changes_nothing,
    confirming_confirms_one_and_may_repeat,
    confirming_the_unknown_changes_nothing,
    releasing_frees_the_seat_and_may_repeat,
    releasing_the_unknown_changes_nothing,
    the_last_release_leaves_nothing,
    identities_come_in_the_order_of_the_keys,
    versions_of_the_index_key_do_not_mix,
    expiry_is_kept_through_confirmation,
}

async fn found_of(store: &AnyStore, wanted: &[IdentityKey]) -> Vec<Vec<IdentityEntry>> {
    store.identities(wanted, NOW).await.unwrap().into_iter().map(Result::unwrap).collect()
}

async fn found(store: &AnyStore, now_ms: i64) -> Vec<IdentityEntry> {
    store.identities(&[identity(1)], now_ms).await.unwrap().remove(0).unwrap()
}

async fn place(store: &AnyStore, entry: IdentityEntry, seats: usize) -> HoldOutcome {
    store.hold(&identity(1), entry, seats, NOW).await.unwrap()
}

fn expiring(number: u8, expire_ms: i64) -> IdentityEntry {
    IdentityEntry { expire_ms: Some(expire_ms), ..held(number) }
}

async fn an_unknown_identity_has_nobody(store: AnyStore) {
    assert_eq!(found(&store, NOW).await, []);
}

async fn a_placed_hold_is_found(store: AnyStore) {
    assert_eq!(place(&store, held(1), 1).await, HoldOutcome::Placed);
    assert_eq!(found(&store, NOW).await, [held(1)]);
}

async fn an_exclusive_identity_has_one_seat(store: AnyStore) {
    place(&store, held(1), 1).await;
    assert_eq!(place(&store, held(2), 1).await, HoldOutcome::Taken(vec![held(1)]));
    assert_eq!(found(&store, NOW).await, [held(1)]);
}

async fn a_shared_identity_has_its_seats_and_no_more(store: AnyStore) {
    for number in [3, 1, 2] {
        assert_eq!(place(&store, held(number), 3).await, HoldOutcome::Placed);
    }
    let all = vec![held(1), held(2), held(3)];
    assert_eq!(place(&store, held(4), 3).await, HoldOutcome::Taken(all.clone()));
    assert_eq!(found(&store, NOW).await, all);
}

async fn no_seats_place_nobody(store: AnyStore) {
    assert_eq!(place(&store, held(1), 0).await, HoldOutcome::Taken(vec![]));
    assert_eq!(found(&store, NOW).await, []);
}

async fn the_same_token_replaces_its_entry(store: AnyStore) {
    place(&store, held(1), 2).await;
    let again = IdentityEntry { expire_ms: Some(NOW + 5), ..held(1) };
    assert_eq!(place(&store, again.clone(), 2).await, HoldOutcome::Placed);
    assert_eq!(found(&store, NOW).await, [again]);
}

async fn a_full_identity_takes_the_same_token_again(store: AnyStore) {
    place(&store, held(1), 1).await;
    assert_eq!(place(&store, held(1), 1).await, HoldOutcome::Placed);
    assert_eq!(found(&store, NOW).await, [held(1)]);
}

async fn an_expired_entry_is_not_found(store: AnyStore) {
    place(&store, expiring(1, NOW + 10), 2).await;
    place(&store, held(2), 2).await;
    assert_eq!(found(&store, NOW + 9).await.len(), 2);
    assert_eq!(found(&store, NOW + 10).await, [held(2)]);
    // The clock is the caller's: an earlier one still finds it.
    assert_eq!(found(&store, NOW).await.len(), 2);
}

async fn an_expired_entry_frees_its_seat(store: AnyStore) {
    place(&store, expiring(1, NOW + 10), 1).await;
    let early = store.hold(&identity(1), held(2), 1, NOW + 9).await.unwrap();
    assert_eq!(early, HoldOutcome::Taken(vec![expiring(1, NOW + 10)]));
    assert_eq!(store.hold(&identity(1), held(2), 1, NOW + 10).await.unwrap(), HoldOutcome::Placed);
    assert_eq!(found(&store, NOW).await, [held(2)]);
}

/// Only the customer's slot decides an overdue hold, never the clock.
async fn an_overdue_hold_keeps_its_seat(store: AnyStore) {
    place(&store, held(1), 1).await;
    let late = NOW + 1_000_000;
    assert_eq!(store.hold(&identity(1), held(2), 1, late).await.unwrap(), HoldOutcome::Taken(vec![held(1)]));
    assert_eq!(found(&store, late).await, [held(1)]);
}

async fn a_refused_hold_changes_nothing(store: AnyStore) {
    place(&store, expiring(1, NOW + 10), 2).await;
    place(&store, held(2), 2).await;
    let before = store.dump().await.unwrap();
    // One has expired, and the seats are full all the same.
    store.hold(&identity(1), held(3), 1, NOW + 10).await.unwrap();
    assert_eq!(store.dump().await.unwrap(), before);
}

async fn confirming_confirms_one_and_may_repeat(store: AnyStore) {
    place(&store, held(1), 2).await;
    place(&store, held(2), 2).await;
    for _ in 0..2 {
        store.confirm(&identity(1), token(2)).await.unwrap();
    }
    assert_eq!(found(&store, NOW).await, [held(1), IdentityEntry { state: EntryState::Confirmed, ..held(2) }]);
}

async fn confirming_the_unknown_changes_nothing(store: AnyStore) {
    place(&store, held(1), 2).await;
    let before = store.dump().await.unwrap();
    store.confirm(&identity(1), token(9)).await.unwrap();
    store.confirm(&identity(9), token(1)).await.unwrap();
    assert_eq!(store.dump().await.unwrap(), before);
}

async fn releasing_frees_the_seat_and_may_repeat(store: AnyStore) {
    place(&store, held(1), 1).await;
    for _ in 0..2 {
        store.release(&identity(1), token(1)).await.unwrap();
    }
    assert_eq!(place(&store, held(2), 1).await, HoldOutcome::Placed);
    store.release(&identity(1), token(1)).await.unwrap();
    assert_eq!(found(&store, NOW).await, [held(2)]);
}

async fn releasing_the_unknown_changes_nothing(store: AnyStore) {
    place(&store, held(1), 2).await;
    let before = store.dump().await.unwrap();
    store.release(&identity(1), token(9)).await.unwrap();
    store.release(&identity(9), token(1)).await.unwrap();
    assert_eq!(store.dump().await.unwrap(), before);
}

async fn the_last_release_leaves_nothing(store: AnyStore) {
    place(&store, held(1), 1).await;
    store.release(&identity(1), token(1)).await.unwrap();
    assert!(store.dump().await.unwrap().is_empty());
}

async fn identities_come_in_the_order_of_the_keys(store: AnyStore) {
    store.hold(&identity(1), held(1), 1, NOW).await.unwrap();
    store.hold(&identity(2), held(2), 1, NOW).await.unwrap();
    let wanted = [identity(2), identity(7), identity(1), identity(2)];
    let found = found_of(&store, &wanted).await;
    assert_eq!(found, [vec![held(2)], vec![], vec![held(1)], vec![held(2)]]);
}

async fn versions_of_the_index_key_do_not_mix(store: AnyStore) {
    let second = IdentityKey { version: 2, ..identity(1) };
    let foreign = IdentityKey { tenant: tenant("other"), ..identity(1) };
    place(&store, held(1), 1).await;
    assert_eq!(store.hold(&second, held(2), 1, NOW).await.unwrap(), HoldOutcome::Placed);
    assert_eq!(store.hold(&foreign, held(3), 1, NOW).await.unwrap(), HoldOutcome::Placed);
    let found = found_of(&store, &[identity(1), second, foreign]).await;
    assert_eq!(found, [[held(1)], [held(2)], [held(3)]]);
}

async fn expiry_is_kept_through_confirmation(store: AnyStore) {
    place(&store, expiring(1, NOW + 10), 1).await;
    store.confirm(&identity(1), token(1)).await.unwrap();
    assert_eq!(found(&store, NOW).await[0].expire_ms, Some(NOW + 10));
    assert_eq!(found(&store, NOW + 10).await, []);
}
