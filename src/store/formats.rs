//! Formats of records and entries: which this release reads, and which one it writes.
//!
//! The store says which format to write, so that replicas of two releases can work side by side: a new release reads
//! the old format and its own, and goes on writing the old one until an operator raises it, once all replicas are new.

use std::{
    ops::RangeInclusive,
    sync::atomic::{AtomicU16, Ordering},
};

/// The formats that this release reads and writes: its own and, once there is one, the one before.
pub const FORMATS: RangeInclusive<u16> = 1..=1;

/// Whether a release can read and write a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Nothing was written yet.
    Empty,
    /// It is written in the newest format that the release knows.
    Newest(u16),
    /// It is written in an older one that the release still knows.
    Raisable { from: u16, to: u16 },
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
    pub fn get(&self) -> u16 {
        self.0.load(Ordering::Relaxed)
    }

    /// Takes over what the store says; a format that this release does not know changes nothing.
    pub fn set(&self, format: u16) {
        if FORMATS.contains(&format) {
            self.0.store(format, Ordering::Relaxed);
        }
    }
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
}
