//! The index worker: fills the indexes from the bucket logs. Doing a task twice is harmless, and what must
//! not be done twice is done in the step that moves the cursor: so any number of replicas may work the same log, and a
//! crash between two steps is made good by the next sweep. A worker that loses the race for that step may have put back a
//! hint that another worker had dropped, so it re-checks the hints it wrote. Beside that it notes once a second, in the key store, how far
//! the logs have come.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use futures_util::{StreamExt, TryStreamExt as _, stream};
use tokio::sync::Notify;

use super::{clock::Clock, erasures, error::Error, indexing, tallies};
use crate::domain::TouchedParts;
use crate::store::{
    ALL_BUCKETS, Advance, BUCKETS, CustomerKey, Erasure, Hint, IndexOp, LogEntry, LogPage, LogPosition, Result, Store,
    StoreError, StoreExt as _, fitness::MARKED_FORMAT, hints, keys, leftovers, records::Records,
};

/// How often all buckets are looked through for what another process left behind.
const SWEEP_EVERY: Duration = Duration::from_secs(30);
/// Log entries taken at once.
const BATCH: usize = 256;
/// Entries of a bucket's log that stay after the worker has done them: none, since nobody else reads the log.
const LOG_KEEP: u64 = 0;
/// Buckets worked at once: lets the store group their writes.
const BUCKETS_AT_ONCE: usize = 16;
/// Keys marked at once: lets the key store group its writes.
const KEYS_AT_ONCE: usize = 16;
/// The pause after a failure of the store.
const PAUSE: Duration = Duration::from_millis(500);
/// How often an erasure that this process could not finish is tried again, instead of at the next sweep: once a second, as readiness asks
/// whether the store is back.
const ERASURES_AGAIN: Duration = Duration::from_secs(1);

/// Fills the indexes from the logs.
pub struct Worker {
    records: Arc<Records>,
    clock: Clock,
    signal: Signal,
    /// Whether an erasure may be unfinished that this process began.
    erasures_left: AtomicBool,
}

/// Buckets with new log entries.
#[derive(Default)]
struct Signal {
    marked: [AtomicU64; BUCKETS as usize / 64],
    notify: Notify,
}

impl Signal {
    fn mark(&self, bucket: u8) {
        let bucket = usize::from(bucket);
        self.marked[bucket / 64].fetch_or(1 << (bucket % 64), Ordering::Release);
        self.notify.notify_one();
    }

    fn take(&self) -> Vec<u8> {
        let mut buckets = Vec::new();
        for (index, word) in self.marked.iter().enumerate() {
            let mut bits = word.swap(0, Ordering::Acquire);
            while bits != 0 {
                buckets.push((index * 64 + bits.trailing_zeros() as usize) as u8);
                bits &= bits - 1;
            }
        }
        buckets
    }
}

/// Works until cancelled.
pub async fn run(worker: Arc<Worker>) {
    tokio::join!(fill_indexes(&worker), note_ends(&worker));
}

/// Notes beside the keys how far the logs have come. Where that fails, readiness says why.
async fn note_ends(worker: &Worker) {
    let mut turns = tokio::time::interval(crate::store::fitness::NOTE_EVERY);
    turns.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        turns.tick().await;
        if let Err(fault) = worker.records.ring.note_ends(worker.clock.now().as_millisecond()).await {
            tracing::debug!(error = %fault, "how far the logs have come could not be noted; it is tried again in a second");
        }
    }
}

async fn fill_indexes(worker: &Worker) {
    let mut sweep = tokio::time::interval(SWEEP_EVERY);
    sweep.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut again = tokio::time::interval(ERASURES_AGAIN);
    again.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        let result = tokio::select! {
            _ = sweep.tick() => worker.sweep_begun().await,
            _ = again.tick() => {
                worker.erase_again().await;
                continue;
            }
            () = worker.signal.notify.notified() => worker.work(worker.signal.take()).await,
        };
        if let Err(fault) = result {
            tracing::warn!(error = %fault, "the index worker could not go on; the next sweep does what is left");
            tokio::time::sleep(PAUSE).await;
        }
    }
}

