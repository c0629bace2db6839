//! What may speak against a gesture, from which of the six sides, and in which words.

use super::super::{
    Timestamp,
    briefing::{Moment, respect, words},
    catalogue::GestureType,
    issue::Issue,
    money::Money,
    precaution::Precaution,
    preference::Preference,
};

/// The sides from which a gesture is looked at, in the order in which they are asked.
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

    /// The name in the contract, for programs.
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

/// Which of a role's limits is passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    PerGesture,
    PerGuest,
    PerIncident,
    PerDay,
}

impl Limit {
    /// The field of the policy's authority, for programs.
    pub fn name(self) -> &'static str {
        match self {
            Self::PerGesture => "per_gesture",
            Self::PerGuest => "per_guest",
            Self::PerIncident => "per_incident",
            Self::PerDay => "per_day",
        }
    }
}

/// What speaks against a gesture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Objection<'a> {
    Contains(&'a Precaution, &'a str),
    UnknownContents(&'a Precaution),
    NotUnderstood(&'a Precaution),
    Disliked(&'a Preference),
    DoNotCelebrate,
    LevelTooLow { needed: u8 },
    NotInCatalogue,
    TrialElsewhere,
    Generic,
    NothingToCelebrate,
    OpenIssue(&'a Issue),
    CoolDown { until: Timestamp },
    UnderWay,
    VenueCannot(&'a str),
    Closed,
    NoPrice,
    BudgetSpent { left: Money },
    RoleUnknown,
    TypeNotAllowed,
    OverLimit { limit: Limit, left: Money },
}

impl Objection<'_> {
    pub fn dimension(&self) -> Dimension {
        match self {
            Self::Contains(..)
            | Self::UnknownContents(_)
            | Self::NotUnderstood(_)
            | Self::Disliked(_)
            | Self::DoNotCelebrate
            | Self::LevelTooLow { .. } => Dimension::Customer,
            Self::NotInCatalogue | Self::TrialElsewhere | Self::Generic | Self::NothingToCelebrate => {
                Dimension::Concept
            }
            Self::OpenIssue(_) | Self::CoolDown { .. } | Self::UnderWay => Dimension::Process,
            Self::VenueCannot(_) | Self::Closed => Dimension::Tools,
            Self::NoPrice | Self::BudgetSpent { .. } => Dimension::BusinessPlan,
            Self::RoleUnknown | Self::TypeNotAllowed | Self::OverLimit { .. } => Dimension::Team,
        }
    }

    /// Stable, for programs. Tells nothing of the customer that a refusal must not tell.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Contains(..) => "PRECAUTION",
            Self::UnknownContents(_) => "CONTENTS_UNKNOWN",
            Self::NotUnderstood(_) => "PRECAUTION_NOT_UNDERSTOOD",
            Self::Disliked(_) => "DISLIKED",
            Self::DoNotCelebrate => "DO_NOT_CELEBRATE",
            Self::LevelTooLow { .. } => "LEVEL_TOO_LOW",
            Self::NotInCatalogue => "NOT_IN_CATALOGUE",
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

    /// Why, in words for whoever serves.
    pub(in crate::domain) fn reason(&self, moment: &Moment<'_>) -> String {
        match self {
            Self::Contains(known, content) => {
                format!("{}; it contains {}.", respect::title(known), words::spoken(content).to_lowercase())
            }
            Self::UnknownContents(known) => format!("{}; what it contains is not known.", respect::title(known)),
            Self::NotUnderstood(known) => {
                format!("{}; {}", respect::title(known), respect::NOT_UNDERSTOOD)
            }
            Self::Disliked(known) => {
                format!("They do not want {}. {}", known.subject.item, respect::preference_reason(moment, known))
            }
            Self::DoNotCelebrate => "A day that they do not celebrate.".to_owned(),
            Self::LevelTooLow { needed: 3 } => "It is for those who are closest to the house.".to_owned(),
            Self::LevelTooLow { .. } => "It is for regulars.".to_owned(),
            Self::NotInCatalogue => "It is no longer in the catalogue.".to_owned(),
            Self::TrialElsewhere => "It is on trial at other venues.".to_owned(),
            Self::Generic => "They take it for granted by now.".to_owned(),
            Self::NothingToCelebrate => "Nothing to celebrate is near.".to_owned(),
            Self::OpenIssue(issue) => format!(
                "An issue is open since {}: {}. Solve it first.",
                moment.day_of(issue.open_time),
                words::spoken(&issue.reported.cause).to_lowercase()
            ),
            Self::CoolDown { until } => format!("Given not long ago; again from {}.", moment.day_of(*until)),
            Self::UnderWay => "One is proposed, or given and not delivered yet.".to_owned(),
            Self::VenueCannot(need) => format!("The venue cannot do it: {need}."),
            Self::Closed => "The venue is closed then.".to_owned(),
            Self::NoPrice => "The catalogue has no price in the venue's currency.".to_owned(),
            Self::BudgetSpent { left } => format!("Of this month's budget {} is left.", amount(*left)),
            Self::RoleUnknown => "The policy does not know your role: it may give nothing.".to_owned(),
            Self::TypeNotAllowed => "Your role may not give this.".to_owned(),
            Self::OverLimit { limit, left } => {
                let within = match limit {
                    Limit::PerGesture => "for one gesture",
                    Limit::PerGuest => "for this guest within 30 days",
                    Limit::PerIncident => "for this issue",
                    Limit::PerDay => "for today",
                };
                format!("Your role may give {} {within}.", amount(*left))
            }
        }
    }
}

/// "CHF 1250 minor units": how many digits stand behind the point is the currency's, and the reader's, business.
fn amount(money: Money) -> String {
    format!("{} {} minor units", money.currency.as_str(), money.minor_units)
}

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
