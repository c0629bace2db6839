//! How a report joins a precaution of the same thing: no danger ends before the report that told it says, and nothing that was said for a
//! visit stays after it.

use super::{
    precaution::{BasisKind, Criticality, Precaution, PrecautionDraft, PrecautionStatus},
    precaution_kind::PrecautionKind,
};
use crate::domain::kernel::{limits::TEXT_CHARS_MAX, time::Timestamp};

/// What becomes of a precaution with a report of the same thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Joined {
    /// The report is a precaution of its own beside it.
    Apart,
    /// There is no room for what both say.
    NoRoom,
    /// It is as the two say.
    One(PrecautionDraft),
}

impl PrecautionDraft {
    /// When it ends; the latest time: it stays.
    pub fn end(&self) -> Timestamp {
        self.until.map_or(Timestamp::MAX, |until| until.time)
    }

    fn is_for_visit(&self) -> bool {
        self.basis.said == BasisKind::ThisVisitOnly
    }

    /// Whether both end at the same time in the same way.
    pub fn ends_like(&self, other: &Self) -> bool {
        self.until == other.until && self.is_for_visit() == other.is_for_visit()
    }

    /// Whether it says all that another does, is no less critical and no less severe.
    fn says_all_of(&self, other: &Self) -> bool {
        self.criticality.rank() >= other.criticality.rank()
            && self.severity >= other.severity
            && both_of(&self.text, &other.text).as_ref() == Some(&self.text)
    }

    fn is_ill_by_kind(&self) -> bool {
        matches!(self.kind, PrecautionKind::Allergy | PrecautionKind::Intolerance)
    }

    /// Whether it was said for a visit, and a report says no more, on no basis: then it stays as short. One that ends before the visit does is
    /// no end for what may be dangerous.
    pub fn is_said_for_visit(&self, again: &Self) -> bool {
        let ends_with_visit = self.until.is_none_or(|until| until.is_departure);
        self.is_for_visit()
            && again.basis.said == BasisKind::NotSaid
            && again.is_no_danger()
            && (ends_with_visit || (!again.may_kill() && again.end() == Timestamp::MAX))
            && self.says_all_of(again)
    }

    /// Whether it was said for a visit, up to some time, and a report says no more, but that it is so until they leave.
    pub fn is_said_until_departure(&self, again: &Self) -> bool {
        let is_longer = again.until.is_some_and(|until| until.is_departure) && again.end() > self.end();
        self.is_for_visit()
            && is_longer
            && again.basis.said == BasisKind::NotSaid
            && again.is_no_danger()
            && self.says_all_of(again)
    }

    /// Whether it says all of a report, and is not only for a visit.
    pub fn is_kept_saying(&self, again: &Self) -> bool {
        !self.is_for_visit() && self.says_all_of(again)
    }

    /// Whether it is a need or a wish that nobody called dangerous: such a thing is not repeated for longer than the customer wants.
    fn is_no_danger(&self) -> bool {
        let is_ill = matches!(self.worst(), PrecautionKind::Allergy | PrecautionKind::Intolerance);
        !is_ill && self.danger() != Criticality::High
    }
}

impl Precaution {
    /// What becomes of it once somebody reports the same again. One person makes it more critical, more severe, or says more; it becomes
    /// less critical only if somebody else says so who is named (`may_lower`).
    pub fn joined(&self, again: &PrecautionDraft, may_lower: bool, now: Timestamp) -> Joined {
        let known = &self.reported;
        // Words that only repeat a pregnancy are left out of what it adds: what it tells is read before.
        let is_told = |one: &PrecautionDraft| one.pregnancy_told().is_some();
        let is_told_by_one = is_told(known) != is_told(again);
        let again = &known.said_again(again, now);
        let is_lowered =
            may_lower && again.criticality == Criticality::Low && again.criticality.rank() < known.criticality.rank();
        // Else what was said aloud would be as quiet as a pregnancy. What is an allergy by its kind is said aloud with it.
        if is_told_by_one && !known.is_ill_by_kind() {
            return Joined::Apart;
        }
        if known.ends_like(again) {
            return self.with(again, is_lowered).map_or(Joined::NoRoom, Joined::One);
        }
        let same_words = PrecautionDraft { status: self.status_with(again, false), ..known.clone() };
        // What was said for this visit stays so if it is said again; a danger does not, nor what the customer agrees to.
        if known.is_said_for_visit(again) {
            return Joined::One(same_words);
        }
        // A guess at when the visit ends gives way to its end.
        if known.is_said_until_departure(again) {
            return Joined::One(PrecautionDraft { until: again.until, ..same_words });
        }
        if !is_lowered && known.says_all_of(again) {
            let is_as_long = again.end() <= known.end() && (known.is_for_visit() || !again.is_for_visit());
            if is_as_long || known.is_said_of_pregnancy_again(again, now) {
                return Joined::One(same_words);
            }
        }
        let may_stay = again.basis.said == BasisKind::Consent || again.basis.said == known.basis.said;
        if may_stay && again.end() >= known.end() && again.says_all_of(known) {
            let longer = self.with(again, is_lowered);
            return longer.map_or(Joined::NoRoom, |both| Joined::One(PrecautionDraft { until: again.until, ..both }));
        }
        Joined::Apart
    }

    /// What both say, for as long as it stays.
    fn with(&self, again: &PrecautionDraft, is_lowered: bool) -> Option<PrecautionDraft> {
        let known = &self.reported;
        let mut both = known.clone();
        both.text = both_of(&known.text, &again.text)?;
        both.severity = known.severity.max(again.severity);
        if is_lowered || again.criticality.rank() > known.criticality.rank() {
            both.criticality = again.criticality;
        }
        both.status = self.status_with(again, both != *known);
        // When a pregnancy was told first tells when it is over.
        let is_told_before = known.is_pregnancy() && known.basis.said == BasisKind::Consent;
        if again.basis.said == BasisKind::Consent && !is_told_before {
            both.basis = again.basis.clone();
        }
        Some(both)
    }

    fn status_with(&self, again: &PrecautionDraft, says_more: bool) -> PrecautionStatus {
        let is_new = says_more || again.status == PrecautionStatus::Confirmed;
        if is_new { again.status } else { self.reported.status }
    }
}

/// What two reports say, each sentence once; `None`: it is too long. Part of a sentence may be denied by the rest of it ("not anaphylactic").
fn both_of(known: &str, again: &str) -> Option<String> {
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
            assert_eq!(both_of(known, again).as_deref(), Some(both));
        }
    }
}
