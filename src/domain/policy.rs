//! The tenant's policy: for now its venues and defaults.

use std::collections::HashMap;

use super::{Timestamp, error::Violation, id::VenueId, identity::Region, interaction::LocalMoment, money::Currency};

#[derive(Debug, Clone)]
pub struct Venue {
    pub id: VenueId,
    pub display_name: String,
    pub brand: String,
    pub zone: jiff::tz::TimeZone,
    /// The IANA name the zone was made from.
    pub zone_name: String,
    pub currency: Currency,
    /// Minutes after midnight at which a business day starts.
    pub day_start_minutes: i16,
    pub region: Option<Region>,
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
    index: HashMap<VenueId, usize>,
}

impl Policy {
    pub fn new(
        owner: String,
        venues: Vec<Venue>,
        default_region: Option<Region>,
        issued_ranges: Vec<IssuedRange>,
    ) -> Result<Self, Violation> {
        let mut index = HashMap::with_capacity(venues.len());
        for (place, venue) in venues.iter().enumerate() {
            if index.insert(venue.id.clone(), place).is_some() {
                return Err(Violation::new(format!("venues[{place}].venue_id"), "must be unique within the policy"));
            }
        }
        Ok(Self { owner, venues, default_region, issued_ranges, version: 0, update_time: Timestamp::UNIX_EPOCH, index })
    }

    pub fn venue(&self, id: &VenueId) -> Option<&Venue> {
        self.index.get(id).map(|place| &self.venues[*place])
    }

    /// The region in which a number without a country code is read.
    pub fn region(&self, venue: Option<&Venue>) -> Option<Region> {
        venue.and_then(|venue| venue.region).or(self.default_region)
    }
}

impl Venue {
    /// The venue's clock at `time`: the business date, and the hour on the wall.
    pub fn local(&self, time: Timestamp) -> LocalMoment {
        let civil = self.zone.to_datetime(time);
        let minutes = i16::from(civil.hour()) * 60 + i16::from(civil.minute());
        let date = if minutes < self.day_start_minutes {
            civil.date().yesterday().unwrap_or(civil.date())
        } else {
            civil.date()
        };
        LocalMoment { date, hour: civil.hour() }
    }
}
