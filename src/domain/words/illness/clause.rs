//! The clauses of a text, of which each says something of an illness by itself: what it denies, takes back, or leaves to be eaten.

use super::{Counts, Illness, Says, WORDS, is_in, says_nothing};
use crate::domain::words::{
    fold::{self, BLANK, BREAK},
    lexicon, no_food, other_things, phrases,
};

/// More words than these are a sentence: "passion fruit juice" has three.
pub(super) const NAME_WORDS_MAX: usize = 3;

/// Parts of a text of which each says something by itself.
pub(super) fn clauses(text: &str) -> impl Iterator<Item = &str> {
    let is_mark = |char: char| matches!(char, ',' | ';' | ':' | '.' | '!' | '?' | '(' | ')' | '\n' | '–' | '—' | '|');
    text.split(is_mark).flat_map(|part| part.split(" - ")).map(str::trim).filter(|part| !part.is_empty())
}

pub(super) type Place = (Says, usize, usize);

/// "Hypoallergenic" is no allergy.
pub(super) fn apart_from_harmless(hits: &mut Vec<Place>) {
    let harmless: Vec<(usize, usize)> =
        hits.iter().filter(|(says, ..)| *says == Says::Harmless).map(|(_, start, end)| (*start, *end)).collect();
    hits.retain(|(_, start, end)| !harmless.iter().any(|(from, to)| from <= start && end <= to));
}

pub(super) struct Word {
    pub folded: String,
    /// Where it begins in the clause, and in the folded clause.
    from: usize,
    pub start: usize,
}

pub(super) struct Clause<'t> {
    pub text: &'t str,
    pub words: Vec<Word>,
    pub hits: Vec<Place>,
}

