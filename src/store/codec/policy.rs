//! The policy as a stored document, and back.

use jiff::tz::TimeZone;
use prost::Message;

use super::{
    super::{Result, stored},
    mirror::{AsIs, EmptyIfNone, Form, Stored, UnsetIfDefault, damaged, mirror},
};
use crate::domain::{
    Zone,
    policy::{IssuedRange, Policy, Venue},
};

/// The policy's bytes. `owner` names who answers for the policy; an `IssuedRange` is a prefix of the tenant's own card numbers.
pub fn encode(policy: &Policy) -> Vec<u8> {
    stored::Policy {
        owner: policy.owner.clone(),
        venues: policy.venues.store(),
        default_region: EmptyIfNone.store(&policy.default_region),
        issued_ranges: policy.issued_ranges.store(),
        update_time: policy.update_time.store(),
        // A policy without rules has the same bytes as in releases before rules existed.
        rules: UnsetIfDefault.store(&policy.rules),
    }
    .encode_to_vec()
}

pub fn decode(bytes: &[u8], version: u64) -> Result<Policy> {
    let stored::Policy { owner, venues, default_region, issued_ranges, update_time, rules } =
        stored::Policy::decode(bytes).map_err(|_| damaged("a policy"))?;
    let (venues, ranges) = (Stored::read(venues)?, Stored::read(issued_ranges)?);
    let mut policy =
        Policy::new(owner, venues, EmptyIfNone.read(default_region)?, ranges).map_err(|_| damaged("a policy"))?;
    if let Some(rules) = rules {
        policy = policy.with_rules(Stored::read(rules)?).map_err(|_| damaged("the rules of a policy"))?;
    }
    policy.version = i64::try_from(version).map_err(|_| damaged("a version"))?;
    policy.update_time = Stored::read(update_time)?;
    Ok(policy)
}

mirror!(IssuedRange = stored::IssuedRange { prefix, label });

mirror!(Venue = stored::Venue {
    id,
    display_name,
    brand,
    (zone, zone_name) = (zone): ZoneForm,
    currency,
    day_start_minutes,
    region: EmptyIfNone,
    capabilities: AsIs,
    opening_hours,
    language,
});

/// A time zone by its name.
struct ZoneForm;

impl ZoneForm {
    fn store(_: &Zone, name: &str) -> String {
        name.to_owned()
    }

    fn read(name: String) -> Result<(Zone, String)> {
        let zone = TimeZone::get(&name).map_err(|_| damaged("a time zone"))?;
        Ok((Zone::new(zone), name))
    }
}
