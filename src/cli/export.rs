//! `rapport export`: a tenant's policy, items and customers as NDJSON, in clear: a header, the policy's versions, the
//! items, one line per customer in the order of their ids, and a trailer with counts, so that a file that was cut off is
//! noticed.

use std::{
    fs::OpenOptions,
    io::{self, BufWriter, Write},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use super::{
    Outcome,
    failure::Failure,
    flags::{Flags, Keeping},
    maintenance::{failed, open, spinner},
    output,
};
use crate::{
    service::export::Step,
    store::portable::{self, Line, Trailer},
};

/// Only the user: it holds what customers told, in clear.
const MODE: u32 = 0o600;
const BUFFER_BYTES: usize = 256 << 10;

#[derive(clap::Args)]
#[command(after_help = "\
The file holds personal data in clear: it is made with mode 0600, and must be kept, moved and deleted accordingly. \
With redb the service must be stopped.
Exit codes: 0 all is in the file, 1 something is damaged and missing (its customer is named), 2 called wrongly.")]
pub struct Args {
    /// The file to make; it must not exist. - is standard output
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    store: Flags<Keeping>,
}

pub async fn run(args: Args) -> Result<Outcome, Failure> {
    let core = open(&args.store).await?;
    let mut out = BufWriter::with_capacity(BUFFER_BYTES, open_sink(&args.file)?);
    let mut export = core.rapport.maintenance().export(&core.tenant).await.map_err(failed)?;
    let bar = spinner("customers exported:");
    let mut counts = Trailer::default();
    while let Some(step) = export.next().await.map_err(failed)? {
        match step {
            Step::Damaged(customer, fault) => {
                bar.suspend(|| output::tell(&format!("rapport: customer {customer}: DATA_LOSS: {fault}")));
            }
            Step::PolicyDamaged(fault) => bar.suspend(|| output::tell(&format!("rapport: DATA_LOSS: {fault}"))),
            Step::Line(line) => {
                match &line {
                    Line::Customer(..) => bar.inc(1),
                    Line::Trailer(trailer) => counts = *trailer,
                    Line::Header(_) | Line::Policy(_) | Line::Items(_) => {}
                }
                let text = portable::write(&line).map_err(failed)?;
                writeln!(out, "{text}").map_err(|error| cannot_write(&args.file, &error))?;
            }
        }
    }
    bar.finish_and_clear();
    let out = out.into_inner().map_err(|error| cannot_write(&args.file, error.error()))?;
    out.sync().map_err(|error| cannot_write(&args.file, &error))?;
    let Trailer { policies, customers, entries, damaged, venues } = counts;
    output::tell(&format!(
        "exported: customers {customers}, entries of history {entries}, versions of the policy {policies}, \
         venues with items {venues}"
    ));
    if damaged > 0 {
        output::tell(&format!(
            "{damaged} records, entries or versions of the policy are damaged and missing; `rapport fsck` looks at all of the store"
        ));
        return Ok(Outcome::Partly);
    }
    Ok(Outcome::Done)
}

/// Where lines go.
trait ExportSink: Write {
    /// Makes what was written as lasting as it can be.
    fn sync(&self) -> io::Result<()>;
}

impl ExportSink for std::fs::File {
    fn sync(&self) -> io::Result<()> {
        self.sync_all()
    }
}

impl ExportSink for io::Stdout {
    fn sync(&self) -> io::Result<()> {
        Ok(())
    }
}

fn open_sink(path: &Path) -> Result<Box<dyn ExportSink + Send>, Failure> {
    if path == Path::new("-") {
        return Ok(Box::new(io::stdout()));
    }
    // Never through a link or into a file that somebody else can read.
    let file = OpenOptions::new().write(true).create_new(true).mode(MODE).open(path);
    file.map(|file| Box::new(file) as Box<dyn ExportSink + Send>).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => {
            Failure::Usage(format!("{} exists: remove it, or name another file", path.display()))
        }
        _ => cannot_write(path, &error),
    })
}

fn cannot_write(path: &Path, error: &io::Error) -> Failure {
    Failure::Failed(format!("cannot write {}: {error}; what is there is no whole export", path.display()))
}
