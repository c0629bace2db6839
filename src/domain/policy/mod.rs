//! The tenant's policy: its venues and defaults, and the [`Rules`] of gestures and relationship levels.

use std::collections::HashMap;

use jiff::civil::{Date, DateTime};

mod ages;
pub mod catalogue;
mod items;

use crate::domain::{
    kernel::{
        error::Violation,
        id::VenueId,
        money::Currency,
        time::{Month, Timestamp},
        zone::Zone,
    },
    parts::{
        identity::{IdentityType, Region},
        interaction::LocalMoment,
        ledger::DrawnOn,
    },
};
pub use ages::LegalAge;
pub use catalogue::*;
pub use items::{ADDED_MAX, DECLARED_DAYS, ItemRules};

/// How long a room identifies a customer when no end of the stay is given: longer than nearly all stays.
pub const ROOM_SECONDS: i64 = 30 * 24 * 3_600;
/// How long a table identifies a customer: a business day.
pub const TABLE_SECONDS: i64 = 24 * 3_600;

/// When an identity expires whose end was not given; `None`: never.
pub fn default_end(kind: IdentityType, now: Timestamp) -> Option<Timestamp> {
    let seconds = match kind {
        IdentityType::Room => ROOM_SECONDS,
        IdentityType::Table => TABLE_SECONDS,
        IdentityType::Loyalty
        | IdentityType::Pms
        | IdentityType::Pos
        | IdentityType::System
        | IdentityType::Phone
        | IdentityType::Email => return None,
    };
    now.checked_add(jiff::SignedDuration::from_secs(seconds)).ok()
}

#[derive(Debug, Clone)]
pub struct Venue {
    pub id: VenueId,
    pub display_name: String,
    pub brand: String,
    pub zone: Zone,
    /// The IANA name the zone was made from.
    pub zone_name: String,
    pub currency: Currency,
    /// Minutes after midnight at which a business day starts.
    pub day_start_minutes: i16,
    pub region: Option<Region>,
    /// What it can do, as gesture types name what they need.
    pub capabilities: Vec<String>,
    /// None: always open.
    pub opening_hours: Vec<OpeningHours>,
    /// In which its staff read briefings, BCP 47; empty: not said.
    pub language: String,
}

#[derive(Debug, Clone)]
pub struct IssuedRange {
    pub prefix: String,
    pub label: String,
}

/// Parsed and valid: venue ids are unique.
#[derive(Debug, Clone)]
pub struct Policy {
    pub owner: String,
    pub venues: Vec<Venue>,
    pub default_region: Option<Region>,
    pub issued_ranges: Vec<IssuedRange>,
    pub version: i64,
    pub update_time: Timestamp,
    pub rules: Rules,
    index: HashMap<VenueId, usize>,
}

/// An IANA time zone, with its name as the database writes it. Taken from the database built into the program, so that
/// every replica knows the same zones.
pub fn parse_zone(field: &str, raw: &str) -> Result<(Zone, String), Violation> {
    let unknown = || Violation::new(field, "must be an IANA time zone, for example \"Europe/Zurich\"");
    let zone = jiff::tz::db().get(raw.trim_matches(' ')).map_err(|_| unknown())?;
    let name = zone.iana_name().map(str::to_owned).ok_or_else(unknown)?;
    if zone.is_unknown() { Err(unknown()) } else { Ok((Zone::new(zone), name)) }
}

/// The start of a business day, "HH:MM", as minutes after midnight; empty: midnight.
pub fn parse_day_start(field: &str, raw: &str) -> Result<i16, Violation> {
    if raw.is_empty() {
        return Ok(0);
    }
    let minutes = match *raw.as_bytes() {
        [h1, h2, b':', m1, m2] if [h1, h2, m1, m2].iter().all(u8::is_ascii_digit) => {
            let two = |tens: u8, ones: u8| i16::from(tens - b'0') * 10 + i16::from(ones - b'0');
            let (hour, minute) = (two(h1, h2), two(m1, m2));
            (hour < 24 && minute < 60).then_some(hour * 60 + minute)
        }
        _ => None,
    };
    minutes.ok_or_else(|| {
        Violation::new(field, "must be an hour and minute from \"00:00\" to \"23:59\", for example \"04:00\"")
    })
}

/// The digits with which the tenant's own card-like numbers begin: 4 to 12. Fewer would let foreign cards pass.
pub fn parse_issued_prefix(field: &str, raw: &str) -> Result<String, Violation> {
    let fits = (4..=12).contains(&raw.len()) && raw.bytes().all(|byte| byte.is_ascii_digit());
    if fits { Ok(raw.to_owned()) } else { Err(Violation::new(field, "must be 4 to 12 digits")) }
}

impl Policy {
    /// A policy whose parts are parsed; venue ids must be unique. The store sets version and time.
    pub fn new(
        owner: String,
        venues: Vec<Venue>,
        default_region: Option<Region>,
        issued_ranges: Vec<IssuedRange>,
    ) -> Result<Self, Violation> {
        let mut index = HashMap::with_capacity(venues.len());
        for (position, venue) in venues.iter().enumerate() {
            if index.insert(venue.id.clone(), position).is_some() {
                return Err(Violation::new(format!("venues[{position}].venue_id"), "must be unique within the policy"));
            }
        }
        Ok(Self {
            owner,
            venues,
            default_region,
            issued_ranges,
            version: 0,
            update_time: Timestamp::UNIX_EPOCH,
            rules: Rules::default(),
            index,
        })
    }

