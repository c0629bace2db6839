//! Cuts a CSV file into records, each within a bound of memory.
//!
//! A quote that nobody closes would swallow the rest of the file. So a record that spans several lines and is wrong
//! costs its first line only: reading goes on with the second.

use std::io::{self, Read};

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

/// Longest record: some 300 columns of 200 characters. Rows of guest lists and tills are far shorter.
pub const RECORD_BYTES_MAX: usize = 64 << 10;
/// Most columns. Exports of large systems have some hundreds.
pub const COLUMNS_MAX: usize = 1_000;
/// Read at once; more than one record, so that what is left over is seldom moved.
const WINDOW_BYTES: usize = 512 << 10;
/// RawRow of a line that no record can be made of, to recognise it by.
const KEPT_OF_BAD: usize = 4_096;

/// One record, or why there is none.
pub struct Cut {
    /// Line of its beginning, from 1.
    pub line: u64,
    /// The record without its line end; of a fault, the line.
    pub raw: Vec<u8>,
    pub fields: Result<Vec<String>, RowFault>,
}

/// Why there is no record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowFault {
    /// Not as many columns as there should be.
    Columns(usize),
    NotUtf8,
    TooLong,
    /// The file ends within quotes.
    CutOff,
}

/// Reads record by record.
pub struct Cutter<R> {
    text: R,
    window: Vec<u8>,
    /// Where in the window the rest begins.
    start: usize,
    /// Nothing follows the window; perhaps because reading failed.
    ended: bool,
    error: Option<io::Error>,
    reader: Reader,
    out: Vec<u8>,
    ends: Vec<usize>,
    /// Lines before the rest.
    lines: u64,
}

impl<R: Read> Cutter<R> {
    pub fn new(text: R, delimiter: u8) -> Self {
        let reader = ReaderBuilder::new().delimiter(delimiter).build();
        let (out, ends) = (vec![0; RECORD_BYTES_MAX], vec![0; COLUMNS_MAX]);
        Self { text, window: Vec::new(), start: 0, ended: false, error: None, reader, out, ends, lines: 0 }
    }

    /// The next record with `columns` fields, or any number. `consumed` gets all bytes up to its end. `None`: the end.
    pub fn next(&mut self, columns: Option<usize>, consumed: &mut Vec<u8>) -> io::Result<Option<Cut>> {
        consumed.clear();
        loop {
            self.fill();
            let blank = self.rest().iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
            if blank == 0 {
                break;
            }
            self.consume(blank, consumed);
        }
        if self.rest().is_empty() {
            return self.error.take().map_or(Ok(None), Err);
        }
        let line = self.lines + 1;
        let (length, fields) = match self.record() {
            Ok((_, count)) if columns.is_some_and(|columns| columns != count) => (None, Err(RowFault::Columns(count))),
            Ok((length, count)) => (Some(length), (0..count).map(|place| self.field(place)).collect()),
            // What follows is missing, not wrong.
            Err(RowFault::CutOff) if self.error.is_some() => return self.error.take().map_or(Ok(None), Err),
            Err(fault) => (None, Err(fault)),
        };
        let raw = match length {
            Some(length) => {
                let raw = trimmed(&self.rest()[..length]).to_vec();
                self.consume(length, consumed);
                raw
            }
            None => self.skip_line(consumed),
        };
        Ok(Some(Cut { line, raw, fields }))
    }

    fn rest(&self) -> &[u8] {
        &self.window[self.start..]
    }

