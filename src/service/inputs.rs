//! The inputs of a briefing. Making and encoding an answer read nothing but these and the opened records. The answer's cache key is
//! computed from all of them but the time: two requests that differ in another input never share a cached answer.

use super::{
    briefing::{Ask, Basket, Resolved, View},
    callers::Caller,
    copurchase::CopurchaseSnapshot,
    items::menus::{MenuVersion, VenueMenu},
    policies::InForce,
    tokens,
};
use crate::{
    domain::{
        CustomerId, TenantId, Timestamp, VenueId,
        basket::Seat,
        briefing::{Mask, Question},
        consent::Purpose,
        items::Menu,
        policy::Venue,
    },
    store::{CustomerKey, Revision, sealing::IndexKey},
};

/// Everything that composing and writing an answer read, beside the profiles that were found.
pub struct Inputs<'a> {
    tenant: &'a TenantId,
    index_key: &'a IndexKey,
    in_force: &'a InForce,
    copurchase: Option<&'a CopurchaseSnapshot>,
    menu: Option<&'a VenueMenu>,
    venue: &'a Venue,
    purpose: Purpose,
    mask: Mask,
    now: Timestamp,
    at: Option<Timestamp>,
    basket: &'a Basket,
    view: View,
    language: &'static str,
    about: About,
}

/// Which profiles were found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum About {
    /// The one record to look at, and the blind key of the identity that led to it.
    Record { customer: CustomerId, revision: Revision, via: Option<[u8; 16]> },
    /// Nobody, or several.
    NotOne,
}

/// The cache key of an answer: all its inputs but the time.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    /// Whose answer it is: an erasure drops all answers of the customer.
    pub customer: CustomerKey,
    revision: Revision,
    via: Option<[u8; 16]>,
    /// Of the stores.
    epoch: u64,
    /// `None`: no policy was set.
    policy: Option<Revision>,
    /// `None`: nothing was read yet of what others buy; `Some(None)`: there was nothing.
    copurchase: Option<Option<Revision>>,
    /// `None`: no menu was read.
    menu: Option<MenuVersion>,
    venue: VenueId,
    purpose: Purpose,
    mask: Mask,
    view: View,
    language: &'static str,
}

impl<'a> Inputs<'a> {
    /// The inputs of the answer to this question.
    pub fn of(caller: &'a Caller, ask: &Ask<'a>, resolved: &Resolved<'_>) -> Self {
        let Ask { venue, at, purpose, mask, basket, view, language } = *ask;
        let about = match resolved {
            Resolved::Record { customer, fetched, via } => {
                let (revision, via) = (fetched.revision, via.as_ref().map(|via| via.digest));
                About::Record { customer: *customer, revision, via }
            }
            Resolved::Verified { .. } => About::NotOne,
        };
        Self {
            tenant: &caller.principal.tenant,
            index_key: &caller.index_key,
            in_force: &caller.in_force,
            copurchase: caller.copurchase.as_deref(),
            menu: caller.menu.as_deref().filter(|menu| menu.venue == venue.id),
            venue,
            purpose,
            mask,
            now: caller.now,
            at,
            basket,
            view,
            language,
            about,
        }
    }

    /// The cache key of the answer; `None`: it is not cached. Destructures every field, so that a new input does not compile
    /// until it is handled here.
    pub fn key(&self) -> Option<Key> {
        let Self {
            tenant,
            // The tenant's only one; and what was made in another epoch may be of writes that are lost.
            index_key,
            in_force: InForce { policy: _, revision: policy },
            copurchase,
            menu,
            venue,
            purpose,
            mask,
            // An answer says itself until when it is right.
            now: _,
            at,
            basket,
            view,
            language,
            about,
        } = *self;
        match about {
            About::Record { customer, revision, via } if at.is_none() && basket.lines.is_empty() => Some(Key {
                customer: CustomerKey { tenant: tenant.clone(), customer },
                revision,
                via,
                epoch: index_key.epoch(),
                policy: *policy,
                copurchase: copurchase.map(|read| read.revision),
                menu: menu.map(|menu| menu.version),
                venue: venue.id.clone(),
                purpose,
                mask,
                view,
                language,
            }),
            // Another time or a basket: rarely asked twice. Nobody or several: no single revision says what was read.
            _ => None,
        }
    }

    /// When the request came.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Until when the menu stays what it is by itself; `None`: for ever.
    pub(super) fn menu_until(&self) -> Option<Timestamp> {
        self.menu.and_then(|menu| menu.version.until)
    }

    /// The time that the answer is about.
    pub fn as_of(&self) -> Timestamp {
        self.at.unwrap_or(self.now)
    }

    /// How much of it is sent.
    pub fn view(&self) -> View {
        self.view
    }

    /// Decides with the consents what is withheld.
    pub fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// The tag of the language in which the answer is written.
    pub fn language(&self) -> &'static str {
        self.language
    }

    /// The question that the domain is asked.
    pub(super) fn question(&self) -> Question<'a> {
        Question {
            policy: &self.in_force.policy,
            venue: self.venue,
            now: self.now,
            at: self.as_of(),
            purpose: self.purpose,
            mask: self.mask,
            basket: &self.basket.items,
            lines: &self.basket.lines,
            seat: Seat::Customers(&self.basket.seat),
            menu: self.menu.map_or(Menu::nothing(), |menu| &menu.menu),
            others: self.copurchase.map(|read| &read.snapshot),
        }
    }

    /// A token with which a later read can demand the revision that the answer is made from.
    pub fn revision_token(&self, customer: CustomerId, revision: Revision) -> String {
        tokens::revision_token(self.index_key, customer, revision)
    }
}
