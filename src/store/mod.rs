//! What a store is: the contract that both backends and every layer keep.
//!
//! A store holds bytes under the keys of [`keys`] and knows nothing of what they say: records and history are sealed
//! before they come here. Six kinds of things are kept:
//!
//! * **Slots.** Everything of one customer (record, history, remembered requests, hold tokens) and the log of the
//!   customer's bucket change together, in one atomic [`Store::commit`].
//! * **Identity entries.** Who is found by an identity; placed under a hold, verified against the record when read.
//! * **Budgets.** Limited amounts; drawn on under a hold, which a commit makes good.
//! * **Hints.** Indexes filled from the log: each may be missing or out of date, and is verified when read.
//! * **Tallies.** Counters, folded from the log exactly once.
//! * **Documents.** The policy and its versions.
//!
//! Guarantees, for every implementation:
//!
//! * Atomic: a call takes effect whole or not at all. An error other than [`StoreError::Unknown`] means: not at all.
//! * Linearizable per slot, identity key, budget and document: a read after an acknowledged write sees it.
//! * Durable: a write is acknowledged when it is as durable as the backend is configured to be; by default on disk.
//! * A missing key is `None` or empty, never an error.
//! * Whether a failed call may be repeated is said by [`StoreError`]; all calls but `commit`, `put_version`, `advance` and
//!   `change` are idempotent; the first three are guarded by the revision or cursor they expect, and the rules of the
//!   last by tokens.
//! * Validity follows the `now` that the caller passes, never the backend's clock.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;

use crate::domain::{
    Sections, TenantId,
    id::{CustomerId, HoldToken},
};

mod budgets;
pub mod cas;
pub mod codec;
mod ext;
pub mod formats;
pub mod hints;
mod identity_slots;
pub mod keys;
pub mod keystore;
pub mod layers;
pub mod portable;
pub mod records;
pub mod redb;
pub mod redis;
pub mod sealing;
mod tallies;
pub mod walk;

pub use budgets::{BUDGET_HOLDS_MAX, BudgetEntry, BudgetKey, BudgetOutcome, BudgetState};
pub use cas::{NewValue, Rule};
pub use ext::StoreExt;
pub use hints::{Hint, HintIndex, HintRange};
pub use tallies::{OTHER, TALLY_KEEP_MS, TALLY_KEY_BYTES_MAX, TALLY_KEYS_MAX, Tally, TallyKey};
pub use walk::ALL_BUCKETS;

/// Proto messages of stored bytes. Never seen outside this folder.
pub mod stored {
    #![allow(clippy::all, missing_docs)]
    tonic::include_proto!("rapport.store.v1");

    /// The descriptors, for proto3-JSON.
    pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/stored.bin"));
}

/// Buckets of customers, fixed for ever: bucket = [`keys::bucket`].
pub const BUCKETS: u16 = 256;
/// Longest page of history, log or hints.
pub const PAGE_MAX: usize = 1_024;

/// What went wrong, and whether repeating is safe. The cause is for the log only.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// The slot or document has another revision than expected. Load again, decide again.
    #[error("the revision is not the expected one")]
    Conflict,
    /// A hold of this commit was refused meanwhile. Place a new one.
    #[error("the hold was refused")]
    HoldRefused,
    /// The store could not be reached or did not answer in time; the call had no effect. Repeat later.
    #[error("the store is unavailable: {0}")]
    Unavailable(Arc<str>),
    /// The store refuses the call for a reason that only its operator can remove: a password, a permission, a wrong
    /// address. The call had no effect, and repeating does not help. The text says what to do.
    #[error("the store is misconfigured: {0}")]
    Misconfigured(Arc<str>),
    /// The store answers, but must not be trusted with customers: it may drop or forget them. The text says what to do.
    #[error("the store is not fit: {0}")]
    Unfit(Arc<str>),
    /// The connection was lost or the deadline passed while a write was under way: it may or may not have happened.
    #[error("the outcome is unknown: {0}")]
    Unknown(Arc<str>),
    /// The store has no room (Redis OOM, disk full). Writes fail, reads work.
    #[error("the store is full: {0}")]
    Full(Arc<str>),
    /// Stored bytes that cannot be what was written.
    #[error("stored data is damaged: {0}")]
    Corrupt(Arc<str>),
}

pub type Result<T> = std::result::Result<T, StoreError>;

/// One customer of one tenant.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CustomerKey {
    pub tenant: TenantId,
    pub customer: CustomerId,
}

/// A revision: counts up by one with every commit; the random part tells two histories of one customer apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Revision {
    pub counter: u64,
    pub write_id: u64,
}

/// The two lanes of a customer's history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Lane {
    /// Interactions; the id is a keyed hash of source and external id.
    Interactions,
    /// All other changes; the id is their number.
    Changes,
}

