//! The table, the row and the JSON of a bench.

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

/// What one customer takes, in bytes: the growth while customers were made, over how many were.
#[derive(Debug, Clone, Copy, Default)]
pub struct Footprint {
    pub made: usize,
    /// Memory of the server.
    pub server_bytes: Option<f64>,
    /// The store's files.
    pub file_bytes: Option<f64>,
    /// Memory of the store's own process.
    pub store_bytes: Option<f64>,
}

/// Everything measured in one run.
pub struct Report {
    pub mode: &'static Mode,
    pub connections: u16,
    pub streams: u16,
    /// Calls per second that were asked for, in an open loop.
    pub rate: Option<u32>,
    pub customers: u32,
    pub request_bytes: usize,
    pub answer_bytes: usize,
    pub rounds: Vec<Round>,
    pub footprint: Footprint,
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

/// What is taken of each measurement, and held against the echo of the same round.
type Figure = fn(&Measured) -> Option<f64>;
const CPU: Figure = Measured::cpu_per_call;
const RATE: Figure = |measured| Some(measured.rate());
const P50: Figure = |measured| Some(measured.latency(0.5));
const P99: Figure = |measured| Some(measured.latency(0.99));
const RATIOS: [(&str, Figure); 4] = [("CPU", CPU), ("calls/s", RATE), ("p50", P50), ("p99", P99)];

impl Report {
    pub fn failures(&self) -> u64 {
        self.rounds.iter().map(|round| round.call.load.failures + round.floor.load.failures).sum()
    }

    fn median(&self, side: Side, figure: Figure) -> Option<f64> {
        spread(self.rounds.iter().filter_map(|round| figure(side(round)))).map(|spread| spread.median)
    }

    fn ratio(&self, figure: Figure) -> Option<Spread> {
        spread(self.rounds.iter().filter_map(|round| Some(figure(&round.call)? / figure(&round.floor)?)))
    }

    /// For people. Times in microseconds; medians over the rounds.
    pub fn table(&self) -> String {
        let mut text = format!(
            "{}: {}, {} customers, {} rounds; {} bytes in, {} bytes out\n\n",
            self.mode.name,
            self.load(),
            self.customers,
            self.rounds.len(),
            self.request_bytes,
            self.answer_bytes
        );
        text.push_str("| call | calls/s | p50 µs | p90 µs | p99 µs | p99.9 µs | server CPU µs/call |\n");
        text.push_str("|---|---|---|---|---|---|---|\n");
        let p90: Figure = |measured| Some(measured.latency(0.9));
        let p999: Figure = |measured| Some(measured.latency(0.999));
        for (name, side) in [(self.mode.name, CALL), ("echo of equal bytes", FLOOR)] {
            let cells = [(RATE, 0), (P50, 0), (p90, 0), (P99, 0), (p999, 0), (CPU, 1)];
            let cells = cells.map(|(figure, digits)| shown(self.median(side, figure), digits));
            text.push_str(&format!("| {name} | {} |\n", cells.join(" | ")));
        }
        text.push('\n');
        for (name, figure) in RATIOS {
            match self.ratio(figure) {
                Some(ratio) => text.push_str(&format!("{name} against the echo: {}\n", with_spread(&ratio))),
                None => text.push_str(&format!("{name} is not known: name the server's process with --server-pid\n")),
            }
        }
        if self.mode.items > 1 {
            let each = self.median(CALL, CPU).map(|cpu| cpu / self.mode.items as f64);
            text.push_str(&format!("server CPU for each of the {}: {} µs\n", self.mode.items, shown(each, 1)));
        }
        if self.footprint.made > 0 {
            text.push_str(&format!("{} customers were made; each took {}\n", self.footprint.made, self.taken()));
        }
        text
    }

    /// One row of the table in docs/PERFORMANCE.md, less its first column, the store.
    pub fn row(&self) -> String {
        let cells = [(RATE, 0), (P50, 0), (P99, 0), (CPU, 1)];
        let cells = cells.map(|(figure, digits)| shown(self.median(CALL, figure), digits));
        let ratio = self.ratio(CPU).map_or_else(|| "–".to_owned(), |ratio| with_spread(&ratio));
        format!("| {} | {} | {} | {ratio} |\n", self.mode.name, self.load(), cells.join(" | "))
    }

    fn load(&self) -> String {
        let workers = format!("{} × {}", self.connections, self.streams);
        match self.rate {
            None => format!("closed, {workers}"),
            Some(rate) => format!("open, {rate}/s on {workers}"),
        }
    }

