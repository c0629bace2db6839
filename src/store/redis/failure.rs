//! What went wrong with a call to Redis, and what that means. The only place that looks at the driver's errors.

use redis::{ErrorKind, RedisError, ServerErrorKind};

use crate::store::StoreError;

/// What a call is for: decides what a lost answer means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intent {
    /// Nothing changes: without an answer, nothing has happened.
    Read,
    /// A lost answer leaves the outcome unknown.
    Write,
}

const LATE: &str = "Redis did not answer in time";

/// Why a call has no answer.
#[derive(Debug)]
pub enum RedisFailure {
    /// The request was not sent: there is no connection at the moment, or what had to come first failed.
    NotSent(String),
    /// The deadline passed.
    Timeout,
    /// The driver or the server said no.
    Failed(RedisError),
}

/// The kinds of failure that are handled differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureClass {
    /// The connection is not to be trusted any more; the call may have been executed.
    Lost,
    /// The server is there and did not execute the call. Later it may.
    NotNow,
    /// As [`FailureClass::NotNow`], and another server may have taken over: connect again, and read here until then.
    Elsewhere,
    /// The server has no memory left for writes.
    Full,
    /// The server does not know the script.
    NoScript,
    /// The server does not let us, or does not know the command.
    Forbidden,
    /// What lies under a key is not what was written there.
    Damaged,
}

pub fn classify(error: &RedisError) -> FailureClass {
    match error.kind() {
        ErrorKind::Server(kind) => classify_server(kind),
        ErrorKind::Extension => classify_code(error.code().unwrap_or_default()),
        ErrorKind::AuthenticationFailed => FailureClass::Forbidden,
        ErrorKind::UnexpectedReturnType => FailureClass::Damaged,
        // I/O, protocol errors, and whatever the driver will invent.
        _ => FailureClass::Lost,
    }
}

fn classify_server(kind: ServerErrorKind) -> FailureClass {
    match kind {
        ServerErrorKind::NoScript => FailureClass::NoScript,
        ServerErrorKind::ReadOnly | ServerErrorKind::Moved | ServerErrorKind::Ask | ServerErrorKind::MasterDown => {
            FailureClass::Elsewhere
        }
        ServerErrorKind::NoPerm | ServerErrorKind::ResponseError | ServerErrorKind::CrossSlot => {
            FailureClass::Forbidden
        }
        // LOADING, CLUSTERDOWN, TRYAGAIN, EXECABORT: said before anything was executed.
        _ => FailureClass::NotNow,
    }
}

/// Error codes that the driver has no kind for.
fn classify_code(code: &str) -> FailureClass {
    match code {
        "OOM" => FailureClass::Full,
        "WRONGTYPE" => FailureClass::Damaged,
        "NOAUTH" | "WRONGPASS" => FailureClass::Forbidden,
        // MISCONF, NOREPLICAS, BUSY, …: refused before execution.
        _ => FailureClass::NotNow,
    }
}

impl RedisFailure {
    /// Whether the connection must not be used any more.
    pub fn breaks_the_connection(&self) -> bool {
        matches!(self, Self::Timeout) || self.is(FailureClass::Lost)
    }

    /// Whether this class of failure was answered by the server.
    pub fn is(&self, class: FailureClass) -> bool {
        matches!(self, Self::Failed(error) if classify(error) == class)
    }

    /// What the failure of a request means for another one that was to follow it, and was not sent.
    pub fn of_what_came_first(self) -> Self {
        match self {
            Self::Timeout => Self::NotSent(LATE.into()),
            Self::Failed(error) if classify(&error) == FailureClass::Lost => Self::NotSent(error.to_string()),
            other => other,
        }
    }

    /// The error for the caller.
    pub fn into_error(self, intent: Intent) -> StoreError {
        let error = match self {
            Self::NotSent(cause) => return StoreError::Unavailable(cause),
            Self::Timeout => return unanswered(intent, LATE.into()),
            Self::Failed(error) => error,
        };
        let cause = error.to_string();
        match classify(&error) {
            FailureClass::Lost => unanswered(intent, cause),
            FailureClass::NotNow | FailureClass::Elsewhere | FailureClass::NoScript | FailureClass::Forbidden => {
                StoreError::Unavailable(cause)
            }
            FailureClass::Full => StoreError::Full(cause),
            FailureClass::Damaged => StoreError::Corrupt(cause),
        }
    }
}

fn unanswered(intent: Intent, cause: String) -> StoreError {
    match intent {
        Intent::Read => StoreError::Unavailable(cause),
        Intent::Write => StoreError::Unknown(cause),
    }
}

#[cfg(test)]
mod tests {
    use redis::Parser;

    use super::*;

    /// The error that a reply of the server becomes.
    fn reply(text: &str) -> RedisError {
        let value = Parser::new().parse_value(format!("-{text}\r\n").as_bytes()).unwrap();
        value.extract_error().unwrap_err()
    }

    fn of(text: &str, intent: Intent) -> StoreError {
        RedisFailure::Failed(reply(text)).into_error(intent)
    }

    #[test]
    fn what_was_refused_before_execution_is_not_stored() {
        for text in [
            "LOADING Redis is loading the dataset in memory",
            "CLUSTERDOWN The cluster is down",
            "MISCONF Redis is configured to save RDB snapshots, but it is unable to persist to disk",
            "NOREPLICAS Not enough good replicas to write.",
            "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.",
            "READONLY You can't write against a read only replica.",
            "TRYAGAIN Multiple keys request during rehashing of slot",
            "MASTERDOWN Link with MASTER is down",
            "MOVED 3999 127.0.0.1:6381",
            "NOSCRIPT No matching script. Please use EVAL.",
            "NOPERM this user has no permissions to run the 'evalsha' command",
        ] {
            for intent in [Intent::Read, Intent::Write] {
                assert!(matches!(of(text, intent), StoreError::Unavailable(_)), "{text}");
            }
        }
    }

    #[test]
    fn no_memory_is_full_and_a_foreign_value_is_damage() {
        assert!(matches!(
            of("OOM command not allowed when used memory > 'maxmemory'.", Intent::Write),
            StoreError::Full(_)
        ));
        let foreign = "WRONGTYPE Operation against a key holding the wrong kind of value";
        assert!(matches!(of(foreign, Intent::Read), StoreError::Corrupt(_)));
    }

    #[test]
    fn a_lost_answer_of_a_write_is_unknown() {
        let lost = || RedisFailure::Failed(std::io::Error::from(std::io::ErrorKind::BrokenPipe).into());
        assert!(matches!(lost().into_error(Intent::Read), StoreError::Unavailable(_)));
        assert!(matches!(lost().into_error(Intent::Write), StoreError::Unknown(_)));
        assert!(matches!(RedisFailure::Timeout.into_error(Intent::Read), StoreError::Unavailable(_)));
        assert!(matches!(RedisFailure::Timeout.into_error(Intent::Write), StoreError::Unknown(_)));
        assert!(matches!(RedisFailure::NotSent(String::new()).into_error(Intent::Write), StoreError::Unavailable(_)));
    }

    #[test]
    fn only_what_spoils_a_connection_breaks_it() {
        assert!(RedisFailure::Timeout.breaks_the_connection());
        assert!(
            !RedisFailure::Failed(reply("READONLY You can't write against a read only replica."))
                .breaks_the_connection()
        );
        assert!(!RedisFailure::Failed(reply("OOM command not allowed")).breaks_the_connection());
        assert!(!RedisFailure::Failed(reply("BUSY Redis is busy running a script.")).breaks_the_connection());
    }
}
