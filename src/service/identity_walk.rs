//! Puts back identity entries that have vanished. An entry is all that leads from a card to its customer, and nothing notices that one is
//! missing: whoever asks by it hears of nobody. So the records are walked through, again and again, slowly: each listed customer's
//! record says by what it is found.
//!
//! How far the walk came is stored every few seconds, so that it goes on where it was when the process ends, and so that one replica is
//! enough: who finds that another has stored its own place leaves it to that one. A walk so short that nothing is stored is done by
//! each. What is done twice does no harm.
//!
//! On its way it finishes erasures of which no note was left.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    Caller, callers::Callers, clock::Clock, erasures, error::Error, error::Result, holds::Holds, identities::PutBack,
    restore::maintainer, worker::Worker,
};
use crate::{
    domain::{CustomerId, TenantId},
    store::{
        BUCKETS, CustomerKey, Document, EntryState, HintIndex, HintRange, IdentityEntry, IdentityKey, Revision, Store,
        StoreError, StoreExt as _,
        codec::identity_walk::{self as codec, Progress},
        keys,
        keystore::KeyEntry,
        records::{Records, Versioned},
        sealing::random,
    },
};

/// The document that says how far it came.
const DOCUMENT: &str = "walk:identities";
/// Customers whose records are opened at once: each may take a MiB.
const STEP: usize = 64;
/// Customers, or pages of the listing, that are looked at in a second: 100,000 customers in nine minutes. Opening so many records takes
/// some hundredths of a core, and their keys at most a fifth of those that are kept at hand.
const PER_SECOND: u32 = 200;
/// The shortest pause between two steps.
const PAUSE_MIN: Duration = Duration::from_millis(10);
/// Looked at between two notes of the place: some five seconds of work, which are done again after a crash.
const NOTE_EVERY: usize = 1_024;
/// Attempts to store the place, or to add to another replica's count: each fails only because somebody else stored meanwhile, which two
/// replicas do seconds apart.
const NOTE_TRIES: usize = 4;
/// Identities asked for at once.
const IDENTITIES_AT_ONCE: usize = 256;
/// The rest before the first walk, when a process has enough to do, and between two. Also how long a replica waits that leaves the walk to
/// another, at least.
pub const REST: Duration = Duration::from_secs(30);

/// What a step came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// There is more to do; so much was looked at.
    GoOn(usize),
    /// Another replica walks.
    Overtaken,
    /// All records were looked at; so many entries were put back.
    Ended(u64),
}

/// Where a process is in its walk.
#[derive(Debug, Default)]
pub struct Place {
    /// What is stored, and its revision; `None`: not read yet.
    stored: Option<(Option<Revision>, Progress)>,
    /// The revision that another replica stored last.
    rival: Option<Revision>,
    here: Progress,
    /// Looked at since the last note.
    since_note: usize,
    /// Put back, and not noted yet.
    unnoted: u64,
    walk: Tally,
}

/// What one walk found, as far as this process did it.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Tally {
    restored: u64,
    /// Identities that another customer has by now.
    of_others: u64,
}

impl Tally {
    fn tell(self) {
        let Self { restored, of_others } = self;
        if restored > 0 {
            tracing::warn!(
                identities_restored = restored,
                "identity entries had vanished, and customers were not found by them: they are put back"
            );
        }
        if of_others > 0 {
            tracing::warn!(
                identities_of_others = of_others,
                "identities of customers are somebody else's by now, and stay theirs: rapport fsck names both"
            );
        }
    }
}

/// Walks through the records.
pub struct IdentityWalk {
    pub(super) records: Arc<Records>,
    pub(super) callers: Callers,
    pub(super) holds: Holds,
    pub(super) worker: Arc<Worker>,
    pub(super) clock: Clock,
}

/// Walks until cancelled.
pub async fn run(walk: Arc<IdentityWalk>, tenant: TenantId) {
    let mut place = Place::default();
    tokio::time::sleep(REST).await;
    loop {
        let begun = Instant::now();
        let pause = match walk.step(&tenant, &mut place).await {
            Ok(step) => {
                if step == Step::Overtaken {
                    std::mem::take(&mut place.walk).tell();
                }
                pause_after(step, begun.elapsed(), random().map_or(0, |[byte]| byte))
            }
            // Whatever else asks the store says so louder.
            Err(fault) => {
                tracing::debug!(error = %fault, "identity entries could not be looked at; tried again");
                let Place { rival, unnoted, walk, .. } = place;
                place = Place { rival, unnoted, walk, ..Place::default() };
                REST
            }
        };
        tokio::time::sleep(pause).await;
    }
}

/// How long to wait after a step that took so long. `random` keeps replicas apart.
fn pause_after(step: Step, took: Duration, random: u8) -> Duration {
    match step {
        // At least half of the time is left to calls.
        Step::GoOn(looked) => {
            let looked = u32::try_from(looked).unwrap_or(u32::MAX);
            (Duration::from_secs(1) * looked / PER_SECOND).saturating_sub(took).max(took).max(PAUSE_MIN)
        }
        Step::Overtaken => REST + REST * u32::from(random) / u32::from(u8::MAX),
        Step::Ended(_) => REST,
    }
}

