//! One customer, whole.

use super::{
    Timestamp,
    advocacy::Advocacy,
    consent::Consent,
    follow_up::FollowUp,
    gesture::{Gesture, LedgerEntry},
    habits::Habits,
    id::HoldToken,
    identity::Identity,
    issue::Issue,
    occasion::Occasion,
    precaution::{Precaution, PrecautionState},
    preference::Preference,
    recent::short_hash,
    relationship::RelationshipLevel,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CustomerKind {
    #[default]
    Person,
    Household,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Name {
    pub full: String,
    pub addressed_as: String,
    pub pronunciation: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Details {
    pub kind: CustomerKind,
    pub name: Name,
    /// BCP 47; empty: not known.
    pub language: String,
}

/// An identity that the profile has, with the hold under which it was taken.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnIdentity {
    pub identity: Identity,
    pub token: HoldToken,
    pub expire_time: Option<Timestamp>,
}

impl OwnIdentity {
    /// Whether it still finds the customer.
    pub fn valid_at(&self, now: Timestamp) -> bool {
        self.expire_time.is_none_or(|expire| now < expire)
    }
}

/// Everything that is kept of one customer, but for the history.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    pub details: Details,
    pub identities: Vec<OwnIdentity>,
    pub precautions: Vec<Precaution>,
    /// When the customer was last asked for precautions.
    pub asked_time: Option<Timestamp>,
    pub preferences: Vec<Preference>,
    pub occasions: Vec<Occasion>,
    pub consents: Vec<Consent>,
    pub habits: Habits,
    pub issues: Vec<Issue>,
    pub follow_ups: Vec<FollowUp>,
    pub gestures: Vec<Gesture>,
    /// Ordered by type.
    pub ledger: Vec<LedgerEntry>,
    pub advocacy: Advocacy,
    /// The level under which the service review counts the customer; see [`super::review::place`].
    pub counted_at: Option<RelationshipLevel>,
    pub create_time: Timestamp,
    pub update_time: Timestamp,
    /// The number that the next part (precaution, occasion, issue, follow-up, gesture) gets. Never reused.
    pub next_part: u32,
    /// Changes applied so far, interactions excepted: their number in the history.
    pub change_count: u64,
}

impl Profile {
    /// The empty profile of a customer made `now`.
    pub fn new(now: Timestamp) -> Self {
        Self {
            details: Details::default(),
            identities: Vec::new(),
            precautions: Vec::new(),
            asked_time: None,
            preferences: Vec::new(),
            occasions: Vec::new(),
            consents: Vec::new(),
            habits: Habits::default(),
            issues: Vec::new(),
            follow_ups: Vec::new(),
            gestures: Vec::new(),
            ledger: Vec::new(),
            advocacy: Advocacy::default(),
            counted_at: None,
            create_time: now,
            update_time: now,
            next_part: 1,
            change_count: 0,
        }
    }

    /// What is known about precautions as a whole; NOT_ASKED and NONE_KNOWN are different answers. Who was never asked and
    /// named nothing that is eaten or drunk is still to be asked: a wheelchair says nothing about allergies.
    pub fn precaution_state(&self) -> PrecautionState {
        let is_asked = self.asked_time.is_some();
        if self.precautions.iter().any(|known| known.is_active() && (is_asked || known.reported.kind.is_about_food())) {
            PrecautionState::Listed
        } else if is_asked {
            PrecautionState::NoneKnown
        } else {
            PrecautionState::NotAsked
        }
    }

    /// Whether something is on record that must not be eaten or drunk.
    pub fn has_food_precaution(&self) -> bool {
        self.precautions.iter().any(|known| known.is_active() && known.reported.kind.is_about_food())
    }

    pub fn identity(&self, identity: &Identity) -> Option<&OwnIdentity> {
        self.identities.iter().find(|own| own.identity == *identity)
    }

    /// The identity by which somebody looked up is this customer: the one asked for; or that room or table without its venue,
    /// as records of before have it, if the customer was last seen at that venue.
    pub fn found_by(&self, identity: &Identity) -> Option<&OwnIdentity> {
        self.identity(identity).or_else(|| {
            let own = self.identity(&identity.without_venue()?)?;
            let last = self.habits.recent.first()?;
            (last.venue == short_hash(&identity.issuer)).then_some(own)
        })
    }
}