    fn consume(&mut self, bytes: usize, consumed: &mut Vec<u8>) {
        let part = &self.window[self.start..self.start + bytes];
        consumed.extend_from_slice(part);
        #[expect(
            clippy::naive_bytecount,
            reason = "a crate more, to count the lines of what is parsed many times slower"
        )]
        let lines = part.iter().filter(|byte| **byte == b'\n').count();
        self.lines += lines as u64;
        self.start += bytes;
    }

    /// Makes sure that a whole record is there, if the file has one.
    fn fill(&mut self) {
        if self.ended || self.rest().len() > RECORD_BYTES_MAX {
            return;
        }
        self.window.drain(..self.start);
        self.start = 0;
        while self.window.len() < WINDOW_BYTES && !self.ended {
            let before = self.window.len();
            self.window.resize(WINDOW_BYTES, 0);
            let read = self.text.read(&mut self.window[before..]);
            self.window.truncate(before + *read.as_ref().unwrap_or(&0));
            match read {
                Ok(0) => self.ended = true,
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => (self.ended, self.error) = (true, Some(error)),
            }
        }
    }

    fn field(&self, place: usize) -> Result<String, RowFault> {
        let start = place.checked_sub(1).map_or(0, |before| self.ends[before]);
        let text = std::str::from_utf8(&self.out[start..self.ends[place]]);
        text.map(|text| text.trim().to_owned()).map_err(|_| RowFault::NotUtf8)
    }

    /// The length of the record at the beginning of the rest, and how many fields it has.
    fn record(&mut self) -> Result<(usize, usize), RowFault> {
        let rest = &self.window[self.start..];
        let within = &rest[..rest.len().min(RECORD_BYTES_MAX)];
        self.reader.reset();
        let (result, mut length, written, mut count) = self.reader.read_record(within, &mut self.out, &mut self.ends);
        match result {
            ReadRecordResult::Record => {
                if rest[..length].ends_with(b"\r") && rest[length..].starts_with(b"\n") {
                    length += 1;
                }
            }
            ReadRecordResult::OutputEndsFull => return Err(RowFault::Columns(COLUMNS_MAX + 1)),
            ReadRecordResult::InputEmpty if within.len() == rest.len() && self.ended => {
                if self.error.is_some() || written == self.out.len() || count == self.ends.len() {
                    return Err(RowFault::CutOff);
                }
                // Within quotes a newline ends nothing.
                let (out, ends) = (&mut self.out[written..], &mut self.ends[count..]);
                let (ended, _, _, last) = self.reader.read_record(b"\n", out, ends);
                if ended != ReadRecordResult::Record {
                    return Err(RowFault::CutOff);
                }
                count += last;
            }
            ReadRecordResult::InputEmpty | ReadRecordResult::OutputFull | ReadRecordResult::End => {
                return Err(RowFault::TooLong);
            }
        }
        Ok((length, count))
    }

    /// Skips one line of any length, and answers its beginning.
    fn skip_line(&mut self, consumed: &mut Vec<u8>) -> Vec<u8> {
        let mut raw = Vec::new();
        loop {
            let rest = self.rest();
            let end = rest.iter().position(|byte| *byte == b'\n');
            let length = end.map_or(rest.len(), |end| end + 1);
            let room = RECORD_BYTES_MAX.saturating_sub(raw.len());
            raw.extend_from_slice(&rest[..length.min(room)]);
            self.consume(length, consumed);
            self.fill();
            if end.is_some() || self.rest().is_empty() {
                break;
            }
        }
        if raw.len() >= RECORD_BYTES_MAX {
            raw.truncate(KEPT_OF_BAD);
        }
        trimmed(&raw).to_vec()
    }
}

fn trimmed(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines and first fields, or faults; and that every byte was consumed.
    fn cut(text: &[u8], columns: usize) -> Vec<(u64, Result<String, RowFault>)> {
        let mut cutter = Cutter::new(text, b',');
        let (mut consumed, mut all, mut found) = (Vec::new(), Vec::new(), Vec::new());
        while let Some(cut) = cutter.next(Some(columns), &mut consumed).expect("memory") {
            all.extend_from_slice(&consumed);
            found.push((cut.line, cut.fields.map(|fields| fields[0].clone())));
        }
        all.extend_from_slice(&consumed);
        assert_eq!(all, text);
        found
    }

    fn good(text: &str) -> Result<String, RowFault> {
        Ok(text.to_owned())
    }

    #[test]
    fn records_are_cut_wherever_lines_end() {
        assert_eq!(cut(b"", 2), []);
        assert_eq!(
            cut(b"a,b\r\n\r\nc,d\n\"e\n\"\"f\",g\nh, i", 2),
            [(1, good("a")), (3, good("c")), (4, good("e\n\"f")), (6, good("h")),]
        );
        assert_eq!(cut(b"a,b\n\"c\",\"d\"", 2), [(1, good("a")), (2, good("c"))]);
        assert_eq!(cut(b"5\" pipe,1\nb,2\n", 2), [(1, good("5\" pipe")), (2, good("b"))]);
    }

    #[test]
    fn an_open_quote_costs_one_line() {
        assert_eq!(cut(b"a,b\n\"c,d\ne,f\n", 2), [(1, good("a")), (2, Err(RowFault::CutOff)), (3, good("e"))]);
        let (three, four) = (Err(RowFault::Columns(3)), Err(RowFault::Columns(4)));
        assert_eq!(cut(b"\"a,b\nc,\"d\",e,x\nf,g\n", 2), [(1, three), (2, four), (3, good("f"))]);
    }

    #[test]
    fn the_bound_of_a_record_holds_and_the_next_is_whole() {
        let exact = format!("{},b\n", "x".repeat(RECORD_BYTES_MAX - 3));
        assert_eq!(cut(format!("{exact}c,d\n").as_bytes(), 2)[1], (2, good("c")));
        assert_eq!(cut(format!("y{exact}c,d\n").as_bytes(), 2), [(1, Err(RowFault::TooLong)), (2, good("c"))]);
        let huge = format!("\"{}\nc,d\n", "x\n".repeat(RECORD_BYTES_MAX));
        assert_eq!(cut(huge.as_bytes(), 2).last(), Some(&(RECORD_BYTES_MAX as u64 + 2, good("c"))));
        let wide = ",".repeat(COLUMNS_MAX);
        assert_eq!(cut(format!("{wide}\nc,d\n").as_bytes(), 2)[1], (2, good("c")));
        assert_eq!(cut(&wide.as_bytes()[1..], COLUMNS_MAX), [(1, good(""))]);
    }

    #[test]
    fn bytes_that_are_no_text_are_told() {
        assert_eq!(cut(b"a,b\n\xff,d\ne,f\n", 2), [(1, good("a")), (2, Err(RowFault::NotUtf8)), (3, good("e"))]);
    }
}
