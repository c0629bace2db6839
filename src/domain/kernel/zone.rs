//! A time zone whose offsets are looked up in a table. The rules compute each offset anew, which was a fifth of composing a
//! briefing.

use std::sync::{Arc, OnceLock};

use jiff::{
    civil::DateTime,
    tz::{Offset, TimeZone},
};

use super::time::Timestamp;

/// The years of the table: visits that are kept began in the first, and nobody asks about days after the last. Other times
/// are computed by the rules. At most four changes a year are known (Morocco), so a table is below 4 KiB.
const FIRST: Timestamp = Timestamp::constant(1_262_304_000, 0);
const LAST: Timestamp = Timestamp::constant(2_524_608_000, 0);

/// A time zone.
#[derive(Debug, Clone)]
pub struct Zone {
    rules: TimeZone,
    /// Made by the first that asks.
    offsets: Arc<OnceLock<Box<[Since]>>>,
}

/// An offset from UTC, and since when the clocks show it.
#[derive(Debug, Clone, Copy)]
struct Since {
    time: Timestamp,
    offset: Offset,
}

impl Zone {
    pub fn new(rules: TimeZone) -> Self {
        Self { rules, offsets: Arc::default() }
    }

    /// What the clock on the wall says at a time.
    pub fn to_datetime(&self, time: Timestamp) -> DateTime {
        self.offset_at(time).to_datetime(time)
    }

    /// The rules themselves, for what is asked seldom.
    pub fn rules(&self) -> &TimeZone {
        &self.rules
    }

    fn offset_at(&self, time: Timestamp) -> Offset {
        if !(FIRST..LAST).contains(&time) {
            return self.rules.to_offset(time);
        }
        let table = self.offsets.get_or_init(|| self.table());
        match table.partition_point(|since| since.time <= time).checked_sub(1) {
            Some(at) => table[at].offset,
            None => self.rules.to_offset(time),
        }
    }

    fn table(&self) -> Box<[Since]> {
        let first = Since { time: FIRST, offset: self.rules.to_offset(FIRST) };
        let later = self.rules.following(FIRST).take_while(|change| change.timestamp() < LAST);
        std::iter::once(first)
            .chain(later.map(|change| Since { time: change.timestamp(), offset: change.offset() }))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What a table may take: four changes a year.
    const MOST: usize = 40 * 4;

    #[test]
    fn a_zone_shows_what_its_rules_say_about_every_change() {
        for name in jiff::tz::db().available() {
            let rules = jiff::tz::db().get(name.as_str()).expect("available");
            let zone = Zone::new(rules.clone());
            let changes: Vec<_> = rules.following(FIRST).take(MOST + 1).map(|change| change.timestamp()).collect();
            for time in changes.into_iter().chain([FIRST, LAST, Timestamp::MIN, Timestamp::MAX]) {
                for seconds in [-1, 0, 1] {
                    let Ok(near) = time.checked_add(jiff::SignedDuration::from_secs(seconds)) else { continue };
                    assert_eq!(zone.to_datetime(near), rules.to_datetime(near), "{name} {near}");
                }
            }
            assert!(zone.table().len() <= MOST, "{name} changes often");
        }
    }

    proptest! {
        #[test]
        fn a_zone_shows_what_its_rules_say(
            second in Timestamp::MIN.as_second()..Timestamp::MAX.as_second(),
            near in FIRST.as_second()..LAST.as_second(),
            name in prop::sample::select(vec!["Europe/Zurich", "America/Santiago", "Africa/Casablanca", "Asia/Tehran", "UTC"]),
        ) {
            let rules = jiff::tz::db().get(name).expect("known");
            let zone = Zone::new(rules.clone());
            for second in [second, near] {
                let time = Timestamp::from_second(second).expect("in range");
                prop_assert_eq!(zone.to_datetime(time), rules.to_datetime(time));
            }
        }
    }
}
