//! Interactions: what happened, known by source and external id.

use super::advocacy::Feedback;
use crate::domain::kernel::{
    id::{CustomerId, SourceId, VenueId},
    money::Money,
    time::Timestamp,
};

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InteractionKind {
    /// Something was bought.
    Purchase,
    /// The customer was there; what was bought then comes as purchases of the visit.
    Visit,
    /// The customer was spoken or written to.
    Contact,
    /// The customer said how they found it.
    Feedback,
    /// The customer brought another one.
    Referral,
}

/// One line of a receipt.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// As the venue names it; its name is its id.
    pub item: String,
    /// As the venue names it; empty: none.
    pub category: String,
    /// Finite; zero and negative occur in real tills.
    pub quantity: f64,
    /// Of the whole line, in the currency of the total; never below zero.
    pub amount_minor_units: i64,
    /// Who at the table had it, as the till names seats; empty: not said.
    pub seat: String,
}

/// What was bought.
#[derive(Debug, Clone, PartialEq)]
pub struct Purchase {
    /// As on the receipt; an item may be on several.
    pub lines: Vec<Line>,
    /// What was paid: given, or the sum of the lines in the venue's currency.
    pub total: Money,
    /// How many were there; 0: not said.
    pub party_size: u32,
}

/// When something happened on the venue's clock. Computed once from the policy of that time and kept, so that a
/// void takes back exactly what was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LocalMoment {
    /// The business date.
    pub date: jiff::civil::Date,
    /// The hour on the clock, 0 to 23.
    pub hour: i8,
}

/// Something that happened between a customer and the business.
#[derive(Debug, Clone, PartialEq)]
pub struct Interaction {
    /// The system that knows it.
    pub source: SourceId,
    /// The system's own key for it: with the source it recognises a repetition.
    pub external_id: String,
    /// Which of the optional parts it has.
    pub kind: InteractionKind,
    /// Where it happened.
    pub venue: VenueId,
    /// When it happened, which may be long before it is recorded.
    pub occur_time: Timestamp,
    /// The same on the venue's clock.
    pub local: LocalMoment,
    /// Present exactly for purchases.
    pub purchase: Option<Purchase>,
    /// Of the visit in the same source that a purchase belongs to; empty: it is a visit of its own.
    pub visit_external_id: String,
    /// What was said, in the words of staff or customer; empty: nothing.
    pub text: String,
    /// Present exactly for feedback.
    pub feedback: Option<Feedback>,
    /// Whom they brought; present exactly for referrals.
    pub referred: Option<CustomerId>,
}

impl Interaction {
    /// Whether the customer was at the venue.
    pub fn was_there(&self) -> bool {
        match self.kind {
            InteractionKind::Purchase | InteractionKind::Visit => true,
            InteractionKind::Contact | InteractionKind::Feedback | InteractionKind::Referral => false,
        }
    }

    /// Whether it tells of the same as another, of the same source and key. When that was on the venue's clock follows from the policy of
    /// the time, and may have changed since.
    pub fn tells_the_same(&self, other: &Self) -> bool {
        let Self {
            source,
            external_id,
            kind,
            venue,
            occur_time,
            local: _,
            purchase,
            visit_external_id,
            text,
            feedback,
            referred,
        } = self;
        (source, external_id, *kind, venue, *occur_time)
            == (&other.source, &other.external_id, other.kind, &other.venue, other.occur_time)
            && (purchase, visit_external_id, text) == (&other.purchase, &other.visit_external_id, &other.text)
            && (feedback, referred) == (&other.feedback, &other.referred)
    }

    /// Whether it counts as a visit of its own.
    pub fn is_visit(&self) -> bool {
        match self.kind {
            InteractionKind::Purchase => self.visit_external_id.is_empty(),
            InteractionKind::Visit => true,
            InteractionKind::Contact | InteractionKind::Feedback | InteractionKind::Referral => false,
        }
    }
}
