//! Who is slipping away: longer absent than is usual for them.

use crate::domain::{
    kernel::time::{DAY_SECONDS, Timestamp},
    parts::habits::Habits,
};

/// A customer is slipping away after so many of their usual intervals between visits, and after [`ABSENCE_DAYS_MIN`] at least.
pub const ABSENCE_INTERVALS: f64 = 3.0;
/// Shorter absences may be a holiday.
pub const ABSENCE_DAYS_MIN: i64 = 60;
/// One interval is no habit: with fewer visits nobody is listed, though [`Habits::usual_interval_days`] has a number from the
/// second visit on.
const VISITS_MIN: u64 = 3;
/// The time is rounded up to whole weeks since 1970, so that the index of absences does not move with each visit of a customer
/// who comes every day.
const STEP_SECONDS: i64 = 7 * DAY_SECONDS;

/// When the customer begins to count as slipping away, unless they come back before; the service review ends it after a year, when
/// they count as lost. `None`: too few visits to tell.
pub fn slips_away(habits: &Habits) -> Option<Timestamp> {
    let last = habits.last_visit.filter(|_| habits.visits >= VISITS_MIN)?;
    let usual = habits.usual_interval_days()? * ABSENCE_INTERVALS;
    let away = (usual * DAY_SECONDS as f64).max((ABSENCE_DAYS_MIN * DAY_SECONDS) as f64) as i64;
    let second = last.as_second().checked_add(away)?;
    let week = second.div_euclid(STEP_SECONDS) + i64::from(second.rem_euclid(STEP_SECONDS) > 0);
    Timestamp::from_second(week.checked_mul(STEP_SECONDS)?).ok()
}
