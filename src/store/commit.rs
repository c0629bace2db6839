//! The commit that erases, which is the same whoever makes it.

use super::{Commit, CustomerKey, IndexOp, LogEntry, RecordWrite, Result, Revision, sealing::random};
use crate::domain::TouchedParts;

impl Commit {
    /// Removes everything that a customer's slot holds. `expect`: the revision of the record; `None`: there is none any more.
    ///
    /// # Errors
    /// Those of the system's randomness.
    pub fn erasure(key: &CustomerKey, expect: Option<Revision>, index: Vec<IndexOp>, now_ms: i64) -> Result<Self> {
        let counter = expect.map_or(0, |revision| revision.counter) + 1;
        let revision = Revision { counter, write_id: u64::from_be_bytes(random()?) };
        Ok(Self {
            key: key.clone(),
            expect,
            record: RecordWrite::Erase,
            requests: None,
            history_put: Vec::new(),
            history_drop: Vec::new(),
            tokens: Vec::new(),
            log: LogEntry { key: key.clone(), revision, touched: TouchedParts::ERASED, index },
            now_ms,
        })
    }
}
