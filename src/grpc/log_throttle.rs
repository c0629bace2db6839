//! Log lines that every call would write while something is broken: one a second says as much.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

const BETWEEN_LINES: Duration = Duration::from_secs(1);

/// Lets one line through per second for each key. The first, which names the cause of all that follows, is never held back.
/// It keeps what it knows of each key: there must be few.
pub(super) struct LogThrottle<K = ()>(Mutex<BTreeMap<K, State>>);

struct State {
    last: Instant,
    suppressed: u64,
}

impl<K: Ord> LogThrottle<K> {
    pub(super) const fn new() -> Self {
        Self(Mutex::new(BTreeMap::new()))
    }

    /// Whether to write the line now: then, how many of its key were left out since the last one.
    pub(super) fn allow(&self, key: K, now: Instant) -> Option<u64> {
        let mut states = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(state) = states.get_mut(&key) else {
            states.insert(key, State { last: now, suppressed: 0 });
            return Some(0);
        };
        if now.saturating_duration_since(state.last) < BETWEEN_LINES {
            state.suppressed += 1;
            return None;
        }
        state.last = now;
        Some(std::mem::take(&mut state.suppressed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_of_each_key_is_written_and_then_one_a_second() {
        let (throttle, start) = (LogThrottle::new(), Instant::now());
        let allow = |key, ms| throttle.allow(key, start + Duration::from_millis(ms));
        let allowed = [0, 1, 999, 1_000, 1_001, 5_000].map(|ms| allow("one", ms));
        assert_eq!(allowed, [Some(0), None, None, Some(2), None, Some(1)]);
        assert_eq!(allow("another", 5_000), Some(0), "each for itself");
    }
}
