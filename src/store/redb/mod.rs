//! The store in one file, with redb: no server, ACID. For a single venue, a laptop, a test. One process at a time.
//!
//! Short reads run where they are called, in microseconds; scans have a thread of their own. Writes are grouped; see
//! `engine.rs`.

use std::path::Path;

use async_trait::async_trait;
use bytes::Bytes;
use redb::StorageBackend;

use self::{
    engine::Engine,
    table::{Outcome, Reading, View},
};
use super::{
    Advance, Commit, CustomerKey, DocumentKey, EntryId, Hint, HintIndex, HintRange, HistoryEntry, HistoryRange, Lane,
    Loaded, LogPage, LogPosition, Membership, Names, PAGE_MAX, Result, Revision, Rule, Settled, Store, keys,
};
use crate::domain::{TenantId, id::HoldToken};

mod engine;
mod fault;
mod group;
mod guard;
mod keystore;
mod log;
mod open;
mod rewrite;
mod shared;
mod slot;
mod snapshot;
mod table;

pub use keystore::RedbKeys;
pub use snapshot::fill;

/// Tokens, and values, that one step of a purge removes: it holds up other writers for some ten milliseconds.
const PURGE_STEP: usize = 4_096;

/// Memory for pages of the file.
#[derive(Debug, Clone, Copy)]
pub struct Cache {
    /// At most; it is taken as pages are read.
    pub bytes: usize,
}

impl Default for Cache {
    /// 64 MiB: some twenty thousand customers' records stay in memory; the operating system caches the rest.
    fn default() -> Self {
        Self { bytes: 64 << 20 }
    }
}

/// The store in one file.
pub struct RedbStore {
    engine: Engine,
}

impl RedbStore {
    /// Opens or creates the file, with mode 0600. After a crash it goes back to the last whole commit.
    ///
    /// # Errors
    /// `Unavailable` if another process has the file, or it cannot be opened; `Full` if there is no room for it;
    /// `Corrupt` if it is not such a file. The text says what to do.
    pub fn open(path: &Path, cache: Cache) -> Result<Self> {
        Ok(Self { engine: Engine::start(open::file(path.to_owned(), cache))? })
    }

    /// A store in memory, for tests and trials: it is gone with the process.
    ///
    /// # Errors
    /// `Unavailable` if no thread can be started.
    pub fn in_memory() -> Result<Self> {
        Ok(Self { engine: Engine::start(open::memory(Cache::default()))? })
    }

    /// A store on another kind of storage. `make` is called to open it, and again after an I/O error.
    ///
    /// # Errors
    /// As [`RedbStore::open`].
    pub fn with_backend<B: StorageBackend>(make: impl Fn() -> B + Send + Sync + 'static) -> Result<Self> {
        Ok(Self { engine: Engine::start(open::backend(make, Cache::default()))? })
    }
}

fn dump(table: &Reading) -> Outcome<Vec<(Vec<u8>, Vec<u8>)>> {
    use std::ops::Bound::Unbounded;
    let mut pairs = Vec::new();
    table.scan((Unbounded, Unbounded), |key, value| {
        pairs.push((key.to_vec(), value.to_vec()));
        Ok(true)
    })?;
    Ok(pairs)
}

/// Names in order. Of a name with members the first is looked at, and the others are leapt over.
fn names(table: &Reading, kind: keys::Kind, from: Option<&[u8]>, limit: usize) -> Outcome<Names> {
    use std::ops::Bound::{Excluded, Included};
    // A semicolon is the byte after the colon: no name of this kind comes after it.
    let end = kind.prefix().replace(':', ";").into_bytes();
    let mut low = from.unwrap_or(kind.prefix().as_bytes()).to_vec();
    let limit = limit.clamp(1, PAGE_MAX);
    let mut found = Vec::new();
    while found.len() < limit {
        let mut first = None;
        table.scan((Included(low.clone()), Excluded(end.clone())), |key, _| {
            let parts = key.split(|byte| *byte == b':').take(kind.parts()).collect::<Vec<_>>();
            first = Some(parts.join(&b':'));
            Ok(false)
        })?;
        let Some(name) = first else {
            return Ok(Names { names: found, next: None });
        };
        found.push(String::from_utf8_lossy(&name).into_owned());
        low = [name.as_slice(), if kind.has_members() { b";" } else { b"\0" }].concat();
    }
    Ok(Names { names: found, next: Some(low) })
}

#[async_trait]
impl Store for RedbStore {
    async fn ready(&self) -> Result<()> {
        self.engine.ready().await
    }

