//! What only the process before has seen is told at the next start: both stores went back to an earlier time, or were emptied, together; or a file
//! was written over while it was served. A note beside the stores tells it.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Instant,
};

use rapport::proto::{customer_service_client::CustomerServiceClient, *};
use tempfile::TempDir;
use tonic::Code;
use tonic_health::pb::health_check_response::ServingStatus;

use super::{
    backups::{BackedUp, shown, succeeds},
    common::redis::{DURABLE, Server as Redis},
    older::{SNAPSHOTS, noted, on_two, replica_of},
    operation::{until, watch},
    process::Process,
    raw::EVENT_MAX,
    whole::{GUESTS, House, card, guest, on_redb, on_redis, rapport, text, with_setting},
    world::*,
};

const BOTH_OLDER: &str = "data and keys are older copies of themselves";
const EMPTIED: &str = "data and keys are empty, and stores were served here";
const FILES: [&str; 2] = ["data/data.redb", "keys/keys.redb"];

/// Data and keys that can be put back to what they were, together.
struct Stores {
    folder: TempDir,
    redis: Option<Redis>,
    settings: Vec<String>,
}

impl Stores {
    fn new(backend: Backend) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        // What it saves is what it starts with again.
        let redis = (backend == Backend::Redis).then(|| Redis::start(SNAPSHOTS));
        let settings = redis.as_ref().map_or_else(|| on_redb(folder.path()), |redis| on_redis(redis, folder.path()));
        Self { folder, redis, settings }
    }

    /// The file beside them.
    fn note(&self) -> PathBuf {
        let name = match &self.redis {
            Some(redis) => format!("rapport-keys-127.0.0.1-{}-1.seen", redis.keys().port()),
            None => "keys.seen".to_owned(),
        };
        self.folder.path().join(name)
    }

    fn copy(&self, name: &str, file: &str) -> PathBuf {
        self.folder.path().join(format!("{name}-{}", Path::new(file).file_name().expect("a name").display()))
    }

    /// Keeps both as they are now. No process has them.
    fn save(&self, name: &str) {
        match &self.redis {
            Some(redis) => {
                for server in [redis, redis.keys()] {
                    assert_eq!(server.tell("SAVE"), "+OK\r\n");
                }
            }
            None => {
                for file in FILES {
                    fs::copy(self.folder.path().join(file), self.copy(name, file)).expect("is copied");
                }
            }
        }
    }

    /// Puts back what was kept: in Redis the newest of it.
    fn put_back(&mut self, name: &str) {
        match &mut self.redis {
            Some(redis) => redis.restart(),
            None => {
                for file in FILES {
                    fs::copy(self.copy(name, file), self.folder.path().join(file)).expect("is put back");
                }
            }
        }
    }

    fn empty(&self) {
        match &self.redis {
            Some(redis) => {
                for server in [redis, redis.keys()] {
                    assert_eq!(server.tell("FLUSHALL"), "+OK\r\n");
                }
            }
            None => FILES.iter().for_each(|file| fs::remove_file(self.folder.path().join(file)).expect("is removed")),
        }
    }
}

async fn serves(process: &Process) {
    until(&mut watch(process.address, "").await, ServingStatus::Serving).await;
}

