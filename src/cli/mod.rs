//! The command line: one file or folder per subcommand. It speaks to the service only through the contract, over the
//! network or over a connection inside the process; it knows no store and no rule of the domain.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub mod bench;
pub mod brief;
pub mod caller;
pub mod connect;
pub mod demo;
pub mod failure;
pub mod flags;
pub mod gesture;
pub mod import;
pub mod json;
pub mod output;
pub mod record;
pub mod serve;
pub mod stop;
pub mod words;

#[cfg(test)]
mod testing;

/// Remembers what every customer likes, needs and celebrates, and briefs the person in front of them.
#[derive(Parser)]
#[command(name = "rapport", version, max_term_width = 100, after_help = EXIT_CODES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 done, 1 not or only partly done, 2 called wrongly.";

#[derive(Subcommand)]
enum Command {
    /// Serve gRPC until SIGINT or SIGTERM.
    Serve(serve::Args),
    /// Show the briefing for a customer.
    Brief(brief::Args),
    /// Record evidence, a precaution or an interaction.
    Record(Box<record::Args>),
    /// Suggest, give, approve, take back or list gestures.
    Gesture(Box<gesture::Args>),
    /// Take in policy, customers and interactions from NDJSON files.
    Import(import::Args),
    /// Measure a running server against an empty call.
    Bench(bench::Args),
    /// Print the reference of all settings.
    Config,
}

/// What a command came to when it did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// Some of it was refused; what and why was said.
    Partly,
}

/// Parses the process's arguments, runs the command, and says on standard error why it failed.
pub async fn run() -> ExitCode {
    // clap itself exits with 2 on usage errors and with 0 after help.
    let cli = Cli::parse();
    let result: Result<Outcome, failure::Failure> = match cli.command {
        Command::Serve(args) => serve::run(args).await,
        Command::Brief(args) => brief::run(args).await,
        Command::Record(args) => record::run(*args).await,
        Command::Gesture(args) => gesture::run(*args).await,
        Command::Import(args) => import::run(args).await,
        Command::Bench(args) => bench::run(args).await,
        Command::Config => output::print(&crate::config::settings::reference()).map(|()| Outcome::Done),
    };
    match result {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Partly) => ExitCode::from(1),
        Err(failure) => {
            eprintln!("rapport: {failure}");
            ExitCode::from(failure.code())
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        super::Cli::command().debug_assert();
    }
}
