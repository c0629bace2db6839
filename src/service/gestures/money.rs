//! The money of gestures. Every gesture that costs something is drawn on two budgets: the venue's for the calendar month, on
//! its clock, and the giver's for the business day. Both are held before the commit, which makes both good. The hold of a
//! giver that crashed is settled when it is found overdue (see [`super::super::holds`]).

use super::super::{
    Caller,
    error::Result,
    holds::{Draw, Drawn, Holds},
};
use crate::{
    domain::{
        Author, CustomerId, TenantId, Timestamp, VenueId,
        gesture::{DrawnOn, Gesture},
        id::HoldToken,
        money::{Currency, Money},
        policy::Venue,
        review::Month,
    },
    hex::hex,
    store::{
        BudgetKey, IndexOp,
        sealing::{IndexKey, Label},
    },
};

/// How long a month's budget is kept after a draw on it: until long after the month.
const MONTH_KEEP_DAYS: i64 = 92;
/// How long a day's budget is kept after a draw on it.
const DAY_KEEP_DAYS: i64 = 8;
const DAY_MS: i64 = 86_400_000;

/// One of the two budgets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct GestureBudget {
    pub key: BudgetKey,
    pub expire_ms: i64,
}

/// The two budgets of a gesture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct GestureBudgets {
    pub month: GestureBudget,
    pub day: GestureBudget,
}

/// Holds on budgets, to be made good or given back.
#[derive(Debug, Default)]
pub(super) struct Held(Vec<(BudgetKey, HoldToken)>);

/// The answer to drawing on both budgets.
#[derive(Debug)]
pub(super) enum Drawing {
    Held(Held),
    MonthShort { left: i64 },
    DayShort,
}

impl GestureBudgets {
    /// The budgets that the caller draws on now.
    pub fn now(caller: &Caller, venue: &Venue, currency: Currency) -> Self {
        let drawn_on = DrawnOn::at(caller.now, venue);
        Self::at(caller, &venue.id, &caller.principal.author(), caller.now, drawn_on, currency)
    }

    /// The budgets that a gesture was drawn on; `None`: on none, or on a venue that the policy no longer has.
    pub fn of(caller: &Caller, known: &Gesture) -> Option<Self> {
        let given = &known.given;
        let by_clock = || Some(DrawnOn::at(known.give_time, caller.in_force.policy.venue(&given.venue)?));
        let drawn_on = given.drawn_on.or_else(by_clock).filter(|_| known.is_spent() && given.cost.minor_units > 0)?;
        let drawer = if known.approved_by.is_empty() { &known.given_by } else { &known.approved_by };
        Some(Self::at(caller, &given.venue, drawer, known.give_time, drawn_on, given.cost.currency))
    }

    /// `drawer`: who gives or approves. `time`: when.
    fn at(
        caller: &Caller,
        venue: &VenueId,
        drawer: &Author,
        time: Timestamp,
        drawn_on: DrawnOn,
        currency: Currency,
    ) -> Self {
        let tenant = &caller.principal.tenant;
        let budget = |name: String, days: i64| GestureBudget {
            key: BudgetKey { tenant: tenant.clone(), name },
            expire_ms: time.as_millisecond() + days * DAY_MS,
        };
        let DrawnOn { month, business_date } = drawn_on;
        let (who, code) = (blinded(&caller.index_key, drawer), currency.as_str());
        Self {
            month: budget(month_name(venue, month, currency), MONTH_KEEP_DAYS),
            day: budget(format!("gestures/day/{who}/{business_date}/{code}"), DAY_KEEP_DAYS),
        }
    }
}

/// The budget of a venue's calendar month.
pub(in crate::service) fn month_key(tenant: &TenantId, venue: &VenueId, month: Month, currency: Currency) -> BudgetKey {
    BudgetKey { tenant: tenant.clone(), name: month_name(venue, month, currency) }
}

fn month_name(venue: &VenueId, month: Month, currency: Currency) -> String {
    format!("gestures/month/{venue}/{month}/{}", currency.as_str())
}

/// Names a member of staff on any device, or the device if no member of staff is named. It is a keyed hash: it does not tell
/// who that is.
pub(in crate::service) fn blinded(key: &IndexKey, author: &Author) -> String {
    let (kind, name) = match author.staff() {
        Some(staff) => ("staff", staff),
        None => ("device", author.as_str()),
    };
    let digest = key.digest(Label::Staff, &[kind.as_bytes(), name.to_ascii_lowercase().as_bytes()]);
    hex(&digest)
}

impl Held {
    pub fn tokens(&self) -> Vec<HoldToken> {
        self.0.iter().map(|(_, token)| *token).collect()
    }

    pub fn confirmations(&self) -> Vec<IndexOp> {
        self.0.iter().map(|(key, token)| IndexOp::ConfirmBudget { key: key.clone(), token: *token }).collect()
    }
}

impl Holds {
    /// Holds the cost of a gesture on both budgets, or on neither.
    pub(super) async fn draw_both(
        &self,
        caller: &Caller,
        customer: CustomerId,
        budgets: &GestureBudgets,
        cost: Money,
        (month_limit, day_limit): (i64, i64),
    ) -> Result<Drawing> {
        let mut held = Held::default();
        for (budget, limit) in [(&budgets.month, month_limit), (&budgets.day, day_limit)] {
            let draw = Draw {
                budget: budget.key.clone(),
                customer,
                amount: cost.minor_units,
                limit,
                expire_ms: budget.expire_ms,
            };
            match self.draw(&draw, caller.now_ms()).await {
                Ok(Drawn::Held(token)) => held.0.push((budget.key.clone(), token)),
                Ok(Drawn::Short { left }) => {
                    let is_month = held.0.is_empty();
                    self.give_back_held(&held).await;
                    return Ok(if is_month { Drawing::MonthShort { left } } else { Drawing::DayShort });
                }
                Err(fault) => {
                    self.give_back_held(&held).await;
                    return Err(fault);
                }
            }
        }
        Ok(Drawing::Held(held))
    }

    /// Holds minus what a gesture had cost on both budgets: once the commit is made, that much is free again. A budget whose
    /// period is long over gets nothing back.
    pub(super) async fn return_both(
        &self,
        caller: &Caller,
        customer: CustomerId,
        budgets: &GestureBudgets,
        cost: Money,
    ) -> Result<Held> {
        let mut held = Held::default();
        for budget in [&budgets.month, &budgets.day] {
            if budget.expire_ms <= caller.now_ms() {
                continue;
            }
            let draw = Draw {
                budget: budget.key.clone(),
                customer,
                amount: -cost.minor_units,
                limit: i64::MAX,
                expire_ms: budget.expire_ms,
            };
            match self.draw(&draw, caller.now_ms()).await {
                Ok(Drawn::Held(token)) => held.0.push((budget.key.clone(), token)),
                // Giving back always fits.
                Ok(Drawn::Short { .. }) => {}
                Err(fault) => {
                    self.give_back_held(&held).await;
                    return Err(fault);
                }
            }
        }
        Ok(held)
    }

    /// Frees holds whose commit certainly did not happen.
    pub(super) async fn give_back_held(&self, held: &Held) {
        for (key, token) in &held.0 {
            self.give_back_draw(key, *token).await;
        }
    }
}
