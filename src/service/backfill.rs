//! Brings old records into an index that is younger than they are: the index of occasions.
//!
//! The listing is gone through bucket by bucket, and how far it came is stored after every few hundred customers: so it goes
//! on where it was when the process ends. Any number of replicas may do it at once; what is done twice does no harm. It begins
//! when the store is written in the format since which every replica keeps the index: until then one of the release before
//! may write beside this one. Whoever reads the index asks whether it is finished.

use std::{collections::HashSet, sync::Arc, time::Duration};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::{indexing, worker::Worker};
use crate::{
    domain::{CustomerId, TenantId},
    store::{
        CustomerKey, Document, Hint, HintIndex, HintRange, Result, Revision, Store, StoreError, StoreExt as _,
        codec::backfill::{self as codec, Progress},
        hints,
        records::Records,
        sealing::{IndexKey, random},
        walk::has_hint,
    },
};

/// The document that says how far it came.
const DOCUMENT: &str = "backfill:occasions";
/// The format since which the index is kept.
const FORMAT: u16 = 2;
/// Customers between two notes of the progress: so much is done again after a crash.
const STEP: usize = 256;
/// Records opened at once: each may take a MiB.
const RECORDS_AT_ONCE: usize = 64;
/// Entries put at once: lets the store group its writes.
const PUTS_AT_ONCE: usize = 16;
/// The pause between two steps: most of the store and of a core stays free for calls.
const PAUSE: Duration = Duration::from_millis(10);
/// How often it is looked whether there is something to do: the format may have been raised, the store may be back.
pub const LOOK_EVERY: Duration = Duration::from_secs(30);

/// What a step came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// There may be more to do.
    GoOn,
    /// All records are in the index.
    Finished,
    /// The store is not written in the format for it.
    NotYet,
}

/// Fills the index of occasions.
pub struct Backfill {
    records: Arc<Records>,
    worker: Arc<Worker>,
}

/// Works until cancelled, for the first time after a pause.
pub async fn run(backfill: Arc<Backfill>, tenant: TenantId, mut pause: Duration) {
    loop {
        tokio::time::sleep(pause).await;
        pause = backfill.work(&tenant).await;
    }
}

/// Whether every record of the tenant is in the index.
pub(super) async fn is_finished(store: &dyn Store, tenant: &TenantId) -> Result<bool> {
    Ok(progress(store, tenant).await?.1.is_finished())
}

/// How far it came. What does not decode is as good as nothing: it begins again.
async fn progress(store: &dyn Store, tenant: &TenantId) -> Result<(Option<Revision>, Progress)> {
    let there = store.document(tenant, DOCUMENT, None).await?;
    let revision = there.as_ref().map(|document| document.revision);
    let progress = there.and_then(|document| codec::decode(&document.bytes).ok());
    Ok((revision, progress.unwrap_or_default()))
}

impl Backfill {
    pub(super) fn new(records: Arc<Records>, worker: Arc<Worker>) -> Self {
        Self { records, worker }
    }

    /// Does a step; how long to wait for the next. What fails is logged.
    pub async fn work(&self, tenant: &TenantId) -> Duration {
        match self.step(tenant).await {
            Ok(Step::GoOn) => PAUSE,
            Ok(Step::Finished | Step::NotYet) => LOOK_EVERY,
            Err(fault) => {
                tracing::warn!(error = %fault, "old records are not all in the index of occasions; tried again");
                LOOK_EVERY
            }
        }
    }

