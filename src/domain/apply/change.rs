//! Every mutation of a profile, as data. History, import and merge carry these.

use crate::domain::{
    kernel::{
        id::{PartId, RoleId},
        time::Timestamp,
    },
    parts::{
        consent::Consent,
        follow_up::FollowUpDraft,
        identity::Identity,
        interaction::Interaction,
        issue::IssueDraft,
        ledger::{DrawnOn, GestureDraft, GestureOutcome},
        occasion::OccasionDraft,
        precaution::{PrecautionDraft, PrecautionStatus},
        preference::Evidence,
    },
    profile::{Details, OwnIdentity},
};

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
    /// By [`Subject::preference_id`](super::super::parts::preference::Subject::preference_id).
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
