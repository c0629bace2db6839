//! The clear head of a record: what a store must see without the key that opens the rest.
//!
//! | bytes | what |
//! |---|---|
//! | 0..2 | [`MAGIC`] |
//! | 2..4 | format, big-endian |
//! | 4..12 | counter of the revision, big-endian |
//! | 12..20 | write id of the revision, big-endian |
//!
//! Backends compare revisions as the bytes [`REVISION_AT`]`..`[`HEADER_LEN`], without decoding anything.

use crate::store::{Result, Revision, StoreError};

/// First bytes of every record: tells a record from anything else under its key.
pub const MAGIC: [u8; 2] = *b"RP";
/// Where the revision begins.
pub const REVISION_AT: usize = 4;
/// Bytes of a revision: two numbers of 64 bits.
pub const REVISION_LEN: usize = 16;
/// Bytes before the sealed body.
pub const HEADER_LEN: usize = REVISION_AT + REVISION_LEN;

/// The clear head of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// Format of the sealed body.
    pub format: u16,
    /// Of the commit that put the record.
    pub revision: Revision,
}

impl Header {
    /// The bytes in front of the sealed body.
    pub fn encode(&self) -> [u8; HEADER_LEN] {
        let mut bytes = [0; HEADER_LEN];
        bytes[..2].copy_from_slice(&MAGIC);
        bytes[2..REVISION_AT].copy_from_slice(&self.format.to_be_bytes());
        bytes[REVISION_AT..].copy_from_slice(&encode_revision(self.revision));
        bytes
    }

    /// Splits a record into its header and its sealed body.
    ///
    /// # Errors
    /// `Corrupt` if the bytes do not begin like a record.
    pub fn decode(record: &[u8]) -> Result<(Self, &[u8])> {
        let damaged = || StoreError::Corrupt("a record without its header".into());
        let (head, body) = record.split_first_chunk::<HEADER_LEN>().ok_or_else(damaged)?;
        let [magic0, magic1, format0, format1, revision @ ..] = head;
        if [*magic0, *magic1] != MAGIC {
            return Err(damaged());
        }
        let format = u16::from_be_bytes([*format0, *format1]);
        Ok((Self { format, revision: decode_revision(revision) }, body))
    }
}

/// A revision as it is stored: counter, write id, both big-endian.
pub fn encode_revision(revision: Revision) -> [u8; REVISION_LEN] {
    let mut bytes = [0; REVISION_LEN];
    bytes[..8].copy_from_slice(&revision.counter.to_be_bytes());
    bytes[8..].copy_from_slice(&revision.write_id.to_be_bytes());
    bytes
}

/// The reverse of [`encode_revision`].
pub fn decode_revision(bytes: &[u8; REVISION_LEN]) -> Revision {
    let both = u128::from_be_bytes(*bytes);
    Revision { counter: (both >> 64) as u64, write_id: both as u64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: Header = Header { format: 0x0102, revision: Revision { counter: 3, write_id: u64::MAX - 1 } };

    #[test]
    fn the_bytes_are_these() {
        let golden = b"RP\x01\x02\0\0\0\0\0\0\0\x03\xff\xff\xff\xff\xff\xff\xff\xfe";
        assert_eq!(&HEADER.encode(), golden);
        assert_eq!(HEADER.encode()[REVISION_AT..], encode_revision(HEADER.revision));
    }

    #[test]
    fn what_was_encoded_is_decoded() {
        let mut record = HEADER.encode().to_vec();
        record.extend_from_slice(b"sealed");
        assert_eq!(Header::decode(&record).unwrap(), (HEADER, b"sealed".as_slice()));
    }

    #[test]
    fn every_shorter_or_foreign_record_is_refused() {
        let record = HEADER.encode();
        for length in 0..HEADER_LEN {
            assert!(matches!(Header::decode(&record[..length]), Err(StoreError::Corrupt(_))), "{length}");
        }
        let mut foreign = record;
        foreign[0] ^= 1;
        assert!(matches!(Header::decode(&foreign), Err(StoreError::Corrupt(_))));
    }
}
