//! The logs of the buckets: positions in order, nothing missing between them.

use super::{Check, Event, Fault, Repair, Suspicion};
use crate::{
    service::error::Result,
    store::{ALL_BUCKETS, IndexOp, LogPosition, keys, split_corruption},
};

/// Entries read at once.
const PAGE: usize = 256;

impl Check<'_> {
    pub(super) async fn logs(&mut self) -> Result<()> {
        let positions = self.parts.records.store.log_positions(&ALL_BUCKETS).await?;
        for (bucket, position) in ALL_BUCKETS.into_iter().zip(positions) {
            let (entries, fault) = self.log(bucket, position).await?;
            self.report.log_entries += entries;
            (self.tell)(Event::Looked(entries));
            let broken = |what| Suspicion::at(&keys::log(bucket), Fault::LogBroken, what, Repair::None);
            self.report_and_repair(fault.map(broken).into_iter().collect()).await?;
        }
        Ok(())
    }

    /// Counts the entries of a log up to the end it had; what is wrong with it.
    async fn log(&self, bucket: u8, position: LogPosition) -> Result<(u64, Option<String>)> {
        let LogPosition { cursor, trimmed, end } = position;
        if cursor > end || trimmed > cursor {
            return Ok((0, Some(format!("cursor {cursor} and trimmed {trimmed} do not fit the end {end}"))));
        }
        let (mut last, mut count) = (trimmed, 0);
        while last < end {
            let page = match split_corruption(self.parts.records.store.log(bucket, last, PAGE).await)? {
                Ok(page) => page,
                Err(fault) => return Ok((count, Some(fault.to_string()))),
            };
            // Another replica may have trimmed meanwhile.
            last = last.max(page.trimmed);
            for (at, entry) in &page.entries {
                if *at != last + 1 {
                    return Ok((count, Some(format!("entries {} to {} are missing", last + 1, at - 1))));
                }
                if matches!(entry.index.as_slice(), [IndexOp::Sealed(_)]) {
                    return Ok((count, Some(format!("entry {at} does not open"))));
                }
                last = *at;
                count += 1;
            }
            if page.entries.is_empty() && last < end {
                return Ok((count, Some(format!("entries {} to {end} are missing", last + 1))));
            }
        }
        Ok((count, None))
    }
}
