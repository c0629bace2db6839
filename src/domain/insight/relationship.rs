//! How close the relationship with a customer is, and what is missing for the next level.
//!
//! Each level rests on the one below. An open issue or an overdue follow-up caps it: nobody is close to a business that owes
//! them something.

pub use crate::domain::parts::level::RelationshipLevel;
use crate::domain::{
    kernel::time::{DAY_SECONDS, Timestamp},
    parts::preference::{Preference, Stance},
    policy::catalogue::{LevelConditions, Rules},
    profile::Profile,
};

/// What a condition asks about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    Visits,
    /// Days since the last visit: at most so many; of all others, at least so many.
    LastVisitDays,
    StatedPreferences,
    ConfirmedPreferences,
    Feedback,
    MeanScore,
    Referrals,
}

impl Measure {
    /// The field of the policy's conditions.
    pub fn field(self) -> &'static str {
        match self {
            Self::Visits => "visits_min",
            Self::LastVisitDays => "last_visit_days_max",
            Self::StatedPreferences => "stated_preferences_min",
            Self::ConfirmedPreferences => "confirmed_preferences_min",
            Self::Feedback => "feedback_min",
            Self::MeanScore => "mean_score_min",
            Self::Referrals => "referrals_min",
        }
    }
}

/// One condition, as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    pub level: RelationshipLevel,
    pub measure: Measure,
    pub needed: f64,
    pub actual: f64,
    pub holds: bool,
}

/// Why a relationship is capped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cap {
    OpenIssue,
    OverduePromise,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Relationship {
    pub level: RelationshipLevel,
    /// What the conditions alone give.
    pub earned: RelationshipLevel,
    pub capped_by: Vec<Cap>,
    pub conditions: Vec<Condition>,
}

/// Observed so often, a preference counts as confirmed without being stated.
const OBSERVED_CONFIRMS: u32 = 3;

/// The level alone: cheap, for every briefing.
pub fn level(profile: &Profile, rules: &Rules, now: Timestamp) -> RelationshipLevel {
    if is_capped(profile, rules, now) { RelationshipLevel::Basic } else { earned(&Facts::of(profile, now), rules) }
}

/// The same for who may not know of issues and promises. `tells_avoided`: false for who is not told what the customer avoids either: that must
/// not be found by a level.
pub fn level_as_told(profile: &Profile, rules: &Rules, now: Timestamp, tells_avoided: bool) -> RelationshipLevel {
    let is_told = |known: &Preference| tells_avoided || known.stance != Stance::Avoid;
    earned(&Facts::of_told(profile, now, is_told), rules)
}

fn earned(facts: &Facts, rules: &Rules) -> RelationshipLevel {
    let holds = |conditions: &LevelConditions| facts.against(conditions).iter().all(Fact::holds);
    match (holds(&rules.engagement), holds(&rules.intimacy)) {
        (false, _) => RelationshipLevel::Basic,
        (true, false) => RelationshipLevel::Engagement,
        (true, true) => RelationshipLevel::Intimacy,
    }
}

fn is_capped(profile: &Profile, rules: &Rules, now: Timestamp) -> bool {
    caps(profile, rules, now).next().is_some()
}

fn caps<'a>(profile: &'a Profile, rules: &'a Rules, now: Timestamp) -> impl Iterator<Item = Cap> + 'a {
    let severe = profile.issues.iter().any(|issue| issue.is_open() && issue.reported.severity >= rules.caps_from);
    let overdue = profile.follow_ups.iter().any(|known| known.is_overdue(now));
    severe.then_some(Cap::OpenIssue).into_iter().chain(overdue.then_some(Cap::OverduePromise))
}

