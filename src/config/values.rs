//! Parses the values and checks how they go together.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    num::NonZeroU32,
    ops::RangeInclusive,
    path::{Path, PathBuf},
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::HeaderValue;
use tracing_subscriber::EnvFilter;

use super::{
    BackupPlan, Config, ConfigError, Fault, KeysUrl, Limits, Log, LogFormat, Secret, Source, StoreUrl,
    WRAPPING_KEY_BYTES, WrappingKey,
    settings::{self, Setting},
    source::{Found, resolve},
    url::{beside, is_within, overlap},
};
use crate::{
    backup::Places,
    domain::{
        TenantId,
        limits::{INTERACTIONS_PER_REQUEST_MAX, LOOKUP_SUBJECTS_MAX},
    },
};

/// The folder of keys when none is named.
const KEYS_FOLDER: &str = "rapport-keys";
/// The wrapping key's file in it, of releases before.
const WRAPPING_KEY_NAME: &str = "wrapping.key";
/// What the wrapping key's file has after the name of the folder of keys, beside which it lies.
const WRAPPING_KEY_ENDING: &str = ".wrapping.key";
/// The same of the note of what was seen.
const SEEN_ENDING: &str = ".seen";
const KIB: u64 = 1024;
/// No request of the contract's bounds is smaller than 64 KiB at its largest; 64 MiB of one caller is memory enough.
const MESSAGE_BYTES: RangeInclusive<u64> = 64 * KIB..=64 * KIB * KIB;
/// What one process can serve; the operating system's limit on files comes first.
const COUNT: RangeInclusive<u64> = 1..=65_536;
/// An hour: longer waits are jobs, not calls.
const DEADLINE_SECONDS: RangeInclusive<u64> = 1..=3_600;
/// A minute: a peer that has sent nothing by then is stalled.
const HANDSHAKE_SECONDS: RangeInclusive<u64> = 1..=60;
/// A day: certificates and addresses change, and balancers need new connections to spread load.
const CONNECTION_SECONDS: RangeInclusive<u64> = 1..=86_400;
/// Zero: nothing may be lost. A minute: in a longer time other guests have come.
const LOSS_WINDOW_SECONDS: RangeInclusive<u64> = 0..=60;
/// Zero: no bound. No process serves a million calls in a second.
const RATE: RangeInclusive<u64> = 0..=1_000_000;
/// Of one caller and method, beyond loopback: a till calls a few times for each guest, and an import some hundred times a second.
const CALLS_PER_SECOND: u32 = 500;
/// Of one caller, beyond loopback: more strangers than one till serves in a minute.
const UNKNOWN_PER_MINUTE: u32 = 100;
/// Fewer would refuse a full request of strangers for ever, however often it is sent again.
const UNKNOWN_PER_MINUTE_LEAST: u64 = if INTERACTIONS_PER_REQUEST_MAX > LOOKUP_SUBJECTS_MAX {
    INTERACTIONS_PER_REQUEST_MAX as u64
} else {
    LOOKUP_SUBJECTS_MAX as u64
};
/// What a failover of Redis may lose unless it is said otherwise.
const LAG_SECONDS: u64 = 5;
/// Zero: stop at once.
const DRAIN_SECONDS: RangeInclusive<u64> = 0..=3_600;

/// The values that were set, and the faults found so far.
struct Reader {
    values: BTreeMap<&'static str, Found>,
    faults: Vec<Fault>,
}

pub(super) fn load(source: &Source) -> Result<Config, ConfigError> {
    let mut faults = Vec::new();
    let values = resolve(source, &mut faults);
    let mut reader = Reader { values, faults };
    let config = read(&mut reader);
    match config {
        Some(config) if reader.faults.is_empty() => Ok(config),
        _ => Err(ConfigError(reader.faults)),
    }
}

