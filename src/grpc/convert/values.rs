//! How single values are sent, and common ways to parse them.

use std::ops::RangeInclusive;

use super::{
    Parsed,
    mirror::{IntoWire, send},
};
use crate::domain::{
    Author, Timestamp, VenueId, Violation, card,
    id::{CustomerId, GestureTypeId, PartId, RoleId, SourceId},
    identity::Region,
    money::{Currency, Money},
    text,
};

/// Sent as they are.
macro_rules! same {
    ($($type:ty),+) => { $(
        impl IntoWire<Self> for $type {
            fn into_wire(self) -> Self {
                self
            }
        }
    )+ };
}
same!(bool, i32, i64, f64, String);

/// Numbers of the contract are signed; what is beyond them is sent as the largest.
macro_rules! numbers {
    ($($type:ty => $wire:ty),+ $(,)?) => { $(
        impl IntoWire<$wire> for $type {
            fn into_wire(self) -> $wire {
                <$wire>::try_from(self).unwrap_or(<$wire>::MAX)
            }
        }
    )+ };
}
numbers!(u32 => i32, u32 => i64, u64 => i64, usize => i64);

macro_rules! small_numbers {
    ($($type:ty),+) => { $(
        impl IntoWire<i32> for $type {
            fn into_wire(self) -> i32 {
                i32::from(self)
            }
        }
    )+ };
}
small_numbers!(u8, i8, i16);

impl IntoWire<String> for &'static str {
    fn into_wire(self) -> String {
        self.to_owned()
    }
}

/// Sent as their text; none as the empty one.
macro_rules! names {
    ($($type:ty),+) => { $(
        impl IntoWire<String> for $type {
            fn into_wire(self) -> String {
                self.as_str().to_owned()
            }
        }

        impl IntoWire<String> for Option<$type> {
            fn into_wire(self) -> String {
                self.map(IntoWire::into_wire).unwrap_or_default()
            }
        }
    )+ };
}
names!(VenueId, SourceId, RoleId, GestureTypeId, Currency, Author);

impl IntoWire<String> for CustomerId {
    fn into_wire(self) -> String {
        self.to_string()
    }
}

impl IntoWire<String> for Option<Region> {
    fn into_wire(self) -> String {
        self.map(|Region(letters)| String::from_utf8_lossy(&letters).into_owned()).unwrap_or_default()
    }
}

impl IntoWire<prost_types::Timestamp> for Timestamp {
    fn into_wire(self) -> prost_types::Timestamp {
        prost_types::Timestamp { seconds: self.as_second(), nanos: self.subsec_nanosecond() }
    }
}

impl IntoWire<Option<prost_types::Timestamp>> for Timestamp {
    fn into_wire(self) -> Option<prost_types::Timestamp> {
        Some(self.into_wire())
    }
}

send!(Money => proto::Money { currency = currency_code, minor_units });

/// The id of a part: its kind's letter and its number.
pub fn part_id(letter: char) -> impl Fn(PartId) -> String {
    move |id| id.with_letter(letter)
}

/// The same of a part that need not be; none is the empty text.
pub fn part_id_maybe(letter: char) -> impl Fn(Option<PartId>) -> String {
    move |id| id.map(part_id(letter)).unwrap_or_default()
}

/// Minutes after midnight, as "HH:MM".
pub fn clock(minutes: i16) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

/// A number whose rules are checked elsewhere.
pub fn as_is<T>(_: &str, raw: T) -> Parsed<T> {
    Ok(raw)
}

/// Text of one line.
pub fn line(chars: RangeInclusive<usize>) -> impl Fn(&str, String) -> Parsed<String> {
    move |field, raw| text::line(field, &raw, chars.clone())
}

/// The name of an item.
pub fn item_name(chars: RangeInclusive<usize>) -> impl Fn(&str, String) -> Parsed<String> {
    move |field, raw| text::item(field, &raw, chars.clone())
}

/// Text of one line, in lower case.
pub fn lower_line(chars: RangeInclusive<usize>) -> impl Fn(&str, String) -> Parsed<String> {
    move |field, raw| text::lower_line(field, &raw, chars.clone())
}

/// What one of the domain's own parsers makes of a text.
pub fn from_text<T>(parse: impl Fn(&str, &str) -> Parsed<T>) -> impl Fn(&str, String) -> Parsed<T> {
    move |field, raw| parse(field, &raw)
}

/// The same of a name or code, which is kept: digits are letters of it, and those of a card are refused.
pub fn no_card<T>(parse: impl Fn(&str, &str) -> Parsed<T>) -> impl Fn(&str, &str) -> Parsed<T> {
    move |field, raw| {
        let parsed = parse(field, raw)?;
        card::refuse_card_data([(field, raw)])?;
        Ok(parsed)
    }
}

/// The same of a text that may be empty: none.
pub fn from_text_maybe<T>(parse: impl Fn(&str, &str) -> Parsed<T>) -> impl Fn(&str, String) -> Parsed<Option<T>> {
    move |field, raw| if raw.is_empty() { Ok(None) } else { parse(field, &raw).map(Some) }
}

/// An enum whose zero, which says nothing, means this.
pub fn zero_is<T>(default: T, parse: impl FnOnce(&str, i32) -> Parsed<T>) -> impl FnOnce(&str, i32) -> Parsed<T> {
    move |field, raw| if raw == 0 { Ok(default) } else { parse(field, raw) }
}

/// What must be there.
pub fn given<T>(field: &str, raw: Option<T>) -> Parsed<T> {
    raw.ok_or_else(|| Violation::new(field, "must be given"))
}

/// Each entry of a list, with its index in its violation's path.
pub fn each<W, D>(parse: impl Fn(&str, W) -> Parsed<D>) -> impl Fn(&str, Vec<W>) -> Parsed<Vec<D>> {
    move |field, list| {
        let one = |(index, raw)| parse("", raw).map_err(|violation| violation.within(&format!("{field}[{index}]")));
        list.into_iter().enumerate().map(one).collect()
    }
}
