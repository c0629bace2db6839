//! Occasions: days that return every year.

use super::Timestamp;
use super::id::PartId;

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

/// A date that recurs. Parsed: month and day exist in the calendar (29 February always does).
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
}

#[derive(Debug, Clone, PartialEq)]
pub struct Occasion {
    pub id: PartId,
    pub reported: OccasionDraft,
    pub recorded_by: String,
    pub record_time: Timestamp,
}
