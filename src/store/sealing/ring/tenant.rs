//! The two keys that a tenant has as a whole: its own, which wraps all others, and the index key.

use std::sync::Arc;

use bytes::Bytes;
use zeroize::Zeroizing;

use super::{
    INDEX_KEY_VERSION, IndexKey, KEY_LEN, KeyEntry, KeyName, KeyRing, NoKey, Result, StoreError, TENANT_KEY_VERSION,
    TenantKey, context, is_wrapped_by_tenant_key, random,
};
use crate::domain::TenantId;

impl KeyRing {
    /// The tenant's key. Of a tenant that is new it is made; `None`: the tenant is older than these keys, and has none until
    /// `rapport upgrade`.
    pub async fn tenant_key(&self, tenant: &TenantId) -> Result<Option<Arc<TenantKey>>> {
        if self.lacking.get(tenant).is_some() {
            return Ok(None);
        }
        // In a box that is made when it is asked for: many calls hold this future.
        let load = || async { Box::pin(self.load_or_make_tenant_key(tenant)).await };
        let mut loaded = self.tenant.get_or_load(tenant, load()).await;
        if loaded.as_ref().is_ok_and(|key| key.epoch() != self.epoch_now()) {
            // Its load began before the epoch did.
            self.tenant.remove(tenant);
            loaded = self.tenant.get_or_load(tenant, load()).await;
        }
        match loaded {
            Ok(key) => Ok(Some(key)),
            Err(NoKey::Missing) => {
                self.lacking.put(tenant.clone(), ());
                Ok(None)
            }
            Err(NoKey::Destroyed) => Err(StoreError::Corrupt("the tenant's key was destroyed".into())),
            Err(NoKey::Failed(fault)) => Err(fault),
        }
    }

    /// Whether the tenant's key is at hand: then there is one. No I/O.
    pub fn has_tenant_key(&self, tenant: &TenantId) -> bool {
        self.tenant.get(tenant).is_some()
    }

    /// The tenant's key, for what it wrapped or sealed.
    ///
    /// # Errors
    /// `Unfit`: it is lost.
    pub async fn tenant_key_there(&self, tenant: &TenantId) -> Result<Arc<TenantKey>> {
        if let Some(key) = self.tenant_key(tenant).await? {
            return Ok(key);
        }
        // Another process may have made it a moment ago.
        self.lacking.remove(tenant);
        self.tenant_key(tenant).await?.ok_or_else(tenant_key_lost)
    }

    async fn load_or_make_tenant_key(&self, tenant: &TenantId) -> std::result::Result<Arc<TenantKey>, NoKey> {
        let name = KeyName::Tenant(tenant.clone(), TENANT_KEY_VERSION);
        let (entry, is_new) = match self.store.get(&name).await? {
            Some(entry) => (entry, false),
            None if self.is_new(tenant).await? => (self.put_tenant_key(&name).await?, true),
            // Once more: of a new tenant another process may have made both keys between the two looks.
            None => match self.store.get(&name).await? {
                Some(entry) => (entry, false),
                None => return Err(NoKey::Missing),
            },
        };
        let Some(wrapped) = entry.wrapped() else { return Err(NoKey::Destroyed) };
        let raw = self.keys.unwrap(&context(&name), wrapped).await?;
        if let Some(fitness) = &self.fitness {
            fitness.note_tenant_key(tenant, is_new).await?;
        }
        Ok(Arc::new(TenantKey::new(&raw, self.epoch_now())))
    }

    /// Whether nothing of a tenant without a key of its own was ever wrapped or sealed: everybody has an index key first.
    ///
    /// # Errors
    /// `Unfit`: the tenant had such a key.
    async fn is_new(&self, tenant: &TenantId) -> Result<bool> {
        if let Some(fitness) = &self.fitness {
            if fitness.had_tenant_key(tenant).await? {
                return Err(tenant_key_lost());
            }
            // The release that writes stores without marks cannot read what this key wraps.
            if fitness.epoch() == 0 || fitness.must_have_index_key(tenant).await? {
                return Ok(false);
            }
        }
        Ok(self.store.get(&KeyName::Index(tenant.clone(), INDEX_KEY_VERSION)).await?.is_none())
    }

