//! A profile as stored bytes, and back.
//!
//! The stored messages mirror the domain and are separate from it, so that changing one cannot break the other. Enums are
//! stored as the numbers of the tables below: a number never changes its meaning.

use prost::Message;

use super::{
    super::{Result, StoreError, stored},
    moments,
};
use crate::domain::{
    Profile, Timestamp, VenueId,
    consent::{Consent, ConsentState, Purpose},
    id::{HoldToken, PartId},
    identity::{Identity, IdentityType},
    occasion::{Calendar, CalendarDate, Occasion, OccasionDraft, OccasionKind},
    precaution::{Criticality, Precaution, PrecautionDraft, PrecautionKind, PrecautionStatus, Review, Severity},
    preference::{Evidence, EvidenceSource, Preference, Scope, Stance, Subject, Tally},
    profile::{CustomerKind, Details, Name, OwnIdentity},
    relationship::RelationshipLevel,
};

/// A two-way table between a domain enum and its stored numbers. Leaving out a variant does not compile.
macro_rules! numbers {
    ($type:ident { $($variant:ident = $number:literal),+ $(,)? }) => {
        impl Numbered for $type {
            fn number(self) -> u32 {
                match self { $(Self::$variant => $number),+ }
            }

            fn from_number(number: u32) -> Result<Self> {
                match number {
                    $($number => Ok(Self::$variant),)+
                    _ => Err(damaged(concat!("unknown number of ", stringify!($type)))),
                }
            }
        }
    };
}

/// Stored as a number.
pub(super) trait Numbered: Sized {
    fn number(self) -> u32;
    fn from_number(number: u32) -> Result<Self>;
}

pub(super) use numbers;

numbers!(CustomerKind { Person = 0, Household = 1 });
numbers!(IdentityType { Loyalty = 1, Pms = 2, Pos = 3, System = 4, Phone = 5, Email = 6, Room = 7, Table = 8 });
numbers!(PrecautionKind { Allergy = 1, Intolerance = 2, Diet = 3, Accessibility = 4, Abstention = 5, Topic = 6 });
numbers!(Criticality { Unknown = 0, Low = 1, High = 2 });
numbers!(Severity { Unknown = 0, Mild = 1, Moderate = 2, Severe = 3 });
numbers!(PrecautionStatus { Unconfirmed = 1, Confirmed = 2, Refuted = 3, Resolved = 4, EnteredInError = 5 });
numbers!(Stance { Favourite = 1, Likes = 2, Dislikes = 3, Avoid = 4 });
numbers!(EvidenceSource { Stated = 1, Observed = 2, Inferred = 3, Refused = 4 });
numbers!(Scope { Venue = 1, Brand = 2, Tenant = 3 });
numbers!(OccasionKind { Birthday = 1, Anniversary = 2, Other = 3 });
numbers!(Calendar { Gregorian = 1, Chinese = 2, Hebrew = 3, Hijri = 4 });
numbers!(Purpose { Service = 1, Marketing = 2, Analytics = 3 });
numbers!(RelationshipLevel { Basic = 1, Engagement = 2, Intimacy = 3 });
numbers!(ConsentState { Granted = 1, Denied = 2, Withdrawn = 3 });

pub(super) fn damaged(what: &str) -> StoreError {
    StoreError::Corrupt(what.to_owned())
}

/// Nanoseconds since 1970. Covers 1677 to 2262; what the edge lets through lies within.
pub(super) fn nanos(time: Timestamp) -> i64 {
    i64::try_from(time.as_nanosecond()).unwrap_or(i64::MAX)
}

pub(super) fn time(nanos: i64) -> Result<Timestamp> {
    Timestamp::from_nanosecond(i128::from(nanos)).map_err(|_| damaged("a time out of range"))
}

pub(super) fn maybe_time(value: Option<i64>) -> Result<Option<Timestamp>> {
    value.map(time).transpose()
}

pub(super) fn must<T>(part: Option<T>, what: &str) -> Result<T> {
    part.ok_or_else(|| damaged(what))
}

