//! A Redis that refuses us: callers hear that no retry helps, health says so, the log says what to do, once; and once it
//! is set right the same process serves.

use rapport::{
    app::Server,
    config::{Config, Source},
    proto::*,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tonic::{Code, Status};
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_types::StatusExt as _;

use super::{
    common::redis::{DURABLE, Server as Redis, VOLATILE},
    operation::{until, watch},
    process::Process,
    raw::EVENT_MAX,
    whole::{rapport, text},
    world::*,
};

const CALLS: usize = 20;

/// A server on these stores, with its wrapping key in a folder.
fn settings(folder: &tempfile::TempDir, store: &str, keys: &str) -> [String; 3] {
    let key = folder.path().join("wrapping.key");
    [format!("--store={store}"), format!("--keys={keys}"), format!("--wrapping-key-file={}", key.display())]
}

fn is_the_operators(status: &Status) {
    assert_refused(status, Code::Unavailable, "STORE_MISCONFIGURED");
    assert!(status.get_details_retry_info().is_none(), "no retry helps");
    assert!(status.message().contains("tell its operator"), "{}", status.message());
    assert!(!status.message().contains("NOPERM") && !status.message().contains("WRONGPASS"), "{}", status.message());
}

/// Fault: Wrong password, missing permission.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_missing_permission_is_logged_once_and_granting_it_is_enough() {
    let redis = Redis::start(DURABLE);
    let both = |command: &str| {
        for server in [&redis, redis.keys()] {
            server.tell(command);
        }
    };
    both("ACL SETUSER rapport on >secret ~* +@all -@write");
    let folder = tempfile::tempdir().expect("a folder");
    let settings = settings(
        &folder,
        &format!("redis://rapport:secret@127.0.0.1:{}/0", redis.port()),
        &format!("redis://rapport:secret@127.0.0.1:{}/1", redis.keys().port()),
    );
    let process = Process::start(&settings).await;
    let mut customers = customer_service_client::CustomerServiceClient::new(process.channel.clone());
    let create = || CreateCustomerRequest { customer: Some(named("Ana")), request_id: String::new() };
    for _ in 0..CALLS {
        is_the_operators(&customers.create_customer(create()).await.expect_err("nothing can be written"));
    }
    let mut health = watch(process.address, "").await;
    until(&mut health, ServingStatus::NotServing).await;
    let log = process.lines();
    let lines: Vec<_> = log.iter().filter(|line| line.contains("the store is misconfigured")).collect();
    let ready = lines.iter().filter(|line| line.contains("not ready")).count();
    // That it is not ready may have been said before it served.
    assert!(ready <= 1 && lines.len() == ready + 1, "{lines:#?}");
    assert!(lines.iter().all(|line| line.contains("NOPERM") && line.contains("docs/operate.md")), "{lines:#?}");
    assert!(!log.iter().any(|line| line.contains("secret")), "no password is logged");

    both("ACL SETUSER rapport +@all");
    until(&mut health, ServingStatus::Serving).await;
    customers.create_customer(create()).await.expect("it is granted");
    both("ACL SETUSER rapport -@write");
    until(&mut health, ServingStatus::NotServing).await;
    is_the_operators(&customers.create_customer(create()).await.expect_err("it is taken away"));
}

/// Fault: Wrong password, missing permission.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_password_that_is_changed_is_noticed_and_changed_back_serves() {
    let redis = Redis::start(VOLATILE);
    let both = [&redis, redis.keys()];
    let tell = |password: &str, command: &str| {
        for server in both {
            server.tell_with(password, command);
        }
    };
    for server in both {
        server.tell("CONFIG SET requirepass first");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let mut flags = flags(folder.path(), Some(&redis));
    for (name, database) in [("store", 0), ("keys", 1)] {
        let port = redis.of(database).port();
        flags.insert(name.to_owned(), format!("redis://:second@127.0.0.1:{port}/{database}"));
    }
    let config = Config::load(&Source { flags, ..Source::default() }).expect("a configuration");
    let server = Server::start(config).await.expect("it starts, and waits for its operator");
    let mut customers = customer_service_client::CustomerServiceClient::new(connect(server.address).await);
    let create = || CreateCustomerRequest { customer: Some(named("Ana")), request_id: String::new() };
    let mut health = watch(server.address, "").await;
    until(&mut health, ServingStatus::NotServing).await;
    is_the_operators(&customers.create_customer(create()).await.expect_err("a wrong password"));

    tell("first", "CONFIG SET requirepass second");
    until(&mut health, ServingStatus::Serving).await;
    let id =
        customers.create_customer(create()).await.expect("the right one").into_inner().receipt.unwrap().customer_id;

    tell("second", "CONFIG SET requirepass third");
    tell("third", "CLIENT KILL TYPE normal");
    until(&mut health, ServingStatus::NotServing).await;
    // Until it has connected again, it knows no more than that the connection is gone.
    let known = async {
        loop {
            let status = customers.get_customer(get(&id)).await.expect_err("a wrong password");
            if status.get_details_retry_info().is_none() {
                return status;
            }
            assert_refused(&status, Code::Unavailable, "STORE_UNAVAILABLE");
            until(&mut watch(server.address, "").await, ServingStatus::NotServing).await;
        }
    };
    is_the_operators(&tokio::time::timeout(EVENT_MAX, known).await.expect("it is noticed"));
    tell("third", "CONFIG SET requirepass second");
    until(&mut health, ServingStatus::Serving).await;
    customers.get_customer(get(&id)).await.expect("nothing was lost");
    server.shutdown().await;
}

