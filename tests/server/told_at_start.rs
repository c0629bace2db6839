//! What a start tells of older copies, by the note of what was seen: what a failover may lose is served and told, anything else is not served, and
//! what was not lost is not told.

use std::{fs, os::unix::fs::symlink, path::Path, process::Command};

use rapport::proto::{briefing_service_client::BriefingServiceClient, *};
use tonic::Code;
use tonic_health::pb::health_check_response::ServingStatus;

use super::{
    backups::{BackedUp, shown, succeeds},
    common::redis::{DURABLE, Server as Redis},
    older::{SNAPSHOTS, on_two},
    operation::{until, watch},
    process::Process,
    raw::EVENT_MAX,
    whole::{House, guest, on_redb, on_redis, rapport, text, with_setting},
    world::*,
};

const LOST: &str = "the newest writes are lost";
const BOTH_OLDER: &str = "data and keys are older copies of themselves";
const KEYS_OLDER: &str = "the key store is an older copy of itself";
const FILES: [&str; 2] = ["data/data.redb", "keys/keys.redb"];
/// Pages of a redb file.
const PAGE: usize = 4096;

fn saves(servers: &[&Redis]) {
    for server in servers {
        assert_eq!(server.tell("SAVE"), "+OK\r\n");
    }
}

async fn is(process: &Process, service: &str, status: ServingStatus) {
    until(&mut watch(process.address, service).await, status).await;
}

fn ends(process: &mut Process) {
    process.terminate();
    process.ended();
}

fn tells_nothing(process: &Process) {
    let told: Vec<String> = process.lines().into_iter().filter(|line| line.contains(LOST)).collect();
    assert!(told.is_empty(), "{told:?}");
}

/// Two replicas, each with a note of its own: the loss is counted once.
///
/// Fault: Failover to a replica that was behind.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_that_went_back_by_a_moment_are_served_and_told_at_the_start() {
    let (mut redis, folder) = (Redis::start(SNAPSHOTS), tempfile::tempdir().expect("a folder"));
    let settings = on_redis(&redis, folder.path());
    let others = with_setting(&settings, "--seen-file", shown(&folder.path().join("other.seen")));
    let mut house = House::open(settings.clone()).await;
    let token = house.change(0).await;
    house.end();
    saves(&[&redis, redis.keys()]);
    house = house.again_ended(settings.clone()).await;
    let mut other = Process::start(&others).await;
    is(&other, "", ServingStatus::Serving).await;
    house.create(guest("since")).await.expect("is created");
    house.end();
    ends(&mut other);

    redis.restart();
    house = house.again_ended(settings.clone()).await;
    let line = house.process.line_with(LOST, EVENT_MAX);
    assert!(line.contains("WARN") && line.contains(BOTH_OLDER) && line.contains("epoch=2"), "{line}");
    assert!(line.contains(" changes since 20") && line.contains("repeat the erasures since 20"), "{line}");
    is(&house.process, "no-loss", ServingStatus::NotServing).await;
    house.is_whole().await;
    assert_eq!(house.by_card("since").await, BriefingState::FirstVisit as i32, "lost");
    let status = house.as_of(token).await.expect_err("of before");
    assert_refused(&status, Code::InvalidArgument, "FIELD_INVALID");
    house.end();

    for settings in [&others, &settings] {
        let mut process = Process::start(settings).await;
        is(&process, "", ServingStatus::Serving).await;
        is(&process, "no-loss", ServingStatus::NotServing).await;
        ends(&mut process);
        tells_nothing(&process);
        let stats = succeeds(rapport(&["stats"], settings));
        assert!(stats.contains("epoch          2\n") && stats.contains("lost writes    "), "{stats}");
        assert!(stats.contains("(losses so far: 1)"), "{stats}");
    }
}

