//! What went wrong with a call to Redis, and what that means. The only place that looks at the driver's errors.

use std::{fmt, sync::Arc};

use redis::{ErrorKind, RedisError, ServerError};

use crate::store::StoreError;

/// What a call is for: decides what a lost answer means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intent {
    /// Nothing changes: without an answer, nothing has happened.
    Read,
    /// A lost answer leaves the outcome unknown.
    Write,
}

/// What a server is called in errors and logs: which of the two it is, and its address. Never its password.
pub type ServerName = Arc<str>;

/// Why a call has no answer.
#[derive(Debug, Clone)]
pub enum RedisFailure {
    /// The request was not sent: there is no connection at the moment, or what had to come first failed.
    NotSent(String),
    /// The same, for a reason that only the operator can remove. The text says how.
    Misconfigured(String),
    /// The deadline passed.
    Timeout(ServerName),
    /// The driver or the server said no.
    Failed(ServerName, RedisError),
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
    /// The server did not execute the call, and will not until the operator changes its settings, its user's
    /// permissions or the URL.
    Misconfigured,
    /// What lies under a key is not what was written there.
    Damaged,
}

pub fn classify(error: &RedisError) -> FailureClass {
    if let Some(reply) = first_reply(error) {
        return classify_reply(reply.code(), reply.details().unwrap_or_default());
    }
    match error.kind() {
        ErrorKind::AuthenticationFailed => FailureClass::Misconfigured,
        ErrorKind::UnexpectedReturnType => FailureClass::Damaged,
        // EXECABORT without a reason, and what the driver says in the name of a server.
        ErrorKind::Server(_) | ErrorKind::Extension => FailureClass::NotNow,
        // I/O, protocol errors, and kinds that later drivers add.
        _ => FailureClass::Lost,
    }
}

/// The server's own words. A pipeline and a transaction fail for the reason of their first command that failed.
fn first_reply(error: &RedisError) -> Option<ServerError> {
    error.clone().into_server_errors()?.first().map(|(_, reply)| reply.clone())
}

fn classify_reply(code: &str, detail: &str) -> FailureClass {
    match code {
        "NOSCRIPT" => FailureClass::NoScript,
        "READONLY" | "MASTERDOWN" => FailureClass::Elsewhere,
        "OOM" => FailureClass::Full,
        "WRONGTYPE" => FailureClass::Damaged,
        _ if advice(code, detail).is_some() => FailureClass::Misconfigured,
        // LOADING, CLUSTERDOWN, TRYAGAIN, EXECABORT, MISCONF, NOREPLICAS, BUSY, …: refused before execution.
        _ => FailureClass::NotNow,
    }
}

/// What the operator has to do about a reply that stays the same until then; `None` for all others.
fn advice(code: &str, detail: &str) -> Option<&'static str> {
    let says = |words: &str| detail.contains(words);
    match code {
        "NOAUTH" | "WRONGPASS" => Some("check the user and the password in its URL"),
        "NOPERM" => Some(PERMISSION_ADVICE),
        // Redis 7.0, of a command within a script.
        "ERR" if says("The user executing the script") => Some(PERMISSION_ADVICE),
        "DENIED" => Some("set a password, or protected-mode no where only trusted machines reach it"),
        "MOVED" | "ASK" | "CROSSSLOT" => Some(CLUSTER_ADVICE),
        "ERR" if says("unknown command") || says("unknown subcommand") => {
            Some("name a Redis of version 7 or newer that holds data, and rename none of its commands")
        }
        "ERR" if says("DB index") => Some("name a database that it has: redis://HOST:PORT/DB"),
        "ERR" if says("SELECT is not allowed in cluster mode") => Some(CLUSTER_ADVICE),
        "ERR" if says("AUTH") => Some("check the user and the password in its URL"),
        _ => None,
    }
}

pub const PERMISSION_ADVICE: &str = "give its user the permissions that docs/operate.md lists";
const CLUSTER_ADVICE: &str =
    "it is a node of a Redis Cluster, which cannot be used yet: name a Redis that holds all keys";
const SENTINEL_ADVICE: &str = "it is a Sentinel, which holds no data: name the Redis that it watches";

impl RedisFailure {
    /// The server is one of several that share the keys.
    pub fn cluster(name: &ServerName) -> Self {
        Self::Misconfigured(format!("{name}: {CLUSTER_ADVICE}"))
    }

    /// The server holds no data.
    pub fn sentinel(name: &ServerName) -> Self {
        Self::Misconfigured(format!("{name}: {SENTINEL_ADVICE}"))
    }

