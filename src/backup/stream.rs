//! The form of a copy: all pairs of a store as of one time, in a file, and on the way from a server to `rapport backup`.
//!
//! | block | bytes |
//! |---|---|
//! | head, first | `H`, [`MAGIC`], [`VERSION`], the side (0 data, 1 keys), as of when in milliseconds since 1970 |
//! | pairs | `P`, the length of what follows, and for each pair: length of key, length of value, key, value |
//! | end, last | `E`, the number of pairs |
//! | fault, instead of any | `F`, the length of a text, the text: why there is no more |
//!
//! Numbers are big-endian; lengths have 32 bits, the time and the number of pairs 64. Keys ascend.

use std::io::{ErrorKind, Read, Write};

use super::{BackupError, Result};
use crate::store::{
    self, BUCKETS, StoreError,
    codec::marks,
    fitness::{Mark, Side, bucket_of_mark},
    snapshot::{Pair, Snapshot},
};

/// Tells a copy from other files.
const MAGIC: &[u8; 8] = b"RPBACKUP";
/// The only one so far.
const VERSION: u8 = 1;
/// Bytes of pairs read and written at once: some records.
const BLOCK_BYTES: usize = 64 << 10;
/// No block is longer: the longest value, what customers of a tenant buy together, has some megabytes.
const BLOCK_BYTES_MAX: u32 = 64 << 20;
/// Longer reasons are cut off.
const REASON_BYTES_MAX: usize = 4 << 10;

/// What was in a copy.
#[derive(Debug, Clone)]
pub struct Tally {
    /// All pairs.
    pub pairs: u64,
    /// Records; of keys: those of customers, also destroyed ones.
    pub customers: u64,
    /// The mark of each bucket; `None`: a store of format 1, or one that lost it.
    pub marks: Vec<Option<Mark>>,
    last: Vec<u8>,
}

impl Default for Tally {
    fn default() -> Self {
        Self { pairs: 0, customers: 0, marks: vec![None; usize::from(BUCKETS)], last: Vec::new() }
    }
}

impl Tally {
    fn add(&mut self, side: Side, pairs: &[Pair]) -> store::Result<()> {
        for (key, value) in pairs {
            if self.pairs > 0 && *key <= self.last {
                return Err(StoreError::Corrupt("its keys do not ascend".into()));
            }
            self.pairs += 1;
            self.customers += u64::from(is_of_a_customer(side, key));
            if let Some(bucket) = bucket_of_mark(side, key) {
                self.marks[usize::from(bucket)] = marks::decode(value).ok();
            }
            self.last.clone_from(key);
        }
        Ok(())
    }
}

/// Whether a key is of a record, or of a customer's key.
fn is_of_a_customer(side: Side, key: &[u8]) -> bool {
    match side {
        Side::Data => key.starts_with(b"record:"),
        Side::Keys => key.starts_with(b"key:") && key.split(|byte| *byte == b':').nth(3) == Some(b"customer"),
    }
}

/// Writes a snapshot. `place` is where, for messages.
pub fn write(
    out: &mut impl Write,
    place: &str,
    (side, time_ms): (Side, i64),
    snapshot: &mut dyn Snapshot,
    go_on: &dyn Fn() -> bool,
) -> Result<Tally> {
    let lost = |cause| BackupError::File { path: place.to_owned(), cause };
    let mut head = vec![b'H'];
    head.extend_from_slice(MAGIC);
    head.extend([VERSION, number_of(side)]);
    head.extend(time_ms.to_be_bytes());
    out.write_all(&head).map_err(lost)?;
    let (mut tally, mut block) = (Tally::default(), Vec::new());
    loop {
        if !go_on() {
            return Err(BackupError::Stopped);
        }
        let pairs = snapshot.next(BLOCK_BYTES)?;
        if pairs.is_empty() {
            break;
        }
        tally.add(side, &pairs)?;
        block.clear();
        for (key, value) in &pairs {
            block.extend(length(key)?.to_be_bytes());
            block.extend(length(value)?.to_be_bytes());
            block.extend(key);
            block.extend(value);
        }
        let bytes = length(&block)?;
        out.write_all(b"P").and_then(|()| out.write_all(&bytes.to_be_bytes())).map_err(lost)?;
        out.write_all(&block).map_err(lost)?;
    }
    out.write_all(b"E").and_then(|()| out.write_all(&tally.pairs.to_be_bytes())).map_err(lost)?;
    out.flush().map_err(lost)?;
    Ok(tally)
}

/// Says instead of a block why there is no more. Whoever reads may be gone.
pub fn write_fault(out: &mut impl Write, reason: &str) {
    let mut text = reason.to_owned();
    while text.len() > REASON_BYTES_MAX {
        text.pop();
    }
    let length = u32::try_from(text.len()).unwrap_or(0);
    let block = [b"F".as_slice(), &length.to_be_bytes(), text.as_bytes()].concat();
    let _ = out.write_all(&block).and_then(|()| out.flush());
}

fn number_of(side: Side) -> u8 {
    match side {
        Side::Data => 0,
        Side::Keys => 1,
    }
}

