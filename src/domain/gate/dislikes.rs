//! What the customer keeps away from: by its name, and, where it is the name of a substance ("nuts", "Milch"), by what
//! something contains.

use super::known::{self, Item};
use crate::domain::{
    insight::substances::{self, Substances},
    items::Menu,
    kernel::name::{self, Name},
    parts::preference::Preference,
    policy::catalogue::{Contents, GestureType},
};

/// Something that the customer keeps away from.
struct Dislike<'a> {
    name: Name,
    /// None, if it is a dish or the like: who keeps away from cheese may like milk.
    substances: Substances,
    known: &'a Preference,
}

/// All that the customer keeps away from.
pub(super) struct Dislikes<'a>(Vec<Dislike<'a>>);

impl<'a> Dislikes<'a> {
    pub fn of(disliked: impl Iterator<Item = &'a Preference>) -> Self {
        let dislike = |known: &'a Preference| {
            let item = &known.subject.item;
            Some(Dislike { name: Name::of(item)?, substances: substances::named_as(item), known })
        };
        Self(disliked.filter_map(dislike).collect())
    }

    /// The dislike that a text names, unless the text negates it.
    fn named_in(&self, text: &str) -> Option<&'a Preference> {
        // Words are only left out: what no word of the text begins like, none of the rest does.
        if !name::may_have(self.names(), text) {
            return None;
        }
        let (told, left) = substances::told_both_ways(text);
        // "Oat milk latte" names milk, and has none.
        let is_negated = |one: &Dislike<'_>| one.substances & told != 0 && one.substances & left == 0;
        let named = self.0.iter().filter(|one| !is_negated(one)).map(|one| (&one.name, one.known));
        name::find(named, &substances::unlifted(text))
    }

    /// The dislike of one of some substances.
    fn of_one(&self, held: Substances) -> Option<&'a Preference> {
        self.0.iter().find(|one| one.substances & held != 0).map(|one| one.known)
    }

    pub fn names(&self) -> impl Iterator<Item = &Name> + Clone {
        self.0.iter().map(|one| &one.name)
    }

    fn are_of_substances(&self) -> bool {
        self.0.iter().any(|one| one.substances != 0)
    }

    /// Whether an item is among it. What the customer stated that they like counts by its name alone. `may_be_named`: false if its words
    /// name nothing of it.
    pub fn have_item(&self, item: &Item<'_>, may_be_named: bool, menu: &Menu) -> bool {
        let is_stated = item.own.is_some_and(|own| own.stated.is_some());
        let held = || {
            let told = item.texts().fold(0, |set, text| set | menu.told_by(text).lifted);
            told | known::declared(menu, item.name).map_or(0, |it| held(item.name, it.contains | it.told.lifted, menu))
        };
        (may_be_named && item.texts().any(|text| self.named_in(text).is_some()))
            || (!is_stated && self.are_of_substances() && self.of_one(held()).is_some())
    }

    /// The dislike of a type of gesture: by its name, by what it appeals to, by its contents, or by those of an item that it names.
    pub fn against(&self, kind: &GestureType, menu: &Menu) -> Option<&'a Preference> {
        let texts = || std::iter::once(&kind.display_name).chain(&kind.appeals_to);
        let held = || {
            let name = &kind.display_name;
            let own = match &kind.contents {
                Contents::Known(contents) => contents.iter().fold(0, |set, code| set | menu.of_code(code)),
                Contents::Unknown => 0,
            };
            let named = menu.mentioned_in(name).map_or(0, |it| held(name, it.contains | it.told.lifted, menu));
            texts().fold(own | named, |set, text| set | menu.told_by(text).lifted)
        };
        let by_name = texts().find_map(|text| self.named_in(text));
        by_name.or_else(|| if self.are_of_substances() { self.of_one(held()) } else { None })
    }
}

/// What of something known of an item is left where the text that names it negates the rest: "latte, no milk".
fn held(text: &str, known: Substances, menu: &Menu) -> Substances {
    let told = menu.told_by(text);
    known & !(told.all & !told.lifted)
}
