//! The index worker: fills the indexes from the bucket logs. Doing a task twice is harmless, so that any number of
//! replicas may work the same log, and a crash between two steps is made good by the next sweep.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use futures_util::{StreamExt, stream};
use tokio::sync::Notify;

use super::Rapport;
use crate::store::{BUCKETS, HintIndex, IndexOp, LogEntry, Result, Store};

/// How often all buckets are looked through for what another process left behind.
const SWEEP_EVERY: Duration = Duration::from_secs(30);
/// Log entries taken at once.
const BATCH: usize = 256;
/// Entries of a bucket's log that stay for readers of the feed after the worker has done them: 256 × 4,096 is a
/// million changes.
const LOG_KEEP: u64 = 4_096;
/// Buckets worked at once: lets the store group their writes.
const BUCKETS_AT_ONCE: usize = 16;
/// The pause after a failure of the store.
const PAUSE: Duration = Duration::from_millis(500);

/// Buckets with new log entries.
#[derive(Default)]
pub struct Signal {
    marked: [AtomicU64; BUCKETS as usize / 64],
    notify: Notify,
}

impl Signal {
    /// A commit was made in this bucket.
    pub fn mark(&self, bucket: u8) {
        let bucket = usize::from(bucket);
        self.marked[bucket / 64].fetch_or(1 << (bucket % 64), Ordering::Release);
        self.notify.notify_one();
    }

    fn take(&self) -> Vec<u8> {
        let mut buckets = Vec::new();
        for (place, word) in self.marked.iter().enumerate() {
            let mut bits = word.swap(0, Ordering::Acquire);
            while bits != 0 {
                buckets.push((place * 64 + bits.trailing_zeros() as usize) as u8);
                bits &= bits - 1;
            }
        }
        buckets
    }
}

/// Works until cancelled.
pub async fn run(rapport: Arc<Rapport>) {
    let mut sweep = tokio::time::interval(SWEEP_EVERY);
    sweep.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        let result = tokio::select! {
            _ = sweep.tick() => rapport.sweep().await,
            () = rapport.worker.notify.notified() => rapport.work(rapport.worker.take()).await,
        };
        if let Err(fault) = result {
            tracing::warn!(error = %fault, "the index worker could not go on; the next sweep does what is left");
            tokio::time::sleep(PAUSE).await;
        }
    }
}

impl Rapport {
    /// Works every bucket that has something left, and collects garbage.
    pub async fn sweep(&self) -> Result<()> {
        self.catch_up().await?;
        self.answers.purge(self.clock.now());
        self.records.store.purge(self.clock.now().as_millisecond()).await?;
        Ok(())
    }

    /// Works every bucket that has something left.
    pub(super) async fn catch_up(&self) -> Result<()> {
        self.work((0..=u8::MAX).collect()).await
    }

    async fn work(&self, buckets: Vec<u8>) -> Result<()> {
        let store = self.records.store.as_ref();
        let positions = store.log_positions().await?;
        let behind = buckets.into_iter().filter_map(|bucket| {
            let position = positions.get(usize::from(bucket))?;
            (position.cursor < position.end).then_some((bucket, position.cursor))
        });
        let behind: Vec<(u8, u64)> = behind.collect();
        let mut done = stream::iter(behind)
            .map(|(bucket, cursor)| work_bucket(store, bucket, cursor))
            .buffer_unordered(BUCKETS_AT_ONCE);
        let mut result = Ok(());
        while let Some(one) = done.next().await {
            if one.is_err() {
                result = one;
            }
        }
        result
    }
}

async fn work_bucket(store: &dyn Store, bucket: u8, mut cursor: u64) -> Result<()> {
    loop {
        let page = store.log(bucket, cursor, BATCH).await?;
        let Some((last, _)) = page.entries.last() else {
            return Ok(());
        };
        let last = *last;
        for (_, entry) in &page.entries {
            for op in &entry.index {
                carry_out(store, bucket, entry, op).await?;
            }
        }
        store.advance(bucket, last, LOG_KEEP).await?;
        cursor = last;
    }
}

async fn carry_out(store: &dyn Store, bucket: u8, entry: &LogEntry, op: &IndexOp) -> Result<()> {
    let (tenant, member) = (&entry.key.tenant, entry.key.customer.as_bytes().as_slice());
    match op {
        IndexOp::Confirm { identity, token } => store.confirm(identity, *token).await,
        IndexOp::Release { identity, token } => store.release(identity, *token).await,
        IndexOp::List => store.put_hint(HintIndex::Listing, tenant, bucket, member, entry.revision.counter).await,
        IndexOp::Unlist => store.drop_hint(HintIndex::Listing, tenant, bucket, member).await,
    }
}
