//! Short ways to write the demo's customers down.

use prost_types::Timestamp;

use crate::proto::{
    CalendarDate, Consent, ConsentState, Criticality, CustomerDetails, CustomerDraft, CustomerKind, EvidenceDraft,
    EvidenceSource, Identity, IdentityType, Interaction, InteractionKind, OccasionDraft, OccasionKind, PersonName,
    PrecautionDraft, PrecautionKind, PrecautionStatus, Purchase, PurchaseLine, Purpose, ReactionSeverity, Stance,
    interaction::Customer,
};

/// Loyalty numbers are of the business's own programme, which needs no name.
const PROGRAMME: &str = "";

pub fn person(full: &str, addressed_as: &str, language: &str, card: &str) -> CustomerDraft {
    let name = PersonName { full: full.into(), addressed_as: addressed_as.into(), pronunciation: String::new() };
    let kind = CustomerKind::Person.into();
    CustomerDraft {
        details: Some(CustomerDetails { kind, name: Some(name), language: language.into(), child: false }),
        identities: vec![identity(IdentityType::Loyalty, card, PROGRAMME)],
        ..CustomerDraft::default()
    }
}

pub fn identity(kind: IdentityType, value: &str, issuer: &str) -> Identity {
    Identity { r#type: kind.into(), value: value.into(), issuer: issuer.into(), expire_time: None }
}

pub fn precaution(kind: PrecautionKind, code: &str, text: &str, criticality: Criticality) -> PrecautionDraft {
    PrecautionDraft {
        kind: kind.into(),
        code: code.into(),
        text: text.into(),
        criticality: criticality.into(),
        severity: ReactionSeverity::Unspecified.into(),
        status: PrecautionStatus::Confirmed.into(),
        ..PrecautionDraft::default()
    }
}

/// What the customer said; it holds everywhere.
pub fn stated(category: &str, item: &str, stance: Stance, when: Timestamp) -> EvidenceDraft {
    EvidenceDraft {
        category: category.into(),
        item: item.into(),
        stance: stance.into(),
        source: EvidenceSource::Stated.into(),
        observe_time: Some(when),
        ..EvidenceDraft::default()
    }
}

/// What staff saw; seen once, it holds only where they saw it.
pub fn observed(category: &str, item: &str, venue: &str, when: Timestamp) -> EvidenceDraft {
    EvidenceDraft {
        source: EvidenceSource::Observed.into(),
        venue_id: venue.into(),
        ..stated(category, item, Stance::Likes, when)
    }
}

pub fn occasion(kind: OccasionKind, date: CalendarDate) -> OccasionDraft {
    OccasionDraft { kind: kind.into(), date: Some(date), ..OccasionDraft::default() }
}

pub fn consent(purpose: Purpose, state: ConsentState, evidence: &str, when: Timestamp) -> Consent {
    Consent { purpose: purpose.into(), state: state.into(), decide_time: Some(when), evidence: evidence.into() }
}

/// How many people shared a purchase.
pub struct Party(pub i32);

/// A purchase by the customer with the loyalty card. `lines`: item, category, amount in minor units.
pub fn purchase(
    card: &str,
    venue: &str,
    key: &str,
    when: Timestamp,
    Party(party_size): Party,
    lines: &[(&str, &str, i64)],
) -> Interaction {
    let lines = lines.iter().map(|(item, category, amount)| PurchaseLine {
        item: (*item).into(),
        category: (*category).into(),
        quantity: 1.0,
        amount_minor_units: *amount,
        seat: String::new(),
    });
    Interaction {
        kind: InteractionKind::Purchase.into(),
        purchase: Some(Purchase { lines: lines.collect(), total: None, party_size }),
        ..happening(card, venue, "demo-till", key, when)
    }
}

/// A stay of the customer with the loyalty card.
pub fn stay(card: &str, venue: &str, key: &str, when: Timestamp) -> Interaction {
    Interaction { kind: InteractionKind::Visit.into(), ..happening(card, venue, "demo-pms", key, when) }
}

fn happening(card: &str, venue: &str, source: &str, key: &str, when: Timestamp) -> Interaction {
    Interaction {
        source: source.into(),
        external_id: format!("{card}/{key}"),
        customer: Some(Customer::Identity(identity(IdentityType::Loyalty, card, PROGRAMME))),
        venue_id: venue.into(),
        occur_time: Some(when),
        ..Interaction::default()
    }
}
