//! Closed-loop load: every worker calls, waits for the answer, and calls again.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use hdrhistogram::Histogram;
use tokio::task::JoinSet;

use super::calls::Call;
use crate::cli::{connect::Wire, failure::Failure};

/// Latencies up to a minute, in microseconds, to three digits.
const LATENCY_MICROS_MAX: u64 = 60_000_000;
const DIGITS: u8 = 3;

/// What one measurement came to.
pub struct Load {
    /// Latencies of the good calls, in microseconds.
    pub latency: Histogram<u64>,
    /// Calls that failed or were answered wrongly.
    pub failures: u64,
    pub took: Duration,
}

/// Runs `streams` workers on each wire for a time.
pub async fn run<C: Call>(wires: &[Wire], streams: usize, call: &C, length: Duration) -> Result<Load, Failure> {
    let numbers = Arc::new(AtomicU64::new(0));
    let start = Instant::now();
    let mut workers = JoinSet::new();
    for wire in wires {
        for _ in 0..streams {
            workers.spawn(work(wire.clone(), call.clone(), numbers.clone(), start + length));
        }
    }
    let (mut latency, mut failures) = (histogram(), 0);
    while let Some(worker) = workers.join_next().await {
        let (part, failed) = worker.map_err(|error| Failure::Failed(format!("a worker broke: {error}")))?;
        latency.add(part).map_err(|error| Failure::Failed(error.to_string()))?;
        failures += failed;
    }
    if latency.is_empty() {
        return Err(Failure::Failed(
            "no call succeeded; does the server serve the echo (--echo), and is it the right release?".to_owned(),
        ));
    }
    Ok(Load { latency, failures, took: start.elapsed() })
}

async fn work<C: Call>(wire: Wire, call: C, numbers: Arc<AtomicU64>, end: Instant) -> (Histogram<u64>, u64) {
    /// After a failure, so that a server that refuses everything is not hammered.
    const PAUSE: Duration = Duration::from_millis(10);
    let (mut latency, mut failures) = (histogram(), 0);
    loop {
        let before = Instant::now();
        if before >= end {
            return (latency, failures);
        }
        match call.call(wire.clone(), numbers.fetch_add(1, Relaxed)).await {
            Ok(true) => {
                let micros = u64::try_from(before.elapsed().as_micros()).unwrap_or(u64::MAX);
                latency.saturating_record(micros.max(1));
            }
            Ok(false) | Err(_) => {
                failures += 1;
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, LATENCY_MICROS_MAX, DIGITS).expect("the bounds are constants that it accepts")
}
