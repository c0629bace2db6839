//! Lines of a file, each within a bound of memory.

use std::io::{self, BufRead};

use super::prefix::Prefix;

/// Longest line. The largest row the contract allows, a policy of 1,000 venues, takes some 400 KB of JSON.
pub const LINE_BYTES_MAX: usize = 1 << 20;
/// What is kept of a line that is too long, to recognise it by.
const KEPT_OF_TOO_LONG: usize = 4_096;

/// What kind of line was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Ended by a newline.
    Newline,
    /// Ended by the end of the file: perhaps cut off.
    EndOfFile,
    /// Longer than allowed; only its beginning was kept.
    TooLong,
}

/// Reads line by line.
pub struct Lines<R> {
    reader: R,
    /// The number of the line read last, from 1.
    pub number: u64,
    /// All that was read so far.
    pub prefix: Prefix,
}

impl<R: BufRead> Lines<R> {
    pub fn new(reader: R) -> Self {
        Self { reader, number: 0, prefix: Prefix::default() }
    }

    /// Reads the next line into `line`, without its end. `None`: there is none.
    pub fn next(&mut self, line: &mut Vec<u8>) -> io::Result<Option<Ending>> {
        line.clear();
        let mut total = 0_usize;
        let mut ended = false;
        while !ended {
            let buffer = match self.reader.fill_buf() {
                Ok(buffer) => buffer,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            if buffer.is_empty() {
                break;
            }
            let end = buffer.iter().position(|byte| *byte == b'\n');
            ended = end.is_some();
            let part = end.unwrap_or(buffer.len());
            // One byte beyond the bound may stay: it might be the carriage return of the line's end.
            let room = (LINE_BYTES_MAX + 1).saturating_sub(line.len());
            line.extend_from_slice(&buffer[..part.min(room)]);
            total += part;
            let used = part + usize::from(ended);
            self.prefix.add(&buffer[..used]);
            self.reader.consume(used);
        }
        if total == 0 && !ended {
            return Ok(None);
        }
        self.number += 1;
        if line.last() == Some(&b'\r') {
            line.pop();
            total -= usize::from(total == line.len() + 1);
        }
        if total > LINE_BYTES_MAX {
            line.truncate(KEPT_OF_TOO_LONG);
            line.shrink_to_fit();
            return Ok(Some(Ending::TooLong));
        }
        Ok(Some(if ended { Ending::Newline } else { Ending::EndOfFile }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Vec<(Ending, usize)> {
        // A tiny buffer, so that lines span several reads.
        let mut lines = Lines::new(io::BufReader::with_capacity(7, bytes));
        let (mut line, mut found) = (Vec::new(), Vec::new());
        while let Some(ending) = lines.next(&mut line).expect("memory can be read") {
            found.push((ending, line.len()));
        }
        assert_eq!(lines.prefix.bytes, bytes.len() as u64);
        assert_eq!(lines.number, found.len() as u64);
        found
    }

    #[test]
    fn lines_end_with_a_newline_or_the_file() {
        assert_eq!(read(b""), []);
        assert_eq!(read(b"one line of text\n"), [(Ending::Newline, 16)]);
        assert_eq!(read(b"a\r\n\nlast"), [(Ending::Newline, 1), (Ending::Newline, 0), (Ending::EndOfFile, 4)]);
    }

    #[test]
    fn the_bound_holds_and_the_next_line_is_whole() {
        let mut bytes = vec![b'x'; LINE_BYTES_MAX];
        bytes.extend_from_slice(b"\r\nnext\n");
        assert_eq!(read(&bytes), [(Ending::Newline, LINE_BYTES_MAX), (Ending::Newline, 4)]);
        bytes.insert(0, b'x');
        assert_eq!(read(&bytes), [(Ending::TooLong, KEPT_OF_TOO_LONG), (Ending::Newline, 4)]);
    }

    #[test]
    fn a_huge_line_takes_no_memory() {
        let huge = io::Read::take(io::repeat(b'x'), 64 << 20);
        let mut lines = Lines::new(io::BufReader::new(huge));
        let mut line = Vec::new();
        assert_eq!(lines.next(&mut line).expect("reads"), Some(Ending::TooLong));
        assert!(line.capacity() <= LINE_BYTES_MAX, "{}", line.capacity());
        assert_eq!(lines.prefix.bytes, 64 << 20);
    }
}
