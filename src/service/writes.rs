//! The use cases that change something; each is in the file named after what it does. Each runs in a task of its own, so that a
//! client that goes away in mid-write leaves the write done.

use std::sync::Arc;

use super::{
    callers::Caller,
    copurchase::CopurchaseStatistics,
    edit::Locks,
    error::{Error, Result},
    holds::Holds,
    policies::Policies,
    readers::Readers,
    worker::Worker,
};
use crate::store::records::Records;

/// Where callers change things. The [`Writer`] is reached through [`Writes::run`] alone, which spawns the task: no use case
/// can forget it.
pub struct Writes(Arc<Writer>);

/// Changes customers and policies.
pub(super) struct Writer {
    pub(super) records: Arc<Records>,
    pub(super) readers: Readers,
    pub(super) holds: Holds,
    pub(super) worker: Arc<Worker>,
    pub(super) copurchase: Arc<CopurchaseStatistics>,
    pub(super) policies: Arc<Policies>,
    pub(super) locks: Locks,
    /// Held by who changes items: writers of this process queue.
    pub(super) changing_items: tokio::sync::Mutex<()>,
}

impl Writes {
    pub(super) fn new(writer: Arc<Writer>) -> Self {
        Self(writer)
    }

    /// Runs a write in a task of its own.
    pub(super) async fn run<T, F>(&self, caller: &Caller, write: impl FnOnce(Arc<Writer>, Caller) -> F) -> Result<T>
    where
        T: Send + 'static,
        F: Future<Output = Result<T>> + Send + 'static,
    {
        match tokio::spawn(write(self.0.clone(), caller.clone())).await {
            Ok(result) => result,
            Err(panicked) => {
                tracing::error!(error = %panicked, "a write failed inside");
                Err(Error::Internal)
            }
        }
    }
}