/// Identifies an entry within its lane.
pub type EntryId = [u8; 16];

/// An entry of the history. Ordered by `(time_ms, id)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryEntry {
    pub id: EntryId,
    pub time_ms: i64,
    pub bytes: Bytes,
}

/// What becomes of the record in a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordWrite {
    /// The new record: header with its revision, sealed body.
    Put(Bytes),
    /// Record, history, requests and hold tokens of the customer are removed.
    Erase,
}

/// One atomic write to a customer's slot.
#[derive(Debug, Clone)]
pub struct Commit {
    pub key: CustomerKey,
    /// The revision the record must have; `None`: there must be no record.
    pub expect: Option<Revision>,
    pub record: RecordWrite,
    /// The remembered requests, whole; `None` leaves them.
    pub requests: Option<Bytes>,
    /// Entries to add, or to replace where the id exists (its time then must not change).
    pub history_put: Vec<(Lane, HistoryEntry)>,
    /// Entries to remove; ids that do not exist are ignored.
    pub history_drop: Vec<(Lane, EntryId)>,
    /// Holds that this commit makes good: fails with [`StoreError::HoldRefused`] if one of them was refused.
    pub tokens: Vec<HoldToken>,
    pub log: LogEntry,
    /// The caller's clock, in milliseconds, for the lifetime of hold tokens.
    pub now_ms: i64,
}

/// One position of a bucket's log: the outbox of the index worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntry {
    pub key: CustomerKey,
    /// The revision after the commit.
    pub revision: Revision,
    pub sections: Sections,
    /// What the index worker has to do. Doing it again is harmless; only counting is not, and happens once.
    pub index: Vec<IndexOp>,
}

/// A task for the index worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IndexOp {
    /// The hold became an identity of the customer.
    Confirm { identity: IdentityKey, token: HoldToken },
    /// The customer no longer has the identity.
    Release { identity: IdentityKey, token: HoldToken },
    /// The customer exists: into the listing.
    List,
    /// The customer was erased: out of the listing.
    Unlist,
    /// The hold was made good: its amount is spent.
    ConfirmBudget { key: BudgetKey, token: HoldToken },
    /// Into an index, with the revision of the entry. A commit that moves a member drops the old one, never the same.
    PutHint(Hint),
    /// Out of an index, unless a newer revision put it there.
    DropHint(Hint),
    /// Adds to a counter of the bucket's tally of this name (with its period, as in `2026-11`). A key of at most
    /// [`TALLY_KEY_BYTES_MAX`]: names of venues, types and the like, never personal data. The one task that is not
    /// idempotent: it is folded in the step that moves the cursor past it.
    Count { name: String, key: String, n: i64 },
}

/// One step of the index worker through a bucket's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advance {
    pub bucket: u8,
    /// Where the cursor must stand.
    pub from: u64,
    pub to: u64,
    /// Entries of the log that stay at least.
    pub keep: u64,
    /// Values of this bucket to put: its tallies, whole.
    pub values: Vec<NewValue>,
}

/// A page of a bucket's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogPage {
    /// Entries with their positions, ascending.
    pub entries: Vec<(u64, LogEntry)>,
    /// The oldest position still kept is this one plus one; 0 when nothing was trimmed.
    pub trimmed: u64,
    /// The newest position; 0 when nothing was ever written.
    pub end: u64,
}

/// What a use case needs before it changes a customer: one round trip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loaded {
    pub record: Option<Bytes>,
    pub requests: Option<Bytes>,
    /// The entries asked for, in order.
    pub history: Vec<Option<HistoryEntry>>,
}

/// A range of a lane: `from_ms` inclusive, `to_ms` exclusive; `after` is the last entry of the page before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HistoryRange {
    pub from_ms: i64,
    pub to_ms: i64,
    pub after: Option<(i64, EntryId)>,
    pub newest_first: bool,
    pub limit: usize,
}

/// A blind identity key: keyed hash of type, issuer and value, under the tenant's index key of this version.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IdentityKey {
    pub tenant: TenantId,
    /// Version of the index key; part of the stored key, so that replacing it is a resumable job.
    pub version: u16,
    pub digest: [u8; 16],
}

/// Where an identity entry stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryState {
    /// Placed, not yet known to be committed. After the deadline anybody may settle it.
    Held { deadline_ms: i64 },
    /// The customer's record has it (or had it, and the release is on its way).
    Confirmed,
}

/// One customer behind an identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityEntry {
    pub customer: CustomerId,
    pub token: HoldToken,
    pub state: EntryState,
    /// When the identity expires by itself.
    pub expire_ms: Option<i64>,
}

/// The answer to placing a hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HoldOutcome {
    Placed,
    /// All seats are taken, by these.
    Taken(Vec<IdentityEntry>),
}

/// What a customer's slot says of a hold's token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    Committed,
    Refused,
}