/// Reads everything before it gives up on anything, so that all faults are found.
fn read(reader: &mut Reader) -> Option<Config> {
    let listen = reader.required(settings::LISTEN, address);
    let admin_listen = reader.optional(settings::ADMIN_LISTEN, address);
    let store = reader.required(settings::STORE, StoreUrl::parse);
    let keys = keys(reader, store.as_ref());
    let wrapping_key = wrapping_key(reader, store.as_ref(), keys.as_ref());
    let seen_file = seen_file(reader, keys.as_ref(), wrapping_key.as_ref());
    let tenant = reader
        .required(settings::TENANT, |text| TenantId::parse("tenant", text).map_err(|violation| violation.message));
    let insecure = reader.required(settings::INSECURE, switch);
    let cors_origins = reader.required(settings::CORS_ORIGINS, origins);
    let allow_volatile_redis = reader.required(settings::ALLOW_VOLATILE_REDIS, switch);
    let loss_window = reader.optional(settings::LOSS_WINDOW_SECONDS, number(LOSS_WINDOW_SECONDS));
    let backup = backup(reader, store.as_ref(), keys.as_ref());
    let echo = reader.required(settings::ECHO, switch);
    let log = log(reader);
    let limits = limits(reader, listen.is_some_and(|listen| listen.ip().is_loopback()));
    check_exposure(reader, listen, insecure);
    if let (Some(listen), Some(Some(admin))) = (listen, admin_listen)
        && listen == admin
        && listen.port() != 0
    {
        reader.fault(settings::ADMIN_LISTEN, "must be another address than listen");
    }
    let is_redis = matches!(store, Some(StoreUrl::Redis(_)));
    Some(Config {
        listen: listen?,
        admin_listen: admin_listen?,
        store: store?,
        keys: keys?,
        wrapping_key: wrapping_key?,
        seen_file: seen_file?,
        tenant: tenant?,
        insecure: insecure?,
        cors_origins: cors_origins?,
        allow_volatile_redis: allow_volatile_redis?,
        loss_window: loss_window?.map_or_else(|| usual_loss_window(is_redis), Duration::from_secs),
        backup: backup?,
        echo: echo?,
        is_patient: false,
        log: log?,
        limits: limits?,
    })
}

/// Until callers are authenticated, anyone who reaches the port is believed.
fn check_exposure(reader: &mut Reader, listen: Option<SocketAddr>, insecure: Option<bool>) {
    let Some(listen) = listen else { return };
    if !listen.ip().is_loopback() && insecure == Some(false) {
        reader.fault(
            settings::LISTEN,
            "reaches beyond this machine, and callers are not authenticated: whoever reaches the port could read and \
             write everything. Listen on 127.0.0.1, or say --insecure if something else protects the port",
        );
    }
}

/// The folder of keys beside a folder of data.
pub(crate) fn usual_keys(data: &Path) -> PathBuf {
    beside(data, KEYS_FOLDER)
}

fn keys(reader: &mut Reader, store: Option<&StoreUrl>) -> Option<KeysUrl> {
    let given = reader.optional(settings::KEYS, KeysUrl::parse)?;
    let given = given.or_else(|| match store? {
        StoreUrl::Redb { folder } => Some(KeysUrl::File { folder: usual_keys(folder) }),
        StoreUrl::Redis(_) => None,
    });
    let fault = match (store?, &given) {
        (_, None) => {
            "must name a second Redis database for a Redis store (redis://HOST:PORT/DB): keys are never kept with the \
             data, and all replicas share them"
        }
        (StoreUrl::Redb { folder }, Some(KeysUrl::File { folder: keys })) if overlap(folder, keys) => {
            "must be a folder apart from the store's: a copy of the data must not hold the keys"
        }
        (StoreUrl::Redis(data), Some(KeysUrl::Redis(keys))) if data.same_database(keys) => {
            "must be another database than the store's: a copy of the data must not hold the keys"
        }
        (StoreUrl::Redb { .. }, Some(KeysUrl::Redis(_))) => "must be file:FOLDER for a redb store",
        (StoreUrl::Redis(_), Some(KeysUrl::File { .. })) => {
            "must be redis://HOST:PORT/DB for a Redis store: all replicas share it"
        }
        (StoreUrl::Redb { .. }, Some(KeysUrl::File { .. })) | (StoreUrl::Redis(_), Some(KeysUrl::Redis(_))) => {
            return given;
        }
    };
    reader.fault(settings::KEYS, fault);
    None
}

