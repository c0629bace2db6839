//! The one table of settings. Flags, environment names, the configuration file and docs/configuration.md follow from it.

use std::fmt::Write as _;

/// One thing that can be set.
#[derive(Debug)]
pub struct Setting {
    /// The name in the configuration file, and after `--` on the command line.
    pub name: &'static str,
    /// The name in the environment.
    pub env: &'static str,
    /// What the value looks like, for help texts. Empty: true or false.
    pub shape: &'static str,
    /// The value when nothing is set; empty: none.
    pub default: &'static str,
    /// What it means, in a sentence.
    pub meaning: &'static str,
    pub reach: Reach,
    pub place: Place,
}

/// Which commands a setting concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Only `serve`.
    Serve,
    /// Every command that opens a store itself.
    Store,
}

/// Where a setting may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Anywhere,
    /// Not in the file: it names the file.
    NotInFile,
    /// Not on the command line, which every process of the machine can read.
    NotAsFlag,
}

impl Setting {
    pub fn is_switch(&self) -> bool {
        self.shape.is_empty()
    }
}

macro_rules! settings {
    ($($constant:ident = $name:literal, $env:literal, $shape:literal, $default:literal, $reach:ident, $place:ident:
        $meaning:literal;)*) => {
        $(#[doc = $meaning] pub const $constant: &Setting = &Setting {
            name: $name, env: $env, shape: $shape, default: $default, meaning: $meaning,
            reach: Reach::$reach, place: Place::$place,
        };)*
        /// Every setting, in the order in which it is documented.
        pub const SETTINGS: &[&Setting] = &[$($constant),*];
    };
}

