//! Anticipate: what the customer will probably want here and now.

use super::{Moment, Statement, Tact, Value, codes, respect, words};
use crate::domain::{
    habits::Tally,
    preference::{CONFIDENCE_TO_ACT, Preference, Stance},
};

/// Habits in one briefing: what staff can keep in mind.
const HABITS_MAX: usize = 5;
/// Preferences in one briefing.
const PREFERENCES_SHOWN_MAX: usize = 10;
/// One purchase is an accident, two a coincidence.
const PURCHASES_MIN: u32 = 3;
/// Rarer than in one visit of six is not "usually".
const CHANCE_MIN: f64 = 0.15;
/// Visits' worth of trust in the share of all visits, before the part of the day is believed. Chosen on a real grocer's
/// year, where the hour says little; where it says much, it soon outweighs this.
const DAYPART_PRIOR: f64 = 16.0;
/// Visits' worth of trust in the part of the day, before the cell of the week is believed.
const CELL_PRIOR: f64 = 8.0;
/// Recent weight at which recency counts half.
const RECENT_HALF: f64 = 4.0;

/// Hours at which meals begin or end: an answer about now changes then.
pub(super) const MEAL_HOURS: [i8; 6] = [5, 11, 12, 15, 17, 23];

/// Situations that the clock can tell: name, first hour, hour after the last.
const SITUATIONS: [(&str, i8, i8); 5] =
    [("breakfast", 5, 11), ("lunch", 11, 15), ("afternoon", 12, 17), ("dinner", 17, 23), ("evening", 17, 23)];

pub(super) fn section(moment: &Moment<'_>) -> Vec<Statement> {
    let mut statements = preferences(moment);
    statements.extend(habits(moment));
    statements
}

/// Likes and favourites that are believed, hold here, and are not forbidden; the strongest first.
pub(super) fn believed<'a>(moment: &Moment<'a>) -> Vec<(&'a Preference, f64)> {
    let forbidden = moment.forbidden();
    let liked = moment.preferences.iter().filter(|(known, confidence)| {
        known.stance.is_positive()
            && *confidence >= CONFIDENCE_TO_ACT
            && fits_the_hour(&known.subject.situation, moment.hour)
            && !moment.in_basket(&known.subject.item)
            && !forbidden.covers(&known.subject.item, &known.subject.category)
    });
    let mut liked: Vec<(&Preference, f64)> = liked.copied().collect();
    liked.sort_by(|one, other| {
        let favourite = |known: &Preference| known.stance == Stance::Favourite;
        favourite(other.0).cmp(&favourite(one.0)).then(other.1.total_cmp(&one.1))
    });
    liked
}

/// A situation that the clock does not know is left to the reader.
fn fits_the_hour(situation: &str, hour: i8) -> bool {
    match SITUATIONS.iter().find(|(name, _, _)| *name == situation) {
        Some((_, from, until)) => (*from..*until).contains(&hour),
        None => true,
    }
}

fn preferences(moment: &Moment<'_>) -> Vec<Statement> {
    let shown = moment.believed().iter().take(PREFERENCES_SHOWN_MAX);
    let statements = shown.map(|&(known, confidence)| {
        let (code, verb) = match known.stance {
            Stance::Favourite => (codes::PREFERENCE_FAVOURITE, "Favourite"),
            Stance::Likes | Stance::Dislikes | Stance::Avoid => (codes::PREFERENCE_LIKES, "Likes"),
        };
        Statement {
            code,
            parameters: respect::preference_parameters(known, confidence),
            text: format!("{verb}: {}{}.", known.subject.item, respect::situation(known)),
            reason: respect::preference_reason(moment, known),
            tact: respect::preference_tact(known),
        }
    });
    statements.collect()
}

/// What is usually bought at such a time, the likeliest first. What is forbidden is tested last: it costs most.
fn habits(moment: &Moment<'_>) -> Vec<Statement> {
    let tallies = moment.profile.habits.items.iter();
    let mut expected: Vec<(&Tally, f64)> =
        tallies.filter_map(|tally| Some((tally, expectation(moment, tally)?))).collect();
    if expected.is_empty() {
        return Vec::new();
    }
    expected.sort_by(|one, other| other.1.total_cmp(&one.1).then_with(|| one.0.key.cmp(&other.0.key)));
    let forbidden = moment.forbidden();
    let allowed = expected.into_iter().filter(|(tally, _)| {
        !moment.in_basket(&tally.key)
            && !is_refused_since(moment, tally)
            && !is_said_already(moment, &tally.key)
            && !forbidden.covers(&tally.key, &tally.category)
    });
    allowed.take(HABITS_MAX).map(|(tally, _)| usually_buys(moment, tally)).collect()
}

