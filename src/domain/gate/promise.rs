//! What is already promised, and what words of staff say: whether it may still be kept.

use std::borrow::Cow;

use super::{
    Gate,
    against::{Against, How, Stop},
    age::TooYoungFor,
    cleared::{Clearance, Cleared},
    known::{Knowledge, Serves, is_eaten},
};
use crate::domain::{
    insight::{
        edible,
        substances::{self, Doubted, Lifted, Substances},
    },
    items::Declared,
    parts::follow_up,
    policy::{ItemRules, catalogue::GestureType},
};

impl<'a> Gate<'a> {
    /// Lets through what is already promised: by its type, or, where the catalogue has it no more, by its words. What its words
    /// say besides the type's name, as a note does, is looked at as words of staff. `young`: as of a gesture.
    pub fn admit_promise<'b>(
        &self,
        text: &'b str,
        kind: Option<&'b GestureType>,
        serves: Serves,
        young: Option<&TooYoungFor>,
    ) -> Result<Cleared<&'b str>, Stop<'b>>
    where
        'a: 'b,
    {
        // What a type is called is looked at with it.
        let words = kind.map_or(text, |kind| follow_up::besides(&kind.display_name, text));
        let words: &str = &substances::pictures_in_words(words);
        let is_said = serves != Serves::Nothing && !words.is_empty();
        let named = match is_said {
            // Of somebody whom nobody asked it is told what is eaten at all.
            true if !self.who.is_asked => self.who.menu.mentioned_in(words),
            true => self.named_in(words),
            false => None,
        };
        // Of words of staff, what they bring counts; what a delivery is called is delivered.
        let are_free = kind.is_some() || serves == Serves::Perhaps;
        let brought = if is_said && are_free { substances::brought(words) } else { Cow::Borrowed(words) };
        let is_all = matches!(brought, Cow::Borrowed(_));
        let named_there = if is_all || !is_said { named } else { self.named_in_rest(&brought, words) };
        let against = match kind {
            Some(kind) => self
                .against_precautions(kind)
                .or_else(|| if is_said { self.against_words(&brought, named_there.as_ref()) } else { None }),
            None if serves == Serves::Perhaps => self.against_words(&brought, named_there.as_ref()),
            None => self.against_name(&brought, serves, named_there.as_ref()),
        };
        // What its words leave out may be what they order.
        let doubted = if against.is_none() && is_said && are_free { self.doubted(words, young) } else { None };
        let may_bring = doubted.map(|doubted| [doubted.denied_twice, doubted.late, doubted.exchanged].join(", "));
        let against = against.or_else(|| {
            let text = may_bring.as_ref()?;
            self.against_words(text, self.named_in(text).as_ref())
        });
        let said = if kind.is_none() || !is_all { &brought } else { text };
        let is_too_young = |young: &TooYoungFor| {
            let may_bring = || may_bring.as_ref().is_some_and(|text| young.has_text(text, self.who.menu));
            let is_kind = || kind.is_some_and(|kind| young.has_gesture(kind, self.who.menu));
            young.has_text(said, self.who.menu) || may_bring() || is_kind()
        };
        let too_young = || serves != Serves::Nothing && young.is_some_and(is_too_young);
        let stop = against.map(Stop::Precaution).or_else(|| too_young().then_some(Stop::TooYoung));
        if let Some(stop) = stop {
            return Err(if kind.is_none() && serves == Serves::Perhaps {
                self.as_said(stop, text, young)
            } else {
                stop
            });
        }
        let lifted = if is_said && are_free { self.lifted(words, young) } else { None };
        if let Some((Lifted::InDoubt, against)) = lifted {
            let stop = against.map_or(Stop::TooYoung, Stop::Precaution);
            let are_words = kind.is_none() && serves == Serves::Perhaps;
            return Err(if are_words { Stop::NotServed(against) } else { stop });
        }
        let clearance = match (serves, lifted) {
            (Serves::Nothing, _) => Clearance::Free,
            (_, Some(_)) => Clearance::CheckWithKitchen,
            _ => self.promised_clearance(words, named.as_ref(), kind, serves),
        };
        Ok(Cleared::new(text, clearance))
    }

    /// What is to be said of a promise that nothing speaks against.
    fn promised_clearance(
        &self,
        words: &str,
        named: Option<&Declared<'_>>,
        kind: Option<&GestureType>,
        serves: Serves,
    ) -> Clearance {
        let names_food = || is_eaten_by(words, named, self.who.rules);
        let are_words = serves == Serves::Perhaps || kind.is_some();
        if are_words && !self.bans.is_empty() && names_food() {
            return Clearance::CheckWithKitchen;
        }
        let is_unasked = !self.who.is_asked && (names_food() || kind.is_some_and(|kind| self.is_edible(kind)));
        let unasked = if is_unasked { Clearance::NobodyAsked } else { Clearance::Free };
        kind.map_or(unasked, |kind| self.asks_kitchen(kind).max(unasked))
    }

    /// What words take back of what a diet or an abstention leaves out, or of what they are too young for, and nothing else speaks against; how
    /// plainly, and against what.
    fn lifted(&self, words: &str, young: Option<&TooYoungFor>) -> Option<(Lifted, Option<Against<'a>>)> {
        let told = substances::told_by(words);
        let how = |set: Substances| if told & set == 0 { None } else { substances::lifted(words, set) };
        let diets = self.bans.iter().filter(|ban| ban.knowledge() == Knowledge::Diet);
        let by_diets = diets.filter_map(|ban| {
            let forbidden = ban.forbids.substances | ban.forbids.unless_vouched;
            let against = ban.has(How::Contains(ban.code_among(told & forbidden)?));
            Some((how(forbidden)?, Some(against)))
        });
        let by_age = young.and_then(|young| Some((how(young.among(Substances::MAX))?, None)));
        // Of those that are alike, the first.
        by_diets.chain(by_age).reduce(|one, other| if other.0 > one.0 { other } else { one })
    }

    /// Whether the words for a day may be said: what they name is brought to mind, and perhaps to the table. Who may not see precautions is
    /// told of nothing that is eaten, as everywhere.
    pub fn admits_label(&self, label: &str) -> bool {
        if !self.who.sees_precautions {
            return !edible::is_named(label) && self.who.menu.mentioned_in(label).is_none();
        }
        self.admit_promise(label, None, Serves::Perhaps, self.too_young_for.as_ref()).is_ok()
    }

    /// What the words of a promise deny or exchange; looked for where it can count.
    fn doubted(&self, words: &str, young: Option<&TooYoungFor>) -> Option<Doubted> {
        let counts = young.is_some() || !self.bans.is_empty();
        if counts { substances::doubted(words, |name| self.who.menu.find(name).is_some()) } else { None }
    }

    /// What speaks against what words bring.
    fn stop_of(&self, words: &str, young: Option<&TooYoungFor>) -> Option<Stop<'a>> {
        if words.is_empty() {
            return None;
        }
        let against = self.against_words(words, self.named_in(words).as_ref()).map(Stop::Precaution);
        against.or_else(|| young.filter(|young| young.has_text(words, self.who.menu)).map(|_| Stop::TooYoung))
    }

    /// What stops a promise in words, told as its words want it: what denies or exchanges what it names must not read as its reverse,
    /// nor what denies it twice as if it were not served.
    fn as_said<'b>(&self, stop: Stop<'b>, text: &str, young: Option<&TooYoungFor>) -> Stop<'b>
    where
        'a: 'b,
    {
        let against = |stop: Stop<'b>| match stop {
            Stop::Precaution(against) => Some(against),
            _ => None,
        };
        let doubted = self.doubted(text, young).unwrap_or_default();
        let served = self.stop_of(&doubted.served, young);
        if let Some(twice) = self.stop_of(&doubted.denied_twice, young) {
            return served.unwrap_or(Stop::DeniedTwice(against(twice)));
        }
        // What it serves in its place, or besides, stops it as ever.
        if let Some(rest) = substances::besides_not_served(text, |name| self.who.menu.find(name).is_some()) {
            return self.stop_of(&rest, young).unwrap_or(Stop::NotServed(against(stop)));
        }
        let denied = || self.stop_of(&doubted.denied, young);
        match served.or_else(denied) {
            Some(denied) if served.is_none() => Stop::NotServed(against(denied)),
            _ => stop,
        }
    }

    /// What a precaution says against what words of staff bring; one that nobody understands may be about anything that is eaten.
    fn against_words(&self, words: &str, named: Option<&Declared<'_>>) -> Option<Against<'a>> {
        self.against_name(words, Serves::Perhaps, named).or_else(|| {
            let strange = self.bans.iter().find(|ban| ban.about_food && !ban.understood)?;
            is_eaten_by(words, named, self.who.rules).then(|| strange.has(How::NotUnderstood))
        })
    }

    /// What a precaution says against something of which the name alone is known: what the name tells of, else, if it is
    /// surely served, that nobody knows what it contains. `named`: what is declared of the items that it names.
    fn against_name(&self, name: &str, serves: Serves, named: Option<&Declared<'_>>) -> Option<Against<'a>> {
        // What may be said is the reason, before what is never mentioned.
        let quiet = |is_quiet: bool| self.bans.iter().filter(move |ban| ban.is_never_mentioned() == is_quiet);
        // What is declared says more surely what is in it than a word does.
        let told = || {
            quiet(false).chain(quiet(true)).find_map(|ban| {
                let declared = named.and_then(|named| ban.against_declared(named));
                declared.or_else(|| ban.told_by(name)).or_else(|| ban.against_listed(named?))
            })
        };
        let unknown = || self.bans.iter().find(|ban| ban.about_food).map(|ban| ban.has(How::UnknownContents));
        match serves {
            Serves::Nothing => None,
            Serves::Perhaps => told(),
            Serves::Surely => told().or_else(unknown),
        }
    }
}

/// Whether words tell of something eaten or drunk, or name such an item.
fn is_eaten_by(words: &str, named: Option<&Declared<'_>>, rules: &ItemRules) -> bool {
    edible::is_named(words) || named.is_some_and(|named| is_eaten(named, words, rules))
}