    /// Makes the tenant's key, or answers the entry that is there.
    async fn put_tenant_key(&self, name: &KeyName) -> Result<KeyEntry> {
        let raw = Zeroizing::new(random::<KEY_LEN>()?);
        let wrapped = self.keys.wrap(&context(name), &raw).await?;
        self.store.put_new(name, wrapped.into()).await
    }

    /// Makes the key of a tenant that is older than these keys, for `rapport upgrade`; answers whether there was none.
    ///
    /// # Errors
    /// `Unfit`: the tenant had one.
    pub async fn make_tenant_key(&self, tenant: &TenantId) -> Result<bool> {
        self.lacking.remove(tenant);
        if self.tenant_key(tenant).await?.is_some() {
            return Ok(false);
        }
        self.put_tenant_key(&KeyName::Tenant(tenant.clone(), TENANT_KEY_VERSION)).await?;
        self.tenant_key_there(tenant).await?;
        Ok(true)
    }

    /// Wraps a key of the tenant for the key store.
    pub(super) async fn wrapped(&self, name: &KeyName, raw: &[u8; KEY_LEN]) -> Result<Vec<u8>> {
        match self.tenant_key(name.tenant()).await? {
            Some(key) => key.wrap(&context(name), raw),
            None => self.keys.wrap(&context(name), raw).await,
        }
    }

    /// Unwraps a key of the tenant, however it is wrapped.
    pub(super) async fn unwrapped(&self, name: &KeyName, wrapped: &[u8]) -> Result<Zeroizing<[u8; KEY_LEN]>> {
        if is_wrapped_by_tenant_key(wrapped) {
            return self.tenant_key_there(name.tenant()).await?.unwrap(&context(name), wrapped);
        }
        self.keys.unwrap(&context(name), wrapped).await
    }

    /// Whether the wrapping key is the one that this tenant's keys were wrapped with, as far as there are any yet. With
    /// another one nothing would open.
    ///
    /// # Errors
    /// `Unfit` if it is not; those of the key store.
    pub async fn opens(&self, tenant: &TenantId) -> Result<()> {
        let names =
            [KeyName::Tenant(tenant.clone(), TENANT_KEY_VERSION), KeyName::Index(tenant.clone(), INDEX_KEY_VERSION)];
        for (name, entry) in names.iter().zip(self.store.get_many(&names).await?) {
            let Some(wrapped) = entry.as_ref().and_then(KeyEntry::wrapped) else { continue };
            if is_wrapped_by_tenant_key(wrapped) {
                continue;
            }
            if !self.keys.knows(wrapped) {
                let told = "the keys of this store are wrapped in a way that this release does not know: start a newer one (or they are damaged: \
                            restore the key store)";
                return Err(StoreError::Unfit(told.into()));
            }
            return match self.keys.unwrap(&context(name), wrapped).await {
                Ok(_) => Ok(()),
                Err(StoreError::Corrupt(_)) => Err(StoreError::Unfit(
                    format!(
                        "the wrapping key does not open the keys of this store: start with the wrapping key that it was made with \
                         (this one was read from {})",
                        self.keys.origin()
                    )
                    .into(),
                )),
                Err(fault) => Err(fault),
            };
        }
        Ok(())
    }

    /// The tenant's index key, made if there is none.
    pub async fn index_key(&self, tenant: &TenantId) -> Result<Arc<IndexKey>> {
        // In a box that is made when it is asked for: every call holds this future.
        let load = || async { Box::pin(self.load_or_make_index_key(tenant)).await };
        let key = self.index.get_or_load(tenant, load()).await?;
        if key.epoch() == self.epoch_now() {
            return Ok(key);
        }
        // Its load began before the epoch did.
        self.index.remove(tenant);
        self.index.get_or_load(tenant, load()).await
    }

