//! The store in Redis: for more than one replica of the service. Everything that must change as one lies in one hash slot
//! of a Cluster and changes by one script; see `scripts.rs`. How commands reach the server, and what a lost answer means, is
//! said in `transport.rs`; nothing else here knows how many nodes there are.

use std::{collections::HashMap, sync::Mutex, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;

use self::{connection::Connection, durability::Evictions, failure::ServerName, transport::Transport, values::Queues};
use super::{
    Advance, Commit, CustomerKey, DocumentKey, EntryId, Hint, HintIndex, HintRange, HistoryEntry, HistoryRange, Lane,
    Loaded, LogPage, LogPosition, Membership, Names, Result, Revision, Rule, Settled, Store, StoreError, keys::Kind,
};
use crate::domain::{TenantId, id::HoldToken};

mod connection;
mod copies;
mod dump;
mod durability;
mod exchange;
mod failure;
mod keystore;
mod log;
mod login;
mod scripts;
mod shared;
mod slot;
mod transport;
mod values;

pub use connection::{PATIENCE, READ_DEADLINE, WRITE_DEADLINE};
pub use exchange::Exchange;
pub use keystore::RedisKeys;

/// How a Redis is used.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The prefix of every key: several stores may share a database, as tests do. Letters, digits and `-_.:`.
    pub prefix: String,
    /// Accepts a Redis that may lose data: evicts keys, or keeps nothing on disk. For tests and trials.
    pub allow_volatile: bool,
    /// Waits long for an answer: see [`PATIENCE`].
    pub is_patient: bool,
}

/// The keys of one store, and the way to them.
struct Space {
    /// What the server is called in errors and logs.
    name: ServerName,
    transport: Box<dyn Transport>,
    options: Options,
    queues: Queues,
    /// Of each node, when this process looked for the first time.
    evictions: Mutex<HashMap<String, Evictions>>,
}

impl Space {
    /// `whose`: what is kept in this Redis, since there are two.
    async fn connect(url: &str, options: Options, whose: &str) -> Result<Self> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte);
        if !options.prefix.bytes().all(fits) {
            // Braces would move every key to another hash slot, asterisks would match the keys of others.
            return Err(StoreError::Unavailable(
                "the Redis key prefix may hold letters, digits and \"-_.:\" only".into(),
            ));
        }
        let name: ServerName = format!("the {whose} Redis at {}", address(url)).into();
        let least = if options.is_patient { PATIENCE } else { Duration::ZERO };
        let transport = Box::new(Connection::start(url, &name, least).await?);
        Ok(Self { name, transport, options, queues: Queues::default(), evictions: Mutex::default() })
    }

    /// A key with the prefix, as in Redis.
    fn key(&self, mut key: String) -> String {
        key.insert_str(0, &self.options.prefix);
        key
    }
}

/// Host and port of a URL, without user, password and database.
fn address(url: &str) -> &str {
    let (_, place) = url.split_once("://").unwrap_or(("", url));
    let place = place.rsplit_once('@').map_or(place, |(_, place)| place);
    place.split('/').next().unwrap_or_default()
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
        Ok(Self { space: Space::connect(url, options, "data's").await? })
    }

    /// What its servers are called since each was started: who has one of them has all that lies there, whatever the database.
    ///
    /// # Errors
    /// `Misconfigured` if they do not tell.
    pub async fn run_ids(&self) -> Result<Vec<String>> {
        self.space.run_ids().await
    }
}

#[async_trait]
impl Store for RedisStore {
    fn connections(&self) -> u64 {
        self.space.transport.connections()
    }

    async fn ready(&self) -> Result<()> {
        self.space.fit().await
    }

    async fn values(&self, keys: &[String]) -> Result<Vec<Option<Bytes>>> {
        self.space.values(keys).await
    }

    async fn change(&self, key: String, rule: Rule) -> Result<()> {
        self.space.change(key, rule).await
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

    async fn log(&self, bucket: u8, after: u64, limit: usize) -> Result<LogPage> {
        self.space.log(bucket, after, limit).await
    }

    async fn log_positions(&self, buckets: &[u8]) -> Result<Vec<LogPosition>> {
        self.space.log_positions(buckets).await
    }

    async fn advance(&self, step: Advance) -> Result<bool> {
        self.space.advance(&step).await
    }

    async fn set_hint(&self, tenant: &TenantId, hint: &Hint, revision: u64, membership: Membership) -> Result<()> {
        self.space.set_hint(tenant, hint, revision, membership).await
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

    async fn version(&self, key: &DocumentKey, number: u64) -> Result<Option<Bytes>> {
        self.space.version(key, number).await
    }

    async fn put_version(
        &self,
        key: &DocumentKey,
        expect: Option<Revision>,
        number: u64,
        bytes: Bytes,
        keep: u64,
    ) -> Result<()> {
        self.space.put_version(key, expect, number, &bytes, keep).await
    }

    async fn replace_version(&self, key: &DocumentKey, number: u64, from: &Bytes, to: Bytes) -> Result<bool> {
        self.space.replace_version(key, number, from, &to).await
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
