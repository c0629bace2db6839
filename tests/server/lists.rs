//! Requests that are small on the wire and would be large in memory: the worst of every method, from the contract's
//! descriptors.

use std::io::Write as _;

use bytes::Bytes;
use prost::{
    Message as _,
    encoding::{WireType, encode_key, encode_varint},
};
use prost_reflect::{DescriptorPool, FieldDescriptor, Kind, MessageDescriptor};
use rapport::proto::{DESCRIPTORS, Interaction, RecordInteractionsRequest};
use tokio::task::JoinSet;
use tonic::{Code, Status};

use super::{
    common::redis::{DURABLE, Server as Redis},
    process::{Process, in_folder},
    raw::*,
    whole::on_redis,
    world::*,
};

/// The default of message-bytes-max, for methods that carry bulk; and the bound of all others.
const MESSAGE_BYTES_MAX: usize = 5 << 20;
const SMALL_BYTES_MAX: usize = 256 << 10;
const BULK: [&str; 10] = [
    "CheckItems",
    "CreateCustomer",
    "Echo",
    "GetBriefing",
    "IngestInteractions",
    "LookupBriefings",
    "PutItems",
    "RecordEvidence",
    "RecordInteractions",
    "SetPolicy",
];
/// A key and a length on each level of messages.
const FRAME_BYTES: usize = 8;
/// What the worst request may take above what the idle process holds: the message, as it came and inflated, and three times
/// the bound of its lists.
const GROWTH_KIB_MAX: u64 = 64 << 10;
const GET: &str = "/rapport.v1.CustomerService/GetCustomer";

/// A message that consists of one list, with as many entries as fit.
struct Worst {
    method: String,
    list: String,
    message: Vec<u8>,
}

fn key(number: u32, wire: WireType) -> Vec<u8> {
    let mut key = Vec::new();
    encode_key(number, wire, &mut key);
    key
}

fn delimited(number: u32, content: &[u8]) -> Vec<u8> {
    let mut field = key(number, WireType::LengthDelimited);
    encode_varint(content.len() as u64, &mut field);
    field.extend_from_slice(content);
    field
}

/// A list full of its shortest entries; numbers are given alone and packed.
fn filled(list: &FieldDescriptor, room: usize) -> Vec<Vec<u8>> {
    let number = list.number();
    let repeat = |entry: Vec<u8>| entry.repeat(room / entry.len());
    match list.kind() {
        Kind::Message(_) | Kind::String | Kind::Bytes => vec![repeat(delimited(number, &[]))],
        Kind::Double | Kind::Fixed64 | Kind::Sfixed64 => vec![delimited(number, &vec![0; room / 8 * 8])],
        Kind::Float | Kind::Fixed32 | Kind::Sfixed32 => vec![delimited(number, &vec![0; room / 4 * 4])],
        _ => vec![delimited(number, &vec![0; room]), repeat([key(number, WireType::Varint), vec![0]].concat())],
    }
}

/// All lists of a message, at any depth, filled. `outer`: where the message stands.
fn fill(message: &MessageDescriptor, outer: &[FieldDescriptor], of: &str, bytes_max: usize, all: &mut Vec<Worst>) {
    for field in message.fields() {
        if field.is_list() {
            let names = outer.iter().chain([&field]).map(FieldDescriptor::name).collect::<Vec<_>>();
            for inner in filled(&field, bytes_max - FRAME_BYTES * (outer.len() + 1)) {
                let message = outer.iter().rev().fold(inner, |inner, field| delimited(field.number(), &inner));
                assert!(message.len() <= bytes_max);
                all.push(Worst { method: of.to_owned(), list: names.join("."), message });
            }
        }
        if let Kind::Message(inner) = field.kind() {
            fill(&inner, &[outer, &[field]].concat(), of, bytes_max, all);
        }
    }
}

/// The worst requests of each method: each of its lists, or else one long text.
fn worst() -> Vec<Worst> {
    let pool = DescriptorPool::decode(DESCRIPTORS).expect("descriptors");
    let mut all = Vec::new();
    for method in pool.services().flat_map(|service| service.methods().collect::<Vec<_>>()) {
        let path = format!("/{}/{}", method.parent_service().full_name(), method.name());
        let bytes_max = if BULK.contains(&method.name()) { MESSAGE_BYTES_MAX } else { SMALL_BYTES_MAX };
        let before = all.len();
        fill(&method.input(), &[], &path, bytes_max, &mut all);
        if all.len() == before {
            // Of a number that no message has, if this one has no text.
            let text = method.input().fields().find(|field| field.kind() == Kind::String);
            let text = text.map_or(100, |field| field.number());
            let message = delimited(text, &vec![b'x'; bytes_max - FRAME_BYTES]);
            all.push(Worst { method: path, list: String::new(), message });
        }
    }
    all
}