/// Fault: Failover to a replica that was behind.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_that_went_back_alone_are_told_at_the_start() {
    for (window, is_long) in [("5", false), ("0", false), ("5", true)] {
        let (data, mut keys) = (Redis::start(DURABLE), Redis::start(SNAPSHOTS));
        let folder = tempfile::tempdir().expect("a folder");
        let settings = with_setting(&on_two(&data, &keys, folder.path()), "--loss-window-seconds", window);
        let mut house = House::open(settings.clone()).await;
        house.end();
        saves(&[&keys]);
        house = house.again_ended(settings.clone()).await;
        house.is_whole().await;
        house.create(guest("since")).await.expect("is created");
        if is_long {
            house.at_work().await;
        }
        house.end();

        keys.restart();
        house = house.again_ended(settings.clone()).await;
        if window == "0" || is_long {
            house.is_unfit(KEYS_OLDER).await;
            continue;
        }
        let line = house.process.line_with(LOST, EVENT_MAX);
        assert!(line.contains(KEYS_OLDER) && line.contains("epoch=2"), "{line}");
        is(&house.process, "no-loss", ServingStatus::NotServing).await;
        house.is_whole().await;
        let mut briefings = BriefingServiceClient::new(house.process.channel.clone());
        let status =
            briefings.get_briefing(briefing(by_identity(loyalty("since")))).await.expect_err("her key is gone");
        assert_eq!(status.code(), Code::DataLoss, "{status:?}");
        house.end();
        house = house.again_ended(settings.clone()).await;
        house.is_whole().await;
        house.end();
        tells_nothing(&house.process);
        let stats = succeeds(rapport(&["stats"], &settings));
        assert!(stats.contains("epoch          2\n") && stats.contains("(losses so far: 1)"), "{stats}");
    }
}

fn copies(from: &Path, to: &Path) {
    for file in FILES {
        fs::create_dir_all(to.join(file).parent().expect("a folder")).expect("made");
        fs::copy(from.join(file), to.join(file)).expect("is copied");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_of_keys_that_went_back_alone_is_told_at_the_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let (settings, older) = (on_redb(folder.path()), folder.path().join("older"));
    let mut house = House::open(settings.clone()).await;
    house.end();
    copies(folder.path(), &older);
    house = house.again_ended(settings.clone()).await;
    house.is_whole().await;
    house.create(guest("since")).await.expect("is created");
    house.end();
    fs::copy(older.join(FILES[1]), folder.path().join(FILES[1])).expect("is put back");
    house.again_ended(settings).await.is_unfit(KEYS_OLDER).await;
}

/// The keys of the copy lack what a crash kept from being noted: they are as old as the data beside them, which lack nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn copies_of_both_after_a_crash_are_the_newest() {
    let folder = tempfile::tempdir().expect("a folder");
    let (stores, copy) = (folder.path().join("stores"), folder.path().join("copy"));
    fs::create_dir(&stores).expect("made");
    let settings = on_redb(&stores);
    let mut house = House::open(settings.clone()).await;
    house.end();
    house = house.again_ended(settings.clone()).await;
    house.is_whole().await;
    house.create(guest("since")).await.expect("is created");
    house.process.kill();
    copies(&stores, &copy);
    for _ in 0..2 {
        house = house.again_ended(settings.clone()).await;
        house.is_whole().await;
        house.end();
    }
    for _ in 0..2 {
        copies(&copy, &stores);
        house = house.again_ended(settings.clone()).await;
        house.is_whole().await;
        assert_eq!(house.by_card("since").await, BriefingState::Known as i32);
        house.end();
    }
    house = house.again_ended(settings.clone()).await;
    house.change(1).await;
    house.end();
    copies(&copy, &stores);
    house.again_ended(settings).await.is_unfit(BOTH_OLDER).await;
}

