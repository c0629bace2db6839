//! What only the operator can set right: passwords, permissions, addresses. It is told apart from a server that is away,
//! it says what to do, and once it is set right the store serves again without a restart.

use std::time::Instant;

use rapport::store::{
    HoldOutcome, Lane, Store, StoreError, StoreExt as _,
    keystore::{KeyName, KeyStore},
    redis::{Options, READ_DEADLINE, RedisKeys, RedisStore},
};

use crate::{
    common::redis::{DURABLE, Server, VOLATILE},
    faults::{RECOVERY_MAX, TRIAL, recovered},
    make::{NOW, commit, erase, held, identity, key, record, revision, tenant, token},
};

const STRICT: Options = Options { prefix: String::new(), allow_volatile: false, is_patient: false };

fn url(server: &Server, login: &str, database: u32) -> String {
    format!("redis://{login}@127.0.0.1:{}/{database}", server.port())
}

async fn store_as(server: &Server, login: &str) -> RedisStore {
    RedisStore::connect(&url(server, login, 0), TRIAL).await.unwrap()
}

/// The store is refused, with these words of what to do.
fn is_refused<T: std::fmt::Debug>(outcome: Result<T, StoreError>, advice: &str) {
    match outcome {
        Err(StoreError::Misconfigured(cause)) => assert!(cause.contains(advice), "{cause}"),
        other => panic!("{other:?}"),
    }
}

