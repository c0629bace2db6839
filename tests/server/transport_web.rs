//! Browsers, over raw connections: gRPC-Web, and who may ask.

use prost::Message as _;
use rapport::proto::*;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use tonic::Code;

use super::world::*;

const PAGE: &str = "https://pos.example";
const LOCAL_PAGE: &str = "http://localhost:5173";
const BRIEFING: &str = "/rapport.v1.BriefingService/GetBriefing";

/// An answer over HTTP/1.1.
struct Answer {
    code: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }
}

/// Sends a request, and reads until the server closes.
async fn ask(world: &World, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(world.server.address).await.expect("listens");
    let mut head = format!("{method} {path} HTTP/1.1\r\nhost: rapport\r\nconnection: close\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!("content-length: {}\r\n\r\n", body.len()));
    stream.write_all(&[head.as_bytes(), body].concat()).await.expect("taken");
    let mut raw = Vec::new();
    stream.read_to_end(&mut raw).await.expect("answered");
    let end = raw.windows(4).position(|part| part == b"\r\n\r\n").expect("a head");
    let head = String::from_utf8(raw[..end].to_vec()).expect("ASCII");
    let mut lines = head.lines();
    let code = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|code| code.parse().ok());
    let headers: Vec<_> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let chunked = headers.iter().any(|(name, value)| name == "transfer-encoding" && value == "chunked");
    let body = if chunked { dechunked(&raw[end + 4..]) } else { raw[end + 4..].to_vec() };
    Answer { code: code.expect("a code"), headers, body }
}

fn dechunked(mut raw: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    loop {
        let end = raw.windows(2).position(|part| part == b"\r\n").expect("a length");
        let length = usize::from_str_radix(std::str::from_utf8(&raw[..end]).expect("ASCII"), 16).expect("a length");
        if length == 0 {
            return whole;
        }
        whole.extend_from_slice(&raw[end + 2..end + 2 + length]);
        raw = &raw[end + 4 + length..];
    }
}

/// A message with its prefix.
fn framed(message: &impl prost::Message) -> Vec<u8> {
    let bytes = message.encode_to_vec();
    [&[0][..], &u32::try_from(bytes.len()).expect("small").to_be_bytes(), &bytes].concat()
}

/// The parts of a body: (flag, content).
fn parts(mut body: &[u8]) -> Vec<(u8, Vec<u8>)> {
    let mut parts = Vec::new();
    while let [flag, a, b, c, d, rest @ ..] = body {
        let length = u32::from_be_bytes([*a, *b, *c, *d]) as usize;
        parts.push((*flag, rest[..length].to_vec()));
        body = &rest[length..];
    }
    assert!(body.is_empty(), "whole parts");
    parts
}

/// What a browser sends, from this page.
fn from_page<'a>(origin: &'a str, content_type: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![("origin", origin), ("content-type", content_type), ("accept", content_type), ("x-grpc-web", "1")]
}

async fn served() -> (World, String) {
    let world = World::with(Backend::Redb, &[("cors-origins", &format!("{PAGE}, {LOCAL_PAGE}"))]).await;
    let id = world.create(named("Ana")).await.customer_id;
    (world, id)
}

