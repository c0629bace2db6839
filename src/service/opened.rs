//! Records that were opened a moment ago: while a customer is served, each basket is checked against the same record.
//!
//! The sealed record is read for every answer, and compared: a record that was opened before is used only while the sealed bytes are
//! the same. What is saved is opening and decoding it.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;

use crate::{
    cache::{Begun, Bounds, Cache},
    store::{
        CustomerKey, Result,
        records::{Fetched, Versioned},
    },
};

/// How long a record is kept: as long as a data key, so that both end within a minute of an erasure by another replica.
const AGE_MAX: Duration = Duration::from_mins(1);
/// All of them together: some 4,000 of the usual size.
const BYTES_MAX: u64 = 32 << 20;
/// What a usual record takes.
const BYTES_USUAL: u64 = 8 << 10;
/// What an opened record takes for each byte of the sealed one, which is kept beside it: numbers are stored in fewer bytes, and each text
/// is an allocation of its own.
const BYTES_OPENED: u64 = 6;
/// What a record takes beside that.
const OVERHEAD: u64 = 512;

#[derive(Clone)]
struct Opened {
    sealed: Bytes,
    record: Arc<Versioned>,
}

/// The opened records of this process.
pub struct OpenedRecords(Cache<CustomerKey, Opened>);

impl Default for OpenedRecords {
    fn default() -> Self {
        let bounds = Bounds { weight_max: BYTES_MAX, weight_usual: BYTES_USUAL, age_max: AGE_MAX };
        Self(Cache::new(bounds, |_, opened| opened.sealed.len() as u64 * BYTES_OPENED + OVERHEAD))
    }
}

impl OpenedRecords {
    /// Begins a look-up: to be called before its record is read, so that one whose customer is forgotten in between is not kept.
    pub fn begin(&self) -> Begun {
        self.0.begin()
    }

    /// The record as it was opened before, or as it is opened now.
    ///
    /// # Errors
    /// `Corrupt`: it does not open.
    pub fn open(&self, begun: Begun, fetched: &Fetched) -> Result<Arc<Versioned>> {
        if let Some(Opened { sealed, record }) = self.0.get(&fetched.key)
            && sealed == fetched.record
        {
            return Ok(record);
        }
        let record = Arc::new(fetched.open()?);
        self.0.fill(begun, fetched.key.clone(), Opened { sealed: fetched.record.clone(), record: record.clone() });
        Ok(record)
    }

    /// Forgets a customer.
    pub fn forget(&self, customer: &CustomerKey) {
        self.0.remove(customer);
    }

    /// Drops what is too old.
    pub fn purge(&self) {
        self.0.purge();
    }
}
