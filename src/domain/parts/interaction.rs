//! Interactions: what happened, known by source and external id.

use super::advocacy::Feedback;
use crate::domain::kernel::{
    id::{CustomerId, SourceId, VenueId},
    money::Money,
    time::Timestamp,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InteractionKind {
    Purchase,
    Visit,
    Contact,
    /// The customer said how they found it.
    Feedback,
    /// The customer brought another one.
    Referral,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    pub item: String,
    pub category: String,
    /// Finite; zero and negative occur in real tills.
    pub quantity: f64,
    pub amount_minor_units: i64,
    pub seat: String,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Purchase {
    pub lines: Vec<Line>,
    /// What was paid: given, or the sum of the lines in the venue's currency.
    pub total: Money,
    pub party_size: u32,
}

/// When something happened on the venue's clock. Computed once from the policy of that moment and kept, so that a
/// void takes back exactly what was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LocalMoment {
    /// The business date.
    pub date: jiff::civil::Date,
    /// The hour on the clock, 0 to 23.
    pub hour: i8,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Interaction {
    pub source: SourceId,
    pub external_id: String,
    pub kind: InteractionKind,
    pub venue: VenueId,
    pub occur_time: Timestamp,
    pub local: LocalMoment,
    /// Present exactly for purchases.
    pub purchase: Option<Purchase>,
    pub visit_external_id: String,
    pub text: String,
    /// Present exactly for feedback.
    pub feedback: Option<Feedback>,
    /// Whom they brought; present exactly for referrals.
    pub referred: Option<CustomerId>,
}

impl Interaction {
    /// Whether it counts as a visit of its own.
    pub fn is_visit(&self) -> bool {
        match self.kind {
            InteractionKind::Purchase => self.visit_external_id.is_empty(),
            InteractionKind::Visit => true,
            InteractionKind::Contact | InteractionKind::Feedback | InteractionKind::Referral => false,
        }
    }
}
