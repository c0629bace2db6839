//! The deadline of every call: no caller waits for a store that does not answer. A request to Redis has a shorter one in
//! its connection, whose end means that the connection is dead; this one bounds the whole call, with its queues and all
//! its round trips, and bounds redb, which would wait for a stalled disk as long as the disk does.

use std::{sync::Arc, time::Duration};

use tokio::time::timeout;

use super::{Layer, Method};
use crate::store::{Result, Store, StoreError};

/// How long calls may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadlines {
    /// Calls that change nothing.
    pub read: Duration,
    /// Calls that change something; when it passes, the outcome is unknown.
    pub write: Duration,
    /// What may take long without anything being wrong: reading names, collecting garbage, and changing a value, for which
    /// callers queue.
    pub long: Duration,
}

impl Default for Deadlines {
    /// A read takes milliseconds, also of many keys. A write may wait for the disk, but no longer than half of what a
    /// hold lives (ten seconds): a commit after that could only be refused. A scan
    /// looks at many keys, and hundreds may queue for a value.
    fn default() -> Self {
        Self { read: Duration::from_secs(2), write: Duration::from_secs(5), long: Duration::from_mins(1) }
    }
}

impl Deadlines {
    /// Of a command that checks or copies a store: nobody stands at a till meanwhile, and one that gave up would have to begin again.
    pub fn patient() -> Self {
        let long = Self::default().long;
        Self { read: long, write: long, long }
    }

    /// `None`: it reads everything, as long as that takes.
    fn of(&self, method: Method) -> Option<Duration> {
        match method {
            Method::Dump => None,
            Method::Names | Method::Purge | Method::Change => Some(self.long),
            method if method.changes() => Some(self.write),
            _ => Some(self.read),
        }
    }
}

/// A store whose calls end in time.
pub struct Deadline {
    inner: Arc<dyn Store>,
    deadlines: Deadlines,
}

impl Deadline {
    /// Puts the deadlines around every call of `inner`.
    pub fn new(inner: Arc<dyn Store>, deadlines: Deadlines) -> Self {
        Self { inner, deadlines }
    }
}

impl Layer for Deadline {
    fn inner(&self) -> &dyn Store {
        self.inner.as_ref()
    }

    async fn around<T: Send>(
        &self,
        method: Method,
        _operations: usize,
        call: impl Future<Output = Result<T>> + Send,
    ) -> Result<T> {
        let Some(deadline) = self.deadlines.of(method) else { return call.await };
        timeout(deadline, call).await.unwrap_or_else(|_| {
            let cause = format!("the store did not answer `{}` within {deadline:?}", method.name()).into();
            Err(if method.changes() { StoreError::Unknown(cause) } else { StoreError::Unavailable(cause) })
        })
    }
}
