//! One precaution, as the gate asks it about items and types of gestures.

mod by_words;

use std::cell::OnceCell;

use super::{
    against::{Against, How},
    known::{Knowledge, Known},
    seen::{Seen, Told},
};
use crate::domain::{
    insight::{
        edible,
        substances::{self, Forbids, Overlap, Substances},
    },
    items::{Declared, Menu},
    kernel::name::{self, Name},
    parts::precaution::{Plates, Precaution, PrecautionKind, Severity, subject},
    policy::catalogue::{Contents, GestureType},
};

/// What must not be on one plate, as one code: neither is forbidden by itself.
const MEAT_AND_MILK: &str = "MEAT_AND_MILK";

/// A precaution about food or drink.
pub(super) struct Ban<'a> {
    pub precaution: &'a Precaution,
    /// What it acts as: a diet for an illness is none.
    kind: PrecautionKind,
    /// What it is about: "LACTOSE" of "LACTOSE_FREE".
    code: &'a str,
    /// The code as a name. `None`: the name of a diet forbids nothing.
    name: Option<Name>,
    /// The diet that a venue may vouch for: its code as it was recorded, or a pregnancy in whatever words.
    pub diet: &'a str,
    /// By its code and by its words.
    pub forbids: Forbids,
    /// By its words alone: no venue vouches for them.
    pub told: Substances,
    pub is_diet: bool,
    pub understood: bool,
    /// If it is the words that are not understood: what they name.
    pub unknown: String,
    /// False: it is known to be about nothing that is eaten, as feathers are.
    pub about_food: bool,
    /// It is known, and believed, to do little harm.
    pub is_low: bool,
    pub plates: Plates,
    is_never_mentioned: OnceCell<bool>,
    pub in_lines: OnceCell<InLines>,
}

/// What it means for lines of a basket; worked out for the first of them.
#[derive(Clone, Copy)]
pub(super) struct InLines {
    /// What a line must not contain.
    pub forbids: Substances,
    /// What is of a family with that.
    pub kin: Substances,
    /// Gelatine, if it is asked of which animal that is.
    pub animal: Substances,
}

/// What an item tells a precaution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    Nothing,
    /// It is named, and its own words negate it: "gluten-free pasta".
    Lifted,
    Contains,
}

impl<'a> Ban<'a> {
    /// `None`: it is not about food or drink.
    fn of(precaution: &'a Precaution, menu: &Menu) -> Option<Self> {
        let reported = &precaution.reported;
        // What only the policy knows is food, whatever it is noted as: KIWI.
        let kind = match reported.acts_as() {
            PrecautionKind::Accessibility | PrecautionKind::Topic if menu.added_by(subject(&reported.code)) != 0 => {
                PrecautionKind::Allergy
            }
            kind => kind,
        };
        let is_diet = match kind {
            PrecautionKind::Diet => true,
            PrecautionKind::Abstention => substances::is_diet(&reported.code),
            PrecautionKind::Allergy | PrecautionKind::Intolerance => false,
            PrecautionKind::Accessibility | PrecautionKind::Topic => return None,
        };
        // "Vegan burger" is for vegans: the name of a diet forbids nothing.
        let is_named = !is_diet || reported.code.starts_with("NO_") || reported.code.ends_with("_FREE");
        let code = subject(&reported.code);
        // "Shellfish, and traces" in the words of another code counts too.
        let read = reported.read_text();
        let text = substances::without_likes(&read);
        let mut told = substances::told_in_words(&text) | menu.added_in(&text);
        let mut name = is_named.then(|| Name::of(code)).flatten();
        if reported.is_told_by_text() {
            told |= substances::forbidden_by_words(&text);
            let is_name = reported.text.split_whitespace().count() <= NAME_WORDS_MAX;
            name = is_name.then(|| Name::of(&reported.text)).flatten();
        }
        let mut forbids = substances::forbidden_by(code);
        let is_only_pregnancy = reported.is_only_pregnancy();
        if reported.is_pregnancy() {
            forbids.add(Forbids { is_known: forbids.is_known, ..substances::forbidden_by(substances::PREGNANCY) });
            name = None;
        }
        // What the policy adds to the table.
        let added = menu.added_by(code);
        let is_known = forbids.is_known || added != 0 || is_only_pregnancy;
        forbids.substances |= told | added;
        let about_food = forbids.substances != 0 || precaution.is_about_food();
        Some(Self {
            precaution,
            kind,
            code,
            name,
            forbids,
            told,
            diet: if is_only_pregnancy { substances::PREGNANCY } else { &reported.code },
            is_diet: is_diet || is_only_pregnancy,
            understood: is_known || !precaution.is_food_by_code(),
            unknown: String::new(),
            about_food,
            is_low: reported.is_mild(),
            plates: reported.plates(),
            is_never_mentioned: OnceCell::new(),
            in_lines: OnceCell::new(),
        })
    }

