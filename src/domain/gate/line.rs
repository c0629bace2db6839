//! The lines of a basket against what is known of whoever eats them. No answer says that something is harmless.

use super::{
    age::TooYoungFor,
    ban::{Ban, InLines},
    contents::{Contents, Reads},
    known::{Knowledge, Known},
    plate::{self, Plate},
};
use crate::domain::{
    insight::substances::{self, Substances},
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
    /// Something of the same family is declared, or what it may be a state of: a hazelnut may bring traces of walnut, eggs may be raw.
    Related,
}

/// What is to be asked about a line whose contents are declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// Which meat there is besides what is named, or what it is of.
    WhichMeat,
    /// Of which animal gelatine is.
    WhichAnimal,
    /// Whether meat was made as the diet wants it.
    Vouched,
    /// Whether something is raw, or unpasteurised.
    Raw,
    /// Whether what a modifier takes out is really not in it.
    LeftOut,
    /// What the precaution is about.
    Code,
}

impl Ask {
    /// Stable, for programs.
    pub fn name(self) -> &'static str {
        match self {
            Self::WhichMeat => "WHICH_MEAT",
            Self::WhichAnimal => "WHICH_ANIMAL",
            Self::Vouched => "VOUCHED",
            Self::Raw => "RAW",
            Self::LeftOut => "LEFT_OUT",
            Self::Code => "CODE",
        }
    }
}

/// One substance that a precaution finds in a line, or what is to be asked for it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Finding<'g> {
    /// Which precaution; `None`: they are too young for it.
    pub precaution: Option<&'g Precaution>,
    /// How bad it is.
    pub state: LineState,
    /// The code of a substance; empty: the precaution's code is not understood.
    pub substance: &'g str,
    /// How it is known.
    pub told_by: ToldBy,
    /// If it follows from something else that is declared: the code of that.
    pub related: &'g str,
    /// If it is the words of the precaution that are not understood: what they name.
    pub words: &'g str,
    /// If nothing but this is missing: what is to be asked.
    pub ask: Option<Ask>,
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
    /// All of it is declared: of a line that is [`LineState::NotDeclared`] its findings say what is to be asked.
    pub is_declared: bool,
    /// It is not declared, and nothing surely speaks against it for one of the precautions at least: of that nobody knows.
    pub is_unknown: bool,
    /// For all of those precautions, staff act on it without a word.
    pub is_unknown_quietly: bool,
    /// What speaks against it, the most critical precaution first; of each precaution, substance by substance.
    pub findings: Vec<Finding<'g>>,
    /// Where it is worse than not declared: the precautions of which nobody knows whether it holds what they are about, each with the code of
    /// that, where it is one substance.
    pub unknown_to: Vec<(&'g Precaution, &'g str)>,
}

impl<'g> LineCheck<'g> {
    /// The precautions that a worse state must not hide: of those nobody knows.
    fn find_unknown(&mut self, bans: impl Iterator<Item = &'g Ban<'g>>) {
        for ban in bans {
            let is_of_it = |known: &Precaution| std::ptr::eq(known, ban.precaution);
            let is_told = |found: &Finding<'_>| {
                matches!(found.state, LineState::Conflict | LineState::NotDeclared)
                    && found.precaution.is_some_and(is_of_it)
            };
            let is_noted = self.unknown_to.iter().any(|(known, _)| is_of_it(known));
            if !is_noted && !self.findings.iter().any(is_told) {
                self.unknown_to.push((ban.precaution, ban.substance()));
            }
        }
    }

    /// Whether the same is known of another line.
    pub fn is_same(&self, other: &Self) -> bool {
        let known = |check: &Self| (check.state, check.is_declared, check.is_unknown, check.is_unknown_quietly);
        known(self) == known(other) && self.findings == other.findings
    }
}

