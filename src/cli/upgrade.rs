//! `rapport upgrade`: raises the format in which a store is written, once all replicas are of this release.

use super::{
    Outcome,
    failure::Failure,
    flags::{Flags, Keeping},
    maintenance::{failed, open},
    output,
};
use crate::store::{
    StoreExt as _,
    fitness::{MARKED_FORMAT, Raised},
    formats::{FORMATS, Standing, standing},
};

#[derive(clap::Args)]
#[command(after_help = "\
Run it when every replica is of this release: one of the release before can no longer read what is written afterwards, \
and stops serving. First the keys of all customers are marked, and then the stores: what is killed meanwhile is served as before, and \
run again. There is no way back but the backup made before. Records change their format when they are written next.
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
    let (from, to) = match standing(&FORMATS, core.store.write_format().await.map_err(failed)?) {
        Standing::Raisable { from, to } => (from, to),
        Standing::Empty | Standing::Newest(_) | Standing::TooNew(_) | Standing::TooOld(_) => {
            let newest = FORMATS.end();
            return Err(failed(format!(
                "nothing to raise: the store is written in format {newest}, the newest that this release knows"
            )));
        }
    };
    if args.dry_run {
        output::print(&format!("would raise the format from {from} to {to}; nothing was done\n"))?;
        return Ok(Outcome::Done);
    }
    // Before anything is written.
    core.prepare().await?;
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
    Ok(Outcome::Done)
}
