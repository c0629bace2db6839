//! `rapport copy`: a store in another place answers as the one it was copied from, on either backend; nothing that is copied in part is served.

use std::{
    fs,
    io::{Read as _, Write as _},
    os::unix::net::{UnixListener, UnixStream},
    path::Path,
    sync::mpsc,
};

use rapport::proto::*;
use tonic::Code;

use super::{
    common::redis::{DURABLE, Server as Redis},
    older::noted,
    process::Process,
    whole::{GUESTS, House, card, guest, on_redb, rapport, text},
    world::*,
};

/// A place for a store; with the servers of one in Redis.
struct Place {
    url: String,
    settings: Vec<String>,
    redis: Option<Redis>,
}

impl Place {
    fn redb(folder: &Path, name: &str) -> Self {
        let mut settings = on_redb(&folder.join(name));
        settings[2] = wrapping_key(folder);
        Self { url: both(&settings), settings, redis: None }
    }

    fn redis(folder: &Path) -> Self {
        let redis = Redis::start(DURABLE);
        let settings =
            vec![format!("--store={}", redis.url()), format!("--keys={}", redis.keys_url()), wrapping_key(folder)];
        Self { url: both(&settings), settings, redis: Some(redis) }
    }
}

fn wrapping_key(folder: &Path) -> String {
    format!("--wrapping-key-file={}", folder.join("wrapping.key").display())
}

fn both(settings: &[String]) -> String {
    let url = |at: usize| settings[at].split_once('=').expect("a value").1.to_owned();
    format!("{},{}", url(0), url(1))
}

fn copy(from: &Place, to: &Place) -> std::process::Output {
    rapport(&["copy", &from.url, &to.url], &[])
}

fn moved(from: &Place, to: &Place) -> std::process::Output {
    rapport(&["copy", "--move", &from.url, &to.url], &[])
}

/// What is told where a store was.
const MOVED: &str = "this was moved at 20";

/// Everything but the moments that differ: an export, line by line.
fn exported(settings: &[String]) -> Vec<String> {
    let told = rapport(&["export", "-"], settings);
    assert!(told.status.success(), "{}", text(&told));
    let mut lines: Vec<String> = String::from_utf8(told.stdout).expect("text").lines().map(str::to_owned).collect();
    // The first one says when it was made; the others come in the order of the store.
    lines.remove(0);
    lines.sort();
    lines
}

async fn filled(settings: Vec<String>) -> (House, String) {
    let house = House::open(settings).await;
    let id = &house.ids[0];
    let visits = (0..9).map(|number| purchase(id, &format!("visit-{number}"), vec![line("espresso", 450)])).collect();
    let mut interactions = interaction_service_client::InteractionServiceClient::new(house.process.channel.clone());
    let bought = RecordInteractionsRequest { interactions: visits };
    interactions.record_interactions(by("anna", bought)).await.expect("are recorded");
    let erased = house.create(guest("GC-erased")).await.expect("is created");
    let mut customers = customer_service_client::CustomerServiceClient::new(house.process.channel.clone());
    let request = with!(EraseCustomerRequest { customer_id: erased.clone(), reason: "asked for it".into() });
    customers.erase_customer(by("anna", request)).await.expect("is erased");
    (house, erased)
}

/// From one place to the next, and everything is there each time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_of_a_store_is_the_store_on_either_backend() {
    let folder = tempfile::tempdir().expect("a folder");
    let places = [
        Place::redb(folder.path(), "a"),
        Place::redis(folder.path()),
        Place::redis(folder.path()),
        Place::redb(folder.path(), "b"),
    ];
    let (mut house, erased) = filled(places[0].settings.clone()).await;
    house.stop();
    let first = exported(&house.settings);
    for (from, to) in places.iter().zip(&places[1..]) {
        let copied = copy(from, to);
        let said = text(&copied);
        assert!(copied.status.success() && said.matches("read back, and the same").count() == 2, "{said}");
        assert_eq!(exported(&to.settings), first, "{}", to.url);
        let checked = rapport(&["fsck"], &to.settings);
        assert!(checked.status.success(), "{}", text(&checked));
        house = house.again_ended(to.settings.clone()).await;
        house.is_whole().await;
        let mut customers = customer_service_client::CustomerServiceClient::new(house.process.channel.clone());
        let gone = customers.get_customer(get(&erased)).await.expect_err("who is erased stays erased");
        assert_refused(&gone, Code::NotFound, "CUSTOMER_NOT_FOUND");
        // A request of before is known again.
        assert_eq!(house.create_again(0).await.expect("it was carried out"), house.ids[0]);
        house.stop();
    }
}

