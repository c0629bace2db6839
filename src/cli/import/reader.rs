//! The reading thread: from bytes to rows, in the order of the file.

use std::{io, sync::Arc};

use tokio::sync::mpsc;

use super::{
    checkpoint::Position,
    input::Input,
    lines::Lines,
    prefix::Prefix,
    rejects::{RawRow, Reject},
    rows::{Parser, Row},
    table::{Table, mapping::Mapping},
};

/// Rows before the first checkpoint. The distance then doubles, so that a short file has one soon, and a long one is
/// seldom held up: at each, all calls under way must end.
const CHECKPOINT_ROWS_MIN: u64 = 1_000;
/// Some seconds of work at full speed.
const CHECKPOINT_ROWS_MAX: u64 = 64_000;

/// How to read an input.
#[derive(Clone)]
pub enum Format {
    /// One `ImportRecord` a line.
    Records,
    /// CSV under a mapping.
    Table(Arc<Mapping>),
}

/// What the reading thread hands over.
#[expect(clippy::large_enum_variant, reason = "nearly all are rows")]
pub enum ReadItem {
    Row(Row),
    Reject(Reject),
    /// All rows before this place were handed over, none after it.
    Mark(Position),
    /// The input broke off: nothing follows.
    Broken(Reject),
}

/// Rows of one input.
enum Rows {
    Records { lines: Lines<io::BufReader<Box<dyn io::Read + Send>>>, line: Vec<u8>, parser: Parser },
    Table(Box<Table<io::BufReader<Box<dyn io::Read + Send>>>>),
}

impl Rows {
    fn begin(input: Input, format: Format) -> io::Result<Self> {
        let text = input.decode()?;
        Ok(match format {
            Format::Records => Self::Records { lines: Lines::new(text), line: Vec::new(), parser: Parser::default() },
            Format::Table(mapping) => Self::Table(Box::new(Table::begin(text, mapping)?)),
        })
    }

    /// Skips rows of an earlier run: those before `bytes`.
    fn skip(&mut self, bytes: u64) -> io::Result<()> {
        while self.place().is_none_or(|place| place.bytes < bytes) {
            let is_end = match self {
                Self::Records { lines, line, .. } => lines.next(line)?.is_none(),
                Self::Table(table) => table.next(&mut Vec::new())?,
            };
            if is_end {
                break;
            }
        }
        Ok(())
    }

    /// Adds what follows to `found`, perhaps nothing yet. True: the input has ended.
    fn next(&mut self, found: &mut Vec<Result<Row, Reject>>) -> io::Result<bool> {
        match self {
            Self::Table(table) => table.next(found),
            Self::Records { lines, line, parser } => {
                let ending = lines.next(line)?;
                found.extend(ending.and_then(|ending| parser.parse(lines.number, line, ending)));
                Ok(ending.is_none())
            }
        }
    }

    /// The end of what was handed over. `None`: a part of what cannot be split was.
    fn place(&self) -> Option<&Prefix> {
        match self {
            Self::Records { lines, .. } => Some(&lines.prefix),
            Self::Table(table) => table.place(),
        }
    }

    fn line(&self) -> u64 {
        match self {
            Self::Records { lines, .. } => lines.number,
            Self::Table(table) => table.line(),
        }
    }

    fn position(&self) -> Option<Position> {
        let place = self.place()?;
        Some(Position { bytes: place.bytes, sha256: place.digest() })
    }
}

/// Reads until the end, an error, or until nobody listens any more. `after`: where an earlier run came to.
pub fn read(input: Input, format: Format, after: u64, send: &mpsc::Sender<io::Result<ReadItem>>) {
    let mut rows = match Rows::begin(input, format).and_then(|mut rows| rows.skip(after).map(|()| rows)) {
        Ok(rows) => rows,
        Err(error) => return drop(send.blocking_send(Err(error))),
    };
    let (mut found, mut since, mut distance) = (Vec::new(), 0, CHECKPOINT_ROWS_MIN);
    loop {
        let end = rows.next(&mut found);
        since += found.len() as u64;
        for row in found.drain(..) {
            let taken = match row {
                Ok(row) => ReadItem::Row(row),
                Err(reject) => ReadItem::Reject(reject),
            };
            if send.blocking_send(Ok(taken)).is_err() {
                return;
            }
        }
        let last = match end {
            Ok(true) => return,
            Ok(false) => match (since >= distance).then(|| rows.position()).flatten() {
                Some(position) => {
                    (since, distance) = (0, (distance * 2).min(CHECKPOINT_ROWS_MAX));
                    Ok(ReadItem::Mark(position))
                }
                None => continue,
            },
            Err(error) => broken(error, rows.line()).map(ReadItem::Broken),
        };
        let is_end = !matches!(last, Ok(ReadItem::Mark(_)));
        if send.blocking_send(last).is_err() || is_end {
            return;
        }
    }
}

/// A compressed file that ends early, or is damaged: what came before is worth having. Any other error is one of the
/// machine.
fn broken(error: io::Error, line: u64) -> io::Result<Reject> {
    let (reason, message) = match error.kind() {
        io::ErrorKind::UnexpectedEof => (
            "FILE_CUT_OFF",
            "the compressed file ends early; all whole rows before were read; fetch it again, and rerun",
        ),
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::Other => {
            ("FILE_DAMAGED", "the compressed file is damaged after this line; fetch it again, and rerun")
        }
        _ => return Err(error),
    };
    let row = RawRow::Text(String::new());
    Ok(Reject { line: line + 1, reason: reason.to_owned(), field: String::new(), message: message.to_owned(), row })
}
