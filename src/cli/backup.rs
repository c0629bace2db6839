//! `rapport backup`: copies of an embedded store, made while it serves, and put back.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use super::{
    Outcome,
    failure::Failure,
    flags::{Flags, Keeping},
    maintenance::failed,
    output,
    stop::Stop,
};
use crate::{
    app,
    backup::{BackupError, Copied, Made, Manifest, Places, Restored, make},
    config::{Config, KeysUrl, StoreUrl, is_within},
    telemetry,
};

#[derive(clap::Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = "\
The store may be served meanwhile, and is copied as of one time. Each copy is a folder, data-TIME and keys-TIME, which is renamed \
last: what ends with .part is none. The copy of the keys replaces those before it, unless they have keys that it lacks. Neither holds the \
wrapping key: keep that yourself.
Exit codes: 0 done; 1 not done, or something older is left: the message says which; 2 called wrongly."
)]
pub struct Args {
    #[command(subcommand)]
    what: Option<What>,
    /// Where the copy of the data goes
    #[arg(value_name = "FOLDER", required = true)]
    folder: Option<PathBuf>,
    /// Where the copy of the keys goes, apart from the data [default: the folder keys in FOLDER]
    #[arg(long, value_name = "FOLDER")]
    keys_to: Option<PathBuf>,
    #[command(flatten)]
    store: Flags<Keeping>,
}

#[derive(clap::Subcommand)]
enum What {
    /// Put a backup back into an empty place
    Restore(Restore),
}

#[derive(clap::Args)]
#[command(after_help = "\
The data go beside today's keys: who was erased since the backup stays erased. Keys are put back only where they are lost; then \
erase again whoever was erased since. Afterwards `rapport store adopt` gives up what is newer than the backup, and `rapport fsck` checks.
What was broken off is done again by the same command.
Exit codes: 0 done; 1 not done, and nothing is put back but what the message names; 2 called wrongly.")]
struct Restore {
    /// A copy of the data, or a folder with copies: the newest is taken
    #[arg(value_name = "FOLDER", required_unless_present = "keys_from")]
    folder: Option<PathBuf>,
    /// A copy of the keys, or a folder with copies: where the keys are lost
    #[arg(long, value_name = "FOLDER")]
    keys_from: Option<PathBuf>,
    #[command(flatten)]
    store: Flags<Keeping>,
}

pub async fn run(args: Args) -> Result<Outcome, Failure> {
    if let Some(What::Restore(args)) = args.what {
        return put_back(args).await;
    }
    let mut stop = Stop::listen()?;
    let config = args.store.config()?;
    telemetry::start(&config.log);
    let places = Places::new(args.folder.unwrap_or_default(), args.keys_to);
    apart(&config, &places)?;
    let is_stopped = Arc::new(AtomicBool::new(false));
    let flag = is_stopped.clone();
    let mut making = tokio::spawn(async move {
        let mut source = app::source(&config).await.map_err(failed)?;
        let make = move || make(source.as_mut(), &places, &|| !flag.load(Ordering::Relaxed));
        match tokio::task::spawn_blocking(make).await.map_err(failed)? {
            Err(BackupError::Stopped) => Err(failed("stopped: no backup was made")),
            made => made.map_err(failed),
        }
    });
    let made = tokio::select! {
        made = &mut making => made,
        () = stop.wait() => {
            is_stopped.store(true, Ordering::Relaxed);
            // It may be past where it can be stopped.
            making.await
        }
    };
    let Made { data, keys, left } = made.map_err(failed)??;
    output::print(&format!("{}{}", told("data", "customers", &data), told("keys", "keys of customers", &keys)))?;
    if left.is_empty() {
        Ok(Outcome::Done)
    } else {
        Err(failed(format!("the backup was made, but {}", left.join("; and "))))
    }
}

fn told(side: &str, what: &str, Copied { folder, manifest }: &Copied) -> String {
    let Manifest { time, customers, pairs, bytes, .. } = manifest;
    format!("{side}: {} as of {time}: {what} {customers}, entries {pairs}, bytes {bytes}\n", folder.display())
}

/// What takes a store's folder must not take its backup too.
fn apart(config: &Config, places: &Places) -> Result<(), Failure> {
    let mut folders: Vec<&Path> = Vec::new();
    if let StoreUrl::Redb { folder } = &config.store {
        folders.push(folder);
    }
    if let KeysUrl::File { folder } = &config.keys {
        folders.push(folder);
    }
    for place in [&places.data, &places.keys] {
        if let Some(folder) = folders.iter().find(|folder| is_within(place, folder)) {
            let (place, folder) = (place.display(), folder.display());
            return Err(Failure::Usage(format!(
                "{place} lies in {folder}, which it is to be a copy of: name another folder"
            )));
        }
    }
    Ok(())
}

async fn put_back(args: Restore) -> Result<Outcome, Failure> {
    let config = args.store.config()?;
    telemetry::start(&config.log);
    let (data, keys) = (args.folder, args.keys_from);
    let restoring = tokio::task::spawn_blocking(move || app::restore(&config, data.as_deref(), keys.as_deref()));
    let Restored { data, keys } = restoring.await.map_err(failed)?.map_err(failed)?;
    for (side, what, manifest) in [("data", "customers", &data), ("keys", "keys of customers", &keys)] {
        if let Some(Manifest { time, customers, .. }) = manifest {
            output::print(&format!("{side}: put back as of {time}: {what} {customers}\n"))?;
        }
    }
    if let (Some(data), Some(keys)) = (&data, &keys)
        && keys.is_older_than(data)
    {
        output::print("the keys are older than the data, and there is one for every customer in them\n")?;
    }
    if keys.is_some() {
        output::print("the keys of customers who were erased since are back: erase them again\n")?;
    }
    output::print(
        "next: `rapport store adopt` says what is newer than the backup, and with `--yes` gives it up; where nothing is, there is nothing to adopt. \
         `rapport fsck` checks the rest\n",
    )?;
    Ok(Outcome::Done)
}
