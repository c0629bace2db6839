//! Whether the stores are whole: nothing found means nobody only in a store that lost nothing.
//!
//! Each of the 256 buckets of the data store and of the key store has a [`Mark`]: an id drawn when the stores were made, the same in
//! both, and an epoch. A store that was emptied, replaced, or is another's lacks it, in all buckets or in those that were lost.
//! Whoever finds nothing reads the mark of that bucket before it says so ([`super::layers::Whole`]); all marks are looked at each
//! second, and before the first answer that comes through a new connection (`compared`). A store that is not whole is unfit: each call is
//! refused until the right store is back, or an operator adopts what is left ([`Fitness::adopt`]), under a new epoch.
//!
//! A copy of the data that is older than the keys has all its marks. It is told by how far the logs had come: `ends`. Copies of both that are older,
//! and stores that were emptied together, are told by a note outside of them: `seen`.
//!
//! Marks came with format 2. A store of format 1 has none, and is believed until it is raised, unless it has customers and no index key.
//!
//! A store that is whole may have lost a record all the same. So the key of each customer says whether a record was ever committed
//! ([`super::keystore::KeyEntry::Committed`]), and whoever finds a key and no record asks it (`store::records`).

mod adoption;
mod compared;
mod ends;
mod given_up;
mod losses;
mod raise;
mod seen;
mod seen_file;
mod tenant_key;
mod together;
mod verdict;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use arc_swap::ArcSwapOption;
use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::{
    ALL_BUCKETS, DocumentKey, Result, Store, StoreError,
    cas::{self, Decision, Lifetime},
    codec::marks,
    keys,
    keystore::{KeyName, KeyStore},
    sealing::random,
};
use crate::domain::TenantId;

pub use ends::{LogEnd, NOTE_EVERY, NotedEnds, Setback, time_text, time_text_of_second};
pub use losses::{Losses, Missing};
pub use raise::Raised;
pub use seen_file::SeenFile;
pub use together::{belong_together, bucket_of_mark};
use verdict::{is_before, loss, whole};

/// The format since which there are marks, and keys that say whether their record was committed: a release before cannot read such
/// a key.
pub const MARKED_FORMAT: u16 = 2;
/// What is wrong with `--store` and `--keys` that name each other's store.
pub const SWAPPED: &str = "the data store holds keys, and the key store holds data: `--store` and `--keys` are swapped";
/// Marks written at once: enough for a store to group them, few enough for its queue.
const MARKS_AT_ONCE: usize = 64;
/// What an operator can do about a store that is not whole.
const CURE: &str = "start with the data and the keys that belong together, or restore a backup; what cannot be had back is given up \
                    with `rapport store adopt`";
/// Where an operator finds the erasures that an older copy of both stores lacks.
pub const ERASURES_FOUND: &str = "the lines `customer erased` in the servers' logs name the customers";

/// The mark of a bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// Drawn when the stores were made; the same in both.
    pub store_id: [u8; 16],
    /// Counts up when an operator adopts the stores after a loss.
    pub epoch: u64,
    /// Why what is there cannot be trusted; empty: nothing is known to be lost.
    pub lost: String,
}

impl Mark {
    fn is_of(&self, other: &Self) -> bool {
        self.store_id == other.store_id && self.epoch == other.epoch
    }
}

/// The two stores.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Customers, identities, documents.
    Data,
    /// Their keys.
    Keys,
}

impl Side {
    fn name(self) -> &'static str {
        match self {
            Self::Data => "the data store",
            Self::Keys => "the key store",
        }
    }
}

/// What is known of the two stores.
pub struct Fitness {
    data: Arc<dyn Store>,
    keys: Arc<dyn KeyStore>,
    /// What each bucket must have; `None`: the store has no marks yet.
    expected: ArcSwapOption<Mark>,
    /// Why nothing is served.
    fault: ArcSwapOption<String>,
    /// How far the logs had come; `None`: the store has no marks yet, or was not looked at.
    ends: ArcSwapOption<ends::Ends>,
    /// Zero: nothing may be lost.
    loss_window_ms: i64,
    /// Whether stores without marks had neither an index key of the tenant nor customers, when they were looked through last.
    knows_nobody: AtomicBool,
    /// Whose stores they are; `None`: they are looked at when somebody says so, and at no other time.
    tenant: Option<TenantId>,
    compared: compared::Compared,
    /// The note of what was seen; `None`: there is none.
    seen: Option<Arc<SeenFile>>,
    reached: seen::Reached,
    /// Whether this process has seen them whole: else it has nothing to note.
    was_whole: AtomicBool,
}

