//! The key store: wrapped data keys, apart from the data and never in a data backup.

use async_trait::async_trait;
use bytes::Bytes;

use super::{
    ALL_BUCKETS, Names, PAGE_MAX, Result, StoreError, codec::destroyed, keys, leftovers::Destroyed, split_corruption,
};
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

    /// Replaces the entry by a tombstone, durably, and notes in the same step that copies of the key may be left: see [`Copies`].
    async fn bury(&self, name: &KeyName, now_ms: i64) -> Result<()>;

    /// Writes anew what lies on disk: then nothing is left there of entries that were replaced before. Answers once it is done, or why it
    /// is not.
    ///
    /// # Errors
    /// `Misconfigured` if it cannot be until the operator changes something; `Unavailable` if it can later.
    async fn rewrite(&self) -> Result<()>;

    /// Whether it can be written anew, as far as that shows without doing so. Short: whoever erases waits for it.
    ///
    /// # Errors
    /// As [`KeyStore::rewrite`].
    async fn may_rewrite(&self) -> Result<()>;

    /// Values beside the keys, in the order of their names, in one round trip.
    async fn notes(&self, names: &[String]) -> Result<Vec<Option<Bytes>>>;

    /// Puts values beside the keys, whatever is there, in one round trip. Each by itself is atomic.
    async fn put_notes(&self, notes: Vec<(String, Bytes)>) -> Result<()>;

    /// Puts one of them.
    async fn put_note(&self, name: String, note: Bytes) -> Result<()> {
        self.put_notes(vec![(name, note)]).await
    }

    /// Removes those of these values beside the keys that are still the same. Each by itself is atomic.
    async fn drop_notes(&self, notes: Vec<(String, Bytes)>) -> Result<()>;

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

    /// Many entries, in the order of the names. The store answers for all of them at once, so where one does not decode, each is asked for alone.
    ///
    /// # Errors
    /// Those of [`KeyStore::get_many`], but for damage.
    pub async fn entries(&self, names: &[KeyName]) -> Result<Vec<Result<Option<KeyEntry>>>> {
        if let Ok(entries) = split_corruption(self.get_many(names).await)? {
            return Ok(entries.into_iter().map(Ok).collect());
        }
        let mut each = Vec::with_capacity(names.len());
        for name in names {
            each.push(split_corruption(self.get(name).await)?);
        }
        Ok(each)
    }

    /// Everybody whose key is destroyed. Looks at all keys.
    ///
    /// # Errors
    /// Those of [`KeyStore::names`] and [`KeyStore::get_many`].
    pub async fn destroyed(&self) -> Result<Destroyed> {
        let (mut destroyed, mut from) = (Destroyed::new(), Some(None));
        while let Some(at) = from.take() {
            let page = self.names(at.as_deref(), PAGE_MAX).await?;
            let names: Vec<KeyName> = page.names.iter().filter_map(|name| keys::parse_data_key(name)).collect();
            let entries = self.entries(&names).await?;
            for (name, entry) in names.into_iter().zip(entries) {
                if let (KeyName::Customer(tenant, customer), Ok(Some(KeyEntry::Tombstone))) = (name, entry) {
                    destroyed.entry(tenant).or_default().insert(customer);
                }
            }
            from = page.next.map(Some);
        }
        Ok(destroyed)
    }

    /// What may be left of destroyed keys; `None`: nothing is.
    ///
    /// # Errors
    /// Those of [`KeyStore::notes`].
    pub async fn copies(&self) -> Result<Option<Copies>> {
        let mut names = vec![keys::COPIES_REMOVED.to_owned()];
        names.extend(ALL_BUCKETS.map(keys::destroyed));
        let mut notes = names.iter().cloned().zip(self.notes(&names).await?);
        let was_rewritten = notes.next().is_some_and(|(_, note)| note.is_some());
        let notes: Vec<(String, Bytes)> = notes.filter_map(|(name, note)| Some((name, note?))).collect();
        let since_ms = notes.iter().filter_map(|(_, note)| destroyed::since_ms(note)).min();
        Ok((!was_rewritten || !notes.is_empty()).then_some(Copies { since_ms, notes }))
    }

    /// Removes copies of the keys that were destroyed before they were looked for.
    ///
    /// # Errors
    /// Those of [`KeyStore::rewrite`]; then they are still noted.
    pub async fn remove_copies(&self, copies: Copies) -> Result<()> {
        self.rewrite().await?;
        // What was noted since stays: its key may have been destroyed after the files were written.
        let noted = match self.drop_notes(copies.notes).await {
            Ok(()) => self.put_note(keys::COPIES_REMOVED.to_owned(), Bytes::from_static(b"1")).await,
            fault => fault,
        };
        // The copies are gone; that nothing can be written is told by whoever asks whether the store is ready.
        noted.map_err(|fault| StoreError::Unavailable(fault.to_string().into()))
    }
}

/// What may be left of destroyed keys in the files of the key store. A tombstone replaces the entry, and not the bytes on disk: redb writes
/// changed pages elsewhere, and an append-only file of Redis has what was set before. So each destruction is noted, until the files were
/// written anew. Stores of a release that noted nothing count as such until they were written anew once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copies {
    /// When the first of these keys was destroyed; `None`: nobody has noted it.
    pub since_ms: Option<i64>,
    notes: Vec<(String, Bytes)>,
}
