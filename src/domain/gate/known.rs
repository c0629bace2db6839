//! What is known of an item, in the terms of the table in `mod.rs`: its columns.

use crate::domain::{
    insight::edible,
    items::{Declared, Menu},
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
    menu.find(name).or_else(|| {
        let counted = if menu.is_empty() { None } else { Some(without_count(name)) }?;
        let found = if counted.len() < name.len() { menu.find(counted) } else { None };
        found.or_else(|| {
            let (item, rest) = counted.split_once(',')?;
            let leaves_out = |part: &str| {
                let word = part.split_whitespace().next().unwrap_or_default();
                LEAVE_OUT.iter().any(|known| known.eq_ignore_ascii_case(word))
            };
            let listed = menu.find(item.trim_end())?;
            let listed = if rest.split(',').all(leaves_out) { listed } else { listed.undeclared() };
            Some(Declared { told: listed.told.or(menu.told_by(name)), ..listed })
        })
    })
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
