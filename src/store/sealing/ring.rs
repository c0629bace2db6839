//! The key ring: unwrapped keys, for at most a minute.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;

use super::{DataKey, IndexKey, KEY_LEN, Keys, Result, StoreError, random};
use crate::{
    cache::{Bounds, Cache},
    domain::TenantId,
    store::{
        CustomerKey, Names,
        codec::marks,
        fitness::Fitness,
        keys,
        keystore::{Copies, KeyEntry, KeyName, KeyStore},
        split_corruption,
    },
};

/// How long an unwrapped key may be used without asking the key store again: an erasure by another replica takes effect here within it.
const KEY_AGE_MAX: Duration = Duration::from_mins(1);
/// Unwrapped keys kept: 65,536 × about 700 bytes (an expanded AES key and its entry) = 45 MB at the most.
const KEYS_MAX: u64 = 65_536;
/// Index keys kept: a process serves one tenant, or a few.
const INDEX_KEYS_MAX: u64 = 1_024;
/// The version under which index keys are made now.
pub const INDEX_KEY_VERSION: u16 = 1;

/// Fetches, unwraps, makes and destroys keys.
pub struct KeyRing {
    store: Arc<dyn KeyStore>,
    keys: Arc<dyn Keys>,
    data: Cache<CustomerKey, Arc<DataKey>, NoKey>,
    index: Cache<TenantId, Arc<IndexKey>, StoreError>,
    /// Knows whether a tenant's index key was made before; `None`: nobody asks.
    fitness: Option<Arc<Fitness>>,
    /// The epoch of the stores when the keys at hand were read.
    epoch: AtomicU64,
}

/// What the ring knows of a customer's key.
pub enum KeyState {
    Key(Arc<DataKey>),
    /// There never was one.
    Missing,
    /// The customer was erased.
    Destroyed,
}

/// Why a load has no key to keep.
#[derive(Clone)]
enum NoKey {
    Missing,
    Destroyed,
    Failed(StoreError),
}

impl From<StoreError> for NoKey {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

type Loaded = std::result::Result<Arc<DataKey>, NoKey>;

fn state(loaded: Loaded) -> Result<KeyState> {
    match loaded {
        Ok(key) => Ok(KeyState::Key(key)),
        Err(NoKey::Missing) => Ok(KeyState::Missing),
        Err(NoKey::Destroyed) => Ok(KeyState::Destroyed),
        Err(NoKey::Failed(error)) => Err(error),
    }
}

impl KeyRing {
    /// A ring that holds no key yet: `store` has them wrapped, `keys` opens them.
    pub fn new(store: Arc<dyn KeyStore>, keys: Arc<dyn Keys>) -> Self {
        let bounds = |weight_max| Bounds { weight_max, weight_usual: 1, age_max: KEY_AGE_MAX };
        let (data, index) = (Cache::new(bounds(KEYS_MAX), |_, _| 1), Cache::new(bounds(INDEX_KEYS_MAX), |_, _| 1));
        Self { store, keys, data, index, fitness: None, epoch: AtomicU64::new(0) }
    }

    /// A ring that makes no index key where there was one: with another, no identity would be found any more.
    pub fn of_stores(store: Arc<dyn KeyStore>, keys: Arc<dyn Keys>, fitness: Arc<Fitness>) -> Self {
        Self { fitness: Some(fitness), ..Self::new(store, keys) }
    }

    /// Whether the key store may be served from.
    pub async fn ready(&self) -> Result<()> {
        self.store.ready().await
    }

    /// Whether the stores are whole, as far as is known. No I/O.
    pub fn check(&self) -> Result<()> {
        let Some(fitness) = &self.fitness else { return Ok(()) };
        fitness.check()?;
        let epoch = fitness.epoch();
        // What was adopted may lack keys that are at hand here: nothing must be sealed or blinded with those any more.
        if self.epoch.swap(epoch, Ordering::Relaxed) != epoch {
            self.data.retain(|_, _| false);
            self.index.retain(|_, _| false);
        }
        Ok(())
    }

    /// Notes how far the logs of the data have come: see [`Fitness::note_ends`].
    pub async fn note_ends(&self, now_ms: i64) -> Result<()> {
        let Some(fitness) = &self.fitness else { return Ok(()) };
        fitness.note_ends(now_ms).await
    }

    /// The key, if it is at hand and young enough. No I/O.
    pub fn cached(&self, key: &CustomerKey) -> Option<Arc<DataKey>> {
        self.data.get(key)
    }

    /// The customer's key, from the ring or from the key store.
    pub async fn get(&self, key: &CustomerKey) -> Result<KeyState> {
        let mut own = false;
        let load = async {
            own = true;
            // In a box, as all that seldom happens on the way of a look-up: its future stays small.
            Box::pin(self.load(key)).await
        };
        match self.data.get_or_load(key, load).await {
            // Another caller's load may have read before the key was made.
            Err(NoKey::Missing) if !own => state(Box::pin(self.load(key)).await),
            loaded => state(loaded),
        }
    }