/// How strongly an item is expected now: its chance in this cell of the week, times how recent, times how due it is.
/// `None`: not expected.
fn expectation(moment: &Moment<'_>, tally: &Tally) -> Option<f64> {
    let habits = &moment.profile.habits;
    if tally.count < PURCHASES_MIN || habits.visits == 0 {
        return None;
    }
    let overall = (f64::from(tally.count) / habits.visits as f64).min(1.0);
    let at_this_part = share(tally.in_daypart_of(moment.cell), moment.visits_at_this_part, DAYPART_PRIOR, overall);
    let chance = share(u32::from(tally.in_cell(moment.cell)), habits.visits_in(moment.cell), CELL_PRIOR, at_this_part);
    if chance < CHANCE_MIN {
        return None;
    }
    let weight = habits.weight(tally, moment.question.at);
    let recency = weight / (weight + RECENT_HALF);
    Some(chance * recency * dueness(moment, tally))
}

/// The share of `visits` that `count` is, drawn towards `believed` as if that had been seen in `prior` more visits.
fn share(count: u32, visits: u32, prior: f64, believed: f64) -> f64 {
    ((f64::from(count) + prior * believed) / (f64::from(visits) + prior)).min(1.0)
}

/// Half right after a purchase, whole from the usual interval on, half again after four: given up.
fn dueness(moment: &Moment<'_>, tally: &Tally) -> f64 {
    let Some(usual) = tally.usual_interval_days() else {
        return 1.0;
    };
    let last = jiff::Timestamp::from_second(tally.last).map_or(moment.date, |last| moment.date_of(last));
    let days = words::days_between(last, moment.date).max(0) as f64;
    let intervals = days / usual.max(1.0);
    match intervals {
        _ if intervals < 1.0 => 0.5 + 0.5 * intervals,
        _ if intervals <= 4.0 => 1.0,
        _ => 0.5,
    }
}

/// Offered and refused after the last purchase.
fn is_refused_since(moment: &Moment<'_>, tally: &Tally) -> bool {
    moment.profile.preferences.iter().any(|known| {
        known.refused.last.is_some_and(|last| last.as_second() > tally.last)
            && words::is_same(&known.subject.item, &tally.key)
    })
}

/// A preference for the same thing stands above already.
fn is_said_already(moment: &Moment<'_>, item: &str) -> bool {
    moment.preferences.iter().any(|(known, confidence)| {
        known.stance.is_positive()
            && *confidence >= CONFIDENCE_TO_ACT
            && fits_the_hour(&known.subject.situation, moment.hour)
            && words::is_same(&known.subject.item, item)
    })
}

fn usually_buys(moment: &Moment<'_>, tally: &Tally) -> Statement {
    let visits = moment.profile.habits.visits;
    let here = tally.in_cell(moment.cell);
    let last = jiff::Timestamp::from_second(tally.last).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    // Evicted once, perhaps, and counted afresh: then no number of ours is the whole.
    let (at_least, or_more) = if tally.at_least { ("at least ", " or more") } else { ("", "") };
    let at_such_times =
        if here == 0 { String::new() } else { format!(", {here}{or_more} of them on {}", words::cell(moment.cell)) };
    let half = |count: u64, visits: u64| visits > 0 && count * 2 >= visits;
    let is_usual = half(u64::from(tally.count), visits)
        || half(u64::from(here), u64::from(moment.profile.habits.visits_in(moment.cell)));
    let often = if is_usual { "Usually" } else { "Sometimes" };
    let mut parameters = vec![
        ("item", Value::Text(tally.key.clone())),
        ("count", Value::Number(i64::from(tally.count))),
        ("visits", Value::Number(i64::try_from(visits).unwrap_or(i64::MAX))),
        ("count_at_such_times", Value::Number(i64::from(here))),
        ("last", Value::Time(last)),
    ];
    if !tally.category.is_empty() {
        parameters.push(("category", Value::Text(tally.category.clone())));
    }
    if tally.at_least {
        parameters.push(("at_least", Value::Number(1)));
    }
    Statement {
        code: codes::HABIT_ITEM,
        parameters,
        text: format!("{often} buys {}.", tally.key),
        reason: format!(
            "Bought in {at_least}{} of {}{at_such_times}, last on {}.",
            tally.count,
            words::counted(visits, "visit"),
            moment.day_of(last)
        ),
        tact: Tact::ActQuietly,
    }
}
