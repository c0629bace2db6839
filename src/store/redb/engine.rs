//! One redb file: short reads run where they are called, scans on a thread of their own, writes on one thread that
//! commits them in groups.
//!
//! redb has one writer at a time and syncs the file at every commit. While one group is being synced, the writes of all
//! waiting callers gather, and the next transaction takes them together: one sync for many. A refused write of a group
//! changes nothing and does not disturb the others.
//!
//! After an I/O error redb refuses every further use of its file. The callers of the failed group learn whether their writes
//! may have happened (see [`fault::Stage`]), the file is closed, and the next write opens it again, at most once per
//! [`REOPEN_PAUSE`]; redb then goes back to the last commit that is whole. Until a write succeeds again, the file is not ready.
//!
//! Pages that are damaged make redb panic: whatever is asked of it is asked through [`guard::guarded`].

use std::{
    sync::{
        Arc, Mutex, OnceLock, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use redb::{Database, ReadableDatabase, TableDefinition};
use tokio::sync::{mpsc, oneshot};

use super::{
    fault::{Class, Fault, Stage, classify, damaged, failure},
    group::{Job, job},
    guard::guarded,
    open::{Opener, open},
    rewrite,
    table::{Changing, Reading, View as _},
};
use crate::{
    log_throttle::{BETWEEN_LINES, CauseThrottle},
    store::{Result, StoreError, keys},
};

mod place;

pub use place::Place;

/// The one table. The keys say what lies under them.
pub const DATA: TableDefinition<&[u8], &[u8]> = TableDefinition::new("data");
/// Writes in one transaction. A commit writes some 10 KB, so a group stays in the order of a megabyte.
const GROUP_MAX: usize = 128;
/// Writes that may wait. When there are more, callers wait to be let in, which slows them down instead of the memory.
const QUEUE_MAX: usize = 1_024;
/// What is written to see whether there is room again: ten times what a commit takes. With less, a file on a full disk would be ready, and fail at the
/// next commit, over and over.
const ATTEMPT_BYTES: usize = 1 << 20;
/// How often a file that failed is opened again: a full disk does not empty within milliseconds.
const REOPEN_PAUSE: Duration = Duration::from_secs(1);

/// A database that is open.
struct Open {
    database: Database,
    /// Held by snapshots of it.
    read_by: Arc<()>,
}

impl From<Database> for Open {
    fn from(database: Database) -> Self {
        Self { database, read_by: Arc::default() }
    }
}

/// The file, shared between readers and the writer.
pub struct File {
    /// An error while it could not be opened again, and once the store is gone.
    database: RwLock<Result<Open>>,
    /// Held while something is written; taken before `database`. `None`: it could not be opened again.
    place: Mutex<Option<Box<dyn Place>>>,
    /// Files whose place another has taken, until their snapshots are read.
    replaced: Mutex<Vec<Open>>,
    pub opener: Opener,
    /// Whether the last write failed for a reason of the file.
    is_failing: AtomicBool,
    /// What was found damaged. What is not, is read all the same.
    damage: OnceLock<StoreError>,
    /// Whether it was not there when it was looked for last: then it is read, and not written.
    is_gone: AtomicBool,
}

impl File {
    fn new(opener: Opener) -> Result<Self> {
        let (database, place) = open(&opener)?;
        Ok(Self {
            database: RwLock::new(Ok(database.into())),
            place: Mutex::new(Some(place)),
            replaced: Mutex::default(),
            opener,
            is_failing: AtomicBool::new(false),
            damage: OnceLock::new(),
            is_gone: AtomicBool::new(false),
        })
    }

    /// Remembers what was found damaged. A panic may have left locks of redb that nobody can take any more: then the next attempt to write
    /// fails, and the file is opened again.
    fn found_damaged(&self, cause: &str) -> StoreError {
        let damage = damaged(&self.opener.place, cause);
        self.damage.get_or_init(|| damage.clone());
        self.is_failing.store(true, Ordering::Relaxed);
        damage
    }

    /// The error for the caller of what was done before anything was written.
    fn told(&self, error: &redb::Error) -> StoreError {
        match failure(classify(error), Stage::Before, &error.to_string()) {
            StoreError::Corrupt(cause) => self.found_damaged(&cause),
            other => other,
        }
    }

    fn read<T>(&self, read: impl FnOnce(&Reading) -> std::result::Result<T, Fault>) -> Result<T> {
        self.take(|table, _| read(&table))
    }

    /// As `read`; what is done may keep the table, with what keeps it from being closed when another file takes its place.
    fn take<T>(&self, take: impl FnOnce(Reading, &Arc<()>) -> std::result::Result<T, Fault>) -> Result<T> {
        let database = self.database.read().unwrap_or_else(PoisonError::into_inner);
        let Open { database, read_by } = match &*database {
            Ok(open) => open,
            // It is not the read that needs room.
            Err(StoreError::Full(why)) => return Err(StoreError::Unavailable(why.clone())),
            Err(why) => return Err(why.clone()),
        };
        self.asked(|| take(Reading(database.begin_read()?.open_table(DATA)?), read_by))
    }

    fn asked<T>(&self, ask: impl FnOnce() -> std::result::Result<T, Fault>) -> Result<T> {
        match guarded(ask) {
            Ok(answer) => answer.map_err(|fault| match fault {
                Fault::Refused(error) => error,
                Fault::Storage(error) => self.told(&error),
            }),
            Err(panic) => Err(self.found_damaged(&panic)),
        }
    }

    /// Closes the file: what a damaged one says to that is of no use.
    pub fn close(&self) {
        let closed = Err(StoreError::Unavailable("the store's file is closed".into()));
        let _ = guarded(|| *self.database.write().unwrap_or_else(PoisonError::into_inner) = closed);
        let _ = guarded(|| self.replaced().clear());
    }

    /// Closes files that nobody reads any more, and that have no name: then the disk has their room again.
    fn close_replaced(&self) {
        let _ = guarded(|| self.replaced().retain(|open| Arc::strong_count(&open.read_by) > 1));
    }

    fn replaced(&self) -> std::sync::MutexGuard<'_, Vec<Open>> {
        self.replaced.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The table as it is now. See [`Engine::snapshot`].
    pub fn snapshot(self: &Arc<Self>) -> Result<TableSnapshot> {
        let file = Arc::clone(self);
        self.take(|table, read_by| Ok(TableSnapshot { file, table, _read_by: Arc::clone(read_by) }))
    }
}

/// The table as it was at one moment. It keeps nobody from closing the file, and cannot be read once that is closed.
pub struct TableSnapshot {
    file: Arc<File>,
    table: Reading,
    _read_by: Arc<()>,
}

impl TableSnapshot {
    pub fn read<T>(&self, read: impl FnOnce(&Reading) -> std::result::Result<T, Fault>) -> Result<T> {
        self.file.asked(|| read(&self.table))
    }
}

/// What the writer is asked to do.
enum Order {
    Write(Box<dyn Job>),
    /// Write the file anew.
    Rewrite(oneshot::Sender<Result<()>>),
}

/// An open file and its writer.
pub struct Engine {
    file: Arc<File>,
    /// Taken when dropped, which ends the writer.
    orders: Option<mpsc::Sender<Order>>,
    writer: Option<thread::JoinHandle<()>>,
}

impl Engine {
    /// Opens the file and starts its writer.
    ///
    /// # Errors
    /// Those of the opener; `Unavailable` if no thread can be started.
    pub fn start(opener: Opener) -> Result<Self> {
        let file = Arc::new(File::new(opener)?);
        let (orders, queue) = mpsc::channel(QUEUE_MAX);
        let writer = thread::Builder::new()
            .name("redb-writer".into())
            .spawn({
                let file = Arc::clone(&file);
                move || Writer { file, failed: None }.run(queue)
            })
            .map_err(|error| StoreError::Unavailable(format!("no thread for writing: {error}").into()))?;
        Ok(Self { file, orders: Some(orders), writer: Some(writer) })
    }

    /// Whether the file is there, is nobody else's, can be read, is not damaged as far as is known, and takes writes: after one that failed, it is
    /// tried.
    pub async fn ready(&self) -> Result<()> {
        self.file.look()?;
        self.file.close_replaced();
        if self.file.is_failing.load(Ordering::Relaxed) {
            let written = self.attempt().await;
            if self.file.damage.get().is_none() {
                written?;
            }
        }
        match self.file.damage.get() {
            Some(damage) => Err(damage.clone()),
            None => self.read(|table| table.get(keys::FORMAT.as_bytes()).map(drop)),
        }
    }

    /// Writes something, and removes it again in another transaction: it must have been on disk.
    async fn attempt(&self) -> Result<()> {
        let bytes = vec![0; ATTEMPT_BYTES];
        self.write(move |table| table.put(keys::NOTHING.as_bytes(), &bytes)).await?;
        self.write(|table| table.remove(keys::NOTHING.as_bytes()).map(drop)).await
    }

    /// Reads as of one moment. Short: it runs where it is called, some microseconds for a record.
    pub fn read<T>(&self, read: impl FnOnce(&Reading) -> std::result::Result<T, Fault>) -> Result<T> {
        self.file.read(read)
    }

    /// The table as it is now, for reads that take long.
    pub fn snapshot(&self) -> Result<TableSnapshot> {
        self.file.snapshot()
    }

    /// As `read`, for scans and other long reads: on a thread of its own, where it holds up no other call.
    pub async fn scan<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Reading) -> std::result::Result<T, Fault> + Send + 'static,
    ) -> Result<T> {
        let file = Arc::clone(&self.file);
        let scanned = tokio::task::spawn_blocking(move || file.read(read)).await;
        scanned.unwrap_or_else(|error| Err(StoreError::Unavailable(format!("a scan did not end: {error}").into())))
    }

    /// Writes in the next group, and answers when that is on disk. The write must decide before it changes anything:
    /// a refusal leaves what it had already done.
    pub async fn write<T, W>(&self, write: W) -> Result<T>
    where
        T: Send + 'static,
        W: FnOnce(&mut Changing<'_>) -> std::result::Result<T, Fault> + Send + 'static,
    {
        if self.file.is_gone.load(Ordering::Relaxed) {
            self.file.look()?;
        }
        let (job, answer) = job(write);
        self.order(Order::Write(job)).await?;
        answer.await.map_err(|_| StoreError::Unknown("the writer stopped during the write".into()))?
    }

    /// Writes the file anew with what it holds now, and puts it in the place of the old one: see [`rewrite`]. Writes wait for it, reads do not.
    pub async fn rewrite(&self) -> Result<()> {
        let (reply, answer) = oneshot::channel();
        self.order(Order::Rewrite(reply)).await?;
        answer.await.map_err(|_| stopped())?
    }

    async fn order(&self, order: Order) -> Result<()> {
        self.orders.as_ref().ok_or_else(stopped)?.send(order).await.map_err(|_| stopped())
    }
}

fn stopped() -> StoreError {
    StoreError::Unavailable("the writer has stopped; restart the process".into())
}

impl Drop for Engine {
    /// Ends the writer, waits for it and for reads under way, and closes the file: it is free when the store is gone. A scan
    /// holds the file too, on its own thread, also after its caller has gone.
    fn drop(&mut self) {
        drop(self.orders.take());
        if let Some(writer) = self.writer.take() {
            // A panic of the writer has been reported by its own thread.
            let _ = writer.join();
        }
        self.file.close();
    }
}

struct Writer {
    file: Arc<File>,
    /// When the file failed last, while it has not been opened again.
    failed: Option<Instant>,
}

impl Writer {
    fn run(mut self, mut queue: mpsc::Receiver<Order>) {
        let mut group = Vec::with_capacity(GROUP_MAX);
        let mut next = None;
        while let Some(first) = next.take().or_else(|| queue.blocking_recv()) {
            match first {
                Order::Write(job) => group.push(job),
                Order::Rewrite(reply) => {
                    let rewritten = self.reopened().and_then(|()| rewrite::rewrite(&self.file));
                    if rewritten.is_err() {
                        // It may have been closed.
                        self.failed.get_or_insert_with(Instant::now);
                    }
                    // The caller may be gone.
                    let _ = reply.send(rewritten);
                    continue;
                }
            }
            while group.len() < GROUP_MAX {
                match queue.try_recv() {
                    Ok(Order::Write(job)) => group.push(job),
                    Ok(other) => {
                        next = Some(other);
                        break;
                    }
                    Err(_) => break,
                }
            }
            let outcome = self.reopened().and_then(|()| self.commit(&mut group));
            for job in group.drain(..) {
                job.answer(outcome.clone());
            }
        }
    }

    fn commit(&mut self, group: &mut [Box<dyn Job>]) -> Result<()> {
        let mut stage = Stage::Before;
        let outcome = self.file.commit(group, &mut stage)?;
        let (cause, class) = match outcome {
            Ok(Ok(has_changed)) => {
                if has_changed {
                    self.file.is_failing.store(false, Ordering::Relaxed);
                }
                return Ok(());
            }
            Ok(Err(error)) => (error.to_string(), classify(&error)),
            Err(panic) => (panic, Class::Damaged),
        };
        static LINES: CauseThrottle = CauseThrottle::every(BETWEEN_LINES);
        let now = Instant::now();
        if let Some(suppressed) = LINES.allow(&cause, now) {
            tracing::error!(%cause, suppressed, "writing to the store's file failed; it is closed and opened again");
        }
        self.file.is_failing.store(true, Ordering::Relaxed);
        let damage = (class == Class::Damaged).then(|| self.file.found_damaged(&cause));
        self.failed = Some(now);
        self.file.close();
        // Readers should not wait for the next write. If this fails, the next write tries again.
        let _ = self.open_again();
        Err(match damage {
            Some(damage) if stage == Stage::Before => damage,
            _ => failure(class, stage, &cause),
        })
    }

    fn open_again(&self) -> Result<()> {
        let mut place = self.file.place.lock().unwrap_or_else(PoisonError::into_inner);
        let mut database = self.file.database.write().unwrap_or_else(PoisonError::into_inner);
        // The lock of the file is given back before it is taken anew.
        *place = None;
        let opened = open(&self.file.opener).map(|(database, there)| {
            *place = Some(there);
            database
        });
        if let Err(error) = &opened {
            static LINES: CauseThrottle = CauseThrottle::every(BETWEEN_LINES);
            let cause = error.to_string();
            if let Some(suppressed) = LINES.allow(&cause, Instant::now()) {
                tracing::error!(%cause, suppressed, "the store's file cannot be opened again yet");
            }
            if matches!(error, StoreError::Corrupt(_)) {
                self.file.damage.get_or_init(|| error.clone());
            }
        }
        let outcome = opened.as_ref().map(drop).map_err(Clone::clone);
        *database = opened.map(Open::from);
        outcome
    }

    /// Makes sure that the file is open, unless it was tried too recently.
    fn reopened(&mut self) -> Result<()> {
        let Some(failed) = self.failed else {
            return Ok(());
        };
        let why = self.file.database.read().unwrap_or_else(PoisonError::into_inner).as_ref().err().cloned();
        match why {
            None => {}
            // What is there now is another's.
            Some(why @ StoreError::Unfit(_)) => return Err(why),
            Some(why) if failed.elapsed() < REOPEN_PAUSE => return Err(why),
            Some(_) => {
                self.failed = Some(Instant::now());
                self.open_again()?;
            }
        }
        self.failed = None;
        Ok(())
    }
}

#[cfg(test)]
#[path = "engine_tests.rs"]
mod tests;
