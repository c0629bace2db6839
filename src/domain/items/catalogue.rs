//! All items of a venue, with their versions, and how they change.

use std::collections::{BTreeSet, HashMap};

use super::{
    bounds::{COMPONENT_DEPTH_MAX, HISTORY_DAYS, ITEMS_MAX, PART_ITEMS, VERSIONS_MAX},
    item::{Item, Kitchen, Version},
};
use crate::domain::kernel::{
    author::Stamp,
    error::{Refusal, Violation},
    time::{DAY_SECONDS, Timestamp},
};

/// An item's place in the catalogue: what it was, is, and will be.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Entry {
    /// Unique within the venue.
    pub id: String,
    /// By the time from which on each is in force; none: the place is free.
    pub versions: Vec<Version>,
}

/// The shortest time that is kept.
const A_MOMENT: jiff::SignedDuration = jiff::SignedDuration::from_millis(1);

/// All items of a venue, in the order in which they are stored.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Catalogue {
    pub entries: Vec<Entry>,
    /// By time.
    pub kitchen: Vec<Kitchen>,
    /// Which parts of [`PART_ITEMS`] entries were changed since the catalogue was read.
    pub touched: BTreeSet<usize>,
}

/// An item to be put.
#[derive(Debug, Clone, PartialEq)]
pub struct Put {
    pub id: String,
    pub item: Item,
    /// When the contents were declared; `None`: now, or as before if they are the same.
    pub declare_time: Option<Timestamp>,
    /// From when the item is so; `None`: now.
    pub from: Option<Timestamp>,
}

/// Which items something is said of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    Ids(Vec<String>),
    Category(String),
    All,
}

impl Selection {
    /// Whether it names a version of an item.
    fn names(&self, id: &str, version: &Version) -> bool {
        version.item.as_ref().is_some_and(|item| match self {
            Self::Ids(ids) => ids.iter().any(|known| known == id),
            Self::Category(category) => item.category == *category,
            Self::All => true,
        })
    }
}

impl Entry {
    /// The version in force at a time.
    pub fn at(&self, time: Timestamp) -> Option<&Version> {
        self.versions[..self.versions.partition_point(|version| version.from <= time)].last()
    }

    /// When the next version comes into force.
    pub fn next_after(&self, time: Timestamp) -> Option<Timestamp> {
        self.versions.get(self.versions.partition_point(|version| version.from <= time)).map(|version| version.from)
    }

    /// Adds a version, in place of one from the same time, and forgets those that need not be readable any more.
    fn add(&mut self, version: Version, now: Timestamp) {
        let index = self.versions.partition_point(|known| known.from < version.from);
        if self.versions.get(index).is_some_and(|known| known.from == version.from) {
            self.versions[index] = version;
        } else {
            self.versions.insert(index, version);
        }
        // What was put for a day that has come, and is as it was before, says nothing of its own any more.
        self.versions.dedup_by(|later, before| later.from <= now && later.says_as(before));
        let kept_from = kept_from(now);
        let ended = self.versions.iter().skip(1).take_while(|next| next.from < kept_from).count();
        let surplus = self.versions.len().saturating_sub(VERSIONS_MAX);
        self.versions.drain(..ended.max(surplus));
    }

