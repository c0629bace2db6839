//! Stored bytes of tallies. No bytes at all are an empty tally.

use prost::Message;

use super::entries::damaged;
use crate::store::{Result, stored, tallies::Tally};

/// A tally.
pub fn encode_tally(tally: &Tally) -> Vec<u8> {
    let count = |(key, n): (&String, &i64)| stored::Count { key: key.clone(), n: *n };
    stored::Tally { counts: tally.counts.iter().map(count).collect(), expire_ms: tally.expire_ms }.encode_to_vec()
}

/// The reverse of [`encode_tally`].
///
/// # Errors
/// `Corrupt` if the bytes are not a tally.
pub fn decode_tally(bytes: &[u8]) -> Result<Tally> {
    let tally = stored::Tally::decode(bytes).map_err(|_| damaged("tally"))?;
    let counts = tally.counts.into_iter().map(|count| (count.key, count.n)).collect();
    Ok(Tally { counts, expire_ms: tally.expire_ms })
}
