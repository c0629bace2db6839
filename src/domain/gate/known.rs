//! What is known of an item, in the terms of the table in `mod.rs`: its columns.

use std::borrow::Cow;

use unicode_normalization::char::is_combining_mark;

use crate::domain::{
    insight::{edible, substances},
    items::{Declared, Menu, Told},
    kernel::time::Timestamp,
    policy::ItemRules,
};

/// Something to propose, as the gate sees it.
#[derive(Clone, Copy)]
pub(in crate::domain) struct Item<'i> {
    pub name: &'i str,
    pub category: &'i str,
    /// Of a preference: "with almonds" may stand there.
    pub situation: &'i str,
    /// `None`: it is known from others alone.
    pub own: Option<Own>,
}

/// Words that leave something out of an item.
const LEAVE_OUT: [&str; 9] = ["no", "without", "ohne", "kein", "keine", "sans", "senza", "sin", "sem"];

/// What is declared of an item, and what its names and the text tell of. "2x chinotto" is chinotto, and so is "chinotto, no ice": leaving
/// out adds nothing to what is declared. Of "chinotto, warm" what is known counts, and clears nothing.
pub(super) fn declared<'m>(menu: &'m Menu, name: &str) -> Option<Declared<'m>> {
    whole(menu, name).or_else(|| with_more(menu, name))
}

/// The same, and what is known of the items that a text names inside it, unless it is an item as a whole: "big chinotto".
pub(super) fn declared_or_inside<'m>(menu: &'m Menu, text: &str) -> (Option<Declared<'m>>, Option<Declared<'m>>) {
    match whole(menu, text) {
        // "2 Rice" may be an item of that name, or twice the item "Rice".
        Some(whole) if text.starts_with(|first: char| first.is_ascii_digit()) => (Some(whole), inside(menu, text)),
        Some(whole) => (Some(whole), None),
        None => (with_more(menu, text), inside(menu, text)),
    }
}

fn whole<'m>(menu: &'m Menu, name: &str) -> Option<Declared<'m>> {
    menu.find(name).or_else(|| {
        let counted = if menu.is_empty() { name } else { without_count(name) };
        if counted.len() < name.len() { menu.find(counted) } else { None }
    })
}

fn with_more<'m>(menu: &'m Menu, name: &str) -> Option<Declared<'m>> {
    if menu.is_empty() {
        return None;
    }
    let (item, rest) = without_count(name).split_once(',')?;
    // "No bun with chinotto" leaves out the bun alone, and "Sin City" is an item.
    let leaves_out = |part: &str| {
        let (word, what) = part.trim().split_once(char::is_whitespace).unwrap_or_default();
        LEAVE_OUT.iter().any(|known| known.eq_ignore_ascii_case(word))
            && menu.find(part).is_none()
            && menu.negating_inside(part).is_none()
            && is_plainly_left_out(what, menu)
    };
    let listed = menu.find(item.trim_end())?;
    let listed = if rest.split(',').all(leaves_out) { listed } else { listed.undeclared() };
    Some(Declared { told: listed.told.or(menu.told_by(name)), ..listed })
}

/// Whether what is said to be left out is one thing, and nothing is said besides.
pub(in crate::domain) fn is_plainly_left_out(text: &str, menu: &Menu) -> bool {
    let text = text.trim();
    let is_letter = |char: char| char.is_alphanumeric() || is_combining_mark(char);
    // A mark at its ends may put it in: "+ Green sauce", "Green sauce?".
    let is_unmarked = text.starts_with(is_letter) && text.ends_with(is_letter);
    let is_item = |text: &str| is_unmarked && menu.find(text).is_some();
    is_item(text) || substances::is_one_thing(text, is_item)
}

/// What is known of the items that a text names inside it: it counts against the text, and clears nothing. What the text's own words take back
/// ("Zonzi without Wobble", "oat milk latte") is only named.
pub(super) fn inside<'m>(menu: &'m Menu, text: &str) -> Option<Declared<'m>> {
    let named = menu.named_inside(text)?.undeclared();
    let left = match substances::unlifted(text) {
        Cow::Borrowed(_) => Some(named),
        Cow::Owned(left) => {
            let left = menu.mentioned_in(&left).into_iter().chain(menu.negating_inside(text));
            left.reduce(Declared::or).map(Declared::undeclared)
        }
    };
    let own = menu.told_by(text);
    // What a drink is made without is believed only of what is called as it is: "virgin mojito", and not "mocktail Zvin".
    let by_name = own.all & !own.lifted & named.told.all;
    let lifted =
        substances::with_parts(by_name | (substances::lifted_of_all(text) & !substances::of_content("ALCOHOL")));
    let mut known = Declared { contains: 0, may_contain: 0, told: Told::default(), not_for_minors: false, ..named };
    if let Some(left) = left {
        known.contains = left.contains & !lifted;
        known.may_contain = left.may_contain & !lifted;
        known.told.lifted = left.told.lifted & !lifted;
        known.told.for_diets = known.told.lifted;
        known.not_for_minors = left.not_for_minors && lifted & substances::of_content("ALCOHOL") == 0;
    }
    known.told.all = named.told.all | named.contains;
    Some(known)
}

/// "chinotto" of "2x chinotto", "2 x chinotto" and "2 × chinotto".
fn without_count(name: &str) -> &str {
    let counted = name.trim_start_matches(|char: char| char.is_ascii_digit());
    let times = counted.trim_start().strip_prefix(['x', 'X', '×']).filter(|_| counted.len() < name.len());
    match times.map(|rest| (rest, rest.trim_start())) {
        Some((rest, item)) if item.len() < rest.len() || !rest.starts_with(char::is_alphanumeric) => item,
        // "2xchinotto", and not "2 xylitol".
        Some((rest, _)) if counted.len() == rest.len() + 1 => rest,
        _ => name,
    }
}

/// Whether an item of the catalogue is eaten or drunk: unless its entry says that it is not, or the entry's own category is
/// plainly something else and nothing named or declared is food. The category that it is asked about with says nothing.
pub(super) fn is_eaten(listed: &Declared<'_>, name: &str, rules: &ItemRules) -> bool {
    let is_food = || listed.told.is_food || listed.contains | listed.may_contain != 0;
    !listed.not_food && (is_food() || edible::may_be(name, listed.category, rules))
}

/// Whether keeping a promise puts something before the customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::domain) enum Serves {
    Surely,
    /// Words of staff, about anything.
    Perhaps,
    Nothing,
}

/// How the customer's own item is known.
#[derive(Clone, Copy, Default)]
pub(in crate::domain) struct Own {
    /// When they last stated it themselves.
    pub stated: Option<Timestamp>,
}

/// What a precaution leaves to be known of the customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Knowledge {
    /// An allergy or intolerance to something eaten or drunk.
    Food,
    /// A diet or abstention: the name decides where nothing is declared.
    Diet,
    NotUnderstood,
}

/// What is known of an item, as far as one precaution goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    Free,
    /// Declared as perhaps containing it, where that is told and vetoes nothing.
    Traces,
    /// Declared as containing what may be raw or unpasteurised, where only that is forbidden.
    MayBeRaw,
    NotDeclared {
        confirmed_since: bool,
    },
    Contains,
}

impl<'i> Item<'i> {
    /// All that it says.
    pub fn texts(&self) -> impl Iterator<Item = &'i str> {
        [self.name, self.category, self.situation].into_iter().filter(|text| !text.is_empty())
    }
}
