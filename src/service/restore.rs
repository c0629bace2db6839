//! Restores an export into a store: the same customers, with their ids, times, authors and history.
//!
//! It may run again: what is there already is left as it is, and a customer that exists with other content is refused.
//! Who was erased stays erased.

use std::time::Duration;

use super::{
    Caller, Maintenance,
    error::Error,
    identities::{Maker, Wanted, customers_max},
    indexing::{Standing, between},
    items::stored,
    principal::{Principal, Proof},
};
use crate::{
    domain::{
        CustomerId, TenantId, id::HoldToken, identity::IdentityType, limits::POLICY_VERSIONS_KEEP,
        profile::ProfileIdentity, whereabouts::Whereabouts,
    },
    store::{
        Commit, Document, IndexOp, Revision, StoreError, StoreExt as _,
        codec::formats::Message,
        keys::{self, POLICY},
        portable::{Header, Items},
        records::WholeCustomer,
        sealing::{KeyState, random},
    },
};

/// Why something of an export cannot be taken in.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// Nothing is taken in.
    #[error("the export is of the tenant {0}: give --tenant {0}, or choose the right file")]
    OtherTenant(TenantId),
    /// Nothing is taken in.
    #[error(
        "the tenant has another index key here, so that nothing of the export would be recognised: restore into a key \
         store that has none for this tenant, or into the one the export was made with"
    )]
    OtherIndexKey,
    /// Nothing is taken in.
    #[error("the export's index key does not open: give the wrapping key of the service that made the export")]
    OtherWrappingKey,
    /// This customer is left as they are.
    #[error("the customer exists with other content, and is left as it is")]
    Differs,
    /// The policy in force stays.
    #[error("another policy is in force; the export's was left out")]
    PolicyDiffers,
    /// The venue's items stay.
    #[error("the venue has other items; the export's were left out")]
    ItemsDiffer,
    /// The store failed, or the line breaks a rule.
    #[error(transparent)]
    Service(#[from] Error),
}

impl From<StoreError> for RestoreError {
    fn from(error: StoreError) -> Self {
        Self::Service(error.into())
    }
}

/// What became of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Restored {
    /// It was not there, and is now.
    New,
    /// It is here, without identities that others have, as many as may: these.
    Without(Vec<IdentityType>),
    /// It is here already, with the same content.
    Same,
    /// The customer was erased here, and stays so.
    Erased,
}

/// How often a hold of somebody else is waited for: a little longer than a hold is left alone. It may be that of a restore
/// which was killed, and is run again.
const HOLD_WAITS_MAX: usize = 24;
const HOLD_WAIT: Duration = Duration::from_millis(500);

type Result<T> = std::result::Result<T, RestoreError>;

/// A restoring under way.
pub struct Restore<'a> {
    parts: &'a Maintenance,
    tenant: TenantId,
    /// False: a trial run, in a key store that knows nothing of the tenant yet.
    has_keys: bool,
    trial: bool,
}

impl Maintenance {
    /// Begins: checks that the export is for this tenant and these keys. `trial`: nothing is written.
    ///
    /// # Errors
    /// Those that concern the whole file.
    pub async fn restore<'a>(&'a self, tenant: &TenantId, header: &Header, trial: bool) -> Result<Restore<'a>> {
        if header.tenant != *tenant {
            return Err(RestoreError::OtherTenant(header.tenant.clone()));
        }
        let (version, wrapped) = &header.index_key;
        let is_own = match self.records.ring.has_index_key(tenant, *version, wrapped).await {
            Err(StoreError::Corrupt(_)) => return Err(RestoreError::OtherWrappingKey),
            found => found?,
        };
        match is_own {
            Some(true) => {}
            Some(false) => return Err(RestoreError::OtherIndexKey),
            None if trial => return Ok(Restore { parts: self, tenant: tenant.clone(), has_keys: false, trial }),
            None => self.records.ring.adopt_index_key(tenant, *version, wrapped.clone()).await?,
        }
        Ok(Restore { parts: self, tenant: tenant.clone(), has_keys: true, trial })
    }
}

/// Who acts when the operator does. It writes nothing under its own name.
pub(super) fn maintainer(tenant: &TenantId) -> Principal {
    Principal {
        tenant: tenant.clone(),
        device: "rapport-cli".to_owned(),
        staff: String::new(),
        role: "operator".to_owned(),
        proof: Proof::Asserted,
        peer: None,
    }
}

