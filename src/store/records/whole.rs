//! A customer with everything the slot holds: for export, restoring and checks.

use bytes::Bytes;

use super::{Fetched, NewEntry, Records, Write, open_entry, open_requests, seal, seal_requests};
use crate::{
    domain::{Change, Profile, TouchedParts, id::HoldToken},
    store::{
        CustomerKey, HistoryRange, IndexOp, Lane, Result, Revision, StoreError, StoreExt as _,
        codec::{header::Header, requests::Remembered},
        sealing::{KeyState, random},
    },
};

/// Entries of the history read at once.
const PAGE: usize = 256;
/// How often a customer that others write to meanwhile is read again. One attempt takes milliseconds.
const ATTEMPTS_MAX: usize = 32;

/// A customer with everything that the slot holds.
#[derive(Debug, Clone, PartialEq)]
pub struct WholeCustomer {
    /// All of it was read at this revision.
    pub revision: Revision,
    /// The record, opened.
    pub profile: Profile,
    /// Oldest first.
    pub requests: Vec<Remembered>,
    /// Of both lanes: interactions first, each lane by time and id.
    pub entries: Vec<NewEntry>,
}

/// In place of a hold's token where there is no hold.
const NO_TOKEN: HoldToken = HoldToken([0; 16]);

impl WholeCustomer {
    /// The same without hold tokens, which belong to one store. What is left is equal in every store that holds it.
    #[must_use]
    pub fn without_tokens(mut self) -> Self {
        for own in &mut self.profile.identities {
            own.token = NO_TOKEN;
        }
        for entry in &mut self.entries {
            if let Change::IdentityAdded(own) = &mut entry.entry.change {
                own.token = NO_TOKEN;
            }
        }
        self
    }
}

/// Entries of a history that were read, and what is wrong with the others.
#[derive(Debug, Default)]
pub struct Entries {
    pub opened: Vec<NewEntry>,
    pub damaged: Vec<StoreError>,
}

impl Records {
    /// Everything of one customer at one revision, and what is wrong with the entries that could not be opened.
    /// `None`: absent or erased.
    ///
    /// # Errors
    /// `Corrupt` if the record itself cannot be opened; `Unavailable` if others never stop writing to it.
    pub async fn whole(&self, key: &CustomerKey) -> Result<Option<(WholeCustomer, Vec<StoreError>)>> {
        for _ in 0..ATTEMPTS_MAX {
            let Some(fetched) = self.fetch(key).await? else { return Ok(None) };
            let revision = fetched.revision;
            let profile = fetched.open()?.profile;
            let requests = self.store.load(key, Lane::Interactions, &[]).await?.requests;
            let requests = open_requests(key, &fetched.data_key, requests.as_deref())?;
            let Entries { mut opened, mut damaged } = self.entries(&fetched, Lane::Interactions).await?;
            let changes = self.entries(&fetched, Lane::Changes).await?;
            opened.extend(changes.opened);
            damaged.extend(changes.damaged);
            let now = self.store.record(key).await?.map(|record| Header::decode(&record).map(|found| found.0.revision));
            if now.transpose()? == Some(revision) {
                return Ok(Some((WholeCustomer { revision, profile, requests, entries: opened }, damaged)));
            }
        }
        Err(StoreError::Unavailable("others write to this customer all the time".into()))
    }

    /// All entries of a lane, each opened for itself: one that is damaged does not hide the others.
    pub async fn entries(&self, of: &Fetched, lane: Lane) -> Result<Entries> {
        let mut found = Entries::default();
        let mut range =
            HistoryRange { from_ms: i64::MIN, to_ms: i64::MAX, after: None, newest_first: false, limit: PAGE };
        loop {
            let page = self.store.history(&of.key, lane, range).await?;
            let Some(last) = page.last() else { return Ok(found) };
            range.after = Some((last.time_ms, last.id));
            for entry in &page {
                match open_entry(&of.key, &of.data_key, lane, entry) {
                    Ok(change) => {
                        found.opened.push(NewEntry { lane, id: entry.id, time_ms: entry.time_ms, entry: change });
                    }
                    Err(fault) => found.damaged.push(fault),
                }
            }
        }
    }

    /// As [`Records::commit`], and forgets the remembered requests.
    pub async fn commit_without_requests(&self, write: Write) -> Result<Option<Revision>> {
        let KeyState::Key(data_key) = self.ring.get(&write.key).await? else { return Ok(None) };
        let write = Write { profile: self.as_written(write.profile), ..write };
        let counter = write.expect.map_or(0, |revision| revision.counter) + 1;
        let revision = Revision { counter, write_id: u64::from_be_bytes(random()?) };
        let mut commit = seal(&data_key, self.write_format.get(), revision, write)?;
        commit.requests = Some(Bytes::new());
        self.store.commit(commit).await?;
        Ok(Some(revision))
    }

    /// Writes a customer that does not exist, as it was: with its revision, times and history. `false`: it was erased.
    ///
    /// # Errors
    /// As [`crate::store::Store::commit`]; `Conflict`: it exists.
    pub async fn restore(
        &self,
        key: &CustomerKey,
        whole: WholeCustomer,
        index: Vec<IndexOp>,
        now_ms: i64,
    ) -> Result<bool> {
        let data_key = match self.ring.get_or_make(key).await? {
            KeyState::Key(data_key) => data_key,
            KeyState::Destroyed | KeyState::Missing => return Ok(false),
        };
        let WholeCustomer { revision, profile, requests, entries } = whole;
        let tokens: Vec<HoldToken> = index.iter().filter_map(confirmed).collect();
        let write = Write {
            key: key.clone(),
            expect: None,
            profile,
            request: None,
            entries,
            dropped: Vec::new(),
            tokens,
            touched: ALL_PARTS,
            index,
            now_ms,
        };
        let mut commit = seal(&data_key, self.write_format.get(), revision, write)?;
        if !requests.is_empty() {
            commit.requests = Some(seal_requests(key, &data_key, self.write_format.get(), &requests)?);
        }
        self.store.commit(commit).await?;
        Ok(true)
    }
}

/// What the log entry of a restored customer says: every part may be new.
const ALL_PARTS: TouchedParts = TouchedParts(
    TouchedParts::DETAILS.0
        | TouchedParts::IDENTITIES.0
        | TouchedParts::PRECAUTIONS.0
        | TouchedParts::PREFERENCES.0
        | TouchedParts::OCCASIONS.0
        | TouchedParts::CONSENTS.0
        | TouchedParts::HABITS.0
        | TouchedParts::RECOVERY.0
        | TouchedParts::GESTURES.0,
);

fn confirmed(op: &IndexOp) -> Option<HoldToken> {
    match op {
        IndexOp::Confirm { token, .. } | IndexOp::ConfirmBudget { token, .. } => Some(*token),
        IndexOp::Release { .. }
        | IndexOp::List
        | IndexOp::Unlist
        | IndexOp::PutHint(_)
        | IndexOp::DropHint(_)
        | IndexOp::Count { .. }
        | IndexOp::Sealed(_) => None,
    }
}