/// Whatever lies where the note is to be: it keeps no server from serving, and a note takes its place.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_note_is_told_and_written_anew() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = on_redb(folder.path());
    let mut house = House::open(settings.clone()).await;
    house.end();
    let note = folder.path().join("keys.seen");
    let lies = |target: &str| symlink(target, &note).expect("is linked");
    let odd: [(&str, &dyn Fn()); 4] = [
        ("no plain file", &|| lies("/dev/zero")),
        ("no plain file", &|| lies("/dev/full")),
        ("no plain file", &|| assert!(Command::new("mkfifo").arg(&note).status().expect("runs").success())),
        ("more than 65536 bytes", &|| fs::write(&note, vec![b' '; 3_000_000]).expect("is written")),
    ];
    for (cause, make) in odd {
        fs::remove_file(&note).expect("it is there");
        make();
        house = house.again_ended(settings.clone()).await;
        let line = house.process.line_with("does not read", EVENT_MAX);
        assert!(line.contains("WARN") && line.contains(cause) && line.contains("keys.seen"), "{line}");
        house.is_whole().await;
        house.end();
        let there = fs::symlink_metadata(&note).expect("is there");
        assert!(there.is_file() && there.len() < 10_000, "{there:?}");
    }
}

/// Whoever names a file of the store does not lose it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_is_no_note_stays_as_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = on_redb(folder.path());
    let mut house = House::open(settings.clone()).await;
    house.end();
    let data = folder.path().join(FILES[0]);
    house = house.again_ended(with_setting(&settings, "--seen-file", &data.display().to_string())).await;
    house.process.line_with("something else lies there", EVENT_MAX);
    house.is_whole().await;
    house.end();
    house.again_ended(settings).await.is_whole().await;
}

/// The keys stay as they are, and what the note says of them is true.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn data_that_are_restored_alone_leave_the_note() {
    let folder = tempfile::tempdir().expect("a folder");
    let BackedUp { settings, mut house, place, .. } = BackedUp::new(folder.path()).await;
    let (note, older) = (folder.path().join("keys.seen"), folder.path().join("older"));
    let restore = |with: &[&str]| {
        fs::remove_file(folder.path().join(FILES[0])).expect("lost");
        succeeds(rapport(&[&["backup", "restore", shown(&place)], with].concat(), &settings))
    };
    copies(folder.path(), &older);
    house = house.again_ended(settings.clone()).await;
    house.is_whole().await;
    house.create(guest("since")).await.expect("is created");
    house.end();
    let said = restore(&[]);
    assert!(said.contains("where nothing is, there is nothing to adopt"), "{said}");
    assert!(note.exists());
    // These keys know nothing of her either.
    fs::copy(older.join(FILES[1]), folder.path().join(FILES[1])).expect("is copied");
    house = house.again_ended(settings.clone()).await;
    house.is_unfit(BOTH_OLDER).await;
    house.end();
    succeeds(rapport(&["store", "adopt", "--yes"], &settings));
    house = house.again_ended(settings.clone()).await;
    house.is_whole().await;
    house.end();

    fs::remove_file(folder.path().join(FILES[1])).expect("lost");
    restore(&["--keys-from", shown(&place.join("keys"))]);
    assert!(!note.exists());
    house.again_ended(settings.clone()).await.is_whole().await;
}

/// Half of the file is of another moment, as of a copy that was cut off.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_torn_file_is_told_in_an_operators_words() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = on_redb(folder.path());
    let mut house = House::open(settings.clone()).await;
    house.end();
    let file = folder.path().join(FILES[0]);
    let older = fs::read(&file).expect("is read");
    house = house.again_ended(settings.clone()).await;
    for number in 0..100 {
        house.change(number).await;
    }
    house.end();
    let newest = fs::read(&file).expect("is read");
    let mut told = 0;
    for part in 1..16 {
        let mut torn = newest.clone();
        let end = (older.len() / 16 * part) / PAGE * PAGE;
        let begin = if part % 2 == 0 { 0 } else { PAGE };
        if begin < end {
            torn[begin..end].copy_from_slice(&older[begin..end]);
        }
        fs::write(&file, torn).expect("is written");
        let said = text(&rapport(&["stats"], &settings));
        assert!(!said.contains("/registry/") && !said.contains("unreachable code"), "{part}: {said}");
        told += usize::from(said.contains("data.redb is damaged") && said.contains("restore a backup"));
    }
    assert!(told > 0, "a torn file is told");
}
