//! The key ring: unwrapped keys, for at most a minute.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use tokio::time::Instant;

use super::{DataKey, IndexKey, KEY_LEN, Keys, Result, StoreError, random};
use crate::{
    domain::TenantId,
    store::{
        CustomerKey, Names,
        keystore::{KeyEntry, KeyName, KeyStore},
    },
};

/// How long an unwrapped key may be used without asking the key store again: after this, an erasure elsewhere holds here.
const KEY_AGE_MAX: Duration = Duration::from_secs(60);
/// Unwrapped keys kept: 65,536 × about 700 bytes (an expanded AES key and its place) = 45 MB at the most.
const KEYS_MAX: usize = 65_536;
/// Shards of the cache: more than cores, so that look-ups seldom wait for each other.
const SHARDS: usize = 32;
/// The version under which index keys are made now.
const INDEX_KEY_VERSION: u16 = 1;

struct Cached {
    key: Arc<DataKey>,
    since: Instant,
}

type Shard = Mutex<HashMap<CustomerKey, Cached>>;

/// Fetches, unwraps, makes and destroys keys.
pub struct KeyRing {
    store: Arc<dyn KeyStore>,
    keys: Arc<dyn Keys>,
    shards: Vec<Shard>,
    index: Mutex<HashMap<TenantId, (Arc<IndexKey>, Instant)>>,
}

/// What the ring knows of a customer's key.
pub enum Found {
    Key(Arc<DataKey>),
    /// There never was one.
    Missing,
    /// The customer was erased.
    Destroyed,
}

impl KeyRing {
    pub fn new(store: Arc<dyn KeyStore>, keys: Arc<dyn Keys>) -> Self {
        let shards = (0..SHARDS).map(|_| Mutex::default()).collect();
        Self { store, keys, shards, index: Mutex::default() }
    }

    /// Whether the key store may be served from.
    pub async fn ready(&self) -> Result<()> {
        self.store.ready().await
    }

    fn shard(&self, key: &CustomerKey) -> &Shard {
        // Customer ids are random: any byte spreads them evenly.
        &self.shards[usize::from(key.customer.as_bytes()[7]) % SHARDS]
    }

    /// The key, if it is at hand and young enough. No I/O.
    pub fn cached(&self, key: &CustomerKey) -> Option<Arc<DataKey>> {
        let shard = self.shard(key).lock().unwrap_or_else(PoisonError::into_inner);
        shard.get(key).filter(|cached| cached.since.elapsed() < KEY_AGE_MAX).map(|cached| cached.key.clone())
    }

    fn remember(&self, key: &CustomerKey, data_key: &Arc<DataKey>, since: Instant) {
        let mut shard = self.shard(key).lock().unwrap_or_else(PoisonError::into_inner);
        if shard.len() >= KEYS_MAX / SHARDS {
            shard.retain(|_, cached| cached.since.elapsed() < KEY_AGE_MAX);
        }
        if shard.len() >= KEYS_MAX / SHARDS
            && let Some(victim) = shard.keys().next().cloned()
        {
            shard.remove(&victim);
        }
        shard.insert(key.clone(), Cached { key: data_key.clone(), since });
    }

    /// The customer's key, from the ring or from the key store.
    pub async fn get(&self, key: &CustomerKey) -> Result<Found> {
        if let Some(data_key) = self.cached(key) {
            return Ok(Found::Key(data_key));
        }
        // Aged from before the question: an erasure that overtakes the answer is not missed for longer than the age.
        let since = Instant::now();
        let entry = self.store.get(&customer_name(key)).await?;
        self.take(key, entry, since).await
    }

    /// Many keys, with one question for those that are not at hand.
    pub async fn get_many(&self, keys: &[CustomerKey]) -> Result<Vec<Found>> {
        let mut found: Vec<Option<Found>> = keys.iter().map(|key| self.cached(key).map(Found::Key)).collect();
        let missing: Vec<usize> = (0..keys.len()).filter(|place| found[*place].is_none()).collect();
        if !missing.is_empty() {
            let since = Instant::now();
            let names: Vec<KeyName> = missing.iter().map(|place| customer_name(&keys[*place])).collect();
            for (place, entry) in missing.iter().zip(self.store.get_many(&names).await?) {
                found[*place] = Some(self.take(&keys[*place], entry, since).await?);
            }
        }
        Ok(found.into_iter().map(|one| one.unwrap_or(Found::Missing)).collect())
    }

    async fn take(&self, key: &CustomerKey, entry: Option<KeyEntry>, since: Instant) -> Result<Found> {
        match entry {
            None => Ok(Found::Missing),
            Some(KeyEntry::Tombstone) => Ok(Found::Destroyed),
            Some(KeyEntry::Wrapped(wrapped)) => {
                let raw = self.keys.unwrap(&context(&customer_name(key)), &wrapped).await?;
                let data_key = Arc::new(DataKey::new(&raw)?);
                self.remember(key, &data_key, since);
                Ok(Found::Key(data_key))
            }
        }
    }

    /// The customer's key, made if there is none. `Destroyed` stays destroyed.
    pub async fn get_or_make(&self, key: &CustomerKey) -> Result<Found> {
        match self.get(key).await? {
            Found::Missing => {
                let name = customer_name(key);
                let since = Instant::now();
                let raw = zeroize::Zeroizing::new(random::<KEY_LEN>()?);
                let wrapped = self.keys.wrap(&context(&name), &raw).await?;
                // Another writer may have been quicker: the entry that is there counts.
                let entry = self.store.put_new(&name, wrapped.into()).await?;
                self.take(key, Some(entry), since).await
            }
            found => Ok(found),
        }
    }

