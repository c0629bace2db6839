//! Bytes that are no proper call: each gets its answer, nothing is stored, and the same connection serves on.

use std::io::{Read as _, Write as _};

use bytes::Bytes;
use prost::Message as _;
use rapport::proto::*;
use tonic::Code;

use super::{raw::*, world::*};

on_both!(
    a_message_over_the_limit_is_refused,
    bytes_that_are_no_message_are_refused,
    a_compression_that_is_not_offered_is_named,
    only_large_answers_are_compressed,
    a_call_takes_one_message,
    another_content_type_is_no_grpc,
    headers_have_a_bound,
    a_timeout_that_is_none_is_refused,
    a_write_outlives_its_deadline,
);

const GET: &str = "/rapport.v1.CustomerService/GetCustomer";
const CREATE: &str = "/rapport.v1.CustomerService/CreateCustomer";
const BRIEF: &str = "/rapport.v1.BriefingService/GetBriefing";
const LOOKUP: &str = "/rapport.v1.BriefingService/LookupBriefings";
const INGEST: &str = "/rapport.v1.InteractionService/IngestInteractions";
const RECORD: &str = "/rapport.v1.InteractionService/RecordInteractions";
/// The default of message-bytes-max, for methods that carry bulk; and the bound of all others.
const MESSAGE_BYTES_MAX: usize = 5 << 20;
const SMALL_BYTES_MAX: usize = 256 << 10;

/// A world with a customer, its content, and a raw connection to it.
struct Stage {
    world: World,
    id: String,
    before: Dump,
    raw: Plain,
}

impl Stage {
    async fn new(world: World) -> Self {
        let id = world.create(named("Ana")).await.customer_id;
        let before = world.dump().await;
        let raw = Plain::open(world.server.address).await;
        Self { world, id, before, raw }
    }

    async fn refused(&mut self, path: &str, more: &[(&str, &str)], body: Bytes, code: Code, why: &str) {
        let answer = self.raw.grpc(path, more, body).await;
        assert_eq!(answer.code, 200);
        assert_refused(&answer.status(), code, why);
        self.serves_on().await;
    }

    /// This connection and others are served.
    async fn serves_on(&mut self) {
        let answer = self.raw.grpc(GET, &[], framed(&get(&self.id))).await;
        assert_eq!((answer.code, answer.status().code()), (200, Code::Ok));
        assert_eq!(self.world.get(&self.id).await.customer_id, self.id);
    }

    async fn ends(self) {
        self.world.assert_unchanged(&self.before).await;
    }
}

/// A message of so many bytes, all of them in a field that nobody knows.
fn unknown(bytes: usize) -> Vec<u8> {
    // Number 100 takes two bytes, and what is left is its length and that many bytes.
    let mut message = vec![0xa2, 0x06];
    let left = (bytes - message.len()) as u64;
    prost::encoding::encode_varint(left - prost::encoding::encoded_len_varint(left) as u64, &mut message);
    message.resize(bytes, b'x');
    message
}

async fn a_message_over_the_limit_is_refused(world: World) {
    let mut stage = Stage::new(world).await;
    for (method, bytes_max, field) in
        [(GET, SMALL_BYTES_MAX, "customer_id"), (RECORD, MESSAGE_BYTES_MAX, "interactions")]
    {
        let largest = stage.raw.grpc(method, &[], prefixed(0, &unknown(bytes_max))).await.status();
        assert_field(&largest, field, "");
        let over = prefixed(0, &unknown(bytes_max + 1));
        stage.refused(method, &[], over, Code::ResourceExhausted, "MESSAGE_TOO_LARGE").await;
    }
    // A prefix alone must not make room for what it announces.
    let announced = Bytes::from_static(&[0, 0xff, 0xff, 0xff, 0xff]);
    stage.refused(GET, &[], announced, Code::ResourceExhausted, "MESSAGE_TOO_LARGE").await;
    stage.ends().await;
}

