//! The note that a tenant has a key of its own, and whether everything is wrapped and sealed with it. It lies in the data store: a key that
//! was noted there and is not in the key store was lost.

use super::{Fitness, KeyName, Result};
use crate::{
    domain::{TenantId, TouchedParts},
    store::{
        ALL_BUCKETS, Advance, Erasure, IndexOp, LogEntry, PAGE_MAX, StoreExt as _,
        cas::{self, Decision, Effect, Lifetime},
        codec::sealed::SealedKind,
        keys::{self, Kind},
        keystore::KeyEntry,
        sealing::{INDEX_KEY_VERSION, TENANT_KEY_VERSION, is_wrapped_by_tenant_key},
        walk::Walk,
    },
};

/// The key is in use, and older keys and values may be as they were before it.
const IN_USE: u8 = 1;
/// The same, and everything is wrapped and sealed with it.
const ALL_SEALED: u8 = 2;

/// Which of the keys that a tenant has as a whole are gone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct OwnKeysLost {
    pub tenant: bool,
    /// It may be there, and be wrapped with a tenant's key that is gone.
    pub index: bool,
}

impl Fitness {
    async fn tenant_key_note(&self, tenant: &TenantId) -> Result<Option<u8>> {
        let noted = self.data.values(&[keys::tenant_key_note(tenant)]).await?.pop().flatten();
        Ok(noted.and_then(|note| note.first().copied()))
    }

    /// Whether a tenant's key was ever made.
    pub async fn had_tenant_key(&self, tenant: &TenantId) -> Result<bool> {
        Ok(self.tenant_key_note(tenant).await?.is_some())
    }

    /// Whether everything of a tenant is wrapped and sealed with its key.
    pub async fn is_all_sealed(&self, tenant: &TenantId) -> Result<bool> {
        Ok(self.tenant_key_note(tenant).await? == Some(ALL_SEALED))
    }

    /// Notes that a tenant has a key of its own, and, if so, that nothing of the tenant is without.
    pub async fn note_tenant_key(&self, tenant: &TenantId, is_all_sealed: bool) -> Result<()> {
        let noted = self.tenant_key_note(tenant).await?;
        let due = if is_all_sealed { ALL_SEALED } else { IN_USE };
        if noted.is_some_and(|noted| noted >= due) {
            return Ok(());
        }
        let note = move |there: &[u8]| {
            let due = due.max(there.first().copied().unwrap_or(0));
            Ok(Decision::put((), vec![due], Lifetime::Forever))
        };
        cas::change(self.data.as_ref(), keys::tenant_key_note(tenant), note).await
    }

    /// Which of a tenant's own keys it had, and has no more.
    pub(super) async fn own_keys_lost(&self, tenant: &TenantId) -> Result<OwnKeysLost> {
        let notes = self.data.values(&[keys::tenant_key_note(tenant), keys::index_key_note(tenant)]).await?;
        let [had_tenant, had_index] = [0, 1].map(|at| notes.get(at).is_some_and(Option::is_some));
        if !had_tenant && !had_index {
            return Ok(OwnKeysLost::default());
        }
        let names =
            [KeyName::Tenant(tenant.clone(), TENANT_KEY_VERSION), KeyName::Index(tenant.clone(), INDEX_KEY_VERSION)];
        let entries = self.keys.get_many(&names).await?;
        let [own, index] = [0, 1].map(|at| entries.get(at).cloned().flatten());
        let needs_own = index.as_ref().and_then(KeyEntry::wrapped).is_some_and(|key| is_wrapped_by_tenant_key(key));
        let tenant = had_tenant && own.is_none();
        Ok(OwnKeysLost { tenant, index: had_index && (index.is_none() || (tenant && needs_own)) })
    }

    /// Removes the sealed documents and tallies of a tenant.
    async fn remove_sealed(&self, tenant: &TenantId) -> Result<()> {
        for kind in [Kind::Document, Kind::Tally] {
            let mut walk = Walk::start(self.data.as_ref(), kind);
            while let Some(page) = walk.next().await? {
                for name in page.into_iter().filter(|name| keys::parse_tenant(name).as_ref() == Some(tenant)) {
                    let Some(kind) = SealedKind::of(&name) else { continue };
                    let remove =
                        move |there: &[u8]| Ok(if kind.is_sealed(there) { Effect::Remove } else { Effect::Keep });
                    self.data.change(name, Box::new(remove)).await?;
                }
            }
        }
        Ok(())
    }

    /// Passes what nobody can carry out any more: sealed tasks of a tenant in logs, and in notes of erasures. `fsck` brings the indexes in
    /// line with the records.
    async fn pass_sealed_tasks(&self, tenant: &TenantId) -> Result<()> {
        let is_sealed =
            |entry: &LogEntry| entry.key.tenant == *tenant && matches!(entry.index.as_slice(), [IndexOp::Sealed(_)]);
        for (bucket, position) in ALL_BUCKETS.into_iter().zip(self.data.log_positions(&ALL_BUCKETS).await?) {
            let (mut last, mut passed) = (position.cursor, None);
            loop {
                let page = self.data.log(bucket, last, PAGE_MAX).await?;
                let Some((end, _)) = page.entries.last() else { break };
                last = *end;
                passed = page.entries.iter().rev().find(|(_, entry)| is_sealed(entry)).map(|(at, _)| *at).or(passed);
            }
            if let Some(to) = passed {
                let step = Advance { bucket, from: position.cursor, to, keep: 0, values: Vec::new() };
                self.data.advance(step).await?;
            }
            let unlist = vec![IndexOp::Unlist];
            for erasure in self.data.erasures(&[bucket]).await?.into_iter().flatten().flatten() {
                if is_sealed(&erasure.left) {
                    let left = LogEntry { index: unlist.clone(), touched: TouchedParts::ERASED, ..erasure.left };
                    self.data.begin_erasure(Erasure { left, ..erasure }).await?;
                }
            }
        }
        Ok(())
    }

    /// Gives up a tenant's key that is gone, and what it alone could open: the next one is made as for a new tenant.
    pub(super) async fn give_up_tenant_key(&self, tenant: &TenantId) -> Result<()> {
        let index = KeyName::Index(tenant.clone(), INDEX_KEY_VERSION);
        if let Some(wrapped) = self.keys.get(&index).await?.as_ref().and_then(KeyEntry::wrapped)
            && is_wrapped_by_tenant_key(wrapped)
        {
            self.keys.replace(&index, wrapped, None).await?;
        }
        self.remove_sealed(tenant).await?;
        self.pass_sealed_tasks(tenant).await?;
        // The last: until then it is known that there was one.
        let forget = |_: &[u8]| Ok(Decision { answer: (), effect: Effect::Remove });
        cas::change(self.data.as_ref(), keys::tenant_key_note(tenant), forget).await
    }
}
