//! One value: from the cells of a row to proto3-JSON.

use std::collections::BTreeMap;

use jiff::{Timestamp, fmt::strtime::BrokenDownTime, tz::TimeZone};
use prost_reflect::{EnumDescriptor, Kind};
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::mapping::{Cell, Column};

/// What a field takes.
#[derive(Debug, Clone)]
pub enum Shape {
    Text,
    Truth,
    Whole,
    Real,
    Choice(EnumDescriptor),
    Moment,
    Date,
}

/// Where a value comes from, as the mapping says it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    column: Option<Column>,
    #[serde(default)]
    columns: Vec<Column>,
    /// Between the values of several columns.
    #[serde(default = "space")]
    join: String,
    /// One element of the list for each part.
    split: Option<String>,
    /// What values mean; "" is an empty cell.
    values: Option<BTreeMap<String, String>>,
    /// What any other value means.
    otherwise: Option<String>,
    /// Of dates and times, as strftime has it.
    format: Option<String>,
    /// Digits after the point that a whole number is counted in.
    #[serde(default)]
    decimals: usize,
}

fn space() -> String {
    " ".to_owned()
}

/// More digits than any currency has, and no more than 64 bits hold.
const DECIMALS_MAX: usize = 8;

impl Shape {
    /// `None`: a message that no cell can hold.
    pub fn of(kind: &Kind) -> Option<Self> {
        Some(match kind {
            Kind::String => Self::Text,
            Kind::Bool => Self::Truth,
            Kind::Int32 | Kind::Int64 | Kind::Uint32 | Kind::Uint64 => Self::Whole,
            Kind::Double | Kind::Float => Self::Real,
            Kind::Enum(choices) => Self::Choice(choices.clone()),
            Kind::Message(message) => match message.full_name() {
                "google.protobuf.Timestamp" => Self::Moment,
                "rapport.v1.CalendarDate" => Self::Date,
                _ => return None,
            },
            _ => return None,
        })
    }

    /// A constant of the mapping; names of choices may be short.
    pub fn constant(&self, text: &str) -> Json {
        match self {
            Self::Choice(choices) => Json::from(choice(choices, text).unwrap_or_else(|| text.to_owned())),
            _ => Json::from(text),
        }
    }
}

/// The whole name of a choice, for example of `phone` or `IDENTITY_TYPE_PHONE`.
fn choice(choices: &EnumDescriptor, text: &str) -> Option<String> {
    let wanted = text.to_ascii_uppercase();
    let zero = choices.get_value(0).map_or_else(String::new, |zero| zero.name().to_owned());
    let prefix = zero.strip_suffix("UNSPECIFIED").unwrap_or_default();
    [wanted.clone(), format!("{prefix}{wanted}")].into_iter().find(|name| choices.get_value_by_name(name).is_some())
}

impl Source {
    pub fn columns(&self) -> impl Iterator<Item = &Column> {
        self.column.iter().chain(&self.columns)
    }

    /// What is wrong with it for every row.
    pub fn faults(&self, shape: &Shape, has_zone: bool, in_list: bool) -> Vec<&'static str> {
        let format = self.format.as_deref();
        let has_offset = format.is_none_or(|format| ["%z", "%:z", "%s", "%Q"].iter().any(|sign| format.contains(sign)));
        let is_date = matches!(shape, Shape::Moment | Shape::Date);
        let has_meaning = |text: &String| !matches!(shape, Shape::Choice(choices) if !text.is_empty() && choice(choices, text).is_none());
        let meanings = self.values.iter().flat_map(BTreeMap::values).chain(&self.otherwise);
        let checks = [
            (self.column.is_some() && !self.columns.is_empty(), "has both column and columns"),
            (self.split.is_some() && !in_list, "split makes elements of a list, and here is none"),
            (self.split.as_deref() == Some(""), "split is empty"),
            (self.decimals > DECIMALS_MAX, "decimals is at most 8"),
            (self.decimals > 0 && !matches!(shape, Shape::Whole), "decimals is for whole numbers"),
            (self.otherwise.is_some() && self.values.is_none(), "otherwise needs values"),
            (format.is_some() && !is_date, "format is for dates and times"),
            (
                matches!(shape, Shape::Moment) && !has_offset && !has_zone,
                "needs table.zone, or an offset in its format",
            ),
            (
                !meanings.into_iter().all(has_meaning),
                "a meaning in values or otherwise is no name of this field's enum",
            ),
        ];
        checks.into_iter().filter(|(is_fault, _)| *is_fault).map(|(_, message)| message).collect()
    }
}

impl Cell {
    /// How many elements a row makes of it.
    pub fn parts(&self, row: &[String]) -> usize {
        self.source.split.as_ref().map_or(1, |split| self.text(row).split(split.as_str()).count())
    }

    /// The value in a row; `part` of a split one. `None`: empty. Errors: what is wrong, without the value.
    pub fn value(&self, row: &[String], part: usize) -> Result<Option<Json>, String> {
        let whole = self.text(row);
        let text = match &self.source.split {
            Some(split) => whole.split(split.as_str()).nth(part).unwrap_or_default(),
            None => &whole,
        };
        let text = self.meaning(text.trim())?;
        if text.is_empty() { Ok(None) } else { self.convert(text).map(Some) }
    }

