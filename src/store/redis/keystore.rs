//! The key store in a Redis server of its own, so that a backup of the data never holds the keys. Needs Redis 7: older ones do not take NX together with GET.

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::future::try_join_all;

use super::{Options, Space, failure::Intent, scripts};
use crate::store::{
    Names, Result,
    cas::Effect,
    codec::entries::{COMMITTED, WRAPPED, decode_key, encode_key},
    keys,
    keystore::{KeyEntry, KeyName, KeyStore},
};

/// Wrapped keys in Redis.
pub struct RedisKeys {
    space: Space,
}

impl RedisKeys {
    /// Connects. As [`super::RedisStore::connect`].
    ///
    /// # Errors
    /// `Unavailable` if the URL or the prefix cannot be used.
    pub async fn connect(url: &str, options: Options) -> Result<Self> {
        Ok(Self { space: Space::connect(url, options, "keys'").await? })
    }

    /// As [`super::RedisStore::run_ids`].
    pub async fn run_ids(&self) -> Result<Vec<String>> {
        self.space.run_ids().await
    }
}

#[async_trait]
impl KeyStore for RedisKeys {
    fn connections(&self) -> u64 {
        self.space.transport.connections()
    }

    async fn ready(&self) -> Result<()> {
        self.space.fit().await
    }

    async fn get(&self, name: &KeyName) -> Result<Option<KeyEntry>> {
        let mut get = redis::cmd("GET");
        get.arg(self.space.key(keys::data_key(name)));
        let bytes: Option<Bytes> = self.space.transport.ask(&get, Intent::Read).await?;
        bytes.map(decode_key).transpose()
    }

    async fn get_many(&self, names: &[KeyName]) -> Result<Vec<Option<KeyEntry>>> {
        let found = self.space.get_many(names.iter().map(keys::data_key)).await?;
        found.into_iter().map(|bytes| bytes.map(decode_key).transpose()).collect()
    }

    /// One command: SET with NX and GET answers what was there, or nothing if it has set.
    async fn put_new(&self, name: &KeyName, wrapped: Bytes) -> Result<KeyEntry> {
        let new = KeyEntry::Wrapped(wrapped);
        let mut set = redis::cmd("SET");
        set.arg(self.space.key(keys::data_key(name))).arg(encode_key(&new)).arg("NX").arg("GET");
        let there: Option<Bytes> = self.space.transport.ask(&set, Intent::Write).await?;
        there.map_or(Ok(new), decode_key)
    }

    async fn set_committed(&self, name: &KeyName, committed: bool) -> Result<()> {
        let (from, to) = if committed { (WRAPPED, COMMITTED) } else { (COMMITTED, WRAPPED) };
        let mut call = scripts::MARK_KEY.call(&[self.space.key(keys::data_key(name))]);
        call.arg([from].as_slice()).arg([to].as_slice());
        self.space.transport.run(&scripts::MARK_KEY, &call, Intent::Write).await
    }

    async fn replace(&self, name: &KeyName, from: &Bytes, to: Option<Bytes>) -> Result<bool> {
        let mut call = scripts::REPLACE_KEY.call(&[self.space.key(keys::data_key(name))]);
        call.arg([WRAPPED, COMMITTED].as_slice()).arg(from.as_ref());
        match &to {
            Some(to) => call.arg("put").arg(to.as_ref()),
            None => call.arg("remove").arg(""),
        };
        self.space.transport.run(&scripts::REPLACE_KEY, &call, Intent::Write).await
    }

    async fn bury(&self, name: &KeyName, now_ms: i64) -> Result<()> {
        let key = keys::data_key(name);
        let note = keys::destroyed(keys::bucket_of(&key).unwrap_or_default());
        let mut call = scripts::BURY_KEY.call(&[self.space.key(key.clone()), self.space.key(note)]);
        call.arg(encode_key(&KeyEntry::Tombstone)).arg(now_ms.to_be_bytes().as_slice()).arg(key);
        self.space.transport.run(&scripts::BURY_KEY, &call, Intent::Write).await
    }

    async fn rewrite(&self) -> Result<()> {
        self.space.rewrite().await
    }

    async fn may_rewrite(&self) -> Result<()> {
        self.space.may_rewrite().await
    }

    async fn notes(&self, names: &[String]) -> Result<Vec<Option<Bytes>>> {
        self.space.values(names).await
    }

    /// A command for each, sent at once: they may lie in several hash slots.
    async fn put_notes(&self, notes: Vec<(String, Bytes)>) -> Result<()> {
        let set = |(name, note): (String, Bytes)| {
            let mut set = redis::cmd("SET");
            set.arg(self.space.key(name)).arg(note.as_ref());
            set
        };
        let sets: Vec<redis::Cmd> = notes.into_iter().map(set).collect();
        let sent: Vec<_> = sets.iter().map(|set| self.space.transport.ask::<()>(set, Intent::Write)).collect();
        try_join_all(sent).await.map(drop)
    }

    async fn drop_notes(&self, notes: Vec<(String, Bytes)>) -> Result<()> {
        let drop_one = |(name, note): (String, Bytes)| async move {
            self.space.swap(&self.space.key(name), &note, Effect::Remove).await.map(drop)
        };
        try_join_all(notes.into_iter().map(drop_one)).await.map(drop)
    }

    async fn names(&self, from: Option<&[u8]>, limit: usize) -> Result<Names> {
        self.space.names(keys::Kind::DataKey, from, limit).await
    }

    async fn dump(&self) -> Result<Vec<(Vec<u8>, Vec<u8>)>> {
        self.space.dump().await
    }
}
