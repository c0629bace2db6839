//! Formats of records and entries: which this release reads, and which one it writes.
//!
//! The store says which format to write, so that replicas of two releases can work side by side: a new release reads
//! the old format and its own, and goes on writing the old one until an operator raises it, once all replicas are new.
//! Until then, what only the newer format has is refused, with the advice to raise it.
//!
//! | format | what it brought |
//! |---|---|
//! | 1 | the first one |
//! | 2 | what was added to profiles, history and policies since; see `codec/formats.rs` |

use std::{
    ops::RangeInclusive,
    sync::atomic::{AtomicU16, Ordering},
};

use super::{
    Result, StoreError,
    codec::formats::{Message, needed},
};

/// The format of a store that is being copied from another one: no release serves from it.
pub const COPYING: u32 = u32::MAX;

/// The formats that this release reads and writes: its own and, once there is one, the one before.
pub const FORMATS: RangeInclusive<u16> = 1..=2;

/// Whether a release can read and write a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Nothing was written yet.
    Empty,
    /// It is written in the newest format that the release knows.
    Newest(u16),
    /// It is written in an older one that the release still knows.
    Raisable {
        /// The format it is written in.
        from: u16,
        /// The newest one.
        to: u16,
    },
    /// A newer release has raised it.
    TooNew(u32),
    /// Two releases lie between.
    TooOld(u32),
}

/// Whether a release with these formats can read and write a store of format `stored`.
pub fn standing(formats: &RangeInclusive<u16>, stored: Option<u32>) -> Standing {
    let Some(stored) = stored else { return Standing::Empty };
    match u16::try_from(stored) {
        Ok(format) if format == *formats.end() => Standing::Newest(format),
        Ok(format) if formats.contains(&format) => Standing::Raisable { from: format, to: *formats.end() },
        Ok(format) if format < *formats.start() => Standing::TooOld(stored),
        _ => Standing::TooNew(stored),
    }
}

/// The format in which this process writes.
pub struct WriteFormat(AtomicU16);

impl Default for WriteFormat {
    /// Until the store has said: what every replica reads.
    fn default() -> Self {
        Self(AtomicU16::new(*FORMATS.start()))
    }
}

impl WriteFormat {
    /// The format to write in.
    pub fn get(&self) -> u16 {
        self.0.load(Ordering::Relaxed)
    }

    /// Takes over what the store says; a format that this release does not know changes nothing.
    pub fn set(&self, format: u16) {
        if FORMATS.contains(&format) {
            self.0.store(format, Ordering::Relaxed);
        }
    }

    /// Whether the store is written in this format, or in a newer one.
    ///
    /// # Errors
    /// `UpgradeNeeded`: it is not, and what needs the format must not be written. A replica of the release before, which
    /// may still serve the same store, could not read it.
    pub fn require(&self, needed: u16) -> Result<()> {
        has(self.get(), needed)
    }

    /// Whether these bytes of a message can be written.
    ///
    /// # Errors
    /// As [`WriteFormat::require`].
    pub(crate) fn allows(&self, message: Message, bytes: &[u8]) -> Result<()> {
        if self.get() == *FORMATS.end() { Ok(()) } else { self.require(needed(message, bytes)) }
    }
}

/// Whether these bytes of a message can be written in a format. In the newest one all can, and nothing is looked at.
pub(crate) fn fits(written: u16, message: Message, bytes: &[u8]) -> Result<()> {
    if written == *FORMATS.end() { Ok(()) } else { has(written, needed(message, bytes)) }
}

fn has(written: u16, needed: u16) -> Result<()> {
    if needed <= written { Ok(()) } else { Err(StoreError::UpgradeNeeded { needed, written }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_knows_how_it_stands() {
        let two = 4..=5;
        let cases = [
            (None, Standing::Empty),
            (Some(5), Standing::Newest(5)),
            (Some(4), Standing::Raisable { from: 4, to: 5 }),
            (Some(3), Standing::TooOld(3)),
            (Some(6), Standing::TooNew(6)),
            (Some(u32::MAX), Standing::TooNew(u32::MAX)),
        ];
        for (stored, wanted) in cases {
            assert_eq!(standing(&two, stored), wanted, "{stored:?}");
        }
        assert_eq!(standing(&(4..=4), Some(4)), Standing::Newest(4), "nothing to raise");
    }

    #[test]
    fn a_format_that_is_not_known_is_never_written() {
        let writing = WriteFormat::default();
        writing.set(*FORMATS.end());
        assert_eq!(writing.get(), *FORMATS.end());
        writing.set(*FORMATS.end() + 1);
        assert_eq!(writing.get(), *FORMATS.end());
    }

    #[test]
    fn what_a_newer_format_has_is_refused_in_the_older_one() {
        let writing = WriteFormat::default();
        let later = [0xfa, 0x3e, 0];
        assert!(writing.require(1).is_ok() && writing.allows(Message::Profile, &[]).is_ok());
        for refused in [writing.require(2), writing.allows(Message::Profile, &later)] {
            assert!(matches!(refused, Err(StoreError::UpgradeNeeded { needed: 2, written: 1 })), "{refused:?}");
        }
        writing.set(2);
        assert!(writing.require(2).is_ok() && writing.allows(Message::Profile, &later).is_ok());
    }
}
