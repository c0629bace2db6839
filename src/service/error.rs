//! Everything that a use case can answer instead of a result. `grpc/status.rs` turns each into one status.

use std::{sync::Arc, time::Duration};

use crate::{
    domain::{
        Refusal, Violation,
        briefing::WithheldReason,
        gesture::{OverAuthority, Veto},
        money::Money,
    },
    store::StoreError,
};

/// Why a use case did not do what it was asked. `grpc/status.rs` has the status and the advice for each.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// Fields that break a rule; at least one.
    #[error("the request is not valid")]
    Invalid(Vec<Violation>),
    /// The same request id came with another body.
    #[error("the request id was used for another request")]
    RequestIdReused,
    /// The same source and external id came with other content.
    #[error("the interaction was recorded with other content")]
    InteractionDiffers,
    /// The id was never given, or the customer was erased: nobody learns which.
    #[error("no such customer")]
    CustomerNotFound,
    /// The customer has no such precaution, occasion, issue, follow-up, gesture, preference or interaction.
    #[error("no such {0}")]
    EntryNotFound(&'static str),
    /// The venue has none of this id, or had none at the time.
    #[error("no such item")]
    ItemNotFound,
    /// The tenant has set none, or not this version.
    #[error("no policy was set")]
    PolicyNotFound,
    /// The policy in force does not open. The cause is for the log.
    #[error("{0}")]
    PolicyDamaged(Arc<str>),
    /// A policy was set, and is gone. The cause is for the log.
    #[error("{0}")]
    PolicyLost(Arc<str>),
    /// Another customer has the exclusive identity, or as many as may share it do.
    #[error("the identity belongs to another customer")]
    IdentityTaken {
        /// The path in the request.
        field: String,
    },
    /// Another request may be about to take the identity; try again.
    #[error("the identity is being taken by another request")]
    IdentityHeld {
        /// The path in the request.
        field: String,
    },
    /// Found nobody, where a customer is needed.
    #[error("nobody is known by this identity")]
    IdentityUnknown,
    /// The caller asked for too many identities that nobody has.
    #[error("too many unknown identities")]
    TooManyUnknown {
        /// How long until they are answered again.
        after: Duration,
    },
    /// Several customers have the identity, and the call needs exactly one. Look-ups answer with all of them instead.
    #[error("several customers share this identity")]
    IdentityAmbiguous,
    /// The same request made a customer, and is not remembered any more.
    #[error("the customer exists")]
    CustomerExists {
        /// The id of the customer that the same request made.
        customer: String,
    },
    /// The request would make a customer again who was erased.
    #[error("the customer was erased")]
    CustomerErased,
    /// The key of the customer is destroyed, and something of them is still in the store. The cause is for the log.
    #[error("{0}")]
    ErasureUnfinished(Arc<str>),
    /// The customer was changed since the etag was read.
    #[error("the etag does not match")]
    EtagMismatch,
    /// Others were quicker, attempt after attempt.
    #[error("too many writers at once")]
    Contended,
    /// A bound of the profile.
    #[error("at most {max} {what}")]
    LimitReached {
        /// What there are too many of.
        what: &'static str,
        /// How many there may be.
        max: usize,
    },
    /// Who recorded or proposed it may not decide about it.
    #[error("a second person is needed")]
    SecondPersonNeeded,
    /// It was decided, ended or completed before.
    #[error("the {what} is not active")]
    NotActive {
        /// What is over.
        what: &'static str,
    },
    /// Nothing is promised to a customer who is marked as deceased.
    #[error("the customer is marked as deceased")]
    CustomerDeceased,
    /// Nothing is promised to a customer who is barred.
    #[error("the customer is barred")]
    CustomerBarred,
    /// Nobody is named as the member of staff.
    #[error("no member of staff is named")]
    StaffNotNamed,
    /// The policy leaves it to roles that see bars.
    #[error("the role does not end bars")]
    BarOfOthers,
    /// Only a resolved issue can be reopened.
    #[error("the issue is open")]
    NotResolved,
    /// Something speaks against it that no approval overrules.
    #[error("the gesture is vetoed")]
    GestureVetoed(Veto),
    /// Other roles may approve it.
    #[error("the role's authority does not reach")]
    OverAuthority(OverAuthority),
    /// The gesture costs more than the budget has left.
    #[error("the budget is spent")]
    BudgetSpent {
        /// What the budget still has.
        left: Money,
    },
    /// Purpose or consent does not allow this read.
    #[error("withheld")]
    Withheld(WithheldReason),
    /// The store is behind the revision token.
    #[error("the revision was not reached")]
    RevisionNotReached,
    /// The store refused or did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A part of the program failed; the cause is in the log.
    #[error("internal")]
    Internal,
}

/// What a use case answers.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// Whether records cannot be read until an operator has mended the store.
    pub fn is_unfit(&self) -> bool {
        matches!(self, Self::Store(StoreError::Unfit(_)))
    }
}

impl From<Violation> for Error {
    fn from(violation: Violation) -> Self {
        Self::Invalid(vec![violation])
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::LimitReached { what, max } => Self::LimitReached { what, max },
            Refusal::Missing { what } => Self::EntryNotFound(what),
            Refusal::Duplicate { what, field } => {
                Violation::new(field, format!("must not hold one {what} twice, nor one that the customer has already"))
                    .into()
            }
            Refusal::SecondPersonNeeded => Self::SecondPersonNeeded,
            Refusal::NoRoomForText { max } => no_room_for_text("precautions.text", max),
            Refusal::PregnancyOver => pregnancy_over("precautions.basis_time"),
            Refusal::NotActive { what } => Self::NotActive { what },
            Refusal::WhomOfSeveral => {
                Violation::new("of_whom", "must say who it is: the customer is a household of several people").into()
            }
            Refusal::NobodyNamed => {
                Violation::new("of_whom", "must be as an occasion or a precaution of the customer names them").into()
            }
            Refusal::Deceased => Self::CustomerDeceased,
            Refusal::Barred => Self::CustomerBarred,
            Refusal::StaffNotNamed => Self::StaffNotNamed,
            Refusal::OfTheDead => Violation::new(
                "occasion.of_whom",
                "must stay: this person is marked as deceased; MarkCustomer undoes a mark that is wrong, RemoveOccasion removes the day",
            )
            .into(),
            Refusal::DayOfTheDead => Violation::new(
                "occasion.of_whom",
                "must not be marked as deceased: nothing of theirs is celebrated; MarkCustomer undoes a mark that is wrong, another person needs another name",
            )
            .into(),
            Refusal::NotResolved => Self::NotResolved,
        }
    }
}

impl Error {
    /// A refusal of one of several changes of a request, which are in the order of its list.
    pub(super) fn of_change(place: usize, refusal: Refusal) -> Self {
        match refusal {
            Refusal::NoRoomForText { max } => no_room_for_text(&format!("precautions[{place}].text"), max),
            Refusal::PregnancyOver => pregnancy_over(&format!("precautions[{place}].basis_time")),
            other => other.into(),
        }
    }
}

fn pregnancy_over(field: &str) -> Error {
    let wrong = "must say when the customer told of it, after the one on record was over: a pregnancy does not begin anew because it is said again";
    Violation::new(field, wrong).into()
}

fn no_room_for_text(field: &str, max: usize) -> Error {
    let wrong = format!(
        "must fit beside the words on record of the same precaution ({max} characters for both): send what is new, shorter, or nothing; \
         until then nothing of it is taken"
    );
    Violation::new(field, wrong).into()
}
