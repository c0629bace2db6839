//! The use cases of callers that change something; each group is in a file of its own, as methods of [`Writes`] and
//! [`Writer`]. Each runs in a task of its own, so that it is finished even if the client goes away.

use std::sync::Arc;

use super::{
    callers::Caller,
    copurchase::CopurchaseStatistics,
    destroyed_keys::DestroyedKeys,
    edit::Locks,
    error::{Error, Result},
    holds::Holds,
    policies::Policies,
    readers::Readers,
    worker::Worker,
};
use crate::store::records::Records;

/// Where callers change things. Their use cases reach the [`Writer`] through [`Writes::run`] alone, which spawns the
/// task: none can forget it. `Maintenance` (fsck, restore) has the `Writer` itself: it serves no client that could go
/// away.
pub struct Writes(Arc<Writer>);

/// Changes customers, items and policies.
pub(super) struct Writer {
    pub(super) records: Arc<Records>,
    pub(super) readers: Readers,
    pub(super) holds: Holds,
    pub(super) worker: Arc<Worker>,
    pub(super) copurchase: Arc<CopurchaseStatistics>,
    pub(super) destroyed_keys: Arc<DestroyedKeys>,
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
        let write = write(self.0.clone(), caller.clone());
        let task = match &caller.large {
            Some(large) => tokio::spawn(large.turns.take(write)),
            None => tokio::spawn(write),
        };
        match task.await {
            Ok(result) => result,
            Err(ended) => {
                let what = if ended.is_panic() { "panicked" } else { "was cut off by the end of the process" };
                tracing::error!(error = %ended, "the task of a write {what}; whether the write was committed is not known");
                Err(Error::Internal)
            }
        }
    }
}
