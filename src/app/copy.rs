//! `rapport copy`: both stores, or the keys alone, into another place, on the same backend or on the other one. All of it is copied as it is stored,
//! sealed and wrapped. What is copied is counted and hashed, read back, and compared; only then the new stores get their names (files) or their
//! marks (Redis): before that nobody can serve from them.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use aws_lc_rs::digest::{SHA256, digest};
use tokio::{
    sync::mpsc,
    task::{JoinHandle, spawn_blocking},
};

use super::{
    Cache, DATA_FILE, Exchange, KEYS_FILE, RedbKeys, RedbStore, StartError,
    backup::{BackupFault, source},
    fill, looked, moving,
    stores::{make_folder, open_keys, open_store, places, redis_options, redis_place, unfinished},
};
use crate::{
    config::{Config, KeysUrl, RedisUrl, StoreUrl},
    service::clock::Clock,
    store::{
        Result, StoreError,
        ext::is_garbage,
        fitness::{Fitness, Side},
        formats::COPYING,
        keys,
        snapshot::{Pair, Snapshot, Snapshots as _},
    },
};

mod erased;

pub(crate) use erased::Erased;

/// Bytes that are read at once.
const PAGE_BYTES: usize = 256 << 10;
/// Pages that wait to be written.
pub(super) const PAGES: usize = 4;

/// What is copied of a store: how many pairs, their bytes, and a sum of their hashes, which does not depend on their order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Content {
    pub pairs: u64,
    pub bytes: u64,
    hash: u128,
}

impl Content {
    fn add(&mut self, (key, value): &Pair) {
        let length = (key.len() as u64).to_be_bytes();
        let hash = digest(&SHA256, &[length.as_slice(), key, value].concat());
        let half = hash.as_ref().first_chunk().map_or(0, |half| u128::from_be_bytes(*half));
        self.hash = self.hash.wrapping_add(half);
        self.pairs += 1;
        self.bytes += (key.len() + value.len()) as u64;
    }

    fn and(mut self, others: &[Pair]) -> Self {
        for pair in others {
            self.add(pair);
        }
        self
    }
}

/// Both, or the keys alone.
#[derive(Debug)]
pub(crate) struct Copied {
    pub data: Option<Content>,
    pub keys: Content,
    /// Who was erased meanwhile in embedded stores; `None`: nothing was written there.
    pub erased: Option<Erased>,
}