    fn text(&self, row: &[String]) -> String {
        let texts: Vec<&str> =
            self.places.iter().map(|place| row[*place].as_str()).filter(|text| !text.is_empty()).collect();
        texts.join(&self.source.join)
    }

    fn meaning<'a>(&'a self, text: &'a str) -> Result<&'a str, String> {
        let Some(values) = &self.source.values else {
            return Ok(text);
        };
        let found = values.iter().find(|(value, _)| value.to_lowercase() == text.to_lowercase());
        match (found, &self.source.otherwise) {
            (Some((_, meaning)), _) => Ok(meaning),
            (None, _) if text.is_empty() => Ok(text),
            (None, Some(otherwise)) => Ok(otherwise),
            (None, None) => Err("is none of the values that the mapping knows; add it there".to_owned()),
        }
    }

    fn convert(&self, text: &str) -> Result<Json, String> {
        let not = |what: &str| format!("is no {what}");
        Ok(match &self.shape {
            Shape::Text => Json::from(text),
            Shape::Truth => match text.to_lowercase().as_str() {
                "true" | "yes" | "1" => Json::from(true),
                "false" | "no" | "0" => Json::from(false),
                _ => return Err(not("yes or no; say in `values` what it means")),
            },
            Shape::Whole => Json::from(
                self.number(text).and_then(|number| shift(&number, self.source.decimals)).ok_or_else(|| {
                    format!(
                        "is no number of at most {} decimals, or not written as the mapping says",
                        self.source.decimals
                    )
                })?,
            ),
            Shape::Real => {
                let number = self.number(text).and_then(|number| number.parse::<f64>().ok());
                json!(number.ok_or_else(|| not("number, or not written as the mapping says"))?)
            }
            Shape::Choice(choices) => Json::from(
                choice(choices, text).ok_or_else(|| not("name of this enum; say in `values` what it means"))?,
            ),
            Shape::Moment => {
                Json::from(self.moment(text).ok_or_else(|| not("time of the expected format"))?.to_string())
            }
            Shape::Date => self.date(text).ok_or_else(|| not("date of the expected format"))?,
        })
    }

    /// Digits with a point, if it is a number as the mapping writes it. Thousands are grouped in threes, so that
    /// 12.50 is never taken for 1250.
    fn number(&self, text: &str) -> Option<String> {
        let (sign, digits) = match text.strip_prefix(['-', '−']) {
            Some(digits) => ("-", digits.trim_start()),
            None => ("", text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, fraction) = digits.split_once(self.decimal).unwrap_or((digits, ""));
        let whole = match self.thousands {
            Some(mark) if whole.contains(|letter| same_mark(letter, mark)) => {
                let groups: Vec<&str> = whole.split(|letter| same_mark(letter, mark)).collect();
                let is_grouped = (1..=3).contains(&groups[0].len()) && groups[1..].iter().all(|group| group.len() == 3);
                is_grouped.then(|| groups.concat())?
            }
            _ => whole.to_owned(),
        };
        let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let is_number = is_digits(&whole) && is_digits(fraction) && !(whole.is_empty() && fraction.is_empty());
        is_number.then(|| {
            format!(
                "{sign}{}.{}",
                if whole.is_empty() { "0" } else { &whole },
                if fraction.is_empty() { "0" } else { fraction }
            )
        })
    }

    fn moment(&self, text: &str) -> Option<Timestamp> {
        let Some(format) = &self.source.format else {
            return text.parse().ok();
        };
        let parsed = BrokenDownTime::parse(format, text).ok()?;
        if let Ok(time) = parsed.to_timestamp() {
            return Some(time);
        }
        let local = parsed.to_datetime().or_else(|_| parsed.to_date().map(|date| date.at(0, 0, 0, 0))).ok()?;
        self.zone.clone().unwrap_or(TimeZone::UTC).to_timestamp(local).ok()
    }

    fn date(&self, text: &str) -> Option<Json> {
        let parsed = BrokenDownTime::parse(self.source.format.as_deref().unwrap_or("%Y-%m-%d"), text).ok()?;
        let mut date = json!({ "calendar": "CALENDAR_GREGORIAN", "month": parsed.month()?, "day": parsed.day()? });
        if let Some(year) = parsed.year() {
            date["year"] = Json::from(year);
        }
        Some(date)
    }
}

/// Spaces and apostrophes are written in several ways.
fn same_mark(letter: char, mark: char) -> bool {
    const SPACES: [char; 3] = [' ', '\u{a0}', '\u{202f}'];
    const APOSTROPHES: [char; 2] = ['\'', '’'];
    letter == mark || [&SPACES[..], &APOSTROPHES].iter().any(|marks| marks.contains(&letter) && marks.contains(&mark))
}

/// The number times ten to the power of `decimals`, exactly; `None` when something would be left over.
fn shift(number: &str, decimals: usize) -> Option<i64> {
    let (whole, fraction) = number.split_once('.')?;
    let fraction = fraction.trim_end_matches('0');
    (fraction.len() <= decimals).then(|| format!("{whole}{fraction:0<decimals$}").parse().ok())?
}
