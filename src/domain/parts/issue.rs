//! Issues: what went wrong, until it is made good.

use crate::domain::kernel::{
    author::Author,
    id::{PartId, VenueId},
    time::Timestamp,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum IssueSeverity {
    Minor,
    Major,
    Critical,
}

/// An issue as it was reported. `cause` is upper case, `A-Z0-9_`, so that it can be counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssueDraft {
    pub severity: IssueSeverity,
    pub cause: String,
    pub venue: VenueId,
    pub item: String,
    pub text: String,
    /// Who is to solve it; empty: not assigned yet.
    pub owner: String,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Issue {
    pub id: PartId,
    /// As reported, with today's owner.
    pub reported: IssueDraft,
    pub opened_by: Author,
    /// When it was opened, or opened again.
    pub open_time: Timestamp,
    /// `None`: it is open.
    pub resolve_time: Option<Timestamp>,
    pub resolution: String,
    pub reopen_count: u32,
}

impl Issue {
    pub fn is_open(&self) -> bool {
        self.resolve_time.is_none()
    }
}