impl RestoreError {
    /// For programs, as in a reject file.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::OtherTenant(_) => "OTHER_TENANT",
            Self::OtherIndexKey => "OTHER_INDEX_KEY",
            Self::OtherWrappingKey => "OTHER_WRAPPING_KEY",
            Self::Differs => "CUSTOMER_DIFFERS",
            Self::PolicyDiffers => "POLICY_DIFFERS",
            Self::ItemsDiffer => "ITEMS_DIFFER",
            Self::Service(Error::IdentityTaken { .. }) => "IDENTITY_TAKEN",
            Self::Service(Error::LimitReached { .. }) => "LIMIT_REACHED",
            Self::Service(Error::Store(StoreError::Corrupt(_))) => "DATA_LOSS",
            Self::Service(_) => "NOT_STORED",
        }
    }

    /// Whether the next line may fare better: the fault is this line's, not the store's.
    pub fn concerns_one_line(&self) -> bool {
        match self {
            Self::Differs | Self::PolicyDiffers | Self::ItemsDiffer => true,
            Self::Service(fault) => matches!(
                fault,
                Error::IdentityTaken { .. }
                    | Error::IdentityHeld { .. }
                    | Error::LimitReached { .. }
                    | Error::Contended
                    | Error::Store(StoreError::Corrupt(_))
            ),
            Self::OtherTenant(_) | Self::OtherIndexKey | Self::OtherWrappingKey => false,
        }
    }
}

