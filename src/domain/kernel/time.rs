//! Timestamps, days and months. Time is an argument: nothing here reads a clock.

use std::fmt;

use jiff::{civil::Date, tz::TimeZone};

/// A moment. Nanosecond precision, UTC.
pub type Timestamp = jiff::Timestamp;

/// Seconds of a day.
pub const DAY_SECONDS: i64 = 86_400;

/// The start of a UTC day, in seconds since 1970.
pub fn start_of_day(second: i64) -> i64 {
    second - second.rem_euclid(DAY_SECONDS)
}

/// The start of a time's UTC day.
pub fn day_start(time: Timestamp) -> Timestamp {
    Timestamp::from_second(start_of_day(time.as_second())).unwrap_or(Timestamp::MIN)
}

/// Whole days from one date to another.
pub fn days_between(from: Date, to: Date) -> i64 {
    to.duration_since(from).as_hours().div_euclid(24)
}

/// A calendar month, on a venue's clock or in UTC. Names of tallies contain it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    year: i16,
    month: i8,
}

impl Month {
    /// The month of a time in UTC, for what happens to a customer but at no venue.
    pub fn utc(time: Timestamp) -> Self {
        Self::of(TimeZone::UTC.to_datetime(time).date())
    }

    /// The month of a date.
    pub fn of(date: Date) -> Self {
        Self { year: date.year(), month: date.month() }
    }

    /// `YYYY-MM`.
    pub fn parse(raw: &str) -> Option<Self> {
        let is_month = raw.len() == 7 && raw.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        let date = is_month.then(|| format!("{raw}-01").parse::<Date>().ok()).flatten()?;
        Some(Self { year: date.year(), month: date.month() })
    }

    /// Months from this one until a later one; below zero: it is earlier.
    pub fn until(self, later: Self) -> i32 {
        let months = |at: Self| i32::from(at.year) * 12 + i32::from(at.month);
        months(later) - months(self)
    }

    /// Its begin in UTC.
    pub fn start(self) -> Timestamp {
        let first = Date::new(self.year, self.month, 1).ok();
        first.and_then(|date| date.to_zoned(TimeZone::UTC).ok()).map_or(Timestamp::MIN, |at| at.timestamp())
    }

    #[must_use]
    pub fn next(self) -> Self {
        if self.month == 12 { Self { year: self.year + 1, month: 1 } } else { Self { month: self.month + 1, ..self } }
    }
}

impl fmt::Display for Month {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:04}-{:02}", self.year, self.month)
    }
}
