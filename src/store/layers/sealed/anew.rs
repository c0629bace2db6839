//! Sealing what older releases wrote in the clear, while it is in use.

use std::sync::Arc;

use bytes::Bytes;

use crate::{
    domain::{TenantId, limits::POLICY_VERSIONS_KEEP},
    store::{
        DocumentKey, Effect, Lifetime, Result, Store,
        codec::{entries::decode_document, sealed::SealedKind},
        keys::{self, Kind},
        sealing::{KeyRing, TenantKey},
        split_corruption,
        walk::Walk,
    },
};

/// Versions of a document that are looked for: of no document more are kept than of the policy.
const VERSIONS_MAX: u64 = POLICY_VERSIONS_KEEP.unsigned_abs();

/// What was sealed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SealedAnew {
    /// Documents and kept versions of them.
    pub documents: u64,
    /// Tallies.
    pub tallies: u64,
}

/// Seals all documents and tallies of a tenant that are in the clear. What is sealed already stays: what ended half way goes on when it is
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
    Ok(done)
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
