//! CSV: rows become customers, interactions or items under a mapping.

pub mod cut;
pub mod fill;
pub mod group;
pub mod guess;
pub mod mapping;
pub mod value;

use std::{
    io::{self, Read},
    sync::Arc,
};

use prost_reflect::MessageDescriptor;

use super::{
    prefix::Prefix,
    rejects::{RawRow, Reject},
    rows::Row,
};
use crate::cli::json;
use cut::{Cut, Cutter};
use group::Groups;
use mapping::{Header, Mapping, Node};

/// A table that is read row by row.
pub struct Table<R> {
    cutter: Cutter<R>,
    kind: MessageDescriptor,
    root: Node,
    columns: Option<usize>,
    /// The first row, when it is no header.
    first: Option<Cut>,
    groups: Option<Groups>,
    /// The bytes of the row read last.
    consumed: Vec<u8>,
    /// All bytes that were read.
    read: Prefix,
    line: u64,
}

/// A row that made a record or did not, and the group it belongs to, if that can be told.
pub struct Made {
    pub group: Option<String>,
    pub row: Result<Row, Reject>,
}

impl<R: Read> Table<R> {
    /// Reads the header. Errors: also when mapping and header do not fit.
    pub fn begin(text: R, mapping: Arc<Mapping>) -> io::Result<Self> {
        let mut cutter = Cutter::new(text, mapping.delimiter);
        let (mut consumed, mut read) = (Vec::new(), Prefix::default());
        let first = header(&mut cutter, &mut consumed)?;
        let names = first.fields.as_deref().unwrap_or_default();
        let (header, line) = (Header::new(names), first.line);
        let mut root = mapping.root.clone();
        let mut faults = Vec::new();
        let mut places = |columns: &mut dyn Iterator<Item = &mapping::Column>| -> Vec<usize> {
            columns.filter_map(|column| header.place(column).map_err(|fault| faults.push(fault)).ok()).collect()
        };
        root.each_cell(&mut |cell| cell.places = places(&mut cell.source.columns()));
        let key = places(&mut mapping.group_by.iter());
        if !faults.is_empty() {
            return Err(io::Error::other(format!("the mapping does not fit the file:\n  {}", faults.join("\n  "))));
        }
        let columns = Some(header.columns);
        let first = if mapping.has_header {
            read.add(&consumed);
            None
        } else {
            Some(first)
        };
        let groups = (!key.is_empty()).then(|| Groups::new(key));
        Ok(Self { cutter, kind: json::descriptor("ImportRecord"), root, columns, first, groups, consumed, read, line })
    }

    /// Adds what the next row completes to `found`. True: the table has ended.
    pub fn next(&mut self, found: &mut Vec<Result<Row, Reject>>) -> io::Result<bool> {
        let cut = match self.first.take() {
            Some(first) => Some(first),
            None => self.cutter.next(self.columns, &mut self.consumed)?,
        };
        let Some(cut) = cut else {
            if let Some(groups) = &mut self.groups {
                groups.end(found);
            }
            return Ok(true);
        };
        let line = cut.line;
        let made = self.make(cut);
        match &mut self.groups {
            Some(groups) => groups.add(made, &self.read, found),
            None => found.push(made.row),
        }
        self.read.add(&self.consumed);
        self.line = line;
        Ok(false)
    }

    fn make(&self, cut: Cut) -> Made {
        let Cut { line, raw, fields } = cut;
        let fields = match fields {
            Ok(fields) => fields,
            Err(fault) => return Made { group: None, row: Err(self.unreadable(line, raw, fault)) },
        };
        let group = self.groups.as_ref().and_then(|groups| groups.key(&fields));
        // It was read as text, field by field.
        let raw = String::from_utf8_lossy(&raw).into_owned();
        if self.groups.is_some() && group.is_none() {
            let message = "the columns of group_by are empty".to_owned();
            let (reason, field) = ("EMPTY_GROUP".to_owned(), String::new());
            return Made { group, row: Err(Reject { line, reason, field, message, row: RawRow::Text(raw) }) };
        }
        let row = match fill::record(&self.kind, &self.root, &fields) {
            Ok(record) => Ok(Row { line, raw, record }),
            Err(fill::CellFault { reason, field, message }) => {
                Err(Reject { line, reason: reason.to_owned(), field, message, row: RawRow::Text(raw) })
            }
        };
        Made { group, row }
    }

    fn unreadable(&self, line: u64, raw: Vec<u8>, fault: cut::RowFault) -> Reject {
        let columns = self.columns.unwrap_or_default();
        let (reason, message) = match fault {
            cut::RowFault::Columns(found) => {
                ("WRONG_COLUMNS", format!("the row has {found} columns, and the header has {columns}"))
            }
            cut::RowFault::NotUtf8 => ("NOT_UTF8", "the row is not UTF-8".to_owned()),
            cut::RowFault::TooLong => {
                let most = cut::RECORD_BYTES_MAX;
                ("LINE_TOO_LONG", format!("the row is longer than {most} bytes: is a quote not closed?"))
            }
            cut::RowFault::CutOff => (
                "CUT_OFF_OR_INVALID",
                "the file ends within quotes: it was cut off, or a quote is not closed".to_owned(),
            ),
        };
        let row = String::from_utf8(raw).map_or_else(|error| RawRow::Bytes(error.into_bytes()), RawRow::Text);
        Reject { line, reason: reason.to_owned(), field: String::new(), message, row }
    }

    /// The end of what was handed over. `None`: part of an open group was.
    pub fn place(&self) -> Option<&Prefix> {
        self.groups.as_ref().map_or(Some(&self.read), Groups::place)
    }

    /// The line of the row read last.
    pub fn line(&self) -> u64 {
        self.line
    }
}

/// The first record, which must be sound: all others are read by it.
pub fn header<R: Read>(cutter: &mut Cutter<R>, consumed: &mut Vec<u8>) -> io::Result<Cut> {
    const UTF16: [&[u8]; 2] = [&[0xff, 0xfe], &[0xfe, 0xff]];
    let refused = |message: &str| Err(io::Error::other(message.to_owned()));
    let Some(first) = cutter.next(None, consumed)? else {
        return refused("the file is empty: a table begins with a header");
    };
    match first.fields {
        Ok(_) => Ok(first),
        Err(_) if UTF16.iter().any(|mark| first.raw.starts_with(mark)) => {
            refused("the file is UTF-16; save it as UTF-8")
        }
        Err(cut::RowFault::NotUtf8) => refused("the header is not UTF-8; save the file as UTF-8"),
        Err(_) => refused("the header cannot be read: is this a CSV file, and is the delimiter right?"),
    }
}