settings! {
    CONFIG = "config", "RAPPORT_CONFIG", "FILE", "", Store, NotInFile:
        "A TOML file with any of these settings, by their names.";
    LISTEN = "listen", "RAPPORT_LISTEN", "IP:PORT", "127.0.0.1:50051", Serve, Anywhere:
        "Where gRPC is served. Port 0 takes any free port. Beyond this machine it also needs `insecure`.";
    ADMIN_LISTEN = "admin-listen", "RAPPORT_ADMIN_LISTEN", "IP:PORT", "", Serve, Anywhere:
        "Where health is served apart from the calls. Without it: nowhere.";
    STORE = "store", "RAPPORT_STORE", "URL", "redb:./rapport-data", Store, Anywhere:
        "Where customers are kept: `redb:FOLDER` (holds data.redb) or `redis://[USER:PASSWORD@]HOST:PORT/DB`.";
    KEYS = "keys", "RAPPORT_KEYS", "URL", "", Store, Anywhere:
        "Where wrapped data keys are kept, apart from the data: `file:FOLDER` (holds keys.redb) for a redb store, by default the folder rapport-keys beside the data; for a Redis store `redis://HOST:PORT/DB` of another server, which must be given.";
    WRAPPING_KEY_FILE = "wrapping-key-file", "RAPPORT_WRAPPING_KEY_FILE", "FILE", "", Store, Anywhere:
        "The file with the key that wraps all others, mode 0600; made on the first start. By default beside the folder of `keys`, with its name and .wrapping.key after it (rapport-keys.wrapping.key), or ./rapport-keys.wrapping.key when the keys are in Redis; a wrapping.key in that folder, of releases before, is read while it is there. Keep a copy: without it nothing can be read.";
    WRAPPING_KEY = "wrapping-key", "RAPPORT_WRAPPING_KEY", "BASE64", "", Store, NotAsFlag:
        "The wrapping key itself, 32 bytes in base64, instead of a file.";
    SEEN_FILE = "seen-file", "RAPPORT_SEEN_FILE", "FILE", "", Store, Anywhere:
        "The file in which a server notes how far data and keys have come, and why they were not served any more: so older copies of both, or both emptied, are told at the next start. It holds nothing of customers, and must lie in no folder that goes back with the stores. By default beside the folder of `keys`, with its name and .seen after it (rapport-keys.seen); where the keys are in Redis, rapport-keys-HOST-PORT-DB.seen beside the file of the wrapping key, or in the working directory. One for each house.";
    TENANT = "tenant", "RAPPORT_TENANT", "NAME", "default", Store, Anywhere:
        "The business that callers without credentials act for: 1 to 64 letters, digits and `._-`.";
    INSECURE = "insecure", "RAPPORT_INSECURE", "", "false", Serve, Anywhere:
        "Serve beyond this machine without credentials: whoever reaches the port reads and writes everything.";
    CORS_ORIGINS = "cors-origins", "RAPPORT_CORS_ORIGINS", "ORIGINS", "", Serve, Anywhere:
        "Web pages whose scripts may call with gRPC-Web, by their origins, with commas between them: `https://pos.example,http://localhost:5173`. Without it: none.";
    ALLOW_VOLATILE_REDIS = "allow-volatile-redis", "RAPPORT_ALLOW_VOLATILE_REDIS", "", "false", Store, Anywhere:
        "Accept a Redis that may evict keys or keeps nothing on disk. For tests.";
    LOSS_WINDOW_SECONDS = "loss-window-seconds", "RAPPORT_LOSS_WINDOW_SECONDS", "SECONDS", "", Store, Anywhere:
        "After a failover to a replica that was behind, what is left is served if at most the writes of so long are lost; else the data are an older copy, and nobody is served from them. The same for all replicas. By default 5 for Redis, and 0 for redb, where nothing fails over: data that lack writes are an older copy. 0: never; to 60.";
    BACKUP_TO = "backup-to", "RAPPORT_BACKUP_TO", "FOLDER", "", Serve, Anywhere:
        "Where the server puts a backup of a redb store once a day. The data of the last 7 days and of the last 4 weeks are kept, and the newest keys. Without it: none is made.";
    BACKUP_KEYS_TO = "backup-keys-to", "RAPPORT_BACKUP_KEYS_TO", "FOLDER", "", Serve, Anywhere:
        "Where the copy of the keys goes, apart from the data; by default the folder keys in `backup-to`.";
    BACKUP_AT = "backup-at", "RAPPORT_BACKUP_AT", "HH:MM", "04:00", Serve, Anywhere:
        "When the daily backup is made, in UTC. One that was missed is made up at the next start.";
    ECHO = "echo", "RAPPORT_ECHO", "", "false", Serve, Anywhere:
        "Serve EchoService, the floor that `rapport bench` measures against.";
    LOG_FORMAT = "log-format", "RAPPORT_LOG_FORMAT", "text|json", "text", Store, Anywhere:
        "How log lines are written to standard error.";
    LOG_LEVEL = "log-level", "RAPPORT_LOG_LEVEL", "FILTER", "info", Store, Anywhere:
        "What is logged: error, warn, info, debug, trace, or a filter such as `warn,rapport=debug`.";
    MESSAGE_BYTES_MAX = "message-bytes-max", "RAPPORT_MESSAGE_BYTES_MAX", "BYTES", "5242880", Serve, Anywhere:
        "The largest request of methods that take many things at once; others take 256 KiB at the most. 5 MiB holds 100 of the largest interactions in ASCII with room to spare; other letters take up to four bytes each. 64 KiB to 64 MiB.";
    STREAMS_PER_CONNECTION_MAX = "streams-per-connection-max", "RAPPORT_STREAMS_PER_CONNECTION_MAX", "COUNT", "256", Serve, Anywhere:
        "Calls under way on one connection; more wait. 1 to 65536.";
    CONNECTIONS_MAX = "connections-max", "RAPPORT_CONNECTIONS_MAX", "COUNT", "1024", Serve, Anywhere:
        "Open connections; more are closed at once. 1 to 65536.";
    CONNECTIONS_PER_PEER_MAX = "connections-per-peer-max", "RAPPORT_CONNECTIONS_PER_PEER_MAX", "COUNT", "512", Serve, Anywhere:
        "Open connections of one address (with IPv6: of one /64), so that no peer takes all places; more are closed at once. A proxy is one peer. 1 to 65536.";
    CALLS_PER_SECOND_MAX = "calls-per-second-max", "RAPPORT_CALLS_PER_SECOND_MAX", "COUNT", "", Serve, Anywhere:
        "How often one caller (a device, else an address) may call one method; for a moment twice as often. Who invents names of devices is counted anew under each, until 65536 are known: that is stopped by what authenticates callers and sets `rapport-device`. Without it: 500, and on loopback as often as it likes. 0: as often as it likes; to 1000000.";
    UNKNOWN_IDENTITIES_PER_MINUTE_MAX = "unknown-identities-per-minute-max", "RAPPORT_UNKNOWN_IDENTITIES_PER_MINUTE_MAX", "COUNT", "", Serve, Anywhere:
        "How many identities that nobody has one caller may ask for; after that its look-ups by identity are refused for a minute, so that nobody learns by guessing who is a customer. It does not stop who invents names of devices, as each is counted for itself: let a proxy set `rapport-device`. Without it: 100, and on loopback no bound. 0: no bound; from 100, as many as one request may name, to 1000000.";
    HANDSHAKE_SECONDS_MAX = "handshake-seconds-max", "RAPPORT_HANDSHAKE_SECONDS_MAX", "SECONDS", "10", Serve, Anywhere:
        "A connection that has not begun to speak HTTP after this time is closed. 1 to 60.";
    CONNECTION_SECONDS_MAX = "connection-seconds-max", "RAPPORT_CONNECTION_SECONDS_MAX", "SECONDS", "1800", Serve, Anywhere:
        "A connection of this age is asked to end once its calls are done, used or idle; clients open another by themselves. 1 to 86400.";
    DEADLINE_SECONDS_MAX = "deadline-seconds-max", "RAPPORT_DEADLINE_SECONDS_MAX", "SECONDS", "10", Serve, Anywhere:
        "A call whose answer has not begun ends after this time, whatever deadline it asked for. 1 to 3600.";
    DRAIN_SECONDS_MAX = "drain-seconds-max", "RAPPORT_DRAIN_SECONDS_MAX", "SECONDS", "20", Serve, Anywhere:
        "How long a stopping server waits for calls under way. 0 to 3600.";
}

