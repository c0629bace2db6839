//! The policy document.

use std::ops::RangeInclusive;

use super::{
    NAME_CHARS_MAX, Parsed,
    found::{self, Found},
    path,
    rules::{self, RulesFields},
    time_out,
};
use crate::{
    domain::{
        VenueId, Violation, card,
        identity::Region,
        limits::VENUES_MAX,
        money::Currency,
        policy::{IssuedRange, Policy, Venue, parse_day_start, parse_issued_prefix, parse_zone},
        text,
    },
    proto,
    service::{policies::InForce, tokens},
};

const BRAND_CHARS_MAX: usize = 64;
const LABEL_CHARS_MAX: usize = 60;
/// Loyalty programmes that look like cards: a handful of ranges, even in a large group.
const ISSUED_RANGES_MAX: usize = 50;

/// The policy, or all that is wrong with it: of each entry of a list the first, and what concerns several entries once each
/// of them is right.
pub fn policy(field: &str, raw: proto::Policy) -> Result<Policy, Vec<Violation>> {
    // Version and time are the server's; the etag was read by the handler.
    let proto::Policy {
        owner,
        venues,
        default_region,
        issued_ranges,
        version: _,
        update_time: _,
        etag: _,
        review_due_date,
        standards,
        roles,
        catalogue,
        budgets,
        engagement,
        intimacy,
        drift,
        caps_from,
    } = raw;
    let at = |name: &str| path(field, name);
    let mut found = Found::default();
    let owner = found.one(words(&at("owner"), &owner, 1..=NAME_CHARS_MAX));
    let venues = found.each(&at("venues"), venues, 1..=VENUES_MAX, venue);
    let ranges = found.each(&at("issued_ranges"), issued_ranges, 0..=ISSUED_RANGES_MAX, issued_range);
    let default_region = found.one(region(&at("default_region"), &default_region));
    let fields =
        RulesFields { review_due_date, standards, roles, catalogue, budgets, engagement, intimacy, drift, caps_from };
    let rules = rules::rules(field, fields, &mut found);
    found.nothing()?;
    let policy = Policy::new(owner, venues, default_region, ranges).map_err(|violation| vec![violation]);
    let within = |violations: Vec<Violation>| violations.into_iter().map(|violation| violation.within(field)).collect();
    policy.and_then(|policy| policy.with_rules(rules)).map_err(|violations| found::first(within(violations)))
}

/// A policy as the service would keep it, without version, time and etag; or all that is wrong with it.
pub fn normal(raw: proto::Policy) -> Result<proto::Policy, Vec<Violation>> {
    let policy = policy("", raw)?;
    Ok(proto::Policy { update_time: None, ..policy_out(InForce { policy, revision: None }) })
}

/// A line for people, free of card numbers.
fn words(field: &str, raw: &str, allowed: RangeInclusive<usize>) -> Parsed<String> {
    let line = text::line(field, raw, allowed)?;
    card::refuse([(field, line.as_str())])?;
    Ok(line)
}

fn issued_range(field: &str, raw: proto::IssuedRange) -> Parsed<IssuedRange> {
    let proto::IssuedRange { prefix, label } = raw;
    Ok(IssuedRange {
        prefix: parse_issued_prefix(&path(field, "prefix"), &prefix)?,
        label: words(&path(field, "label"), &label, 1..=LABEL_CHARS_MAX)?,
    })
}

fn region(field: &str, raw: &str) -> Parsed<Option<Region>> {
    if raw.is_empty() { Ok(None) } else { Region::parse(field, raw).map(Some) }
}

fn venue(field: &str, raw: proto::Venue) -> Parsed<Venue> {
    let proto::Venue {
        venue_id,
        display_name,
        brand,
        time_zone,
        currency_code,
        business_day_start,
        region: letters,
        capabilities,
        opening_hours,
        language,
    } = raw;
    let at = |name: &str| path(field, name);
    let (zone, zone_name) = parse_zone(&at("time_zone"), &time_zone)?;
    let display_name = text::line(&at("display_name"), &display_name, 1..=NAME_CHARS_MAX)?;
    let brand = text::line(&at("brand"), &brand, 0..=BRAND_CHARS_MAX)?;
    card::refuse([(at("display_name").as_str(), display_name.as_str()), (at("brand").as_str(), brand.as_str())])?;
    let day_start_minutes = parse_day_start(&at("business_day_start"), &business_day_start)?;
    if day_start_minutes > 12 * 60 {
        return Err(Violation::new(at("business_day_start"), "must be between \"00:00\" and \"12:00\""));
    }
    let (capabilities, opening_hours) = rules::abilities(field, capabilities, opening_hours)?;
    Ok(Venue {
        id: VenueId::parse(&at("venue_id"), &venue_id)?,
        display_name,
        brand,
        zone,
        zone_name,
        currency: Currency::parse(&at("currency_code"), &currency_code)?,
        day_start_minutes,
        region: region(&at("region"), &letters)?,
        capabilities,
        opening_hours,
        language: text::language(&at("language"), &language)?,
    })
}

pub fn policy_out(in_force: InForce) -> proto::Policy {
    let InForce { policy, revision } = in_force;
    let letters = |region: Option<Region>| {
        region.map(|Region(letters)| String::from_utf8_lossy(&letters).into_owned()).unwrap_or_default()
    };
    let venue = |venue: &Venue| proto::Venue {
        venue_id: venue.id.as_str().to_owned(),
        display_name: venue.display_name.clone(),
        brand: venue.brand.clone(),
        time_zone: venue.zone_name.clone(),
        currency_code: venue.currency.as_str().to_owned(),
        business_day_start: format!("{:02}:{:02}", venue.day_start_minutes / 60, venue.day_start_minutes % 60),
        region: letters(venue.region),
        capabilities: venue.capabilities.clone(),
        opening_hours: rules::hours_out(venue),
        language: venue.language.clone(),
    };
    let rules = rules::rules_out(&policy.rules);
    proto::Policy {
        owner: policy.owner.clone(),
        venues: policy.venues.iter().map(venue).collect(),
        default_region: letters(policy.default_region),
        issued_ranges: policy
            .issued_ranges
            .iter()
            .map(|range| proto::IssuedRange { prefix: range.prefix.clone(), label: range.label.clone() })
            .collect(),
        version: policy.version,
        update_time: Some(time_out(policy.update_time)),
        etag: revision.map(tokens::etag).unwrap_or_default(),
        review_due_date: rules.review_due_date,
        standards: rules.standards,
        roles: rules.roles,
        catalogue: rules.catalogue,
        budgets: rules.budgets,
        engagement: rules.engagement,
        intimacy: rules.intimacy,
        drift: rules.drift,
        caps_from: rules.caps_from,
    }
}
