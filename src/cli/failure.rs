//! Why a command failed, in words that say what to do.

use std::collections::BTreeMap;

use tonic::Code;
use tonic_types::{FieldViolation, StatusExt as _};

use crate::{app::StartError, config::ConfigError};

/// Ends a command; the text goes to standard error.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Called wrongly: arguments or settings.
    #[error("{0}")]
    Usage(String),
    /// Could not be done.
    #[error("{0}")]
    Failed(String),
}

impl Failure {
    /// The process's exit code.
    pub fn code(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            Self::Failed(_) => 1,
        }
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::Usage(error.to_string())
    }
}

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<tonic::Status> for Failure {
    fn from(status: tonic::Status) -> Self {
        Self::Failed(explain(&status))
    }
}

/// The reason of a status, as in google.rpc.ErrorInfo; without one the name of its code.
pub fn reason(status: &tonic::Status) -> String {
    match status.get_details_error_info() {
        Some(info) => info.reason,
        None => format!("{:?}", status.code()).to_uppercase(),
    }
}

/// The first field that a status blames; empty when it blames none.
pub fn field(status: &tonic::Status) -> String {
    let first = status.get_details_bad_request().and_then(|bad| bad.field_violations.into_iter().next());
    first.map_or_else(String::new, |violation| violation.field)
}

/// A status for people: message, reason, and on lines of their own each field at fault and what else the details say.
pub fn explain(status: &tonic::Status) -> String {
    let mut text = match status.code() {
        Code::Unavailable => format!("the service is not available: {}", status.message()),
        Code::DeadlineExceeded => "the service did not answer in time; try again".to_owned(),
        Code::Unimplemented => "the server does not know this call: is it an older release?".to_owned(),
        _ => status.message().to_owned(),
    };
    let info = status.get_details_error_info();
    if let Some(info) = &info {
        text.push_str(&format!(" ({})", info.reason));
    }
    let violations = status.get_details_bad_request().map(|bad| bad.field_violations).unwrap_or_default();
    // The message may have said it.
    let is_said = |words: &str| status.message().contains(words);
    for FieldViolation { field, description, .. } in violations {
        if !is_said(&format!("{field} {description}")) {
            text.push_str(&format!("\n  {field}: {description}"));
        }
    }
    for (key, value) in info.map(|info| BTreeMap::from_iter(info.metadata)).unwrap_or_default() {
        if !is_said(&value) {
            text.push_str(&format!("\n  {key}: {value}"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use tonic_types::ErrorDetails;

    use super::*;

    #[test]
    fn nothing_of_the_details_is_lost_or_said_twice() {
        let metadata = [("approving_role_ids", "manager,director"), ("code", "ROLE_UNKNOWN"), ("limit", "")];
        let metadata: HashMap<_, _> = metadata.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
        let details = ErrorDetails::with_error_info("OVER_AUTHORITY", "rapport", metadata);
        let status = tonic::Status::with_error_details(Code::PermissionDenied, "over your authority", details);
        let told = "over your authority (OVER_AUTHORITY)\n  approving_role_ids: manager,director\n  code: ROLE_UNKNOWN";
        assert_eq!(explain(&status), told);

        let violations = [("owner", "must be given"), ("venues[0].time_zone", "must be given")];
        let violations = violations.map(|(field, fault)| FieldViolation::new(field, fault));
        let mut details = ErrorDetails::with_bad_request(violations);
        details.set_error_info("FIELD_INVALID", "rapport", HashMap::new());
        let status = tonic::Status::with_error_details(Code::InvalidArgument, "owner must be given", details);
        let told = "owner must be given (FIELD_INVALID)\n  venues[0].time_zone: must be given";
        assert_eq!(explain(&status), told);
    }
}
