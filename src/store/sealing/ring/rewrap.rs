//! Bringing keys that the wrapping key wraps under the tenant's key, while they are in use.

use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::{KeyEntry, KeyName, KeyRing, Result, StoreError, is_wrapped_by_tenant_key, split_corruption};
use crate::{
    domain::TenantId,
    store::{PAGE_MAX, keys},
};

/// Keys wrapped at once: enough for a key store to group its writes.
const AT_ONCE: usize = 64;

/// What came of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rewrapped {
    /// Keys that were wrapped anew.
    pub keys: u64,
    /// Keys that do not unwrap, and stay as they are.
    pub damaged: u64,
}

impl KeyRing {
    /// Wraps all keys of a tenant with the tenant's key, which must be there. Keys that are so already stay: what ended half way goes on when it
    /// is called again. A key that is destroyed meanwhile stays destroyed.
    pub async fn rewrap(&self, tenant: &TenantId) -> Result<Rewrapped> {
        let mut done = Rewrapped::default();
        let mut from = Some(None);
        while let Some(at) = from.take() {
            let page = self.store.names(at.as_deref(), PAGE_MAX).await?;
            let names = page.names.iter().filter_map(|name| keys::parse_data_key(name));
            let is_due = |name: &KeyName| name.tenant() == tenant && !matches!(name, KeyName::Tenant(..));
            let names: Vec<KeyName> = names.filter(is_due).collect();
            let entries = self.store.entries(&names).await?;
            let wrapped = names.into_iter().zip(entries).filter_map(|(name, entry)| match entry {
                Ok(Some(KeyEntry::Wrapped(key) | KeyEntry::Committed(key))) => Some((name, key)),
                // What does not decode is told by fsck.
                _ => None,
            });
            let old = wrapped.filter(|(_, wrapped)| !is_wrapped_by_tenant_key(wrapped));
            let rewrapped = stream::iter(old).map(|(name, wrapped)| self.rewrap_one(name, wrapped));
            let rewrapped: Vec<Option<bool>> = rewrapped.buffer_unordered(AT_ONCE).try_collect().await?;
            done.keys += rewrapped.iter().filter(|one| **one == Some(true)).count() as u64;
            done.damaged += rewrapped.iter().filter(|one| one.is_none()).count() as u64;
            from = page.next.map(Some);
        }
        Ok(done)
    }

    /// Whether it was replaced: it was not if somebody else has changed it. `None`: it does not unwrap.
    async fn rewrap_one(&self, name: KeyName, old: Bytes) -> Result<Option<bool>> {
        match split_corruption(self.unwrapped(&name, &old).await)? {
            Ok(raw) => {
                let new = self.tenant_key_there(name.tenant()).await?.wrap(&super::context(&name), &raw)?;
                Ok(Some(self.store.replace(&name, &old, Some(new.into())).await?))
            }
            Err(StoreError::Corrupt(_)) => Ok(None),
            Err(fault) => Err(fault),
        }
    }
}
