//! Checks the policy, and the items of venues: every part that a head names is there, and decodes.

use super::{Check, Event, Fault, Repair, Suspicion};
use crate::{
    domain::items::ITEMS_MAX,
    service::{
        error::{Error, Result},
        items::stored,
        policies,
    },
    store::{keys::POLICY, split_corruption},
};

impl Check<'_> {
    /// The policy in force. Without it the others are checked by the newest kept version that opens.
    pub(super) async fn policy(&mut self) -> Result<()> {
        (self.tell)(Event::Looked(1));
        let Err(cause) = policies::stored(&self.parts.records, self.tenant()).await? else { return Ok(()) };
        let fault = if matches!(cause, Error::PolicyLost(_)) { Fault::PolicyLost } else { Fault::PolicyDamaged };
        let suspicion = Suspicion::at(POLICY, fault, cause.to_string(), Repair::None);
        self.report_and_repair(vec![suspicion]).await
    }

    /// The items of every venue of the policy.
    pub(super) async fn items(&mut self) -> Result<()> {
        let venues: Vec<_> = self.caller.in_force.policy.venues.iter().map(|venue| venue.id.clone()).collect();
        for venue in venues {
            (self.tell)(Event::Looked(1));
            let read = stored::read(self.parts.records.store.as_ref(), self.tenant(), &venue).await;
            let at = stored::head_name(&venue);
            let suspicion = match split_corruption(read)? {
                Ok(items) if items.catalogue.entries.len() > ITEMS_MAX * 2 => {
                    Suspicion::at(&at, Fault::BoundExceeded, "more items than a venue may have", Repair::None)
                }
                Ok(_) => continue,
                Err(cause) => Suspicion::at(&at, Fault::ItemsDamaged, cause.to_string(), Repair::None),
            };
            self.report_and_repair(vec![suspicion]).await?;
        }
        Ok(())
    }
}
