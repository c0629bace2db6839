//! The wrapping key in a local file (mode 0600) or in the environment.

use std::{
    fs,
    io::Write,
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::Path,
};

use async_trait::async_trait;
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use base64::Engine;
use zeroize::Zeroizing;

use super::{KEY_LEN, Keys, Result, StoreError, random};
use crate::hex::hex;

/// The first byte of wrapped bytes: which way of wrapping.
const WRAPPED_LOCALLY: u8 = 1;

/// Why the wrapping key cannot be used, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum LocalKeysError {
    #[error("the wrapping key file {path} cannot be read or made: {cause}")]
    File { path: String, cause: std::io::Error },
    #[error("the wrapping key file {0} can be read by others: set its mode to 0600 (chmod 600)")]
    Mode(String),
    #[error(
        "the wrapping key must be 32 bytes in base64: give the one that sealed this store, since no other opens it; a new one \
         (from: openssl rand -base64 32) is for a new store only"
    )]
    Form,
    #[error(
        "the wrapping key file {0} does not hold 32 bytes in base64: bring back the key that sealed this store, since no other \
         opens it; a new one (from: openssl rand -base64 32) is for a new store only"
    )]
    FileForm(String),
    #[error("the wrapping key cannot be made: the system's random generator failed")]
    Random,
}

/// Wraps with a key that this process holds in memory.
pub struct LocalKeys {
    key: LessSafeKey,
    /// What the key was read from, for messages.
    origin: String,
}

impl LocalKeys {
    /// From 32 bytes in base64.
    pub fn from_base64(text: &str) -> std::result::Result<Self, LocalKeysError> {
        Self::from_bytes(&decoded(text)?)
    }

    /// From 32 bytes.
    pub fn from_bytes(raw: &[u8]) -> std::result::Result<Self, LocalKeysError> {
        let key = UnboundKey::new(&AES_256_GCM, raw).map_err(|_| LocalKeysError::Form)?;
        Ok(Self { key: LessSafeKey::new(key), origin: "the settings".to_owned() })
    }

    /// Whether two files hold one key.
    ///
    /// # Errors
    /// As [`LocalKeys::from_file`].
    pub fn are_same(one: &Path, other: &Path) -> std::result::Result<bool, LocalKeysError> {
        Ok(*read(one)? == *read(other)?)
    }

    /// From a file; made with a new key, mode 0600, when it is not there.
    pub fn from_file(path: &Path) -> std::result::Result<Self, LocalKeysError> {
        let keys = match read(path) {
            Err(LocalKeysError::File { cause, .. }) if cause.kind() == std::io::ErrorKind::NotFound => {
                let raw = Zeroizing::new(random::<KEY_LEN>().map_err(|_| LocalKeysError::Random)?);
                let text = Zeroizing::new(base64::engine::general_purpose::STANDARD.encode(*raw));
                write_new(path, &text)
                    .map_err(|cause| LocalKeysError::File { path: path.display().to_string(), cause })?;
                Self::from_bytes(raw.as_slice())
            }
            found => Self::from_bytes(&found?).map_err(|_| LocalKeysError::FileForm(path.display().to_string())),
        };
        Ok(Self { origin: path.display().to_string(), ..keys? })
    }
}

/// The key of a file, in memory that is wiped.
fn read(path: &Path) -> std::result::Result<Zeroizing<Vec<u8>>, LocalKeysError> {
    let place = || path.display().to_string();
    let fault = |cause| LocalKeysError::File { path: place(), cause };
    if fs::metadata(path).map_err(fault)?.permissions().mode() & 0o077 != 0 {
        return Err(LocalKeysError::Mode(place()));
    }
    let text = Zeroizing::new(fs::read_to_string(path).map_err(fault)?);
    decoded(&text).map_err(|_| LocalKeysError::FileForm(place()))
}

fn decoded(text: &str) -> std::result::Result<Zeroizing<Vec<u8>>, LocalKeysError> {
    let raw = base64::engine::general_purpose::STANDARD.decode(text.trim()).map_err(|_| LocalKeysError::Form)?;
    Ok(Zeroizing::new(raw))
}

/// Bytes of a draft's name: no two processes draw the same.
const DRAFT_LEN: usize = 8;

/// Written and synced under another name first: a key file that is half written would lose everything it wraps.
fn write_new(path: &Path, text: &str) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let number = random::<DRAFT_LEN>().map_err(std::io::Error::other)?;
    // Of its own name and new: what lies there already keeps its mode, and may be somebody else's.
    let draft = path.with_extension(format!("new-{}", hex(&number)));
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    let written = (|| {
        file.write_all(text.as_bytes())?;
        file.write_all(b"\n")?;
        file.sync_all()?;
        // Fails rather than replaces if another process was quicker.
        fs::hard_link(&draft, path)
    })();
    fs::remove_file(&draft)?;
    written?;
    fs::File::open(folder)?.sync_all()
}

#[async_trait]
impl Keys for LocalKeys {
    fn origin(&self) -> &str {
        &self.origin
    }

    fn knows(&self, wrapped: &[u8]) -> bool {
        wrapped.first() == Some(&WRAPPED_LOCALLY)
    }

    async fn wrap(&self, context: &[u8], key: &[u8; KEY_LEN]) -> Result<Vec<u8>> {
        let nonce = random::<NONCE_LEN>()?;
        let mut sealed = key.to_vec();
        self.key
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(context), &mut sealed)
            .map_err(|_| StoreError::Corrupt("a data key could not be wrapped".into()))?;
        let mut out = Vec::with_capacity(1 + NONCE_LEN + sealed.len());
        out.push(WRAPPED_LOCALLY);
        out.extend_from_slice(&nonce);
        out.append(&mut sealed);
        Ok(out)
    }

    async fn unwrap(&self, context: &[u8], wrapped: &[u8]) -> Result<Zeroizing<[u8; KEY_LEN]>> {
        let damaged =
            || StoreError::Corrupt("a data key does not unwrap: damaged, or wrapped with another wrapping key".into());
        let rest = wrapped.strip_prefix(&[WRAPPED_LOCALLY]).ok_or_else(damaged)?;
        let (nonce, body) = rest.split_at_checked(NONCE_LEN).ok_or_else(damaged)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| damaged())?;
        let mut buffer = Zeroizing::new(body.to_vec());
        let plain = self.key.open_in_place(nonce, Aad::from(context), &mut buffer).map_err(|_| damaged())?;
        let mut key = Zeroizing::new([0; KEY_LEN]);
        if plain.len() != KEY_LEN {
            return Err(damaged());
        }
        key.copy_from_slice(plain);
        Ok(key)
    }
}
