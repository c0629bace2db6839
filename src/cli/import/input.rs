//! Where the bytes come from: a file or standard input, plain or compressed. What it is compressed with is told by its
//! first bytes, whatever its name.

use std::{
    fs::File,
    io::{self, BufReader, Read},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

const BUFFER_BYTES: usize = 256 << 10;
const GZIP: &[u8] = &[0x1f, 0x8b];
const ZSTD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];
/// The longest of these signs.
const MAGIC_BYTES: u64 = 4;

/// An opened input, not read yet.
pub struct Input {
    raw: Box<dyn Read + Send>,
    /// Its size as it is stored, if it is a file.
    pub bytes: Option<u64>,
    /// How much of it was read, as it is stored.
    pub bytes_read: Arc<AtomicU64>,
}

impl Input {
    pub fn stdin() -> Self {
        Self::new(io::stdin(), None)
    }

    pub fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let bytes = file.metadata().ok().filter(std::fs::Metadata::is_file).map(|metadata| metadata.len());
        Ok(Self::new(file, bytes))
    }

    pub fn new(raw: impl Read + Send + 'static, bytes: Option<u64>) -> Self {
        Self { raw: Box::new(raw), bytes, bytes_read: Arc::default() }
    }

    /// The text. Waits for the first bytes.
    pub fn decode(self) -> io::Result<BufReader<Box<dyn Read + Send>>> {
        let mut raw = Counted { inner: self.raw, bytes: self.bytes_read };
        let mut magic = Vec::new();
        (&mut raw).take(MAGIC_BYTES).read_to_end(&mut magic)?;
        let (is_gzip, is_zstd) = (magic.starts_with(GZIP), magic.starts_with(ZSTD));
        let raw = BufReader::with_capacity(BUFFER_BYTES, io::Cursor::new(magic).chain(raw));
        let text: Box<dyn Read + Send> = if is_gzip {
            Box::new(flate2::bufread::MultiGzDecoder::new(raw))
        } else if is_zstd {
            Box::new(zstd::stream::read::Decoder::with_buffer(raw)?)
        } else {
            Box::new(raw)
        };
        Ok(BufReader::with_capacity(BUFFER_BYTES, text))
    }
}

/// Counts what passes.
struct Counted {
    inner: Box<dyn Read + Send>,
    bytes: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.bytes.fetch_add(read as u64, Relaxed);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        out.write_all(text).expect("memory");
        out.finish().expect("memory")
    }

    fn zstd(text: &[u8]) -> Vec<u8> {
        zstd::encode_all(text, 0).expect("memory")
    }

    fn decode(bytes: Vec<u8>) -> io::Result<Vec<u8>> {
        let mut text = Vec::new();
        Input::new(io::Cursor::new(bytes), None).decode()?.read_to_end(&mut text)?;
        Ok(text)
    }

    #[test]
    fn the_first_bytes_decide() {
        let text = b"one\ntwo\n".repeat(1_000);
        for bytes in [text.clone(), gzip(&text), zstd(&text)] {
            assert_eq!(decode(bytes).expect("reads"), text);
        }
        for short in [&b""[..], b"a", &GZIP[..1]] {
            assert_eq!(decode(short.to_vec()).expect("reads"), short);
        }
    }

    #[test]
    fn compressed_files_may_be_joined() {
        assert_eq!(decode([gzip(b"one\n"), gzip(b"two\n")].concat()).expect("reads"), b"one\ntwo\n");
        assert_eq!(decode([zstd(b"one\n"), zstd(b"two\n")].concat()).expect("reads"), b"one\ntwo\n");
    }

    #[test]
    fn a_cut_off_file_is_told_from_a_whole_one() {
        for mut bytes in [gzip(b"one\ntwo\n"), zstd(b"one\ntwo\n")] {
            bytes.truncate(bytes.len() - 3);
            assert_eq!(decode(bytes).expect_err("is cut off").kind(), io::ErrorKind::UnexpectedEof);
        }
    }
}
