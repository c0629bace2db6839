//! Backups of embedded stores. redb opens a file for one process: so what serves it sends both copies to `rapport backup`, through a socket in the
//! data's folder, which only the owner of that folder reaches. The command writes them where it may write. Where nobody serves, it opens the
//! files itself. A server makes backups by itself, too, once a day.

use std::{
    fs,
    io::{self, BufReader, BufWriter, Read as _, Write as _},
    net::Shutdown,
    os::unix::{fs::PermissionsExt as _, net::UnixStream},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use tokio::{
    net::UnixListener,
    sync::{OwnedSemaphorePermit, Semaphore},
    task::{JoinHandle, JoinSet, spawn_blocking},
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{Both, Core, DATA_FILE, KEYS_FILE, StartError, fill, open_files, read_keys};
use crate::{
    backup::{
        self, Backend, BackupError, Made, Restored, Snapshots, Source, Target, is_due, is_old, make, newest, prune,
        stream::{self, Reader},
    },
    config::{BackupPlan, Config, KeysUrl, StoreUrl},
    domain::Timestamp,
    service::clock::Clock,
    store::{
        self, StoreError,
        fitness::{SeenFile, Side},
        snapshot::{Pair, Snapshot},
    },
};

/// The socket's name in the data's folder.
const SOCKET: &str = "backup.sock";
/// What a command says first: another release may say something else.
const REQUEST: &[u8; 17] = b"rapport backup 1\n";
/// What `rapport copy` says to be sent the keys alone, as they are by then: who was erased since.
const KEYS_REQUEST: &[u8; 17] = b"rapport erased 1\n";
const BUFFER_BYTES: usize = 256 << 10;
/// A command that does not say what it wants for so long is not waited for.
const ASK_MAX: Duration = Duration::from_secs(5);
/// A command that takes nothing for so long is given up: until then the store's file keeps the pages as of the copy's time.
/// It syncs gigabytes to its disk meanwhile.
const TAKE_MAX: Duration = Duration::from_mins(10);
/// A server that sends nothing for so long is given up. It reads a block meanwhile.
const SEND_MAX: Duration = Duration::from_mins(1);
/// How long a stopping server waits for a block that is being sent.
const STOP_MAX: Duration = Duration::from_secs(2);
/// The pause before it is looked for the first time: callers wait for a server that starts.
const LOOK_AFTER: Duration = Duration::from_secs(2);
/// How often it is looked whether a backup is due.
const LOOK_EVERY: Duration = Duration::from_mins(1);
/// When one that failed is tried again: a disk is not emptied within minutes.
const TRY_AGAIN: Duration = Duration::from_hours(1);
/// How often an old backup is told of.
const TELL_EVERY_SECONDS: i64 = 3_600;
/// How often it is looked whether the socket is still there: whoever cleans the folder leaves it without one.
const LOOK_FOR_SOCKET_EVERY: Duration = Duration::from_secs(1);
/// The pause after a connection that could not be accepted.
const ACCEPT_PAUSE: Duration = Duration::from_secs(1);

/// Begins to answer commands and, once the server is loaded, to make backups by schedule, if the stores are embedded.
pub(super) fn begin(
    core: &Core,
    config: &Config,
    (loaded, stop): (&CancellationToken, &CancellationToken),
    tasks: &mut JoinSet<()>,
) {
    let (Some(both), StoreUrl::Redb { folder }) = (core.snapshots.clone(), &config.store) else { return };
    let backups = Backups { core: core.clone(), both, turn: Arc::new(Semaphore::new(1)), stop: stop.clone() };
    tasks.spawn(backups.clone().listen(folder.join(SOCKET)));
    if let Some(plan) = config.backup.clone() {
        let loaded = loaded.clone();
        tasks.spawn(async move {
            if backups.stop.run_until_cancelled(loaded.cancelled()).await.is_some() {
                backups.by_schedule(plan).await;
            }
        });
    }
}

#[derive(Clone)]
struct Backups {
    core: Core,
    both: Both,
    /// One backup at a time: each keeps pages of the file.
    turn: Arc<Semaphore>,
    stop: CancellationToken,
}

impl Backups {
    fn now(&self) -> Timestamp {
        self.core.rapport.callers().now()
    }

    /// Answers commands at a socket of this name, made anew when somebody has removed it.
    async fn listen(self, path: PathBuf) {
        while !self.stop.is_cancelled() {
            let listener = match bind(&path) {
                Ok(listener) => listener,
                Err(cause) => {
                    tracing::warn!(
                        %cause, path = %path.display(),
                        "`rapport backup` does not reach this server: no socket can be made in the data's folder (its path may be too long, \
                         or AF_UNIX forbidden)"
                    );
                    return;
                }
            };
            self.answer_at(&path, listener).await;
        }
    }

    async fn answer_at(&self, path: &Path, listener: UnixListener) {
        let mut last: Option<JoinHandle<()>> = None;
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                () = removed(path) => break,
                () = self.stop.cancelled() => break,
            };
            let connection = accepted.and_then(|(connection, _)| connection.into_std()).and_then(|connection| {
                connection.set_nonblocking(false)?;
                connection.set_read_timeout(Some(ASK_MAX))?;
                connection.set_write_timeout(Some(TAKE_MAX))?;
                Ok(connection)
            });
            match (connection, self.turn.clone().try_acquire_owned()) {
                (Ok(connection), Ok(turn)) => last = Some(tokio::spawn(self.clone().answer(connection, turn))),
                (Ok(mut connection), Err(_)) => {
                    stream::write_fault(&mut connection, "another backup is under way: wait for it to end");
                }
                (Err(cause), _) => {
                    tracing::warn!(%cause, "a backup could not be begun");
                    sleep(ACCEPT_PAUSE).await;
                }
            }
        }
        let _ = fs::remove_file(path);
        if let Some(last) = last {
            let _ = last.await;
        }
    }

    /// Sends both copies, and gives up when the server stops.
    async fn answer(self, connection: UnixStream, turn: OwnedSemaphorePermit) {
        let ending = connection.try_clone();
        let stop = self.stop.clone();
        let mut sending = spawn_blocking(move || {
            self.send(&connection);
            drop(turn);
        });
        let sent = tokio::select! {
            sent = &mut sending => sent,
            () = stop.cancelled() => match timeout(STOP_MAX, &mut sending).await {
                Ok(sent) => sent,
                Err(_) => {
                    // Who is not taken from any more ends at once.
                    let _ = ending.map(|ending| ending.shutdown(Shutdown::Both));
                    (&mut sending).await
                }
            },
        };
        if let Err(fault) = sent {
            tracing::error!(%fault, "sending a backup ended before its time");
        }
    }

    fn send(&self, connection: &UnixStream) {
        let mut request = [0; REQUEST.len()];
        let mut input = connection;
        let asked = input.read_exact(&mut request);
        let mut out = BufWriter::with_capacity(BUFFER_BYTES, connection);
        let sides: &[Side] = match &request {
            REQUEST if asked.is_ok() => &[Side::Data, Side::Keys],
            KEYS_REQUEST if asked.is_ok() => &[Side::Keys],
            _ => return stream::write_fault(&mut out, "the server is of another release than this command"),
        };
        match self.sent(sides, &mut out) {
            Ok(()) => tracing::info!("a backup was sent"),
            Err(fault) => {
                tracing::warn!(%fault, "a backup was not sent to its end");
                let told = match fault {
                    BackupError::Stopped => {
                        "the server is stopping; make the backup again once it is started".to_owned()
                    }
                    fault => fault.to_string(),
                };
                stream::write_fault(&mut out, &told);
            }
        }
    }

    fn sent(&self, sides: &[Side], out: &mut BufWriter<&UnixStream>) -> backup::Result<()> {
        self.core.fitness.check().map_err(BackupError::Unfit)?;
        let mut snapshots = snapshots(&self.both, self.now())?;
        for &side in sides {
            let (time_ms, mut snapshot) = snapshots.open(side)?;
            let go_on = || !self.stop.is_cancelled();
            stream::write(out, "the command", (side, time_ms), snapshot.as_mut(), &go_on)?;
        }
        Ok(())
    }

    /// Makes a backup each day, and tells when the newest is old.
    async fn by_schedule(self, plan: BackupPlan) {
        let at = i64::try_from(plan.at.as_secs()).unwrap_or(0);
        let (mut told, mut pause) = (None, LOOK_AFTER);
        loop {
            tokio::select! {
                () = sleep(pause) => {}
                () = self.stop.cancelled() => return,
            }
            pause = LOOK_EVERY;
            let mut newest = self.newest(&plan).await;
            if is_due(newest, self.now().as_second(), at) {
                match self.make_one(&plan).await {
                    Ok(Made { data, left, .. }) => {
                        let (folder, customers) = (data.folder.display(), data.manifest.customers);
                        tracing::info!(%folder, customers, "backed up");
                        for left in left {
                            tracing::warn!(%left, "the backup was made, and something older is left");
                        }
                        newest = self.newest(&plan).await;
                    }
                    Err(BackupError::Stopped) => return,
                    Err(fault) => {
                        tracing::error!(error = %fault, "the backup failed; it is tried again in an hour");
                        pause = TRY_AGAIN;
                    }
                }
            }
            let now = self.now().as_second();
            if is_old(newest, now) && told.is_none_or(|told| now - told >= TELL_EVERY_SECONDS) {
                told = Some(now);
                let newest = newest.map_or_else(|| "none".to_owned(), store::fitness::time_text_of_second);
                tracing::warn!(%newest, folder = %plan.places.data.display(), "the newest backup is older than two days");
            }
        }
    }

    /// Of this store, whatever others are backed up into the same folder.
    async fn newest(&self, plan: &BackupPlan) -> Option<i64> {
        let (places, store_id, now) = (plan.places.clone(), self.core.fitness.store_id(), self.now().as_second());
        spawn_blocking(move || newest(&places, store_id, now)).await.ok().flatten()
    }

    /// Of a store that is not whole none is made: it would take the place of one that is.
    async fn make_one(&self, plan: &BackupPlan) -> backup::Result<Made> {
        self.core.fitness.check().map_err(BackupError::Unfit)?;
        let Ok(turn) = self.turn.clone().acquire_owned().await else { return Err(BackupError::Stopped) };
        let (this, places) = (self.clone(), plan.places.clone());
        let making = spawn_blocking(move || -> backup::Result<Made> {
            let mut made = make(&mut snapshots(&this.both, this.now())?, &places, &|| !this.stop.is_cancelled())?;
            prune(&places, &mut made);
            drop(turn);
            Ok(made)
        });
        making.await.unwrap_or_else(|fault| Err(StoreError::Unavailable(fault.to_string().into()).into()))
    }
}