    async fn values(&self, wanted: &[String]) -> Result<Vec<Option<Bytes>>> {
        self.engine.read(|table| shared::values(table, wanted))
    }

    async fn change(&self, key: String, mut rule: Rule) -> Result<()> {
        self.engine.write(move |table| shared::change(table, &key, &mut rule)).await
    }

    async fn load(&self, key: &CustomerKey, lane: Lane, entries: &[EntryId]) -> Result<Loaded> {
        self.engine.read(|table| slot::load(table, key, lane, entries))
    }

    async fn commit(&self, commit: Commit) -> Result<u64> {
        self.engine.write(move |table| slot::commit(table, &commit)).await
    }

    async fn history(&self, key: &CustomerKey, lane: Lane, range: HistoryRange) -> Result<Vec<HistoryEntry>> {
        self.engine.read(|table| slot::history(table, key, lane, range))
    }

    async fn settle(&self, key: &CustomerKey, token: HoldToken, now_ms: i64) -> Result<Settled> {
        let key = key.clone();
        self.engine.write(move |table| slot::settle(table, &key, token, now_ms)).await
    }

    async fn log(&self, bucket: u8, after: u64, limit: usize) -> Result<LogPage> {
        self.engine.read(|table| log::page(table, bucket, after, limit))
    }

    async fn log_positions(&self, buckets: &[u8]) -> Result<Vec<LogPosition>> {
        self.engine.read(|table| log::positions(table, buckets))
    }

    async fn advance(&self, step: Advance) -> Result<bool> {
        self.engine.write(move |table| log::advance(table, &step)).await
    }

    async fn set_hint(&self, tenant: &TenantId, hint: &Hint, revision: u64, membership: Membership) -> Result<()> {
        let (tenant, hint) = (tenant.clone(), hint.clone());
        self.engine.write(move |table| shared::set_hint(table, &tenant, &hint, revision, membership)).await
    }

    async fn hints(
        &self,
        tenant: &TenantId,
        index: HintIndex,
        partition: u8,
        range: &HintRange,
        limit: usize,
    ) -> Result<Vec<(Vec<u8>, u64)>> {
        self.engine.read(|table| shared::hints(table, &keys::hint(index, tenant, partition), range, limit))
    }

    async fn count_hints(
        &self,
        tenant: &TenantId,
        index: HintIndex,
        partition: u8,
        range: &HintRange,
        up_to: usize,
    ) -> Result<usize> {
        self.engine.read(|table| shared::count_hints(table, &keys::hint(index, tenant, partition), range, up_to))
    }

    async fn version(&self, key: &DocumentKey, number: u64) -> Result<Option<Bytes>> {
        self.engine.read(|table| shared::version(table, key, number))
    }

    async fn put_version(
        &self,
        key: &DocumentKey,
        expect: Option<Revision>,
        number: u64,
        bytes: Bytes,
        keep: u64,
    ) -> Result<()> {
        let key = key.clone();
        self.engine.write(move |table| shared::put_version(table, &key, expect, number, &bytes, keep)).await
    }

    async fn replace_version(&self, key: &DocumentKey, number: u64, from: &Bytes, to: Bytes) -> Result<bool> {
        let (key, from) = (key.clone(), from.clone());
        self.engine.write(move |table| shared::replace_version(table, &key, number, &from, &to)).await
    }

    /// Looks for garbage beside the writers; only removing it keeps them waiting.
    async fn purge(&self, now_ms: i64) -> Result<u64> {
        let mut count = 0;
        loop {
            let found = move |table: &Reading| {
                Ok((slot::old_tokens(table, now_ms, PURGE_STEP)?, shared::garbage(table, now_ms, PURGE_STEP)?))
            };
            let (tokens, values) = self.engine.scan(found).await?;
            if tokens.is_empty() && values.is_empty() {
                return Ok(count);
            }
            let is_last = tokens.len() < PURGE_STEP && values.len() < PURGE_STEP;
            let removed = self.engine.write(move |table| {
                shared::collect(table, &values, now_ms)?;
                slot::forget(table, &tokens, now_ms)
            });
            count += removed.await?;
            if is_last {
                return Ok(count);
            }
        }
    }

    async fn names(&self, kind: keys::Kind, from: Option<&[u8]>, limit: usize) -> Result<Names> {
        let from = from.map(<[u8]>::to_vec);
        self.engine.scan(move |table| names(table, kind, from.as_deref(), limit)).await
    }

    async fn dump(&self) -> Result<Vec<(Vec<u8>, Vec<u8>)>> {
        self.engine.scan(dump).await
    }
}
