//! How close the relationship with a customer is, and what is missing for the next level.
//!
//! Each level rests on the one below. A broken promise caps it: nobody is close to a business that owes them something.

pub use crate::domain::parts::level::RelationshipLevel;
use crate::domain::{
    kernel::time::Timestamp,
    policy::catalogue::{LevelConditions, Rules},
    profile::Profile,
};

/// One condition, as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    pub level: RelationshipLevel,
    /// The field of the policy's conditions.
    pub name: &'static str,
    pub needed: f64,
    pub actual: f64,
    pub holds: bool,
    pub text: String,
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

/// Observed so often, a preference counts as confirmed though nobody stated it.
const OBSERVED_CONFIRMS: u32 = 3;
const DAY_SECONDS: i64 = 86_400;

/// The level alone: cheap, for every briefing.
pub fn level(profile: &Profile, rules: &Rules, now: Timestamp) -> RelationshipLevel {
    if is_capped(profile, rules, now) { RelationshipLevel::Basic } else { earned(&Facts::of(profile, now), rules) }
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
    name: &'static str,
    needed: f64,
    actual: f64,
    /// The condition is a most, not a least.
    at_most: bool,
}

impl Facts {
    fn of(profile: &Profile, now: Timestamp) -> Self {
        let likes = profile.preferences.iter();
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
        let least = |name, needed: u32, actual: f64| Fact { name, needed: f64::from(needed), actual, at_most: false };
        [
            least("visits_min", conditions.visits_min, self.visits as f64),
            Fact {
                name: "last_visit_days_max",
                needed: f64::from(conditions.last_visit_days_max),
                actual: self.away_days.map_or(f64::INFINITY, |days| days as f64),
                at_most: true,
            },
            least("stated_preferences_min", conditions.stated_preferences_min, self.stated as f64),
            least("confirmed_preferences_min", conditions.confirmed_preferences_min, self.confirmed as f64),
            least("feedback_min", conditions.feedback_min, f64::from(self.feedback)),
            Fact {
                name: "mean_score_min",
                needed: f64::from(conditions.mean_score_min) / 1_000.0,
                actual: self.mean_score,
                at_most: false,
            },
            least("referrals_min", conditions.referrals_min, f64::from(self.referrals)),
        ]
    }
}

impl Fact {
    fn holds(&self) -> bool {
        self.needed == 0.0 || if self.at_most { self.actual <= self.needed } else { self.actual >= self.needed }
    }

    fn condition(self, level: RelationshipLevel) -> Condition {
        let holds = self.holds();
        let missing = (self.needed - self.actual).max(0.0);
        let text = match self.name {
            _ if holds => "Holds.".to_owned(),
            "visits_min" => format!("{missing} more {}.", plural(missing, "visit", "visits")),
            "last_visit_days_max" => format!("A visit within {} days.", self.needed),
            "stated_preferences_min" => {
                format!("{missing} more {} in their own words.", plural(missing, "preference", "preferences"))
            }
            "confirmed_preferences_min" => {
                format!("{missing} more {} confirmed.", plural(missing, "preference", "preferences"))
            }
            "feedback_min" => format!("{missing} more {} to how they found it.", plural(missing, "answer", "answers")),
            "referrals_min" => format!("{missing} more {}.", plural(missing, "referral", "referrals")),
            _ => format!("A mean score of {} or more.", self.needed),
        };
        // Infinity is no number for a message: a customer who was never here has been away for ever.
        let actual = if self.actual.is_finite() { self.actual } else { -1.0 };
        Condition { level, name: self.name, needed: self.needed, actual, holds, text }
    }
}

fn plural(count: f64, one: &'static str, many: &'static str) -> &'static str {
    if count == 1.0 { one } else { many }
}

#[cfg(test)]
#[path = "relationship_tests.rs"]
mod tests;
