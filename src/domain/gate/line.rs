//! The lines of a basket against what is known of whoever eats them. No answer says that something is harmless.

use unicode_normalization::UnicodeNormalization;

use super::{
    ban::Ban,
    known::{Knowledge, Known, declared},
    seen::Told,
};
use crate::domain::{
    insight::substances::{self, Overlap, Substances},
    items::{Menu, Suits},
    kernel::text::is_same,
    parts::{
        basket::{BasketLine, Seat},
        precaution::Precaution,
    },
};

/// What is known of a line, the worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LineState {
    /// It is declared, and nothing that is declared or named speaks against it.
    NothingDeclaredAgainstIt,
    /// Nobody has declared what it contains, or whether that is raw, or a precaution is not understood: the kitchen must be asked.
    NotDeclared,
    /// It may contain what they bear badly.
    MayContain,
    /// It contains what they must not have.
    Conflict,
}

/// How it is known what a line contains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToldBy {
    /// Declared in the catalogue.
    Declared,
    /// Its name, or a modifier's.
    Name,
}

/// What one precaution finds in a line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Finding<'g> {
    /// Which precaution.
    pub precaution: &'g Precaution,
    /// How bad it is.
    pub state: LineState,
    /// The code of a substance; empty: the precaution's code is not understood.
    pub substance: &'g str,
    /// How it is known.
    pub told_by: ToldBy,
    /// It is declared as perhaps containing it.
    pub is_trace: bool,
    /// Staff act on the precaution without a word.
    pub is_never_mentioned: bool,
}

/// A line that was checked.
#[derive(Debug, Clone, PartialEq)]
pub struct LineCheck<'g> {
    /// Its index in the basket.
    pub index: usize,
    /// The worst of all findings.
    pub state: LineState,
    /// What speaks against it, the most critical precaution first.
    pub findings: Vec<Finding<'g>>,
}

/// Checks a line; `None`: there is nothing to check it against. `seat`: the customer's, if it is said.
pub(super) fn check<'g>(
    bans: &'g [Ban<'_>],
    menu: &Menu,
    index: usize,
    line: &BasketLine,
    seat: Seat<'_>,
) -> Option<LineCheck<'g>> {
    let plate = Plate::of(line, seat);
    let counts = |ban: &&Ban<'_>| {
        ban.about_food
            && match (plate, seat) {
                (Plate::Anybodys, _) | (Plate::Theirs, Seat::OfAll(_)) => true,
                (Plate::Theirs, Seat::Customers(_)) => ban.is_own(),
                (Plate::Anothers, Seat::Customers(_)) => !ban.is_own(),
                (Plate::Anothers, Seat::OfAll(_)) => false,
            }
    };
    if !bans.iter().any(|ban| counts(&ban)) {
        return None;
    }
    let known = Contents::of(line, menu);
    let mut check = LineCheck { index, state: known.state(), findings: Vec::new() };
    for ban in bans.iter().filter(counts) {
        if let Some(finding) = ban.find_in(&known) {
            check.state = check.state.max(finding.state);
            check.findings.push(finding);
        }
    }
    Some(check)
}

/// Who eats a line.
#[derive(Clone, Copy)]
enum Plate {
    /// It is shared, or not said.
    Anybodys,
    /// Whoever sits on the seat that was said.
    Theirs,
    /// Somebody else at the table.
    Anothers,
}

impl Plate {
    fn of(line: &BasketLine, seat: Seat<'_>) -> Self {
        let (Seat::Customers(seat) | Seat::OfAll(seat)) = seat;
        if seat.is_empty() || line.seat.is_empty() {
            Self::Anybodys
        } else if is_same_seat(&line.seat, seat) {
            Self::Theirs
        } else {
            Self::Anothers
        }
    }
}

/// Whether two texts name one seat: tills write "3", "03" and, in full width, "３".
fn is_same_seat(one: &str, other: &str) -> bool {
    let key = |seat: &str| {
        let plain: String = seat.nfkc().flat_map(char::to_lowercase).collect();
        plain.trim_start_matches('0').to_owned()
    };
    is_same(one, other) || key(one) == key(other)
}

