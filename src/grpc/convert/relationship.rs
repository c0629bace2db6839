//! Levels, their conditions, and lifetime value.

use super::{
    Parsed,
    mirror::{IntoWire, enum_table, parse, send},
};
use crate::{
    domain::{
        Violation,
        limits::PREFERENCES_MAX,
        policy::LevelConditions,
        relationship::{Cap, Condition, Measure, Relationship, RelationshipLevel},
        value::LifetimeValue,
    },
    phrasing::{self, Language},
    proto,
};

enum_table!(proto::RelationshipLevel = RelationshipLevel {
    Basic = Basic, Engagement = Engagement, Intimacy = Intimacy,
});

/// The most that conditions may ask for: beyond these they say "never".
const VISITS_MAX: u32 = 100_000;
const DAYS_MAX: u32 = 3_660;
const VOICES_MAX: u32 = 10_000;
const PREFERENCES: u32 = PREFERENCES_MAX as u32;
/// Mean scores are kept in thousandths of their scale.
const THOUSANDTHS: f64 = 1_000.0;

pub fn conditions(field: &str, raw: proto::LevelConditions) -> Parsed<LevelConditions> {
    parse!(field, raw: proto::LevelConditions => LevelConditions {
        mean_score_min: mean_score,
        visits_min: up_to(VISITS_MAX),
        last_visit_days_max: up_to(DAYS_MAX),
        stated_preferences_min: up_to(PREFERENCES),
        confirmed_preferences_min: up_to(PREFERENCES),
        feedback_min: up_to(VOICES_MAX),
        referrals_min: up_to(VOICES_MAX),
    })
}

fn up_to(most: u32) -> impl Fn(&str, i32) -> Parsed<u32> {
    move |field, raw| {
        let number = u32::try_from(raw).ok().filter(|number| *number <= most);
        number.ok_or_else(|| Violation::new(field, format!("must be 0 to {most}")))
    }
}

fn mean_score(field: &str, raw: f64) -> Parsed<u32> {
    if (0.0..=1.0).contains(&raw) {
        Ok((raw * THOUSANDTHS).round() as u32)
    } else {
        Err(Violation::new(field, "must be 0 to 1"))
    }
}

send!(LevelConditions => proto::LevelConditions {
    visits_min,
    last_visit_days_max,
    stated_preferences_min,
    confirmed_preferences_min,
    feedback_min,
    mean_score_min: |thousandths: u32| f64::from(thousandths) / THOUSANDTHS,
    referrals_min,
});

pub fn relationship_out(language: Language, relationship: Relationship) -> proto::Relationship {
    let each = |all: Vec<Condition>| all.into_iter().map(|one| condition_out(language, one)).collect();
    send!(relationship: Relationship => proto::Relationship {
        level,
        earned = earned_level,
        capped_by: |caps: Vec<Cap>| caps.into_iter().map(|cap| phrasing::cap(language, cap)).collect(),
        conditions: each,
    })
}

fn condition_out(language: Language, condition: Condition) -> proto::LevelCondition {
    let text = phrasing::condition(language, &condition);
    send!(condition: Condition => proto::LevelCondition {
        level,
        measure = name: |measure: Measure| measure.field().to_owned(),
        needed,
        actual,
        holds,
        + text: text,
    })
}

pub fn value_out(value: LifetimeValue) -> proto::LifetimeValue {
    value.into_wire()
}

send!(LifetimeValue => proto::LifetimeValue { historic, expected });
