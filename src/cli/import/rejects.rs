//! Rows that were not taken in, kept for the user: one JSON object per line.

use std::{
    fs::{File, OpenOptions},
    io::{self, BufWriter, Seek as _, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;

use super::checkpoint::remove;

/// Only the user: the rows hold personal data.
const MODE: u32 = 0o600;

/// One row that was not taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reject {
    pub line: u64,
    /// For programs, for example `INVALID_ROW` or a reason of the service.
    pub reason: String,
    /// The field at fault; empty when it is the whole row.
    pub field: String,
    /// For people.
    pub message: String,
    pub row: RawRow,
}

/// What is kept of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RawRow {
    /// The row itself.
    Text(String),
    /// Bytes that are no text, or the beginning of too many.
    Bytes(Vec<u8>),
}

impl Reject {
    fn to_json(&self) -> String {
        let (name, row) = match &self.row {
            RawRow::Text(text) => ("row", text.clone()),
            RawRow::Bytes(bytes) => ("row_base64", STANDARD.encode(bytes)),
        };
        let (line, reason, field, message) = (self.line, &self.reason, &self.field, &self.message);
        json!({ "line": line, "reason": reason, "field": field, "message": message, name: row }).to_string()
    }
}

/// Where rejections go.
pub struct Rejects(Mutex<RejectSink>);

enum RejectSink {
    /// A file that is made for the first rejection.
    File {
        path: PathBuf,
        out: Option<BufWriter<File>>,
    },
    Memory(Vec<Reject>),
}

impl Rejects {
    /// A file of this run; one of an earlier run is removed, so that what is there afterwards belongs to this one.
    pub fn to_file(path: PathBuf) -> io::Result<Self> {
        remove(&path)?;
        Ok(Self(Mutex::new(RejectSink::File { path, out: None })))
    }

    /// Goes on with the file of an earlier run, at a place between two rows.
    pub fn after(path: PathBuf, bytes: u64) -> io::Result<Self> {
        if bytes == 0 {
            return Self::to_file(path);
        }
        let mut file = OpenOptions::new().write(true).open(&path)?;
        file.set_len(bytes)?;
        file.seek(io::SeekFrom::End(0))?;
        Ok(Self(Mutex::new(RejectSink::File { path, out: Some(BufWriter::new(file)) })))
    }

    /// Makes sure that what was added outlives the machine. The length of the file.
    pub fn sync(&self) -> io::Result<u64> {
        match &mut *self.lock() {
            RejectSink::Memory(_) | RejectSink::File { out: None, .. } => Ok(0),
            RejectSink::File { out: Some(out), .. } => {
                out.flush()?;
                out.get_ref().sync_all()?;
                out.stream_position()
            }
        }
    }

    pub fn to_memory() -> Self {
        Self(Mutex::new(RejectSink::Memory(Vec::new())))
    }

    pub fn add(&self, reject: Reject) -> io::Result<()> {
        match &mut *self.lock() {
            RejectSink::Memory(rows) => {
                rows.push(reject);
                Ok(())
            }
            RejectSink::File { path, out } => {
                let out = match out {
                    Some(out) => out,
                    None => {
                        // Never through a link or into a file that somebody else can read.
                        let file = OpenOptions::new().write(true).create_new(true).mode(MODE).open(&*path)?;
                        out.insert(BufWriter::new(file))
                    }
                };
                writeln!(out, "{}", reject.to_json())
            }
        }
    }

    /// Writes out what is buffered. The path, when there is a file; the rows, when they are in memory.
    pub fn finish(&self) -> io::Result<(Option<PathBuf>, Vec<Reject>)> {
        match &mut *self.lock() {
            RejectSink::Memory(rows) => Ok((None, std::mem::take(rows))),
            RejectSink::File { out: None, .. } => Ok((None, Vec::new())),
            RejectSink::File { path, out: Some(out) } => {
                out.flush()?;
                Ok((Some(path.clone()), Vec::new()))
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, RejectSink> {
        // A panic while writing leaves at worst half a line; the others are still worth having.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt as _};

    use super::*;

    fn reject(row: RawRow) -> Reject {
        Reject { line: 3, reason: "INVALID_ROW".into(), field: "customer".into(), message: "is odd".into(), row }
    }

    #[test]
    fn the_file_is_the_users_alone_and_holds_the_row() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("in.ndjson.rejects.ndjson");
        fs::write(&path, "of an earlier run").expect("written");
        let rejects = Rejects::to_file(path.clone()).expect("free");
        assert!(!path.exists(), "nothing rejected, no file");
        rejects.add(reject(RawRow::Text("{\"a\": \"ü\"}".into()))).expect("written");
        rejects.add(reject(RawRow::Bytes(vec![0xff]))).expect("written");
        assert_eq!(rejects.finish().expect("flushed").0, Some(path.clone()));
        assert_eq!(fs::metadata(&path).expect("is there").permissions().mode() & 0o777, MODE);
        let text = fs::read_to_string(&path).expect("text");
        let rows: Vec<serde_json::Value> = text.lines().map(|line| line.parse().expect("JSON")).collect();
        assert_eq!((&rows[0]["line"], &rows[0]["row"]), (&json!(3), &json!("{\"a\": \"ü\"}")));
        assert_eq!(rows[1]["row_base64"], json!("/w=="));
    }
}
