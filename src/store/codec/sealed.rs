//! Documents and tallies, sealed with the tenant's key. What a store must see of them stays in front, in the clear, and is bound to the rest.
//!
//! | value | bytes |
//! |---|---|
//! | document, and each kept version | its revision, [`SEALED`], the sealed rest |
//! | tally | [`SEALED`], when it expires (8 bytes, big-endian), the sealed tally |
//!
//! No message begins with [`SEALED`], since no field has the number 0: what older releases wrote in the clear is told from it.

use super::{header::REVISION_LEN, tallies::decode_tally};
use crate::store::{
    Result,
    sealing::{TenantKey, Use},
};

/// Marks what is sealed.
pub const SEALED: u8 = 1;
/// Bytes of a time in front of a tally.
const TIME_LEN: usize = 8;

/// What is sealed under a name of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SealedKind {
    /// A document.
    Document,
    /// A tally.
    Tally,
}

impl SealedKind {
    /// Of a key of the store; `None`: what lies there is not sealed with the tenant's key.
    pub fn of(name: &str) -> Option<Self> {
        if name.starts_with("document:") {
            return Some(Self::Document);
        }
        name.starts_with("tally:").then_some(Self::Tally)
    }

    /// What stands in the clear, and what is sealed; `None`: all of it is in the clear.
    fn split(self, bytes: &[u8]) -> Option<(&[u8], &[u8])> {
        match self {
            Self::Document => {
                let (revision, body) = bytes.split_at_checked(REVISION_LEN)?;
                Some((revision, body.strip_prefix(&[SEALED])?))
            }
            Self::Tally => bytes.strip_prefix(&[SEALED])?.split_at_checked(TIME_LEN),
        }
    }

    /// Whether it is sealed.
    pub fn is_sealed(self, bytes: &[u8]) -> bool {
        self.split(bytes).is_some()
    }

    /// The value of this name, sealed. What is sealed already, or has not even a revision, stays as it is.
    ///
    /// # Errors
    /// `Corrupt` if it is a tally that does not decode.
    pub fn seal(self, key: &TenantKey, name: &str, bytes: &[u8]) -> Result<Vec<u8>> {
        if self.is_sealed(bytes) {
            return Ok(bytes.to_vec());
        }
        let mut out = Vec::with_capacity(bytes.len() + 64);
        match self {
            Self::Document => {
                let Some((revision, body)) = bytes.split_at_checked(REVISION_LEN) else { return Ok(bytes.to_vec()) };
                out.extend_from_slice(revision);
                out.push(SEALED);
                key.seal(Use::Value, name.as_bytes(), revision, body.to_vec(), &mut out)?;
            }
            Self::Tally => {
                let expire = decode_tally(bytes)?.expire_ms.to_be_bytes();
                out.push(SEALED);
                out.extend_from_slice(&expire);
                key.seal(Use::Value, name.as_bytes(), &expire, bytes.to_vec(), &mut out)?;
            }
        }
        Ok(out)
    }

    /// The reverse of [`SealedKind::seal`]. What does not open stays sealed, and so does not decode: who reads it says what is damaged.
    pub fn open(self, key: &TenantKey, name: &str, bytes: &[u8]) -> Vec<u8> {
        let opened = self.split(bytes).and_then(|(beside, sealed)| {
            let opened = key.open(Use::Value, name.as_bytes(), beside, sealed).ok()?;
            Some(match self {
                Self::Document => [beside, &opened].concat(),
                Self::Tally => opened.to_vec(),
            })
        });
        opened.unwrap_or_else(|| bytes.to_vec())
    }
}

/// When a sealed tally expires, in milliseconds since 1970; `None`: it is not sealed.
pub fn tally_expiry(bytes: &[u8]) -> Option<i64> {
    let (time, _) = SealedKind::Tally.split(bytes)?;
    time.try_into().ok().map(i64::from_be_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Tally, codec::tallies::encode_tally};

    fn document() -> Vec<u8> {
        [&[7; REVISION_LEN][..], b"\x0a\x05Clara"].concat()
    }

    fn tally() -> Vec<u8> {
        let mut tally = Tally::default();
        tally.add("zrh-lakeside|NOISE|Room 412", 3);
        tally.keep(1_700_000_000_000);
        encode_tally(&tally)
    }

    #[test]
    fn it_opens_under_its_name_and_beside_its_head_alone() {
        let key = TenantKey::new(&[7; 32], 0);
        for (kind, plain, head) in
            [(SealedKind::Document, document(), 0..REVISION_LEN), (SealedKind::Tally, tally(), 1..1 + TIME_LEN)]
        {
            let sealed = kind.seal(&key, "name", &plain).expect("seals");
            assert!(kind.is_sealed(&sealed) && !kind.is_sealed(&plain));
            assert!(!sealed.windows(5).any(|part| part == b"Clara" || part == b"NOISE"));
            assert_eq!(kind.seal(&key, "name", &sealed).expect("seals"), sealed, "once");
            assert_eq!(kind.open(&key, "name", &sealed), plain);
            assert_eq!(kind.open(&key, "name", &plain), plain, "what is in the clear is read");
            assert_eq!(kind.open(&key, "other", &sealed), sealed);
            assert_eq!(kind.open(&TenantKey::new(&[8; 32], 0), "name", &sealed), sealed);
            for at in head.chain([sealed.len() - 1]) {
                let mut moved = sealed.clone();
                moved[at] ^= 1;
                assert_eq!(kind.open(&key, "name", &moved), moved, "byte {at}");
            }
        }
    }

    #[test]
    fn a_store_sees_the_revision_of_a_document_and_the_end_of_a_tally() {
        let key = TenantKey::new(&[7; 32], 0);
        let sealed = SealedKind::Document.seal(&key, "name", &document()).expect("seals");
        assert_eq!(sealed[..REVISION_LEN], document()[..REVISION_LEN]);
        let sealed = SealedKind::Tally.seal(&key, "name", &tally()).expect("seals");
        assert_eq!(tally_expiry(&sealed), Some(decode_tally(&tally()).expect("a tally").expire_ms));
        assert_eq!(tally_expiry(&tally()), None);
    }

    #[test]
    fn what_is_too_short_is_left_as_it_is() {
        let key = TenantKey::new(&[7; 32], 0);
        for length in 0..REVISION_LEN {
            let short = &document()[..length];
            assert_eq!(SealedKind::Document.seal(&key, "name", short).expect("left"), short);
            assert_eq!(SealedKind::Document.open(&key, "name", short), short);
        }
        assert_eq!(SealedKind::Document.open(&key, "name", &[&[7; REVISION_LEN][..], &[SEALED]].concat()).len(), 17);
        assert_eq!(SealedKind::of("document:{00}:acme:policy"), Some(SealedKind::Document));
        assert_eq!(SealedKind::of("tally:{00}:acme:2026-11"), Some(SealedKind::Tally));
        assert_eq!(SealedKind::of("record:{00}:acme:x"), None);
    }
}
