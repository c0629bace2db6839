//! Removes what is left of destroyed keys in the files of the key store, within a minute: see [`crate::store::keystore::Copies`]. Each replica does
//! so for all of them, and after a crash at its start. Where it cannot be, receipts of erasures say so.

use std::{sync::Arc, time::Duration};

use arc_swap::ArcSwapOption;
use tokio::{
    sync::Notify,
    time::{sleep, timeout},
};

use super::clock::Clock;
use crate::{
    domain::Timestamp,
    store::{Result, StoreError, sealing::KeyRing},
};

/// How long it waits after an erasure for others: the files are written once for all of them, and there is time left to try again.
const GATHER: Duration = Duration::from_secs(10);
/// How often it looks for what another process left.
const LOOK_EVERY: Duration = Duration::from_secs(30);
/// The pause after a failure: a file may be being written already, or the store be away for moments.
const AGAIN: Duration = Duration::from_secs(2);
/// The time that receipts name.
const WITHIN_MS: i64 = 60_000;
/// How long a stopping server takes for it. What is not done then is done at the next start.
const STOP_MAX: Duration = Duration::from_secs(2);

/// Copies of destroyed keys, of both the customers of this process and others.
pub struct DestroyedKeys {
    ring: Arc<KeyRing>,
    clock: Clock,
    destroyed: Notify,
    /// What cannot be removed in time.
    stuck: ArcSwapOption<Stuck>,
}

struct Stuck {
    since_ms: Option<i64>,
    cause: String,
}

/// Removes them until cancelled.
pub async fn run(keys: Arc<DestroyedKeys>) {
    loop {
        let pause = keys.turn().await;
        tokio::select! {
            () = sleep(pause) => {}
            () = keys.destroyed.notified() => sleep(GATHER).await,
        }
    }
}

impl DestroyedKeys {
    pub(super) fn new(ring: Arc<KeyRing>, clock: Clock) -> Self {
        Self { ring, clock, destroyed: Notify::new(), stuck: ArcSwapOption::empty() }
    }

    /// Says that a key was destroyed, and answers since when copies of destroyed keys may live that cannot be removed; `None`: this one is gone
    /// within a minute, as far as is known.
    pub(super) async fn note(&self) -> Option<Timestamp> {
        self.destroyed.notify_one();
        if self.stuck.load().is_none()
            && let Err(fault) = self.ring.may_remove_copies().await
        {
            self.tell(None, &fault);
        }
        let stuck = self.stuck.load();
        let now = self.clock.now();
        stuck.as_ref().map(|stuck| stuck.since_ms.and_then(|ms| Timestamp::from_millisecond(ms).ok()).unwrap_or(now))
    }

    /// Removes those that are noted, and answers when it should look again.
    async fn turn(&self) -> Duration {
        match self.remove().await {
            Ok(removed) => {
                let was_stuck = self.stuck.swap(None).is_some();
                if removed || was_stuck {
                    tracing::info!("no copy of a destroyed key is left in the files of the key store");
                }
                LOOK_EVERY
            }
            Err((since_ms, fault)) => {
                self.tell(since_ms, &fault);
                AGAIN
            }
        }
    }

    /// Removes those that are noted. Answers whether there were any; else, since when there may be.
    async fn remove(&self) -> std::result::Result<bool, (Option<i64>, StoreError)> {
        // Why the store cannot be read is told by whoever asks whether it is ready.
        let away = |fault: StoreError| (None, StoreError::Unavailable(fault.to_string().into()));
        let Some(copies) = self.ring.copies().await.map_err(away)? else {
            // Before anybody is erased.
            return self.ring.may_remove_copies().await.map(|()| false).map_err(|fault| (None, fault));
        };
        let since_ms = copies.since_ms;
        // First, so that the cause is the one that a receipt was given for.
        self.ring.may_remove_copies().await.map_err(|fault| (since_ms, fault))?;
        self.ring.remove_copies(copies).await.map_err(|fault| (since_ms, fault))?;
        Ok(true)
    }

    /// Tells of each cause once: until the operator has changed something, it stays the same.
    fn tell(&self, since_ms: Option<i64>, fault: &StoreError) {
        let is_late = since_ms.is_some_and(|since_ms| self.clock.now().as_millisecond() - since_ms > WITHIN_MS);
        let stuck = self.stuck.load();
        // A store that is away is told of by readiness.
        if !is_late && !matches!(fault, StoreError::Misconfigured(_) | StoreError::Full(_)) {
            tracing::debug!(error = %fault, "copies of destroyed keys are not removed yet; it is tried again");
            return;
        }
        let cause = fault.to_string();
        if stuck.as_ref().is_none_or(|stuck| stuck.cause != cause) {
            tracing::warn!(
                %cause,
                "copies of destroyed keys stay in the files of the key store, and with an older copy of the data they open what was erased; \
                 receipts of erasures say so; docs/operate.md says what to do"
            );
        }
        let since_ms = since_ms.or_else(|| stuck.as_ref().and_then(|stuck| stuck.since_ms));
        self.stuck.store(Some(Arc::new(Stuck { since_ms, cause })));
    }

    /// Removes those of the last seconds before the process ends, as far as there is time.
    pub async fn remove_last(&self) {
        // Of a store that is away nobody knows whether there are any.
        if !matches!(timeout(STOP_MAX, self.remove()).await, Ok(Ok(_) | Err((None, _)))) {
            tracing::warn!("copies of keys that were destroyed in the last seconds are removed at the next start");
        }
    }

    /// Since when copies of destroyed keys may live, as far as it is noted; the outer `None`: there are none.
    pub(super) async fn copies_since(&self) -> Result<Option<Option<i64>>> {
        Ok(self.ring.copies().await?.map(|copies| copies.since_ms))
    }
}
