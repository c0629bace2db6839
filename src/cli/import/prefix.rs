//! What was read so far, by which a file is recognised when an import goes on where it stopped.

use std::io::{self, Read};

use aws_lc_rs::digest::{Context, SHA256};

use crate::hex::hex;

/// Read at once, at most.
const CHUNK_BYTES: usize = 256 << 10;

/// Length and digest of all bytes up to a place.
#[derive(Clone)]
pub struct Prefix {
    pub bytes: u64,
    digest: Context,
}

impl Default for Prefix {
    fn default() -> Self {
        Self { bytes: 0, digest: Context::new(&SHA256) }
    }
}

impl Prefix {
    pub fn add(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        self.digest.update(bytes);
    }

    /// As hexadecimal digits.
    pub fn digest(&self) -> String {
        hex(self.digest.clone().finish().as_ref())
    }

    /// The digest of a whole text.
    pub fn of_text(text: &str) -> String {
        let mut prefix = Self::default();
        prefix.add(text.as_bytes());
        prefix.digest()
    }

    /// The prefix of this length; a shorter one when the text is shorter.
    pub fn of(text: impl Read, bytes: u64) -> io::Result<Self> {
        let (mut prefix, mut text) = (Self::default(), text.take(bytes));
        let mut chunk = vec![0; CHUNK_BYTES];
        loop {
            match text.read(&mut chunk) {
                Ok(0) => return Ok(prefix),
                Ok(read) => prefix.add(&chunk[..read]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}
