//! Profiles, history and remembered requests as the service sees them: opened, decoded, with their revision. They are sealed and opened only here.
//! `layers::Sealed` seals the index tasks of a commit.

use std::sync::Arc;

use bytes::Bytes;

use super::{
    Commit, CustomerKey, EntryId, EntryState, HistoryEntry, HistoryRange, IdentityEntry, IndexOp, Lane, Loaded,
    LogEntry, RecordWrite, Result, Revision, Store, StoreError, StoreExt as _,
    codec::{
        formats::Message,
        header::{HEADER_LEN, Header},
        history::{self, Entry},
        profile,
        requests::Remembered,
    },
    formats::{FORMATS, WriteFormat, fits},
    keystore::KeyEntry,
    sealing::{AssociatedData, DataKey, KeyRing, KeyState, SEAL_OVERHEAD, random},
    split_corruption,
};
use crate::domain::{Profile, TouchedParts, id::HoldToken, whereabouts::Whereabouts};

mod requests;
mod whole;

pub use requests::{NewRequest, is_in_the_clear, seal_anew};
use requests::{open_requests, seal_requests};
pub use whole::{Entries, WholeCustomer};

/// Bytes of the format in front of a sealed entry.
const FORMAT_LEN: usize = 2;
/// The format since which a record tells at which venues a customer was.
const WHEREABOUTS_FORMAT: u16 = 2;

/// A profile with the revision it was read at.
#[derive(Debug, Clone, PartialEq)]
pub struct Versioned {
    pub profile: Profile,
    pub revision: Revision,
}

/// A record that was read but not opened: enough to tell whether anything changed. Two whose sealed bytes are equal open to the same.
pub struct Fetched {
    pub key: CustomerKey,
    data_key: Arc<DataKey>,
    pub record: Bytes,
    pub revision: Revision,
}

impl Fetched {
    pub fn open(&self) -> Result<Versioned> {
        open(&self.key, &self.data_key, &self.record).map_err(|fault| fault.of_customer(&self.key))
    }
}

/// What a use case needs before it changes a customer.
pub struct Opened {
    pub current: Option<Versioned>,
    pub requests: Vec<Remembered>,
    /// The interactions asked for, in order.
    pub entries: Vec<Option<Entry>>,
}

/// An entry to write into the history.
#[derive(Debug, Clone, PartialEq)]
pub struct NewEntry {
    pub lane: Lane,
    pub id: EntryId,
    pub time_ms: i64,
    pub entry: Entry,
}

/// One change of a customer's slot, before it is sealed.
pub struct Write {
    pub key: CustomerKey,
    /// The revision that was read; `None`: the customer is new.
    pub expect: Option<Revision>,
    pub profile: Profile,
    /// `None` leaves the remembered requests as they are.
    pub request: Option<NewRequest>,
    pub entries: Vec<NewEntry>,
    pub dropped: Vec<(Lane, EntryId)>,
    pub tokens: Vec<HoldToken>,
    pub touched: TouchedParts,
    pub index: Vec<IndexOp>,
    pub now_ms: i64,
}

/// What led to a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trace {
    /// An id that a caller named, or a hold that may have come to nothing: there may be no such customer.
    Named,
    /// A confirmed entry of an identity: there was a record, and there is one unless the customer was erased.
    Confirmed,
    /// Whoever asks writes the customer anew: what is not there need not be.
    Anew,
}

impl Trace {
    /// Of an identity's entry.
    pub fn of(entry: &IdentityEntry) -> Self {
        match entry.state {
            EntryState::Held { .. } => Self::Named,
            EntryState::Confirmed => Self::Confirmed,
        }
    }
}

/// Opens and seals.
pub struct Records {
    pub store: Arc<dyn Store>,
    pub ring: Arc<KeyRing>,
    pub write_format: WriteFormat,
}

impl Records {
    /// The record, still sealed; `None` if absent or erased. One round trip to the store, and beside it at most one to the key
    /// store.
    pub async fn fetch(&self, key: &CustomerKey) -> Result<Option<Fetched>> {
        self.fetch_by(key, Trace::Named).await
    }

    /// The same of a customer to whom something led.
    ///
    /// # Errors
    /// `Corrupt` if there must be a record and there is none; else as [`Records::fetch`].
    pub async fn fetch_by(&self, key: &CustomerKey, trace: Trace) -> Result<Option<Fetched>> {
        let (record, found) = match self.ring.cached(key) {
            Some(data_key) => (self.store.record(key).await, Ok(KeyState::Key(data_key))),
            None => tokio::join!(self.store.record(key), self.ring.get(key)),
        };
        let seen = self.seen(key, record, found).await.map_err(|fault| fault.of_customer(key))?;
        self.believed(key, trace, seen).await
    }