/// A Redis that takes no writes: reads are served, every write hears why, and health sends callers elsewhere.
///
/// Fault: Redis is loading.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_cannot_write_is_not_ready() {
    let data = Redis::start(DURABLE);
    let folder = tempfile::tempdir().expect("a folder");
    let settings = settings(&folder, &data.url(), &data.keys_url());
    let process = Process::start(&settings).await;
    let mut health = watch(process.address, "").await;
    until(&mut health, ServingStatus::Serving).await;
    let mut customers = customer_service_client::CustomerServiceClient::new(process.channel.clone());
    let create = || CreateCustomerRequest { customer: Some(named("Ana")), request_id: String::new() };
    let ana =
        customers.create_customer(create()).await.expect("there is room").into_inner().receipt.expect("a receipt");
    let id = ana.customer_id;
    let set = || with!(UpdateCustomerRequest { customer_id: id.clone(), details: named("Bea").details });
    let erase = || with!(EraseCustomerRequest { customer_id: id.clone(), reason: "asked".into() });
    let agree = || with!(RecordConsentRequest { customer_id: id.clone(), consent: Some(agreed()) });
    for (spoil, mend, reason) in [
        ("CONFIG SET maxmemory 1", "CONFIG SET maxmemory 0", "STORE_FULL"),
        ("CONFIG SET min-replicas-to-write 1", "CONFIG SET min-replicas-to-write 0", "STORE_UNAVAILABLE"),
        // Nobody answers there, so it keeps what it has.
        ("REPLICAOF 127.0.0.1 1", "REPLICAOF NO ONE", "STORE_UNAVAILABLE"),
    ] {
        for server in [&data, data.keys()] {
            server.tell(spoil);
        }
        let refused = [
            customers.create_customer(create()).await.expect_err("a new key"),
            customers.update_customer(set()).await.expect_err("a change"),
            customers.record_consent(agree()).await.expect_err("another change"),
            customers.erase_customer(erase()).await.expect_err("an erasure"),
        ];
        for status in refused {
            assert_eq!(status.get_details_error_info().expect("a reason").reason, reason, "{spoil}: {status:?}");
        }
        until(&mut health, ServingStatus::NotServing).await;
        for server in [&data, data.keys()] {
            server.tell(mend);
        }
        until(&mut health, ServingStatus::Serving).await;
        customers.get_customer(get(&id)).await.expect("nothing was lost");
    }
}

