//! While something is broken every call would write the same line: the log has one a second, with how many were left out.

use std::path::Path;

use futures_util::future::join_all;
use rapport::{
    domain::{CustomerId, TenantId},
    proto::*,
    store::{
        LocalKeys,
        keystore::{KeyName, KeyStore},
        redb::RedbKeys,
        redis::{Options, RedisKeys},
    },
};
use tonic::{Code, transport::Channel};
use tonic_health::pb::health_check_response::ServingStatus;

use super::{
    common::redis::{DURABLE, Server as Redis},
    operation::{number_of, until, watch},
    process::{Process, in_folder},
    raw::EVENT_MAX,
    world::*,
};

/// Calls that are under way together.
const AT_ONCE: usize = 8;
/// Room for a store's file and some customers, in blocks of `ulimit -f`, 512 bytes each.
const FILE_BLOCKS: u32 = 8_192;

/// The line of refused calls; others only quote the error.
const FULL: &str = "the store is full store.cause";

type Customers = customer_service_client::CustomerServiceClient<Channel>;

/// Makes the same call until its line was written twice; those between the two must have been counted.
async fn two_lines(process: &Process, words: &str, call: impl AsyncFn(Customers)) -> Vec<String> {
    let customers = Customers::new(process.channel.clone());
    let (mut calls, mut lines) = (0, Vec::new());
    while lines.len() < 2 {
        join_all((0..AT_ONCE).map(|_| call(customers.clone()))).await;
        calls += AT_ONCE;
        lines.extend(process.lines().into_iter().filter(|line| line.contains(words)));
    }
    let suppressed = number_of(&lines[1], "suppressed");
    assert!(0 < suppressed && suppressed <= calls - 2, "those between the two lines: {suppressed} of {calls}");
    lines
}

fn settings(folder: &tempfile::TempDir, redis: Option<&Redis>) -> Vec<String> {
    let mut settings = match redis {
        None => in_folder(folder),
        Some(redis) => {
            vec![format!("--store={}", redis.url()), format!("--keys={}", redis.keys_url())]
        }
    };
    let key = folder.path().join("wrapping.key");
    LocalKeys::from_file(&key).expect("made");
    settings.push(format!("--wrapping-key-file={}", key.display()));
    settings
}

async fn keys(folder: &Path, redis: Option<&Redis>) -> Box<dyn KeyStore> {
    match redis {
        None => {
            std::fs::create_dir_all(folder.join("keys")).expect("made");
            Box::new(RedbKeys::open(&folder.join("keys/keys.redb")).expect("opens"))
        }
        Some(redis) => Box::new(RedisKeys::connect(&redis.keys_url(), Options::default()).await.expect("connects")),
    }
}

async fn create(mut customers: Customers) {
    let create = CreateCustomerRequest { customer: Some(named("Ana")), request_id: String::new() };
    let status = customers.create_customer(create).await.expect_err("no room");
    assert_refused(&status, Code::ResourceExhausted, "STORE_FULL");
}

/// The data keys of two customers do not unwrap.
async fn damage_is_named(redis: Option<Redis>) {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = settings(&folder, redis.as_ref());
    let ids = ["1", "2"].map(|digit| digit.repeat(26));
    // Both stores are there before anything is wrong with one of them.
    let mut first = Process::start(&settings).await;
    first.line_with("ready", EVENT_MAX);
    first.terminate();
    first.ended();
    let keys = keys(folder.path(), redis.as_ref()).await;
    for id in &ids {
        let customer = CustomerId::parse("id", id).expect("an id");
        let name = KeyName::Customer(TenantId::parse("", "default").expect("a name"), customer);
        keys.put_new(&name, b"not wrapped".as_slice().into()).await.expect("works");
    }
    drop(keys);
    let process = Process::start(&settings).await;
    let damaged = async |mut customers: Customers, id: &str| {
        let status = customers.get_customer(get(id)).await.expect_err("it is damaged");
        assert_refused(&status, Code::DataLoss, "DATA_DAMAGED");
    };
    let lines =
        two_lines(&process, "stored data is damaged", async |customers| damaged(customers, &ids[0]).await).await;
    assert_eq!(number_of(&lines[0], "suppressed"), 0, "the first is told at once");
    for line in &lines {
        assert!(line.contains(&format!("customer {} of tenant default", ids[0])), "{line}");
    }
    // Another customer is named at once, whatever was said of the first a moment ago.
    damaged(Customers::new(process.channel.clone()), &ids[1]).await;
    process.line_with(&ids[1], EVENT_MAX);
}

mod redb {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_damaged_customer_is_named() {
        damage_is_named(None).await;
    }

    /// The file may not grow; the answer of the system is that of a full disk.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_full_disk_is_logged_once_a_second_with_a_count() {
        let folder = tempfile::tempdir().expect("a folder");
        let process = Process::start_with_file_blocks(FILE_BLOCKS, &settings(&folder, None));
        let mut customers = Customers::new(process.channel.clone());
        let create_one = || CreateCustomerRequest { customer: Some(named("Ana")), request_id: String::new() };
        // Together: each waits for the disk otherwise.
        let fit =
            async || join_all((0..AT_ONCE).map(|_| create_any(customers.clone()))).await.iter().all(Result::is_ok);
        while fit().await {}
        let mut health = watch(process.address, "").await;
        // Opened again after a write that failed, the file may have room for a few more.
        let fill = async {
            loop {
                drop(customers.create_customer(create_one()).await);
            }
        };
        tokio::select! {
            () = until(&mut health, ServingStatus::NotServing) => {}
            () = fill => {}
        }
        // What was told of those does not count.
        drop(process.lines());
        let failed = "writing to the store's file failed";
        let lines = two_lines(&process, FULL, async |customers| drop(create_any(customers).await)).await;
        assert!(lines.len() == 2, "{lines:#?}");
        let lines = two_lines(&process, failed, async |customers| drop(create_any(customers).await)).await;
        assert!(lines.len() == 2, "{lines:#?}");
    }

    async fn create_any(mut customers: Customers) -> Result<(), tonic::Status> {
        let create = CreateCustomerRequest { customer: Some(named("Ana")), request_id: String::new() };
        customers.create_customer(create).await.map(drop)
    }
}

mod redis {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_damaged_customer_is_named() {
        damage_is_named(Some(Redis::start(DURABLE))).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_full_memory_is_logged_once_a_second_with_a_count() {
        let redis = Redis::start(DURABLE);
        let folder = tempfile::tempdir().expect("a folder");
        let process = Process::start(&settings(&folder, Some(&redis))).await;
        let first = CreateCustomerRequest { customer: Some(named("Ana")), request_id: String::new() };
        Customers::new(process.channel.clone()).create_customer(first).await.expect("there is room");
        redis.tell("CONFIG SET maxmemory 1");
        let lines = two_lines(&process, FULL, create).await;
        assert_eq!(number_of(&lines[0], "suppressed"), 0, "the first is told at once");
    }
}
