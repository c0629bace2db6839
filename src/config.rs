//! The configuration: flags, environment and file become one validated [`Config`].
//!
//! `settings` holds the one table of what can be set; `source` finds where each value comes from, without touching
//! the process, so that tests pass a map; `values` parses. All faults are reported together, and none of them repeats
//! a value: it may be a password.

use std::{net::SocketAddr, num::NonZeroU32, path::PathBuf, time::Duration};

use http::HeaderValue;

use crate::{backup::Places, domain::TenantId};

mod secret;
pub(crate) mod settings;
mod source;
mod url;
mod values;

#[cfg(test)]
mod tests;

pub(crate) use secret::Secret;
pub use source::Source;
pub(crate) use url::{KeysUrl, RedisUrl, StoreUrl, is_within};
pub(crate) use values::usual_keys;

/// Everything that can be set, checked. Plain data: nothing is opened or bound yet.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where gRPC is served. Port 0: any free port.
    pub listen: SocketAddr,
    /// An address that serves health alone, for probes; `None`: there is none. Health is always served on `listen` too.
    pub admin_listen: Option<SocketAddr>,
    /// Where customers are kept.
    pub store: StoreUrl,
    /// Where wrapped data keys are kept: never with the data.
    pub keys: KeysUrl,
    /// The key that wraps all others.
    pub wrapping_key: WrappingKey,
    /// Where it is noted what was seen of both stores: with neither of them.
    pub seen_file: PathBuf,
    /// The business that callers act for, since they are not authenticated.
    pub tenant: TenantId,
    /// Allow a `listen` address beyond this machine although callers are not authenticated.
    pub insecure: bool,
    /// Web pages whose scripts may call, as browsers write their origins.
    pub cors_origins: Vec<HeaderValue>,
    /// Accept a Redis that may evict, or keeps nothing on disk.
    pub allow_volatile_redis: bool,
    /// What a failover may lose and be served all the same: the writes of so long.
    pub loss_window: Duration,
    /// Backups that the server makes by itself; `None`: it makes none.
    pub backup: Option<BackupPlan>,
    /// Serve EchoService, which does no work: the baseline of `rapport bench`.
    pub echo: bool,
    /// Whether nobody stands at a till meanwhile: a store that answers late is waited for.
    pub is_patient: bool,
    /// What goes to standard error.
    pub log: Log,
    /// Bounds of size, number and time.
    pub limits: Limits,
}

/// Where the wrapping key comes from.
#[derive(Debug, Clone)]
pub enum WrappingKey {
    /// Given in the environment or the configuration file: 32 bytes.
    Given(Secret<[u8; WRAPPING_KEY_BYTES]>),
    /// A file with mode 0600; made on the first start.
    File(PathBuf),
    /// The same where nobody has said which file.
    Usual {
        /// Beside the folder of keys.
        file: PathBuf,
        /// Where releases before made it, and where it is read while it is there: a backup of the keys takes it along.
        before: PathBuf,
    },
}

/// AES-256.
pub const WRAPPING_KEY_BYTES: usize = 32;

/// Backups of an embedded store, once a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupPlan {
    /// Where they go.
    pub places: Places,
    /// When, from the beginning of the UTC day.
    pub at: Duration,
}

/// What is logged, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// Text or JSON.
    pub format: LogFormat,
    /// A filter of tracing-subscriber, for example `info` or `warn,rapport=debug`.
    pub level: String,
}

/// How a line of the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For programs: one JSON object per line.
    Json,
}

/// Bounds of the server, so that no caller can take all of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Largest request, in bytes.
    pub message_bytes_max: usize,
    /// Calls under way on one connection.
    pub streams_per_connection_max: u32,
    /// Open connections.
    pub connections_max: usize,
    /// Open connections of one peer.
    pub connections_per_peer_max: usize,
    /// How often a caller may call a method; `None`: as often as it likes.
    pub calls_per_second_max: Option<NonZeroU32>,
    /// Identities that nobody has, of one caller; `None`: no bound.
    pub unknown_identities_per_minute_max: Option<NonZeroU32>,
    /// How long a connection may take to begin.
    pub handshake_max: Duration,
    /// How old a connection may get.
    pub connection_age_max: Duration,
    /// A call whose answer has not begun ends after this time at the latest, even if its deadline is later.
    pub deadline_max: Duration,
    /// How long a stopping server waits for calls under way.
    pub drain_max: Duration,
}

/// One thing that is wrong, and where it was set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where the value came from, for example `--listen` or `RAPPORT_LISTEN`.
    pub place: String,
    /// What is wrong and what to do. Never holds the value.
    pub message: String,
}

/// All faults of a configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct ConfigError(pub Vec<Fault>);

impl std::fmt::Display for ConfigError {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("the configuration cannot be used:")?;
        for fault in &self.0 {
            write!(out, "\n  {}: {}", fault.place, fault.message)?;
        }
        Ok(())
    }
}

impl Config {
    /// Reads and checks every setting. Errors: all faults at once.
    pub fn load(source: &Source) -> Result<Self, ConfigError> {
        values::load(source)
    }
}
