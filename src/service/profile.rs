//! Changes to one profile: details, identities, precautions, evidence, occasions, consent.

use super::{
    Caller, Receipt, Request,
    edit::{Edited, Plan, Target},
    error::{Error, Result},
    identities::Wanted,
    repeats::FirstLook,
    writes::{Writer, Writes},
};
use crate::{
    domain::{
        Change, CustomerId, Profile,
        identity::Identity,
        mark::Bar,
        profile::{Details, ProfileIdentity},
    },
    store::{IndexOp, Revision},
};

/// What every change of an existing customer names.
#[derive(Debug, Clone)]
pub struct ChangeRequest {
    /// Who is changed.
    pub customer: CustomerId,
    /// Recognises a repetition.
    pub request: Request,
    /// The revision that the customer must have; `None`: any.
    pub etag: Option<Revision>,
}

impl ChangeRequest {
    pub(super) fn target(&self) -> Target<'_> {
        Target { customer: self.customer, request: &self.request, etag: self.etag, entries: &[] }
    }
}

impl Writes {
    /// Applies changes that need nothing but the profile.
    pub async fn change(&self, caller: &Caller, change: ChangeRequest, changes: Vec<Change>) -> Result<Receipt> {
        self.run(caller, |writer, caller| async move {
            Ok(writer.edit(&caller, &change.target(), |_, _| Ok(Plan::of(changes.clone()))).await?.receipt())
        })
        .await
    }

    /// Marks a customer. Where the policy names roles that see bars, they alone end, shorten or replace one: made longer by others, it
    /// stays what it is.
    pub async fn mark(&self, caller: &Caller, change: ChangeRequest, mark: Change) -> Result<Receipt> {
        self.run(caller, |writer, caller| async move {
            let plan = |profile: &Profile, _: &[_]| {
                let barred = profile.barred.as_ref().filter(|known| caller.now < known.bar.until);
                let change = match (&mark, barred.filter(|_| !caller.may_end_bars())) {
                    (Change::BarLifted { .. }, Some(_)) => return Err(Error::BarOfOthers),
                    (Change::BarSet(bar), Some(known)) if bar.until < known.bar.until => {
                        return Err(Error::BarOfOthers);
                    }
                    (Change::BarSet(bar), Some(known)) => Change::BarSet(Bar { until: bar.until, ..known.bar.clone() }),
                    _ => mark.clone(),
                };
                Ok(Plan::of(vec![change]))
            };
            Ok(writer.edit(&caller, &change.target(), plan).await?.receipt())
        })
        .await
    }

    /// Changes the details; `update` answers the new ones. The same ones write nothing.
    pub async fn change_details(
        &self,
        caller: &Caller,
        change: ChangeRequest,
        update: impl Fn(&Details) -> Details + Send + Sync + 'static,
    ) -> Result<Receipt> {
        self.run(caller, |writer, caller| async move {
            let plan = |details: &Details| {
                let updated = update(details);
                if updated == *details { Plan::default() } else { Plan::of(vec![Change::DetailsSet(updated)]) }
            };
            Ok(writer.edit(&caller, &change.target(), |profile, _| Ok(plan(&profile.details))).await?.receipt())
        })
        .await
    }

    /// Adds an identity. One that the customer has already changes nothing in the record, unless it expires at another time.
    pub async fn add_identity(&self, caller: &Caller, change: ChangeRequest, wanted: Wanted) -> Result<Receipt> {
        self.run(caller, |writer, caller| async move { writer.add_identity(&caller, &change, &wanted).await }).await
    }

    /// Removes an identity.
    pub async fn remove_identity(&self, caller: &Caller, change: ChangeRequest, identity: Identity) -> Result<Receipt> {
        self.run(caller, |writer, caller| async move { writer.remove_identity(&caller, &change, &identity).await })
            .await
    }
}

impl Writer {
    async fn add_identity(&self, caller: &Caller, change: &ChangeRequest, wanted: &Wanted) -> Result<Receipt> {
        let profile = match self.readers.first_look(caller, change).await? {
            FirstLook::Repeated(_, repeated) => return Ok(repeated.receipt),
            FirstLook::New(profile) => profile,
        };
        let known = |own: Option<&ProfileIdentity>| own.is_some_and(|own| own.expire_time == wanted.expire_time);
        let old = profile.identity(&wanted.identity);
        if known(old) {
            // An answer means that the customer is found by it, also where the entry was lost.
            let key = caller.key(change.customer);
            let blind = caller.index_key.blind(&wanted.identity);
            self.holds.put_back(caller, &key, &blind, &wanted.field).await?;
            return Ok(self.edit(caller, &change.target(), |_, _| Ok(Plan::of(Vec::new()))).await?.receipt());
        }
        // To change only the expiry, the entry is replaced under its own token.
        let kept = old.map(|own| own.token);
        let own = self.holds.take(caller, change.customer, wanted, kept).await?;
        let confirm = caller.confirm(&own);
        // The outcome: whether the new entry is used.
        let plan = |profile: &Profile, _: &[_]| {
            if known(profile.identity(&wanted.identity)) {
                return Ok(Plan::default());
            }
            Ok(Plan {
                changes: vec![Change::IdentityAdded(own.clone())],
                tokens: vec![own.token],
                index: vec![confirm.clone()],
                outcome: true,
                ..Plan::default()
            })
        };
        let result = self.edit(caller, &change.target(), plan).await;
        if kept.is_none() && Edited::holds_unused(&result, |is_used| *is_used) {
            self.holds.give_back(caller, std::slice::from_ref(&own)).await;
        }
        Ok(result?.receipt())
    }

    async fn remove_identity(&self, caller: &Caller, change: &ChangeRequest, identity: &Identity) -> Result<Receipt> {
        let plan = |profile: &Profile, _: &[_]| {
            // Whatever venue it is of, or was.
            let alike = || identity.forms().iter().find_map(|form| profile.identity(form));
            let own = profile.identity(identity).or_else(alike);
            let own = own.ok_or(Error::EntryNotFound("identity"))?;
            Ok(Plan {
                changes: vec![Change::IdentityRemoved(own.identity.clone())],
                index: vec![IndexOp::Release { identity: caller.index_key.blind(&own.identity), token: own.token }],
                outcome: Some(own.clone()),
                ..Plan::default()
            })
        };
        match self.edit(caller, &change.target(), plan).await? {
            Edited::Done { receipt, outcome: gone } => {
                // The worker does it too; doing it now lets the identity be taken again at once.
                self.holds.give_back(caller, gone.as_slice()).await;
                Ok(receipt)
            }
            Edited::Repeated(repeated) => Ok(repeated.receipt),
        }
    }
}
