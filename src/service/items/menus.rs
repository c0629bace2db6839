//! The menus in force: read for every briefing, changed seldom, read again after some seconds.

use std::{sync::Arc, time::Duration};

use super::stored;
use crate::{
    cache::{Bounds, Cache},
    domain::{TenantId, Timestamp, VenueId, items::Menu, policy::Venue},
    service::{Caller, Readers, beside::beside_other_calls, error::Result},
    store::{Revision, Store, StoreError},
};

/// How long a replica may answer by a menu that another replica has replaced.
const MENU_AGE_MAX: Duration = Duration::from_secs(5);
/// How long a menu is still good while the store cannot be reached.
const MENU_STALE_MAX: Duration = Duration::from_mins(1);
/// All menus together: those of a dozen venues at every limit, or of thousands of restaurants.
const BYTES_MAX: u64 = 64 << 20;
/// No menu counts for more: the cache would not keep it, and each call would work it out anew. Half of a shard's share; only items with many
/// long names in many scripts take more.
const WEIGHT_MAX: u64 = BYTES_MAX / 16;
/// What the menu of a restaurant takes.
const BYTES_USUAL: u64 = 32 << 10;
/// What a menu takes beside its items.
const OVERHEAD: u64 = 512;

/// What an answer depends on beside the menu itself: it names the menu in keys of kept answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MenuVersion {
    /// Of the head; `None`: nothing was ever put.
    pub revision: Option<Revision>,
    /// Until when nothing comes into force or expires; `None`: for ever.
    pub until: Option<Timestamp>,
}

/// The menu of a venue.
pub struct VenueMenu {
    /// Whose it is.
    pub venue: VenueId,
    /// What is declared.
    pub menu: Menu,
    /// Which menu it is.
    pub version: MenuVersion,
    /// The policy that says what contents count.
    policy: Option<Revision>,
    /// When it was worked out.
    from: Timestamp,
}

impl VenueMenu {
    /// Whether it is what this caller would work out now, if the items have not changed.
    fn holds_for(&self, caller: &Caller) -> bool {
        self.policy == caller.in_force.revision
            && self.from <= caller.now
            && self.version.until.is_none_or(|until| caller.now < until)
    }
}

type Key = (TenantId, VenueId);

/// The menus in force.
pub struct Menus(Cache<Key, Arc<VenueMenu>, StoreError>);

impl Default for Menus {
    fn default() -> Self {
        let bounds = Bounds { weight_max: BYTES_MAX, weight_usual: BYTES_USUAL, age_max: MENU_AGE_MAX };
        Self(Cache::new(bounds, |_, menu| (menu.menu.weight() as u64 + OVERHEAD).min(WEIGHT_MAX)))
    }
}

impl Menus {
    /// The menu in force. While the store cannot be reached, it is that of up to a minute ago.
    async fn get(&self, store: &dyn Store, caller: &Caller, venue: &VenueId) -> Result<Arc<VenueMenu>> {
        let key = (caller.principal.tenant.clone(), venue.clone());
        if let Some(menu) = self.0.get(&key) {
            if menu.holds_for(caller) {
                return Ok(menu);
            }
            self.0.remove(&key);
        }
        // In a box of its own: it is seldom needed, and every briefing's future would be as large.
        Box::pin(self.read(store, caller, venue, key)).await
    }

    async fn read(&self, store: &dyn Store, caller: &Caller, venue: &VenueId, key: Key) -> Result<Arc<VenueMenu>> {
        let known = self.0.get_within(&key, MENU_STALE_MAX).filter(|menu| menu.holds_for(caller));
        match self.0.get_or_load(&key, load(store, caller, venue, known.clone())).await {
            Ok(menu) => Ok(menu),
            Err(fault @ (StoreError::Unavailable(_) | StoreError::Misconfigured(_))) => Ok(known.ok_or(fault)?),
            Err(fault) => Err(fault.into()),
        }
    }

    /// Has the menu read again by whoever asks next: it was changed.
    pub(super) fn forget(&self, tenant: &TenantId, venue: &VenueId) {
        self.0.remove(&(tenant.clone(), venue.clone()));
    }
}

/// The menu, as the store has it now. Items that are damaged are not declared: the rest of an answer is needed all the more.
async fn load(
    store: &dyn Store,
    caller: &Caller,
    venue: &VenueId,
    known: Option<Arc<VenueMenu>>,
) -> std::result::Result<Arc<VenueMenu>, StoreError> {
    let tenant = &caller.principal.tenant;
    let menu = |menu, revision, until| {
        Arc::new(VenueMenu {
            venue: venue.clone(),
            menu,
            version: MenuVersion { revision, until },
            policy: caller.in_force.revision,
            from: caller.now,
        })
    };
    let read = async {
        let Some((revision, head)) = stored::head(store, tenant, venue).await? else {
            return Ok(menu(Menu::of_nothing(&caller.in_force.policy.rules.items), None, None));
        };
        if let Some(known) = known.filter(|known| known.version.revision == Some(revision)) {
            return Ok(known);
        }
        let items = stored::read_parts(store, tenant, venue, revision, head).await?;
        let rules = &caller.in_force.policy.rules.items;
        // Of 10,000 items it takes a tenth of a second.
        let (worked_out, until) = beside_other_calls(|| items.catalogue.menu(rules, caller.now));
        Ok(menu(worked_out, Some(revision), until))
    };
    match read.await {
        Err(StoreError::Corrupt(cause)) => {
            tracing::error!(error = %cause, venue = %venue, "the items of a venue are damaged, and count as not declared");
            Ok(menu(Menu::of_nothing(&caller.in_force.policy.rules.items), None, None))
        }
        read => read,
    }
}

impl Readers {
    /// The same caller with the menu of the venue at hand.
    ///
    /// # Errors
    /// Those of a store that cannot be reached.
    pub async fn with_menu(&self, mut caller: Caller, venue: &VenueId) -> Result<Caller> {
        if caller.in_force.policy.venue(venue).is_some() {
            let menu = self.menus.get(self.records.store.as_ref(), &caller, venue).await?;
            caller.menu = Some(menu);
        }
        Ok(caller)
    }
}

impl Caller {
    /// The menu of a venue, if it is at hand; else one that declares nothing.
    pub fn menu_of(&self, venue: &Venue) -> &Menu {
        let own = self.menu.as_ref().filter(|menu| menu.venue == venue.id);
        own.map_or(Menu::nothing(), |own| &own.menu)
    }
}
