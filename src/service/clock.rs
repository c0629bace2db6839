//! The clock: read once per request, here and nowhere else.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use crate::domain::Timestamp;

/// The system's clock, or one that a test sets.
#[derive(Debug, Clone, Default)]
pub enum Clock {
    /// The machine's.
    #[default]
    System,
    /// Milliseconds since 1970.
    Set(Arc<AtomicI64>),
}

impl Clock {
    /// What time it is.
    pub fn now(&self) -> Timestamp {
        match self {
            Self::System => Timestamp::now(),
            Self::Set(millis) => {
                Timestamp::from_millisecond(millis.load(Ordering::Relaxed)).unwrap_or(Timestamp::UNIX_EPOCH)
            }
        }
    }
}
