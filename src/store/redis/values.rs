//! Values under keys of their own, in any hash slots: read many at once, or changed one at a time by a rule. See
//! [`crate::store::cas`] for rules.

use std::hash::{BuildHasher, RandomState};

use bytes::Bytes;
use tokio::sync::Mutex;

use super::{Space, failure::Intent, scripts, slot::get};
use crate::store::{
    Result, Rule, StoreError,
    cas::{Effect, Lifetime},
};

/// How often reading and swapping is tried when other processes change the same value. Of those who try at once one
/// succeeds, and each process tries one at a time: this many rounds mean that something else is wrong.
const SWAP_TRIES: usize = 64;
/// Queues of a process. Values that share one wait for each other, for a round trip or two.
const QUEUES: usize = 64;

/// Writers of one process queue for a value, instead of making each other's compare-and-swap fail.
pub struct Queues {
    hasher: RandomState,
    queues: [Mutex<()>; QUEUES],
}

impl Default for Queues {
    fn default() -> Self {
        Self { hasher: RandomState::new(), queues: std::array::from_fn(|_| Mutex::default()) }
    }
}

impl Queues {
    fn of(&self, key: &str) -> &Mutex<()> {
        &self.queues[self.hasher.hash_one(key) as usize % QUEUES]
    }
}

impl Space {
    /// The values of these keys, in their order. GETs, not one MGET: the keys may lie in several hash slots.
    pub async fn values(&self, wanted: &[String]) -> Result<Vec<Option<Bytes>>> {
        match wanted {
            [] => Ok(Vec::new()),
            [one] => Ok(vec![self.transport.ask(&get(self.key(one.clone())), Intent::Read).await?]),
            _ => self.get_many(wanted.iter().cloned()).await,
        }
    }

    /// One GET for each key, in one round trip.
    pub async fn get_many(&self, wanted: impl Iterator<Item = String>) -> Result<Vec<Option<Bytes>>> {
        let mut pipeline = redis::Pipeline::with_capacity(wanted.size_hint().0);
        for key in wanted {
            pipeline.add_command(get(self.key(key)));
        }
        if pipeline.is_empty() {
            return Ok(Vec::new());
        }
        self.transport.read_many(&pipeline).await
    }

    /// Changes a value by a rule: reads it, and replaces it unless another process has changed it meanwhile; then it
    /// begins again.
    pub async fn change(&self, key: String, mut rule: Rule) -> Result<()> {
        let key = self.key(key);
        let _queued = self.queues.of(&key).lock().await;
        let get = get(key.clone());
        for _ in 0..SWAP_TRIES {
            let there: Option<Bytes> = self.transport.ask(&get, Intent::Read).await?;
            let there = there.unwrap_or_default();
            let effect = rule(&there)?;
            if self.swap(&key, &there, effect).await? {
                return Ok(());
            }
        }
        Err(StoreError::Unavailable("too many change the same value at once".into()))
    }

    /// Whether the value was what it was believed to be, and is replaced.
    pub(super) async fn swap(&self, key: &str, there: &[u8], effect: Effect) -> Result<bool> {
        let mut call = scripts::SWAP.call(&[key.to_owned()]);
        call.arg(there);
        match effect {
            Effect::Keep => return Ok(true),
            Effect::Remove => call.arg("").arg("none"),
            Effect::Put(bytes, Lifetime::Keep) => call.arg(bytes).arg("keep"),
            Effect::Put(bytes, Lifetime::Forever) => call.arg(bytes).arg("none"),
            Effect::Put(bytes, Lifetime::Milliseconds(left)) => call.arg(bytes).arg(left),
        };
        self.transport.run(&scripts::SWAP, &call, Intent::Write).await
    }
}
