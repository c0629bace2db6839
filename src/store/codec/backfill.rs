//! Stored bytes of a backfill's progress.

use prost::Message;

use super::{
    super::{BUCKETS, Result, stored},
    mirror::{AsIs, Stored, damaged, mirror},
};

/// How far an index was filled with records that were written before it was kept.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Progress {
    /// Buckets that are done.
    pub buckets: u16,
    /// The last member of the next bucket's listing that is done; empty: none.
    pub after: Vec<u8>,
}

impl Progress {
    /// Whether every record is in the index.
    pub fn is_finished(&self) -> bool {
        self.buckets == BUCKETS
    }
}

pub fn encode(progress: &Progress) -> Vec<u8> {
    let stored: stored::Backfill = progress.store();
    stored.encode_to_vec()
}

pub fn decode(bytes: &[u8]) -> Result<Progress> {
    let stored = stored::Backfill::decode(bytes).map_err(|_| damaged("the progress of a backfill"))?;
    let progress = Progress::read(stored)?;
    if progress.buckets > BUCKETS { Err(damaged("the progress of a backfill")) } else { Ok(progress) }
}

mirror!(Progress = stored::Backfill { buckets, after: AsIs });
