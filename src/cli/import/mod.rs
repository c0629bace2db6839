//! `rapport import`: NDJSON of `rapport.v1.ImportRecord`, or CSV under a mapping, streamed into the service.
//!
//! Memory is bounded for any file. Bad rows go into a reject file; good ones are kept. Running the same file again as
//! the same user changes nothing: customers are recognised by a hash of their draft, interactions by source and key. A
//! run that broke off goes on where it stopped.

pub mod calls;
pub mod checkpoint;
pub mod dry;
pub mod input;
pub mod lines;
pub mod pipeline;
pub mod prefix;
pub mod progress;
pub mod queues;
pub mod reader;
pub mod rejects;
pub mod rows;
pub mod table;
pub mod tally;

#[cfg(test)]
mod tests;

use std::{
    path::{Path, PathBuf},
    pin::pin,
    sync::{Arc, atomic::Ordering::Relaxed},
    thread,
};

use tokio::sync::mpsc;

use super::{
    Outcome,
    caller::Caller,
    connect::{ServiceChannel, TargetArgs},
    failure::Failure,
    output,
    stop::Stop,
};
use calls::Calls;
use checkpoint::{Checkpoint, Position};
use input::Input;
use pipeline::{Importer, Sink};
use prefix::Prefix;
use progress::Progress;
use reader::{Format, ReadItem};
use rejects::Rejects;
use table::mapping::Mapping;
use tally::Summary;

/// Rows read ahead of the calls. Each may take a MiB, and its message twice that.
const READ_AHEAD: usize = 16;

#[derive(clap::Args)]
pub struct Args {
    /// Files, plain or packed with gzip or zstd; - is standard input. Without --map: one JSON object per line,
    /// {"policy": …}, {"customer": …} or {"interaction": …}
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The files are CSV; this mapping (docs/import.md) says what their columns mean
    #[arg(long, value_name = "MAPPING")]
    map: Option<PathBuf>,
    /// Propose a mapping for a CSV file, and show its first rows as it would import them; imports nothing
    #[arg(long, conflicts_with_all = ["map", "dry_run"])]
    guess: bool,
    /// Check all rows by the service's own rules, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Do not go on where an earlier run stopped. Needed after a backup of the store was restored
    #[arg(long)]
    from_start: bool,
    /// Calls that record interactions, under way at once
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u8).range(1..=64))]
    concurrency: u8,
    #[command(flatten)]
    target: TargetArgs,
}

/// How files are imported.
struct ImportOptions {
    format: Format,
    /// Tells mappings apart.
    mapping: String,
    queues: usize,
    /// Whether a checkpoint of an earlier run counts.
    goes_on: bool,
    /// Whether checkpoints are written.
    is_dry: bool,
}

impl ImportOptions {
    fn new(args: &Args) -> Result<Self, Failure> {
        let (format, mapping) = match &args.map {
            None => (Format::Records, String::new()),
            Some(path) => {
                let name = path.display();
                let text = std::fs::read_to_string(path)
                    .map_err(|error| Failure::Usage(format!("--map: cannot read {name}: {error}")))?;
                let mapping = Mapping::parse(&text).map_err(|faults| Failure::Usage(format!("{name}:\n{faults}")))?;
                (Format::Table(Arc::new(mapping)), Prefix::of_text(&text))
            }
        };
        let (queues, is_dry) = (usize::from(args.concurrency), args.dry_run);
        Ok(Self { format, mapping, queues, goes_on: !args.from_start && !is_dry, is_dry })
    }
}

pub async fn run(args: Args) -> Result<Outcome, Failure> {
    super::restore::refuse_exports(&args.files)?;
    if args.guess {
        args.files.iter().try_for_each(|file| table::guess::run(file))?;
        return Ok(Outcome::Done);
    }
    let options = ImportOptions::new(&args)?;
    let (mut stop, mut twice) = (Stop::listen()?, Stop::listen()?);
    let work = async {
        if options.is_dry {
            return Box::pin(dry::run(&args, &options, &mut stop)).await;
        }
        let connection = args.target.connect(Caller::of_shell()).await?;
        let channel = connection.channel();
        let result = all(&channel, &args.files, &options, &mut stop).await;
        drop(channel);
        connection.close().await;
        result
    };
    tokio::select! {
        result = work => result,
        () = async { twice.wait().await; twice.wait().await } => {
            Err(Failure::Failed("stopped at once, on a second signal; run the same import again".to_owned()))
        }
    }
}

async fn all(
    channel: &ServiceChannel,
    files: &[PathBuf],
    options: &ImportOptions,
    stop: &mut Stop,
) -> Result<Outcome, Failure> {
    let mut outcome = Outcome::Done;
    for file in files {
        if import(channel.clone(), file, options, stop.wait()).await? == Outcome::Partly {
            outcome = Outcome::Partly;
        }
    }
    Ok(outcome)
}

