//! `rapport restore`: an export back into a store, with ids, times, authors and history. It opens the store itself, since
//! no call of the contract may set those. Running it again changes nothing.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read as _},
    path::PathBuf,
    thread,
};

use futures_util::{StreamExt as _, stream::FuturesUnordered};
use tokio::sync::mpsc;

use super::{
    Outcome,
    failure::Failure,
    flags::{Flags, Keeping},
    import::rejects::{RawRow, Reject, Rejects},
    maintenance::{failed, open_or_make, spinner},
    output,
};
use crate::{
    app::Core,
    domain::{CustomerId, identity::IdentityType},
    service::restore::{Restore, RestoreError, Restored},
    store::{
        Revision,
        portable::{self, Line, LineFault, Trailer},
    },
};

/// Lines read ahead. A usual one has some 100 KB.
const READ_AHEAD: usize = 8;
/// Customers written at once: lets redb take them in one transaction.
const AT_ONCE: usize = 16;
const BUFFER_BYTES: usize = 256 << 10;
/// A customer with 1,280 purchases of 200 items with the longest names makes a line of some 150 MB: what is longer than
/// this was not written by `rapport export`.
const LINE_BYTES_MAX: u64 = 256 << 20;

#[derive(clap::Args)]
#[command(after_help = "\
It needs the wrapping key of the store that was exported. With redb the service must be stopped.
Exit codes: 0 all is there, 1 a line was rejected, or a customer is there without an identity that another has (see the reject \
file), or it could not be completed, 2 called wrongly, or the file is not an export that this release reads.")]
pub struct Args {
    /// A file that `rapport export` made; - is standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Say what would be done, and write nothing to the store
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    store: Flags<Keeping>,
}

/// Tells who imports an export what to do instead: its rows mean other things. Other files are left to the import.
pub fn refuse_exports(files: &[PathBuf]) -> Result<(), Failure> {
    for path in files.iter().filter(|path| path.is_file()) {
        let mut first = String::new();
        let read = File::open(path)
            .and_then(|file| file.take(portable::HEADER_BEGINS.len() as u64).read_to_string(&mut first));
        if read.is_ok() && first == portable::HEADER_BEGINS {
            let name = path.display();
            return Err(Failure::Usage(format!("{name} is an export of a store: take it back with `rapport restore`")));
        }
    }
    Ok(())
}

/// What became of the lines.
#[derive(Debug, Default)]
struct Counts {
    read: Trailer,
    customers: u64,
    /// Customers without identities that others have.
    without: u64,
    policies: u64,
    /// Heads and parts of the items of venues.
    items: u64,
    same: u64,
    erased: u64,
    rejected: u64,
    /// The revision in the policy line that was read last; `None`: none was read yet.
    before: Option<Revision>,
    trailer: Option<Trailer>,
}

/// A line, or why there is none.
struct ReadLine {
    number: u64,
    text: String,
    line: Result<Line, LineFault>,
}

pub async fn run(args: Args) -> Result<Outcome, Failure> {
    let core = open_or_make(&args.store).await?;
    let name = args.file.display().to_string();
    let is_stdin = name == "-";
    let reader: Box<dyn io::Read + Send> = if is_stdin {
        Box::new(io::stdin())
    } else {
        Box::new(File::open(&args.file).map_err(|error| failed(format!("cannot read {name}: {error}")))?)
    };
    let (send, lines) = mpsc::channel(READ_AHEAD);
    thread::spawn(move || read(BufReader::with_capacity(BUFFER_BYTES, reader), &send));
    let rejects = PathBuf::from(format!("{}.rejects.ndjson", if is_stdin { "stdin" } else { &name }));
    let rejects = Rejects::to_file(rejects)?;
    let counts = all(&core, lines, &rejects, args.dry_run).await;
    let (file, _) = rejects.finish()?;
    let counts = counts?;
    output::print(&summary(&name, &counts, args.dry_run))?;
    if let Some(file) = file {
        output::print(&format!("  see {} for line and reason\n", file.display()))?;
    }
    let verb = if args.dry_run { "would be restored" } else { "is restored" };
    let rest = if counts.rejected > 0 { ", but for the rejected lines" } else { "" };
    match counts.trailer {
        None => {
            Err(failed(format!("{name} was cut off: it ends without its trailer. What could be read {verb}{rest}.")))
        }
        Some(trailer) if Trailer { damaged: 0, ..trailer } != counts.read => Err(failed(format!(
            "{name}: its trailer counts {}, but {} could be read: lines are missing or damaged. What could be read {verb}{rest}.",
            amounts(&trailer),
            amounts(&counts.read)
        ))),
        Some(_) if counts.rejected + counts.without > 0 => Ok(Outcome::Partly),
        Some(_) => Ok(Outcome::Done),
    }
}

