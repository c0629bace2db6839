//! How an existing customer is changed: load, plan, apply, commit; and again from the start if another writer was faster.

use std::time::Duration;

use tokio::sync::{Mutex, MutexGuard};

use super::{
    Caller, Receipt, Request,
    error::{Error, Result},
    indexing::{Standing, between},
    writes::Writer,
};
use crate::{
    domain::{
        Author, Change, CustomerId, Profile, Stamp, TouchedParts,
        apply::{apply, settle_level},
        id::HoldToken,
        limits::{CHANGES_KEEP, REQUESTS_KEEP, REQUESTS_KEEP_SECONDS},
        relationship,
    },
    store::{
        EntryId, IndexOp, Lane, Revision, StoreError,
        codec::{
            history::Entry,
            requests::{GestureMade, Remembered},
        },
        keys,
        records::{NewEntry, NewRequest, Opened, Versioned, Write},
        sealing::{IndexKey, Label, random},
    },
};

/// Attempts before a writer gives up. Writers of one process queue for the customer, so only replicas collide.
const ATTEMPTS_MAX: u32 = 64;
/// The longest pause before another attempt; grows from a sixteenth of it.
const PAUSE_MAX: Duration = Duration::from_millis(16);
/// Locks of the queue: customers that share one wait for each other needlessly, one time in a thousand.
const LOCKS: usize = 1_024;

/// A queue per customer, so that writers of this process do not spoil each other's commits.
pub struct Locks(Vec<Mutex<()>>);

impl Default for Locks {
    fn default() -> Self {
        Self((0..LOCKS).map(|_| Mutex::new(())).collect())
    }
}

impl Locks {
    pub async fn lock(&self, customer: CustomerId) -> MutexGuard<'_, ()> {
        let bytes = customer.as_bytes();
        self.0[usize::from(u16::from_be_bytes([bytes[3], bytes[4]])) % LOCKS].lock().await
    }
}

/// The changes to commit to a customer, as a plan function worked them out from the loaded profile, and their outcome.
#[derive(Default)]
pub struct Plan<T = ()> {
    /// Empty: nothing is written, and the receipt names the current revision.
    pub changes: Vec<Change>,
    pub tokens: Vec<HoldToken>,
    pub index: Vec<IndexOp>,
    /// Interactions to add to the history, or to replace there.
    pub entries: Vec<NewEntry>,
    pub dropped: Vec<(Lane, EntryId)>,
    /// Of a request for a gesture: whether it gives or proposes, to be remembered.
    pub gesture: Option<GestureMade>,
    /// What the use case wants to know of the plan that was committed; returned with the receipt.
    pub outcome: T,
}

impl Plan {
    pub fn of(changes: Vec<Change>) -> Self {
        Self { changes, ..Self::default() }
    }
}

/// What became of an edit.
pub enum Edited<T = ()> {
    /// The plan was committed, or had nothing to change.
    Done { receipt: Receipt, outcome: T },
    /// The request was answered before, and nothing was written now.
    Repeated(Repeated),
}

/// The first answer to a repeated request.
pub struct Repeated {
    pub receipt: Receipt,
    /// Of a request for a gesture; `None` also if an older release answered it.
    pub gesture: Option<GestureMade>,
}

impl<T> Edited<T> {
    pub fn receipt(self) -> Receipt {
        match self {
            Self::Done { receipt, .. } | Self::Repeated(Repeated { receipt, .. }) => receipt,
        }
    }

    /// Whether the holds that were placed for the edit are certainly unused, and may be released. `uses`: whether the plan
    /// that was carried out used them.
    pub fn holds_unused(result: &Result<Self>, uses: impl FnOnce(&T) -> bool) -> bool {
        match result {
            Ok(Self::Done { outcome, .. }) => !uses(outcome),
            Ok(Self::Repeated(_)) => true,
            Err(Error::Store(StoreError::Unknown(_))) => false,
            Err(_) => true,
        }
    }
}

