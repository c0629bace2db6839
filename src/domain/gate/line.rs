//! The lines of a basket against what is known of whoever eats them. No answer says that something is harmless.

use super::{
    ban::{Ban, Told},
    known::{Knowledge, Known, declared},
};
use crate::domain::{
    insight::substances::{self, Overlap, Substances},
    items::{Menu, Suits},
    kernel::text::is_same,
    parts::{basket::BasketLine, precaution::Precaution},
};

/// What is known of a line, the worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LineState {
    /// It is declared, and nothing that is declared or named speaks against it.
    NothingDeclaredAgainstIt,
    /// Nobody has declared what it contains, or a precaution is not understood: the kitchen must be asked.
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
    seat: &str,
) -> Option<LineCheck<'g>> {
    let plate = Plate::of(line, seat);
    let counts = |ban: &&Ban<'_>| {
        ban.about_food
            && match plate {
                Plate::Anybodys => true,
                Plate::Theirs => ban.is_own(),
                Plate::Anothers => !ban.is_own(),
            }
    };
    if !bans.iter().any(|ban| counts(&ban)) {
        return None;
    }
    let known = Contents::of(line, menu);
    let mut check = LineCheck { index, state: known.state(), findings: Vec::new() };
    for ban in bans.iter().filter(counts) {
        if let Some(finding) = ban.find_in(line, &known) {
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
    /// The customer.
    Theirs,
    /// Somebody else at the table.
    Anothers,
}

impl Plate {
    fn of(line: &BasketLine, seat: &str) -> Self {
        if seat.is_empty() || line.seat.is_empty() {
            Self::Anybodys
        } else if is_same(&line.seat, seat) {
            Self::Theirs
        } else {
            Self::Anothers
        }
    }
}

/// What is known of a line with all that is added to it.
struct Contents<'m> {
    told: Told,
    left_out: Told,
    contains: Substances,
    may_contain: Substances,
    /// All of it is declared.
    is_declared: bool,
    not_food: bool,
    /// For which diets the item is suitable, if nothing is added to it.
    suits: Option<Suits<'m>>,
}

impl<'m> Contents<'m> {
    fn of(line: &BasketLine, menu: &'m Menu) -> Self {
        let mut known = Self {
            told: Told::default(),
            left_out: Told::of(line.left_out.iter().map(String::as_str)),
            contains: 0,
            may_contain: 0,
            is_declared: true,
            not_food: true,
            suits: None,
        };
        for text in line.texts() {
            let found = declared(menu, text);
            known.told.read(text, found.as_ref().map(|found| &found.told));
            let (contains, may_contain) = found.map_or((0, 0), |found| (found.contains, found.may_contain));
            known.contains |= contains;
            known.may_contain |= may_contain;
            known.is_declared &= found.is_some_and(|found| found.is_declared);
            known.not_food &= found.is_some_and(|found| found.not_food);
            known.suits = found.filter(|_| line.added.is_empty()).map(|found| found.suits);
        }
        known
    }

    fn state(&self) -> LineState {
        if self.is_declared || self.not_food { LineState::NothingDeclaredAgainstIt } else { LineState::NotDeclared }
    }
}

impl Ban<'_> {
    /// What a precaution finds in a line.
    fn find_in<'g>(&'g self, line: &BasketLine, known: &Contents<'_>) -> Option<Finding<'g>> {
        let finding = |state, substance, told_by| Finding {
            precaution: self.precaution,
            state,
            substance,
            told_by,
            is_trace: false,
        };
        let is_suitable = self.is_diet && known.suits.is_some_and(|suits| suits.diet(self.code()));
        let forbids = if is_suitable { self.told } else { self.forbids.substances };
        match substances::conflict(forbids, known.contains, known.may_contain) {
            Overlap::Contains => {
                let content = self.content_of(known.contains);
                return Some(finding(LineState::Conflict, content, ToldBy::Declared));
            }
            Overlap::May if self.traces() != Known::Free => {
                let counts = self.traces() == Known::Contains;
                let state = if counts { LineState::Conflict } else { LineState::MayContain };
                let content = self.content_of(known.may_contain);
                return Some(Finding { is_trace: true, ..finding(state, content, ToldBy::Declared) });
            }
            Overlap::May | Overlap::None => {}
        }
        if let Some(substance) = self.names(line, known).filter(|_| !is_suitable) {
            return Some(finding(LineState::Conflict, substance, ToldBy::Name));
        }
        // What is meat may be halal, or not.
        let is_unvouched = !is_suitable && self.forbids.unless_vouched & (known.contains | known.told.lifted) != 0;
        let must_ask = !self.understood || is_unvouched;
        (must_ask && !known.not_food).then(|| finding(LineState::NotDeclared, "", ToldBy::Declared))
    }

    /// What the names of a line tell of that it forbids. For an allergy or intolerance they negate nothing, unless the
    /// declaration bears them out.
    fn names(&self, line: &BasketLine, known: &Contents<'_>) -> Option<&str> {
        let believes = self.knowledge() == Knowledge::Diet;
        let told = match (believes, known.is_declared) {
            (true, _) => known.told.lifted & !known.left_out.all,
            (false, true) => known.told.lifted,
            (false, false) => known.told.all,
        };
        let lifts = believes || known.is_declared;
        let own = |text: &str| {
            let text = if lifts { substances::unlifted(text) } else { text.into() };
            self.is_named(&text)
        };
        // What the table knows it also lifts; it says more than the words of the code.
        if lifts && known.told.all & self.forbids.substances != 0 {
            return self.code_among(told & self.forbids.substances);
        }
        self.code_among(told & self.forbids.substances).or_else(|| line.texts().find_map(own))
    }
}