fn amounts(Trailer { policies, customers, entries, damaged: _, venues }: &Trailer) -> String {
    format!(
        "{policies} versions of the policy, {customers} customers, {entries} entries of their history and {venues} venues with items"
    )
}

fn summary(name: &str, counts: &Counts, dry_run: bool) -> String {
    let Counts { customers, without, policies, items, same, erased, rejected, .. } = counts;
    let verb = if dry_run { "would be restored" } else { "restored" };
    format!(
        "{name}: {verb}: customers {customers}, versions of the policy {policies}, parts of venues' items {items}; lines that were there already {same}; \
         customers who were erased and stay so {erased}; customers without an identity that another has {without}; rejected {rejected}\n"
    )
}

async fn all(
    core: &Core,
    mut lines: mpsc::Receiver<io::Result<ReadLine>>,
    rejects: &Rejects,
    trial: bool,
) -> Result<Counts, Failure> {
    let mut counts = Counts::default();
    let Some(first) = lines.recv().await else { return Err(Failure::Usage("the file is empty".to_owned())) };
    let ReadLine { text, line, .. } = first?;
    let header = match line {
        Ok(Line::Header(header)) => header,
        Err(fault) if text.starts_with(portable::HEADER_BEGINS) => {
            return Err(Failure::Usage(format!("the header of the export cannot be read: {fault}")));
        }
        Ok(_) | Err(_) => {
            return Err(Failure::Usage(
                "the first line is not the header of an export. Files of policy, customers and interactions are taken in \
                 with `rapport import`"
                    .to_owned(),
            ));
        }
    };
    let restore = core.rapport.maintenance().restore(&core.tenant, &header, trial).await.map_err(failed)?;
    let bar = spinner("customers read:");
    let mut under_way = FuturesUnordered::new();
    while let Some(taken) = lines.recv().await {
        let ReadLine { number, text, line } = taken.map_err(|error| failed(format!("cannot read on: {error}")))?;
        match line {
            Ok(Line::Customer(customer, whole)) => {
                counts.read.customers += 1;
                counts.read.entries += whole.entries.len() as u64;
                let restore = &restore;
                under_way.push(async move { (number, customer, text, restore.customer(customer, *whole).await) });
                if under_way.len() >= AT_ONCE
                    && let Some(done) = under_way.next().await
                {
                    bar.inc(1);
                    counts.take(done, rejects)?;
                }
            }
            Ok(Line::Trailer(trailer)) => counts.trailer = Some(trailer),
            Ok(Line::Policy(document)) => {
                counts.read.policies += 1;
                counts.policy(&restore, number, text, document, rejects).await?;
            }
            Ok(Line::Items(items)) => {
                counts.read.venues += u64::from(items.part.is_none());
                counts.take_items((number, text, restore.items(items).await), rejects)?;
            }
            Ok(Line::Header(_)) => {
                counts.reject(rejects, number, "INVALID_LINE", "a second header".to_owned(), text)?;
            }
            Err(fault) => counts.reject(rejects, number, "INVALID_LINE", fault.to_string(), text)?,
        }
    }
    while let Some(done) = under_way.next().await {
        bar.inc(1);
        counts.take(done, rejects)?;
    }
    restore.finish().await.map_err(failed)?;
    bar.finish_and_clear();
    Ok(counts)
}

