//! Occasions: days to keep, every year or once.
//!
//! A 29 February is kept on 28 February in common years: the customer's day is then not skipped, and it stays in its
//! month.

use jiff::civil::Date;

use crate::domain::{
    kernel::{author::Author, error::Violation, id::PartId, time::Timestamp},
    words::{people::is_same_person, pregnancy},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OccasionKind {
    Birthday,
    Anniversary,
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Calendar {
    Gregorian,
    Chinese,
    Hebrew,
    Hijri,
}

/// A date, which recurs every year unless the occasion is `once`. Parsed: month and day exist in the calendar (29 February always does).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CalendarDate {
    pub calendar: Calendar,
    pub year: Option<i16>,
    pub month: i8,
    pub day: i8,
    pub leap_month: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OccasionDraft {
    pub kind: OccasionKind,
    pub date: CalendarDate,
    /// Whose; empty: the customer's own.
    pub of_whom: String,
    pub label: String,
    pub do_not_celebrate: bool,
    /// It does not come round: it is that day of that year.
    pub once: bool,
}

/// A day of a calendar's year: what occasions are indexed by. A leap month counts as its month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct YearDay {
    pub calendar: Calendar,
    pub month: i8,
    pub day: i8,
}

impl YearDay {
    /// The days of the year that are kept on a date, in every calendar that can be counted: whatever is celebrated then is
    /// of one of them.
    pub fn kept_on(date: Date) -> Vec<Self> {
        let gregorian = |month, day| Self { calendar: Calendar::Gregorian, month, day };
        let mut days = vec![gregorian(date.month(), date.day())];
        if (date.month(), date.day()) == (2, 28) && !date.in_leap_year() {
            days.push(gregorian(2, 29));
        }
        days
    }
}

/// Nobody is older: a year further back is a slip, or stands for a year that is not known.
const AGE_MAX: i16 = 120;
/// The oldest house or marriage whose years are worth telling; a year further back stands for one that is not known.
const YEARS_MAX: i16 = 1_000;

impl OccasionDraft {
    /// Whether whose it is tells of a pregnancy: nobody is to mention that.
    pub fn is_of_pregnancy(&self) -> bool {
        pregnancy::is_told_of_person(&self.of_whom)
    }

    /// When it is celebrated next, on `today` or later: never before it has happened. A birthday and an anniversary come
    /// round a year after the first day at the earliest.
    pub fn next_celebration(&self, today: Date) -> Option<Celebration> {
        if self.once {
            return self.only_day(today).map(|date| Celebration { date, number: None, moved: false });
        }
        let first = self.date.year.map(|year| match self.kind {
            OccasionKind::Birthday | OccasionKind::Anniversary => year.saturating_add(1),
            OccasionKind::Other => year,
        });
        let first = first.map(|year| Date::new(year, 1, 1).ok());
        let next = self.date.next_on_or_after(match first {
            Some(start) => start?.max(today),
            None => today,
        })?;
        let number_max = if self.kind == OccasionKind::Birthday { AGE_MAX } else { YEARS_MAX };
        Some(Celebration { number: next.number.filter(|number| *number <= number_max), ..next })
    }

    /// When it must be kept quiet next, on `today` or later, if it is a day not to celebrate: on its first day too, and not before.
    pub fn next_quiet(&self, today: Date) -> Option<Date> {
        if self.once {
            return self.only_day(today);
        }
        let from =
            self.date.year.map_or(Some(today), |year| Date::new(year, 1, 1).ok().map(|first| first.max(today)))?;
        self.date.next_on_or_after(from).map(|next| next.date)
    }

    /// The one day of what does not come round; `None`: it is over.
    fn only_day(&self, today: Date) -> Option<Date> {
        Date::new(self.date.year?, self.date.month, self.date.day).ok().filter(|date| *date >= today)
    }

    /// Whether it asks that another, which would be celebrated on a day, is kept quiet: the same kind of day of the same person,
    /// as it is kept that year. Once is that year alone.
    pub fn silences(&self, other: &Self, on: Date) -> bool {
        self.do_not_celebrate
            && self.kind == other.kind
            && is_same_person(&self.of_whom, &other.of_whom)
            && self.next_quiet(on) == Some(on)
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Occasion {
    pub id: PartId,
    pub reported: OccasionDraft,
    pub recorded_by: Author,
    pub record_time: Timestamp,
}

/// The day on which an occasion is kept next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Celebration {
    pub date: Date,
    /// Years since the first, when the year is known and there is at least one: the age on a birthday.
    pub number: Option<i16>,
    /// Whether it is a 29 February, kept on the 28th.
    pub moved: bool,
}

/// A leap year: in it every day exists that can recur.
const LEAP_YEAR: i16 = 2000;

impl CalendarDate {
    /// Checks that the date exists. Without a year, 29 February does. `field` is the path of the date.
    pub fn parse(
        field: &str,
        calendar: Calendar,
        year: Option<i32>,
        month: i32,
        day: i32,
        leap_month: bool,
    ) -> Result<Self, Violation> {
        let at = |name: &str| {
            if field.is_empty() { name.to_owned() } else { format!("{field}.{name}") }
        };
        match calendar {
            Calendar::Gregorian => {}
            Calendar::Chinese | Calendar::Hebrew | Calendar::Hijri => {
                return Err(Violation::new(at("calendar"), "is not supported yet; only the Gregorian calendar is"));
            }
        }
        if leap_month {
            return Err(Violation::new(at("leap_month"), "must be false: the Gregorian calendar has no leap months"));
        }
        let year = match year.map(|year| i16::try_from(year).ok().filter(|year| (1..=9999).contains(year))) {
            Some(None) => {
                return Err(Violation::new(at("year"), "must be 1 to 9999, or unset when it is not known"));
            }
            Some(Some(year)) => Some(year),
            None => None,
        };
        let month = i8::try_from(month).ok().filter(|month| (1..=12).contains(month));
        let Some(month) = month else {
            return Err(Violation::new(at("month"), "must be 1 to 12"));
        };
        let day = i8::try_from(day).ok().filter(|day| Date::new(year.unwrap_or(LEAP_YEAR), month, *day).is_ok());
        let Some(day) = day else {
            return Err(Violation::new(at("day"), "must be a day of that month"));
        };
        Ok(Self { calendar, year, month, day, leap_month })
    }

    /// Its day of the year.
    pub fn year_day(&self) -> YearDay {
        let Self { calendar, month, day, year: _, leap_month: _ } = *self;
        YearDay { calendar, month, day }
    }

    /// Whether the day itself comes after another; false: its year is not known.
    pub fn is_after(&self, today: Date) -> bool {
        self.year.is_some_and(|year| (year, self.month, self.day) > (today.year(), today.month(), today.day()))
    }

    /// When it is kept next, on `today` or later. `None` after the last year that can be counted, and for a calendar
    /// that is not supported yet.
    pub fn next_on_or_after(&self, today: Date) -> Option<Celebration> {
        let this_year = self.kept_in(today.year())?;
        if this_year.date >= today { Some(this_year) } else { self.kept_in(today.year().checked_add(1)?) }
    }

    /// Whole years from the first day until `on`: of a birthday, the age. Who was born on a 29 February is a year older from
    /// 1 March on in common years. `None`: not known, or no age of anybody.
    pub fn years_on(&self, on: Date) -> Option<i16> {
        if self.calendar != Calendar::Gregorian {
            return None;
        }
        let is_reached = (on.month(), on.day()) >= (self.month, self.day);
        let years = on.year().checked_sub(self.year?)?.checked_sub(i16::from(!is_reached))?;
        (0..=AGE_MAX).contains(&years).then_some(years)
    }

    fn kept_in(&self, year: i16) -> Option<Celebration> {
        if self.calendar != Calendar::Gregorian {
            return None;
        }
        let number = self.year.and_then(|first| year.checked_sub(first)).filter(|number| *number > 0);
        if let Ok(date) = Date::new(year, self.month, self.day) {
            return Some(Celebration { date, number, moved: false });
        }
        // Only 29 February does not exist in every year.
        let date = Date::new(year, self.month, self.day - 1).ok()?;
        Some(Celebration { date, number, moved: true })
    }
}

#[cfg(test)]
#[path = "occasion_tests.rs"]
mod tests;
