//! `rapport upgrade`: raises the format in which a store is written, and brings what older releases wrote under the tenant's key, once all
//! replicas are of this release.

use std::time::Duration;

use super::{
    Outcome,
    failure::Failure,
    flags::{Flags, Keeping},
    maintenance::{failed, open},
    output,
};
use crate::{
    app::Core,
    store::{
        StoreExt as _,
        fitness::{MARKED_FORMAT, Raised},
        formats::{FORMATS, Standing, standing},
        layers::{SealedAnew, has_clear_requests, seal_old},
        sealing::Rewrapped,
    },
};

/// Until each replica must have noticed that the tenant has a key now: they look once a second.
const NOTICE: Duration = Duration::from_secs(2);

#[derive(clap::Args)]
#[command(after_help = "\
Run it when every replica is of this release: one of the release before can no longer read what is written afterwards, \
and stops serving. First the keys of all customers are marked, and then the stores; then the tenant gets a key of its own, which wraps \
all others and seals what is no single customer's. What is killed meanwhile is served as before, and run again. There is no way back but \
the backup made before. Records change their format when they are written next.
Exit codes: 0 raised, 1 nothing to raise, or not raised, 2 called wrongly.")]
pub struct Args {
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    store: Flags<Keeping>,
}

pub async fn run(args: Args) -> Result<Outcome, Failure> {
    // Opening refuses a store that is too new or too old.
    let core = open(&args.store).await?;
    let raised = match standing(&FORMATS, core.store.write_format().await.map_err(failed)?) {
        Standing::Raisable { from, to } => Some((from, to)),
        Standing::Newest(_) if is_in_the_clear(&core).await? => None,
        Standing::Empty | Standing::Newest(_) | Standing::TooNew(_) | Standing::TooOld(_) => {
            let newest = FORMATS.end();
            return Err(failed(format!(
                "nothing to raise: the store is written in format {newest}, the newest that this release knows"
            )));
        }
    };
    if args.dry_run {
        let raise = raised.map_or(String::new(), |(from, to)| format!("raise the format from {from} to {to}, and "));
        output::print(&format!("would {raise}seal all with the tenant's key; nothing was done\n"))?;
        return Ok(Outcome::Done);
    }
    // Before anything is written.
    core.prepare().await?;
    if let Some((from, to)) = raised {
        raise(&core, from, to).await?;
    }
    let sealed = seal(&core).await?;
    core.rewrite().await?;
    core.fitness.note_tenant_key(&core.tenant, true).await.map_err(failed)?;
    output::print(&sealed)?;
    Ok(Outcome::Done)
}

/// Whether there is something that an older release wrote. Nobody's is: whoever has anything has an index key first.
async fn is_in_the_clear(core: &Core) -> Result<bool, Failure> {
    let is_used = core.fitness.had_index_key(&core.tenant).await.map_err(failed)?;
    if !is_used {
        return Ok(false);
    }
    // Releases that sealed all else left what customers' requests had made.
    Ok(!core.fitness.is_all_sealed(&core.tenant).await.map_err(failed)?
        || has_clear_requests(core.data.as_ref(), &core.ring, &core.tenant).await.map_err(failed)?)
}

async fn raise(core: &Core, from: u16, to: u16) -> Result<(), Failure> {
    if from < MARKED_FORMAT {
        let Raised { without_key, .. } = Box::pin(core.fitness.raise()).await.map_err(failed)?;
        if without_key > 0 {
            output::tell(&format!(
                "rapport: the keys of {without_key} customers are missing: `rapport fsck` names them"
            ));
        }
    }
    core.store.set_write_format(u32::from(to)).await.map_err(failed)?;
    // From here on the marks count, and a tenant's index key that is missing was lost.
    Box::pin(core.fitness.look(Some(to), &core.tenant)).await.map_err(failed)?;
    core.fitness.note_index_key(&core.tenant).await.map_err(failed)?;
    core.rapport.maintenance().note_policy(&core.tenant).await.map_err(failed)?;
    output::print(&format!("raised the format from {from} to {to}; replicas write it within seconds\n"))?;
    Ok(())
}

/// Brings everything under the tenant's key, and says what. What was done already is left as it is.
async fn seal(core: &Core) -> Result<String, Failure> {
    let is_new = core.ring.make_tenant_key(&core.tenant).await.map_err(failed)?;
    // Others serve the store meanwhile: what they write from then on is sealed.
    if is_new && core.data.connections() > 0 {
        tokio::time::sleep(NOTICE).await;
    }
    let Rewrapped { keys, damaged } = core.ring.rewrap(&core.tenant).await.map_err(failed)?;
    if damaged > 0 {
        output::tell(&format!(
            "rapport: {damaged} keys do not unwrap, and stay as they are: `rapport fsck` names them"
        ));
    }
    // What is done leaves the log, which older releases kept for a while.
    core.rapport.worker().catch_up().await.map_err(failed)?;
    // What others buy, under keyed hashes.
    core.rapport.copurchase().tidy(&core.tenant).await.map_err(failed)?;
    let SealedAnew { documents, tallies, requests } =
        seal_old(core.data.as_ref(), &core.ring, &core.tenant).await.map_err(failed)?;
    Ok(format!(
        "wrapped {keys} keys with the tenant's key, and sealed {documents} documents and {tallies} tallies with it; with their own keys, what {requests} customers' requests had made\n"
    ))
}
