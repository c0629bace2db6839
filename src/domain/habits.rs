//! What interactions add up to: bounded counts that take late and disordered arrivals, and can be undone.
//!
//! All counts are whole numbers and all times are extremes, so folding is commutative exactly. Recency is kept as counts
//! per period of 28 days, the newest 13 periods; weights are computed from them when read.

use super::{Timestamp, interaction::Interaction, money::Currency};

/// Days of one period: four weeks, so that every period has each weekday equally often.
pub const PERIOD_DAYS: i32 = 28;
/// Periods kept: a year.
pub const PERIODS: usize = 13;
/// Parts of the day: six of four hours each, from midnight.
pub const DAYPARTS: usize = 6;
/// Cells of the week: weekday (Monday first) × part of the day.
pub const CELLS: usize = 7 * DAYPARTS;

/// How often something was bought, and when.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tally {
    pub key: String,
    /// An item's category; empty for a category.
    pub category: String,
    /// Purchases that had it: a basket counts once, however many lines.
    pub count: u32,
    /// Counts by period, newest first: index 0 is [`Habits::newest_period`].
    pub periods: [u16; PERIODS],
    /// Sparse counts by cell of the week, ordered by cell.
    pub cells: Vec<(u8, u16)>,
    /// Seconds since 1970.
    pub first: i64,
    pub last: i64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spend {
    pub currency: Currency,
    pub minor_units: i64,
    pub purchases: u64,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Habits {
    pub visits: u64,
    pub purchases: u64,
    pub lines: u64,
    pub contacts: u64,
    pub first_visit: Option<Timestamp>,
    pub last_visit: Option<Timestamp>,
    /// Visits by cell of the week; empty, or [`CELLS`] long.
    pub visit_cells: Vec<u32>,
    /// Visits by hour; empty, or 24 long.
    pub visit_hours: Vec<u32>,
    pub spend: Vec<Spend>,
    /// The newest period of any interaction: days since 1970 / [`PERIOD_DAYS`].
    pub newest_period: i32,
    pub items: Vec<Tally>,
    pub categories: Vec<Tally>,
    /// Interactions in the history.
    pub kept: u32,
    /// Interactions up to here were dropped from the history: no longer recognised, so no longer folded.
    pub horizon: Option<Timestamp>,
}

impl Habits {
    /// Counts an interaction.
    pub fn fold(&mut self, _interaction: &Interaction) {
        todo!()
    }

    /// Takes an interaction back that was counted.
    pub fn unfold(&mut self, _interaction: &Interaction) {
        todo!()
    }

    /// Usual days between visits; `None` before the second.
    pub fn usual_interval_days(&self) -> Option<f64> {
        todo!()
    }

    /// The recent weight of a tally at `now`: its counts by period with a half-life.
    pub fn weight(&self, _tally: &Tally, _now: Timestamp) -> f64 {
        todo!()
    }
}