/// A server that is started where nothing can be written serves reads, and denies nobody where something was lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_starts_where_nothing_can_be_written_reads() {
    let redis = Redis::start(DURABLE);
    let folder = tempfile::tempdir().expect("a folder");
    // One server: each of its databases is taken for another one here. It does not tell what it is, else new stores are refused.
    redis.tell("ACL SETUSER silent on >secret ~* +@all -info");
    let place = |database: u8| format!("redis://silent:secret@127.0.0.1:{}/{database}", redis.port());
    let settings = |data: u8, keys: u8| settings(&folder, &place(data), &place(keys));
    let process = Process::start(&settings(0, 1)).await;
    let mut customers = customer_service_client::CustomerServiceClient::new(process.channel.clone());
    let create = CreateCustomerRequest { customer: Some(named("Ana")), request_id: String::new() };
    let ana = customers.create_customer(create).await.expect("created").into_inner().receipt.expect("a receipt");
    let id = ana.customer_id;
    drop(process);
    for (spoil, mend) in [
        ("CONFIG SET maxmemory 1", "CONFIG SET maxmemory 0"),
        ("CONFIG SET min-replicas-to-write 1", "CONFIG SET min-replicas-to-write 0"),
    ] {
        redis.tell(spoil);
        let process = Process::start(&settings(0, 1)).await;
        let mut health = watch(process.address, "").await;
        until(&mut health, ServingStatus::NotServing).await;
        let mut customers = customer_service_client::CustomerServiceClient::new(process.channel.clone());
        customers.get_customer(get(&id)).await.expect("it is read");
        redis.tell(mend);
        until(&mut health, ServingStatus::Serving).await;
    }
    let swapped = Process::start(&settings(1, 0)).await;
    swapped.line_with("swapped", EVENT_MAX);
    drop(swapped);
    // Nothing is lost, and nothing is given up.
    for command in [&["store", "adopt"][..], &["store", "adopt", "--yes"], &["fsck"]] {
        let refused = rapport(command, &settings(1, 0));
        let told = text(&refused);
        assert!(!refused.status.success() && told.contains("swapped") && !told.contains("adopt`"), "{told}");
    }
    // It is told by single keys, and not by looking through the data, which may take minutes.
    redis.tell("CONFIG RESETSTAT");
    let no_keys = Process::start(&settings(2, 0)).await;
    no_keys.line_with("`--keys` names a data store", EVENT_MAX);
    drop(no_keys);
    let no_data = Process::start(&settings(1, 3)).await;
    no_data.line_with("`--store` names a key store", EVENT_MAX);
    drop(no_data);
    assert!(!redis.tell("INFO commandstats").contains("cmdstat_scan"), "{}", redis.tell("INFO commandstats"));
    redis.tell("CONFIG SET min-replicas-to-write 1");
    for lost in ["DEL mark:{07}", "FLUSHDB"] {
        redis.tell("CONFIG SET min-replicas-to-write 0");
        redis.tell(lost);
        redis.tell("CONFIG SET min-replicas-to-write 1");
        let process = Process::start(&settings(0, 1)).await;
        process.line_with("rapport store adopt", EVENT_MAX);
        let mut customers = customer_service_client::CustomerServiceClient::new(process.channel.clone());
        let status = customers.get_customer(get(&id)).await.expect_err("something was lost");
        assert_refused(&status, Code::Unavailable, "STORE_UNFIT");
    }
}

/// Two servers, and the keys' one goes away: the log says which.
///
/// Fault: The keys' Redis is away.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_names_the_redis_that_is_away() {
    let (data, mut keys) = (Redis::start(DURABLE), Redis::start(DURABLE));
    let folder = tempfile::tempdir().expect("a folder");
    let settings = settings(
        &folder,
        &format!("redis://127.0.0.1:{}/0", data.port()),
        &format!("redis://127.0.0.1:{}/0", keys.port()),
    );
    let process = Process::start(&settings).await;
    let mut health = watch(process.address, "").await;
    until(&mut health, ServingStatus::Serving).await;
    keys.kill();
    until(&mut health, ServingStatus::NotServing).await;
    let mut customers = customer_service_client::CustomerServiceClient::new(process.channel.clone());
    let create = CreateCustomerRequest { customer: Some(named("Ana")), request_id: String::new() };
    let status = customers.create_customer(create).await.expect_err("without keys nothing is sealed");
    assert_refused(&status, Code::Unavailable, "STORE_UNAVAILABLE");
    let name = format!("the keys' Redis at 127.0.0.1:{}", keys.port());
    let told = ["not ready", "the store is unavailable", "was given up"];
    let lines = process.lines_with(&told, EVENT_MAX);
    for words in told {
        let told = |line: &&String| line.contains(words);
        assert!(lines.iter().filter(told).count() > 0, "{words}: {lines:#?}");
        assert!(lines.iter().filter(told).all(|line| line.contains(&name)), "{words}: {lines:#?}");
    }
}

/// A web server, as far as it matters here: it answers whatever comes with several lines.
async fn web_server() -> u16 {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let page = "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
            drop(stream.write_all(page.as_bytes()).await);
            drop(stream.read(&mut [0; 1_024]).await);
        }
    });
    port
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_a_redis_is_the_operators() {
    let (port, keys) = (web_server().await, Redis::start(DURABLE));
    let folder = tempfile::tempdir().expect("a folder");
    let settings = settings(
        &folder,
        &format!("redis://:hunter2@127.0.0.1:{port}/0"),
        &format!("redis://127.0.0.1:{}/0", keys.port()),
    );
    let process = Process::start(&settings).await;
    let mut customers = customer_service_client::CustomerServiceClient::new(process.channel.clone());
    let create = CreateCustomerRequest { customer: Some(named("Ana")), request_id: String::new() };
    is_the_operators(&customers.create_customer(create).await.expect_err("nothing can be written"));
    let line = process.line_with("the store is misconfigured", EVENT_MAX);
    for told in ["not a Redis", "the data's Redis", &format!("127.0.0.1:{port}")] {
        assert!(line.contains(told), "in one line: {line}");
    }
    assert!(!line.contains("hunter2"), "no password is logged");
}
