//! The service review: what is counted of every change of a customer, and what the counters say.
//!
//! [`Facts`] are what of a profile is countable. [`counted`] says what the way from one revision's facts to the next adds
//! to the counters, so that no use case can forget it, and what is taken back is taken out again. Nobody is named in it.

mod absence;
mod facts;
mod figures;

use std::fmt;

pub use absence::{ABSENCE_DAYS_MIN, ABSENCE_INTERVALS, slips_away};
pub use facts::{Count, Facts, counted};
pub use figures::{Cause, Drifted, Figures, Given, Met, Moved, Promises, Standard};

use super::{
    Profile, Timestamp,
    policy::{Rules, Venue},
    relationship::{RelationshipLevel, level},
};

/// The standing tally of customers per level.
pub const LEVELS: &str = "levels";

/// A calendar month, on a venue's clock or in UTC. Counters carry it in their names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    year: i16,
    month: i8,
}

impl Month {
    /// The month of a moment in UTC: of what happens to a customer and at no venue.
    pub fn of(time: Timestamp) -> Self {
        Self::at(time, None)
    }

    /// The month of a moment on a venue's clock; a venue that is gone has UTC.
    pub fn at(time: Timestamp, venue: Option<&Venue>) -> Self {
        let zone = venue.map_or(jiff::tz::TimeZone::UTC, |venue| venue.zone.clone());
        let date = zone.to_datetime(time).date();
        Self { year: date.year(), month: date.month() }
    }

    /// `YYYY-MM`.
    pub fn parse(raw: &str) -> Option<Self> {
        let is_month = raw.len() == 7 && raw.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        let date = is_month.then(|| format!("{raw}-01").parse::<jiff::civil::Date>().ok()).flatten()?;
        Some(Self { year: date.year(), month: date.month() })
    }

    /// Months from this one until a later one; below zero: it is earlier.
    pub fn until(self, later: Self) -> i32 {
        let months = |at: Self| i32::from(at.year) * 12 + i32::from(at.month);
        months(later) - months(self)
    }

    /// The first moment in UTC.
    pub fn start(self) -> Timestamp {
        let first = jiff::civil::Date::new(self.year, self.month, 1).ok();
        first.and_then(|date| date.to_zoned(jiff::tz::TimeZone::UTC).ok()).map_or(Timestamp::MIN, |at| at.timestamp())
    }

    #[must_use]
    pub fn next(self) -> Self {
        if self.month == 12 { Self { year: self.year + 1, month: 1 } } else { Self { month: self.month + 1, ..self } }
    }

    /// The tally of counts by venue.
    pub fn counts(self) -> String {
        format!("review/{self}")
    }

    /// The tally of causes with their items, apart from the counts: there are many, and they must not crowd those out.
    pub fn causes(self) -> String {
        format!("causes/{self}")
    }

    /// The tally of gestures.
    pub fn gestures(self) -> String {
        format!("gestures/{self}")
    }
}

impl fmt::Display for Month {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:04}-{:02}", self.year, self.month)
    }
}

/// Notes the level under which the customer is counted from now on. Levels move with time and with the policy, so the
/// level that was counted must be remembered to be taken out again. It is bookkeeping, and no change of the customer.
pub fn place(profile: &mut Profile, rules: &Rules, now: Timestamp) {
    profile.counted_at = Some(level(profile, rules, now));
}

fn level_name(level: RelationshipLevel) -> &'static str {
    match level {
        RelationshipLevel::Basic => "BASIC",
        RelationshipLevel::Engagement => "ENGAGEMENT",
        RelationshipLevel::Intimacy => "INTIMACY",
    }
}

#[cfg(test)]
mod tests;
