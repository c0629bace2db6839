//! Whether what answers was compared. Behind a new connection may be another store than before: an older copy that was put back, or a
//! replica that was promoted. So nothing is asked of it, and no answer of it is given, before it was looked at: whoever comes first looks,
//! and the others wait for that. While the connections stay, this costs no round trip.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use tokio::sync::Mutex;

use super::Fitness;
use crate::{
    domain::TenantId,
    store::{Result, StoreError, StoreExt as _},
};

/// The connections through which the stores were looked at.
#[derive(Default)]
pub(super) struct Compared {
    /// Whether they were looked at at all: nothing is written into new ones before they have their marks.
    is_done: AtomicBool,
    data: AtomicU64,
    keys: AtomicU64,
    /// One looks at a time.
    turn: Mutex<()>,
}

/// How many connections there were to each store so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Connections {
    data: u64,
    keys: u64,
}

impl Fitness {
    /// The same for the stores of a tenant, which are looked at whenever a connection to one of them is new.
    #[must_use]
    pub fn of_tenant(self, tenant: TenantId) -> Self {
        Self { tenant: Some(tenant), ..self }
    }

    /// Carries out a call of one of the stores, and answers only if what answered was compared and is whole.
    ///
    /// # Errors
    /// `Unfit`: it is not whole. Those of the call, and of both stores.
    pub async fn around<T: Send>(&self, changes: bool, call: impl Future<Output = Result<T>> + Send) -> Result<T> {
        self.compared(changes).await?;
        let answer = call.await;
        match &answer {
            Err(StoreError::Unavailable(_) | StoreError::Unknown(_)) => return answer,
            // Whoever served from an embedded store finds that its file is another's by now.
            Err(fault) => self.remember(fault),
            Ok(_) => {}
        }
        // The connection may be another since, and what answered too.
        match self.compared(changes).await {
            Ok(()) => answer,
            // What the call has changed may be where it belongs.
            Err(StoreError::Unavailable(cause)) if changes => Err(StoreError::Unknown(cause)),
            Err(fault) => Err(fault),
        }
    }

    async fn compared(&self, changes: bool) -> Result<()> {
        if !self.is_compared() {
            Box::pin(self.compare(changes)).await?;
        }
        self.check()
    }

    /// Whether both stores were looked at through the connections that they have now. No I/O.
    pub(super) fn is_compared(&self) -> bool {
        let Connections { data, keys } = self.connections();
        self.tenant.is_none()
            || (self.compared.is_done.load(Ordering::Acquire)
                && data == self.compared.data.load(Ordering::Acquire)
                && keys == self.compared.keys.load(Ordering::Acquire))
    }

    pub(super) fn connections(&self) -> Connections {
        Connections { data: self.data.connections(), keys: self.keys.connections() }
    }

    /// Notes that the stores were looked at through these connections, and that what is wrong with them is known.
    pub(super) fn note_compared(&self, through: Connections) {
        self.compared.data.fetch_max(through.data, Ordering::AcqRel);
        self.compared.keys.fetch_max(through.keys, Ordering::AcqRel);
        self.compared.is_done.store(true, Ordering::Release);
    }

    async fn compare(&self, changes: bool) -> Result<()> {
        let Some(tenant) = &self.tenant else { return Ok(()) };
        let _turn = self.compared.turn.lock().await;
        if self.is_compared() {
            return Ok(());
        }
        let through = self.connections();
        if let Some(format) = self.data.write_format().await? {
            return self.look(u16::try_from(format).ok(), tenant).await;
        }
        let begun = self.may_begin().await;
        if matches!(begun, Err(StoreError::Unfit(_))) {
            self.note_compared(through);
        }
        begun?;
        if !changes {
            return Ok(());
        }
        // What is acknowledged before they have their marks would be taken for a loss once they are looked at. Why they have none may be for the
        // operator to set right.
        self.data.ready().await?;
        self.keys.ready().await?;
        Err(StoreError::Unavailable("the stores are new, and have no marks yet".into()))
    }
}
