//! Running it: health, reflection, callers, refusals in the log, shutting down, and stores that are refused.

use std::{collections::BTreeMap, net::SocketAddr, time::Duration};

use prost_reflect::DescriptorPool;
use rapport::{
    app::{Server, StartError},
    config::{Config, Source},
    proto::*,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::mpsc,
    time::timeout,
};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Request, Streaming, metadata::MetadataValue};
use tonic_health::pb::{
    HealthCheckRequest, HealthCheckResponse, health_check_response::ServingStatus, health_client::HealthClient,
};
use tonic_reflection::pb::v1::{
    ServerReflectionRequest, server_reflection_client::ServerReflectionClient,
    server_reflection_request::MessageRequest, server_reflection_response::MessageResponse,
};

use super::{
    common::redis as own_redis,
    process::{Process, in_folder},
    raw::Plain,
    world::*,
};

on_both!(
    health_is_told_per_service,
    services_can_be_listed,
    a_caller_is_known_before_the_message_is_read,
    the_tenant_is_not_the_callers_to_choose,
    callers_have_plain_names,
    metadata_is_given_once,
    a_call_under_way_may_finish,
    silent_peers_hold_up_no_end,
    an_echo_has_a_limit,
);

/// No event takes so long; a test that waited longer would wait for ever.
const EVENT_MAX: Duration = Duration::from_mins(1);
/// The services of the contract that are watched: all but the echo, which is not always served.
fn services() -> Vec<String> {
    let pool = DescriptorPool::decode(DESCRIPTORS).expect("descriptors");
    let names = pool.services().map(|service| service.full_name().to_owned());
    names.filter(|name| name != "rapport.v1.EchoService").collect()
}

/// Whose health is told: each service's, and that of the server as a whole.
fn watched() -> Vec<String> {
    [vec![String::new()], services()].concat()
}

pub async fn watch(address: SocketAddr, service: &str) -> Streaming<HealthCheckResponse> {
    let request = HealthCheckRequest { service: service.into() };
    HealthClient::new(connect(address).await).watch(request).await.expect("watched").into_inner()
}

/// Whether the process lives, as a probe asks.
async fn lives(server: &Server) -> bool {
    let address = server.admin_address.expect("an admin listener");
    let request = HealthCheckRequest { service: "liveness".into() };
    let answer = HealthClient::new(connect(address).await).check(request).await.expect("an answer");
    answer.into_inner().status() == ServingStatus::Serving
}

/// Waits for the event.
pub async fn until(watch: &mut Streaming<HealthCheckResponse>, status: ServingStatus) {
    let event = async { while watch.message().await.expect("a stream").expect("goes on").status() != status {} };
    timeout(EVENT_MAX, event).await.expect("the event comes");
}

async fn next(watch: &mut Streaming<HealthCheckResponse>) -> Option<ServingStatus> {
    let event = timeout(EVENT_MAX, watch.message()).await.expect("the event comes");
    event.expect("a stream").map(|response| response.status())
}

/// A server on this Redis that accepts no volatile one.
async fn strict(redis: &own_redis::Server, folder: &tempfile::TempDir) -> Result<Server, StartError> {
    let mut flags = flags(folder.path(), Some(redis));
    flags.remove("allow-volatile-redis");
    let config = Config::load(&Source { flags, ..Source::default() }).expect("a configuration");
    Server::start(config).await
}

/// Why a server does not start.
async fn refused(redis: &own_redis::Server, folder: &tempfile::TempDir) -> String {
    strict(redis, folder).await.err().expect("it must not start").to_string()
}

async fn health_is_told_per_service(world: World) {
    for address in [world.server.address, world.server.admin_address.expect("an admin listener")] {
        for service in watched() {
            until(&mut watch(address, &service).await, ServingStatus::Serving).await;
        }
        let mut health = HealthClient::new(connect(address).await);
        let unknown = HealthCheckRequest { service: "rapport.v1.Nobody".into() };
        assert_eq!(health.check(unknown).await.expect_err("unknown").code(), Code::NotFound);
    }
    // The admin listener serves nothing else.
    let admin = connect(world.server.admin_address.expect("an admin listener")).await;
    let mut policies = policy_service_client::PolicyServiceClient::new(admin);
    let refused = policies.get_policy(GetPolicyRequest::default()).await.expect_err("not served");
    assert_eq!(refused.code(), Code::Unimplemented);
}