pub(super) fn venue(raw: &str) -> Result<VenueId> {
    VenueId::parse("venue", raw).map_err(|_| damaged("a venue id"))
}

fn maybe_venue(raw: &str) -> Result<Option<VenueId>> {
    if raw.is_empty() { Ok(None) } else { venue(raw).map(Some) }
}

pub(super) fn all<A, B>(list: Vec<A>, decode: impl Fn(A) -> Result<B>) -> Result<Vec<B>> {
    list.into_iter().map(decode).collect()
}

/// The profile's bytes, before they are sealed.
pub fn encode(profile: &Profile) -> Vec<u8> {
    stored::Profile {
        details: Some(details(&profile.details)),
        identities: profile.identities.iter().map(own_identity).collect(),
        precautions: profile.precautions.iter().map(precaution).collect(),
        asked_time: profile.asked_time.map(nanos),
        preferences: profile.preferences.iter().map(preference).collect(),
        occasions: profile.occasions.iter().map(occasion).collect(),
        consents: profile.consents.iter().map(consent).collect(),
        habits: Some(super::habits::encode(&profile.habits)),
        create_time: nanos(profile.create_time),
        update_time: nanos(profile.update_time),
        next_part: profile.next_part,
        change_count: profile.change_count,
        issues: profile.issues.iter().map(moments::issue).collect(),
        follow_ups: profile.follow_ups.iter().map(moments::follow_up).collect(),
        gestures: profile.gestures.iter().map(moments::gesture).collect(),
        ledger: profile.ledger.iter().map(moments::ledger_entry).collect(),
        advocacy: moments::advocacy(&profile.advocacy),
        counted_at: profile.counted_at.map_or(0, Numbered::number),
    }
    .encode_to_vec()
}

/// The profile behind opened bytes.
pub fn decode(bytes: &[u8]) -> Result<Profile> {
    let stored::Profile {
        details,
        identities,
        precautions,
        asked_time,
        preferences,
        occasions,
        consents,
        habits,
        create_time,
        update_time,
        next_part,
        change_count,
        issues,
        follow_ups,
        gestures,
        ledger,
        advocacy,
        counted_at,
    } = stored::Profile::decode(bytes).map_err(|_| damaged("a profile"))?;
    Ok(Profile {
        details: details_back(must(details, "details")?)?,
        identities: all(identities, own_identity_back)?,
        precautions: all(precautions, precaution_back)?,
        asked_time: maybe_time(asked_time)?,
        preferences: all(preferences, preference_back)?,
        occasions: all(occasions, occasion_back)?,
        consents: all(consents, consent_back)?,
        habits: super::habits::decode(must(habits, "habits")?)?,
        create_time: time(create_time)?,
        update_time: time(update_time)?,
        next_part,
        change_count,
        issues: all(issues, moments::issue_back)?,
        follow_ups: all(follow_ups, moments::follow_up_back)?,
        gestures: all(gestures, moments::gesture_back)?,
        ledger: all(ledger, moments::ledger_entry_back)?,
        advocacy: moments::advocacy_back(advocacy),
        counted_at: (counted_at != 0).then(|| RelationshipLevel::from_number(counted_at)).transpose()?,
    })
}

pub(super) fn details(details: &Details) -> stored::Details {
    stored::Details {
        kind: details.kind.number(),
        full: details.name.full.clone(),
        addressed_as: details.name.addressed_as.clone(),
        pronunciation: details.name.pronunciation.clone(),
        language: details.language.clone(),
    }
}

pub(super) fn details_back(raw: stored::Details) -> Result<Details> {
    let stored::Details { kind, full, addressed_as, pronunciation, language } = raw;
    Ok(Details { kind: CustomerKind::from_number(kind)?, name: Name { full, addressed_as, pronunciation }, language })
}

pub(super) fn identity(identity: &Identity) -> stored::Identity {
    stored::Identity { kind: identity.kind.number(), issuer: identity.issuer.clone(), value: identity.value.clone() }
}

pub(super) fn identity_back(raw: stored::Identity) -> Result<Identity> {
    let stored::Identity { kind, issuer, value } = raw;
    Ok(Identity { kind: IdentityType::from_number(kind)?, issuer, value })
}

