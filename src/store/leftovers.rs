//! What is left of customers whose key is destroyed. Where their record did not go with the key, it does not open any more, and nobody can read from
//! it which identities and entries of indexes lead to them: data that are older than the keys have all of that, and so has a copy of a store of whoever
//! was erased while it was made. Then the whole store is looked through. No key is needed for it.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt as _, stream};

use super::{
    Commit, CustomerKey, Hint, HintIndex, HintRange, HistoryRange, IdentityKey, IndexOp, Lane, Result, Revision, Store,
    StoreError, StoreExt as _,
    codec::header::Header,
    hints,
    keys::{self, Kind},
    walk::{Walk, hint_revision},
};
use crate::domain::{CustomerId, TenantId};

/// Attempts to remove a record that others still write to: without its key nobody can, so they end soon.
const ATTEMPTS_MAX: usize = 8;
/// Customers removed at once: lets the store group its writes.
const AT_ONCE: usize = 16;
/// Members of a partition read at once.
const PAGE: usize = 256;

/// Everybody whose key is destroyed: a million take some 20 MB.
pub type Destroyed = BTreeMap<TenantId, BTreeSet<CustomerId>>;

/// What is known of the record before it is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// Nothing. If there is none, a commit has removed it.
    Nothing,
    /// It was lost: what may be beside it goes.
    Lost,
    /// Its revision a moment ago: likely still the one, which saves asking for it.
    At(Revision),
}

/// Removes all that is found by the customer's id alone: record, history and requests, and the place in the listing. `index` is left to the index
/// worker, which then drops the note too. Answers whether there was anything but the listing.
///
/// # Errors
/// `Conflict` if others go on writing the record; those of the store.
pub async fn remove_slot(
    store: &dyn Store,
    key: &CustomerKey,
    index: &[IndexOp],
    known: Known,
    now_ms: i64,
) -> Result<bool> {
    let mut likely = if let Known::At(revision) = known { Some(revision) } else { None };
    for _ in 0..ATTEMPTS_MAX {
        let expect = match likely.take() {
            Some(revision) => Some(revision),
            None => match store.record(key).await? {
                Some(record) => Some(Header::decode(&record)?.0.revision),
                None if known == Known::Lost || has_rest(store, key).await? => None,
                None => {
                    // Its tasks are in the log, or done.
                    drop_note(store, key).await?;
                    unlist(store, key).await?;
                    return Ok(false);
                }
            },
        };
        match store.commit(Commit::erasure(key, expect, index.to_vec(), now_ms)?).await {
            Ok(_) if expect.is_none() => {
                unlist(store, key).await?;
                return Ok(true);
            }
            Ok(_) => return Ok(true),
            Err(StoreError::Conflict) => {}
            Err(fault) => return Err(fault),
        }
    }
    Err(StoreError::Conflict)
}

