//! A change as an entry of the history, and back.

use prost::Message;

use super::super::{Result, stored};
use super::moments;
use super::profile::{
    Numbered, all, consent, consent_back, damaged, details, details_back, evidence, evidence_back, identity,
    identity_back, must, nanos, occasion_draft, occasion_draft_back, own_identity, own_identity_back, precaution_draft,
    precaution_draft_back, time,
};
use crate::domain::{
    Change, CustomerId, Stamp, VenueId,
    advocacy::Feedback,
    gesture::GestureOutcome,
    id::{PartId, SourceId},
    interaction::{Interaction, InteractionKind, Line, LocalMoment, Purchase},
    money::{Currency, Money},
    precaution::PrecautionStatus,
};
use stored::change::Change as Kind;

/// Dates are stored as days since this one.
const EPOCH: jiff::civil::Date = jiff::civil::date(1970, 1, 1);

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
    let kind = match &entry.change {
        Change::DetailsSet(value) => Kind::DetailsSet(details(value)),
        Change::IdentityAdded(value) => Kind::IdentityAdded(own_identity(value)),
        Change::IdentityRemoved(value) => Kind::IdentityRemoved(identity(value)),
        Change::PrecautionAdded(value) => Kind::PrecautionAdded(precaution_draft(value)),
        Change::PrecautionReviewed { id, status, reason } => Kind::PrecautionReviewed(stored::PrecautionReviewed {
            id: id.0,
            status: status.number(),
            reason: reason.clone(),
        }),
        Change::PrecautionsAsked(at) => Kind::PrecautionsAsked(nanos(*at)),
        Change::EvidenceRecorded(value) => Kind::EvidenceRecorded(evidence(value)),
        Change::PreferenceRemoved(id) => Kind::PreferenceRemoved(id.clone()),
        Change::OccasionAdded(value) => Kind::OccasionAdded(occasion_draft(value)),
        Change::OccasionReplaced { id, occasion } => {
            Kind::OccasionReplaced(stored::OccasionReplaced { id: id.0, occasion: Some(occasion_draft(occasion)) })
        }
        Change::OccasionRemoved(id) => Kind::OccasionRemoved(id.0),
        Change::ConsentRecorded(value) => Kind::ConsentRecorded(consent(value)),
        Change::InteractionRecorded(value) => Kind::InteractionRecorded(interaction(value)),
        Change::InteractionVoided { interaction: value, reason } => {
            let original = entry.original.as_ref().unwrap_or(&entry.stamp);
            Kind::InteractionVoided(stored::InteractionVoided {
                interaction: Some(interaction(value)),
                reason: reason.clone(),
                recorded_by: original.by.clone(),
                record_time: nanos(original.at),
            })
        }
        Change::HistoryTrimmed { dropped, horizon } => {
            Kind::HistoryTrimmed(stored::HistoryTrimmed { dropped: *dropped, horizon: nanos(*horizon) })
        }
        Change::IssueOpened(value) => Kind::IssueOpened(moments::issue_draft(value)),
        Change::IssueAssigned { id, owner } => {
            Kind::IssueAssigned(stored::IssueAssigned { id: id.0, owner: owner.clone() })
        }
        Change::IssueResolved { id, resolution } => {
            Kind::IssueResolved(stored::IssueResolved { id: id.0, resolution: resolution.clone() })
        }
        Change::IssueReopened { id, reason } => {
            Kind::IssueReopened(stored::IssueReopened { id: id.0, reason: reason.clone() })
        }
        Change::FollowUpPromised(value) => Kind::FollowUpPromised(moments::follow_up_draft(value)),
        Change::FollowUpCompleted { id, kept, rating } => {
            Kind::FollowUpCompleted(stored::FollowUpCompleted { id: id.0, kept: *kept, rating: u32::from(*rating) })
        }
        Change::GestureGiven(value) => Kind::GestureGiven(moments::gesture_draft(value)),
        Change::GestureApproved { id, role, drawn_on } => {
            let drawn_on = drawn_on.as_ref().map(moments::drawn_on);
            Kind::GestureApproved(stored::GestureApproved { id: id.0, role: role.as_str().to_owned(), drawn_on })
        }
        Change::GestureCancelled { id, reason } => {
            Kind::GestureCancelled(stored::GestureCancelled { id: id.0, reason: reason.clone() })
        }
        Change::GestureOutcomeRecorded { id, outcome } => {
            Kind::GestureOutcomeRecorded(stored::GestureOutcomeRecorded { id: id.0, outcome: outcome.number() })
        }
    };
    stored::Change {
        at: nanos(entry.stamp.at),
        by: entry.stamp.by.clone(),
        change: Some(kind),
        fingerprint: entry.fingerprint.clone(),
    }
    .encode_to_vec()
}

