//! What each side says of a gesture.

use crate::domain::{
    policy::catalogue::GestureType,
    suitability::objection::{Dimension, Objection},
};

/// What one side says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Verdict<'a> {
    pub dimension: Dimension,
    pub finding: Finding<'a>,
}

/// What a side found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Finding<'a> {
    For(Agreement),
    Against(Objection<'a>),
}

/// Why a side agrees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agreement {
    /// Nothing known of the customer speaks against it.
    NothingAgainst,
    /// They count on it, so that it will not surprise them.
    CountedOn,
    OnTrial,
    MoreThanExpected,
    MakesGood,
    /// Nothing is unresolved, and it was not given lately.
    NotLately,
    VenueCan,
    WithinBudget,
    WithinAuthority,
}

impl Verdict<'_> {
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

/// Why a side agrees when nothing speaks against the gesture.
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