    /// Why there is no connection, after an attempt to make one that failed so.
    pub fn of_connecting(self, name: &ServerName) -> Self {
        if let Self::Failed(_, error) = &self
            && error.kind() == ErrorKind::Parse
        {
            return Self::Misconfigured(format!("what answers is not a Redis: correct the URL of {name}"));
        }
        // Before it becomes a text that has the name already.
        let told = self.told_of("it");
        match self.of_what_came_first() {
            misconfigured @ Self::Misconfigured(_) => misconfigured,
            _ => Self::NotSent(format!("{name} cannot be reached: {}", told.strip_prefix("it: ").unwrap_or(&told))),
        }
    }

    /// Whether the connection must not be used any more.
    pub fn breaks_the_connection(&self) -> bool {
        matches!(self, Self::Timeout(_)) || self.is(FailureClass::Lost)
    }

    /// Whether this class of failure was answered by the server.
    pub fn is(&self, class: FailureClass) -> bool {
        matches!(self, Self::Failed(_, error) if classify(error) == class)
    }

    /// What the failure of a request means for another one that was to follow it, and was not sent.
    pub fn of_what_came_first(self) -> Self {
        match &self {
            Self::Timeout(_) => Self::NotSent(self.to_string()),
            Self::Failed(_, error) => match classify(error) {
                FailureClass::Lost => Self::NotSent(self.to_string()),
                FailureClass::Misconfigured => Self::Misconfigured(self.to_string()),
                _ => self,
            },
            Self::NotSent(_) | Self::Misconfigured(_) => self,
        }
    }

    /// The error for the caller.
    pub fn into_error(self, intent: Intent) -> StoreError {
        let cause: Arc<str> = self.to_string().into();
        let error = match self {
            Self::NotSent(_) => return StoreError::Unavailable(cause),
            Self::Misconfigured(_) => return StoreError::Misconfigured(cause),
            Self::Timeout(_) => return unanswered(intent, cause),
            Self::Failed(_, error) => error,
        };
        match classify(&error) {
            FailureClass::Lost => unanswered(intent, cause),
            FailureClass::NotNow | FailureClass::Elsewhere | FailureClass::NoScript => StoreError::Unavailable(cause),
            FailureClass::Misconfigured => StoreError::Misconfigured(cause),
            FailureClass::Full => StoreError::Full(cause),
            FailureClass::Damaged => StoreError::Corrupt(cause),
        }
    }
}

impl RedisFailure {
    /// What happened, in one line, with this name for the server.
    pub fn told_of(&self, server: &str) -> String {
        let error = match self {
            Self::NotSent(cause) | Self::Misconfigured(cause) => return cause.clone(),
            Self::Timeout(_) => return format!("{server} did not answer in time"),
            Self::Failed(_, error) => error,
        };
        // The first is enough: a pipeline may hold hundreds that failed alike.
        let Some(reply) = first_reply(error) else { return format!("{server}: {}", one_line(&error.to_string())) };
        let (code, detail) = (reply.code(), reply.details().unwrap_or_default());
        let said = format!("{server} says {} {}", one_line(code), one_line(&without_the_call(detail)));
        match advice(code, detail) {
            Some(advice) => format!("{said} ({advice})"),
            None => said,
        }
    }
}

impl fmt::Display for RedisFailure {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&match self {
            Self::NotSent(_) | Self::Misconfigured(_) => self.told_of(""),
            Self::Timeout(name) | Self::Failed(name, _) => self.told_of(name),
        })
    }
}

/// Text of another program without control characters: none of them reaches a log or a terminal.
pub fn one_line(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

/// A reply without what it quotes of the one call that it refuses, its arguments or a key: for all calls that are refused
/// for the same reason, the text is the same.
fn without_the_call(detail: &str) -> std::borrow::Cow<'_, str> {
    let (detail, _) = detail.split_once(", with args beginning with").unwrap_or((detail, ""));
    let Some((before, quoted)) = detail.split_once("access the '") else { return detail.into() };
    let (_, after) = quoted.split_once('\'').unwrap_or_default();
    format!("{before}access the{after}").into()
}

fn unanswered(intent: Intent, cause: Arc<str>) -> StoreError {
    match intent {
        Intent::Read => StoreError::Unavailable(cause),
        Intent::Write => StoreError::Unknown(cause),
    }
}

#[cfg(test)]
mod tests {
    use redis::Parser;

    use super::*;

    fn name() -> ServerName {
        "the data's Redis at 127.0.0.1:6379".into()
    }

    /// The error that a reply of the server becomes.
    fn reply(text: &str) -> RedisError {
        let value = Parser::new().parse_value(format!("-{text}\r\n").as_bytes()).unwrap();
        value.extract_error().unwrap_err()
    }

