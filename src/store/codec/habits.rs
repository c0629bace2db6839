//! What interactions add up to, as stored messages and back.

use super::{
    super::{Result, stored},
    mirror::{AsIs, Form, Stored, damaged, mirror},
};
use crate::domain::{
    habits::{Habits, PERIODS, Spend, Tally},
    limits::{RECENT_MAX, WHEREABOUTS_MAX},
    recent::{RecentPurchase, WEEK_HOURS},
    whereabouts::{LastVisit, Whereabouts},
};

mirror!(Habits = stored::Habits {
    visits,
    purchases,
    lines,
    contacts,
    first_visit,
    last_visit,
    visit_cells: AsIs,
    visit_hours: AsIs,
    spend,
    newest_period,
    (items, categories) = (items, categories): Tallies,
    kept,
    horizon,
    items_evicted,
    categories_evicted,
    (whereabouts) = (visited_venues, visited_seconds, visited_elsewhere): Visited,
    (recent) = (recent_seconds, recent_marks, recent_venues, recent_hours, recent_items): Columns,
});

mirror!(Spend = stored::Spend { currency, minor_units, purchases });

mirror!(Tally = stored::HabitTally {
    key,
    (category) = (category, category_place): LeftToTallies,
    count,
    periods: Trimmed,
    first,
    last,
    at_least,
    recent,
});

/// [`Tallies`] stores and reads an item's category, since it knows the categories that are counted.
struct LeftToTallies;

impl LeftToTallies {
    fn store(_: &str) -> (String, u32) {
        (String::new(), 0)
    }

    fn read(category: String, _: u32) -> Result<String> {
        Ok(category)
    }
}

/// Items and categories. An item names a category that is counted itself by its index plus one, since names are most of what
/// a tally takes. 0: the name is stored with the item.
struct Tallies;

impl Tallies {
    fn store(items: &[Tally], categories: &[Tally]) -> (Vec<stored::HabitTally>, Vec<stored::HabitTally>) {
        let one = |tally: &Tally, categories: &[Tally]| {
            let mut raw: stored::HabitTally = tally.store();
            let found = categories.binary_search_by(|known| known.key.cmp(&tally.category)).ok();
            match found.and_then(|index| u32::try_from(index + 1).ok()) {
                Some(number) => raw.category_place = number,
                None => raw.category.clone_from(&tally.category),
            }
            raw
        };
        let items = items.iter().map(|item| one(item, categories)).collect();
        (items, categories.iter().map(|category| one(category, &[])).collect())
    }

    fn read(items: Vec<stored::HabitTally>, categories: Vec<stored::HabitTally>) -> Result<(Vec<Tally>, Vec<Tally>)> {
        let one = |raw: stored::HabitTally, categories: &[Tally]| {
            let number = usize::try_from(raw.category_place).map_err(|_| damaged("a category"))?;
            let mut tally = Tally::read(raw)?;
            if let Some(index) = number.checked_sub(1) {
                tally.category.clone_from(&categories.get(index).ok_or_else(|| damaged("a category"))?.key);
            }
            Ok(tally)
        };
        let categories = categories.into_iter().map(|raw| one(raw, &[])).collect::<Result<Vec<_>>>()?;
        let items = items.into_iter().map(|raw| one(raw, &categories)).collect::<Result<_>>()?;
        Ok((items, categories))
    }
}

/// Counts by period, without the zeros at the end.
struct Trimmed;

impl Form<[u16; PERIODS], Vec<u32>> for Trimmed {
    fn store(self, periods: &[u16; PERIODS]) -> Vec<u32> {
        let used = periods.iter().rposition(|count| *count > 0).map_or(0, |last| last + 1);
        periods[..used].iter().map(|count| u32::from(*count)).collect()
    }

    fn read(self, raw: Vec<u32>) -> Result<[u16; PERIODS]> {
        let mut periods = [0; PERIODS];
        if raw.len() > PERIODS {
            return Err(damaged("counts"));
        }
        for (period, count) in periods.iter_mut().zip(raw) {
            *period = Stored::read(count)?;
        }
        Ok(periods)
    }
}

/// The newest purchases, one column for each of their fields: seconds, marks, venues, hours, items.
struct Columns;

type RecentColumns = (Vec<i64>, Vec<u32>, Vec<u32>, Vec<u8>, Vec<u8>);

impl Columns {
    fn store(recent: &[RecentPurchase]) -> RecentColumns {
        // The newest, then how much earlier each next one was.
        let earlier = recent.windows(2).map(|pair| pair[0].second - pair[1].second);
        (
            recent.first().map(|newest| newest.second).into_iter().chain(earlier).collect(),
            recent.iter().map(|purchase| purchase.mark).collect(),
            recent.iter().map(|purchase| purchase.venue).collect(),
            recent.iter().map(|purchase| purchase.hour_of_week).collect(),
            recent.iter().map(|purchase| purchase.items).collect(),
        )
    }

    fn read(
        seconds: Vec<i64>,
        marks: Vec<u32>,
        venues: Vec<u32>,
        hours: Vec<u8>,
        items: Vec<u8>,
    ) -> Result<Vec<RecentPurchase>> {
        let count = seconds.len();
        let lengths = [marks.len(), venues.len(), hours.len(), items.len()];
        if count > RECENT_MAX || lengths.iter().any(|length| *length != count) {
            return Err(damaged("the newest purchases"));
        }
        let mut second = None;
        let one = |index: usize| {
            let stored = seconds[index];
            let time = second.map_or(Some(stored), |newer: i64| newer.checked_sub(stored));
            second = time;
            Some(RecentPurchase {
                second: time?,
                mark: marks[index],
                venue: venues[index],
                hour_of_week: Some(hours[index]).filter(|hour| *hour < WEEK_HOURS)?,
                items: items[index],
            })
        };
        (0..count).map(one).collect::<Option<_>>().ok_or_else(|| damaged("a recent purchase"))
    }
}

/// The venues of the latest visits, one column for each field.
struct Visited;

impl Visited {
    fn store(known: &Whereabouts) -> (Vec<u32>, Vec<i64>, Option<i64>) {
        let Whereabouts { latest, elsewhere } = known;
        let venues = latest.iter().map(|visit| visit.venue).collect();
        (venues, latest.iter().map(|visit| visit.second).collect(), *elsewhere)
    }

    fn read(venues: Vec<u32>, seconds: Vec<i64>, elsewhere: Option<i64>) -> Result<Whereabouts> {
        if venues.len() != seconds.len() || venues.len() > WHEREABOUTS_MAX {
            return Err(damaged("the venues of the latest visits"));
        }
        let latest = venues.into_iter().zip(seconds).map(|(venue, second)| LastVisit { venue, second }).collect();
        Ok(Whereabouts { latest, elsewhere })
    }
}
