//! What an interaction is recognised by in the history.

use super::super::Caller;
use crate::{
    domain::id::SourceId,
    store::{EntryId, codec::history::Entry, sealing::Label},
};

/// The id of an interaction's entry, and what tells other content under the same id.
#[derive(Debug, Clone, Copy)]
pub struct Marks {
    /// Of the entry.
    pub id: EntryId,
    /// A keyed hash of what was sent.
    pub fingerprint: [u8; 16],
}

impl Marks {
    /// Those of an interaction with this content, as bytes.
    pub fn of(caller: &Caller, source: &SourceId, external_id: &str, content: &[u8]) -> Self {
        let fingerprint = caller.index_key.digest(Label::Fingerprint, &[content]);
        Self { id: entry_id(caller, source, external_id), fingerprint }
    }

    /// Whether an entry that lies under the id has the same content.
    pub fn is_of(&self, entry: &Entry) -> bool {
        entry.fingerprint == self.fingerprint
    }
}

/// Where an interaction lies in the history.
pub fn entry_id(caller: &Caller, source: &SourceId, external_id: &str) -> EntryId {
    caller.index_key.entry_id(source.as_str(), external_id)
}
