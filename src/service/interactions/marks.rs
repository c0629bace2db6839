//! What an interaction is recognised by in the history.

use super::super::Caller;
use crate::{
    domain::{Change, id::SourceId, interaction::Interaction},
    store::{EntryId, codec::history::Entry, sealing::Label},
};

/// The id of an interaction's entry, and what tells other content under the same id.
#[derive(Debug, Clone, Copy)]
pub struct Marks {
    /// Of the entry.
    pub id: EntryId,
    /// A keyed hash of what was sent, whoever it is about: the customer may be named by id or by any identity.
    pub fingerprint: [u8; 16],
    /// With the name of the customer, as entries of before have it.
    named_fingerprint: [u8; 16],
}

/// What was sent, as bytes: other content under the same key is noticed.
#[derive(Debug, Clone, Default)]
pub struct Sent {
    /// Without the customer.
    pub content: Vec<u8>,
    /// With the customer, as they were named.
    pub named: Vec<u8>,
}

impl Marks {
    /// Those of an interaction with this content.
    pub fn of(caller: &Caller, source: &SourceId, external_id: &str, sent: &Sent) -> Self {
        let fingerprint = |bytes: &[u8]| caller.index_key.digest(Label::Fingerprint, &[bytes]);
        Self {
            id: entry_id(caller, source, external_id),
            fingerprint: fingerprint(&sent.content),
            named_fingerprint: fingerprint(&sent.named),
        }
    }

    /// Whether an entry that lies under the id was made of the same bytes.
    pub fn is_of(&self, entry: &Entry) -> bool {
        entry.fingerprint == self.fingerprint || entry.fingerprint == self.named_fingerprint
    }

    /// Whether an entry that lies under the id tells of the same as this interaction, though perhaps written otherwise.
    pub fn is_of_same(&self, entry: &Entry, interaction: &Interaction) -> bool {
        self.is_of(entry)
            || match &entry.change {
                Change::InteractionRecorded(known) | Change::InteractionVoided { interaction: known, .. } => {
                    known.tells_the_same(interaction)
                }
                _ => false,
            }
    }
}

/// Where an interaction lies in the history.
pub fn entry_id(caller: &Caller, source: &SourceId, external_id: &str) -> EntryId {
    caller.index_key.entry_id(source.as_str(), external_id)
}