pub(super) fn own_identity(own: &OwnIdentity) -> stored::OwnIdentity {
    stored::OwnIdentity {
        identity: Some(identity(&own.identity)),
        token: own.token.0.to_vec(),
        expire_time: own.expire_time.map(nanos),
    }
}

pub(super) fn own_identity_back(raw: stored::OwnIdentity) -> Result<OwnIdentity> {
    let token = raw.token.as_slice().try_into().map_err(|_| damaged("a hold token"))?;
    Ok(OwnIdentity {
        identity: identity_back(must(raw.identity, "an identity")?)?,
        token: HoldToken(token),
        expire_time: maybe_time(raw.expire_time)?,
    })
}

pub(super) fn precaution_draft(draft: &PrecautionDraft) -> stored::PrecautionDraft {
    stored::PrecautionDraft {
        kind: draft.kind.number(),
        code: draft.code.clone(),
        text: draft.text.clone(),
        criticality: draft.criticality.number(),
        severity: draft.severity.number(),
        status: draft.status.number(),
    }
}

pub(super) fn precaution_draft_back(raw: stored::PrecautionDraft) -> Result<PrecautionDraft> {
    let stored::PrecautionDraft { kind, code, text, criticality, severity, status } = raw;
    Ok(PrecautionDraft {
        kind: PrecautionKind::from_number(kind)?,
        code,
        text,
        criticality: Criticality::from_number(criticality)?,
        severity: Severity::from_number(severity)?,
        status: PrecautionStatus::from_number(status)?,
    })
}

fn precaution(precaution: &Precaution) -> stored::Precaution {
    stored::Precaution {
        id: precaution.id.0,
        reported: Some(precaution_draft(&precaution.reported)),
        recorded_by: precaution.recorded_by.clone(),
        record_time: nanos(precaution.record_time),
        review: precaution.review.as_ref().map(|review| stored::Review {
            by: review.by.clone(),
            time: nanos(review.time),
            reason: review.reason.clone(),
        }),
    }
}

fn precaution_back(raw: stored::Precaution) -> Result<Precaution> {
    let stored::Precaution { id, reported, recorded_by, record_time, review } = raw;
    let review = match review {
        None => None,
        Some(stored::Review { by, time: at, reason }) => Some(Review { by, time: time(at)?, reason }),
    };
    Ok(Precaution {
        id: PartId(id),
        reported: precaution_draft_back(must(reported, "a precaution")?)?,
        recorded_by,
        record_time: time(record_time)?,
        review,
    })
}

fn subject(subject: &Subject) -> stored::Subject {
    stored::Subject {
        category: subject.category.clone(),
        item: subject.item.clone(),
        situation: subject.situation.clone(),
    }
}

fn subject_back(raw: Option<stored::Subject>) -> Result<Subject> {
    let stored::Subject { category, item, situation } = must(raw, "a subject")?;
    Ok(Subject { category, item, situation })
}

/// A source that never spoke is left out.
fn tally(tally: &Tally) -> Option<stored::EvidenceTally> {
    (tally.count > 0).then(|| stored::EvidenceTally { count: tally.count, last: tally.last.map(nanos) })
}

fn tally_back(raw: Option<stored::EvidenceTally>) -> Result<Tally> {
    match raw {
        None => Ok(Tally::default()),
        Some(stored::EvidenceTally { count, last }) => Ok(Tally { count, last: maybe_time(last)? }),
    }
}

fn preference(preference: &Preference) -> stored::Preference {
    stored::Preference {
        subject: Some(subject(&preference.subject)),
        stance: preference.stance.number(),
        stated: tally(&preference.stated),
        observed: tally(&preference.observed),
        inferred: tally(&preference.inferred),
        refused: tally(&preference.refused),
        scope: preference.scope.number(),
        venue: preference.venue.as_ref().map(|venue| venue.as_str().to_owned()).unwrap_or_default(),
        first_time: nanos(preference.first_time),
        last_time: nanos(preference.last_time),
        last_by: preference.last_by.clone(),
    }
}