/// How far the walk came, as it is stored. What does not decode is as good as nothing: it begins again.
async fn stored(store: &dyn Store, tenant: &TenantId) -> Result<(Option<Revision>, Progress)> {
    let there = store.document(tenant, DOCUMENT, None).await?;
    let revision = there.as_ref().map(|document| document.revision);
    let progress = there.and_then(|document| codec::decode(&document.bytes).ok()).unwrap_or_default();
    let is_over = progress.has_ended();
    Ok((revision, if is_over { Progress { restored: progress.restored, ..Progress::default() } } else { progress }))
}

/// Entries that were put back, since the store was made.
pub(super) async fn restored(store: &dyn Store, tenant: &TenantId) -> Result<u64> {
    Ok(stored(store, tenant).await?.1.restored)
}

impl IdentityWalk {
    /// Looks at all records from where it is; answers how many entries were put back.
    pub async fn walk(&self, tenant: &TenantId) -> Result<u64> {
        let mut place = Place::default();
        loop {
            match self.step(tenant, &mut place).await? {
                Step::GoOn(_) => {}
                Step::Ended(restored) => return Ok(restored),
                Step::Overtaken => return Ok(place.walk.restored),
            }
        }
    }

    /// Looks at the next few dozen customers.
    pub async fn step(&self, tenant: &TenantId, place: &mut Place) -> Result<Step> {
        if place.stored.is_none() && !self.take_up(tenant, place).await? {
            return Ok(Step::Overtaken);
        }
        let mut looked = 0;
        while looked < STEP && !place.here.has_ended() {
            looked += self.advance(tenant, place).await?;
        }
        place.since_note += looked;
        if place.here.has_ended() {
            return self.end(tenant, place).await;
        }
        if (place.unnoted > 0 || place.since_note >= NOTE_EVERY) && !self.note(tenant, place).await? {
            return Ok(Step::Overtaken);
        }
        Ok(Step::GoOn(looked))
    }

    /// Reads where the walk is. `false`: another replica has gone on since it overtook this one.
    async fn take_up(&self, tenant: &TenantId, place: &mut Place) -> Result<bool> {
        let (revision, progress) = stored(self.records.store.as_ref(), tenant).await?;
        if place.rival.is_some() && revision != place.rival {
            place.rival = revision;
            return Ok(false);
        }
        (place.rival, place.since_note) = (None, 0);
        place.here = progress.clone();
        place.stored = Some((revision, progress));
        Ok(true)
    }

    /// Tells what the walk found, and begins anew.
    async fn end(&self, tenant: &TenantId, place: &mut Place) -> Result<Step> {
        place.here = Progress::default();
        let is_stored_at_start = place.stored.as_ref().is_none_or(|(_, stored)| stored.is_at_start());
        let is_noted = (place.unnoted == 0 && is_stored_at_start) || self.note(tenant, place).await?;
        place.since_note = 0;
        if !is_noted {
            return Ok(Step::Overtaken);
        }
        let walk = std::mem::take(&mut place.walk);
        walk.tell();
        Ok(Step::Ended(walk.restored))
    }

    /// Stores the place. `false`: another replica stored its own, and what was put back here is added to its count.
    async fn note(&self, tenant: &TenantId, place: &mut Place) -> Result<bool> {
        let Some((mut expect, mut there)) = place.stored.take() else { return Ok(false) };
        let before = there.clone();
        for _ in 0..NOTE_TRIES {
            let is_mine = there.is_at(&before);
            let at = if is_mine { &place.here } else { &there };
            let progress = Progress { restored: there.restored + place.unnoted, ..at.clone() };
            if !is_mine && place.unnoted == 0 {
                break;
            }
            match self.put(tenant, expect, &progress).await? {
                Some(revision) => {
                    (expect, there, place.unnoted, place.since_note) = (Some(revision), progress, 0, 0);
                    if is_mine {
                        place.stored = Some((expect, there));
                        return Ok(true);
                    }
                    break;
                }
                None => (expect, there) = stored(self.records.store.as_ref(), tenant).await?,
            }
        }
        place.rival = expect;
        Ok(false)
    }

    /// Puts the note in place of one; `None`: there is another by now.
    async fn put(&self, tenant: &TenantId, expect: Option<Revision>, progress: &Progress) -> Result<Option<Revision>> {
        let counter = expect.map_or(0, |revision| revision.counter) + 1;
        let revision = Revision { counter, write_id: u64::from_be_bytes(random()?) };
        let document = Document { revision, bytes: codec::encode(progress).into() };
        match self.records.store.put_document(tenant, DOCUMENT, expect, document, 1).await {
            Ok(()) => Ok(Some(revision)),
            Err(StoreError::Conflict) => Ok(None),
            Err(fault) => Err(fault.into()),
        }
    }

