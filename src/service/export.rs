//! Exports the policy, the items and the customers of a tenant, with their history, line by line: a copy that can be
//! read, moved and restored.

use std::collections::VecDeque;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::{
    Maintenance,
    error::{Error, Result},
    items::stored,
    policies,
    restore::maintainer,
};
use crate::{
    domain::{CustomerId, TenantId},
    store::{
        CustomerKey, Document, StoreError, StoreExt as _,
        codec::items as codec,
        hints,
        keys::{self, Kind, POLICY},
        portable::{Header, Items, Line, Trailer},
        split_corruption,
        walk::{Listed, Walk, has_hint},
    },
};

/// Look-ups under way at once: lets a store over the network answer many in the time of one.
const AT_ONCE: usize = 32;

/// What comes next.
pub enum Step {
    /// To be written before the next step is taken.
    Line(Line),
    /// Something of this customer cannot be opened: the record (then the customer is missing) or an entry.
    Damaged(CustomerId, StoreError),
    /// The policy in force, or a kept version of it, cannot be opened.
    PolicyDamaged(Error),
}

/// An export under way. Holds one customer at a time.
pub struct Export<'a> {
    parts: &'a Maintenance,
    tenant: &'a TenantId,
    listed: Listed<'a>,
    ready: VecDeque<Step>,
    counts: Trailer,
    ended: bool,
}

impl Maintenance {
    /// Begins an export: brings the listing up to date, so that nobody is missed. Customers come in the order of their
    /// ids, each as of one moment.
    pub async fn export<'a>(&'a self, tenant: &'a TenantId) -> Result<Export<'a>> {
        self.worker.sweep().await?;
        self.complete_listing(tenant).await?;
        let store = self.records.store.as_ref();
        let index_key = self.records.ring.wrapped_index_key(tenant).await?;
        let mut ready = VecDeque::new();
        ready.push_back(Step::Line(Line::Header(Header {
            tenant: tenant.clone(),
            time: self.callers.now(),
            index_key,
        })));
        let mut counts = Trailer::default();
        self.export_policy(tenant, &mut ready, &mut counts).await?;
        self.export_items(tenant, &mut ready, &mut counts).await?;
        let listed = Listed::start(store, tenant).await?;
        Ok(Export { parts: self, tenant, listed, ready, counts, ended: false })
    }

    /// The kept versions of the policy, that in force last.
    async fn export_policy(&self, tenant: &TenantId, ready: &mut VecDeque<Step>, counts: &mut Trailer) -> Result<()> {
        let store = self.records.store.as_ref();
        let newest = policies::newest_number(&self.records, tenant).await?;
        let damaged = policies::stored(&self.records, tenant).await?.err();
        let in_force = if damaged.is_none() { store.document(tenant, POLICY, None).await? } else { None };
        let newest = in_force.as_ref().map_or(newest, |document| document.revision.counter);
        if let Some(fault) = damaged {
            counts.damaged += 1;
            ready.push_back(Step::PolicyDamaged(fault));
        }
        for version in policies::kept_versions(newest) {
            let kept = match &in_force {
                Some(document) if document.revision.counter == version => in_force.clone(),
                _ => match split_corruption(store.document(tenant, POLICY, Some(version)).await)? {
                    Ok(kept) if policies::open(kept.clone()).is_ok() => kept,
                    _ => {
                        counts.damaged += 1;
                        let fault = format!("version {version} of the policy does not open");
                        ready.push_back(Step::PolicyDamaged(Error::PolicyDamaged(fault.into())));
                        None
                    }
                },
            };
            counts.policies += u64::from(kept.is_some());
            ready.extend(kept.map(|document| Step::Line(Line::Policy(document))));
        }
        Ok(())
    }

    /// The items of every venue of the policy: the parts, then the head that names them.
    async fn export_items(&self, tenant: &TenantId, ready: &mut VecDeque<Step>, counts: &mut Trailer) -> Result<()> {
        let store = self.records.store.as_ref();
        let caller = self.callers.enter_to_mend(maintainer(tenant)).await?;
        for venue in caller.in_force.policy.venues.iter().map(|venue| venue.id.clone()) {
            let Some((revision, head)) = stored::head(store, tenant, &venue).await? else { continue };
            let parts = stored::parts(store, tenant, &venue, &head).await?;
            for (index, (document, _)) in parts.into_iter().enumerate() {
                let part = Items { venue: venue.clone(), part: Some(index), document };
                ready.push_back(Step::Line(Line::Items(part)));
            }
            let document = Document { revision, bytes: codec::encode_head(&head).into() };
            ready.push_back(Step::Line(Line::Items(Items { venue, part: None, document })));
            counts.venues += 1;
        }
        Ok(())
    }

    /// Lists every customer that has a record, whatever became of the index worker.
    async fn complete_listing(&self, tenant: &TenantId) -> Result<()> {
        let store = self.records.store.as_ref();
        let mut walk = Walk::start(store, Kind::Record);
        while let Some(names) = walk.next().await? {
            let keys = names.iter().filter_map(|name| keys::parse_customer_name(name));
            let keys: Vec<CustomerKey> = keys.filter(|key| key.tenant == *tenant).collect();
            let list = |key: CustomerKey| async move {
                if has_hint(store, tenant, &hints::in_all_customers(&key)).await? {
                    return Ok(());
                }
                // A revision before all others: the worker's own entry replaces it.
                store.put_hint(tenant, &hints::in_all_customers(&key), 0).await
            };
            stream::iter(keys).map(list).buffer_unordered(AT_ONCE).try_collect::<()>().await?;
        }
        Ok(())
    }
}

impl Export<'_> {
    /// The next step; `None` after the trailer.
    pub async fn next(&mut self) -> Result<Option<Step>> {
        loop {
            if let Some(step) = self.ready.pop_front() {
                return Ok(Some(step));
            }
            if self.ended {
                return Ok(None);
            }
            match self.listed.next().await? {
                None => {
                    self.ended = true;
                    self.ready.push_back(Step::Line(Line::Trailer(self.counts)));
                }
                Some(customer) => self.take(customer).await?,
            }
        }
    }

    async fn take(&mut self, customer: CustomerId) -> Result<()> {
        let key = CustomerKey { tenant: self.tenant.clone(), customer };
        match self.parts.records.whole(&key).await {
            // Erased, or never there: the listing is a hint.
            Ok(None) => {}
            Ok(Some((whole, damaged))) => {
                self.counts.customers += 1;
                self.counts.entries += whole.entries.len() as u64;
                self.counts.damaged += damaged.len() as u64;
                self.ready.extend(damaged.into_iter().map(|fault| Step::Damaged(customer, fault)));
                self.ready.push_back(Step::Line(Line::Customer(customer, Box::new(whole.without_tokens()))));
            }
            Err(fault @ StoreError::Corrupt(_)) => {
                self.counts.damaged += 1;
                self.ready.push_back(Step::Damaged(customer, fault));
            }
            Err(fault) => return Err(fault.into()),
        }
        Ok(())
    }
}
