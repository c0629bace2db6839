//! How often one caller may do something: so that nobody who is broken or hostile takes the service from the others, or learns by
//! trying who is a customer.

use std::{
    collections::HashMap,
    hash::{BuildHasher as _, RandomState},
    num::NonZeroU32,
    sync::{
        Mutex, OnceLock, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter, clock::Clock as _};

use super::{
    error::{Error, Result},
    principal::{CountedAs, Principal},
};
use crate::log_throttle::CauseThrottle;

/// Devices or addresses, each with a method, that are told apart. One takes 16 bytes and its place in a map, so all take some 3 MB. A chain of a
/// thousand tills that calls every method has as many.
const CALLERS_MAX: usize = 65_536;
/// After so many calls those are forgotten who may do all again. Until then no more than so many can have come.
const TIDY_AFTER: usize = 4_096;
/// How long whoever asked for too many identities that nobody has is not answered: until they may ask for as many again.
const SHUT_FOR: Duration = Duration::from_mins(1);

/// Counts what callers do, each for itself.
pub struct Rates {
    key: RandomState,
    limiter: DefaultKeyedRateLimiter<u64>,
    since_tidied: AtomicUsize,
    /// Devices are not told apart any more, only peers: somebody may be inventing devices.
    is_crowded: AtomicBool,
}

impl Rates {
    /// So many a second, and twice as many at once: a till that starts asks for much.
    pub fn per_second(calls: NonZeroU32) -> Self {
        Self::of(Quota::per_second(calls).allow_burst(calls.saturating_mul(NonZeroU32::MIN.saturating_add(1))))
    }

    /// So many a minute, in any order.
    pub fn per_minute(count: NonZeroU32) -> Self {
        Self::of(Quota::per_minute(count))
    }

    fn of(quota: Quota) -> Self {
        Self {
            key: RandomState::new(),
            limiter: RateLimiter::keyed(quota),
            since_tidied: AtomicUsize::new(0),
            is_crowded: AtomicBool::new(false),
        }
    }

    /// Counts one of the caller's. `Err`: there were too many; how long until the next may come. Calls of this process are not counted.
    pub fn take(&self, caller: &Principal, of: &str) -> std::result::Result<(), Duration> {
        self.take_many(caller, of, NonZeroU32::MIN)
    }

    /// The same of several, all or none.
    fn take_many(&self, caller: &Principal, of: &str, count: NonZeroU32) -> std::result::Result<(), Duration> {
        let Some(counted) = self.counted_as(caller) else { return Ok(()) };
        self.tidy();
        match self.limiter.check_key_n(&self.key.hash_one((counted, of)), count) {
            Ok(taken) => taken.map_err(|until| until.wait_time_from(self.limiter.clock().now())),
            // More than may ever come at once.
            Err(_) => Err(SHUT_FOR),
        }
    }

    fn counted_as<'a>(&self, caller: &'a Principal) -> Option<CountedAs<'a>> {
        if self.is_crowded.load(Ordering::Relaxed) { caller.peer.map(CountedAs::Peer) } else { caller.counted_as() }
    }

    fn tidy(&self) {
        if self.since_tidied.fetch_add(1, Ordering::Relaxed) < TIDY_AFTER {
            return;
        }
        self.since_tidied.store(0, Ordering::Relaxed);
        self.limiter.retain_recent();
        self.is_crowded.store(self.limiter.len() > CALLERS_MAX, Ordering::Relaxed);
    }
}

/// Bounds how many identities that nobody has one caller may ask for: whoever guesses telephone numbers or cards until one is known
/// is stopped. Without a bound until one is set.
#[derive(Default)]
pub struct Guesses {
    rates: OnceLock<Rates>,
    /// Who asked for too many, by the hash of what they are counted as, and until when they are not answered. Each has asked for a minute's
    /// identities before it is here, so there are few.
    shut: Mutex<HashMap<u64, Instant>>,
}

impl Guesses {
    /// Sets the bound, once.
    pub fn bound(&self, per_minute: NonZeroU32) {
        let _ = self.rates.set(Rates::per_minute(per_minute));
    }

    /// Whether the caller may look for identities at all.
    ///
    /// # Errors
    /// `TooManyUnknown`: they have asked for too many that nobody has. Those that somebody has are not answered either: else the
    /// answers would still tell them apart.
    pub(super) fn check(&self, caller: &Principal) -> Result<()> {
        let Some(counted) = self.hashed(caller) else { return Ok(()) };
        let mut shut = self.shut.lock().unwrap_or_else(PoisonError::into_inner);
        if shut.is_empty() {
            return Ok(());
        }
        let now = Instant::now();
        shut.retain(|_, until| *until > now);
        match shut.get(&counted) {
            Some(until) => Err(Error::TooManyUnknown { after: *until - now }),
            None => Ok(()),
        }
    }

