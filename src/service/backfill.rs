//! Brings old records into an index that is younger than they are: the index of occasions. It also notes in their keys that they were
//! committed, where nobody has yet.
//!
//! First the listing is gone through bucket by bucket, and every record put into the index. Then the index itself is, partition by
//! partition, and what no record justifies is dropped: a replica of the release before changed records and knew nothing of the index, and a
//! process may have ended between putting an entry and looking at the record again. How far it came is stored after every few
//! hundred: so it goes on where it was when the process ends. Any number of replicas may do it at once; what is done twice does no harm.
//!
//! It begins some time after the store is written in the format since which every replica keeps the index: until then one of the release
//! before may write beside this one. Whoever reads the index asks whether it is filled.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    clock::Clock,
    entries::{Entries, Entry},
    worker::Worker,
};
use crate::{
    domain::{CustomerId, TenantId},
    store::{
        CustomerKey, Document, Hint, HintIndex, HintRange, Result, Revision, Store, StoreError, StoreExt as _,
        codec::backfill::{self as codec, Progress},
        records::Records,
        sealing::random,
    },
};

/// The document that says how far it came.
const DOCUMENT: &str = "backfill:occasions";
/// The format since which the index is kept.
const FORMAT: u16 = 2;
/// How long after the format was raised it begins. A replica of the release before may finish calls that were under way, in its ten
/// seconds, or in the twenty in which it drains; the rest is for replicas whose clocks differ. Where the operator allows longer calls, they
/// end those processes first.
pub const GRACE: Duration = Duration::from_mins(5);
/// Customers, or entries, between two notes of the progress: so much is done again after a crash.
const STEP: usize = 256;
/// The shortest pause between two steps.
const PAUSE_MIN: Duration = Duration::from_millis(10);
/// The pause after a step, in times of what the step took: two thirds of a core, and of the store, stay free for calls.
const PAUSE_FOR_STEP: u32 = 2;
/// How often it is looked whether there is something to do: the format may have been raised, the store may be back.
pub const LOOK_EVERY: Duration = Duration::from_secs(30);

/// What a step came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// There may be more to do.
    GoOn,
    /// Another replica noted its progress first.
    Overtaken,
    /// All records are in the index, and nothing else is.
    Finished,
    /// The store is not written in the format for it, or not for long enough.
    NotYet,
}

/// Fills the index of occasions.
pub struct Backfill {
    records: Arc<Records>,
    worker: Arc<Worker>,
    clock: Clock,
}

/// Works until cancelled.
pub async fn run(backfill: Arc<Backfill>, tenant: TenantId) {
    loop {
        let pause = backfill.work(&tenant).await;
        tokio::time::sleep(pause).await;
    }
}

/// Whether every record of the tenant is in the index.
pub(super) async fn is_filled(store: &dyn Store, tenant: &TenantId) -> Result<bool> {
    Ok(progress(store, tenant).await?.1.is_filled())
}

/// How far it came. What does not decode is as good as nothing: it begins again.
async fn progress(store: &dyn Store, tenant: &TenantId) -> Result<(Option<Revision>, Progress)> {
    let there = store.document(tenant, DOCUMENT, None).await?;
    let revision = there.as_ref().map(|document| document.revision);
    let progress = there.and_then(|document| codec::decode(&document.bytes).ok());
    Ok((revision, progress.unwrap_or_default()))
}

/// How long to wait after a step that took so long. `random` keeps replicas apart.
fn pause_after(step: Step, took: Duration, random: u8) -> Duration {
    match step {
        Step::GoOn => (took * PAUSE_FOR_STEP).max(PAUSE_MIN),
        // Both did the same: this one leaves it to the other, and looks whether that one still does it.
        Step::Overtaken => LOOK_EVERY + LOOK_EVERY * u32::from(random) / u32::from(u8::MAX),
        Step::Finished | Step::NotYet => LOOK_EVERY,
    }
}

impl Backfill {
    pub(super) fn new(records: Arc<Records>, worker: Arc<Worker>, clock: Clock) -> Self {
        Self { records, worker, clock }
    }

    /// Does a step; how long to wait for the next. What fails is logged.
    async fn work(&self, tenant: &TenantId) -> Duration {
        let begun = Instant::now();
        match self.step(tenant).await {
            Ok(step) => pause_after(step, begun.elapsed(), random().map_or(0, |[byte]| byte)),
            Err(fault) => {
                tell_failed(&fault);
                LOOK_EVERY
            }
        }
    }

    /// Does the next few hundred customers or entries, and notes how far it came.
    pub async fn step(&self, tenant: &TenantId) -> Result<Step> {
        self.step_after(tenant, GRACE).await
    }

    /// Does all of it for a store that nobody wrote to before: there is no release before to wait for.
    pub async fn finish_new(&self, tenant: &TenantId) {
        loop {
            match self.step_after(tenant, Duration::ZERO).await {
                Ok(Step::GoOn | Step::Overtaken) => {}
                Ok(Step::Finished | Step::NotYet) => return,
                Err(fault) => return tell_failed(&fault),
            }
        }
    }