    /// Destroys the customer's key, here at once, on other replicas within a minute.
    pub async fn destroy(&self, key: &CustomerKey) -> Result<()> {
        self.store.bury(&customer_name(key)).await?;
        self.shard(key).lock().unwrap_or_else(PoisonError::into_inner).remove(key);
        Ok(())
    }

    /// The tenant's index key as the key store has it, with its version; made if there is none.
    pub async fn wrapped_index_key(&self, tenant: &TenantId) -> Result<(u16, Bytes)> {
        self.index_key(tenant).await?;
        match self.store.get(&KeyName::Index(tenant.clone(), INDEX_KEY_VERSION)).await? {
            Some(KeyEntry::Wrapped(wrapped)) => Ok((INDEX_KEY_VERSION, wrapped)),
            _ => Err(StoreError::Corrupt("the tenant's index key was destroyed".to_owned())),
        }
    }

    /// Whether an index key from elsewhere is the tenant's own; `None`: the tenant has none yet.
    ///
    /// # Errors
    /// `Corrupt` if it does not unwrap with this wrapping key.
    pub async fn has_index_key(&self, tenant: &TenantId, version: u16, wrapped: &[u8]) -> Result<Option<bool>> {
        let name = KeyName::Index(tenant.clone(), version);
        let raw = self.keys.unwrap(&context(&name), wrapped).await?;
        Ok(match self.store.get(&name).await? {
            None => None,
            Some(KeyEntry::Wrapped(there)) => Some(*self.keys.unwrap(&context(&name), &there).await? == *raw),
            Some(KeyEntry::Tombstone) => Some(false),
        })
    }

    /// Takes over an index key from elsewhere, unless the tenant has one.
    pub async fn adopt_index_key(&self, tenant: &TenantId, version: u16, wrapped: Bytes) -> Result<()> {
        self.store.put_new(&KeyName::Index(tenant.clone(), version), wrapped).await.map(drop)
    }

    /// Bytes of the customer's entry in the key store, as it is wrapped.
    pub async fn wrapped_len(&self, key: &CustomerKey) -> Result<usize> {
        Ok(match self.store.get(&customer_name(key)).await? {
            Some(KeyEntry::Wrapped(wrapped)) => wrapped.len(),
            Some(KeyEntry::Tombstone) | None => 0,
        })
    }

    /// A page of the names of all keys.
    pub async fn names(&self, from: Option<&[u8]>, limit: usize) -> Result<Names> {
        self.store.names(from, limit).await
    }

    /// Whether the wrapping key is the one that this tenant's keys were wrapped with, as far as there are any yet. With
    /// another one nothing would open.
    ///
    /// # Errors
    /// `Unfit` if it is not; those of the key store.
    pub async fn opens(&self, tenant: &TenantId) -> Result<()> {
        let name = KeyName::Index(tenant.clone(), INDEX_KEY_VERSION);
        let Some(KeyEntry::Wrapped(wrapped)) = self.store.get(&name).await? else {
            return Ok(());
        };
        match self.keys.unwrap(&context(&name), &wrapped).await {
            Ok(_) => Ok(()),
            Err(StoreError::Corrupt(_)) => Err(StoreError::Unfit(
                "the wrapping key does not open the keys of this store: start with the wrapping key that it was made with"
                    .to_owned(),
            )),
            Err(fault) => Err(fault),
        }
    }

    /// The tenant's index key, made if there is none.
    pub async fn index_key(&self, tenant: &TenantId) -> Result<Arc<IndexKey>> {
        {
            let cached = self.index.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((key, since)) = cached.get(tenant)
                && since.elapsed() < KEY_AGE_MAX
            {
                return Ok(key.clone());
            }
        }
        let name = KeyName::Index(tenant.clone(), INDEX_KEY_VERSION);
        let since = Instant::now();
        let entry = match self.store.get(&name).await? {
            Some(entry) => entry,
            None => {
                let raw = zeroize::Zeroizing::new(random::<KEY_LEN>()?);
                let wrapped = self.keys.wrap(&context(&name), &raw).await?;
                self.store.put_new(&name, wrapped.into()).await?
            }
        };
        let KeyEntry::Wrapped(wrapped) = entry else {
            return Err(StoreError::Corrupt("the tenant's index key was destroyed".to_owned()));
        };
        let raw = self.keys.unwrap(&context(&name), &wrapped).await?;
        let key = Arc::new(IndexKey::new(tenant.clone(), INDEX_KEY_VERSION, &raw));
        self.index.lock().unwrap_or_else(PoisonError::into_inner).insert(tenant.clone(), (key.clone(), since));
        Ok(key)
    }
}

fn customer_name(key: &CustomerKey) -> KeyName {
    KeyName::Customer(key.tenant.clone(), key.customer)
}

/// Binds a wrapped key to its name: it does not unwrap under another.
fn context(name: &KeyName) -> Vec<u8> {
    match name {
        KeyName::Customer(tenant, customer) => {
            [b"c".as_slice(), customer.as_bytes(), tenant.as_str().as_bytes()].concat()
        }
        KeyName::Index(tenant, version) => {
            [b"x".as_slice(), &version.to_be_bytes(), tenant.as_str().as_bytes()].concat()
        }
    }
}
