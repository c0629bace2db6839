//! Ends the serving of stores that were moved to another place: who went on to serve them would write beside those who serve the new ones. The marks
//! of all buckets say where they are, and each replica looks at these once a second.

use std::{sync::Arc, time::Duration};

use tokio::{sync::mpsc, task::spawn_blocking, time::sleep};

use super::{
    Exchange,
    copy::{CopyFault, PAGES, Put, changed, count, send_all, there_now},
    looked, open_files,
    stores::{open_keys, open_store},
};
use crate::{
    app::{DATA_FILE, KEYS_FILE},
    config::{Config, KeysUrl, StoreUrl},
    store::{
        StoreError,
        codec::marks,
        fitness::{Fitness, Mark, time_text},
        keys,
        snapshot::{Pair, Snapshots},
    },
};

type Outcome = std::result::Result<(), CopyFault>;

/// Until each replica must have noticed.
const NOTICE: Duration = Duration::from_secs(2);

/// What is told to whoever serves from the old place, or starts there.
fn told(to: &str, now_ms: i64) -> String {
    let time = time_text(now_ms);
    format!(
        "this was moved at {time} ({to}), and is not served here any more: serve it there, or come back with `rapport store adopt`, without what was written there"
    )
}

fn unmarked() -> CopyFault {
    CopyFault::Refused("there is nothing in FROM, or it is a store that was not raised (`rapport upgrade`)".to_owned())
}

/// Whether files can be left: nobody serves them. Of a Redis it is seen at the end.
pub(super) async fn may_leave(from: &Config) -> Outcome {
    if let (StoreUrl::Redb { folder: data }, KeysUrl::File { folder: keys }) = (&from.store, &from.keys) {
        open_files(&data.join(DATA_FILE), &keys.join(KEYS_FILE), from).await?;
    }
    Ok(())
}

/// Leaves stores in Redis. First they are marked, so that nobody writes there any more; then what they hold is compared with what was copied.
pub(super) async fn leave(from: &[(&Arc<Exchange>, &Put)], to: &str, now_ms: i64) -> Outcome {
    if from.iter().any(|(_, put)| marks_of(&put.last).next().is_none()) {
        return Err(unmarked());
    }
    for (from, put) in from {
        let mark = |(name, bytes): &Pair| -> Result<Pair, StoreError> {
            let mark = Mark { lost: told(to, now_ms), ..marks::decode(bytes)? };
            Ok((name.clone(), marks::encode(&mark).to_vec()))
        };
        let left: Vec<Pair> = marks_of(&put.last).map(mark).collect::<Result<_, _>>()?;
        from.put(&left, now_ms).await?;
    }
    sleep(NOTICE).await;
    for (at, put) in from {
        if there_now(at, now_ms).await?.rest != put.rest {
            for (from, put) in from {
                from.put(&marks_of(&put.last).cloned().collect::<Vec<_>>(), now_ms).await?;
            }
            return Err(changed());
        }
    }
    Ok(())
}

fn marks_of(last: &[Pair]) -> impl Iterator<Item = &Pair> {
    let is_mark = |name: &[u8]| [keys::MARK, keys::KEY_MARK].iter().any(|mark| name.starts_with(mark.as_bytes()));
    last.iter().filter(move |(name, _)| is_mark(name))
}

/// Leaves files, which nobody else has open meanwhile.
pub(super) async fn leave_files(from: &Config, copied: [&Put; 2], to: &str, now_ms: i64) -> Outcome {
    let (data, keys) = (open_store(from).await?, open_keys(from).await?);
    for (snapshots, put) in [data.snapshots, keys.snapshots].into_iter().flatten().zip(copied) {
        if in_file(snapshots, now_ms).await?.rest != put.rest {
            return Err(changed());
        }
    }
    let fitness = Fitness::new(data.store.clone(), keys.store).with_loss_window(from.loss_window);
    looked(data.store.as_ref(), &fitness, &from.tenant).await?;
    if fitness.store_id().is_none() {
        return Err(unmarked());
    }
    Ok(fitness.leave(&told(to, now_ms)).await?)
}

async fn in_file(snapshots: Arc<dyn Snapshots>, now_ms: i64) -> Result<Put, StoreError> {
    let (send, mut pages) = mpsc::channel(PAGES);
    let reading = spawn_blocking(move || {
        send_all(snapshots.snapshot()?.as_mut(), &send);
        Ok::<_, StoreError>(())
    });
    let mut there = Put::default();
    count(&mut pages, &mut there, now_ms).await?;
    reading.await.map_err(|fault| StoreError::Unavailable(fault.to_string().into()))??;
    Ok(there)
}