    /// Many keys, with one question for those that are not at hand. One that is damaged is an error of its own.
    pub async fn get_many(&self, keys: &[CustomerKey]) -> Result<Vec<Result<KeyState>>> {
        let mut found: Vec<Option<Result<KeyState>>> =
            keys.iter().map(|key| self.cached(key).map(KeyState::Key).map(Ok)).collect();
        let missing: Vec<usize> = (0..keys.len()).filter(|index| found[*index].is_none()).collect();
        if !missing.is_empty() {
            let begun = self.data.begin();
            let names: Vec<KeyName> = missing.iter().map(|index| customer_name(&keys[*index])).collect();
            for (index, entry) in missing.iter().zip(self.entries(&names).await?) {
                let key = &keys[*index];
                let loaded = match entry {
                    Ok(entry) => self.unwrap(key, entry).await,
                    Err(fault) => Err(fault.into()),
                };
                if let Ok(data_key) = &loaded {
                    self.data.fill(begun, key.clone(), data_key.clone());
                }
                found[*index] = Some(split_corruption(state(loaded))?);
            }
        }
        Ok(found.into_iter().map(|one| one.unwrap_or(Ok(KeyState::Missing))).collect())
    }

    /// Entries of the key store. It answers for all of them at once, so where one does not decode, each is asked for alone.
    async fn entries(&self, names: &[KeyName]) -> Result<Vec<Result<Option<KeyEntry>>>> {
        if let Ok(entries) = split_corruption(self.store.get_many(names).await)? {
            return Ok(entries.into_iter().map(Ok).collect());
        }
        let mut each = Vec::with_capacity(names.len());
        for name in names {
            each.push(split_corruption(self.store.get(name).await)?);
        }
        Ok(each)
    }

    async fn load(&self, key: &CustomerKey) -> Loaded {
        let entry = self.store.get(&customer_name(key)).await?;
        self.unwrap(key, entry).await
    }

    async fn unwrap(&self, key: &CustomerKey, entry: Option<KeyEntry>) -> Loaded {
        match entry {
            None => Err(NoKey::Missing),
            Some(KeyEntry::Tombstone) => Err(NoKey::Destroyed),
            Some(KeyEntry::Wrapped(wrapped) | KeyEntry::Committed(wrapped)) => {
                let raw = self.keys.unwrap(&context(&customer_name(key)), &wrapped).await;
                let raw = raw.map_err(|fault| fault.of_customer(key))?;
                Ok(Arc::new(DataKey::new(&raw)?))
            }
        }
    }

    /// What the key store has of a customer now, whatever is at hand here.
    pub async fn entry(&self, key: &CustomerKey) -> Result<Option<KeyEntry>> {
        self.store.get(&customer_name(key)).await
    }

    /// The same of many.
    pub async fn entries_of(&self, keys: &[CustomerKey]) -> Result<Vec<Result<Option<KeyEntry>>>> {
        self.entries(&keys.iter().map(customer_name).collect::<Vec<_>>()).await
    }

    /// Notes of customers with a record that it was committed, where nobody has yet.
    pub async fn commit_all(&self, keys: &[CustomerKey]) -> Result<()> {
        for (key, entry) in keys.iter().zip(self.entries_of(keys).await?) {
            if matches!(entry, Ok(Some(KeyEntry::Wrapped(_)))) {
                self.commit(key).await?;
            }
        }
        Ok(())
    }

    /// Notes that the customer's record was committed.
    pub async fn commit(&self, key: &CustomerKey) -> Result<()> {
        self.store.set_committed(&customer_name(key), true).await
    }

    /// The customer's key, made if there is none. `Destroyed` stays destroyed.
    pub async fn get_or_make(&self, key: &CustomerKey) -> Result<KeyState> {
        match self.get(key).await? {
            KeyState::Missing => {
                let name = customer_name(key);
                let begun = self.data.begin();
                let raw = zeroize::Zeroizing::new(random::<KEY_LEN>()?);
                let wrapped = self.keys.wrap(&context(&name), &raw).await?;
                // Another writer may have been quicker: the entry that is there counts.
                let entry = self.store.put_new(&name, wrapped.into()).await?;
                let loaded = self.unwrap(key, Some(entry)).await;
                if let Ok(data_key) = &loaded {
                    self.data.fill(begun, key.clone(), data_key.clone());
                }
                state(loaded)
            }
            found => Ok(found),
        }
    }

    /// Destroys the customer's key, here at once, on other replicas within a minute.
    pub async fn destroy(&self, key: &CustomerKey, now_ms: i64) -> Result<()> {
        let buried = self.store.bury(&customer_name(key), now_ms).await;
        // Whatever came of it: an unknown outcome may be a destroyed key.
        self.data.remove(key);
        buried
    }

    /// What may be left of destroyed keys in the files of the key store; `None`: nothing is.
    pub async fn copies(&self) -> Result<Option<Copies>> {
        self.store.copies().await
    }

    /// Removes it: see [`KeyStore::rewrite`].
    pub async fn remove_copies(&self, copies: Copies) -> Result<()> {
        self.store.remove_copies(copies).await
    }

