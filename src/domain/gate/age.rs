//! What somebody is too young for at a venue: by what is declared of it, or else by its name.

use jiff::civil::Date;

use super::{
    known::Item,
    seen::{Seen, Told},
};
use crate::domain::{
    insight::substances::{self, Substances},
    items::{Declared, Menu},
    kernel::name::{self, Name},
    policy::{
        Policy, Venue,
        catalogue::{Contents, GestureType},
    },
    profile::{Age, Profile},
};

/// An age in years; of a child whose is not known, none. `None`: it is not known.
fn years(profile: &Profile, on: Date) -> Option<i16> {
    match profile.age(on) {
        Age::Unknown => None,
        Age::Child => Some(0),
        Age::Years(years) => Some(years),
    }
}

/// What must not be offered to somebody of an age.
#[derive(Debug, Default)]
pub(in crate::domain) struct TooYoungFor {
    substances: Substances,
    /// Of substances that only the policy knows.
    names: Vec<Name>,
    /// What is declared as not for minors.
    adults_only: bool,
}

impl TooYoungFor {
    /// `None`: nothing, or the age is not known.
    pub fn of(profile: &Profile, on: Date, policy: &Policy, venue: &Venue, menu: &Menu) -> Option<Self> {
        Self::at_age(years(profile, on)?, policy, venue, menu)
    }

    /// What all of several people are too young for, of whom nobody knows which is here; `None` also where the age of one is not known.
    pub fn of_all<'p>(
        profiles: impl Iterator<Item = &'p Profile>,
        on: Date,
        policy: &Policy,
        venue: &Venue,
        menu: &Menu,
    ) -> Option<Self> {
        let ages: Option<Vec<i16>> = profiles.map(|profile| years(profile, on)).collect();
        Self::at_age(ages?.into_iter().max()?, policy, venue, menu)
    }

    fn at_age(age: i16, policy: &Policy, venue: &Venue, menu: &Menu) -> Option<Self> {
        let mut too_young = Self::default();
        for (code, _) in policy.legal_ages(venue).filter(|(_, years)| age < i16::from(*years)) {
            too_young.adults_only |= code.is_empty();
            too_young.substances |= menu.of_code(code);
            if substances::of_content(code) == 0 {
                too_young.names.extend(Name::of(code));
            }
        }
        let Self { substances, names, adults_only } = &too_young;
        (*substances != 0 || !names.is_empty() || *adults_only).then_some(too_young)
    }

    /// Whether an item is among it. What a name negates is believed of what is declared, or was stated by the customer.
    pub(super) fn has_item(&self, item: &Item<'_>, listed: Option<Declared<'_>>, menu: &Menu) -> bool {
        let seen = Seen::of(item, listed, menu);
        let is_believed = seen.is_declared() || item.own.is_some_and(|own| own.stated.is_some());
        let told = if is_believed { seen.told.lifted } else { seen.told.all };
        listed.is_some_and(|listed| self.has_declared(&listed))
            || told & self.substances != 0
            || item.texts().any(|text| self.names(text))
    }

    /// Whether a type of gesture is among it: by its contents, by its name, or by an item of the catalogue that it names.
    pub(super) fn has_gesture(&self, kind: &GestureType, menu: &Menu) -> bool {
        let is_content = |code: &String| menu.of_code(code) & self.substances != 0 || self.names(code);
        let holds = matches!(&kind.contents, Contents::Known(contents) if contents.iter().any(is_content));
        holds || self.has_text(&kind.display_name, menu)
    }

    /// Whether a text names something of it.
    pub(super) fn has_text(&self, text: &str, menu: &Menu) -> bool {
        let mut told = Told::default();
        told.read(text, None, menu);
        let named = menu.mentioned_in(text);
        named.is_some_and(|named| self.has_declared(&named) || named.told.lifted & self.substances != 0)
            || told.lifted & self.substances != 0
            || self.names(text)
    }

    /// The code of what they are too young for in a promise: in its words, or in the contents of its type. Empty: no substance of the table.
    pub fn told_in(&self, texts: &[&str], kind: Option<&GestureType>, menu: &Menu) -> &'static str {
        let told = Told::of(texts.iter().copied(), menu);
        let named = texts.iter().filter_map(|text| menu.mentioned_in(text));
        let held = named.fold(told.lifted, |set, named| set | named.contains | named.may_contain | named.told.lifted);
        let own = match kind.map(|kind| &kind.contents) {
            Some(Contents::Known(contents)) => contents.iter().fold(0, |set, code| set | menu.of_code(code)),
            _ => 0,
        };
        substances::code_of((held | own) & self.substances).unwrap_or_default()
    }

    /// What is known of contents counts, also where it is too old to be relied on.
    fn has_declared(&self, listed: &Declared<'_>) -> bool {
        let held = (listed.contains | listed.may_contain) & self.substances;
        held != 0 || (self.adults_only && listed.not_for_minors)
    }

    /// What of some substances is among it.
    pub(super) fn among(&self, substances: Substances) -> Substances {
        self.substances & substances
    }

    /// Whether it holds for what is not for minors, or for a substance that only the policy knows, which some texts name.
    pub(super) fn has_other(&self, not_for_minors: bool, texts: &[&str]) -> bool {
        self.adults_only && not_for_minors || texts.iter().any(|text| self.names(text))
    }

    fn names(&self, text: &str) -> bool {
        name::find(self.names.iter().map(|name| (name, ())), text).is_some()
    }
}
