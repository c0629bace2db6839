//! How the items of a venue change: read, change, put; and again from the start if another writer was faster.

use super::stored;
use crate::{
    domain::{
        Stamp, VenueId,
        items::{Catalogue, Put, Refusals, Selection},
    },
    service::{
        Caller, Request,
        edit::{Repeated, pause, remember, repeated, request_marks},
        error::{Error, Result},
        writes::{Writer, Writes},
    },
    store::{Revision, StoreError, codec::requests::Remembered, records::NewRequest},
};

/// Attempts before a writer gives up. Writers of one process queue, and few replicas change items at once. Fewer than the
/// versions of a part that are kept.
const ATTEMPTS_MAX: u32 = 12;

const _: () = assert!((ATTEMPTS_MAX as u64) < stored::PART_VERSIONS_KEEP);

/// What a change of items answers with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Changed {
    /// Of all items of the venue.
    pub revision: Revision,
    /// Items that are different now.
    pub count: u32,
    /// Whether this repeats the answer of an earlier, same request.
    pub replayed: bool,
}

/// Which items are changed, by which request, and on what condition.
#[derive(Debug, Clone)]
pub struct Target {
    /// Whose items they are.
    pub venue: VenueId,
    /// The request.
    pub request: Request,
    /// Only if this revision is in force.
    pub etag: Option<Revision>,
}

/// What is done.
#[derive(Debug, Clone)]
pub enum ItemChange {
    /// Puts items.
    Put(Vec<Put>),
    /// Removes items.
    Remove(Vec<String>),
    /// Confirms that contents are still right.
    Confirm(Selection),
    /// Marks contents as changed.
    MarkChanged(Selection),
    /// Declares what the kitchen may carry over.
    Kitchen(Vec<String>),
}

impl ItemChange {
    fn apply(&self, catalogue: &mut Catalogue, stamp: &Stamp) -> Result<usize> {
        let known = |catalogue: &Catalogue, selection: &Selection| -> Result<()> {
            let Selection::Ids(ids) = selection else { return Ok(()) };
            let is_sold = |id: &String| catalogue.find(id).is_some_and(|entry| entry.is_sold_from(stamp.at));
            if ids.iter().all(is_sold) { Ok(()) } else { Err(Error::ItemNotFound) }
        };
        Ok(match self {
            Self::Put(puts) => catalogue.put("items", puts, stamp).map_err(|refused| match refused {
                Refusals::Limit(refusal) => Error::from(refusal),
                Refusals::Invalid(faults) => Error::Invalid(faults),
            })?,
            Self::Remove(ids) => catalogue.remove(ids, stamp),
            Self::Confirm(selection) => {
                known(catalogue, selection)?;
                catalogue.confirm(selection, stamp)
            }
            Self::MarkChanged(selection) => {
                known(catalogue, selection)?;
                catalogue.mark_changed(selection, stamp)
            }
            Self::Kitchen(codes) => usize::from(catalogue.declare_kitchen(codes.clone(), stamp)),
        })
    }
}

impl Writer {
    async fn change_items(&self, caller: &Caller, target: &Target, change: &ItemChange) -> Result<Changed> {
        let _queued = self.changing_items.lock().await;
        let (tenant, venue) = (&caller.principal.tenant, &target.venue);
        let store = self.records.store.as_ref();
        let marks = request_marks(caller, &target.request);
        let stamp = Stamp { at: caller.now, by: caller.principal.author() };
        for attempt in 0..ATTEMPTS_MAX {
            let mut items = stored::read(store, tenant, venue).await?;
            // No customer is changed; what is remembered is the same.
            if let Some(before) = repeated(caller, NOBODY, &items.head.requests, marks.as_ref())? {
                return Ok(first_answer(&before));
            }
            if target.etag.is_some() && target.etag != items.revision {
                return Err(Error::EtagMismatch);
            }
            let count = u32::try_from(change.apply(&mut items.catalogue, &stamp)?).unwrap_or(u32::MAX);
            if let Some(revision) = items.revision.filter(|_| count == 0) {
                return Ok(Changed { revision, count, replayed: false });
            }
            let revision = stored::next(items.revision)?;
            let made = [count.to_string()];
            if let Some(NewRequest { mut earlier, id, body_hash, created, gesture }) =
                remember(caller, items.head.requests.clone(), marks.as_ref(), &made, None)
            {
                earlier.push(Remembered { id, body_hash, time_ms: caller.now_ms(), revision, created, gesture });
                items.head.requests = earlier;
            }
            self.records.write_format.require(stored::FORMAT)?;
            let result = items.write(store, tenant, venue, revision).await;
            self.readers.menus.forget(tenant, venue);
            match result {
                Ok(()) => return Ok(Changed { revision, count, replayed: false }),
                Err(StoreError::Conflict) => pause(attempt).await?,
                Err(fault) => return Err(fault.into()),
            }
        }
        Err(Error::Contended)
    }
}

/// Stands for no customer in what is remembered of a request.
const NOBODY: crate::domain::CustomerId = crate::domain::CustomerId::from_bytes([0; 16]);

/// The first answer to a request that was carried out before: what it made is how many items it changed.
fn first_answer(before: &Repeated) -> Changed {
    let count = before.receipt.created.first().and_then(|count| count.parse().ok()).unwrap_or(0);
    Changed { revision: before.receipt.revision, count, replayed: true }
}

impl Writes {
    /// Changes the items of a venue.
    ///
    /// # Errors
    /// `Invalid`, `EtagMismatch`, `RequestIdReused`, `LimitReached`, `ItemNotFound`; those of the store.
    pub async fn change_items(&self, caller: &Caller, target: Target, change: ItemChange) -> Result<Changed> {
        self.run(caller, |writer, caller| async move { writer.change_items(&caller, &target, &change).await }).await
    }
}