/// The level with its reasons.
pub fn assess(profile: &Profile, rules: &Rules, now: Timestamp) -> Relationship {
    let facts = Facts::of(profile, now);
    let explain = |level: RelationshipLevel, conditions: &LevelConditions| {
        let asked = facts.against(conditions).into_iter().filter(|fact| fact.needed > 0.0);
        asked.map(|fact| fact.condition(level)).collect::<Vec<_>>()
    };
    let mut conditions = explain(RelationshipLevel::Engagement, &rules.engagement);
    conditions.extend(explain(RelationshipLevel::Intimacy, &rules.intimacy));
    let earned = earned(&facts, rules);
    let capped_by: Vec<Cap> = caps(profile, rules, now).collect();
    let level = if capped_by.is_empty() { earned } else { RelationshipLevel::Basic };
    Relationship { level, earned, capped_by, conditions }
}

/// What conditions are asked of.
struct Facts {
    visits: u64,
    /// Days since the last visit; `None`: there was none.
    away_days: Option<i64>,
    stated: usize,
    confirmed: usize,
    feedback: u32,
    mean_score: f64,
    referrals: u32,
}

/// One fact beside what is asked of it.
struct Fact {
    measure: Measure,
    needed: f64,
    actual: f64,
}

impl Facts {
    fn of(profile: &Profile, now: Timestamp) -> Self {
        Self::of_told(profile, now, |_| true)
    }

    fn of_told(profile: &Profile, now: Timestamp, is_told: impl Fn(&Preference) -> bool + Copy) -> Self {
        let likes = profile.preferences.iter().filter(|known| is_told(known));
        // Whole UTC days, so that an answer can be kept until the next one begins.
        let day = |time: Timestamp| time.as_second().div_euclid(DAY_SECONDS);
        let away = |last: Timestamp| (day(now) - day(last)).max(0);
        Self {
            visits: profile.habits.visits,
            away_days: profile.habits.last_visit.map(away),
            stated: likes.clone().filter(|known| known.stated.count > 0).count(),
            confirmed: likes
                .filter(|known| {
                    let observed = known.observed.count;
                    (observed > 0 && known.stated.count > 0) || observed >= OBSERVED_CONFIRMS
                })
                .count(),
            feedback: profile.advocacy.feedback,
            mean_score: profile.advocacy.mean_score().unwrap_or(0.0),
            referrals: profile.advocacy.referrals,
        }
    }

    fn against(&self, conditions: &LevelConditions) -> [Fact; 7] {
        let fact = |measure, needed, actual| Fact { measure, needed, actual };
        let least = |measure, needed: u32, actual: f64| fact(measure, f64::from(needed), actual);
        [
            least(Measure::Visits, conditions.visits_min, self.visits as f64),
            fact(
                Measure::LastVisitDays,
                f64::from(conditions.last_visit_days_max),
                self.away_days.map_or(f64::INFINITY, |days| days as f64),
            ),
            least(Measure::StatedPreferences, conditions.stated_preferences_min, self.stated as f64),
            least(Measure::ConfirmedPreferences, conditions.confirmed_preferences_min, self.confirmed as f64),
            least(Measure::Feedback, conditions.feedback_min, f64::from(self.feedback)),
            fact(Measure::MeanScore, f64::from(conditions.mean_score_min) / 1_000.0, self.mean_score),
            least(Measure::Referrals, conditions.referrals_min, f64::from(self.referrals)),
        ]
    }
}

impl Fact {
    fn holds(&self) -> bool {
        let is_at_most = self.measure == Measure::LastVisitDays;
        self.needed == 0.0 || if is_at_most { self.actual <= self.needed } else { self.actual >= self.needed }
    }

    fn condition(self, level: RelationshipLevel) -> Condition {
        let holds = self.holds();
        // Infinity is no number for a message: a customer who was never here has been away for ever.
        let actual = if self.actual.is_finite() { self.actual } else { -1.0 };
        Condition { level, measure: self.measure, needed: self.needed, actual, holds }
    }
}

#[cfg(test)]
#[path = "relationship_tests.rs"]
mod tests;