    /// What a record and a key that were read side by side come to.
    async fn seen(&self, key: &CustomerKey, record: Result<Option<Bytes>>, found: Result<KeyState>) -> Result<Seen> {
        let record = record?;
        let found = self.key_beside(key, record.is_some(), found?).await?;
        fetched(key, record, found)
    }

    /// The state of a key that was read beside what is sealed with it. A customer may be made between the two reads: where
    /// there is something sealed, a key that was missing is looked for once more.
    async fn key_beside(&self, key: &CustomerKey, is_sealed: bool, seen: KeyState) -> Result<KeyState> {
        match seen {
            // In a box, as all that seldom happens on the way of a look-up: its future stays small.
            KeyState::Missing if is_sealed => Box::pin(self.ring.get(key)).await,
            seen => Ok(seen),
        }
    }

    /// Nothing found, only if that can be. Of somebody who was never there, there is no key, and nothing more is asked.
    async fn believed(&self, key: &CustomerKey, trace: Trace, seen: Seen) -> Result<Option<Fetched>> {
        match (seen, trace) {
            (Seen::Record(fetched), _) => Ok(Some(fetched)),
            (Seen::Nothing(KeyState::Destroyed), _)
            | (Seen::Nothing(KeyState::Missing), Trace::Named)
            | (Seen::Nothing(_), Trace::Anew) => Ok(None),
            (Seen::Nothing(_), _) => Box::pin(self.look_again(key, trace)).await,
        }
    }

    /// A record that was not there, of a customer who has a key or a confirmed identity. In this order nobody is taken for lost: the record of
    /// a key that is committed was there before, and an erasure destroys the key before it removes the record.
    ///
    /// # Errors
    /// `Corrupt`: there must be a record, and there is none.
    async fn look_again(&self, key: &CustomerKey, trace: Trace) -> Result<Option<Fetched>> {
        let was_there = match self.ring.entry(key).await? {
            Some(KeyEntry::Tombstone) => return Ok(None),
            Some(KeyEntry::Wrapped(_)) => trace == Trace::Confirmed,
            // A key is never removed: it was lost too.
            Some(KeyEntry::Committed(_)) | None => true,
        };
        if !was_there {
            // Its creation is under way, or was cut short.
            return Ok(None);
        }
        let record = self.store.record(key).await?;
        if record.is_some() {
            let found = self.ring.get(key).await;
            let seen = self.seen(key, Ok(record), found).await.map_err(|fault| fault.of_customer(key))?;
            return Ok(if let Seen::Record(fetched) = seen { Some(fetched) } else { None });
        }
        if self.ring.entry(key).await? == Some(KeyEntry::Tombstone) {
            return Ok(None);
        }
        Err(record_is_missing().of_customer(key))
    }

    /// Many records, still sealed, in the order of the keys. Round trips as for [`Records::fetch`]. Damaged data is an error of
    /// its customer alone.
    pub async fn fetch_many(&self, keys: &[CustomerKey]) -> Result<Vec<Result<Option<Fetched>>>> {
        self.fetch_many_by(keys, &vec![Trace::Named; keys.len()]).await
    }

