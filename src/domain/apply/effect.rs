//! What a change did, for the history, the log and the receipt.

use crate::domain::{kernel::id::PartId, profile::Profile};

/// What a change did besides changing the profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Effect {
    pub touched: TouchedParts,
    /// The entry with a number that the change made; or the precaution that it updated instead of adding another.
    pub created: Option<PartId>,
}

/// The parts of a profile that a change touched: a set of bits, stored in each log entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TouchedParts(pub u32);

impl TouchedParts {
    /// No part.
    pub const NONE: Self = Self(0);
    /// Kind, name and language.
    pub const DETAILS: Self = Self(1);
    /// `Profile::identities`.
    pub const IDENTITIES: Self = Self(1 << 1);
    /// `Profile::precautions`, and when the customer was asked for them.
    pub const PRECAUTIONS: Self = Self(1 << 2);
    /// `Profile::preferences`.
    pub const PREFERENCES: Self = Self(1 << 3);
    /// `Profile::occasions`.
    pub const OCCASIONS: Self = Self(1 << 4);
    /// `Profile::consents`.
    pub const CONSENTS: Self = Self(1 << 5);
    /// The counts of interactions, feedback and referrals.
    pub const HABITS: Self = Self(1 << 6);
    /// The customer was erased: there is no profile any more.
    pub const ERASED: Self = Self(1 << 7);
    /// Issues and follow-ups.
    pub const RECOVERY: Self = Self(1 << 8);
    /// Gestures and their ledger.
    pub const GESTURES: Self = Self(1 << 9);

    /// Both sets together.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether all of `other` are in it.
    pub fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

pub(super) fn touched(parts: TouchedParts) -> Effect {
    Effect { touched: parts, created: None }
}

pub(super) fn made(parts: TouchedParts, id: PartId) -> Effect {
    Effect { touched: parts, created: Some(id) }
}

/// Takes the number of the next entry.
pub(super) fn next_part(profile: &mut Profile) -> PartId {
    let id = PartId(profile.next_part);
    profile.next_part = profile.next_part.saturating_add(1);
    id
}
