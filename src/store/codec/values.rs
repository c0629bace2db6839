//! How single values are stored: numbers, texts, times, dates, ids. What is stored out of a value's range is damage.

use jiff::civil::{Date, date};
use prost::Message;

use super::{
    super::Result,
    mirror::{Stored, damaged},
};
use crate::domain::{
    Author, TenantId, Timestamp, VenueId,
    id::{CustomerId, GestureTypeId, HoldToken, PartId, RoleId, SourceId},
    identity::Region,
    money::Currency,
    review::Month,
};

/// Dates that are stored as numbers are days since this one.
const EPOCH: Date = date(1970, 1, 1);

/// The bytes of a stored message.
pub(super) fn encode<M: Message>(value: &impl Stored<M>) -> Vec<u8> {
    value.store().encode_to_vec()
}

/// The value behind the bytes of a stored message.
pub(super) fn decode<M: Message + Default, D: Stored<M>>(bytes: &[u8], what: &str) -> Result<D> {
    D::read(M::decode(bytes).map_err(|_| damaged(what))?)
}

/// Stored as they are.
macro_rules! same {
    ($($type:ty),+) => { $(
        impl Stored<Self> for $type {
            fn store(&self) -> Self {
                self.clone()
            }

            fn read(raw: Self) -> Result<Self> {
                Ok(raw)
            }
        }
    )+ };
}
same!(bool, u32, u64, i32, i64, f64, String);

/// Any value, stored unchanged.
impl Stored<String> for Author {
    fn store(&self) -> String {
        self.into()
    }

    fn read(raw: String) -> Result<Self> {
        Ok(Self::read(raw))
    }
}

/// Stored in a wider type.
macro_rules! wider {
    ($($type:ty => $stored:ty: $widen:expr),+ $(,)?) => { $(
        impl Stored<$stored> for $type {
            fn store(&self) -> $stored {
                <$stored>::from($widen(*self))
            }

            fn read(raw: $stored) -> Result<Self> {
                Self::try_from(raw).map_err(|_| damaged("a number out of range"))
            }
        }
    )+ };
}
wider! {
    u8 => u32: u8::from,
    u16 => u32: u16::from,
    i16 => i32: i16::from,
    // Never negative.
    i8 => u32: i8::unsigned_abs,
    i16 => u32: i16::unsigned_abs,
}

/// Stored as the text that they are parsed from.
macro_rules! names {
    ($($type:ident: $what:literal),+ $(,)?) => { $(
        impl Stored<String> for $type {
            fn store(&self) -> String {
                self.as_str().to_owned()
            }

            fn read(raw: String) -> Result<Self> {
                Self::parse($what, &raw).map_err(|_| damaged($what))
            }
        }
    )+ };
}
names! {
    TenantId: "a tenant",
    VenueId: "a venue id",
    SourceId: "a source",
    RoleId: "a role",
    GestureTypeId: "a type of gesture",
    Currency: "a currency",
}

impl Stored<String> for Region {
    fn store(&self) -> String {
        String::from_utf8_lossy(&self.0).into_owned()
    }

    fn read(raw: String) -> Result<Self> {
        raw.as_bytes().try_into().map(Self).map_err(|_| damaged("a region"))
    }
}

impl Stored<u32> for PartId {
    fn store(&self) -> u32 {
        self.0
    }

    fn read(raw: u32) -> Result<Self> {
        Ok(Self(raw))
    }
}

impl Stored<Vec<u8>> for [u8; 16] {
    fn store(&self) -> Vec<u8> {
        self.to_vec()
    }

    fn read(raw: Vec<u8>) -> Result<Self> {
        raw.as_slice().try_into().map_err(|_| damaged("an id, a token or a hash of another length"))
    }
}

impl Stored<Vec<u8>> for CustomerId {
    fn store(&self) -> Vec<u8> {
        self.as_bytes().to_vec()
    }

    fn read(raw: Vec<u8>) -> Result<Self> {
        Stored::read(raw).map(Self::from_bytes)
    }
}

impl Stored<Vec<u8>> for HoldToken {
    fn store(&self) -> Vec<u8> {
        self.0.to_vec()
    }

    fn read(raw: Vec<u8>) -> Result<Self> {
        Stored::read(raw).map(Self)
    }
}

/// Nanoseconds since 1970. Covers 1677 to 2262; what the edge lets through lies within.
impl Stored<i64> for Timestamp {
    fn store(&self) -> i64 {
        i64::try_from(self.as_nanosecond()).unwrap_or(i64::MAX)
    }

    fn read(raw: i64) -> Result<Self> {
        Self::from_nanosecond(i128::from(raw)).map_err(|_| damaged("a time out of range"))
    }
}

/// Days since 1970.
impl Stored<i32> for Date {
    fn store(&self) -> i32 {
        EPOCH.until(*self).map_or(0, |span| span.get_days())
    }

    fn read(raw: i32) -> Result<Self> {
        let span = jiff::Span::new().try_days(raw).map_err(|_| damaged("a date"))?;
        EPOCH.checked_add(span).map_err(|_| damaged("a date"))
    }
}

/// "YYYY-MM-DD".
impl Stored<String> for Date {
    fn store(&self) -> String {
        self.to_string()
    }

    fn read(raw: String) -> Result<Self> {
        raw.parse().map_err(|_| damaged("a date"))
    }
}

/// "YYYY-MM".
impl Stored<String> for Month {
    fn store(&self) -> String {
        self.to_string()
    }

    fn read(raw: String) -> Result<Self> {
        Self::parse(&raw).ok_or_else(|| damaged("a month"))
    }
}
