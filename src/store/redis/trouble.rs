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

/// Why a call has no answer.
#[derive(Debug)]
pub enum Trouble {
    /// There is no connection at the moment: nothing was sent.
    Away(String),
    /// The deadline passed.
    Late,
    /// The driver or the server said no.
    Failed(RedisError),
}

/// The kinds of failure that are handled differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// The connection is not to be trusted any more; the call may have been executed.
    Lost,
    /// The server is there and did not execute the call. Later it may.
    NotNow,
    /// As [`Class::NotNow`], and another server may have taken over: connect again, and read here until then.
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

pub fn classify(error: &RedisError) -> Class {
    match error.kind() {
        ErrorKind::Server(kind) => classify_server(kind),
        ErrorKind::Extension => classify_code(error.code().unwrap_or_default()),
        ErrorKind::AuthenticationFailed => Class::Forbidden,
        ErrorKind::UnexpectedReturnType => Class::Damaged,
        // I/O, protocol errors, and whatever the driver will invent.
        _ => Class::Lost,
    }
}

fn classify_server(kind: ServerErrorKind) -> Class {
    match kind {
        ServerErrorKind::NoScript => Class::NoScript,
        ServerErrorKind::ReadOnly | ServerErrorKind::Moved | ServerErrorKind::Ask | ServerErrorKind::MasterDown => {
            Class::Elsewhere
        }
        ServerErrorKind::NoPerm | ServerErrorKind::ResponseError | ServerErrorKind::CrossSlot => Class::Forbidden,
        // LOADING, CLUSTERDOWN, TRYAGAIN, EXECABORT: said before anything was executed.
        _ => Class::NotNow,
    }
}

/// Error codes that the driver has no kind for.
fn classify_code(code: &str) -> Class {
    match code {
        "OOM" => Class::Full,
        "WRONGTYPE" => Class::Damaged,
        "NOAUTH" | "WRONGPASS" => Class::Forbidden,
        // MISCONF, NOREPLICAS, BUSY, …: refused before execution.
        _ => Class::NotNow,
    }
}

impl Trouble {
    /// Whether the connection must not be used any more.
    pub fn breaks_the_line(&self) -> bool {
        matches!(self, Self::Late) || self.is(Class::Lost)
    }

    /// Whether this class of failure was answered by the server.
    pub fn is(&self, class: Class) -> bool {
        matches!(self, Self::Failed(error) if classify(error) == class)
    }

    /// The error for the caller.
    pub fn into_error(self, intent: Intent) -> StoreError {
        let error = match self {
            Self::Away(cause) => return StoreError::Unavailable(cause),
            Self::Late => return unanswered(intent, "Redis did not answer in time".into()),
            Self::Failed(error) => error,
        };
        let cause = error.to_string();
        match classify(&error) {
            Class::Lost => unanswered(intent, cause),
            Class::NotNow | Class::Elsewhere | Class::NoScript | Class::Forbidden => StoreError::Unavailable(cause),
            Class::Full => StoreError::Full(cause),
            Class::Damaged => StoreError::Corrupt(cause),
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
        Trouble::Failed(reply(text)).into_error(intent)
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
        let lost = || Trouble::Failed(std::io::Error::from(std::io::ErrorKind::BrokenPipe).into());
        assert!(matches!(lost().into_error(Intent::Read), StoreError::Unavailable(_)));
        assert!(matches!(lost().into_error(Intent::Write), StoreError::Unknown(_)));
        assert!(matches!(Trouble::Late.into_error(Intent::Read), StoreError::Unavailable(_)));
        assert!(matches!(Trouble::Late.into_error(Intent::Write), StoreError::Unknown(_)));
        assert!(matches!(Trouble::Away(String::new()).into_error(Intent::Write), StoreError::Unavailable(_)));
    }

    #[test]
    fn only_what_spoils_a_connection_breaks_it() {
        assert!(Trouble::Late.breaks_the_line());
        assert!(!Trouble::Failed(reply("READONLY You can't write against a read only replica.")).breaks_the_line());
        assert!(!Trouble::Failed(reply("OOM command not allowed")).breaks_the_line());
        assert!(!Trouble::Failed(reply("BUSY Redis is busy running a script.")).breaks_the_line());
    }
}
