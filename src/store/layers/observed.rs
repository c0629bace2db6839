//! Counts the calls of a store by method: how many, how many failed, how long they took. Without locks.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use super::{Layer, Method};
use crate::store::{Result, Store, StoreError};

/// Histogram buckets for each power of two of nanoseconds: a time is known exact to an eighth.
const STEPS: u64 = 8;
/// Times above 2^40 nanoseconds, eighteen minutes, are counted as that.
const POWER_MAX: u64 = 40;
const TIME_BUCKETS: usize = ((POWER_MAX - 2) * STEPS) as usize;

/// A store whose calls are counted.
pub struct Observed {
    inner: Arc<dyn Store>,
    meters: Arc<Meters>,
}

impl Observed {
    /// Counts every call of `inner`, from zero.
    pub fn new(inner: Arc<dyn Store>) -> Self {
        Self { inner, meters: Arc::default() }
    }

    /// The live counters.
    pub fn meters(&self) -> Arc<Meters> {
        Arc::clone(&self.meters)
    }
}

impl Layer for Observed {
    fn inner(&self) -> &dyn Store {
        self.inner.as_ref()
    }

    async fn around<T: Send>(
        &self,
        method: Method,
        operations: usize,
        call: impl Future<Output = Result<T>> + Send,
    ) -> Result<T> {
        let meter = &self.meters.0[method as usize];
        meter.calls.fetch_add(1, Relaxed);
        meter.operations.fetch_add(operations as u64, Relaxed);
        let since = Instant::now();
        let outcome = call.await;
        meter.times[time_bucket(since.elapsed())].fetch_add(1, Relaxed);
        if outcome.as_ref().is_err_and(is_failure) {
            meter.failures.fetch_add(1, Relaxed);
        }
        outcome
    }
}

/// Conflicts and refused holds are answers.
fn is_failure(error: &StoreError) -> bool {
    !matches!(error, StoreError::Conflict | StoreError::HoldRefused)
}

struct Meter {
    calls: AtomicU64,
    failures: AtomicU64,
    operations: AtomicU64,
    times: [AtomicU64; TIME_BUCKETS],
}

impl Default for Meter {
    fn default() -> Self {
        let zero = AtomicU64::default;
        Self { calls: zero(), failures: zero(), operations: zero(), times: std::array::from_fn(|_| zero()) }
    }
}

/// The counts of all methods.
#[derive(Default)]
pub struct Meters([Meter; Method::ALL.len()]);

/// The counts of one method, as they were read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// Which one.
    pub method: Method,
    /// Calls that were begun.
    pub calls: u64,
    /// Calls that failed. Conflicts and refused holds are no failures.
    pub failures: u64,
    /// Things that were read or written: keys, entries, buckets.
    pub operations: u64,
    /// Calls by how long they took, for those that ended.
    times: Vec<u64>,
}

impl Meters {
    /// The counts of a method now. Calls under way are in [`Reading::calls`] and [`Reading::operations`] alone.
    pub fn of(&self, method: Method) -> Reading {
        let meter = &self.0[method as usize];
        Reading {
            method,
            calls: meter.calls.load(Relaxed),
            failures: meter.failures.load(Relaxed),
            operations: meter.operations.load(Relaxed),
            times: meter.times.iter().map(|count| count.load(Relaxed)).collect(),
        }
    }

    /// The methods that were called.
    pub fn called(&self) -> Vec<Reading> {
        Method::ALL.into_iter().map(|method| self.of(method)).filter(|reading| reading.calls > 0).collect()
    }
}

impl Reading {
    /// The time within which at least this share of the calls ended, rounded up by at most an eighth. Zero while none has
    /// ended.
    pub fn quantile(&self, share: f64) -> Duration {
        let ended: u64 = self.times.iter().sum();
        let wanted = (share * ended as f64).ceil().max(1.0) as u64;
        let mut seen = 0;
        for (slot, count) in self.times.iter().enumerate() {
            seen += count;
            if seen >= wanted {
                return Duration::from_nanos(upper(slot as u64));
            }
        }
        Duration::ZERO
    }
}

/// The histogram bucket of a time: below eight nanoseconds each its own, above that eight of each power of two.
fn time_bucket(time: Duration) -> usize {
    let nanos = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX).clamp(1, (1 << POWER_MAX) - 1);
    let power = u64::from(nanos.ilog2());
    if power < 3 {
        return nanos as usize;
    }
    ((power - 2) * STEPS + (nanos >> (power - 3)) % STEPS) as usize
}

/// The longest time of a bucket, in nanoseconds.
fn upper(slot: u64) -> u64 {
    if slot < STEPS {
        return slot;
    }
    let (power, step) = (slot / STEPS + 2, slot % STEPS);
    ((STEPS + step + 1) << (power - 3)) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_is_as_wide_as_an_eighth_of_its_times() {
        let mut last = 0;
        for slot_number in 1..TIME_BUCKETS as u64 {
            let longest = upper(slot_number);
            assert!(longest > last, "slot {slot_number}");
            assert_eq!(time_bucket(Duration::from_nanos(longest)), slot_number as usize);
            assert_eq!(time_bucket(Duration::from_nanos(last + 1)), slot_number as usize);
            assert!(longest - last <= last / 8 + 1, "slot {slot_number} reaches from {last} to {longest}");
            last = longest;
        }
        assert_eq!(time_bucket(Duration::from_hours(1)), TIME_BUCKETS - 1);
        assert_eq!(time_bucket(Duration::ZERO), 1);
    }

    #[test]
    fn a_quantile_is_the_time_of_that_share() {
        let mut times = vec![0; TIME_BUCKETS];
        times[time_bucket(Duration::from_micros(100))] = 99;
        times[time_bucket(Duration::from_millis(20))] = 1;
        let reading = Reading { method: Method::Values, calls: 100, failures: 0, operations: 100, times };
        let near = |found: Duration, wanted: Duration| found >= wanted && found <= wanted + wanted / 8;
        assert!(near(reading.quantile(0.5), Duration::from_micros(100)));
        assert!(near(reading.quantile(0.99), Duration::from_micros(100)));
        assert!(near(reading.quantile(1.0), Duration::from_millis(20)));
        assert_eq!(Reading { times: vec![0; TIME_BUCKETS], ..reading }.quantile(0.5), Duration::ZERO);
    }
}
