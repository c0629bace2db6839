//! Connections that attack: each is closed, and everybody else is served.

use std::net::{Ipv4Addr, SocketAddr};

use prost::Message as _;
use rapport::proto::*;
use tokio::{
    io::AsyncReadExt as _,
    net::{TcpSocket, TcpStream},
    time::timeout,
};
use tonic::{Code, Status};

use super::{raw::*, world::*};

const GET: &str = "/rapport.v1.CustomerService/GetCustomer";
/// HTTP/2's word for "too much of it".
const ENHANCE_YOUR_CALM: u32 = 11;
const FLOOD: u32 = 5_000;

async fn stage(settings: &[(&str, &str)]) -> (World, String) {
    let world = World::with(Backend::Redb, settings).await;
    let id = world.create(named("Ana")).await.customer_id;
    (world, id)
}

async fn others_are_served(world: &World, id: &str) {
    let answer = Plain::open(world.server.address).await.grpc(GET, &[], framed(&get(id))).await;
    assert_eq!(answer.status().code(), Code::Ok);
    assert_eq!(world.get(id).await.customer_id, id);
}

/// Streams are opened with odd numbers.
fn stream(number: u32) -> u32 {
    number * 2 + 1
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_is_cut_off() {
    let (world, id) = stage(&[]).await;
    let call = call_headers(GET);
    let opened = |number| frame(HEADERS, END_HEADERS, stream(number), &call);
    let resets = (0..FLOOD).flat_map(|number| [opened(number), frame(RST_STREAM, 0, stream(number), &[0, 0, 0, 8])]);
    let begun = frame(HEADERS, 0, 1, &call);
    let filler = headers(&[("x-filler", &"x".repeat(100))]).repeat(100);
    let continued = (0..FLOOD).map(|_| frame(CONTINUATION, 0, 1, &filler));
    let nothing = (0..FLOOD).map(|_| frame(DATA, 0, 1, &[]));
    let floods = [
        ("rapid reset", resets.collect::<Vec<_>>().concat()),
        ("CONTINUATION", [vec![begun], continued.collect()].concat().concat()),
        (
            "CONTINUATION of nothing",
            [call_begun(), vec![frame(CONTINUATION, 0, 1, &[]); FLOOD as usize]].concat().concat(),
        ),
        ("empty DATA", [vec![opened(0)], nothing.collect()].concat().concat()),
    ];
    for (what, flood) in floods {
        let mut wild = Wild::begun(world.server.address).await;
        let (said, ()) = tokio::join!(
            async {
                wild.say(&flood).await;
                wild.closed().await
            },
            others_are_served(&world, &id)
        );
        assert!(matches!(said, None | Some(ENHANCE_YOUR_CALM | 1)), "{what}: {said:?}");
        others_are_served(&world, &id).await;
    }
}

fn call_begun() -> Vec<Vec<u8>> {
    vec![frame(HEADERS, 0, 1, &call_headers(GET))]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_does_not_begin_is_closed() {
    let (world, id) = stage(&[("handshake-seconds-max", "1")]).await;
    for beginning in [
        &b""[..],
        &PREFACE[..PREFACE.len() - 1],
        b"POST / HTTP/1.1\r\n",
        // What a TLS client says first, and no more.
        &[0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3],
    ] {
        let mut wild = Wild::silent(world.server.address).await;
        wild.say(beginning).await;
        others_are_served(&world, &id).await;
        wild.closed().await;
    }
    // Health is guarded in the same way.
    Wild::silent(world.server.admin_address.expect("an admin listener")).await.closed().await;
    others_are_served(&world, &id).await;
}

/// Begins, then never ends its headers. It cannot say that it lives in the middle of them.
#[tokio::test]
async fn slow_headers_are_cut_off() {
    let (world, id) = stage(&[]).await;
    let mut ends = Vec::new();
    for unfinished in
        [frame(HEADERS, 0, 1, &call_headers(GET)), frame(HEADERS, END_HEADERS, 1, &call_headers(GET))[..20].to_vec()]
    {
        let mut wild = Wild::begun(world.server.address).await;
        wild.say(&unfinished).await;
        ends.push(wild);
    }
    others_are_served(&world, &id).await;
    let mut http1 = Wild::silent(world.server.address).await;
    http1.say(b"POST /rapport.v1.CustomerService/GetCustomer HTTP/1.1\r\nhost: rapport\r\nx-slow: ").await;
    ends.push(http1);
    // The times are those of the server: half a minute and more, which pass as soon as nothing else happens.
    tokio::time::pause();
    for wild in ends {
        wild.closed().await;
    }
    tokio::time::resume();
    others_are_served(&world, &id).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_old_connection_is_asked_to_end() {
    let (world, id) = stage(&[("connection-seconds-max", "1")]).await;
    let mut used = Plain::open(world.server.address).await;
    assert_eq!(used.grpc(GET, &[], framed(&get(&id))).await.status().code(), Code::Ok);
    let idle = Plain::open(world.server.address).await;
    tokio::join!(used.closed(), idle.closed());
    others_are_served(&world, &id).await;
}

/// Connects from this address of the machine.
async fn from(source: [u8; 4], to: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind((Ipv4Addr::from(source), 0).into()).expect("an address of this machine");
    socket.connect(to).await.expect("listens")
}

/// Whether the server keeps the connection: then it speaks first, or closes.
async fn is_kept(wild: &mut Wild) -> bool {
    wild.say(&[PREFACE, &frame(SETTINGS, 0, 0, &[])].concat()).await;
    matches!(timeout(EVENT_MAX, wild.0.read(&mut [0; 64])).await.expect("an event"), Ok(1..))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_are_bounded_together_and_per_peer() {
    let (world, id) = stage(&[("connections-max", "4"), ("connections-per-peer-max", "2")]).await;
    let address = world.server.address;
    // The world's own channel holds the first place of 127.0.0.1.
    let mut kept = Vec::new();
    for (source, fits) in [
        ([127, 0, 0, 1], true),
        ([127, 0, 0, 1], false),
        ([127, 0, 0, 2], true),
        ([127, 0, 0, 3], true),
        ([127, 0, 0, 4], false),
    ] {
        let mut wild = Wild(from(source, address).await);
        assert_eq!(is_kept(&mut wild).await, fits, "{source:?}");
        if fits {
            kept.push(wild);
        }
    }
    assert_eq!(world.get(&id).await.customer_id, id, "who is in is served");
    kept.pop();
    // The place is free once the server has seen the end.
    let comes_in = async { while !is_kept(&mut Wild(from([127, 0, 0, 4], address).await)).await {} };
    timeout(EVENT_MAX, comes_in).await.expect("a place is free again");
}

/// A peer that neither reads nor leaves does not hold a stopping server beyond its cap.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn draining_has_a_cap() {
    let (world, _) = stage(&[("drain-seconds-max", "1"), ("deadline-seconds-max", "3600")]).await;
    let mut stays = Wild::begun(world.server.address).await;
    let ingest = call_headers("/rapport.v1.InteractionService/IngestInteractions");
    stays.say(&frame(HEADERS, END_HEADERS, 1, &ingest)).await;
    let mut unfinished = Wild::begun(world.server.address).await;
    unfinished.say(&frame(HEADERS, END_HEADERS, 1, &call_headers(GET))).await;
    let silent = Wild::silent(world.server.address).await;
    timeout(EVENT_MAX, world.server.shutdown()).await.expect("it ends");
    drop((stays, unfinished, silent));
}

/// A client that asks for large answers and gives no room for them is refused before they take the server's memory. Once it is gone, they are
/// answered again.
///
/// Fault: A client that reads no answers.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_that_nobody_takes_are_bounded() {
    const ASKED: usize = 12;
    let (world, _) = stage(&[]).await;
    let words = "x".repeat(280);
    let precautions =
        (0..64).map(|number| PrecautionDraft { text: words.clone(), ..allergy(&format!("CODE_{number}")) });
    let id = world.create(CustomerDraft { precautions: precautions.collect(), ..named("Ana") }).await.customer_id;
    let ask = with!(LookupBriefingsRequest {
        subjects: vec![by_id(&id); 100],
        venue_id: VENUE.into(),
        purpose: Purpose::Service as i32
    });
    let full = world.briefings().lookup_briefings(ask.clone()).await.expect("an answer").into_inner();
    assert!(full.encoded_len() <= 4 << 20, "{}", full.encoded_len());
    let left = full.results.iter().filter_map(|one| match one.result.as_ref().expect("a result") {
        briefing_result::Result::Briefing(_) => None,
        briefing_result::Result::Error(error) => Some((error.code, error.reason.as_str())),
    });
    assert!((1..80).contains(&left.clone().count()), "{}", left.count());
    assert!(left.clone().all(|why| why == (Code::ResourceExhausted as i32, "ANSWER_FULL")));

    let greedy = Greedy::open(world.server.address).await;
    let (heads, waiting) = greedy.ask("/rapport.v1.BriefingService/LookupBriefings", framed(&ask), ASKED).await;
    let refused = heads.iter().filter(|headers| headers.contains_key("grpc-status"));
    for headers in refused.clone() {
        let status = Status::from_header_map(headers).expect("a status");
        assert_refused(&status, Code::ResourceExhausted, "ANSWERS_NOT_TAKEN");
    }
    // 8 MiB wait for a connection.
    assert_eq!(refused.count(), ASKED - 2);
    others_are_served(&world, &id).await;
    drop((waiting, greedy));
    let again = async { while world.briefings().lookup_briefings(ask.clone()).await.is_err() {} };
    timeout(EVENT_MAX, again).await.expect("what waited is dropped");
}
