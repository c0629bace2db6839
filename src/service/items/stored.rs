//! The items of a venue as documents: a head, and parts of `PART_ITEMS` items.
//!
//! The head is what is in force: it names the revision of each part. A change puts the parts that it touches, then the head;
//! whoever puts a head on another than the one that was read is refused. So the head alone decides, and a change that breaks
//! off between the two leaves parts that no head names. The versions of a part that are kept still have the one that is named.

use std::collections::BTreeSet;

use crate::{
    domain::{
        TenantId, VenueId,
        items::{Catalogue, PART_ITEMS},
    },
    store::{
        Document, Result, Revision, Store, StoreError, StoreExt as _,
        codec::items::{self as codec, Head},
        sealing::random,
    },
};

/// The first format of stores that has items.
pub(in crate::service) const FORMAT: u16 = 2;
/// Versions of a part that are kept: as many as changes can break off in a row before a head is put, and one. Earlier contents are
/// in the entries themselves.
pub(in crate::service) const PART_VERSIONS_KEEP: u64 = 16;
/// Versions of the head that are kept: nobody asks for an old one.
pub(in crate::service) const HEAD_VERSIONS_KEEP: u64 = 1;

/// The name of a venue's head. Names of venues hold no colon.
pub(in crate::service) fn head_name(venue: &VenueId) -> String {
    format!("items:{venue}")
}

/// The name of a part.
pub(in crate::service) fn part_name(venue: &VenueId, part: usize) -> String {
    format!("items:{venue}:{part}")
}

/// The items of a venue, as of one reading.
#[derive(Debug, Clone, Default)]
pub struct StoredItems {
    /// Of the head; `None`: nothing was ever put.
    pub revision: Option<Revision>,
    /// The head.
    pub head: Head,
    /// All items.
    pub catalogue: Catalogue,
    /// The revisions that the documents of the parts have, if others than the head names.
    newest: Vec<Option<Revision>>,
}

/// The head of a venue's items; `None`: nothing was ever put.
pub async fn head(store: &dyn Store, tenant: &TenantId, venue: &VenueId) -> Result<Option<(Revision, Head)>> {
    let there = store.document(tenant, &head_name(venue), None).await?;
    there.map(|Document { revision, bytes }| Ok((revision, codec::decode_head(&bytes)?))).transpose()
}

/// The parts that a head names, with the newest revision of each.
pub async fn parts(
    store: &dyn Store,
    tenant: &TenantId,
    venue: &VenueId,
    head: &Head,
) -> Result<Vec<(Document, Option<Revision>)>> {
    let names = (0..head.parts.len()).map(|part| part_name(venue, part));
    let there = store.documents(tenant, names).await?;
    let mut parts = Vec::with_capacity(there.len());
    for (index, (document, named)) in there.into_iter().zip(&head.parts).enumerate() {
        let newest = document.as_ref().map(|document| document.revision);
        let part = match document {
            Some(document) if document.revision == *named => document,
            // A change that broke off, or one under way, has put another.
            _ => {
                let kept = store.document(tenant, &part_name(venue, index), Some(named.counter)).await?;
                let kept = kept.filter(|kept| kept.revision == *named);
                kept.ok_or_else(|| StoreError::Corrupt(format!("items of venue {venue}: part {index} is lost").into()))?
            }
        };
        parts.push((part, newest));
    }
    Ok(parts)
}

/// All items of a venue.
pub async fn read(store: &dyn Store, tenant: &TenantId, venue: &VenueId) -> Result<StoredItems> {
    let Some((revision, head)) = head(store, tenant, venue).await? else {
        // Parts may be there all the same: of the very first change, broken off.
        let first = store.document(tenant, &part_name(venue, 0), None).await?;
        return Ok(StoredItems { newest: vec![first.map(|part| part.revision)], ..StoredItems::default() });
    };
    read_parts(store, tenant, venue, revision, head).await
}

/// The items of a head.
pub async fn read_parts(
    store: &dyn Store,
    tenant: &TenantId,
    venue: &VenueId,
    revision: Revision,
    head: Head,
) -> Result<StoredItems> {
    let mut catalogue = Catalogue { kitchen: head.kitchen.clone(), ..Catalogue::default() };
    let mut newest = Vec::with_capacity(head.parts.len());
    for (part, revision) in parts(store, tenant, venue, &head).await? {
        catalogue.entries.extend(codec::decode_part(&part.bytes)?);
        newest.push(revision);
    }
    Ok(StoredItems { revision: Some(revision), head, catalogue, newest })
}

impl StoredItems {
    /// Puts the parts that were touched, then the head under this revision.
    ///
    /// # Errors
    /// `Conflict`: somebody else has changed the items since they were read.
    pub async fn write(
        mut self,
        store: &dyn Store,
        tenant: &TenantId,
        venue: &VenueId,
        revision: Revision,
    ) -> Result<()> {
        let touched: BTreeSet<usize> = std::mem::take(&mut self.catalogue.touched);
        for part in touched {
            let entries = self.catalogue.entries.chunks(PART_ITEMS).nth(part).unwrap_or_default();
            let expect = match self.newest.get(part) {
                Some(known) => *known,
                None => store.document(tenant, &part_name(venue, part), None).await?.map(|there| there.revision),
            };
            let revision = next(expect)?;
            let document = Document { revision, bytes: codec::encode_part(entries).into() };
            store.put_document(tenant, &part_name(venue, part), expect, document, PART_VERSIONS_KEEP).await?;
            if part < self.head.parts.len() {
                self.head.parts[part] = revision;
            } else {
                self.head.parts.push(revision);
            }
        }
        self.head.kitchen = self.catalogue.kitchen;
        let document = Document { revision, bytes: codec::encode_head(&self.head).into() };
        store.put_document(tenant, &head_name(venue), self.revision, document, HEAD_VERSIONS_KEEP).await
    }
}

/// The revision after another.
pub(in crate::service) fn next(before: Option<Revision>) -> Result<Revision> {
    let counter = before.map_or(0, |revision| revision.counter) + 1;
    Ok(Revision { counter, write_id: u64::from_be_bytes(random()?) })
}
