//! The tenant's key: wraps the keys of its customers and its index key, and seals what is no single customer's: the log, tallies, documents.
//!
//! Nothing is sealed with it as it is: each place has a key of its own, derived from it. So bytes open in their place alone, and no key comes
//! near the 2^32 messages that AES-GCM takes under random nonces, however long a busy tenant writes its log.

use aws_lc_rs::hmac;
use zeroize::Zeroizing;

use super::{AssociatedData, DataKey, KEY_LEN, Opened, Result, StoreError};

/// The first byte of what is wrapped with a tenant's key. What is wrapped by [`super::Keys`] begins with another one.
const WRAPPED_BY_TENANT_KEY: u8 = 2;

/// Whether a wrapped key is wrapped with the tenant's key, and not by [`super::Keys`].
pub fn is_wrapped_by_tenant_key(wrapped: &[u8]) -> bool {
    wrapped.first() == Some(&WRAPPED_BY_TENANT_KEY)
}

/// What a key is derived for: no two uses share one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// A customer's key, or the index key.
    Key,
    /// Log entries of a customer.
    Log,
    /// A document, or a tally, by its name in the store.
    Value,
}

impl Use {
    /// Fixed for ever.
    fn byte(self) -> u8 {
        match self {
            Self::Key => 1,
            Self::Log => 2,
            Self::Value => 3,
        }
    }
}

/// A tenant's key, ready for use.
pub struct TenantKey {
    root: hmac::Key,
    epoch: u64,
}

impl TenantKey {
    /// As read in an epoch of the stores.
    pub fn new(raw: &[u8; KEY_LEN], epoch: u64) -> Self {
        Self { root: hmac::Key::new(hmac::HMAC_SHA256, raw), epoch }
    }

    /// The epoch of the stores when it was read.
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    fn of_place(&self, purpose: Use, place: &[u8]) -> Result<DataKey> {
        let mut context = hmac::Context::with_key(&self.root);
        context.update(&[purpose.byte()]);
        context.update(place);
        let mut derived = Zeroizing::new([0; KEY_LEN]);
        derived.copy_from_slice(context.sign().as_ref());
        DataKey::new(&derived)
    }

    /// Appends `plain`, sealed, to `out`. It opens in the same place, beside the same bytes.
    pub fn seal(&self, purpose: Use, place: &[u8], beside: &[u8], plain: Vec<u8>, out: &mut Vec<u8>) -> Result<()> {
        self.of_place(purpose, place)?.seal(&AssociatedData::Beside(beside), plain, out)
    }

    /// Opens what [`TenantKey::seal`] appended.
    ///
    /// # Errors
    /// `Corrupt`: damaged, moved, or of another key.
    pub fn open(&self, purpose: Use, place: &[u8], beside: &[u8], sealed: &[u8]) -> Result<Opened> {
        self.of_place(purpose, place)?.open(&AssociatedData::Beside(beside), sealed)
    }

    /// Wraps another key; `context` must be the same to unwrap it.
    pub fn wrap(&self, context: &[u8], raw: &[u8; KEY_LEN]) -> Result<Vec<u8>> {
        let mut out = vec![WRAPPED_BY_TENANT_KEY];
        self.seal(Use::Key, context, &[], raw.to_vec(), &mut out)?;
        Ok(out)
    }

    /// Unwraps what [`TenantKey::wrap`] wrapped.
    ///
    /// # Errors
    /// `Corrupt`: damaged, of another name, or of another key.
    pub fn unwrap(&self, context: &[u8], wrapped: &[u8]) -> Result<Zeroizing<[u8; KEY_LEN]>> {
        let damaged =
            || StoreError::Corrupt("a key does not unwrap: damaged, or wrapped with another tenant key".into());
        let sealed = wrapped.strip_prefix(&[WRAPPED_BY_TENANT_KEY]).ok_or_else(damaged)?;
        let opened = self.open(Use::Key, context, &[], sealed).map_err(|_| damaged())?;
        let mut raw = Zeroizing::new([0; KEY_LEN]);
        if opened.len() != KEY_LEN {
            return Err(damaged());
        }
        raw.copy_from_slice(&opened);
        Ok(raw)
    }
}
