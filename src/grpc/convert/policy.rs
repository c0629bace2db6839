//! The policy document.

use super::{
    NAME_CHARS_MAX, Parsed, count,
    mirror::{IntoWire, parse, send},
    path, relationship,
    rules::{self, words},
    values::{clock, each, from_text, from_text_maybe, line, no_card, zero_is},
    violations::{self, Violations},
};
use crate::{
    domain::{
        VenueId, Violation, card,
        identity::Region,
        issue::IssueSeverity,
        limits::{BUDGETS_MAX, CATALOGUE_MAX, LEGAL_AGES_MAX, ROLES_MAX, VENUES_MAX},
        money::Currency,
        policy::{
            Drift, ENGAGEMENT, INTIMACY, IssuedRange, ItemRules, OpeningHours, Policy, Rules, Standards, Venue,
            parse_day_start, parse_issued_prefix, parse_zone,
        },
        text,
    },
    proto,
    service::{policies::InForce, tokens},
};

const BRAND_CHARS_MAX: usize = 64;
/// A business day that began in the afternoon would be the day before's.
const DAY_START_MINUTES_MAX: i16 = 12 * 60;
/// What a venue can do: a page of names.
const CAPABILITIES_MAX: usize = 50;
/// Three spans a day.
const OPENING_HOURS_MAX: usize = 21;
const LABEL_CHARS_MAX: usize = 60;
/// Reasons to bar somebody: staff choose from a list that they can take in.
const BAR_CODES_MAX: usize = 20;
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
        item_rules,
        bar_codes,
        legal_ages,
        none_known_stands,
    } = raw;
    let at = |name: &str| path(field, name);
    let mut wrong = Violations::default();
    let owner = wrong.one(words(1..=NAME_CHARS_MAX)(&at("owner"), owner));
    let venues = wrong.each(&at("venues"), venues, 1..=VENUES_MAX, venue);
    let ranges = wrong.each(&at("issued_ranges"), issued_ranges, 0..=ISSUED_RANGES_MAX, issued_range);
    let default_region = wrong.one(from_text_maybe(Region::parse)(&at("default_region"), default_region));
    let conditions = |name: &str, raw: Option<proto::LevelConditions>, default| {
        raw.map_or(Ok(default), |raw| relationship::conditions(&at(name), raw))
    };
    let rules = Rules {
        review_due: wrong.one(from_text_maybe(rules::date)(&at("review_due_date"), review_due_date)),
        standards: wrong.one(rules::standards(&at("standards"), standards.unwrap_or_default())),
        roles: wrong.each(&at("roles"), roles, 0..=ROLES_MAX, rules::role),
        catalogue: wrong.each(&at("catalogue"), catalogue, 0..=CATALOGUE_MAX, rules::gesture_type),
        budgets: wrong.each(&at("budgets"), budgets, 0..=BUDGETS_MAX, rules::budget),
        engagement: wrong.or(conditions("engagement", engagement, ENGAGEMENT), ENGAGEMENT),
        intimacy: wrong.or(conditions("intimacy", intimacy, INTIMACY), INTIMACY),
        drift: wrong.one(drift.map_or(Ok(Drift::default()), |raw| rules::drift(&at("drift"), raw))),
        caps_from: wrong.or(
            zero_is(IssueSeverity::Major, rules::issue_severity)(&at("caps_from"), caps_from),
            IssueSeverity::Major,
        ),
        items: wrong.one(rules::items(&at("item_rules"), item_rules.unwrap_or_default())),
        legal_ages: wrong.each(&at("legal_ages"), legal_ages, 0..=LEGAL_AGES_MAX, rules::legal_age),
        none_known_stands,
        bar_codes: wrong.each(&at("bar_codes"), bar_codes, 0..=BAR_CODES_MAX, from_text(no_card(text::code))),
    };
    wrong.none()?;
    rules::no_strange_substances(&at("legal_ages"), &rules)?;
    let policy = Policy::new(owner, venues, default_region, ranges).map_err(|violation| vec![violation]);
    let within = |violations: Vec<Violation>| violations.into_iter().map(|violation| violation.within(field)).collect();
    policy.and_then(|policy| policy.with_rules(rules)).map_err(|violations| violations::first(within(violations)))
}

