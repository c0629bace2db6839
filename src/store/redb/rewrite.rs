//! Writing a file anew. redb writes changed pages elsewhere, and what was in the old ones stays in the file until they are used again: of a key
//! that was destroyed, for ever perhaps. So what the file holds is copied into a new one beside it, which then takes its name.
//!
//! It runs on the writer's thread: nothing is written meanwhile. Whoever ends the process at any point leaves the old file or the new one, whole;
//! what was begun is removed when the file is opened next.

use std::{ops::Bound, sync::Arc};

use super::{
    engine::File,
    guard::guarded,
    open::Successor,
    snapshot::{Walk, put_all},
};
use crate::store::{
    Result,
    redb::fault::{Fault, Stage, classify, damaged, failure},
    snapshot::Snapshot as _,
};

/// Bytes that are read at once.
const READ_BYTES: usize = 1 << 20;

pub fn rewrite(file: &Arc<File>) -> Result<()> {
    let Some(successors) = &file.opener.successors else { return Ok(()) };
    // What was moved away stays what it is.
    file.is_there()?;
    let successor = successors.begin()?;
    let database = match filled(file, &successor).and_then(|()| successors.take_place(&successor)) {
        Ok(()) => successor.database,
        // Served from again once the folder can be synced.
        Err(fault) if successors.has_place(&successor) => {
            file.close();
            return Err(fault);
        }
        Err(fault) => {
            drop(successor);
            successors.give_up();
            return Err(fault);
        }
    };
    file.replace(database);
    Ok(())
}

fn filled(file: &Arc<File>, successor: &Successor) -> Result<()> {
    let mut walk = Walk { table: file.snapshot()?, low: Some(Bound::Unbounded) };
    let place = &file.opener.place;
    let put = guarded(|| put_all(&successor.database, &mut || walk.next(READ_BYTES)));
    let put = put.map_err(|panic| damaged(place, &panic))?;
    put.map(drop).map_err(|fault| match fault {
        Fault::Refused(error) => error,
        Fault::Storage(error) => failure(classify(&error), Stage::Before, &format!("{place} written anew: {error}")),
    })
}
