//! `rapport bench`: load on a running server, held against a call of equal bytes that does nothing (the echo).
//!
//! A round measures one call, then the echo (A B); rounds follow each other in one run, and ratios are taken within
//! each round, so that a machine whose speed drifts does not favour either. CPU comes from the server process's own
//! accounting. What the client costs does not enter it.

pub mod calls;
pub mod load;
pub mod menu;
pub mod process;
pub mod report;
pub mod requests;
pub mod subjects;

#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use clap::builder::{PossibleValuesParser, TypedValueParser};

use super::{
    Outcome,
    caller::Caller,
    connect::{self, ServerArgs, ServiceChannel},
    failure::Failure,
    output,
};
use calls::{Call, MODES, Mode};
use load::Shape;
use process::Process;
use report::{Footprint, Measured, Report, Round};
use requests::Customers;

/// Customers made at once before the measuring.
const MAKING: usize = 16;

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    server: ServerArgs,
    /// Connections
    #[arg(short = 'c', long, default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=1024))]
    connections: u16,
    /// Calls under way on each connection
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1024))]
    streams: u16,
    /// Calls per second in all, made when they are due: latency counts from then [default: each answer is waited for]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    rate: Option<u32>,
    /// Customers that the calls choose from; they are made once and found again
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    customers: u32,
    /// What is measured: briefings by id, by identity, with a basket, of a moment, with 30 lines to check, 100 in one look-up; a
    /// change of a profile; recording one purchase, or 100 in one call
    #[arg(long, default_value = "id", value_parser = mode())]
    mode: &'static Mode,
    /// Rounds; each measures the call, then the echo
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u8).range(1..=100))]
    rounds: u8,
    /// Seconds of each measurement
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=600))]
    seconds: u16,
    /// Make exactly so many calls, one after another on one connection, and time nothing: for a program that counts beside it
    #[arg(long, value_name = "COUNT", conflicts_with_all = ["rate", "json", "row"])]
    calls: Option<u64>,
    /// The server's process; found by its port when it runs on this machine
    #[arg(long, value_name = "PID")]
    server_pid: Option<u32>,
    /// The process of the server's store, where it is one of its own, for what customers take there
    #[arg(long, value_name = "PID")]
    store_pid: Option<u32>,
    /// The venue the calls name [default: the policy's first; a policy is set when there is none]
    #[arg(long, value_name = "ID")]
    venue: Option<String>,
    /// Print the results as JSON
    #[arg(long, conflicts_with = "row")]
    json: bool,
    /// Print the results as one row of the table in docs/PERFORMANCE.md
    #[arg(long)]
    row: bool,
}

fn mode() -> impl TypedValueParser<Value = &'static Mode> {
    PossibleValuesParser::new(MODES.iter().map(|mode| mode.word))
        .map(|word| MODES.iter().find(|mode| mode.word == word).unwrap_or(&MODES[0]))
}

