//! Keeping the history bounded: the oldest interactions are dropped in steps, and the horizon says up to when.

use super::super::{
    Caller, Request,
    edit::{Plan, Target},
    error::Result,
    writes::Writer,
};
use crate::{
    domain::{
        Change, CustomerId, Profile, Timestamp,
        limits::{HISTORY_KEEP, HISTORY_MAX},
    },
    store::{HistoryRange, Lane},
};

impl Writer {
    /// Trims a history that has passed its bound. Best effort: the next recording tries again.
    pub(super) async fn trim_if_long(&self, caller: &Caller, customer: CustomerId, kept: usize) {
        if kept > HISTORY_MAX
            && let Err(fault) = self.trim(caller, customer, kept - HISTORY_KEEP).await
        {
            tracing::warn!(error = %fault, "a history could not be trimmed; it will be tried again");
        }
    }

    async fn trim(&self, caller: &Caller, customer: CustomerId, surplus: usize) -> Result<()> {
        let oldest =
            HistoryRange { from_ms: i64::MIN, to_ms: i64::MAX, after: None, newest_first: false, limit: surplus };
        let entries = self.records.store.history(&caller.key(customer), Lane::Interactions, oldest).await?;
        let Some(last) = entries.last() else {
            return Ok(());
        };
        let horizon = Timestamp::from_millisecond(last.time_ms).unwrap_or(Timestamp::UNIX_EPOCH);
        let dropped = u32::try_from(entries.len()).unwrap_or(u32::MAX);
        let request = Request::default();
        let target = Target { customer, request: &request, etag: None, entries: &[] };
        let plan = |profile: &Profile, _: &[_]| {
            // Another writer may have trimmed meanwhile.
            if profile.habits.horizon.is_some_and(|known| known >= horizon)
                || (profile.habits.kept as usize) < HISTORY_KEEP + entries.len()
            {
                return Ok(Plan::of(Vec::new()));
            }
            let dropped_ids = entries.iter().map(|entry| (Lane::Interactions, entry.id)).collect();
            Ok(Plan { dropped: dropped_ids, ..Plan::of(vec![Change::HistoryTrimmed { dropped, horizon }]) })
        };
        self.edit(caller, &target, plan).await?;
        Ok(())
    }
}
