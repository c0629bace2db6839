//! The newest purchases: when and where each was, and, beside each item, a bit for every purchase that had it.
//!
//! The list is the newest `RECENT_MAX` by time, in any order of arrival. A purchase's index in it, 0 the newest, is
//! the index of its bit in every [`Mask`].

use std::{cmp::Reverse, hash::Hasher as _};

use super::interaction::{Interaction, LocalMoment};
use crate::domain::kernel::limits::RECENT_MAX;

/// Which of the newest purchases had an item: bit 0 is the newest.
pub type Mask = u64;

/// Hours of a week.
pub const WEEK_HOURS: u8 = 7 * 24;

/// One of the newest purchases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecentPurchase {
    /// Seconds since 1970.
    pub second: i64,
    /// A hash of what it was recorded as and what it held. It orders purchases of the same second, and finds one again
    /// that is taken back.
    pub mark: u32,
    /// [`short_hash`] of the venue's id.
    pub venue: u32,
    /// Weekday of the business date, Monday first, × 24 + hour on the wall.
    pub hour_of_week: u8,
    /// Different items.
    pub items: u8,
}

impl RecentPurchase {
    /// `items`: the different items, ordered by name.
    pub fn of(interaction: &Interaction, items: &[(&str, &str)]) -> Self {
        let mut mark = fnv::FnvHasher::default();
        let told = [interaction.source.as_str(), &interaction.external_id];
        for part in told.into_iter().chain(items.iter().map(|(item, _)| *item)) {
            mark.write(part.as_bytes());
            mark.write_u8(0);
        }
        Self {
            second: interaction.occur_time.as_second(),
            mark: folded(mark.finish()),
            venue: short_hash(interaction.venue.as_str()),
            hour_of_week: hour_of_week(interaction.local),
            items: u8::try_from(items.len()).unwrap_or(u8::MAX),
        }
    }

    /// The newest first, and one order for those of the same second.
    fn rank(&self) -> (Reverse<i64>, u32, u32) {
        (Reverse(self.second), self.mark, self.venue)
    }
}

/// Makes room for a purchase: its index, or none if it is older than all that are kept. Every mask must be
/// [`opened`] there.
pub fn insert(recent: &mut Vec<RecentPurchase>, purchase: RecentPurchase) -> Option<usize> {
    let index = recent.partition_point(|known| known.rank() < purchase.rank());
    if index == RECENT_MAX {
        return None;
    }
    recent.insert(index, purchase);
    recent.truncate(RECENT_MAX);
    Some(index)
}

/// Takes a purchase out: the index it had, if it was still there. Every mask must be [`closed`] there.
pub fn remove(recent: &mut Vec<RecentPurchase>, purchase: &RecentPurchase) -> Option<usize> {
    let index = recent.binary_search_by(|known| known.rank().cmp(&purchase.rank())).ok()?;
    recent.remove(index);
    Some(index)
}

/// The indices of the purchases in a mask, the newest first.
pub fn indices(mut mask: Mask) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let index = mask.trailing_zeros() as usize;
        mask &= mask.wrapping_sub(1);
        (index < RECENT_MAX).then_some(index)
    })
}

/// The mask with a clear bit put in at `index`; the oldest falls off.
pub fn opened(mask: Mask, index: usize) -> Mask {
    let newer = (1 << index) - 1;
    (mask & newer) | ((mask & !newer) << 1)
}

/// The mask without the bit at `index`.
pub fn closed(mask: Mask, index: usize) -> Mask {
    let newer = (1 << index) - 1;
    (mask & newer) | ((mask >> 1) & !newer)
}

/// The hour of the week on the venue's clock.
pub fn hour_of_week(local: LocalMoment) -> u8 {
    let weekday = local.date.weekday().to_monday_zero_offset().unsigned_abs();
    weekday * 24 + local.hour.clamp(0, 23).unsigned_abs()
}

/// A 32-bit hash of a name: where two names share one, they count as the same, and anticipation is a little worse.
pub fn short_hash(name: &str) -> u32 {
    let mut hasher = fnv::FnvHasher::default();
    hasher.write(name.as_bytes());
    folded(hasher.finish())
}

fn folded(hash: u64) -> u32 {
    (hash ^ (hash >> 32)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bit_put_in_is_taken_out_again() {
        for index in 0..RECENT_MAX - 1 {
            let mask = 0x0123_4567_89ab_cdef & (Mask::MAX >> 1);
            assert_eq!(closed(opened(mask, index), index), mask, "{index}");
            assert_eq!(opened(mask, index) >> index & 1, 0);
        }
        assert_eq!(indices(1 << 63 | 0b101).collect::<Vec<_>>(), [0, 2, 63]);
        assert_eq!(opened(0b1011, 2), 0b1_0011);
        assert_eq!(closed(0b1_0111, 2), 0b1011);
        assert_eq!(opened(Mask::MAX, RECENT_MAX - 1), Mask::MAX >> 1);
        assert_eq!(closed(Mask::MAX, RECENT_MAX - 1), Mask::MAX >> 1);
    }

    #[test]
    fn the_newest_stay_whatever_the_order() {
        let purchase = |second: i64| RecentPurchase { second, mark: 0, venue: 0, hour_of_week: 0, items: 1 };
        let (mut forwards, mut backwards) = (Vec::new(), Vec::new());
        for second in 0..100 {
            insert(&mut forwards, purchase(second));
            insert(&mut backwards, purchase(99 - second));
        }
        assert_eq!(forwards, backwards);
        assert_eq!((forwards.len(), forwards[0].second), (RECENT_MAX, 99));
        assert_eq!(insert(&mut forwards, purchase(3)), None);
        assert_eq!(remove(&mut forwards, &purchase(3)), None);
        assert_eq!(remove(&mut forwards, &purchase(98)), Some(1));
    }

    #[test]
    fn names_have_one_hash_for_ever() {
        assert_eq!(short_hash(""), 0x4fd0_bfc1);
        assert_ne!(short_hash("store-1"), short_hash("store-2"));
    }
}