fn evict_nothing(redis: &own_redis::Server) {
    for server in [redis, redis.keys()] {
        server.tell("CONFIG SET maxmemory-policy noeviction");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_evicts_is_refused() {
    let options = ["--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru"];
    let mut redis = own_redis::Server::start(&[own_redis::DURABLE, &options].concat());
    let folder = tempfile::tempdir().expect("a folder");
    let reason = refused(&redis, &folder).await;
    assert!(reason.contains("may evict") && reason.contains("allkeys-lru"), "{reason}");
    assert!(reason.contains("maxmemory-policy noeviction"), "it says what to do: {reason}");
    evict_nothing(&redis);
    let server = strict(&redis, &folder).await.expect("starts");
    let mut watches = Vec::new();
    for address in [server.address, server.admin_address.expect("an admin listener")] {
        for service in watched() {
            watches.push(watch(address, &service).await);
        }
    }
    for watch in &mut watches {
        until(watch, ServingStatus::Serving).await;
    }
    // The store goes away, and comes back.
    redis.kill();
    for watch in &mut watches {
        until(watch, ServingStatus::NotServing).await;
    }
    assert!(lives(&server).await, "a process whose store is away must not be restarted");
    redis.restart();
    evict_nothing(&redis);
    for watch in &mut watches {
        until(watch, ServingStatus::Serving).await;
    }
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_keeps_nothing_is_refused() {
    let redis = own_redis::Server::start(own_redis::VOLATILE);
    let folder = tempfile::tempdir().expect("a folder");
    let reason = refused(&redis, &folder).await;
    assert!(reason.contains("appendonly yes"), "{reason}");
    for server in [&redis, redis.keys()] {
        server.tell("CONFIG SET appendonly yes");
    }
    strict(&redis, &folder).await.expect("starts").shutdown().await;
}

/// Keys are worth as much as the data: without them nothing can be read.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_forgets_keys_is_refused() {
    let data = own_redis::Server::start(own_redis::DURABLE);
    let keys = own_redis::Server::start(own_redis::VOLATILE);
    let folder = tempfile::tempdir().expect("a folder");
    let mut flags = flags(folder.path(), Some(&data));
    flags.remove("allow-volatile-redis");
    flags.insert("keys".to_owned(), format!("redis://127.0.0.1:{}/0", keys.port()));
    let config = Config::load(&Source { flags, ..Source::default() }).expect("a configuration");
    let reason = Server::start(config).await.err().expect("it must not start").to_string();
    assert!(reason.contains("appendonly yes"), "{reason}");
}

async fn services_can_be_listed(world: World) {
    let list = MessageRequest::ListServices(String::new());
    let list = ServerReflectionRequest { host: String::new(), message_request: Some(list) };
    let mut reflection = ServerReflectionClient::new(world.channel());
    let request = tokio_stream::once(list);
    let mut answers = reflection.server_reflection_info(request).await.expect("reflection").into_inner();
    let answer = answers.message().await.expect("an answer").expect("an answer").message_response;
    let Some(MessageResponse::ListServicesResponse(listed)) = answer else { panic!("a list of services") };
    let names: Vec<String> = listed.service.into_iter().map(|service| service.name).collect();
    for service in services().into_iter().chain(["grpc.health.v1.Health".to_owned()]) {
        assert!(names.contains(&service), "{service} is missing in {names:?}");
    }
}

/// A caller that cannot come in is told so before it has sent anything.
async fn a_caller_is_known_before_the_message_is_read(world: World) {
    let path = "/rapport.v1.CustomerService/GetCustomer";
    let mut raw = Plain::open(world.server.address).await;
    for (metadata, code, why) in [
        (("rapport-device", "mara maier"), Code::InvalidArgument, "METADATA_INVALID"),
        (("rapport-tenant", "other-house"), Code::PermissionDenied, "TENANT_MISMATCH"),
    ] {
        let headers = [("content-type", "application/grpc"), ("te", "trailers"), metadata];
        let answer = raw.unfinished(path, &headers).await;
        assert_refused(&answer.status(), code, why);
    }
    // Health is for everybody.
    let mut health = HealthClient::new(world.channel());
    let ask = with_metadata("rapport-device", b"mara maier", HealthCheckRequest { service: String::new() });
    assert_eq!(health.check(ask).await.expect("told").into_inner().status(), ServingStatus::Serving);
}

/// A number of a log line: `suppressed=7`.
pub fn number_of(line: &str, field: &str) -> usize {
    let (_, after) = line.split_once(&format!("{field}=")).expect("the field");
    after.split_whitespace().next().expect("a number").parse().expect("a number")
}

/// Fault: Many refused calls.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refused_calls_are_logged_once_a_second_with_a_count() {
    let folder = tempfile::tempdir().expect("a folder");
    let process = Process::start(&[in_folder(&folder), vec!["--log-level=rapport=debug".to_owned()]].concat()).await;
    let mut customers = customer_service_client::CustomerServiceClient::new(process.channel.clone());
    let create = CreateCustomerRequest { customer: Some(named("Ana")), request_id: String::new() };
    let receipt = customers.create_customer(create).await.expect("created").into_inner().receipt.expect("a receipt");
    let is_second = |lines: &[String]| lines.iter().filter(|line| line.contains("a call was refused")).count() == 2;
    let (mut calls, mut lines) = (0, Vec::new());
    while !is_second(&lines) {
        let refused = (0..8).map(|_| {
            let mut customers = customers.clone();
            async move { customers.get_customer(get("Ms Ferreira")).await.expect_err("no id") }
        });
        for refused in futures_util::future::join_all(refused).await {
            assert_field(&refused, "customer_id", "Ms Ferreira");
            calls += 1;
        }
        lines.extend(process.lines());
    }
    lines.retain(|line| line.contains("a call was refused"));
    for line in &lines {
        for told in ["rpc.method=\"/rapport.v1.CustomerService/GetCustomer\"", "InvalidArgument", "FIELD_INVALID"] {
            assert!(line.contains(told), "{line}");
        }
        assert!(!line.contains("Ferreira"), "nothing of what was sent: {line}");
    }
    assert_eq!(number_of(&lines[0], "suppressed"), 0, "the first is told at once");
    let suppressed = number_of(&lines[1], "suppressed");
    assert!(0 < suppressed && suppressed <= calls - 2, "those between the two lines: {suppressed} of {calls}");
    // Another method has a line of its own.
    customers.erase_customer(with!(EraseCustomerRequest { customer_id: "x".into() })).await.expect_err("no id");
    assert_eq!(number_of(&process.line_with("/EraseCustomer", EVENT_MAX), "suppressed"), 0);
    // What is logged in a call says in which.
    let erase = with!(EraseCustomerRequest { customer_id: receipt.customer_id, reason: "asked".into() });
    customers.erase_customer(by("mara", erase)).await.expect("erased");
    let line = process.line_with("customer erased", EVENT_MAX);
    for told in
        ["call{rpc.method=\"/rapport.v1.CustomerService/EraseCustomer\"", "tenant=\"default\"", "device=\"till-4\""]
    {
        assert!(line.contains(told), "{line}");
    }
}

/// A request with one entry of metadata.
fn with_metadata<T>(key: &'static str, value: &[u8], message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.metadata_mut().insert(key, MetadataValue::try_from(value).expect("a header"));
    request
}

async fn the_tenant_is_not_the_callers_to_choose(world: World) {
    let id = world.create(named("Ana")).await.customer_id;
    let before = world.dump().await;
    for tenant in ["other-house", "DEFAULT", "", "default2"] {
        let tenant = tenant.as_bytes();
        fn of<T>(tenant: &[u8], message: T) -> Request<T> {
            with_metadata("rapport-tenant", tenant, message)
        }
        let record = RecordInteractionsRequest { interactions: vec![purchase(&id, "1", vec![line("tea", 1)])] };
        let items = tokio_stream::iter(vec![IngestInteractionsRequest::default()]);
        let create = CreateCustomerRequest { customer: Some(named("Bo")), request_id: String::new() };
        let statuses = [
            refusal!(world, customers, get_customer, of(tenant, get(&id))),
            refusal!(world, customers, create_customer, of(tenant, create)),
            refusal!(world, interactions, record_interactions, of(tenant, record)),
            refusal!(world, interactions, ingest_interactions, of(tenant, items)),
            refusal!(world, briefings, get_briefing, of(tenant, briefing(by_id(&id)))),
            refusal!(world, policies, get_policy, of(tenant, GetPolicyRequest::default())),
        ];
        for status in statuses {
            assert_refused(&status, Code::PermissionDenied, "TENANT_MISMATCH");
        }
    }
    world.assert_unchanged(&before).await;
    let own = with_metadata("rapport-tenant", b"default", get(&id));
    world.customers().get_customer(own).await.expect("its own tenant may be named");
}

async fn metadata_is_given_once(world: World) {
    let id = world.create(named("Ana")).await.customer_id;
    let before = world.dump().await;
    let twice = [
        ("rapport-role", [DIRECTOR, "staff"]),
        ("rapport-staff", ["mara", "mara"]),
        ("rapport-device", ["till-4", "till-5"]),
        ("rapport-tenant", ["default", "default"]),
        ("grpc-timeout", ["1S", "2S"]),
    ];
    for (key, values) in twice {
        let mut ask = Request::new(with!(RecordPrecautionInquiryRequest { customer_id: id.clone() }));
        for value in values {
            ask.metadata_mut().append(key, value.parse().expect("ASCII"));
        }
        let status = refusal!(world, customers, record_precaution_inquiry, ask);
        assert_refused(&status, Code::InvalidArgument, "METADATA_INVALID");
        assert_invalid(&status, key, "");
        assert!(status.message().contains("more than once"), "{}", status.message());
    }
    world.assert_unchanged(&before).await;
}

async fn callers_have_plain_names(world: World) {
    let id = world.create(named("Ana")).await.customer_id;
    let before = world.dump().await;
    let long = "x".repeat(65);
    let names: [&[u8]; 9] = [
        b"",
        b"mara maier",
        b"mara@home",
        b"{mara}",
        b"mara/1",
        long.as_bytes(),
        "Zo\u{eb}".as_bytes(),
        b"4111111111111111",
        b"4111-1111-1111-1111",
    ];
    for key in ["rapport-device", "rapport-staff", "rapport-role"] {
        for name in names {
            let ask = with!(RecordPrecautionInquiryRequest { customer_id: id.clone() });
            let ask = with_metadata(key, name, ask);
            let status = refusal!(world, customers, record_precaution_inquiry, ask);
            assert_refused(&status, Code::InvalidArgument, "METADATA_INVALID");
            assert_invalid(&status, key, if name.len() > 4 { std::str::from_utf8(name).unwrap() } else { "" });
            // What is wrong with it is said: its characters, or that it is a card's number.
            assert_eq!(status.message().contains("payment card"), name.starts_with(b"4111"), "{status:?}");
        }
    }
    world.assert_unchanged(&before).await;
    let add = with!(AddPrecautionsRequest { customer_id: id.clone(), precautions: vec![allergy("NUTS")] });
    world.customers().add_precautions(by("mara.m_2", add)).await.expect("a plain name");
    assert_eq!(world.get(&id).await.precautions[0].recorded_by, "mara.m_2@till-4");
}

async fn a_call_under_way_may_finish(world: World) {
    let id = world.create(named("Ana")).await.customer_id;
    let item = |sequence: u64| IngestInteractionsRequest {
        sequence,
        interaction: Some(purchase(&id, &format!("{sequence}"), vec![line("tea", 1)])),
    };
    let (send, receive) = mpsc::channel(4);
    send.send(item(1)).await.expect("taken");
    let stream = world.interactions().ingest_interactions(ReceiverStream::new(receive)).await;
    let mut answers = stream.expect("let in").into_inner();
    assert_eq!(answers.message().await.expect("goes on").expect("an answer").sequence, 1);
    let address = world.server.address;
    let mut watch = watch(address, "").await;
    until(&mut watch, ServingStatus::Serving).await;
    let stopping = tokio::spawn(world.server.shutdown());
    // Watchers of health are told first, and delay nothing.
    until(&mut watch, ServingStatus::NotServing).await;
    assert!(next(&mut watch).await.is_none());
    assert!(!stopping.is_finished(), "it waits for the call");
    send.send(item(2)).await.expect("taken");
    let answer = answers.message().await.expect("goes on").expect("an answer");
    assert!(answer.sequence == 2 && answer.result.unwrap().outcome() == RecordOutcome::Recorded);
    drop(send);
    assert!(answers.message().await.expect("ends well").is_none());
    // Less than the cap of draining: it waited for the call and for nothing else.
    timeout(Duration::from_secs(15), stopping).await.expect("it ends").expect("it ends well");
    let again = tonic::transport::Endpoint::from_shared(format!("http://{address}")).expect("an address");
    assert!(again.connect().await.is_err(), "nobody listens");
}

/// Peers that answer no ping, and send no request to its end: without them the end comes at once.
async fn silent_peers_hold_up_no_end(world: World) {
    let mut silent = Vec::new();
    for said in [
        &b""[..],
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0",
        b"POST /rapport.v1.CustomerService/GetCustomer HTTP/1.1\r\nHost: rapport\r\n",
    ] {
        for address in [world.server.address, world.server.admin_address.expect("an admin listener")] {
            let mut peer = TcpStream::connect(address).await.expect("listens");
            peer.write_all(said).await.expect("is sent");
            if said.starts_with(b"PRI") {
                // The server's own settings: it speaks HTTP/2 from here on.
                timeout(EVENT_MAX, peer.read_exact(&mut [0; 9])).await.expect("they come").expect("they come");
            }
            silent.push(peer);
        }
    }
    // Less than the cap of draining.
    timeout(Duration::from_secs(15), world.server.shutdown()).await.expect("it ends");
    for mut peer in silent {
        let mut rest = Vec::new();
        // Closed, or reset.
        let _ = timeout(EVENT_MAX, peer.read_to_end(&mut rest)).await.expect("it is closed");
    }
}

async fn an_echo_has_a_limit(world: World) {
    let mut echo = echo_service_client::EchoServiceClient::new(world.channel());
    let mut ask = async |response_bytes| echo.echo(EchoRequest { payload: Vec::new().into(), response_bytes }).await;
    assert_eq!(ask(1_048_576).await.expect("echoed").into_inner().payload.len(), 1_048_576);
    assert_field(&ask(1_048_577).await.expect_err("too much"), "response_bytes", "1048577");
}

#[test]
fn beyond_this_machine_it_has_to_be_said() {
    for listen in ["0.0.0.0:50051", "[::]:50051", "192.0.2.7:50051"] {
        let flags = |insecure: &str| {
            let flags = [("listen", listen), ("insecure", insecure)];
            flags.map(|(name, value)| (name.to_owned(), value.to_owned()))
        };
        let load =
            |insecure: &str| Config::load(&Source { flags: BTreeMap::from(flags(insecure)), ..Source::default() });
        let refused = load("false").expect_err("refused").to_string();
        assert!(refused.contains("--listen") && refused.contains("--insecure"), "{refused}");
        assert!(!refused.contains(listen), "{refused}");
        assert!(load("true").expect("said so").insecure);
    }
}
