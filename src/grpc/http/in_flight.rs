//! Bounds bytes that are on their way: of one connection, of one caller, of one address, and in all. Requests that are being received (`received`) have one
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
/// Of one address: of three connections. A caller may name itself as it likes, and whoever uses many names must leave room for others.
const ADDRESS_BYTES_MAX: usize = 3 * CONNECTION_BYTES_MAX;
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
    /// By the hash of a connection's, a caller's or an address's name.
    by: HashMap<u64, usize>,
}

/// The counts that the bytes of a request are added to: those of its connection, its caller and its address, by the hashes of their names.
#[derive(Clone, Copy)]
pub(in super::super) struct Counts {
    connection: u64,
    caller: u64,
    address: u64,
}

impl Counts {
    fn bounds(self) -> [(u64, usize); 3] {
        [(self.connection, CONNECTION_BYTES_MAX), (self.caller, CALLER_BYTES_MAX), (self.address, ADDRESS_BYTES_MAX)]
    }
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
        Counts {
            connection: self.key.hash_one(peer),
            caller: self.key.hash_one(caller),
            address: self.key.hash_one(network(peer.ip())),
        }
    }

    /// Takes room for more bytes; `false`: there is none.
    pub(super) fn take(&self, counts: Counts, bytes: usize) -> bool {
        let bounds = counts.bounds();
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
        for (whose, _) in counts.bounds() {
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

    const A_CONNECTION: usize = CONNECTION_BYTES_MAX;

    #[test]
    fn what_is_taken_is_bounded_and_comes_back() {
        let in_flight = InFlight::new(5 << 20);
        let of = |connection, caller, address| Counts { connection, caller, address };
        assert!(in_flight.take(of(1, 10, 20), A_CONNECTION));
        assert!(!in_flight.take(of(1, 10, 20), 1), "the connection's bound");
        assert!(in_flight.take(of(2, 10, 20), A_CONNECTION));
        assert!(!in_flight.take(of(3, 10, 20), 1), "the caller's bound");
        assert!(in_flight.take(of(4, 11, 20), A_CONNECTION));
        assert!(!in_flight.take(of(5, 12, 20), 1), "the address's bound");
        assert!(in_flight.take(of(5, 12, 21), A_CONNECTION));
        assert!(!in_flight.take(of(6, 13, 22), 1), "the bound of all");
        in_flight.give_back(of(1, 10, 20), A_CONNECTION);
        assert!(in_flight.take(of(6, 13, 22), 1));
        for taken in [of(2, 10, 20), of(4, 11, 20), of(5, 12, 21)] {
            in_flight.give_back(taken, A_CONNECTION);
        }
        in_flight.give_back(of(6, 13, 22), 1);
        let taken = in_flight.taken.lock().expect("whole");
        assert!(taken.all == 0 && taken.by.is_empty(), "nothing is kept of those who have ended");
    }

    /// A caller without a name is counted by its address: as a caller, and as an address.
    #[test]
    fn the_counts_of_a_call_are_three() {
        let in_flight = InFlight::new(0);
        let [connection, caller, address] =
            in_flight.counts(([127, 0, 0, 1], 1).into(), None).bounds().map(|(whose, _)| whose);
        assert!(connection != caller && caller != address && address != connection);
    }

    #[test]
    fn a_request_as_large_as_the_server_takes_has_room() {
        let large = 4 * ALL_BYTES_MAX;
        let in_flight = InFlight::new(large);
        assert!(in_flight.take(Counts { connection: 1, caller: 10, address: 20 }, large));
    }
}
