//! Who is erased while a store is copied that is served: the copy has the key of before, so it is destroyed there too, with all that leads to them.

use futures_util::future::try_join_all;
use tokio::task::spawn_blocking;

use super::{
    super::{
        DATA_FILE, KEYS_FILE, RedbKeys, RedbStore, RedisKeys, RedisStore, backup::keys_source, stores::redis_options,
    },
    Cache, CopyFault, PAGE_BYTES, unfinished,
};
use crate::{
    config::{Config, KeysUrl, StoreUrl},
    store::{
        PAGE_MAX, Result, Store, StoreError,
        codec::entries::decode_key,
        fitness::Side,
        keys::parse_data_key,
        keystore::{KeyEntry, KeyName, KeyStore},
        leftovers,
    },
};

/// What was done about erasures while a store was copied that somebody served.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Erased {
    /// Customers whose key was copied, and is destroyed in the copy.
    pub customers: usize,
    /// As of when, in milliseconds since 1970: who is erased later is in the copy.
    pub until_ms: i64,
}

/// Destroys in the copy the keys that were destroyed in the source meanwhile, and removes what is left of everybody whose key is destroyed: of who was
/// erased after the data were copied, and before the keys were, too. `None`: nobody serves the source.
pub(super) async fn repeat(from: &Config, to: &Config, now_ms: i64) -> std::result::Result<Option<Erased>, CopyFault> {
    let (mut source, is_served) = keys_source(from).await?;
    if !is_served {
        return Ok(None);
    }
    let reading = spawn_blocking(move || -> std::result::Result<_, CopyFault> {
        let (until_ms, mut snapshot) = source.open(Side::Keys).map_err(super::BackupFault::from)?;
        let mut destroyed = Vec::new();
        loop {
            let page = snapshot.next(PAGE_BYTES)?;
            if page.is_empty() {
                return Ok((until_ms, destroyed));
            }
            destroyed.extend(page.into_iter().filter_map(|(name, entry)| tombstone(&name, entry)));
        }
    });
    let joined = reading.await.map_err(|fault| StoreError::Unavailable(fault.to_string().into()))?;
    let (until_ms, destroyed) = joined?;
    let (data, keys) = (copied_data(to).await?, copied_keys(to).await?);
    let customers = bury(keys.as_ref(), &destroyed, now_ms).await?;
    leftovers::remove(data.as_ref(), &keys.destroyed().await?, now_ms).await?;
    Ok(Some(Erased { customers, until_ms }))
}

/// Whose key was destroyed, if the pair says so.
fn tombstone(name: &[u8], entry: Vec<u8>) -> Option<KeyName> {
    let name = parse_data_key(str::from_utf8(name).ok()?)?;
    (decode_key(entry.into()).ok()? == KeyEntry::Tombstone).then_some(name)
}

/// The data of the copy, which has no name yet.
async fn copied_data(to: &Config) -> Result<Box<dyn Store>> {
    Ok(match &to.store {
        StoreUrl::Redb { folder } => Box::new(RedbStore::open(&unfinished(&folder.join(DATA_FILE)), Cache::default())?),
        StoreUrl::Redis(url) => Box::new(RedisStore::connect(&url.text(), redis_options(to)).await?),
    })
}

/// The keys of the copy, which have no name yet.
async fn copied_keys(to: &Config) -> Result<Box<dyn KeyStore>> {
    Ok(match &to.keys {
        KeysUrl::File { folder } => Box::new(RedbKeys::open(&unfinished(&folder.join(KEYS_FILE)))?),
        KeysUrl::Redis(url) => Box::new(RedisKeys::connect(&url.text(), redis_options(to)).await?),
    })
}

/// Answers how many of these keys were there.
async fn bury(keys: &dyn KeyStore, destroyed: &[KeyName], now_ms: i64) -> Result<usize> {
    let mut count = 0;
    for names in destroyed.chunks(PAGE_MAX) {
        let found = names.iter().zip(keys.get_many(names).await?);
        let alive: Vec<&KeyName> =
            found.filter(|(_, there)| *there != Some(KeyEntry::Tombstone)).map(|(name, _)| name).collect();
        count += alive.len();
        try_join_all(alive.into_iter().map(|name| keys.bury(name, now_ms))).await?;
    }
    Ok(count)
}
