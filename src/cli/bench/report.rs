//! The table and the JSON of a bench.

use serde_json::{Value, json};

use super::{calls::Mode, load::Load};

/// One measurement.
pub struct Measured {
    pub load: Load,
    /// The server's CPU time during it; `None` when its process is not known.
    pub cpu_micros: Option<u64>,
}

impl Measured {
    /// Good calls per second.
    pub fn rate(&self) -> f64 {
        self.load.latency.len() as f64 / self.load.took.as_secs_f64()
    }

    /// The server's CPU per call, in microseconds. Failed calls cost too, so they count.
    fn cpu_per_call(&self) -> Option<f64> {
        let calls = self.load.latency.len() + self.load.failures;
        Some(self.cpu_micros? as f64 / calls as f64)
    }

    fn latency(&self, quantile: f64) -> f64 {
        self.load.latency.value_at_quantile(quantile) as f64
    }
}

/// The call and its floor, measured one after the other.
pub struct Round {
    pub call: Measured,
    pub floor: Measured,
}

impl Round {
    fn cpu_ratio(&self) -> Option<f64> {
        Some(self.call.cpu_per_call()? / self.floor.cpu_per_call()?)
    }
}

/// Everything measured in one run.
pub struct Report {
    pub mode: Mode,
    pub connections: u16,
    pub streams: u16,
    pub customers: u32,
    pub request_bytes: usize,
    pub answer_bytes: usize,
    pub rounds: Vec<Round>,
    pub failures: u64,
}

/// Smallest, middle and largest of some numbers.
struct Spread {
    min: f64,
    median: f64,
    max: f64,
}

fn spread(numbers: impl Iterator<Item = f64>) -> Option<Spread> {
    let mut sorted: Vec<f64> = numbers.collect();
    sorted.sort_by(f64::total_cmp);
    let (min, max) = (*sorted.first()?, *sorted.last()?);
    let half = sorted.len() / 2;
    let median = if sorted.len() % 2 == 1 { sorted[half] } else { f64::midpoint(sorted[half - 1], sorted[half]) };
    Some(Spread { min, median, max })
}

type Side = fn(&Round) -> &Measured;
const CALL: Side = |round| &round.call;
const FLOOR: Side = |round| &round.floor;

impl Report {
    fn median(&self, side: Side, number: impl Fn(&Measured) -> Option<f64>) -> Option<f64> {
        spread(self.rounds.iter().filter_map(|round| number(side(round)))).map(|spread| spread.median)
    }

    fn cpu_ratio(&self) -> Option<Spread> {
        spread(self.rounds.iter().filter_map(Round::cpu_ratio))
    }

    fn rate_ratio(&self) -> Option<Spread> {
        spread(self.rounds.iter().map(|round| round.call.rate() / round.floor.rate()))
    }

    /// For people. Times in microseconds; medians over the rounds.
    pub fn table(&self) -> String {
        let (c, streams, rounds) = (self.connections, self.streams, self.rounds.len());
        let mut text = format!(
            "{}: {c} connections × {streams} calls, {} customers, {rounds} rounds; {} bytes in, {} bytes out\n\n",
            self.mode.name(),
            self.customers,
            self.request_bytes,
            self.answer_bytes
        );
        text.push_str("| call | calls/s | p50 µs | p90 µs | p99 µs | p99.9 µs | server CPU µs/call |\n");
        text.push_str("|---|---|---|---|---|---|---|\n");
        for (name, side) in [(self.mode.name(), CALL), ("echo of equal bytes", FLOOR)] {
            text.push_str(&format!("| {name} | {}", shown(self.median(side, |measured| Some(measured.rate())), 0)));
            for quantile in [0.5, 0.9, 0.99, 0.999] {
                let latency = self.median(side, |measured| Some(measured.latency(quantile)));
                text.push_str(&format!(" | {}", shown(latency, 0)));
            }
            text.push_str(&format!(" | {} |\n", shown(self.median(side, Measured::cpu_per_call), 1)));
        }
        text.push('\n');
        match self.cpu_ratio() {
            Some(Spread { min, median, max }) => {
                text.push_str(&format!("CPU against the echo: {median:.2}× ({min:.2} to {max:.2} over the rounds)\n"));
            }
            None => text.push_str("CPU is not known: name the server's process with --server-pid\n"),
        }
        if let Some(Spread { min, median, max }) = self.rate_ratio() {
            text.push_str(&format!("calls/s against the echo: {median:.2}× ({min:.2} to {max:.2})\n"));
        }
        if self.failures > 0 {
            text.push_str(&format!("{} calls failed or were answered wrongly\n", self.failures));
        }
        text
    }

    /// For programs.
    pub fn json(&self) -> String {
        let measured = |measured: &Measured| {
            json!({
                "calls": measured.load.latency.len(),
                "failures": measured.load.failures,
                "calls_per_second": measured.rate(),
                "latency_us": {
                    "p50": measured.latency(0.5), "p90": measured.latency(0.9), "p99": measured.latency(0.99),
                    "p999": measured.latency(0.999), "max": measured.load.latency.max(),
                },
                "server_cpu_us_per_call": measured.cpu_per_call(),
            })
        };
        let rounds = self.rounds.iter().map(|round| {
            json!({
                "call": measured(&round.call), "echo": measured(&round.floor), "cpu_ratio": round.cpu_ratio(),
            })
        });
        let ratio = |spread: Option<Spread>| match spread {
            Some(Spread { min, median, max }) => {
                json!({ "median": median, "min": min, "max": max })
            }
            None => Value::Null,
        };
        let whole = json!({
            "call": self.mode.name(),
            "connections": self.connections,
            "streams": self.streams,
            "customers": self.customers,
            "request_bytes": self.request_bytes,
            "answer_bytes": self.answer_bytes,
            "failures": self.failures,
            "cpu_ratio": ratio(self.cpu_ratio()),
            "rate_ratio": ratio(self.rate_ratio()),
            "rounds": rounds.collect::<Vec<_>>(),
        });
        format!("{whole:#}\n")
    }
}

fn shown(number: Option<f64>, digits: usize) -> String {
    number.map_or_else(|| "–".to_owned(), |number| format!("{number:.digits$}"))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use hdrhistogram::Histogram;

    use super::*;

    fn measured(calls: u64, cpu_micros: u64) -> Measured {
        let mut latency = Histogram::new(3).expect("valid");
        latency.record_n(100, calls).expect("recorded");
        Measured { load: Load { latency, failures: 0, took: Duration::from_secs(2) }, cpu_micros: Some(cpu_micros) }
    }

    #[test]
    fn ratios_are_paired_within_rounds() {
        // Round 2 ran on a slower machine: both got slower, the ratio did not.
        let rounds = [(30, 20), (90, 60), (36, 20)]
            .map(|(call, floor)| Round { call: measured(1_000, call * 1_000), floor: measured(2_000, floor * 2_000) });
        let report = Report {
            mode: Mode::Id,
            connections: 8,
            streams: 1,
            customers: 10,
            request_bytes: 50,
            answer_bytes: 900,
            rounds: rounds.into(),
            failures: 0,
        };
        let table = report.table();
        assert!(table.contains("CPU against the echo: 1.50× (1.50 to 1.80"), "{table}");
        assert!(table.contains("| briefing by id | 500 | 100 |") && table.contains("| 36.0 |"), "{table}");
        let json: Value = report.json().parse().expect("JSON");
        assert_eq!(json["cpu_ratio"]["max"], json!(1.8));
        assert_eq!(json["rounds"].as_array().map(Vec::len), Some(3));
    }
}
