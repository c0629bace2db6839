//! Keeping the history bounded: the oldest interactions are dropped in steps, and the horizon says up to when.

use super::super::{
    Caller, Request,
    edit::{Plan, Target},
    error::{Error, Result},
    writes::Writer,
};
use crate::{
    domain::{
        Change, CustomerId, Profile, Timestamp,
        limits::{HISTORY_KEEP, HISTORY_MAX, HISTORY_TRIM_MAX},
    },
    store::{CustomerKey, HistoryEntry, HistoryRange, Lane},
};

/// Attempts of one trimming. Writers of this process queue behind it, so only other replicas come between.
const ATTEMPTS_MAX: usize = 8;

impl Writer {
    /// Trims a history that has passed its bound. Best effort: the next recording tries again.
    pub(super) async fn trim_if_long(&self, caller: &Caller, customer: CustomerId, kept: usize) {
        if kept > HISTORY_MAX
            && let Err(fault) = self.trim(caller, customer).await
        {
            tracing::warn!(error = %fault, "a history could not be trimmed; it will be tried again");
        }
    }

    /// Drops the oldest interactions of a history that has passed its bound, at most [`HISTORY_TRIM_MAX`]; answers how many.
    /// A profile that counts more than the history has costs no entry: [`HISTORY_KEEP`] that really exist are kept.
    pub(in crate::service) async fn trim(&self, caller: &Caller, customer: CustomerId) -> Result<usize> {
        let _queued = self.locks.lock(customer).await;
        for _ in 0..ATTEMPTS_MAX {
            match self.trim_once(caller, customer).await {
                Err(Error::EtagMismatch) => {}
                trimmed => return trimmed,
            }
        }
        Err(Error::Contended)
    }

    /// What is dropped must still be there when it is dropped, or it would be counted twice: so the commit demands the revision
    /// that the history was read at.
    async fn trim_once(&self, caller: &Caller, customer: CustomerId) -> Result<usize> {
        let key = caller.key(customer);
        let Some(current) = self.records.read(&key).await? else { return Ok(0) };
        let kept = current.profile.habits.kept as usize;
        if kept <= HISTORY_MAX {
            return Ok(0);
        }
        let mut entries = self.oldest(&key, kept).await?;
        entries.truncate(kept - HISTORY_KEEP);
        let Some(last) = entries.last() else { return Ok(0) };
        let horizon = Timestamp::from_millisecond(last.time_ms).unwrap_or(Timestamp::UNIX_EPOCH);
        let dropped = u32::try_from(entries.len()).unwrap_or(u32::MAX);
        let request = Request::default();
        let target = Target { customer, request: &request, etag: Some(current.revision), entries: &[] };
        let plan = |_: &Profile, _: &[_]| {
            let dropped_ids = entries.iter().map(|entry| (Lane::Interactions, entry.id)).collect();
            Ok(Plan { dropped: dropped_ids, ..Plan::of(vec![Change::HistoryTrimmed { dropped, horizon }]) })
        };
        self.edit_queued(caller, &target, plan).await?;
        Ok(entries.len())
    }

    /// The oldest interactions that may be dropped; none unless more than [`HISTORY_MAX`] are really there. The profile's count
    /// alone would not do: if it is wrong, turn after turn would drop what there is.
    async fn oldest(&self, key: &CustomerKey, kept: usize) -> Result<Vec<HistoryEntry>> {
        let mut range = HistoryRange {
            from_ms: i64::MIN,
            to_ms: i64::MAX,
            after: None,
            newest_first: false,
            limit: HISTORY_TRIM_MAX,
        };
        let mut oldest = self.records.store.history(key, Lane::Interactions, range).await?;
        let mut after = oldest.last().map(|last| (last.time_ms, last.id));
        let mut there = oldest.len();
        while there < kept.min(HISTORY_KEEP + HISTORY_TRIM_MAX)
            && let Some(last) = after
        {
            range.after = Some(last);
            let page = self.records.store.history(key, Lane::Interactions, range).await?;
            there += page.len();
            after = page.last().map(|last| (last.time_ms, last.id));
        }
        oldest.truncate(if there > HISTORY_MAX { there - HISTORY_KEEP } else { 0 });
        Ok(oldest)
    }
}
