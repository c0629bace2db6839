//! At which venues a customer was, and when last: the latest ones, in any order of arrival.

use super::recent::{RecentPurchase, short_hash};
use crate::domain::kernel::{id::VenueId, limits::WHEREABOUTS_MAX, time::Timestamp};

/// When the customer was last at a venue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastVisit {
    /// [`short_hash`] of the venue's id.
    pub venue: u32,
    /// Seconds since 1970.
    pub second: i64,
}

impl LastVisit {
    /// The newest first, and one order for those of the same second.
    fn rank(&self) -> (std::cmp::Reverse<i64>, u32) {
        (std::cmp::Reverse(self.second), self.venue)
    }
}

/// The venues that a customer was at.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Whereabouts {
    /// The newest first, each venue once, at most [`WHEREABOUTS_MAX`].
    pub latest: Vec<LastVisit>,
    /// The latest visit whose venue these lists do not name, in seconds since 1970.
    pub elsewhere: Option<i64>,
}

impl Whereabouts {
    /// What a record tells in which they were not kept yet: its newest purchases were at these venues, and anything until
    /// `elsewhere` may have been at another.
    pub fn of_before(recent: &[RecentPurchase], elsewhere: Option<i64>) -> Self {
        let mut known = Self { elsewhere, ..Self::default() };
        for purchase in recent {
            known.note(purchase.venue, purchase.second);
        }
        known
    }

    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Notes that the customer was at a venue.
    pub fn fold(&mut self, venue: &VenueId, time: Timestamp) {
        self.note(short_hash(venue.as_str()), time.as_second());
    }

    /// Takes back that the customer was at a venue at a time. When they were there before that is not known, but for the newest purchases.
    pub fn unfold(&mut self, venue: &VenueId, time: Timestamp, recent: &[RecentPurchase]) {
        let gone = LastVisit { venue: short_hash(venue.as_str()), second: time.as_second() };
        let Some(index) = self.latest.iter().position(|known| *known == gone) else { return };
        self.latest.remove(index);
        self.elsewhere = self.elsewhere.max(Some(gone.second));
        for purchase in recent.iter().filter(|purchase| purchase.venue == gone.venue) {
            self.note(purchase.venue, purchase.second);
        }
    }

    /// Without a time at a venue, where the latest other one there is known; `None`: there is none.
    pub fn without(mut self, venue: &VenueId, time: Timestamp, latest: Option<Timestamp>) -> Self {
        if self.is_latest(venue, time) {
            let venue = short_hash(venue.as_str());
            self.latest.retain(|known| known.venue != venue);
            if let Some(latest) = latest {
                self.note(venue, latest.as_second());
            }
        }
        self
    }

    /// Whether the customer was last at a venue at a time.
    pub fn is_latest(&self, venue: &VenueId, time: Timestamp) -> bool {
        self.latest.contains(&LastVisit { venue: short_hash(venue.as_str()), second: time.as_second() })
    }

    fn note(&mut self, venue: u32, second: i64) {
        let mut visit = LastVisit { venue, second };
        if let Some(index) = self.latest.iter().position(|known| known.venue == venue) {
            visit.second = second.max(self.latest.remove(index).second);
        }
        let index = self.latest.partition_point(|known| known.rank() < visit.rank());
        self.latest.insert(index, visit);
        if self.latest.len() > WHEREABOUTS_MAX {
            self.elsewhere = self.elsewhere.max(self.latest.pop().map(|gone| gone.second));
        }
    }

