//! The remembered requests of a customer, sealed with the customer's key: what they made is nobody else's.
//!
//! | written in | bytes |
//! |---|---|
//! | format 1, and by what wrote format 2 before | the message, in the clear |
//! | format 2 | [`SEALED`], the sealed message |
//!
//! No message begins with [`SEALED`], since no field has the number 0. A list of none is no bytes.

use bytes::Bytes;

use crate::store::{
    CustomerKey, Lane, Result, Revision,
    codec::{
        requests::{self, GestureMade, Remembered},
        sealed::SEALED,
    },
    records::Records,
    sealing::{AssociatedData, DataKey, KeyState, SEAL_OVERHEAD},
};

/// The format in which they are sealed: a release that writes the one before cannot open them.
const SEALED_FORMAT: u16 = 2;

/// A request to remember with this change.
pub struct NewRequest {
    /// Those remembered before and still to be kept, oldest first.
    pub earlier: Vec<Remembered>,
    pub id: [u8; 16],
    pub body_hash: [u8; 16],
    pub created: Vec<String>,
    pub gesture: Option<GestureMade>,
}

impl NewRequest {
    /// The list with it, as it is stored.
    pub(super) fn seal(
        self,
        key: &CustomerKey,
        data_key: &DataKey,
        format: u16,
        revision: Revision,
        time_ms: i64,
    ) -> Result<Bytes> {
        let Self { mut earlier, id, body_hash, created, gesture } = self;
        earlier.push(Remembered { id, body_hash, time_ms, revision, created, gesture });
        seal_requests(key, data_key, format, &earlier)
    }
}

/// The list as it is stored.
pub(super) fn seal_requests(key: &CustomerKey, data_key: &DataKey, format: u16, list: &[Remembered]) -> Result<Bytes> {
    let plain = requests::encode(list);
    if plain.is_empty() || format < SEALED_FORMAT {
        return Ok(plain.into());
    }
    let mut out = Vec::with_capacity(1 + plain.len() + SEAL_OVERHEAD);
    out.push(SEALED);
    data_key.seal(&AssociatedData::Requests { key }, plain, &mut out)?;
    Ok(out.into())
}

/// The stored list, sealed, if it is in the clear; `None`: it is sealed, or empty, or does not decode, which fsck tells.
///
/// # Errors
/// Those of the system's randomness.
pub fn seal_anew(key: &CustomerKey, data_key: &DataKey, stored: &[u8]) -> Result<Option<Bytes>> {
    in_the_clear(stored).map(|list| seal_requests(key, data_key, SEALED_FORMAT, &list)).transpose()
}

/// The list behind stored bytes that are not sealed.
fn in_the_clear(stored: &[u8]) -> Option<Vec<Remembered>> {
    let is_clear = stored.first().is_some_and(|first| *first != SEALED);
    is_clear.then(|| requests::decode(stored).ok())?
}

/// Whether [`seal_anew`] would seal it.
pub fn is_in_the_clear(stored: &[u8]) -> bool {
    in_the_clear(stored).is_some()
}

/// The list behind stored bytes; none: nothing is remembered.
///
/// # Errors
/// `Corrupt`: it does not open, or does not decode.
pub(super) fn open_requests(key: &CustomerKey, data_key: &DataKey, stored: Option<&[u8]>) -> Result<Vec<Remembered>> {
    match stored.unwrap_or_default() {
        [SEALED, sealed @ ..] => requests::decode(&data_key.open(&AssociatedData::Requests { key }, sealed)?),
        plain => requests::decode(plain),
    }
}

impl Records {
    /// Whether the remembered requests of a customer open and decode; what a record without its key has, its own check tells.
    ///
    /// # Errors
    /// `Corrupt`: they do not.
    pub async fn check_requests(&self, key: &CustomerKey) -> Result<()> {
        let loaded = self.store.load(key, Lane::Interactions, &[]).await?;
        let KeyState::Key(data_key) = self.ring.get(key).await? else { return Ok(()) };
        open_requests(key, &data_key, loaded.requests.as_deref()).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{CustomerId, TenantId},
        store::StoreError,
    };

    fn key(tenant: &str) -> CustomerKey {
        CustomerKey { tenant: TenantId::parse("", tenant).expect("a name"), customer: CustomerId::from_bytes([3; 16]) }
    }

    fn list() -> Vec<Remembered> {
        let revision = Revision { counter: 1, write_id: 2 };
        let created = vec!["p12".to_owned()];
        vec![Remembered { id: [1; 16], body_hash: [2; 16], time_ms: 3, revision, created, gesture: None }]
    }

    #[test]
    fn they_open_with_the_key_of_their_customer_alone() {
        let data_key = DataKey::new(&[7; 32]).expect("a key");
        let sealed = seal_requests(&key("acme"), &data_key, SEALED_FORMAT, &list()).expect("seals");
        assert!(!sealed.windows(3).any(|part| part == b"p12"));
        assert_eq!(open_requests(&key("acme"), &data_key, Some(&sealed)).expect("opens"), list());
        let other = DataKey::new(&[8; 32]).expect("a key");
        for (key, data_key) in [(key("acme"), &other), (key("other"), &data_key)] {
            assert!(matches!(open_requests(&key, data_key, Some(&sealed)), Err(StoreError::Corrupt(_))));
        }
    }

    #[test]
    fn what_was_written_in_the_clear_is_read_and_none_are_no_bytes() {
        let data_key = DataKey::new(&[7; 32]).expect("a key");
        let plain = seal_requests(&key("acme"), &data_key, SEALED_FORMAT - 1, &list()).expect("is written");
        assert_eq!(plain, requests::encode(&list()));
        assert_eq!(open_requests(&key("acme"), &data_key, Some(&plain)).expect("is read"), list());
        assert!(seal_requests(&key("acme"), &data_key, SEALED_FORMAT, &[]).expect("is written").is_empty());
        for none in [None, Some(&[][..])] {
            assert!(open_requests(&key("acme"), &data_key, none).expect("is read").is_empty());
        }
    }
}
