//! What a store is: the contract that both backends and every layer keep.
//!
//! A store holds bytes under the keys of [`keys`] and knows nothing of what they say: records and history are sealed
//! before they come here. Six kinds of things are kept:
//!
//! * **Slots.** Everything of one customer (record, history, remembered requests, hold tokens) and the log of the
//!   customer's bucket change together, in one atomic [`Store::commit`].
//! * **Identity entries.** Who is found by an identity; placed under a hold, verified against the record when read.
//! * **Budgets.** Limited amounts; drawn on under a hold, which a commit makes good.
//! * **Hints.** Entries of indexes, filled from the log: each may be missing or out of date. Whoever answers with customers'
//!   data by it verifies it against the record.
//! * **Tallies.** Counters, folded from the log exactly once.
//! * **Documents.** The policy and its versions; what customers buy together; the items of venues.
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
    TenantId,
    id::{CustomerId, HoldToken},
};

mod budgets;
pub(crate) mod cas;
pub mod codec;
mod commit;
mod erasures;
pub(crate) mod ext;
pub mod fitness;
pub mod formats;
pub mod hints;
mod identity_entries;
pub mod keys;
pub mod keystore;
pub mod layers;
pub(crate) mod leftovers;
mod log;
pub mod portable;
pub(crate) mod records;
pub mod redb;
pub mod redis;
pub(crate) mod sealing;
pub mod snapshot;
mod tallies;
#[cfg(test)]
pub(crate) mod testing;
pub(crate) mod walk;

pub use budgets::{BUDGET_HOLDS_MAX, BudgetEntry, BudgetKey, BudgetOutcome, BudgetState};
pub use cas::{Effect, Lifetime, NewValue, Rule};
pub use erasures::{ERASURES_MAX, Erasure};
pub use ext::StoreExt;
pub use hints::{Hint, HintIndex, HintRange};
pub use log::{Advance, IndexOp, LogEntry, LogPage, LogPosition};
pub use records::WholeCustomer;
pub use sealing::{KeyRing, Label, LocalKeys};
pub use tallies::{OTHER, TALLY_KEEP_MS, TALLY_KEY_BYTES_MAX, TALLY_KEYS_MAX, Tally, TallyKey};
pub use walk::ALL_BUCKETS;

/// Proto messages of stored bytes. Never seen outside this folder.
pub(crate) mod stored {
    #![allow(
        clippy::all,
        clippy::pedantic,
        clippy::nursery,
        clippy::restriction,
        missing_docs,
        reason = "generated from the contract of stored records, whose comments are its documentation"
    )]
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
    /// The same, for a loss that may have happened already: the store evicted what it was given, or may evict it. What is there cannot
    /// be trusted any more, whatever is set right.
    #[error("the store is not fit: {0}")]
    Evicting(Arc<str>),
    /// The connection was lost or the deadline passed while a write was under way: it may or may not have happened.
    #[error("the outcome is unknown: {0}")]
    Unknown(Arc<str>),
    /// The store has no room (Redis OOM, disk full). Writes fail, reads work.
    #[error("the store is full: {0}")]
    Full(Arc<str>),
    /// What is to be written has something that the format of the store does not have. Nothing was written.
    #[error(
        "this needs format {needed}, and the store is written in format {written}: once all replicas are of this release, \
         run `rapport upgrade`"
    )]
    UpgradeNeeded {
        /// The first format that has it.
        needed: u16,
        /// The format of the store.
        written: u16,
    },
    /// Stored bytes that no release could have written.
    #[error("stored data is damaged: {0}")]
    Corrupt(Arc<str>),
}

impl StoreError {
    /// Damage, with whose it is: the operator has to know, and these names are no personal data.
    pub(crate) fn of_customer(self, key: &CustomerKey) -> Self {
        match self {
            Self::Corrupt(cause) => {
                let whose = format!("customer {} of tenant {}", key.customer, key.tenant.as_str());
                if cause.starts_with(&whose) {
                    Self::Corrupt(cause)
                } else {
                    Self::Corrupt(format!("{whose}: {cause}").into())
                }
            }
            other => other,
        }
    }
}

/// What calls of a store answer.
pub type Result<T> = std::result::Result<T, StoreError>;

/// Separates damage, which concerns one value alone, from every other error, which ends the whole call.
pub(crate) fn split_corruption<T>(result: Result<T>) -> Result<Result<T>> {
    match result {
        Err(fault @ StoreError::Corrupt(_)) => Ok(Err(fault)),
        other => other.map(Ok),
    }
}

/// One customer of one tenant.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CustomerKey {
    /// The business that knows the customer.
    pub tenant: TenantId,
    /// Unique within the tenant.
    pub customer: CustomerId,
}

/// A revision: counts up by one with every commit; the random part tells two histories of one customer apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Revision {
    /// 1 with the first commit.
    pub counter: u64,
    /// Random, drawn for each commit.
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
    /// Unique within the lane.
    pub id: EntryId,
    /// When it happened, in milliseconds since 1970. Never changes, since entries are stored in its order.
    pub time_ms: i64,
    /// The entry, sealed.
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
    /// Whose slot it is.
    pub key: CustomerKey,
    /// The revision the record must have; `None`: there must be no record.
    pub expect: Option<Revision>,
    /// What becomes of the record.
    pub record: RecordWrite,
    /// The remembered requests, whole; `None` leaves them.
    pub requests: Option<Bytes>,
    /// Entries to add, or to replace where the id exists (its time then must not change).
    pub history_put: Vec<(Lane, HistoryEntry)>,
    /// Entries to remove; ids that do not exist are ignored.
    pub history_drop: Vec<(Lane, EntryId)>,
    /// Holds that this commit makes good: fails with [`StoreError::HoldRefused`] if one of them was refused.
    pub tokens: Vec<HoldToken>,
    /// Appended to the log of the customer's bucket.
    pub log: LogEntry,
    /// The caller's clock, in milliseconds, for the lifetime of hold tokens.
    pub now_ms: i64,
}

