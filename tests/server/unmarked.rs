//! Stores that the last release wrote, and that do not belong together: nobody is denied, no new index key is made, and `rapport upgrade`
//! does not bless them.

use std::{fs, path::Path};

use rapport::{
    domain::TenantId,
    proto::{briefing_service_client::BriefingServiceClient, customer_service_client::CustomerServiceClient, *},
    store::{
        Effect, Store as _, StoreExt as _,
        keys::{self, Kind},
        keystore::{KeyEntry, KeyName, KeyStore as _},
        redb::{Cache, RedbKeys, RedbStore},
    },
};
use tonic::Code;
use tonic_health::pb::health_check_response::ServingStatus;

use super::{
    common::redis::Server as Redis,
    operation::{until, watch},
    process::Process,
    raised::settings,
    raw::EVENT_MAX,
    upgrades::unpack,
    whole::{rapport, text, with_setting},
    world::*,
};

const FULL: &str = "keys/keys.redb";
const AWAY: &str = "keys/away.redb";

fn index_key() -> KeyName {
    KeyName::Index(TenantId::parse("", "default").expect("a name"), 1)
}

/// Takes the key store away, or brings it back.
fn swap(folder: &Path, redis: Option<&Redis>) {
    match redis {
        Some(redis) => assert_eq!(redis.keys().tell("SWAPDB 1 9"), "+OK\r\n"),
        None if folder.join(FULL).exists() && !folder.join(AWAY).exists() => {
            fs::rename(folder.join(FULL), folder.join(AWAY)).expect("renamed");
        }
        None => fs::rename(folder.join(AWAY), folder.join(FULL)).expect("renamed"),
    }
}

async fn customers_of(process: &Process) -> Vec<String> {
    let mut customers = CustomerServiceClient::new(process.channel.clone());
    let all = customers.list_customers(ListCustomersRequest::default()).await.expect("listed").into_inner();
    all.customer_ids
}

async fn customers_without_keys_are_not_served(backend: Backend) {
    let folder = tempfile::tempdir().expect("a folder");
    let redis = unpack(backend, folder.path());
    let all = settings(folder.path(), redis.as_ref());
    let mut process = Process::start(&all).await;
    let ids = customers_of(&process).await;
    process.terminate();
    process.ended();

    swap(folder.path(), redis.as_ref());
    let mut process = Process::start(&all).await;
    let line = process.line_with("not ready", EVENT_MAX);
    assert!(line.contains("no index key") && line.contains("rapport store adopt"), "{line}");
    let mut health = watch(process.address, "").await;
    until(&mut health, ServingStatus::NotServing).await;
    let mut briefings = BriefingServiceClient::new(process.channel.clone());
    for subject in [by_id(&ids[0]), by_identity(loyalty("GC-1001"))] {
        let answer = briefings.get_briefing(briefing(subject)).await.expect("a briefing").into_inner();
        assert_eq!(answer.briefing.expect("is there").state, BriefingState::Unreadable as i32);
    }
    let mut customers = CustomerServiceClient::new(process.channel.clone());
    let request = CreateCustomerRequest { customer: Some(named("Ana")), request_id: String::new() };
    let status = customers.create_customer(request).await.expect_err("nothing is written");
    assert_refused(&status, Code::Unavailable, "STORE_UNFIT");
    process.terminate();
    process.ended();
    let upgraded = rapport(&["upgrade"], &all);
    assert_eq!(upgraded.status.code(), Some(1), "{}", text(&upgraded));
    assert!(text(&upgraded).contains("no index key"), "{}", text(&upgraded));
    let checked = rapport(&["fsck"], &all);
    assert_eq!(checked.status.code(), Some(2), "{}", text(&checked));
    for id in &ids {
        assert!(text(&checked).contains(&format!("KEY_MISSING customers/{id}")), "{}", text(&checked));
    }
    // Nothing was made in it: the right one comes back.
    if redis.is_none() {
        let keys = RedbKeys::open(&folder.path().join(FULL)).expect("opens");
        assert_eq!(keys.get(&index_key()).await.expect("works"), None);
        drop(keys);
        fs::remove_file(folder.path().join(FULL)).expect("removed");
    }
    swap(folder.path(), redis.as_ref());
    let upgraded = rapport(&["upgrade"], &all);
    assert!(upgraded.status.success(), "{}", text(&upgraded));
    let checked = rapport(&["fsck"], &all);
    assert!(checked.status.success() && !text(&checked).contains("KEY_UNCOMMITTED"), "{}", text(&checked));
    lost_after_upgrade(&folder, redis.as_ref(), &all, &ids[0]).await;
}