impl<'t> Clause<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        let mut words: Vec<Word> = Vec::new();
        let (mut read, mut is_new) = (0, true);
        fold::symbols(text, |symbol, at| {
            if symbol == BLANK || symbol == BREAK {
                is_new = true;
            } else {
                if is_new {
                    words.push(Word { folded: String::new(), from: at, start: read });
                    is_new = false;
                }
                words.last_mut().expect("one was begun").folded.push(char::from(symbol));
            }
            read += 1;
        });
        let mut hits = Vec::new();
        WORDS.finder.each(text, |index, start, end| hits.push((*WORDS.finder.value(index), start, end)));
        apart_from_harmless(&mut hits);
        Self { text, words, hits }
    }

    fn word_at(&self, start: usize) -> usize {
        self.words.iter().rposition(|word| word.start <= start).unwrap_or_default()
    }

    pub(super) fn has(&self, lists: &[&str]) -> bool {
        self.words.iter().any(|word| lists.iter().any(|list| is_in(list, &word.folded)))
    }

    /// Whether it takes back what the clause before it denies: "but to nuts", "save for nuts", "nuts aside", "nuts though".
    pub(super) fn takes_back(&self) -> bool {
        self.words.first().is_some_and(|word| is_in("but", &word.folded))
            || self.has(&["undone"])
            || (self.has(&["now"]) && self.has(&["one"]))
            || (self.has(&["except", "but"]) && lexicon::told_by(self.text) != 0)
    }

    pub(super) fn is_denied(&self, start: usize, is_doubtful: bool) -> bool {
        !is_doubtful && self.denial_of(start).is_some()
    }

    /// The first word of a plain negation directly before a word of an illness; `None`: there is none, or what follows takes it back.
    fn denial_of(&self, start: usize) -> Option<usize> {
        let ill = self.word_at(start);
        let is = |at: usize, list: &str| is_in(list, &self.words[at].folded);
        let goes_on = |at: usize| is(at, "between") || is(at, "no") || (is(ill, "noun") && is(at, "kind"));
        let first = (0..ill).rev().take_while(|at| goes_on(*at)).last()?;
        let denies = (first..ill).find(|at| is(*at, "no"))?;
        // "Never without EpiPen", "nicht ohne Notfallset".
        let without = (first..ill).rev().find(|at| is(*at, "without"));
        if without.is_some_and(|without| (0..without).any(|at| is(at, "never"))) {
            return None;
        }
        // "No milk and no nut allergy", "not allergic to nuts but to milk", "no allergies other than nuts".
        let mut others = (0..self.words.len()).filter(|at| !(first..=ill).contains(at));
        let goes_on = others.any(|at| is(at, "no") || is(at, "except")) || self.has(&["but", "until", "undone"]);
        (!goes_on && !self.names_besides(first, ill)).then_some(denies)
    }

    /// Whether something eaten is named beside a denied illness that is not what it would be of: "has no EpiPen for nuts", and not "no
    /// allergy to nuts".
    fn names_besides(&self, first: usize, ill: usize) -> bool {
        let next = self.words.get(ill + 1);
        // "No allergies as far as nuts".
        let is_far = self.words.get(ill + 2).is_some_and(|word| is_in("far", &word.folded));
        let is_of_it = next.is_some_and(|word| is_in("to", &word.folded)) && !is_far;
        let is_liked = || self.hits.iter().any(|(says, ..)| says.is_liking());
        let tells = |text: &str| lexicon::told_by(text) != 0;
        let before = &self.text[..self.words[first].from];
        let after = if is_of_it { "" } else { next.map_or("", |word| &self.text[word.from..]) };
        (tells(before) || tells(after)) && !is_liked()
    }

    /// Whether it only denies illnesses, or says what is liked: what it names is no matter of one.
    pub(super) fn is_of_none(&self) -> bool {
        let says = |says: &Says, start: usize| match says {
            Says::Likes | Says::Fine | Says::Denies => true,
            Says::Ill { .. } => self.denial_of(start).is_some(),
            Says::Harmless => false,
        };
        self.hits.iter().any(|(one, start, _)| says(one, *start))
    }

    /// Whether it says that there is no illness at all: "no known allergies", "NKDA".
    pub(super) fn denies_all(&self) -> bool {
        let is_it = |(says, start, _): &Place| match says {
            Says::Denies => true,
            Says::Ill { counts: Counts::Always, .. } => {
                self.denial_of(*start).is_some() && lexicon::told_by(self.text) == 0
            }
            _ => false,
        };
        self.hits.iter().any(is_it)
    }

    /// Whether it makes an exception for something eaten: "NKA except nuts".
    pub(super) fn excepts(&self) -> bool {
        self.has(&["but", "except"]) && lexicon::told_by(self.text) != 0
    }

    /// Whether it only names an allergen: "well, nuts", "nuts though".
    pub(super) fn is_bare_allergen(&self) -> bool {
        let names = self.words.iter().map(|word| word.folded.as_str()).filter(|word| !says_nothing(word));
        !self.has(&["no"])
            && !self.hits.iter().any(|(says, ..)| says.is_liking())
            && phrases::allergens_in(&names.collect::<Vec<_>>().join(" ")) != 0
    }

    /// Whether one of its places says that somebody is ill of what is named there or beside it, though nobody knows it.
    pub(super) fn says_illness(&self, (says, start, end): &Place) -> bool {
        let Says::Ill { counts, illness, .. } = says else { return false };
        match counts {
            Counts::Always | Counts::BesideName => true,
            Counts::BesideKnown => *illness == Illness::Allergy && self.is_bare(),
            Counts::Traces => !self.allows(),
            Counts::BeforeName => self.may_name(|word| word.start >= *end),
            Counts::AfterName => self.may_name(|word| word.start < *start),
            Counts::Denied => self.has(&["no", "badly"]) && self.may_name(|_| true),
        }
    }

    /// Whether a word is part of what says an illness.
    fn is_of_illness(&self, word: &Word) -> bool {
        let is_ill =
            |(says, start, end): &Place| matches!(says, Says::Ill { .. }) && (*start..*end).contains(&word.start);
        self.hits.iter().any(is_ill)
    }

    /// Whether it names nothing that may be eaten beside its illness: "EpiPen in bag", "dog allergy".
    pub(super) fn is_bare(&self) -> bool {
        let names_none = |word: &Word| {
            let folded = phrases::stem_of_illness(&word.folded).unwrap_or(&word.folded);
            says_nothing(&word.folded) || is_in("aside", folded) || is_in("weak", folded) || no_food::is_one(folded)
        };
        self.words.iter().all(|word| names_none(word) || self.is_of_illness(word) && !is_joined(&word.folded))
    }

    /// Whether it says that what it names may be eaten.
    pub(super) fn is_fine(&self) -> bool {
        self.hits.iter().any(|(says, ..)| *says == Says::Fine)
    }

    /// "See Dr. Miller"; not "allergic to Dr Pepper".
    fn is_of_somebody(&self) -> bool {
        self.has(&["title"]) && !self.hits.iter().any(|(says, ..)| matches!(says, Says::Ill { .. }))
    }

    /// Whether it is of something aside from food: "window seat"; not of "cold soup".
    pub(super) fn is_aside(&self) -> bool {
        let is_name = |word: &Word| {
            !says_nothing(&word.folded)
                && !is_in("weak", &word.folded)
                && !self.is_of_illness(word)
                && !no_food::is_one(&word.folded)
        };
        let has = |lists: &[&str]| {
            let mut others = self.words.iter().filter(|word| !self.is_of_illness(word));
            others.any(|word| lists.iter().any(|list| is_in(list, &word.folded)))
        };
        has(&["aside"]) || self.is_of_somebody() || (has(&["weak"]) && !self.words.iter().any(is_name))
    }

    /// Whether some of its words may be the name of something eaten that nobody knows.
    fn may_name(&self, is_meant: impl Fn(&Word) -> bool) -> bool {
        let names = || {
            let all = self.words.iter().filter(|word| is_meant(word) && !self.is_of_illness(word));
            all.filter(|word| !says_nothing(&word.folded))
        };
        (1..=NAME_WORDS_MAX).contains(&names().count())
            && !names().all(|word| other_things::is_one(&word.folded))
            && !self.is_aside()
    }

    /// Whether traces may be: "traces are ok".
    pub(super) fn allows(&self) -> bool {
        let all =
            [" ", &self.words.iter().map(|word| word.folded.as_str()).collect::<Vec<_>>().join(" "), " "].concat();
        let allowed = WORDS.lists.get("allowed").into_iter().flatten();
        let mut rests = allowed.filter_map(|(phrase, _)| {
            let phrase = [" ", phrase, " "].concat();
            all.contains(&phrase).then(|| all.replacen(&phrase, " ", 1))
        });
        rests.any(|rest| {
            !rest.split_whitespace().any(|word| ["no", "but", "badly"].iter().any(|list| is_in(list, word)))
        })
    }

    /// The text without what is only liked, or plainly denied.
    pub(super) fn kept(&self, is_doubtful: bool) -> &'t str {
        let ill = self.hits.iter().filter(|(says, ..)| matches!(says, Says::Ill { .. }));
        let liked = self.hits.iter().find(|(says, ..)| *says == Says::Likes);
        let is_borne = |(says, ..): &Place| matches!(says, Says::Ill { counts: Counts::Denied, .. });
        let fine = self.hits.iter().find(|(says, ..)| *says == Says::Fine);
        let from = if let Some((_, start, end)) = fine.or_else(|| self.hits.iter().find(|place| is_borne(place))) {
            let is_beside = |word: &&Word| !(*start..*end).contains(&word.start);
            let doubts = |word: &Word| ["no", "but", "doubt", "badly"].iter().any(|list| is_in(list, &word.folded));
            let is_ill = self.hits.iter().any(|place| matches!(place.0, Says::Ill { .. }) && !is_borne(place));
            (!is_ill && !is_doubtful && !self.words.iter().filter(is_beside).any(doubts)).then_some(0)
        } else if let Some((_, start, _)) = liked {
            let is_doubtful = ill.clone().next().is_some() || self.has(&["no", "but", "doubt"]);
            (!is_doubtful).then(|| self.word_at(*start))
        } else {
            let denials: Option<Vec<usize>> = ill.map(|(_, start, _)| self.denial_of(*start)).collect();
            denials.filter(|_| !is_doubtful).and_then(|all| all.into_iter().min())
        };
        from.map_or(self.text, |word| self.text[..self.words[word].from].trim_end())
    }
}

/// Whether a word has a name and the illness in one: "Erdbeerallergie".
fn is_joined(word: &str) -> bool {
    phrases::stem_of_illness(word).is_some()
}
