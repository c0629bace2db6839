//! Every mutation of a profile, as data. History, import and merge carry these.

use super::{
    Timestamp,
    consent::Consent,
    follow_up::FollowUpDraft,
    gesture::{DrawnOn, GestureDraft, GestureOutcome},
    id::{PartId, RoleId},
    identity::Identity,
    interaction::Interaction,
    issue::IssueDraft,
    occasion::OccasionDraft,
    precaution::{PrecautionDraft, PrecautionStatus},
    preference::Evidence,
    profile::{Details, OwnIdentity},
};

/// Who caused a change: device and staff, as the server knew them. Example: `mara@till-4`.
pub type Author = String;

/// When and by whom.
#[derive(Debug, Clone, PartialEq)]
pub struct Stamp {
    pub at: Timestamp,
    pub by: Author,
}

/// One mutation of one profile.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// The details as they are from now on.
    DetailsSet(Details),
    IdentityAdded(OwnIdentity),
    IdentityRemoved(Identity),
    PrecautionAdded(PrecautionDraft),
    PrecautionReviewed {
        id: PartId,
        status: PrecautionStatus,
        reason: String,
    },
    PrecautionsAsked(Timestamp),
    EvidenceRecorded(Evidence),
    /// By [`super::preference::Subject::preference_id`].
    PreferenceRemoved(String),
    OccasionAdded(OccasionDraft),
    OccasionReplaced {
        id: PartId,
        occasion: OccasionDraft,
    },
    OccasionRemoved(PartId),
    ConsentRecorded(Consent),
    /// The caller knows that it is not in the history yet and not before the horizon.
    InteractionRecorded(Interaction),
    /// The interaction as it was recorded; the caller knows that it is not voided yet.
    InteractionVoided {
        interaction: Interaction,
        reason: String,
    },
    /// The history was trimmed: `dropped` interactions up to `horizon` are no longer recognised.
    HistoryTrimmed {
        dropped: u32,
        horizon: Timestamp,
    },
    IssueOpened(IssueDraft),
    IssueAssigned {
        id: PartId,
        owner: String,
    },
    IssueResolved {
        id: PartId,
        resolution: String,
    },
    IssueReopened {
        id: PartId,
        reason: String,
    },
    FollowUpPromised(FollowUpDraft),
    FollowUpCompleted {
        id: PartId,
        kept: bool,
        /// 1 to 5; 0: not said.
        rating: u8,
    },
    /// The caller has reserved its cost.
    GestureGiven(GestureDraft),
    /// The caller has reserved its cost, under the approver's authority.
    GestureApproved {
        id: PartId,
        role: RoleId,
        /// As in [`GestureDraft`].
        drawn_on: Option<DrawnOn>,
    },
    GestureCancelled {
        id: PartId,
        reason: String,
    },
    GestureOutcomeRecorded {
        id: PartId,
        outcome: GestureOutcome,
    },
}

impl Change {
    /// The letter in the ids of the parts that such a change makes: `p7`, `o2`. `None`: it makes none.
    pub fn part_letter(&self) -> Option<char> {
        match self {
            Self::PrecautionAdded(_) => Some('p'),
            Self::OccasionAdded(_) => Some('o'),
            Self::IssueOpened(_) => Some('i'),
            Self::FollowUpPromised(_) => Some('f'),
            Self::GestureGiven(_) => Some('g'),
            Self::DetailsSet(_)
            | Self::IdentityAdded(_)
            | Self::IdentityRemoved(_)
            | Self::PrecautionReviewed { .. }
            | Self::PrecautionsAsked(_)
            | Self::EvidenceRecorded(_)
            | Self::PreferenceRemoved(_)
            | Self::OccasionReplaced { .. }
            | Self::OccasionRemoved(_)
            | Self::ConsentRecorded(_)
            | Self::InteractionRecorded(_)
            | Self::InteractionVoided { .. }
            | Self::HistoryTrimmed { .. }
            | Self::IssueAssigned { .. }
            | Self::IssueResolved { .. }
            | Self::IssueReopened { .. }
            | Self::FollowUpCompleted { .. }
            | Self::GestureApproved { .. }
            | Self::GestureCancelled { .. }
            | Self::GestureOutcomeRecorded { .. } => None,
        }
    }
}

/// The parts of a profile that a change touched; a set. Each log entry says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sections(pub u32);

impl Sections {
    pub const NONE: Self = Self(0);
    pub const DETAILS: Self = Self(1);
    pub const IDENTITIES: Self = Self(1 << 1);
    pub const PRECAUTIONS: Self = Self(1 << 2);
    pub const PREFERENCES: Self = Self(1 << 3);
    pub const OCCASIONS: Self = Self(1 << 4);
    pub const CONSENTS: Self = Self(1 << 5);
    pub const HABITS: Self = Self(1 << 6);
    pub const ERASED: Self = Self(1 << 7);
    /// Issues and follow-ups.
    pub const RECOVERY: Self = Self(1 << 8);
    /// Gestures and their ledger.
    pub const GESTURES: Self = Self(1 << 9);

    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}
