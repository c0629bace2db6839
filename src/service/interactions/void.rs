//! Taking an interaction back.

use super::{
    super::{
        Caller, Receipt, Request,
        edit::{Edited, Plan, Target},
        error::{Error, Result},
        writes::{Writer, Writes},
    },
    marks::entry_id,
};
use crate::{
    domain::{Change, CustomerId, Profile, Stamp, anticipation, id::SourceId},
    store::{Lane, codec::history::Entry, records::NewEntry},
};

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
        let id = entry_id(caller, source, external_id);
        let request = Request::default();
        let target = Target { customer, request: &request, etag: None, entries: &[id] };
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
            let change = Change::InteractionVoided { interaction: interaction.clone(), reason: reason.to_owned() };
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
        let edited = self.edit(caller, &target, plan).await?;
        if let Edited::Done { outcome: Some((interaction, told)), .. } = &edited {
            self.copurchase.take_back(&caller.principal.tenant, customer, interaction, told);
        }
        Ok(edited.receipt())
    }
}