/// The entry behind opened bytes.
pub fn decode(bytes: &[u8]) -> Result<Entry> {
    let stored::Change { at, by, change, fingerprint } =
        stored::Change::decode(bytes).map_err(|_| damaged("a change"))?;
    let mut original = None;
    let change = match must(change, "a change")? {
        Kind::DetailsSet(raw) => Change::DetailsSet(details_back(raw)?),
        Kind::IdentityAdded(raw) => Change::IdentityAdded(own_identity_back(raw)?),
        Kind::IdentityRemoved(raw) => Change::IdentityRemoved(identity_back(raw)?),
        Kind::PrecautionAdded(raw) => Change::PrecautionAdded(precaution_draft_back(raw)?),
        Kind::PrecautionReviewed(stored::PrecautionReviewed { id, status, reason }) => {
            Change::PrecautionReviewed { id: PartId(id), status: PrecautionStatus::from_number(status)?, reason }
        }
        Kind::PrecautionsAsked(at) => Change::PrecautionsAsked(time(at)?),
        Kind::EvidenceRecorded(raw) => Change::EvidenceRecorded(evidence_back(raw)?),
        Kind::PreferenceRemoved(id) => Change::PreferenceRemoved(id),
        Kind::OccasionAdded(raw) => Change::OccasionAdded(occasion_draft_back(raw)?),
        Kind::OccasionReplaced(stored::OccasionReplaced { id, occasion }) => {
            Change::OccasionReplaced { id: PartId(id), occasion: occasion_draft_back(must(occasion, "an occasion")?)? }
        }
        Kind::OccasionRemoved(id) => Change::OccasionRemoved(PartId(id)),
        Kind::ConsentRecorded(raw) => Change::ConsentRecorded(consent_back(raw)?),
        Kind::InteractionRecorded(raw) => Change::InteractionRecorded(interaction_back(raw)?),
        Kind::InteractionVoided(raw) => {
            original = Some(Stamp { at: time(raw.record_time)?, by: raw.recorded_by });
            Change::InteractionVoided {
                interaction: interaction_back(must(raw.interaction, "an interaction")?)?,
                reason: raw.reason,
            }
        }
        Kind::HistoryTrimmed(stored::HistoryTrimmed { dropped, horizon }) => {
            Change::HistoryTrimmed { dropped, horizon: time(horizon)? }
        }
        Kind::IssueOpened(raw) => Change::IssueOpened(moments::issue_draft_back(raw)?),
        Kind::IssueAssigned(stored::IssueAssigned { id, owner }) => Change::IssueAssigned { id: PartId(id), owner },
        Kind::IssueResolved(stored::IssueResolved { id, resolution }) => {
            Change::IssueResolved { id: PartId(id), resolution }
        }
        Kind::IssueReopened(stored::IssueReopened { id, reason }) => Change::IssueReopened { id: PartId(id), reason },
        Kind::FollowUpPromised(raw) => Change::FollowUpPromised(moments::follow_up_draft_back(raw)?),
        Kind::FollowUpCompleted(stored::FollowUpCompleted { id, kept, rating }) => {
            Change::FollowUpCompleted { id: PartId(id), kept, rating: moments::rating_back(rating)? }
        }
        Kind::GestureGiven(raw) => Change::GestureGiven(moments::gesture_draft_back(raw)?),
        Kind::GestureApproved(stored::GestureApproved { id, role, drawn_on }) => {
            let drawn_on = drawn_on.map(moments::drawn_on_back).transpose()?;
            Change::GestureApproved { id: PartId(id), role: moments::role_back(&role)?, drawn_on }
        }
        Kind::GestureCancelled(stored::GestureCancelled { id, reason }) => {
            Change::GestureCancelled { id: PartId(id), reason }
        }
        Kind::GestureOutcomeRecorded(stored::GestureOutcomeRecorded { id, outcome }) => {
            Change::GestureOutcomeRecorded { id: PartId(id), outcome: GestureOutcome::from_number(outcome)? }
        }
    };
    Ok(Entry { change, stamp: Stamp { at: time(at)?, by }, fingerprint, original })
}