fn gzip(message: &[u8]) -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(message).expect("written");
    gzip.finish().expect("written")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_worst_request_of_every_method_takes_little_memory() {
    let folder = tempfile::tempdir().expect("a folder");
    let process = Process::start(&[in_folder(&folder), vec!["--echo".to_owned()]].concat()).await;
    let (mut raw, mut other) = (Plain::open(process.address).await, Plain::open(process.address).await);
    let get = framed(&get(&"0".repeat(26)));
    assert_eq!(other.grpc(GET, &[], get.clone()).await.status().code(), Code::NotFound);
    let idle = process.memory("VmHWM:");
    let (mut most, mut last, mut plain) = ((0, String::new()), idle, "");
    let all = worst();
    for Worst { method, list, message } in &all {
        let mut bodies: Vec<(&[(&str, &str)], Bytes)> =
            vec![(&[("grpc-encoding", "gzip")], prefixed(1, &gzip(message)))];
        // Once for each method as it is: what counts is what it is once it is inflated.
        if plain != method {
            bodies.push((&[], prefixed(0, message)));
            plain = method;
        }
        for (headers, body) in bodies {
            let (answer, others) = tokio::join!(raw.grpc(method, headers, body), other.grpc(GET, &[], get.clone()));
            assert_eq!(others.status().code(), Code::NotFound, "others are served");
            let status = answer.status();
            let refused = matches!(status.code(), Code::ResourceExhausted | Code::InvalidArgument);
            assert!(refused || list.is_empty(), "{method}: {list}: {status:?}");
            if refused {
                // In a stream, too.
                assert!(
                    ["MESSAGE_TOO_LARGE", "FIELD_INVALID"].contains(&reason(&status).as_str()),
                    "{method}: {list}: {status:?}"
                );
            }
            let broken = matches!(status.code(), Code::Internal | Code::Unknown | Code::DeadlineExceeded);
            assert!(!broken, "{method}: {list}: {status:?}");
            let now = last.max(process.memory("VmHWM:"));
            most = most.max((now - last, format!("{method}: {list}")));
            last = now;
        }
    }
    let grown = last - idle;
    println!("{} requests: peak memory grew by {grown} KiB, most by {most:?}", all.len());
    assert!(grown < GROWTH_KIB_MAX, "{grown} KiB, most of it by {most:?}");
}

/// Whoever begins many large requests and ends none takes no more than the bounds, and others are served meanwhile.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_sent_requests_take_little_memory() {
    const RECORD: &str = "/rapport.v1.InteractionService/RecordInteractions";
    let folder = tempfile::tempdir().expect("a folder");
    let process = Process::start(&in_folder(&folder)).await;
    let get = framed(&get(&"0".repeat(26)));
    assert_eq!(Plain::open(process.address).await.grpc(GET, &[], get.clone()).await.status().code(), Code::NotFound);
    let idle = process.memory("VmHWM:");
    let whole = prefixed(0, &vec![b'x'; MESSAGE_BYTES_MAX]);
    let (mut connections, mut taken, mut refused) = (Vec::new(), Vec::new(), 0);
    for _ in 0..10 {
        let mut connection = Plain::open(process.address).await;
        for _ in 0..6 {
            match connection.half_sent(RECORD, whole.slice(..MESSAGE_BYTES_MAX)).await {
                Ok(sending) => taken.push(sending),
                Err(answer) => {
                    assert_eq!(reason(&answer.status()), "TOO_MUCH_IN_FLIGHT");
                    refused += 1;
                }
            }
        }
        let others = Plain::open(process.address).await.grpc(GET, &[], get.clone()).await;
        assert_eq!(others.status().code(), Code::NotFound, "others are served");
        connections.push(connection);
    }
    // The kernel counts pages by processor: a peak may read less than one before.
    let grown = process.memory("VmHWM:").saturating_sub(idle);
    println!("{} requests are half received, {refused} were refused: peak memory grew by {grown} KiB", taken.len());
    assert!(!taken.is_empty() && refused > 0);
    assert!(grown < GROWTH_KIB_MAX, "{grown} KiB");
    // Who gives up makes room.
    drop((taken, connections));
    let has_room = async {
        while reason(&Plain::open(process.address).await.grpc(RECORD, &[], whole.clone()).await.status())
            == "TOO_MUCH_IN_FLIGHT"
        {}
    };
    tokio::time::timeout(EVENT_MAX, has_room).await.expect("there is room again");
}