    /// What is declared by putting an item of which something else is in force.
    fn declare(&self, put: &Put, stamp: &Stamp) -> Version {
        let mark = self.versions.iter().filter_map(|version| version.changed.as_ref()).max_by_key(|mark| mark.at);
        let is_alike = |version: &&Version| version.item.as_ref().is_some_and(|item| item.is_made_like(&put.item));
        let alike = || self.versions.iter().filter(is_alike);
        let newest = alike().filter_map(|version| version.declared.as_ref()).max_by_key(|declared| declared.at);
        let confirmed = alike().filter_map(|version| version.confirmed.as_ref()).map(|confirmed| confirmed.at).max();
        let last = newest.map(|declared| declared.at).max(confirmed);
        let (declared, changed) = match &put.item.contents {
            Some(_) => {
                let told = put.declare_time.map(|at| Stamp { at, by: stamp.by.clone() });
                // Nobody has looked at the recipe, if these contents were declared before the mark: whatever stood between.
                let marked = newest.filter(|_| mark.is_some_and(|mark| last <= Some(mark.at))).cloned();
                // An older list takes back nothing that was declared since: nobody knows which of the two holds.
                let is_since = |since: &&Stamp| told.as_ref().is_some_and(|told| told.at < since.at);
                let others = self.versions.iter().filter(|version| !is_alike(version));
                let since = others.filter_map(|version| version.declared.as_ref()).filter(is_since);
                let mark = mark.into_iter().chain(since).max_by_key(|mark| mark.at);
                (told.or(marked).or_else(|| Some(self.said(stamp))), mark)
            }
            // Made of others: no time of its own tells whether this is what was marked.
            None => {
                (None, mark.filter(|mark| last <= Some(mark.at) && alike().any(|version| version.changed.is_some())))
            }
        };
        Version { from: stamp.at, put: stamp.clone(), item: None, declared, confirmed: None, changed: changed.cloned() }
    }

    /// A mark: it follows all that was declared and confirmed before, also by a clock that is ahead.
    fn mark(&self, stamp: &Stamp) -> Stamp {
        let said = self.versions.iter().flat_map(|version| [&version.declared, &version.confirmed]);
        let last = said.flatten().map(|said| said.at).max();
        Stamp { at: last.map_or(stamp.at, |last| last.max(stamp.at)), by: stamp.by.clone() }
    }

    /// What is said now of the contents: it follows a mark that is ahead of the clock (see [`Self::mark`]).
    fn said(&self, stamp: &Stamp) -> Stamp {
        let marked = self.versions.iter().filter_map(|version| version.changed.as_ref()).map(|mark| mark.at).max();
        let after = marked.filter(|mark| *mark > stamp.at).and_then(|mark| mark.checked_add(A_MOMENT).ok());
        Stamp { at: after.unwrap_or(stamp.at), by: stamp.by.clone() }
    }

    /// Whether nothing of it needs to be readable any more.
    fn is_free(&self, now: Timestamp) -> bool {
        self.versions.last().is_none_or(|last| last.item.is_none() && last.from < kept_from(now))
    }

    /// The version in force at a time, if there is one, and all that are put for later.
    fn from(&self, time: Timestamp) -> &[Version] {
        &self.versions[self.versions.partition_point(|version| version.from <= time).saturating_sub(1)..]
    }

    /// Those that are put for later, but for removals.
    fn later(&mut self, time: Timestamp) -> impl Iterator<Item = &mut Version> {
        self.versions.iter_mut().filter(move |version| version.from > time && version.item.is_some())
    }

    /// Of a version that says nothing of its contents: what was last declared before it, also before it was removed.
    pub(super) fn declared_before(&self, version: &Version) -> Option<&Item> {
        let says = |item: &&Item| item.contents.is_some() || !item.components.is_empty() || item.not_food;
        if version.item.as_ref().is_none_or(|item| says(&item)) {
            return None;
        }
        let before = self.versions.iter().rev().filter(|known| known.from < version.from);
        before.filter_map(|known| known.item.as_ref()).find(says)
    }

    /// Whether it is sold at a time, or will be by what is put for later.
    pub fn is_sold_from(&self, time: Timestamp) -> bool {
        self.from(time).iter().any(|version| version.item.is_some())
    }

    fn is_sold(&self) -> bool {
        self.versions.last().is_some_and(|last| last.item.is_some())
    }
}

/// Versions that ended before this time are forgotten.
fn kept_from(now: Timestamp) -> Timestamp {
    now.checked_sub(jiff::SignedDuration::from_secs(HISTORY_DAYS * DAY_SECONDS)).unwrap_or(Timestamp::MIN)
}