fn interaction(value: &Interaction) -> stored::Interaction {
    stored::Interaction {
        source: value.source.as_str().to_owned(),
        external_id: value.external_id.clone(),
        kind: kind_number(value.kind),
        venue: value.venue.as_str().to_owned(),
        occur_time: nanos(value.occur_time),
        local_date: EPOCH.until(value.local.date).map_or(0, |span| span.get_days()),
        local_hour: u32::from(value.local.hour.unsigned_abs()),
        purchase: value.purchase.as_ref().map(purchase),
        visit_external_id: value.visit_external_id.clone(),
        text: value.text.clone(),
        feedback: value.feedback.map(|Feedback { score, scale_min, scale_max }| stored::Feedback {
            score,
            scale_min,
            scale_max,
        }),
        referred: value.referred.map(|referred| referred.as_bytes().to_vec()).unwrap_or_default(),
    }
}

fn kind_number(kind: InteractionKind) -> u32 {
    match kind {
        InteractionKind::Purchase => 1,
        InteractionKind::Visit => 2,
        InteractionKind::Contact => 3,
        InteractionKind::Feedback => 4,
        InteractionKind::Referral => 5,
    }
}

fn kind_back(number: u32) -> Result<InteractionKind> {
    match number {
        1 => Ok(InteractionKind::Purchase),
        2 => Ok(InteractionKind::Visit),
        3 => Ok(InteractionKind::Contact),
        4 => Ok(InteractionKind::Feedback),
        5 => Ok(InteractionKind::Referral),
        _ => Err(damaged("a kind of interaction")),
    }
}

fn purchase(value: &Purchase) -> stored::Purchase {
    stored::Purchase {
        lines: value.lines.iter().map(line).collect(),
        currency: value.total.currency.as_str().to_owned(),
        total_minor_units: value.total.minor_units,
        party_size: value.party_size,
    }
}

fn line(value: &Line) -> stored::Line {
    stored::Line {
        item: value.item.clone(),
        category: value.category.clone(),
        quantity: value.quantity,
        amount_minor_units: value.amount_minor_units,
        seat: value.seat.clone(),
    }
}

fn line_back(raw: stored::Line) -> Result<Line> {
    let stored::Line { item, category, quantity, amount_minor_units, seat } = raw;
    Ok(Line { item, category, quantity, amount_minor_units, seat })
}

fn purchase_back(raw: stored::Purchase) -> Result<Purchase> {
    let currency = Currency::parse("currency", &raw.currency).map_err(|_| damaged("a currency"))?;
    Ok(Purchase {
        lines: all(raw.lines, line_back)?,
        total: Money { currency, minor_units: raw.total_minor_units },
        party_size: raw.party_size,
    })
}

fn feedback_back(raw: stored::Feedback) -> Feedback {
    let stored::Feedback { score, scale_min, scale_max } = raw;
    Feedback { score, scale_min, scale_max }
}

fn referred_back(raw: &[u8]) -> Result<Option<CustomerId>> {
    if raw.is_empty() {
        return Ok(None);
    }
    raw.try_into().map(|bytes| Some(CustomerId::from_bytes(bytes))).map_err(|_| damaged("a customer"))
}

fn interaction_back(raw: stored::Interaction) -> Result<Interaction> {
    let hour = i8::try_from(raw.local_hour).map_err(|_| damaged("an hour"))?;
    let date = EPOCH
        .checked_add(jiff::Span::new().try_days(raw.local_date).map_err(|_| damaged("a date"))?)
        .map_err(|_| damaged("a date"))?;
    Ok(Interaction {
        source: SourceId::parse("source", &raw.source).map_err(|_| damaged("a source"))?,
        external_id: raw.external_id,
        kind: kind_back(raw.kind)?,
        venue: VenueId::parse("venue", &raw.venue).map_err(|_| damaged("a venue"))?,
        occur_time: time(raw.occur_time)?,
        local: LocalMoment { date, hour },
        purchase: raw.purchase.map(purchase_back).transpose()?,
        visit_external_id: raw.visit_external_id,
        text: raw.text,
        feedback: raw.feedback.map(feedback_back),
        referred: referred_back(&raw.referred)?,
    })
}
