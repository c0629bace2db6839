//! Load on a server. In a closed loop every worker calls, waits for the answer, and calls again. In an open loop calls are
//! due at a fixed rate, whether or not earlier ones were answered, and latency counts from when a call was due: a server
//! that stalls is charged for all calls that were due meanwhile, not only for the one that was under way.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use hdrhistogram::Histogram;
use tokio::{
    sync::{Mutex, mpsc},
    task::JoinSet,
};

use super::calls::Call;
use crate::cli::{connect::ServiceChannel, failure::Failure};

/// Latencies up to a minute, in microseconds, to three digits.
const LATENCY_MICROS_MAX: u64 = 60_000_000;
const DIGITS: u8 = 3;
/// Calls that are due and wait for a free worker. When it is full the clock's thread waits; what is due stays due.
const DUE_MAX: usize = 1_024;

/// The result of one measurement.
pub struct Load {
    /// Latencies of the good calls, in microseconds.
    pub latency: Histogram<u64>,
    /// Calls that failed or were answered wrongly.
    pub failures: u64,
    pub took: Duration,
}

/// How many calls are under way at once, how often they are due, and for how long new ones begin or become due.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// Workers on each connection: calls under way at most.
    pub streams: usize,
    pub length: Duration,
    /// Calls per second, all together; `None`: a closed loop.
    pub rate: Option<u32>,
}

/// Puts load on the connections for a time.
pub async fn run(channels: &[ServiceChannel], shape: Shape, call: &Call) -> Result<Load, Failure> {
    let start = Instant::now();
    let pace = Pace::start(start, shape);
    let mut workers = JoinSet::new();
    for channel in channels {
        for _ in 0..shape.streams {
            workers.spawn(work(channel.clone(), call.clone(), pace.clone()));
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
            "no call of this measurement succeeded: the server must run with --echo, and be of the same release as this `rapport`"
                .to_owned(),
        ));
    }
    Ok(Load { latency, failures, took: start.elapsed() })
}

/// Says when the next call is due.
#[derive(Clone)]
enum Pace {
    /// At once, until the end; each worker once at least, however late the machine lets it begin.
    Closed { end: Instant, is_first: bool },
    /// When the clock's thread says so.
    Open(Arc<Mutex<mpsc::Receiver<Instant>>>),
}

impl Pace {
    fn start(start: Instant, Shape { length, rate, .. }: Shape) -> Self {
        let Some(rate) = rate else {
            return Self::Closed { end: start + length, is_first: true };
        };
        let (due, next) = mpsc::channel(DUE_MAX);
        // A thread: the runtime's timer counts in whole milliseconds, which is longer than most calls take.
        std::thread::spawn(move || tick(start, length, rate, &due));
        Self::Open(Arc::new(Mutex::new(next)))
    }

    /// The time from which the next call's latency counts; `None` at the end.
    async fn next(&mut self) -> Option<Instant> {
        match self {
            Self::Closed { end, is_first } => Some(Instant::now()).filter(|now| std::mem::take(is_first) || now < end),
            Self::Open(next) => next.lock().await.recv().await,
        }
    }
}

fn tick(start: Instant, length: Duration, rate: u32, due: &mpsc::Sender<Instant>) {
    let interval = Duration::from_secs(1) / rate;
    for number in 0.. {
        let due_at = start + interval * number;
        if due_at >= start + length {
            return;
        }
        // Parking may end early, so it is repeated. A call that is due already does not wait.
        while let Some(rest) = due_at.checked_duration_since(Instant::now()).filter(|rest| !rest.is_zero()) {
            std::thread::park_timeout(rest);
        }
        if due.blocking_send(due_at).is_err() {
            return;
        }
    }
}

async fn work(channel: ServiceChannel, call: Call, mut pace: Pace) -> (Histogram<u64>, u64) {
    /// After a failure, so that a server that refuses everything is not hammered.
    const PAUSE: Duration = Duration::from_millis(10);
    let (mut latency, mut failures) = (histogram(), 0);
    while let Some(due) = pace.next().await {
        match call.once(channel.clone()).await {
            Ok(answer) if answer.is_right => {
                let micros = u64::try_from(due.elapsed().as_micros()).unwrap_or(u64::MAX);
                latency.saturating_record(micros.max(1));
            }
            Ok(_) | Err(_) => {
                failures += 1;
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
    (latency, failures)
}

fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, LATENCY_MICROS_MAX, DIGITS).expect("the bounds are constants that it accepts")
}
