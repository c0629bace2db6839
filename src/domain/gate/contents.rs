//! What is known of a line of a basket: of its item, and of what is done to it.

use std::{borrow::Cow, collections::HashMap};

use super::{
    ban::Ban,
    known::{declared, declared_or_inside, is_plainly_left_out},
    seen::Told,
};
use crate::domain::{
    insight::substances::{self, Substances},
    items::{self, Declared, Menu, Suits},
    kernel::name,
    parts::basket::BasketLine,
};

/// What is known of a line with all that is added to it.
pub(super) struct Contents<'m> {
    /// The names of all that is in it. What is said to be left out may name more than that: "celery sub walnuts".
    pub texts: Vec<&'m str>,
    /// Those of them that may say the name of what a precaution is about.
    pub named: Vec<&'m str>,
    pub told: Told,
    /// What modifiers leave out of it, or put something else in the place of.
    pub taken_out: Substances,
    pub contains: Substances,
    pub may_contain: Substances,
    /// All of it is declared, or nothing to eat or drink.
    pub is_declared: bool,
    pub not_food: bool,
    pub not_for_minors: bool,
    /// For which diets the item is suitable, if nothing is added to it.
    pub suits: Option<Suits<'m>>,
}

/// Texts of more bytes than this are read once in a request, however often they come: a shorter one is found where it was read lately.
const READ_ONCE_BYTES_MIN: usize = 64;

/// What one text of a line tells.
#[derive(Clone, Copy)]
struct Read<'m> {
    found: Option<Declared<'m>>,
    /// What is known of the items that it names inside it.
    inside: Option<Declared<'m>>,
    told: items::Told,
    may_be_named: bool,
}

/// Reads the texts of the lines of one request.
pub(super) struct Reads<'m> {
    pub menu: &'m Menu,
    bans: &'m [Ban<'m>],
    known: HashMap<&'m str, Read<'m>>,
}

impl<'m> Reads<'m> {
    pub fn of(bans: &'m [Ban<'m>], menu: &'m Menu) -> Self {
        Self { menu, bans, known: HashMap::new() }
    }

    fn read(&mut self, text: &'m str) -> Read<'m> {
        let known = if text.len() > READ_ONCE_BYTES_MIN { self.known.get(text) } else { None };
        known.copied().unwrap_or_else(|| {
            let (found, inside) = declared_or_inside(self.menu, text);
            let told = found.map_or_else(|| self.menu.told_by(text), |found| found.told);
            let (found, told) = self.with_pictures(text, found, told);
            let may_be_named = name::may_have(self.bans.iter().filter_map(Ban::name), text);
            let read = Read { found, inside, told, may_be_named };
            if text.len() > READ_ONCE_BYTES_MIN {
                self.known.insert(text, read);
            }
            read
        })
    }

    /// What is declared of a text and told by it, with its pictures of food: each is read by its name. One that tells of more than is declared is
    /// something added, and nobody has declared that.
    fn with_pictures(
        &self,
        text: &str,
        found: Option<Declared<'m>>,
        told: items::Told,
    ) -> (Option<Declared<'m>>, items::Told) {
        let Cow::Owned(named) = substances::pictures_in_words(text) else { return (found, told) };
        let pictured = self.menu.told_by(&named);
        let is_new = |found: &Declared<'_>| {
            let known = found.contains | found.may_contain | found.told.all;
            pictured.all & !substances::with_parts(known) != 0 || substances::has_nameless_picture(&named)
        };
        let found = found.map(|found| if is_new(&found) { found.undeclared() } else { found });
        (found, told.or(pictured))
    }
}

impl<'m> Contents<'m> {
    pub fn of(line: &'m BasketLine, reads: &mut Reads<'m>) -> Self {
        let menu = reads.menu;
        let left_out = line.left_out.iter().map(String::as_str);
        let (left_out, put_in): (Vec<&str>, Vec<&str>) = left_out.partition(|text| is_plainly_left_out(text, menu));
        let texts: Vec<&str> = line.texts().chain(put_in).collect();
        let mut known = Self {
            told: Told::default(),
            taken_out: if line.is_garbled { 0 } else { taken_out(line, &left_out, reads) },
            contains: 0,
            may_contain: 0,
            is_declared: !line.is_garbled,
            not_food: !line.is_garbled,
            not_for_minors: false,
            suits: None,
            texts: Vec::new(),
            named: Vec::new(),
        };
        let is_alone = texts.len() == 1 && !line.is_garbled;
        for text in &texts {
            let Read { found, inside, told, may_be_named } = reads.read(text);
            known.told.read(text, Some(&told), menu);
            known.named.extend(may_be_named.then_some(*text));
            for listed in found.iter().chain(&inside) {
                known.contains |= listed.contains;
                known.may_contain |= listed.may_contain;
                known.not_for_minors |= listed.not_for_minors;
            }
            if let Some(inside) = &inside {
                known.told.read_besides(&inside.told);
            }
            let not_food = found.is_some_and(|found| found.is_sold && found.not_food);
            known.is_declared &= not_food || found.is_some_and(|found| found.is_declared);
            known.not_food &= not_food;
            known.suits = found.filter(|_| is_alone).map(|found| found.suits);
        }
        // "Rare", beside what is grilled, says of it what its own name may say.
        if texts.iter().skip(1).any(|text| substances::says_raw(text)) {
            known.told.add(substances::made_raw(known.contains, known.told.lifted));
        }
        known.texts = texts;
        known
    }
}

/// What modifiers take out of a line: what is left out, and what something else takes the place of, as its name says ("oat milk"
/// that of the milk in a drink).
fn taken_out<'m>(line: &'m BasketLine, left_out: &[&str], reads: &mut Reads<'m>) -> Substances {
    let menu = reads.menu;
    // Of an item what it declares, not its name alone: the name of a dish may tell of nothing.
    let declared = left_out.iter().filter_map(|text| menu.find(text)).fold(0, |set, item| set | item.contains);
    let mut taken_out = declared | substances::with_parts(Told::of(left_out.iter().copied(), menu).all);
    if !line.exchanged.is_empty() {
        taken_out |= replaced(line, menu);
    }
    // No other modifier takes out what one puts in.
    let put_in = line.added.iter().chain(&line.exchanged);
    put_in.fold(taken_out, |left, text| {
        if left == 0 {
            return 0;
        }
        let Read { found, inside, .. } = reads.read(text);
        let contains = found.into_iter().chain(inside).fold(0, |set, item| set | item.contains);
        left & !(contains | substances::told_after_lifting(menu.name_of_id(text).unwrap_or(text)))
    })
}

/// What takes the place of something is looked at by its name, whatever the till writes.
fn replaced(line: &BasketLine, menu: &Menu) -> Substances {
    let called = |text| menu.name_of_id(text).unwrap_or(text);
    let item = called(&line.item);
    let told = substances::told_after_lifting(item);
    // Declared milk of which no name tells may be that of a drink: of a cheesecake one does.
    let has_unnamed_milk = || {
        let listed = declared(menu, &line.item);
        listed.is_some_and(|listed| (listed.told.all | told) & substances::of_content("MILK") == 0)
    };
    line.exchanged.iter().map(|other| called(other)).fold(0, |set, other| {
        let both = substances::told_after_lifting(&format!("{other} {item}"));
        let put_in = substances::told_after_lifting(other);
        // What "vegetarian" negates of the ham that is put on is in it all the same.
        let replaced = told & !both & !put_in;
        let milk = if has_unnamed_milk() { substances::milk_replaced_by(other) } else { 0 };
        set | replaced | milk & !put_in
    })
}