/// What is served is copied as of one moment; and nothing is written over.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redb_store_is_copied_while_it_serves() {
    let folder = tempfile::tempdir().expect("a folder");
    let (from, to) = (Place::redb(folder.path(), "a"), Place::redis(folder.path()));
    let (house, _) = filled(from.settings.clone()).await;
    let copied = copy(&from, &to);
    assert!(copied.status.success(), "{}", text(&copied));
    house.create(guest("since")).await.expect("it serves on");
    let again = copy(&from, &to);
    let said = text(&again);
    assert!(again.status.code() == Some(1) && said.contains("is not empty") && said.contains("FLUSHDB"), "{said}");
    let into_files = copy(&to, &from);
    assert!(!into_files.status.success() && text(&into_files).contains("is there"), "{}", text(&into_files));
    let served = Process::start(&to.settings).await;
    let house = House { process: served, settings: to.settings.clone(), ..house };
    house.is_whole().await;
    assert_eq!(house.brief(by_identity(loyalty("since"))).await.state, BriefingState::FirstVisit as i32);
}

/// Stands where a server answers `rapport copy`, and says each time, before it is asked, that it will be; then waits for leave.
fn between(folder: &Path) -> (mpsc::Receiver<()>, mpsc::SyncSender<()>) {
    let (socket, real) = (folder.join("data/backup.sock"), folder.join("data/asked.sock"));
    let ((come, comes), (leave, left)) = (mpsc::sync_channel(1), mpsc::sync_channel(1));
    fs::rename(&socket, &real).expect("it listens");
    let listener = UnixListener::bind(&socket).expect("a socket");
    std::thread::spawn(move || {
        while let Ok((mut client, _)) = listener.accept() {
            if come.send(()).is_err() || left.recv().is_err() {
                return;
            }
            let mut server = UnixStream::connect(&real).expect("it listens");
            let mut request = [0; 17];
            client.read_exact(&mut request).expect("it asks");
            server.write_all(&request).expect("it is asked");
            std::io::copy(&mut server, &mut client).expect("it answers");
        }
    });
    (comes, leave)
}

/// Who is erased in a store while it is copied does not come back with the copy; of later ones the command says what to do.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_erased_meanwhile_is_erased_in_the_copy() {
    for is_redis in [false, true] {
        let folder = tempfile::tempdir().expect("a folder");
        let from = Place::redb(folder.path(), "a");
        let to = if is_redis { Place::redis(folder.path()) } else { Place::redb(folder.path(), "b") };
        let (mut house, _) = filled(from.settings.clone()).await;
        let rich = house.told_much().await;
        let (comes, leave) = between(&folder.path().join("a"));
        let (source, target) = (from.url.clone(), to.url.clone());
        let copying = std::thread::spawn(move || rapport(&["copy", &source, &target], &[]));
        comes.recv().expect("it asks for all");
        leave.send(()).expect("it waits");
        tokio::task::block_in_place(|| comes.recv()).expect("it asks who was erased since");
        let erased: Vec<String> = house.ids[..4].iter().chain([&rich]).cloned().collect();
        for id in &erased {
            house.erase(id).await;
        }
        leave.send(()).expect("it waits");
        let copied = copying.join().expect("it ends");
        let said = text(&copied);
        assert!(copied.status.success() && said.contains("erased meanwhile: 5 customers, in TO too"), "{said}");
        let until = said.split_once("FROM is served: who is erased there after ").expect("as of when").1;
        assert_eq!(&until[19..20], ".", "to the millisecond, as logs: {said}");
        assert_eq!(&until[23..24], "Z", "{said}");
        house.end();

        // Nothing is left of them before anybody serves it.
        let checked = rapport(&["fsck"], &to.settings);
        assert!(checked.status.code() == Some(0), "{}", text(&checked));
        house = house.again_ended(to.settings.clone()).await;
        house.process.line_with("no copy of a destroyed key is left", std::time::Duration::from_mins(1));
        let mut customers = customer_service_client::CustomerServiceClient::new(house.process.channel.clone());
        let listed = customers.list_customers(ListCustomersRequest::default()).await.expect("listed").into_inner();
        assert_eq!(listed.customer_ids.len(), house.ids.len() - 4, "the erased are not listed");
        for (number, id) in house.ids.iter().enumerate() {
            let read = customers.get_customer(get(id)).await;
            if erased.contains(id) {
                assert_refused(&read.expect_err("she was erased"), Code::NotFound, "CUSTOMER_NOT_FOUND");
                assert_eq!(
                    house.brief(by_identity(loyalty(&card(number)))).await.state,
                    BriefingState::FirstVisit as i32
                );
            } else {
                read.expect("is there");
            }
        }
        house.end();
        let checked = rapport(&["fsck"], &to.settings);
        assert!(checked.status.success(), "{}", text(&checked));
    }
}

