//! Consent per purpose, and what a purpose may see: one rule for every read.

use crate::domain::kernel::time::Timestamp;

/// Why personal data is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Purpose {
    /// To serve the customer: needs no consent.
    Service,
    /// To advertise to the customer.
    Marketing,
    /// Statistics over customers.
    Analytics,
}

impl Purpose {
    /// Whether it reads what staff wrote about an interaction or a consent, and what was taken back: notes are for those who serve.
    pub fn reads_notes(self) -> bool {
        self == Self::Service
    }

    /// Whether it is told which revision of the record an answer is made from, and when that was: by comparing two answers others
    /// would learn that something has changed which they may not see, an allergy or an issue.
    pub fn is_told_revisions(self) -> bool {
        self == Self::Service
    }

    /// Whether it is told the numbers of parts, which are given to precautions, issues and gestures as well: by a gap others would learn that
    /// there is something which they may not see.
    pub fn is_told_numbers(self) -> bool {
        self == Self::Service
    }

    /// Whether it is told of other people in a customer's record: the staff who recorded something, and whom the customer brought.
    /// What a customer agreed to, they did not.
    pub fn is_told_others(self) -> bool {
        self == Self::Service
    }

    /// Whether it is told when something was, and not only on which day: by a moment that a till noted too, statistics about nobody
    /// would be joined with a name.
    pub fn is_told_moments(self) -> bool {
        self != Self::Analytics
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConsentState {
    Granted,
    Denied,
    Withdrawn,
}

/// Why a part is withheld.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WithheldReason {
    Purpose,
    Consent,
    Role,
    StoreUnreachable,
    StoreUnfit,
}

/// A decision of the customer; the latest of each purpose counts.
#[derive(Debug, Clone, PartialEq)]
pub struct Consent {
    pub purpose: Purpose,
    pub state: ConsentState,
    pub decide_time: Timestamp,
    pub evidence: String,
}

impl Consent {
    /// Whether it takes the place of `other`, a decision about the same purpose: the later one does, and of two at the
    /// same time the stricter one, in any order of arrival.
    pub(in crate::domain) fn replaces(&self, other: &Self) -> bool {
        (self.decide_time, self.strictness(), &self.evidence)
            >= (other.decide_time, other.strictness(), &other.evidence)
    }

    fn strictness(&self) -> u8 {
        match self.state {
            ConsentState::Granted => 0,
            ConsentState::Denied => 1,
            ConsentState::Withdrawn => 2,
        }
    }
}

/// A part of what is known about a customer, as far as reading it is decided by purpose and consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    Name,
    Language,
    Identities,
    Precautions,
    Preferences,
    Occasions,
    Consents,
    Habits,
    /// The history of interactions and changes.
    History,
    /// Issues and follow-ups.
    Recovery,
    /// Gestures and their ledger.
    Gestures,
    /// How close the relationship is.
    Relationship,
}

impl Part {
    /// The field of a customer that holds it, proto names.
    pub fn field(self) -> &'static str {
        match self {
            Self::Name => "details.name",
            Self::Language => "details.language",
            Self::Identities => "identities",
            Self::Precautions => "precautions",
            Self::Preferences => "preferences",
            Self::Occasions => "occasions",
            Self::Consents => "consents",
            Self::Habits => "habits",
            Self::History => "interactions",
            Self::Recovery => "recovery",
            Self::Gestures => "gestures",
            Self::Relationship => "relationship",
        }
    }
}

/// Whether the customer agreed to `purpose`. Serving needs no agreement.
pub fn is_granted(purpose: Purpose, consents: &[Consent]) -> bool {
    let decided = consents.iter().filter(|consent| consent.purpose == purpose);
    let latest = decided.reduce(|best, next| if next.replaces(best) { next } else { best });
    purpose == Purpose::Service || latest.is_some_and(|consent| consent.state == ConsentState::Granted)
}

