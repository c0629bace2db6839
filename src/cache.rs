//! The one cache of this process: bounded in weight and age, sharded, and with single flight: callers who miss the same
//! key at once wait for one load.
//!
//! Storage and eviction are `quick_cache`'s: it keeps what is asked for often, and evicts in constant time. This type adds
//! a bound on age, loads whose failure is told to those who wait and is not kept, and removals that also
//! cover loads under way:
//!
//! * An entry's age counts from before its load began, so that a change during the load is noticed within the bound.
//! * A load that began before a [`Cache::remove`], [`Cache::put`] or [`Cache::retain`] answers its callers, and is not kept.
//! * A caller that stops waiting stops nobody else: the next of those who wait loads.

use std::{
    collections::HashMap,
    hash::{BuildHasher as _, Hash, RandomState},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use quick_cache::Weighter;
use tokio::{sync::OnceCell, time::Instant};

/// Locks of the loads under way: more than cores, so that misses seldom wait for each other.
const LOAD_SHARDS: usize = 32;

/// How much a cache holds, and for how long.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// What all entries together may weigh. Each of some eight shards holds its share, and no entry that is heavier.
    pub weight_max: u64,
    /// What a usual entry weighs: sizes the tables.
    pub weight_usual: u64,
    /// How old an entry may be and still be answered.
    pub age_max: Duration,
}

#[derive(Clone)]
struct Aged<V> {
    value: V,
    since: Instant,
}

/// Weighs entries by a function of the cache's owner.
struct Weigh<K, V>(fn(&K, &V) -> u64);

impl<K, V> Clone for Weigh<K, V> {
    fn clone(&self) -> Self {
        Self(self.0)
    }
}

impl<K, V> Weighter<K, Aged<V>> for Weigh<K, V> {
    fn weight(&self, key: &K, entry: &Aged<V>) -> u64 {
        (self.0)(key, &entry.value)
    }
}

/// One load and its outcome, for all who wait for it.
type Load<V, E> = Arc<OnceCell<Result<V, E>>>;
type Loads<K, V, E> = HashMap<K, Load<V, E>>;

/// When a load began, and how many changes had been made by then.
#[derive(Debug, Clone, Copy)]
pub struct Begun {
    since: Instant,
    changes: u64,
}

/// Values by key. `E` is what a load answers when it has no value: told to those who wait for the load, and not kept.
pub struct Cache<K, V, E = std::convert::Infallible> {
    entries: quick_cache::sync::Cache<K, Aged<V>, Weigh<K, V>>,
    age_max: Duration,
    /// Removals and puts so far.
    changes: AtomicU64,
    hasher: RandomState,
    loads: Vec<Mutex<Loads<K, V, E>>>,
}

impl<K: Eq + Hash + Clone, V: Clone, E: Clone> Cache<K, V, E> {
    /// An empty cache; `weigh` says what an entry weighs.
    pub fn new(bounds: Bounds, weigh: fn(&K, &V) -> u64) -> Self {
        let usual = usize::try_from(bounds.weight_max / bounds.weight_usual.max(1)).unwrap_or(usize::MAX);
        Self {
            entries: quick_cache::sync::Cache::with_weighter(usual, bounds.weight_max, Weigh(weigh)),
            age_max: bounds.age_max,
            changes: AtomicU64::new(0),
            hasher: RandomState::new(),
            loads: (0..LOAD_SHARDS).map(|_| Mutex::default()).collect(),
        }
    }

    /// The value, if it is there and young enough.
    pub fn get(&self, key: &K) -> Option<V> {
        self.get_within(key, self.age_max)
    }

    /// The value, if it is there and younger than this: an old value may be better than none. What is older than the
    /// bound stays until it is replaced, evicted or purged.
    pub fn get_within(&self, key: &K, age_max: Duration) -> Option<V> {
        self.entries.get(key).filter(|entry| entry.since.elapsed() < age_max).map(|entry| entry.value)
    }