async fn bytes_that_are_no_message_are_refused(world: World) {
    let mut stage = Stage::new(world).await;
    let message = get(&stage.id);
    let whole = framed(&message);
    let nested = [[0x7b; 200], [0x7c; 200]].concat();
    for (what, body) in [
        ("compressed, but by what?", prefixed(1, &prost::Message::encode_to_vec(&message))),
        ("flag 7", prefixed(7, &prost::Message::encode_to_vec(&message))),
        ("a varint that goes on", prefixed(0, &[0x80])),
        ("a length that goes on", prefixed(0, &[0x0a, 0xff, 0xff])),
        ("more announced than sent", whole.slice(..whole.len() - 1)),
        ("half a prefix", whole.slice(..3)),
        ("a text that is not UTF-8", prefixed(0, &[0x0a, 2, 0xff, 0xfe])),
        ("200 groups, one in the other", prefixed(0, &nested)),
        ("a group without end", prefixed(0, &[0x7b])),
        ("no message", Bytes::new()),
    ] {
        let answer = stage.raw.grpc(GET, &[], body).await;
        assert_eq!(answer.code, 200, "{what}");
        assert_refused(&answer.status(), Code::Internal, "MESSAGE_MALFORMED");
        stage.serves_on().await;
    }
    stage.ends().await;
}

async fn a_compression_that_is_not_offered_is_named(world: World) {
    let mut stage = Stage::new(world).await;
    let body = framed(&get(&stage.id));
    let answer = stage.raw.grpc(GET, &[("grpc-encoding", "br")], body.clone()).await;
    assert_refused(&answer.status(), Code::Unimplemented, "NOT_OFFERED");
    assert!(answer.headers["grpc-accept-encoding"].to_str().expect("ASCII").contains("gzip"), "it says what is");
    stage.refused("/rapport.v1.CustomerService/Nothing", &[], body.clone(), Code::Unimplemented, "NOT_OFFERED").await;
    stage.refused("/nobody.Nowhere/Nothing", &[], body, Code::Unimplemented, "NOT_OFFERED").await;
    stage.ends().await;
}

/// The messages of an answer, each with its flag.
fn messages(mut body: &[u8]) -> Vec<(u8, &[u8])> {
    let mut messages = Vec::new();
    while let [flag, a, b, c, d, rest @ ..] = body {
        let (message, rest) = rest.split_at(u32::from_be_bytes([*a, *b, *c, *d]) as usize);
        messages.push((*flag, message));
        body = rest;
    }
    messages
}

/// Most clients offer gzip without being asked to: compressing what is small costs many times the call.
async fn only_large_answers_are_compressed(world: World) {
    let mut stage = Stage::new(world).await;
    let gzip = ("grpc-accept-encoding", "identity, deflate, gzip");
    let briefed = stage.raw.grpc(BRIEF, &[gzip], framed(&briefing(by_id(&stage.id)))).await;
    let [(0, message)] = messages(&briefed.body)[..] else { panic!("one, not compressed: {:?}", briefed.body) };
    let briefed = GetBriefingResponse::decode(message).expect("a message").briefing.expect("a briefing");
    assert_eq!(briefed.customer_id, stage.id);

    let items = ["1", "2"].map(|number| IngestInteractionsRequest {
        sequence: number.parse().expect("a number"),
        interaction: Some(purchase(&stage.id, number, vec![line("tea", 1)])),
    });
    let ingested = stage.raw.grpc(INGEST, &[gzip], items.map(|item| framed(&item)).concat().into()).await;
    let flags: Vec<u8> = messages(&ingested.body).into_iter().map(|(flag, _)| flag).collect();
    assert_eq!((ingested.status().code(), flags.as_slice()), (Code::Ok, &[0, 0][..]));

    let subjects = vec![by_id(&stage.id); 100];
    let arrivals = with!(LookupBriefingsRequest { subjects, venue_id: VENUE.into(), purpose: 1 });
    let plain = stage.raw.grpc(LOOKUP, &[("grpc-accept-encoding", "identity")], framed(&arrivals)).await;
    let [(0, plain)] = messages(&plain.body)[..] else { panic!("one, not compressed") };
    let answer = stage.raw.grpc(LOOKUP, &[gzip], framed(&arrivals)).await;
    assert_eq!(answer.headers["grpc-encoding"], "gzip");
    let [(1, small)] = messages(&answer.body)[..] else { panic!("one, compressed") };
    let mut message = Vec::new();
    flate2::read::GzDecoder::new(small).read_to_end(&mut message).expect("gzip");
    assert!(plain.len() >= 32 << 10 && small.len() < plain.len() / 2 && message.len() == plain.len());
    assert_eq!(LookupBriefingsResponse::decode(message.as_slice()).expect("a message").results.len(), 100);

    let mut request = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    request.write_all(&get(&stage.id).encode_to_vec()).expect("written");
    let request = prefixed(1, &request.finish().expect("written"));
    let answer = stage.raw.grpc(GET, &[("grpc-encoding", "gzip")], request).await;
    assert_eq!(answer.status().code(), Code::Ok, "requests may be compressed");
    stage.serves_on().await;
}

