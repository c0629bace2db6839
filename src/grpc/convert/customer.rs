//! What callers say of customers.

use std::collections::HashSet;

use jiff::{civil::Date, tz::TimeZone};

use super::{
    CATEGORY_CHARS_MAX, ITEM_CHARS_MAX, NAME_CHARS_MAX, Parsed, SHORT_CHARS_MAX, TEXT_CHARS_MAX, count,
    mirror::{FromWire, enum_table, parse, parse_by},
    past_time, path,
    precaution::precautions,
    time,
    values::{from_text, from_text_maybe, given, line, lower_line, zero_is},
};
use crate::{
    domain::{
        Change, VenueId, Violation, card,
        consent::{Consent, ConsentState},
        id::PartId,
        identity::{Identity, IdentityType},
        limits::{EVIDENCE_PER_REQUEST_MAX, IDENTITIES_MAX, OCCASIONS_MAX, PRECAUTIONS_MAX},
        occasion::{Calendar, CalendarDate, OccasionDraft, OccasionKind},
        policy::{Venue, default_end},
        preference::{Evidence, EvidenceSource, Scope, Stance, Subject},
        profile::{CustomerKind, Details, Name},
        tells_of_unborn, text,
        time::{DAY_SECONDS, Timestamp},
    },
    proto,
    service::{Caller, create::NewCustomer, identities::Wanted},
};

enum_table!(identity_type: proto::IdentityType = IdentityType {
    Loyalty = Loyalty, Pms = Pms, Pos = Pos, System = System, Phone = Phone, Email = Email, Room = Room, Table = Table,
});
enum_table!(proto::Stance = Stance {
    Favourite = Favourite, Likes = Likes, Dislikes = Dislikes, Avoid = Avoid,
});
enum_table!(proto::EvidenceSource = EvidenceSource {
    Stated = Stated, Observed = Observed, Inferred = Inferred, Refused = Refused,
});
enum_table!(proto::PreferenceScope = Scope {
    Venue = Venue, Brand = Brand, Tenant = Tenant,
});
enum_table!(proto::OccasionKind = OccasionKind {
    Birthday = Birthday, Anniversary = Anniversary, Other = Other,
});
enum_table!(calendar: proto::Calendar = Calendar {
    Gregorian = Gregorian, Chinese = Chinese, Hebrew = Hebrew, Hijri = Hijri,
});
enum_table!(proto::ConsentState = ConsentState {
    Granted = Granted, Denied = Denied, Withdrawn = Withdrawn,
});
enum_table!(customer_kind: proto::CustomerKind = CustomerKind {
    Person = Person, Household = Household,
});

/// An identity alone: what it is, not how long. A room or table is of the venue that issued it; where that is not said, of
/// the request's.
pub fn identity(caller: &Caller, field: &str, raw: &proto::Identity, venue: Option<&Venue>) -> Parsed<Identity> {
    let mut identity = own_identity(caller, field, raw, venue)?;
    if identity.kind.is_of_a_venue() {
        let issuer = path(field, "issuer");
        if !identity.issuer.is_empty() {
            caller.venue(&issuer, &VenueId::parse(&issuer, &identity.issuer)?)?;
        } else if let Some(venue) = venue {
            venue.id.as_str().clone_into(&mut identity.issuer);
        } else {
            return Err(Violation::new(issuer, "must name the venue of the policy that the room or table is in"));
        }
    }
    Ok(identity)
}

