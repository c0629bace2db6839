//! Taking an interaction back.

use super::{
    super::{
        Caller, Receipt, Request,
        edit::{Edited, Plan, Target, pause},
        error::{Error, Result},
        writes::{Writer, Writes},
    },
    marks::entry_id,
};
use crate::{
    domain::{
        Change, CustomerId, Profile, Stamp, anticipation, habits::Habits, id::SourceId, interaction::Interaction,
        visits_left::VisitsLeft,
    },
    store::{
        CustomerKey, EntryId, HistoryRange, Lane,
        codec::history::Entry,
        records::{NewEntry, Opened},
    },
};

/// Attempts before a void gives up. Writers of this process queue behind it, so only other replicas come between.
const ATTEMPTS_MAX: u32 = 16;
/// Entries of the history that are read at once.
const PAGE: usize = 256;

impl Writes {
    /// Voids an interaction: it stays in the history, marked, and counts no more. Voiding twice changes nothing.
    pub async fn void(
        &self,
        caller: &Caller,
        customer: CustomerId,
        source: SourceId,
        external_id: String,
        reason: String,
    ) -> Result<Receipt> {
        self.run(caller, |writer, caller| async move {
            writer.void(&caller, customer, &source, &external_id, &reason).await
        })
        .await
    }
}

impl Writer {
    async fn void(
        &self,
        caller: &Caller,
        customer: CustomerId,
        source: &SourceId,
        external_id: &str,
        reason: &str,
    ) -> Result<Receipt> {
        let _queued = self.locks.lock(customer).await;
        let id = entry_id(caller, source, external_id);
        for attempt in 0..ATTEMPTS_MAX {
            match self.void_once(caller, customer, id, reason).await {
                // Another replica has changed the customer since the history was read.
                Err(Error::EtagMismatch) => pause(attempt).await?,
                voided => return voided,
            }
        }
        Err(Error::Contended)
    }

    /// Which visits are left must still be true when it is committed: so the commit demands the revision that the history was read at.
    async fn void_once(&self, caller: &Caller, customer: CustomerId, id: EntryId, reason: &str) -> Result<Receipt> {
        let key = caller.key(customer);
        let Opened { current, entries, .. } = self.records.load(&key, &[id]).await?;
        let current = current.ok_or(Error::CustomerNotFound)?;
        let left = match entries.first() {
            Some(Some(Entry { change: Change::InteractionRecorded(gone), .. }))
                if current.profile.habits.ends_with(gone) =>
            {
                self.visits_left(&key, &current.profile.habits, gone, id).await?
            }
            _ => None,
        };
        let request = Request::default();
        let target = Target { customer, request: &request, etag: Some(current.revision), entries: &[id] };
        let others = caller.copurchase.as_deref().map(|read| &read.snapshot);
        // The outcome: the voided interaction, and what it had added to the statistics.
        let plan = |profile: &Profile, entries: &[Option<Entry>]| {
            let Some(Some(entry)) = entries.first() else {
                return Err(Error::EntryNotFound("interaction"));
            };
            let interaction = match &entry.change {
                Change::InteractionRecorded(interaction) => interaction.clone(),
                _ => return Ok(Plan::default()),
            };
            let told = anticipation::observe(&profile.habits, &interaction, others);
            let change =
                Change::InteractionVoided { interaction: interaction.clone(), reason: reason.to_owned(), left };
            let marked = NewEntry {
                lane: Lane::Interactions,
                id,
                time_ms: interaction.occur_time.as_millisecond(),
                entry: Entry {
                    change: change.clone(),
                    stamp: Stamp { at: caller.now, by: caller.principal.author() },
                    fingerprint: entry.fingerprint.clone(),
                    original: Some(entry.stamp.clone()),
                },
            };
            Ok(Plan {
                changes: vec![change],
                entries: vec![marked],
                outcome: Some((interaction, told)),
                ..Plan::default()
            })
        };
        let edited = self.edit_queued(caller, &target, plan).await?;
        if let Edited::Done { outcome: Some((interaction, told)), .. } = &edited {
            self.copurchase.take_back(caller, customer, interaction, told);
        }
        Ok(edited.receipt())
    }

    /// The visits that are left without one; `None`: the history has lost what it takes to know. It is read to its end, which no
    /// caller waits for but who takes back somebody's first or latest visit.
    async fn visits_left(
        &self,
        key: &CustomerKey,
        habits: &Habits,
        gone: &Interaction,
        id: EntryId,
    ) -> Result<Option<VisitsLeft>> {
        let mut left = VisitsLeft::default();
        let mut range =
            HistoryRange { from_ms: i64::MIN, to_ms: i64::MAX, after: None, newest_first: true, limit: PAGE };
        loop {
            let page = self.records.history(key, Lane::Interactions, range).await?;
            for (at, entry) in &page {
                if let Change::InteractionRecorded(stays) = &entry.change
                    && at.id != id
                {
                    left.add(stays, &gone.venue);
                }
            }
            match page.last() {
                Some((last, _)) if page.len() == PAGE => range.after = Some((last.time_ms, last.id)),
                _ => break,
            }
        }
        Ok(if habits.horizon.is_none() { Some(left) } else { left.of_trimmed(habits) })
    }
}
