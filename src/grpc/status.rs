//! The one table from errors to statuses.
//!
//! Every status carries an ErrorInfo (reason, our domain, metadata for each value in the text), a BadRequest for fields,
//! and a RetryInfo where a retry helps. The text says what to do. Causes are logged here and never leave; those of a
//! store that fails every call, once a second for each kind of fault, and those that only the operator can remove, once a
//! minute. Every refusal is a line too: once a second for each method, code and reason, with a count.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, FieldViolation, StatusExt};

use super::{advice, methods::Method};
use crate::{
    domain::{Violation, briefing::WithheldReason, gesture::Veto},
    log_throttle::{BETWEEN_LINES, CauseThrottle, LogThrottle},
    proto,
    service::error::Error,
    store::StoreError,
};

/// The ErrorInfo domain of every error.
const DOMAIN: &str = "rapport";
/// The retry delay after a conflict, which is over in a moment.
const RETRY_SOON: Duration = Duration::from_millis(50);
/// The retry delay while the store is away.
const RETRY_LATER: Duration = Duration::from_secs(1);
/// How often the log repeats what only the operator can set right. Readiness is told at once.
const REMIND: Duration = Duration::from_mins(1);

/// Why a call is refused: by the layers and conversions before the use case, or by the use case itself.
#[derive(Debug)]
pub enum CallError {
    Service(Error),
    /// The tenant asserted in metadata is not the verified one.
    TenantMismatch,
    /// The value of this metadata key is not a valid name.
    Metadata(&'static str),
    /// The value of this metadata key has the number of a payment card.
    MetadataOfCard(&'static str),
    /// This metadata key is given more than once: nobody can say which of its values is meant.
    MetadataRepeated(&'static str),
    /// The value of `grpc-timeout` is not valid.
    TimeoutMalformed,
    /// The deadline of the call has passed: the caller's, or the server's limit.
    DeadlinePassed,
    /// A message over the size limit, as sent or decompressed, or with lists that take too much memory.
    MessageTooLarge,
    /// This connection, this caller, or all together are sending as many bytes as may be under way.
    TooMuchInFlight,
    /// Answers of so many bytes wait for this connection, this peer, or all together, that no more are made for them.
    AnswersNotTaken,
    /// The answer has no room for more of the items that were asked for.
    AnswerFull,
    /// This caller calls the method too often; how long until it may again.
    TooManyCalls(Duration),
    /// A method or a compression that this server does not have.
    NotOffered,
    /// Bytes that are not a valid message, or several messages where one is taken.
    MessageMalformed,
    /// A handler panicked.
    Panicked,
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

impl Row {
    fn into_status(self) -> Status {
        let metadata: HashMap<String, String> =
            self.metadata.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        let mut details = ErrorDetails::with_error_info(self.reason, DOMAIN, metadata);
        if !self.fields.is_empty() {
            let violations = self.fields.iter().flat_map(Violation::each).map(|(field, message)| FieldViolation {
                field,
                description: message.to_owned(),
                reason: self.reason.to_owned(),
                localized_message: None,
            });
            details.set_bad_request(violations.collect::<Vec<_>>());
        }
        if let Some(after) = self.retry {
            details.set_retry_info(Some(after));
        }
        Status::with_error_details(self.code, self.text, details)
    }
}

impl From<Error> for CallError {
    fn from(error: Error) -> Self {
        Self::Service(error)
    }
}

impl From<Violation> for CallError {
    fn from(violation: Violation) -> Self {
        Self::Service(violation.into())
    }
}

/// The status of a call that is refused, with a line in the log. `None`: no method of the contract.
pub fn refuse(method: Option<&'static Method>, error: impl Into<CallError>) -> Status {
    static LINES: LogThrottle<(&str, i32, &str)> = LogThrottle::new();
    let row = row(error.into());
    let method = method.map_or("unknown", |method| method.path);
    if let Some(suppressed) = LINES.allow((method, row.code as i32, row.reason), Instant::now()) {
        tracing::info!(rpc.method = method, rpc.code = ?row.code, rpc.reason = row.reason, suppressed, "a call was refused");
    }
    row.into_status()
}

/// A refusal by tonic itself, in the words of the table. Statuses with details, and those of other services (health,
/// reflection), stay what they are.
pub fn complete(method: Option<&'static Method>, given: Status) -> Status {
    // tonic uses few codes, each for one kind of refusal.
    let error = match given.code() {
        _ if !given.details().is_empty() => return given,
        Code::OutOfRange | Code::ResourceExhausted => CallError::MessageTooLarge,
        Code::Unimplemented => CallError::NotOffered,
        Code::Internal => CallError::MessageMalformed,
        _ => return given,
    };
    refuse(method, error)
}

/// The same for one item of a request.
pub fn item_error(error: impl Into<CallError>) -> proto::ItemError {
    let row = row(error.into());
    let field = row.fields.first().map(|violation| violation.field.clone()).unwrap_or_default();
    let retry_delay = row.retry.and_then(|after| after.try_into().ok());
    proto::ItemError { code: row.code as i32, reason: row.reason.to_owned(), field, message: row.text, retry_delay }
}

/// The same, at this field unless the error names one.
pub fn item_error_at(field: &str, error: Error) -> proto::ItemError {
    let mut error = item_error(error);
    if error.field.is_empty() {
        field.clone_into(&mut error.field);
    }
    error
}

/// A row whose text has the same name in [`advice`].
macro_rules! advised {
    ($code:ident, $reason:ident) => {
        Row::new(Code::$code, stringify!($reason), advice::$reason)
    };
}

fn row(error: CallError) -> Row {
    match error {
        CallError::Service(error) => service_row(error),
        CallError::TenantMismatch => Row::new(
            Code::PermissionDenied,
            "TENANT_MISMATCH",
            "rapport-tenant is not the tenant of your credentials: leave it out",
        ),
        CallError::Metadata(key) => Row::new(
            Code::InvalidArgument,
            "METADATA_INVALID",
            format!("the metadata {key} must be 1 to 64 characters of letters, digits and \"._-\""),
        )
        .field(key, "must be 1 to 64 characters of letters, digits and \"._-\""),
        CallError::MetadataOfCard(key) => Row::new(
            Code::InvalidArgument,
            "METADATA_INVALID",
            format!("the metadata {key} must be a name, and no payment card's number: send the name"),
        )
        .field(key, "must not contain payment card data: send the name"),
        CallError::MetadataRepeated(key) => Row::new(
            Code::InvalidArgument,
            "METADATA_INVALID",
            format!("the metadata {key} is given more than once: send it once"),
        )
        .field(key, "must be given once"),
        CallError::TimeoutMalformed => advised!(InvalidArgument, TIMEOUT_MALFORMED)
            .field("grpc-timeout", "must be 1 to 8 digits and a unit: H, M, S, m, u or n"),
        CallError::DeadlinePassed => advised!(DeadlineExceeded, DEADLINE_PASSED),
        CallError::MessageTooLarge => advised!(ResourceExhausted, MESSAGE_TOO_LARGE),
        CallError::TooMuchInFlight => advised!(ResourceExhausted, TOO_MUCH_IN_FLIGHT).retry(RETRY_LATER),
        CallError::AnswersNotTaken => advised!(ResourceExhausted, ANSWERS_NOT_TAKEN).retry(RETRY_LATER),
        CallError::AnswerFull => advised!(ResourceExhausted, ANSWER_FULL),
        CallError::TooManyCalls(after) => advised!(ResourceExhausted, TOO_MANY_CALLS).retry(after),
        CallError::NotOffered => advised!(Unimplemented, NOT_OFFERED),
        CallError::MessageMalformed => advised!(Internal, MESSAGE_MALFORMED),
        CallError::Panicked => advised!(Internal, INTERNAL),
    }
}

fn service_row(error: Error) -> Row {
    match error {
        Error::Invalid(violations) => invalid(violations),
        Error::RequestIdReused => {
            advised!(InvalidArgument, REQUEST_ID_REUSED).field("request_id", "was used for another request")
        }
        Error::InteractionDiffers => {
            advised!(InvalidArgument, INTERACTION_DIFFERS).field("external_id", "was recorded with other content")
        }
        Error::CustomerNotFound => advised!(NotFound, CUSTOMER_NOT_FOUND),
        Error::EntryNotFound(what) => {
            let text = format!("the customer has no such {what}: read the customer, and name one that is there");
            Row::new(Code::NotFound, "PART_NOT_FOUND", text).with("what", what)
        }
        Error::ItemNotFound => advised!(NotFound, ITEM_NOT_FOUND),
        fault @ (Error::PolicyNotFound | Error::PolicyDamaged(_) | Error::PolicyLost(_)) => policy_row(&fault),
        Error::IdentityTaken { field } => {
            let text = format!("{field} belongs to another customer: find it with LookupCustomer");
            Row::new(Code::AlreadyExists, "IDENTITY_TAKEN", text).with("field", field)
        }
        Error::TooManyUnknown { after } => advised!(ResourceExhausted, TOO_MANY_UNKNOWN).retry(after),
        Error::IdentityHeld { field } => {
            let text = format!("{field} is just being taken by another request: try again");
            Row::new(Code::Aborted, "IDENTITY_HELD", text).retry(RETRY_SOON).with("field", field)
        }
        Error::IdentityUnknown => advised!(NotFound, IDENTITY_UNKNOWN).field("identity", "is not known"),
        Error::IdentityAmbiguous => {
            advised!(FailedPrecondition, IDENTITY_AMBIGUOUS).field("identity", "is shared by several customers")
        }
        Error::CustomerExists { customer } => advised!(AlreadyExists, CUSTOMER_EXISTS).with("customer_id", customer),
        Error::CustomerErased => advised!(FailedPrecondition, CUSTOMER_ERASED),
        Error::ErasureUnfinished(cause) => unfinished(&cause),
        Error::EtagMismatch => advised!(Aborted, ETAG_MISMATCH),
        Error::Contended => advised!(Aborted, CONTENDED).retry(RETRY_SOON),
        Error::LimitReached { what, max } => {
            let text = format!("there may be at most {max} {what}: remove what is no longer needed");
            Row::new(Code::ResourceExhausted, "LIMIT_REACHED", text).with("what", what).with("max", max.to_string())
        }
        Error::SecondPersonNeeded => advised!(FailedPrecondition, SECOND_PERSON_NEEDED),
        Error::NotActive { what } => {
            let text = format!(
                "the {what} is not active any more, so this cannot be done to it: read it again, or make a new one"
            );
            Row::new(Code::FailedPrecondition, "NOT_ACTIVE", text).with("what", what)
        }
        Error::CustomerDeceased => advised!(FailedPrecondition, CUSTOMER_DECEASED),
        Error::CustomerBarred => advised!(FailedPrecondition, CUSTOMER_BARRED),
        Error::StaffNotNamed => advised!(FailedPrecondition, STAFF_NOT_NAMED),
        Error::BarOfOthers => Row::new(Code::PermissionDenied, "ROLE_NOT_ALLOWED", advice::BAR_OF_OTHERS),
        Error::NotResolved => advised!(FailedPrecondition, NOT_RESOLVED),
        Error::GestureVetoed(veto) => vetoed(veto),
        Error::OverAuthority(over) => {
            let roles: Vec<&str> = over.approving.iter().map(crate::domain::id::RoleId::as_str).collect();
            let limit = over.limit.map_or("", crate::domain::gesture::Limit::name);
            advised!(PermissionDenied, OVER_AUTHORITY)
                .with("approving_role_ids", roles.join(","))
                .with("code", over.code)
                .with("limit", limit)
        }
        Error::BudgetSpent { left } => advised!(ResourceExhausted, BUDGET_SPENT)
            .with("left_minor_units", left.minor_units.to_string())
            .with("currency_code", left.currency.as_str()),
        Error::Withheld(why) => withheld(why),
        Error::RevisionNotReached => advised!(Unavailable, REVISION_NOT_REACHED).retry(RETRY_SOON),
        Error::Store(fault) => store_row(fault),
        Error::Internal => advised!(Internal, INTERNAL),
    }
}

fn vetoed(veto: Veto) -> Row {
    let row = advised!(FailedPrecondition, GESTURE_VETOED);
    let row = match veto.of_words {
        Some(field) => row.field(field, advice::WORDS_VETOED),
        None => row,
    };
    row.with("dimension", veto.dimension.name()).with("code", veto.code)
}

fn withheld(why: WithheldReason) -> Row {
    match why {
        WithheldReason::Purpose => advised!(PermissionDenied, PURPOSE_NOT_ALLOWED),
        WithheldReason::Consent => advised!(PermissionDenied, CONSENT_MISSING),
        WithheldReason::Role => advised!(PermissionDenied, ROLE_NOT_ALLOWED),
        WithheldReason::StoreUnfit => advised!(Unavailable, STORE_UNFIT),
        WithheldReason::StoreUnreachable => advised!(PermissionDenied, STORE_UNREACHABLE),
    }
}

/// The text names the first field; the details name all.
fn invalid(violations: Vec<Violation>) -> Row {
    let text = match violations.first() {
        Some(first) => format!("{} {}", first.field, first.message),
        None => "the request is not valid".to_owned(),
    };
    let mut row = Row::new(Code::InvalidArgument, "FIELD_INVALID", text);
    row.fields = violations;
    row
}

/// A line about the store: once in a while for each kind of fault, and at once for each new cause.
macro_rules! log_fault {
    ($level:ident, $between:expr, $cause:expr, $text:literal) => {{
        static LINES: CauseThrottle = CauseThrottle::every($between);
        if let Some(suppressed) = LINES.allow($cause, Instant::now()) {
            tracing::$level!(store.cause = %$cause, suppressed, $text);
        }
    }};
}

fn unfinished(cause: &str) -> Row {
    log_fault!(warn, BETWEEN_LINES, cause, "an erasure is not finished; the index worker goes on with it");
    advised!(Unavailable, ERASURE_UNFINISHED).retry(RETRY_LATER)
}

fn policy_row(fault: &Error) -> Row {
    if matches!(fault, Error::PolicyNotFound) {
        return advised!(NotFound, POLICY_NOT_FOUND);
    }
    log_fault!(error, BETWEEN_LINES, &fault.to_string(), "there is no policy to serve by");
    match fault {
        Error::PolicyLost(_) => advised!(DataLoss, POLICY_LOST),
        _ => advised!(DataLoss, POLICY_DAMAGED),
    }
}

fn store_row(fault: StoreError) -> Row {
    match fault {
        StoreError::Conflict | StoreError::HoldRefused => {
            Row::new(Code::Aborted, "CONTENDED", "another writer was quicker: try again").retry(RETRY_SOON)
        }
        StoreError::Unavailable(cause) => {
            log_fault!(warn, BETWEEN_LINES, &cause, "the store is unavailable");
            Row::new(
                Code::Unavailable,
                "STORE_UNAVAILABLE",
                "the store cannot be reached; nothing was changed: try again",
            )
            .retry(RETRY_LATER)
        }
        StoreError::Misconfigured(cause) => {
            log_fault!(error, REMIND, &cause, "the store is misconfigured");
            advised!(Unavailable, STORE_MISCONFIGURED)
        }
        StoreError::Unfit(cause) | StoreError::Evicting(cause) => {
            log_fault!(error, BETWEEN_LINES, &cause, "the store is not fit");
            advised!(Unavailable, STORE_UNFIT).retry(RETRY_LATER)
        }
        StoreError::Unknown(cause) => {
            log_fault!(warn, BETWEEN_LINES, &cause, "the outcome of a write is unknown");
            Row::new(
                Code::Unavailable,
                "OUTCOME_UNKNOWN",
                "the store did not answer: the write may or may not have happened; repeat it with the same request_id",
            )
            .retry(RETRY_LATER)
        }
        StoreError::Full(cause) => {
            log_fault!(error, BETWEEN_LINES, &cause, "the store is full");
            Row::new(
                Code::ResourceExhausted,
                "STORE_FULL",
                "the store has no room: nothing was changed; tell its operator",
            )
        }
        fault @ StoreError::UpgradeNeeded { needed, written } => {
            log_fault!(warn, REMIND, &fault.to_string(), "the store is written in an older format");
            advised!(FailedPrecondition, UPGRADE_NEEDED)
                .with("format_needed", needed.to_string())
                .with("format_written", written.to_string())
        }
        StoreError::Corrupt(cause) => {
            log_fault!(error, BETWEEN_LINES, &cause, "stored data is damaged");
            Row::new(
                Code::DataLoss,
                "DATA_DAMAGED",
                "what is stored of this customer cannot be read: tell the operator",
            )
        }
    }
}

#[cfg(test)]
#[path = "status_tests.rs"]
mod tests;
