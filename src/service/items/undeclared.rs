//! What a venue sells and has not declared: by the statistics of what its customers buy.

use crate::{
    domain::{VenueId, edible, recent::short_hash},
    service::{Caller, Readers, copurchase, error::Result},
    store::{StoreExt as _, codec::copurchase as codec},
};

/// Something that is sold and not declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undeclared {
    /// As the till names it.
    pub name: String,
    /// As the till names it.
    pub category: String,
    /// Purchases that had it, at this venue.
    pub purchases: u32,
    /// Whether it is listed at all.
    pub is_listed: bool,
}

impl Readers {
    /// What is sold and not declared, what is bought most first; and how many items too few customers bought to be named.
    pub async fn undeclared(&self, caller: &Caller, venue: &VenueId) -> Result<(Vec<Undeclared>, u64)> {
        let caller = self.with_menu(caller.clone(), venue).await?;
        let tenant = &caller.principal.tenant;
        let Some(document) = self.records.store.document(tenant, copurchase::DOCUMENT, None).await? else {
            return Ok((Vec::new(), 0));
        };
        let (others, _) = codec::decode(&document.bytes)?;
        let sold = others.venues.get(&short_hash(venue.as_str()));
        let (mut all, mut unnamed) = (Vec::new(), 0);
        for (hash, count) in sold.iter().flat_map(|venue| &venue.items) {
            let Some(item) = others.items.get(hash).filter(|item| !item.name.is_empty()) else {
                unnamed += 1;
                continue;
            };
            let found = caller.menu.as_ref().and_then(|menu| menu.menu.find(&item.name));
            let is_settled = found.is_some_and(|found| found.is_declared || found.not_food);
            if !is_settled
                && edible::may_be(
                    &item.name,
                    found.map_or(&item.category, |found| found.category),
                    &caller.in_force.policy.rules.items,
                )
            {
                all.push(Undeclared {
                    name: item.name.clone(),
                    category: item.category.clone(),
                    purchases: count.purchases,
                    is_listed: found.is_some_and(|found| found.is_sold),
                });
            }
        }
        all.sort_unstable_by(|one, other| other.purchases.cmp(&one.purchases).then_with(|| one.name.cmp(&other.name)));
        Ok((all, unnamed))
    }
}