pub async fn run(args: Args) -> Result<Outcome, Failure> {
    let url = args.server.url();
    let mut channels = Vec::new();
    for _ in 0..args.connections {
        // Who calls is left out, so that both calls are as bare as they can be.
        channels.push(Caller::default().on(connect::connect(&url).await?));
    }
    let server = match args.server_pid {
        Some(pid) => Some(Process::of(pid)?),
        None => process::find_by_url(&url).and_then(|pid| Process::of(pid).ok()),
    };
    let store = args.store_pid.map(Process::of).transpose()?;
    let (customers, footprint) = prepare(channels[0].clone(), &args, server.as_ref(), store.as_ref()).await?;
    let call = Call::of(args.mode, Arc::new(customers));
    if let Some(count) = args.calls {
        return make(channels[0].clone(), &call, count).await;
    }
    let answer_bytes = check(channels[0].clone(), &call).await?;
    let echo = Call::echo(call.request_bytes(), answer_bytes);
    let seconds = |seconds: u16| Duration::from_secs(seconds.into());
    let shape = |length| Shape { streams: args.streams.into(), length, rate: args.rate };

    // Not counted: caches fill, the server's memory settles.
    load::run(&channels, shape(seconds(args.seconds.min(2))), &call).await?;
    load::run(&channels, shape(seconds(1)), &echo).await?;
    let mut rounds = Vec::new();
    for round in 1..=args.rounds {
        let call = measure(&channels, shape(seconds(args.seconds)), &call, server.as_ref()).await?;
        let floor = measure(&channels, shape(seconds(args.seconds)), &echo, server.as_ref()).await?;
        output::tell(&format!("round {round}: {:.0} calls/s, echo {:.0} calls/s", call.rate(), floor.rate()));
        rounds.push(Round { call, floor });
    }
    let report = Report {
        mode: args.mode,
        connections: args.connections,
        streams: args.streams,
        rate: args.rate,
        customers: args.customers,
        request_bytes: call.request_bytes(),
        answer_bytes,
        rounds,
        footprint,
    };
    output::print(&match (args.json, args.row) {
        (true, _) => report.json(),
        (false, true) => report.row(),
        (false, false) => report.table(),
    })?;
    if report.failures() > 0 {
        output::tell(&format!(
            "{} calls failed or were answered wrongly: such figures are no figures",
            report.failures()
        ));
        return Ok(Outcome::Partly);
    }
    Ok(Outcome::Done)
}

/// The customers, and what those that had to be made take.
async fn prepare(
    channel: ServiceChannel,
    args: &Args,
    server: Option<&Process>,
    store: Option<&Process>,
) -> Result<(Customers, Footprint), Failure> {
    let venue = subjects::venue(channel.clone(), args.venue.clone()).await?;
    if args.mode.word == calls::LINES_MODE {
        menu::declare(channel.clone(), &venue).await?;
    }
    output::tell(&format!("preparing {} customers", args.customers));
    let held = |process: Option<&Process>| process.map(Process::resident_bytes).transpose();
    let stored = || server.map(Process::store_bytes).filter(|bytes| *bytes > 0);
    let before = (held(server)?, stored(), held(store)?);
    let (ids, made) = subjects::prepare(channel, args.customers, &venue, MAKING).await?;
    let growth = |before: Option<u64>, after: Option<u64>| {
        let (before, after) = before.zip(after)?;
        (made > 0).then(|| after.saturating_sub(before) as f64 / made as f64)
    };
    let footprint = Footprint {
        made,
        server_bytes: growth(before.0, held(server)?),
        file_bytes: growth(before.1, stored()),
        store_bytes: growth(before.2, held(store)?),
    };
    Ok((Customers::new(ids, venue), footprint))
}

/// Makes calls one after another; the first that is not answered rightly ends it.
async fn make(channel: ServiceChannel, call: &Call, count: u64) -> Result<Outcome, Failure> {
    for _ in 0..count {
        if !call.once(channel.clone()).await?.is_right {
            return Err(Failure::Failed("an answer is not the right one for the customer asked about".to_owned()));
        }
    }
    Ok(Outcome::Done)
}

async fn measure(
    channels: &[ServiceChannel],
    shape: Shape,
    call: &Call,
    server: Option<&Process>,
) -> Result<Measured, Failure> {
    let before = server.map(Process::cpu_micros).transpose()?;
    let load = load::run(channels, shape, call).await?;
    let after = server.map(Process::cpu_micros).transpose()?;
    let cpu_micros = before.zip(after).map(|(before, after)| after.saturating_sub(before));
    Ok(Measured { load, cpu_micros })
}

/// Makes sure that answers are real before they are counted, and learns how large they are.
async fn check(channel: ServiceChannel, call: &Call) -> Result<usize, Failure> {
    const SAMPLE: usize = 16;
    let mut bytes = Vec::with_capacity(SAMPLE);
    for _ in 0..SAMPLE {
        let answer = call.once(channel.clone()).await?;
        if !answer.is_right {
            return Err(Failure::Failed(
                "an answer is not the right one for the customer asked about; nothing was measured".to_owned(),
            ));
        }
        bytes.push(answer.bytes);
    }
    bytes.sort_unstable();
    Ok(bytes[SAMPLE / 2])
}