/// Whoever announces much and sends little, or nothing at all, takes no more memory than what it sends.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn announced_requests_take_little_memory() {
    const RECORD: &str = "/rapport.v1.InteractionService/RecordInteractions";
    const INGEST: &str = "/rapport.v1.InteractionService/IngestInteractions";
    const CONNECTIONS: usize = 12;
    const STREAMS: usize = 250;
    let folder = tempfile::tempdir().expect("a folder");
    let process = Process::start(&in_folder(&folder)).await;
    let get = framed(&get(&"0".repeat(26)));
    assert_eq!(Plain::open(process.address).await.grpc(GET, &[], get.clone()).await.status().code(), Code::NotFound);
    let idle = process.memory("VmHWM:");
    let announced = prefixed(0, &vec![b'x'; MESSAGE_BYTES_MAX]).slice(..200);
    for (what, path, beginning) in [
        ("200 bytes of 5 MiB", RECORD, announced.clone()),
        ("200 bytes of 5 MiB of a stream", INGEST, announced.clone()),
        ("a prefix alone", RECORD, announced.slice(..5)),
        ("nothing", RECORD, Bytes::new()),
        ("nothing of a stream", INGEST, Bytes::new()),
    ] {
        let (mut connections, mut taken) = (Vec::new(), Vec::new());
        for _ in 0..CONNECTIONS {
            let mut connection = Plain::open(process.address).await;
            for _ in 0..STREAMS {
                match connection.half_sent(path, beginning.clone()).await {
                    Ok(sending) => taken.push(sending),
                    Err(answer) => assert_eq!(reason(&answer.status()), "TOO_MUCH_IN_FLIGHT", "{what}"),
                }
            }
            let others = connection.grpc(GET, &[], get.clone()).await;
            assert_eq!(others.status().code(), Code::NotFound, "{what}: others are served");
            connections.push(connection);
        }
        let grown = process.memory("VmHWM:").saturating_sub(idle);
        println!("{what}: {} calls begun, peak memory grew by {grown} KiB", taken.len());
        assert!(grown < GROWTH_KIB_MAX, "{what}: {grown} KiB");
    }
}

/// While the store does not answer, requests wait; those that are large once they are inflated take no more than the bounds.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn inflated_requests_that_wait_take_little_memory() {
    const RECORD: &str = "/rapport.v1.InteractionService/RecordInteractions";
    /// Seven of one caller fit, by the bound of 16 MiB.
    const CALLS: usize = 40;
    let folder = tempfile::tempdir().expect("a folder");
    let redis = Redis::start(DURABLE);
    let process = Process::start(&on_redis(&redis, folder.path())).await;
    let recorded = |text: String| {
        let interaction = Interaction { text, ..purchase(&"0".repeat(26), "slow", vec![line("espresso", 450)]) };
        prefixed(1, &gzip(&RecordInteractionsRequest { interactions: vec![interaction] }.encode_to_vec()))
    };
    let mut connections = Vec::new();
    for _ in 0..CALLS {
        let mut connection = Plain::open(process.address).await;
        let small = connection.grpc(RECORD, &[("grpc-encoding", "gzip")], recorded(String::new())).await;
        assert_eq!(small.status().code(), Code::Ok);
        connections.push(connection);
    }
    let idle = process.memory("VmHWM:");
    let large = recorded("x".repeat(2 << 20));
    redis.stop();
    let is_refused =
        |status: &Status| status.code() == Code::ResourceExhausted && reason(status) == "TOO_MUCH_IN_FLIGHT";
    let mut calls = JoinSet::new();
    for mut connection in connections {
        let large = large.clone();
        calls.spawn(async move { connection.grpc(RECORD, &[("grpc-encoding", "gzip")], large).await.status() });
    }
    // Those that wait end when the store has not answered in time.
    let answered = calls.join_all().await;
    let grown = process.memory("VmHWM:").saturating_sub(idle);
    redis.resume();
    let refused = answered.iter().filter(|status| is_refused(status)).count();
    println!("{refused} of {CALLS} requests were refused: peak memory grew by {grown} KiB");
    assert!((1..CALLS).contains(&refused), "{answered:?}");
    assert!(grown < GROWTH_KIB_MAX, "{grown} KiB");
}
