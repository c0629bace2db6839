//! What callers ask of a venue's items.

use super::stored;
use crate::{
    domain::{
        Timestamp, VenueId,
        items::{Kitchen, Standing, Version},
    },
    service::{
        Caller, Readers,
        error::{Error, Result},
        tokens,
    },
    store::Revision,
};

/// An item at a time.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemAt {
    /// Unique within the venue.
    pub id: String,
    /// Has an item.
    pub version: Version,
    /// Whether its contents count at the time.
    pub standing: Standing,
}

/// A page of a venue's items.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemsPage {
    /// By id.
    pub items: Vec<ItemAt>,
    /// Empty: this was the last page.
    pub next_page_token: String,
    /// What the kitchen may carry over.
    pub kitchen: Option<Kitchen>,
    /// `None`: nothing was ever put.
    pub revision: Option<Revision>,
}

impl Readers {
    /// An item as it was at a time.
    ///
    /// # Errors
    /// `ItemNotFound` if there was none.
    pub async fn item(&self, caller: &Caller, venue: &VenueId, id: &str, at: Timestamp) -> Result<ItemAt> {
        let items = stored::read(self.records.store.as_ref(), &caller.principal.tenant, venue).await?;
        let version = items.catalogue.find(id).and_then(|entry| entry.at(at)).filter(|version| version.item.is_some());
        let version = version.ok_or(Error::ItemNotFound)?.clone();
        let standing = items.catalogue.standing(id, &caller.in_force.policy.rules.items, at);
        Ok(ItemAt { id: id.to_owned(), version, standing })
    }

    /// A page of a venue's items as they were at a time, by their ids.
    pub async fn items(
        &self,
        caller: &Caller,
        venue: &VenueId,
        at: Option<Timestamp>,
        limit: usize,
        page_token: &str,
    ) -> Result<ItemsPage> {
        // All pages of "now" are one query.
        let at_text = at.map(|at| at.to_string()).unwrap_or_default();
        let query = [b"items".as_slice(), venue.as_str().as_bytes(), at_text.as_bytes()].join(&0);
        let after = tokens::parse_page_token(&caller.index_key, &query, page_token)?;
        let after = after.and_then(|after| String::from_utf8(after).ok());
        let items = stored::read(self.records.store.as_ref(), &caller.principal.tenant, venue).await?;
        let at = at.unwrap_or(caller.now);
        let all = items.catalogue.all_at(&caller.in_force.policy.rules.items, at);
        let first = after.map_or(0, |after| all.partition_point(|(entry, ..)| entry.id <= after));
        let page: Vec<ItemAt> = all[first..]
            .iter()
            .take(limit)
            .map(|(entry, version, standing)| ItemAt {
                id: entry.id.clone(),
                version: (*version).clone(),
                standing: *standing,
            })
            .collect();
        let is_last = first + page.len() >= all.len();
        let last = page.last().filter(|_| !is_last);
        let next = last.map(|last| tokens::page_token(&caller.index_key, &query, last.id.as_bytes()));
        Ok(ItemsPage {
            next_page_token: next.unwrap_or_default(),
            kitchen: items.catalogue.kitchen_at(at).cloned(),
            revision: items.revision,
            items: page,
        })
    }
}