    fn of(text: &str, intent: Intent) -> StoreError {
        RedisFailure::Failed(name(), reply(text)).into_error(intent)
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
            "NOSCRIPT No matching script. Please use EVAL.",
            "ERR max number of clients reached",
        ] {
            for intent in [Intent::Read, Intent::Write] {
                assert!(matches!(of(text, intent), StoreError::Unavailable(_)), "{text}");
            }
        }
    }

    #[test]
    fn what_only_the_operator_can_change_says_what_to_do() {
        for (text, advice) in [
            ("NOAUTH Authentication required.", "password"),
            ("WRONGPASS invalid username-password pair or user is disabled.", "password"),
            ("ERR AUTH <password> called without any password configured for the default user.", "password"),
            ("NOPERM this user has no permissions to run the 'evalsha' command", "permissions"),
            (
                "ERR The user executing the script can't run this command or subcommand script: 92, on @user_script:1.",
                "permissions",
            ),
            ("DENIED Redis is running in protected mode", "protected-mode"),
            ("ERR DB index is out of range", "database"),
            ("ERR SELECT is not allowed in cluster mode", "Cluster"),
            ("MOVED 3999 127.0.0.1:6381", "Cluster"),
            ("ASK 3999 127.0.0.1:6381", "Cluster"),
            ("CROSSSLOT Keys in request don't hash to the same slot", "Cluster"),
            ("ERR unknown command 'GET', with args beginning with: ", "version 7"),
        ] {
            for intent in [Intent::Read, Intent::Write] {
                let error = of(text, intent);
                assert!(matches!(error, StoreError::Misconfigured(_)), "{text}");
                let said = text.split(", with args").next().expect("a text");
                assert!(error.to_string().contains(said) && error.to_string().contains(advice), "{error}");
            }
        }
    }

    #[test]
    fn what_is_refused_for_one_reason_has_one_text() {
        for (one, another) in [
            (
                "ERR unknown command 'EVALSHA', with args beginning with: '7c' '1' 'record:{2a}:inn:x' ",
                "ERR unknown command 'EVALSHA', with args beginning with: '99' '1' 'record:{3b}:inn:y' ",
            ),
            (
                "NOPERM ACL failure in script: User inn has no permissions to access the 'record:{2a}:inn:x' key script: 7c",
                "NOPERM ACL failure in script: User inn has no permissions to access the 'record:{3b}:inn:y' key script: 7c",
            ),
        ] {
            let texts = [one, another].map(|text| of(text, Intent::Write).to_string());
            assert_eq!(texts[0], texts[1]);
            assert!(!texts[0].contains("record:"), "{}", texts[0]);
        }
    }

    #[test]
    fn a_failure_names_its_server_in_one_line() {
        let late = RedisFailure::Timeout(name());
        assert_eq!(late.to_string(), "the data's Redis at 127.0.0.1:6379 did not answer in time");
        let unreachable = "the data's Redis at 127.0.0.1:6379 cannot be reached: it did not answer in time";
        assert_eq!(late.of_connecting(&name()).to_string(), unreachable);
        let refused = RedisFailure::Failed(name(), std::io::Error::from(std::io::ErrorKind::ConnectionRefused).into());
        let text = refused.of_connecting(&name()).to_string();
        assert!(text.contains("cannot be reached: ") && !text.contains("it:"), "{text}");
        let refused = RedisFailure::Failed(name(), std::io::Error::other("one\r\ntwo\u{1b}[31m").into());
        let text = refused.to_string();
        assert!(text.starts_with("the data's Redis at 127.0.0.1:6379: ") && text.ends_with("one  two [31m"), "{text}");
        let page =
            Parser::new().parse_value(&b"HTTP/1.1 400 Bad Request\r\n\r\n"[..]).expect_err("no answer of a Redis");
        let foreign = RedisFailure::Failed(name(), page).of_connecting(&name());
        assert!(matches!(foreign.clone().into_error(Intent::Write), StoreError::Misconfigured(_)));
        let text = foreign.to_string();
        assert!(text.contains("not a Redis") && text.contains("127.0.0.1:6379"), "{text}");
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
        let lost = || RedisFailure::Failed(name(), std::io::Error::from(std::io::ErrorKind::BrokenPipe).into());
        assert!(matches!(lost().into_error(Intent::Read), StoreError::Unavailable(_)));
        assert!(matches!(lost().into_error(Intent::Write), StoreError::Unknown(_)));
        assert!(matches!(RedisFailure::Timeout(name()).into_error(Intent::Read), StoreError::Unavailable(_)));
        assert!(matches!(RedisFailure::Timeout(name()).into_error(Intent::Write), StoreError::Unknown(_)));
        assert!(matches!(RedisFailure::NotSent(String::new()).into_error(Intent::Write), StoreError::Unavailable(_)));
    }

    #[test]
    fn only_what_spoils_a_connection_breaks_it() {
        assert!(RedisFailure::Timeout(name()).breaks_the_connection());
        assert!(
            !RedisFailure::Failed(name(), reply("READONLY You can't write against a read only replica."))
                .breaks_the_connection()
        );
        assert!(!RedisFailure::Failed(name(), reply("OOM command not allowed")).breaks_the_connection());
        assert!(!RedisFailure::Failed(name(), reply("BUSY Redis is busy running a script.")).breaks_the_connection());
    }
}
