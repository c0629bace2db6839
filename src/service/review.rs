//! The service review: what the counters of a month say. Nothing is scanned: counters and ranges of indexes are read, as
//! many as there are buckets, venues and budgets, however many customers there are.

use std::collections::BTreeMap;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::{
    Caller, Reports,
    error::{Error, Result},
    gestures::money::month_key,
};
use crate::{
    domain::{
        Timestamp, VenueId, Violation,
        briefing::WithheldReason,
        money::Money,
        policy::Venue,
        review::{Figures, LEVELS, Month},
    },
    store::{BUCKETS, BudgetKey, HintIndex, HintRange, StoreExt as _, hints},
};

/// Ranges counted at once.
const AT_ONCE: usize = 16;
/// A partition is counted no further: 256 times as many customers are more than any business misses.
const COUNT_MAX: usize = 100_000;
/// Longer ago is lost, not slipping away.
const SLIPPING_DAYS: i64 = 365;
/// Months whose budgets are still known, before the current one. A month's budget is kept for 92 days after it was last
/// drawn on.
const BUDGET_MONTHS: i32 = 2;
/// Months that the counters of a month are kept for sure, see [`crate::store::tallies::TALLY_KEEP_MS`].
const MONTHS_KEPT: i32 = 12;
const DAY_MS: i64 = 86_400_000;

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// `None`: the current one.
    pub month: Option<Month>,
    /// `None`: all venues.
    pub venue: Option<VenueId>,
}

/// What a venue may spend in the month, and has spent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spent {
    pub venue: VenueId,
    pub monthly: Money,
    pub spent: i64,
}

/// The review of a month.
#[derive(Debug, Clone)]
pub struct ServiceReview {
    pub month: Month,
    pub figures: Figures,
    /// Customers by the name of their level, as of each one's last change.
    pub levels: BTreeMap<String, i64>,
    /// Customers who are slipping away now.
    pub slipping: usize,
    /// Those of them who began to in the month.
    pub newly_slipping: usize,
    /// Promises that are overdue now.
    pub overdue: usize,
    /// None of them: budgets of months so long ago are not kept.
    pub budgets: Vec<Spent>,
    /// Whether the policy's date of review has come; `None`: it has none.
    pub is_policy_due: Option<bool>,
}

impl Reports {
    /// The review of a month. Only for roles that see what customers are worth.
    pub async fn service_review(&self, caller: &Caller, asked: &Asked) -> Result<ServiceReview> {
        let policy = &caller.in_force.policy;
        if !caller.sees_value() {
            return Err(Error::Withheld(WithheldReason::Role));
        }
        let venue = asked.venue.as_ref().map(|id| caller.venue("venue_id", id)).transpose()?;
        let today = Month::at_venue(caller.now, venue);
        let month = asked.month.unwrap_or(today);
        if !(0..=MONTHS_KEPT).contains(&month.until(today)) {
            return Err(Violation::new("month", "must be the current month or one of the twelve before").into());
        }
        let tenant = &caller.principal.tenant;
        let (counts, causes, gestures) = (month.counts_tally(), month.causes_tally(), month.gestures_tally());
        let (counts, causes, gestures, levels) = tokio::try_join!(
            self.counted(tenant, &counts),
            self.counted(tenant, &causes),
            self.counted(tenant, &gestures),
            self.counted(tenant, LEVELS),
        )?;
        let now_ms = caller.now_ms();
        let since = now_ms.saturating_sub(SLIPPING_DAYS * DAY_MS);
        let (start, end) = (month.start().as_millisecond(), month.next().start().as_millisecond());
        Ok(ServiceReview {
            month,
            figures: Figures::read(&counts, &causes, &gestures, venue.map(|venue| venue.id.as_str())),
            levels,
            slipping: self.slipping(caller, since, now_ms).await?,
            newly_slipping: self.slipping(caller, start.max(since), end.min(now_ms)).await?,
            overdue: self.overdue(caller, venue).await?,
            budgets: self.spent(caller, venue, month).await?,
            is_policy_due: policy.rules.review_due.map(|due| due <= utc_date(caller.now)),
        })
    }

    /// Customers whose absence became long in the range.
    async fn slipping(&self, caller: &Caller, from_ms: i64, to_ms: i64) -> Result<usize> {
        if from_ms >= to_ms {
            return Ok(0);
        }
        let range = hints::absence_range(from_ms, to_ms);
        let partitions = (0..BUCKETS).map(|bucket| (HintIndex::Absences, bucket as u8, range.clone()));
        self.count_ranges(caller, partitions).await
    }

    /// Promises past their time, of a venue or of all.
    async fn overdue(&self, caller: &Caller, venue: Option<&Venue>) -> Result<usize> {
        let venues = venue.map_or(caller.in_force.policy.venues.as_slice(), std::slice::from_ref);
        let ranges = venues.iter().map(|venue| {
            let range = hints::venue_range(&venue.id, i64::MIN, caller.now_ms() + 1);
            (HintIndex::FollowUps, hints::venue_partition(&venue.id), range)
        });
        self.count_ranges(caller, ranges).await
    }

    async fn count_ranges(
        &self,
        caller: &Caller,
        ranges: impl Iterator<Item = (HintIndex, u8, HintRange)> + Send,
    ) -> Result<usize> {
        let ranges: Vec<_> = ranges.collect();
        let count = |(index, partition, range): (HintIndex, u8, HintRange)| async move {
            let tenant = &caller.principal.tenant;
            self.records.store.count_hints(tenant, index, partition, &range, COUNT_MAX).await
        };
        let sum = |sum: usize, one: usize| async move { Ok(sum.saturating_add(one)) };
        Ok(stream::iter(ranges).map(count).buffer_unordered(AT_ONCE).try_fold(0, sum).await?)
    }

    /// Budgets of the policy in force, and what was spent of them in the month.
    async fn spent(&self, caller: &Caller, venue: Option<&Venue>, month: Month) -> Result<Vec<Spent>> {
        if month.until(Month::at_venue(caller.now, venue)) > BUDGET_MONTHS {
            return Ok(Vec::new());
        }
        let budgets = caller.in_force.policy.rules.budgets.iter();
        let budgets: Vec<_> =
            budgets.filter(|budget| venue.is_none_or(|venue| venue.id == budget.venue)).cloned().collect();
        let tenant = &caller.principal.tenant;
        let keys: Vec<BudgetKey> =
            budgets.iter().map(|budget| month_key(tenant, &budget.venue, month, budget.monthly.currency)).collect();
        let states = self.records.store.budgets(&keys, caller.now_ms()).await?;
        let spent = budgets.into_iter().zip(states);
        Ok(spent
            .map(|(budget, state)| Spent { venue: budget.venue, monthly: budget.monthly, spent: state.spent })
            .collect())
    }
}

fn utc_date(time: Timestamp) -> jiff::civil::Date {
    jiff::tz::TimeZone::UTC.to_datetime(time).date()
}
