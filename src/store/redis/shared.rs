//! What lies outside a customer's slot: hints and documents.

use bytes::Bytes;

use super::{Space, failure::Intent, scripts, slot::lex};
use crate::{
    domain::TenantId,
    store::{
        DocumentKey, Hint, HintIndex, HintRange, Membership, PAGE_MAX, Result, Revision, StoreError,
        codec::header::encode_revision, keys,
    },
};

impl Space {
    fn hint_keys(&self, tenant: &TenantId, index: HintIndex, partition: u8) -> [String; 2] {
        [keys::hint(index, tenant, partition), keys::hint_revision(index, tenant, partition)].map(|key| self.key(key))
    }

    pub async fn set_hint(&self, tenant: &TenantId, hint: &Hint, revision: u64, membership: Membership) -> Result<()> {
        let script = match membership {
            Membership::In => &scripts::PUT_HINT,
            Membership::Out => &scripts::DROP_HINT,
        };
        let mut call = script.call(&self.hint_keys(tenant, hint.index, hint.partition));
        call.arg(&hint.member).arg(keys::number(revision));
        self.transport.run(script, &call, Intent::Write).await
    }

    pub async fn hints(
        &self,
        tenant: &TenantId,
        index: HintIndex,
        partition: u8,
        range: &HintRange,
        limit: usize,
    ) -> Result<Vec<(Vec<u8>, u64)>> {
        let Some((low, high)) = keys::hint_span(range).filter(|_| limit > 0) else {
            return Ok(Vec::new());
        };
        let mut call = scripts::HINTS.call(&self.hint_keys(tenant, index, partition));
        call.arg(lex(low, b"-")).arg(lex(high, b"+")).arg(limit.min(PAGE_MAX));
        let (members, revisions): (Vec<Bytes>, Vec<Option<u64>>) =
            self.transport.run(&scripts::HINTS, &call, Intent::Read).await?;
        let hint = |(member, revision): (Bytes, Option<u64>)| {
            let revision = revision.ok_or_else(|| StoreError::Corrupt("a hint without its revision".into()))?;
            Ok((member.to_vec(), revision))
        };
        members.into_iter().zip(revisions).map(hint).collect()
    }

    pub async fn count_hints(
        &self,
        tenant: &TenantId,
        index: HintIndex,
        partition: u8,
        range: &HintRange,
        up_to: usize,
    ) -> Result<usize> {
        let Some((low, high)) = keys::hint_span(range) else {
            return Ok(0);
        };
        let mut count = redis::cmd("ZLEXCOUNT");
        count.arg(self.key(keys::hint(index, tenant, partition))).arg(lex(low, b"-")).arg(lex(high, b"+"));
        // Redis counts all of them in the time of a look-up.
        Ok(self.transport.ask::<usize>(&count, Intent::Read).await?.min(up_to))
    }

    pub async fn version(&self, key: &DocumentKey, number: u64) -> Result<Option<Bytes>> {
        let mut get = redis::cmd("HGET");
        get.arg(self.key(keys::versions(key))).arg(keys::number(number));
        self.transport.ask(&get, Intent::Read).await
    }

    pub async fn replace_version(&self, key: &DocumentKey, number: u64, from: &[u8], to: &[u8]) -> Result<bool> {
        let mut call = scripts::REPLACE_VERSION.call(&[self.key(keys::versions(key))]);
        call.arg(keys::number(number)).arg(from).arg(to);
        self.transport.run(&scripts::REPLACE_VERSION, &call, Intent::Write).await
    }

    pub async fn put_version(
        &self,
        key: &DocumentKey,
        expect: Option<Revision>,
        number: u64,
        bytes: &[u8],
        keep: u64,
    ) -> Result<()> {
        let names = [keys::document(key), keys::versions(key)];
        let mut call = scripts::PUT_DOCUMENT.call(&names.map(|name| self.key(name)));
        match expect {
            Some(revision) => call.arg(&encode_revision(revision)),
            None => call.arg(""),
        };
        call.arg(bytes).arg(keys::number(number)).arg(keep);
        match self.transport.run(&scripts::PUT_DOCUMENT, &call, Intent::Write).await? {
            scripts::CONFLICT => Err(StoreError::Conflict),
            _ => Ok(()),
        }
    }
}