/// Imports one file. When `stop` comes, what was read is still stored, and the rest is left for another run.
async fn import(
    channel: ServiceChannel,
    path: &Path,
    options: &ImportOptions,
    stop: impl Future<Output = ()>,
) -> Result<Outcome, Failure> {
    let is_stdin = path == Path::new("-");
    let name = if is_stdin { "stdin".to_owned() } else { path.display().to_string() };
    let open = || Input::open(path).map_err(|error| Failure::Failed(format!("cannot read {name}: {error}")));
    let input = if is_stdin { Input::stdin() } else { open()? };
    let reject_path = PathBuf::from(format!("{name}.rejects.ndjson"));
    let keep = (!is_stdin && !options.is_dry).then(|| CheckpointKeeper::new(&channel, &name, &options.mapping));
    let earlier = match &keep {
        Some(keep) if options.goes_on => keep.find(open()?, &reject_path).await?,
        _ => None,
    };
    let (after, counts, rejects_bytes) =
        earlier.map_or_else(Default::default, |found| (found.position.bytes, found.counts, found.rejects_bytes));
    let rejects = Rejects::after(reject_path.clone(), rejects_bytes)
        .map_err(|error| Failure::Failed(format!("cannot replace {}: {error}", reject_path.display())))?;
    let sink = Sink::after(counts, rejects);
    let mut progress = Progress::start(&name, input.bytes, counts.row);
    let feed = InputImport {
        channel,
        input,
        format: options.format.clone(),
        after,
        queues: options.queues,
        keep: keep.as_ref(),
    };
    let fed = feed.run(&sink, &mut progress, stop).await;
    let took = progress.elapsed();
    progress.finish();
    let (reject_file, _) = sink.rejects.finish()?;
    let mut report = format!("{}\n", Summary { name: &name, counts: sink.tally.counts(), earlier: counts.row, took });
    if let Some(file) = reject_file {
        let file = file.display();
        report.push_str(&format!(
            "  see {file} for line, field and reason; `jq -r '.row // empty' {file}` gives the rows back to mend\n"
        ));
    }
    output::print(&report)?;
    let ended = fed.map_err(|failure| {
        Failure::Failed(format!(
            "{name}: stopped: {failure}\nRun the same import again: what was taken in is recognised and not counted twice."
        ))
    })?;
    if let (Some(keep), Ended::Whole) = (&keep, ended) {
        checkpoint::remove(&keep.path)?;
    }
    Ok(if sink.tally.counts().rejected > 0 { Outcome::Partly } else { Outcome::Done })
}

/// How a file ended.
#[derive(Clone, Copy)]
enum Ended {
    Whole,
    Broken,
}

/// Keeps a checkpoint.
struct CheckpointKeeper {
    calls: Calls,
    path: PathBuf,
    mapping: String,
}

impl CheckpointKeeper {
    fn new(channel: &ServiceChannel, name: &str, mapping: &str) -> Self {
        Self { calls: Calls::new(channel.clone()), path: Checkpoint::path(name), mapping: mapping.to_owned() }
    }

    /// The checkpoint of an earlier run, if it counts. Otherwise it is removed.
    async fn find(&self, input: Input, rejects: &Path) -> Result<Option<Checkpoint>, Failure> {
        if let Some(found) = Checkpoint::load(&self.path) {
            let policy = self.calls.policy().await?.map(|policy| policy.etag);
            let (mapping, rejects) = (self.mapping.clone(), rejects.to_owned());
            let compared = tokio::task::spawn_blocking(move || {
                let holds = |text| found.holds(text, &mapping, policy.as_deref(), &rejects);
                input.decode().is_ok_and(holds).then_some(found)
            });
            if let Some(found) = compared.await.ok().flatten() {
                return Ok(Some(found));
            }
            output::tell(&format!(
                "rapport: {} is of another file, mapping or business: starting anew",
                self.path.display()
            ));
        }
        checkpoint::remove(&self.path)?;
        Ok(None)
    }

    /// To be called when all rows before the position are stored, and none after it was sent.
    async fn save(&self, position: Position, sink: &Sink) -> Result<(), Failure> {
        // Without a policy nothing tells this business from another one.
        if let Some(policy) = self.calls.policy().await? {
            let rejects_bytes = sink.rejects.sync()?;
            let saved = Checkpoint::new(position, &self.mapping, policy.etag, rejects_bytes, sink.tally.counts());
            let saved = saved.save(&self.path);
            saved.map_err(|error| Failure::Failed(format!("cannot write {}: {error}", self.path.display())))?;
        }
        Ok(())
    }
}

/// One input on its way into the service.
struct InputImport<'a> {
    channel: ServiceChannel,
    input: Input,
    format: Format,
    /// Bytes of text that an earlier run took in.
    after: u64,
    queues: usize,
    keep: Option<&'a CheckpointKeeper>,
}

impl InputImport<'_> {
    async fn run(
        self,
        sink: &Arc<Sink>,
        progress: &mut Progress,
        stop: impl Future<Output = ()>,
    ) -> Result<Ended, Failure> {
        let mut stop = pin!(stop);
        let Self { channel, input, format, after, queues, keep } = self;
        let mut importer = Importer::new(channel, sink.clone(), queues);
        let bytes_read = input.bytes_read.clone();
        let (send, mut taken) = mpsc::channel(READ_AHEAD);
        // A thread of its own, not one of the runtime's: standard input may never end, and the runtime would wait for it.
        thread::spawn(move || reader::read(input, format, after, &send));
        loop {
            let item = tokio::select! {
                biased;
                () = &mut stop => {
                    importer.settle().await?;
                    return Err(Failure::Failed("interrupted; all rows up to here were taken in".to_owned()));
                }
                item = taken.recv() => item,
            };
            match item {
                None => return importer.settle().await.map(|()| Ended::Whole),
                Some(Ok(ReadItem::Row(row))) => importer.push(row).await?,
                Some(Ok(ReadItem::Reject(reject))) => sink.set_aside(reject)?,
                Some(Ok(ReadItem::Mark(position))) => {
                    if let Some(keep) = keep {
                        importer.settle().await?;
                        keep.save(position, sink).await?;
                    }
                }
                Some(Ok(ReadItem::Broken(reject))) => {
                    sink.set_aside(reject)?;
                    return importer.settle().await.map(|()| Ended::Broken);
                }
                Some(Err(error)) => {
                    importer.settle().await?;
                    return Err(Failure::Failed(format!("cannot read on: {error}")));
                }
            }
            progress.at(bytes_read.load(Relaxed), sink.tally.counts().row);
        }
    }
}
