//! Every mutation of a profile as data (but for what `settle_level` notes). A plan lists them; the history keeps all but
//! `HistoryTrimmed`, and an export has the history. "The caller" is who calls the service; what must be done beside a change
//! is done by the use case that plans it.

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
        mark::Bar,
        occasion::OccasionDraft,
        precaution::{PrecautionDraft, PrecautionStatus},
        preference::Evidence,
    },
    profile::{Details, ProfileIdentity},
};

/// One mutation of one profile.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// The details as they are from now on.
    DetailsSet(Details),
    /// The use case has placed its hold. An identity that has expired is replaced.
    IdentityAdded(ProfileIdentity),
    /// The use case's commit leaves it to the index worker to release the identity's entry.
    IdentityRemoved(Identity),
    /// One that reports the same as an active one (`PrecautionDraft::is_same_as`) updates that one, whose id is answered; it
    /// stands beside it if the texts of both are too long for one. Refused only if active ones take all places.
    PrecautionAdded(PrecautionDraft),
    /// A dangerous one is refuted, resolved or marked as entered in error only by a second person.
    PrecautionReviewed {
        /// Of an active precaution.
        id: PartId,
        /// What it is from now on.
        status: PrecautionStatus,
        /// In the reviewer's words; shown with the precaution.
        reason: String,
    },
    /// The customer was asked for precautions at this time, with any answer; the latest time counts.
    PrecautionsAsked(Timestamp),
    /// Folds into the preference of its subject, which it makes if there is none.
    EvidenceRecorded(Evidence),
    /// By `Subject::preference_id`.
    PreferenceRemoved(String),
    /// Refused as a duplicate if the very same is there.
    OccasionAdded(OccasionDraft),
    /// The occasion as it is from now on, under its id.
    OccasionReplaced {
        /// Of the occasion that is there.
        id: PartId,
        /// Whole: nothing of the old one stays.
        occasion: OccasionDraft,
    },
    /// By its id.
    OccasionRemoved(PartId),
    /// One that was decided before the consent on record changes nothing.
    ConsentRecorded(Consent),
    /// The use case knows that it is not in the history yet, and happened after the horizon.
    InteractionRecorded(Interaction),
    /// The interaction as it was recorded; the use case knows that it is not voided yet.
    InteractionVoided {
        /// With the business date and hour that were counted.
        interaction: Interaction,
        /// In the caller's words; kept in the history, and listed with the voided interaction.
        reason: String,
    },
    /// The history was trimmed: `dropped` interactions up to `horizon` are no longer recognised.
    HistoryTrimmed {
        /// How many the history has lost.
        dropped: u32,
        /// When the newest of them happened.
        horizon: Timestamp,
    },
    /// At the limit, the issue that was resolved first is dropped.
    IssueOpened(IssueDraft),
    /// An open issue has another owner from now on.
    IssueAssigned {
        /// Of an open issue.
        id: PartId,
        /// A name or a role.
        owner: String,
    },
    /// An open issue is resolved. The same plan has a `FollowUpPromised` of kind `AfterIssue`: the call after it.
    IssueResolved {
        /// Of an open issue.
        id: PartId,
        /// What was done, in the caller's words.
        resolution: String,
    },
    /// A resolved issue is open again, from now on.
    IssueReopened {
        /// Of a resolved issue.
        id: PartId,
        /// In the caller's words; kept in the history, and answered by no call.
        reason: String,
    },
    /// Something is owed to the customer by a time.
    FollowUpPromised(FollowUpDraft),
    /// Nothing is owed any more: it was done, or will not be.
    FollowUpCompleted {
        /// Of a follow-up that is open.
        id: PartId,
        /// Whether it was done.
        kept: bool,
        /// How satisfied the customer was, 1 to 5; 0: not said.
        rating: u8,
    },
    /// Given, or proposed (`GestureDraft::proposed`). If it is given and costs something, the use case has reserved the cost;
    /// for a proposal nothing is reserved.
    GestureGiven(GestureDraft),
    /// The use case has reserved its cost, under the approver's authority.
    GestureApproved {
        /// Of a proposal.
        id: PartId,
        /// The approver's: its authority was drawn on.
        role: RoleId,
        /// As in `GestureDraft`.
        drawn_on: Option<DrawnOn>,
    },
    /// A gesture that was not delivered is taken back. If its cost was spent, the use case returns it by holds of its own.
    GestureCancelled {
        /// Of a gesture that is proposed or given.
        id: PartId,
        /// In the caller's words; kept in the history, and answered by no call.
        reason: String,
    },
    /// How the customer took a gesture; a later outcome replaces an earlier one.
    GestureOutcomeRecorded {
        /// Of a gesture that was given.
        id: PartId,
        /// Declined: the ledger counts it as declined, and no longer as given.
        outcome: GestureOutcome,
    },
    /// Two people mark the customer, or somebody on record, as deceased; one undoes it.
    DeceasedMarked {
        /// False: it is undone.
        deceased: bool,
        /// Who; empty: the customer.
        of_whom: String,
        /// In the caller's words; for the history alone.
        reason: String,
    },
    /// A manager decides before the customer is seated.
    BarSet(Bar),
    /// The bar is over before its time.
    BarLifted {
        /// In the caller's words; for the history alone.
        reason: String,
    },
}

impl Change {
    /// The letter in the ids of the entries that such a change makes: `p7`, `o2`. `None`: it makes none that has a number.
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
            | Self::GestureOutcomeRecorded { .. }
            | Self::DeceasedMarked { .. }
            | Self::BarSet(_)
            | Self::BarLifted { .. } => None,
        }
    }
}