/// Whether `purpose` may see `part` of a customer with these decisions; `Err` says why not.
///
/// Serving sees everything. Marketing never sees precautions; analytics sees neither those nor who the customer is. Both
/// see the rest only with the customer's agreement. The decisions themselves are always seen: a caller that is refused must
/// be able to know why.
pub fn sees(purpose: Purpose, consents: &[Consent], part: Part) -> Result<(), WithheldReason> {
    // Every part is named: a new one does not compile until it is decided who sees it.
    let (marketing, analytics) = match part {
        // Issues and what compensated for them concern only the customer and those who serve.
        Part::Precautions | Part::Recovery | Part::Gestures => (false, false),
        Part::Name | Part::Occasions | Part::Identities | Part::History => (true, false),
        Part::Language | Part::Preferences | Part::Consents | Part::Habits | Part::Relationship => (true, true),
    };
    let never = match purpose {
        Purpose::Service => false,
        Purpose::Marketing => !marketing,
        Purpose::Analytics => !analytics,
    };
    if never {
        Err(WithheldReason::Purpose)
    } else if part == Part::Consents || is_granted(purpose, consents) {
        Ok(())
    } else {
        Err(WithheldReason::Consent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARTS: [Part; 12] = [
        Part::Name,
        Part::Language,
        Part::Identities,
        Part::Precautions,
        Part::Preferences,
        Part::Occasions,
        Part::Consents,
        Part::Habits,
        Part::History,
        Part::Recovery,
        Part::Gestures,
        Part::Relationship,
    ];

    fn consent(purpose: Purpose, state: ConsentState, second: i64) -> Consent {
        let decide_time = Timestamp::from_second(second).unwrap();
        Consent { purpose, state, decide_time, evidence: String::new() }
    }

    #[test]
    fn serving_sees_everything_even_when_all_is_denied() {
        let consents = [consent(Purpose::Service, ConsentState::Denied, 1)];
        for part in PARTS {
            assert_eq!(sees(Purpose::Service, &consents, part), Ok(()));
        }
    }

    #[test]
    fn precautions_are_for_those_who_serve() {
        for purpose in [Purpose::Marketing, Purpose::Analytics] {
            let consents = [consent(purpose, ConsentState::Granted, 1)];
            assert_eq!(sees(purpose, &consents, Part::Precautions), Err(WithheldReason::Purpose));
            assert_eq!(sees(purpose, &consents, Part::Preferences), Ok(()));
            assert_eq!(sees(purpose, &[], Part::Preferences), Err(WithheldReason::Consent));
            assert_eq!(sees(purpose, &[], Part::Consents), Ok(()));
        }
    }

    #[test]
    fn analytics_does_not_learn_who_it_is() {
        let consents = [consent(Purpose::Analytics, ConsentState::Granted, 1)];
        for part in [Part::Name, Part::Occasions, Part::Identities, Part::History] {
            assert_eq!(sees(Purpose::Analytics, &consents, part), Err(WithheldReason::Purpose));
        }
        assert_eq!(sees(Purpose::Analytics, &consents, Part::Habits), Ok(()));
    }

    #[test]
    fn consent_counts_for_its_purpose_and_the_latest_counts() {
        let granted = consent(Purpose::Marketing, ConsentState::Granted, 1);
        let withdrawn = consent(Purpose::Marketing, ConsentState::Withdrawn, 2);
        assert!(is_granted(Purpose::Marketing, std::slice::from_ref(&granted)));
        assert!(!is_granted(Purpose::Analytics, std::slice::from_ref(&granted)));
        assert!(!is_granted(Purpose::Marketing, &[withdrawn.clone(), granted.clone()]));
        assert!(withdrawn.replaces(&granted));
        assert!(!granted.replaces(&withdrawn));
    }

    #[test]
    fn at_the_same_moment_the_stricter_decision_counts() {
        let granted = consent(Purpose::Marketing, ConsentState::Granted, 1);
        let denied = consent(Purpose::Marketing, ConsentState::Denied, 1);
        assert!(denied.replaces(&granted));
        assert!(!granted.replaces(&denied));
    }
}