impl Worker {
    pub(super) fn new(records: Arc<Records>, clock: Clock) -> Self {
        Self { records, clock, signal: Signal::default(), erasures_left: AtomicBool::new(false) }
    }

    /// A commit was made in this bucket.
    pub(super) fn mark(&self, bucket: u8) {
        self.signal.mark(bucket);
    }

    /// An erasure may be unfinished: it is gone on with until it is not.
    pub(super) fn look_for_erasures(&self) {
        self.erasures_left.store(true, Ordering::Release);
    }

    /// Goes on with what this process could not finish. The log says of the store itself what is wrong.
    async fn erase_again(&self) {
        if self.erasures_left.swap(false, Ordering::AcqRel)
            && let Err(fault) = self.finish_erasures().await
        {
            tracing::debug!(error = %fault, "an erasure is not finished; it is tried again in a second");
            self.look_for_erasures();
        }
    }

    /// Finishes erasures whose key is destroyed, whoever began them.
    async fn finish_erasures(&self) -> Result<()> {
        for found in self.records.store.erasures(&ALL_BUCKETS).await? {
            let erasures = found.unwrap_or_else(|fault| {
                tracing::error!(error = %fault, "what is left of erased customers cannot be read; run rapport fsck --repair");
                Vec::new()
            });
            for erasure in erasures {
                self.finish_erasure(&erasure).await?;
            }
        }
        Ok(())
    }

    async fn finish_erasure(&self, erasure: &Erasure) -> Result<()> {
        let key = erasure.key();
        match erasures::settle(&self.records, erasure, self.clock.now().as_millisecond()).await {
            Ok(false) => Ok(()),
            Ok(true) => {
                tracing::info!(customer.id = %key.customer, "what was left of an erased customer is removed");
                self.work(vec![keys::bucket(&key.tenant, &key.customer)]).await
            }
            // It concerns this customer alone; fsck tells it.
            Err(Error::Store(StoreError::Corrupt(_)) | Error::Contended) => Ok(()),
            Err(Error::Store(fault)) => Err(fault),
            Err(other) => Err(StoreError::Unavailable(other.to_string().into())),
        }
    }

    /// Removes what is left of everybody whose key is destroyed, and answers of how many: data that were put back have all of them. The walk through
    /// the records would come to their records later, and nobody to what led to them.
    ///
    /// # Errors
    /// Those of the stores; also where a log is broken, after the others were done.
    pub async fn remove_erased(&self) -> Result<u64> {
        // First: what waits in a log would put entries of indexes back.
        let caught_up = self.catch_up().await;
        let destroyed = self.records.ring.destroyed().await?;
        let now_ms = self.clock.now().as_millisecond();
        let count = leftovers::remove(self.records.store.as_ref(), &destroyed, now_ms).await?;
        caught_up?;
        self.catch_up().await?;
        Ok(count)
    }

    /// Nothing was ever written into new stores, and nothing is before they have their marks.
    async fn sweep_begun(&self) -> Result<()> {
        match self.records.store.write_format().await? {
            Some(_) => self.sweep().await,
            None => Ok(()),
        }
    }

    /// Works every bucket that has something left, finishes erasures, and collects garbage.
    pub async fn sweep(&self) -> Result<()> {
        // A log that is broken holds up its own bucket, and no erasure.
        let caught_up = self.catch_up().await;
        self.finish_erasures().await?;
        caught_up?;
        self.records.store.purge(self.clock.now().as_millisecond()).await?;
        Ok(())
    }

    /// Works every bucket that has something left, also what older releases left behind in logs that are done.
    pub async fn catch_up(&self) -> Result<()> {
        self.work(ALL_BUCKETS.to_vec()).await
    }

