//! Gestures given to a customer, and the ledger of how often each type was.

use jiff::civil::Date;

use crate::domain::kernel::{
    author::Author,
    id::{GestureTypeId, PartId, RoleId, VenueId},
    money::Money,
    time::{DAY_SECONDS, Month, Timestamp},
};

/// When repetition makes a gesture ordinary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Drift {
    /// Times given within the window.
    pub expected_from: u8,
    pub generic_from: u8,
    pub window_days: u16,
}

impl Default for Drift {
    fn default() -> Self {
        Self { expected_from: 3, generic_from: 6, window_days: 365 }
    }
}

impl Drift {
    pub fn window_seconds(&self) -> i64 {
        i64::from(self.window_days) * DAY_SECONDS
    }
}

/// What a customer thinks of a gesture by now. After T. Levitt, "Marketing success through differentiation", 1980: generic, expected,
/// augmented, potential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ExpectationLevel {
    /// Taken for granted.
    Generic,
    /// Counted on: missing it disappoints.
    Expected,
    /// More than they count on.
    Augmented,
    /// On trial.
    Potential,
}

impl ExpectationLevel {
    /// The level of a type that was given `recent` times within the window. `on_trial`: the catalogue has it on trial.
    pub(in crate::domain) fn after(recent: usize, on_trial: bool, drift: &Drift) -> Self {
        if recent >= usize::from(drift.generic_from) {
            Self::Generic
        } else if recent >= usize::from(drift.expected_from) {
            Self::Expected
        } else if on_trial {
            Self::Potential
        } else {
            Self::Augmented
        }
    }

    /// The name in the contract without `EXPECTATION_LEVEL_`, for programs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Generic => "GENERIC",
            Self::Expected => "EXPECTED",
            Self::Augmented => "AUGMENTED",
            Self::Potential => "POTENTIAL",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GestureOutcome {
    Delighted,
    Neutral,
    /// Not wanted: it does not count as given.
    Declined,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GestureState {
    Proposed,
    Given,
    Delivered,
    Cancelled,
}

/// The periods of the two budgets that a gesture was drawn on, by the venue's clock at that time. A cancellation refunds the
/// same periods, even if the venue's time zone or start of day has changed since.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DrawnOn {
    pub month: Month,
    pub business_date: Date,
}

/// A gesture as it is given or proposed.
#[derive(Debug, Clone, PartialEq)]
pub struct GestureDraft {
    pub gesture_type: GestureTypeId,
    pub venue: VenueId,
    pub cost: Money,
    pub note: String,
    pub place: String,
    /// When it is to be delivered; `None`: within the time that its type allows.
    pub deliver_time: Option<Timestamp>,
    /// Who delivers; empty: not said.
    pub deliver_owner: String,
    /// The issue that it compensates for.
    pub issue: Option<PartId>,
    pub expectation: ExpectationLevel,
    pub role: RoleId,
    /// True: over the giver's authority, so that another person has to approve.
    pub proposed: bool,
    /// `None`: nothing was drawn, or an older release stored the gesture.
    pub drawn_on: Option<DrawnOn>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Gesture {
    pub id: PartId,
    pub given: GestureDraft,
    pub state: GestureState,
    pub given_by: Author,
    /// When it was given; of a proposal that was approved: when it was approved.
    pub give_time: Timestamp,
    /// Empty: it needed no approval.
    pub approved_by: Author,
    pub outcome: Option<GestureOutcome>,
}

/// How often a gesture type was given to this customer, and how they took it.
#[derive(Debug, Clone, PartialEq)]
pub struct LedgerEntry {
    pub gesture_type: GestureTypeId,
    pub given: u32,
    pub delighted: u32,
    pub declined: u32,
    /// The latest times it was given, ascending.
    pub times: Vec<Timestamp>,
}

impl Gesture {
    /// Whether its cost is spent.
    pub fn is_spent(&self) -> bool {
        matches!(self.state, GestureState::Given | GestureState::Delivered)
    }
}

impl LedgerEntry {
    /// Times it was given within the window before `now`; in whole UTC days, so that an answer can be kept until the next
    /// one begins.
    pub fn recent(&self, drift: &Drift, now: Timestamp) -> usize {
        let day = |time: &Timestamp| time.as_second().div_euclid(DAY_SECONDS);
        let since = day(&now) - i64::from(drift.window_days);
        self.times.iter().filter(|time| day(time) > since).count()
    }
}
