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
    thread,
};

use tokio::sync::mpsc;
use tonic::transport::Channel;

use super::{Outcome, connect::TargetArgs, failure::Failure, output};
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
    let channel = args.target.connect().await?;
    let mut outcome = Outcome::Done;
    for file in &args.files {
        if import(channel.clone(), file, usize::from(args.concurrency)).await? == Outcome::Partly {
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

async fn import(channel: Channel, path: &Path, lanes: usize) -> Result<Outcome, Failure> {
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
    let fed = feed(channel, reader, &sink, lanes, &mut progress).await;
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
            "{name}: stopped: {failure}\nRun the same import again later: what was taken in is recognised and not counted twice."
        ))),
        Ok(()) if counts.rejected > 0 => Ok(Outcome::Partly),
        Ok(()) => Ok(Outcome::Done),
    }
}

async fn feed(
    channel: Channel,
    reader: Box<dyn Read + Send>,
    sink: &std::sync::Arc<Sink>,
    lanes: usize,
    progress: &mut Progress,
) -> Result<(), Failure> {
    let mut importer = Importer::new(channel, sink.clone(), lanes);
    let (send, mut rows) = mpsc::channel(READ_AHEAD);
    // A thread of its own, not one of the runtime's: standard input may never end, and the runtime would wait for it.
    thread::spawn(move || read(reader, &send));
    while let Some(item) = rows.recv().await {
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
    importer.settle().await
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
