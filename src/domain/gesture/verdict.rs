//! What each side says of a gesture.

use crate::domain::{policy::catalogue::GestureType, suitability::objection::Dimension};

/// What one side says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    pub dimension: Dimension,
    pub agrees: bool,
    pub code: &'static str,
    pub reason: String,
}

/// What a side says when nothing speaks against the gesture.
pub(super) fn agreement(dimension: Dimension, kind: &GestureType, is_expected: bool) -> Verdict {
    let (code, reason) = match dimension {
        Dimension::Customer => ("OK", "Nothing known of them speaks against it."),
        Dimension::Concept if is_expected => ("EXPECTED", "They count on it: it will not surprise them."),
        Dimension::Concept if kind.is_on_trial() => ("POTENTIAL", "It is on trial here."),
        Dimension::Concept => ("OK", "More than they count on."),
        Dimension::Process if kind.recovery => ("OK", "It makes good."),
        Dimension::Process => ("OK", "Nothing is unresolved, and it was not given lately."),
        Dimension::Tools => ("OK", "The venue can do it."),
        Dimension::BusinessPlan => ("OK", "The budget has room for it."),
        Dimension::Team => ("OK", "Within your authority."),
    };
    Verdict { dimension, agrees: true, code, reason: reason.to_owned() }
}