impl Fitness {
    /// Of these two stores, below whatever asks it.
    pub fn new(data: Arc<dyn Store>, keys: Arc<dyn KeyStore>) -> Self {
        Self {
            data,
            keys,
            expected: ArcSwapOption::empty(),
            fault: ArcSwapOption::empty(),
            ends: ArcSwapOption::empty(),
            loss_window_ms: 0,
            knows_nobody: AtomicBool::new(false),
            tenant: None,
            compared: compared::Compared::default(),
            seen: None,
            reached: seen::Reached::default(),
            was_whole: AtomicBool::new(false),
        }
    }

    /// The same where the newest writes may be lost and what is left is served: those of so long, counted from the newest that were noted.
    /// A replica that is promoted lacks what had not reached it; one that lacks more than this was no replica.
    #[must_use]
    pub fn with_loss_window(self, window: Duration) -> Self {
        Self { loss_window_ms: i64::try_from(window.as_millis()).unwrap_or(0), ..self }
    }

    /// The epoch of the stores; 0: they have no marks. It counts up with every adoption, and whenever the newest writes were lost.
    pub fn epoch(&self) -> u64 {
        self.expected.load().as_ref().map_or(0, |mark| mark.epoch + self.setbacks())
    }

    /// Whether the stores are whole, as far as is known. No I/O.
    ///
    /// # Errors
    /// `Unfit`: they are not, or were not a second ago.
    pub fn check(&self) -> Result<()> {
        match &*self.fault.load() {
            None => Ok(()),
            Some(fault) => Err(StoreError::Unfit(fault.as_str().into())),
        }
    }

    /// Whether nothing found in these buckets means that nothing was there. One round trip.
    ///
    /// # Errors
    /// `Unfit`: a bucket was emptied or replaced, or the data are an older copy.
    pub async fn nothing_in(&self, side: Side, mut buckets: Vec<u8>) -> Result<()> {
        let Some(expected) = self.expected.load_full() else { return Ok(()) };
        buckets.sort_unstable();
        buckets.dedup();
        let (found, went_back) = tokio::try_join!(self.marks(side, &buckets), self.newest_is_gone(side))?;
        if went_back && let Some(fault) = Box::pin(self.look_at_ends()).await? {
            return told(Some(fault)).inspect_err(|fault| self.remember(fault));
        }
        let one_epoch = |mark: &Mark| Mark { epoch: expected.epoch, ..mark.clone() };
        // Another epoch is not a loss: the next look takes it over.
        let found: Vec<Option<Mark>> = found.iter().map(|mark| mark.as_ref().map(one_epoch)).collect();
        told(loss(side, &expected, &found)).inspect_err(|fault| self.remember(fault))
    }

    /// Looks at all marks, and whether the tenant's key and index key are there.
    ///
    /// # Errors
    /// `Unfit`, with cause and cure; those of the stores.
    pub async fn look(&self, format: Option<u16>, tenant: &TenantId) -> Result<()> {
        let through = self.connections();
        let (data, keys) = self.all_marks().await?;
        let expected = self.expected.load_full();
        let is_unmarked = expected.is_none() && format.is_none_or(|format| format < MARKED_FORMAT);
        let looked = if is_unmarked {
            self.look_without_marks(tenant).await?
        } else {
            self.look_at_marks(expected.as_deref(), &data, &keys, tenant).await?
        };
        match &looked {
            // Of what came in its place meanwhile, somebody else may know already what is wrong.
            Ok(()) if self.connections() != through => {}
            Ok(()) => {
                self.fault.store(None);
                self.was_whole.store(true, Ordering::Release);
            }
            Err(fault) => self.remember(fault),
        }
        self.note_compared(through);
        looked
    }