/// What is known of a line with all that is added to it.
struct Contents<'m> {
    /// The names of all that is in it. What is said to be left out may name more than that: "celery sub walnuts".
    texts: Vec<&'m str>,
    told: Told,
    /// What modifiers leave out of it, or put something else in the place of.
    taken_out: Substances,
    contains: Substances,
    may_contain: Substances,
    /// All of it is declared, or nothing to eat or drink.
    is_declared: bool,
    not_food: bool,
    /// For which diets the item is suitable, if nothing is added to it.
    suits: Option<Suits<'m>>,
}

impl<'m> Contents<'m> {
    fn of(line: &'m BasketLine, menu: &'m Menu) -> Self {
        let left_out = line.left_out.iter().map(String::as_str);
        let (left_out, put_in): (Vec<&str>, Vec<&str>) = left_out.partition(|text| is_plainly_left_out(text, menu));
        let texts: Vec<&str> = line.texts().chain(put_in).collect();
        let mut known = Self {
            told: Told::default(),
            taken_out: if line.is_garbled { 0 } else { taken_out(line, &left_out, menu) },
            contains: 0,
            may_contain: 0,
            is_declared: !line.is_garbled,
            not_food: !line.is_garbled,
            suits: None,
            texts: Vec::new(),
        };
        let is_alone = texts.len() == 1 && !line.is_garbled;
        for text in &texts {
            let found = declared(menu, text);
            known.told.read(text, found.as_ref().map(|found| &found.told), menu);
            let (contains, may_contain) = found.map_or((0, 0), |found| (found.contains, found.may_contain));
            known.contains |= contains;
            known.may_contain |= may_contain;
            let not_food = found.is_some_and(|found| found.is_sold && found.not_food);
            known.is_declared &= not_food || found.is_some_and(|found| found.is_declared);
            known.not_food &= not_food;
            known.suits = found.filter(|_| is_alone).map(|found| found.suits);
        }
        known.texts = texts;
        known
    }

    fn state(&self) -> LineState {
        if self.is_declared || self.not_food { LineState::NothingDeclaredAgainstIt } else { LineState::NotDeclared }
    }
}

