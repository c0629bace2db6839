//! The one table from errors to statuses.
//!
//! Every status carries an ErrorInfo (reason, our domain, metadata for each value in the text), a BadRequest for fields,
//! and a RetryInfo where a retry helps. The text says what to do. Causes are logged here and never leave; those of a
//! store that is away, which fails every call, once a second.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, FieldViolation, StatusExt};

use super::seldom::Seldom;
use crate::{
    domain::{Violation, briefing::WithheldReason},
    proto,
    service::error::Error,
    store::StoreError,
};

/// The ErrorInfo domain of every error.
const DOMAIN: &str = "rapport";
/// A collision is over in a moment.
const RETRY_SOON: Duration = Duration::from_millis(50);
/// A store that is away needs a while.
const RETRY_LATER: Duration = Duration::from_secs(1);

/// What the wire itself refuses, or a use case's error.
#[derive(Debug)]
pub enum Fault {
    Service(Error),
    /// The tenant asserted in metadata is not the verified one.
    TenantMismatch,
    /// A metadata key that cannot be a name.
    Metadata(&'static str),
}

/// One row of the table.
struct Row {
    code: Code,
    reason: &'static str,
    text: String,
    retry: Option<Duration>,
    fields: Vec<Violation>,
    metadata: Vec<(&'static str, String)>,
}

impl Row {
    fn new(code: Code, reason: &'static str, text: impl Into<String>) -> Self {
        Self { code, reason, text: text.into(), retry: None, fields: Vec::new(), metadata: Vec::new() }
    }

    fn retry(mut self, after: Duration) -> Self {
        self.retry = Some(after);
        self
    }

    fn field(mut self, field: &str, text: &str) -> Self {
        self.fields.push(Violation::new(field, text));
        self
    }