/// Why nothing was copied. What was begun cannot be served from.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CopyFault {
    #[error(transparent)]
    Source(#[from] BackupFault),
    #[error(transparent)]
    Start(#[from] StartError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{path}: {cause}")]
    File { path: String, cause: io::Error },
    #[error("{0}")]
    Refused(String),
}

pub(super) type Pages = mpsc::Receiver<Result<Vec<Pair>>>;

/// Where a store is copied to.
enum Target {
    File(PathBuf),
    Redis(Arc<Exchange>),
}

/// Copies both stores; where they are moved, the old ones are not served any more from then on.
pub(crate) async fn copy(from: &Config, to: &Config, moves: bool) -> std::result::Result<Copied, CopyFault> {
    if moves {
        moving::may_leave(from).await?;
    }
    let (data, keys) = (data_target(to).await?, keys_target(&to.keys, to).await?);
    if let (Target::Redis(data), Target::Redis(keys)) = (&data, &keys) {
        apart(data, keys).await?;
    }
    let now_ms = Clock::System.now().as_millisecond();
    let (from_data, from_keys) = match (&from.store, &from.keys) {
        (StoreUrl::Redis(data), KeysUrl::Redis(keys)) => {
            (Some(exchange(data, from, "data's").await?), Some(exchange(keys, from, "keys'").await?))
        }
        _ => (None, None),
    };
    let (mut pages, reading) = match (&from_data, &from_keys) {
        (Some(data), Some(keys)) => ([of_redis(data), of_redis(keys)], None),
        _ => {
            let (pages, reading) = of_files(from).await?;
            (pages, Some(reading))
        }
    };
    let [data_pages, keys_pages] = &mut pages;
    if let Target::Redis(data) = &data {
        // From now on it is no empty store, and none that can be served from.
        let copying = (keys::FORMAT.into(), COPYING.to_string().into_bytes());
        data.put(&[copying], now_ms).await?;
    }
    let copied_data = put(&data, data_pages, now_ms).await?;
    let copied_keys = put(&keys, keys_pages, now_ms).await?;
    let is_embedded = reading.is_some();
    if let Some(reading) = reading {
        reading.await.map_err(|fault| StoreError::Unavailable(fault.to_string().into()))??;
    }
    if copied_data.last.is_empty() {
        return Err(CopyFault::Refused("nothing was ever stored in FROM".to_owned()));
    }
    for (target, copied, side) in [(&data, &copied_data, Side::Data), (&keys, &copied_keys, Side::Keys)] {
        is_there(target, copied, side, now_ms).await?;
    }
    match (&from_data, &from_keys) {
        (Some(data), Some(keys)) if moves => {
            moving::leave(&[(data, &copied_data), (keys, &copied_keys)], &places(to), now_ms).await?;
        }
        (Some(data), Some(keys)) => {
            for (exchange, copied) in [(data, &copied_data), (keys, &copied_keys)] {
                is_still(exchange, copied, now_ms).await?;
            }
        }
        _ if moves => moving::leave_files(from, [&copied_data, &copied_keys], &places(to), now_ms).await?,
        _ => {}
    }
    // The last before it can be served from. What was moved is not written to any more.
    let erased = if is_embedded && !moves { erased::repeat(from, to, now_ms).await? } else { None };
    let copied = Copied { data: Some(copied_data.content()), keys: copied_keys.content(), erased };
    // The keys first: data without their keys are of no use.
    finish(keys, copied_keys.last).await?;
    finish(data, copied_data.last).await?;
    belong_together(to, from).await?;
    Ok(copied)
}

/// Moves the keys alone, from one Redis to another: whoever serves the same data with the old ones makes customers whom the others cannot read.
pub(crate) async fn copy_keys(
    from: &RedisUrl,
    to: &RedisUrl,
    config: &Config,
) -> std::result::Result<Copied, CopyFault> {
    let place = format!("keys: {}", redis_place(to));
    let (from, target) = (exchange(from, config, "keys'").await?, redis_target(to, config, "keys'").await?);
    if let Target::Redis(to) = &target
        && are_one(&from, to).await?
    {
        return Err(CopyFault::Refused("both are one Redis server: the keys would be no further from the data".into()));
    }
    let now_ms = Clock::System.now().as_millisecond();
    let copied = put(&target, &mut of_redis(&from), now_ms).await?;
    is_there(&target, &copied, Side::Keys, now_ms).await?;
    moving::leave(&[(&from, &copied)], &place, now_ms).await?;
    let content = copied.content();
    finish(target, copied.last).await?;
    Ok(Copied { data: None, keys: content, erased: None })
}

async fn exchange(url: &RedisUrl, config: &Config, whose: &str) -> Result<Arc<Exchange>> {
    Ok(Arc::new(Exchange::connect(&url.text(), redis_options(config), whose).await?))
}

async fn data_target(to: &Config) -> std::result::Result<Target, CopyFault> {
    match &to.store {
        StoreUrl::Redb { folder } => file_target(folder, DATA_FILE),
        StoreUrl::Redis(url) => redis_target(url, to, "data's").await,
    }
}

async fn keys_target(url: &KeysUrl, to: &Config) -> std::result::Result<Target, CopyFault> {
    match url {
        KeysUrl::File { folder } => file_target(folder, KEYS_FILE),
        KeysUrl::Redis(url) => redis_target(url, to, "keys'").await,
    }
}

fn file_target(folder: &Path, name: &str) -> std::result::Result<Target, CopyFault> {
    let file = folder.join(name);
    if file.exists() {
        return Err(CopyFault::Refused(format!("{} is there: name a place without a store", file.display())));
    }
    make_folder(folder)?;
    // Of a copy that was ended.
    match fs::remove_file(unfinished(&file)) {
        Err(cause) if cause.kind() != io::ErrorKind::NotFound => {
            Err(CopyFault::File { path: file.display().to_string(), cause })
        }
        _ => Ok(Target::File(file)),
    }
}

async fn redis_target(url: &RedisUrl, config: &Config, whose: &str) -> std::result::Result<Target, CopyFault> {
    let place = redis_place(url);
    let to = exchange(url, config, whose).await?;
    to.ready().await?;
    if !to.is_empty().await? {
        return Err(CopyFault::Refused(format!(
            "{place} is not empty: name an empty database; one that an earlier copy has begun is emptied with FLUSHDB"
        )));
    }
    Ok(Target::Redis(to))
}

async fn are_one(one: &Exchange, other: &Exchange) -> Result<bool> {
    match tokio::try_join!(one.run_ids(), other.run_ids()) {
        Ok((one, other)) => Ok(one.iter().any(|id| other.contains(id))),
        // It is told when it is served.
        Err(StoreError::Misconfigured(_)) => Ok(false),
        Err(fault) => Err(fault),
    }
}

async fn apart(data: &Exchange, keys: &Exchange) -> std::result::Result<(), CopyFault> {
    if are_one(data, keys).await? {
        return Err(CopyFault::Refused(
            "data and keys would lie in one Redis server: name another one for the keys".into(),
        ));
    }
    Ok(())
}

/// The pairs of a Redis, read in a task of its own.
fn of_redis(from: &Arc<Exchange>) -> Pages {
    let (send, pages) = mpsc::channel(PAGES);
    let from = from.clone();
    tokio::spawn(async move {
        if let Err(fault) = from.read(&send).await {
            let _ = send.send(Err(fault)).await;
        }
    });
    pages
}

type Reading = JoinHandle<std::result::Result<(), CopyFault>>;

/// The pairs of embedded stores as of one moment, from the server that has them or from their files.
async fn of_files(from: &Config) -> std::result::Result<([Pages; 2], Reading), CopyFault> {
    let mut source = source(from).await?;
    let ((send_data, data), (send_keys, keys)) = (mpsc::channel(PAGES), mpsc::channel(PAGES));
    let reading = spawn_blocking(move || {
        for (side, send) in [(Side::Data, send_data), (Side::Keys, send_keys)] {
            match source.open(side) {
                Ok((_, mut snapshot)) => send_all(snapshot.as_mut(), &send),
                Err(fault) => return Err(BackupFault::from(fault).into()),
            }
        }
        Ok(())
    });
    Ok(([data, keys], reading))
}

pub(super) fn send_all(snapshot: &mut dyn Snapshot, send: &mpsc::Sender<Result<Vec<Pair>>>) {
    loop {
        let page = snapshot.next(PAGE_BYTES);
        let (is_end, has_failed) = (page.as_ref().is_ok_and(Vec::is_empty), page.is_err());
        // Where nobody takes it, the other end has failed, and says why.
        if is_end || send.blocking_send(page).is_err() || has_failed {
            return;
        }
    }
}

/// What was put.
#[derive(Default)]
pub(super) struct Put {
    pub(super) rest: Content,
    /// What makes a store of it, and is put last: the marks, and the format after them.
    pub(super) last: Vec<Pair>,
}

impl Put {
    /// Counts a page, and takes out of it what nobody needs, and what is put last.
    fn take(&mut self, page: Vec<Pair>, now_ms: i64) -> Vec<Pair> {
        let mut rest = Vec::with_capacity(page.len());
        for pair in page {
            let name = &pair.0;
            if is_garbage(name, &pair.1, now_ms) {
                continue;
            }
            if name == keys::FORMAT.as_bytes() {
                self.last.push(pair);
            } else if [keys::MARK, keys::KEY_MARK].iter().any(|mark| name.starts_with(mark.as_bytes())) {
                self.last.insert(0, pair);
            } else {
                self.rest.add(&pair);
                rest.push(pair);
            }
        }
        rest
    }

    fn content(&self) -> Content {
        self.rest.and(&self.last)
    }
}

async fn put(target: &Target, pages: &mut Pages, now_ms: i64) -> std::result::Result<Put, CopyFault> {
    let mut put = Put::default();
    match target {
        Target::Redis(to) => {
            while let Some(page) = pages.recv().await {
                to.put(&put.take(page?, now_ms), now_ms).await?;
            }
        }
        Target::File(file) => {
            let file = unfinished(file);
            let (send, mut filled) = mpsc::channel::<Result<Vec<Pair>>>(PAGES);
            let filling = spawn_blocking(move || fill(&file, &mut || filled.blocking_recv().unwrap_or(Ok(Vec::new()))));
            let forward = async {
                while let Some(page) = pages.recv().await {
                    let page = page?;
                    let rest = put.take(page, now_ms);
                    // None would end it.
                    if !rest.is_empty() && send.send(Ok(rest)).await.is_err() {
                        break;
                    }
                }
                if !put.last.is_empty() {
                    let _ = send.send(Ok(put.last.clone())).await;
                }
                Ok::<_, StoreError>(())
            };
            let forwarded = forward.await;
            drop(send);
            let filled = filling.await.map_err(|fault| StoreError::Unavailable(fault.to_string().into()))?;
            forwarded?;
            filled?;
        }
    }
    Ok(put)
}

/// Whether what was put is there: in Redis without what is put last.
async fn is_there(target: &Target, put: &Put, side: Side, now_ms: i64) -> std::result::Result<(), CopyFault> {
    let mut there = Put::default();
    match target {
        Target::Redis(to) => {
            count(&mut of_redis(to), &mut there, now_ms).await?;
            // Not there yet.
            there.last.clone_from(&put.last);
        }
        Target::File(file) => {
            let (send, mut pages) = mpsc::channel(PAGES);
            let file = unfinished(file);
            let reading = spawn_blocking(move || {
                let mut snapshot = match side {
                    Side::Data => RedbStore::open(&file, Cache::default())
                        .and_then(|store| Ok((store.snapshot()?, Some(store), None))),
                    Side::Keys => RedbKeys::open(&file).and_then(|store| Ok((store.snapshot()?, None, Some(store)))),
                }?;
                send_all(snapshot.0.as_mut(), &send);
                Ok::<_, StoreError>(())
            });
            count(&mut pages, &mut there, now_ms).await?;
            reading.await.map_err(|fault| StoreError::Unavailable(fault.to_string().into()))??;
        }
    }
    if there.content() == put.content() {
        return Ok(());
    }
    Err(CopyFault::Refused(format!(
        "what was read back is not what was written ({} entries of {}): nothing can be served from it; remove it, and copy again",
        there.content().pairs,
        put.content().pairs
    )))
}

/// Whether a Redis that was copied holds the same still: it cannot be read as of one moment.
async fn is_still(from: &Arc<Exchange>, put: &Put, now_ms: i64) -> std::result::Result<(), CopyFault> {
    if there_now(from, now_ms).await?.content() == put.content() { Ok(()) } else { Err(changed()) }
}

/// What a Redis that was copied holds now.
pub(super) async fn there_now(from: &Arc<Exchange>, now_ms: i64) -> Result<Put> {
    let mut there = Put::default();
    count(&mut of_redis(from), &mut there, now_ms).await?;
    Ok(there)
}

pub(super) fn changed() -> CopyFault {
    CopyFault::Refused(
        "what is copied was changed meanwhile: stop what serves it, empty the new place (FLUSHDB), and copy again"
            .into(),
    )
}

pub(super) async fn count(pages: &mut Pages, there: &mut Put, now_ms: i64) -> Result<()> {
    while let Some(page) = pages.recv().await {
        there.take(page?, now_ms);
    }
    Ok(())
}

/// Makes a store of what was put.
async fn finish(target: Target, last: Vec<Pair>) -> std::result::Result<(), CopyFault> {
    match target {
        Target::Redis(to) => Ok(to.put(&last, Clock::System.now().as_millisecond()).await?),
        Target::File(file) => {
            let fault = |cause| CopyFault::File { path: file.display().to_string(), cause };
            fs::rename(unfinished(&file), &file).map_err(fault)?;
            fs::File::open(file.parent().unwrap_or(Path::new("/"))).and_then(|folder| folder.sync_all()).map_err(fault)
        }
    }
}

/// Whether both new stores are whole, and each other's.
async fn belong_together(to: &Config, from: &Config) -> std::result::Result<(), CopyFault> {
    let (data, keys) = (open_store(to).await?, open_keys(to).await?);
    let fitness = Fitness::new(data.store.clone(), keys.store).with_loss_window(from.loss_window);
    looked(data.store.as_ref(), &fitness, &from.tenant).await?;
    Ok(())
}
