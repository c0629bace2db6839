//! `rapport bench`: closed-loop load on a running server, held against an empty call of equal bytes.
//!
//! A round measures one call, then the echo (A B); rounds follow each other in one run, and the ratio is taken within
//! each round, so that a machine whose speed drifts does not favour either. CPU comes from the server process's own
//! accounting. What the client costs does not enter it.

pub mod calls;
pub mod cpu;
pub mod load;
pub mod report;
pub mod subjects;

#[cfg(test)]
mod tests;

use std::time::Duration;

use prost::Message as _;

use super::{
    Outcome,
    caller::Caller,
    connect::{self, ServerArgs, Wire},
    failure::Failure,
    output,
};
use crate::proto::{BriefingState, GetBriefingResponse};
use calls::{Call, Echo, Mode, Plan};
use cpu::ServerCpu;
use report::{Report, Round};

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
    /// Customers that the calls choose from; they are made once and found again
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    customers: u32,
    /// What is measured: a briefing by id, a briefing by identity, or recording an interaction
    #[arg(long, value_enum, default_value_t = Mode::Id)]
    mode: Mode,
    /// Rounds; each measures the call, then the echo
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u8).range(1..=100))]
    rounds: u8,
    /// Seconds of each measurement
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=600))]
    seconds: u16,
    /// The server's process; found by its port when it runs on this machine
    #[arg(long, value_name = "PID")]
    server_pid: Option<u32>,
    /// The venue the calls name [default: the policy's first; a policy is set when there is none]
    #[arg(long, value_name = "ID")]
    venue: Option<String>,
    /// Print the results as JSON
    #[arg(long)]
    json: bool,
}

pub async fn run(args: Args) -> Result<Outcome, Failure> {
    let url = args.server.url();
    let mut wires = Vec::new();
    for _ in 0..args.connections {
        // Who calls is left out, so that both calls are as bare as they can be.
        wires.push(Caller::default().on(connect::connect(&url).await?));
    }
    let first = wires[0].clone();
    let cpu = match args.server_pid {
        Some(pid) => Some(ServerCpu::of(pid)?),
        None => cpu::find_by_url(&url).and_then(|pid| ServerCpu::of(pid).ok()),
    };
    let venue = subjects::venue(first.clone(), args.venue.clone()).await?;
    eprintln!("preparing {} customers", args.customers);
    let ids = subjects::prepare(first.clone(), args.customers, &venue, MAKING).await?;
    let plan = Plan::new(args.mode, ids, venue);
    let answer_bytes = check(first, &plan).await?;
    let echo = Echo::equal_to(plan.request_bytes(), answer_bytes);
    let length = Duration::from_secs(args.seconds.into());
    let streams = usize::from(args.streams);

    // Not counted: caches fill, the server's memory settles.
    load::run(&wires, streams, &plan, length.min(Duration::from_secs(2))).await?;
    load::run(&wires, streams, &echo, length.min(Duration::from_secs(1))).await?;
    let mut rounds = Vec::new();
    for round in 1..=args.rounds {
        let call = measure(&wires, streams, &plan, length, cpu.as_ref()).await?;
        let floor = measure(&wires, streams, &echo, length, cpu.as_ref()).await?;
        eprintln!("round {round}: {:.0} calls/s, echo {:.0} calls/s", call.rate(), floor.rate());
        rounds.push(Round { call, floor });
    }
    let failures: u64 = rounds.iter().map(|round| round.call.load.failures + round.floor.load.failures).sum();
    let report = Report {
        mode: args.mode,
        connections: args.connections,
        streams: args.streams,
        customers: args.customers,
        request_bytes: plan.request_bytes(),
        answer_bytes,
        rounds,
        failures,
    };
    output::print(&if args.json { report.json() } else { report.table() })?;
    Ok(if failures == 0 { Outcome::Done } else { Outcome::Partly })
}

async fn measure<C: Call>(
    wires: &[Wire],
    streams: usize,
    call: &C,
    length: Duration,
    cpu: Option<&ServerCpu>,
) -> Result<report::Measured, Failure> {
    let before = cpu.map(ServerCpu::micros).transpose()?;
    let load = load::run(wires, streams, call, length).await?;
    let after = cpu.map(ServerCpu::micros).transpose()?;
    let cpu_micros = before.zip(after).map(|(before, after)| after.saturating_sub(before));
    Ok(report::Measured { load, cpu_micros })
}

/// Makes sure that answers are real before they are counted, and learns how large they are.
async fn check(wire: Wire, plan: &Plan) -> Result<usize, Failure> {
    const SAMPLE: u64 = 16;
    if plan.mode == Mode::Write {
        return plan.write_once(wire).await;
    }
    let mut bytes = Vec::new();
    for number in 0..SAMPLE {
        let (id, answer) = plan.brief_once(wire.clone(), number).await?;
        let GetBriefingResponse { briefing, .. } = &answer;
        let briefing = briefing.clone().unwrap_or_default();
        let is_real = briefing.state() == BriefingState::Known
            && briefing.customer_id == id
            && briefing.respect.iter().any(|statement| statement.code.starts_with("PRECAUTION"));
        if !is_real {
            return Err(Failure::Failed(
                "a briefing is not the one of the customer asked for, or lacks the precaution; nothing was measured"
                    .into(),
            ));
        }
        bytes.push(answer.encoded_len());
    }
    bytes.sort_unstable();
    Ok(bytes[bytes.len() / 2])
}
