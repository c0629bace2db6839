//! Levels, their conditions, and lifetime value.

use super::{Parsed, money_out, path};
use crate::{
    domain::{
        Violation,
        limits::PREFERENCES_MAX,
        policy::LevelConditions,
        relationship::{Cap, Condition, Relationship, RelationshipLevel},
        value::LifetimeValue,
    },
    proto,
};

/// The most that conditions may ask for: beyond these they say "never".
const VISITS_MAX: u32 = 100_000;
const DAYS_MAX: u32 = 3_660;
const VOICES_MAX: u32 = 10_000;

pub fn conditions(field: &str, raw: proto::LevelConditions) -> Parsed<LevelConditions> {
    let proto::LevelConditions {
        visits_min,
        last_visit_days_max,
        stated_preferences_min,
        confirmed_preferences_min,
        feedback_min,
        mean_score_min,
        referrals_min,
    } = raw;
    let number = |name: &str, raw: i32, most: u32| {
        let number = u32::try_from(raw).ok().filter(|number| *number <= most);
        number.ok_or_else(|| Violation::new(path(field, name), format!("must be 0 to {most}")))
    };
    let preferences = u32::try_from(PREFERENCES_MAX).unwrap_or(u32::MAX);
    if !(0.0..=1.0).contains(&mean_score_min) {
        return Err(Violation::new(path(field, "mean_score_min"), "must be 0 to 1"));
    }
    Ok(LevelConditions {
        visits_min: number("visits_min", visits_min, VISITS_MAX)?,
        last_visit_days_max: number("last_visit_days_max", last_visit_days_max, DAYS_MAX)?,
        stated_preferences_min: number("stated_preferences_min", stated_preferences_min, preferences)?,
        confirmed_preferences_min: number("confirmed_preferences_min", confirmed_preferences_min, preferences)?,
        feedback_min: number("feedback_min", feedback_min, VOICES_MAX)?,
        mean_score_min: (mean_score_min * 1_000.0).round() as u32,
        referrals_min: number("referrals_min", referrals_min, VOICES_MAX)?,
    })
}

pub fn conditions_out(conditions: &LevelConditions) -> proto::LevelConditions {
    let number = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
    proto::LevelConditions {
        visits_min: number(conditions.visits_min),
        last_visit_days_max: number(conditions.last_visit_days_max),
        stated_preferences_min: number(conditions.stated_preferences_min),
        confirmed_preferences_min: number(conditions.confirmed_preferences_min),
        feedback_min: number(conditions.feedback_min),
        mean_score_min: f64::from(conditions.mean_score_min) / 1_000.0,
        referrals_min: number(conditions.referrals_min),
    }
}

pub fn level_out(level: RelationshipLevel) -> i32 {
    let level = match level {
        RelationshipLevel::Basic => proto::RelationshipLevel::Basic,
        RelationshipLevel::Engagement => proto::RelationshipLevel::Engagement,
        RelationshipLevel::Intimacy => proto::RelationshipLevel::Intimacy,
    };
    level as i32
}

pub fn relationship_out(relationship: Relationship) -> proto::Relationship {
    let cap = |cap: &Cap| match cap {
        Cap::OpenIssue => "An issue is open.".to_owned(),
        Cap::OverduePromise => "A promise is overdue.".to_owned(),
    };
    let condition = |condition: Condition| {
        let Condition { level, name, needed, actual, holds, text } = condition;
        proto::LevelCondition { level: level_out(level), name: name.to_owned(), needed, actual, holds, text }
    };
    proto::Relationship {
        level: level_out(relationship.level),
        earned_level: level_out(relationship.earned),
        capped_by: relationship.capped_by.iter().map(cap).collect(),
        conditions: relationship.conditions.into_iter().map(condition).collect(),
    }
}

pub fn value_out(value: LifetimeValue) -> proto::LifetimeValue {
    proto::LifetimeValue { historic: Some(money_out(value.historic)), expected: Some(money_out(value.expected)) }
}
