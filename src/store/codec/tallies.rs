//! Stored bytes of tallies. No bytes at all are an empty tally.

use std::collections::BTreeMap;

use super::{
    mirror::{Form, mirror},
    values,
};
use crate::store::{Result, stored, tallies::Tally};

/// A tally.
pub fn encode_tally(tally: &Tally) -> Vec<u8> {
    values::encode::<stored::Tally>(tally)
}

/// The reverse of [`encode_tally`].
///
/// # Errors
/// `Corrupt` if the bytes are not a tally.
pub fn decode_tally(bytes: &[u8]) -> Result<Tally> {
    values::decode::<stored::Tally, _>(bytes, "tally")
}

mirror!(Tally = stored::Tally { counts: Counts, expire_ms });

struct Counts;

impl Form<BTreeMap<String, i64>, Vec<stored::Count>> for Counts {
    fn store(self, counts: &BTreeMap<String, i64>) -> Vec<stored::Count> {
        counts.iter().map(|(key, n)| stored::Count { key: key.clone(), n: *n }).collect()
    }

    fn read(self, raw: Vec<stored::Count>) -> Result<BTreeMap<String, i64>> {
        Ok(raw.into_iter().map(|stored::Count { key, n }| (key, n)).collect())
    }
}