    /// Looks at the next page of the listing; how much that is.
    async fn advance(&self, tenant: &TenantId, place: &mut Place) -> Result<usize> {
        // It is below 256, so its low byte is all of it.
        let bucket = place.here.buckets.to_be_bytes()[1];
        let after = Some(place.here.after.clone()).filter(|after| !after.is_empty());
        let range = HintRange::default().after(after);
        let page = self.records.store.hints(tenant, HintIndex::Listing, bucket, &range, STEP).await?;
        if !page.is_empty() {
            // Not before there are customers: a restored store gets the index key of its export.
            let caller = self.callers.enter_to_mend(maintainer(tenant)).await?;
            let found = self.mend(&caller, &page).await?;
            place.unnoted += found.restored;
            place.walk.restored += found.restored;
            place.walk.of_others += found.of_others;
        }
        match page.last() {
            Some((last, _)) if page.len() == STEP => place.here.after.clone_from(last),
            _ => {
                place.here.buckets = (place.here.buckets + 1).min(BUCKETS);
                place.here.after.clear();
            }
        }
        Ok(1 + page.len())
    }

    /// Looks at some listed customers. A record that does not open says nothing; fsck tells it.
    async fn mend(&self, caller: &Caller, listed: &[(Vec<u8>, u64)]) -> Result<Tally> {
        let customers = listed.iter().filter_map(|(member, _)| <[u8; 16]>::try_from(member.as_slice()).ok());
        let all: Vec<CustomerKey> = customers.map(|bytes| caller.key(CustomerId::from_bytes(bytes))).collect();
        let mut due = Vec::new();
        let read = self.records.read_many(&all).await?;
        for (key, current) in all.into_iter().zip(read) {
            match current {
                Ok(Some(Versioned { profile, .. })) => {
                    let valid = profile.identities.iter().filter(|own| own.valid_at(caller.now));
                    due.extend(valid.map(|own| (key.clone(), caller.index_key.blind(&own.identity), own.token)));
                }
                Ok(None) => self.finish_erasure(&key).await?,
                Err(_) => {}
            }
        }
        let mut tally = Tally::default();
        for some in due.chunks(IDENTITIES_AT_ONCE) {
            let blinds: Vec<IdentityKey> = some.iter().map(|(_, blind, _)| blind.clone()).collect();
            let found = self.records.store.identities(&blinds, caller.now_ms()).await?;
            for ((key, blind, token), entries) in some.iter().zip(found) {
                // Entries that do not decode are told by fsck.
                let Ok(entries) = entries else { continue };
                match entries.iter().find(|entry| entry.customer == key.customer && entry.token == *token) {
                    None => self.put_back(caller, key, blind, &mut tally).await?,
                    // The record has it: a process ended before it was confirmed.
                    Some(IdentityEntry { state: EntryState::Held { deadline_ms }, .. })
                        if *deadline_ms <= caller.now_ms() =>
                    {
                        self.records.store.confirm(blind, *token).await?;
                    }
                    Some(_) => {}
                }
            }
        }
        Ok(tally)
    }

    async fn put_back(
        &self,
        caller: &Caller,
        key: &CustomerKey,
        identity: &IdentityKey,
        tally: &mut Tally,
    ) -> Result<()> {
        match self.holds.put_back(caller, key, identity, "").await {
            Ok(PutBack::Done) => tally.restored += 1,
            Ok(PutBack::Needless) => {}
            // It stays theirs, and fsck tells it.
            Err(Error::IdentityTaken { .. } | Error::LimitReached { .. }) => tally.of_others += 1,
            // Others are at it, or something of somebody is damaged: the next walk looks again.
            Err(Error::IdentityHeld { .. } | Error::Contended | Error::Store(StoreError::Corrupt(_))) => {}
            Err(fault) => return Err(fault),
        }
        Ok(())
    }

    /// Of a listed customer there is no record, or none that counts.
    async fn finish_erasure(&self, key: &CustomerKey) -> Result<()> {
        if self.records.ring.entry(key).await? != Some(KeyEntry::Tombstone) {
            return Ok(());
        }
        let finished = erasures::finish(&self.records, key, self.clock.now().as_millisecond()).await;
        match finished {
            Ok(false) | Err(Error::Contended | Error::Store(StoreError::Corrupt(_))) => Ok(()),
            Ok(true) => {
                self.worker.mark(keys::bucket(&key.tenant, &key.customer));
                Ok(())
            }
            Err(fault) => Err(fault),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundred_thousand_customers_take_less_than_ten_minutes_and_calls_have_half_of_the_time() {
        let quick = Duration::from_millis(20);
        // Each bucket has a last page that is not full.
        let pages = 100_000 / STEP + usize::from(BUCKETS);
        let steps = u32::try_from((100_000 + pages).div_ceil(STEP)).expect("small");
        let walk = (pause_after(Step::GoOn(STEP), quick, 9) + quick) * steps;
        assert!(walk + REST < Duration::from_mins(10), "{walk:?}");
        let slow = Duration::from_secs(2);
        assert_eq!(pause_after(Step::GoOn(STEP), slow, 9), slow);
        assert_eq!(pause_after(Step::GoOn(0), Duration::ZERO, 9), PAUSE_MIN);
        assert_eq!(pause_after(Step::Ended(3), slow, 9), REST);
        assert_eq!(pause_after(Step::Overtaken, slow, u8::MAX), REST * 2);
    }
}