/// docs/configuration.md, from the table.
pub fn reference() -> String {
    let mut text = String::from(
        "# Configuration\n\n\
        Every setting can stand on the command line (`--name`), in the environment, or in the TOML file that `--config`\n\
        names (`name = value`). The command line wins over the environment, the environment over the file, the file over\n\
        the default. An empty value in the environment counts as not set. All faults are reported together, before\n\
        anything is opened, with exit code 2.\n\n\
        `rapport config` prints this page; a test keeps it equal to the table in `src/config/settings.rs`.\n\n\
        | name | environment | value | default | meaning |\n|---|---|---|---|---|\n",
    );
    for setting in SETTINGS {
        let shape = if setting.is_switch() { "true\\|false".to_owned() } else { setting.shape.replace('|', "\\|") };
        let default = if setting.default.is_empty() { "–".to_owned() } else { format!("`{}`", setting.default) };
        let place = match setting.place {
            Place::Anywhere => "",
            Place::NotInFile => " Not in the file.",
            Place::NotAsFlag => " Not on the command line, where every process of the machine could read it.",
        };
        let reach = if setting.reach == Reach::Serve { " Only for `serve`." } else { "" };
        let (name, env, meaning) = (setting.name, setting.env, setting.meaning);
        // Writing to a String cannot fail.
        let _ = writeln!(text, "| `{name}` | `{env}` | {shape} | {default} | {meaning}{place}{reach} |");
    }
    text
}