fn wrapping_key(reader: &mut Reader, store: Option<&StoreUrl>, keys: Option<&KeysUrl>) -> Option<WrappingKey> {
    let given = reader.optional(settings::WRAPPING_KEY, |text| {
        let bytes = zeroize::Zeroizing::new(STANDARD.decode(text.trim()).unwrap_or_default());
        let key = <[u8; WRAPPING_KEY_BYTES]>::try_from(bytes.as_slice());
        key.map(Secret::new)
            .map_err(|_| "must be 32 bytes in base64: make one with `head -c 32 /dev/urandom | base64`".to_owned())
    })?;
    let file = reader.optional(settings::WRAPPING_KEY_FILE, file)?;
    match (given, file, keys) {
        (Some(_), Some(_), _) => {
            reader.fault(settings::WRAPPING_KEY_FILE, "stands beside wrapping-key: give one of them");
            None
        }
        (Some(key), None, _) => Some(WrappingKey::Given(key)),
        (None, Some(file), _) => {
            if matches!(store, Some(StoreUrl::Redb { folder }) if overlap(&file, folder)) {
                reader.fault(
                    settings::WRAPPING_KEY_FILE,
                    "must lie outside the store's folder: a copy of the data must not hold the key",
                );
            }
            Some(WrappingKey::File(file))
        }
        (None, None, Some(KeysUrl::File { folder })) => Some(usual_wrapping_key(folder)),
        (None, None, Some(KeysUrl::Redis(_)) | None) => Some(usual_wrapping_key(Path::new(KEYS_FOLDER))),
    }
}

fn name_of(keys: &Path) -> String {
    keys.file_name().map_or_else(|| KEYS_FOLDER.into(), |name| name.to_string_lossy().into_owned())
}

/// Beside the folder of keys, and not in it: whoever copies that must not have the key that opens them.
fn usual_wrapping_key(folder: &Path) -> WrappingKey {
    let file = beside(folder, &(name_of(folder) + WRAPPING_KEY_ENDING));
    WrappingKey::Usual { file, before: folder.join(WRAPPING_KEY_NAME) }
}

/// Beside the keys that are files, as the wrapping key is; where there are none, beside that one. Named for where the keys are: several houses may
/// share a wrapping key.
fn seen_file(reader: &mut Reader, keys: Option<&KeysUrl>, wrapping_key: Option<&WrappingKey>) -> Option<PathBuf> {
    let given = reader.optional(settings::SEEN_FILE, file)?;
    Some(given.unwrap_or_else(|| {
        let name = match keys {
            Some(KeysUrl::File { folder }) => return beside(folder, &(name_of(folder) + SEEN_ENDING)),
            Some(KeysUrl::Redis(url)) => {
                format!("{KEYS_FOLDER}-{}-{}-{}{SEEN_ENDING}", url.host, url.port, url.database)
            }
            None => KEYS_FOLDER.to_owned() + SEEN_ENDING,
        };
        match wrapping_key {
            Some(WrappingKey::File(file) | WrappingKey::Usual { file, .. }) => beside(file, &name),
            Some(WrappingKey::Given(_)) | None => name.into(),
        }
    }))
}

