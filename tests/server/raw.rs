//! Connections below any gRPC library: HTTP/2 as the h2 crate speaks it, and frames written by hand where it refuses to
//! misbehave.

use std::{net::SocketAddr, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, Request, Version};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};
use tonic::Status;

/// No event takes so long; a test that waited longer would wait for ever.
pub const EVENT_MAX: Duration = Duration::from_mins(1);

/// A message with its prefix.
pub fn framed(message: &impl prost::Message) -> Bytes {
    prefixed(0, &message.encode_to_vec())
}

/// Bytes as a message would stand on the wire, with this flag.
pub fn prefixed(flag: u8, bytes: &[u8]) -> Bytes {
    [&[flag][..], &u32::try_from(bytes.len()).expect("small").to_be_bytes(), bytes].concat().into()
}

/// How a call's body ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    Whole,
    /// The stream is reset instead.
    Reset,
}

/// What came back.
pub struct Answer {
    pub code: u16,
    /// Headers and trailers.
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    /// The call's status, if it has one.
    pub fn status(&self) -> Status {
        Status::from_header_map(&self.headers).expect("a status")
    }
}

/// A connection that keeps to HTTP/2 and to nothing else.
pub struct Plain {
    send: h2::client::SendRequest<Bytes>,
    driver: tokio::task::JoinHandle<Result<(), h2::Error>>,
}

impl Plain {
    pub async fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.expect("listens");
        // As clients do: else a frame may wait for the acknowledgement of the one before.
        stream.set_nodelay(true).expect("a connection");
        let (send, connection) = h2::client::handshake(stream).await.expect("HTTP/2");
        Self { send, driver: tokio::spawn(connection) }
    }

    /// Sends a request and waits for the whole answer.
    pub async fn call(&mut self, path: &str, headers: &[(&str, &str)], body: Bytes) -> Answer {
        let (answer, mut sending) = self.send.send_request(request(path, headers), false).expect("open");
        // The server may have refused before it is all sent.
        let _ = sending.send_data(body, true);
        timeout(EVENT_MAX, received(answer)).await.expect("an answer comes")
    }

    /// Sends headers, and nothing of the message that they announce; waits for the whole answer.
    pub async fn unfinished(&mut self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let request = request(path, headers);
        let (answer, _sending) = self.send.send_request(request, false).expect("open");
        timeout(EVENT_MAX, received(answer)).await.expect("an answer comes")
    }

    /// Sends the beginning of a call's body, and no more. `Ok`: all of it was received, and the rest is awaited; `Err`: it was refused.
    pub async fn half_sent(&mut self, path: &str, beginning: Bytes) -> Result<h2::SendStream<Bytes>, Answer> {
        let request = request(path, &[("content-type", "application/grpc"), ("te", "trailers")]);
        let (answer, mut sending) = self.send.send_request(request, false).expect("open");
        // A frame of nothing is a flood to the server.
        if !beginning.is_empty() {
            let _ = sending.send_data(beginning, false);
        }
        // There is room for more once what was sent is received.
        sending.reserve_capacity(1);
        let mut answer = std::pin::pin!(timeout(EVENT_MAX, received(answer)));
        let has_room = tokio::select! {
            answer = &mut answer => return Err(answer.expect("an answer comes")),
            room = std::future::poll_fn(|context| sending.poll_capacity(context)) => matches!(room, Some(Ok(_))),
        };
        if has_room { Ok(sending) } else { Err(answer.await.expect("an answer comes")) }
    }

    /// Sends a call's body in these pieces, and ends it so. `Ok(None)`: nobody waits for an answer. The server may end the connection over
    /// what it is sent.
    pub async fn pieces(
        &mut self,
        request: Request<()>,
        pieces: &[Bytes],
        end: End,
    ) -> Result<Option<Answer>, h2::Error> {
        let (answer, mut sending) = self.send.clone().ready().await?.send_request(request, false)?;
        for (number, piece) in pieces.iter().enumerate() {
            let is_last = end == End::Whole && number + 1 == pieces.len();
            // The server may have refused before it is all sent.
            let _ = sending.send_data(piece.clone(), is_last);
        }
        if end == End::Reset {
            // What was not sent yet is never sent after a reset: let the connection send first.
            tokio::task::yield_now().await;
            sending.send_reset(h2::Reason::CANCEL);
            return Ok(None);
        }
        if pieces.is_empty() {
            let _ = sending.send_data(Bytes::new(), true);
        }
        timeout(EVENT_MAX, tried(answer)).await.expect("an answer comes").map(Some)
    }

    /// The same as gRPC.
    pub async fn grpc(&mut self, path: &str, more: &[(&str, &str)], body: Bytes) -> Answer {
        let headers = [&[("content-type", "application/grpc"), ("te", "trailers")], more].concat();
        self.call(path, &headers, body).await
    }

    /// Waits until the server has ended the connection.
    pub async fn closed(self) {
        let _send = self.send;
        let _ = timeout(EVENT_MAX, self.driver).await.expect("it is closed").expect("no panic");
    }
}

