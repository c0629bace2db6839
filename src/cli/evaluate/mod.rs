//! `rapport evaluate`: how well is the next purchase anticipated? Histories are replayed in the order of time through the
//! domain's own code; before one purchase of each customer, what is expected is compared with what was bought.

mod baselines;
mod history;
mod replay;
mod report;

#[cfg(test)]
mod tests;

use std::path::PathBuf;

use super::{Outcome, failure::Failure, output};

#[derive(clap::Args)]
pub struct Args {
    /// Files as `rapport import` takes them; - is standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The purchase of each customer that is to be anticipated
    #[arg(long, value_enum, default_value_t = TargetPurchase::Last)]
    target: TargetPurchase,
    /// Items named
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=100))]
    k: u16,
    /// Customers with fewer purchases only help to learn what others buy
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(2..))]
    purchases_min: u16,
    /// Items of the purchase that are known in the second measurement
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..))]
    basket: u16,
    /// Learn nothing from other customers
    #[arg(long)]
    alone: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum TargetPurchase {
    Last,
    /// For choosing constants, so that the last stays unseen
    SecondLast,
}

/// What is measured, and of which customers.
#[derive(Debug, Clone, Copy)]
struct ReplayOptions {
    target: TargetPurchase,
    k: usize,
    purchases_min: usize,
    basket: usize,
    alone: bool,
}

pub async fn run(args: Args) -> Result<Outcome, Failure> {
    // Hours of history take a while to think about: not on a thread of the runtime.
    let work = tokio::task::spawn_blocking(move || evaluate(&args));
    work.await.map_err(|error| Failure::Failed(format!("stopped: {error}")))?
}

fn evaluate(args: &Args) -> Result<Outcome, Failure> {
    let options = ReplayOptions {
        target: args.target,
        k: usize::from(args.k),
        purchases_min: usize::from(args.purchases_min),
        basket: usize::from(args.basket),
        alone: args.alone,
    };
    let mut histories = history::Reader::default();
    for file in &args.files {
        histories.read(file)?;
    }
    let histories = histories.finish();
    let measured = replay::replay(&histories, &options);
    if measured.customers == 0 {
        return Err(Failure::Failed(format!(
            "no customer has {} purchases of which items are known; {} rows were left out, the last because {}",
            options.purchases_min,
            histories.left_out,
            histories.reason.unwrap_or("of nothing"),
        )));
    }
    let report = report::Report { histories: &histories, options, measured };
    output::print(&if args.json { report.json() } else { report.to_string() })?;
    Ok(if histories.left_out == 0 { Outcome::Done } else { Outcome::Partly })
}