/// Checks a line; `None`: there is nothing to check it against. `seat`: the customer's, if it is said.
pub(super) fn check<'g, 'm>(
    (bans, young): (&'g [Ban<'_>], Option<&TooYoungFor>),
    reads: &mut Reads<'m>,
    index: usize,
    line: &'m BasketLine,
    seat: Seat<'_>,
) -> Option<LineCheck<'g>> {
    let plate = Plate::of(line, seat);
    // How old others at the table are nobody knows.
    let young = young.filter(|_| !matches!(plate, Plate::Anothers));
    let counts = |ban: &&Ban<'_>| {
        ban.about_food
            && match (plate, seat) {
                (Plate::Anybodys, _) | (Plate::Theirs, Seat::OfAll(_)) => true,
                // "Wife (seat 1)", of whoever sits there.
                (Plate::Theirs, Seat::Customers(seat)) => {
                    ban.is_own() || plate::names_seat(&ban.precaution.reported.of_whom, seat)
                }
                (Plate::Anothers, Seat::Customers(_)) => ban.is_of_others(),
                (Plate::Anothers, Seat::OfAll(_)) => false,
            }
    };
    let is_checked = bans.iter().any(|ban| counts(&ban));
    if !is_checked && young.is_none() {
        return None;
    }
    let known = Contents::of(line, reads);
    let state = known.state();
    let is_declared = state == LineState::NothingDeclaredAgainstIt;
    let mut check = LineCheck {
        index,
        state,
        is_declared,
        is_unknown: false,
        is_unknown_quietly: true,
        findings: Vec::new(),
        unknown_to: Vec::new(),
    };
    for ban in bans.iter().filter(counts) {
        let before = check.findings.len();
        ban.find_in(&known, &mut check.findings);
        let is_known = || check.findings[before..].iter().any(|found| found.state == LineState::Conflict);
        let is_unknown = !is_declared && !is_known();
        check.is_unknown |= is_unknown;
        check.is_unknown_quietly &= !is_unknown || ban.is_never_mentioned();
    }
    if let Some(young) = young {
        known.find_for_minors(young, &mut check.findings);
    }
    // Whose age alone is known is told what they are too young for, and nothing of other plates.
    if !is_checked && check.findings.is_empty() {
        return None;
    }
    check.state = check.findings.iter().map(|found| found.state).fold(state, Ord::max);
    if check.is_unknown && check.state > LineState::NotDeclared {
        check.find_unknown(bans.iter().filter(counts));
    }
    Some(check)
}

impl Contents<'_> {
    /// What they are too young for. What a modifier leaves out counts too: the law asks for more than the kitchen's word.
    fn find_for_minors(&self, young: &TooYoungFor, found: &mut Vec<Finding<'_>>) {
        let declared = young.among(self.contains | self.may_contain);
        let named = young.among(self.told.lifted) & !declared;
        let is_trace = declared & self.contains == 0;
        let mut add = |substance, told_by| {
            found.push(Finding {
                precaution: None,
                state: LineState::Conflict,
                substance,
                told_by,
                related: "",
                words: "",
                ask: None,
                is_trace: is_trace && declared != 0 && told_by == ToldBy::Declared,
                is_never_mentioned: false,
            });
        };
        for (set, told_by) in [(declared, ToldBy::Declared), (named, ToldBy::Name)] {
            if set != 0 {
                add(substances::code_of(set).unwrap_or_default(), told_by);
            }
        }
        if declared | named == 0 && young.has_other(self.not_for_minors, &self.texts) {
            add("", ToldBy::Declared);
        }
    }

    fn state(&self) -> LineState {
        if self.is_declared || self.not_food { LineState::NothingDeclaredAgainstIt } else { LineState::NotDeclared }
    }
}