/// Ends once there is no socket of this name.
async fn removed(path: &Path) {
    while path.exists() {
        sleep(LOOK_FOR_SOCKET_EVERY).await;
    }
}

/// A socket for the owner of the folder alone. One that is there is of a process that is gone: this one has the store.
fn bind(path: &Path) -> io::Result<UnixListener> {
    match fs::remove_file(path) {
        Err(cause) if cause.kind() != io::ErrorKind::NotFound => return Err(cause),
        _ => {}
    }
    let listener = UnixListener::bind(path)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

/// Both stores as they are now: first the data, then the keys.
fn snapshots(both: &Both, now: Timestamp) -> store::Result<Snapshots> {
    Ok(Snapshots::new(now.as_millisecond(), both.data.snapshot()?, both.keys.snapshot()?))
}

/// What a backup of these stores is made of: what a server sends that has them open; else the files, if they are whole.
pub(crate) async fn source(config: &Config) -> Result<Box<dyn Source + Send>, BackupFault> {
    Ok(asked(config, REQUEST).await?.0)
}

/// The same of the keys alone; and whether somebody serves, who may destroy more of them.
pub(super) async fn keys_source(config: &Config) -> Result<(Box<dyn Source + Send>, bool), BackupFault> {
    asked(config, KEYS_REQUEST).await
}

async fn asked(config: &Config, request: &[u8]) -> Result<(Box<dyn Source + Send>, bool), BackupFault> {
    let Target { data, keys } = target(config)?;
    if let Ok(connection) = UnixStream::connect(data.with_file_name(SOCKET)) {
        return Ok((Box::new(ask(connection, request).map_err(StartError::from)?), true));
    }
    let both = open_files(&data, &keys, config).await.map_err(|fault| match fault {
        StartError::Store(unfit @ StoreError::Unfit(_)) => BackupError::Unfit(unfit).into(),
        other => BackupFault::Start(other),
    })?;
    let snapshots = snapshots(&both, Clock::System.now()).map_err(StartError::from)?;
    Ok((Box::new(Here { snapshots, _both: both }), false))
}

/// Asks the server that has the stores open.
fn ask(connection: UnixStream, request: &[u8]) -> store::Result<There> {
    let asked = connection.set_read_timeout(Some(SEND_MAX)).and_then(|()| (&connection).write_all(request));
    match asked {
        // It has answered without being asked, and closed: why is there to be read.
        Err(cause) if cause.kind() == io::ErrorKind::BrokenPipe => {}
        Err(cause) => {
            return Err(StoreError::Unavailable(format!("the server that has the store: {cause}").into()));
        }
        Ok(()) => {}
    }
    Ok(There(BufReader::with_capacity(BUFFER_BYTES, connection)))
}

/// Puts copies back where these stores are to be.
pub(crate) fn restore(config: &Config, data: Option<&Path>, keys: Option<&Path>) -> Result<Restored, BackupFault> {
    let backend = Backend { fill: &fill, read_keys: &read_keys };
    let restored = backup::restore(data, keys, &target(config)?, &backend)?;
    // These keys are older on purpose. Where the keys stay, what the note says of them is true, and it may know of data that are newer than what was
    // noted beside them.
    if keys.is_some() {
        SeenFile::forget(&config.seen_file)
            .map_err(|cause| StartError::Folder { path: config.seen_file.display().to_string(), cause })?;
    }
    Ok(restored)
}

/// Why copies were not made, or not put back.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BackupFault {
    #[error(transparent)]
    Start(#[from] StartError),
    #[error(transparent)]
    Backup(#[from] BackupError),
}

/// The files of embedded stores.
fn target(config: &Config) -> Result<Target, StartError> {
    match (&config.store, &config.keys) {
        (StoreUrl::Redb { folder: data }, KeysUrl::File { folder: keys }) => {
            Ok(Target { data: data.join(DATA_FILE), keys: keys.join(KEYS_FILE) })
        }
        _ => Err(StoreError::Misconfigured(
            "`rapport backup` is for a redb store; Redis makes its own backups, as docs/operate.md says".into(),
        )
        .into()),
    }
}

/// Stores that this process has opened.
struct Here {
    snapshots: Snapshots,
    // Without it they cannot be read.
    _both: Both,
}

impl Source for Here {
    fn open(&mut self, side: Side) -> backup::Result<(i64, Box<dyn Snapshot + '_>)> {
        self.snapshots.open(side)
    }
}

/// A server that has them open.
struct There(BufReader<UnixStream>);

impl Source for There {
    fn open(&mut self, side: Side) -> backup::Result<(i64, Box<dyn Snapshot + '_>)> {
        let reader = Reader::begin(&mut self.0, side).map_err(sent_in_part)?;
        Ok((reader.time_ms, Box::new(Sent(reader))))
    }
}

struct Sent<'a>(Reader<&'a mut BufReader<UnixStream>>);

impl Snapshot for Sent<'_> {
    fn next(&mut self, bytes: usize) -> store::Result<Vec<Pair>> {
        self.0.next(bytes).map_err(sent_in_part)
    }
}

/// What is damaged on its way is no damage of the store.
fn sent_in_part(fault: StoreError) -> StoreError {
    match fault {
        StoreError::Corrupt(cause) => StoreError::Unavailable(
            format!("what the server sends is no whole copy ({cause}): its log says why; make the backup again").into(),
        ),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_said_before_it_was_asked_is_read() {
        let (mut server, command) = UnixStream::pair().expect("connected");
        stream::write_fault(&mut server, "another backup is under way: wait for it to end");
        drop(server);
        let mut asked = ask(command, REQUEST).expect("asked");
        let Err(fault) = asked.open(Side::Data) else { panic!("it sends nothing") };
        assert!(fault.to_string().contains("another backup is under way"), "{fault}");
    }
}