    async fn step_after(&self, tenant: &TenantId, grace: Duration) -> Result<Step> {
        if self.records.write_format.get() < FORMAT {
            return Ok(Step::NotYet);
        }
        let (expect, before) = progress(self.records.store.as_ref(), tenant).await?;
        if before.is_finished() {
            return Ok(Step::Finished);
        }
        let mut progress = before.clone();
        if progress.buckets == 0 && progress.after.is_empty() {
            let now_ms = self.clock.now().as_millisecond();
            // A time to come is of a clock that was wrong.
            let raised_ms = progress.raised_ms.map_or(now_ms, |raised_ms| raised_ms.min(now_ms));
            progress.raised_ms = Some(raised_ms);
            if u128::from(raised_ms.abs_diff(now_ms)) < grace.as_millis() {
                if progress != before {
                    self.note(tenant, expect, &progress).await?;
                }
                return Ok(Step::NotYet);
            }
            // Whom a replica of the release before recorded last is in the listing then.
            self.worker.catch_up().await?;
        }
        let mut done = 0;
        while done < STEP && !progress.is_finished() {
            done += self.advance(tenant, &mut progress).await?;
        }
        if !self.note(tenant, expect, &progress).await? {
            return Ok(Step::Overtaken);
        }
        if progress.is_filled() && !before.is_filled() {
            tell_filled(&progress);
        }
        Ok(if progress.is_finished() { Step::Finished } else { Step::GoOn })
    }

    /// Stores how far it came; false: another replica did.
    async fn note(&self, tenant: &TenantId, expect: Option<Revision>, progress: &Progress) -> Result<bool> {
        let counter = expect.map_or(0, |revision| revision.counter) + 1;
        let revision = Revision { counter, write_id: u64::from_be_bytes(random()?) };
        let document = Document { revision, bytes: codec::encode(progress).into() };
        match self.records.store.put_document(tenant, DOCUMENT, expect, document, 1).await {
            Ok(()) => Ok(true),
            Err(StoreError::Conflict) => Ok(false),
            Err(fault) => Err(fault),
        }
    }

    /// Does the next page of the listing, or then of the index; how many it holds.
    async fn advance(&self, tenant: &TenantId, progress: &mut Progress) -> Result<usize> {
        let (index, place) = if progress.is_filled() {
            (HintIndex::Occasions, &mut progress.partitions)
        } else {
            (HintIndex::Listing, &mut progress.buckets)
        };
        // It is below 256, so its low byte is all of it.
        let partition = place.to_be_bytes()[1];
        let range = HintRange::default().after((!progress.after.is_empty()).then(|| progress.after.clone()));
        let page = self.records.store.hints(tenant, index, partition, &range, STEP).await?;
        let count = page.len();
        match page.last() {
            Some((last, _)) if count == STEP => progress.after.clone_from(last),
            _ => {
                *place += 1;
                progress.after.clear();
            }
        }
        if count > 0 {
            // Not before there are customers: a restored store gets the index key of its export.
            let index_key = self.records.ring.index_key(tenant).await?;
            let entries = Entries { records: &self.records, index_key: &index_key, tenant };
            if index == HintIndex::Listing {
                progress.unreadable += fill(&entries, &page).await?;
            } else {
                let entry = |(member, revision)| Entry { hint: Hint { index, partition, member }, revision };
                let wrong = entries.unjustified(page.into_iter().map(entry).collect()).await?;
                entries.take_back(wrong).await?;
            }
        }
        Ok(count)
    }
}

/// Puts what the customers of a page of the listing celebrate into the index; of how many the record does not open. Of those nothing is
/// known.
async fn fill(entries: &Entries<'_>, listed: &[(Vec<u8>, u64)]) -> Result<u64> {
    let customers = listed.iter().filter_map(|(member, _)| <[u8; 16]>::try_from(member.as_slice()).ok());
    let key = |bytes| CustomerKey { tenant: entries.tenant.clone(), customer: CustomerId::from_bytes(bytes) };
    let keys: Vec<CustomerKey> = customers.map(key).collect();
    let (mut due, mut unreadable) = (Vec::new(), 0);
    let mut read = Vec::with_capacity(keys.len());
    for (key, justified) in keys.iter().zip(entries.justified(&keys).await?) {
        let Ok(justified) = justified else {
            unreadable += 1;
            continue;
        };
        let revision = justified.revision;
        if revision > 0 {
            read.push(key.clone());
        }
        let of_index = justified.hints.into_iter().filter(|hint| hint.index == HintIndex::Occasions);
        due.extend(of_index.map(|hint| Entry { hint, revision }));
    }
    entries.put(due).await?;
    // Of customers who were made while the store was raised: nobody has marked their keys.
    entries.records.ring.commit_all(&read).await?;
    Ok(unreadable)
}

fn tell_failed(fault: &StoreError) {
    tracing::warn!(error = %fault, "old records are not all in the index of occasions; tried again");
}

fn tell_filled(progress: &Progress) {
    tracing::info!("all records are in the index of occasions");
    if progress.unreadable > 0 {
        tracing::warn!(
            records = progress.unreadable,
            "do not open, and are not in the index of occasions: once they do, run rapport fsck --repair"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn most_of_the_time_is_left_to_calls_and_one_replica_to_the_work() {
        let took = Duration::from_millis(400);
        assert_eq!(pause_after(Step::GoOn, took, 9), Duration::from_millis(800));
        assert_eq!(pause_after(Step::GoOn, Duration::ZERO, 9), PAUSE_MIN);
        assert_eq!(pause_after(Step::Overtaken, took, 0), LOOK_EVERY);
        assert_eq!(pause_after(Step::Overtaken, took, u8::MAX), LOOK_EVERY * 2);
        assert_eq!(pause_after(Step::Finished, took, 9), LOOK_EVERY);
    }
}
