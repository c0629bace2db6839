//! The log of a bucket: the outbox that the index worker reads.

use bytes::Bytes;

use super::{BudgetKey, CustomerKey, Hint, IdentityKey, NewValue, Revision};
use crate::domain::{TouchedParts, id::HoldToken};

/// One entry of a bucket's log: what a commit leaves to the index worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntry {
    /// Who was changed.
    pub key: CustomerKey,
    /// The revision after the commit.
    pub revision: Revision,
    /// Which parts of the profile were changed.
    pub touched: TouchedParts,
    /// What the index worker has to do. Doing it again is harmless; only counting is not, and happens once.
    pub index: Vec<IndexOp>,
}

/// A task for the index worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IndexOp {
    /// Confirm the identity's entry: the commit made its hold good.
    Confirm {
        /// Under which its entry lies.
        identity: IdentityKey,
        /// The hold that the commit made good.
        token: HoldToken,
    },
    /// Remove the identity's entry: the customer no longer has it.
    Release {
        /// Under which its entry lies.
        identity: IdentityKey,
        /// The hold under which it was taken: an entry with another token is somebody else's, and stays.
        token: HoldToken,
    },
    /// Put the customer into the index of all customers.
    List,
    /// Take the erased customer out of the index of all customers.
    Unlist,
    /// Count the hold's amount as spent: the commit made it good.
    ConfirmBudget {
        /// The budget that is drawn on.
        key: BudgetKey,
        /// The hold that the commit made good; it knows its amount.
        token: HoldToken,
    },
    /// Put a member into an index, with the revision of the entry. A commit that moves a member also drops the old one.
    PutHint(Hint),
    /// Take a member out of an index, unless a newer revision put it there.
    DropHint(Hint),
    /// Adds to a counter of the bucket's tally. The one task that is not idempotent: it is folded in the step that moves the
    /// cursor past it.
    Count {
        /// The tally, with its period: `2026-11`.
        name: String,
        /// The counter, of at most [`TALLY_KEY_BYTES_MAX`](super::TALLY_KEY_BYTES_MAX): names of venues, causes, items and the like, as staff wrote them.
        key: String,
        /// Below zero it takes back.
        n: i64,
    },
    /// All tasks of the entry and the parts that were changed, sealed: the only one of its entry. Nobody but `layers::Sealed` meets one that
    /// opens.
    Sealed(Bytes),
}

/// One step of the index worker through a bucket's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advance {
    /// Whose log it is.
    pub bucket: u8,
    /// The position that the cursor must have.
    pub from: u64,
    /// Where the cursor is afterwards; not before `from`.
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

/// Positions of one bucket's log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LogPosition {
    /// The last position that the index worker has carried out; 0: none.
    pub cursor: u64,
    /// The last position that is no longer kept; 0: none.
    pub trimmed: u64,
    /// The newest position; 0: nothing was ever written.
    pub end: u64,
}