    /// The same policy with these rules; what they name must exist.
    pub fn with_rules(mut self, rules: Rules) -> Result<Self, Vec<Violation>> {
        let faults = rules.faults(|venue| self.index.contains_key(venue));
        self.rules = rules;
        if faults.is_empty() { Ok(self) } else { Err(faults) }
    }

    pub fn venue(&self, id: &VenueId) -> Option<&Venue> {
        self.index.get(id).map(|position| &self.venues[*position])
    }

    /// The prefixes alone, as [`super::parts::identity::Identity::parse`] takes them.
    pub fn issued_prefixes(&self) -> Vec<String> {
        self.issued_ranges.iter().map(|range| range.prefix.clone()).collect()
    }

    /// From which age something may be offered at a venue: substance and years; what is not for minors has no substance.
    pub fn legal_ages(&self, venue: &Venue) -> impl Iterator<Item = (&str, u8)> {
        ages::at_venue(&self.rules.legal_ages, &venue.id, self.region(Some(venue)))
    }

    /// The region in which a number without a country code is read.
    pub fn region(&self, venue: Option<&Venue>) -> Option<Region> {
        venue.and_then(|venue| venue.region).or(self.default_region)
    }
}

impl Venue {
    /// The date on the venue's calendar.
    pub fn date_of(&self, time: Timestamp) -> Date {
        self.zone.to_datetime(time).date()
    }

    /// The venue's clock at `time`: the business date, and the hour on the wall.
    pub fn local(&self, time: Timestamp) -> LocalMoment {
        self.local_at(self.zone.to_datetime(time))
    }

    /// The same, of what the clock on the wall says.
    pub fn local_at(&self, civil: DateTime) -> LocalMoment {
        let minutes = i16::from(civil.hour()) * 60 + i16::from(civil.minute());
        let date = if minutes < self.day_start_minutes {
            civil.date().yesterday().unwrap_or(civil.date())
        } else {
            civil.date()
        };
        LocalMoment { date, hour: civil.hour() }
    }
}

impl Venue {
    /// The end of the business day of `time`.
    pub fn day_end(&self, time: Timestamp) -> Timestamp {
        let next = self.local(time).date.tomorrow().ok();
        next.and_then(|date| self.day_start(date)).unwrap_or(Timestamp::MAX)
    }

    /// When a business day begins; `None`: at no time that can be written.
    pub fn day_start(&self, date: Date) -> Option<Timestamp> {
        let starts = jiff::civil::Time::midnight();
        let starts = starts.saturating_add(jiff::Span::new().minutes(i64::from(self.day_start_minutes)));
        self.zone.rules().to_timestamp(date.to_datetime(starts)).ok()
    }

    /// The midnight with which the calendar day of the business day of `time` begins.
    pub fn midnight_of(&self, time: Timestamp) -> Timestamp {
        let midnight = self.local(time).date.to_datetime(jiff::civil::Time::midnight());
        self.zone.rules().to_timestamp(midnight).unwrap_or(Timestamp::MIN)
    }

    /// Whether it is open at `time`; one without hours always is.
    pub fn is_open_at(&self, time: Timestamp) -> bool {
        if self.opening_hours.is_empty() {
            return true;
        }
        let civil = self.zone.to_datetime(time);
        let minutes = i16::from(civil.hour()) * 60 + i16::from(civil.minute());
        let weekday = civil.weekday().to_monday_one_offset();
        let before = civil.weekday().previous().to_monday_one_offset();
        self.opening_hours.iter().any(|hours| {
            let overnight = hours.close_minutes <= hours.open_minutes;
            let today = hours.iso_weekday == weekday
                && minutes >= hours.open_minutes
                && (overnight || minutes < hours.close_minutes);
            today || (overnight && hours.iso_weekday == before && minutes < hours.close_minutes)
        })
    }
}

impl Policy {
    /// The policy of a tenant that has set none: no venues.
    pub fn empty() -> Self {
        Self {
            owner: String::new(),
            venues: Vec::new(),
            default_region: None,
            issued_ranges: Vec::new(),
            version: 0,
            update_time: Timestamp::UNIX_EPOCH,
            rules: Rules::default(),
            index: HashMap::new(),
        }
    }
}

impl Month {
    /// The month of a time on a venue's clock; UTC if the policy no longer has the venue.
    pub fn at_venue(time: Timestamp, venue: Option<&Venue>) -> Self {
        venue.map_or_else(|| Self::utc(time), |venue| Self::of(venue.date_of(time)))
    }
}

impl DrawnOn {
    pub fn at(time: Timestamp, venue: &Venue) -> Self {
        Self { month: Month::at_venue(time, Some(venue)), business_date: venue.local(time).date }
    }
}

#[cfg(test)]
mod tests;
