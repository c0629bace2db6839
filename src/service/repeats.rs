//! Requests that come again. The first answer stands for a day, whatever the clock or the policy says by then: so a request is
//! recognised before anything of it is refused, held or drawn.

use super::{
    Caller, Readers, Receipt, Request,
    create::new_customer_id,
    edit::{Repeated, repeated, request_marks},
    error::{Error, Result},
    profile::ChangeRequest,
};
use crate::{
    domain::{CustomerId, Profile},
    store::records::{Opened, Versioned},
};

/// What a customer looks like before anything is held for a change.
pub(super) enum FirstLook {
    New(Box<Profile>),
    /// The request was carried out before.
    Repeated(Box<Profile>, Repeated),
}

impl Readers {
    /// Recognises a repeated request, and one whose etag is outdated, before anything is held for it.
    pub(super) async fn first_look(&self, caller: &Caller, change: &ChangeRequest) -> Result<FirstLook> {
        let Opened { current, requests, .. } = self.records.load(&caller.key(change.customer), &[]).await?;
        let marks = request_marks(caller, &change.request);
        let before = repeated(caller, change.customer, &requests, marks.as_ref())?;
        let Versioned { profile, revision } = current.ok_or(Error::CustomerNotFound)?;
        match before {
            Some(repeated) => Ok(FirstLook::Repeated(Box::new(profile), repeated)),
            None if change.etag.is_some_and(|etag| etag != revision) => Err(Error::EtagMismatch),
            None => Ok(FirstLook::New(Box::new(profile))),
        }
    }

    /// The first receipt of a change that would be refused now; `None`: it was not carried out before.
    pub async fn first_receipt(&self, caller: &Caller, change: &ChangeRequest) -> Result<Option<Receipt>> {
        let before = self.carried_out(caller, change.customer, &change.request).await?;
        Ok(before.map(|(_, repeated)| repeated.receipt))
    }

    /// The same of a request that creates a customer.
    pub async fn first_creation(&self, caller: &Caller, request: &Request) -> Result<Option<Receipt>> {
        let before = self.carried_out(caller, new_customer_id(caller, request)?, request).await?;
        Ok(before.map(|(_, repeated)| repeated.receipt))
    }

    /// What the same request came to, and the customer as they are now; `None`: it was not carried out before. A request that
    /// is not to be recognised costs no look at the store.
    pub(super) async fn carried_out(
        &self,
        caller: &Caller,
        customer: CustomerId,
        request: &Request,
    ) -> Result<Option<(Profile, Repeated)>> {
        let Some(marks) = request_marks(caller, request) else { return Ok(None) };
        let Opened { current, requests, .. } = self.records.load(&caller.key(customer), &[]).await?;
        let before = match repeated(caller, customer, &requests, Some(&marks)) {
            // Another request: it is refused for what is wrong with itself.
            Err(Error::RequestIdReused) => None,
            found => found?,
        };
        Ok(current.zip(before).map(|(current, repeated)| (current.profile, repeated)))
    }
}
