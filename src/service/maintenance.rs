//! What the operator does to a whole store: check, export, restore, measure. See `check/`, `export.rs`, `restore.rs` and
//! `stats.rs`.

use std::sync::Arc;

use super::{callers::Callers, holds::Holds, readers::Readers, worker::Worker, writes::Writer};
use crate::store::records::Records;

/// Works on a store as a whole; it may run beside a running service.
pub struct Maintenance {
    pub(super) records: Arc<Records>,
    pub(super) callers: Callers,
    pub(super) readers: Readers,
    pub(super) holds: Holds,
    pub(super) worker: Arc<Worker>,
    pub(super) writer: Arc<Writer>,
}
