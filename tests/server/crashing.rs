//! A store behind a process that dies: every step that changes something is counted, and at the last one all ends.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicI64, Ordering},
};

use async_trait::async_trait;
use bytes::Bytes;
use rapport::{
    domain::{TenantId, id::HoldToken},
    store::{
        Advance, BudgetEntry, BudgetKey, BudgetOutcome, BudgetState, Commit, CustomerKey, Document, EntryId, Hint,
        HintIndex, HintRange, HistoryEntry, HistoryRange, HoldOutcome, IdentityEntry, IdentityKey, Lane, Loaded,
        LogPage, LogPosition, Names, Result, Revision, Settled, Store, StoreError, Tally, TallyKey,
        keys::Kind,
        keystore::{KeyEntry, KeyName, KeyStore},
    },
};

/// How long a process lives.
pub struct Fuse {
    steps: AtomicI64,
    /// Whether the last step still takes effect.
    after: bool,
    burnt: AtomicBool,
}

impl Fuse {
    /// It dies at the last of so many steps: before its effect, or after.
    pub fn of(steps: i64, after: bool) -> Arc<Self> {
        Arc::new(Self { steps: AtomicI64::new(steps), after, burnt: AtomicBool::new(false) })
    }

    pub fn that_lasts() -> Arc<Self> {
        Self::of(i64::MAX, false)
    }

    pub fn is_burnt(&self) -> bool {
        self.burnt.load(Ordering::SeqCst)
    }

    async fn read<T>(&self, read: impl Future<Output = Result<T>>) -> Result<T> {
        if self.is_burnt() { Err(dead()) } else { read.await }
    }

    async fn step<T>(&self, step: impl Future<Output = Result<T>>) -> Result<T> {
        if self.is_burnt() {
            return Err(dead());
        }
        if self.steps.fetch_sub(1, Ordering::SeqCst) > 1 {
            return step.await;
        }
        self.burnt.store(true, Ordering::SeqCst);
        if self.after {
            let _ = step.await;
        }
        Err(StoreError::Unknown("the process died".into()))
    }
}

fn dead() -> StoreError {
    StoreError::Unavailable("the process is dead".into())
}

/// A store as a process sees it that will die.
pub struct Crashing<T: ?Sized> {
    pub inner: Arc<T>,
    pub fuse: Arc<Fuse>,
}

/// Passes calls on: those that read, and those that are steps.
macro_rules! pass {
    ($trait:ident: $($how:ident $name:ident($($argument:ident: $type:ty),*) -> $answer:ty;)*) => {
        #[async_trait]
        impl $trait for Crashing<dyn $trait> {
            $(async fn $name(&self, $($argument: $type),*) -> Result<$answer> {
                self.fuse.$how(self.inner.$name($($argument),*)).await
            })*
        }
    };
}

pass! {
    Store:
    read ready() -> ();
    read write_format() -> Option<u32>;
    step set_write_format(format: u32) -> ();
    read record(key: &CustomerKey) -> Option<Bytes>;
    read records(keys: &[CustomerKey]) -> Vec<Option<Bytes>>;
    read load(key: &CustomerKey, lane: Lane, entries: &[EntryId]) -> Loaded;
    step commit(commit: Commit) -> u64;
    read history(key: &CustomerKey, lane: Lane, range: HistoryRange) -> Vec<HistoryEntry>;
    step settle(key: &CustomerKey, token: HoldToken, now_ms: i64) -> Settled;
    read identities(keys: &[IdentityKey], now_ms: i64) -> Vec<Vec<IdentityEntry>>;
    step hold(key: &IdentityKey, entry: IdentityEntry, seats: usize, now_ms: i64) -> HoldOutcome;
    step confirm(key: &IdentityKey, token: HoldToken) -> ();
    step release(key: &IdentityKey, token: HoldToken) -> ();
    read log(bucket: u8, after: u64, limit: usize) -> LogPage;
    read log_positions(buckets: &[u8]) -> Vec<LogPosition>;
    step hold_budget(key: &BudgetKey, entry: BudgetEntry, limit: i64, expire_ms: i64, now_ms: i64) -> BudgetOutcome;
    step confirm_budget(key: &BudgetKey, token: HoldToken) -> ();
    step release_budget(key: &BudgetKey, token: HoldToken) -> ();
    read budgets(keys: &[BudgetKey], now_ms: i64) -> Vec<BudgetState>;
    step advance(to: Advance) -> bool;
    read tallies(keys: &[TallyKey]) -> Vec<Tally>;
    step put_hint(tenant: &TenantId, hint: &Hint, revision: u64) -> ();
    step drop_hint(tenant: &TenantId, hint: &Hint, revision: u64) -> ();
    read hints(tenant: &TenantId, index: HintIndex, partition: u8, range: &HintRange, limit: usize)
        -> Vec<(Vec<u8>, u64)>;
    read count_hints(tenant: &TenantId, index: HintIndex, partition: u8, range: &HintRange, up_to: usize) -> usize;
    read document(tenant: &TenantId, name: &str, version: Option<u64>) -> Option<Document>;
    step put_document(tenant: &TenantId, name: &str, expect: Option<Revision>, document: Document, keep: u64)
        -> ();
    step purge(now_ms: i64) -> u64;
    read names(kind: Kind, from: Option<&[u8]>, limit: usize) -> Names;
    read dump() -> Vec<(Vec<u8>, Vec<u8>)>;
}

pass! {
    KeyStore:
    read ready() -> ();
    read get(name: &KeyName) -> Option<KeyEntry>;
    read get_many(names: &[KeyName]) -> Vec<Option<KeyEntry>>;
    step put_new(name: &KeyName, wrapped: Bytes) -> KeyEntry;
    step bury(name: &KeyName) -> ();
    read names(from: Option<&[u8]>, limit: usize) -> Names;
    read dump() -> Vec<(Vec<u8>, Vec<u8>)>;
}