/// Backups by schedule. The outer `None`: there is a fault.
fn backup(reader: &mut Reader, store: Option<&StoreUrl>, keys: Option<&KeysUrl>) -> Option<Option<BackupPlan>> {
    let to = reader.optional(settings::BACKUP_TO, folder);
    let keys_to = reader.optional(settings::BACKUP_KEYS_TO, folder);
    let at = reader.required(settings::BACKUP_AT, time_of_day);
    let Some(to) = to? else {
        if keys_to?.is_some() {
            reader.fault(settings::BACKUP_KEYS_TO, "needs backup-to, which says where the data go");
            return None;
        }
        return Some(None);
    };
    let places = Places::new(to, keys_to?);
    let (StoreUrl::Redb { folder: data }, KeysUrl::File { folder: keys }) = (store?, keys?) else {
        reader.fault(settings::BACKUP_TO, "is for a redb store; Redis makes its own backups, as docs/operate.md says");
        return None;
    };
    for (setting, place) in [(settings::BACKUP_TO, &places.data), (settings::BACKUP_KEYS_TO, &places.keys)] {
        if is_within(place, data) || is_within(place, keys) {
            reader.fault(
                setting,
                "must lie outside the folders of the store and of its keys: what takes those must not take it too",
            );
            return None;
        }
    }
    Some(Some(BackupPlan { places, at: at? }))
}

fn file(text: &str) -> Result<PathBuf, String> {
    if text.is_empty() { Err("must name a file".to_owned()) } else { Ok(PathBuf::from(text)) }
}

fn folder(text: &str) -> Result<PathBuf, String> {
    if text.is_empty() { Err("must name a folder".to_owned()) } else { Ok(PathBuf::from(text)) }
}

fn is_two_digits(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn time_of_day(text: &str) -> Result<Duration, String> {
    let time = text.split_once(':').filter(|(hour, minute)| [hour, minute].iter().all(|part| is_two_digits(part)));
    let parsed = time.and_then(|(hour, minute)| Some((hour.parse::<u64>().ok()?, minute.parse::<u64>().ok()?)));
    match parsed {
        Some((hour @ 0..24, minute @ 0..60)) => Ok(Duration::from_secs((hour * 60 + minute) * 60)),
        _ => Err("must be a time of the day in UTC, for example 04:00".to_owned()),
    }
}

fn log(reader: &mut Reader) -> Option<Log> {
    let format = reader.required(settings::LOG_FORMAT, |text| match text {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        _ => Err("must be text or json".to_owned()),
    });
    let level = reader.required(settings::LOG_LEVEL, |text| match EnvFilter::try_new(text) {
        Ok(_) if !text.trim().is_empty() => Ok(text.to_owned()),
        _ => Err("must be error, warn, info, debug, trace, or a filter such as warn,rapport=debug".to_owned()),
    });
    Some(Log { format: format?, level: level? })
}

fn limits(reader: &mut Reader, is_loopback: bool) -> Option<Limits> {
    let message_bytes = reader.required(settings::MESSAGE_BYTES_MAX, number(MESSAGE_BYTES));
    let streams = reader.required(settings::STREAMS_PER_CONNECTION_MAX, number(COUNT));
    let connections = reader.required(settings::CONNECTIONS_MAX, number(COUNT));
    let per_peer = reader.required(settings::CONNECTIONS_PER_PEER_MAX, number(COUNT));
    let calls = reader.optional(settings::CALLS_PER_SECOND_MAX, number(RATE));
    let unknown = reader.optional(settings::UNKNOWN_IDENTITIES_PER_MINUTE_MAX, unknown_rate);
    let handshake = reader.required(settings::HANDSHAKE_SECONDS_MAX, number(HANDSHAKE_SECONDS));
    let age = reader.required(settings::CONNECTION_SECONDS_MAX, number(CONNECTION_SECONDS));
    let deadline = reader.required(settings::DEADLINE_SECONDS_MAX, number(DEADLINE_SECONDS));
    let drain = reader.required(settings::DRAIN_SECONDS_MAX, number(DRAIN_SECONDS));
    Some(Limits {
        message_bytes_max: usize::try_from(message_bytes?).ok()?,
        streams_per_connection_max: u32::try_from(streams?).ok()?,
        connections_max: usize::try_from(connections?).ok()?,
        connections_per_peer_max: usize::try_from(per_peer?).ok()?,
        calls_per_second_max: rate(calls?, is_loopback, CALLS_PER_SECOND),
        unknown_identities_per_minute_max: rate(unknown?, is_loopback, UNKNOWN_PER_MINUTE),
        handshake_max: Duration::from_secs(handshake?),
        connection_age_max: Duration::from_secs(age?),
        deadline_max: Duration::from_secs(deadline?),
        drain_max: Duration::from_secs(drain?),
    })
}

/// A replica that is promoted lags by a second or two. An embedded store has no replica, and each write is on disk before it is acknowledged.
fn usual_loss_window(is_redis: bool) -> Duration {
    if is_redis { Duration::from_secs(LAG_SECONDS) } else { Duration::ZERO }
}

fn unknown_rate(text: &str) -> Result<u64, String> {
    let told = || {
        format!(
            "must be 0, or a whole number from {UNKNOWN_PER_MINUTE_LEAST} to {}: as many as one request may name",
            RATE.end()
        )
    };
    let count = text.parse().map_err(|_| told())?;
    if count == 0 || (UNKNOWN_PER_MINUTE_LEAST..=*RATE.end()).contains(&count) { Ok(count) } else { Err(told()) }
}

/// What is set; else none on loopback, since whoever calls there is of this machine, and the usual one beyond.
fn rate(set: Option<u64>, is_loopback: bool, usual: u32) -> Option<NonZeroU32> {
    let unset = if is_loopback { 0 } else { usual };
    NonZeroU32::new(set.map_or(unset, |count| u32::try_from(count).unwrap_or(u32::MAX)))
}

fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| "must be an IP address and a port, for example 127.0.0.1:50051 or [::1]:50051".to_owned())
}

