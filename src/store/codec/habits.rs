//! What interactions add up to, as stored messages and back.

use super::super::{Result, stored};
use super::profile::{all, damaged, nanos, time};
use crate::domain::{
    habits::{Habits, PERIODS, Spend, Tally},
    limits::RECENT_MAX,
    money::Currency,
    recent::{RecentPurchase, WEEK_HOURS},
};

pub(super) fn encode(habits: &Habits) -> stored::Habits {
    stored::Habits {
        visits: habits.visits,
        purchases: habits.purchases,
        lines: habits.lines,
        contacts: habits.contacts,
        first_visit: habits.first_visit.map(nanos),
        last_visit: habits.last_visit.map(nanos),
        visit_cells: habits.visit_cells.clone(),
        visit_hours: habits.visit_hours.clone(),
        spend: habits.spend.iter().map(spend).collect(),
        newest_period: habits.newest_period,
        items: habits.items.iter().map(|item| tally(item, &habits.categories)).collect(),
        categories: habits.categories.iter().map(|category| tally(category, &[])).collect(),
        kept: habits.kept,
        horizon: habits.horizon.map(nanos),
        items_evicted: habits.items_evicted,
        categories_evicted: habits.categories_evicted,
        recent_seconds: seconds(&habits.recent),
        recent_marks: habits.recent.iter().map(|purchase| purchase.mark).collect(),
        recent_venues: habits.recent.iter().map(|purchase| purchase.venue).collect(),
        recent_hours: habits.recent.iter().map(|purchase| purchase.hour_of_week).collect(),
        recent_items: habits.recent.iter().map(|purchase| purchase.items).collect(),
    }
}

pub(super) fn decode(raw: stored::Habits) -> Result<Habits> {
    let recent = recent_back(&raw)?;
    let categories = all(raw.categories, |category| tally_back(category, &[]))?;
    Ok(Habits {
        recent,
        visits: raw.visits,
        purchases: raw.purchases,
        lines: raw.lines,
        contacts: raw.contacts,
        first_visit: raw.first_visit.map(time).transpose()?,
        last_visit: raw.last_visit.map(time).transpose()?,
        visit_cells: raw.visit_cells,
        visit_hours: raw.visit_hours,
        spend: all(raw.spend, spend_back)?,
        newest_period: raw.newest_period,
        items: all(raw.items, |item| tally_back(item, &categories))?,
        categories,
        kept: raw.kept,
        horizon: raw.horizon.map(time).transpose()?,
        items_evicted: raw.items_evicted,
        categories_evicted: raw.categories_evicted,
    })
}

/// The newest, then how much earlier each next one was.
fn seconds(recent: &[RecentPurchase]) -> Vec<i64> {
    let earlier = recent.windows(2).map(|pair| pair[0].second - pair[1].second);
    recent.first().map(|newest| newest.second).into_iter().chain(earlier).collect()
}

fn recent_back(raw: &stored::Habits) -> Result<Vec<RecentPurchase>> {
    let count = raw.recent_seconds.len();
    let lengths = [raw.recent_marks.len(), raw.recent_venues.len(), raw.recent_hours.len(), raw.recent_items.len()];
    if count > RECENT_MAX || lengths.iter().any(|length| *length != count) {
        return Err(damaged("the newest purchases"));
    }
    let mut second = None;
    let one = |place: usize| {
        let stored = raw.recent_seconds[place];
        let time = second.map_or(Some(stored), |newer: i64| newer.checked_sub(stored));
        second = time;
        Some(RecentPurchase {
            second: time?,
            mark: raw.recent_marks[place],
            venue: raw.recent_venues[place],
            hour_of_week: Some(raw.recent_hours[place]).filter(|hour| *hour < WEEK_HOURS)?,
            items: raw.recent_items[place],
        })
    };
    (0..count).map(one).collect::<Option<_>>().ok_or_else(|| damaged("a recent purchase"))
}

fn spend(spend: &Spend) -> stored::Spend {
    stored::Spend {
        currency: spend.currency.as_str().to_owned(),
        minor_units: spend.minor_units,
        purchases: spend.purchases,
    }
}

fn spend_back(raw: stored::Spend) -> Result<Spend> {
    Ok(Spend {
        currency: Currency::parse("currency", &raw.currency).map_err(|_| damaged("a currency"))?,
        minor_units: raw.minor_units,
        purchases: raw.purchases,
    })
}

/// A category that is counted itself is named once, there: names are most of what a tally takes.
fn tally(tally: &Tally, categories: &[Tally]) -> stored::HabitTally {
    let found = categories.binary_search_by(|known| known.key.cmp(&tally.category)).ok();
    let place = found.and_then(|place| u32::try_from(place + 1).ok());
    let used = tally.periods.iter().rposition(|count| *count > 0).map_or(0, |last| last + 1);
    stored::HabitTally {
        key: tally.key.clone(),
        category: if place.is_some() { String::new() } else { tally.category.clone() },
        category_place: place.unwrap_or(0),
        count: tally.count,
        periods: tally.periods[..used].iter().map(|count| u32::from(*count)).collect(),
        cells: tally.cells.iter().flat_map(|(cell, count)| [u32::from(*cell), u32::from(*count)]).collect(),
        first: tally.first,
        last: tally.last,
        at_least: tally.at_least,
        recent: tally.recent,
    }
}

fn tally_back(raw: stored::HabitTally, categories: &[Tally]) -> Result<Tally> {
    let category = match usize::try_from(raw.category_place) {
        Ok(0) => raw.category,
        Ok(place) => categories.get(place - 1).ok_or_else(|| damaged("a category"))?.key.clone(),
        Err(_) => return Err(damaged("a category")),
    };
    let short = |count: u32| u16::try_from(count).map_err(|_| damaged("a count"));
    let mut periods = [0; PERIODS];
    if raw.periods.len() > PERIODS || !raw.cells.len().is_multiple_of(2) {
        return Err(damaged("counts"));
    }
    for (place, count) in periods.iter_mut().zip(&raw.periods) {
        *place = short(*count)?;
    }
    let mut cells = Vec::with_capacity(raw.cells.len() / 2);
    for pair in raw.cells.chunks_exact(2) {
        cells.push((u8::try_from(pair[0]).map_err(|_| damaged("a cell"))?, short(pair[1])?));
    }
    Ok(Tally {
        key: raw.key,
        category,
        count: raw.count,
        periods,
        cells,
        first: raw.first,
        last: raw.last,
        at_least: raw.at_least,
        recent: raw.recent,
    })
}
