//! Precautions: what must not go wrong. Active ones are never left out or dropped, do not fade with time, and no
//! preference outweighs them; past ones make room for new ones.

pub use super::not_eaten::PRECAUTIONS_NOT_EATEN;
use super::precaution_kind::is_illness_of_food;
pub use super::precaution_kind::{PrecautionKind, acts_as, acts_as_told, illness_told, kind_of};
use crate::domain::{
    kernel::{
        author::{Author, Stamp},
        id::PartId,
        limits::TEXT_CHARS_MAX,
        time::Timestamp,
    },
    words::{
        fold::{is_alike, is_same_item},
        people::is_same_person,
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

/// Codes that leave to the words what is meant.
const TOLD_BY_TEXT: [&str; 2] = ["OTHER", "SEE_TEXT"];

impl PrecautionDraft {
    /// What it acts as: see [`acts_as`].
    pub fn acts_as(&self) -> PrecautionKind {
        let by_code = acts_as(self.kind, &self.code);
        if by_code == self.kind { acts_as_told(by_code, self.own_words()) } else { by_code }
    }

    /// Whether staff act on it without a word, so that a display that may face the customer does not show it either.
    pub fn is_never_mentioned(&self) -> bool {
        self.kind == PrecautionKind::Topic
            || (!self.is_said_aloud() && self.pregnancy_told().is_some())
            // What it is about, and not only beside it; the gate lets nothing through that it may be about.
            || self.is_slip_of_pregnancy()
    }

    /// Whether its code leaves to the words what is meant.
    pub fn is_told_by_text(&self) -> bool {
        TOLD_BY_TEXT.contains(&self.code.as_str())
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

    /// Takes over how long it may be kept: the longer time, unless the customer wants it known during a visit only and has
    /// not agreed to more since.
    fn keep_as(&mut self, again: &Self, now: Timestamp) {
        let agrees = again.basis.said == BasisKind::Consent;
        if self.is_pregnancy() && self.basis.said == BasisKind::Consent {
            // It does not begin anew because it is said again: a list that is sent each night would keep it for ever.
            let own_end = |draft: &Self| draft.until.is_none() || draft.until == Some(draft.latest_end(now));
            let later = again.until.filter(|_| !own_end(again)).map(|until| until.time.min(self.latest_end(now).time));
            self.until = match (self.until, later) {
                (Some(one), Some(later)) if later > one.time => Some(Until { time: later, is_departure: false }),
                (one, _) => one,
            };
            return;
        }
        let stays_short = self.basis.said == BasisKind::ThisVisitOnly && !agrees;
        self.until = match (self.until, again.until) {
            (Some(one), _) if stays_short => Some(one),
            (Some(one), Some(other)) if other.time > one.time => Some(other),
            (Some(one), Some(_)) => Some(one),
            _ => None,
        };
        if agrees {
            self.basis = again.basis.clone();
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

    fn is_lowered(&self, again: &PrecautionDraft, by: &Author) -> bool {
        again.criticality == Criticality::Low && self.has_second_person(by)
    }

    /// Whether a report of the same is kept as one with it: nothing that was said for some time stays longer than that.
    pub fn is_one_with(&self, again: &PrecautionDraft, stamp: &Stamp) -> bool {
        let known = &self.reported;
        let mut kept = known.clone();
        kept.keep_as(again, stamp.at);
        let end = |draft: &PrecautionDraft| draft.until.map_or(Timestamp::MAX, |until| until.time);
        let adds = |one: &PrecautionDraft, other: &PrecautionDraft| {
            let is_more = other.criticality.rank() > one.criticality.rank() || other.severity > one.severity;
            is_more || joined(&one.text, &other.text).as_ref() != Some(&one.text)
        };
        let is_lowered = again.criticality.rank() < known.criticality.rank() && self.is_lowered(again, &stamp.by);
        let again_outlives = end(&kept) > end(again) && (is_lowered || adds(known, again));
        let known_outlives = end(&kept) > end(known) && adds(again, known);
        !again_outlives && !known_outlives
    }

    /// What is known once somebody reports the same again. One person makes it more critical, more severe, or says more; it
    /// becomes less critical only if somebody else says so who is named. `None`: there is no room for what both say.
    pub fn updated(&self, again: &PrecautionDraft, by: &Author, now: Timestamp) -> Option<PrecautionDraft> {
        let known = &self.reported;
        let is_raised = again.criticality.rank() > known.criticality.rank();
        let mut updated = known.clone();
        updated.text = joined(&known.text, &again.text)?;
        updated.severity = known.severity.max(again.severity);
        if is_raised || self.is_lowered(again, by) {
            updated.criticality = again.criticality;
        }
        let says_more = updated != *known;
        updated.keep_as(again, now);
        let is_confirmed = again.status == PrecautionStatus::Confirmed;
        if is_confirmed || says_more {
            updated.status = again.status;
        }
        Some(updated)
    }

    /// Whether it may be about something that is eaten or drunk: an allergy to feathers is not.
    pub fn is_about_food(&self) -> bool {
        let reported = &self.reported;
        self.is_food_by_code() || is_illness_of_food(&reported.text) || reported.names_food()
    }

    /// The same by its code alone, and by its words where they stand for it.
    pub fn is_food_by_code(&self) -> bool {
        let reported = &self.reported;
        reported.acts_as().is_about_food() && PRECAUTIONS_NOT_EATEN.binary_search(&subject(&reported.code)).is_err()
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

/// What two reports say, each sentence once; `None`: it is too long. Part of a sentence may be denied by the rest of it ("not anaphylactic").
fn joined(known: &str, again: &str) -> Option<String> {
    let sentences = |text: &str| -> Vec<String> {
        let all = text.split(['.', ';', '!', '\n']).map(|one| one.trim().to_lowercase());
        all.filter(|one| !one.is_empty()).collect()
    };
    let (has, adds) = (sentences(known), sentences(again));
    if adds.iter().all(|one| has.contains(one)) {
        return Some(known.to_owned());
    }
    if has.iter().all(|one| adds.contains(one)) {
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
    fn no_sentence_is_lost_beside_one_that_denies_it() {
        for (known, again, both) in [
            ("not anaphylactic", "anaphylactic", "not anaphylactic. anaphylactic"),
            ("Anaphylactic", "Not anaphylactic", "Anaphylactic. Not anaphylactic"),
            ("Fatal", "Fatal. Carries an EpiPen", "Fatal. Carries an EpiPen"),
            ("Fatal. Carries an EpiPen", "carries an epipen.", "Fatal. Carries an EpiPen"),
            ("Planting", "ant", "Planting. ant"),
            ("", "All nuts", "All nuts"),
            ("All nuts", "", "All nuts"),
        ] {
            assert_eq!(joined(known, again).as_deref(), Some(both));
        }
    }

    #[test]
    fn what_a_code_is_about() {
        for (code, about) in [("NO_PORK", "PORK"), ("LACTOSE_FREE", "LACTOSE"), ("NUTS", "NUTS")] {
            assert_eq!(subject(code), about);
        }
    }
}