impl Ban<'_> {
    /// What a precaution finds in a line.
    fn find_in<'g>(&'g self, known: &Contents<'_>) -> Option<Finding<'g>> {
        let finding = |state, substance, told_by| Finding {
            precaution: self.precaution,
            state,
            substance,
            told_by,
            is_trace: false,
            is_never_mentioned: self.is_never_mentioned(),
        };
        let is_suitable = self.is_diet && known.suits.is_some_and(|suits| suits.diet(self.code()));
        let forbids = if is_suitable { self.told } else { self.forbids_in_lines() };
        // A diet, and a mild intolerance, believe what modifiers take out.
        let taken_out = if self.knowledge() == Knowledge::Diet || self.is_mild() { known.taken_out } else { 0 };
        let (contains, may_contain) = (known.contains & !taken_out, known.may_contain & !taken_out);
        let overlap = substances::conflict(forbids, contains, may_contain);
        if overlap == Overlap::Contains {
            return Some(finding(LineState::Conflict, self.content_of(contains & forbids), ToldBy::Declared));
        }
        let by_name = if is_suitable { None } else { self.names(known, taken_out) };
        // What is named is worse than what it may contain.
        let is_named = by_name.is_some_and(|(state, _)| state == LineState::Conflict);
        if overlap == Overlap::May && !is_named && self.traces() != Known::Free {
            let counts = self.traces() == Known::Contains;
            let state = if counts { LineState::Conflict } else { LineState::MayContain };
            let content = self.content_of(may_contain);
            return Some(Finding { is_trace: true, ..finding(state, content, ToldBy::Declared) });
        }
        if let Some((state, substance)) = by_name {
            return Some(finding(state, substance, ToldBy::Name))
                .filter(|_| state == LineState::Conflict || !known.not_food);
        }
        let states = if is_suitable { 0 } else { self.may_be_raw(contains) };
        if states != 0 && !known.not_food {
            let substance = substances::code_of(states).unwrap_or_default();
            return Some(finding(LineState::NotDeclared, substance, ToldBy::Declared));
        }
        let is_taken_out = known.contains & taken_out & forbids != 0;
        // What is meat may be halal, or not.
        let is_unvouched = !is_suitable && self.forbids.unless_vouched & (known.contains | known.told.for_diets) != 0;
        // Of a name that says beef, and of contents that say nothing of meat, the rest may be of another.
        let is_meat_asked = !is_suitable && self.asks_meat(known, taken_out);
        let must_ask = !self.understood || is_unvouched || is_taken_out || is_meat_asked;
        let (substance, told_by) = if is_taken_out {
            (self.content_of(known.contains & taken_out), ToldBy::Declared)
        } else if is_unvouched && self.understood {
            let unvouched = |held: Substances| substances::code_of(self.forbids.unless_vouched & held);
            let declared = unvouched(known.contains).map(|code| (code, ToldBy::Declared));
            declared.or(unvouched(known.told.for_diets).map(|code| (code, ToldBy::Name))).unwrap_or(("", ToldBy::Name))
        } else if is_meat_asked && self.understood {
            (substances::code_of(substances::meat().0).unwrap_or_default(), ToldBy::Name)
        } else {
            ("", ToldBy::Declared)
        };
        (must_ask && !known.not_food).then(|| finding(LineState::NotDeclared, substance, told_by))
    }

    /// What a line must not contain. Meat of which nobody says more may be vouched for: it is asked about.
    fn forbids_in_lines(&self) -> Substances {
        let asked = substances::meat().0 & self.forbids.unless_vouched & !self.told;
        self.forbids.substances & !asked
    }

    fn asks_meat(&self, known: &Contents<'_>, taken_out: Substances) -> bool {
        let is_forbidden = self.forbids.substances & substances::meat().0 & !taken_out != 0;
        self.knowledge() == Knowledge::Diet && known.told.asks_meat && is_forbidden
    }

    /// What the names of a line tell of that it forbids. What they negate themselves, a diet believes; for an allergy or
    /// intolerance the kitchen must be asked, unless the declaration bears them out.
    fn names(&self, known: &Contents<'_>, taken_out: Substances) -> Option<(LineState, &str)> {
        let is_diet = self.knowledge() == Knowledge::Diet;
        let told = if is_diet { known.told.for_diets } else { known.told.lifted };
        let told = told & !taken_out & self.forbids_in_lines();
        if let Some(substance) = self.code_among(told) {
            return Some((LineState::Conflict, substance));
        }
        let believes = is_diet || known.is_declared;
        let negated = known.told.all & self.forbids.substances;
        if let Some(substance) = self.code_among(negated) {
            // What the table knows it also lifts; it says more than the words of the code.
            return (!believes).then_some((LineState::NotDeclared, substance));
        }
        let named = |text: &str| {
            let code = self.is_named(text)?;
            let is_negated = self.is_named(&substances::unlifted(text)).is_none();
            match (is_negated, believes) {
                (false, _) => Some((LineState::Conflict, code)),
                (true, false) => Some((LineState::NotDeclared, code)),
                (true, true) => None,
            }
        };
        known.texts.iter().filter_map(|text| named(text)).max_by_key(|(state, _)| *state)
    }
}

/// Whether what is said to be left out is one thing, and nothing is said besides.
fn is_plainly_left_out(text: &str, menu: &Menu) -> bool {
    let is_item = |text: &str| menu.find(text).is_some();
    is_item(text) || substances::is_one_thing(text, is_item)
}

/// What modifiers take out of a line: what is left out, and what something else takes the place of, as its name says ("oat milk"
/// that of the milk in a drink).
fn taken_out(line: &BasketLine, left_out: &[&str], menu: &Menu) -> Substances {
    let left_out = Told::of(left_out.iter().copied(), menu).all;
    let item = substances::told_after_lifting(&line.item);
    let replaced = line.exchanged.iter().fold(0, |set, other| {
        let both = substances::told_after_lifting(&format!("{other} {}", line.item));
        // What "vegetarian" negates of the ham that is put on is in it all the same.
        set | item & !both & !substances::told_after_lifting(other)
    });
    substances::with_parts(left_out) | replaced
}
