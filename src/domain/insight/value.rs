//! Lifetime value: what a customer was worth, and may be. It is told only to roles that the policy lets see it, and decides
//! nothing.

use crate::domain::{
    kernel::{money::Money, time::Timestamp},
    parts::habits::Spend,
    profile::Profile,
};

/// One currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LifetimeValue {
    pub historic: Money,
    pub expected: Money,
}

/// How far ahead is looked: three years.
pub const HORIZON_DAYS: f64 = 3.0 * 365.0;
/// A first bill says little about a year: a customer's time with us is read as at least this long.
const OBSERVED_DAYS_MIN: f64 = 90.0;
/// Half of those who stay away for so many of their usual intervals do not come back.
const HALF_LIFE_INTERVALS: f64 = 2.0;
/// The usual interval of a customer who was here once.
const INTERVAL_DAYS_DEFAULT: f64 = 90.0;
const DAY_SECONDS: f64 = 86_400.0;

/// By currency. Expected = spend per day so far × [`HORIZON_DAYS`] × ½^(days away / (2 × usual interval)).
pub fn lifetime_value(profile: &Profile, now: Timestamp) -> Vec<LifetimeValue> {
    let habits = &profile.habits;
    let (Some(first), Some(last)) = (habits.first_visit, habits.last_visit) else {
        return Vec::new();
    };
    let days = |from: Timestamp, to: Timestamp| (to.as_second() - from.as_second()).max(0) as f64 / DAY_SECONDS;
    let observed = days(first, now).max(OBSERVED_DAYS_MIN);
    let interval = match habits.visits {
        0 | 1 => INTERVAL_DAYS_DEFAULT,
        visits => (days(first, last) / (visits - 1) as f64).max(1.0),
    };
    let comes_back = (-days(last, now) / (HALF_LIFE_INTERVALS * interval)).exp2();
    let one = |spend: &Spend| {
        let expected = spend.minor_units as f64 / observed * HORIZON_DAYS * comes_back;
        LifetimeValue {
            historic: Money { currency: spend.currency, minor_units: spend.minor_units },
            expected: Money { currency: spend.currency, minor_units: expected.round() as i64 },
        }
    };
    habits.spend.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        Change, apply,
        testing::{profile, purchase_at, stamp, time},
    };

    fn bought(times: &[&str]) -> Profile {
        let mut profile = profile();
        for (number, at) in times.iter().enumerate() {
            let purchase = purchase_at(&number.to_string(), time(at), &[("espresso", "coffee")]);
            apply(&mut profile, &Change::InteractionRecorded(purchase), &stamp(at, "till")).unwrap();
        }
        profile
    }

    #[test]
    fn who_comes_every_week_is_expected_to_go_on() {
        let weekly = ["2026-01-01T12:00:00Z", "2026-01-08T12:00:00Z", "2026-01-15T12:00:00Z", "2026-01-22T12:00:00Z"];
        let value = lifetime_value(&bought(&weekly), time("2026-01-22T12:00:00Z"))[0];
        assert_eq!(value.historic.minor_units, 400);
        // Four dollars in (at least) 90 days, for 1,095 days.
        assert_eq!(value.expected.minor_units, 4_867);
    }

    #[test]
    fn two_usual_intervals_away_halve_it() {
        let guest = bought(&["2026-01-01T12:00:00Z", "2026-01-11T12:00:00Z"]);
        let now = lifetime_value(&guest, time("2026-01-11T12:00:00Z"))[0];
        let later = lifetime_value(&guest, time("2026-01-31T12:00:00Z"))[0];
        assert_eq!(now.historic, later.historic);
        assert!((later.expected.minor_units * 2 - now.expected.minor_units).abs() <= 1);
    }

    #[test]
    fn strangers_are_worth_nothing_yet() {
        assert_eq!(lifetime_value(&profile(), time("2026-01-01T00:00:00Z")), Vec::new());
    }
}
