//! What a database lies in, and whether it is still there and nobody else's.
//!
//! Another process may overwrite the file in place (`cp old.redb data.redb`). What redb has in memory and what is in the file are then of
//! different times. So the writer looks before each group whether the file is as it left it, and [`super::Engine::ready`] does each second; if
//! it is not, nothing is read or written any more.

use std::{
    mem::ManuallyDrop,
    sync::{PoisonError, atomic::Ordering},
};

use redb::Database;

use super::{
    super::{group::commit_group, open::Successors},
    File, Job, Result, Stage, StoreError, guarded,
};

/// What a database that is open lies in.
pub trait Place: Send {
    /// Notes that this process alone has written it until now.
    fn note_written(&mut self);
    /// Whether nobody else has written it since.
    ///
    /// # Errors
    /// `Unfit`: somebody has.
    fn is_own(&self) -> Result<()>;
    /// Whether it is still where whoever opens it next looks for it.
    fn is_there(&self) -> Result<()>;
}

impl File {
    /// Looks whether it is still there, and as this process wrote it.
    pub fn look(&self) -> Result<()> {
        // While something is written it differs, and the writer has looked before.
        let Ok(place) = self.place.try_lock() else { return Ok(()) };
        let Some(place) = &*place else { return Ok(()) };
        let is_there = place.is_there();
        self.is_gone.store(is_there.is_err(), Ordering::Relaxed);
        is_there?;
        self.own(place.as_ref())
    }

    /// Refuses everything from now on if somebody else has written the file.
    fn own(&self, place: &dyn Place) -> Result<()> {
        let is_own = place.is_own();
        if let Err(why @ StoreError::Unfit(_)) = &is_own {
            let mut database = self.database.write().unwrap_or_else(PoisonError::into_inner);
            if database.is_ok() {
                tracing::error!("{why}");
            }
            // It is not closed, since redb would write what it has in memory into what is there now.
            let _open = ManuallyDrop::new(std::mem::replace(&mut *database, Err(why.clone())));
        }
        is_own
    }

    /// Runs a group of writes, if nobody else has written the file. `stage` tells how far it came.
    pub(super) fn commit(
        &self,
        group: &mut [Box<dyn Job>],
        stage: &mut Stage,
    ) -> Result<std::result::Result<std::result::Result<bool, redb::Error>, String>> {
        let mut place = self.place.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = &*place {
            self.own(place.as_ref())?;
        }
        let database = self.database.read().unwrap_or_else(PoisonError::into_inner);
        let open = database.as_ref().map_err(Clone::clone)?;
        let outcome = guarded(|| commit_group(&open.database, group, stage));
        if let Some(place) = &mut *place {
            place.note_written();
        }
        Ok(outcome)
    }

    /// Serves from another file, which gets the name, from now on. The one before stays open for as long as snapshots of it are read.
    pub fn succeeded_by(&self, database: Database, mut next: Box<dyn Place>, successors: &Successors) -> Result<()> {
        let mut place = self.place.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(there) = &*place {
            // What was moved away stays what it is.
            there.is_there()?;
            self.own(there.as_ref())?;
        }
        successors.take_name()?;
        next.note_written();
        *place = Some(next);
        // Else a crash of the machine may bring the old one back, without what is written from now on.
        if let Err(fault) = successors.sync() {
            // The next write opens it again.
            self.close();
            return Err(fault);
        }
        let mut open = self.database.write().unwrap_or_else(PoisonError::into_inner);
        if let Ok(before) = std::mem::replace(&mut *open, Ok(database.into())) {
            self.replaced().push(before);
        }
        drop(open);
        self.close_replaced();
        Ok(())
    }
}