/// A connection that gives no room for answers.
pub struct Greedy {
    send: h2::client::SendRequest<Bytes>,
    _driver: tokio::task::JoinHandle<Result<(), h2::Error>>,
}

impl Greedy {
    pub async fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.expect("listens");
        let mut builder = h2::client::Builder::new();
        let (send, connection) = builder.initial_window_size(0).handshake(stream).await.expect("HTTP/2");
        Self { send, _driver: tokio::spawn(connection) }
    }

    /// Sends the same call so many times, one after the other, and waits for the head of each answer.
    pub async fn ask(&self, path: &str, body: Bytes, times: usize) -> (Vec<HeaderMap>, Vec<h2::RecvStream>) {
        let (mut heads, mut bodies) = (Vec::new(), Vec::new());
        for _ in 0..times {
            let request = request(path, &[("content-type", "application/grpc"), ("te", "trailers")]);
            let mut send = self.send.clone().ready().await.expect("open");
            let (answer, mut sending) = send.send_request(request, false).expect("open");
            sending.send_data(body.clone(), true).expect("open");
            let (head, body) = timeout(EVENT_MAX, answer).await.expect("a head comes").expect("an answer").into_parts();
            heads.push(head.headers);
            bodies.push(body);
        }
        (heads, bodies)
    }
}

fn request(path: &str, headers: &[(&str, &str)]) -> Request<()> {
    let mut request = Request::post(format!("http://rapport{path}")).version(Version::HTTP_2);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(()).expect("a request")
}

async fn received(answer: h2::client::ResponseFuture) -> Answer {
    tried(answer).await.expect("an answer")
}

async fn tried(answer: h2::client::ResponseFuture) -> Result<Answer, h2::Error> {
    let (head, mut body) = answer.await?.into_parts();
    let mut whole = Vec::new();
    while let Some(part) = body.data().await {
        let part = part?;
        body.flow_control().release_capacity(part.len())?;
        whole.extend_from_slice(&part);
    }
    let mut headers = head.headers;
    headers.extend(body.trailers().await?.unwrap_or_default());
    Ok(Answer { code: head.status.as_u16(), headers, body: whole })
}

/// Kinds of frames, and their flags.
pub const DATA: u8 = 0;
pub const HEADERS: u8 = 1;
pub const RST_STREAM: u8 = 3;
pub const SETTINGS: u8 = 4;
pub const CONTINUATION: u8 = 9;
pub const END_HEADERS: u8 = 4;
const GOAWAY: u8 = 7;
/// How HTTP/2 begins.
pub const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

pub fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("small").to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// Headers in the plainest form of HPACK: no table, no Huffman code.
pub fn headers(fields: &[(&str, &str)]) -> Vec<u8> {
    let mut block = Vec::new();
    for (name, value) in fields {
        for (text, first) in [(name, true), (value, false)] {
            if first {
                block.push(0);
            }
            block.push(u8::try_from(text.len()).ok().filter(|length| *length < 127).expect("short"));
            block.extend_from_slice(text.as_bytes());
        }
    }
    block
}

/// The headers of a call.
pub fn call_headers(path: &str) -> Vec<u8> {
    headers(&[
        (":method", "POST"),
        (":scheme", "http"),
        (":path", path),
        (":authority", "rapport"),
        ("content-type", "application/grpc"),
        ("te", "trailers"),
    ])
}

/// A connection that keeps to nothing.
pub struct Wild(pub TcpStream);

impl Wild {
    /// Connects, and says nothing.
    pub async fn silent(address: SocketAddr) -> Self {
        Self(TcpStream::connect(address).await.expect("listens"))
    }

    /// Connects, and begins as HTTP/2 does.
    pub async fn begun(address: SocketAddr) -> Self {
        let mut wild = Self::silent(address).await;
        wild.say(&[PREFACE, &frame(SETTINGS, 0, 0, &[])].concat()).await;
        wild
    }

    /// Writes; the server may have closed already.
    pub async fn say(&mut self, bytes: &[u8]) {
        let _ = self.0.write_all(bytes).await;
    }

    /// Reads until the server closes. The code of its GOAWAY, if it said why.
    pub async fn closed(mut self) -> Option<u32> {
        let mut all = Vec::new();
        // A reset is an end too.
        let _ = timeout(EVENT_MAX, self.0.read_to_end(&mut all)).await.expect("it is closed");
        let (mut rest, mut why) = (all.as_slice(), None);
        while let [a, b, c, kind, _, _, _, _, _, tail @ ..] = rest {
            let payload = tail.get(..u32::from_be_bytes([0, *a, *b, *c]) as usize).unwrap_or_default();
            if let (GOAWAY, Some(code)) = (*kind, payload.get(4..8)) {
                why = Some(u32::from_be_bytes(code.try_into().expect("four")));
            }
            rest = &tail[payload.len()..];
        }
        why
    }
}
