//! Every mutation of a profile as data (but for what `settle_level` notes, and the tokens that a restore draws). A plan lists
//! them; the history gets all but `HistoryTrimmed`, keeps a bounded number, and is part of an export. "The caller" is who calls the
//! service; what must be done beside a change is done by the use case that plans it.

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
        visits_left::VisitsLeft,
    },
    profile::{Details, ProfileIdentity},
};

/// One mutation of one profile.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// The details as they are from now on.
    DetailsSet(Details),
    /// The use case has placed its hold. An identity that has expired is replaced; so is a valid one under the same token, to change
    /// its expiry. Any other that the customer has is refused.
    IdentityAdded(ProfileIdentity),
    /// The use case releases the identity's entry after its commit; the commit has the task for the index worker too, in case that
    /// fails.
    IdentityRemoved(Identity),
    /// One that reports the same as an active one (`PrecautionDraft::is_same_as`) updates that one, and the receipt has the id of
    /// that one; if the texts of both are too long for one, it is added beside it. Refused only if active ones take all places.
    PrecautionAdded(PrecautionDraft),
    /// A dangerous one is refuted, resolved or marked as entered in error only by a second person.
    PrecautionReviewed {
        /// Of an active precaution.
        id: PartId,
        /// What it is from now on.
        status: PrecautionStatus,
        /// In the reviewer's words; read with the profile, not in a briefing, until another review, or a report that changes the
        /// precaution, takes its place.
        reason: String,
    },
    /// The customer was asked for precautions at this time, whatever the answer; the latest time counts.
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
    /// One that was decided before the consent on record about its purpose leaves that as it is; it is committed, and in the history,
    /// all the same.
    ConsentRecorded(Consent),
    /// The use case knows that it is not in the history yet, and happened after the horizon.
    InteractionRecorded(Interaction),
    /// The interaction as it was recorded; the use case knows that it is not voided yet.
    InteractionVoided {
        /// With the business date and hour that were counted.
        interaction: Interaction,
        /// In the caller's words; kept in the history, and listed with the voided interaction.
        reason: String,
        /// `None`: it is neither the first visit nor the latest, or the history does not say.
        left: Option<VisitsLeft>,
    },
    /// The history was trimmed: what happened up to `horizon` is no longer recognised, unless it is still there.
    HistoryTrimmed {
        /// How many the history has lost.
        dropped: u32,
        /// When the newest of them happened.
        horizon: Timestamp,
    },
    /// At the limit, the issue that was resolved first is dropped; refused if all are open.
    IssueOpened(IssueDraft),
    /// An open issue has another owner from now on.
    IssueAssigned {
        /// Of an open issue.
        id: PartId,
        /// Who is to solve it: any name of 1 to 64 characters; nothing looks it up.
        owner: String,
    },
    /// An open issue is resolved. Unless the customer has died or is barred, the same plan has a `FollowUpPromised` of kind
    /// `AfterIssue`: the call after it.
    IssueResolved {
        /// Of an open issue.
        id: PartId,
        /// What was done, in the caller's words.
        resolution: String,
    },
    /// A resolved issue is open again, from now on; the call that its resolution promised, if it is still owed, is dropped.
    IssueReopened {
        /// Of a resolved issue.
        id: PartId,
        /// In the caller's words; for the history alone.
        reason: String,
    },
    /// Something is owed to the customer by a time; refused if they have died or are barred. At the limit, what was completed first
    /// is dropped; refused if all are open.
    FollowUpPromised(FollowUpDraft),
    /// A follow-up is owed no more: it was done, or will not be. With a delivery that was done, its gesture is delivered.
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
    /// If it costs something, the use case has reserved the cost, under the approver's authority.
    GestureApproved {
        /// Of a proposal.
        id: PartId,
        /// The approver's.
        role: RoleId,
        /// As in `GestureDraft`.
        drawn_on: Option<DrawnOn>,
    },
    /// A gesture that was not delivered is taken back. If its cost was spent, the use case returns it by holds of its own to
    /// those of its budgets whose period is not long over.
    GestureCancelled {
        /// Of a gesture that is proposed or given.
        id: PartId,
        /// In the caller's words; for the history alone.
        reason: String,
    },
    /// How the customer took a gesture; a later outcome replaces an earlier one.
    GestureOutcomeRecorded {
        /// Of a gesture that is given or delivered.
        id: PartId,
        /// Declined: the ledger counts it as declined, and no longer as given; its delivery is owed no more. Else it is delivered.
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
    /// The customer is barred; the latest bar counts.
    BarSet(Bar),
    /// The bar is taken away.
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
