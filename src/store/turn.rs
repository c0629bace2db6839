//! A value that many change at once, outside any customer's slot: a rule sees what is there, and says what to answer
//! and what to write. Rules are pure and the same for both backends: redb runs them within its transaction, Redis
//! around a compare-and-swap, where a rule may run more than once.

/// How long the key of a value outlives what it is for: the clocks of replicas differ, by far less.
pub const GARBAGE_MS: i64 = 24 * 3_600 * 1_000;
/// What expires later than this, ten years, gets no lifetime: too far to matter.
const LIFETIME_MAX_MS: i64 = 3_660 * 24 * 3_600 * 1_000;

/// What a rule decides.
#[derive(Debug, PartialEq, Eq)]
pub struct Turn<T> {
    pub answer: T,
    pub next: Next,
}

/// What becomes of the value.
#[derive(Debug, PartialEq, Eq)]
pub enum Next {
    Keep,
    Remove,
    Put(Vec<u8>, Lifetime),
}

/// When a backend that collects garbage by itself may drop the value. Garbage only: validity follows the caller's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lifetime {
    /// As it was.
    Keep,
    Forever,
    Milliseconds(i64),
}

impl Lifetime {
    /// Long enough for what expires at `expire_ms`; `None`: never.
    pub fn until(expire_ms: Option<i64>, now_ms: i64) -> Self {
        match expire_ms.map(|expire_ms| expire_ms.saturating_sub(now_ms).max(0)) {
            Some(left) if left < LIFETIME_MAX_MS => Self::Milliseconds(left + GARBAGE_MS),
            _ => Self::Forever,
        }
    }
}

impl<T> Turn<T> {
    /// Answers, and changes nothing.
    pub fn keep(answer: T) -> Self {
        Self { answer, next: Next::Keep }
    }

    pub fn put(answer: T, bytes: Vec<u8>, lifetime: Lifetime) -> Self {
        Self { answer, next: Next::Put(bytes, lifetime) }
    }
}
