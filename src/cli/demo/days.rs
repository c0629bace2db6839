//! Dates of the demo, relative to the business day of its hotel.

use jiff::{
    Timestamp, ToSpan as _,
    civil::{Date, Weekday, time},
    tz::TimeZone,
};

use crate::{
    cli::{args, demo::venues},
    proto::{Calendar, CalendarDate},
};

/// A date that recurs every year.
pub struct Anniversary {
    /// Days from today until it is kept next.
    pub in_days: i64,
    /// The anniversary or age that is kept then.
    pub years: i16,
}

/// Today, and what follows from it.
pub struct Days {
    pub now: Timestamp,
    /// The business day: shortly after midnight it is still the day before.
    pub today: Date,
}

impl Days {
    pub fn starting_at(now: Timestamp) -> Self {
        // The zone is in the binary's own tables; UTC is off by an hour or two and still a demo.
        let zone = TimeZone::get(venues::ZURICH).unwrap_or(TimeZone::UTC);
        let clock = now.to_zoned(zone).datetime();
        Self { now, today: clock.checked_sub(venues::DAY_STARTS).map_or(clock.date(), |shifted| shifted.date()) }
    }

    /// A time so many days ago, on the clock of a zone; never later than now.
    pub fn ago(&self, days: i64, hour: i8, minute: i8, zone: &str) -> prost_types::Timestamp {
        self.at(self.back(days), hour, minute, zone)
    }

    /// A time on the n-th Friday before today (the first is 1).
    pub fn friday(&self, nth: i32, hour: i8, minute: i8, zone: &str) -> prost_types::Timestamp {
        let date = self.today.nth_weekday(-nth, Weekday::Friday).unwrap_or(self.today);
        self.at(date, hour, minute, zone)
    }

    /// A time some days from now.
    pub fn ahead(&self, days: i64) -> prost_types::Timestamp {
        args::timestamp(self.now.checked_add((days * 24).hours()).unwrap_or(self.now))
    }

    /// The date of birth, of a wedding and so on. A 29 February is of a leap year: it may be further back than `years`.
    pub fn yearly(&self, Anniversary { in_days, years }: Anniversary) -> CalendarDate {
        let date = self.back(-in_days);
        let mut year = date.year() - years;
        // A person who celebrates on 29 February was born in a leap year.
        while Date::new(year, date.month(), date.day()).is_err() {
            year -= 1;
        }
        gregorian(Some(i32::from(year)), i32::from(date.month()), i32::from(date.day()))
    }

    /// The date some days from now.
    pub fn date_ahead(&self, days: i64) -> Date {
        self.back(-days)
    }

    fn back(&self, days: i64) -> Date {
        self.today.checked_sub(days.days()).unwrap_or(self.today)
    }

    fn at(&self, date: Date, hour: i8, minute: i8, zone: &str) -> prost_types::Timestamp {
        let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
        let local = date.to_datetime(time(hour, minute, 0, 0)).to_zoned(zone);
        let time = local.map_or(self.now, |zoned| zoned.timestamp());
        args::timestamp(time.min(self.now))
    }
}

pub fn gregorian(year: Option<i32>, month: i32, day: i32) -> CalendarDate {
    CalendarDate { calendar: Calendar::Gregorian.into(), year, month, day, leap_month: false }
}
