//! The logs of the buckets: one stream each. Position n is the entry id `n-0`, counted by the commit script.

use bytes::Bytes;

use super::{Space, failure::Intent, scripts};
use crate::store::{Advance, LogPage, LogPosition, PAGE_MAX, Result, StoreError, cas::Lifetime, codec::entries, keys};

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
    /// A transaction: entries and positions as of one moment.
    pub async fn log(&self, bucket: u8, after: u64, limit: usize) -> Result<LogPage> {
        let limit = limit.min(PAGE_MAX);
        let mut pipeline = redis::Pipeline::with_capacity(2);
        pipeline.atomic();
        pipeline.cmd("HMGET").arg(self.key(keys::position(bucket))).arg(&["trimmed", "end"]);
        let range = pipeline.cmd("XRANGE").arg(self.key(keys::log(bucket)));
        // At least one, since Redis takes zero for something else.
        range.arg(format!("({after}-0")).arg("+").arg("COUNT").arg(limit.max(1));
        let ((trimmed, end), found): ((Option<u64>, Option<u64>), Vec<Entry>) =
            self.transport.read_at_once(&pipeline).await?;
        let entries = found.iter().take(limit).map(decode).collect::<Result<_>>()?;
        Ok(LogPage { entries, trimmed: trimmed.unwrap_or(0), end: end.unwrap_or(0) })
    }

    pub async fn log_positions(&self, buckets: &[u8]) -> Result<Vec<LogPosition>> {
        if buckets.is_empty() {
            return Ok(Vec::new());
        }
        let mut pipeline = redis::Pipeline::with_capacity(buckets.len());
        for bucket in buckets {
            pipeline.cmd("HMGET").arg(self.key(keys::position(*bucket))).arg(&["cursor", "trimmed", "end"]);
        }
        let found: Vec<(Option<u64>, Option<u64>, Option<u64>)> = self.transport.read_many(&pipeline).await?;
        let position = |(cursor, trimmed, end): (Option<u64>, Option<u64>, Option<u64>)| LogPosition {
            cursor: cursor.unwrap_or(0),
            trimmed: trimmed.unwrap_or(0),
            end: end.unwrap_or(0),
        };
        Ok(found.into_iter().map(position).collect())
    }

    pub async fn advance(&self, step: &Advance) -> Result<bool> {
        let values = step.values.iter().map(|value| value.key.clone());
        let names = [keys::log(step.bucket), keys::position(step.bucket)].into_iter().chain(values);
        let mut call = scripts::ADVANCE.call(&names.map(|name| self.key(name)).collect::<Vec<_>>());
        call.arg(step.from).arg(step.to).arg(step.keep);
        for value in &step.values {
            call.arg(value.bytes.as_ref());
            match value.lifetime {
                Lifetime::Milliseconds(left) => call.arg(left),
                Lifetime::Keep | Lifetime::Forever => call.arg("none"),
            };
        }
        self.transport.run(&scripts::ADVANCE, &call, Intent::Write).await
    }
}