/// A page of the names of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    pub names: Vec<String>,
    /// Where the next page begins; `None`: this was the last.
    pub next: Option<Vec<u8>>,
}

/// The name of a versioned document.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DocumentKey {
    pub tenant: TenantId,
    pub name: String,
}

/// Whether a member is in an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Membership {
    In,
    Out,
}

/// A versioned document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    pub revision: Revision,
    pub bytes: Bytes,
}

/// The primitives of a store. See the module for what every method guarantees, and [`StoreExt`] for what is made of them.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// Whether the store answers and may be served from. The text says what to do about it.
    async fn ready(&self) -> Result<()>;

    /// The values under these keys, in the order of the keys, in one round trip. Not as of one moment.
    async fn values(&self, keys: &[String]) -> Result<Vec<Option<Bytes>>>;

    /// Changes the value under a key by a rule: see [`cas`]. Atomic. What the rule refuses is refused.
    async fn change(&self, key: String, rule: Rule) -> Result<()>;

    /// Record, remembered requests, and the named entries of one lane, as of one moment, in one round trip.
    async fn load(&self, key: &CustomerKey, lane: Lane, entries: &[EntryId]) -> Result<Loaded>;

    /// Changes a customer's slot and appends to its bucket's log; answers the log position.
    async fn commit(&self, commit: Commit) -> Result<u64>;

    /// A page of a customer's history.
    async fn history(&self, key: &CustomerKey, lane: Lane, range: HistoryRange) -> Result<Vec<HistoryEntry>>;

    /// Decides a hold in the customer's slot: committed if a commit made it good, else refused from now on, for ever
    /// (for at least [`TOKEN_KEEP_MS`]). Two calls never answer differently.
    async fn settle(&self, key: &CustomerKey, token: HoldToken, now_ms: i64) -> Result<Settled>;

    /// A page of a bucket's log after a position.
    async fn log(&self, bucket: u8, after: u64, limit: usize) -> Result<LogPage>;

    /// The positions of these buckets' logs, in the order of the buckets, in one round trip.
    async fn log_positions(&self, buckets: &[u8]) -> Result<Vec<LogPosition>>;

    /// In one step: moves the index cursor of a bucket forward, never back; puts the values; trims the log to its newest
    /// `keep` entries, never past the cursor. Answers false, and changes nothing, if the cursor is not where the step
    /// begins: somebody else has moved it. Where the cursor does not move, no value is put.
    async fn advance(&self, step: Advance) -> Result<bool>;

    /// Puts a member into an index of hints, or takes it out, unless a newer revision of it is there.
    async fn set_hint(&self, tenant: &TenantId, hint: &Hint, revision: u64, membership: Membership) -> Result<()>;

    /// Members of one partition in byte order, with their revisions.
    async fn hints(
        &self,
        tenant: &TenantId,
        index: HintIndex,
        partition: u8,
        range: &HintRange,
        limit: usize,
    ) -> Result<Vec<(Vec<u8>, u64)>>;

    /// How many members of one partition are in the range; counts no further than `up_to`.
    async fn count_hints(
        &self,
        tenant: &TenantId,
        index: HintIndex,
        partition: u8,
        range: &HintRange,
        up_to: usize,
    ) -> Result<usize>;

    /// One of the kept versions of a document.
    async fn version(&self, key: &DocumentKey, number: u64) -> Result<Option<Bytes>>;

    /// Replaces a document if its bytes begin with the expected revision (`None`: if there is none), and keeps it as the
    /// version with this number too; the `keep` highest numbers stay. A primitive of its own, since two values change at
    /// once, and a document is too large to be sent back for comparing.
    async fn put_version(
        &self,
        key: &DocumentKey,
        expect: Option<Revision>,
        number: u64,
        bytes: Bytes,
        keep: u64,
    ) -> Result<()>;

    /// Removes what has expired by `now_ms`: tokens of settled holds, and values past their lifetime where the backend
    /// does not collect them by itself. Garbage only; answers how many tokens.
    async fn purge(&self, now_ms: i64) -> Result<u64>;

    /// A page of the names under which there is something of this kind, in no order, some perhaps twice. What is
    /// written meanwhile may be missed. For checks: it walks the whole store.
    async fn names(&self, kind: keys::Kind, from: Option<&[u8]>, limit: usize) -> Result<Names>;

    /// Everything in the store, as sorted pairs of key and value. For checks and tests: reads all of it.
    async fn dump(&self) -> Result<Vec<(Vec<u8>, Vec<u8>)>>;
}

/// Positions of one bucket's log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LogPosition {
    pub cursor: u64,
    pub trimmed: u64,
    pub end: u64,
}

/// How long a settled token is remembered: far longer than any hold's deadline, so that a late commit still meets it.
pub const TOKEN_KEEP_MS: i64 = 24 * 3_600 * 1_000;