    fn taken(&self) -> String {
        let Footprint { server_bytes, file_bytes, store_bytes, .. } = self.footprint;
        let parts = [
            (server_bytes, "of the server's memory"),
            (file_bytes, "of the store's files"),
            (store_bytes, "of the store's memory"),
        ];
        let known = parts.into_iter().filter_map(|(bytes, what)| Some(format!("{:.0} bytes {what}", bytes?)));
        known.collect::<Vec<_>>().join(", ")
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
        let rounds =
            self.rounds.iter().map(|round| json!({ "call": measured(&round.call), "echo": measured(&round.floor) }));
        let ratio = |figure: Figure| match self.ratio(figure) {
            Some(Spread { min, median, max }) => json!({ "median": median, "min": min, "max": max }),
            None => Value::Null,
        };
        let whole = json!({
            "call": self.mode.name,
            "items_per_call": self.mode.items,
            "connections": self.connections,
            "streams": self.streams,
            "rate_asked": self.rate,
            "rate_reached": self.median(CALL, RATE),
            "customers": self.customers,
            "request_bytes": self.request_bytes,
            "answer_bytes": self.answer_bytes,
            "failures": self.failures(),
            "cpu_ratio": ratio(CPU),
            "rate_ratio": ratio(RATE),
            "p50_ratio": ratio(P50),
            "p99_ratio": ratio(P99),
            "customers_made": self.footprint.made,
            "bytes_per_customer": {
                "server_memory": self.footprint.server_bytes,
                "store_files": self.footprint.file_bytes,
                "store_memory": self.footprint.store_bytes,
            },
            "rounds": rounds.collect::<Vec<_>>(),
        });
        format!("{whole:#}\n")
    }
}

fn with_spread(Spread { min, median, max }: &Spread) -> String {
    format!("{median:.2}× ({min:.2} to {max:.2})")
}

fn shown(number: Option<f64>, digits: usize) -> String {
    number.map_or_else(|| "–".to_owned(), |number| format!("{number:.digits$}"))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use hdrhistogram::Histogram;

    use super::*;
    use crate::cli::bench::calls::MODES;

    fn measured(calls: u64, cpu_micros: u64) -> Measured {
        let mut latency = Histogram::new(3).expect("valid");
        latency.record_n(100, calls).expect("recorded");
        Measured { load: Load { latency, failures: 0, took: Duration::from_secs(2) }, cpu_micros: Some(cpu_micros) }
    }

    fn report(rate: Option<u32>) -> Report {
        // Round 2 ran on a slower machine: both got slower, the ratio did not.
        let rounds = [(30, 20), (90, 60), (36, 20)]
            .map(|(call, floor)| Round { call: measured(1_000, call * 1_000), floor: measured(2_000, floor * 2_000) });
        Report {
            mode: &MODES[0],
            connections: 8,
            streams: 1,
            rate,
            customers: 10,
            request_bytes: 50,
            answer_bytes: 900,
            rounds: rounds.into(),
            footprint: Footprint { made: 10, file_bytes: Some(2_048.0), ..Footprint::default() },
        }
    }

    #[test]
    fn ratios_are_paired_within_rounds() {
        let table = report(None).table();
        assert!(table.contains("CPU against the echo: 1.50× (1.50 to 1.80)"), "{table}");
        assert!(table.contains("| briefing by id | 500 | 100 |") && table.contains("| 36.0 |"), "{table}");
        assert!(table.contains("10 customers were made; each took 2048 bytes of the store's files\n"), "{table}");
        let json: Value = report(None).json().parse().expect("JSON");
        assert_eq!(json["cpu_ratio"]["max"], json!(1.8));
        assert_eq!(json["bytes_per_customer"]["server_memory"], Value::Null);
        assert_eq!(json["rounds"].as_array().map(Vec::len), Some(3));
    }

    #[test]
    fn an_open_loop_says_what_was_asked_and_what_was_reached() {
        let row = report(Some(600)).row();
        assert_eq!(row, "| briefing by id | open, 600/s on 8 × 1 | 500 | 100 | 100 | 36.0 | 1.50× (1.50 to 1.80) |\n");
        let json: Value = report(Some(600)).json().parse().expect("JSON");
        assert_eq!((&json["rate_asked"], &json["rate_reached"]), (&json!(600), &json!(500.0)));
    }
}