    /// The value, or what `load` answers. Callers who miss a key at once share one load and its outcome: what they get
    /// may have been read just before they asked.
    ///
    /// # Errors
    /// What the load answered instead of a value.
    pub async fn get_or_load(&self, key: &K, load: impl Future<Output = Result<V, E>>) -> Result<V, E> {
        if let Some(value) = self.get(key) {
            return Ok(value);
        }
        let waiting = Waiting::on(self, key);
        let load = async {
            let begun = self.begin();
            let outcome = load.await;
            if let Ok(value) = &outcome {
                self.fill(begun, key.clone(), value.clone());
            }
            outcome
        };
        waiting.load.get_or_init(|| load).await.clone()
    }

    /// Begins a load that the caller makes itself, of many keys at once, say; its values are then stored by [`Cache::fill`].
    pub fn begin(&self) -> Begun {
        Begun { since: Instant::now(), changes: self.changes.load(Ordering::SeqCst) }
    }

    /// Stores what was loaded, unless something was changed since the load began.
    pub fn fill(&self, begun: Begun, key: K, value: V) {
        // Compared and stored under the lock that a change of this key takes: it comes before, and is seen, or after, and
        // removes what was stored.
        let changing = self.loads(&key);
        if self.changes.load(Ordering::SeqCst) == begun.changes {
            self.entries.insert(key, Aged { value, since: begun.since });
        }
        drop(changing);
    }

    /// Stores a value that is newer than anything that is being loaded.
    pub fn put(&self, key: K, value: V) {
        let mut loads = self.loads(&key);
        self.change(&mut loads, &key);
        self.entries.insert(key, Aged { value, since: Instant::now() });
        drop(loads);
    }

    /// Removes a value. Who asks from now on does not get what was loaded before.
    pub fn remove(&self, key: &K) {
        self.change(&mut self.loads(key), key);
        self.entries.remove(key);
    }

    /// Removes what is not wanted. Walks through everything.
    pub fn retain(&self, wanted: impl Fn(&K, &V) -> bool) {
        self.changes.fetch_add(1, Ordering::SeqCst);
        // Whoever stores something under one of the locks is waited for; whoever takes one later sees the change.
        for shard in &self.loads {
            drop(shard.lock().unwrap_or_else(PoisonError::into_inner));
        }
        self.entries.retain(|key, entry| wanted(key, &entry.value));
    }

    /// Removes what is too old to be answered. Walks through everything.
    pub fn purge(&self) {
        self.entries.retain(|_, entry| entry.since.elapsed() < self.age_max);
    }

    /// Keeps loads under way from storing their value, and new callers from joining the load of this key.
    fn change(&self, loads: &mut Loads<K, V, E>, key: &K) {
        self.changes.fetch_add(1, Ordering::SeqCst);
        loads.remove(key);
    }

    fn loads(&self, key: &K) -> MutexGuard<'_, Loads<K, V, E>> {
        let shard = self.hasher.hash_one(key) as usize % LOAD_SHARDS;
        self.loads[shard].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A caller that waits for a load, or carries it out. The last to leave takes the load out of the table.
struct Waiting<'a, K: Eq + Hash + Clone, V: Clone, E: Clone> {
    cache: &'a Cache<K, V, E>,
    key: &'a K,
    load: Load<V, E>,
}

impl<'a, K: Eq + Hash + Clone, V: Clone, E: Clone> Waiting<'a, K, V, E> {
    fn on(cache: &'a Cache<K, V, E>, key: &'a K) -> Self {
        let mut loads = cache.loads(key);
        let load = match loads.get(key) {
            // One that is done has its value in the cache by now, or nothing that is kept.
            Some(load) if !load.initialized() => load.clone(),
            _ => {
                let load = Load::default();
                loads.insert(key.clone(), load.clone());
                load
            }
        };
        drop(loads);
        Self { cache, key, load }
    }
}

impl<K: Eq + Hash + Clone, V: Clone, E: Clone> Drop for Waiting<'_, K, V, E> {
    fn drop(&mut self) {
        let mut loads = self.cache.loads(self.key);
        let own = loads.get(self.key).is_some_and(|load| Arc::ptr_eq(load, &self.load));
        // Held by the table and by this caller: nobody else waits, and under the lock nobody joins.
        if own && (self.load.initialized() || Arc::strong_count(&self.load) == 2) {
            loads.remove(self.key);
        }
    }
}

#[cfg(test)]
#[path = "cache_tests.rs"]
mod tests;
