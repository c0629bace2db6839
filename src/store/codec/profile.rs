//! A profile as stored bytes, and back.
//!
//! The stored messages mirror the domain and are separate from it, so that changing one cannot break the other. Enums are
//! stored as the numbers of the tables below: a number never changes its meaning.

use super::{
    super::{Result, stored},
    mirror::{EmptyIfNone, UnsetIfDefault, mirror, numbers},
    values,
};
use crate::domain::{
    Profile, Stamp,
    consent::{Consent, ConsentState, Purpose},
    identity::{Identity, IdentityType},
    mark::{Bar, Barred, Deceased},
    occasion::{Calendar, CalendarDate, Occasion, OccasionDraft, OccasionKind},
    part_pregnancies,
    precaution::{
        BasisKind, Criticality, Precaution, PrecautionDraft, PrecautionKind, PrecautionStatus, RecordBasis, Review,
        Severity, Until,
    },
    preference::{Evidence, EvidenceSource, EvidenceTally, Preference, Scope, Stance, Subject},
    profile::{CustomerKind, Details, Name, ProfileIdentity},
    relationship::RelationshipLevel,
};

numbers!(CustomerKind { Person = 0, Household = 1 });
numbers!(IdentityType { Loyalty = 1, Pms = 2, Pos = 3, System = 4, Phone = 5, Email = 6, Room = 7, Table = 8 });
numbers!(PrecautionKind { Allergy = 1, Intolerance = 2, Diet = 3, Accessibility = 4, Abstention = 5, Topic = 6 });
numbers!(Criticality { Unknown = 0, Low = 1, High = 2 });
numbers!(Severity { Unknown = 0, Mild = 1, Moderate = 2, Severe = 3 });
numbers!(PrecautionStatus { Unconfirmed = 1, Confirmed = 2, Refuted = 3, Resolved = 4, EnteredInError = 5 });
numbers!(BasisKind { NotSaid = 0, Consent = 1, ThisVisitOnly = 2 });
numbers!(Stance { Favourite = 1, Likes = 2, Dislikes = 3, Avoid = 4 });
numbers!(EvidenceSource { Stated = 1, Observed = 2, Inferred = 3, Refused = 4 });
numbers!(Scope { Venue = 1, Brand = 2, Tenant = 3 });
numbers!(OccasionKind { Birthday = 1, Anniversary = 2, Other = 3 });
numbers!(Calendar { Gregorian = 1, Chinese = 2, Hebrew = 3, Hijri = 4 });
numbers!(Purpose { Service = 1, Marketing = 2, Analytics = 3 });
numbers!(RelationshipLevel { Basic = 1, Engagement = 2, Intimacy = 3 });
numbers!(ConsentState { Granted = 1, Denied = 2, Withdrawn = 3 });

/// The profile's bytes, before they are sealed.
pub fn encode(profile: &Profile) -> Vec<u8> {
    values::encode::<stored::Profile>(profile)
}

/// The profile behind opened bytes.
pub fn decode(bytes: &[u8]) -> Result<Profile> {
    values::decode::<stored::Profile, _>(bytes, "a profile").map(part_pregnancies)
}

mirror!(
    Profile = stored::Profile {
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
        advocacy: UnsetIfDefault,
        counted_level = counted_at: EmptyIfNone,
        deceased,
        barred,
    }
);

mirror!(Deceased = stored::Deceased { of_whom, reported_by, report_time, confirmed });

mirror!(Stamp = stored::Stamp { at, by });

mirror!(Bar = stored::Bar { code, text, until });

mirror!(Barred = stored::Barred { bar, by, time });

mirror!(Details = stored::Details {
    kind,
    name => Name { full, addressed_as, pronunciation },
    language,
    is_child = child,
});

mirror!(Identity = stored::Identity { kind, issuer, value });

mirror!(ProfileIdentity = stored::OwnIdentity { identity, token, expire_time });

mirror!(
    PrecautionDraft = stored::PrecautionDraft {
        kind,
        code,
        text,
        criticality,
        severity,
        status,
        of_whom,
        until,
        basis: UnsetIfDefault,
    }
);

mirror!(Until = stored::Until { time, is_departure = departure });

mirror!(RecordBasis = stored::RecordBasis { said = kind, how, time });

mirror!(Precaution = stored::Precaution { id, reported, recorded_by, record_time, review, first_said_by: EmptyIfNone });

mirror!(Review = stored::Review { by, time, reason });

mirror!(Subject = stored::Subject { category, item, situation });

mirror!(EvidenceTally = stored::EvidenceTally { count, last });

mirror!(
    Preference = stored::Preference {
        subject,
        stance,
        stated: UnsetIfDefault,
        observed: UnsetIfDefault,
        inferred: UnsetIfDefault,
        refused: UnsetIfDefault,
        scope,
        venue: EmptyIfNone,
        first_time,
        last_time,
        last_by,
    }
);

mirror!(Evidence = stored::Evidence { subject, stance, source, venue: EmptyIfNone, observe_time, scope });

mirror!(CalendarDate = stored::CalendarDate { calendar, year, month, day, leap_month });

mirror!(OccasionDraft = stored::OccasionDraft { kind, date, of_whom, label, do_not_celebrate, once });

mirror!(Occasion = stored::Occasion { id, reported, recorded_by, record_time });

mirror!(Consent = stored::Consent { purpose, state, decide_time, evidence });

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::testing::{precaution, profile, stamp, time};

    #[test]
    fn an_illness_that_was_stored_with_a_pregnancy_is_read_apart_from_it() {
        let mut old = profile();
        let stamp = stamp("2026-03-02T10:00:00Z", "mara@till-4");
        let until = Some(Until { time: time("2026-09-01T00:00:00Z"), is_departure: false });
        let both = PrecautionDraft { until, ..precaution(PrecautionKind::Diet, "PREGNANT_COELIAC", Criticality::High) };
        crate::domain::apply(&mut old, &crate::domain::Change::PrecautionAdded(both), &stamp).unwrap();
        let read = decode(&encode(&old)).unwrap();
        let found: Vec<_> =
            read.precautions.iter().map(|known| (known.reported.code.as_str(), known.reported.until)).collect();
        assert_eq!(found, [("PREGNANCY", until), ("COELIAC", None)]);
        assert_eq!(decode(&encode(&read)).unwrap(), read);
    }
}
