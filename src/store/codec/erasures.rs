//! Stored bytes of the erasures that are under way. No bytes at all: there are none.

use prost::Message;

use super::mirror::{Stored, damaged};
use crate::store::{Erasure, Result, stored};

/// The erasures of a bucket.
pub fn encode(erasures: &[Erasure]) -> Vec<u8> {
    let one = |Erasure { left, begun_ms }: &Erasure| stored::Erasure { left: Some(left.store()), begun_ms: *begun_ms };
    stored::Erasures { erasures: erasures.iter().map(one).collect() }.encode_to_vec()
}

/// The reverse of [`encode`].
///
/// # Errors
/// `Corrupt` if the bytes are not such a list.
pub fn decode(bytes: &[u8]) -> Result<Vec<Erasure>> {
    let stored::Erasures { erasures } = stored::Erasures::decode(bytes).map_err(|_| damaged("erasures under way"))?;
    let one = |stored::Erasure { left, begun_ms }: stored::Erasure| {
        Ok(Erasure { left: Stored::read(left.ok_or_else(|| damaged("an erasure under way"))?)?, begun_ms })
    };
    erasures.into_iter().map(one).collect()
}
