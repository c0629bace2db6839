//! The store in Redis: for more than one replica of the service. Everything that must change as one lies in one slot of
//! a Cluster and changes by one script; see `scripts.rs`. Nothing here waits for a connection; see `link.rs`.

use async_trait::async_trait;
use bytes::Bytes;

use self::link::Link;
use super::{
    Commit, CustomerKey, Document, EntryId, HintIndex, HistoryEntry, HistoryRange, HoldOutcome, IdentityEntry,
    IdentityKey, Lane, Loaded, LogPage, LogPosition, Names, Result, Revision, Settled, Store, StoreError, keys::Kind,
};
use crate::domain::{TenantId, id::HoldToken};

mod dump;
mod fitness;
mod keystore;
mod link;
mod log;
mod scripts;
mod shared;
mod slot;
mod trouble;

pub use keystore::RedisKeys;
pub use link::{READ_DEADLINE, WRITE_DEADLINE};

/// How a Redis is used.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Stands in front of every key: several stores may share a database, as tests do. Letters, digits and `-_.:`.
    pub prefix: String,
    /// Accepts a Redis that may lose data: evicts keys, or keeps nothing on disk. For tests and trials.
    pub allow_volatile: bool,
}

/// One Redis and the keys of one store in it.
struct Space {
    link: Link,
    options: Options,
}

impl Space {
    async fn connect(url: &str, options: Options) -> Result<Self> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte);
        if !options.prefix.bytes().all(fits) {
            // Braces would move every key to another slot, asterisks would match the keys of others.
            return Err(StoreError::Unavailable(
                "the Redis key prefix may hold letters, digits and \"-_.:\" only".into(),
            ));
        }
        Ok(Self { link: Link::start(url).await?, options })
    }

    /// A key as it stands in Redis.
    fn key(&self, mut key: String) -> String {
        key.insert_str(0, &self.options.prefix);
        key
    }
}

/// The store in Redis.
pub struct RedisStore {
    space: Space,
}

impl RedisStore {
    /// Connects, and stays connected for as long as the store lives. A server that is away is not an error: calls answer
    /// `Unavailable`, and work once it is there. Call it within a Tokio runtime.
    ///
    /// # Errors
    /// `Unavailable` if the URL or the prefix cannot be used.
    pub async fn connect(url: &str, options: Options) -> Result<Self> {
        Ok(Self { space: Space::connect(url, options).await? })
    }
}

#[async_trait]
impl Store for RedisStore {
    async fn ready(&self) -> Result<()> {
        self.space.fit().await
    }

    async fn write_format(&self) -> Result<Option<u32>> {
        self.space.write_format().await
    }

    async fn set_write_format(&self, format: u32) -> Result<()> {
        self.space.set_write_format(format).await
    }

    async fn record(&self, key: &CustomerKey) -> Result<Option<Bytes>> {
        self.space.record(key).await
    }

    async fn records(&self, keys: &[CustomerKey]) -> Result<Vec<Option<Bytes>>> {
        self.space.records(keys).await
    }

    async fn load(&self, key: &CustomerKey, lane: Lane, entries: &[EntryId]) -> Result<Loaded> {
        self.space.load(key, lane, entries).await
    }

    async fn commit(&self, commit: Commit) -> Result<u64> {
        self.space.commit(&commit).await
    }

    async fn history(&self, key: &CustomerKey, lane: Lane, range: HistoryRange) -> Result<Vec<HistoryEntry>> {
        self.space.history(key, lane, range).await
    }

    async fn settle(&self, key: &CustomerKey, token: HoldToken, now_ms: i64) -> Result<Settled> {
        self.space.settle(key, token, now_ms).await
    }

    async fn identities(&self, keys: &[IdentityKey], now_ms: i64) -> Result<Vec<Vec<IdentityEntry>>> {
        self.space.identities(keys, now_ms).await
    }

    async fn hold(&self, key: &IdentityKey, entry: IdentityEntry, seats: usize, now_ms: i64) -> Result<HoldOutcome> {
        self.space.hold(key, &entry, seats, now_ms).await
    }

    async fn confirm(&self, key: &IdentityKey, token: HoldToken) -> Result<()> {
        self.space.change_entry(key, token, super::seats::confirm).await
    }

    async fn release(&self, key: &IdentityKey, token: HoldToken) -> Result<()> {
        self.space.change_entry(key, token, super::seats::release).await
    }

    async fn log(&self, bucket: u8, after: u64, limit: usize) -> Result<LogPage> {
        self.space.log(bucket, after, limit).await
    }

    async fn log_positions(&self) -> Result<Vec<LogPosition>> {
        self.space.log_positions().await
    }

    async fn advance(&self, bucket: u8, cursor: u64, keep: u64) -> Result<()> {
        self.space.advance(bucket, cursor, keep).await
    }

    async fn put_hint(
        &self,
        index: HintIndex,
        tenant: &TenantId,
        bucket: u8,
        member: &[u8],
        revision: u64,
    ) -> Result<()> {
        self.space.put_hint(index, tenant, bucket, member, revision).await
    }

    async fn drop_hint(&self, index: HintIndex, tenant: &TenantId, bucket: u8, member: &[u8]) -> Result<()> {
        self.space.drop_hint(index, tenant, bucket, member).await
    }

    async fn hints(
        &self,
        index: HintIndex,
        tenant: &TenantId,
        bucket: u8,
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<(Vec<u8>, u64)>> {
        self.space.hints(index, tenant, bucket, after, limit).await
    }

    async fn document(&self, tenant: &TenantId, name: &str, version: Option<u64>) -> Result<Option<Document>> {
        self.space.document(tenant, name, version).await
    }

    async fn put_document(
        &self,
        tenant: &TenantId,
        name: &str,
        expect: Option<Revision>,
        document: Document,
        keep: u64,
    ) -> Result<()> {
        self.space.put_document(tenant, name, expect, &document, keep).await
    }

    async fn purge(&self, now_ms: i64) -> Result<u64> {
        self.space.purge(now_ms).await
    }

    async fn names(&self, kind: Kind, from: Option<&[u8]>, limit: usize) -> Result<Names> {
        self.space.names(kind, from, limit).await
    }

    async fn dump(&self) -> Result<Vec<(Vec<u8>, Vec<u8>)>> {
        self.space.dump().await
    }
}