    /// The same of customers to whom something led, in the order of the keys.
    pub async fn fetch_many_by(&self, keys: &[CustomerKey], by: &[Trace]) -> Result<Vec<Result<Option<Fetched>>>> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let (records, found) = tokio::join!(self.store.records(keys), self.ring.get_many(keys));
        let Ok(records) = split_corruption(records)? else {
            return self.fetch_one_by_one(keys, by).await;
        };
        let pairs = records.into_iter().zip(found?);
        let mut all = Vec::with_capacity(keys.len());
        for ((key, trace), (record, found)) in keys.iter().zip(by).zip(pairs) {
            let seen = async {
                let seen = self.seen(key, Ok(record), found).await.map_err(|fault| fault.of_customer(key))?;
                self.believed(key, *trace, seen).await
            };
            all.push(split_corruption(seen.await)?);
        }
        Ok(all)
    }

    /// For a value that is not even bytes: it fails the question for many.
    async fn fetch_one_by_one(&self, keys: &[CustomerKey], by: &[Trace]) -> Result<Vec<Result<Option<Fetched>>>> {
        let mut each = Vec::with_capacity(keys.len());
        for (key, trace) in keys.iter().zip(by) {
            each.push(split_corruption(self.fetch_by(key, *trace).await)?);
        }
        Ok(each)
    }

    /// The profile; `None` if absent or erased. Round trips as for [`Records::fetch`].
    pub async fn read(&self, key: &CustomerKey) -> Result<Option<Versioned>> {
        self.read_by(key, Trace::Named).await
    }

    /// The same of a customer to whom something led.
    pub async fn read_by(&self, key: &CustomerKey, trace: Trace) -> Result<Option<Versioned>> {
        self.fetch_by(key, trace).await?.map(|fetched| fetched.open()).transpose()
    }

    /// Many profiles, in the order of the keys. Round trips as for [`Records::fetch`].
    pub async fn read_many(&self, keys: &[CustomerKey]) -> Result<Vec<Result<Option<Versioned>>>> {
        self.read_many_by(keys, &vec![Trace::Named; keys.len()]).await
    }

    /// The same of customers to whom something led, in the order of the keys.
    pub async fn read_many_by(&self, keys: &[CustomerKey], by: &[Trace]) -> Result<Vec<Result<Option<Versioned>>>> {
        let open = |fetched: Result<Option<Fetched>>| fetched?.map(|fetched| fetched.open()).transpose();
        Ok(self.fetch_many_by(keys, by).await?.into_iter().map(open).collect())
    }

    /// Record, remembered requests and some entries, read in one step, for a change.
    pub async fn load(&self, key: &CustomerKey, entries: &[EntryId]) -> Result<Opened> {
        self.load_slot(key, entries).await.map_err(|fault| fault.of_customer(key))
    }

    async fn load_slot(&self, key: &CustomerKey, entries: &[EntryId]) -> Result<Opened> {
        let (mut loaded, found) = self.loaded(key, entries).await?;
        let is_absent = loaded.record.is_none() && matches!(found, KeyState::Key(_));
        if is_absent && self.look_again(key, Trace::Named).await?.is_some() {
            loaded = self.store.load(key, Lane::Interactions, entries).await?;
        }
        let data_key = match found {
            KeyState::Key(data_key) => data_key,
            KeyState::Missing if loaded.record.is_some() => return Err(key_is_missing()),
            // Requests that are there without a record and a key are of nobody.
            KeyState::Destroyed | KeyState::Missing => {
                return Ok(Opened { current: None, requests: Vec::new(), entries: vec_of_none(entries.len()) });
            }
        };
        let requests = open_requests(key, &data_key, loaded.requests.as_deref())?;
        let current = loaded.record.map(|record| open(key, &data_key, &record)).transpose()?;
        let entries = loaded
            .history
            .into_iter()
            .map(|entry| entry.map(|entry| open_entry(key, &data_key, Lane::Interactions, &entry)).transpose())
            .collect::<Result<_>>()?;
        Ok(Opened { current, requests, entries })
    }

    async fn loaded(&self, key: &CustomerKey, entries: &[EntryId]) -> Result<(Loaded, KeyState)> {
        let (loaded, found) = tokio::join!(self.store.load(key, Lane::Interactions, entries), self.ring.get(key));
        let loaded = loaded?;
        let found = self.key_beside(key, loaded.record.is_some(), found?).await?;
        Ok((loaded, found))
    }

    /// Seals and commits; answers the new revision. `Ok(None)`: the customer was erased, nothing was written.
    pub async fn commit(&self, write: Write) -> Result<Option<Revision>> {
        let key = write.key.clone();
        self.commit_slot(write).await.map_err(|fault| fault.of_customer(&key))
    }

    async fn commit_slot(&self, mut write: Write) -> Result<Option<Revision>> {
        write.profile = self.as_written(write.profile);
        let found = match write.expect {
            None => self.ring.get_or_make(&write.key).await?,
            Some(_) => self.ring.get(&write.key).await?,
        };
        let data_key = match found {
            KeyState::Key(data_key) => data_key,
            KeyState::Destroyed => return Ok(None),
            KeyState::Missing => return Err(key_is_missing()),
        };
        let revision = Revision {
            counter: write.expect.map_or(0, |revision| revision.counter) + 1,
            write_id: u64::from_be_bytes(random()?),
        };
        let commit = seal(&data_key, self.write_format.get(), revision, write)?;
        self.store.commit(commit).await?;
        Ok(Some(revision))
    }

    /// The profile without what the format of the store lacks and readers can do without. What else it lacks is refused.
    pub fn as_written(&self, mut profile: Profile) -> Profile {
        if self.write_format.get() < WHEREABOUTS_FORMAT {
            profile.habits.whereabouts = Whereabouts::default();
        }
        profile
    }

    /// A page of the history.
    pub async fn history(
        &self,
        key: &CustomerKey,
        lane: Lane,
        range: HistoryRange,
    ) -> Result<Vec<(HistoryEntry, Entry)>> {
        self.history_page(key, lane, range).await.map_err(|fault| fault.of_customer(key))
    }

    async fn history_page(
        &self,
        key: &CustomerKey,
        lane: Lane,
        range: HistoryRange,
    ) -> Result<Vec<(HistoryEntry, Entry)>> {
        let (entries, found) = tokio::join!(self.store.history(key, lane, range), self.ring.get(key));
        let entries = entries?;
        let data_key = match self.key_beside(key, !entries.is_empty(), found?).await? {
            KeyState::Key(data_key) => data_key,
            KeyState::Destroyed => return Ok(Vec::new()),
            KeyState::Missing if entries.is_empty() => return Ok(Vec::new()),
            KeyState::Missing => return Err(key_is_missing()),
        };
        let opened = |entry: HistoryEntry| {
            let change = open_entry(key, &data_key, lane, &entry)?;
            Ok((entry, change))
        };
        entries.into_iter().map(opened).collect()
    }
}

