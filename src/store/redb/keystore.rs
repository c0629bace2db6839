//! The key store in a redb file of its own: `keys.redb`.

use std::path::Path;

use async_trait::async_trait;
use bytes::Bytes;

use super::{
    Cache,
    engine::Engine,
    open::{self, Successors},
    shared,
    table::{Outcome, View},
};
use crate::store::{
    Names, Result,
    codec::{
        destroyed,
        entries::{decode_key, encode_key},
    },
    keys,
    keystore::{KeyEntry, KeyName, KeyStore},
};

/// Pages of the key file kept in memory. A key is some 100 bytes, so this is a hundred thousand customers.
const CACHE: Cache = Cache { bytes: 16 << 20 };

/// Wrapped keys in one file.
pub struct RedbKeys {
    engine: Engine,
    /// Files that may take the place of the one that is open; `None`: it is in memory.
    successors: Option<Successors>,
}

impl RedbKeys {
    /// Opens or creates the file, with mode 0600.
    ///
    /// # Errors
    /// As [`super::RedbStore::open`].
    pub fn open(path: &Path) -> Result<Self> {
        let opener = open::file(path.to_owned(), CACHE);
        let successors = opener.successors.clone();
        Ok(Self { engine: Engine::start(opener)?, successors })
    }

    /// A key store in memory, for tests and trials: it is gone with the process.
    ///
    /// # Errors
    /// `Unavailable` if no thread can be started.
    pub fn in_memory() -> Result<Self> {
        Ok(Self { engine: Engine::start(open::memory(CACHE))?, successors: None })
    }

    pub(super) fn engine(&self) -> &Engine {
        &self.engine
    }
}

fn entry(view: &impl View, name: &KeyName) -> Outcome<Option<KeyEntry>> {
    Ok(view.get(keys::data_key(name).as_bytes())?.map(decode_key).transpose()?)
}

#[async_trait]
impl KeyStore for RedbKeys {
    async fn ready(&self) -> Result<()> {
        self.engine.ready().await
    }

    async fn get(&self, name: &KeyName) -> Result<Option<KeyEntry>> {
        self.engine.read(|table| entry(table, name))
    }

    async fn get_many(&self, names: &[KeyName]) -> Result<Vec<Option<KeyEntry>>> {
        self.engine.read(|table| names.iter().map(|name| entry(table, name)).collect())
    }

    async fn put_new(&self, name: &KeyName, wrapped: Bytes) -> Result<KeyEntry> {
        let name = name.clone();
        let put = move |table: &mut super::table::Changing<'_>| {
            if let Some(there) = entry(table, &name)? {
                return Ok(there);
            }
            let new = KeyEntry::Wrapped(wrapped);
            table.put(keys::data_key(&name).as_bytes(), &encode_key(&new))?;
            Ok(new)
        };
        self.engine.write(put).await
    }

    async fn set_committed(&self, name: &KeyName, committed: bool) -> Result<()> {
        let name = name.clone();
        let set = move |table: &mut super::table::Changing<'_>| {
            let new = match (entry(table, &name)?, committed) {
                (Some(KeyEntry::Wrapped(key)), true) => KeyEntry::Committed(key),
                (Some(KeyEntry::Committed(key)), false) => KeyEntry::Wrapped(key),
                _ => return Ok(()),
            };
            table.put(keys::data_key(&name).as_bytes(), &encode_key(&new))
        };
        self.engine.write(set).await
    }

    async fn replace(&self, name: &KeyName, from: &Bytes, to: Option<Bytes>) -> Result<bool> {
        let (name, from) = (name.clone(), from.clone());
        let replace = move |table: &mut super::table::Changing<'_>| {
            let key = keys::data_key(&name);
            let new: fn(Bytes) -> KeyEntry = match entry(table, &name)? {
                Some(KeyEntry::Wrapped(there)) if there == from => KeyEntry::Wrapped,
                Some(KeyEntry::Committed(there)) if there == from => KeyEntry::Committed,
                _ => return Ok(false),
            };
            match to {
                Some(to) => table.put(key.as_bytes(), &encode_key(&new(to)))?,
                None => drop(table.remove(key.as_bytes())?),
            }
            Ok(true)
        };
        self.engine.write(replace).await
    }

    async fn bury(&self, name: &KeyName, now_ms: i64) -> Result<()> {
        let key = keys::data_key(name);
        let bury = move |table: &mut super::table::Changing<'_>| {
            let tombstone = encode_key(&KeyEntry::Tombstone);
            if table.get(key.as_bytes())?.is_some_and(|there| there == tombstone) {
                return Ok(());
            }
            let note = keys::destroyed(keys::bucket_of(&key).unwrap_or_default());
            let there = table.get(note.as_bytes())?;
            table.put(note.as_bytes(), &destroyed::note(there.as_deref(), now_ms, &key))?;
            table.put(key.as_bytes(), &tombstone)
        };
        self.engine.write(bury).await
    }

    async fn rewrite(&self) -> Result<()> {
        self.engine.rewrite().await
    }

    async fn may_rewrite(&self) -> Result<()> {
        self.successors.as_ref().map_or(Ok(()), Successors::may_begin)
    }

    async fn notes(&self, names: &[String]) -> Result<Vec<Option<Bytes>>> {
        self.engine.read(|table| shared::values(table, names))
    }

    async fn put_notes(&self, notes: Vec<(String, Bytes)>) -> Result<()> {
        let put = move |table: &mut super::table::Changing<'_>| {
            notes.iter().try_for_each(|(name, note)| table.put(name.as_bytes(), note))
        };
        self.engine.write(put).await
    }

    async fn drop_notes(&self, notes: Vec<(String, Bytes)>) -> Result<()> {
        let drop_them = move |table: &mut super::table::Changing<'_>| {
            for (name, note) in &notes {
                if table.get(name.as_bytes())?.as_ref() == Some(note) {
                    table.remove(name.as_bytes())?;
                }
            }
            Ok(())
        };
        self.engine.write(drop_them).await
    }

    async fn names(&self, from: Option<&[u8]>, limit: usize) -> Result<Names> {
        let from = from.map(<[u8]>::to_vec);
        self.engine.scan(move |table| super::names(table, keys::Kind::DataKey, from.as_deref(), limit)).await
    }

    async fn dump(&self) -> Result<Vec<(Vec<u8>, Vec<u8>)>> {
        self.engine.scan(super::dump).await
    }
}
