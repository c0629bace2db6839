//! Writing a file anew. redb writes changed pages elsewhere, and what was in the old ones stays in the file until they are used again: of a key
//! that was destroyed, for ever perhaps. So what the file holds is copied into a new one beside it, which then takes its name.
//!
//! It runs on the writer's thread: nothing is written meanwhile. Whoever ends the process at any point leaves the old file or the new one, whole;
//! what was begun is removed when the file is opened next.

use std::{ops::Bound, sync::Arc};

use redb::Database;

use super::{
    engine::File,
    guard::guarded,
    snapshot::{Walk, put_all},
};
use crate::store::{
    Result, StoreError,
    redb::fault::{Fault, Stage, classify, damaged, failure},
    snapshot::Snapshot as _,
};

/// Bytes that are read at once.
const READ_BYTES: usize = 1 << 20;

pub fn rewrite(file: &Arc<File>) -> Result<()> {
    let Some(successors) = &file.opener.successors else { return Ok(()) };
    file.look()?;
    let (database, place) = successors.begin()?;
    let outcome = filled(file, &database).and_then(|()| file.succeeded_by(database, place, successors));
    if outcome.is_err() {
        successors.give_up();
    }
    outcome
}

fn filled(file: &Arc<File>, successor: &Database) -> Result<()> {
    let mut walk = Walk { table: file.snapshot()?, low: Some(Bound::Unbounded) };
    let place = &file.opener.place;
    let mut count = 0;
    let mut next = || walk.next(READ_BYTES).inspect(|pairs| count += pairs.len() as u64);
    let put = guarded(|| put_all(successor, &mut next)).map_err(|panic| damaged(place, &panic))?;
    let there = put.map_err(|fault| match fault {
        Fault::Refused(error) => error,
        Fault::Storage(error) => failure(classify(&error), Stage::Before, &format!("{place} written anew: {error}")),
    })?;
    if there != count {
        let what = format!("{place} written anew has {there} of {count} entries: the one that is open stays");
        return Err(StoreError::Unavailable(what.into()));
    }
    Ok(())
}
