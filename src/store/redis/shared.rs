//! What does not lie in a customer's slot: hints, documents, the format.

use bytes::Bytes;

use super::{
    Space,
    failure::Intent,
    scripts::{self, Script},
    slot::lex,
};
use crate::{
    domain::TenantId,
    store::{
        Document, Hint, HintIndex, HintRange, PAGE_MAX, Result, Revision, StoreError,
        codec::{
            entries::{decode_document, encode_document},
            header::encode_revision,
        },
        keys,
    },
};

impl Space {
    fn hint_keys(&self, tenant: &TenantId, index: HintIndex, partition: u8) -> [String; 2] {
        [keys::hint(index, tenant, partition), keys::hint_revision(index, tenant, partition)].map(|key| self.key(key))
    }

    pub async fn put_hint(&self, tenant: &TenantId, hint: &Hint, revision: u64) -> Result<()> {
        self.change_hint(&scripts::PUT_HINT, tenant, hint, revision).await
    }

    pub async fn drop_hint(&self, tenant: &TenantId, hint: &Hint, revision: u64) -> Result<()> {
        self.change_hint(&scripts::DROP_HINT, tenant, hint, revision).await
    }

    async fn change_hint(&self, script: &Script, tenant: &TenantId, hint: &Hint, revision: u64) -> Result<()> {
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

    pub async fn document(&self, tenant: &TenantId, name: &str, version: Option<u64>) -> Result<Option<Document>> {
        let get = match version {
            None => {
                let mut get = redis::cmd("GET");
                get.arg(self.key(keys::document(tenant, name)));
                get
            }
            Some(version) => {
                let mut get = redis::cmd("HGET");
                get.arg(self.key(keys::versions(tenant, name))).arg(keys::number(version));
                get
            }
        };
        let bytes: Option<Bytes> = self.transport.ask(&get, Intent::Read).await?;
        bytes.map(decode_document).transpose()
    }

    pub async fn put_document(
        &self,
        tenant: &TenantId,
        name: &str,
        expect: Option<Revision>,
        document: &Document,
        keep: u64,
    ) -> Result<()> {
        let names = [keys::document(tenant, name), keys::versions(tenant, name)];
        let mut call = scripts::PUT_DOCUMENT.call(&names.map(|name| self.key(name)));
        match expect {
            Some(revision) => call.arg(&encode_revision(revision)),
            None => call.arg(""),
        };
        call.arg(encode_document(document)).arg(keys::number(document.revision.counter)).arg(keep);
        match self.transport.run(&scripts::PUT_DOCUMENT, &call, Intent::Write).await? {
            scripts::CONFLICT => Err(StoreError::Conflict),
            _ => Ok(()),
        }
    }

    pub async fn write_format(&self) -> Result<Option<u32>> {
        let mut get = redis::cmd("GET");
        get.arg(self.key(keys::FORMAT.into()));
        let bytes: Option<Bytes> = self.transport.ask(&get, Intent::Read).await?;
        let number = |bytes: Bytes| std::str::from_utf8(&bytes).ok().and_then(|text| text.parse().ok());
        bytes.map(|bytes| number(bytes).ok_or_else(|| StoreError::Corrupt("format of writing".into()))).transpose()
    }

    pub async fn set_write_format(&self, format: u32) -> Result<()> {
        let mut call = scripts::RAISE_FORMAT.call(&[self.key(keys::FORMAT.into())]);
        call.arg(format);
        self.transport.run(&scripts::RAISE_FORMAT, &call, Intent::Write).await
    }
}
