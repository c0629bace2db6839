//! Why a command failed, in words that say what to do.

use tonic::Code;
use tonic_types::StatusExt as _;

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

/// A status for people: message, reason, and each field at fault.
pub fn explain(status: &tonic::Status) -> String {
    let mut text = match status.code() {
        Code::Unavailable => format!("the service is not available: {}", status.message()),
        Code::DeadlineExceeded => "the service did not answer in time; try again".to_owned(),
        Code::Unimplemented => "the server does not know this call: is it an older release?".to_owned(),
        _ => status.message().to_owned(),
    };
    if let Some(info) = status.get_details_error_info() {
        text.push_str(&format!(" ({})", info.reason));
    }
    for violation in status.get_details_bad_request().map(|bad| bad.field_violations).unwrap_or_default() {
        text.push_str(&format!("\n  {}: {}", violation.field, violation.description));
    }
    text
}