/// Which customer is changed, by which request, and on what condition.
pub struct Target<'a> {
    pub customer: CustomerId,
    pub request: &'a Request,
    pub etag: Option<Revision>,
    /// Entries of the history that the plan must see.
    pub entries: &'a [EntryId],
}

impl Writer {
    /// Changes an existing customer. `plan` may be called several times, always with the newest profile.
    pub(super) async fn edit<T: Send>(
        &self,
        caller: &Caller,
        target: &Target<'_>,
        plan: impl Fn(&Profile, &[Option<Entry>]) -> Result<Plan<T>> + Send,
    ) -> Result<Edited<T>> {
        let _queued = self.locks.lock(target.customer).await;
        self.edit_queued(caller, target, plan).await
    }

    /// The same, by somebody who has the customer's lock.
    pub(super) async fn edit_queued<T: Send>(
        &self,
        caller: &Caller,
        target: &Target<'_>,
        plan: impl Fn(&Profile, &[Option<Entry>]) -> Result<Plan<T>> + Send,
    ) -> Result<Edited<T>> {
        let key = caller.key(target.customer);
        let marks = request_marks(caller, target.request);
        for attempt in 0..ATTEMPTS_MAX {
            let Opened { current, requests, entries } = self.records.load(&key, target.entries).await?;
            if let Some(repeated) = repeated(caller, target.customer, &requests, marks.as_ref())? {
                return Ok(Edited::Repeated(repeated));
            }
            let Versioned { mut profile, revision } = current.ok_or(Error::CustomerNotFound)?;
            if target.etag.is_some_and(|etag| etag != revision) {
                return Err(Error::EtagMismatch);
            }
            let plan = plan(&profile, &entries)?;
            let receipt = |revision, created| Receipt { customer: target.customer, revision, created, replayed: false };
            if plan.changes.is_empty() {
                return Ok(Edited::Done { receipt: receipt(revision, Vec::new()), outcome: plan.outcome });
            }
            let before = Standing::of(caller, &key, &profile);
            let applied = apply_all(caller, &mut profile, &plan.changes)?;
            let mut index = plan.index;
            index.extend(between(caller, Some(&before), Some(&Standing::of(caller, &key, &profile))));
            let write = Write {
                key: key.clone(),
                expect: Some(revision),
                profile,
                request: remember(caller, requests, marks.as_ref(), &applied.created, plan.gesture),
                entries: plan.entries.into_iter().chain(applied.entries).collect(),
                dropped: plan.dropped.into_iter().chain(applied.dropped).collect(),
                tokens: plan.tokens,
                touched: applied.touched,
                index,
                now_ms: caller.now_ms(),
            };
            match self.records.commit(write).await {
                Ok(Some(revision)) => {
                    self.worker.mark(keys::bucket(&key.tenant, &key.customer));
                    return Ok(Edited::Done { receipt: receipt(revision, applied.created), outcome: plan.outcome });
                }
                Ok(None) => return Err(Error::CustomerNotFound),
                Err(StoreError::Conflict) => pause(attempt).await?,
                Err(fault) => return Err(fault.into()),
            }
        }
        Err(Error::Contended)
    }
}

/// Waits a random while, so that two replicas do not collide for ever.
pub(super) async fn pause(attempt: u32) -> Result<()> {
    let most = PAUSE_MAX.as_micros() as u64 >> 4_u32.saturating_sub(attempt);
    let random = u64::from_be_bytes(random()?);
    tokio::time::sleep(Duration::from_micros(random % most.max(1))).await;
    Ok(())
}

/// The hashes by which a repeated request is recognised.
pub(super) struct Marks {
    id: [u8; 16],
    body_hash: [u8; 16],
}

pub(super) fn request_marks(caller: &Caller, request: &Request) -> Option<Marks> {
    (!request.id.is_empty()).then(|| Marks {
        id: derived_mark(&caller.index_key, &caller.principal.author(), request.method, &request.id),
        body_hash: caller.index_key.digest(Label::RequestBody, &[&request.body]),
    })
}