/// Keys that share a server with the data get one of their own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_are_moved_to_a_server_of_their_own() {
    let folder = tempfile::tempdir().expect("a folder");
    let (from, to) = (Place::redis(folder.path()), Redis::start(DURABLE));
    let (mut house, _) = filled(from.settings.clone()).await;
    house.stop();
    let (old, new) = (from.redis.as_ref().expect("a Redis").keys_url(), to.url());
    let copied = rapport(&["copy", "--keys-only", &old, &new], &[]);
    let said = text(&copied);
    assert!(copied.status.success() && said.contains("keys: entries ") && !said.contains("data:"), "{said}");
    let settings = vec![from.settings[0].clone(), format!("--keys={new}"), from.settings[2].clone()];
    let house = house.again_ended(settings).await;
    house.is_whole().await;
    for number in 0..GUESTS {
        assert_eq!(house.brief(by_identity(loyalty(&card(number)))).await.customer_id, house.ids[number]);
    }
}

/// Whoever still serves with the old keys would make customers whom the others cannot read.
///
/// Fault: A store that was moved.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_that_were_moved_are_not_served_where_they_were() {
    let folder = tempfile::tempdir().expect("a folder");
    let (from, to) = (Place::redis(folder.path()), Redis::start(DURABLE));
    let house = House::open(from.settings.clone()).await;
    let redis = from.redis.as_ref().expect("a Redis");
    noted(redis, redis.keys()).await;
    let (old, new) = (redis.keys_url(), to.url());
    let copied = rapport(&["copy", "--keys-only", &old, &new], &[]);
    let said = text(&copied);
    assert!(copied.status.success() && said.contains("nobody serves with the keys in FROM any more"), "{said}");
    // The command has waited for who serves.
    let refused = house.create(guest("beside")).await.expect_err("it would be lost to the others");
    assert_refused(&refused, Code::Unavailable, "STORE_UNFIT");
    house.is_unfit(MOVED).await;
    let beside_it = vec![from.settings[0].clone(), format!("--keys={new}"), from.settings[2].clone()];
    let mut house = house.again(beside_it).await;
    house.is_whole().await;
    let since = house.create(guest("since")).await.expect("it serves");
    house.stop();

    // Back again: then it is the new place that is not theirs any more.
    let adopted = rapport(&["store", "adopt", "--yes"], &from.settings);
    assert!(adopted.status.success() && text(&adopted).contains("epoch 2"), "{}", text(&adopted));
    let beside_it = house.settings.clone();
    house = house.again_ended(from.settings.clone()).await;
    house.is_whole().await;
    let mut customers = customer_service_client::CustomerServiceClient::new(house.process.channel.clone());
    let lost = customers.get_customer(get(&since)).await.expect_err("her key is in the new place alone");
    assert_refused(&lost, Code::DataLoss, "DATA_DAMAGED");
    let house = house.again(beside_it).await;
    house.is_unfit("the key store is an older copy of itself, of before `rapport store adopt`").await;
}