impl Catalogue {
    /// The place of an item, by its id.
    pub fn find(&self, id: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.id == id && !entry.versions.is_empty())
    }

    /// What the kitchen may carry over at a time.
    pub fn kitchen_at(&self, time: Timestamp) -> Option<&Kitchen> {
        self.kitchen[..self.kitchen.partition_point(|kitchen| kitchen.from <= time)].last()
    }

    /// Puts items; answers how many are new or differ from what is in force. `field` names the list in violations.
    pub fn put(&mut self, field: &str, puts: &[Put], stamp: &Stamp) -> Result<usize, Refusals> {
        let places: HashMap<String, usize> =
            self.entries.iter().enumerate().map(|(index, entry)| (entry.id.clone(), index)).collect();
        let mut places = places;
        let mut free =
            (0..self.entries.len()).filter(|index| self.entries[*index].is_free(stamp.at)).collect::<Vec<_>>();
        free.reverse();
        let mut changed = 0;
        for put in puts {
            let index = match places.get(put.id.as_str()) {
                Some(index) => *index,
                None => {
                    let index = free.pop().unwrap_or(self.entries.len());
                    let entry = Entry { id: put.id.clone(), versions: Vec::new() };
                    if index < self.entries.len() {
                        places.remove(&self.entries[index].id);
                        self.entries[index] = entry;
                    } else {
                        self.entries.push(entry);
                    }
                    places.insert(put.id.clone(), index);
                    index
                }
            };
            if self.put_one(index, put, stamp) {
                changed += 1;
            }
        }
        let sold = self.entries.iter().filter(|entry| entry.is_sold()).count();
        if sold > ITEMS_MAX {
            return Err(Refusals::Limit(Refusal::LimitReached { what: "items of a venue", max: ITEMS_MAX }));
        }
        let faults = self.faults(field, puts, &places);
        if faults.is_empty() { Ok(changed) } else { Err(Refusals::Invalid(faults)) }
    }

    fn put_one(&mut self, index: usize, put: &Put, stamp: &Stamp) -> bool {
        let from = put.from.map_or(stamp.at, |from| from.max(stamp.at));
        let entry = &mut self.entries[index];
        let before = entry.at(from);
        let known = before.and_then(|before| before.item.as_ref());
        let is_same_contents = known.is_some_and(|known| known.contents == put.item.contents)
            && put.declare_time.is_none_or(|time| {
                before.and_then(|before| before.declared.as_ref()).is_some_and(|declared| declared.at == time)
            });
        // What is put for a later day holds on that day, whatever today's becomes.
        let is_put_for = from == stamp.at || before.is_some_and(|before| before.from == from);
        if is_same_contents && known == Some(&put.item) && is_put_for {
            return false;
        }
        let as_before = before.filter(|_| is_same_contents && known.is_some_and(|known| known.is_made_like(&put.item)));
        let version = as_before.map_or_else(|| entry.declare(put, stamp), Version::clone);
        let version = Version { from, put: stamp.clone(), item: Some(put.item.clone()), ..version };
        entry.add(version, stamp.at);
        self.touched.insert(index / PART_ITEMS);
        true
    }

    /// What is wrong between items: components that do not exist, that contain themselves, or that go too deep.
    fn faults(&self, field: &str, puts: &[Put], places: &HashMap<String, usize>) -> Vec<Violation> {
        let mut faults = Vec::new();
        let newest = |id: &str| places.get(id).and_then(|index| self.entries[*index].versions.last()?.item.as_ref());
        for (index, put) in puts.iter().enumerate() {
            let at = format!("{field}[{index}].component_ids");
            if put.item.components.iter().any(|id| newest(id).is_none()) {
                faults.push(Violation::new(at, "must be ids of items of the venue, or of this request"));
                continue;
            }
            // Breadth first: as many rounds as components may go deep.
            let mut round: BTreeSet<&str> = put.item.components.iter().map(String::as_str).collect();
            let mut depth = 0;
            while !round.is_empty() && depth <= COMPONENT_DEPTH_MAX && !round.contains(put.id.as_str()) {
                let below = |id: &&str| newest(id).map_or(&[][..], |item| &item.components[..]);
                round = round.iter().flat_map(|id| below(id).iter().map(String::as_str)).collect();
                depth += 1;
            }
            if round.contains(put.id.as_str()) {
                faults.push(Violation::new(at, "must not lead back to the item itself"));
            } else if depth > COMPONENT_DEPTH_MAX {
                faults.push(Violation::new(at, "must not go deeper than 8 components"));
            }
        }
        faults
    }

    /// Removes items; their earlier versions stay readable. Answers how many were there.
    pub fn remove(&mut self, ids: &[String], stamp: &Stamp) -> usize {
        self.each(&Selection::Ids(ids.to_vec()), stamp, |entry| {
            // What was to come is taken back too.
            entry.versions.retain(|version| version.from <= stamp.at);
            if let Some(before) = entry.versions.last().filter(|last| last.item.is_some()) {
                let nothing = Version { item: None, declared: None, confirmed: None, ..before.clone() };
                entry.add(Version { from: stamp.at, put: stamp.clone(), ..nothing }, stamp.at);
            }
            true
        })
    }

    /// Confirms that the declared contents are still right; answers of how many items this makes them count. It is said of what is
    /// put for later too: a mark that the confirmation follows must not come back by itself.
    pub fn confirm(&mut self, selection: &Selection, stamp: &Stamp) -> usize {
        self.each(selection, stamp, |entry| {
            let id = entry.id.clone();
            let said = entry.said(stamp);
            let before = entry.at(stamp.at).filter(|before| selection.names(&id, before)).cloned();
            let is_meant = |later: &&mut Version| before.is_some() || selection.names(&id, later);
            let mut is_different = false;
            for later in entry.later(stamp.at).filter(is_meant).filter(|later| later.is_confirmable(stamp.at)) {
                later.confirmed = Some(said.clone());
                is_different = true;
            }
            if let Some(before) = before.filter(|before| before.is_confirmable(stamp.at)) {
                let confirmed = Some(said);
                entry.add(Version { from: stamp.at, put: stamp.clone(), confirmed, ..before }, stamp.at);
                is_different = true;
            }
            is_different
        })
    }

    /// Marks contents as changed: they count as not declared until they are confirmed or declared again. What was put for
    /// later was declared before the mark, too; and of an item that is named by one version, all count.
    pub fn mark_changed(&mut self, selection: &Selection, stamp: &Stamp) -> usize {
        self.each(selection, stamp, |entry| {
            let mark = entry.mark(stamp);
            for later in entry.later(stamp.at) {
                later.changed = Some(mark.clone());
            }
            if let Some(before) = entry.at(stamp.at).filter(|before| before.item.is_some()).cloned() {
                let changed = Some(mark);
                entry.add(Version { from: stamp.at, put: stamp.clone(), changed, ..before }, stamp.at);
            }
            true
        })
    }

    /// Changes each selected item that is sold, or will be; answers how many are different now, as `change` says.
    fn each(&mut self, selection: &Selection, stamp: &Stamp, change: impl Fn(&mut Entry) -> bool) -> usize {
        let mut count = 0;
        for (index, entry) in self.entries.iter_mut().enumerate() {
            let is_selected = entry.from(stamp.at).iter().any(|version| selection.names(&entry.id, version));
            if is_selected && change(entry) {
                self.touched.insert(index / PART_ITEMS);
                count += 1;
            }
        }
        count
    }

    /// Declares what the whole kitchen may carry over; answers whether that is new.
    pub fn declare_kitchen(&mut self, may_contain: Vec<String>, stamp: &Stamp) -> bool {
        let known = self.kitchen_at(stamp.at).map_or(&[][..], |kitchen| &kitchen.may_contain[..]);
        if known == may_contain {
            return false;
        }
        self.kitchen.push(Kitchen { from: stamp.at, put: stamp.clone(), may_contain });
        let kept_from = kept_from(stamp.at);
        let ended = self.kitchen.iter().skip(1).take_while(|next| next.from < kept_from).count();
        let surplus = self.kitchen.len().saturating_sub(VERSIONS_MAX);
        self.kitchen.drain(..ended.max(surplus));
        true
    }
}

/// Why items cannot be put.
#[derive(Debug)]
pub enum Refusals {
    Limit(Refusal),
    Invalid(Vec<Violation>),
}

#[cfg(test)]
#[path = "catalogue_tests.rs"]
mod tests;