fn preference_back(raw: stored::Preference) -> Result<Preference> {
    Ok(Preference {
        subject: subject_back(raw.subject)?,
        stance: Stance::from_number(raw.stance)?,
        stated: tally_back(raw.stated)?,
        observed: tally_back(raw.observed)?,
        inferred: tally_back(raw.inferred)?,
        refused: tally_back(raw.refused)?,
        scope: Scope::from_number(raw.scope)?,
        venue: maybe_venue(&raw.venue)?,
        first_time: time(raw.first_time)?,
        last_time: time(raw.last_time)?,
        last_by: raw.last_by,
    })
}

pub(super) fn evidence(evidence: &Evidence) -> stored::Evidence {
    stored::Evidence {
        subject: Some(subject(&evidence.subject)),
        stance: evidence.stance.number(),
        source: evidence.source.number(),
        venue: evidence.venue.as_ref().map(|venue| venue.as_str().to_owned()).unwrap_or_default(),
        observe_time: nanos(evidence.observe_time),
        scope: evidence.scope.number(),
    }
}

pub(super) fn evidence_back(raw: stored::Evidence) -> Result<Evidence> {
    Ok(Evidence {
        subject: subject_back(raw.subject)?,
        stance: Stance::from_number(raw.stance)?,
        source: EvidenceSource::from_number(raw.source)?,
        venue: maybe_venue(&raw.venue)?,
        observe_time: time(raw.observe_time)?,
        scope: Scope::from_number(raw.scope)?,
    })
}

pub(super) fn occasion_draft(draft: &OccasionDraft) -> stored::OccasionDraft {
    stored::OccasionDraft {
        kind: draft.kind.number(),
        date: Some(stored::CalendarDate {
            calendar: draft.date.calendar.number(),
            year: draft.date.year.map(i32::from),
            month: u32::from(draft.date.month.unsigned_abs()),
            day: u32::from(draft.date.day.unsigned_abs()),
            leap_month: draft.date.leap_month,
        }),
        of_whom: draft.of_whom.clone(),
        label: draft.label.clone(),
        do_not_celebrate: draft.do_not_celebrate,
    }
}

pub(super) fn occasion_draft_back(raw: stored::OccasionDraft) -> Result<OccasionDraft> {
    let date = must(raw.date, "a date")?;
    let small = |number: u32| i8::try_from(number).map_err(|_| damaged("a date"));
    Ok(OccasionDraft {
        kind: OccasionKind::from_number(raw.kind)?,
        date: CalendarDate {
            calendar: Calendar::from_number(date.calendar)?,
            year: date.year.map(i16::try_from).transpose().map_err(|_| damaged("a year"))?,
            month: small(date.month)?,
            day: small(date.day)?,
            leap_month: date.leap_month,
        },
        of_whom: raw.of_whom,
        label: raw.label,
        do_not_celebrate: raw.do_not_celebrate,
    })
}

fn occasion(occasion: &Occasion) -> stored::Occasion {
    stored::Occasion {
        id: occasion.id.0,
        reported: Some(occasion_draft(&occasion.reported)),
        recorded_by: occasion.recorded_by.clone(),
        record_time: nanos(occasion.record_time),
    }
}

fn occasion_back(raw: stored::Occasion) -> Result<Occasion> {
    let stored::Occasion { id, reported, recorded_by, record_time } = raw;
    Ok(Occasion {
        id: PartId(id),
        reported: occasion_draft_back(must(reported, "an occasion")?)?,
        recorded_by,
        record_time: time(record_time)?,
    })
}

pub(super) fn consent(consent: &Consent) -> stored::Consent {
    stored::Consent {
        purpose: consent.purpose.number(),
        state: consent.state.number(),
        decide_time: nanos(consent.decide_time),
        evidence: consent.evidence.clone(),
    }
}

pub(super) fn consent_back(raw: stored::Consent) -> Result<Consent> {
    let stored::Consent { purpose, state, decide_time, evidence } = raw;
    Ok(Consent {
        purpose: Purpose::from_number(purpose)?,
        state: ConsentState::from_number(state)?,
        decide_time: time(decide_time)?,
        evidence,
    })
}