/// Fault: A store that was moved.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_was_moved_is_not_served_where_it_was() {
    let folder = tempfile::tempdir().expect("a folder");
    let places = [Place::redb(folder.path(), "a"), Place::redis(folder.path()), Place::redb(folder.path(), "b")];
    let mut house = House::open(places[0].settings.clone()).await;
    let served = moved(&places[0], &places[1]);
    let said = text(&served);
    assert!(served.status.code() == Some(1) && said.contains("is in use by another process"), "{said}");
    house.is_whole().await;
    house.stop();
    for (from, to) in places.iter().zip(&places[1..]) {
        if let Some(redis) = &from.redis {
            house = house.again_ended(from.settings.clone()).await;
            house.is_whole().await;
            noted(redis, redis.keys()).await;
        }
        let copied = moved(from, to);
        let said = text(&copied);
        assert!(copied.status.success() && said.contains("FROM is not served any more"), "{said}");
        if from.redis.is_none() {
            house = house.again_ended(from.settings.clone()).await;
        }
        house.is_unfit(MOVED).await;
        house.end();
        house = house.again_ended(to.settings.clone()).await;
        house.is_whole().await;
        house.stop();
    }
    // Back again, without what was written since.
    for from in &places[..2] {
        let adopted = rapport(&["store", "adopt", "--yes"], &from.settings);
        assert!(adopted.status.success() && text(&adopted).contains("epoch 2"), "{}", text(&adopted));
        house = house.again_ended(from.settings.clone()).await;
        house.is_whole().await;
        house.stop();
    }
}

/// A move that finds that somebody wrote meanwhile leaves the old place as it was.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_is_written_to_while_it_moves_is_served_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let (from, to) = (Place::redis(folder.path()), Place::redis(folder.path()));
    let house = House::open(from.settings.clone()).await;
    let (url, into) = (from.url.clone(), to.url.clone());
    let moving = tokio::task::spawn_blocking(move || rapport(&["copy", "--move", &url, &into], &[]));
    let mut number = 0;
    while !moving.is_finished() {
        // Refused once the marks say that it moves, until they do not any more.
        let _ = house.create(guest(&format!("meanwhile-{number}"))).await;
        number += 1;
    }
    let told = moving.await.expect("it ends");
    assert!(told.status.code() == Some(1) && text(&told).contains("changed meanwhile"), "{}", text(&told));
    house.is_whole().await;
    house.create(guest("afterwards")).await.expect("it serves on");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_copied_in_part_is_not_served() {
    let folder = tempfile::tempdir().expect("a folder");
    let (from, to) = (Place::redb(folder.path(), "a"), Place::redis(folder.path()));
    let (mut house, _) = filled(from.settings.clone()).await;
    house.stop();
    // The copy ends when the data are there, and no key is.
    let redis = to.redis.as_ref().expect("a Redis");
    redis.keys().tell("ACL SETUSER half on >secret ~nothing:* +@all");
    let keys = format!("redis://half:secret@127.0.0.1:{}/1", redis.keys().port());
    let failed = rapport(&["copy", &from.url, &format!("{},{keys}", redis.url())], &[]);
    assert!(failed.status.code() == Some(1) && text(&failed).contains("NOPERM"), "{}", text(&failed));
    assert_ne!(redis.tell("DBSIZE"), ":0\r\n");
    for command in [&["serve", "--listen=127.0.0.1:0"][..], &["fsck"]] {
        let refused = rapport(command, &to.settings);
        let said = text(&refused);
        assert!(!refused.status.success() && said.contains("a copy into this store has not ended"), "{said}");
    }
    let again = copy(&from, &to);
    assert!(!again.status.success() && text(&again).contains("FLUSHDB"), "{}", text(&again));
    for server in [redis, redis.keys()] {
        assert_eq!(server.tell("FLUSHALL"), "+OK\r\n");
    }
    let copied = copy(&from, &to);
    assert!(copied.status.success(), "{}", text(&copied));

    // Into files: what was begun has no name, and is begun anew.
    let files = Place::redb(folder.path(), "b");
    fs::create_dir_all(folder.path().join("b/data")).expect("made");
    let begun = folder.path().join("b/data/data.redb.copying");
    fs::write(&begun, "half a file").expect("written");
    // Who serves from there would begin a new store.
    let refused = rapport(&["serve", "--listen=127.0.0.1:0"], &files.settings);
    let said = text(&refused);
    assert!(!refused.status.success() && said.contains("a copy into this store has not ended"), "{said}");
    let copied = copy(&from, &files);
    assert!(copied.status.success() && !begun.exists(), "{}", text(&copied));
    let one = Redis::start(DURABLE);
    let in_one =
        Place { url: format!("{},redis://127.0.0.1:{}/1", one.url(), one.port()), settings: Vec::new(), redis: None };
    let refused = copy(&from, &in_one);
    assert!(!refused.status.success() && text(&refused).contains("one Redis server"), "{}", text(&refused));
}
