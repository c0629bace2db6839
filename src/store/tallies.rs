//! Tallies: counters folded from a bucket's log, each entry exactly once. A tally lies beside the bucket's index cursor
//! and changes only in the atomic write that moves the cursor, so it counts exactly the entries up to and including the
//! cursor, after any crash and with any number of workers.

use std::collections::BTreeMap;

use super::{
    BUCKETS, Result,
    cas::{GARBAGE_MS, Lifetime, NewValue},
    codec::{
        sealed::tally_expiry,
        tallies::{decode_tally, encode_tally},
    },
    keys,
};
use crate::domain::TenantId;

/// Keys of one tally, beside [`OTHER`]. With the longest keys that is some 64 KB a bucket; usual ones take a fifth.
pub const TALLY_KEYS_MAX: usize = 512;
/// Bytes of a key: two names and a word or two.
pub const TALLY_KEY_BYTES_MAX: usize = 120;
/// Counts everything for which there is no key left, so that sums over all keys stay right.
pub const OTHER: &str = "other";
/// How long a tally is kept after the last [`Tally::keep`], which comes with each addition: thirteen months, so that a
/// month can be held against the same one of the year before.
pub const TALLY_KEEP_MS: i64 = 400 * 24 * 3_600 * 1_000;

/// A tally of a tenant in one bucket. The service chooses the name; it ends with the month, if one is counted.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TallyKey {
    /// Whose counters.
    pub tenant: TenantId,
    /// The bucket whose log is folded into it.
    pub bucket: u8,
    /// Unique within the bucket.
    pub name: String,
}

impl TallyKey {
    /// The tally of this name in every bucket.
    pub fn everywhere(tenant: &TenantId, name: &str) -> Vec<Self> {
        let key = |bucket| Self { tenant: tenant.clone(), bucket: bucket as u8, name: name.to_owned() };
        (0..BUCKETS).map(key).collect()
    }
}

/// Counters by key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// At most [`TALLY_KEYS_MAX`], and [`OTHER`].
    pub counts: BTreeMap<String, i64>,
    /// When it expires. It can be removed one day (`GARBAGE_MS`) later.
    pub expire_ms: i64,
}

impl Tally {
    /// Adds to a counter. When there are too many, the one nearest to zero is counted under [`OTHER`].
    pub fn add(&mut self, key: &str, n: i64) {
        self.bump(if key.len() > TALLY_KEY_BYTES_MAX { OTHER } else { key }, n);
        let others = usize::from(self.counts.contains_key(OTHER));
        if self.counts.len() - others <= TALLY_KEYS_MAX {
            return;
        }
        let own = self.counts.iter().filter(|(key, _)| *key != OTHER);
        let least = own.min_by_key(|(key, n)| (n.unsigned_abs(), *key)).map(|(key, n)| (key.clone(), *n));
        if let Some((key, n)) = least {
            self.counts.remove(&key);
            self.bump(OTHER, n);
        }
    }

    fn bump(&mut self, key: &str, n: i64) {
        match self.counts.get_mut(key) {
            Some(there) => *there = there.saturating_add(n),
            None => drop(self.counts.insert(key.to_owned(), n)),
        }
    }

    /// Keeps it for [`TALLY_KEEP_MS`] from now on.
    pub fn keep(&mut self, now_ms: i64) {
        self.expire_ms = self.expire_ms.max(now_ms.saturating_add(TALLY_KEEP_MS));
    }

    /// Keeps it for good: it counts a present state, such as customers by level, which belongs to no month.
    pub fn keep_for_good(&mut self) {
        self.expire_ms = i64::MAX;
    }

    /// The tally as the step of the index worker puts it.
    pub fn to_value(&self, key: &TallyKey, now_ms: i64) -> NewValue {
        NewValue { key: keys::tally(key), bytes: encode_tally(self).into(), lifetime: self.lifetime(now_ms) }
    }

    fn lifetime(&self, now_ms: i64) -> Lifetime {
        Lifetime::until(Some(self.expire_ms), now_ms)
    }
}

/// Whether it expired at least a day ([`GARBAGE_MS`]) ago.
pub fn is_garbage(there: &[u8], now_ms: i64) -> Result<bool> {
    let expire_ms = match tally_expiry(there) {
        Some(expire_ms) => expire_ms,
        None => decode_tally(there)?.expire_ms,
    };
    Ok(expire_ms.saturating_add(GARBAGE_MS) <= now_ms)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_least_makes_room() {
        let mut tally = Tally::default();
        for number in 0..TALLY_KEYS_MAX {
            tally.add(&format!("key-{number:04}"), if number == 7 { -2 } else { 3 });
        }
        assert_eq!(tally.counts.len(), TALLY_KEYS_MAX);
        tally.add("new", 5);
        assert_eq!(tally.counts.get("key-0007"), None);
        assert_eq!((tally.counts["new"], tally.counts[OTHER]), (5, -2));
        tally.add("newer", 1);
        assert_eq!((tally.counts.get("newer"), tally.counts[OTHER]), (None, -1));
        assert_eq!(tally.counts.len(), TALLY_KEYS_MAX + 1);
    }

    #[test]
    fn a_key_that_is_too_long_is_counted_under_other() {
        let mut tally = Tally::default();
        tally.add(&"k".repeat(TALLY_KEY_BYTES_MAX), 1);
        tally.add(&"k".repeat(TALLY_KEY_BYTES_MAX + 1), 2);
        assert_eq!(tally.counts.values().collect::<Vec<_>>(), [&1, &2]);
        assert_eq!(tally.counts[OTHER], 2);
    }

    #[test]
    fn it_is_garbage_a_day_after_it_expired() {
        let mut tally = Tally::default();
        tally.keep(5);
        tally.keep(0);
        let bytes = crate::store::codec::tallies::encode_tally(&tally);
        assert!(!is_garbage(&bytes, 5 + TALLY_KEEP_MS + GARBAGE_MS - 1).unwrap());
        assert!(is_garbage(&bytes, 5 + TALLY_KEEP_MS + GARBAGE_MS).unwrap());
        assert_eq!(tally.lifetime(5), Lifetime::Milliseconds(TALLY_KEEP_MS + GARBAGE_MS));
    }

    #[test]
    fn one_that_stands_is_never_garbage() {
        let mut tally = Tally::default();
        tally.keep_for_good();
        tally.keep(5);
        let bytes = crate::store::codec::tallies::encode_tally(&tally);
        assert!(!is_garbage(&bytes, i64::MAX - 1).unwrap());
        assert_eq!(tally.lifetime(5), Lifetime::Forever);
    }

    proptest! {
        #[test]
        fn nothing_is_lost(adds in proptest::collection::vec((0..2_000_u16, -9..9_i64), 0..3_000)) {
            let mut tally = Tally::default();
            for (key, n) in &adds {
                tally.add(&key.to_string(), *n);
            }
            prop_assert_eq!(tally.counts.values().sum::<i64>(), adds.iter().map(|(_, n)| n).sum::<i64>());
            prop_assert!(tally.counts.len() <= TALLY_KEYS_MAX + 1);
        }
    }
}
