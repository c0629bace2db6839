//! Precautions: what must not go wrong. Never trimmed, decayed or outvoted; what is past makes room for
//! new ones, what is active never does.

use crate::domain::kernel::{author::Author, id::PartId, limits::TEXT_CHARS_MAX, text::is_same, time::Timestamp};

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

impl Criticality {
    /// Whether it is served as life-threatening.
    pub fn is_dangerous(self) -> bool {
        self != Self::Low
    }

    /// Low, not said, high: a report further up says more.
    fn rank(self) -> u8 {
        match self {
            Self::Low => 0,
            Self::Unknown => 1,
            Self::High => 2,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
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

/// Codes that leave to the words what is meant.
const TOLD_BY_TEXT: [&str; 2] = ["OTHER", "SEE_TEXT"];

impl PrecautionDraft {
    /// Whether it reports the same thing as another.
    pub fn is_same_as(&self, other: &Self) -> bool {
        let told_by_text = TOLD_BY_TEXT.contains(&self.code.as_str());
        self.kind == other.kind && self.code == other.code && (!told_by_text || is_same(&self.text, &other.text))
    }
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

    /// What is known once somebody reports the same again. One person makes it more critical, more severe, or says more; it
    /// becomes less critical only if somebody else says so who is named. `None`: there is no room for what both say, so
    /// the report has to stand beside it.
    pub fn updated(&self, again: &PrecautionDraft, by: &Author) -> Option<PrecautionDraft> {
        let known = &self.reported;
        let is_lowered = again.criticality == Criticality::Low && by.is_second_person(&self.recorded_by);
        let is_raised = again.criticality.rank() > known.criticality.rank();
        let mut updated = known.clone();
        updated.text = joined(&known.text, &again.text)?;
        updated.severity = known.severity.max(again.severity);
        if is_raised || is_lowered {
            updated.criticality = again.criticality;
        }
        let says_more = updated != *known;
        let is_confirmed = again.status == PrecautionStatus::Confirmed;
        if is_confirmed || says_more {
            updated.status = again.status;
        }
        Some(updated)
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

/// What two reports say, each once; `None`: it is too long.
fn joined(known: &str, again: &str) -> Option<String> {
    let (has, adds) = (known.to_lowercase(), again.to_lowercase());
    if has.contains(&adds) {
        return Some(known.to_owned());
    }
    if adds.contains(&has) {
        return Some(again.to_owned());
    }
    let both = [known.trim_end_matches('.'), ". ", again].concat();
    (both.chars().count() <= TEXT_CHARS_MAX).then_some(both)
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
