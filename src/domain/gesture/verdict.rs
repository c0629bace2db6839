//! The judgement of a gesture in each of the six dimensions.

use crate::domain::{
    policy::catalogue::GestureType,
    suitability::objection::{Dimension, Objection},
};

/// The judgement of a gesture in one dimension.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Verdict<'a> {
    /// Which dimension.
    pub dimension: Dimension,
    /// Agreement or objection.
    pub finding: Finding<'a>,
}

/// Agreement or objection.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Finding<'a> {
    /// It agrees.
    For(Agreement),
    /// It objects.
    Against(Objection<'a>),
}

/// Why nothing speaks against the gesture in a dimension.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agreement {
    /// Nothing known of the customer speaks against it.
    NothingAgainst,
    /// They count on it, so that it will not surprise them.
    CountedOn,
    /// The type is on trial at this venue.
    OnTrial,
    /// It is more than they count on.
    MoreThanExpected,
    /// It makes an issue good.
    MakesGood,
    /// Nothing is unresolved, and it was not given lately.
    NotLately,
    /// The venue has what it needs, and is open.
    VenueCan,
    /// The venue's budget of the month has enough left.
    WithinBudget,
    /// The giver's role may give it.
    WithinAuthority,
}

impl Verdict<'_> {
    /// Whether nothing speaks against the gesture in this dimension.
    pub fn agrees(&self) -> bool {
        matches!(self.finding, Finding::For(_))
    }

    /// Stable, for programs.
    pub fn code(&self) -> &'static str {
        match self.finding {
            Finding::For(Agreement::CountedOn) => "EXPECTED",
            Finding::For(Agreement::OnTrial) => "POTENTIAL",
            Finding::For(_) => "OK",
            Finding::Against(objection) => objection.code(),
        }
    }
}

/// The agreement of a dimension without an objection.
pub(super) fn agreement(dimension: Dimension, kind: &GestureType, is_expected: bool) -> Agreement {
    match dimension {
        Dimension::Customer => Agreement::NothingAgainst,
        Dimension::Concept if is_expected => Agreement::CountedOn,
        Dimension::Concept if kind.is_on_trial() => Agreement::OnTrial,
        Dimension::Concept => Agreement::MoreThanExpected,
        Dimension::Process if kind.recovery => Agreement::MakesGood,
        Dimension::Process => Agreement::NotLately,
        Dimension::Tools => Agreement::VenueCan,
        Dimension::BusinessPlan => Agreement::WithinBudget,
        Dimension::Team => Agreement::WithinAuthority,
    }
}