    fn with(mut self, key: &'static str, value: impl Into<String>) -> Self {
        self.metadata.push((key, value.into()));
        self
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Service(error)
    }
}

impl From<Violation> for Fault {
    fn from(violation: Violation) -> Self {
        Self::Service(violation.into())
    }
}

/// The status of a fault.
pub fn status(fault: impl Into<Fault>) -> Status {
    let row = row(fault.into());
    let metadata: HashMap<String, String> =
        row.metadata.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    let mut details = ErrorDetails::with_error_info(row.reason, DOMAIN, metadata);
    if !row.fields.is_empty() {
        let violations = row.fields.into_iter().map(|violation| FieldViolation {
            field: violation.field,
            description: violation.message,
            reason: row.reason.to_owned(),
            localized_message: None,
        });
        details.set_bad_request(violations.collect::<Vec<_>>());
    }
    if let Some(after) = row.retry {
        details.set_retry_info(Some(after));
    }
    Status::with_error_details(row.code, row.text, details)
}

/// The same for one item of a request.
pub fn item_error(error: Error) -> proto::ItemError {
    let row = row(Fault::Service(error));
    let field = row.fields.first().map(|violation| violation.field.clone()).unwrap_or_default();
    proto::ItemError { code: row.code as i32, reason: row.reason.to_owned(), field, message: row.text }
}

fn row(fault: Fault) -> Row {
    match fault {
        Fault::Service(error) => service_row(error),
        Fault::TenantMismatch => Row::new(
            Code::PermissionDenied,
            "TENANT_MISMATCH",
            "rapport-tenant is not the tenant of your credentials: leave it out",
        ),
        Fault::Metadata(key) => Row::new(
            Code::InvalidArgument,
            "METADATA_INVALID",
            format!("the metadata {key} must be 1 to 64 characters of letters, digits and \"._-\""),
        )
        .field(key, "must be 1 to 64 characters of letters, digits and \"._-\""),
    }
}

fn service_row(error: Error) -> Row {
    use Code::*;
    match error {
        Error::Invalid(violations) => invalid(violations),
        Error::RequestIdReused => request_id_reused(),
        Error::InteractionDiffers => interaction_differs(),
        Error::CustomerNotFound => Row::new(NotFound, "CUSTOMER_NOT_FOUND", "there is no customer with this id"),
        Error::PartNotFound(what) => {
            Row::new(NotFound, "PART_NOT_FOUND", format!("the customer has no such {what}")).with("what", what)
        }
        Error::PolicyNotFound => {
            Row::new(NotFound, "POLICY_NOT_FOUND", "there is no such version of the policy: set one with SetPolicy")
        }
        Error::IdentityTaken { field } => identity_taken(field),
        Error::IdentityHeld { field } => identity_held(field),
        Error::IdentityUnknown => identity_unknown(),
        Error::IdentityAmbiguous => identity_ambiguous(),
        Error::CustomerExists { customer } => Row::new(
            AlreadyExists,
            "CUSTOMER_EXISTS",
            "this request created a customer before: read that one, or use a new request_id",
        )
        .with("customer_id", customer),
        Error::CustomerErased => Row::new(
            FailedPrecondition,
            "CUSTOMER_ERASED",
            "the customer that this request once created was erased and does not come back: use a new request_id",
        ),
        Error::EtagMismatch => Row::new(
            Aborted,
            "ETAG_MISMATCH",
            "it was changed meanwhile: read it again, decide again, and send the new etag",
        ),
        Error::Contended => {
            Row::new(Aborted, "CONTENDED", "too many writers change this at once: try again").retry(RETRY_SOON)
        }
        Error::LimitReached { what, max } => limit_reached(what, max),
        Error::SecondPersonNeeded => Row::new(
            FailedPrecondition,
            "SECOND_PERSON_NEEDED",
            "a precaution of high or unknown criticality is taken out of service by a second person: ask a colleague",
        ),
        Error::NotActive { what } => not_active(what),
        Error::Withheld(why) => withheld(why),
        Error::RevisionNotReached => Row::new(
            Unavailable,
            "REVISION_NOT_REACHED",
            "the revision of the token is not visible here: try again, or read without the token",
        )
        .retry(RETRY_SOON),
        Error::FeedTokenTooOld => Row::new(
            OutOfRange,
            "FEED_TOKEN_OUT_OF_RANGE",
            "the feed no longer reaches back to this token, or not yet up to it: read everything, then a new token",
        ),
        Error::Store(fault) => store_row(fault),
        Error::Internal => {
            Row::new(Internal, "INTERNAL", "a part of the server failed: try again, and tell its operator")
        }
    }
}

fn identity_taken(field: String) -> Row {
    Row::new(
        Code::AlreadyExists,
        "IDENTITY_TAKEN",
        format!("{field} belongs to another customer: find it with LookupCustomer"),
    )
    .with("field", field)
}

fn identity_held(field: String) -> Row {
    Row::new(Code::Aborted, "IDENTITY_HELD", format!("{field} is just being taken by another request: try again"))
        .retry(RETRY_SOON)
        .with("field", field)
}

fn limit_reached(what: &'static str, max: usize) -> Row {
    Row::new(
        Code::ResourceExhausted,
        "LIMIT_REACHED",
        format!("a customer holds at most {max} {what}: remove what is no longer needed"),
    )
    .with("what", what)
    .with("max", max.to_string())
}

fn not_active(what: &'static str) -> Row {
    Row::new(
        Code::FailedPrecondition,
        "NOT_ACTIVE",
        format!("the {what} is not active any more, so it cannot be reviewed: add a new one"),
    )
    .with("what", what)
}

fn withheld(why: WithheldReason) -> Row {
    let reason = match why {
        WithheldReason::Purpose => "PURPOSE_NOT_ALLOWED",
        WithheldReason::Consent => "CONSENT_MISSING",
        WithheldReason::Role => "ROLE_NOT_ALLOWED",
        WithheldReason::StoreUnreachable => "STORE_UNREACHABLE",
    };
    Row::new(
        Code::PermissionDenied,
        reason,
        "this may not be read for the declared purpose: purpose, role or consent is missing",
    )
}

fn request_id_reused() -> Row {
    Row::new(Code::InvalidArgument, "REQUEST_ID_REUSED", "this request_id was used for another request: use a new one")
        .field("request_id", "was used for another request")
}

fn interaction_differs() -> Row {
    Row::new(
        Code::InvalidArgument,
        "INTERACTION_DIFFERS",
        "this source and external_id were recorded with other content: void that one, or use another external_id",
    )
    .field("external_id", "was recorded with other content")
}

fn identity_unknown() -> Row {
    Row::new(
        Code::NotFound,
        "IDENTITY_UNKNOWN",
        "nobody is known by this identity: create the customer first, or name a customer_id",
    )
    .field("identity", "is not known")
}

fn identity_ambiguous() -> Row {
    Row::new(
        Code::FailedPrecondition,
        "IDENTITY_AMBIGUOUS",
        "several customers share this identity: find out which one it is, and name the customer_id",
    )
    .field("identity", "is shared by several customers")
}

/// The text names the first field; all stand in the details.
fn invalid(violations: Vec<Violation>) -> Row {
    let text = match violations.first() {
        Some(first) => format!("{} {}", first.field, first.message),
        None => "the request is not valid".to_owned(),
    };
    let mut row = Row::new(Code::InvalidArgument, "FIELD_INVALID", text);
    row.fields = violations;
    row
}

fn store_row(fault: StoreError) -> Row {
    match fault {
        StoreError::Conflict | StoreError::HoldRefused => {
            Row::new(Code::Aborted, "CONTENDED", "another writer was quicker: try again").retry(RETRY_SOON)
        }
        StoreError::Unavailable(cause) => {
            static LINES: Seldom = Seldom::new();
            if let Some(unsaid) = LINES.turn(Instant::now()) {
                tracing::warn!(store.cause = %cause, unsaid, "the store is unavailable");
            }
            Row::new(
                Code::Unavailable,
                "STORE_UNAVAILABLE",
                "the store cannot be reached; nothing was changed: try again",
            )
            .retry(RETRY_LATER)
        }
        StoreError::Unknown(cause) => {
            static LINES: Seldom = Seldom::new();
            if let Some(unsaid) = LINES.turn(Instant::now()) {
                tracing::warn!(store.cause = %cause, unsaid, "the outcome of a write is unknown");
            }
            Row::new(
                Code::Unavailable,
                "OUTCOME_UNKNOWN",
                "the store did not answer: the write may or may not have happened; repeat it with the same request_id",
            )
            .retry(RETRY_LATER)
        }
        StoreError::Full(cause) => {
            tracing::error!(store.cause = %cause, "the store is full");
            Row::new(
                Code::ResourceExhausted,
                "STORE_FULL",
                "the store has no room: nothing was changed; tell its operator",
            )
        }
        StoreError::Corrupt(cause) => {
            tracing::error!(store.cause = %cause, "stored data is damaged");
            Row::new(
                Code::DataLoss,
                "DATA_DAMAGED",
                "what is stored of this customer cannot be read: tell the operator",
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_carries_reason_domain_and_what_to_do() {
        let errors = [
            Error::RequestIdReused,
            Error::InteractionDiffers,
            Error::CustomerNotFound,
            Error::PartNotFound("occasion"),
            Error::PolicyNotFound,
            Error::IdentityTaken { field: "identity".into() },
            Error::IdentityHeld { field: "identity".into() },
            Error::IdentityUnknown,
            Error::IdentityAmbiguous,
            Error::CustomerExists { customer: "c".into() },
            Error::CustomerErased,
            Error::EtagMismatch,
            Error::Contended,
            Error::LimitReached { what: "preferences", max: 200 },
            Error::SecondPersonNeeded,
            Error::NotActive { what: "precaution" },
            Error::Withheld(WithheldReason::Purpose),
            Error::RevisionNotReached,
            Error::FeedTokenTooOld,
            Error::Internal,
            StoreError::Conflict.into(),
            StoreError::Unavailable("driver text".into()).into(),
            StoreError::Unknown("driver text".into()).into(),
            StoreError::Full("driver text".into()).into(),
            StoreError::Corrupt("driver text".into()).into(),
            Violation::new("customer_id", "must be given").into(),
        ];
        for error in errors {
            let status = status(error);
            let details = status.get_error_details();
            let info = details.error_info().expect("an ErrorInfo");
            assert_eq!(info.domain, "rapport");
            assert!(info.reason.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_'), "{}", info.reason);
            assert!(status.message().len() > 20, "{}", info.reason);
            assert!(!status.message().contains("driver text"), "{}", info.reason);
            let retriable = matches!(status.code(), Code::Unavailable);
            assert!(!retriable || details.retry_info().is_some(), "{}", info.reason);
        }
    }

    #[test]
    fn a_violation_names_its_field() {
        let status = status(Violation::new("customer.identities[2].value", "must be a telephone number"));
        assert_eq!(status.code(), Code::InvalidArgument);
        let details = status.get_error_details();
        let request = details.bad_request().expect("a BadRequest");
        assert_eq!(request.field_violations[0].field, "customer.identities[2].value");
    }
}
