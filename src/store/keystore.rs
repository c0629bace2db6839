//! The key store: wrapped data keys, apart from the data and never in a data backup.

use async_trait::async_trait;
use bytes::Bytes;

use super::{Names, PAGE_MAX, Result};
use crate::domain::TenantId;

/// Whose key it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeyName {
    /// A customer's data key, by the id's 16 bytes.
    Customer(TenantId, crate::domain::CustomerId),
    /// A tenant's index key of a version: blinds identities, signs tokens.
    Index(TenantId, u16),
    /// A tenant's key of a version: wraps the other two, seals what is no single customer's. It alone is wrapped with the wrapping key.
    Tenant(TenantId, u16),
}

impl KeyName {
    /// Whose it is.
    pub fn tenant(&self) -> &TenantId {
        match self {
            Self::Customer(tenant, _) | Self::Index(tenant, _) | Self::Tenant(tenant, _) => tenant,
        }
    }
}

/// What the key store holds under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyEntry {
    /// A key, wrapped; its first byte says by what. Of a customer who may still be under way.
    Wrapped(Bytes),
    /// The same of a customer whose record was committed: without it, it was lost.
    Committed(Bytes),
    /// The key was destroyed: what it sealed is unreadable for ever, and no new key is made under the name.
    Tombstone,
}

impl KeyEntry {
    /// The wrapped key; `None`: it was destroyed.
    pub fn wrapped(&self) -> Option<&Bytes> {
        match self {
            Self::Wrapped(key) | Self::Committed(key) => Some(key),
            Self::Tombstone => None,
        }
    }
}

/// Keeps wrapped keys. Same guarantees as [`super::Store`].
#[async_trait]
pub trait KeyStore: Send + Sync + 'static {
    /// As [`super::Store::connections`].
    fn connections(&self) -> u64 {
        0
    }

    /// Whether it answers and may be trusted with keys. As [`super::Store::ready`].
    async fn ready(&self) -> Result<()>;

    /// The entry under a name; `None`: no key was ever made for it.
    async fn get(&self, name: &KeyName) -> Result<Option<KeyEntry>>;

    /// Many, in the order of the names, in one round trip.
    async fn get_many(&self, names: &[KeyName]) -> Result<Vec<Option<KeyEntry>>>;

    /// Stores a key if there is no entry; answers the entry that is there afterwards.
    async fn put_new(&self, name: &KeyName, wrapped: Bytes) -> Result<KeyEntry>;

    /// Notes that the customer's record was committed, or that it was given up. Atomic; where there is no key, or a tombstone, it
    /// changes nothing.
    async fn set_committed(&self, name: &KeyName, committed: bool) -> Result<()>;

    /// Replaces what is wrapped under a name, if it is still `from`; `None` removes the entry. Whether it is committed stays as it is, and
    /// a tombstone too. Atomic; answers whether it was replaced.
    async fn replace(&self, name: &KeyName, from: &Bytes, to: Option<Bytes>) -> Result<bool>;

    /// Replaces the entry by a tombstone, durably.
    async fn bury(&self, name: &KeyName) -> Result<()>;

    /// Values beside the keys, in the order of their names, in one round trip.
    async fn notes(&self, names: &[String]) -> Result<Vec<Option<Bytes>>>;

    /// Puts values beside the keys, whatever is there, in one round trip. Each by itself is atomic.
    async fn put_notes(&self, notes: Vec<(String, Bytes)>) -> Result<()>;

    /// Puts one of them.
    async fn put_note(&self, name: String, note: Bytes) -> Result<()> {
        self.put_notes(vec![(name, note)]).await
    }

    /// A page of the names of all entries. As [`super::Store::names`].
    async fn names(&self, from: Option<&[u8]>, limit: usize) -> Result<Names>;

    /// Everything, as sorted pairs. For checks and tests.
    async fn dump(&self) -> Result<Vec<(Vec<u8>, Vec<u8>)>>;
}

impl dyn KeyStore {
    /// Whether a key was ever made: an erased one counts too.
    ///
    /// # Errors
    /// Those of [`KeyStore::names`].
    pub async fn has_keys(&self) -> Result<bool> {
        let mut page = self.names(None, PAGE_MAX).await?;
        // A page may be empty, and yet not the last: of a Redis that holds something else, each is.
        while let (true, Some(next)) = (page.names.is_empty(), page.next) {
            page = self.names(Some(&next), PAGE_MAX).await?;
        }
        Ok(!page.names.is_empty())
    }
}
