//! Stored bytes of a backfill's progress.

use prost::Message;

use super::{
    super::{BUCKETS, Result, stored},
    mirror::{AsIs, Stored, damaged, mirror},
};

/// How far an index was filled with records that were written before it was kept.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Progress {
    /// Buckets of the listing that are done.
    pub buckets: u16,
    /// Partitions of the index that were looked through afterwards.
    pub partitions: u16,
    /// The last member that is done of the next bucket or partition; empty: none.
    pub after: Vec<u8>,
    /// When the store was first seen to be written in the format for it.
    pub raised_ms: Option<i64>,
    /// Records that did not open.
    pub unreadable: u64,
}

impl Progress {
    /// Whether every record is in the index.
    pub fn is_filled(&self) -> bool {
        self.buckets == BUCKETS
    }

    /// Whether, beyond that, nothing else is.
    pub fn is_finished(&self) -> bool {
        self.is_filled() && self.partitions == BUCKETS
    }
}

pub fn encode(progress: &Progress) -> Vec<u8> {
    let stored: stored::Backfill = progress.store();
    stored.encode_to_vec()
}

pub fn decode(bytes: &[u8]) -> Result<Progress> {
    let stored = stored::Backfill::decode(bytes).map_err(|_| damaged("the progress of a backfill"))?;
    let progress = Progress::read(stored)?;
    let most = progress.buckets.max(progress.partitions);
    if most > BUCKETS { Err(damaged("the progress of a backfill")) } else { Ok(progress) }
}

mirror!(Progress = stored::Backfill { buckets, partitions, after: AsIs, raised_ms, unreadable });