fn vec_of_none(length: usize) -> Vec<Option<Entry>> {
    std::iter::repeat_with(|| None).take(length).collect()
}

fn record_is_missing() -> StoreError {
    StoreError::Corrupt("the record is gone, though it was committed, and the customer was not erased".into())
}

fn key_is_missing() -> StoreError {
    StoreError::Corrupt("the data key is missing from the key store".into())
}

/// What record and key came to.
enum Seen {
    Record(Fetched),
    /// There is none, or none that counts; and what is known of the key.
    Nothing(KeyState),
}

fn fetched(key: &CustomerKey, record: Option<Bytes>, found: KeyState) -> Result<Seen> {
    match (record, found) {
        (None, found) => Ok(Seen::Nothing(found)),
        // The key store decides: a record restored from an old backup stays erased.
        (Some(_), KeyState::Destroyed) => Ok(Seen::Nothing(KeyState::Destroyed)),
        (Some(_), KeyState::Missing) => Err(key_is_missing()),
        (Some(record), KeyState::Key(data_key)) => {
            let revision = Header::decode(&record)?.0.revision;
            Ok(Seen::Record(Fetched { key: key.clone(), data_key, record, revision }))
        }
    }
}

fn open(key: &CustomerKey, data_key: &DataKey, record: &[u8]) -> Result<Versioned> {
    let (header, body) = Header::decode(record)?;
    readable(header.format)?;
    let data = AssociatedData::Record { key, header: &record[..HEADER_LEN] };
    let profile = profile::decode(&data_key.open(&data, body)?)?;
    Ok(Versioned { profile, revision: header.revision })
}

fn open_entry(key: &CustomerKey, data_key: &DataKey, lane: Lane, entry: &HistoryEntry) -> Result<Entry> {
    let (format, sealed) = entry
        .bytes
        .split_first_chunk::<FORMAT_LEN>()
        .ok_or_else(|| StoreError::Corrupt("an entry of the history without its format".into()))?;
    let format = u16::from_be_bytes(*format);
    readable(format)?;
    let data = AssociatedData::Entry { key, format, lane, id: &entry.id };
    history::decode(&data_key.open(&data, sealed)?)
}

/// Whether this release reads a format.
fn readable(format: u16) -> Result<()> {
    if FORMATS.contains(&format) {
        return Ok(());
    }
    Err(StoreError::Corrupt(format!("it is of format {format}, which this release cannot read").into()))
}

fn seal(data_key: &DataKey, format: u16, revision: Revision, write: Write) -> Result<Commit> {
    let Write { key, expect, profile, request, entries, dropped, tokens, touched, index, now_ms } = write;
    let header = Header { format, revision }.encode();
    let plain = profile::encode(&profile);
    fits(format, Message::Profile, &plain)?;
    let mut record = Vec::with_capacity(HEADER_LEN + plain.len() + SEAL_OVERHEAD);
    record.extend_from_slice(&header);
    data_key.seal(&AssociatedData::Record { key: &key, header: &header }, plain, &mut record)?;
    let requests = request.map(|request| request.seal(&key, data_key, format, revision, now_ms)).transpose()?;
    let mut history_put = Vec::with_capacity(entries.len());
    for NewEntry { lane, id, time_ms, entry } in entries {
        let mut bytes = format.to_be_bytes().to_vec();
        let plain = history::encode(&entry);
        fits(format, Message::Change, &plain)?;
        data_key.seal(&AssociatedData::Entry { key: &key, format, lane, id: &id }, plain, &mut bytes)?;
        history_put.push((lane, HistoryEntry { id, time_ms, bytes: bytes.into() }));
    }
    Ok(Commit {
        log: LogEntry { key: key.clone(), revision, touched, index },
        key,
        expect,
        record: RecordWrite::Put(record.into()),
        requests,
        history_put,
        history_drop: dropped,
        tokens,
        now_ms,
    })
}
