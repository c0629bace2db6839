//! Accepts connections, with a limit on all of them and one per peer. A connection must begin to speak HTTP within the
//! handshake time, or it is closed. Nagle's algorithm is off, so that small packets are sent at once. When the process is
//! out of file descriptors, accepting pauses instead of spinning.
//!
//! After its preface HTTP/2 guards itself: it pings silent peers and closes floods. HTTP/1.1 has its own time limit for
//! headers. This module guards the time before that. A TLS handshake does not count as the beginning of HTTP.
//!
//! When the server stops, HTTP ends each connection once its last call has ended, and of an idle one at once; but it asks the peer first whether
//! more is on its way (HTTP/2 pings), and waits for a request whose head is not whole. So a peer that says nothing would hold up the
//! end: its connection is closed here.

use std::{
    collections::HashMap,
    io,
    net::{IpAddr, Ipv6Addr, SocketAddr},
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, ready},
    time::{Duration, Instant},
};

use futures_util::{Stream, stream};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    time::{Sleep, sleep},
};
use tokio_util::sync::CancellationToken;
use tonic::transport::server::{Connected, TcpConnectInfo};

use crate::log_throttle::LogThrottle;

/// The pause after a failed accept, which usually means too many open files.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// So many bytes must arrive within the handshake time: the length of the HTTP/2 preface. No HTTP/1.1 request is shorter.
const BEGINNING_BYTES: usize = 24;
/// The first byte of a TLS handshake record. HTTP never begins with it.
const TLS_HANDSHAKE: u8 = 0x16;
/// How long a peer may say nothing once the server stops: a library answers a ping by itself, within a round trip, whatever its calls wait for.
const ANSWER_MAX: Duration = Duration::from_secs(2);
/// The second byte of HTTP/2's preface (`PRI`). No method that is served has it there.
const HTTP2_SECOND: u8 = b'R';

/// Limits on connections.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    pub connections_max: usize,
    /// Per IPv4 address, or per IPv6 /64 network, since one peer usually has a whole /64.
    pub per_peer_max: usize,
    /// The time from accepting a connection to the first bytes of HTTP.
    pub handshake_max: Duration,
}

/// A connection that holds its permit until it is closed.
pub struct Connection {
    stream: TcpStream,
    /// Set until HTTP has begun.
    beginning: Option<Beginning>,
    spoken: Spoken,
    /// Of this connection alone, since each read looks at it.
    stop: CancellationToken,
    /// Once the server stops: how long the peer may go on saying nothing.
    silence: Option<Pin<Box<Sleep>>>,
    /// Whether it has said something since.
    has_answered: bool,
    _permit: Permit,
}

/// What a peer has said so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Spoken {
    /// So many bytes, and not yet which HTTP.
    Bytes(usize),
    Http2,
    /// A part of the first head of HTTP/1.1. So many line ends came last: an empty line ends it.
    Head(u8),
    /// A head of HTTP/1.1, so that a call may be under way: nothing more has to come.
    Call,
}

impl Spoken {
    fn after(self, came: &[u8]) -> Self {
        came.iter().fold(self, |spoken, byte| match (spoken, byte) {
            (Self::Bytes(0), _) => Self::Bytes(1),
            (Self::Bytes(_), &HTTP2_SECOND) => Self::Http2,
            (Self::Bytes(_), _) => Self::Head(0),
            (Self::Head(0), b'\n') => Self::Head(1),
            (Self::Head(_), b'\n') => Self::Call,
            (Self::Head(ends), b'\r') => Self::Head(ends),
            (Self::Head(_), _) => Self::Head(0),
            (Self::Http2 | Self::Call, _) => spoken,
        })
    }
}

struct Beginning {
    bytes: Bytes,
    limit: Pin<Box<Sleep>>,
}

/// Which of a connection's first bytes have arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bytes {
    /// This many are missing until HTTP has begun.
    Missing(usize),
    /// They are a TLS handshake. HTTP begins inside the encryption, where this module cannot see it.
    Tls,
}

/// How many permits are taken, in all and by each peer.
#[derive(Debug, Default)]
struct Permits {
    taken: usize,
    by_peer: HashMap<IpAddr, usize>,
}

type Shared = Arc<Mutex<Permits>>;

