//! The policy as a stored document, and back.

use prost::Message;

use super::{
    super::{Result, stored},
    profile::{all, damaged, nanos, time},
    rules,
};
use crate::domain::{
    VenueId,
    identity::Region,
    money::Currency,
    policy::{IssuedRange, Policy, Rules, Venue},
};

pub fn encode(policy: &Policy) -> Vec<u8> {
    stored::Policy {
        owner: policy.owner.clone(),
        venues: policy.venues.iter().map(venue).collect(),
        default_region: region(policy.default_region),
        issued_ranges: policy
            .issued_ranges
            .iter()
            .map(|range| stored::IssuedRange { prefix: range.prefix.clone(), label: range.label.clone() })
            .collect(),
        update_time: nanos(policy.update_time),
        // A policy without rules is stored as it was before there were any.
        rules: (policy.rules != Rules::default()).then(|| rules::encode(&policy.rules)),
    }
    .encode_to_vec()
}

pub fn decode(bytes: &[u8], version: u64) -> Result<Policy> {
    let raw = stored::Policy::decode(bytes).map_err(|_| damaged("a policy"))?;
    let venues = raw.venues.into_iter().map(venue_back).collect::<Result<_>>()?;
    let ranges = raw.issued_ranges.into_iter().map(|range| IssuedRange { prefix: range.prefix, label: range.label });
    let mut policy = Policy::new(raw.owner, venues, region_back(&raw.default_region)?, ranges.collect())
        .map_err(|_| damaged("a policy"))?;
    if let Some(raw) = raw.rules {
        policy = policy.with_rules(rules::decode(raw)?).map_err(|_| damaged("the rules of a policy"))?;
    }
    policy.version = i64::try_from(version).map_err(|_| damaged("a version"))?;
    policy.update_time = time(raw.update_time)?;
    Ok(policy)
}

fn region(region: Option<Region>) -> String {
    region.map(|Region(letters)| String::from_utf8_lossy(&letters).into_owned()).unwrap_or_default()
}

fn region_back(raw: &str) -> Result<Option<Region>> {
    if raw.is_empty() {
        return Ok(None);
    }
    raw.as_bytes().try_into().map(|letters| Some(Region(letters))).map_err(|_| damaged("a region"))
}

fn venue(venue: &Venue) -> stored::Venue {
    stored::Venue {
        id: venue.id.as_str().to_owned(),
        display_name: venue.display_name.clone(),
        brand: venue.brand.clone(),
        zone: venue.zone_name.clone(),
        currency: venue.currency.as_str().to_owned(),
        day_start_minutes: u32::from(venue.day_start_minutes.unsigned_abs()),
        region: region(venue.region),
        capabilities: venue.capabilities.clone(),
        opening_hours: venue.opening_hours.iter().map(rules::hours).collect(),
    }
}

fn venue_back(raw: stored::Venue) -> Result<Venue> {
    Ok(Venue {
        id: VenueId::parse("venue", &raw.id).map_err(|_| damaged("a venue"))?,
        display_name: raw.display_name,
        brand: raw.brand,
        zone: jiff::tz::TimeZone::get(&raw.zone).map_err(|_| damaged("a time zone"))?,
        zone_name: raw.zone,
        currency: Currency::parse("currency", &raw.currency).map_err(|_| damaged("a currency"))?,
        day_start_minutes: i16::try_from(raw.day_start_minutes).map_err(|_| damaged("the start of a day"))?,
        region: region_back(&raw.region)?,
        capabilities: raw.capabilities,
        opening_hours: all(raw.opening_hours, rules::hours_back)?,
    })
}
