//! Gestures that the customer counts on and would miss.

use super::dimensions::{Considered, concept, customer, process, venue_cannot};
use crate::domain::{
    gate::Cleared, kernel::time::Timestamp, moment::Moment, parts::ledger::ExpectationLevel,
    policy::catalogue::GestureType,
};

/// Warnings in one briefing about gestures that the customer counts on: nobody keeps more in mind.
const WARNINGS_MAX: usize = 2;

/// Gestures that the customer counts on, since they were given often enough, and that were not given on this business day yet. Recovery gestures,
/// and celebrations without an occasion, are never counted on.
pub(in crate::domain) fn warnings<'a>(moment: &Moment<'a>) -> Vec<Warning<'a>> {
    let question = moment.question;
    let rules = &question.policy.rules;
    let mut warnings = Vec::new();
    for entry in &moment.profile.ledger {
        let recent = entry.recent(&rules.drift, question.now);
        if recent < usize::from(rules.drift.expected_from) {
            continue;
        }
        let (Some(kind), Some(last)) = (rules.gesture_type(&entry.gesture_type), entry.times.last()) else { continue };
        let asked = Considered::of(moment, kind);
        // That it is expected speaks for the warning, not against it.
        let fresh = Considered { expectation: ExpectationLevel::Augmented, ..asked };
        let is_due = !kind.recovery
            && question.venue.local(*last).date < moment.local.date
            && concept(moment, &fresh).is_none()
            && process(moment, &asked).is_none()
            && venue_cannot(question.venue, kind).is_none();
        if is_due && let Ok(kind) = customer(moment, kind, question.at) {
            warnings.push(Warning { kind, expectation: asked.expectation, times: recent, last: *last });
        }
        if warnings.len() == WARNINGS_MAX {
            break;
        }
    }
    warnings
}

/// A gesture that the customer would miss.
pub(in crate::domain) struct Warning<'a> {
    pub kind: Cleared<&'a GestureType>,
    /// EXPECTED or GENERIC.
    pub expectation: ExpectationLevel,
    /// How often it was given within the policy's window.
    pub times: usize,
    pub last: Timestamp,
}
