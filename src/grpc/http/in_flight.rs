//! Bounds the bytes of messages that are being received: of one connection, of one caller, and in all; and the time that one takes. The same
//! bounds hold for answers that wait to be taken (`waiting`).
//! Without it, whoever begins many large messages and ends none takes the server's memory.

use std::{
    collections::HashMap,
    hash::{BuildHasher as _, RandomState},
    net::SocketAddr,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use http::Extensions;
use http_body::{Frame, SizeHint};
use tokio::time::{Sleep, sleep};
use tonic::{Status, body::Body, transport::server::TcpConnectInfo};

use super::super::{
    accept::network,
    methods::Method,
    status::{CallError, refuse},
};
use crate::service::principal::{CountedAs, Principal};

/// The beginning of each message that is not counted: nearly all are shorter, and then nothing is locked for them.
const FREE_BYTES: usize = 4 << 10;
/// Of one connection: the largest request that a server takes unless it is configured otherwise, and half another.
const CONNECTION_BYTES_MAX: usize = 8 << 20;
/// Of one caller: of two connections.
const CALLER_BYTES_MAX: usize = 2 * CONNECTION_BYTES_MAX;
/// In all: of two callers who take all they may. A server then stays below 64 MiB above what it takes when it is idle.
const ALL_BYTES_MAX: usize = 2 * CALLER_BYTES_MAX;
/// From when a message is counted until it is whole: 5 MiB take 8 seconds at 5 Mbit/s. A stream has no deadline that would end it.
const MESSAGE_WAIT: Duration = Duration::from_secs(10);
/// A message's flag and length.
const PREFIX_BYTES: usize = 5;

/// How many bytes are on their way, by whom: being received, or waiting to be taken.
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

/// The counts that the bytes of a request are added to: those of its connection and of its caller, by the hashes of their names.
#[derive(Clone, Copy)]
pub(super) struct Counts {
    connection: u64,
    caller: u64,
}

impl InFlight {
    /// Of requests, for a server that takes them up to so many bytes.
    pub fn new(message_bytes_max: usize) -> Self {
        Self { key: RandomState::new(), least: message_bytes_max, taken: Mutex::default() }
    }

    /// Of answers.
    pub fn of_answers() -> Self {
        Self::new(0)
    }

    /// A request's body, counted while it is received. A caller is known by its device; one that names none, by its address.
    pub fn counted(self: &Arc<Self>, body: Body, extensions: &Extensions, method: Option<&'static Method>) -> Body {
        let Some(peer) = extensions.get::<TcpConnectInfo>().and_then(TcpConnectInfo::remote_addr) else { return body };
        let counts = self.counts(peer, extensions.get::<Principal>());
        let (message, ends) = (Message::default(), None);
        Body::new(Counted { body, in_flight: self.clone(), counts, method, message, taken: 0, ends })
    }

    pub(super) fn counts(&self, peer: SocketAddr, principal: Option<&Principal>) -> Counts {
        let caller = principal.and_then(Principal::counted_as).unwrap_or(CountedAs::Peer(network(peer.ip())));
        Counts { connection: self.key.hash_one(peer), caller: self.key.hash_one(caller) }
    }

    /// Takes room for more bytes; `false`: there is none.
    fn take(&self, counts: Counts, bytes: usize) -> bool {
        let bounds = [(counts.connection, CONNECTION_BYTES_MAX), (counts.caller, CALLER_BYTES_MAX)];
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        // Where nothing is under way, one has room whatever its size: an answer is as long as it has to be.
        let has_room = |of: usize, max: usize| of == 0 || of + bytes <= max.max(self.least);
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

    /// Room for more bytes, until it is dropped; `None`: there is none.
    pub(super) fn room(self: &Arc<Self>, counts: Counts, bytes: usize) -> Option<Room> {
        self.take(counts, bytes).then(|| Room { of: self.clone(), counts, bytes })
    }

    fn give_back(&self, counts: Counts, bytes: usize) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.all -= bytes;
        for whose in [counts.connection, counts.caller] {
            if let Some(of) = taken.by.get_mut(&whose) {
                *of -= bytes;
                if *of == 0 {
                    taken.by.remove(&whose);
                }
            }
        }
    }
}

/// Room that was taken.
pub(super) struct Room {
    of: Arc<InFlight>,
    counts: Counts,
    bytes: usize,
}

impl Drop for Room {
    fn drop(&mut self) {
        self.of.give_back(self.counts, self.bytes);
    }
}

/// How much of the message that is being received has come.
#[derive(Default)]
struct Message {
    /// Of its prefix.
    prefix: [u8; PREFIX_BYTES],
    prefixed: usize,
    /// Bytes that are missing, once the prefix is whole.
    missing: usize,
    came: usize,
}

impl Message {
    /// Adds what came; what stands behind the end of a message is of the next. Answers whether one has ended.
    fn add(&mut self, mut data: &[u8]) -> bool {
        let mut has_ended = false;
        while !data.is_empty() {
            let of_prefix = data.len().min(PREFIX_BYTES - self.prefixed);
            self.prefix[self.prefixed..self.prefixed + of_prefix].copy_from_slice(&data[..of_prefix]);
            self.prefixed += of_prefix;
            if of_prefix > 0 && self.prefixed == PREFIX_BYTES {
                let [_flag, length @ ..] = self.prefix;
                self.missing = u32::from_be_bytes(length) as usize;
            }
            let of_message = (data.len() - of_prefix).min(self.missing);
            self.missing -= of_message;
            self.came += of_message;
            data = &data[of_prefix + of_message..];
            if self.prefixed == PREFIX_BYTES && self.missing == 0 {
                *self = Self::default();
                has_ended = true;
            }
        }
        has_ended
    }
}

/// A body of which the message that is being received counts, until it is whole or the body is dropped.
struct Counted {
    body: Body,
    in_flight: Arc<InFlight>,
    counts: Counts,
    method: Option<&'static Method>,
    message: Message,
    taken: usize,
    /// Since something is counted: when it ends.
    ends: Option<Pin<Box<Sleep>>>,
}

impl Counted {
    /// Counts what came; `false`: there is no room for it.
    fn count(&mut self, data: &[u8]) -> bool {
        if self.message.add(data) {
            self.give_back();
        }
        let more = self.message.came.saturating_sub(FREE_BYTES) - self.taken;
        if more > 0 {
            if !self.in_flight.take(self.counts, more) {
                return false;
            }
            self.taken += more;
            self.ends.get_or_insert_with(|| Box::pin(sleep(MESSAGE_WAIT)));
        }
        true
    }

    fn give_back(&mut self) {
        if self.taken > 0 {
            self.in_flight.give_back(self.counts, self.taken);
            self.taken = 0;
            self.ends = None;
        }
    }
}

impl http_body::Body for Counted {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) else {
            let Some(ends) = &mut self.ends else { return Poll::Pending };
            ready!(ends.as_mut().poll(context));
            return Poll::Ready(Some(Err(refuse(self.method, CallError::DeadlinePassed))));
        };
        if let Some(Ok(frame)) = &frame
            && let Some(data) = frame.data_ref()
            && !self.count(data)
        {
            return Poll::Ready(Some(Err(refuse(self.method, CallError::TooMuchInFlight))));
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
        self.give_back();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_is_bounded_and_comes_back() {
        let in_flight = InFlight::new(5 << 20);
        let of = |connection, caller| Counts { connection, caller };
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
    fn of_a_stream_the_message_under_way_counts() {
        let in_flight = Arc::new(InFlight::new(5 << 20));
        let counts = Counts { connection: 1, caller: 10 };
        let mut counted = Counted {
            body: Body::empty(),
            in_flight: in_flight.clone(),
            counts,
            method: None,
            message: Message::default(),
            taken: 0,
            ends: None,
        };
        let message = |bytes: u32| [&[0][..], &bytes.to_be_bytes(), &vec![b'x'; bytes as usize]].concat();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
        let _entered = runtime.enter();
        let large = u32::try_from(4 * FREE_BYTES).expect("small");
        // In pieces of any length, and with the next message in the last.
        for size in [1, 3, 1_000, large as usize + PREFIX_BYTES, 3 * large as usize] {
            let stream =
                [message(large), message(0), message(7), message(large), message(large)[..2].to_vec()].concat();
            for piece in stream.chunks(size) {
                assert!(counted.count(piece));
                assert!(counted.taken <= large as usize - FREE_BYTES, "{size}");
            }
            assert_eq!((counted.taken, counted.message.prefixed), (0, 2), "{size}");
            assert!(counted.count(&message(large)[2..]), "the end of what was begun");
            assert!(counted.taken == 0 && counted.ends.is_none());
        }
        // A frame that ends one message and begins the next as far begins the time anew.
        let (head, tail) = (message(large)[..large as usize].to_vec(), message(large)[large as usize..].to_vec());
        assert!(counted.count(&head));
        let first = counted.ends.as_ref().expect("it is counted").deadline();
        assert!(counted.count(&[tail.clone(), head].concat()));
        assert!(counted.ends.as_ref().expect("the next is counted").deadline() > first);
        assert!(counted.count(&tail) && counted.taken == 0);
        assert!(counted.count(&message(large)[..large as usize]), "all but the end");
        assert!(counted.taken == large as usize - FREE_BYTES - PREFIX_BYTES && counted.ends.is_some());
        drop(counted);
        assert_eq!(in_flight.taken.lock().expect("whole").all, 0);
    }

    #[test]
    fn a_request_as_large_as_the_server_takes_has_room() {
        let large = 4 * ALL_BYTES_MAX;
        let in_flight = InFlight::new(large);
        assert!(in_flight.take(Counts { connection: 1, caller: 10 }, large));
    }
}
