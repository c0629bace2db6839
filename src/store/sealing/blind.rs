//! The tenant's index key: blinds identities, recognises repeats, signs tokens.

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hmac,
};

use super::KEY_LEN;
use crate::{
    domain::{
        TenantId,
        identity::{Identity, IdentityType},
        occasion::{Calendar, YearDay},
    },
    store::{EntryId, IdentityKey, hints::DayDigest},
};

/// What a keyed hash is for. Part of the hash, so that a hash for one use is never valid for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Label {
    /// An identity, as the key under which it is found.
    Identity,
    /// Source and external id of an interaction: its id in the history.
    Interaction,
    /// The content of an interaction: the same one again is a repetition, another one is refused.
    Fingerprint,
    /// The id of a request.
    RequestId,
    /// The content of a request: another one under the same id is refused.
    RequestBody,
    /// The id of a customer made under a request id, so that a repetition makes the same one.
    CustomerId,
    /// What a page token says: nobody but the server writes or reads one.
    PageToken,
    /// What a revision token says.
    RevisionToken,
    /// The name of a member of staff, as in the name of a budget.
    Staff,
    /// A day of the year, as the index of occasions has it.
    Occasion,
    /// An item, in what others buy.
    Item,
    /// A customer, in the crowd that bought an item.
    Buyer,
}

impl Label {
    fn byte(self) -> u8 {
        match self {
            Self::Identity => 1,
            Self::Interaction => 2,
            Self::Fingerprint => 3,
            Self::RequestId => 4,
            Self::RequestBody => 5,
            Self::CustomerId => 6,
            Self::PageToken => 7,
            Self::RevisionToken => 8,
            // 9 was the token of a feed of changes.
            Self::Staff => 10,
            Self::Occasion => 11,
            Self::Item => 12,
            Self::Buyer => 13,
        }
    }
}

/// A tenant's index key of one version.
pub struct IndexKey {
    tenant: TenantId,
    version: u16,
    /// The epoch of the stores when it was read.
    epoch: u64,
    key: hmac::Key,
}

impl IndexKey {
    pub(crate) fn new(tenant: TenantId, version: u16, raw: &[u8; KEY_LEN]) -> Self {
        Self { tenant, version, epoch: 0, key: hmac::Key::new(hmac::HMAC_SHA256, raw) }
    }

    /// The same, for the tokens of an epoch of the stores.
    pub(crate) fn in_epoch(self, epoch: u64) -> Self {
        Self { epoch, ..self }
    }

    /// The epoch of the stores when the key was read: what is handed out under it counts in that one alone.
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// The first 16 bytes of HMAC-SHA-256 over the label and the parts, each with its length.
    pub fn digest(&self, label: Label, parts: &[&[u8]]) -> [u8; 16] {
        let mut context = hmac::Context::with_key(&self.key);
        context.update(&[label.byte()]);
        for part in parts {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        let tag = context.sign();
        let mut out = [0; 16];
        out.copy_from_slice(&tag.as_ref()[..16]);
        out
    }

    /// Bytes that only who has this key reads, and that open with the same label and binding alone. The same bytes are the same when sealed:
    /// the nonce is a keyed hash of them, so none is used for two messages.
    pub fn seal(&self, label: Label, bound_to: &[u8], plain: &[u8]) -> Vec<u8> {
        let digest = self.digest(label, &[b"nonce", bound_to, plain]);
        let mut nonce = [0; NONCE_LEN];
        nonce.copy_from_slice(&digest[..NONCE_LEN]);
        [&nonce[..], &sealed(&self.sealing(label), nonce, bound_to, plain.to_vec())].concat()
    }

    /// What [`IndexKey::seal`] sealed; `None`: another key, label or binding, or damage.
    pub fn open(&self, label: Label, bound_to: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, body) = sealed.split_at_checked(NONCE_LEN)?;
        let (nonce, mut body) = (Nonce::try_assume_unique_for_key(nonce).ok()?, body.to_vec());
        let length = self.sealing(label).open_in_place(nonce, Aad::from(bound_to), &mut body).ok()?.len();
        body.truncate(length);
        Some(body)
    }

    /// The key of seals with a label.
    fn sealing(&self, label: Label) -> LessSafeKey {
        let halves = [&b"key, first half"[..], b"key, second half"].map(|half| self.digest(label, &[half]));
        let key = UnboundKey::new(&AES_256_GCM, &halves.concat()).expect("it has 32 bytes");
        LessSafeKey::new(key)
    }

    /// Where an identity is found in the store. Nothing of the identity can be read from it.
    pub fn blind(&self, identity: &Identity) -> IdentityKey {
        let kind = kind_byte(identity.kind);
        let digest = self.digest(Label::Identity, &[&[kind], identity.issuer.as_bytes(), identity.value.as_bytes()]);
        IdentityKey { tenant: self.tenant.clone(), version: self.version, digest }
    }

    /// Where the index has the occasions of a day of the year. Who has the store alone learns whose days are the same, and
    /// not when they are.
    pub fn blind_day(&self, day: YearDay) -> DayDigest {
        let YearDay { calendar, month, day } = day;
        let digest =
            self.digest(Label::Occasion, &[&[calendar_byte(calendar)], &month.to_be_bytes(), &day.to_be_bytes()]);
        let mut short = DayDigest::default();
        let length = short.len();
        short.copy_from_slice(&digest[..length]);
        short
    }

    /// The id of an interaction in the history.
    pub fn entry_id(&self, source: &str, external_id: &str) -> EntryId {
        self.digest(Label::Interaction, &[source.as_bytes(), external_id.as_bytes()])
    }

    /// Part of every key that it blinds.
    pub fn version(&self) -> u16 {
        self.version
    }
}

fn sealed(key: &LessSafeKey, nonce: [u8; NONCE_LEN], bound_to: &[u8], mut body: Vec<u8>) -> Vec<u8> {
    let nonce = Nonce::assume_unique_for_key(nonce);
    let sealed = key.seal_in_place_append_tag(nonce, Aad::from(bound_to), &mut body);
    sealed.expect("it is far shorter than the 64 GiB that AES-GCM takes");
    body
}

/// Fixed for ever: part of stored keys.
fn kind_byte(kind: IdentityType) -> u8 {
    match kind {
        IdentityType::Loyalty => 1,
        IdentityType::Pms => 2,
        IdentityType::Pos => 3,
        IdentityType::System => 4,
        IdentityType::Phone => 5,
        IdentityType::Email => 6,
        IdentityType::Room => 7,
        IdentityType::Table => 8,
    }
}

/// Fixed for ever, as [`kind_byte`].
fn calendar_byte(calendar: Calendar) -> u8 {
    match calendar {
        Calendar::Gregorian => 1,
        Calendar::Chinese => 2,
        Calendar::Hebrew => 3,
        Calendar::Hijri => 4,
    }
}
