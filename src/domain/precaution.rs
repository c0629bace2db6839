//! Precautions: what must not go wrong. Never trimmed, decayed, outvoted or removed.

use super::{Timestamp, id::PartId};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PrecautionKind {
    Allergy,
    Intolerance,
    Diet,
    Accessibility,
    Abstention,
    Topic,
}

impl PrecautionKind {
    /// Whether it is about what somebody eats or drinks: what staff ask about before they serve.
    pub fn is_about_food(self) -> bool {
        match self {
            Self::Allergy | Self::Intolerance | Self::Diet | Self::Abstention => true,
            Self::Accessibility | Self::Topic => false,
        }
    }
}

/// How dangerous it is to ignore the precaution. Not known is served like high.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Criticality {
    Unknown,
    Low,
    High,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Severity {
    Unknown,
    Mild,
    Moderate,
    Severe,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PrecautionStatus {
    Unconfirmed,
    Confirmed,
    Refuted,
    Resolved,
    EnteredInError,
}

/// A precaution as it was reported. `code` is upper case, `A-Z0-9_`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrecautionDraft {
    pub kind: PrecautionKind,
    pub code: String,
    pub text: String,
    pub criticality: Criticality,
    pub severity: Severity,
    pub status: PrecautionStatus,
}

/// The last change of status.
#[derive(Debug, Clone, PartialEq)]
pub struct Review {
    pub by: String,
    pub time: Timestamp,
    pub reason: String,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Precaution {
    pub id: PartId,
    /// As reported, with today's status.
    pub reported: PrecautionDraft,
    pub recorded_by: String,
    pub record_time: Timestamp,
    pub review: Option<Review>,
}

impl Precaution {
    /// Served to whoever serves: unconfirmed counts like confirmed.
    pub fn is_active(&self) -> bool {
        matches!(self.reported.status, PrecautionStatus::Unconfirmed | PrecautionStatus::Confirmed)
    }
}

/// What is known about precautions as a whole. One of them is always given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrecautionState {
    NotAsked,
    NoneKnown,
    Listed,
    Withheld,
    Unavailable,
}
