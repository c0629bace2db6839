//! `rapport import`: NDJSON of `rapport.v1.ImportRecord`, streamed into the service.
//!
//! Memory stays bounded whatever the file holds. Bad rows go into a reject file; good ones are kept. Running the same
//! file again changes nothing: customers are recognised by a hash of their draft, interactions by source and key.

pub mod calls;
pub mod lanes;
pub mod lines;
pub mod pipeline;
pub mod progress;
pub mod rejects;
pub mod rows;
pub mod tally;

#[cfg(test)]
mod tests;

use std::{
    fs::File,
    io::{BufReader, Read},
    path::{Path, PathBuf},
    pin::pin,
    thread,
};

use tokio::sync::mpsc;

use super::{
    Outcome,
    caller::Caller,
    connect::{TargetArgs, Wire},
    failure::Failure,
    output,
    stop::Stop,
};
use lines::Lines;
use pipeline::{Importer, Sink};
use progress::Progress;
use rejects::{Reject, Rejects};
use rows::{Parser, Row};
use tally::Summary;

/// Rows read ahead of the calls. Each may take a MiB, and its message twice that.
const READ_AHEAD: usize = 16;
const READ_BUFFER_BYTES: usize = 256 << 10;

#[derive(clap::Args)]
pub struct Args {
    /// Files of one JSON object per line: {"policy": …}, {"customer": …} or {"interaction": …}; - is standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Calls that record interactions, under way at once
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u8).range(1..=64))]
    concurrency: u8,
    #[command(flatten)]
    target: TargetArgs,
}

pub async fn run(args: Args) -> Result<Outcome, Failure> {
    super::restore::refuse_exports(&args.files)?;
    let (mut stop, mut twice) = (Stop::listen()?, Stop::listen()?);
    let connection = args.target.connect(Caller::of_shell()).await?;
    let wire = connection.wire();
    let result = tokio::select! {
        result = all(&wire, &args, &mut stop) => result,
        () = async { twice.wait().await; twice.wait().await } => {
            Err(Failure::Failed("stopped at once, on a second signal; run the same import again".to_owned()))
        }
    };
    drop(wire);
    connection.close().await;
    result
}

async fn all(wire: &Wire, args: &Args, stop: &mut Stop) -> Result<Outcome, Failure> {
    let mut outcome = Outcome::Done;
    for file in &args.files {
        if import(wire.clone(), file, usize::from(args.concurrency), stop.wait()).await? == Outcome::Partly {
            outcome = Outcome::Partly;
        }
    }
    Ok(outcome)
}

/// What the reading thread hands over.
struct Taken {
    row: Result<Row, Reject>,
    bytes_read: u64,
}

/// Imports one file. When `stop` comes, what was read is still stored, and the rest is left for another run.
async fn import(wire: Wire, path: &Path, lanes: usize, stop: impl Future<Output = ()>) -> Result<Outcome, Failure> {
    let is_stdin = path == Path::new("-");
    let name = if is_stdin { "stdin".to_owned() } else { path.display().to_string() };
    let (reader, bytes): (Box<dyn Read + Send>, Option<u64>) = if is_stdin {
        (Box::new(std::io::stdin()), None)
    } else {
        let file = File::open(path).map_err(|error| Failure::Failed(format!("cannot read {name}: {error}")))?;
        let bytes = file.metadata().ok().filter(std::fs::Metadata::is_file).map(|metadata| metadata.len());
        (Box::new(file), bytes)
    };
    let reject_path = PathBuf::from(format!("{name}.rejects.ndjson"));
    let rejects = Rejects::to_file(reject_path.clone())
        .map_err(|error| Failure::Failed(format!("cannot replace {}: {error}", reject_path.display())))?;
    let sink = Sink::new(rejects);
    let mut progress = Progress::start(&name, bytes);
    let fed = feed(wire, reader, &sink, lanes, &mut progress, stop).await;
    let took = progress.elapsed();
    progress.finish();
    let (reject_file, _) = sink.rejects.finish()?;
    let counts = sink.tally.counts();
    let mut report = format!("{}\n", Summary { name: &name, counts, took });
    if let Some(file) = reject_file {
        let file = file.display();
        report.push_str(&format!(
            "  see {file} for line, field and reason; `jq -r '.row // empty' {file}` gives the rows back to mend\n"
        ));
    }
    output::print(&report)?;
    match fed {
        Err(failure) => Err(Failure::Failed(format!(
            "{name}: stopped: {failure}\nRun the same import again: what was taken in is recognised and not counted twice."
        ))),
        Ok(()) if counts.rejected > 0 => Ok(Outcome::Partly),
        Ok(()) => Ok(Outcome::Done),
    }
}

async fn feed(
    wire: Wire,
    reader: Box<dyn Read + Send>,
    sink: &std::sync::Arc<Sink>,
    lanes: usize,
    progress: &mut Progress,
    stop: impl Future<Output = ()>,
) -> Result<(), Failure> {
    let mut stop = pin!(stop);
    let mut importer = Importer::new(wire, sink.clone(), lanes);
    let (send, mut rows) = mpsc::channel(READ_AHEAD);
    // A thread of its own, not one of the runtime's: standard input may never end, and the runtime would wait for it.
    thread::spawn(move || read(reader, &send));
    loop {
        let item = tokio::select! {
            biased;
            () = &mut stop => {
                importer.settle().await?;
                return Err(Failure::Failed("interrupted; all rows up to here were taken in".to_owned()));
            }
            item = rows.recv() => item,
        };
        let Some(item) = item else {
            return importer.settle().await;
        };
        let Taken { row, bytes_read } = item.map_err(|error| Failure::Failed(format!("cannot read on: {error}")))?;
        match row {
            Ok(row) => importer.push(row).await?,
            Err(reject) => {
                sink.tally.row();
                sink.reject(reject)?;
            }
        }
        progress.at(bytes_read, sink.tally.counts().row);
    }
}

/// Reads and parses until the end, an error, or until nobody listens any more.
fn read(reader: Box<dyn Read + Send>, send: &mpsc::Sender<std::io::Result<Taken>>) {
    let parser = Parser::default();
    let mut lines = Lines::new(BufReader::with_capacity(READ_BUFFER_BYTES, reader));
    let mut line = Vec::new();
    loop {
        let item = match lines.next(&mut line) {
            Ok(None) => return,
            Ok(Some(ending)) => match parser.parse(lines.number, &line, ending) {
                None => continue,
                Some(row) => Ok(Taken { row, bytes_read: lines.bytes_read }),
            },
            Err(error) => Err(error),
        };
        let last = item.is_err();
        if send.blocking_send(item).is_err() || last {
            return;
        }
    }
}