fn length(bytes: &[u8]) -> Result<u32> {
    let length = u32::try_from(bytes.len()).ok().filter(|length| *length <= BLOCK_BYTES_MAX);
    length.ok_or_else(|| StoreError::Corrupt("a value is longer than any that is written".into()).into())
}

/// A copy that is read. Its pairs are those of a [`Snapshot`].
pub struct Reader<R> {
    input: R,
    side: Side,
    /// As of when, in milliseconds since 1970.
    pub time_ms: i64,
    /// What was read so far.
    pub tally: Tally,
    has_ended: bool,
}

impl<R: Read> Reader<R> {
    /// Reads the head of a copy of this side.
    ///
    /// # Errors
    /// `Corrupt` if it is none; `Unavailable` with the reason of who writes it, or if it cannot be read.
    pub fn begin(mut input: R, side: Side) -> store::Result<Self> {
        expect_tag(&mut input, b'H')?;
        let head: [u8; MAGIC.len()] = exactly(&mut input)?;
        let [version, of] = exactly(&mut input)?;
        if head != *MAGIC {
            return Err(corrupt("it is no copy of a store"));
        }
        if version != VERSION {
            return Err(corrupt("it is of another version; take the release that made it"));
        }
        if of != number_of(side) {
            return Err(corrupt("it is a copy of the other store: data and keys are mixed up"));
        }
        let time_ms = i64::from_be_bytes(exactly(&mut input)?);
        Ok(Self { input, side, time_ms, tally: Tally::default(), has_ended: false })
    }

    fn block(&mut self) -> store::Result<Vec<Pair>> {
        if self.has_ended {
            return Ok(Vec::new());
        }
        let tag = tag(&mut self.input)?;
        if tag == b'E' {
            let pairs = u64::from_be_bytes(exactly(&mut self.input)?);
            self.has_ended = true;
            return if pairs == self.tally.pairs { Ok(Vec::new()) } else { Err(corrupt("pairs are missing")) };
        }
        if tag != b'P' {
            return Err(corrupt("a block is none"));
        }
        let block = sized(&mut self.input, BLOCK_BYTES_MAX)?;
        let pairs = split(&block).ok_or_else(|| corrupt("a block is none"))?;
        self.tally.add(self.side, &pairs)?;
        Ok(pairs)
    }

    /// What it was read from, after the end.
    pub fn into_inner(self) -> R {
        self.input
    }
}

impl<R: Read + Send> Snapshot for Reader<R> {
    /// A block as it was written, whatever its size.
    fn next(&mut self, _bytes: usize) -> store::Result<Vec<Pair>> {
        self.block()
    }
}

/// The pairs of a block, at least one.
fn split(mut block: &[u8]) -> Option<Vec<Pair>> {
    let mut pairs = Vec::new();
    while !block.is_empty() {
        let (key_length, rest) = block.split_first_chunk::<4>()?;
        let (value_length, rest) = rest.split_first_chunk::<4>()?;
        let (key, rest) = rest.split_at_checked(u32::from_be_bytes(*key_length) as usize)?;
        let (value, rest) = rest.split_at_checked(u32::from_be_bytes(*value_length) as usize)?;
        pairs.push((key.to_vec(), value.to_vec()));
        block = rest;
    }
    (!pairs.is_empty()).then_some(pairs)
}

fn corrupt(cause: &str) -> StoreError {
    StoreError::Corrupt(cause.into())
}

fn unread(error: std::io::Error) -> StoreError {
    match error.kind() {
        ErrorKind::UnexpectedEof => corrupt("it is cut off"),
        _ => StoreError::Unavailable(format!("it cannot be read: {error}").into()),
    }
}

fn exactly<const N: usize>(input: &mut impl Read) -> store::Result<[u8; N]> {
    let mut bytes = [0; N];
    input.read_exact(&mut bytes).map_err(unread)?;
    Ok(bytes)
}

/// Bytes after their length. Memory is taken as they come, whatever length is claimed.
fn sized(input: &mut impl Read, most: u32) -> store::Result<Vec<u8>> {
    let length = u32::from_be_bytes(exactly(input)?);
    if length > most {
        return Err(corrupt("a block is longer than any that is written"));
    }
    let mut bytes = Vec::new();
    input.take(u64::from(length)).read_to_end(&mut bytes).map_err(unread)?;
    if bytes.len() == length as usize { Ok(bytes) } else { Err(corrupt("it is cut off")) }
}

fn tag(input: &mut impl Read) -> store::Result<u8> {
    let [tag] = exactly(input)?;
    if tag == b'F' {
        let reason = sized(input, REASON_BYTES_MAX as u32)?;
        return Err(StoreError::Unavailable(String::from_utf8_lossy(&reason).into()));
    }
    Ok(tag)
}

fn expect_tag(input: &mut impl Read, wanted: u8) -> store::Result<()> {
    if tag(input)? == wanted { Ok(()) } else { Err(corrupt("it is no copy of a store")) }
}

#[cfg(test)]
#[path = "stream_tests.rs"]
mod tests;
