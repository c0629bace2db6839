//! Anticipate: what the customer will probably want here and now.

use super::{
    codes, respect,
    statement::{Basis, Form, Statement, Tact, Value},
};
use crate::domain::{
    gate::Cleared,
    insight::anticipation::{self, Expected, Now},
    moment::Moment,
    parts::{
        copurchase::CROWD_MIN,
        habits::Tally,
        preference::{CONFIDENCE_TO_ACT, Stance},
    },
    words::fold::is_same_item,
};

/// Habits in one briefing: what staff can keep in mind.
const HABITS_MAX: usize = 5;
/// Preferences in one briefing.
const PREFERENCES_SHOWN_MAX: usize = 10;
/// One purchase is an accident, two a coincidence.
const PURCHASES_MIN: u32 = 3;
/// Rarer than in one visit of six is not "usually".
const CHANCE_MIN: f64 = 0.15;
/// Items of others in one briefing: they are a hint beside what is known of the customer.
const OTHERS_MAX: usize = 2;
/// Items that are looked at, so that enough are left when some are forbidden.
const LOOKED_AT_MAX: usize = 24;
/// Bought again after so many purchases this much oftener than by chance, an item is due.
const RHYTHM_MIN: f64 = 1.5;

/// Parameters of a habit's statement, where it has all of them.
const PARAMETERS_MAX: usize = 8;

pub(super) fn section(moment: &Moment<'_>) -> Vec<Statement> {
    let mut statements = preferences(moment);
    statements.extend(habits(moment));
    statements
}

fn preferences(moment: &Moment<'_>) -> Vec<Statement> {
    let shown = moment.believed().iter().take(PREFERENCES_SHOWN_MAX);
    let statements = shown.map(|&(known, confidence)| {
        let code = match known.get().stance {
            Stance::Favourite => codes::PREFERENCE_FAVOURITE,
            Stance::Likes | Stance::Dislikes | Stance::Avoid => codes::PREFERENCE_LIKES,
        };
        respect::liked(moment, code, &known, confidence)
    });
    statements.collect()
}

/// What is expected here and now, the likeliest first. What is forbidden is tested last: it costs most.
fn habits(moment: &Moment<'_>) -> Vec<Statement> {
    let question = moment.question;
    let now = Now::new(&question.venue.id, moment.local, question.at, question.basket);
    let now = if question.purpose.is_told_moments() { now } else { now.of_day() };
    let habits = &moment.profile.habits;
    let is_worth_saying = |one: &Expected<'_>| is_worth_saying(one, !question.basket.is_empty());
    let expected = anticipation::expected(habits, question.others, &now, LOOKED_AT_MAX, is_worth_saying);
    if expected.is_empty() {
        return Vec::new();
    }
    let gate = moment.gate();
    let mut others = 0;
    let allowed = expected.into_iter().filter_map(|one| {
        let is_new =
            !moment.in_basket(one.item) && !is_refused_since(moment, &one) && !is_said_already(moment, one.item);
        let cleared = if is_new { gate.admit(one) } else { None }?;
        let is_own = cleared.get().tally.is_some();
        others += usize::from(!is_own);
        (is_own || others <= OTHERS_MAX).then_some(cleared)
    });
    let statement = |one: Cleared<Expected<'_>>| match one.get().tally {
        Some(tally) => usually_buys(moment, &one, tally),
        None => others_buy(&one, !question.basket.is_empty()),
    };
    allowed.take(HABITS_MAX).map(statement).collect()
}

fn is_worth_saying(one: &Expected<'_>, has_basket: bool) -> bool {
    match one.tally {
        Some(tally) => tally.count >= PURCHASES_MIN && one.share >= CHANCE_MIN,
        // What goes together is counted at all venues; but what this one does not sell is not offered at it.
        None if has_basket => one.of_others >= CHANCE_MIN && one.of_venue > 0.0,
        None => one.of_others >= CHANCE_MIN && one.of_venue >= CHANCE_MIN,
    }
}

/// Offered and refused after the last purchase; ever, if there was none.
fn is_refused_since(moment: &Moment<'_>, one: &Expected<'_>) -> bool {
    let bought = one.tally.map_or(i64::MIN, |tally| tally.last);
    moment.profile.preferences.iter().any(|known| {
        known.refused.last.is_some_and(|last| last.as_second() > bought) && is_same_item(&known.subject.item, one.item)
    })
}

/// Whether the briefing has a preference for the same thing already.
fn is_said_already(moment: &Moment<'_>, item: &str) -> bool {
    moment.preferences.iter().any(|(known, confidence)| {
        known.stance.is_positive()
            && *confidence >= CONFIDENCE_TO_ACT
            && moment.fits_the_hour(&known.subject.situation)
            && is_same_item(&known.subject.item, item)
    })
}

fn usually_buys(moment: &Moment<'_>, one: &Cleared<Expected<'_>>, tally: &Tally) -> Statement {
    let is_due = one.get().rhythm >= RHYTHM_MIN;
    let visits = moment.profile.habits.visits;
    let here = moment.profile.habits.recent_in(tally, moment.cell);
    let last = jiff::Timestamp::from_second(tally.last).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    // The time of day is known of the newest purchases only.
    let is_all = !tally.at_least && tally.count == tally.recent.count_ones();
    let half = |count: u64, visits: u64| visits > 0 && count * 2 >= visits;
    let habits = &moment.profile.habits;
    let such_visits = if is_all { habits.visits_in(moment.cell) } else { habits.recent_purchases_in(moment.cell) };
    // The part of the day in which something was bought is a moment.
    let tells_times = moment.question.purpose.is_told_moments();
    let is_usual_here = tells_times && half(u64::from(here), u64::from(such_visits));
    let is_usual = is_usual_here || half(u64::from(tally.count), visits);
    let mut parameters = Vec::with_capacity(PARAMETERS_MAX);
    parameters.extend([
        ("item", Value::Item(one.name())),
        ("count", Value::Number(i64::from(tally.count))),
        ("visits", Value::Number(i64::try_from(visits).unwrap_or(i64::MAX))),
        ("last", Value::Time(last)),
    ]);
    if tells_times {
        parameters.push(("count_at_such_times", Value::Number(i64::from(here))));
    }
    if !tally.category.is_empty() {
        parameters.push(("category", Value::Text(tally.category.clone())));
    }
    if tally.at_least {
        parameters.push(("at_least", Value::Number(1)));
    }
    if tells_times && !is_all {
        parameters.push(("count_at_such_times_at_least", Value::Number(1)));
    }
    respect::tell_clearance(one.clearance(), &mut parameters);
    Statement {
        code: codes::HABIT_ITEM,
        parameters,
        basis: Basis::Bought { usually: is_usual, cell: moment.cell, last: moment.date_of(last), due: is_due },
        form: Form::Section,
        tact: Tact::ActQuietly,
    }
}

fn others_buy(one: &Cleared<Expected<'_>>, has_basket: bool) -> Statement {
    let mut parameters =
        vec![("item", Value::Item(one.name())), ("customers_min", Value::Number(i64::from(CROWD_MIN)))];
    let category = one.get().category;
    if !category.is_empty() {
        parameters.push(("category", Value::Text(category.to_owned())));
    }
    respect::tell_clearance(one.clearance(), &mut parameters);
    Statement {
        code: codes::POPULAR_ITEM,
        parameters,
        basis: Basis::Others { beside_basket: has_basket },
        form: Form::Section,
        tact: Tact::ActQuietly,
    }
}
