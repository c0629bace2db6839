//! The gate: what may be proposed to a customer, here and now. Everything that names an item comes out of it as a
//! [`Cleared`], and nothing else can make one.
//!
//! | the customer | declared free of it | contents not declared | declared, or named, as containing |
//! |---|---|---|---|
//! | asked, no food precaution | propose | propose | propose |
//! | never asked, a household, or outdated | propose, and say that nobody asked; an edible gesture waits | the same | the same |
//! | food precaution understood | propose | the customer's own, if confirmed since; ask the kitchen | never |
//! | diet or abstention | propose | propose | never |
//! | code not understood | never | never | never |
//!
//! What is not eaten or drunk passes, unless the customer keeps away from it. docs/gate.md tells it with examples. A verdict
//! is never stored: it is made each time something is shown.

mod against;
mod age;
mod ban;
mod cleared;
mod contents;
mod dislikes;
mod known;
mod line;
mod plate;
mod promise;
mod seen;

pub use cleared::{Clearance, Cleared};
pub use line::{Ask, Finding, LineCheck, LineState, ToldBy};

pub(in crate::domain) use against::{Against, Ground, How, Stop};
pub(in crate::domain) use age::TooYoungFor;
pub(in crate::domain) use ban::is_understood;
pub(in crate::domain) use cleared::Named;
pub(in crate::domain) use known::{Item, Serves, is_plainly_left_out};

use crate::domain::{
    insight::{
        edible,
        substances::{self, Overlap, Substances},
    },
    items::{Declared, Menu},
    kernel::{name, time::Timestamp},
    parts::{
        basket::{BasketLine, Seat},
        habits::Habits,
        precaution::{Plates, Precaution},
        preference::Preference,
        recent,
    },
    policy::{
        ItemRules, Venue,
        catalogue::{Contents, GestureType},
    },
};
use ban::{Ban, Found};
use contents::Reads;
use dislikes::Dislikes;
use known::{Knowledge, Known, is_eaten};
use seen::{Seen, Told};

/// Business days on which an item was bought since a precaution was recorded, from which on the customer is taken to know
/// what they eat: one or two may be a mistake, or for somebody else.
const DAYS_BOUGHT_MIN: usize = 3;

/// What is known of what a customer must not be given.
pub(in crate::domain) struct Gate<'a> {
    bans: Vec<Ban<'a>>,
    /// What the customer keeps away from.
    disliked: Dislikes<'a>,
    /// `None`: nothing, or their age is not known.
    too_young_for: Option<TooYoungFor>,
    who: Who<'a>,
}

/// Whom the gate is for, who asks, and where.
#[derive(Clone, Copy)]
pub(in crate::domain) struct Who<'a> {
    /// Whether an answer about precautions stands: see `Profile::asked`.
    pub is_asked: bool,
    /// Whether who asks may see precautions. Else nothing that is eaten is proposed, to anybody: what is missing would
    /// tell of a precaution.
    pub sees_precautions: bool,
    /// What the customer bought, and where that is counted by day.
    pub habits: Option<(&'a Habits, &'a Venue)>,
    /// What the venue has declared.
    pub menu: &'a Menu,
    /// When it is served: what is declared may have ended by then.
    pub at: Timestamp,
    /// Which categories the policy counts as food.
    pub rules: &'a ItemRules,
}

/// The table of the gate, but for the rows of those who have no precaution about food.
fn clearance(knowledge: Knowledge, known: Known) -> Option<Clearance> {
    match (knowledge, known) {
        (Knowledge::NotUnderstood, _) | (_, Known::Contains) => None,
        (_, Known::Free) => Some(Clearance::Free),
        (_, Known::Traces) => Some(Clearance::MayContain),
        (_, Known::MayBeRaw) => Some(Clearance::CheckWithKitchen),
        (Knowledge::Diet, Known::NotDeclared { .. }) => Some(Clearance::Free),
        (Knowledge::Food, Known::NotDeclared { confirmed_since }) => {
            confirmed_since.then_some(Clearance::CheckWithKitchen)
        }
    }
}

impl<'a> Gate<'a> {
    /// From active precautions, the most critical first, and from what the customer keeps away from. The first precaution
    /// that speaks against something is the one that is named.
    pub fn of(
        precautions: impl Iterator<Item = &'a Precaution>,
        disliked: impl Iterator<Item = &'a Preference>,
        who: Who<'a>,
    ) -> Self {
        Self {
            bans: precautions.flat_map(|known| Ban::each_of(known, who.menu)).collect(),
            disliked: Dislikes::of(disliked),
            too_young_for: None,
            who,
        }
    }

