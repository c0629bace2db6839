//! A change as an entry of the history, and back.

use prost::Message;

use super::{
    super::{Result, stored},
    mirror::{EmptyIfNone, Stored, damaged, mirror, numbers, variants},
};
use crate::domain::{
    Change, Stamp,
    advocacy::Feedback,
    interaction::{Interaction, InteractionKind, Line, LocalMoment, Purchase},
    money::Money,
    visits_left::VisitsLeft,
};
use stored::change::Change as Kind;

/// An entry of the history.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    pub change: Change,
    pub stamp: Stamp,
    /// Keyed hash of an interaction as it was sent; empty for other changes.
    pub fingerprint: Vec<u8>,
    /// For a voided interaction: who recorded it first, and when.
    pub original: Option<Stamp>,
}

/// The entry's bytes, before they are sealed.
pub fn encode(entry: &Entry) -> Vec<u8> {
    let Entry { change, stamp, fingerprint, original } = entry;
    let mut change: Kind = change.store();
    if let Kind::InteractionVoided(voided) = &mut change {
        let Stamp { at, by } = original.as_ref().unwrap_or(stamp);
        (voided.record_time, voided.recorded_by) = (at.store(), by.store());
    }
    let Stamp { at, by } = stamp;
    stored::Change { at: at.store(), by: by.store(), change: Some(change), fingerprint: fingerprint.clone() }
        .encode_to_vec()
}

/// The entry behind opened bytes.
pub fn decode(bytes: &[u8]) -> Result<Entry> {
    let stored::Change { at, by, change, fingerprint } =
        stored::Change::decode(bytes).map_err(|_| damaged("a change"))?;
    let mut change = change.ok_or_else(|| damaged("a change"))?;
    let stamp = |at, by| Ok(Stamp { at: Stored::read(at)?, by: Stored::read(by)? });
    let original = match &mut change {
        Kind::InteractionVoided(voided) => Some(stamp(voided.record_time, std::mem::take(&mut voided.recorded_by))?),
        _ => None,
    };
    Ok(Entry { change: Stored::read(change)?, stamp: stamp(at, by)?, fingerprint, original })
}

variants!(Change = stored::change::Change {
    DetailsSet(details),
    IdentityAdded(identity),
    IdentityRemoved(identity),
    PrecautionAdded(precaution),
    PrecautionReviewed { id, status, reason },
    PrecautionsAsked(time),
    EvidenceRecorded(evidence),
    PreferenceRemoved(id),
    OccasionAdded(occasion),
    OccasionReplaced { id, occasion },
    OccasionRemoved(id),
    ConsentRecorded(consent),
    InteractionRecorded(interaction),
    // Who recorded it first, and when, is the entry's `original`.
    InteractionVoided { interaction, reason, left } + { recorded_by, record_time },
    HistoryTrimmed { dropped, horizon },
    IssueOpened(issue),
    IssueAssigned { id, owner },
    IssueResolved { id, resolution },
    IssueReopened { id, reason },
    FollowUpPromised(follow_up),
    FollowUpCompleted { id, kept, rating },
    GestureGiven(gesture),
    GestureApproved { id, role, drawn_on },
    GestureCancelled { id, reason },
    GestureOutcomeRecorded { id, outcome },
    DeceasedMarked { deceased, of_whom, reason },
    BarSet(bar),
    BarLifted { reason },
});

numbers!(InteractionKind { Purchase = 1, Visit = 2, Contact = 3, Feedback = 4, Referral = 5 });

mirror!(Interaction = stored::Interaction {
    source,
    external_id,
    kind,
    venue,
    occur_time,
    local => LocalMoment { date = local_date, hour = local_hour },
    purchase,
    visit_external_id,
    text,
    feedback,
    referred: EmptyIfNone,
});

mirror!(VisitsLeft = stored::VisitsLeft { first, last, here });

mirror!(Purchase = stored::Purchase {
    lines,
    total => Money { currency = currency, minor_units = total_minor_units },
    party_size,
});

mirror!(Line = stored::Line { item, category, quantity, amount_minor_units, seat });

mirror!(Feedback = stored::Feedback { score, scale_min, scale_max });