/// The mark of a request, by which its repetition is recognised: the same in every release.
pub(super) fn derived_mark(key: &IndexKey, author: &Author, method: &str, request: &str) -> [u8; 16] {
    key.digest(Label::RequestId, &[author.as_bytes(), method.as_bytes(), request.as_bytes()])
}

/// Requests before this time are forgotten.
fn remembered_since(caller: &Caller) -> i64 {
    caller.now_ms() - REQUESTS_KEEP_SECONDS * 1_000
}

/// What the same request was answered with, if it was carried out before.
pub(super) fn repeated(
    caller: &Caller,
    customer: CustomerId,
    requests: &[Remembered],
    marks: Option<&Marks>,
) -> Result<Option<Repeated>> {
    let Some(marks) = marks else { return Ok(None) };
    let since = remembered_since(caller);
    match requests.iter().find(|request| request.id == marks.id && request.time_ms >= since) {
        None => Ok(None),
        Some(request) if request.body_hash == marks.body_hash => {
            let (revision, created) = (request.revision, request.created.clone());
            let receipt = Receipt { customer, revision, created, replayed: true };
            Ok(Some(Repeated { receipt, gesture: request.gesture }))
        }
        Some(_) => Err(Error::RequestIdReused),
    }
}

/// The requests to remember from now on: the newest ones, and none older than a day.
pub(super) fn remember(
    caller: &Caller,
    mut earlier: Vec<Remembered>,
    marks: Option<&Marks>,
    created: &[String],
    gesture: Option<GestureMade>,
) -> Option<NewRequest> {
    let marks = marks?;
    let since = remembered_since(caller);
    earlier.retain(|request| request.time_ms >= since && request.id != marks.id);
    let surplus = (earlier.len() + 1).saturating_sub(REQUESTS_KEEP);
    earlier.drain(..surplus);
    Some(NewRequest { earlier, id: marks.id, body_hash: marks.body_hash, created: created.to_vec(), gesture })
}

/// What applying a list of changes did.
pub(super) struct Applied {
    pub touched: TouchedParts,
    pub created: Vec<String>,
    pub entries: Vec<NewEntry>,
    pub dropped: Vec<(Lane, EntryId)>,
}

/// Applies the changes in order, then notes the customer's new relationship level. Changes other than interactions go into
/// the history's lane of changes, which is bounded.
pub(super) fn apply_all(caller: &Caller, profile: &mut Profile, changes: &[Change]) -> Result<Applied> {
    let stamp = Stamp { at: caller.now, by: caller.principal.author() };
    let mut applied =
        Applied { touched: TouchedParts::NONE, created: Vec::new(), entries: Vec::new(), dropped: Vec::new() };
    for (place, change) in changes.iter().enumerate() {
        let number = profile.change_count;
        let effect = apply(profile, change, &stamp).map_err(|refusal| Error::of_change(place, refusal))?;
        applied.touched = applied.touched.with(effect.touched);
        if let (Some(part), Some(letter)) = (effect.created, change.part_letter()) {
            applied.created.push(format!("{letter}{}", part.0));
        }
        if profile.change_count > number {
            applied.entries.push(NewEntry {
                lane: Lane::Changes,
                id: change_id(number),
                time_ms: caller.now_ms(),
                entry: Entry { change: change.clone(), stamp: stamp.clone(), fingerprint: Vec::new(), original: None },
            });
            if let Some(old) = number.checked_sub(CHANGES_KEEP as u64) {
                applied.dropped.push((Lane::Changes, change_id(old)));
            }
        }
    }
    let rules = &caller.in_force.policy.rules;
    settle_level(profile, relationship::level(profile, rules, caller.now));
    Ok(applied)
}

fn change_id(number: u64) -> EntryId {
    u128::from(number).to_be_bytes()
}
