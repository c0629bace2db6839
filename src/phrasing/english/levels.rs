//! English: the conditions of relationship levels, and what caps a level.

use crate::domain::relationship::{Cap, Condition, Measure};

/// "3 more visits."
pub(super) fn condition(condition: &Condition) -> String {
    let Condition { needed, actual, .. } = *condition;
    let missing = (needed - actual).max(0.0);
    let more =
        |what: &str, rest: &str| format!("{missing} more {what}{}{rest}.", if missing == 1.0 { "" } else { "s" });
    match condition.measure {
        _ if condition.holds => "Holds.".to_owned(),
        Measure::Visits => more("visit", ""),
        Measure::LastVisitDays => format!("A visit within {needed} days."),
        Measure::StatedPreferences => more("preference", " in their own words"),
        Measure::ConfirmedPreferences => more("preference", " confirmed"),
        Measure::Feedback => more("answer", " to how they found it"),
        Measure::MeanScore => format!("A mean score of {needed} or more."),
        Measure::Referrals => more("referral", ""),
    }
}

pub(super) fn cap(cap: Cap) -> &'static str {
    match cap {
        Cap::OpenIssue => "An issue is open.",
        Cap::OverduePromise => "A promise is overdue.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::relationship::RelationshipLevel;

    #[test]
    fn each_condition_says_what_is_missing() {
        let said = |measure, needed, actual, holds| {
            condition(&Condition { level: RelationshipLevel::Engagement, measure, needed, actual, holds })
        };
        for (measure, needed, actual, expected) in [
            (Measure::Visits, 5.0, 4.0, "1 more visit."),
            (Measure::Visits, 5.0, 3.0, "2 more visits."),
            (Measure::LastVisitDays, 90.0, -1.0, "A visit within 90 days."),
            (Measure::StatedPreferences, 2.0, 1.0, "1 more preference in their own words."),
            (Measure::ConfirmedPreferences, 2.0, 0.0, "2 more preferences confirmed."),
            (Measure::Feedback, 3.0, 2.0, "1 more answer to how they found it."),
            (Measure::MeanScore, 0.8, 0.5, "A mean score of 0.8 or more."),
            (Measure::Referrals, 2.0, 0.0, "2 more referrals."),
        ] {
            assert_eq!(said(measure, needed, actual, false), expected);
            assert_eq!(said(measure, needed, needed, true), "Holds.");
        }
    }
}
