//! Sealing: what is stored of a customer is unreadable without that customer's data key.
//!
//! AES-256-GCM with a data key per customer. The associated data names tenant, customer, format and place, so that bytes
//! moved to another customer, another revision or another entry do not open. Data keys are wrapped with the tenant's key ([`TenantKey`]), which
//! [`Keys`] wraps, and live in the key store, apart from the data: destroying an entry there makes everything it sealed unreadable.

mod blind;
mod local;
mod ring;
mod tenant;

pub use blind::{IndexKey, Label};
pub use local::{LocalKeys, LocalKeysError};
pub use ring::{INDEX_KEY_VERSION, KeyRing, KeyState, Rewrapped, TENANT_KEY_VERSION};
pub use tenant::{TenantKey, Use, is_wrapped_by_tenant_key};

use async_trait::async_trait;
use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    rand,
};

use super::{CustomerKey, EntryId, Lane, Result, StoreError};

/// Bytes of a data key and of the wrapping key.
pub const KEY_LEN: usize = 32;
/// Bytes that sealing adds: nonce and tag.
pub const SEAL_OVERHEAD: usize = NONCE_LEN + 16;

/// Wraps data keys with a key that this process alone can reach: a local file, the environment, a key service.
#[async_trait]
pub trait Keys: Send + Sync + 'static {
    /// Where the wrapping key comes from, for messages.
    fn origin(&self) -> &str;

    /// Whether these bytes are wrapped in a way that it knows, by whatever key.
    fn knows(&self, wrapped: &[u8]) -> bool;

    /// Wraps a data key; `context` must be the same to unwrap it.
    async fn wrap(&self, context: &[u8], key: &[u8; KEY_LEN]) -> Result<Vec<u8>>;

    /// Unwraps it. Damaged bytes, or another wrapping key: [`StoreError::Corrupt`]. A key service that is away:
    /// [`StoreError::Unavailable`].
    async fn unwrap(&self, context: &[u8], wrapped: &[u8]) -> Result<zeroize::Zeroizing<[u8; KEY_LEN]>>;
}

/// Random bytes from the system's generator.
pub fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).map_err(|_| StoreError::Unavailable("the system's random generator failed".into()))?;
    Ok(bytes)
}

/// A key ready for sealing.
pub struct DataKey(LessSafeKey);

impl DataKey {
    pub fn new(raw: &[u8; KEY_LEN]) -> Result<Self> {
        let key = UnboundKey::new(&AES_256_GCM, raw).map_err(|_| StoreError::Corrupt("a data key".into()))?;
        Ok(Self(LessSafeKey::new(key)))
    }

    /// Appends nonce, sealed bytes and tag to `out`.
    pub fn seal(&self, place: &AssociatedData<'_>, plain: Vec<u8>, out: &mut Vec<u8>) -> Result<()> {
        let nonce = random::<NONCE_LEN>()?;
        let mut sealed = plain;
        self.0
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(place.bytes()), &mut sealed)
            .map_err(|_| StoreError::Corrupt("could not be sealed".into()))?;
        out.extend_from_slice(&nonce);
        out.append(&mut sealed);
        Ok(())
    }

    /// Opens what [`DataKey::seal`] appended.
    pub fn open(&self, place: &AssociatedData<'_>, sealed: &[u8]) -> Result<Opened> {
        let damaged = || StoreError::Corrupt("the seal does not open".into());
        let (nonce, body) = sealed.split_at_checked(NONCE_LEN).ok_or_else(damaged)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| damaged())?;
        let mut opened = Opened(body.to_vec());
        let buffer = &mut opened.0;
        let length = self.0.open_in_place(nonce, Aad::from(place.bytes()), buffer).map_err(|_| damaged())?.len();
        buffer.truncate(length);
        Ok(opened)
    }
}

/// What was sealed, in the clear: overwritten when it is dropped, so that freed memory holds nothing of it.
#[derive(Debug)]
pub struct Opened(Vec<u8>);

impl std::ops::Deref for Opened {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl Opened {
    fn wipe(&mut self) {
        self.0.fill(0);
        // Nobody reads the zeros: without this, the compiler may leave them out. (`zeroize` writes byte by byte, which takes as long
        // as opening.)
        std::hint::black_box(&self.0);
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        self.wipe();
    }
}

/// The associated data of a seal: says where the sealed bytes stand, so that they open nowhere else.
pub enum AssociatedData<'a> {
    /// The record's body: its clear header is bound to it.
    Record { key: &'a CustomerKey, header: &'a [u8] },
    /// An entry of the history.
    Entry { key: &'a CustomerKey, format: u16, lane: Lane, id: &'a EntryId },
    /// The remembered requests.
    Requests { key: &'a CustomerKey },
    /// What has a key of its own, derived for its place: what stands beside it in the clear.
    Beside(&'a [u8]),
}

impl AssociatedData<'_> {
    fn bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(128);
        let key = match self {
            Self::Record { key, header } => {
                out.push(b'r');
                out.extend_from_slice(header);
                key
            }
            Self::Entry { key, format, lane, id } => {
                out.push(match lane {
                    Lane::Interactions => b'i',
                    Lane::Changes => b'c',
                });
                out.extend_from_slice(&format.to_be_bytes());
                out.extend_from_slice(*id);
                key
            }
            Self::Requests { key } => {
                out.push(b'q');
                key
            }
            Self::Beside(clear) => return clear.to_vec(),
        };
        out.extend_from_slice(key.customer.as_bytes());
        out.extend_from_slice(key.tenant.as_str().as_bytes());
        out
    }
}

#[cfg(test)]
mod tests;
