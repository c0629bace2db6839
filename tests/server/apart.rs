//! Data and keys lie apart: not in one Redis server, and the wrapping key not with the keys.

use std::fs;

use super::{
    common::redis::{DURABLE, Server as Redis},
    operation::{until, watch},
    process::{Process, in_folder},
    raw::EVENT_MAX,
    upgrades::unpack,
    whole::{House, on_redb, rapport, text},
    world::*,
};
use tonic_health::pb::health_check_response::ServingStatus;

fn in_one(redis: &Redis, login: &str, folder: &std::path::Path) -> Vec<String> {
    let at = |database: u8| format!("redis://{login}127.0.0.1:{}/{database}", redis.port());
    vec![
        format!("--store={}", at(0)),
        format!("--keys={}", at(1)),
        format!("--wrapping-key-file={}", folder.join("wrapping.key").display()),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn new_stores_are_not_begun_in_one_redis_server() {
    let (redis, folder) = (Redis::start(DURABLE), tempfile::tempdir().expect("a folder"));
    let refused = rapport(&["serve", "--listen=127.0.0.1:0"], &in_one(&redis, "", folder.path()));
    let said = text(&refused);
    assert_eq!(refused.status.code(), Some(1), "{said}");
    assert!(said.contains("lie in one Redis server") && said.contains("--keys redis://HOST:PORT/DB"), "{said}");
    assert_eq!(redis.tell("DBSIZE"), ":0\r\n", "nothing was begun");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_does_not_tell_what_it_is_is_told_of() {
    let (redis, folder) = (Redis::start(DURABLE), tempfile::tempdir().expect("a folder"));
    redis.tell("ACL SETUSER silent on >secret ~* +@all -info");
    let house = House::open(in_one(&redis, "silent:secret@", folder.path())).await;
    let told = house.process.line_with("it cannot be told whether data and keys lie in one Redis server", EVENT_MAX);
    assert!(told.contains("WARN") && told.contains("NOPERM") && !told.contains("secret"), "{told}");
}

/// As a release before left it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stores_that_are_in_one_redis_server_are_served_and_told_of() {
    let folder = tempfile::tempdir().expect("a folder");
    let redis = unpack(Backend::Redis, folder.path()).expect("a Redis");
    let mut settings = in_one(&redis, "", folder.path());
    settings[2] = format!("--wrapping-key-file={}", folder.path().join("keys/wrapping.key").display());
    settings.push("--allow-volatile-redis=true".to_owned());
    let process = Process::start(&settings).await;
    until(&mut watch(process.address, "").await, ServingStatus::Serving).await;
    let lines = process.lines_with(&["no copy of a destroyed key is left"], EVENT_MAX);
    let told: Vec<_> = lines.iter().filter(|line| line.contains("lie in one Redis server")).collect();
    assert!(told.len() == 1 && told[0].contains("rapport copy --keys-only"), "{lines:#?}");
    let stats = rapport(&["stats"], &settings);
    assert!(text(&stats).contains("lie in one Redis server"), "{}", text(&stats));
}

/// The file that is made lies beside the folder of keys; one that a release before made in it is read.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_wrapping_key_lies_beside_the_keys() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = in_folder(&folder);
    let (beside, before) = (folder.path().join("keys.wrapping.key"), folder.path().join("keys/wrapping.key"));
    let mut house = House::open(settings.clone()).await;
    assert!(beside.exists() && !before.exists());
    assert!(!house.process.lines().iter().any(|line| line.contains("the wrapping key is read from")));
    house.process.terminate();
    house.process.ended();
    fs::rename(&beside, &before).expect("as a release before had it");
    let house = house.again_ended(settings.clone()).await;
    let told = house.process.line_with("the wrapping key is read from", EVENT_MAX);
    let places = [&before, &beside].map(|place| place.display().to_string());
    assert!(told.contains("WARN") && places.iter().all(|place| told.contains(place)), "{told}");
    house.is_whole().await;
    assert!(!beside.exists());

    fs::rename(&before, &beside).expect("as it says");
    let house = house.again(settings).await;
    house.is_whole().await;
    assert!(!house.process.lines().iter().any(|line| line.contains("the wrapping key is read from")));

    // One that is lost is not replaced, wherever it was.
    let other = tempfile::tempdir().expect("a folder");
    let mut house = House::open(on_redb(other.path())[..2].to_vec()).await;
    house.process.terminate();
    house.process.ended();
    fs::remove_file(other.path().join("keys.wrapping.key")).expect("it is there");
    let refused = rapport(&["fsck"], &house.settings);
    assert!(text(&refused).contains("keys.wrapping.key is missing"), "{}", text(&refused));
}
