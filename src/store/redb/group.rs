//! Writes that share a transaction, and so one sync of the disk.

use redb::{Database, Durability};
use tokio::sync::oneshot;

use super::{
    engine::DATA,
    fault::{Fault, Stage},
    table::Changing,
};
use crate::store::{Result, StoreError};

/// A write that waits for its group.
pub trait Job: Send {
    /// Runs the write. An error fails the whole group.
    fn run(&mut self, table: &mut Changing<'_>) -> std::result::Result<(), redb::Error>;
    /// Answers the caller: with its own outcome, or with the error of the group.
    fn answer(self: Box<Self>, group: std::result::Result<(), StoreError>);
}

struct Task<T, W> {
    write: Option<W>,
    outcome: Option<Result<T>>,
    reply: oneshot::Sender<Result<T>>,
}

/// A write, and where its outcome is told.
pub fn job<T, W>(write: W) -> (Box<dyn Job>, oneshot::Receiver<Result<T>>)
where
    T: Send + 'static,
    W: FnOnce(&mut Changing<'_>) -> std::result::Result<T, Fault> + Send + 'static,
{
    let (reply, answer) = oneshot::channel();
    (Box::new(Task { write: Some(write), outcome: None, reply }), answer)
}

impl<T, W> Job for Task<T, W>
where
    T: Send,
    W: FnOnce(&mut Changing<'_>) -> std::result::Result<T, Fault> + Send,
{
    fn run(&mut self, table: &mut Changing<'_>) -> std::result::Result<(), redb::Error> {
        let Some(write) = self.write.take() else {
            return Ok(());
        };
        self.outcome = Some(match write(table) {
            Ok(value) => Ok(value),
            Err(Fault::Refused(error)) => Err(error),
            Err(Fault::Storage(error)) => return Err(error),
        });
        Ok(())
    }

    fn answer(self: Box<Self>, group: std::result::Result<(), StoreError>) {
        let outcome = match (group, self.outcome) {
            (Ok(()), Some(outcome)) => outcome,
            (Ok(()), None) => Err(StoreError::Unavailable("the write did not run".into())),
            // The write itself was refused, so it has certainly changed nothing.
            (Err(StoreError::Unknown(cause)), Some(Err(_))) => Err(StoreError::Unavailable(cause)),
            (Err(error), _) => Err(error),
        };
        // The caller may be gone.
        let _ = self.reply.send(outcome);
    }
}

/// Runs a group in one transaction, and answers whether it changed anything. `stage` tells how far it came.
pub fn commit_group(
    database: &Database,
    group: &mut [Box<dyn Job>],
    stage: &mut Stage,
) -> std::result::Result<bool, redb::Error> {
    let mut transaction = database.begin_write()?;
    transaction.set_durability(Durability::Immediate)?;
    // Without it, opening after a crash walks the whole file. It also makes every commit sync the data before the root.
    transaction.set_quick_repair(true);
    let mut table = Changing::new(transaction.open_table(DATA)?);
    for job in group {
        job.run(&mut table)?;
    }
    let has_changed = table.close();
    if has_changed {
        *stage = Stage::Committing;
        transaction.commit()?;
    } else {
        transaction.abort()?;
    }
    Ok(has_changed)
}
