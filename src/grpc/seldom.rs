//! Log lines that every call would write while something is broken: one a second says as much.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

const BETWEEN_LINES: Duration = Duration::from_secs(1);

/// Lets one line through per second. The first, which names the cause of all that follows, is never held back.
pub(super) struct Seldom(Mutex<State>);

struct State {
    last: Option<Instant>,
    unsaid: u64,
}

impl Seldom {
    pub(super) const fn new() -> Self {
        Self(Mutex::new(State { last: None, unsaid: 0 }))
    }

    /// Whether to write the line now: then, how many were left out since the last one.
    pub(super) fn turn(&self, now: Instant) -> Option<u64> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.last.is_some_and(|last| now.saturating_duration_since(last) < BETWEEN_LINES) {
            state.unsaid += 1;
            return None;
        }
        state.last = Some(now);
        Some(std::mem::take(&mut state.unsaid))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_is_written_and_then_one_a_second() {
        let (seldom, start) = (Seldom::new(), Instant::now());
        let turns = [0, 1, 999, 1_000, 1_001, 5_000].map(|ms| seldom.turn(start + Duration::from_millis(ms)));
        assert_eq!(turns, [Some(0), None, None, Some(2), None, Some(1)]);
    }
}