/// An identity as a customer has it: also a room or table of a venue that the policy does not know any more, or without one.
pub fn own_identity(caller: &Caller, field: &str, raw: &proto::Identity, venue: Option<&Venue>) -> Parsed<Identity> {
    let proto::Identity { r#type, value, issuer, expire_time: _ } = raw;
    let kind = identity_type(&path(field, "type"), *r#type)?;
    let policy = &caller.in_force.policy;
    Identity::parse(field, kind, issuer, value, policy.region(venue), &policy.issued_prefixes())
}

/// An identity that a customer is to have.
pub fn wanted(caller: &Caller, field: &str, raw: &proto::Identity) -> Parsed<Wanted> {
    let expire_time = time(&path(field, "expire_time"), raw.expire_time)?;
    if expire_time.is_some_and(|expire| expire <= caller.now) {
        return Err(Violation::new(path(field, "expire_time"), "must be in the future, or unset"));
    }
    let identity = identity(caller, field, raw, None)?.as_kept();
    let expire_time = expire_time.or_else(|| default_end(identity.kind, caller.now));
    Ok(Wanted { identity, expire_time, field: field.to_owned() })
}

pub fn details(field: &str, raw: proto::CustomerDetails) -> Parsed<Details> {
    parse!(field, raw: proto::CustomerDetails => Details {
        kind: zero_is(CustomerKind::Person, customer_kind),
        name: |field, raw: Option<_>| person_name(field, raw.unwrap_or_default()),
        language: from_text(text::language),
        is_child = child,
        {
            card::refuse_card_data([
                ("name.full", name.full.as_str()),
                ("name.addressed_as", name.addressed_as.as_str()),
                ("name.pronunciation", name.pronunciation.as_str()),
                ("language", language.as_str()),
            ])?;
        }
    })
}

fn person_name(field: &str, raw: proto::PersonName) -> Parsed<Name> {
    parse!(field, raw: proto::PersonName => Name {
        full: line(0..=NAME_CHARS_MAX),
        addressed_as: line(0..=SHORT_CHARS_MAX),
        pronunciation: line(0..=NAME_CHARS_MAX),
    })
}

/// Which fields of the details a mask names. Omitted: those that are not empty. `says_kind`: whether the kind is not; a person is
/// what is meant where nothing is said, too.
pub fn details_mask(
    mask: Option<prost_types::FieldMask>,
    says_kind: bool,
    given: Details,
) -> Parsed<impl Fn(&Details) -> Details + Send + Sync> {
    const ALL: [&str; 6] = ["kind", "name.full", "name.addressed_as", "name.pronunciation", "language", "child"];
    let mut chosen: Vec<&'static str> = Vec::new();
    match mask {
        None => {
            let filled = [
                says_kind,
                !given.name.full.is_empty(),
                !given.name.addressed_as.is_empty(),
                !given.name.pronunciation.is_empty(),
                !given.language.is_empty(),
                given.is_child,
            ];
            chosen.extend(ALL.iter().zip(filled).filter(|(_, filled)| *filled).map(|(path, _)| *path));
        }
        Some(mask) => {
            for (index, raw) in mask.paths.iter().enumerate() {
                let before = chosen.len();
                let covers =
                    |known: &&&str| raw == "*" || raw == **known || (raw == "name" && known.starts_with("name."));
                chosen.extend(ALL.iter().filter(covers));
                if chosen.len() == before {
                    let paths = "must be one of: kind, name, name.full, name.addressed_as, name.pronunciation, language, child, *";
                    return Err(Violation::new(format!("update_mask.paths[{index}]"), paths));
                }
            }
        }
    }
    Ok(move |current: &Details| {
        let mut details = current.clone();
        for path in &chosen {
            match *path {
                "kind" => details.kind = given.kind,
                "child" => details.is_child = given.is_child,
                "name.full" => details.name.full.clone_from(&given.name.full),
                "name.addressed_as" => details.name.addressed_as.clone_from(&given.name.addressed_as),
                "name.pronunciation" => details.name.pronunciation.clone_from(&given.name.pronunciation),
                _ => details.language.clone_from(&given.language),
            }
        }
        details
    })
}

pub fn evidence(caller: &Caller, field: &str, raw: proto::EvidenceDraft) -> Parsed<Evidence> {
    parse!(field, raw: proto::EvidenceDraft => Evidence {
        source,
        subject => Subject {
            category: lower_line(1..=CATEGORY_CHARS_MAX),
            item: line(1..=ITEM_CHARS_MAX),
            situation: lower_line(0..=CATEGORY_CHARS_MAX),
        },
        {
            card::refuse_card_data([
                ("category", subject.category.as_str()),
                ("item", subject.item.as_str()),
                ("situation", subject.situation.as_str()),
            ])?;
        }
        venue = venue_id: from_text_maybe(|field, raw| venue(caller, field, raw)),
        scope: |field, raw| match raw {
            0 if source != EvidenceSource::Stated && venue.is_some() => Ok(Scope::Venue),
            0 => Ok(Scope::Tenant),
            raw => FromWire::from_wire(field, raw),
        },
        {
            if source == EvidenceSource::Observed && venue.is_none() {
                return Err(Violation::new("venue_id", "must name the venue where it was observed"));
            }
            if source != EvidenceSource::Stated && venue.is_some() && scope != Scope::Venue {
                return Err(Violation::new("scope", "may be wider than VENUE only for what the customer stated"));
            }
            if scope != Scope::Tenant && venue.is_none() {
                return Err(Violation::new("venue_id", "must name the venue that the scope is about"));
            }
        }
        stance,
        observe_time: |field, raw| past_time(field, raw, caller.now),
    })
}

fn venue(caller: &Caller, field: &str, raw: &str) -> Parsed<VenueId> {
    Ok(caller.venue(field, &VenueId::parse(field, raw)?)?.id.clone())
}

/// A day after today's at every venue: no clock on earth is further ahead of UTC.
const DAYS_AHEAD_OF_UTC_MAX: i64 = 1;

pub fn occasion(caller: &Caller, field: &str, raw: proto::OccasionDraft) -> Parsed<OccasionDraft> {
    parse!(field, raw: proto::OccasionDraft => OccasionDraft {
        kind,
        date: given,
        {
            let proto::CalendarDate { calendar: system, year, month, day, leap_month } = date;
            let system = parse_by(zero_is(Calendar::Gregorian, calendar), "date.calendar", system)?;
        }
        label: line(0..=SHORT_CHARS_MAX),
        {
            if kind == OccasionKind::Other && label.is_empty() {
                return Err(Violation::new("label", "must say what is celebrated"));
            }
        }
        of_whom: line(0..=SHORT_CHARS_MAX),
        {
            card::refuse_card_data([("of_whom", of_whom.as_str()), ("label", label.as_str())])?;
            let date = CalendarDate::parse("date", system, year, month, day, leap_month)?;
            if tells_of_unborn(&of_whom) {
                let wrong = "must name who it is without telling of a pregnancy: such a day is never mentioned, and so would not be kept";
                return Err(Violation::new("of_whom", wrong));
            }
            if once && date.year.is_none() {
                return Err(Violation::new("date.year", "must be given for what does not come round"));
            }
            if kind == OccasionKind::Birthday && !once && date.is_after(latest_today(caller.now)) {
                let wrong = "must not be after today: it is the day of birth; of a coming day that is kept once, set once";
                return Err(Violation::new("date", wrong));
            }
        }
        do_not_celebrate,
        once,
    })
}

/// The latest date that it is anywhere.
fn latest_today(now: Timestamp) -> Date {
    let latest = now.as_second() + DAYS_AHEAD_OF_UTC_MAX * DAY_SECONDS;
    TimeZone::UTC.to_datetime(Timestamp::from_second(latest).unwrap_or(Timestamp::MAX)).date()
}

pub fn consent(caller: &Caller, field: &str, raw: proto::Consent) -> Parsed<Consent> {
    parse!(field, raw: proto::Consent => Consent {
        evidence: line(0..=TEXT_CHARS_MAX),
        { card::refuse_card_data([("evidence", evidence.as_str())])?; }
        purpose,
        state,
        decide_time: |field, raw| past_time(field, raw, caller.now),
    })
}

/// A whole customer, as the changes that make it.
pub fn draft(caller: &Caller, field: &str, raw: proto::CustomerDraft) -> Parsed<NewCustomer> {
    let proto::CustomerDraft {
        details: raw_details,
        identities,
        precautions: drafts,
        precautions_asked,
        evidence: reasons,
        occasions,
        consents,
    } = raw;
    let at = |name: &str| path(field, name);
    count(&at("identities"), identities.len(), 0..=IDENTITIES_MAX)?;
    count(&at("precautions"), drafts.len(), 0..=PRECAUTIONS_MAX)?;
    count(&at("evidence"), reasons.len(), 0..=EVIDENCE_PER_REQUEST_MAX)?;
    count(&at("occasions"), occasions.len(), 0..=OCCASIONS_MAX)?;
    let mut wanted_identities: Vec<Wanted> = Vec::with_capacity(identities.len());
    for (index, raw) in identities.iter().enumerate() {
        let field = at(&format!("identities[{index}]"));
        let one = wanted(caller, &field, raw)?;
        if wanted_identities.iter().any(|other| other.identity == one.identity) {
            return Err(Violation::new(field, "must not repeat another identity"));
        }
        wanted_identities.push(one);
    }
    let mut changes = vec![Change::DetailsSet(details(&at("details"), raw_details.unwrap_or_default())?)];
    if precautions_asked {
        changes.push(Change::PrecautionsAsked(caller.now));
    }
    changes.extend(precautions(caller, &at("precautions"), drafts)?.into_iter().map(Change::PrecautionAdded));
    for (index, raw) in reasons.into_iter().enumerate() {
        changes.push(Change::EvidenceRecorded(evidence(caller, &at(&format!("evidence[{index}]")), raw)?));
    }
    for (index, raw) in occasions.into_iter().enumerate() {
        changes.push(Change::OccasionAdded(occasion(caller, &at(&format!("occasions[{index}]")), raw)?));
    }
    let mut decided = HashSet::new();
    for (index, raw) in consents.into_iter().enumerate() {
        let field = at(&format!("consents[{index}]"));
        let one = consent(caller, &field, raw)?;
        if !decided.insert(one.purpose) {
            return Err(Violation::new(field, "must not repeat the purpose of another entry"));
        }
        changes.push(Change::ConsentRecorded(one));
    }
    Ok(NewCustomer { identities: wanted_identities, changes })
}

/// The id of a part: its kind's letter and its number.
pub fn part_id(field: &str, letter: char, raw: &str) -> Parsed<PartId> {
    raw.strip_prefix(letter)
        .filter(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
        .and_then(|digits| digits.parse().ok())
        .map(PartId)
        .ok_or_else(|| Violation::new(field, format!("must be an id as the server gave it, for example \"{letter}7\"")))
}
