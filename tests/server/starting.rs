//! How the program starts: what it says when it cannot, and a demo that is loading.

use std::{fs, os::unix::fs::PermissionsExt as _};

use rapport::{proto::*, store::LocalKeys};
use tonic_health::pb::health_check_response::ServingStatus;

use super::{
    command_line::Shell,
    operation::{until, watch},
    process::Process,
    raw::EVENT_MAX,
    whole::{House, on_redb, rapport, text},
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
