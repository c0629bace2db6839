//! The marks of buckets, and the noted ends of their logs.

use bytes::Bytes;
use prost::Message;

use super::{
    super::{
        Result,
        fitness::{LogEnd, Mark, NotedEnds, Setback},
        stored,
    },
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

pub fn encode_ends(noted: &NotedEnds) -> Bytes {
    let message: stored::NotedEnds = noted.store();
    message.encode_to_vec().into()
}

/// The reverse of [`encode_ends`].
///
/// # Errors
/// `Corrupt` if the bytes are none.
pub fn decode_ends(bytes: &[u8]) -> Result<NotedEnds> {
    Stored::read(stored::NotedEnds::decode(bytes).map_err(|_| damaged("noted end of a bucket's log"))?)
}

pub fn encode_setback(setback: &Setback) -> Bytes {
    let message: stored::Setback = setback.store();
    message.encode_to_vec().into()
}

/// The reverse of [`encode_setback`].
///
/// # Errors
/// `Corrupt` if the bytes are none.
pub fn decode_setback(bytes: &[u8]) -> Result<Setback> {
    Stored::read(stored::Setback::decode(bytes).map_err(|_| damaged("note of a setback"))?)
}

/// The number of the newest policy that was noted; `None`: it was given up.
///
/// # Errors
/// `Corrupt` if the bytes are none.
pub fn decode_policy_note(bytes: &[u8]) -> Result<Option<u64>> {
    match bytes {
        [] => Ok(None),
        _ => Ok(Some(u64::from_be_bytes(bytes.try_into().map_err(|_| damaged("note of the newest policy"))?))),
    }
}

mirror!(Setback = stored::Setback { times, seen_ms, since_ms, buckets, changes });
mirror!(NotedEnds = stored::NotedEnds { ends });
mirror!(LogEnd = stored::LogEnd { end, time_ms });
mirror!(Mark = stored::Mark { store_id, epoch, lost: AsIs });
