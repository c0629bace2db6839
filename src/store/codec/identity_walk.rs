//! Stored bytes of how far the walk came that puts back identity entries.

use super::{
    super::{BUCKETS, Result, stored},
    mirror::{AsIs, damaged, mirror},
    values,
};

/// How far the walk came, and what it put back.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Progress {
    /// Buckets of the listing that are done.
    pub buckets: u16,
    /// The last member that is done of the next bucket; empty: none.
    pub after: Vec<u8>,
    /// Entries that were put back, since the store was made.
    pub restored: u64,
}

impl Progress {
    /// Whether every bucket is done.
    pub fn has_ended(&self) -> bool {
        self.buckets == BUCKETS
    }

    /// Whether the other is at the same place.
    pub fn is_at(&self, other: &Self) -> bool {
        (self.buckets, &self.after) == (other.buckets, &other.after)
    }

    /// Whether nothing is done.
    pub fn is_at_start(&self) -> bool {
        self.buckets == 0 && self.after.is_empty()
    }
}

pub fn encode(progress: &Progress) -> Vec<u8> {
    values::encode::<stored::IdentityWalk>(progress)
}

pub fn decode(bytes: &[u8]) -> Result<Progress> {
    let progress: Progress = values::decode::<stored::IdentityWalk, _>(bytes, "the progress of a walk")?;
    if progress.buckets > BUCKETS { Err(damaged("the progress of a walk")) } else { Ok(progress) }
}

mirror!(Progress = stored::IdentityWalk { buckets, after: AsIs, restored });