/// Waits until the server's refusal has arrived.
async fn refused(store: &RedisStore, advice: &str) {
    let since = Instant::now();
    while !matches!(store.ready().await, Err(StoreError::Misconfigured(cause)) if cause.contains(advice)) {
        assert!(since.elapsed() < RECOVERY_MAX);
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_wrong_password_is_told_and_the_right_one_serves() {
    let server = Server::start(VOLATILE);
    server.tell("CONFIG SET requirepass first");
    let wrong = store_as(&server, ":hunter2").await;
    let none = RedisStore::connect(&server.url(), TRIAL).await.unwrap();
    let keys = RedisKeys::connect(&url(&server, ":hunter2", 1), TRIAL).await.unwrap();
    let since = Instant::now();
    for store in [&wrong, &none] {
        is_refused(store.ready().await, "password in its URL");
        is_refused(store.record(&key(1)).await, "password in its URL");
        is_refused(store.commit(commit(&key(1), 1)).await, "password in its URL");
    }
    is_refused(keys.get(&KeyName::Index(tenant("acme"), 1)).await, "password in its URL");
    assert!(since.elapsed() < READ_DEADLINE, "nobody waits for what does not come: {:?}", since.elapsed());
    assert!(!wrong.ready().await.unwrap_err().to_string().contains("hunter2"), "no secret is told");

    server.tell_with("first", "CONFIG SET requirepass hunter2");
    recovered(&wrong).await;
    wrong.commit(commit(&key(1), 1)).await.unwrap();
    keys.put_new(&KeyName::Index(tenant("acme"), 1), b"wrapped".as_slice().into()).await.unwrap();

    // It is changed while we serve: noticed when the connection is made anew.
    server.tell_with("hunter2", "CONFIG SET requirepass second");
    server.tell_with("second", "CLIENT KILL TYPE normal");
    refused(&wrong, "password in its URL").await;
    is_refused(wrong.commit(commit(&key(1), 2)).await, "password in its URL");
    server.tell_with("second", "CONFIG SET requirepass hunter2");
    recovered(&wrong).await;
    assert_eq!(wrong.record(&key(1)).await.unwrap(), Some(record(revision(1), b"sealed")));
    wrong.commit(commit(&key(1), 2)).await.unwrap();

    is_refused(none.record(&key(1)).await, "password in its URL");
    server.tell_with("hunter2", "CONFIG SET requirepass \"\"");
    recovered(&none).await;
}

#[tokio::test]
async fn a_user_who_may_not_write_is_not_ready() {
    let server = Server::start(VOLATILE);
    for may in ["+@all -@write", "+@all -@scripting", "-@all +@read +@connection +@scripting"] {
        server.tell("FLUSHALL");
        server.tell(&format!("ACL SETUSER rapport reset on >secret ~* {may}"));
        let store = store_as(&server, "rapport:secret").await;
        is_refused(store.ready().await, "permissions");
        assert_eq!(store.record(&key(1)).await.unwrap(), None, "reading goes on");
        is_refused(store.commit(commit(&key(1), 1)).await, "permissions");
        is_refused(store.hold(&identity(1), held(1), 1, NOW).await, "permissions");
        is_refused(store.settle(&key(1), token(1), NOW).await, "permissions");
        assert_eq!(server.tell("DBSIZE"), ":0\r\n", "{may}");
        // Permissions hold at once, also for connections that are there.
        server.tell("ACL SETUSER rapport +@all");
        store.ready().await.unwrap();
        store.commit(commit(&key(1), 1)).await.unwrap();
        server.tell(&format!("ACL SETUSER rapport {may}"));
        is_refused(store.ready().await, "permissions");
    }
}

/// With some of the commands of a script, half of it would be done.
#[tokio::test]
async fn each_missing_permission_is_found_before_it_is_needed() {
    let server = Server::start(VOLATILE);
    server.tell("ACL SETUSER rapport on >secret ~* +@all");
    let store = store_as(&server, "rapport:secret").await;
    store.commit(commit(&key(1), 1)).await.unwrap();
    let before = store.dump().await.unwrap();
    for command in ["hincrby", "xadd", "set", "hdel", "zrangebylex", "xtrim", "multi", "del", "zadd"] {
        server.tell(&format!("ACL SETUSER rapport -{command}"));
        is_refused(store.ready().await, &command.to_uppercase());
        server.tell(&format!("ACL SETUSER rapport +{command}"));
        store.ready().await.unwrap();
    }
    server.tell("ACL SETUSER rapport resetkeys ~elsewhere:*");
    is_refused(store.ready().await, "permissions");
    server.tell("ACL SETUSER rapport allkeys");
    store.ready().await.unwrap();
    assert_eq!(store.dump().await.unwrap(), before, "asking writes nothing");
}

#[tokio::test]
async fn a_user_who_may_not_read_is_told() {
    let server = Server::start(VOLATILE);
    server.tell("ACL SETUSER rapport on >secret ~* +@all -get -hmget");
    let store = store_as(&server, "rapport:secret").await;
    is_refused(store.record(&key(1)).await, "permissions");
    is_refused(store.records(&[key(1), key(2)]).await, "permissions");
    is_refused(store.log_positions(&rapport::store::ALL_BUCKETS).await, "permissions");
    let cause = store.log_positions(&rapport::store::ALL_BUCKETS).await.unwrap_err().to_string();
    assert!(cause.len() < 300, "one of 256 failures that are alike is enough: {cause}");
    is_refused(store.load(&key(1), Lane::Changes, &[[1; 16]]).await, "permissions");
}

#[tokio::test]
async fn without_config_and_info_nothing_is_known_of_durability() {
    let server = Server::start(DURABLE);
    server.tell("ACL SETUSER rapport on >secret ~* +@all -config");
    let store = RedisStore::connect(&url(&server, "rapport:secret", 0), STRICT).await.unwrap();
    store.ready().await.unwrap();
    server.tell("ACL SETUSER rapport -info");
    is_refused(store.ready().await, "permissions");
    server.tell("ACL SETUSER rapport +config|get");
    store.ready().await.unwrap();
}

/// The line of docs/operate.md that creates the user, unchanged.
#[tokio::test]
async fn the_permissions_of_the_docs_are_enough() {
    let docs = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/operate.md")).unwrap();
    let line = docs.lines().find_map(|line| line.strip_prefix("redis-cli ")).filter(|line| line.contains("SETUSER"));
    let server = Server::start(DURABLE);
    assert_eq!(server.tell(&line.expect("a line").replace(['\'', '"'], "")), "+OK\r\n");
    let store = RedisStore::connect(&url(&server, "rapport:PASSWORD", 0), STRICT).await.unwrap();
    store.ready().await.unwrap();
    store.set_write_format(1).await.unwrap();
    store.commit(commit(&key(1), 1)).await.unwrap();
    assert_eq!(store.hold(&identity(1), held(1), 1, NOW).await.unwrap(), HoldOutcome::Placed);
    store.settle(&key(1), token(1), NOW).await.unwrap();
    store.load(&key(1), Lane::Changes, &[[1; 16]]).await.unwrap();
    store.log(0, 0, 1).await.unwrap();
    store.log_positions(&rapport::store::ALL_BUCKETS).await.unwrap();
    store.purge(i64::MAX).await.unwrap();
    assert!(!store.dump().await.unwrap().is_empty());
    store.commit(erase(&key(1), 2)).await.unwrap();
    let keys = RedisKeys::connect(&url(&server, "rapport:PASSWORD", 1), STRICT).await.unwrap();
    keys.ready().await.unwrap();
    let name = KeyName::Index(tenant("acme"), 1);
    keys.put_new(&name, b"wrapped".as_slice().into()).await.unwrap();
    keys.bury(&name, NOW).await.unwrap();
    assert!(!server.tell("ACL LOG").contains("rapport"), "nothing was denied");
}

#[tokio::test]
async fn a_database_that_is_not_there_is_told() {
    let server = Server::start(VOLATILE);
    let store = RedisStore::connect(&url(&server, "", 99), TRIAL).await.unwrap();
    is_refused(store.ready().await, "database");
    is_refused(store.record(&key(1)).await, "database");
}

#[tokio::test]
async fn a_sentinel_holds_no_data() {
    let server = Server::start(&["--sentinel"]);
    let store = RedisStore::connect(&server.url(), STRICT).await.unwrap();
    is_refused(store.ready().await, "Sentinel");
    is_refused(store.record(&key(1)).await, "holds data");
}

#[tokio::test]
async fn a_node_of_a_cluster_is_told_and_a_cluster_of_one_serves() {
    let node = || {
        let bus = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
        let options = ["--cluster-enabled", "yes", "--cluster-port", &bus];
        (Server::start(&[VOLATILE, &options].concat()), bus)
    };
    let ((first, _), (second, bus)) = (node(), node());
    first.tell("CLUSTER ADDSLOTSRANGE 0 16383");
    let store = RedisStore::connect(&first.url(), TRIAL).await.unwrap();
    recovered(&store).await;
    store.commit(commit(&key(1), 1)).await.unwrap();
    store.records(&[key(1), key(2), key(3)]).await.unwrap();

    // It grows.
    first.tell("CLUSTER DELSLOTSRANGE 8192 16383");
    second.tell("CLUSTER ADDSLOTSRANGE 8192 16383");
    first.tell(&format!("CLUSTER MEET 127.0.0.1 {} {bus}", second.port()));
    refused(&store, "Cluster").await;
    let mut answers = Vec::new();
    for number in 0..32 {
        answers.push(store.record(&key(number)).await);
    }
    assert!(answers.iter().any(Result::is_err), "half of the keys lie elsewhere");
    for answer in answers.into_iter().filter(Result::is_err) {
        is_refused(answer, "Cluster");
    }
}