    async fn look_without_marks(&self, tenant: &TenantId) -> Result<Result<()>> {
        if let Some(fault) = self.unseen_marks() {
            return Ok(told(Some(fault)));
        }
        Ok(told(self.lacks_index_key(tenant).await?.then(|| {
            format!("the data store has customers, and the key store has no index key to find them by: it was emptied, or is not theirs; {CURE}")
        })))
    }

    async fn look_at_marks(
        &self,
        expected: Option<&Mark>,
        data: &[Option<Mark>],
        keys: &[Option<Mark>],
        tenant: &TenantId,
    ) -> Result<Result<()>> {
        Ok(match whole(expected, data, keys) {
            Ok(mark) => {
                self.expected.store(Some(Arc::new(mark)));
                if let Some(fault) = self.look_at_ends().await? {
                    return Ok(told(Some(fault)));
                }
                let lost = self.own_keys_lost(tenant).await?;
                told(if lost.tenant {
                    Some(format!("the tenant's key is gone from the key store, and without it no record opens; {CURE}"))
                } else {
                    lost.index.then(|| {
                        format!(
                            "the tenant's index key is gone from the key store, and without it nobody is found; {CURE}"
                        )
                    })
                })
            }
            Err(fault) => {
                if let Some(expected) = expected
                    && is_before(expected, data, keys)
                {
                    // Whoever starts later sees two stores that belong together.
                    let cause = "data and keys are older copies of themselves, of before `rapport store adopt`";
                    Box::pin(self.put_lost(expected, cause)).await?;
                }
                told(Some(fault))
            }
        })
    }

    /// Whether a tenant had a policy, and has none.
    async fn policy_lost(&self, tenant: &TenantId) -> Result<bool> {
        let noted = self.keys.notes(&[keys::policy_note(tenant)]).await?.pop().flatten();
        let is_noted = noted.map_or(Ok(None), |note| marks::decode_policy_note(&note))?.is_some();
        let name = DocumentKey { tenant: tenant.clone(), name: keys::POLICY.to_owned() };
        Ok(is_noted && self.data.values(&[keys::document(&name)]).await?.iter().all(Option::is_none))
    }

    /// Refuses all calls from now on, if the fault says that a store is not whole, until both are looked at and whole.
    pub fn remember(&self, fault: &StoreError) {
        if let StoreError::Unfit(text) = fault {
            let before = self.fault.swap(Some(Arc::new(text.to_string())));
            if before.is_none() && self.was_whole.load(Ordering::Acquire) {
                self.note_unfit(text);
            }
        }
    }

    /// Marks two empty stores as belonging together, before anything is written into them. It goes on where an earlier start
    /// ended.
    ///
    /// # Errors
    /// `Unfit`: one of the two is not empty.
    pub async fn begin(&self) -> Result<()> {
        self.may_begin().await?;
        self.write_new().await
    }

    /// Whether two stores are empty, or half begun.
    ///
    /// # Errors
    /// `Unfit`: one of the two is not, or they are swapped.
    pub async fn may_begin(&self) -> Result<()> {
        self.not_mistaken().await?;
        let (data, keys) = self.all_marks().await?;
        let fits = |mark: &Mark| data.iter().chain(&keys).flatten().all(|there| there == mark);
        let may_begin = match &data[0] {
            Some(first) => fits(first),
            None => data.iter().chain(&keys).all(Option::is_none),
        };
        if !may_begin || self.keys.has_keys().await? {
            let fault = StoreError::Unfit(format!(
                "the data store is empty, and the key store is not: the data store was emptied, or is not the one that belongs to these \
                 keys (a new store needs `--keys` of its own); {CURE}"
            ).into());
            self.remember(&fault);
            return Err(fault);
        }
        // Whoever served from them knows that they were not empty.
        if self.expected.load().as_ref().is_some_and(|expected| data[0].as_ref() != Some(expected)) {
            let fault = StoreError::Unfit(format!("data and keys were emptied while they were served; {CURE}").into());
            self.remember(&fault);
            return Err(fault);
        }
        told(self.emptied(data[0].as_ref())).inspect_err(|fault| self.remember(fault))
    }

