//! What may speak against a gesture, and in which of the six dimensions.

use crate::domain::{
    kernel::{money::Money, time::Timestamp},
    parts::{issue::Issue, precaution::Precaution, preference::Preference},
};

/// The dimensions in which a gesture is judged, in the order in which verdicts are listed. When staff ask to give one: first
/// what their role may not give to anybody, then the first objection in this order (one to its note comes just before the team's). It
/// vetoes the gesture. An objection of the team does not: somebody else, in a role that may give it, can approve it. Budgets are asked last, when holds are placed on them: a
/// spent month is an error of its own, a spent business day counts as an objection of the team.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dimension {
    Customer,
    Concept,
    Process,
    Tools,
    BusinessPlan,
    Team,
}

impl Dimension {
    pub const ALL: [Self; 6] =
        [Self::Customer, Self::Concept, Self::Process, Self::Tools, Self::BusinessPlan, Self::Team];

    /// The name in the contract without `VERDICT_DIMENSION_`, for programs: the metadata of an error have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Customer => "CUSTOMER",
            Self::Concept => "CONCEPT",
            Self::Process => "PROCESS",
            Self::Tools => "TOOLS",
            Self::BusinessPlan => "BUSINESS_PLAN",
            Self::Team => "TEAM",
        }
    }
}

/// Which limit of a role's authority is exceeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::enum_variant_names, reason = "as the fields of an authority in the policy: per_gesture, per_guest, …")]
pub enum Limit {
    PerGesture,
    PerGuest,
    PerIncident,
    PerDay,
}

impl Limit {
    /// The field of the contract's `Authority` without `_minor_units`, for programs: the metadata of an error have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::PerGesture => "per_gesture",
            Self::PerGuest => "per_guest",
            Self::PerIncident => "per_incident",
            Self::PerDay => "per_day",
        }
    }
}

/// What speaks against a gesture. It holds timestamps, not dates on a venue's clock: often only its code is asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Objection<'a> {
    Contains(&'a Precaution, &'a str),
    /// The same of what is never mentioned, though the precaution that tells of it is.
    ContainsQuietly(&'a str),
    UnknownContents(&'a Precaution),
    NotUnderstood(&'a Precaution),
    Disliked(&'a Preference),
    /// No answer about precautions stands (never asked, a household, or outdated), and the gesture may be eaten or drunk.
    NotAsked,
    /// By the legal age of the venue.
    TooYoung,
    /// Deceased or barred.
    FetchManager,
    DoNotCelebrate,
    LevelTooLow {
        needed: u8,
    },
    TrialElsewhere,
    Generic,
    NothingToCelebrate,
    OpenIssue(&'a Issue),
    CoolDown {
        until: Timestamp,
    },
    UnderWay,
    VenueCannot(&'a str),
    Closed,
    NoPrice,
    BudgetSpent {
        left: Money,
    },
    RoleUnknown,
    TypeNotAllowed,
    OverLimit {
        limit: Limit,
        left: Money,
    },
}

impl Objection<'_> {
    pub fn dimension(&self) -> Dimension {
        match self {
            Self::Contains(..)
            | Self::ContainsQuietly(_)
            | Self::UnknownContents(_)
            | Self::NotUnderstood(_)
            | Self::Disliked(_)
            | Self::NotAsked
            | Self::TooYoung
            | Self::FetchManager
            | Self::DoNotCelebrate
            | Self::LevelTooLow { .. } => Dimension::Customer,
            Self::TrialElsewhere | Self::Generic | Self::NothingToCelebrate => Dimension::Concept,
            Self::OpenIssue(_) | Self::CoolDown { .. } | Self::UnderWay => Dimension::Process,
            Self::VenueCannot(_) | Self::Closed => Dimension::Tools,
            Self::NoPrice | Self::BudgetSpent { .. } => Dimension::BusinessPlan,
            Self::RoleUnknown | Self::TypeNotAllowed | Self::OverLimit { .. } => Dimension::Team,
        }
    }

    /// Stable, for programs. It tells what kind of thing speaks against the gesture, never which precaution, preference or issue.
    /// When GiveGesture or ApproveGesture is refused by a veto, callers get this, the dimension, and whether it is the note that
    /// something speaks against, and nothing else; SuggestGestures tells the reason in words, too, which may name it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Contains(..) | Self::ContainsQuietly(_) => "PRECAUTION",
            Self::UnknownContents(_) => "CONTENTS_UNKNOWN",
            Self::NotUnderstood(_) => "PRECAUTION_NOT_UNDERSTOOD",
            Self::Disliked(_) => "DISLIKED",
            Self::NotAsked => "NOT_ASKED",
            Self::TooYoung => "TOO_YOUNG",
            Self::FetchManager => "FETCH_MANAGER",
            Self::DoNotCelebrate => "DO_NOT_CELEBRATE",
            Self::LevelTooLow { .. } => "LEVEL_TOO_LOW",
            Self::TrialElsewhere => "TRIAL_ELSEWHERE",
            Self::Generic => "GENERIC",
            Self::NothingToCelebrate => "NOTHING_TO_CELEBRATE",
            Self::OpenIssue(_) => "OPEN_ISSUE",
            Self::CoolDown { .. } => "COOL_DOWN",
            Self::UnderWay => "UNDER_WAY",
            Self::VenueCannot(_) => "VENUE_CANNOT",
            Self::Closed => "CLOSED",
            Self::NoPrice => "NO_PRICE",
            Self::BudgetSpent { .. } => "BUDGET_SPENT",
            Self::RoleUnknown => "ROLE_UNKNOWN",
            Self::TypeNotAllowed => "TYPE_NOT_ALLOWED",
            Self::OverLimit { .. } => "OVER_AUTHORITY",
        }
    }
}