    /// Counts identities that nobody has.
    ///
    /// # Errors
    /// `TooManyUnknown`: these are too many.
    pub(super) fn count(&self, caller: &Principal, unknown: usize) -> Result<()> {
        static LINES: CauseThrottle = CauseThrottle::every(SHUT_FOR);
        let (Some(rates), Some(counted)) = (self.rates.get(), self.hashed(caller)) else { return Ok(()) };
        let Some(unknown) = NonZeroU32::new(u32::try_from(unknown).unwrap_or(u32::MAX)) else { return Ok(()) };
        if rates.take_many(caller, "", unknown).is_ok() {
            return Ok(());
        }
        let now = Instant::now();
        self.shut.lock().unwrap_or_else(PoisonError::into_inner).insert(counted, now + SHUT_FOR);
        if let Some(suppressed) = LINES.allow(&caller.device, now) {
            tracing::warn!(
                device = caller.device,
                suppressed,
                "a caller asks for too many identities that nobody has: its look-ups by identity are refused for a minute. If it guesses, \
                 stop it; if it has so many strangers, raise unknown-identities-per-minute-max"
            );
        }
        Err(Error::TooManyUnknown { after: SHUT_FOR })
    }

    /// `None`: not counted.
    fn hashed(&self, caller: &Principal) -> Option<u64> {
        let rates = self.rates.get()?;
        rates.counted_as(caller).map(|counted| rates.key.hash_one(counted))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::TenantId,
        service::principal::{DEVICE_UNKNOWN, Proof},
    };

    fn caller(device: &str, last: Option<u8>) -> Principal {
        Principal {
            tenant: TenantId::parse("", "inn").unwrap(),
            device: device.to_owned(),
            staff: String::new(),
            role: String::new(),
            proof: Proof::Asserted,
            peer: last.map(|last| [10, 0, 0, last].into()),
        }
    }

    fn many(count: u32) -> NonZeroU32 {
        NonZeroU32::new(count).unwrap()
    }

    #[test]
    fn each_caller_is_counted_for_itself() {
        let rates = Rates::per_second(many(1));
        let take = |device: &str, peer| rates.take(&caller(device, peer), "GetBriefing").is_ok();
        assert!(take("till-1", Some(1)) && take("till-1", Some(2)), "twice as many at once, from whichever address");
        assert!(!take("till-1", Some(1)) && !take("till-1", Some(2)));
        assert!(take("till-2", Some(1)), "another device of the same address");
        assert!(take(DEVICE_UNKNOWN, Some(1)) && take(DEVICE_UNKNOWN, Some(2)) && take(DEVICE_UNKNOWN, Some(1)));
        assert!(!take(DEVICE_UNKNOWN, Some(1)), "who names no device is known by the address");
        assert!((0..10).all(|_| take("till-1", None)), "calls of this process are not counted");
        let wait = rates.take(&caller("till-1", Some(1)), "GetBriefing").unwrap_err();
        assert!(wait > Duration::ZERO && wait <= Duration::from_secs(1), "{wait:?}");
        assert!(rates.take(&caller("till-1", Some(1)), "GetCustomer").is_ok(), "each method for itself");
    }

    #[test]
    fn whoever_invents_devices_is_known_by_the_address() {
        let rates = Rates::per_minute(many(1));
        let calls = CALLERS_MAX + 2 * TIDY_AFTER;
        let taken = (0..calls).filter(|number| rates.take(&caller(&format!("till-{number}"), Some(1)), "").is_ok());
        assert!(taken.count() <= CALLERS_MAX + TIDY_AFTER + 2);
        assert!(rates.limiter.len() <= CALLERS_MAX + TIDY_AFTER + 2);
    }

    #[test]
    fn whoever_guesses_is_not_answered_any_more_and_others_are() {
        let guesses = Guesses::default();
        assert!(guesses.count(&caller("till-1", Some(1)), 1_000).is_ok(), "there is no bound");
        guesses.bound(many(100));
        let guesser = caller("till-1", Some(1));
        assert!(guesses.count(&guesser, 60).is_ok() && guesses.count(&guesser, 40).is_ok());
        assert!(guesses.check(&guesser).is_ok(), "a hundred are allowed");
        assert!(matches!(guesses.count(&guesser, 1), Err(Error::TooManyUnknown { .. })));
        let Err(Error::TooManyUnknown { after }) = guesses.check(&guesser) else { panic!("shut") };
        assert!(after <= SHUT_FOR && after > Duration::ZERO);
        let other = caller("till-2", Some(1));
        assert!(guesses.check(&other).is_ok() && guesses.count(&other, 100).is_ok());
        assert!(guesses.count(&caller("till-3", Some(1)), 101).is_err(), "more than may ever come at once");
    }
}
