//! Bounds bytes that are on their way: of one connection, of one caller, and in all. Requests that are being received (`received`) have one
//! count, those that are being worked on another (`call`), and answers that wait to be taken a third (`waiting`).

use std::{
    collections::HashMap,
    hash::{BuildHasher as _, RandomState},
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use super::super::accept::network;
use crate::service::principal::{CountedAs, Principal};

/// Of one connection: the largest request that a server takes unless it is configured otherwise, and half another.
const CONNECTION_BYTES_MAX: usize = 8 << 20;
/// Of one caller: of two connections.
const CALLER_BYTES_MAX: usize = 2 * CONNECTION_BYTES_MAX;
/// In all: of two callers who take all they may. A server then stays below 64 MiB above what it takes when it is idle.
const ALL_BYTES_MAX: usize = 2 * CALLER_BYTES_MAX;
/// How many bytes are on their way, by whom.
pub struct InFlight {
    key: RandomState,
    /// The largest request that the server takes has room.
    pub(super) least: usize,
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
pub(in super::super) struct Counts {
    connection: u64,
    caller: u64,
}

impl InFlight {
    /// Of requests that are being received, or worked on, for a server that takes them up to so many bytes.
    pub fn new(message_bytes_max: usize) -> Self {
        Self { key: RandomState::new(), least: message_bytes_max, taken: Mutex::default() }
    }

    /// Of answers.
    pub fn of_answers() -> Self {
        Self::new(0)
    }

    pub(in super::super) fn counts(&self, peer: SocketAddr, principal: Option<&Principal>) -> Counts {
        let caller = principal.and_then(Principal::counted_as).unwrap_or(CountedAs::Peer(network(peer.ip())));
        Counts { connection: self.key.hash_one(peer), caller: self.key.hash_one(caller) }
    }

    /// Takes room for more bytes; `false`: there is none.
    pub(super) fn take(&self, counts: Counts, bytes: usize) -> bool {
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

    #[cfg(test)]
    pub(super) fn all(&self) -> usize {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).all
    }

    /// Room for more bytes, until it is dropped; `None`: there is none.
    pub(in super::super) fn room(self: &Arc<Self>, counts: Counts, bytes: usize) -> Option<Room> {
        self.take(counts, bytes).then(|| Room { of: self.clone(), counts, bytes })
    }

    pub(super) fn give_back(&self, counts: Counts, bytes: usize) {
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
pub(in super::super) struct Room {
    of: Arc<InFlight>,
    counts: Counts,
    bytes: usize,
}

impl Drop for Room {
    fn drop(&mut self) {
        self.of.give_back(self.counts, self.bytes);
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
    fn a_request_as_large_as_the_server_takes_has_room() {
        let large = 4 * ALL_BYTES_MAX;
        let in_flight = InFlight::new(large);
        assert!(in_flight.take(Counts { connection: 1, caller: 10 }, large));
    }
}
