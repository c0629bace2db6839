//! Kept answers: a briefing that was written a moment ago is still right while neither record nor policy changed.
//!
//! The record is read for every answer, and its revision decides; so a kept answer is never out of date in what it says of
//! the customer. What others buy moves slowly, and each replica reads it in its own time: there an answer may be as old as
//! it is kept. What is saved is opening, decoding, composing and writing it again. Answers to a basket or about another
//! moment are not kept.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use bytes::Bytes;

use crate::{
    domain::{Timestamp, VenueId, briefing::Mask, consent::Purpose},
    store::{CustomerKey, Revision},
};

/// How long an answer is kept: as long as a data key, so that an erasure elsewhere holds here just as soon.
const AGE_MAX_SECONDS: i64 = 60;
/// All kept answers together: some 15,000 of the usual size.
const BYTES_MAX: usize = 64 << 20;
/// What an answer takes beside its bytes.
const OVERHEAD: usize = 256;
/// Shards, so that look-ups seldom wait for each other.
const SHARDS: usize = 32;

/// What an answer depends on, beside the revisions and the time.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Asked {
    pub customer: CustomerKey,
    /// The blind key of the identity by which the customer was found.
    pub via: Option<[u8; 16]>,
    pub venue: VenueId,
    pub purpose: Purpose,
    pub mask: Mask,
    /// The tag of the language in which it is written.
    pub language: &'static str,
}

/// The revisions an answer was made from: the record's and the policy's.
pub type MadeFrom = (Revision, Option<Revision>);

struct Kept {
    made_from: MadeFrom,
    from: Timestamp,
    until: Timestamp,
    bytes: Bytes,
}

#[derive(Default)]
struct Shard {
    kept: HashMap<Asked, Kept>,
    bytes: usize,
}

impl Shard {
    fn remove(&mut self, asked: &Asked) {
        if let Some(kept) = self.kept.remove(asked) {
            self.bytes -= kept.bytes.len() + OVERHEAD;
        }
    }
}

/// The kept answers of this process.
pub struct Answers(Vec<Mutex<Shard>>);

impl Default for Answers {
    fn default() -> Self {
        Self((0..SHARDS).map(|_| Mutex::default()).collect())
    }
}

impl Answers {
    fn shard(&self, customer: &CustomerKey) -> std::sync::MutexGuard<'_, Shard> {
        let place = usize::from(customer.customer.as_bytes()[11]) % SHARDS;
        self.0[place].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The answer, if it is still right.
    pub fn get(&self, asked: &Asked, made_from: MadeFrom, now: Timestamp) -> Option<Bytes> {
        let shard = self.shard(&asked.customer);
        let kept = shard.kept.get(asked)?;
        let right = kept.made_from == made_from && kept.from <= now && now < kept.until;
        right.then(|| kept.bytes.clone())
    }

    /// Keeps an answer that is right from now until some moment.
    pub fn keep(&self, asked: Asked, made_from: MadeFrom, now: Timestamp, until: Timestamp, bytes: Bytes) {
        let oldest = Timestamp::from_second(now.as_second() + AGE_MAX_SECONDS).unwrap_or(until);
        let size = bytes.len() + OVERHEAD;
        let mut shard = self.shard(&asked.customer);
        shard.remove(&asked);
        while shard.bytes + size > BYTES_MAX / SHARDS {
            // Any of them: which one is asked for next cannot be told.
            let Some(victim) = shard.kept.keys().next().cloned() else { return };
            shard.remove(&victim);
        }
        shard.bytes += size;
        shard.kept.insert(asked, Kept { made_from, from: now, until: until.min(oldest), bytes });
    }

    /// Forgets a customer.
    pub fn forget(&self, customer: &CustomerKey) {
        self.retain(customer, |asked, _| asked.customer != *customer);
    }

    /// Forgets what is too old to be used.
    pub fn purge(&self, now: Timestamp) {
        for shard in &self.0 {
            purge(&mut shard.lock().unwrap_or_else(PoisonError::into_inner), |_, kept| now < kept.until);
        }
    }

    fn retain(&self, customer: &CustomerKey, keep: impl Fn(&Asked, &Kept) -> bool) {
        purge(&mut self.shard(customer), keep);
    }
}

fn purge(shard: &mut Shard, keep: impl Fn(&Asked, &Kept) -> bool) {
    let mut bytes = 0;
    shard.kept.retain(|asked, kept| {
        let stays = keep(asked, kept);
        bytes += if stays { kept.bytes.len() + OVERHEAD } else { 0 };
        stays
    });
    shard.bytes = bytes;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{CustomerId, TenantId};

    fn asked(customer: u8) -> Asked {
        Asked {
            customer: CustomerKey {
                tenant: TenantId::parse("tenant", "hotel").expect("a name"),
                customer: CustomerId::from_bytes([customer; 16]),
            },
            via: None,
            venue: VenueId::parse("venue", "lakeside").expect("a name"),
            purpose: Purpose::Service,
            language: "en",
            mask: Mask::ALL,
        }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("in range")
    }

    const REVISION: Revision = Revision { counter: 3, write_id: 9 };
    const FROM: MadeFrom = (REVISION, None);

    #[test]
    fn an_answer_is_used_while_it_is_right() {
        let answers = Answers::default();
        answers.keep(asked(1), FROM, at(100), at(130), Bytes::from_static(b"answer"));
        assert_eq!(answers.get(&asked(1), FROM, at(129)), Some(Bytes::from_static(b"answer")));
        assert_eq!(answers.get(&asked(1), FROM, at(130)), None, "it would differ from now on");
        assert_eq!(answers.get(&asked(1), FROM, at(99)), None, "a clock that was set back");
        assert_eq!(answers.get(&asked(2), FROM, at(110)), None);
        let newer = (Revision { counter: 4, write_id: 9 }, None);
        assert_eq!(answers.get(&asked(1), newer, at(110)), None);
        assert_eq!(answers.get(&asked(1), (REVISION, Some(REVISION)), at(110)), None, "another policy");
        let foreign = Asked { language: "de", ..asked(1) };
        assert_eq!(answers.get(&foreign, FROM, at(110)), None, "another language");
        let narrower = Asked { mask: Mask { delight: false, ..Mask::ALL }, ..asked(1) };
        assert_eq!(answers.get(&narrower, FROM, at(110)), None);
    }

    #[test]
    fn nothing_is_kept_for_long_or_without_bound() {
        let answers = Answers::default();
        answers.keep(asked(1), FROM, at(100), at(100_000), Bytes::from_static(b"answer"));
        assert!(answers.get(&asked(1), FROM, at(100 + AGE_MAX_SECONDS)).is_none());
        answers.purge(at(100 + AGE_MAX_SECONDS));
        assert!(answers.shard(&asked(1).customer).kept.is_empty());
        for place in 0..64 {
            let bytes = Bytes::from(vec![0; BYTES_MAX / SHARDS / 4]);
            let one = Asked { via: Some([place; 16]), ..asked(1) };
            answers.keep(one.clone(), FROM, at(100), at(200), bytes);
            assert!(answers.get(&one, FROM, at(100)).is_some());
            let shard = answers.shard(&asked(1).customer);
            assert!(shard.bytes <= BYTES_MAX / SHARDS);
            assert_eq!(shard.bytes, shard.kept.values().map(|kept| kept.bytes.len() + OVERHEAD).sum::<usize>());
        }
        answers.forget(&asked(1).customer);
        assert_eq!(answers.shard(&asked(1).customer).bytes, 0);
    }
}