/// A policy as the service would keep it, without version, time and etag; or all that is wrong with it.
pub fn normal(raw: proto::Policy) -> Result<proto::Policy, Vec<Violation>> {
    let policy = policy("", raw)?;
    Ok(proto::Policy { update_time: None, ..policy_out(InForce { policy, revision: None }) })
}

fn issued_range(field: &str, raw: proto::IssuedRange) -> Parsed<IssuedRange> {
    parse!(field, raw: proto::IssuedRange => IssuedRange {
        prefix: from_text(parse_issued_prefix),
        label: words(1..=LABEL_CHARS_MAX),
    })
}

fn venue(field: &str, raw: proto::Venue) -> Parsed<Venue> {
    parse!(field, raw: proto::Venue => Venue {
        (zone, zone_name) = time_zone: from_text(parse_zone),
        display_name: line(1..=NAME_CHARS_MAX),
        brand: line(0..=BRAND_CHARS_MAX),
        { card::refuse_card_data([("display_name", display_name.as_str()), ("brand", brand.as_str())])?; }
        day_start_minutes = business_day_start: from_text(parse_day_start),
        {
            if day_start_minutes > DAY_START_MINUTES_MAX {
                return Err(Violation::new("business_day_start", "must be between \"00:00\" and \"12:00\""));
            }
            count("capabilities", capabilities.len(), 0..=CAPABILITIES_MAX)?;
            count("opening_hours", opening_hours.len(), 0..=OPENING_HOURS_MAX)?;
        }
        capabilities: each(from_text(no_card(rules::capability))),
        opening_hours: each(hours),
        id = venue_id: from_text(no_card(VenueId::parse)),
        currency = currency_code: from_text(Currency::parse),
        region: from_text_maybe(Region::parse),
        language: from_text(text::language),
    })
}

pub fn hours(field: &str, raw: proto::OpeningHours) -> Parsed<OpeningHours> {
    parse!(field, raw: proto::OpeningHours => OpeningHours {
        iso_weekday: weekday,
        open_minutes = open: from_text(parse_day_start),
        close_minutes = close: from_text(parse_day_start),
    })
}

fn weekday(field: &str, raw: i32) -> Parsed<i8> {
    let weekday = i8::try_from(raw).ok().filter(|day| (1..=7).contains(day));
    weekday.ok_or_else(|| Violation::new(field, "must be 1 to 7"))
}

pub fn policy_out(in_force: InForce) -> proto::Policy {
    let InForce { policy, revision } = in_force;
    let Rules {
        review_due,
        standards,
        roles,
        catalogue,
        budgets,
        engagement,
        intimacy,
        drift,
        caps_from,
        items,
        bar_codes,
        legal_ages,
        none_known_stands,
    } = policy.rules;
    // What is the default is left unset, as it was sent.
    proto::Policy {
        owner: policy.owner,
        venues: policy.venues.into_wire(),
        default_region: policy.default_region.into_wire(),
        issued_ranges: policy.issued_ranges.into_wire(),
        version: policy.version,
        update_time: policy.update_time.into_wire(),
        etag: revision.map(tokens::etag).unwrap_or_default(),
        review_due_date: review_due.map(|due| due.to_string()).unwrap_or_default(),
        standards: (standards != Standards::default()).then(|| standards.into_wire()),
        roles: roles.into_wire(),
        catalogue: catalogue.into_wire(),
        budgets: budgets.into_wire(),
        engagement: (engagement != ENGAGEMENT).then(|| engagement.into_wire()),
        intimacy: (intimacy != INTIMACY).then(|| intimacy.into_wire()),
        drift: (drift != Drift::default()).then(|| drift.into_wire()),
        caps_from: Some(caps_from).filter(|severity| *severity != IssueSeverity::Major).into_wire(),
        item_rules: (items != ItemRules::default()).then(|| items.into_wire()),
        bar_codes,
        legal_ages: legal_ages.into_wire(),
        none_known_stands,
    }
}

send!(IssuedRange => proto::IssuedRange { prefix, label });

send!(Venue => proto::Venue {
    id = venue_id,
    display_name,
    brand,
    zone = _,
    zone_name = time_zone,
    currency = currency_code,
    day_start_minutes = business_day_start: clock,
    region,
    capabilities,
    opening_hours,
    language,
});

send!(OpeningHours => proto::OpeningHours { iso_weekday, open_minutes = open: clock, close_minutes = close: clock });
