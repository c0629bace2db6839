//! The use cases that change something. Each runs in a task of its own, so that a client that goes away in mid-write
//! leaves the write done.

use std::sync::Arc;

use super::{
    Caller, Rapport,
    error::{Error, Result},
};

/// Where callers change things. What changes them is reached through `Writes::run` alone, which spawns the task: no use
/// case can forget it.
pub struct Writes(Arc<Rapport>);

impl Writes {
    pub(super) fn new(rapport: Arc<Rapport>) -> Self {
        Self(rapport)
    }

    /// Runs a write in a task of its own.
    pub(super) async fn run<T, F>(&self, caller: &Caller, write: impl FnOnce(Arc<Rapport>, Caller) -> F) -> Result<T>
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
