//! What does not lie in a customer's slot: hints, documents, the format.

use std::ops::Bound;

use bytes::Bytes;

use super::{Space, scripts, slot::lex, trouble::Intent};
use crate::{
    domain::TenantId,
    store::{
        Document, HintIndex, PAGE_MAX, Result, Revision, StoreError,
        codec::{
            entries::{decode_document, encode_document},
            header::encode_revision,
        },
        keys,
    },
};

impl Space {
    fn hint_keys(&self, index: HintIndex, tenant: &TenantId, bucket: u8) -> [String; 2] {
        [keys::hint(index, tenant, bucket), keys::hint_revision(index, tenant, bucket)].map(|key| self.key(key))
    }

    pub async fn put_hint(
        &self,
        index: HintIndex,
        tenant: &TenantId,
        bucket: u8,
        member: &[u8],
        revision: u64,
    ) -> Result<()> {
        let mut call = scripts::PUT_HINT.call(&self.hint_keys(index, tenant, bucket));
        call.arg(member).arg(keys::number(revision));
        self.link.run(&scripts::PUT_HINT, &call, Intent::Write).await
    }

    pub async fn drop_hint(&self, index: HintIndex, tenant: &TenantId, bucket: u8, member: &[u8]) -> Result<()> {
        let mut call = scripts::DROP_HINT.call(&self.hint_keys(index, tenant, bucket));
        call.arg(member);
        self.link.run(&scripts::DROP_HINT, &call, Intent::Write).await
    }

    pub async fn hints(
        &self,
        index: HintIndex,
        tenant: &TenantId,
        bucket: u8,
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<(Vec<u8>, u64)>> {
        if limit == 0 {
            return Ok(Vec::new());
        }
        let mut call = scripts::HINTS.call(&self.hint_keys(index, tenant, bucket));
        let low = after.map_or(Bound::Unbounded, |after| Bound::Excluded(after.to_vec()));
        call.arg(lex(low, b"-")).arg(limit.min(PAGE_MAX));
        let (members, revisions): (Vec<Bytes>, Vec<Option<u64>>) =
            self.link.run(&scripts::HINTS, &call, Intent::Read).await?;
        let hint = |(member, revision): (Bytes, Option<u64>)| {
            let revision = revision.ok_or_else(|| StoreError::Corrupt("a hint without its revision".into()))?;
            Ok((member.to_vec(), revision))
        };
        members.into_iter().zip(revisions).map(hint).collect()
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
        let bytes: Option<Bytes> = self.link.ask(&get, Intent::Read).await?;
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
        match self.link.run(&scripts::PUT_DOCUMENT, &call, Intent::Write).await? {
            scripts::CONFLICT => Err(StoreError::Conflict),
            _ => Ok(()),
        }
    }

    pub async fn write_format(&self) -> Result<Option<u32>> {
        let mut get = redis::cmd("GET");
        get.arg(self.key(keys::FORMAT.into()));
        let bytes: Option<Bytes> = self.link.ask(&get, Intent::Read).await?;
        let number = |bytes: Bytes| std::str::from_utf8(&bytes).ok().and_then(|text| text.parse().ok());
        bytes.map(|bytes| number(bytes).ok_or_else(|| StoreError::Corrupt("format of writing".into()))).transpose()
    }

    pub async fn set_write_format(&self, format: u32) -> Result<()> {
        let mut call = scripts::RAISE_FORMAT.call(&[self.key(keys::FORMAT.into())]);
        call.arg(format);
        self.link.run(&scripts::RAISE_FORMAT, &call, Intent::Write).await
    }
}