async fn both_older(backend: Backend) {
    let mut stores = Stores::new(backend);
    let settings = stores.settings.clone();
    let mut house = House::open(settings.clone()).await;
    house.end();
    stores.save("older");
    house = house.again_ended(settings.clone()).await;
    house.create(guest("since")).await.expect("is created");
    house.at_work().await;
    house.end();

    stores.put_back("older");
    house = house.again_ended(settings.clone()).await;
    house.is_unfit(BOTH_OLDER).await;
    assert_eq!(house.by_card("since").await, BriefingState::Unreadable as i32);
    // However often it is started.
    house.process.kill();
    house = house.again_ended(settings.clone()).await;
    house.is_unfit(BOTH_OLDER).await;
    house.end();
    let measured = rapport(&["stats"], &settings);
    assert!(measured.status.code() == Some(1) && text(&measured).contains(BOTH_OLDER), "{}", text(&measured));
    let checked = rapport(&["fsck"], &settings);
    assert!(checked.status.code() == Some(2) && text(&checked).contains(BOTH_OLDER), "{}", text(&checked));
    let told = rapport(&["store", "adopt"], &settings);
    let said = text(&told);
    assert!(told.status.code() == Some(1) && said.contains(BOTH_OLDER), "{said}");
    assert!(said.contains("changes since 20") && said.contains("repeat the erasures since 20"), "{said}");
    let adopted = rapport(&["store", "adopt", "--yes"], &settings);
    assert!(adopted.status.success() && text(&adopted).contains("epoch 2"), "{}", text(&adopted));
    let stats = text(&rapport(&["stats"], &settings));
    assert!(stats.contains("given up       "), "{stats}");
    for _ in 0..2 {
        house = house.again_ended(settings.clone()).await;
        house.is_whole().await;
        assert_eq!(house.by_card("since").await, BriefingState::FirstVisit as i32, "given up");
        house.end();
    }

    // Of before the adoption.
    stores.put_back("older");
    house = house.again_ended(settings.clone()).await;
    if stores.redis.is_none() {
        house.is_unfit(&format!("{BOTH_OLDER}, of before `rapport store adopt`")).await;
        house.end();
        succeeds(rapport(&["store", "adopt", "--yes"], &settings));
        house = house.again_ended(settings).await;
        house.is_whole().await;
    }
}

/// Fault: Data and keys that are older copies, both.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn older_copies_of_both_files_are_told_at_the_start() {
    both_older(Backend::Redb).await;
}

/// Fault: Data and keys that are older copies, both.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn older_copies_of_both_in_redis_are_told_at_the_start() {
    both_older(Backend::Redis).await;
}

async fn both_emptied(backend: Backend) {
    let stores = Stores::new(backend);
    let settings = stores.settings.clone();
    let mut house = House::open(settings.clone()).await;
    house.end();
    stores.empty();
    house = house.again_ended(settings.clone()).await;
    house.is_unfit(EMPTIED).await;
    house.end();
    let measured = rapport(&["stats"], &settings);
    assert!(!measured.status.success() && text(&measured).contains(EMPTIED), "{}", text(&measured));
    // What cannot be had back is given up, and is the same store still for other replicas.
    let adopted = rapport(&["store", "adopt", "--yes"], &settings);
    assert!(adopted.status.success() && text(&adopted).contains("epoch 2"), "{}", text(&adopted));
    let mut process = Process::start(&settings).await;
    serves(&process).await;
    process.terminate();
    process.ended();

    // Emptied to begin anew: that is said, by removing the note.
    stores.empty();
    let process = Process::start(&settings).await;
    let line = process.line_with("not ready", EVENT_MAX);
    let remove = format!("to begin anew: remove {}", stores.note().display());
    assert!(line.contains(EMPTIED) && line.contains(&remove), "{line}");
    drop(process);
    fs::remove_file(stores.note()).expect("it is there");
    let house = House::open(settings).await;
    house.create(guest("new")).await.expect("it is a new house");
}

/// Fault: Data and keys emptied, both.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_that_were_both_removed_are_told_at_the_start() {
    both_emptied(Backend::Redb).await;
}

/// Fault: Data and keys emptied, both.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_servers_that_were_both_emptied_are_told_at_the_start() {
    both_emptied(Backend::Redis).await;
}