impl Ban<'_> {
    fn finding<'g>(&'g self, state: LineState, substance: &'g str, told_by: ToldBy) -> Finding<'g> {
        Finding {
            precaution: Some(self.precaution),
            state,
            substance,
            told_by,
            related: "",
            words: &self.unknown,
            ask: None,
            is_trace: false,
            is_never_mentioned: self.is_never_mentioned(),
        }
    }

    /// What a precaution finds in a line: each substance that it contains or may contain, as surely as that is known; and what is to be asked
    /// besides, since the plate may be made anew.
    fn find_in<'g>(&'g self, known: &Contents<'_>, found: &mut Vec<Finding<'g>>) {
        let is_suitable = self.is_diet && known.suits.is_some_and(|suits| suits.diet(self.diet));
        // A diet, and a mild intolerance, believe what modifiers take out of a dish; what is no dish has no courses.
        let believes = (self.knowledge() == Knowledge::Diet || self.is_mild()) && !known.not_food;
        let taken_out = if believes { known.taken_out } else { 0 };
        let before = found.len();
        self.find_substances(known, taken_out, is_suitable, found);
        let is_contained = found[before..].iter().any(|one| one.state == LineState::Conflict && !one.is_trace);
        // Its words say nothing more of what is surely in it.
        match if is_suitable || is_contained { None } else { self.words(known) } {
            Some((LineState::Conflict, code)) => found.push(self.finding(LineState::Conflict, code, ToldBy::Name)),
            Some((state, code)) if found.len() == before && !known.not_food => {
                found.push(self.finding(state, code, ToldBy::Name));
            }
            _ => {}
        }
        if !known.not_food {
            let (found_before, is_told) = (found.len(), found.len() > before);
            self.ask(known, taken_out, is_suitable, is_told, found);
            if is_told && found.len() > found_before {
                let asked = found.split_off(found_before);
                let is_told = |one: &Finding<'_>| found[before..].iter().any(|told| told.substance == one.substance);
                let besides: Vec<Finding<'g>> = asked.into_iter().filter(|one| !is_told(one)).collect();
                found.extend(besides);
            }
        }
    }

    /// Each substance that speaks against a line: what is declared, what is named besides, and what it may contain.
    fn find_substances<'g>(
        &'g self,
        known: &Contents<'_>,
        taken_out: Substances,
        is_suitable: bool,
        found: &mut Vec<Finding<'g>>,
    ) {
        let forbids = if is_suitable { self.told } else { self.in_lines().forbids };
        let contains = known.contains & !taken_out;
        let declared = contains & forbids | self.apart(contains, is_suitable);
        let named = if is_suitable { 0 } else { self.named(known, taken_out) };
        // Traces cannot be left out.
        let traces = known.may_contain & forbids;
        // Where pistachios were left out, walnuts may have been; what is left out itself is asked about.
        let may_bring = contains | known.may_contain | (known.contains & !forbids);
        let family = if is_suitable { substances::kin_of(forbids) } else { self.in_lines().kin };
        let kin = family & may_bring;
        if declared | named | traces | kin == 0 {
            return;
        }
        let before = found.len();
        self.each(declared, |code| found.push(self.finding(LineState::Conflict, code, ToldBy::Declared)));
        // "Nut cake", where it is declared which nut, names nothing besides.
        // Gelatine is of an animal, and no meat.
        let besides = |set: Substances| !(set | substances::related_to(set & !substances::gelatine().0));
        self.each(named & besides(declared), |code| found.push(self.finding(LineState::Conflict, code, ToldBy::Name)));
        let state = match self.traces() {
            Known::Free => return,
            Known::Contains => LineState::Conflict,
            _ => LineState::MayContain,
        };
        let trace = |code, told_by| Finding { is_trace: true, ..self.finding(state, code, told_by) };
        self.each(traces & besides(declared | named), |code| found.push(trace(code, ToldBy::Declared)));
        if found.len() == before && kin != 0 {
            let related = substances::code_of(kin).unwrap_or_default();
            found.push(Finding { related, ..trace(self.content_of(0), ToldBy::Related) });
        }
    }

    /// What must be asked about a line, substance by substance. `is_told`: something is known against it.
    fn ask<'g>(
        &'g self,
        known: &Contents<'_>,
        taken_out: Substances,
        is_suitable: bool,
        is_told: bool,
        found: &mut Vec<Finding<'g>>,
    ) {
        let before = found.len();
        let mut ask = |ask, code, told_by| {
            found.push(Finding { ask: Some(ask), ..self.finding(LineState::NotDeclared, code, told_by) });
        };
        let forbids = if is_suitable { self.told } else { self.in_lines().forbids };
        let declared = known.contains & taken_out & (forbids | self.apart(known.contains, is_suitable));
        // "Bratwurst", without bacon.
        let named = if is_suitable { 0 } else { self.told_in(known) & taken_out & forbids };
        // What is left out may not have been all of it: there is other cheese in the soup.
        let may_be_raw = |set: Substances| if is_suitable { 0 } else { self.may_be_raw(set & !(declared | named)) };
        let raw = may_be_raw(known.contains);
        // "Lamb kebab", declared as wheat; "Grilled salmon", which nobody has declared.
        let raw_by_name = may_be_raw(self.told_in(known)) & !raw;
        self.each(raw, |code| ask(Ask::Raw, code, ToldBy::Declared));
        self.each(raw_by_name, |code| ask(Ask::Raw, code, ToldBy::Name));
        self.each(declared, |code| ask(Ask::LeftOut, code, ToldBy::Declared));
        self.each(named & !(declared | substances::related_to(declared)), |code| ask(Ask::LeftOut, code, ToldBy::Name));
        if !self.understood && !is_told {
            return ask(Ask::Code, "", ToldBy::Declared);
        }
        if is_suitable {
            return;
        }
        // What is meat may be halal, or not.
        let vouched = self.forbids.unless_vouched & !self.in_lines().forbids;
        for (set, what) in [(vouched, Ask::Vouched), (self.in_lines().animal & !vouched, Ask::WhichAnimal)] {
            let (declared, named) = (set & known.contains, set & known.told.for_diets);
            if declared != 0 {
                self.each(declared, |code| ask(what, code, ToldBy::Declared));
            } else if named != 0 {
                self.each(named, |code| ask(what, code, ToldBy::Name));
            }
        }
        // Of a name that says beef, and of contents that say nothing of meat, the rest may be of another.
        if found.len() == before && !is_told && self.asks_meat(known) {
            let meat = substances::code_of(substances::meat().0).unwrap_or_default();
            found.push(Finding {
                ask: Some(Ask::WhichMeat),
                ..self.finding(LineState::NotDeclared, meat, ToldBy::Name)
            });
        }
    }

    /// What a line must not contain. Meat of which nobody says more may be vouched for, and gelatine may be of another animal: they
    /// are asked about.
    fn in_lines(&self) -> InLines {
        *self.in_lines.get_or_init(|| {
            let meat = substances::meat().0 & self.forbids.unless_vouched & !self.told;
            let animal = self.asks_animal();
            let forbids = self.forbids.substances & !(meat | animal);
            InLines { forbids, kin: substances::kin_of(forbids), animal }
        })
    }

    /// Gelatine, for a diet or abstention that leaves out one of the animals that it may be of, and not all.
    fn asks_animal(&self) -> Substances {
        let (gelatine, animals) = substances::gelatine();
        let left_out = self.forbids.substances & animals;
        let is_one_of_several = left_out != 0 && left_out != animals;
        if self.knowledge() == Knowledge::Diet && is_one_of_several { gelatine & self.forbids.substances } else { 0 }
    }

    fn asks_meat(&self, known: &Contents<'_>) -> bool {
        let is_forbidden = self.forbids.substances & substances::meat().0 != 0;
        self.knowledge() == Knowledge::Diet && known.told.asks_meat && is_forbidden
    }

    /// What the names of a line tell of that it forbids.
    fn named(&self, known: &Contents<'_>, taken_out: Substances) -> Substances {
        self.told_in(known) & !taken_out & self.in_lines().forbids
    }

    fn told_in(&self, known: &Contents<'_>) -> Substances {
        if self.knowledge() == Knowledge::Diet { known.told.for_diets } else { known.told.lifted }
    }

    /// What a line must not hold at once: meat and milk, of a kosher diet for which nobody vouches.
    fn apart(&self, contains: Substances, is_suitable: bool) -> Substances {
        if is_suitable { 0 } else { self.forbids.together(contains) }
    }

    /// What names of a line tell of that they negate themselves, or that is called as the precaution is. A diet believes what is
    /// negated; for an allergy or intolerance the kitchen must be asked, unless the declaration bears it out.
    fn words(&self, known: &Contents<'_>) -> Option<(LineState, &str)> {
        let believes = self.knowledge() == Knowledge::Diet || known.is_declared;
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
        known.named.iter().filter_map(|text| named(text)).max_by_key(|(state, _)| *state)
    }
}
