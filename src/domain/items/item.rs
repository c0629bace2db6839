//! An item that a venue sells, as it was put at a time, and whether its contents count as declared.

use std::borrow::Cow;

use crate::domain::{
    insight::substances::{self, Substances},
    kernel::{
        author::Stamp,
        time::{DAY_SECONDS, Timestamp},
    },
    policy::{ADDED_MAX, ItemRules, OpeningHours},
};

const _: () = assert!(ADDED_MAX <= Substances::BITS as usize);

/// The substance that the policy has added under this code; empty: none. Their bits begin at the highest of a set.
pub(super) fn added(rules: &ItemRules, code: &str) -> Substances {
    rules.added(code).map_or(0, |index| 1 << (Substances::BITS as usize - 1 - index))
}

/// The substances that a code of contents stands for; empty: it is not understood. A precaution may be called NO_NUTS; of
/// contents, such a code would be read as its opposite.
pub fn of_code(rules: &ItemRules, code: &str) -> Substances {
    let is_negated = || matches!(substances::unlifted(&code.replace('_', " ")), Cow::Owned(_));
    let is_substance = substances::is_exactly_understood(code) && !substances::is_diet(code) && !is_negated();
    (if is_substance { substances::of_content(code) } else { 0 }) | added(rules, code)
}

/// A name in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// BCP 47; empty: not said.
    pub language: String,
    pub text: String,
}

/// How surely something is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    Contains,
    MayContain,
}

/// From where the venue knows the contents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContentSource {
    Recipe,
    Label,
    Supplier,
}

/// One substance of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    pub code: String,
    pub level: Level,
}

/// What an item contains, as far as the venue declares it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contents {
    /// None: nothing that a code is for.
    pub list: Vec<Content>,
    pub source: Option<ContentSource>,
    /// From then on it counts as not declared.
    pub until: Option<Timestamp>,
}

/// Something that a venue sells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    pub names: Vec<Name>,
    pub category: String,
    pub tags: Vec<String>,
    /// Diets for which the venue vouches.
    pub suits_diets: Vec<String>,
    pub not_for_minors: bool,
    /// Nothing to eat or drink.
    pub not_food: bool,
    /// When it is sold; none: whenever the venue is open.
    pub hours: Vec<OpeningHours>,
    /// `None`: not declared, unless the components are.
    pub contents: Option<Contents>,
    /// Ids of the items that it is made of, whose contents are its own too.
    pub components: Vec<String>,
}

/// An item as it was from a time on.
#[derive(Debug, Clone, PartialEq)]
pub struct Version {
    pub from: Timestamp,
    /// Who made this version, and when.
    pub put: Stamp,
    /// `None`: removed.
    pub item: Option<Item>,
    /// Who declared the contents, and when.
    pub declared: Option<Stamp>,
    /// Who confirmed them last.
    pub confirmed: Option<Stamp>,
    /// Who said last that the recipe or a product has changed.
    pub changed: Option<Stamp>,
}

/// What a venue's whole kitchen may carry over, from a time on.
#[derive(Debug, Clone, PartialEq)]
pub struct Kitchen {
    pub from: Timestamp,
    pub put: Stamp,
    /// Codes of substances.
    pub may_contain: Vec<String>,
}

/// Whether an item's contents count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Declared,
    /// Nobody has said what it contains.
    NotDeclared,
    /// Declared too long ago, or until a time that has passed.
    Expired,
    /// Marked as changed, and not confirmed since.
    Changed,
    /// One of its components is not declared.
    ComponentNotDeclared,
}

impl Item {
    /// Whether both have the same substances declared, in whatever order; where neither has any declared, the same components.
    pub(super) fn is_made_like(&self, other: &Self) -> bool {
        match (&self.contents, &other.contents) {
            (Some(one), Some(other)) => is_same_set(&one.list, &other.list),
            (None, None) => is_same_set(&self.components, &other.components),
            _ => false,
        }
    }
}

/// Whether two lists, each without repetition, have the same entries.
fn is_same_set<T: PartialEq>(one: &[T], other: &[T]) -> bool {
    one.len() == other.len() && one.iter().all(|entry| other.contains(entry))
}

impl Version {
    /// Whether a confirmation makes it count: it has contents that were not declared until a time that has passed, since a date stays
    /// a date; or it is made of others, and marked.
    pub(super) fn is_confirmable(&self, at: Timestamp) -> bool {
        self.item.as_ref().is_some_and(|item| match &item.contents {
            Some(contents) => contents.until.is_none_or(|until| until > at),
            None => !item.components.is_empty() && self.changed.is_some(),
        })
    }

    /// Whether it differs from an earlier one in nothing but when and by whom it was put.
    pub(super) fn says_as(&self, other: &Self) -> bool {
        self.item == other.item
            && self.declared == other.declared
            && self.confirmed == other.confirmed
            && self.changed == other.changed
    }

    /// Whether the item's own contents count at a time, its components left aside; and until when that stays so.
    pub fn own_standing(&self, rules: &ItemRules, at: Timestamp) -> (Standing, Option<Timestamp>) {
        let Some(item) = &self.item else { return (Standing::NotDeclared, None) };
        let confirmed = self.confirmed.as_ref().map(|confirmed| confirmed.at);
        let last = self.declared.as_ref().map(|declared| declared.at).max(confirmed);
        let is_marked = self.changed.as_ref().is_some_and(|changed| last <= Some(changed.at));
        let (Some(contents), Some(last)) = (item.contents.as_ref().filter(|_| self.declared.is_some()), last) else {
            // What is made of other items may be declared by these alone.
            return match (item.components.is_empty(), is_marked) {
                (true, _) => (Standing::NotDeclared, None),
                (false, true) => (Standing::Changed, None),
                (false, false) => (Standing::Declared, None),
            };
        };
        if is_marked {
            return (Standing::Changed, None);
        }
        let days = jiff::SignedDuration::from_secs(i64::from(rules.declared_days) * DAY_SECONDS);
        let ends = last.checked_add(days).unwrap_or(Timestamp::MAX);
        let ends = contents.until.map_or(ends, |until| until.min(ends));
        if at < ends { (Standing::Declared, Some(ends)) } else { (Standing::Expired, None) }
    }
}
