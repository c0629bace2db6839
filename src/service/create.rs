//! Creating a customer.

use super::{
    Caller, Receipt, Request,
    edit::{Marks, apply_all, pause, remember, repeated, request_marks},
    error::{Error, Result},
    identities::{Maker, Wanted},
    indexing::{Standing, between},
    writes::{Writer, Writes},
};
use crate::{
    domain::{Author, Change, CustomerId, Profile, profile::ProfileIdentity},
    store::{
        CustomerKey, IndexOp, StoreError,
        codec::requests::Remembered,
        keys,
        records::{Opened, Write},
        sealing::{IndexKey, KeyState, Label, random},
    },
};

/// Attempts of one request, when others of the same request get in its way.
const ATTEMPTS_MAX: u32 = 8;

/// A customer to create: the identities to take, and the changes that make the profile.
#[derive(Debug, Clone)]
pub struct NewCustomer {
    /// The identities by which the customer is found; empty: by the id alone.
    pub identities: Vec<Wanted>,
    /// Applied in this order; none of them adds an identity.
    pub changes: Vec<Change>,
}

impl Writes {
    /// Creates a customer. With a request id the customer's id is derived from it, so that the same request never makes
    /// a second customer.
    pub async fn create(&self, caller: &Caller, request: Request, new: NewCustomer) -> Result<Receipt> {
        self.run(caller, |writer, caller| async move { writer.create(&caller, &request, new).await }).await
    }
}

impl Writer {
    async fn create(&self, caller: &Caller, request: &Request, new: NewCustomer) -> Result<Receipt> {
        let customer = new_customer_id(caller, request)?;
        let key = caller.key(customer);
        let _queued = self.locks.lock(customer).await;
        if let KeyState::Destroyed = self.records.ring.get(&key).await? {
            return Err(Error::CustomerErased);
        }
        let marks = request_marks(caller, request);
        let mut attempt = 0;
        let mut before = None;
        loop {
            let Opened { current, requests, .. } = self.records.load(&key, &[]).await?;
            if let Some(repeated) = repeated(caller, customer, &requests, marks.as_ref())? {
                return Ok(repeated.receipt);
            }
            if current.is_some() {
                return Err(Error::CustomerExists { customer: customer.to_string() });
            }
            // Somebody else has the identity.
            if let Some(fault @ (Error::IdentityTaken { .. } | Error::IdentityHeld { .. })) = before {
                return Err(fault);
            }
            match self.try_to_create(caller, &key, marks.as_ref(), requests, new.clone()).await {
                // The same request at another replica may have made the customer, or refused this one's hold.
                Err(
                    fault @ (Error::IdentityTaken { .. }
                    | Error::IdentityHeld { .. }
                    | Error::CustomerExists { .. }
                    | Error::Store(StoreError::HoldRefused)),
                ) if marks.is_some() && attempt < ATTEMPTS_MAX => before = Some(fault),
                result => return result,
            }
            pause(attempt).await?;
            attempt += 1;
        }
    }

    async fn try_to_create(
        &self,
        caller: &Caller,
        key: &CustomerKey,
        marks: Option<&Marks>,
        requests: Vec<Remembered>,
        new: NewCustomer,
    ) -> Result<Receipt> {
        let NewCustomer { identities, changes } = new;
        let wanted = identities.into_iter().map(|wanted| (wanted, None));
        let taken = self.holds.take_all(caller, key.customer, wanted, Maker::Create).await?;
        let result = self.create_with(caller, key, marks, requests, changes, &taken).await;
        if matches!(&result, Err(fault) if !matches!(fault, Error::Store(StoreError::Unknown(_)))) {
            self.holds.give_back(caller, &taken).await;
        }
        result
    }

    async fn create_with(
        &self,
        caller: &Caller,
        key: &CustomerKey,
        marks: Option<&Marks>,
        requests: Vec<Remembered>,
        changes: Vec<Change>,
        taken: &[ProfileIdentity],
    ) -> Result<Receipt> {
        let mut profile = Profile::new(caller.now);
        let mut all: Vec<Change> = taken.iter().cloned().map(Change::IdentityAdded).collect();
        all.extend(changes);
        let applied = apply_all(caller, &mut profile, &all)?;
        let standing = Standing::of(caller, key, &profile);
        let write = Write {
            key: key.clone(),
            expect: None,
            profile,
            request: remember(caller, requests, marks, &applied.created, None),
            entries: applied.entries,
            dropped: applied.dropped,
            tokens: taken.iter().map(|own| own.token).collect(),
            touched: applied.touched,
            index: std::iter::once(IndexOp::List)
                .chain(taken.iter().map(|own| caller.confirm(own)))
                .chain(between(caller, None, Some(&standing)))
                .collect(),
            now_ms: caller.now_ms(),
        };
        match self.records.commit(write).await {
            Ok(Some(revision)) => {
                self.worker.mark(keys::bucket(&key.tenant, &key.customer));
                Ok(Receipt { customer: key.customer, revision, created: applied.created, replayed: false })
            }
            Ok(None) => Err(Error::CustomerErased),
            Err(StoreError::Conflict) => Err(Error::CustomerExists { customer: key.customer.to_string() }),
            Err(fault) => Err(fault.into()),
        }
    }
}

pub(super) fn new_customer_id(caller: &Caller, request: &Request) -> Result<CustomerId> {
    if request.id.is_empty() {
        return Ok(CustomerId::from_bytes(random()?));
    }
    Ok(derived_id(&caller.index_key, &caller.principal.author(), request.method, &request.id))
}

/// The id of the customer that a request makes: the same for every repetition, in every release.
pub(super) fn derived_id(key: &IndexKey, author: &Author, method: &str, request: &str) -> CustomerId {
    let parts = [author.as_bytes(), method.as_bytes(), request.as_bytes()];
    CustomerId::from_bytes(key.digest(Label::CustomerId, &parts))
}
