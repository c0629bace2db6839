//! The briefing: what to respect, how to acknowledge, inform, anticipate and delight; each with its reason and tact.

use super::{
    Profile, Timestamp,
    consent::Purpose,
    id::CustomerId,
    identity::IdentityType,
    money::Money,
    policy::{Policy, Venue},
    precaution::PrecautionState,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tact {
    Say,
    ActQuietly,
    NeverMention,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Text(String),
    Number(i64),
    Ratio(f64),
    Time(Timestamp),
    Money(Money),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// Stable, for programs: `PRECAUTION_ALLERGY`.
    pub code: &'static str,
    pub parameters: Vec<(&'static str, Value)>,
    pub text: String,
    pub reason: String,
    pub tact: Tact,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WithheldReason {
    Purpose,
    Consent,
    Role,
    StoreUnreachable,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withheld {
    pub what: &'static str,
    pub reason: WithheldReason,
}

/// The sections asked for. Respect and headline always are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mask {
    pub acknowledge: bool,
    pub communicate: bool,
    pub anticipate: bool,
    pub delight: bool,
}

impl Mask {
    pub const ALL: Self = Self { acknowledge: true, communicate: true, anticipate: true, delight: true };
}

/// What a briefing is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    pub policy: &'a Policy,
    pub venue: &'a Venue,
    /// The server's clock: decides what is valid.
    pub now: Timestamp,
    /// The moment it is for: moves occasions and anticipation only.
    pub at: Timestamp,
    pub purpose: Purpose,
    pub mask: Mask,
    pub basket: &'a [String],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BriefingState {
    Known,
    FirstVisit,
    Ambiguous,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Briefing {
    pub state: BriefingState,
    pub customer: Option<CustomerId>,
    pub candidates: Vec<CustomerId>,
    pub headline: Vec<Statement>,
    pub precaution_state: PrecautionState,
    pub asked_time: Option<Timestamp>,
    pub respect: Vec<Statement>,
    pub acknowledge: Vec<Statement>,
    pub communicate: Vec<Statement>,
    pub anticipate: Vec<Statement>,
    pub delight: Vec<Statement>,
    pub withheld: Vec<Withheld>,
    pub found_by: Option<IdentityType>,
    pub as_of: Timestamp,
    /// The first moment at which the answer would differ. `None` with a basket.
    pub valid_until: Option<Timestamp>,
}

/// The briefing about a known customer.
pub fn brief(_customer: CustomerId, _profile: &Profile, _question: &Question<'_>) -> Briefing {
    todo!()
}

/// Nobody is known: what to ask.
pub fn brief_stranger(_question: &Question<'_>) -> Briefing {
    todo!()
}

/// Several customers share the identity: the union of their precautions, and nothing else of theirs.
pub fn brief_candidates(_candidates: &[(CustomerId, Profile)], _question: &Question<'_>) -> Briefing {
    todo!()
}
