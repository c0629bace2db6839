//! Compare-and-swap, for values outside any customer's slot that have many concurrent writers. A rule is a function from the
//! current value to an answer and the new value. Rules are pure and the same for every backend: redb runs them within its
//! transaction; Redis reads, decides and swaps, and begins again if the value has changed meanwhile, so that a rule may
//! run more than once.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;

use super::{Result, Store, StoreError};

/// How long the key of a value outlives what it is for: the clocks of replicas differ, by far less.
pub const GARBAGE_MS: i64 = 24 * 3_600 * 1_000;
/// What expires later than this, ten years, gets no lifetime: too far to matter.
pub const LIFETIME_MAX_MS: i64 = 3_660 * 24 * 3_600 * 1_000;

/// What a rule decides.
#[derive(Debug, PartialEq, Eq)]
pub struct Decision<T> {
    pub answer: T,
    pub effect: Effect,
}

/// What becomes of the value.
#[derive(Debug, PartialEq, Eq)]
pub enum Effect {
    /// It stays as it is.
    Keep,
    /// There is no value any more.
    Remove,
    /// It becomes these bytes.
    Put(Vec<u8>, Lifetime),
}

/// When a backend that collects garbage by itself may drop the value. Garbage only: validity follows the caller's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lifetime {
    /// As it was.
    Keep,
    /// Never.
    Forever,
    /// So long after the change.
    Milliseconds(i64),
}

/// A value to put, with its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewValue {
    /// One of [`super::keys`].
    pub key: String,
    /// The value, whole.
    pub bytes: Bytes,
    /// When it may be collected.
    pub lifetime: Lifetime,
}

/// A rule as a backend runs it: from the bytes that are there (none: empty) to what becomes of them. An error changes
/// nothing. It runs at least once; its last effect is the one that was carried out.
pub type Rule = Box<dyn FnMut(&[u8]) -> Result<Effect> + Send>;

impl Lifetime {
    /// Long enough for what expires at `expire_ms`; `None`: never.
    pub fn until(expire_ms: Option<i64>, now_ms: i64) -> Self {
        match expire_ms.map(|expire_ms| expire_ms.saturating_sub(now_ms).max(0)) {
            Some(left) if left < LIFETIME_MAX_MS => Self::Milliseconds(left + GARBAGE_MS),
            _ => Self::Forever,
        }
    }
}

impl<T> Decision<T> {
    /// Answers, and changes nothing.
    pub fn keep(answer: T) -> Self {
        Self { answer, effect: Effect::Keep }
    }

    pub fn put(answer: T, bytes: Vec<u8>, lifetime: Lifetime) -> Self {
        Self { answer, effect: Effect::Put(bytes, lifetime) }
    }
}

/// Changes a value by a rule; answers what the rule answered when its effect was carried out.
pub(super) async fn change<T: Send + 'static>(
    store: &(impl Store + ?Sized),
    key: String,
    mut rule: impl FnMut(&[u8]) -> Result<Decision<T>> + Send + 'static,
) -> Result<T> {
    let answered = Arc::new(Mutex::new(None));
    let rule = {
        let answered = Arc::clone(&answered);
        move |there: &[u8]| {
            let Decision { answer, effect } = rule(there)?;
            *answered.lock().unwrap_or_else(PoisonError::into_inner) = Some(answer);
            Ok(effect)
        }
    };
    store.change(key, Box::new(rule)).await?;
    let answer = answered.lock().unwrap_or_else(PoisonError::into_inner).take();
    answer.ok_or_else(|| StoreError::Unknown("the store changed a value without asking its rule".into()))
}