struct Permit {
    permits: Shared,
    peer: IpAddr,
}

impl Permit {
    fn take(permits: &Shared, address: SocketAddr, bounds: Bounds) -> Option<Self> {
        let peer = network(address.ip());
        let mut all = permits.lock().unwrap_or_else(PoisonError::into_inner);
        let own = all.by_peer.get(&peer).copied().unwrap_or_default();
        if all.taken >= bounds.connections_max || own >= bounds.per_peer_max {
            return None;
        }
        all.taken += 1;
        all.by_peer.insert(peer, own + 1);
        Some(Self { permits: permits.clone(), peer })
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut all = self.permits.lock().unwrap_or_else(PoisonError::into_inner);
        all.taken -= 1;
        if let Some(own) = all.by_peer.get_mut(&self.peer) {
            *own -= 1;
            if *own == 0 {
                all.by_peer.remove(&self.peer);
            }
        }
    }
}

/// The peer that an address belongs to: the IPv4 address itself, or the IPv6 /64 network.
pub(super) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.into(),
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX)).into(),
    }
}

/// The accepted connections. One without a permit is closed at once, and one whose peer is silent soon after `stop`.
pub fn incoming(
    listener: TcpListener,
    bounds: Bounds,
    stop: CancellationToken,
) -> impl Stream<Item = io::Result<Connection>> {
    stream::unfold((listener, Shared::default(), stop), move |(listener, permits, stop)| async move {
        let (stream, permit) = accept(&listener, &permits, bounds).await;
        // If this fails, small packets are delayed; nothing else is wrong.
        let _ = stream.set_nodelay(true);
        let limit = Box::pin(sleep(bounds.handshake_max));
        let beginning = Some(Beginning { bytes: Bytes::Missing(BEGINNING_BYTES), limit });
        let connection = Connection {
            stream,
            beginning,
            spoken: Spoken::Bytes(0),
            stop: stop.child_token(),
            silence: None,
            has_answered: false,
            _permit: permit,
        };
        Some((Ok(connection), (listener, permits, stop)))
    })
}

