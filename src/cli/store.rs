//! `rapport store adopt`: believing what is left of two stores that are not whole.

use super::{
    Outcome,
    failure::Failure,
    flags::{Flags, Keeping},
    maintenance::failed,
    output,
};
use crate::{
    app::Core,
    service::clock::Clock,
    store::{
        StoreExt as _,
        fitness::{ERASURES_FOUND, Losses, MARKED_FORMAT, Missing, Setback, time_text},
        formats::FORMATS,
    },
    telemetry,
};

#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// Give up what the stores have lost, and serve what is left
    Adopt(Adopt),
}

#[derive(clap::Args)]
#[command(after_help = "\
First try to have the right store back: start with the data and the keys that belong together, or restore a backup of both. \
What is given up here does not come back: a customer who is gone is nobody, and whoever has their card next is a first visit.
Every replica must be stopped. Without --yes it says what would be given up, and changes nothing.
Exit codes: 0 adopted, or nothing to adopt, 1 not adopted, 2 called wrongly.")]
struct Adopt {
    /// Do it
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    store: Flags<Keeping>,
}

pub async fn run(args: Args) -> Result<Outcome, Failure> {
    let What::Adopt(args) = args.what;
    let config = args.store.config()?;
    telemetry::start(&config.log);
    let core = Core::open(&config, Clock::System).await?;
    core.fitness.not_mistaken().await.map_err(failed)?;
    let written = core.data.write_format().await.map_err(failed)?;
    let format = written.and_then(|format| u16::try_from(format).ok()).unwrap_or(*FORMATS.end());
    let looked = core.fitness.look(Some(format), &core.tenant).await;
    if looked.is_ok() && format < MARKED_FORMAT {
        return Err(failed("the store has no marks yet, and so nothing to adopt: `rapport upgrade` makes them"));
    }
    let losses = Box::pin(core.fitness.losses(&core.tenant)).await.map_err(failed)?;
    let fault = match looked {
        Ok(()) if losses.without_record == 0 => {
            output::print("nothing to adopt: the stores belong together, and no record of them was lost\n")?;
            output::print(&unreadable(&losses))?;
            return Ok(Outcome::Done);
        }
        Ok(()) => "records are gone of customers whose keys say that they were committed".to_owned(),
        Err(fault) => core.placed(fault.into()).to_string(),
    };
    let gone = core.fitness.gone(core.rapport.callers().now().as_millisecond()).await.map_err(failed)?;
    output::print(&format!("{fault}\n\n{}{}", told(&losses), back(gone.as_ref())))?;
    if !args.yes {
        output::print("nothing was changed: `rapport store adopt --yes` gives this up\n")?;
        return Ok(Outcome::Partly);
    }
    if let Some(gone) = gone {
        core.fitness.note_given_up(gone).await.map_err(failed)?;
    }
    Box::pin(core.fitness.adopt(&core.tenant, &losses)).await.map_err(failed)?;
    if format < MARKED_FORMAT {
        Box::pin(core.fitness.commit_keys()).await.map_err(failed)?;
    }
    if written.is_none() || format < MARKED_FORMAT {
        core.data.set_write_format(u32::from(*FORMATS.end())).await.map_err(failed)?;
    }
    // Beside the stores it is noted too, or the next start would tell the same.
    core.fitness.note_last(core.rapport.callers().now().as_millisecond()).await.map_err(failed)?;
    output::print(&format!("adopted as epoch {}: start the service, and run `rapport fsck`\n", core.fitness.epoch()))?;
    erased_again(&core).await?;
    Ok(Outcome::Done)
}

/// Who was erased since a copy of the data was made is in it; their keys are not.
async fn erased_again(core: &Core) -> Result<(), Failure> {
    let count = core.rapport.worker().remove_erased().await.map_err(|fault| {
        failed(format!(
            "the stores are adopted, but something may be left of erased customers: `rapport fsck --repair` removes it: {fault}"
        ))
    })?;
    match count {
        0 => Ok(()),
        count => output::print(&format!("removed what had come back of {count} erased customers\n")),
    }
}

fn told(losses: &Losses) -> String {
    let Losses { without_record, without_key, named, tenant_key, index_key, policy } = losses;
    let mut text = format!(
        "given up: {without_record} customers whose record is gone, and all customers of whom neither store has a trace\n"
    );
    text.push_str(&unreadable(losses));
    if *tenant_key {
        text.push_str("given up: the tenant's key, and with it all that it alone opens: counts, what others buy, tasks that were not done yet\n");
    }
    if *index_key {
        text.push_str(
            "given up: the tenant's index key, and with it every identity: nobody is found by a card any more\n",
        );
    }
    if *policy {
        text.push_str("given up: the policy; set one with `rapport policy set`\n");
    }
    for (key, missing) in named {
        let what = if *missing == Missing::Record { "record" } else { "key" };
        text.push_str(&format!("  {} ({what})\n", key.customer));
    }
    if without_record + without_key > named.len() as u64 {
        text.push_str("  …\n");
    }
    text
}

/// What an older copy brings back.
fn back(gone: Option<&Setback>) -> String {
    let (given_up, since) = match gone {
        Some(Setback { since_ms, buckets, changes, .. }) => {
            let since = time_text(*since_ms);
            (format!("given up: {changes} changes in {buckets} buckets, of {since} and later\n"), since)
        }
        None => (String::new(), "the copy was made".to_owned()),
    };
    format!(
        "{given_up}if the keys come from an older copy too, whoever was erased since is back: repeat the erasures since {since}; {ERASURES_FOUND}\n"
    )
}

/// Their records are kept: the keys may be found again.
fn unreadable(losses: &Losses) -> String {
    match losses.without_key {
        0 => String::new(),
        count => format!(
            "not given up: {count} customers whose key is gone. Their records stay, and cannot be read without it: bring the keys back, or erase \
             them one by one (EraseCustomer by id), which frees their cards\n"
        ),
    }
}
