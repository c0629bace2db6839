//! A line becomes a record of the contract, or a rejection that says why not.

use super::{
    lines::{Ending, LINE_BYTES_MAX},
    rejects::{RawRow, Reject},
};
use crate::{
    cli::json,
    proto::{ImportRecord, import_record::Record},
};

/// A good line.
pub struct Row {
    /// From 1.
    pub line: u64,
    /// As it stood in the file, for the reject file should the service refuse it.
    pub raw: String,
    pub record: Record,
}

/// Editors on Windows put it before the first line.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Turns lines into rows.
pub struct Parser {
    kind: prost_reflect::MessageDescriptor,
}

impl Default for Parser {
    fn default() -> Self {
        Self { kind: json::descriptor("ImportRecord") }
    }
}

impl Parser {
    /// `None`: an empty line.
    pub fn parse(&self, number: u64, line: &[u8], ending: Ending) -> Option<Result<Row, Reject>> {
        let line = if number == 1 { line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line) } else { line };
        if line.iter().all(u8::is_ascii_whitespace) {
            return None;
        }
        let reject = |reason: &str, field: String, message: String, row: RawRow| Reject {
            line: number,
            reason: reason.to_owned(),
            field,
            message,
            row,
        };
        if ending == Ending::TooLong {
            let message = format!("the line is longer than {LINE_BYTES_MAX} bytes; only its beginning is kept here");
            return Some(Err(reject("LINE_TOO_LONG", String::new(), message, RawRow::Bytes(line.to_vec()))));
        }
        let Ok(text) = std::str::from_utf8(line) else {
            let message = "the line is not UTF-8".to_owned();
            return Some(Err(reject("NOT_UTF8", String::new(), message, RawRow::Bytes(line.to_vec()))));
        };
        let kept = || RawRow::Text(text.to_owned());
        if !text.trim_start().starts_with('{') {
            let message = "the line is no JSON object; for a CSV file give --map, which --guess proposes".to_owned();
            return Some(Err(reject("INVALID_ROW", String::new(), message, kept())));
        }
        Some(match json::parse::<ImportRecord>(&self.kind, text) {
            Ok(ImportRecord { record: Some(record) }) => Ok(Row { line: number, raw: text.to_owned(), record }),
            Ok(ImportRecord { record: None }) => {
                let message = "the row holds no policy, customer, interaction or item".to_owned();
                Err(reject("EMPTY_ROW", String::new(), message, kept()))
            }
            Err(fault) if ending == Ending::EndOfFile => {
                let message = format!("the file ends within this line, or the line is wrong: {}", fault.message);
                Err(reject("CUT_OFF_OR_INVALID", fault.field, message, kept()))
            }
            Err(fault) => Err(reject("INVALID_ROW", fault.field, fault.message, kept())),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &[u8], ending: Ending) -> Option<Result<Record, String>> {
        let row = Parser::default().parse(1, line, ending)?;
        Some(row.map(|row| row.record).map_err(|reject| reject.reason))
    }

    #[test]
    fn good_rows_are_read_wherever_they_stand() {
        let row = br#"{"policy":{"owner":"me"}}"#;
        assert!(matches!(parse(row, Ending::Newline), Some(Ok(Record::Policy(_)))));
        assert!(matches!(parse(row, Ending::EndOfFile), Some(Ok(Record::Policy(_)))), "no newline at the end is fine");
        let marked = [BYTE_ORDER_MARK, row].concat();
        assert!(matches!(parse(&marked, Ending::Newline), Some(Ok(Record::Policy(_)))));
        assert!(parse(b"  \t", Ending::Newline).is_none());
    }

    #[test]
    fn bad_rows_say_why() {
        let cases: [(&[u8], Ending, &str); 7] = [
            (br#"{"policy":{"owner":"m"#, Ending::EndOfFile, "CUT_OFF_OR_INVALID"),
            (br#"{"policy":{"owner":"m"#, Ending::Newline, "INVALID_ROW"),
            (br#"{"policy":{"colour":"m"}}"#, Ending::Newline, "INVALID_ROW"),
            (b"[1,2]", Ending::Newline, "INVALID_ROW"),
            (b"{}", Ending::Newline, "EMPTY_ROW"),
            (b"{\"policy\":\xff}", Ending::Newline, "NOT_UTF8"),
            (b"{\"policy\"", Ending::TooLong, "LINE_TOO_LONG"),
        ];
        for (line, ending, reason) in cases {
            assert!(matches!(parse(line, ending), Some(Err(found)) if found == reason), "{reason}");
        }
    }

    #[test]
    fn two_records_in_one_row_are_refused() {
        let row = br#"{"policy":{"owner":"a"},"customer":{}}"#;
        assert!(matches!(parse(row, Ending::Newline), Some(Err(_))));
    }
}
