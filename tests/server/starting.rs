//! How the program starts: what it says when it cannot, and a demo that is loading.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    process::{Command, Stdio},
};

use rapport::{proto::*, store::LocalKeys};
use tonic::transport::Channel;
use tonic_health::pb::{HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient};

use super::{
    command_line::Shell,
    common::{
        hang,
        redis::{DURABLE, Server as Redis},
    },
    operation::{until, watch},
    process::Process,
    raw::EVENT_MAX,
    whole::{House, on_redb, on_redis, rapport, text},
};

/// Customers of the demo.
const GUESTS: usize = 15;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_demo_that_is_loading_stops_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    // It serves before it loads: the signal comes while it does.
    let mut process = Process::start_demo(folder.path());
    process.terminate();
    process.line_with("stopped", EVENT_MAX);
    assert!(process.ended().success());
    assert_eq!(fs::read_dir(folder.path()).expect("it is there").count(), 0, "its private folder is gone");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_demo_is_ready_when_its_guests_are_in() {
    let folder = tempfile::tempdir().expect("a folder");
    let process = Process::start_demo(folder.path());
    let mut health = watch(process.address, "").await;
    until(&mut health, ServingStatus::Serving).await;
    let mut customers = customer_service_client::CustomerServiceClient::new(process.channel.clone());
    let all = customers.list_customers(ListCustomersRequest::default()).await.expect("listed").into_inner();
    assert_eq!(all.customer_ids.len(), GUESTS);
}

/// As soon as it answers, a signal ends it in order: with its drain, and with what is noted last.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_has_just_begun_ends_in_order() {
    hang::watch();
    let folder = tempfile::tempdir().expect("a folder");
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    // It hands the signal on, and ends what a failed test leaves.
    let server = Command::new("timeout")
        .args(["60", env!("CARGO_BIN_EXE_rapport"), "serve", "--listen", &free.to_string()])
        .args(on_redb(folder.path()))
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let endpoint = Channel::from_shared(format!("http://{free}")).expect("an address");
    let channel = loop {
        match endpoint.connect().await {
            Ok(channel) => break channel,
            Err(_) => tokio::task::yield_now().await,
        }
    };
    HealthClient::new(channel).check(HealthCheckRequest::default()).await.expect("it answers");
    let asked = Command::new("kill").args(["-TERM", &server.id().to_string()]).status();
    assert!(asked.is_ok_and(|status| status.success()), "it runs");
    let ended = server.wait_with_output().expect("it ends");
    let log = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success() && log.contains("stopped"), "{log}");
}

/// A store that stays is served as any other: its log says what it says.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_demo_in_a_named_store_logs() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = [&["--demo".to_owned()], on_redb(folder.path()).as_slice()].concat();
    // It waits for the line that says where it serves.
    let process = Process::start(&settings).await;
    process.terminate();
    process.line_with("stopped", EVENT_MAX);
}

/// Releases before made the wrapping key in the folder of the keys. Where one is beside it too, nobody guesses which is the store's.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_wrapping_keys_none_is_guessed() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = on_redb(folder.path())[..2].to_vec();
    let mut house = House::open(settings.clone()).await;
    house.stop();
    let (file, before) = (folder.path().join("keys.wrapping.key"), folder.path().join("keys/wrapping.key"));
    fs::copy(&file, &before).expect("copied");
    house = house.again_ended(settings.clone()).await;
    let told = house.process.line_with("holds the same", EVENT_MAX);
    assert!(told.contains(&before.display().to_string()) && told.contains("remove that one"), "{told}");
    house.is_whole().await;
    house.stop();

    let other = tempfile::tempdir().expect("a folder");
    LocalKeys::from_file(&other.path().join("wrapping.key")).expect("a new key");
    fs::copy(other.path().join("wrapping.key"), &before).expect("copied");
    let refused = rapport(&["serve", "--listen", "127.0.0.1:0"], &settings);
    let said = text(&refused);
    assert_eq!(refused.status.code(), Some(1), "{said}");
    for told in [&file.display().to_string(), &before.display().to_string(), "--wrapping-key-file"] {
        assert!(said.contains(told), "{said}");
    }
    // The cure.
    let named =
        |path: &std::path::Path| [settings.as_slice(), &[format!("--wrapping-key-file={}", path.display())]].concat();
    let wrong = rapport(&["serve", "--listen", "127.0.0.1:0"], &named(&before));
    let told = format!("this one was read from {}", before.display());
    assert!(!wrong.status.success() && text(&wrong).contains(&told), "{}", text(&wrong));
    house.again_ended(named(&file)).await.is_whole().await;
}