    fn epoch_now(&self) -> u64 {
        self.fitness.as_ref().map_or(0, |fitness| fitness.epoch())
    }

    async fn load_or_make_index_key(&self, tenant: &TenantId) -> Result<Arc<IndexKey>> {
        let name = KeyName::Index(tenant.clone(), INDEX_KEY_VERSION);
        let entry = match self.store.get(&name).await? {
            Some(entry) => entry,
            None => {
                if let Some(fitness) = &self.fitness
                    && fitness.must_have_index_key(tenant).await?
                {
                    return Err(index_key_lost());
                }
                let raw = Zeroizing::new(random::<KEY_LEN>()?);
                let wrapped = self.wrapped(&name, &raw).await?;
                self.store.put_new(&name, wrapped.into()).await?
            }
        };
        let Some(wrapped) = entry.wrapped() else { return Err(index_key_destroyed()) };
        let raw = self.unwrapped(&name, wrapped).await?;
        if let Some(fitness) = &self.fitness {
            fitness.note_index_key(tenant).await?;
        }
        Ok(Arc::new(IndexKey::new(tenant.clone(), INDEX_KEY_VERSION, &raw).in_epoch(self.epoch_now())))
    }

    /// The tenant's index key for an export, with its version; made if there is none. The wrapping key alone wraps it: who restores has that
    /// one, and perhaps another tenant's key.
    pub async fn wrapped_index_key(&self, tenant: &TenantId) -> Result<(u16, Bytes)> {
        self.index_key(tenant).await?;
        let name = KeyName::Index(tenant.clone(), INDEX_KEY_VERSION);
        let entry = self.store.get(&name).await?;
        let Some(wrapped) = entry.as_ref().and_then(KeyEntry::wrapped) else { return Err(index_key_destroyed()) };
        if !is_wrapped_by_tenant_key(wrapped) {
            return Ok((INDEX_KEY_VERSION, wrapped.clone()));
        }
        let raw = self.unwrapped(&name, wrapped).await?;
        Ok((INDEX_KEY_VERSION, self.keys.wrap(&context(&name), &raw).await?.into()))
    }

    /// Whether the index key of an export is the tenant's own; `None`: the tenant has none yet.
    ///
    /// # Errors
    /// `Corrupt` if it does not unwrap with this wrapping key.
    pub async fn has_index_key(&self, tenant: &TenantId, version: u16, exported: &[u8]) -> Result<Option<bool>> {
        let name = KeyName::Index(tenant.clone(), version);
        let raw = self.keys.unwrap(&context(&name), exported).await?;
        let Some(entry) = self.store.get(&name).await? else { return Ok(None) };
        Ok(Some(match entry.wrapped() {
            Some(there) => *self.unwrapped(&name, there).await? == *raw,
            None => false,
        }))
    }

    /// Takes over the index key of an export, unless the tenant has one.
    pub async fn adopt_index_key(&self, tenant: &TenantId, version: u16, exported: Bytes) -> Result<()> {
        let name = KeyName::Index(tenant.clone(), version);
        let raw = self.keys.unwrap(&context(&name), &exported).await?;
        let wrapped = self.wrapped(&name, &raw).await?;
        self.store.put_new(&name, wrapped.into()).await.map(drop)
    }
}

fn index_key_destroyed() -> StoreError {
    StoreError::Corrupt("the tenant's index key was destroyed".into())
}

fn index_key_lost() -> StoreError {
    StoreError::Unfit(
        "the tenant's index key is gone from the key store, and without it nobody is found: restore the key store"
            .into(),
    )
}

fn tenant_key_lost() -> StoreError {
    StoreError::Unfit(
        "the tenant's key is gone from the key store, and without it no record opens: restore the key store".into(),
    )
}
