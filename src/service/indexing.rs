//! What of a profile stands in the indexes: worked out from the profile alone, so that no use case can forget it, and so
//! that a check of the whole store can ask the same.

use crate::{
    domain::Profile,
    store::{
        CustomerKey, IndexOp,
        hints::{self, Hint},
    },
};

/// The hints that a profile should have, but for the listing, which every customer is in.
pub fn hints_of(key: &CustomerKey, profile: &Profile) -> Vec<Hint> {
    let owed = profile.follow_ups.iter().filter(|known| known.is_open());
    owed.map(|known| {
        let due_ms = known.promised.due_time.as_millisecond();
        hints::follow_up(&known.promised.venue, due_ms, key.customer, known.id)
    })
    .collect()
}

/// The tasks for the index worker that lead from the hints of one revision to those of the next.
pub(super) fn between(before: &[Hint], after: &[Hint]) -> Vec<IndexOp> {
    let gone = before.iter().filter(|hint| !after.contains(hint)).cloned().map(IndexOp::DropHint);
    let new = after.iter().filter(|hint| !before.contains(hint)).cloned().map(IndexOp::PutHint);
    gone.chain(new).collect()
}