/// Origins as browsers write them: a scheme, a host in small letters, and a port if it is not the scheme's own.
fn origins(text: &str) -> Result<Vec<HeaderValue>, String> {
    const SHAPE: &str = "must be origins with commas between them, each like https://pos.example or http://localhost:5173: \
                         no path, no capitals, no star";
    let texts = text.split(',').map(str::trim).filter(|origin| !origin.is_empty());
    texts.map(|origin| origin_header(origin).ok_or_else(|| SHAPE.to_owned())).collect()
}

fn origin_header(text: &str) -> Option<HeaderValue> {
    let uri: http::Uri = text.parse().ok()?;
    let authority = uri.authority()?;
    let plain = format!("{}://{authority}", uri.scheme()?);
    let web = matches!(uri.scheme_str(), Some("http" | "https"));
    let strange = text.contains(['*', '@']) || text.bytes().any(|byte| byte.is_ascii_uppercase());
    (web && !strange && plain == text).then(|| HeaderValue::from_str(text).ok()).flatten()
}

fn switch(text: &str) -> Result<bool, String> {
    match text {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err("must be true or false".to_owned()),
    }
}

fn number(range: RangeInclusive<u64>) -> impl Fn(&str) -> Result<u64, String> {
    move |text| match text.parse() {
        Ok(number) if range.contains(&number) => Ok(number),
        _ => Err(format!("must be a whole number from {} to {}", range.start(), range.end())),
    }
}

impl Reader {
    /// The value or its default. `None`: there is a fault, and it is noted.
    fn required<T>(&mut self, setting: &Setting, parse: impl Fn(&str) -> Result<T, String>) -> Option<T> {
        let text = self.values.get(setting.name).map_or(setting.default, |found| found.text.as_str());
        match parse(text) {
            Ok(value) => Some(value),
            Err(message) => {
                self.fault(setting, &message);
                None
            }
        }
    }

    /// The value if one is set. The outer `None`: there is a fault, and it is noted.
    fn optional<T>(&mut self, setting: &Setting, parse: impl Fn(&str) -> Result<T, String>) -> Option<Option<T>> {
        match self.values.get(setting.name).map(|found| parse(&found.text)) {
            None => Some(None),
            Some(Ok(value)) => Some(Some(value)),
            Some(Err(message)) => {
                self.fault(setting, &message);
                None
            }
        }
    }

    fn fault(&mut self, setting: &Setting, message: &str) {
        let place = self.values.get(setting.name).map_or_else(|| setting.name.to_owned(), |found| found.place.clone());
        self.faults.push(Fault { place, message: message.to_owned() });
    }
}