/// Whether a customer without a record has requests or history.
async fn has_rest(store: &dyn Store, key: &CustomerKey) -> Result<bool> {
    if store.load(key, Lane::Interactions, &[]).await?.requests.is_some_and(|requests| !requests.is_empty()) {
        return Ok(true);
    }
    for lane in [Lane::Interactions, Lane::Changes] {
        let one = HistoryRange { from_ms: i64::MIN, to_ms: i64::MAX, after: None, newest_first: false, limit: 1 };
        if !store.history(key, lane, one).await?.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Takes the customer out of the listing, at whatever revision they are in it: without a record nobody knows which it was.
async fn unlist(store: &dyn Store, key: &CustomerKey) -> Result<()> {
    let hint = hints::in_all_customers(key);
    match hint_revision(store, &key.tenant, &hint).await? {
        Some(revision) => store.drop_hint(&key.tenant, &hint, revision).await,
        None => Ok(()),
    }
}

/// Drops the note of a customer's erasure. Notes that do not decode hold nobody up: `fsck` drops them.
///
/// # Errors
/// Those of the store.
pub async fn drop_note(store: &dyn Store, key: &CustomerKey) -> Result<()> {
    match store.end_erasure(key).await {
        Err(StoreError::Corrupt(_)) => Ok(()),
        dropped => dropped,
    }
}

/// Removes what is left of all of them, and answers of how many there was something. What does not decode is left to `fsck`.
///
/// # Errors
/// Those of the store.
pub async fn remove(store: &dyn Store, destroyed: &Destroyed, now_ms: i64) -> Result<u64> {
    if destroyed.is_empty() {
        return Ok(0);
    }
    let mut had = BTreeSet::new();
    slots(store, destroyed, now_ms, &mut had).await?;
    identities(store, destroyed, &mut had).await?;
    for (tenant, customers) in destroyed {
        for index in HintIndex::ALL {
            for partition in 0..=u8::MAX {
                entries(store, (tenant, customers), (index, partition), &mut had).await?;
            }
        }
    }
    Ok(had.len() as u64)
}

async fn slots(store: &dyn Store, destroyed: &Destroyed, now_ms: i64, had: &mut BTreeSet<CustomerKey>) -> Result<()> {
    let of_tenant = |(tenant, customers): (&TenantId, &BTreeSet<CustomerId>)| -> Vec<CustomerKey> {
        customers.iter().map(|customer| CustomerKey { tenant: tenant.clone(), customer: *customer }).collect()
    };
    let all: Vec<CustomerKey> = destroyed.iter().flat_map(of_tenant).collect();
    let remove = |key: CustomerKey| async move {
        let removed = remove_slot(store, &key, &[IndexOp::Unlist], Known::Nothing, now_ms).await;
        (key, removed)
    };
    let mut removed = stream::iter(all).map(remove).buffer_unordered(AT_ONCE);
    while let Some((key, removed)) = removed.next().await {
        match removed {
            Ok(true) => drop(had.insert(key)),
            Ok(false) | Err(StoreError::Corrupt(_) | StoreError::Conflict) => {}
            Err(fault) => return Err(fault),
        }
    }
    Ok(())
}

/// Identities, and what is held of them: no commit of a destroyed customer can make a hold good.
async fn identities(store: &dyn Store, destroyed: &Destroyed, had: &mut BTreeSet<CustomerKey>) -> Result<()> {
    let mut walk = Walk::start(store, Kind::Identity);
    while let Some(names) = walk.next().await? {
        let named = names.iter().filter_map(|name| keys::parse_identity(name));
        let named: Vec<IdentityKey> = named.filter(|identity| destroyed.contains_key(&identity.tenant)).collect();
        for (identity, found) in named.iter().zip(store.identities(&named, i64::MIN).await?) {
            let of_erased = |customer: &CustomerId| destroyed[&identity.tenant].contains(customer);
            for entry in found.into_iter().flatten().filter(|entry| of_erased(&entry.customer)) {
                store.release(identity, entry.token).await?;
                had.insert(CustomerKey { tenant: identity.tenant.clone(), customer: entry.customer });
            }
        }
    }
    Ok(())
}

/// Entries of one partition of an index.
async fn entries(
    store: &dyn Store,
    (tenant, customers): (&TenantId, &BTreeSet<CustomerId>),
    (index, partition): (HintIndex, u8),
    had: &mut BTreeSet<CustomerKey>,
) -> Result<()> {
    let mut range = HintRange::default();
    loop {
        let page = store.hints(tenant, index, partition, &range, PAGE).await?;
        let Some((last, _)) = page.last() else { return Ok(()) };
        range = range.after(Some(last.clone()));
        for (member, revision) in page {
            let hint = Hint { index, partition, member };
            let Some(customer) = hints::customer_of(&hint).filter(|customer| customers.contains(customer)) else {
                continue;
            };
            store.drop_hint(tenant, &hint, revision).await?;
            had.insert(CustomerKey { tenant: tenant.clone(), customer });
        }
    }
}
