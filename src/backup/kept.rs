//! Which copies of the data stay: of the last days, and of the last weeks.

use std::collections::BTreeSet;

use crate::domain::time::DAY_SECONDS;

/// Days of which the newest copy stays: what went wrong within a week is had back to the day.
const DAYS: usize = 7;
/// Weeks of which the newest copy stays, this one and the four before it: what is noticed late is had back to the week.
const WEEKS: usize = 5;
/// 1970 began on a Thursday, and weeks begin on Mondays.
const MONDAY_OFFSET_DAYS: i64 = 3;

/// Of the times of copies, in seconds since 1970, those that stay: of the last seven days on which there is a copy, and of the last five
/// weeks, the newest each. Days without a copy do not count: who was away for a month has still something to go back to.
pub fn kept(times: &[i64]) -> BTreeSet<i64> {
    let day = |time: i64| time.div_euclid(DAY_SECONDS);
    let week = |time: i64| (day(time) + MONDAY_OFFSET_DAYS).div_euclid(7);
    let mut kept = newest_of_each(times, day, DAYS);
    kept.extend(newest_of_each(times, week, WEEKS));
    kept
}

/// The newest time of each of the last spans in which there is one.
fn newest_of_each(times: &[i64], span: impl Fn(i64) -> i64, most: usize) -> BTreeSet<i64> {
    let mut sorted = times.to_vec();
    sorted.sort_unstable_by(|one, other| other.cmp(one));
    sorted.dedup_by_key(|time| span(*time));
    sorted.into_iter().take(most).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-02, a Monday, at four.
    const MONDAY: i64 = 1_793_592_000;

    fn day(number: i64) -> i64 {
        MONDAY + number * DAY_SECONDS
    }

    #[test]
    fn the_newest_of_seven_days_and_of_five_weeks_stay() {
        let all: Vec<i64> = (0..40).map(day).collect();
        // 39 is a Friday; the weeks before end on the Sundays 34, 27, 20 and 13.
        let wanted = [13, 20, 27, 33, 34, 35, 36, 37, 38, 39].map(day);
        assert_eq!(kept(&all), BTreeSet::from(wanted));
        assert_eq!(kept(&kept(&all).into_iter().collect::<Vec<_>>()), BTreeSet::from(wanted), "and stay");
    }

    #[test]
    fn of_a_day_the_newest_stays() {
        assert_eq!(kept(&[day(0), day(0) + 60, day(0) + 3_600]), BTreeSet::from([day(0) + 3_600]));
    }

    #[test]
    fn after_a_pause_the_copies_of_before_stay() {
        let times = [day(0), day(1), day(2), day(90)];
        assert_eq!(kept(&times), BTreeSet::from(times));
    }

    #[test]
    fn what_is_kept_over_a_year_is_bounded_and_has_the_newest() {
        let mut there: Vec<i64> = Vec::new();
        for number in 0..365 {
            there.push(day(number));
            there = kept(&there).into_iter().collect();
            assert!(there.len() <= DAYS + WEEKS && there.contains(&day(number)));
        }
        assert!(there[0] <= day(364 - 21), "the oldest is three weeks old: {}", (day(364) - there[0]) / DAY_SECONDS);
    }
}
