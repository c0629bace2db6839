//! Arguments of the command line as fields of messages: enum values, identities, times; and fresh request ids.

use std::time::SystemTime;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use prost_types::Timestamp;

use crate::proto::{Identity, IdentityType};

/// A parser of enum values: with the prefix `CRITICALITY`, `high` becomes the number of `CRITICALITY_HIGH`.
pub fn one_of(
    prefix: &'static str,
    words: &'static [&'static str],
    number: fn(&str) -> Option<i32>,
) -> impl TypedValueParser<Value = i32> {
    PossibleValuesParser::new(words).try_map(move |word| {
        let name = format!("{prefix}_{}", word.to_uppercase().replace('-', "_"));
        number(&name).ok_or_else(|| format!("the contract has no {name}"))
    })
}

/// Parses `TYPE:VALUE` or `TYPE@ISSUER:VALUE`, for example `phone:+41446681800` or `room@zrh-lakeside:412`.
pub fn identity(text: &str) -> Result<Identity, String> {
    const SHAPE: &str = "must be TYPE:VALUE or TYPE@ISSUER:VALUE, for example loyalty:GC-1017 or room@zrh-lakeside:412";
    let (kind, value) = text.split_once(':').ok_or(SHAPE)?;
    let (kind, issuer) = kind.split_once('@').unwrap_or((kind, ""));
    if value.is_empty() {
        return Err(SHAPE.to_owned());
    }
    let name = format!("IDENTITY_TYPE_{}", kind.to_uppercase());
    let kind = IdentityType::from_str_name(&name).filter(|kind| *kind != IdentityType::Unspecified);
    let kind = kind.ok_or("must begin with loyalty, pms, pos, system, phone, email, room or table")?;
    Ok(Identity { r#type: kind.into(), value: value.to_owned(), issuer: issuer.to_owned(), expire_time: None })
}

/// Parses RFC 3339, for example `2017-12-29T18:30:00-05:00`.
pub fn parse_time(text: &str) -> Result<Timestamp, String> {
    let parsed: jiff::Timestamp = text.parse().map_err(|_| {
        "must be a time with its offset, for example 2017-12-29T18:30:00-05:00 or 2017-12-29T23:30:00Z".to_owned()
    })?;
    Ok(timestamp(parsed))
}

pub fn timestamp(time: jiff::Timestamp) -> Timestamp {
    let mut whole = Timestamp { seconds: time.as_second(), nanos: time.subsec_nanosecond() };
    whole.normalize();
    whole
}

/// The time of a message; `None` when it is outside of all calendars.
pub fn time(timestamp: &Timestamp) -> Option<jiff::Timestamp> {
    jiff::Timestamp::new(timestamp.seconds, timestamp.nanos).ok()
}

pub fn now() -> Timestamp {
    Timestamp::from(SystemTime::now())
}

/// A request id that no other request has.
pub fn request_id() -> String {
    uuid::Uuid::new_v4().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identities_are_type_issuer_and_value() {
        let room = identity("room@zrh-lakeside:41:2").expect("valid");
        assert_eq!((room.issuer.as_str(), room.value.as_str()), ("zrh-lakeside", "41:2"));
        assert!(room.r#type() == IdentityType::Room);
        for wrong in ["", "loyalty", "loyalty:", "card:1", "unspecified:1"] {
            assert!(identity(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn moments_need_an_offset() {
        assert_eq!(parse_time("2017-12-29T18:30:00-05:00").map(|time| time.seconds), Ok(1_514_590_200));
        assert!(parse_time("2017-12-29T18:30:00").is_err());
        let before = parse_time("1969-12-31T23:59:59.5Z").expect("valid");
        assert_eq!((before.seconds, before.nanos), (-1, 500_000_000));
    }
}