/// Who is created within the second before is in no note beside the keys.
///
/// Fault: A file of an embedded store that is written over.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_was_written_over_is_not_served_by_the_next_process() {
    for (is_killed, are_both) in [(false, false), (true, false), (true, true)] {
        let stores = Stores::new(Backend::Redb);
        let settings = stores.settings.clone();
        let mut house = House::open(settings.clone()).await;
        house.end();
        stores.save("older");
        house = house.again_ended(settings.clone()).await;
        house.is_whole().await;
        let mut health = watch(house.process.address, "").await;
        until(&mut health, ServingStatus::Serving).await;
        house.create(guest("since")).await.expect("is created");
        stores.save("newest");
        for file in &FILES[..if are_both { 2 } else { 1 }] {
            let older = fs::read(stores.copy("older", file)).expect("is read");
            fs::write(stores.folder.path().join(file), older).expect("is overwritten");
        }
        until(&mut health, ServingStatus::NotServing).await;
        if is_killed {
            house.process.kill();
        } else {
            house.end();
        }

        house = house.again_ended(settings.clone()).await;
        house.is_unfit("was overwritten by another process").await;
        assert_eq!(house.by_card("since").await, BriefingState::Unreadable as i32);
        house.end();
        stores_back(&stores);
        house = house.again_ended(settings.clone()).await;
        house.is_whole().await;
        assert_eq!(house.by_card("since").await, BriefingState::Known as i32);
        house.end();
        let again = house.again_ended(settings).await;
        again.is_whole().await;
    }
}

fn stores_back(stores: &Stores) {
    for file in FILES {
        fs::copy(stores.copy("newest", file), stores.folder.path().join(file)).expect("is put back");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stores_of_another_house_are_told() {
    let (stores, others) = (Stores::new(Backend::Redb), Stores::new(Backend::Redb));
    let (mut house, mut other) =
        (House::open(stores.settings.clone()).await, House::open(others.settings.clone()).await);
    house.end();
    other.end();
    for file in FILES.into_iter().chain(["wrapping.key"]) {
        fs::copy(others.folder.path().join(file), stores.folder.path().join(file)).expect("is copied");
    }
    let house = House { ids: other.ids.clone(), ..house.again_ended(stores.settings.clone()).await };
    house.is_unfit("are not the stores that were served here").await;
    drop(house);
    // These may be meant: with a note of their own, or by an adoption.
    let own = with_setting(&stores.settings, "--seen-file", shown(&stores.folder.path().join("own")));
    let mut other = other.again_ended(own).await;
    other.is_whole().await;
    other.end();
    succeeds(rapport(&["store", "adopt", "--yes"], &stores.settings));
    other.again_ended(stores.settings.clone()).await.is_whole().await;
}

/// Of yesterday's stores there is no note, and not everywhere can one be written.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stores_without_a_note_are_served_and_get_one() {
    let stores = Stores::new(Backend::Redb);
    let mut house = House::open(stores.settings.clone()).await;
    house.end();
    fs::remove_file(stores.note()).expect("it is there");
    house = house.again_ended(stores.settings.clone()).await;
    house.is_whole().await;
    house.end();
    let told: serde_json::Value = serde_json::from_slice(&fs::read(stores.note()).expect("is there")).expect("JSON");
    assert!(told["storeId"].as_str().is_some_and(|id| id.len() == 32) && told["epoch"] == 1, "{told}");

    let nowhere = with_setting(&stores.settings, "--seen-file", "/proc/nowhere/rapport.seen");
    house = house.again_ended(nowhere).await;
    let line = house.process.line_with("cannot be noted in /proc/nowhere/rapport.seen", EVENT_MAX);
    assert!(line.contains("WARN") && line.contains("seen-file"), "{line}");
    house.create(guest("since")).await.expect("it serves");
    house.end();
    assert!(!house.process.lines().iter().any(|line| line.contains("cannot be noted")), "told once");
}

/// The keys lack the notes of the last seconds: that is no older copy.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failover_of_the_keys_is_no_older_copy() {
    let (data, mut keys) = (Redis::start(DURABLE), Redis::start(DURABLE));
    let folder = tempfile::tempdir().expect("a folder");
    let settings = on_two(&data, &keys, folder.path());
    let mut house = House::open(settings.clone()).await;
    house.at_work().await;
    let replica = replica_of(&keys);
    house.change(1).await;
    noted(&data, &keys).await;
    house.end();
    keys.kill();
    assert_eq!(replica.tell(&format!("CONFIG SET port {}", keys.port())), "+OK\r\n");
    house = house.again_ended(settings.clone()).await;
    house.is_whole().await;
    house.change(2).await;
    let house = house.again(settings).await;
    house.is_whole().await;
}