    /// Does the next few hundred customers, and notes how far it came.
    pub async fn step(&self, tenant: &TenantId) -> Result<Step> {
        let (expect, mut progress) = progress(self.records.store.as_ref(), tenant).await?;
        if progress.is_finished() {
            return Ok(Step::Finished);
        }
        if self.records.write_format.get() < FORMAT {
            return Ok(Step::NotYet);
        }
        if progress == Progress::default() {
            // Whom a replica of the release before recorded last is in the listing then.
            self.worker.catch_up().await?;
        }
        let mut done = 0;
        while done < STEP && !progress.is_finished() {
            done += self.advance(tenant, &mut progress).await?;
        }
        let counter = expect.map_or(0, |revision| revision.counter) + 1;
        let revision = Revision { counter, write_id: u64::from_be_bytes(random()?) };
        let document = Document { revision, bytes: codec::encode(&progress).into() };
        match self.records.store.put_document(tenant, DOCUMENT, expect, document, 1).await {
            Ok(()) if progress.is_finished() => {
                tracing::info!("all records are in the index of occasions");
                Ok(Step::Finished)
            }
            // Another replica noted its progress: go on from there.
            Ok(()) | Err(StoreError::Conflict) => Ok(Step::GoOn),
            Err(fault) => Err(fault),
        }
    }

    /// Does the next page of the listing; how many it holds.
    async fn advance(&self, tenant: &TenantId, progress: &mut Progress) -> Result<usize> {
        let after = (!progress.after.is_empty()).then(|| progress.after.clone());
        // `buckets` is below 256, so its low byte is all of it.
        let bucket = progress.buckets.to_be_bytes()[1];
        let range = HintRange::default().after(after);
        let page = self.records.store.hints(tenant, HintIndex::Listing, bucket, &range, STEP).await?;
        let listed = page.iter().filter_map(|(member, _)| <[u8; 16]>::try_from(member.as_slice()).ok());
        let key = |bytes| CustomerKey { tenant: tenant.clone(), customer: CustomerId::from_bytes(bytes) };
        let keys: Vec<CustomerKey> = listed.map(key).collect();
        for some in keys.chunks(RECORDS_AT_ONCE) {
            self.index(tenant, some).await?;
        }
        match page.last() {
            Some((last, _)) if page.len() == STEP => progress.after.clone_from(last),
            _ => *progress = Progress { buckets: progress.buckets + 1, after: Vec::new() },
        }
        Ok(page.len())
    }

    async fn index(&self, tenant: &TenantId, keys: &[CustomerKey]) -> Result<()> {
        let store = self.records.store.as_ref();
        // Not before there are customers: a restored store gets the index key of its export.
        let index_key = self.records.ring.index_key(tenant).await?;
        let put = |hint: Hint| async move {
            if has_hint(store, tenant, &hint).await? {
                return Ok(None);
            }
            // A revision before all others: the index worker's own entries replace it.
            store.put_hint(tenant, &hint, 0).await?;
            Ok::<_, StoreError>(Some(hint))
        };
        let due = stream::iter(self.due(&index_key, keys).await?);
        let put: Vec<Option<Hint>> = due.map(put).buffer_unordered(PUTS_AT_ONCE).try_collect().await?;
        let put: Vec<Hint> = put.into_iter().flatten().collect();
        // A record may have changed in between. What it does not justify any more is taken back; if it justifies it
        // again, the worker's entry has a higher revision and stays.
        let whose: HashSet<CustomerId> = put.iter().filter_map(hints::customer_of).collect();
        let again: Vec<CustomerKey> = keys.iter().filter(|key| whose.contains(&key.customer)).cloned().collect();
        let still: HashSet<Hint> = self.due(&index_key, &again).await?.into_iter().collect();
        for hint in put.iter().filter(|hint| !still.contains(hint)) {
            store.drop_hint(tenant, hint, 0).await?;
        }
        Ok(())
    }

    /// The entries that these customers should have. A record that does not open has none: `fsck` reports it.
    async fn due(&self, index_key: &IndexKey, keys: &[CustomerKey]) -> Result<Vec<Hint>> {
        let mut due = Vec::new();
        for (key, record) in keys.iter().zip(self.records.read_many(keys).await?) {
            if let Ok(Some(current)) = record {
                due.extend(indexing::occasions_of(index_key, key, &current.profile));
            }
        }
        Ok(due)
    }
}
