//! `rapport recovery`: issues and follow-ups of customers.

mod follow_ups;
mod issues;
mod show;

use clap::Subcommand;

use super::{Outcome, failure::Failure};

#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Open an issue: something went wrong
    Open(issues::Open),
    /// Say who solves an open issue
    Assign(issues::Assign),
    /// Resolve an issue; a follow-up is then owed, by --due or as the policy says, unless the customer has died or is barred
    Resolve(issues::Resolve),
    /// Open a resolved issue again
    Reopen(issues::Reopen),
    /// Note what was promised to a customer
    Promise(follow_ups::Promise),
    /// Note that something owed was kept, or missed
    Complete(follow_ups::Complete),
    /// List what is owed at a venue, the earliest due first
    List(follow_ups::List),
    /// Show the issues and follow-ups of one customer
    Show(issues::Show),
}

pub async fn run(args: Args) -> Result<Outcome, Failure> {
    match args.what {
        What::Open(args) => args.run().await,
        What::Assign(args) => args.run().await,
        What::Resolve(args) => args.run().await,
        What::Reopen(args) => args.run().await,
        What::Promise(args) => args.run().await,
        What::Complete(args) => args.run().await,
        What::List(args) => args.run().await,
        What::Show(args) => args.run().await,
    }
}
