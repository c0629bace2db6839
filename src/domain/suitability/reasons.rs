//! Objections in words for staff.

use super::objection::{Limit, Objection};
use crate::domain::{
    kernel::{money::Money, words},
    moment::{Moment, phrases},
};

impl Objection<'_> {
    /// Why, in words for whoever serves.
    pub(in crate::domain) fn reason(&self, moment: &Moment<'_>) -> String {
        match self {
            Self::Contains(known, content) => {
                format!("{}; it contains {}.", phrases::precaution(known), words::spoken(content).to_lowercase())
            }
            Self::UnknownContents(known) => format!("{}; what it contains is not known.", phrases::precaution(known)),
            Self::NotUnderstood(known) => format!("{}; {}", phrases::precaution(known), phrases::NOT_UNDERSTOOD),
            Self::Disliked(known) => {
                format!("They do not want {}. {}", known.subject.item, phrases::preference_reason(moment, known))
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
