//! What a copy must be: one line of JSON, and the hash of that line on the next.

use std::io;

use aws_lc_rs::digest::{Context, SHA256, digest};
use serde::{Deserialize, Serialize};

use super::stream::Tally;
use crate::{domain::Timestamp, hex::hex, store::fitness::Side};

/// The file's name in the folder of a copy.
pub const NAME: &str = "manifest";
/// The format of copies that this release writes and reads.
const FORMAT: u32 = 1;

/// What a copy must be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    format: u32,
    /// `data` or `keys`.
    side: String,
    /// As of when: all that was acknowledged before is in it.
    pub time: String,
    /// The id in the store's marks; `None`: it has no marks.
    pub store_id: Option<String>,
    /// The epoch in the store's marks.
    pub epoch: u64,
    /// Pairs of key and value.
    pub pairs: u64,
    /// Records; of keys: those of customers, also destroyed ones.
    pub customers: u64,
    /// The file beside the manifest.
    file: String,
    /// Its length.
    pub bytes: u64,
    sha256: String,
    /// Who wrote it.
    release: String,
}

/// The name of the file with the pairs.
pub fn file_name(side: Side) -> &'static str {
    match side {
        Side::Data => "data.copy",
        Side::Keys => "keys.copy",
    }
}

pub fn side_name(side: Side) -> &'static str {
    match side {
        Side::Data => "data",
        Side::Keys => "keys",
    }
}

impl Manifest {
    pub(super) fn new(side: Side, time_ms: i64, tally: &Tally, bytes: u64, sha256: String) -> Self {
        let mark = tally.marks.iter().flatten().next();
        Self {
            format: FORMAT,
            side: side_name(side).to_owned(),
            time: time(time_ms),
            store_id: mark.map(|mark| hex(&mark.store_id)),
            epoch: mark.map_or(0, |mark| mark.epoch),
            pairs: tally.pairs,
            customers: tally.customers,
            file: file_name(side).to_owned(),
            bytes,
            sha256,
            release: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }

    /// The manifest as it lies in the folder.
    pub(super) fn text(&self) -> serde_json::Result<String> {
        Ok(with_hash(&serde_json::to_string(self)?))
    }

    /// The reverse of [`Manifest::text`]. A single other bit is noticed.
    pub(super) fn parse(text: &str, side: Side) -> Result<Self, ManifestFault> {
        let (line, _) = text.split_once('\n').ok_or(ManifestFault::Changed)?;
        if text != with_hash(line) {
            return Err(ManifestFault::Changed);
        }
        let Format { format } = serde_json::from_str(line).map_err(|_| ManifestFault::Changed)?;
        if format != FORMAT {
            return Err(ManifestFault::OtherFormat(format));
        }
        let manifest: Self = serde_json::from_str(line).map_err(|_| ManifestFault::Changed)?;
        if manifest.side != side_name(side) {
            return Err(ManifestFault::OtherSide { side: manifest.side, wanted: side_name(side) });
        }
        Ok(manifest)
    }

    /// As of when, to the millisecond.
    pub(super) fn as_of(&self) -> Option<Timestamp> {
        self.time.parse().ok()
    }

    /// Whether it is of a time before that of another.
    pub fn is_older_than(&self, other: &Self) -> bool {
        self.as_of() < other.as_of()
    }

    /// Whether what was read is what was written; else how it is seen.
    pub(super) fn fits(&self, time_ms: i64, tally: &Tally, bytes: u64, sha256: &str) -> Result<(), String> {
        if bytes != self.bytes {
            return Err(format!("{} has {bytes} bytes instead of {}", self.file, self.bytes));
        }
        if sha256 != self.sha256 {
            return Err(format!("{} has another hash than was noted", self.file));
        }
        let counted = (tally.pairs, tally.customers, time(time_ms));
        if counted != (self.pairs, self.customers, self.time.clone()) {
            return Err(format!("{} does not hold what was counted", self.file));
        }
        Ok(())
    }
}

/// Why a text is not the manifest of a copy that can be read here.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ManifestFault {
    /// It is not what was written.
    #[error("its manifest was changed, or cut off")]
    Changed,
    /// It is of another format, which another release reads.
    #[error("is a copy of format {0}, and this release reads {FORMAT}: put it back with the release that made it")]
    OtherFormat(u32),
    /// It is of the other store.
    #[error("is a copy of the {side}, not of the {wanted}: name a copy of the {wanted} there")]
    OtherSide {
        /// Of what it is.
        side: String,
        /// Of what it was to be.
        wanted: &'static str,
    },
}

/// A line, and its hash on the next.
fn with_hash(line: &str) -> String {
    format!("{line}\n{}\n", hex(digest(&SHA256, line.as_bytes()).as_ref()))
}

#[derive(Deserialize)]
struct Format {
    format: u32,
}

/// A time to the millisecond.
fn time(time_ms: i64) -> String {
    Timestamp::from_millisecond(time_ms).unwrap_or(Timestamp::MIN).to_string()
}

/// Counts and hashes what passes.
pub struct Hashed<T> {
    pub inner: T,
    pub bytes: u64,
    context: Context,
}

impl<T> Hashed<T> {
    pub fn new(inner: T) -> Self {
        Self { inner, bytes: 0, context: Context::new(&SHA256) }
    }

    pub fn sha256(&self) -> String {
        hex(self.context.clone().finish().as_ref())
    }

    fn passed(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        self.context.update(bytes);
    }
}

impl<T: io::Read> io::Read for Hashed<T> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(into)?;
        self.passed(&into[..count]);
        Ok(count)
    }
}

impl<T: io::Write> io::Write for Hashed<T> {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        let count = self.inner.write(from)?;
        self.passed(&from[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_reads_back_and_not_with_a_single_other_bit() {
        let manifest = Manifest::new(Side::Data, 1_700_000_000_123, &Tally::default(), 7, "00".to_owned());
        let text = manifest.text().expect("a text");
        assert_eq!(Manifest::parse(&text, Side::Data), Ok(manifest));
        for bit in 0..text.len() * 8 {
            let mut bytes = text.clone().into_bytes();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let is_read = String::from_utf8(bytes).is_ok_and(|text| Manifest::parse(&text, Side::Data).is_ok());
            assert!(!is_read, "bit {bit}");
        }
        for length in 0..text.len() {
            assert!(Manifest::parse(&text[..length], Side::Data).is_err(), "{length} bytes");
        }
    }

    #[test]
    fn a_whole_manifest_of_something_else_is_told_as_what_it_is() {
        let manifest = Manifest::new(Side::Data, 1_700_000_000_123, &Tally::default(), 7, "00".to_owned());
        let of_keys = ManifestFault::OtherSide { side: "data".to_owned(), wanted: "keys" };
        assert_eq!(Manifest::parse(&manifest.text().expect("a text"), Side::Keys), Err(of_keys));
        let newer = Manifest { format: FORMAT + 1, ..manifest };
        let fault = Manifest::parse(&newer.text().expect("a text"), Side::Data);
        assert_eq!(fault, Err(ManifestFault::OtherFormat(FORMAT + 1)));
    }

    #[test]
    fn times_are_compared_as_times() {
        let at = |time_ms| Manifest::new(Side::Data, time_ms, &Tally::default(), 7, "00".to_owned());
        // As texts, a whole second comes after its parts.
        for (older, newer) in [(1_700_000_000_000, 1_700_000_000_500), (1_700_000_000_999, 1_700_000_001_000)] {
            assert!(at(older).is_older_than(&at(newer)) && !at(newer).is_older_than(&at(older)));
        }
        assert!(!at(7).is_older_than(&at(7)));
    }
}
