//! Kept answers: a briefing that was written a moment ago is sent again, while everything it was made from is the same.
//!
//! The record is read for every answer, and its revision is part of the key; so a kept answer is never out of date. What is
//! saved is opening, decoding, composing and writing it again. Answers to a basket or about another time are not kept; the record that
//! they are made from is, see [`OpenedRecords`].

use std::time::Duration;

use bytes::Bytes;

use super::convert::briefing::write;
use crate::{
    cache::{self, Bounds, Cache},
    domain::Timestamp,
    service::{
        briefing::{Resolved, compose},
        error::Result,
        inputs::{Inputs, Key},
        opened::OpenedRecords,
    },
    store::CustomerKey,
};

/// How long an answer is kept: as long as a data key, so that both end within a minute of an erasure by another replica.
const AGE_MAX: Duration = Duration::from_mins(1);
/// All kept answers together: some 15,000 of the usual size.
const BYTES_MAX: u64 = 64 << 20;
/// What a usual answer takes.
const BYTES_USUAL: u64 = 4 << 10;
/// What an answer takes beside its bytes.
const OVERHEAD: u64 = 256;
/// How often answers that are too old are dropped.
const PURGE_EVERY: Duration = Duration::from_secs(30);

#[derive(Clone)]
struct Kept {
    from: Timestamp,
    until: Timestamp,
    bytes: Bytes,
}

/// The kept answers of this process, and the records that others are made from.
pub struct KeptAnswers {
    answers: Cache<Key, Kept>,
    records: OpenedRecords,
}

/// When an answer was begun.
#[derive(Clone, Copy)]
pub struct Begun {
    answer: cache::Begun,
    record: cache::Begun,
}

impl Default for KeptAnswers {
    fn default() -> Self {
        let bounds = Bounds { weight_max: BYTES_MAX, weight_usual: BYTES_USUAL, age_max: AGE_MAX };
        let answers = Cache::new(bounds, |_, kept: &Kept| kept.bytes.len() as u64 + OVERHEAD);
        Self { answers, records: OpenedRecords::default() }
    }
}

impl KeptAnswers {
    /// Begins an answer: to be called before its records are read, so that one whose customer is forgotten in between is not kept.
    pub fn begin(&self) -> Begun {
        Begun { answer: self.answers.begin(), record: self.records.begin() }
    }

    /// The briefing as bytes, less the time it is about: a kept one, or one that is made now.
    ///
    /// # Errors
    /// `Corrupt`: the record does not open.
    pub fn briefing(&self, begun: Begun, inputs: &Inputs<'_>, resolved: Resolved<'_>) -> Result<Bytes> {
        let key = inputs.key();
        if let Some(key) = &key
            && let Some(bytes) = self.get(key, inputs.now())
        {
            return Ok(bytes);
        }
        let answer = compose(inputs, resolved, |fetched| self.records.open(begun.record, fetched))?;
        let until = answer.briefing.valid_until;
        let bytes = write(inputs, answer);
        if let (Some(key), Some(until)) = (key, until) {
            self.answers.fill(begun.answer, key, Kept { from: inputs.now(), until, bytes: bytes.clone() });
        }
        Ok(bytes)
    }

    /// The answer, if it is right at this moment. The clock may have been set back.
    fn get(&self, key: &Key, now: Timestamp) -> Option<Bytes> {
        let kept = self.answers.get(key)?;
        (kept.from <= now && now < kept.until).then_some(kept.bytes)
    }

    /// Forgets a customer.
    pub fn forget(&self, customer: &CustomerKey) {
        self.answers.retain(|key, _| key.customer != *customer);
        self.records.forget(customer);
    }

    /// Drops from memory what is too old to be sent, until cancelled: it is personal data.
    pub async fn run(&self) {
        let mut turns = tokio::time::interval(PURGE_EVERY);
        turns.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            turns.tick().await;
            self.answers.purge();
            self.records.purge();
        }
    }
}
