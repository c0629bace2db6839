//! What the operator does to a whole store: check, export, restore, measure. See `check/`, `export.rs`, `restore.rs` and
//! `stats.rs`.

use std::sync::Arc;

use super::{
    callers::Callers, error::Result, holds::Holds, policies, readers::Readers, worker::Worker, writes::Writer,
};
use crate::{domain::TenantId, store::records::Records};

/// Works on a store as a whole; it may run beside a running service.
pub struct Maintenance {
    pub(super) records: Arc<Records>,
    pub(super) callers: Callers,
    pub(super) readers: Readers,
    pub(super) holds: Holds,
    pub(super) worker: Arc<Worker>,
    pub(super) writer: Arc<Writer>,
}

impl Maintenance {
    /// Notes that a tenant has a policy, if there is one.
    pub async fn note_policy(&self, tenant: &TenantId) -> Result<()> {
        let newest = policies::newest_number(&self.records, tenant).await?;
        if newest > 0 {
            self.records.ring.note_policy(tenant, newest).await?;
        }
        Ok(())
    }
}
