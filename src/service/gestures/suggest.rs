//! Suggesting gestures: what is left of money and authority is looked up, never drawn.

use super::{
    super::{
        Caller, Readers,
        error::{Error, Result},
    },
    give::limits,
    money::GestureBudgets,
    question, role,
};
use crate::{
    domain::{
        CustomerId,
        consent::{Part, Purpose},
        gesture::{GiverLimits, Suggested, suggest},
        id::PartId,
        money::Money,
        policy::Venue,
    },
    store::{BudgetState, StoreExt as _},
};

/// What is asked.
#[derive(Debug, Clone)]
pub struct Ask<'a> {
    /// Who it is for.
    pub customer: CustomerId,
    /// Where they are.
    pub venue: &'a Venue,
    /// What is to be made good.
    pub issue: Option<PartId>,
    /// How many at most.
    pub limit: usize,
    /// Whether types that a verdict is against come too, after the others.
    pub include_vetoed: bool,
    /// Only serving sees gestures.
    pub purpose: Purpose,
}

impl Readers {
    /// The catalogue as it fits a customer here and now, the best first; written by the edge.
    pub async fn suggest_gestures<T>(
        &self,
        caller: &Caller,
        ask: &Ask<'_>,
        write: impl Fn(Suggested<'_>) -> T,
    ) -> Result<Vec<T>> {
        let caller = &self.with_menu(caller.clone(), &ask.venue.id).await?;
        let venue = ask.venue;
        let GestureBudgets { month, day } = GestureBudgets::now(caller, venue, venue.currency);
        let keys = [month.key, day.key];
        let key = caller.key(ask.customer);
        let (current, budgets) =
            tokio::join!(self.records.read(&key), self.records.store.budgets(&keys, caller.now_ms()));
        let profile = current?.ok_or(Error::CustomerNotFound)?.profile;
        profile.sees(ask.purpose, Part::Gestures).map_err(Error::Withheld)?;
        if ask.issue.is_some_and(|issue| profile.issue(issue).is_none()) {
            return Err(Error::EntryNotFound("issue"));
        }
        let (month, day) = limits(caller, venue, role(caller), Money { currency: venue.currency, minor_units: 0 });
        let budgets: Vec<BudgetState> =
            budgets?.into_iter().map(|state| state.without_overdue(caller.now_ms())).collect();
        let left = |index: usize, limit: i64| budgets.get(index).map_or(limit, |state| state.left(limit));
        let till = GiverLimits { role: role(caller), month_left: left(0, month), day_left: left(1, day) };
        let question = question(caller, venue);
        let all = suggest(&profile, &question, &till, ask.issue);
        let shown = all.into_iter().filter(|one| ask.include_vetoed || !one.is_vetoed());
        Ok(shown.take(ask.limit).map(write).collect())
    }
}
