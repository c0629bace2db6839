//! Log entries: whom one is about stays in the clear, what it says is for the index worker alone.

use super::{super::Use, CustomerKey, KeyRing, Result, StoreError};
use crate::{
    domain::TouchedParts,
    store::{
        IndexOp, LogEntry,
        codec::entries::{decode_tasks, encode_tasks},
    },
};

/// Whose tasks they are: they open in an entry of the same customer alone. Not of the same revision, since an erasure is noted with its tasks
/// before it is known under which revision it takes effect.
fn place(key: &CustomerKey) -> Vec<u8> {
    [key.customer.as_bytes(), key.tenant.as_str().as_bytes()].concat()
}

impl KeyRing {
    /// The entry as it is stored. What is sealed already stays so; of a tenant that has no key yet, all is as it was.
    pub async fn seal_log(&self, entry: LogEntry) -> Result<LogEntry> {
        let touched = TouchedParts::default();
        if matches!(entry.index.as_slice(), [IndexOp::Sealed(_)]) {
            return Ok(LogEntry { touched, ..entry });
        }
        let Some(key) = self.tenant_key(&entry.key.tenant).await? else { return Ok(entry) };
        let mut sealed = Vec::new();
        key.seal(Use::Log, &place(&entry.key), &[], encode_tasks(&entry), &mut sealed)?;
        Ok(LogEntry { touched, index: vec![IndexOp::Sealed(sealed.into())], ..entry })
    }

    /// The reverse of [`KeyRing::seal_log`]. What does not open stays sealed: who should carry it out says so.
    pub async fn open_log(&self, entry: LogEntry) -> Result<LogEntry> {
        let [IndexOp::Sealed(sealed)] = entry.index.as_slice() else { return Ok(entry) };
        let key = self.tenant_key_there(&entry.key.tenant).await?;
        let opened = key.open(Use::Log, &place(&entry.key), &[], sealed);
        match opened.and_then(|tasks| decode_tasks(&entry, &tasks)) {
            Ok(opened) => Ok(opened),
            Err(StoreError::Corrupt(_)) => Ok(entry),
            Err(fault) => Err(fault),
        }
    }
}