    /// Works these buckets until nothing is left in their logs.
    pub(super) async fn work(&self, buckets: Vec<u8>) -> Result<()> {
        let positions = self.records.store.log_positions(&buckets).await?;
        let is_due = |position: &LogPosition| position.cursor < position.end || position.trimmed < position.cursor;
        let behind = buckets.into_iter().zip(positions).filter(|(_, position)| is_due(position));
        let behind: Vec<(u8, u64)> = behind.map(|(bucket, position)| (bucket, position.cursor)).collect();
        let now_ms = self.clock.now().as_millisecond();
        let mut done = stream::iter(behind)
            .map(|(bucket, cursor)| self.work_bucket(bucket, cursor, now_ms))
            .buffer_unordered(BUCKETS_AT_ONCE);
        let mut result = Ok(());
        while let Some(one) = done.next().await {
            if one.is_err() {
                result = one;
            }
        }
        result
    }

    async fn work_bucket(&self, bucket: u8, mut cursor: u64, now_ms: i64) -> Result<()> {
        let store = self.records.store.as_ref();
        loop {
            let page = store.log(bucket, cursor, BATCH).await?;
            let Some((last, _)) = page.entries.last() else {
                if page.trimmed < cursor {
                    store
                        .advance(Advance { bucket, from: cursor, to: cursor, keep: LOG_KEEP, values: Vec::new() })
                        .await?;
                }
                return Ok(());
            };
            let to = *last;
            self.commit_keys(bucket, &page).await?;
            let is_erasure = |(_, entry): &&(u64, LogEntry)| entry.touched == TouchedParts::ERASED;
            let erased: BTreeMap<&CustomerKey, u64> =
                page.entries.iter().filter(is_erasure).map(|(at, entry)| (&entry.key, *at)).collect();
            for (at, entry) in &page.entries {
                // An erasure that nobody could read the record for does not say what the entries before it put.
                let is_erased_later = erased.get(&entry.key).is_some_and(|erased_at| at < erased_at);
                for op in &entry.index {
                    if !(is_erased_later && matches!(op, IndexOp::List | IndexOp::PutHint(_))) {
                        carry_out(store, entry, op).await?;
                    }
                }
                if entry.touched == TouchedParts::ERASED {
                    // Nothing leads to the customer any more.
                    leftovers::drop_note(store, &entry.key).await?;
                }
            }
            let values = tallies::fold(store, bucket, &page.entries, now_ms).await?;
            let step = Advance { bucket, from: cursor, to, keep: LOG_KEEP, values };
            cursor = if store.advance(step).await? {
                // What was committed after this page was read has marked the bucket again.
                if to >= page.end {
                    return Ok(());
                }
                to
            } else {
                self.drop_stale_hints(&page.entries).await?;
                // Another replica was here: go on from where it is.
                store.log_positions(&[bucket]).await?.first().map_or(to, |position| position.cursor)
            };
        }
    }

    /// Notes of new customers that their records were committed: from then on one that is not there was lost. It is noted before their
    /// identities are confirmed.
    async fn commit_keys(&self, bucket: u8, page: &LogPage) -> Result<()> {
        let mut made = BTreeSet::new();
        follow_listing(&mut made, &page.entries, true);
        // The store is asked, and not what this process writes in: it may not have looked yet.
        let is_marked = |format: Option<u32>| format.is_some_and(|format| format >= u32::from(MARKED_FORMAT));
        if made.is_empty() || !is_marked(self.records.store.write_format().await?) {
            return Ok(());
        }
        // Who was given up is unlisted, perhaps after this page: one that was made again would be taken for lost.
        let last = page.entries.last().map_or(0, |(at, _)| *at);
        if last < page.end {
            self.drop_unlisted(bucket, last, &mut made).await?;
        }
        let commit = |key: CustomerKey| async move { self.records.ring.commit(&key).await };
        stream::iter(made).map(commit).buffer_unordered(KEYS_AT_ONCE).try_collect().await
    }

