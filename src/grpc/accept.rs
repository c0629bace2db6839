//! Accepting connections: at most so many, together and of one peer; each has to begin within its time. Small packets are
//! not delayed, and nothing spins when the process is out of file descriptors.
//!
//! HTTP/2 guards itself once its preface is there: it asks silent peers whether they live, and ends floods. HTTP/1.1 has
//! a time of its own for headers. Here stands guard until one of the two begins.

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
use tonic::transport::server::{Connected, TcpConnectInfo};

use super::seldom::Seldom;

/// The pause after an accept that failed: the usual cause is too many open files.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// What must arrive in time: as long as the preface of HTTP/2; no request of HTTP/1.1 is shorter.
const BEGINNING_BYTES: usize = 24;

/// How many connections there may be, and how they have to begin.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    pub connections_max: usize,
    /// Of one address; of one network of 64 bits with IPv6, where a single peer has all of it.
    pub per_peer_max: usize,
    /// From being accepted to the first bytes of HTTP.
    pub handshake_max: Duration,
}

/// A connection that holds its place until it is closed.
pub struct Connection {
    stream: TcpStream,
    /// Until it has begun.
    beginning: Option<Beginning>,
    _place: Place,
}

struct Beginning {
    missing: usize,
    limit: Pin<Box<Sleep>>,
}

/// Who holds how many places.
#[derive(Debug, Default)]
struct Places {
    taken: usize,
    by_peer: HashMap<IpAddr, usize>,
}

type Shared = Arc<Mutex<Places>>;

struct Place {
    places: Shared,
    peer: IpAddr,
}

impl Place {
    fn take(places: &Shared, address: SocketAddr, bounds: Bounds) -> Option<Self> {
        let peer = peer(address.ip());
        let mut all = places.lock().unwrap_or_else(PoisonError::into_inner);
        let own = all.by_peer.get(&peer).copied().unwrap_or_default();
        if all.taken >= bounds.connections_max || own >= bounds.per_peer_max {
            return None;
        }
        all.taken += 1;
        all.by_peer.insert(peer, own + 1);
        Some(Self { places: places.clone(), peer })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut all = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        all.taken -= 1;
        if let Some(own) = all.by_peer.get_mut(&self.peer) {
            *own -= 1;
            if *own == 0 {
                all.by_peer.remove(&self.peer);
            }
        }
    }
}

/// Whom an address belongs to.
fn peer(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.into(),
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX)).into(),
    }
}

/// Connections, one after the other; those that find no place are closed at once.
pub fn incoming(listener: TcpListener, bounds: Bounds) -> impl Stream<Item = io::Result<Connection>> {
    stream::unfold((listener, Shared::default()), move |(listener, places)| async move {
        let (stream, place) = accept(&listener, &places, bounds).await;
        // Only latency suffers without it.
        let _ = stream.set_nodelay(true);
        let limit = Box::pin(sleep(bounds.handshake_max));
        let beginning = Some(Beginning { missing: BEGINNING_BYTES, limit });
        Some((Ok(Connection { stream, beginning, _place: place }), (listener, places)))
    })
}

async fn accept(listener: &TcpListener, places: &Shared, bounds: Bounds) -> (TcpStream, Place) {
    static FULL: Seldom = Seldom::new();
    static FAILED: Seldom = Seldom::new();
    loop {
        match listener.accept().await {
            Ok((stream, address)) => match Place::take(places, address, bounds) {
                Some(place) => return (stream, place),
                None => {
                    if let Some(unsaid) = FULL.turn(Instant::now()) {
                        tracing::warn!(unsaid, "a connection was closed: there are as many as there may be");
                    }
                }
            },
            Err(fault) => {
                if let Some(unsaid) = FAILED.turn(Instant::now()) {
                    tracing::warn!(error = %fault, unsaid, "a connection could not be accepted");
                }
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

impl Beginning {
    /// Takes note of bytes that came. Whether it is over.
    fn came(&mut self, bytes: usize) -> bool {
        self.missing = self.missing.saturating_sub(bytes);
        self.missing == 0
    }
}

impl Connected for Connection {
    type ConnectInfo = TcpConnectInfo;

    fn connect_info(&self) -> Self::ConnectInfo {
        self.stream.connect_info()
    }
}

impl AsyncRead for Connection {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buf);
        let Some(beginning) = &mut self.beginning else {
            return read;
        };
        if read.is_pending() {
            ready!(beginning.limit.as_mut().poll(cx));
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        if beginning.came(buf.filled().len() - before) {
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
    use super::*;

    const BOUNDS: Bounds = Bounds { connections_max: 3, per_peer_max: 2, handshake_max: Duration::from_secs(1) };

    #[test]
    fn places_are_bounded_together_and_per_peer() {
        let places = Shared::default();
        let take = |address: &str| Place::take(&places, address.parse().expect("an address"), BOUNDS);
        let first = take("192.0.2.1:1").expect("free");
        let second = take("192.0.2.1:2").expect("free");
        assert!(take("192.0.2.1:3").is_none(), "this peer has its share");
        assert!(take("[::ffff:192.0.2.1]:3").is_none(), "however it is written");
        let other = take("192.0.2.2:1").expect("another peer has one of its own");
        assert!(take("192.0.2.3:1").is_none(), "all are taken");
        drop(first);
        drop(take("192.0.2.1:3").expect("a place is free again"));
        drop((second, other));
        let places = places.lock().expect("no panic");
        assert!(places.taken == 0 && places.by_peer.is_empty(), "nothing is kept of those who left: {places:?}");
    }

    #[test]
    fn a_network_of_ipv6_is_one_peer() {
        let of = |address: &str| peer(address.parse().expect("an address"));
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::9"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
    }
}