/// What a use case needs before it changes a customer: one round trip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loaded {
    /// The record, with its body sealed; `None`: there is none.
    pub record: Option<Bytes>,
    /// The remembered requests as the last commit that changed them put them.
    pub requests: Option<Bytes>,
    /// The entries asked for, in order.
    pub history: Vec<Option<HistoryEntry>>,
}

/// A page of a lane's entries by time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HistoryRange {
    /// Inclusive, milliseconds since 1970.
    pub from_ms: i64,
    /// Exclusive, milliseconds since 1970.
    pub to_ms: i64,
    /// Time and id of the last entry of the page before; `None`: the first page.
    pub after: Option<(i64, EntryId)>,
    /// The order; else the oldest first. `after` follows it.
    pub newest_first: bool,
    /// Entries of the page, at most [`PAGE_MAX`].
    pub limit: usize,
}

/// A blind identity key: keyed hash of type, issuer and value, under the tenant's index key of this version.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IdentityKey {
    /// Whose index key blinded it.
    pub tenant: TenantId,
    /// Version of the index key; part of the stored key, so that replacing it is a resumable job.
    pub version: u16,
    /// The first 16 bytes of the keyed hash.
    pub digest: [u8; 16],
}

/// The state of an identity entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryState {
    /// Placed, not yet known to be committed. After the deadline anybody may settle it.
    Held {
        /// Milliseconds since 1970.
        deadline_ms: i64,
    },
    /// The customer's record has it (or had it, and the release is on its way).
    Confirmed,
}

/// One customer behind an identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityEntry {
    /// Who is found by it, once the record confirms it.
    pub customer: CustomerId,
    /// The hold under which it was placed.
    pub token: HoldToken,
    /// Whether the hold was made good.
    pub state: EntryState,
    /// When the identity expires by itself.
    pub expire_ms: Option<i64>,
}

/// The answer to placing a hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HoldOutcome {
    /// The entry is there until it is confirmed, released, or settled as overdue.
    Placed,
    /// No room: these are as many entries as the identity may have.
    Taken(Vec<IdentityEntry>),
}

/// What a customer's slot says of a hold's token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// A commit made the hold good.
    Committed,
    /// No commit will.
    Refused,
}

/// A page of the names of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    /// Keys of the store, without what a backend puts before them.
    pub names: Vec<String>,
    /// Where the next page begins; `None`: this was the last.
    pub next: Option<Vec<u8>>,
}

/// The name of a versioned document.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DocumentKey {
    /// Whose document it is.
    pub tenant: TenantId,
    /// The service's name for it: `policy`; `others`: the co-purchase statistics; `items:VENUE` and its parts.
    pub name: String,
}

/// Whether a member is in an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Membership {
    /// It is in, with the revision of the call.
    In,
    /// It is not; older revisions cannot put it in again.
    Out,
}

/// A versioned document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// What the next [`Store::put_version`] must expect.
    pub revision: Revision,
    /// The document without its revision.
    pub bytes: Bytes,
}

/// The primitives of a store. See the module for what every method guarantees, and [`StoreExt`] for what is made of them.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// How many connections there were so far: what answers through a new one may be another store. A store inside the process has none.
    fn connections(&self) -> u64 {
        0
    }

    /// Whether the store answers and may be served from. The text says what to do about it.
    async fn ready(&self) -> Result<()>;

    /// The values under these keys, in the order of the keys, in one round trip, but not as one atomic read.
    async fn values(&self, keys: &[String]) -> Result<Vec<Option<Bytes>>>;

    /// Changes the value under a key by a rule: see `cas`. Atomic. What the rule refuses is refused.
    async fn change(&self, key: String, rule: Rule) -> Result<()>;

    /// Record, remembered requests, and the named entries of one lane, read as one, in one round trip.
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

    /// Replaces a document if its bytes begin with the expected revision (`None`: if there is none), and keeps it as the version with this
    /// number too; the `keep` highest numbers stay. A primitive of its own: two values change at once, and a document is too large to compare.
    async fn put_version(
        &self,
        key: &DocumentKey,
        expect: Option<Revision>,
        number: u64,
        bytes: Bytes,
        keep: u64,
    ) -> Result<()>;

    /// Replaces the bytes of a kept version if they are still `from`; answers whether they were. What it says stays the same.
    async fn replace_version(&self, key: &DocumentKey, number: u64, from: &Bytes, to: Bytes) -> Result<bool>;

    /// Removes what has expired by `now_ms`: tokens of settled holds, and values past their lifetime where the backend
    /// does not collect them by itself. Garbage only; answers how many tokens.
    async fn purge(&self, now_ms: i64) -> Result<u64>;

    /// A page of the names under which there is something of this kind, in no order, some perhaps twice. What is
    /// written meanwhile may be missed. For checks: it walks the whole store.
    async fn names(&self, kind: keys::Kind, from: Option<&[u8]>, limit: usize) -> Result<Names>;

    /// Everything in the store, as sorted pairs of key and value. For checks and tests: reads all of it.
    async fn dump(&self) -> Result<Vec<(Vec<u8>, Vec<u8>)>>;
}

/// How long a settled token is remembered: far longer than any hold's deadline, so that a late commit still meets it.
pub const TOKEN_KEEP_MS: i64 = 24 * 3_600 * 1_000;
