//! The marks of buckets.

use bytes::Bytes;
use prost::Message;

use super::{
    super::{Result, fitness::Mark, stored},
    mirror::{AsIs, Stored, damaged, mirror},
};

pub fn encode(mark: &Mark) -> Bytes {
    let message: stored::Mark = mark.store();
    message.encode_to_vec().into()
}

/// The reverse of [`encode`].
///
/// # Errors
/// `Corrupt` if the bytes are no mark.
pub fn decode(bytes: &[u8]) -> Result<Mark> {
    Stored::read(stored::Mark::decode(bytes).map_err(|_| damaged("mark of a bucket"))?)
}

mirror!(Mark = stored::Mark { store_id, epoch, lost: AsIs });