    /// The tenant's index key as the key store has it, with its version; made if there is none.
    pub async fn wrapped_index_key(&self, tenant: &TenantId) -> Result<(u16, Bytes)> {
        self.index_key(tenant).await?;
        match self
            .store
            .get(&KeyName::Index(tenant.clone(), INDEX_KEY_VERSION))
            .await?
            .as_ref()
            .and_then(KeyEntry::wrapped)
        {
            Some(wrapped) => Ok((INDEX_KEY_VERSION, wrapped.clone())),
            None => Err(StoreError::Corrupt("the tenant's index key was destroyed".into())),
        }
    }

    /// Whether an index key from elsewhere is the tenant's own; `None`: the tenant has none yet.
    ///
    /// # Errors
    /// `Corrupt` if it does not unwrap with this wrapping key.
    pub async fn has_index_key(&self, tenant: &TenantId, version: u16, wrapped: &[u8]) -> Result<Option<bool>> {
        let name = KeyName::Index(tenant.clone(), version);
        let raw = self.keys.unwrap(&context(&name), wrapped).await?;
        let Some(entry) = self.store.get(&name).await? else { return Ok(None) };
        Ok(Some(match entry.wrapped() {
            Some(there) => *self.keys.unwrap(&context(&name), there).await? == *raw,
            None => false,
        }))
    }

    /// Takes over an index key from elsewhere, unless the tenant has one.
    pub async fn adopt_index_key(&self, tenant: &TenantId, version: u16, wrapped: Bytes) -> Result<()> {
        self.store.put_new(&KeyName::Index(tenant.clone(), version), wrapped).await.map(drop)
    }

    /// Bytes of the customer's entry in the key store, as it is wrapped.
    pub async fn wrapped_len(&self, key: &CustomerKey) -> Result<usize> {
        Ok(self.entry(key).await?.as_ref().and_then(KeyEntry::wrapped).map_or(0, Bytes::len))
    }

    /// The number of the newest version of a tenant's policy, as far as it was noted: see [`KeyRing::note_policy`].
    pub async fn noted_policy(&self, tenant: &TenantId) -> Result<Option<u64>> {
        let noted = self.store.notes(&[keys::policy_note(tenant)]).await?.pop().flatten();
        noted.map_or(Ok(None), |note| marks::decode_policy_note(&note))
    }

    /// Notes that a tenant has a policy: one that is missing was lost. Stores without marks take no notes.
    pub async fn note_policy(&self, tenant: &TenantId, newest: u64) -> Result<()> {
        if self.fitness.as_ref().is_none_or(|fitness| fitness.epoch() == 0) {
            return Ok(());
        }
        self.store.put_note(keys::policy_note(tenant), newest.to_be_bytes().to_vec().into()).await
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
        let entry = self.store.get(&name).await?;
        let Some(wrapped) = entry.as_ref().and_then(KeyEntry::wrapped) else { return Ok(()) };
        match self.keys.unwrap(&context(&name), wrapped).await {
            Ok(_) => Ok(()),
            Err(StoreError::Corrupt(_)) => Err(StoreError::Unfit(
                "the wrapping key does not open the keys of this store: start with the wrapping key that it was made with"
                    .into(),
            )),
            Err(fault) => Err(fault),
        }
    }

    /// The tenant's index key, made if there is none.
    pub async fn index_key(&self, tenant: &TenantId) -> Result<Arc<IndexKey>> {
        // In a box that is made when it is asked for: every call holds this future.
        let load = || async { Box::pin(self.load_or_make_index_key(tenant)).await };
        let key = self.index.get_or_load(tenant, load()).await?;
        if key.epoch() == self.epoch_now() {
            return Ok(key);
        }
        // Its load began before the epoch did.
        self.index.remove(tenant);
        self.index.get_or_load(tenant, load()).await
    }

    fn epoch_now(&self) -> u64 {
        self.fitness.as_ref().map_or(0, |fitness| fitness.epoch())
    }

    async fn load_or_make_index_key(&self, tenant: &TenantId) -> Result<Arc<IndexKey>> {
        let name = KeyName::Index(tenant.clone(), INDEX_KEY_VERSION);
        let entry = match self.store.get(&name).await? {
            Some(entry) => entry,
            None => {
                if let Some(fitness) = &self.fitness
                    && fitness.must_have_index_key(tenant).await?
                {
                    return Err(index_key_lost());
                }
                let raw = zeroize::Zeroizing::new(random::<KEY_LEN>()?);
                let wrapped = self.keys.wrap(&context(&name), &raw).await?;
                self.store.put_new(&name, wrapped.into()).await?
            }
        };
        let Some(wrapped) = entry.wrapped() else {
            return Err(StoreError::Corrupt("the tenant's index key was destroyed".into()));
        };
        let raw = self.keys.unwrap(&context(&name), wrapped).await?;
        if let Some(fitness) = &self.fitness {
            fitness.note_index_key(tenant).await?;
        }
        Ok(Arc::new(IndexKey::new(tenant.clone(), INDEX_KEY_VERSION, &raw).in_epoch(self.epoch_now())))
    }
}

fn index_key_lost() -> StoreError {
    StoreError::Unfit(
        "the tenant's index key is gone from the key store, and without it nobody is found: restore the key store"
            .into(),
    )
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
