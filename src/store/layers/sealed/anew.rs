//! Sealing what older releases wrote in the clear, while it is in use.

use std::sync::Arc;

use bytes::Bytes;

use crate::{
    domain::{TenantId, limits::POLICY_VERSIONS_KEEP},
    store::{
        CustomerKey, DocumentKey, Effect, Lifetime, Result, Store,
        cas::{self, Decision},
        codec::{entries::decode_document, sealed::SealedKind},
        keys::{self, Kind},
        records,
        sealing::{DataKey, KeyRing, KeyState, TenantKey},
        split_corruption,
        walk::Walk,
    },
};

/// Customers whose remembered requests are read at once: some KiB each.
const REQUESTS_AT_ONCE: usize = 64;
/// Versions of a document that are looked for: of no document more are kept than of the policy.
const VERSIONS_MAX: u64 = POLICY_VERSIONS_KEEP.unsigned_abs();

/// What was sealed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SealedAnew {
    /// Documents and kept versions of them.
    pub documents: u64,
    /// Tallies.
    pub tallies: u64,
    /// Customers whose remembered requests were in the clear.
    pub requests: u64,
}

/// Seals all documents, tallies and remembered requests of a tenant that are in the clear. What is sealed already stays: what ended half way goes on when it is
/// called again. A value that does not decode stays as it is; fsck tells it.
///
/// # Errors
/// `Unfit` if the tenant has no key; those of the stores.
pub async fn seal_old(store: &dyn Store, ring: &KeyRing, tenant: &TenantId) -> Result<SealedAnew> {
    let key = ring.tenant_key_there(tenant).await?;
    let mut done = SealedAnew::default();
    for kind in [Kind::Document, Kind::Tally] {
        let mut walk = Walk::start(store, kind);
        while let Some(page) = walk.next().await? {
            for name in page.into_iter().filter(|name| keys::parse_tenant(name).as_ref() == Some(tenant)) {
                if let Some(document) = keys::parse_document(&name) {
                    done.documents += seal_versions(store, &key, &document, &name).await?;
                }
                let is_sealed = u64::from(seal_value(store, &key, name).await?);
                match kind {
                    Kind::Document => done.documents += is_sealed,
                    _ => done.tallies += is_sealed,
                }
            }
        }
    }
    let mut walk = Walk::start(store, Kind::Requests);
    while let Some(page) = walk.next().await? {
        for (customer, key) in in_the_clear(store, ring, tenant, &page).await? {
            done.requests += u64::from(seal_requests(store, customer, key).await?);
        }
    }
    Ok(done)
}

/// Whether remembered requests of the tenant are in the clear that could be sealed.
///
/// # Errors
/// Those of the stores.
pub async fn has_clear_requests(store: &dyn Store, ring: &KeyRing, tenant: &TenantId) -> Result<bool> {
    let mut walk = Walk::start(store, Kind::Requests);
    while let Some(page) = walk.next().await? {
        if !in_the_clear(store, ring, tenant, &page).await?.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Customers whose remembered requests are in the clear, with their keys. Who has no key is left to fsck.
async fn in_the_clear(
    store: &dyn Store,
    ring: &KeyRing,
    tenant: &TenantId,
    names: &[String],
) -> Result<Vec<(CustomerKey, Arc<DataKey>)>> {
    let mut found = Vec::new();
    for names in names.chunks(REQUESTS_AT_ONCE) {
        let named = names.iter().zip(store.values(names).await?);
        let is_clear = |(name, there): (&String, Option<Bytes>)| {
            let key = keys::parse_customer_name(name).filter(|key| key.tenant == *tenant)?;
            records::is_in_the_clear(&there?).then_some(key)
        };
        let clear: Vec<CustomerKey> = named.filter_map(is_clear).collect();
        let states = ring.get_many(&clear).await?;
        for (customer, state) in clear.into_iter().zip(states) {
            if let Ok(KeyState::Key(key)) = state {
                found.push((customer, key));
            }
        }
    }
    Ok(found)
}

/// Whether the list was in the clear, and decodes. What is remembered meanwhile is written sealed, and stays.
async fn seal_requests(store: &dyn Store, customer: CustomerKey, key: Arc<DataKey>) -> Result<bool> {
    cas::change(store, keys::requests(&customer), move |there| {
        Ok(match records::seal_anew(&customer, &key, there)? {
            Some(sealed) => Decision::put(true, sealed.to_vec(), Lifetime::Keep),
            None => Decision::keep(false),
        })
    })
    .await
}

/// Whether the value was in the clear.
async fn seal_value(store: &dyn Store, key: &Arc<TenantKey>, name: String) -> Result<bool> {
    let Some(kind) = SealedKind::of(&name) else { return Ok(false) };
    let there = split_corruption(store.values(std::slice::from_ref(&name)).await)?;
    let there = there.ok().and_then(|mut found| found.pop().flatten()).unwrap_or_default();
    if there.is_empty() || kind.is_sealed(&there) || kind.seal(key, &name, &there).is_err() {
        return Ok(false);
    }
    let (key, place) = (key.clone(), name.clone());
    let seal = move |there: &[u8]| {
        if there.is_empty() || kind.is_sealed(there) {
            return Ok(Effect::Keep);
        }
        Ok(Effect::Put(kind.seal(&key, &place, there)?, Lifetime::Keep))
    };
    store.change(name, Box::new(seal)).await?;
    Ok(true)
}

/// How many kept versions of a document were in the clear.
async fn seal_versions(store: &dyn Store, key: &TenantKey, document: &DocumentKey, name: &str) -> Result<u64> {
    let there = store.values(&[name.to_owned()]).await?.pop().flatten();
    let Some(newest) = there.and_then(|bytes| decode_document(bytes).ok()).map(|there| there.revision.counter) else {
        return Ok(0);
    };
    let mut count = 0;
    for number in newest.saturating_sub(VERSIONS_MAX) + 1..=newest {
        let Some(bytes) = store.version(document, number).await? else { continue };
        if !SealedKind::Document.is_sealed(&bytes) {
            let sealed: Bytes = SealedKind::Document.seal(key, name, &bytes)?.into();
            count += u64::from(store.replace_version(document, number, &bytes, sealed).await?);
        }
    }
    Ok(count)
}