    /// Notes in every bucket that what is there cannot be trusted any more: a process that starts later must know it too.
    pub async fn lose(&self, cause: &str) -> Result<()> {
        let Some(expected) = self.expected.load_full() else { return Ok(()) };
        self.remember(&StoreError::Unfit(format!("{cause}; {CURE}").into()));
        if !expected.lost.is_empty() {
            return Ok(());
        }
        self.put_lost(&expected, cause).await
    }

    async fn put_lost(&self, expected: &Mark, cause: &str) -> Result<()> {
        // Read by whoever starts later, when the cause may be set right long since.
        let told = format!("this was seen, and records may be lost since: {cause}");
        let lost = Mark { lost: told, ..expected.clone() };
        Box::pin(self.put_all(&lost)).await?;
        self.expected.store(Some(Arc::new(lost)));
        Ok(())
    }

    /// Notes in every bucket why the stores are not served any more.
    pub async fn leave(&self, told: &str) -> Result<()> {
        let Some(expected) = self.expected.load_full() else { return Ok(()) };
        Box::pin(self.put_all(&Mark { lost: told.to_owned(), ..Mark::clone(&expected) })).await
    }

    async fn all_marks(&self) -> Result<(Vec<Option<Mark>>, Vec<Option<Mark>>)> {
        tokio::try_join!(self.marks(Side::Data, &ALL_BUCKETS), self.marks(Side::Keys, &ALL_BUCKETS))
    }

    async fn marks(&self, side: Side, buckets: &[u8]) -> Result<Vec<Option<Mark>>> {
        let names = |name: fn(u8) -> String| buckets.iter().map(|bucket| name(*bucket)).collect::<Vec<String>>();
        let found = match side {
            Side::Data => self.data.values(&names(keys::mark)).await?,
            Side::Keys => self.keys.notes(&names(keys::key_mark)).await?,
        };
        Ok(found.into_iter().map(|there| there.and_then(|bytes| readable(&bytes))).collect())
    }

    /// Writes the marks of new stores. The first bucket of the data decides which: of processes that begin at once, one draws.
    async fn write_new(&self) -> Result<()> {
        let new = Mark { store_id: random()?, epoch: 1, lost: String::new() };
        let mark = cas::change(self.data.as_ref(), keys::mark(0), move |there| {
            if there.is_empty() {
                let bytes = marks::encode(&new).to_vec();
                return Ok(Decision::put(new.clone(), bytes, Lifetime::Forever));
            }
            Ok(Decision::keep(marks::decode(there)?))
        })
        .await?;
        Box::pin(self.put_all(&mark)).await
    }

    /// The keys first: whoever finds marks in the data may count on those of the keys. In the data, a later epoch stays.
    async fn put_all(&self, mark: &Mark) -> Result<()> {
        let bytes: Bytes = marks::encode(mark);
        let (store_id, epoch) = (mark.store_id, mark.epoch);
        let keys = ALL_BUCKETS.map(|bucket| self.keys.put_note(keys::key_mark(bucket), bytes.clone()));
        stream::iter(keys).buffer_unordered(MARKS_AT_ONCE).try_collect::<()>().await?;
        let data = ALL_BUCKETS.map(|bucket| {
            let bytes = bytes.to_vec();
            let put = move |there: &[u8]| {
                if readable(there).is_some_and(|there| there.store_id == store_id && there.epoch > epoch) {
                    return Ok(Decision::keep(()));
                }
                Ok(Decision::put((), bytes.clone(), Lifetime::Forever))
            };
            cas::change(self.data.as_ref(), keys::mark(bucket), put)
        });
        Box::pin(stream::iter(data).buffer_unordered(MARKS_AT_ONCE).try_collect::<()>()).await
    }
}

/// A mark that is damaged is as good as missing: it is told with the others, and adopting writes it anew.
fn readable(there: &[u8]) -> Option<Mark> {
    if there.is_empty() { None } else { marks::decode(there).ok() }
}

fn told(loss: Option<String>) -> Result<()> {
    loss.map_or(Ok(()), |text| Err(StoreError::Unfit(text.into())))
}

#[cfg(test)]
mod tests;
