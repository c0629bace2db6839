//! Figures of a tenant, or of one of its venues: see `review.rs` and `tallies.rs`.

use std::sync::Arc;

use crate::store::records::Records;

/// Reads counters, indexes and budgets.
pub struct Reports {
    pub(super) records: Arc<Records>,
}
