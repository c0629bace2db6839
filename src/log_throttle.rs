//! Log lines that every call would write while something is broken: one a second says as much; one a minute, of what only the
//! operator can set right.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// How often a line is repeated.
pub(crate) const BETWEEN_LINES: Duration = Duration::from_secs(1);
/// Causes that are told apart. A store has far fewer kinds of faults; of damaged customers `rapport fsck` names all.
const CAUSES_MAX: usize = 64;

/// Lets one line through per second for each key. The first, which names the cause of all that follows, is never held back.
/// It keeps what it knows of each key: there must be few.
pub(crate) struct LogThrottle<K = ()> {
    lines: Mutex<BTreeMap<K, State>>,
    between: Duration,
}

struct State {
    last: Instant,
    suppressed: u64,
}

impl<K: Ord> LogThrottle<K> {
    pub(crate) const fn new() -> Self {
        Self::every(BETWEEN_LINES)
    }

    /// Lets one line through in this time.
    const fn every(between: Duration) -> Self {
        Self { lines: Mutex::new(BTreeMap::new()), between }
    }

    /// Whether to write the line now: then, how many of its key were left out since the last one.
    pub(crate) fn allow(&self, key: K, now: Instant) -> Option<u64> {
        self.take(key, now, false)
    }

    fn take(&self, key: K, now: Instant, always: bool) -> Option<u64> {
        let mut states = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(state) = states.get_mut(&key) else {
            states.insert(key, State { last: now, suppressed: 0 });
            return Some(0);
        };
        if !always && now.saturating_duration_since(state.last) < self.between {
            state.suppressed += 1;
            return None;
        }
        state.last = now;
        Some(std::mem::take(&mut state.suppressed))
    }
}

/// The same for lines of one kind that name a cause: the first line of each cause is written at once.
pub(crate) struct CauseThrottle {
    lines: LogThrottle,
    told: Mutex<Vec<Box<str>>>,
}

impl CauseThrottle {
    /// Lets one line through in this time.
    pub(crate) const fn every(between: Duration) -> Self {
        Self { lines: LogThrottle::every(between), told: Mutex::new(Vec::new()) }
    }

    /// Whether to write the line now: then, how many of its kind were left out since the last one.
    pub(crate) fn allow(&self, cause: &str, now: Instant) -> Option<u64> {
        let is_new = self.is_new(cause);
        self.lines.take((), now, is_new)
    }

    fn is_new(&self, cause: &str) -> bool {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = told.len() < CAUSES_MAX && !told.iter().any(|known| **known == *cause);
        if is_new {
            told.push(cause.into());
        }
        is_new
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

    #[test]
    fn a_new_cause_is_written_at_once_and_every_line_left_out_is_counted() {
        let (throttle, start) = (CauseThrottle::every(BETWEEN_LINES), Instant::now());
        let allow = |cause: &str, ms| throttle.allow(cause, start + Duration::from_millis(ms));
        assert_eq!([0, 1, 2].map(|ms| allow("one", ms)), [Some(0), None, None]);
        assert_eq!([3, 4].map(|ms| allow("another", ms)), [Some(2), None]);
        assert_eq!(allow("one", 1_100), Some(1), "both are of one kind");
    }

    #[test]
    fn only_so_many_causes_are_told_apart() {
        let (throttle, now) = (CauseThrottle::every(BETWEEN_LINES), Instant::now());
        let written = (0..1_000).filter(|number| throttle.allow(&number.to_string(), now).is_some()).count();
        assert_eq!(written, CAUSES_MAX);
        let later = throttle.allow("later", now + BETWEEN_LINES);
        assert_eq!(later, Some(1_000 - CAUSES_MAX as u64), "and none is lost");
    }
}