    /// Whether the customer was at a venue at `since` or later; `None`: they were somewhere, and it is not known where.
    pub fn was_at(&self, venue: &VenueId, since: Timestamp) -> Option<bool> {
        let (venue, since) = (short_hash(venue.as_str()), since.as_second());
        match self.latest.iter().find(|known| known.venue == venue) {
            Some(known) if known.second >= since => Some(true),
            _ if self.elsewhere.is_some_and(|second| second >= since) => None,
            _ => Some(false),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn venue(number: usize) -> VenueId {
        VenueId::parse("", &format!("venue-{number}")).unwrap()
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn folded<'a>(all: impl IntoIterator<Item = &'a (usize, i64)>) -> Whereabouts {
        let mut known = Whereabouts::default();
        all.into_iter().for_each(|(place, second)| known.fold(&venue(*place), at(*second)));
        known
    }

    #[test]
    fn a_visit_counts_from_its_second_on() {
        let known = folded(&[(1, 100), (2, 50), (1, 80)]);
        for (place, since, expected) in [(1, 100, true), (1, 101, false), (2, 50, true), (2, 51, false), (3, 0, false)]
        {
            assert_eq!(known.was_at(&venue(place), at(since)), Some(expected), "{place} {since}");
        }
    }

    #[test]
    fn a_venue_that_made_room_is_not_known_to_be_unvisited() {
        let all: Vec<(usize, i64)> = (0..=WHEREABOUTS_MAX).map(|place| (place, 100 + place as i64)).collect();
        let known = folded(&all);
        assert_eq!(known.latest.len(), WHEREABOUTS_MAX);
        assert_eq!(known.was_at(&venue(0), at(100)), None);
        assert_eq!(known.was_at(&venue(99), at(100)), None);
        assert_eq!(known.was_at(&venue(0), at(101)), Some(false));
        assert_eq!(known.was_at(&venue(WHEREABOUTS_MAX), at(100)), Some(true));
    }

    #[test]
    fn of_a_record_of_before_the_newest_purchases_are_known_and_no_visit_is_denied() {
        let purchase = |second, venue| RecentPurchase { second, mark: 0, venue, hour_of_week: 0, items: 1 };
        let recent = [purchase(90, short_hash("venue-1")), purchase(80, short_hash("venue-1"))];
        let known = Whereabouts::of_before(&recent, Some(95));
        assert_eq!(known.was_at(&venue(1), at(90)), Some(true));
        assert_eq!(known.was_at(&venue(1), at(91)), None);
        assert_eq!(known.was_at(&venue(2), at(95)), None);
        assert_eq!(known.was_at(&venue(2), at(96)), Some(false));
        assert!(Whereabouts::of_before(&[], None).is_empty());
    }

    #[test]
    fn what_is_taken_back_leaves_a_venue_unknown_and_never_denied() {
        let mut known = folded(&[(1, 100), (2, 50), (1, 80)]);
        known.unfold(&venue(1), at(80), &[]);
        assert_eq!(known.was_at(&venue(1), at(100)), Some(true), "the latest stays");
        known.unfold(&venue(1), at(100), &[]);
        assert_eq!(known.was_at(&venue(1), at(80)), None, "they may have been there before");
        assert_eq!(known.was_at(&venue(1), at(101)), Some(false));
        assert_eq!(known.was_at(&venue(2), at(50)), Some(true));
        let mut known = folded(&[(1, 100)]);
        let purchase = |second, venue| RecentPurchase { second, mark: 0, venue, hour_of_week: 0, items: 1 };
        known.unfold(&venue(1), at(100), &[purchase(99, short_hash("venue-2")), purchase(60, short_hash("venue-1"))]);
        assert_eq!((known.was_at(&venue(1), at(60)), known.was_at(&venue(1), at(61))), (Some(true), None));
    }

    proptest! {
        #[test]
        fn the_order_of_visits_does_not_matter(
            (all, shuffled) in prop::collection::vec((0usize..WHEREABOUTS_MAX + 6, 0i64..60), 0..60)
                .prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle()))
        ) {
            let known = folded(&all);
            prop_assert_eq!(&known, &folded(&shuffled));
            prop_assert!(known.latest.is_sorted_by(|one, other| one.rank() < other.rank()));
            for place in 0..WHEREABOUTS_MAX + 6 {
                for since in [0, 20, 40] {
                    let truth = all.iter().any(|(known, second)| *known == place && *second >= since);
                    let told = known.was_at(&venue(place), at(since));
                    prop_assert!(told.is_none_or(|told| told == truth), "{} {}", place, since);
                }
            }
        }
    }
}