    pub fn against<'b>(&self, kind: &'b GestureType) -> Option<Against<'b>>
    where
        'a: 'b,
    {
        let Contents::Known(contents) = &kind.contents else {
            return self.about_food.then(|| self.has(How::UnknownContents));
        };
        if self.is_vouched_for(kind) {
            // Vouched for is the diet, not what the customer said besides: "vegan, allergic to almonds".
            let content = if contents.is_empty() {
                substances::code_of(substances::told_by(&kind.display_name) & self.told)
            } else {
                let hit = contents.iter().find(|content| substances::of_content(content) & self.told != 0);
                hit.map(String::as_str)
            };
            return content.map(|content| self.has(How::Contains(content)));
        }
        if contents.is_empty() {
            let name = &kind.display_name;
            let not_understood = || (!self.understood && edible::is_named(name)).then(|| self.has(How::NotUnderstood));
            let raw = || self.is_raw_of_unknown(name).then(|| self.has(How::UnknownContents));
            return self.told_by(name).or_else(not_understood).or_else(raw);
        }
        // A diet that the table does not know may speak against anything.
        let is_strange_diet = self.is_diet && !self.forbids.is_known && self.forbids.substances == 0;
        let forbidden = self.forbids.substances | self.forbids.unless_vouched;
        // Nuts are handled together: a hazelnut may bring traces of walnut.
        let may_hold = |held: Substances| {
            self.traces() == Known::Contains && substances::conflict(self.forbids.substances, held, 0) != Overlap::None
        };
        let hit = contents.iter().find(|content| {
            let held = substances::of_content(content);
            is_strange_diet || *content == self.code || held & forbidden != 0 || may_hold(held)
        });
        let not_understood = || (!self.understood).then(|| self.has(How::NotUnderstood));
        hit.map(|content| self.has(How::Contains(content)))
            // What its name negates, its contents bear out.
            .or_else(|| self.told_after_lifting(&kind.display_name))
            .or_else(not_understood)
    }

    pub fn has<'b>(&self, how: How<'b>) -> Against<'b>
    where
        'a: 'b,
    {
        let is_quiet = self.is_never_mentioned.get().copied().unwrap_or(false);
        Against { precaution: self.precaution, how, is_quiet }
    }

    pub fn knowledge(&self) -> Knowledge {
        if !self.understood {
            Knowledge::NotUnderstood
        } else if matches!(self.kind, PrecautionKind::Allergy | PrecautionKind::Intolerance) {
            Knowledge::Food
        } else {
            Knowledge::Diet
        }
    }

    /// An intolerance that does little harm: what a name negates is believed of it.
    pub fn is_mild(&self) -> bool {
        let reported = &self.precaution.reported;
        self.kind == PrecautionKind::Intolerance && (self.is_low || reported.believed_severity() == Severity::Mild)
    }

    pub fn is_about_alcohol(&self) -> bool {
        self.forbids.substances & substances::of_content("ALCOHOL") != 0
    }

    /// What some names tell it. `told`: by their words.
    pub fn finds<'t>(&self, texts: impl Iterator<Item = &'t str>, told: &Told) -> Found {
        let forbidden = self.forbids.substances;
        if told.lifted & forbidden != 0 {
            return Found::Contains;
        }
        // What the table knows it also lifts; it says more than the words of the code.
        if told.all & forbidden != 0 {
            return Found::Lifted;
        }
        let mut found = Found::Nothing;
        for text in texts {
            if self.is_named(text).is_none() {
                continue;
            }
            if self.is_named(&substances::unlifted(text)).is_some() {
                return Found::Contains;
            }
            found = Found::Lifted;
        }
        found
    }

    /// Whether it counts for the customer's own plate.
    pub fn is_own(&self) -> bool {
        self.plates != Plates::Others
    }

    /// Whether it counts for the plates of others at the table.
    pub fn is_of_others(&self) -> bool {
        self.plates != Plates::Own
    }

    /// Whether staff act on it without a word; worked out when first asked for.
    pub fn is_never_mentioned(&self) -> bool {
        *self.is_never_mentioned.get_or_init(|| self.precaution.reported.is_never_mentioned())
    }

    /// Its code as a name; `None`: the name of a diet forbids nothing.
    pub fn name(&self) -> Option<&Name> {
        self.name.as_ref()
    }

    /// Its code, if a text has its words.
    pub fn is_named(&self, text: &str) -> Option<&'a str> {
        name::find(self.name.iter().map(|own| (own, self.code)), text)
    }

    /// What is declared of an item against it.
    pub fn declared(&self, declared: &Declared<'_>) -> Overlap {
        if self.is_diet && declared.suits.diet(self.diet) {
            return substances::conflict(self.told, declared.contains, declared.may_contain);
        }
        if self.forbids.together(declared.contains) != 0 {
            return Overlap::Contains;
        }
        substances::conflict(self.forbids.substances, declared.contains, declared.may_contain)
    }

    /// What it means that an item may contain it: as bad as containing it, unless the precaution is known to be a mild one;
    /// nothing for a diet.
    pub fn traces(&self) -> Known {
        match self.kind {
            PrecautionKind::Allergy if !self.is_low => Known::Contains,
            PrecautionKind::Allergy | PrecautionKind::Intolerance => Known::Traces,
            _ => Known::Free,
        }
    }

    /// Which states of what something contains it forbids, where nobody says that it is not in them: eggs may be raw. Of an allergy
    /// that counts as traces do.
    pub fn may_be_raw(&self, contains: Substances) -> Substances {
        // Gelatine is no raw meat.
        // Who must not have eggs at all is not asked whether these are raw.
        let contains = contains & !(substances::gelatine().0 | self.forbids.substances);
        if self.traces() == Known::Free { substances::states_of(self.forbids.substances, contains) } else { 0 }
    }

    /// The same by what the names of an item tell of, unless the venue vouches for it.
    pub fn may_be_raw_by_name(&self, seen: &Seen<'_>) -> bool {
        let is_vouched_for = || self.is_diet && seen.listed.is_some_and(|listed| listed.suits.diet(self.diet));
        self.may_be_raw(seen.told.for_diets) != 0 && !is_vouched_for()
    }

    /// Whether a name tells that it is raw, and nobody knows what: that counts where what is raw is all that is forbidden.
    pub fn is_raw_of_unknown(&self, name: &str) -> bool {
        self.may_be_raw(Substances::MAX) != 0 && substances::is_raw_of_unknown(name)
    }

    /// What speaks against an item as it is declared.
    pub fn against_declared(&self, declared: &Declared<'_>) -> Option<Against<'a>> {
        let is_bad = match self.declared(declared) {
            Overlap::None => false,
            Overlap::May => self.traces() == Known::Contains,
            Overlap::Contains => true,
        };
        is_bad.then(|| self.has(How::Contains(self.content_of(declared.contains | declared.may_contain))))
    }

    /// What speaks against an item of the catalogue: what is declared of it, or what its names tell of.
    pub fn against_listed(&self, listed: &Declared<'_>) -> Option<Against<'a>> {
        self.against_declared(listed).or_else(|| {
            if self.is_diet && listed.suits.diet(self.diet) {
                return None;
            }
            // A diet believes what a name negates, and a declaration bears it out.
            let believes = listed.is_declared || self.knowledge() == Knowledge::Diet;
            let told = if believes { listed.told.lifted } else { listed.told.all };
            let content = self.code_among(told & (self.forbids.substances | self.forbids.unless_vouched));
            content.map(|content| self.has(How::Contains(content)))
        })
    }

    /// What speaks against a type of gesture that is an item of the catalogue too.
    pub fn against_gesture_listed(
        &self,
        kind: &GestureType,
        listed: &Declared<'_>,
        is_eaten: bool,
    ) -> Option<Against<'a>> {
        // Of a diet that the house vouches for, only what is declared counts.
        let against =
            if self.is_vouched_for(kind) { self.against_declared(listed) } else { self.against_listed(listed) };
        let is_unknown = is_eaten && !listed.is_declared && self.about_food;
        let is_strange = is_eaten && !self.understood;
        against
            .or_else(|| is_unknown.then(|| self.has(How::UnknownContents)))
            .or_else(|| is_strange.then(|| self.has(How::NotUnderstood)))
    }

    /// What speaks against the items that the name or the promise of a type of gesture names.
    pub fn against_named(&self, kind: &GestureType, named: &Declared<'_>, is_eaten: bool) -> Option<Against<'a>> {
        let against = if self.is_vouched_for(kind) { None } else { self.against_listed(named) };
        against.or_else(|| (is_eaten && !self.understood).then(|| self.has(How::NotUnderstood)))
    }

    /// The code of one of some substances that it forbids; `None`: there are none.
    pub fn code_among(&self, forbidden: Substances) -> Option<&'a str> {
        (forbidden != 0).then(|| substances::code_of(forbidden).unwrap_or(self.code))
    }

    /// The code of what it forbids among some substances; of what may only bring it, that of what it brings.
    pub fn content_of(&self, substances: Substances) -> &'a str {
        let forbidden = substances & self.forbids.substances;
        if self.forbids.together(substances) != 0 && forbidden & !substances::meat().0 == 0 {
            return MEAT_AND_MILK;
        }
        if forbidden == 0 { self.brought() } else { substances::code_of(forbidden).unwrap_or(self.code) }
    }

    /// Its code, if that is the name of a substance; else nothing.
    pub fn substance(&self) -> &'a str {
        let is_name = substances::is_code(self.code) && !substances::is_diet(self.code);
        if is_name { self.code } else { "" }
    }

    /// The code of what something of its family brings: its own, if that is the name of a substance.
    fn brought(&self) -> &'a str {
        let own = self.substance();
        if !own.is_empty() {
            return own;
        }
        let forbidden = self.forbids.substances;
        let family = forbidden & substances::kin_of(forbidden);
        substances::code_of(substances::narrowest(family)).unwrap_or(self.code)
    }

    /// Calls a function with the code of each of some substances that it forbids. One that a policy adds has the precaution's own.
    pub fn each(&self, forbidden: Substances, mut call: impl FnMut(&'a str)) {
        let mut last = "";
        let each = substances::each(forbidden).map(|one| substances::code_of(one).unwrap_or(self.code));
        each.for_each(|code| {
            if code != last {
                call(code);
            }
            last = code;
        });
    }

    /// What may come into everything that is made, and is forbidden or may bring what is: where hazelnuts are, walnuts may be.
    pub fn carried(&self, carried: Substances) -> Substances {
        let forbidden = self.forbids.substances;
        match carried & forbidden {
            0 => carried & substances::kin_of(forbidden),
            own => own,
        }
    }

    /// Whether the venue vouches that a type fits the diet.
    pub fn is_vouched_for(&self, kind: &GestureType) -> bool {
        let fits = |vouched: &String| substances::diet_fits(self.diet, vouched);
        self.is_diet && kind.suits_diets.iter().any(fits)
    }

    /// What the words of a name tell of that it forbids.
    pub fn told_by(&self, name: &str) -> Option<Against<'a>> {
        let forbidden = self.forbids.substances | self.forbids.unless_vouched;
        // A diet believes what a name negates.
        if self.knowledge() == Knowledge::Diet {
            return self.told_after_lifting(name);
        }
        let told = if forbidden == 0 { 0 } else { substances::told_by(name) & forbidden };
        substances::code_of(told).or_else(|| self.is_named(name)).map(|content| self.has(How::Contains(content)))
    }

    /// The same without what the name negates itself.
    fn told_after_lifting(&self, name: &str) -> Option<Against<'a>> {
        let forbidden = self.forbids.substances | self.forbids.unless_vouched;
        let told = if forbidden == 0 { 0 } else { substances::told_by(name) & forbidden };
        if told != 0 {
            let left = substances::told_after_lifting(name) & forbidden;
            return substances::code_of(left).map(|content| self.has(How::Contains(content)));
        }
        self.is_named(&substances::unlifted(name)).map(|content| self.has(How::Contains(content)))
    }
}

/// Words of a text that may be the name of one thing: "kiwi", "passion fruit".
const NAME_WORDS_MAX: usize = 2;

/// Whether it is understood what a precaution is about. One about food that is not may be about anything that is eaten;
/// its words help, and do not decide: they may name one substance of several.
/// A policy may add what the table does not have.
pub(in crate::domain) fn is_understood(precaution: &Precaution, menu: &Menu) -> bool {
    let code = subject(&precaution.reported.code);
    let is_known = substances::is_understood(code) || menu.added_by(code) != 0;
    is_known || !precaution.is_food_by_code() || precaution.reported.is_only_pregnancy()
}
