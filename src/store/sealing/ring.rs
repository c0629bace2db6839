//! The key ring: unwrapped keys, for at most a minute.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;

use super::{DataKey, IndexKey, KEY_LEN, Keys, Result, StoreError, TenantKey, is_wrapped_by_tenant_key, random};
use crate::{
    cache::{Bounds, Cache},
    domain::TenantId,
    store::{
        CustomerKey, Names,
        codec::marks,
        fitness::Fitness,
        keys,
        keystore::{Copies, KeyEntry, KeyName, KeyStore},
        leftovers::Destroyed,
        split_corruption,
    },
};

mod log;
mod rewrap;
mod tenant;

pub use rewrap::Rewrapped;

/// How long an unwrapped key may be used without asking the key store again: an erasure by another replica takes effect here within it.
const KEY_AGE_MAX: Duration = Duration::from_mins(1);
/// Unwrapped keys kept: 65,536 × about 700 bytes (an expanded AES key and its entry) = 45 MB at the most.
const KEYS_MAX: u64 = 65_536;
/// Index keys kept, and keys of tenants: a process serves one tenant, or a few.
const INDEX_KEYS_MAX: u64 = 1_024;
/// The version under which index keys are made now.
pub const INDEX_KEY_VERSION: u16 = 1;
/// The version under which tenants' keys are made now.
pub const TENANT_KEY_VERSION: u16 = 1;
/// How long it is believed that a tenant has no key of its own: `rapport upgrade` makes it while the stores are served, and waits until everybody
/// must know.
const LACKING_AGE_MAX: Duration = Duration::from_secs(1);

/// Fetches, unwraps, makes and destroys keys.
pub struct KeyRing {
    store: Arc<dyn KeyStore>,
    keys: Arc<dyn Keys>,
    data: Cache<CustomerKey, Arc<DataKey>, NoKey>,
    index: Cache<TenantId, Arc<IndexKey>, StoreError>,
    tenant: Cache<TenantId, Arc<TenantKey>, NoKey>,
    /// Tenants that have no key of their own yet.
    lacking: Cache<TenantId, ()>,
    /// Knows whether a tenant's index key, and its own, were made before; `None`: nobody asks.
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
        let lacking = Bounds { age_max: LACKING_AGE_MAX, ..bounds(INDEX_KEYS_MAX) };
        Self {
            store,
            keys,
            data: Cache::new(bounds(KEYS_MAX), |_, _| 1),
            index: Cache::new(bounds(INDEX_KEYS_MAX), |_, _| 1),
            tenant: Cache::new(bounds(INDEX_KEYS_MAX), |_, _| 1),
            lacking: Cache::new(lacking, |_, ()| 1),
            fitness: None,
            epoch: AtomicU64::new(0),
        }
    }

    /// A ring that makes no tenant's or index key where there was one: with another nothing opens, and no identity is found.
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
            self.tenant.retain(|_, _| false);
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
            for (index, entry) in missing.iter().zip(self.store.entries(&names).await?) {
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

    async fn load(&self, key: &CustomerKey) -> Loaded {
        let entry = self.store.get(&customer_name(key)).await?;
        self.unwrap(key, entry).await
    }

    async fn unwrap(&self, key: &CustomerKey, entry: Option<KeyEntry>) -> Loaded {
        match entry {
            None => Err(NoKey::Missing),
            Some(KeyEntry::Tombstone) => Err(NoKey::Destroyed),
            Some(KeyEntry::Wrapped(wrapped) | KeyEntry::Committed(wrapped)) => {
                let raw = self.unwrapped(&customer_name(key), &wrapped).await;
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
        self.store.entries(&keys.iter().map(customer_name).collect::<Vec<_>>()).await
    }

    /// Everybody whose key is destroyed: see [`KeyStore::destroyed`](crate::store::keystore).
    pub async fn destroyed(&self) -> Result<Destroyed> {
        self.store.destroyed().await
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
                let wrapped = self.wrapped(&name, &raw).await?;
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

    /// Whether they could be removed: see [`KeyStore::may_rewrite`].
    pub async fn may_remove_copies(&self) -> Result<()> {
        self.store.may_rewrite().await
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
        KeyName::Tenant(tenant, version) => {
            [b"t".as_slice(), &version.to_be_bytes(), tenant.as_str().as_bytes()].concat()
        }
    }
}
