//! Precautions: what must not go wrong. Never trimmed, decayed or outvoted; what is past makes room for
//! new ones, what is active never does.

use crate::domain::kernel::{author::Author, id::PartId, time::Timestamp};

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
    /// Whether it is about food or drink: staff ask about those before they serve.
    pub fn is_about_food(self) -> bool {
        match self {
            Self::Allergy | Self::Intolerance | Self::Diet | Self::Abstention => true,
            Self::Accessibility | Self::Topic => false,
        }
    }
}

/// Codes of precautions that have nothing to do with eating or drinking. Latex and nickel are not among them: they get into
/// food.
pub const PRECAUTIONS_NOT_EATEN: &[&str] = &[
    "BEE_STINGS",
    "CAT",
    "CATS",
    "CAT_HAIR",
    "DOG",
    "DOGS",
    "DOG_HAIR",
    "DOWN",
    "DUST",
    "DUST_MITES",
    "FEATHER",
    "FEATHERS",
    "FRAGRANCE",
    "FRAGRANCES",
    "GAMBLING",
    "HOUSE_DUST",
    "INSECT_STINGS",
    "MITES",
    "NICOTINE",
    "PERFUME",
    "PERFUMES",
    "PETS",
    "PET_HAIR",
    "POLLEN",
    "SMOKE",
    "SMOKING",
    "TOBACCO",
    "WOOL",
];

/// What a precaution's code is about: "NO_PORK" and "LACTOSE_FREE" are about pork and lactose.
pub fn subject(code: &str) -> &str {
    let code = code.strip_prefix("NO_").unwrap_or(code);
    code.strip_suffix("_FREE").unwrap_or(code)
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
    pub by: Author,
    pub time: Timestamp,
    pub reason: String,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Precaution {
    pub id: PartId,
    /// As reported, with today's status.
    pub reported: PrecautionDraft,
    pub recorded_by: Author,
    pub record_time: Timestamp,
    pub review: Option<Review>,
}

impl Precaution {
    /// Whether staff must respect it: unconfirmed counts like confirmed.
    pub fn is_active(&self) -> bool {
        matches!(self.reported.status, PrecautionStatus::Unconfirmed | PrecautionStatus::Confirmed)
    }

    /// Whether it may be about something that is eaten or drunk: an allergy to feathers is not.
    pub fn is_about_food(&self) -> bool {
        let reported = &self.reported;
        reported.kind.is_about_food() && PRECAUTIONS_NOT_EATEN.binary_search(&subject(&reported.code)).is_err()
    }

    /// Its order among precautions, the most critical first: what is not known to be harmless comes before what is; then by kind; then the known danger before the unknown one.
    pub fn rank(&self) -> (bool, u8, bool, u8, u32) {
        let reported = &self.reported;
        let kind = match reported.kind {
            PrecautionKind::Allergy => 0,
            PrecautionKind::Intolerance => 1,
            PrecautionKind::Diet => 2,
            PrecautionKind::Abstention => 3,
            PrecautionKind::Accessibility => 4,
            PrecautionKind::Topic => 5,
        };
        let severity = match reported.severity {
            Severity::Severe => 0,
            Severity::Unknown => 1,
            Severity::Moderate => 2,
            Severity::Mild => 3,
        };
        let harmless = reported.criticality == Criticality::Low;
        (harmless, kind, reported.criticality == Criticality::Unknown, severity, self.id.0)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_that_are_no_food_are_in_order() {
        assert!(PRECAUTIONS_NOT_EATEN.is_sorted());
        for (code, about) in [("NO_PORK", "PORK"), ("LACTOSE_FREE", "LACTOSE"), ("NUTS", "NUTS")] {
            assert_eq!(subject(code), about);
        }
    }
}