impl Restore<'_> {
    /// A version of the policy. They come in order, the one in force last; `before`: the revision of the one before.
    pub async fn policy(&self, document: Document, before: Option<Revision>) -> Result<Restored> {
        let store = self.parts.records.store.as_ref();
        let current = store.document(&self.tenant, POLICY, None).await?;
        let counter = document.revision.counter;
        if current.as_ref().is_some_and(|current| current.revision.counter >= counter) {
            let there = store.document(&self.tenant, POLICY, Some(counter)).await?;
            // A version that is kept no longer says nothing.
            let is_same = there.is_none_or(|there| there == document);
            return if is_same { Ok(Restored::Same) } else { Err(RestoreError::PolicyDiffers) };
        }
        let expect = current.map(|current| current.revision);
        if expect.is_some() && expect != before {
            return Err(RestoreError::PolicyDiffers);
        }
        self.parts.records.write_format.allows(Message::Policy, &document.bytes)?;
        if !self.trial {
            let keep = POLICY_VERSIONS_KEEP.unsigned_abs();
            store.put_document(&self.tenant, POLICY, expect, document, keep).await?;
            self.parts.records.ring.note_policy(&self.tenant, counter).await?;
        }
        Ok(Restored::New)
    }

    /// A document of a venue's items. The parts come first, then the head that names them.
    pub async fn items(&self, items: Items) -> Result<Restored> {
        self.parts.records.write_format.require(stored::FORMAT)?;
        let Items { venue, part, document } = items;
        let (store, tenant) = (self.parts.records.store.as_ref(), &self.tenant);
        let head = store.document(tenant, &stored::head_name(&venue), None).await?;
        let name = part.map_or_else(|| stored::head_name(&venue), |part| stored::part_name(&venue, part));
        let there = match part {
            None => head.clone(),
            Some(_) => store.document(tenant, &name, None).await?,
        };
        if there.as_ref().is_some_and(|there| there.revision == document.revision) {
            return Ok(Restored::Same);
        }
        // Parts without a head are those of a restoring that broke off.
        if head.is_some() {
            return Err(RestoreError::ItemsDiffer);
        }
        if !self.trial {
            let expect = there.map(|there| there.revision);
            let keep = if part.is_some() { stored::PART_VERSIONS_KEEP } else { stored::HEAD_VERSIONS_KEEP };
            store.put_document(tenant, &name, expect, document, keep).await?;
        }
        Ok(Restored::New)
    }

    /// One customer.
    pub async fn customer(&self, customer: CustomerId, whole: WholeCustomer) -> Result<Restored> {
        let parts = self.parts;
        let key = crate::store::CustomerKey { tenant: self.tenant.clone(), customer };
        let mut whole = WholeCustomer { profile: parts.records.as_written(whole.profile), ..whole };
        let _queued = parts.writer.locks.lock(customer).await;
        let found = parts.records.ring.get(&key).await?;
        if let KeyState::Destroyed = found {
            return Ok(Restored::Erased);
        }
        // One that was lost is written anew.
        let is_there = parts.records.store.record(&key).await?.is_some();
        if is_there && let Some((there, damaged)) = parts.records.whole(&key).await? {
            // It was restored in a format that cannot say where the customer was.
            if there.profile.habits.whereabouts.is_empty() {
                whole.profile.habits.whereabouts = Whereabouts::default();
            }
            let there = there.without_tokens();
            return match damaged.is_empty() {
                true if there == whole => Ok(Restored::Same),
                true => self.restored_without(customer, there, whole).await,
                false => Err(RestoreError::Differs),
            };
        }
        if !self.has_keys {
            return Ok(Restored::New);
        }
        if self.trial {
            let caller = parts.callers.enter_to_mend(maintainer(&self.tenant)).await?;
            let taken = self.taken_by_others(&caller, customer, &whole).await?;
            return Ok(restored(&taken));
        }
        let is_lost = !is_there && matches!(found, KeyState::Key(_));
        self.write(&key, whole, is_lost).await
    }

    /// After the last line: lets the index worker catch up, and counts in the budgets what the gestures on record drew on
    /// them, so that no month is spent twice.
    pub async fn finish(&self) -> Result<()> {
        if self.trial {
            return Ok(());
        }
        self.parts.worker.sweep().await?;
        let caller = self.parts.callers.enter_to_mend(maintainer(&self.tenant)).await?;
        for uncounted in self.parts.uncounted(&caller).await? {
            self.parts.count_in(&caller, &uncounted).await?;
        }
        Ok(())
    }

    async fn write(
        &self,
        key: &crate::store::CustomerKey,
        mut whole: WholeCustomer,
        is_lost: bool,
    ) -> Result<Restored> {
        let parts = self.parts;
        for own in &mut whole.profile.identities {
            own.token = HoldToken(random()?);
        }
        if is_lost {
            // What is left beside the record that is gone is of another time than the export.
            let caller = parts.callers.enter_to_mend(maintainer(&self.tenant)).await?;
            parts.records.store.commit(Commit::erasure(key, None, Vec::new(), caller.now_ms())?).await?;
        }
        let (mut waits, mut left_out) = (0, Vec::new());
        let (caller, taken) = loop {
            // The counters depend on the policy, which was restored before.
            let caller = parts.callers.enter_to_mend(maintainer(&self.tenant)).await?;
            match parts.holds.take_all(&caller, key.customer, identities_of(&caller, &whole), Maker::Restore).await {
                Err(Error::IdentityHeld { .. }) if waits < HOLD_WAITS_MAX => {
                    waits += 1;
                    tokio::time::sleep(HOLD_WAIT).await;
                }
                // Two records name one card: who has it keeps it, and the other is no less known for that.
                Err(fault @ (Error::IdentityTaken { .. } | Error::LimitReached { .. })) => {
                    let others = self.taken_by_others(&caller, key.customer, &whole).await?;
                    if others.is_empty() {
                        return Err(fault.into());
                    }
                    whole.profile.identities.retain(|own| !others.contains(own));
                    left_out.extend(others);
                }
                taken => break (caller, taken?),
            }
        };
        let caller = &caller;
        let standing = Standing::of(caller, key, &whole.profile);
        let index = std::iter::once(IndexOp::List)
            .chain(taken.iter().map(|own| caller.confirm(own)))
            .chain(between(caller, None, Some(&standing)))
            .collect();
        let result = parts.records.restore(key, whole, index, caller.now_ms()).await;
        if !matches!(result, Ok(true) | Err(StoreError::Unknown(_))) {
            parts.holds.give_back(caller, &taken).await;
        }
        match result {
            Ok(true) => {
                parts.worker.mark(keys::bucket(&key.tenant, &key.customer));
                Ok(restored(&left_out))
            }
            Ok(false) => Ok(Restored::Erased),
            Err(StoreError::Conflict) => Err(RestoreError::Differs),
            Err(fault) => Err(fault.into()),
        }
    }

    /// What a customer is who is here as the export has them, but for some identities: others have those.
    async fn restored_without(
        &self,
        customer: CustomerId,
        there: WholeCustomer,
        mut whole: WholeCustomer,
    ) -> Result<Restored> {
        let caller = self.parts.callers.enter_to_mend(maintainer(&self.tenant)).await?;
        let taken = self.taken_by_others(&caller, customer, &whole).await?;
        whole.profile.identities.retain(|own| !taken.contains(own));
        if there == whole { Ok(restored(&taken)) } else { Err(RestoreError::Differs) }
    }

    /// The identities of a customer that as many others have as may.
    async fn taken_by_others(
        &self,
        caller: &Caller,
        customer: CustomerId,
        whole: &WholeCustomer,
    ) -> Result<Vec<ProfileIdentity>> {
        let mut taken = Vec::new();
        for own in whole.profile.identities.iter().filter(|own| own.valid_at(caller.now)) {
            let found = self.parts.readers.find(caller, std::slice::from_ref(&own.identity)).await?;
            let others = found.iter().flatten().filter(|owner| owner.customer != customer);
            let others = others.filter(|owner| owner.current.profile.identity(&own.identity).is_some());
            if others.count() >= customers_max(own.identity.kind) {
                taken.push(own.clone());
            }
        }
        Ok(taken)
    }
}

fn restored(left_out: &[ProfileIdentity]) -> Restored {
    match left_out {
        [] => Restored::New,
        left_out => Restored::Without(left_out.iter().map(|own| own.identity.kind).collect()),
    }
}

/// The identities that are valid now, to be taken under the tokens that the profile has.
fn identities_of(caller: &Caller, whole: &WholeCustomer) -> impl Iterator<Item = (Wanted, Option<HoldToken>)> + Send {
    let valid = whole.profile.identities.iter().enumerate().filter(|(_, own)| own.valid_at(caller.now));
    valid.map(|(index, own)| {
        let (identity, field) = (own.identity.clone(), format!("profile.identities[{index}]"));
        (Wanted { identity, expire_time: own.expire_time, field }, Some(own.token))
    })
}