async fn accept(listener: &TcpListener, permits: &Shared, bounds: Bounds) -> (TcpStream, Permit) {
    static FULL: LogThrottle = LogThrottle::new();
    static FAILED: LogThrottle = LogThrottle::new();
    loop {
        match listener.accept().await {
            Ok((stream, address)) => match Permit::take(permits, address, bounds) {
                Some(permit) => return (stream, permit),
                None => {
                    if let Some(suppressed) = FULL.allow((), Instant::now()) {
                        tracing::warn!(suppressed, "a connection was closed: there are as many as there may be");
                    }
                }
            },
            Err(fault) => {
                if let Some(suppressed) = FAILED.allow((), Instant::now()) {
                    tracing::warn!(error = %fault, suppressed, "a connection could not be accepted");
                }
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

impl Bytes {
    /// The state after these bytes have arrived.
    fn after(self, came: &[u8]) -> Self {
        match (self, came.first()) {
            (Self::Missing(BEGINNING_BYTES), Some(&TLS_HANDSHAKE)) => Self::Tls,
            (Self::Missing(missing), _) => Self::Missing(missing.saturating_sub(came.len())),
            (Self::Tls, _) => Self::Tls,
        }
    }
}

impl Connected for Connection {
    type ConnectInfo = TcpConnectInfo;

    fn connect_info(&self) -> Self::ConnectInfo {
        self.stream.connect_info()
    }
}

impl Connection {
    /// Notes what came, and answers whether the server has stopped and the peer had time enough to answer.
    fn is_over(&mut self, came: &[u8], cx: &mut Context<'_>) -> bool {
        if !matches!(self.spoken, Spoken::Http2 | Spoken::Call) {
            self.spoken = self.spoken.after(came);
        }
        if !self.stop.is_cancelled() || self.spoken == Spoken::Call || self.has_answered {
            return false;
        }
        if !came.is_empty() {
            // What was there before all was read is of before the server stopped.
            self.has_answered = self.silence.is_some();
            return false;
        }
        self.silence.get_or_insert_with(|| Box::pin(sleep(ANSWER_MAX))).as_mut().poll(cx).is_ready()
    }
}

impl AsyncRead for Connection {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buf);
        // HTTP reads again once the server stops, which it is told too.
        if self.is_over(&buf.filled()[before..], cx) && read.is_pending() {
            // As if the peer had closed it.
            return Poll::Ready(Ok(()));
        }
        let Some(beginning) = &mut self.beginning else {
            return read;
        };
        if read.is_pending() {
            ready!(beginning.limit.as_mut().poll(cx));
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        beginning.bytes = beginning.bytes.after(&buf.filled()[before..]);
        if beginning.bytes == Bytes::Missing(0) {
            self.beginning = None;
        }
        read
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::StreamExt as _;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    const BOUNDS: Bounds = Bounds { connections_max: 3, per_peer_max: 2, handshake_max: Duration::from_secs(1) };

    #[test]
    fn permits_are_bounded_together_and_per_peer() {
        let permits = Shared::default();
        let take = |address: &str| Permit::take(&permits, address.parse().expect("an address"), BOUNDS);
        let first = take("192.0.2.1:1").expect("free");
        let second = take("192.0.2.1:2").expect("free");
        assert!(take("192.0.2.1:3").is_none(), "this peer has its share");
        assert!(take("[::ffff:192.0.2.1]:3").is_none(), "however it is written");
        let other = take("192.0.2.2:1").expect("another peer has one of its own");
        assert!(take("192.0.2.3:1").is_none(), "all are taken");
        drop(first);
        drop(take("192.0.2.1:3").expect("one is free again"));
        drop((second, other));
        let permits = permits.lock().expect("no panic");
        assert!(permits.taken == 0 && permits.by_peer.is_empty(), "nothing is kept of those who left: {permits:?}");
    }

    /// Reads from the connection as a TLS acceptor would, without HTTP in between.
    #[tokio::test]
    async fn a_tls_handshake_has_the_time_of_a_beginning() {
        let bounds = Bounds { handshake_max: Duration::from_millis(50), ..BOUNDS };
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let mut incoming = std::pin::pin!(incoming(listener, bounds, CancellationToken::new()));
        // The record of a ClientHello, longer than any beginning of HTTP: its header says 512 bytes, and 300 come.
        let hello = [&[TLS_HANDSHAKE, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3][..], &[7; 289]].concat();
        for (first_bytes, ends) in [(hello.as_slice(), true), (b"POST /rapport.v1.Any/Thing HTTP/1.1\r\n", false)] {
            let mut client = TcpStream::connect(address).await.expect("listens");
            let mut connection = incoming.next().await.expect("goes on").expect("accepted");
            client.write_all(first_bytes).await.expect("written");
            let mut read = vec![0; first_bytes.len()];
            connection.read_exact(&mut read).await.expect("it came");
            assert_eq!(read, first_bytes);
            let mut more = [0; 1];
            let waiting = tokio::time::timeout(bounds.handshake_max * 4, connection.read(&mut more)).await;
            match waiting {
                Ok(end) => assert!(ends && end.expect_err("no more came").kind() == io::ErrorKind::TimedOut),
                Err(_) => assert!(!ends, "it waits for ever"),
            }
        }
    }

    #[test]
    fn what_was_said_is_known_however_it_comes() {
        let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
        for (said, spoken) in [
            (&b""[..], Spoken::Bytes(0)),
            (b"P", Spoken::Bytes(1)),
            (preface, Spoken::Http2),
            (b"POST / HTTP/1.1\r\nHost: x\r\n", Spoken::Head(1)),
            (b"POST / HTTP/1.1\r\nHost: x\r\n\r", Spoken::Head(1)),
            (b"POST / HTTP/1.1\r\nHost: x\r\n\r\n", Spoken::Call),
            (b"POST / HTTP/1.1\nHost: x\n\nbody", Spoken::Call),
        ] {
            assert_eq!(Spoken::Bytes(0).after(said), spoken);
            let byte_by_byte = said.chunks(1).fold(Spoken::Bytes(0), |spoken, byte| spoken.after(byte));
            assert_eq!(byte_by_byte, spoken);
        }
    }

    #[test]
    fn a_network_of_ipv6_is_one_peer() {
        let of = |address: &str| network(address.parse().expect("an address"));
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::9"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
    }
}
