//! Layers: what goes around every call of a store, whichever store it is. A [`Layer`] is a store itself, so that layers
//! can be put around each other, and those that are not `whole` pass the stores' conformance suite. `app.rs` composes them.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use async_trait::async_trait;
use bytes::Bytes;

use super::{
    Advance, Commit, CustomerKey, DocumentKey, EntryId, Hint, HintIndex, HintRange, HistoryEntry, HistoryRange, Lane,
    Loaded, LogPage, LogPosition, Membership, Names, Result, Revision, Rule, Settled, Store,
    keys::{self, Kind},
};
use crate::domain::{TenantId, id::HoldToken};

mod deadline;
mod observed;
mod sealed;
mod whole;

pub use deadline::{Deadline, Deadlines};
pub use observed::{Meters, Observed, Reading};
pub use sealed::{Sealed, SealedAnew, has_clear_requests, seal_old};
pub use whole::{Whole, WholeKeys};

/// The methods of a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// [`Store::ready`].
    Ready,
    /// [`Store::values`].
    Values,
    /// [`Store::change`].
    Change,
    /// [`Store::load`].
    Load,
    /// [`Store::commit`].
    Commit,
    /// [`Store::history`].
    History,
    /// [`Store::settle`].
    Settle,
    /// [`Store::log`].
    Log,
    /// [`Store::log_positions`].
    LogPositions,
    /// [`Store::advance`].
    Advance,
    /// [`Store::set_hint`].
    SetHint,
    /// [`Store::hints`].
    Hints,
    /// [`Store::count_hints`].
    CountHints,
    /// [`Store::version`].
    Version,
    /// [`Store::put_version`].
    PutVersion,
    /// [`Store::replace_version`].
    ReplaceVersion,
    /// [`Store::purge`].
    Purge,
    /// [`Store::names`].
    Names,
    /// [`Store::dump`].
    Dump,
}

impl Method {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 19] = [
        Self::Ready,
        Self::Values,
        Self::Change,
        Self::Load,
        Self::Commit,
        Self::History,
        Self::Settle,
        Self::Log,
        Self::LogPositions,
        Self::Advance,
        Self::SetHint,
        Self::Hints,
        Self::CountHints,
        Self::Version,
        Self::PutVersion,
        Self::ReplaceVersion,
        Self::Purge,
        Self::Names,
        Self::Dump,
    ];

    /// Its name in the contract.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Values => "values",
            Self::Change => "change",
            Self::Load => "load",
            Self::Commit => "commit",
            Self::History => "history",
            Self::Settle => "settle",
            Self::Log => "log",
            Self::LogPositions => "log_positions",
            Self::Advance => "advance",
            Self::SetHint => "set_hint",
            Self::Hints => "hints",
            Self::CountHints => "count_hints",
            Self::Version => "version",
            Self::PutVersion => "put_version",
            Self::ReplaceVersion => "replace_version",
            Self::Purge => "purge",
            Self::Names => "names",
            Self::Dump => "dump",
        }
    }

    /// Whether it may change something: then a lost answer leaves the outcome unknown.
    pub fn changes(self) -> bool {
        match self {
            Self::Change
            | Self::Commit
            | Self::Settle
            | Self::Advance
            | Self::SetHint
            | Self::PutVersion
            | Self::ReplaceVersion
            | Self::Purge => true,
            Self::Ready
            | Self::Values
            | Self::Load
            | Self::History
            | Self::Log
            | Self::LogPositions
            | Self::Hints
            | Self::CountHints
            | Self::Version
            | Self::Names
            | Self::Dump => false,
        }
    }
}

/// What goes around every call. Every layer is a store.
pub trait Layer: Send + Sync + 'static {
    /// The store that is called.
    fn inner(&self) -> &dyn Store;

    /// Carries out a call that reads or writes so many things.
    fn around<T: Send>(
        &self,
        method: Method,
        operations: usize,
        call: impl Future<Output = Result<T>> + Send,
    ) -> impl Future<Output = Result<T>> + Send;

    /// Looks at an answer in which nothing was found in these buckets, before it is given.
    fn nothing_in(&self, buckets: Vec<u8>) -> impl Future<Output = Result<()>> + Send {
        let _ = buckets;
        std::future::ready(Ok(()))
    }

    /// A commit was made: the log of a bucket has come so far.
    fn committed(&self, bucket: u8, position: u64) {
        let _ = (bucket, position);
    }

    /// Whether [`Layer::nothing_in`] does anything: else no buckets are gathered for it.
    const DOUBTS_ABSENCE: bool = false;
}

/// The buckets of the keys under which nothing was found.
fn absent<T>(keys: &[String], found: &[Option<T>]) -> Vec<u8> {
    let missing = keys.iter().zip(found).filter(|(_, there)| there.is_none());
    missing.filter_map(|(key, _)| keys::bucket_of(key)).collect()
}

/// The rule, which notes whether it found a value.
fn noting(mut rule: Rule, was_there: Arc<AtomicBool>) -> Rule {
    Box::new(move |there| {
        was_there.store(!there.is_empty(), Ordering::Relaxed);
        rule(there)
    })
}

