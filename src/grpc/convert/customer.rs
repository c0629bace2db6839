//! What callers say of customers.

use std::collections::HashSet;

use super::{
    CATEGORY_CHARS_MAX, ITEM_CHARS_MAX, NAME_CHARS_MAX, Parsed, SHORT_CHARS_MAX, TEXT_CHARS_MAX, count, enum_table,
    past_time, path, purpose, time,
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
        precaution::{Criticality, PrecautionDraft, PrecautionKind, PrecautionStatus, Severity},
        preference::{Evidence, EvidenceSource, Scope, Stance, Subject},
        profile::{CustomerKind, Details, Name},
        text,
    },
    proto,
    service::{Caller, create::NewCustomer, identities::Wanted},
};

enum_table!(identity_type, identity_type_out, proto::IdentityType, IdentityType, {
    Loyalty = Loyalty, Pms = Pms, Pos = Pos, System = System, Phone = Phone, Email = Email, Room = Room, Table = Table,
});
enum_table!(precaution_kind, precaution_kind_out, proto::PrecautionKind, PrecautionKind, {
    Allergy = Allergy, Intolerance = Intolerance, Diet = Diet, Accessibility = Accessibility,
    Abstention = Abstention, Topic = Topic,
});
enum_table!(criticality, criticality_out, proto::Criticality, Criticality, {
    Unspecified = Unknown, Low = Low, High = High,
});
enum_table!(severity, severity_out, proto::ReactionSeverity, Severity, {
    Unspecified = Unknown, Mild = Mild, Moderate = Moderate, Severe = Severe,
});
enum_table!(precaution_status, precaution_status_out, proto::PrecautionStatus, PrecautionStatus, {
    Unconfirmed = Unconfirmed, Confirmed = Confirmed, Refuted = Refuted, Resolved = Resolved,
    EnteredInError = EnteredInError,
});
enum_table!(stance, stance_out, proto::Stance, Stance, {
    Favourite = Favourite, Likes = Likes, Dislikes = Dislikes, Avoid = Avoid,
});
enum_table!(evidence_source, proto::EvidenceSource, EvidenceSource, {
    Stated = Stated, Observed = Observed, Inferred = Inferred, Refused = Refused,
});
enum_table!(scope, scope_out, proto::PreferenceScope, Scope, {
    Venue = Venue, Brand = Brand, Tenant = Tenant,
});
enum_table!(occasion_kind, occasion_kind_out, proto::OccasionKind, OccasionKind, {
    Birthday = Birthday, Anniversary = Anniversary, Other = Other,
});
enum_table!(calendar, calendar_out, proto::Calendar, Calendar, {
    Gregorian = Gregorian, Chinese = Chinese, Hebrew = Hebrew, Hijri = Hijri,
});
enum_table!(consent_state, consent_state_out, proto::ConsentState, ConsentState, {
    Granted = Granted, Denied = Denied, Withdrawn = Withdrawn,
});
enum_table!(customer_kind, customer_kind_out, proto::CustomerKind, CustomerKind, {
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
            identity.issuer = venue.id.as_str().to_owned();
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
    let identity = identity(caller, field, raw, None)?;
    let expire_time = expire_time.or_else(|| default_end(identity.kind, caller.now));
    Ok(Wanted { identity, expire_time, field: field.to_owned() })
}

pub fn details(field: &str, raw: proto::CustomerDetails) -> Parsed<Details> {
    let proto::CustomerDetails { kind, name, language } = raw;
    let proto::PersonName { full, addressed_as, pronunciation } = name.unwrap_or_default();
    let kind = match kind {
        0 => CustomerKind::Person,
        kind => customer_kind(&path(field, "kind"), kind)?,
    };
    let name = Name {
        full: text::line(&path(field, "name.full"), &full, 0..=NAME_CHARS_MAX)?,
        addressed_as: text::line(&path(field, "name.addressed_as"), &addressed_as, 0..=SHORT_CHARS_MAX)?,
        pronunciation: text::line(&path(field, "name.pronunciation"), &pronunciation, 0..=NAME_CHARS_MAX)?,
    };
    let language = text::language(&path(field, "language"), &language)?;
    let at = ["name.full", "name.addressed_as", "name.pronunciation", "language"].map(|name| path(field, name));
    let texts = [&name.full, &name.addressed_as, &name.pronunciation, &language];
    card::refuse(at.iter().map(String::as_str).zip(texts.map(String::as_str)))?;
    Ok(Details { kind, name, language })
}

/// Which fields of the details a mask names. Omitted: those that are not empty.
pub fn details_mask(
    mask: Option<prost_types::FieldMask>,
    given: Details,
) -> Parsed<impl Fn(&Details) -> Details + Send + Sync> {
    const ALL: [&str; 5] = ["kind", "name.full", "name.addressed_as", "name.pronunciation", "language"];
    let mut chosen: Vec<&'static str> = Vec::new();
    match mask {
        None => {
            let filled = [
                given.kind != CustomerKind::default(),
                !given.name.full.is_empty(),
                !given.name.addressed_as.is_empty(),
                !given.name.pronunciation.is_empty(),
                !given.language.is_empty(),
            ];
            chosen.extend(ALL.iter().zip(filled).filter(|(_, filled)| *filled).map(|(path, _)| *path));
        }
        Some(mask) => {
            for (place, raw) in mask.paths.iter().enumerate() {
                let before = chosen.len();
                let covers =
                    |known: &&&str| raw == "*" || raw == **known || (raw == "name" && known.starts_with("name."));
                chosen.extend(ALL.iter().filter(covers));
                if chosen.len() == before {
                    let paths =
                        "must be one of: kind, name, name.full, name.addressed_as, name.pronunciation, language, *";
                    return Err(Violation::new(format!("update_mask.paths[{place}]"), paths));
                }
            }
        }
    }
    Ok(move |current: &Details| {
        let mut details = current.clone();
        for path in &chosen {
            match *path {
                "kind" => details.kind = given.kind,
                "name.full" => details.name.full.clone_from(&given.name.full),
                "name.addressed_as" => details.name.addressed_as.clone_from(&given.name.addressed_as),
                "name.pronunciation" => details.name.pronunciation.clone_from(&given.name.pronunciation),
                _ => details.language.clone_from(&given.language),
            }
        }
        details
    })
}

pub fn precaution(field: &str, raw: proto::PrecautionDraft) -> Parsed<PrecautionDraft> {
    let proto::PrecautionDraft { kind, code, text: words, criticality: how_critical, severity: how_severe, status } =
        raw;
    let text_field = path(field, "text");
    let words = text::line(&text_field, &words, 0..=TEXT_CHARS_MAX)?;
    let code = text::code(&path(field, "code"), &code)?;
    card::refuse([(path(field, "code").as_str(), code.as_str()), (text_field.as_str(), words.as_str())])?;
    let status = match status {
        0 => PrecautionStatus::Unconfirmed,
        status => precaution_status(&path(field, "status"), status)?,
    };
    if !matches!(status, PrecautionStatus::Unconfirmed | PrecautionStatus::Confirmed) {
        return Err(Violation::new(path(field, "status"), "must be UNCONFIRMED or CONFIRMED in a new precaution"));
    }
    Ok(PrecautionDraft {
        kind: precaution_kind(&path(field, "kind"), kind)?,
        code,
        text: words,
        criticality: criticality(&path(field, "criticality"), how_critical)?,
        severity: severity(&path(field, "severity"), how_severe)?,
        status,
    })
}

/// Precautions of one request; the same kind and code twice is refused.
pub fn precautions(field: &str, raw: Vec<proto::PrecautionDraft>) -> Parsed<Vec<PrecautionDraft>> {
    let mut seen = HashSet::new();
    let mut drafts = Vec::with_capacity(raw.len());
    for (place, draft) in raw.into_iter().enumerate() {
        let field = format!("{field}[{place}]");
        let draft = precaution(&field, draft)?;
        if !seen.insert((draft.kind, draft.code.clone())) {
            return Err(Violation::new(field, "must not repeat the kind and code of another entry"));
        }
        drafts.push(draft);
    }
    Ok(drafts)
}

pub fn evidence(caller: &Caller, field: &str, raw: proto::EvidenceDraft) -> Parsed<Evidence> {
    let proto::EvidenceDraft { category, item, stance: how, source, venue_id, observe_time, situation, scope: reach } =
        raw;
    let at = |name: &str| path(field, name);
    let source = evidence_source(&at("source"), source)?;
    let subject = Subject {
        category: text::lower_line(&at("category"), &category, 1..=CATEGORY_CHARS_MAX)?,
        item: text::line(&at("item"), &item, 1..=ITEM_CHARS_MAX)?,
        situation: text::lower_line(&at("situation"), &situation, 0..=CATEGORY_CHARS_MAX)?,
    };
    card::refuse([
        (at("category").as_str(), subject.category.as_str()),
        (at("item").as_str(), subject.item.as_str()),
        (at("situation").as_str(), subject.situation.as_str()),
    ])?;
    let venue = if venue_id.is_empty() {
        None
    } else {
        Some(caller.venue(&at("venue_id"), &VenueId::parse(&at("venue_id"), &venue_id)?)?.id.clone())
    };
    let scope = match reach {
        0 if source == EvidenceSource::Stated => Scope::Tenant,
        0 if venue.is_some() => Scope::Venue,
        0 => Scope::Tenant,
        reach => scope(&at("scope"), reach)?,
    };
    if source == EvidenceSource::Observed && venue.is_none() {
        return Err(Violation::new(at("venue_id"), "must name the venue where it was observed"));
    }
    if source != EvidenceSource::Stated && venue.is_some() && scope != Scope::Venue {
        return Err(Violation::new(at("scope"), "may be wider than VENUE only for what the customer stated"));
    }
    if scope != Scope::Tenant && venue.is_none() {
        return Err(Violation::new(at("venue_id"), "must name the venue that the scope is about"));
    }
    Ok(Evidence {
        subject,
        stance: stance(&at("stance"), how)?,
        source,
        venue,
        observe_time: past_time(&at("observe_time"), observe_time, caller.now)?,
        scope,
    })
}

pub fn occasion(field: &str, raw: proto::OccasionDraft) -> Parsed<OccasionDraft> {
    let proto::OccasionDraft { kind, date, of_whom, label, do_not_celebrate } = raw;
    let at = |name: &str| path(field, name);
    let kind = occasion_kind(&at("kind"), kind)?;
    let Some(proto::CalendarDate { calendar: which, year, month, day, leap_month }) = date else {
        return Err(Violation::new(at("date"), "must be given"));
    };
    let which = if which == 0 { Calendar::Gregorian } else { calendar(&at("date.calendar"), which)? };
    let label = text::line(&at("label"), &label, 0..=SHORT_CHARS_MAX)?;
    if kind == OccasionKind::Other && label.is_empty() {
        return Err(Violation::new(at("label"), "must say what is celebrated"));
    }
    let of_whom = text::line(&at("of_whom"), &of_whom, 0..=SHORT_CHARS_MAX)?;
    card::refuse([(at("of_whom").as_str(), of_whom.as_str()), (at("label").as_str(), label.as_str())])?;
    let date = CalendarDate::parse(&at("date"), which, year, month, day, leap_month)?;
    Ok(OccasionDraft { kind, date, of_whom, label, do_not_celebrate })
}

pub fn consent(caller: &Caller, field: &str, raw: proto::Consent) -> Parsed<Consent> {
    let proto::Consent { purpose: what_for, state, decide_time, evidence } = raw;
    let at = |name: &str| path(field, name);
    let evidence = text::line(&at("evidence"), &evidence, 0..=TEXT_CHARS_MAX)?;
    card::refuse([(at("evidence").as_str(), evidence.as_str())])?;
    Ok(Consent {
        purpose: purpose(&at("purpose"), what_for)?,
        state: consent_state(&at("state"), state)?,
        decide_time: past_time(&at("decide_time"), decide_time, caller.now)?,
        evidence,
    })
}

/// A whole customer, as the changes that make it.
pub fn draft(caller: &Caller, field: &str, raw: proto::CustomerDraft) -> Parsed<NewCustomer> {
    let proto::CustomerDraft {
        details: about,
        identities,
        precautions: careful,
        precautions_asked,
        evidence: known,
        occasions,
        consents,
    } = raw;
    let at = |name: &str| path(field, name);
    count(&at("identities"), identities.len(), 0..=IDENTITIES_MAX)?;
    count(&at("precautions"), careful.len(), 0..=PRECAUTIONS_MAX)?;
    count(&at("evidence"), known.len(), 0..=EVIDENCE_PER_REQUEST_MAX)?;
    count(&at("occasions"), occasions.len(), 0..=OCCASIONS_MAX)?;
    let mut wanted_identities: Vec<Wanted> = Vec::with_capacity(identities.len());
    for (place, raw) in identities.iter().enumerate() {
        let field = at(&format!("identities[{place}]"));
        let one = wanted(caller, &field, raw)?;
        if wanted_identities.iter().any(|other| other.identity == one.identity) {
            return Err(Violation::new(field, "must not repeat another identity"));
        }
        wanted_identities.push(one);
    }
    let mut changes = vec![Change::DetailsSet(details(&at("details"), about.unwrap_or_default())?)];
    if precautions_asked {
        changes.push(Change::PrecautionsAsked(caller.now));
    }
    changes.extend(precautions(&at("precautions"), careful)?.into_iter().map(Change::PrecautionAdded));
    for (place, raw) in known.into_iter().enumerate() {
        changes.push(Change::EvidenceRecorded(evidence(caller, &at(&format!("evidence[{place}]")), raw)?));
    }
    for (place, raw) in occasions.into_iter().enumerate() {
        changes.push(Change::OccasionAdded(occasion(&at(&format!("occasions[{place}]")), raw)?));
    }
    let mut decided = HashSet::new();
    for (place, raw) in consents.into_iter().enumerate() {
        let field = at(&format!("consents[{place}]"));
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
