//! Everything that a use case can answer instead of a result. The edge turns each into one status.

use crate::{
    domain::{
        Refusal, Violation,
        briefing::WithheldReason,
        gesture::{OverAuthority, Veto},
        money::Money,
    },
    store::StoreError,
};

#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// Fields that break a rule; at least one.
    #[error("the request is not valid")]
    Invalid(Vec<Violation>),
    #[error("the request id was used for another request")]
    RequestIdReused,
    #[error("the interaction was recorded with other content")]
    InteractionDiffers,
    #[error("no such customer")]
    CustomerNotFound,
    #[error("no such {0}")]
    PartNotFound(&'static str),
    #[error("no policy was set")]
    PolicyNotFound,
    #[error("the identity belongs to another customer")]
    IdentityTaken { field: String },
    #[error("the identity is being taken by another request")]
    IdentityHeld { field: String },
    #[error("nobody is known by this identity")]
    IdentityUnknown,
    #[error("several customers share this identity")]
    IdentityAmbiguous,
    #[error("the customer exists")]
    CustomerExists { customer: String },
    #[error("the customer was erased")]
    CustomerErased,
    #[error("the etag does not match")]
    EtagMismatch,
    #[error("too many writers at once")]
    Contended,
    #[error("at most {max} {what}")]
    LimitReached { what: &'static str, max: usize },
    #[error("a second person is needed")]
    SecondPersonNeeded,
    #[error("the {what} is not active")]
    NotActive { what: &'static str },
    #[error("the issue is open")]
    NotResolved,
    #[error("the gesture is vetoed")]
    GestureVetoed(Veto),
    #[error("the role's authority does not reach")]
    OverAuthority(OverAuthority),
    #[error("the budget is spent")]
    BudgetSpent { left: Money },
    /// Purpose or consent does not allow this read.
    #[error("withheld")]
    Withheld(WithheldReason),
    #[error("the revision was not reached")]
    RevisionNotReached,
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A part of the program failed; the cause is in the log.
    #[error("internal")]
    Internal,
}

pub type Result<T> = std::result::Result<T, Error>;

impl From<Violation> for Error {
    fn from(violation: Violation) -> Self {
        Self::Invalid(vec![violation])
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::LimitReached { what, max } => Self::LimitReached { what, max },
            Refusal::Missing { what } => Self::PartNotFound(what),
            Refusal::Duplicate { what, field } => {
                Violation::new(field, format!("must not hold one {what} twice, nor one that the customer has already"))
                    .into()
            }
            Refusal::SecondPersonNeeded => Self::SecondPersonNeeded,
            Refusal::NotActive { what } => Self::NotActive { what },
            Refusal::NotResolved => Self::NotResolved,
        }
    }
}