fn asking(origin: &str) -> Vec<(&str, &str)> {
    vec![
        ("origin", origin),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "content-type,x-grpc-web,rapport-device"),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_that_is_named_may_call() {
    let (world, id) = served().await;
    for page in [PAGE, LOCAL_PAGE] {
        let asked = ask(&world, "OPTIONS", BRIEFING, &asking(page), b"").await;
        assert_eq!((asked.code, asked.header("access-control-allow-origin")), (200, page));
        assert_eq!(asked.header("access-control-allow-methods"), "POST");
        assert_eq!(asked.header("access-control-allow-headers"), "content-type,x-grpc-web,rapport-device");
        assert!(asked.header("vary").contains("origin"), "caches tell pages apart");
    }
    let request = framed(&briefing(by_id(&id)));
    let answer = ask(&world, "POST", BRIEFING, &from_page(PAGE, "application/grpc-web+proto"), &request).await;
    assert_eq!((answer.code, answer.header("access-control-allow-origin")), (200, PAGE));
    let exposed = answer.header("access-control-expose-headers");
    for name in ["grpc-status", "grpc-message", "grpc-status-details-bin"] {
        assert!(exposed.contains(name), "{exposed}");
    }
    let parts = parts(&answer.body);
    let [(0, message), (0x80, trailers)] = parts.as_slice() else { panic!("an answer and trailers") };
    assert!(String::from_utf8_lossy(trailers).contains("grpc-status:0"));
    let briefed = GetBriefingResponse::decode(message.as_slice()).expect("an answer").briefing.expect("a briefing");
    let native = world.brief(by_id(&id)).await;
    assert_eq!(briefed.encode_to_vec(), native.encode_to_vec(), "the same as a native caller gets");
}

/// The form for browsers that cannot read bytes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_answer_can_be_text() {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    let (world, id) = served().await;
    let request = STANDARD.encode(framed(&briefing(by_id(&id))));
    let headers = from_page(PAGE, "application/grpc-web-text");
    let answer = ask(&world, "POST", BRIEFING, &headers, request.as_bytes()).await;
    assert_eq!((answer.code, answer.header("content-type")), (200, "application/grpc-web-text+proto"));
    // Each part of it is base64 of its own, with its own padding.
    let text = String::from_utf8(answer.body).expect("ASCII");
    let groups = text.as_bytes().chunks(4).map(|group| STANDARD.decode(group).expect("base64"));
    let parts = parts(&groups.collect::<Vec<_>>().concat());
    assert_eq!(parts.iter().map(|(flag, _)| *flag).collect::<Vec<_>>(), [0, 0x80]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_reaches_the_page_with_its_details() {
    let (world, _) = served().await;
    let request = framed(&briefing(by_id("")));
    let answer = ask(&world, "POST", BRIEFING, &from_page(PAGE, "application/grpc-web+proto"), &request).await;
    assert_eq!((answer.code, answer.header("access-control-allow-origin")), (200, PAGE));
    assert_eq!(answer.header("grpc-status"), (Code::InvalidArgument as i32).to_string());
    assert!(!answer.header("grpc-message").is_empty() && !answer.header("grpc-status-details-bin").is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_that_is_not_named_may_not() {
    let (world, id) = served().await;
    let nobody = World::start(Backend::Redb).await;
    let request = framed(&briefing(by_id(&id)));
    for (world, page) in [
        (&world, "https://evil.example"),
        (&world, "https://pos.example.evil.example"),
        (&world, "http://pos.example"),
        (&world, "https://pos.example:8443"),
        (&world, "null"),
        (&nobody, PAGE),
    ] {
        let asked = ask(world, "OPTIONS", BRIEFING, &asking(page), b"").await;
        assert_eq!((asked.code, asked.header("access-control-allow-origin")), (403, ""), "{page}");
        let called = ask(world, "POST", BRIEFING, &from_page(page, "application/grpc-web+proto"), &request).await;
        assert_eq!((called.code, called.header("access-control-allow-origin")), (403, ""), "{page}");
        assert!(called.body.is_empty(), "{page}");
    }
    // A program is no page: without an origin it comes in.
    let plain = [("content-type", "application/grpc-web+proto")];
    assert_eq!(ask(&world, "POST", BRIEFING, &plain, &request).await.code, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_neither_is_refused_by_its_http_code() {
    let (world, id) = served().await;
    let request = framed(&briefing(by_id(&id)));
    let long = "x".repeat(20_000);
    for (headers, code) in [
        (vec![("content-type", "application/grpc")], 505),
        (vec![("content-type", "application/grpc-web+json")], 415),
        (vec![("content-type", "text/plain")], 415),
        (vec![], 415),
        (vec![("content-type", "application/grpc-web+proto"), ("rapport-device", &long)], 431),
    ] {
        assert_eq!(ask(&world, "POST", BRIEFING, &headers, &request).await.code, code, "{code}");
    }
    assert_eq!(ask(&world, "GET", "/", &[], b"").await.code, 415);
    let get = [("content-type", "application/grpc-web+proto")];
    assert_eq!(ask(&world, "GET", BRIEFING, &get, b"").await.code, 405);
}
