//! Precautions: what must not go wrong. Active ones are never left out or dropped, do not fade with time, and no
//! preference outweighs them; past ones make room for new ones.

pub use super::not_eaten::PRECAUTIONS_NOT_EATEN;
pub use super::precaution_kind::{PrecautionKind, acts_as, acts_as_told, illness_told, kind_of};
use super::precaution_kind::{acts_as_nameless, is_illness_of_food};
use crate::domain::{
    kernel::{author::Author, id::PartId, time::Timestamp},
    words::{
        fold::{is_alike, is_same_item},
        people::is_same_person,
        whose,
    },
};

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
    pub fn rank(self) -> u8 {
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

/// Until when a precaution holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Until {
    pub time: Timestamp,
    /// Until the customer leaves: then the time is the end of the business day.
    pub is_departure: bool,
}

/// On what a precaution may be kept.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RecordBasis {
    pub said: BasisKind,
    /// How it can be shown, in words; may be empty.
    pub how: String,
    /// When the customer said so.
    pub time: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum BasisKind {
    /// Nobody recorded it.
    #[default]
    NotSaid,
    /// The customer agreed that it is kept.
    Consent,
    /// The customer wants it to be known during this visit, and no longer.
    ThisVisitOnly,
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
    /// Whose; empty: the customer's own. That of another counts for what is shared, and not for the customer's own plate.
    pub of_whom: String,
    /// `None`: it stays.
    pub until: Option<Until>,
    pub basis: RecordBasis,
}

/// For whose plates a precaution counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plates {
    /// The customer's.
    Own,
    /// Those of others at the table.
    Others,
    /// Nobody knows whose: all.
    All,
}

/// Codes that leave to the words what is meant.
pub(super) const TOLD_BY_TEXT: [&str; 2] = ["OTHER", "SEE_TEXT"];

/// Whether a code leaves to the words what is meant.
pub(super) fn is_told_by_text(code: &str) -> bool {
    TOLD_BY_TEXT.contains(&code)
}

impl PrecautionDraft {
    /// What it acts as: see [`acts_as`].
    pub fn acts_as(&self) -> PrecautionKind {
        let by_code = acts_as(self.kind, &self.code);
        // Nothing makes an allergy worse, nor what its code alone makes of it.
        if by_code == PrecautionKind::Allergy || by_code != self.kind {
            return by_code;
        }
        match self.is_told_by_text() {
            true => acts_as_told(by_code, &self.read_text()),
            false if by_code.is_about_food() => by_code,
            false => acts_as_nameless(by_code, &self.code, &self.read_text()),
        }
    }

    /// Whether its code leaves to the words what is meant.
    pub fn is_told_by_text(&self) -> bool {
        is_told_by_text(&self.code)
    }

    /// Whether its code, or its words where they stand for it, are about something eaten.
    pub fn is_food_by_code(&self) -> bool {
        // A diet is one of food, whatever it is for: NICKEL. An allergy need not be, nor an abstention: SMOKING.
        let is_eaten = || PRECAUTIONS_NOT_EATEN.binary_search(&subject(&self.code)).is_err();
        self.acts_as().is_about_food() && (self.kind == PrecautionKind::Diet || is_eaten())
    }

    /// Its words, where its code says nothing by itself.
    pub fn own_words(&self) -> &str {
        if self.is_told_by_text() { &self.text } else { "" }
    }

    /// Whether it reports the same thing as another.
    pub fn is_same_as(&self, other: &Self) -> bool {
        let told_by_text = self.is_told_by_text();
        self.kind == other.kind
            && self.code == other.code
            && is_same_person(&self.of_whom, &other.of_whom)
            && (!told_by_text || is_same_item(&self.text, &other.text) || is_alike(&self.text, &other.text))
    }

    /// Whether it is the customer's own: else it is somebody's at the same table.
    pub fn is_own(&self) -> bool {
        self.of_whom.is_empty()
    }