/// A check at which nobody stands at a till waits for a server that is busy.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fsck_waits_for_a_redis_that_answers_late() {
    let (redis, folder) = (Redis::start(DURABLE), tempfile::tempdir().expect("a folder"));
    let mut house = House::open(on_redis(&redis, folder.path())).await;
    house.stop();
    for server in [&redis, redis.keys()] {
        assert_eq!(server.tell("CLIENT PAUSE 3000 ALL"), "+OK\r\n");
    }
    let checked = rapport(&["fsck"], &house.settings);
    assert!(checked.status.success(), "{}", text(&checked));
}

#[test]
fn a_key_file_that_is_no_key_is_named() {
    let shell = Shell::new();
    let path = shell.folder.path().join("wrapping.key");
    for content in ["", "not base64", "c2hvcnQ="] {
        fs::write(&path, content).expect("written");
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("set");
        let Err(fault) = LocalKeys::from_file(&path) else { panic!("{content:?} is no key") };
        let text = fault.to_string();
        assert!(text.contains(&path.display().to_string()), "{text}");
        assert!(
            text.contains("bring back the key that sealed this store") && text.contains("new store only"),
            "{text}"
        );
    }
}

/// A file that is something else, and one that ends too early.
#[test]
fn a_store_that_is_damaged_asks_for_a_backup() {
    let shell = Shell::new();
    let path = shell.folder.path().join("data/data.redb");
    fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    let stats = || shell.on_store(&["stats"]);
    fs::write(&path, b"garbage").expect("written");
    let other = stats();
    fs::remove_file(&path).expect("removed");
    let made = rapport::store::redb::RedbStore::open(&path, rapport::store::redb::Cache::default());
    drop(made.expect("a store"));
    let whole = fs::read(&path).expect("read");
    fs::write(&path, &whole[..whole.len() / 2]).expect("written");
    let half = stats();
    for ran in [other, half] {
        assert_ne!(ran.code, Some(0), "{}", ran.err);
        for told in ["data.redb is damaged, or not a store of Rapport", "restore a backup"] {
            assert!(ran.err.contains(told), "{}", ran.err);
        }
        assert_eq!(ran.err.trim_end().lines().count(), 1, "{}", ran.err);
    }
}

/// Fault: A wrong or missing wrapping key.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrapping_key_that_is_wrong_or_missing_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut house = House::open(on_redb(folder.path())).await;
    house.stop();
    let file = folder.path().join("wrapping.key");
    let right = fs::read(&file).expect("the key");
    let serve = |settings: &[String]| rapport(&["serve", "--listen", "127.0.0.1:0"], settings);
    // Of another store, as it makes one at its first start.
    let other = tempfile::tempdir().expect("a folder");
    let mut another = House::open(on_redb(other.path())).await;
    another.stop();
    fs::copy(other.path().join("wrapping.key"), &file).expect("copied");
    let said = serve(&house.settings);
    assert_eq!(said.status.code(), Some(1), "{}", text(&said));
    assert!(text(&said).contains("the wrapping key does not open the keys of this store"), "{}", text(&said));
    fs::remove_file(&file).expect("removed");
    let said = serve(&house.settings);
    assert!(!said.status.success() && !file.exists(), "no new one is made: {}", text(&said));
    fs::write(&file, right).expect("put back");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("its owner's");
    let settings = house.settings.clone();
    house.again_ended(settings).await.is_whole().await;
}