/// Whoever was there before the store was raised is lost too, and not nobody.
async fn lost_after_upgrade(folder: &tempfile::TempDir, redis: Option<&Redis>, all: &[String], id: &str) {
    let customer = rapport::domain::CustomerId::parse("id", id).expect("an id");
    let tenant = TenantId::parse("", "default").expect("a name");
    let name = keys::record(&rapport::store::CustomerKey { tenant, customer });
    match redis {
        Some(redis) => assert_eq!(redis.tell(&format!("DEL {name}")), ":1\r\n"),
        None => {
            let store = RedbStore::open(&folder.path().join("data/data.redb"), Cache::default()).expect("opens");
            store.change(name, Box::new(|_| Ok(Effect::Remove))).await.expect("removed");
        }
    }
    let process = Process::start(all).await;
    let mut health = watch(process.address, "").await;
    until(&mut health, ServingStatus::Serving).await;
    let mut customers = CustomerServiceClient::new(process.channel.clone());
    let status = customers.get_customer(get(id)).await.expect_err("is lost");
    assert_refused(&status, Code::DataLoss, "DATA_DAMAGED");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn customers_without_keys_are_not_served_from_redb() {
    customers_without_keys_are_not_served(Backend::Redb).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn customers_without_keys_are_not_served_from_redis() {
    customers_without_keys_are_not_served(Backend::Redis).await;
}

/// Keys of others, with an index key of the same tenant; and keys beside data that was emptied.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stores_that_have_nothing_of_each_other_are_not_raised() {
    let folder = tempfile::tempdir().expect("a folder");
    unpack(Backend::Redb, folder.path());
    let all = settings(folder.path(), None);
    let refused = |all: &[String], why: &str| {
        let upgraded = rapport(&["upgrade"], all);
        assert_eq!(upgraded.status.code(), Some(1), "{}", text(&upgraded));
        assert!(text(&upgraded).contains(why) && text(&upgraded).contains("restore a backup"), "{}", text(&upgraded));
    };
    let emptied = with_setting(&all, "--store", &format!("redb:{}", folder.path().join("emptied").display()));
    fs::create_dir(folder.path().join("emptied")).expect("made");
    let store = RedbStore::open(&folder.path().join("emptied/data.redb"), Cache::default()).expect("opens");
    store.set_write_format(1).await.expect("works");
    drop(store);
    refused(&emptied, "the data store has no customer");

    let keys = RedbKeys::open(&folder.path().join(FULL)).expect("opens");
    let Some(KeyEntry::Wrapped(wrapped)) = keys.get(&index_key()).await.expect("works") else { panic!("an index key") };
    drop(keys);
    fs::create_dir(folder.path().join("foreign")).expect("made");
    let keys = RedbKeys::open(&folder.path().join("foreign/keys.redb")).expect("opens");
    keys.put_new(&index_key(), wrapped).await.expect("works");
    drop(keys);
    let foreign = with_setting(&all, "--keys", &format!("file:{}", folder.path().join("foreign").display()));
    refused(&foreign, "the key of no customer");

    let store = RedbStore::open(&folder.path().join("data/data.redb"), Cache::default()).expect("opens");
    assert_eq!(store.write_format().await.expect("works"), Some(1), "nothing was raised");
    assert_eq!(store.values(&[keys::mark(0)]).await.expect("works"), [None], "nor marked");
    assert!(!store.names(Kind::Record, None, 1).await.expect("works").names.is_empty());
}
