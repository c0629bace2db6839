//! Opens the stores and the wrapping key that a configuration names.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{Cache, DATA_FILE, KEYS_FILE, Options, RedbKeys, RedbStore, RedisKeys, RedisStore, StartError};
use crate::{
    config::{Config, KeysUrl, RedisUrl, StoreUrl, WrappingKey},
    store::{Store, StoreError, fitness::SWAPPED, keystore::KeyStore, sealing::LocalKeys, snapshot::Snapshots},
};

/// Where both stores are, for messages.
pub(super) fn places(config: &Config) -> String {
    let data = match &config.store {
        StoreUrl::Redb { folder } => folder.join(DATA_FILE).display().to_string(),
        StoreUrl::Redis(url) => redis_place(url),
    };
    let keys = match &config.keys {
        KeysUrl::File { folder } => folder.join(KEYS_FILE).display().to_string(),
        KeysUrl::Redis(url) => redis_place(url),
    };
    format!("data: {data}, keys: {keys}")
}

/// The same of a Redis, without its password.
pub(super) fn redis_place(url: &RedisUrl) -> String {
    format!("redis://{}:{}/{}", url.host, url.port, url.database)
}

/// What is added to the name of a file that is copied into, until it is whole.
const UNFINISHED: &str = ".copying";

/// Refuses folders that hold what the other should: new stores would be made in them.
pub(super) fn not_swapped(config: &Config) -> Result<(), StartError> {
    let (StoreUrl::Redb { folder: data }, KeysUrl::File { folder: keys }) = (&config.store, &config.keys) else {
        return Ok(());
    };
    let has_only = |folder: &Path, file: &str, other: &str| folder.join(file).exists() && !folder.join(other).exists();
    if has_only(data, KEYS_FILE, DATA_FILE) && has_only(keys, DATA_FILE, KEYS_FILE) {
        return Err(StoreError::Unfit(SWAPPED.into()).into());
    }
    // Where a file has no name yet, a new one would be made under it.
    if [data.join(DATA_FILE), keys.join(KEYS_FILE)].iter().any(|file| unfinished(file).exists()) {
        return Err(StartError::HalfCopied);
    }
    Ok(())
}

/// What a file is called while it is copied into.
pub(super) fn unfinished(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(UNFINISHED);
    name.into()
}

/// The data of a configuration.
pub(super) struct OpenData {
    pub store: Arc<dyn Store>,
    /// As of one moment, where it is embedded.
    pub snapshots: Option<Arc<dyn Snapshots>>,
    /// Where it is not.
    pub redis: Option<Arc<RedisStore>>,
}

/// The keys of a configuration.
pub(super) struct OpenKeys {
    pub store: Arc<dyn KeyStore>,
    pub snapshots: Option<Arc<dyn Snapshots>>,
    pub redis: Option<Arc<RedisKeys>>,
}

pub(super) async fn open_store(config: &Config) -> Result<OpenData, StartError> {
    Ok(match &config.store {
        StoreUrl::Redb { folder } => {
            make_folder(folder)?;
            let store = Arc::new(RedbStore::open(&folder.join(DATA_FILE), Cache::default())?);
            let snapshots: Arc<dyn Snapshots> = store.clone();
            OpenData { store, snapshots: Some(snapshots), redis: None }
        }
        StoreUrl::Redis(url) => {
            let store = Arc::new(RedisStore::connect(&url.text(), redis_options(config)).await?);
            OpenData { store: store.clone(), snapshots: None, redis: Some(store) }
        }
    })
}

pub(super) async fn open_keys(config: &Config) -> Result<OpenKeys, StartError> {
    Ok(match &config.keys {
        KeysUrl::File { folder } => {
            make_folder(folder)?;
            let keys = Arc::new(RedbKeys::open(&folder.join(KEYS_FILE))?);
            let snapshots: Arc<dyn Snapshots> = keys.clone();
            OpenKeys { store: keys, snapshots: Some(snapshots), redis: None }
        }
        KeysUrl::Redis(url) => {
            let keys = Arc::new(RedisKeys::connect(&url.text(), redis_options(config)).await?);
            OpenKeys { store: keys.clone(), snapshots: None, redis: Some(keys) }
        }
    })
}

pub(super) fn redis_options(config: &Config) -> Options {
    let Config { allow_volatile_redis: allow_volatile, is_patient, .. } = *config;
    Options { allow_volatile, is_patient, ..Options::default() }
}

pub(super) fn make_folder(folder: &Path) -> Result<(), StartError> {
    use std::os::unix::fs::DirBuilderExt;
    let fault = |cause| StartError::Folder { path: folder.display().to_string(), cause };
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(fault)
}

/// The file of the wrapping key where nobody has said which: beside the folder of the keys, or where releases before made it.
fn usual<'a>(file: &'a Path, before: &'a Path) -> Result<&'a Path, StartError> {
    let (at, from) = (file.display(), before.display());
    match (file.exists(), before.exists()) {
        (true, true) if LocalKeys::are_same(file, before)? => {
            tracing::warn!(
                "the wrapping key is read from {at}; {from} holds the same, and a backup of the keys takes it along: remove that one"
            );
            Ok(file)
        }
        (true, true) => Err(StartError::TwoWrappingKeys { file: at.to_string(), before: from.to_string() }),
        (false, true) => {
            tracing::warn!(
                "the wrapping key is read from {from}, where a backup of the keys takes it along: stop the service, and move it to {at}"
            );
            Ok(before)
        }
        (_, false) => Ok(file),
    }
}

pub(super) async fn wrapping_key(key: &WrappingKey, keys: &dyn KeyStore) -> Result<LocalKeys, StartError> {
    let path = match key {
        WrappingKey::Given(raw) => return Ok(LocalKeys::from_bytes(raw.expose())?),
        WrappingKey::File(path) => path,
        WrappingKey::Usual { file, before } => usual(file, before)?,
    };
    // A key store that is away is waited for; whether the key opens it is looked at then.
    if !path.exists() && keys.has_keys().await.unwrap_or(false) {
        return Err(StartError::WrappingKeyMissing(path.display().to_string()));
    }
    Ok(LocalKeys::from_file(path)?)
}
