//! To come.

use super::{Outcome, failure::Failure};

#[derive(clap::Args)]
pub struct Args {}

pub async fn run(args: Args) -> Result<Outcome, Failure> {
    let Args {} = args;
    Ok(Outcome::Done)
}