    /// For whose plates it counts.
    pub fn plates(&self) -> Plates {
        match self.is_own() {
            true => Plates::Own,
            false if whose::may_be_own(&self.of_whom) => Plates::All,
            false => Plates::Others,
        }
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
    /// Who said how dangerous it is, as it is now.
    pub recorded_by: Author,
    /// Who said it first, where somebody else has changed since how dangerous it is.
    pub first_said_by: Option<Author>,
    pub record_time: Timestamp,
    pub review: Option<Review>,
}

impl Precaution {
    /// Whether staff must respect it: unconfirmed counts like confirmed, until its time is over.
    pub fn is_active(&self, now: Timestamp) -> bool {
        matches!(self.reported.status, PrecautionStatus::Unconfirmed | PrecautionStatus::Confirmed)
            && self.reported.until.is_none_or(|until| now < until.time)
    }

    /// Whether somebody is shown to be none of those who vouch for it: neither who said it first takes back what a colleague made more of, nor
    /// the colleague.
    pub fn has_second_person(&self, by: &Author) -> bool {
        let mut vouching = std::iter::once(&self.recorded_by).chain(&self.first_said_by);
        vouching.all(|one| by.is_second_person(one))
    }

    /// When somebody last said so: recorded it, said it again, or confirmed it.
    pub fn said_time(&self) -> Timestamp {
        self.review.as_ref().map_or(self.record_time, |review| review.time.max(self.record_time))
    }

    /// Whether it was active at some time since `asked` (or was recorded together with it), and is no more.
    pub fn has_ended_since(&self, asked: Timestamp, now: Timestamp) -> bool {
        match self.reported.status {
            // Its time was over before the answer.
            PrecautionStatus::Unconfirmed | PrecautionStatus::Confirmed => {
                self.reported.until.is_some_and(|until| asked < until.time && until.time <= now)
            }
            PrecautionStatus::Refuted | PrecautionStatus::Resolved | PrecautionStatus::EnteredInError => {
                self.review.as_ref().map_or(self.record_time, |review| review.time) >= asked
            }
        }
    }

    /// Whether it may be about something that is eaten or drunk: an allergy to feathers is not.
    pub fn is_about_food(&self) -> bool {
        let reported = &self.reported;
        self.is_food_by_code() || is_illness_of_food(&reported.said()) || reported.names_food() || {
            reported.is_nameless_illness()
        }
    }

    /// The same by its code alone, and by its words where they stand for it.
    pub fn is_food_by_code(&self) -> bool {
        self.reported.is_food_by_code()
    }

    /// Whether it is about food, and may be said: what rests on others must not give away that they are on record.
    pub fn is_said_about_food(&self) -> bool {
        self.is_about_food() && !self.reported.is_never_mentioned()
    }

    /// Its order among precautions, the most critical first: what is not known to be harmless comes before what is; then by kind; then
    /// the known danger before the unknown one; of those that are as bad, the customer's own before those of others.
    pub fn rank(&self) -> (bool, u8, bool, u8, bool, u32) {
        let reported = &self.reported;
        let kind = match reported.worst() {
            PrecautionKind::Allergy => 0,
            PrecautionKind::Intolerance => 1,
            PrecautionKind::Diet => 2,
            PrecautionKind::Abstention => 3,
            PrecautionKind::Accessibility => 4,
            PrecautionKind::Topic => 5,
        };
        let severity = match reported.believed_severity() {
            Severity::Severe => 0,
            Severity::Unknown => 1,
            Severity::Moderate => 2,
            Severity::Mild => 3,
        };
        let danger = reported.danger();
        (danger == Criticality::Low, kind, danger == Criticality::Unknown, severity, !reported.is_own(), self.id.0)
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
    fn what_a_code_is_about() {
        for (code, about) in [("NO_PORK", "PORK"), ("LACTOSE_FREE", "LACTOSE"), ("NUTS", "NUTS")] {
            assert_eq!(subject(code), about);
        }
    }
}
