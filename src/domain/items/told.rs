//! What the names of items tell of, beside what is declared: worked out once, when a menu is made.

use super::item::{Item, added};
use crate::domain::{
    insight::{
        edible,
        substances::{self, Substances},
    },
    kernel::name::{self, Name},
    policy::ItemRules,
};

/// What names tell of, in all their languages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Told {
    /// Negated or not.
    pub all: Substances,
    /// But for what each name negates itself.
    pub lifted: Substances,
    /// What of that a diet or abstention believes: not what the venue's word for a diet rules out ("garden burger", vegan), nor
    /// meat where name or declaration say which meat it is.
    pub for_diets: Substances,
    /// Only a name says which meat it is: there may be another beside it.
    pub asks_meat: bool,
    /// One of them has a word of food or drink.
    pub is_food: bool,
}

impl Told {
    /// What a text tells of by the words of the table.
    pub fn of(text: &str) -> Self {
        let (all, lifted) = substances::told_both_ways(text);
        Self { all, lifted, for_diets: lifted, asks_meat: false, is_food: false }.which_meat()
    }

    /// The same for diets: where a name says beef, "burger" beside it tells of no other meat.
    fn which_meat(self) -> Self {
        let (meat, kinds) = substances::meat();
        let is_said = self.for_diets & meat != 0 && self.for_diets & kinds != 0;
        if is_said { Self { for_diets: self.for_diets & !meat, asks_meat: true, ..self } } else { self }
    }

    /// The same of something that is declared as containing these: they say which meat it is.
    pub fn declared(self, contains: Substances) -> Self {
        let (meat, kinds) = substances::meat();
        if contains & kinds == 0 { self } else { self.without_for_diets(meat) }
    }

    /// The same without what diets are told of it by words alone.
    pub fn without_for_diets(self, ruled_out: Substances) -> Self {
        let asks_meat = self.asks_meat && ruled_out & substances::meat().0 == 0;
        Self { for_diets: self.for_diets & !ruled_out, asks_meat, ..self }
    }

    /// The same of what may be another thing: only its words count.
    pub fn by_words_alone(self) -> Self {
        Self { for_diets: self.lifted, ..self }
    }

    /// What either tells of.
    pub fn or(self, other: Self) -> Self {
        Self {
            all: self.all | other.all,
            lifted: self.lifted | other.lifted,
            for_diets: self.for_diets | other.for_diets,
            asks_meat: self.asks_meat || other.asks_meat,
            is_food: self.is_food || other.is_food,
        }
    }
}

/// Reads names: by the words of the table, and by the codes that a policy has added to it.
#[derive(Debug, Default)]
pub(super) struct Reader(Vec<(Name, Substances)>);

impl Reader {
    /// Of a policy that has added nothing.
    pub const fn none() -> Self {
        Self(Vec::new())
    }

    pub fn of(rules: &ItemRules) -> Self {
        let codes = rules.added_substances.iter();
        Self(codes.filter_map(|code| Some((Name::of(code)?, added(rules, code)))).collect())
    }

    /// What the names of an item tell of; of one without names, its id.
    pub fn read(&self, id: &str, item: &Item) -> Told {
        let names = item.names.iter().map(|name| name.text.as_str());
        let id = item.names.is_empty().then_some(id);
        names.chain(id).map(|name| self.read_name(name)).fold(Told::default(), Told::or).which_meat()
    }

    fn read_name(&self, text: &str) -> Told {
        Told { is_food: edible::is_named(text), ..self.told_by(text) }
    }

    /// What a text tells of.
    pub fn told_by(&self, text: &str) -> Told {
        let (told, added) = (Told::of(text), self.added_in(text));
        let added_lifted = if added == 0 { 0 } else { self.added_in(&substances::unlifted(text)) };
        Told {
            all: told.all | added,
            lifted: told.lifted | added_lifted,
            for_diets: told.for_diets | added_lifted,
            ..told
        }
    }

    /// What the policy has added of which a text has the words.
    pub fn added_in(&self, text: &str) -> Substances {
        if self.0.is_empty() || text.is_empty() {
            return 0;
        }
        let each = self.0.iter().map(|(name, substance)| (name, *substance));
        if name::find(each.clone(), text).is_none() {
            return 0;
        }
        each.filter_map(|one| name::find(std::iter::once(one), text)).fold(0, |set, substance| set | substance)
    }
}