    /// The same for several people, of whom nobody says who sits where: a household has no own plate.
    pub fn for_several(mut self) -> Self {
        self.bans.iter_mut().for_each(|ban| ban.plates = Plates::All);
        self
    }

    /// The same for somebody for whom others speak: what is said of another may be said of them.
    pub fn of_others_too(mut self, may_be_theirs: impl Fn(&str) -> bool) -> Self {
        let others = self.bans.iter_mut().filter(|ban| ban.plates == Plates::Others);
        for ban in others.filter(|ban| may_be_theirs(&ban.precaution.reported.of_whom)) {
            ban.plates = Plates::All;
        }
        self
    }

    /// The same for somebody who is too young for something.
    pub fn too_young_for(self, too_young_for: Option<TooYoungFor>) -> Self {
        Self { too_young_for, ..self }
    }

    /// Lets something through, if it may be proposed.
    pub fn admit<T: Named>(&self, what: T) -> Option<Cleared<T>> {
        let clearance = self.judge(&what.item())?;
        Some(Cleared::new(what, clearance))
    }

    fn judge(&self, item: &Item<'_>) -> Option<Clearance> {
        let Who { is_asked, sees_precautions, menu, rules, .. } = self.who;
        let may_be_named = self.may_be_named(item);
        if self.disliked.have_item(item, may_be_named, menu) || self.is_too_young(item) {
            return None;
        }
        if self.bans.is_empty() && is_asked && sees_precautions {
            return Some(Clearance::Free);
        }
        let listed = self.listed(item.name);
        let is_food_there = || edible::is_named_in_situation(item.situation);
        let is_edible = match &listed {
            Some(listed) if listed.is_sold && listed.not_food => false,
            Some(listed) if is_eaten(listed, item.name, rules) => true,
            Some(listed) if listed.is_sold => is_food_there(),
            // What was called so says what it may hold, and not that it is no food.
            _ => edible::may_be(item.name, item.category, rules) || is_food_there(),
        };
        if !sees_precautions {
            let is_named = listed.is_some_and(|listed| listed.told.all != 0);
            return (!is_edible && !is_named).then_some(Clearance::Free);
        }
        if !is_edible {
            return (!self.is_kept_from(item, listed.as_ref(), may_be_named)).then_some(Clearance::Free);
        }
        let unasked = if is_asked { Clearance::Free } else { Clearance::NobodyAsked };
        if self.bans.is_empty() {
            return Some(unasked);
        }
        let seen = Seen { may_be_named, ..Seen::of(item, listed, menu) };
        // What somebody else at the table must not have is no matter of the customer's own plate.
        let own = self.bans.iter().filter(|ban| ban.is_own());
        let kitchen = menu.kitchen();
        let carried = |ban: &Ban<'_>| {
            let counts = kitchen & ban.forbids.substances != 0 && ban.traces() == Known::Contains;
            if counts { Clearance::CheckWithKitchen } else { Clearance::Free }
        };
        let mut each = own.map(|ban| Some(clearance(ban.knowledge(), self.known(ban, &seen))?.max(carried(ban))));
        each.try_fold(unasked, |worst, one| Some(worst.max(one?)))
    }

    /// Whether an item may say the name of something that the customer keeps away from, or must. Hardly any does, and then nothing is
    /// looked for in its words.
    fn may_be_named(&self, item: &Item<'_>) -> bool {
        let names = self.bans.iter().filter_map(Ban::name).chain(self.disliked.names());
        item.texts().any(|text| name::may_have(names.clone(), text))
    }

    /// Whether a precaution speaks against what is not eaten: a feather pillow is not for everybody either, nor is what the
    /// catalogue has as no food and by a name of food.
    fn is_kept_from(&self, item: &Item<'_>, listed: Option<&Declared<'_>>, may_be_named: bool) -> bool {
        let told = if listed.is_some() { Seen::of(item, listed.copied(), self.who.menu).told } else { Told::default() };
        self.bans.iter().filter(|ban| ban.is_own()).any(|ban| {
            let is_named = match ban.finds(item.texts().filter(|_| may_be_named), &told) {
                Found::Nothing => false,
                Found::Lifted => ban.knowledge() != Knowledge::Diet,
                Found::Contains => true,
            };
            is_named || listed.is_some_and(|listed| ban.against_declared(listed).is_some())
        })
    }

    /// The lines that there is something to check against: the customer's own precautions count for their seat, those of others
    /// at the table for the other seats, all of them for a line without a seat. What they are too young for counts for their seat too.
    pub fn check(&self, lines: &[BasketLine], seat: Seat<'_>) -> Vec<LineCheck<'_>> {
        let young = self.too_young_for.as_ref();
        let is_checked = young.is_some() || self.bans.iter().any(|ban| ban.about_food);
        if !self.who.sees_precautions || !is_checked {
            return Vec::new();
        }
        let against = (self.bans.as_slice(), young);
        let mut reads = Reads::of(&self.bans, self.who.menu);
        let lines = lines.iter().enumerate();
        lines.filter_map(|(index, line)| line::check(against, &mut reads, index, line, seat)).collect()
    }

    /// What the venue's whole kitchen may carry over that a precaution is about, the most critical first.
    pub fn kitchen(&self) -> Vec<(&'a Precaution, &'a str)> {
        let carried = if self.who.sees_precautions { self.who.menu.kitchen() } else { 0 };
        let mut found = Vec::new();
        for ban in self.bans.iter().filter(|ban| ban.traces() != Known::Free) {
            ban.each(ban.carried(carried), |code| found.push((ban.precaution, code)));
        }
        found
    }

    fn is_too_young(&self, item: &Item<'_>) -> bool {
        let listed = || self.listed(item.name);
        self.too_young_for.as_ref().is_some_and(|young| young.has_item(item, listed(), self.who.menu))
    }

    /// What is known of an item as far as a precaution goes. What was last declared counts against it, however old that is, or marked
    /// as changed; only what is declared now clears it.
    fn known(&self, ban: &Ban<'_>, seen: &Seen<'_>) -> Known {
        let found = ban.finds(seen.item.texts().filter(|_| seen.may_be_named), &seen.told);
        let held = seen.listed.as_ref().map_or(Overlap::None, |listed| ban.declared(listed));
        // What a name negates, a declaration bears out.
        if found == Found::Contains || held == Overlap::Contains {
            return Known::Contains;
        }
        let is_declared = seen.is_declared();
        let by_name = if is_declared { Known::Free } else { self.known_by_name(ban, seen.item, found) };
        let may_be_raw = || seen.listed.is_some_and(|listed| ban.may_be_raw(listed.contains) != 0);
        match held {
            Overlap::May if by_name != Known::Contains && may_be_raw() => Known::MayBeRaw,
            Overlap::May if is_declared || ban.traces() == Known::Contains => ban.traces(),
            // "Lamb kebab", declared as wheat.
            _ if by_name != Known::Contains && ban.may_be_raw_by_name(seen) => Known::MayBeRaw,
            _ => by_name,
        }
    }

    /// The same of an item of which nothing is declared.
    fn known_by_name(&self, ban: &Ban<'_>, item: &Item<'_>, found: Found) -> Known {
        let stated = item.own.and_then(|own| own.stated);
        match found {
            Found::Nothing if !ban.about_food => Known::Free,
            Found::Nothing if ban.is_raw_of_unknown(item.name) => Known::Contains,
            Found::Contains => Known::Contains,
            // A diet believes a name, but what is made to taste like alcohol is not everybody's: only if they said so.
            Found::Lifted if ban.knowledge() == Knowledge::Diet => {
                if stated.is_some() || !ban.is_about_alcohol() {
                    Known::Free
                } else {
                    Known::Contains
                }
            }
            found => {
                let since = ban.precaution.record_time;
                let is_stated = stated.is_some_and(|stated| stated >= since);
                let is_bought = || ban.is_low && (found == Found::Nothing || ban.is_mild()) && item.own.is_some();
                let confirmed_since = is_stated || (is_bought() && self.is_bought_since(item.name, since));
                Known::NotDeclared { confirmed_since }
            }
        }
    }

    fn is_bought_since(&self, item: &str, since: Timestamp) -> bool {
        let Some((habits, venue)) = self.who.habits else { return false };
        let Ok(index) = habits.items.binary_search_by(|tally| tally.key.as_str().cmp(item)) else { return false };
        let bought = recent::indices(habits.items[index].recent).filter_map(|index| habits.recent.get(index));
        let bought = bought.filter(|purchase| purchase.second >= since.as_second());
        let times = bought.filter_map(|purchase| Timestamp::from_second(purchase.second).ok());
        let mut days: Vec<_> = times.map(|time| venue.local(time).date).collect();
        // The newest first, as they are kept.
        days.dedup();
        days.len() >= DAYS_BOUGHT_MIN
    }

    /// What a precaution says against a type of gesture, whose contents are codes.
    fn against_precautions<'b>(&self, kind: &'b GestureType) -> Option<Against<'b>>
    where
        'a: 'b,
    {
        // The house may have declared it as an item too, or what its name has inside: "Wobble in the room".
        let name = &kind.display_name;
        let listed = if self.bans.is_empty() { None } else { self.listed(name) };
        let listed = listed.map(|listed| (listed, is_eaten(&listed, name, self.who.rules)));
        let named = self.named_in(name);
        let is_named_eaten = named.is_some_and(|named| is_eaten(&named, name, self.who.rules));
        self.bans.iter().find_map(|ban| {
            let declared = if ban.is_vouched_for(kind) || !is_told_by_name(kind) {
                None
            } else {
                let mut each = listed.iter().map(|(listed, _)| listed).chain(&named);
                each.find_map(|declared| ban.against_declared(declared))
            };
            declared
                .or_else(|| ban.against(kind))
                .or_else(|| {
                    let (listed, is_eaten) = listed.as_ref()?;
                    ban.against_gesture_listed(kind, listed, *is_eaten)
                })
                .or_else(|| ban.against_named(kind, named.as_ref()?, is_named_eaten))
        })
    }

    /// What is declared of an item when it is served.
    fn listed(&self, name: &str) -> Option<Declared<'a>> {
        known::declared(self.who.menu, name).map(|listed| listed.on(self.who.at))
    }

    /// What is declared of the items that a text names; looked up only where it can count.
    fn named_in(&self, text: &str) -> Option<Declared<'a>> {
        self.counted(|| self.who.menu.mentioned_in(text))
    }

    /// The same of what is left of a text without what it negates; a word of negation in an item's own name took nothing out.
    fn named_in_rest(&self, rest: &str, text: &str) -> Option<Declared<'a>> {
        let by_name = self.counted(|| self.who.menu.negating_inside(text));
        self.named_in(rest).into_iter().chain(by_name).reduce(Declared::or)
    }

    fn counted(&self, named: impl FnOnce() -> Option<Declared<'a>>) -> Option<Declared<'a>> {
        let counts = self.bans.iter().any(|ban| ban.about_food);
        if counts { named() } else { None }.map(|named| named.on(self.who.at))
    }

    /// Whether a type of gesture may be eaten or drunk: by itself, as an item of the catalogue, or as one that its name has inside.
    fn is_edible(&self, kind: &GestureType) -> bool {
        let name = &kind.display_name;
        let is_eaten = |listed: Option<Declared<'_>>| listed.is_some_and(|it| is_eaten(&it, name, self.who.rules));
        is_edible(kind) || is_eaten(self.listed(name)) || is_eaten(self.who.menu.mentioned_in(name))
    }

    /// Lets a type of gesture through that may be given. `young`: what they are too young for on the day of its delivery.
    pub fn admit_gesture<'b>(
        &self,
        kind: &'b GestureType,
        young: Option<&TooYoungFor>,
    ) -> Result<Cleared<&'b GestureType>, Ground<'b>>
    where
        'a: 'b,
    {
        if let Some(against) = self.against_precautions(kind) {
            Err(Ground::Precaution(against))
        } else if young.is_some_and(|young| young.has_gesture(kind, self.who.menu)) {
            Err(Ground::TooYoung)
        } else if let Some(known) = self.disliked.against(kind, self.who.menu) {
            Err(Ground::Disliked(known))
        } else if !self.who.is_asked && self.is_edible(kind) {
            Err(Ground::NotAsked)
        } else {
            Ok(Cleared::new(kind, self.asks_kitchen(kind)))
        }
    }

    /// Whether the kitchen must be asked about a type of gesture that nothing speaks against: what it contains may be raw.
    fn asks_kitchen(&self, kind: &GestureType) -> Clearance {
        let mut bans = self.bans.iter().filter(|ban| ban.may_be_raw(Substances::MAX) != 0).peekable();
        if bans.peek().is_none() {
            return Clearance::Free;
        }
        let own = match &kind.contents {
            Contents::Known(contents) => contents.iter().fold(0, |set, code| set | substances::of_content(code)),
            Contents::Unknown => 0,
        };
        let named = self.who.menu.mentioned_in(&kind.display_name).map_or(0, |named| named.contains);
        let may_be = bans.any(|ban| !ban.is_vouched_for(kind) && ban.may_be_raw(own | named) != 0);
        if may_be { Clearance::CheckWithKitchen } else { Clearance::Free }
    }
}

/// Whether a type of gesture may be eaten or drunk by itself: it has contents, or they are not known, or its name says so.
fn is_edible(kind: &GestureType) -> bool {
    match &kind.contents {
        Contents::Unknown => true,
        Contents::Known(contents) => !contents.is_empty() || edible::is_named(&kind.display_name),
    }
}

/// Whether its name is all that says what a type of gesture contains.
fn is_told_by_name(kind: &GestureType) -> bool {
    matches!(&kind.contents, Contents::Known(contents) if contents.is_empty())
}

#[cfg(test)]
mod tests;