impl Counts {
    async fn policy(
        &mut self,
        restore: &Restore<'_>,
        number: u64,
        text: String,
        document: crate::store::Document,
        rejects: &Rejects,
    ) -> Result<(), Failure> {
        let before = self.before.replace(document.revision);
        match restore.policy(document, before).await {
            Ok(Restored::New) => self.policies += 1,
            Ok(Restored::Same | Restored::Without(_) | Restored::Erased) => self.same += 1,
            Err(fault) => return self.refused(rejects, number, &fault, text),
        }
        Ok(())
    }

    fn take_items(
        &mut self,
        (number, text, done): (u64, String, Result<Restored, RestoreError>),
        rejects: &Rejects,
    ) -> Result<(), Failure> {
        match done {
            Ok(Restored::New) => self.items += 1,
            Ok(Restored::Same | Restored::Without(_) | Restored::Erased) => self.same += 1,
            Err(fault) => return self.refused(rejects, number, &fault, text),
        }
        Ok(())
    }

    fn take(
        &mut self,
        (number, customer, text, done): (u64, CustomerId, String, Result<Restored, RestoreError>),
        rejects: &Rejects,
    ) -> Result<(), Failure> {
        match done {
            Ok(Restored::New) => self.customers += 1,
            Ok(Restored::Without(left_out)) => {
                self.without += 1;
                let names: Vec<&str> = left_out.into_iter().map(IdentityType::name).collect();
                let message = format!(
                    "the customer {customer} is here, but without {}: another customer has it. Ask both whose it is, and give it with AddIdentity",
                    names.join(", ")
                );
                let (reason, field) = ("IDENTITY_LEFT_OUT".to_owned(), "profile.identities".to_owned());
                rejects.add(Reject { line: number, reason, field, message, row: RawRow::Text(text) })?;
            }
            Ok(Restored::Same) => self.same += 1,
            Ok(Restored::Erased) => self.erased += 1,
            Err(fault) => return self.refused(rejects, number, &fault, text),
        }
        Ok(())
    }

    fn refused(&mut self, rejects: &Rejects, number: u64, fault: &RestoreError, text: String) -> Result<(), Failure> {
        if !fault.concerns_one_line() {
            return Err(failed(format!(
                "stopped at line {number}: {fault}. Run the same again: it begins with the first line, and leaves what is stored already as it is."
            )));
        }
        self.reject(rejects, number, fault.reason(), fault.to_string(), text)
    }

    fn reject(
        &mut self,
        rejects: &Rejects,
        line: u64,
        reason: &str,
        message: String,
        text: String,
    ) -> Result<(), Failure> {
        self.rejected += 1;
        let row = RawRow::Text(text);
        Ok(rejects.add(Reject { line, reason: reason.to_owned(), field: String::new(), message, row })?)
    }
}

/// Reads and parses until the end, an error, or until nobody listens any more.
fn read(mut reader: impl BufRead, send: &mpsc::Sender<io::Result<ReadLine>>) {
    for number in 1.. {
        let mut text = String::new();
        let taken = match (&mut reader).take(LINE_BYTES_MAX).read_line(&mut text) {
            Ok(0) => return,
            Ok(_) if text.trim_ascii().is_empty() => continue,
            Ok(length) if length as u64 == LINE_BYTES_MAX => Err(io::Error::other("a line is too long for an export")),
            Ok(_) => {
                text.truncate(text.trim_end().len());
                Ok(ReadLine { number, line: portable::parse(&text), text })
            }
            Err(error) => Err(error),
        };
        let is_last = taken.is_err();
        if send.blocking_send(taken).is_err() || is_last {
            return;
        }
    }
}