    /// Drops those who have no record and are unlisted after this position of the log.
    async fn drop_unlisted(&self, bucket: u8, mut after: u64, made: &mut BTreeSet<CustomerKey>) -> Result<()> {
        let store = self.records.store.as_ref();
        let keys: Vec<CustomerKey> = made.iter().cloned().collect();
        let records = store.records(&keys).await?;
        let mut absent: BTreeSet<CustomerKey> =
            keys.into_iter().zip(records).filter(|(_, record)| record.is_none()).map(|(key, _)| key).collect();
        made.retain(|key| !absent.contains(key));
        while !absent.is_empty() {
            let page = store.log(bucket, after, BATCH).await?;
            let Some((last, _)) = page.entries.last() else { break };
            follow_listing(&mut absent, &page.entries, false);
            after = *last;
        }
        made.append(&mut absent);
        Ok(())
    }

    /// Re-checks the hints of these entries and drops those that no record justifies: this worker's late write may have brought
    /// back a hint that a faster worker had removed. A newer hint stays, by its revision.
    async fn drop_stale_hints(&self, entries: &[(u64, LogEntry)]) -> Result<()> {
        for (_, entry) in entries {
            let put = |op: &IndexOp| match op {
                IndexOp::PutHint(hint) => Some(hint.clone()),
                IndexOp::List => Some(hints::in_all_customers(&entry.key)),
                _ => None,
            };
            let late: Vec<Hint> = entry.index.iter().filter_map(put).collect();
            if late.is_empty() {
                continue;
            }
            let justified = match self.justified(&entry.key).await {
                Ok(justified) => justified,
                // What does not open is no proof against them.
                Err(StoreError::Corrupt(_)) => continue,
                Err(fault) => return Err(fault),
            };
            for hint in late.iter().filter(|hint| !justified.contains(hint)) {
                self.records.store.drop_hint(&entry.key.tenant, hint, entry.revision.counter).await?;
            }
        }
        Ok(())
    }

    /// The hints that a customer should have.
    async fn justified(&self, key: &CustomerKey) -> Result<Vec<Hint>> {
        let Some(current) = self.records.read(key).await? else { return Ok(Vec::new()) };
        let index_key = self.records.ring.index_key(&key.tenant).await?;
        let mut due = indexing::hints_of(&index_key, key, &current.profile);
        due.push(hints::in_all_customers(key));
        Ok(due)
    }
}

/// Takes out of `made` whom these entries unlist, and puts in, if wanted, whom they list.
fn follow_listing(made: &mut BTreeSet<CustomerKey>, entries: &[(u64, LogEntry)], puts_in: bool) {
    for (_, entry) in entries {
        for op in &entry.index {
            match op {
                IndexOp::List if puts_in => drop(made.insert(entry.key.clone())),
                IndexOp::Unlist => drop(made.remove(&entry.key)),
                _ => {}
            }
        }
    }
}

async fn carry_out(store: &dyn Store, entry: &LogEntry, op: &IndexOp) -> Result<()> {
    let (tenant, revision) = (&entry.key.tenant, entry.revision.counter);
    match op {
        IndexOp::Confirm { identity, token } => store.confirm(identity, *token).await,
        IndexOp::Release { identity, token } => store.release(identity, *token).await,
        IndexOp::ConfirmBudget { key, token } => store.confirm_budget(key, *token).await,
        IndexOp::List => store.put_hint(tenant, &hints::in_all_customers(&entry.key), revision).await,
        IndexOp::Unlist => store.drop_hint(tenant, &hints::in_all_customers(&entry.key), revision).await,
        IndexOp::PutHint(hint) => store.put_hint(tenant, hint, revision).await,
        IndexOp::DropHint(hint) => store.drop_hint(tenant, hint, revision).await,
        // Folded when the cursor moves.
        IndexOp::Count { .. } => Ok(()),
        IndexOp::Sealed(_) => {
            let what = "an entry of the log does not open: it is damaged, or sealed with another tenant's key";
            Err(StoreError::Corrupt(what.into()).of_customer(&entry.key))
        }
    }
}
