//! The logs of the buckets: one stream each. Position n is the entry id `n-0`, counted by the commit script.

use bytes::Bytes;

use super::{Space, scripts, trouble::Intent};
use crate::store::{BUCKETS, LogPage, LogPosition, PAGE_MAX, Result, StoreError, codec::entries, keys};

type Entry = (String, Vec<Bytes>);

fn decode(entry: &Entry) -> Result<(u64, crate::store::LogEntry)> {
    let damaged = || StoreError::Corrupt("entry of a log".into());
    let number = entry.0.strip_suffix("-0").and_then(|number| number.parse().ok()).ok_or_else(damaged)?;
    let [_, bytes] = entry.1.as_slice() else {
        return Err(damaged());
    };
    Ok((number, entries::decode_log(bytes)?))
}

impl Space {
    /// A transaction: entries and positions of one moment.
    pub async fn log(&self, bucket: u8, after: u64, limit: usize) -> Result<LogPage> {
        let limit = limit.min(PAGE_MAX);
        let mut pipeline = redis::Pipeline::with_capacity(2);
        pipeline.atomic();
        pipeline.cmd("HMGET").arg(self.key(keys::position(bucket))).arg(&["trimmed", "end"]);
        let range = pipeline.cmd("XRANGE").arg(self.key(keys::log(bucket)));
        // At least one, since Redis takes zero for something else.
        range.arg(format!("({after}-0")).arg("+").arg("COUNT").arg(limit.max(1));
        let ((trimmed, end), found): ((Option<u64>, Option<u64>), Vec<Entry>) =
            self.link.ask(&pipeline, Intent::Read).await?;
        let entries = found.iter().take(limit).map(decode).collect::<Result<_>>()?;
        Ok(LogPage { entries, trimmed: trimmed.unwrap_or(0), end: end.unwrap_or(0) })
    }

    pub async fn log_positions(&self) -> Result<Vec<LogPosition>> {
        let mut pipeline = redis::Pipeline::with_capacity(BUCKETS.into());
        for bucket in 0..BUCKETS {
            pipeline.cmd("HMGET").arg(self.key(keys::position(bucket as u8))).arg(&["cursor", "trimmed", "end"]);
        }
        let found: Vec<(Option<u64>, Option<u64>, Option<u64>)> = self.link.ask(&pipeline, Intent::Read).await?;
        let position = |(cursor, trimmed, end): (Option<u64>, Option<u64>, Option<u64>)| LogPosition {
            cursor: cursor.unwrap_or(0),
            trimmed: trimmed.unwrap_or(0),
            end: end.unwrap_or(0),
        };
        Ok(found.into_iter().map(position).collect())
    }

    pub async fn advance(&self, bucket: u8, cursor: u64, keep: u64) -> Result<()> {
        let mut call = scripts::ADVANCE.call(&[self.key(keys::log(bucket)), self.key(keys::position(bucket))]);
        call.arg(cursor).arg(keep);
        self.link.run(&scripts::ADVANCE, &call, Intent::Write).await
    }
}
