//! The command line: one file or folder per subcommand. Commands speak to the service through the contract, over the
//! network or over a connection inside the process. Exceptions: those that maintain a store (export, restore, fsck,
//! stats, upgrade, store adopt) open it themselves, through [`crate::app::Core`]; `backup` and `copy` copy it, of a server or of its files; `policy check` needs no service, it runs the
//! service's own checks of a policy; `import --guess` only reads a table; `evaluate` replays histories through the domain's own functions; `config` prints the
//! table of settings; `serve` and `tour` start a server.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use futures_util::future::LocalBoxFuture;

mod args;
mod backup;
mod bench;
mod brief;
mod caller;
mod catalogue;
mod connect;
mod copy;
mod demo;
mod evaluate;
mod export;
mod failure;
mod flags;
mod fsck;
mod gesture;
mod import;
mod json;
mod lines;
mod maintenance;
mod money;
mod occasions;
mod output;
pub mod policy;
mod record;
mod recovery;
mod restore;
mod review;
mod serve;
mod stats;
mod stop;
mod store;
mod tour;
mod upgrade;

#[cfg(test)]
mod testing;

/// Remembers what every customer likes, needs and celebrates, and briefs the person in front of them.
#[derive(Parser)]
#[command(name = "rapport", version, max_term_width = 100, after_help = EXIT_CODES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 done, 1 not or only partly done, 2 called wrongly; `fsck` has its own.";

#[derive(Subcommand)]
enum Command {
    /// Serve gRPC until SIGINT or SIGTERM.
    Serve(serve::Args),
    /// Show in the terminal what Rapport does, with invented guests.
    Tour(tour::Args),
    /// Show the briefing for a customer.
    Brief(brief::Args),
    /// Record evidence, a precaution, an interaction, feedback or a referral.
    Record(Box<record::Args>),
    /// Suggest, give, approve, cancel or list gestures; record how one was taken.
    Gesture(Box<gesture::Args>),
    /// Open, assign, resolve and reopen issues; promise, list and complete follow-ups.
    Recovery(Box<recovery::Args>),
    /// List what customers of a venue celebrate on the next days.
    Occasions(occasions::Args),
    /// Check, read and set the policy as a YAML file.
    Policy(policy::Args),
    /// Put, read and confirm what venues sell and what it contains; list what is sold and not declared.
    Catalogue(Box<catalogue::Args>),
    /// Import policy, customers and interactions from files: NDJSON, or CSV under a mapping.
    Import(import::Args),
    /// Write a tenant's policy, items and customers with their history to a file, unencrypted.
    Export(export::Args),
    /// Put the policy, items and customers of an export into a store; what is there already stays.
    Restore(restore::Args),
    /// Copy an embedded store, data and keys apart, while it serves; `backup restore` puts the copies back.
    Backup(Box<backup::Args>),
    /// Copy a store, data and keys, into another place: of the same backend, or of the other one.
    Copy(copy::Args),
    /// Show the service review of a month: levels, standards, causes, follow-ups, gestures, budgets.
    Review(review::Args),
    /// Check a store; with --repair, also repair it.
    Fsck(fsck::Args),
    /// Measure what a store holds, and how far its indexes lag behind.
    Stats(stats::Args),
    /// Give up what a store has lost, and serve what is left.
    Store(store::Args),
    /// Raise the format in which a store is written. Run it when all replicas are of this release.
    Upgrade(upgrade::Args),
    /// Measure how well the next purchase is anticipated, on histories of your own.
    Evaluate(evaluate::Args),
    /// Measure calls of a running server, beside a call of equal bytes that does nothing.
    Bench(bench::Args),
    /// Print the reference of all settings.
    Config,
}

/// What a command came to when it did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Done,
    /// It was not done, or only in part; what and why was said.
    Partly,
    /// An exit code of the command's own.
    Own(u8),
}

/// A command under way. It is boxed in a plain function, so that callers poll a pointer: a crate that polls a future
/// directly compiles its body again, with all that it awaits.
type Running = LocalBoxFuture<'static, Result<Outcome, failure::Failure>>;

/// The program: parses the process's arguments, runs the command, and says on standard error why it failed.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        // To fsck, 2 means something else than to all other commands.
        Err(error) if error.use_stderr() && std::env::args().nth(1).as_deref() == Some("fsck") => {
            let _ = error.print();
            return ExitCode::from(fsck::USAGE);
        }
        // clap itself exits with 2 on usage errors and with 0 after help.
        Err(error) => error.exit(),
    };
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            output::tell(&format!("rapport: cannot start its threads: {error}; raise the limit of processes"));
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(cli.command.start()) {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Partly) => ExitCode::from(1),
        Ok(Outcome::Own(code)) => ExitCode::from(code),
        Err(failure) => {
            output::tell(&format!("rapport: {failure}"));
            ExitCode::from(failure.code())
        }
    }
}

/// Runs a command of this program from within another: its arguments, without the program's name.
pub(crate) async fn obey(args: &[&str]) -> Result<Outcome, failure::Failure> {
    let cli = Cli::try_parse_from(["rapport"].iter().chain(args));
    cli.map_err(|error| failure::Failure::Usage(error.to_string()))?.command.start().await
}

impl Command {
    fn start(self) -> Running {
        match self {
            Self::Serve(args) => Box::pin(serve::run(args)),
            Self::Tour(args) => Box::pin(tour::run(args)),
            Self::Brief(args) => Box::pin(brief::run(args)),
            Self::Record(args) => Box::pin(record::run(*args)),
            Self::Gesture(args) => Box::pin(gesture::run(*args)),
            Self::Recovery(args) => Box::pin(recovery::run(*args)),
            Self::Occasions(args) => Box::pin(occasions::run(args)),
            Self::Policy(args) => Box::pin(policy::run(args)),
            Self::Catalogue(args) => Box::pin(catalogue::run(*args)),
            Self::Import(args) => Box::pin(import::run(args)),
            Self::Export(args) => Box::pin(export::run(args)),
            Self::Restore(args) => Box::pin(restore::run(args)),
            Self::Backup(args) => Box::pin(backup::run(*args)),
            Self::Copy(args) => Box::pin(copy::run(args)),
            Self::Review(args) => Box::pin(review::run(args)),
            Self::Fsck(args) => Box::pin(async { Ok(fsck::run(args).await) }),
            Self::Stats(args) => Box::pin(stats::run(args)),
            Self::Upgrade(args) => Box::pin(upgrade::run(args)),
            Self::Store(args) => Box::pin(store::run(args)),
            Self::Evaluate(args) => Box::pin(evaluate::run(args)),
            Self::Bench(args) => Box::pin(bench::run(args)),
            Self::Config => {
                Box::pin(async { output::print(&crate::config::settings::reference()).map(|()| Outcome::Done) })
            }
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
