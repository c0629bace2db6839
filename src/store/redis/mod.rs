//! The store in Redis: for more than one replica of the service. Everything that must change as one lies in one slot of
//! a Cluster and changes by one script; see `scripts.rs`. How commands reach the server, and what a lost answer means, is
//! said in `transport.rs`; nothing else here knows how many nodes there are.

use async_trait::async_trait;
use bytes::Bytes;

use self::{connection::Connection, transport::Transport, values::Queues};
use super::{
    Advance, BudgetEntry, BudgetKey, BudgetOutcome, BudgetState, Commit, CustomerKey, Document, EntryId, Hint,
    HintIndex, HintRange, HistoryEntry, HistoryRange, HoldOutcome, IdentityEntry, IdentityKey, Lane, Loaded, LogPage,
    LogPosition, Names, Result, Revision, Settled, Store, StoreError, Tally, TallyKey, budgets,
    keys::{self, Kind},
    seats,
};
use crate::domain::{TenantId, id::HoldToken};

mod connection;
mod dump;
mod durability;
mod failure;
mod keystore;
mod log;
mod login;
mod scripts;
mod shared;
mod slot;
mod transport;
mod values;

pub use connection::{READ_DEADLINE, WRITE_DEADLINE};
pub use keystore::RedisKeys;

/// How a Redis is used.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Stands in front of every key: several stores may share a database, as tests do. Letters, digits and `-_.:`.
    pub prefix: String,
    /// Accepts a Redis that may lose data: evicts keys, or keeps nothing on disk. For tests and trials.
    pub allow_volatile: bool,
}

/// The keys of one store, and the way to them.
struct Space {
    transport: Box<dyn Transport>,
    options: Options,
    queues: Queues,
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
        let transport = Box::new(Connection::start(url).await?);
        Ok(Self { transport, options, queues: Queues::default() })
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
        self.space.change(keys::identity(key), |there| seats::hold(there, &entry, seats, now_ms)).await
    }

    async fn confirm(&self, key: &IdentityKey, token: HoldToken) -> Result<()> {
        self.space.change(keys::identity(key), |there| seats::confirm(there, token)).await
    }

    async fn release(&self, key: &IdentityKey, token: HoldToken) -> Result<()> {
        self.space.change(keys::identity(key), |there| seats::release(there, token)).await
    }

    async fn hold_budget(
        &self,
        key: &BudgetKey,
        entry: BudgetEntry,
        limit: i64,
        expire_ms: i64,
        now_ms: i64,
    ) -> Result<BudgetOutcome> {
        self.space.change(keys::budget(key), |there| budgets::hold(there, &entry, limit, expire_ms, now_ms)).await
    }

    async fn confirm_budget(&self, key: &BudgetKey, token: HoldToken) -> Result<()> {
        self.space.change(keys::budget(key), |there| budgets::confirm(there, token)).await
    }

    async fn release_budget(&self, key: &BudgetKey, token: HoldToken) -> Result<()> {
        self.space.change(keys::budget(key), |there| budgets::release(there, token)).await
    }

    async fn budgets(&self, keys: &[BudgetKey], now_ms: i64) -> Result<Vec<BudgetState>> {
        self.space.budgets(keys, now_ms).await
    }

    async fn log(&self, bucket: u8, after: u64, limit: usize) -> Result<LogPage> {
        self.space.log(bucket, after, limit).await
    }

    async fn log_positions(&self, buckets: &[u8]) -> Result<Vec<LogPosition>> {
        self.space.log_positions(buckets).await
    }

    async fn advance(&self, step: Advance) -> Result<bool> {
        self.space.advance(&step).await
    }

    async fn tallies(&self, keys: &[TallyKey]) -> Result<Vec<Tally>> {
        self.space.tallies(keys).await
    }

    async fn put_hint(&self, tenant: &TenantId, hint: &Hint, revision: u64) -> Result<()> {
        self.space.put_hint(tenant, hint, revision).await
    }

    async fn drop_hint(&self, tenant: &TenantId, hint: &Hint, revision: u64) -> Result<()> {
        self.space.drop_hint(tenant, hint, revision).await
    }

    async fn hints(
        &self,
        tenant: &TenantId,
        index: HintIndex,
        partition: u8,
        range: &HintRange,
        limit: usize,
    ) -> Result<Vec<(Vec<u8>, u64)>> {
        self.space.hints(tenant, index, partition, range, limit).await
    }

    async fn count_hints(
        &self,
        tenant: &TenantId,
        index: HintIndex,
        partition: u8,
        range: &HintRange,
        up_to: usize,
    ) -> Result<usize> {
        self.space.count_hints(tenant, index, partition, range, up_to).await
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