async fn a_call_takes_one_message(world: World) {
    let mut stage = Stage::new(world).await;
    let create = framed(&CreateCustomerRequest { customer: Some(named("Bo")), request_id: String::new() });
    let two = Bytes::from([create.clone(), create].concat());
    stage.refused(CREATE, &[], two, Code::Internal, "MESSAGE_MALFORMED").await;
    stage.ends().await;
}

async fn another_content_type_is_no_grpc(world: World) {
    let mut stage = Stage::new(world).await;
    let body = framed(&get(&stage.id));
    for wrong in ["text/plain", "application/json", "application/grpcs", "application/grpc-web+json", ""] {
        let answer = stage.raw.call(GET, &[("content-type", wrong)], body.clone()).await;
        assert_eq!((answer.code, answer.body.len()), (415, 0), "{wrong}");
    }
    assert_eq!(stage.raw.call(GET, &[], body.clone()).await.code, 415);
    for right in ["application/grpc", "application/grpc+proto", "application/grpc;charset=utf-8"] {
        let answer = stage.raw.call(GET, &[("content-type", right)], body.clone()).await;
        assert_eq!((answer.code, answer.status().code()), (200, Code::Ok), "{right}");
    }
    stage.ends().await;
}

async fn headers_have_a_bound(world: World) {
    let mut stage = Stage::new(world).await;
    let body = framed(&get(&stage.id));
    let long = "x".repeat(20_000);
    assert_eq!(stage.raw.grpc(GET, &[("rapport-note", &long)], body.clone()).await.code, 431);
    stage.serves_on().await;
    let many: Vec<(String, &str)> = (0..400).map(|number| (format!("x-{number}"), "0123456789")).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    assert_eq!(stage.raw.grpc(GET, &many, body.clone()).await.code, 431);
    stage.serves_on().await;
    let fits = "x".repeat(15_000);
    let answer = stage.raw.grpc(GET, &[("rapport-note", &fits)], body).await;
    assert_eq!((answer.code, answer.status().code()), (200, Code::Ok));
    stage.ends().await;
}

async fn a_timeout_that_is_none_is_refused(world: World) {
    let mut stage = Stage::new(world).await;
    let create = framed(&CreateCustomerRequest { customer: Some(named("Bo")), request_id: String::new() });
    for junk in ["soon", "10", "1.5S", "-1S", "100000000S", "1s", "1000 m", ""] {
        let answer = stage.raw.grpc(CREATE, &[("grpc-timeout", junk)], create.clone()).await;
        assert_invalid(&answer.status(), "grpc-timeout", junk);
        assert_eq!(reason(&answer.status()), "TIMEOUT_MALFORMED");
        stage.serves_on().await;
    }
    for right in ["10S", "99999999H", "5000m"] {
        let answer = stage.raw.grpc(GET, &[("grpc-timeout", right)], framed(&get(&stage.id))).await;
        assert_eq!(answer.status().code(), Code::Ok, "{right}");
    }
    stage.ends().await;
}

/// At whichever moment the deadline passes, a write is complete or absent, and repeating it stores it exactly once.
async fn a_write_outlives_its_deadline(world: World) {
    const WRITES: usize = 40;
    let mut stage = Stage::new(world).await;
    let mut passed = 0;
    for number in 0..WRITES {
        let customer = CustomerDraft { precautions: vec![allergy("PEANUTS")], ..named(&format!("Guest {number}")) };
        let create = CreateCustomerRequest { customer: Some(customer), request_id: format!("write-{number}") };
        let timeout = format!("{}u", number * number);
        let first = stage.raw.grpc(CREATE, &[("grpc-timeout", &timeout)], framed(&create)).await.status();
        if first.code() != Code::Ok {
            assert_refused(&first, Code::DeadlineExceeded, "DEADLINE_PASSED");
            passed += 1;
        }
        let again = stage.raw.grpc(CREATE, &[], framed(&create)).await;
        assert_eq!(again.status().code(), Code::Ok, "{:?}", again.status());
    }
    assert!(passed > 0, "the shortest deadlines pass");
    stage.world.settle().await;
    let all = ListCustomersRequest { page_size: 200, ..ListCustomersRequest::default() };
    let listed = stage.world.customers().list_customers(all).await.expect("listed").into_inner().customer_ids;
    assert_eq!(listed.len(), WRITES + 1, "each once");
    for id in listed.iter().filter(|id| **id != stage.id) {
        assert_eq!(stage.world.get(id).await.precautions.len(), 1, "whole");
    }
}