/// Both copies of one backup, and an adoption between: it is the data that are older.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_that_is_put_back_twice_is_told_as_older_data() {
    let folder = tempfile::tempdir().expect("a folder");
    let BackedUp { settings, mut house, place, .. } = BackedUp::new(folder.path()).await;
    let data = folder.path().join(FILES[0]);
    for epoch in [2, 3] {
        house = house.again_ended(settings.clone()).await;
        house.create(guest(&format!("since-{epoch}"))).await.expect("is created");
        house.end();
        fs::remove_file(&data).expect("lost");
        succeeds(rapport(&["backup", "restore", shown(&place)], &settings));
        let told = text(&rapport(&["store", "adopt"], &settings));
        assert!(
            told.contains("the data store is an older copy of itself") && !told.contains("the key store is"),
            "{told}"
        );
        let said = succeeds(rapport(&["store", "adopt", "--yes"], &settings));
        assert!(said.contains(&format!("epoch {epoch}")), "{said}");
    }
    house = house.again_ended(settings.clone()).await;
    house.is_whole().await;
    house.end();

    // Both go back on purpose: that is no news.
    for file in FILES {
        fs::remove_file(folder.path().join(file)).expect("lost");
    }
    let keys = place.join("keys");
    succeeds(rapport(&["backup", "restore", shown(&place), "--keys-from", shown(&keys)], &settings));
    house.again_ended(settings).await.is_whole().await;
}

async fn listed(process: &Process) -> Vec<String> {
    let mut customers = CustomerServiceClient::new(process.channel.clone());
    let request = ListCustomersRequest { page_size: 200, ..ListCustomersRequest::default() };
    customers.list_customers(request).await.expect("a page").into_inner().customer_ids
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_was_erased_since_a_backup_is_not_listed_after_the_adoption() {
    let folder = tempfile::tempdir().expect("a folder");
    let BackedUp { settings, mut house, place, .. } = BackedUp::new(folder.path()).await;
    house = house.again_ended(settings.clone()).await;
    let erased = house.ids[1].clone();
    let mut customers = CustomerServiceClient::new(house.process.channel.clone());
    let erase = with!(EraseCustomerRequest { customer_id: erased.clone(), reason: "asked for it".into() });
    customers.erase_customer(erase).await.expect("erased");
    house.end();
    fs::remove_file(folder.path().join(FILES[0])).expect("lost");
    succeeds(rapport(&["backup", "restore", shown(&place)], &settings));
    let said = succeeds(rapport(&["store", "adopt", "--yes"], &settings));
    assert!(said.contains("removed what had come back of 1 erased customers"), "{said}");
    let process = Process::start(&settings).await;
    serves(&process).await;
    let there = listed(&process).await;
    assert!(there.len() == GUESTS - 1 && !there.contains(&erased), "{there:?}");
}

/// Who is acknowledged is in stores that have their marks.
///
/// Fault: New servers that do not answer at the first start.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_acknowledged_before_new_stores_have_their_marks() {
    let (redis, folder) = (Redis::start(DURABLE), tempfile::tempdir().expect("a folder"));
    let settings = on_redis(&redis, folder.path());
    redis.keys();
    redis.stop();
    let process = Process::start(&settings).await;
    let mut house = House { settings: settings.clone(), process, ids: Vec::new() };
    redis.resume();
    let since = Instant::now();
    let mut number = 0;
    // All the time, from before the first look until it is ready.
    while house.ids.len() < GUESTS {
        assert!(since.elapsed() < EVENT_MAX, "it serves");
        match house.create(guest(&card(number))).await {
            Ok(id) => {
                house.ids.push(id);
                number += 1;
            }
            Err(status) => {
                assert_eq!((status.code(), reason(&status)), (Code::Unavailable, "STORE_UNAVAILABLE".into()));
            }
        }
    }
    serves(&house.process).await;
    house.end();
    let process = Process::start(&settings).await;
    serves(&process).await;
    let mut customers = CustomerServiceClient::new(process.channel.clone());
    for id in &house.ids {
        customers.get_customer(get(id)).await.expect("who was acknowledged is there");
    }
}