#[async_trait]
impl<L: Layer> Store for L {
    fn connections(&self) -> u64 {
        self.inner().connections()
    }

    async fn ready(&self) -> Result<()> {
        self.around(Method::Ready, 1, self.inner().ready()).await
    }

    async fn values(&self, keys: &[String]) -> Result<Vec<Option<Bytes>>> {
        let found = self.around(Method::Values, keys.len(), self.inner().values(keys)).await?;
        if L::DOUBTS_ABSENCE && found.iter().any(Option::is_none) {
            self.nothing_in(absent(keys, &found)).await?;
        }
        Ok(found)
    }

    async fn change(&self, key: String, rule: Rule) -> Result<()> {
        if !L::DOUBTS_ABSENCE {
            return self.around(Method::Change, 1, self.inner().change(key, rule)).await;
        }
        let (bucket, was_there) = (keys::bucket_of(&key), Arc::new(AtomicBool::new(false)));
        self.around(Method::Change, 1, self.inner().change(key, noting(rule, was_there.clone()))).await?;
        match bucket {
            // What it made is worth nothing in a store that lost what was there before.
            Some(bucket) if !was_there.load(Ordering::Relaxed) => self.nothing_in(vec![bucket]).await,
            _ => Ok(()),
        }
    }

    async fn load(&self, key: &CustomerKey, lane: Lane, entries: &[EntryId]) -> Result<Loaded> {
        let loaded = self.around(Method::Load, 1 + entries.len(), self.inner().load(key, lane, entries)).await?;
        if L::DOUBTS_ABSENCE && loaded.record.is_none() {
            self.nothing_in(vec![keys::bucket(&key.tenant, &key.customer)]).await?;
        }
        Ok(loaded)
    }

    async fn commit(&self, commit: Commit) -> Result<u64> {
        let bucket = keys::bucket(&commit.key.tenant, &commit.key.customer);
        let position = self.around(Method::Commit, 1 + commit.history_put.len(), self.inner().commit(commit)).await?;
        self.committed(bucket, position);
        Ok(position)
    }

    async fn history(&self, key: &CustomerKey, lane: Lane, range: HistoryRange) -> Result<Vec<HistoryEntry>> {
        self.around(Method::History, 1, self.inner().history(key, lane, range)).await
    }

    async fn settle(&self, key: &CustomerKey, token: HoldToken, now_ms: i64) -> Result<Settled> {
        self.around(Method::Settle, 1, self.inner().settle(key, token, now_ms)).await
    }

    async fn log(&self, bucket: u8, after: u64, limit: usize) -> Result<LogPage> {
        self.around(Method::Log, 1, self.inner().log(bucket, after, limit)).await
    }

    async fn log_positions(&self, buckets: &[u8]) -> Result<Vec<LogPosition>> {
        self.around(Method::LogPositions, buckets.len(), self.inner().log_positions(buckets)).await
    }

    async fn advance(&self, step: Advance) -> Result<bool> {
        self.around(Method::Advance, 1 + step.values.len(), self.inner().advance(step)).await
    }

    async fn set_hint(&self, tenant: &TenantId, hint: &Hint, revision: u64, membership: Membership) -> Result<()> {
        self.around(Method::SetHint, 1, self.inner().set_hint(tenant, hint, revision, membership)).await
    }

    async fn hints(
        &self,
        tenant: &TenantId,
        index: HintIndex,
        partition: u8,
        range: &HintRange,
        limit: usize,
    ) -> Result<Vec<(Vec<u8>, u64)>> {
        self.around(Method::Hints, 1, self.inner().hints(tenant, index, partition, range, limit)).await
    }

    async fn count_hints(
        &self,
        tenant: &TenantId,
        index: HintIndex,
        partition: u8,
        range: &HintRange,
        up_to: usize,
    ) -> Result<usize> {
        self.around(Method::CountHints, 1, self.inner().count_hints(tenant, index, partition, range, up_to)).await
    }

    async fn version(&self, key: &DocumentKey, number: u64) -> Result<Option<Bytes>> {
        self.around(Method::Version, 1, self.inner().version(key, number)).await
    }

    async fn put_version(
        &self,
        key: &DocumentKey,
        expect: Option<Revision>,
        number: u64,
        bytes: Bytes,
        keep: u64,
    ) -> Result<()> {
        self.around(Method::PutVersion, 1, self.inner().put_version(key, expect, number, bytes, keep)).await
    }

    async fn replace_version(&self, key: &DocumentKey, number: u64, from: &Bytes, to: Bytes) -> Result<bool> {
        self.around(Method::ReplaceVersion, 1, self.inner().replace_version(key, number, from, to)).await
    }

    async fn purge(&self, now_ms: i64) -> Result<u64> {
        self.around(Method::Purge, 1, self.inner().purge(now_ms)).await
    }

    async fn names(&self, kind: Kind, from: Option<&[u8]>, limit: usize) -> Result<Names> {
        self.around(Method::Names, 1, self.inner().names(kind, from, limit)).await
    }

    async fn dump(&self) -> Result<Vec<(Vec<u8>, Vec<u8>)>> {
        self.around(Method::Dump, 1, self.inner().dump()).await
    }
}
