//! Bounds the bytes of requests that are being received: of one connection, of one caller, and in all. Without it, whoever
//! begins many large requests and ends none takes the server's memory.

use std::{
    collections::HashMap,
    hash::{BuildHasher as _, RandomState},
    net::SocketAddr,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::Extensions;
use http_body::{Frame, SizeHint};
use tonic::{Status, body::Body, transport::server::TcpConnectInfo};

use super::super::{
    methods::Method,
    status::{CallError, refuse},
};
use crate::service::principal::Principal;

/// The beginning of each request that is not counted: nearly all are shorter, and then nothing is locked for them.
const FREE_BYTES: usize = 4 << 10;
/// Of one connection: the largest request that a server takes unless it is configured otherwise, and half another.
const CONNECTION_BYTES_MAX: usize = 8 << 20;
/// Of one caller: of two connections.
const CALLER_BYTES_MAX: usize = 2 * CONNECTION_BYTES_MAX;
/// In all: of two callers who take all they may. A server then stays below 64 MiB above what it takes when it is idle.
const ALL_BYTES_MAX: usize = 2 * CALLER_BYTES_MAX;

/// How many bytes are being received, by whom.
pub struct InFlight {
    key: RandomState,
    /// At least the largest request that the server takes.
    least: usize,
    taken: Mutex<Taken>,
}

#[derive(Default)]
struct Taken {
    all: usize,
    /// By the hash of a connection's or a caller's name.
    by: HashMap<u64, usize>,
}

/// Who sends a request: the hashes of its connection and of its caller. `None`: the connection in memory.
#[derive(Clone, Copy)]
struct Sender {
    connection: u64,
    caller: u64,
}

impl InFlight {
    /// For a server that takes requests of so many bytes.
    pub fn new(message_bytes_max: usize) -> Self {
        Self { key: RandomState::new(), least: message_bytes_max, taken: Mutex::default() }
    }

    /// A request's body, counted while it is received. A caller is known by its device; one that names none, by its address.
    pub fn counted(self: &Arc<Self>, body: Body, extensions: &Extensions, method: Option<&'static Method>) -> Body {
        let Some(peer) = extensions.get::<TcpConnectInfo>().and_then(TcpConnectInfo::remote_addr) else { return body };
        let sender = self.sender(peer, extensions.get::<Principal>());
        Body::new(Counted { body, in_flight: self.clone(), sender, method, read: 0, taken: 0 })
    }

    fn sender(&self, peer: SocketAddr, principal: Option<&Principal>) -> Sender {
        let device = principal.filter(|caller| caller.names_its_device()).map(|caller| caller.device.as_str());
        let caller = device.map_or_else(|| self.key.hash_one(peer.ip()), |device| self.key.hash_one(device));
        Sender { connection: self.key.hash_one(peer), caller }
    }

    /// Takes room for more bytes; `false`: there is none.
    fn take(&self, sender: Sender, bytes: usize) -> bool {
        let bounds = [(sender.connection, CONNECTION_BYTES_MAX), (sender.caller, CALLER_BYTES_MAX)];
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let has_room = |of: usize, max: usize| of + bytes <= max.max(self.least);
        let of = |whose: u64| taken.by.get(&whose).copied().unwrap_or_default();
        if !has_room(taken.all, ALL_BYTES_MAX) || bounds.iter().any(|(whose, max)| !has_room(of(*whose), *max)) {
            return false;
        }
        taken.all += bytes;
        for (whose, _) in bounds {
            *taken.by.entry(whose).or_default() += bytes;
        }
        true
    }

    fn give_back(&self, sender: Sender, bytes: usize) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.all -= bytes;
        for whose in [sender.connection, sender.caller] {
            if let Some(of) = taken.by.get_mut(&whose) {
                *of -= bytes;
                if *of == 0 {
                    taken.by.remove(&whose);
                }
            }
        }
    }
}

/// A body whose bytes count until it is dropped: until its message was read, or the call ended.
struct Counted {
    body: Body,
    in_flight: Arc<InFlight>,
    sender: Sender,
    method: Option<&'static Method>,
    read: usize,
    taken: usize,
}

impl http_body::Body for Counted {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        if let Some(data) = frame.as_ref().and_then(|frame| frame.as_ref().ok()?.data_ref()) {
            self.read += data.len();
            let more = self.read.saturating_sub(FREE_BYTES).saturating_sub(self.taken);
            if more > 0 {
                if !self.in_flight.take(self.sender, more) {
                    return Poll::Ready(Some(Err(refuse(self.method, CallError::TooMuchInFlight))));
                }
                self.taken += more;
            }
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        if self.taken > 0 {
            self.in_flight.give_back(self.sender, self.taken);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_is_bounded_and_comes_back() {
        let in_flight = InFlight::new(5 << 20);
        let of = |connection, caller| Sender { connection, caller };
        assert!(in_flight.take(of(1, 10), CONNECTION_BYTES_MAX));
        assert!(!in_flight.take(of(1, 10), 1), "the connection's bound");
        assert!(in_flight.take(of(2, 10), CONNECTION_BYTES_MAX));
        assert!(!in_flight.take(of(3, 10), 1), "the caller's bound");
        assert!(in_flight.take(of(4, 11), CONNECTION_BYTES_MAX) && in_flight.take(of(5, 11), CONNECTION_BYTES_MAX));
        assert!(!in_flight.take(of(6, 12), 1), "the bound of all");
        in_flight.give_back(of(1, 10), CONNECTION_BYTES_MAX);
        assert!(in_flight.take(of(6, 12), 1));
        for (connection, caller, bytes) in [(2, 10, CONNECTION_BYTES_MAX), (4, 11, CONNECTION_BYTES_MAX)] {
            in_flight.give_back(of(connection, caller), bytes);
        }
        in_flight.give_back(of(5, 11), CONNECTION_BYTES_MAX);
        in_flight.give_back(of(6, 12), 1);
        let taken = in_flight.taken.lock().expect("whole");
        assert!(taken.all == 0 && taken.by.is_empty(), "nothing is kept of those who have ended");
    }

    #[test]
    fn a_request_as_large_as_the_server_takes_has_room() {
        let large = 4 * ALL_BYTES_MAX;
        let in_flight = InFlight::new(large);
        assert!(in_flight.take(Sender { connection: 1, caller: 10 }, large));
    }
}
