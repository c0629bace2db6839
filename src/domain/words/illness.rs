//! What the words of a precaution tell of an illness, and what they only say that somebody likes. The words are in `data/illnesses.txt`. In
//! doubt somebody is ill: only a plain negation directly before takes it back. `items`: what it is of that nobody knows.

mod items;

use std::{
    borrow::Cow,
    cell::{LazyCell, RefCell},
    collections::HashMap,
    sync::LazyLock,
};

use fnv::FnvBuildHasher;

use super::{
    codes::{self, Substances},
    file::{Entry, Language},
    fold::{self, BLANK, BREAK},
    lexicon::{self, Finder},
    memo::{self, Lately},
};

pub use items::{is_only_of, says_nothing, unknown_items};

/// How something eaten makes somebody ill, the worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Illness {
    Intolerance,
    Allergy,
}

/// What words tell of an illness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Told {
    /// The worst. `None`: they tell of none.
    pub illness: Option<Illness>,
    /// What it is of, where its own name says so: gluten, of "coeliac".
    pub substances: Substances,
    /// It may kill.
    pub is_dangerous: bool,
    /// An illness is named, and not only what may come of something: "nut allergy", not "also traces".
    pub is_named: bool,
}

/// When words of the lists count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Counts {
    Always,
    /// Where something eaten is named.
    BesideName,
    /// The same, whatever denies it.
    Traces,
    /// Where they are denied: "does not tolerate".
    Denied,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Says {
    Ill {
        illness: Illness,
        counts: Counts,
        is_dangerous: bool,
        of: Substances,
        /// It is carried against an illness: "EpiPen".
        is_pen: bool,
    },
    /// Another thing that has such a word inside.
    Harmless,
    Likes,
}

impl Says {
    fn under(heading: &str) -> Option<Self> {
        use Illness::{Allergy, Intolerance};
        let ill = |illness, counts| Self::Ill {
            illness,
            counts,
            is_dangerous: heading.starts_with("danger"),
            of: 0,
            is_pen: heading == "danger",
        };
        let of = |illness, code: &str| Self::Ill {
            illness,
            counts: Counts::Always,
            is_dangerous: false,
            of: codes::forbidden_by(code).unwrap_or_default().substances,
            is_pen: false,
        };
        Some(match heading {
            "danger" | "danger_named" | "ALLERGY" => ill(Allergy, Counts::Always),
            "danger_beside" | "ALLERGY_beside" => ill(Allergy, Counts::BesideName),
            "traces" => ill(Allergy, Counts::Traces),
            "INTOLERANCE" => ill(Intolerance, Counts::Always),
            "INTOLERANCE_beside" => ill(Intolerance, Counts::BesideName),
            "bears" => ill(Intolerance, Counts::Denied),
            "COELIAC" | "LACTOSE" => of(Intolerance, heading),
            "MILK_ALLERGY" => of(Allergy, "MILK"),
            "harmless" => Self::Harmless,
            "likes" => Self::Likes,
            _ => return None,
        })
    }

    /// Of several headings with one word, what says more.
    fn weight(self) -> (bool, Option<(Illness, bool, std::cmp::Reverse<Counts>)>) {
        match self {
            Self::Harmless => (true, None),
            Self::Likes => (false, None),
            Self::Ill { illness, counts, is_dangerous, .. } => {
                (false, Some((illness, is_dangerous, std::cmp::Reverse(counts))))
            }
        }
    }
}

struct Words {
    finder: Finder<Says>,
    /// Other lists, in one spelling, by their headings: whether letters may follow.
    lists: HashMap<&'static str, Vec<(String, bool)>, FnvBuildHasher>,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let mut lists: HashMap<&'static str, Vec<(String, bool)>, FnvBuildHasher> = HashMap::default();
    let mut found = Vec::new();
    let mut heading = "";
    for line in include_str!("data/illnesses.txt").lines().filter(|line| !line.starts_with('#')) {
        if let Some(named) = line.strip_prefix('[') {
            heading = named.trim_end_matches(']');
            continue;
        }
        for word in line.split(',').map(str::trim).filter(|word| !word.is_empty()) {
            match Says::under(heading) {
                Some(says) => found.push((entry(word), says)),
                None => lists.entry(heading).or_default().extend(listed(word)),
            }
        }
    }
    let finder = Finder::of(found.into_iter(), |known, more| {
        if more.weight() > known.weight() {
            *known = more;
        }
    });
    Words { finder, lists }
});

/// A word of a list in its spellings. With a star, letters may stand there.
fn listed(word: &str) -> impl Iterator<Item = (String, bool)> {
    let (star, is_open) = (if word.starts_with('*') { "*" } else { "" }, word.ends_with('*'));
    fold::spellings(word.trim_matches('*')).into_iter().map(move |form| ([star, &form].concat(), is_open))
}

fn entry(word: &'static str) -> Entry {
    Entry {
        // They are found as they are written: no language makes plurals of them.
        language: Language::English,
        section: "",
        codes: "",
        word: word.trim_matches('*'),
        is_open_before: word.starts_with('*'),
        is_open_after: word.ends_with('*'),
        is_exact: true,
    }
}

fn is_in(heading: &str, word: &str) -> bool {
    let is_it = |(known, is_open): &(String, bool)| match known.strip_prefix('*') {
        Some(ending) => word.ends_with(ending),
        None if *is_open => word.starts_with(known.as_str()),
        None => word == known.as_str(),
    };
    WORDS.lists.get(heading).is_some_and(|list| list.iter().any(is_it))
}

/// Texts and codes of precautions that each thread keeps what they tell of: those of a few hundred guests. Some 64 bytes each.
const TEXTS_MAX: usize = 1_024;

/// What a text tells of, in every way that is asked for.
#[derive(Debug, Clone, Copy, Default)]
struct Reading {
    /// By itself.
    alone: Told,
    /// Where something eaten is named besides.
    beside: Told,
    /// Whether nothing is only liked or denied.
    is_kept_whole: bool,
}

thread_local! {
    static TEXTS: RefCell<Lately<Reading>> = Lately::new(TEXTS_MAX);
    static CODES: RefCell<Lately<Told>> = Lately::new(TEXTS_MAX);
}

/// Answers are full of a guest's few texts: each is read once.
fn reading(text: &str) -> Reading {
    let read = || Reading {
        alone: read(text, false),
        beside: read(text, true),
        is_kept_whole: matches!(read_without_likes(text), Cow::Borrowed(_)),
    };
    TEXTS.with(|texts| memo::lately(texts, text, read))
}

/// Of which illness a text tells. `names`: whether something eaten is named besides, by the code that the text stands beside.
pub fn told(text: &str, names: bool) -> Told {
    let reading = reading(text);
    if names { reading.beside } else { reading.alone }
}

/// A text without what it only says that somebody likes, and without illnesses that it plainly denies: "vegan", of "vegan, likes nuts, no egg
/// allergy".
pub fn without_likes(text: &str) -> Cow<'_, str> {
    if reading(text).is_kept_whole { Cow::Borrowed(text) } else { read_without_likes(text) }
}

/// Of which illness a code tells: NUT_ALLERGY, SEVERE_NUTS. A code denies nothing: NO_NUT_ALLERGY is no nuts, for an allergy.
pub fn told_by_code(code: &str) -> Told {
    CODES.with(|codes| memo::lately(codes, code, || read_code(code)))
}

fn read_code(code: &str) -> Told {
    let mut hits = Vec::new();
    WORDS.finder.each(code, |index, start, end| hits.push((*WORDS.finder.value(index), start, end)));
    if hits.is_empty() {
        return Told::default();
    }
    let is_named = LazyCell::new(|| lexicon::told_by(code) != 0);
    let counts = |counts: Counts| match counts {
        Counts::Always => true,
        Counts::BesideName | Counts::Traces => *is_named,
        Counts::Denied => false,
    };
    let mut told = Told::default();
    apart_from_harmless(&mut hits);
    for (says, ..) in &hits {
        told.add(*says, counts);
    }
    told
}

fn read(text: &str, names: bool) -> Told {
    let mut told = Told::default();
    let mut is_any = false;
    WORDS.finder.each(text, |index, _, _| is_any |= *WORDS.finder.value(index) != Says::Likes);
    if !is_any {
        return told;
    }
    let is_named = LazyCell::new(|| lexicon::told_by(text) != 0);
    let clauses: Vec<Clause<'_>> = clauses(text).map(Clause::of).collect();
    for (at, clause) in clauses.iter().enumerate() {
        let is_doubtful = text.contains('?') || clauses.get(at + 1).is_some_and(Clause::takes_back);
        for (says, start, _) in &clause.hits {
            told.add(*says, |counts| match counts {
                Counts::Always => !clause.is_denied(*start, is_doubtful),
                Counts::BesideName => {
                    (*is_named || (names && says.is_dangerous())) && !clause.is_denied(*start, is_doubtful)
                }
                Counts::Traces => (*is_named || names) && !clause.allows(),
                Counts::Denied => clause.has(&["no", "badly"]),
            });
        }
    }
    told
}

fn read_without_likes(text: &str) -> Cow<'_, str> {
    let mut is_any = false;
    WORDS.finder.each(text, |_, _, _| is_any = true);
    if !is_any || text.contains('?') {
        return Cow::Borrowed(text);
    }
    let clauses: Vec<Clause<'_>> = clauses(text).map(Clause::of).collect();
    let each = clauses.iter().enumerate().map(|(at, clause)| {
        let is_doubtful = clauses.get(at + 1).is_some_and(Clause::takes_back);
        clause.kept(is_doubtful)
    });
    let kept: Vec<&str> = each.collect();
    if kept.iter().zip(&clauses).all(|(kept, clause)| *kept == clause.text) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(kept.join(", "))
}

/// Whether a word says that somebody is ill, or nothing, and names nothing: "allergic", not "Nussallergie".
pub fn names_nothing(word: &str) -> bool {
    let mut begins = false;
    WORDS
        .finder
        .each(word, |index, start, _| begins |= start == 0 && matches!(WORDS.finder.value(index), Says::Ill { .. }));
    begins
        || word.bytes().all(|byte| byte.is_ascii_digit())
        || ["fill", "between", "no"].iter().any(|list| is_in(list, word))
}

/// What a word forbids that says an illness: gluten, of "sprue"; nothing, of "EpiPen". `None`: it says none.
pub fn forbidden_by(word: &str) -> Option<Substances> {
    let mut found = None;
    WORDS.finder.each(word, |index, start, _| {
        if let Says::Ill { counts: Counts::Always, of, .. } = WORDS.finder.value(index) {
            found = found.or((start == 0).then_some(*of));
        }
    });
    found
}

impl Says {
    fn is_dangerous(self) -> bool {
        matches!(self, Self::Ill { is_dangerous: true, .. })
    }
}

impl Told {
    fn add(&mut self, says: Says, is_counted: impl Fn(Counts) -> bool) {
        let Says::Ill { illness, counts, is_dangerous, of, .. } = says else { return };
        if is_counted(counts) {
            self.illness = self.illness.max(Some(illness));
            self.substances |= of;
            self.is_dangerous |= is_dangerous;
            self.is_named |= counts == Counts::Always;
        }
    }
}

/// Parts of a text of which each says something by itself.
fn clauses(text: &str) -> impl Iterator<Item = &str> {
    let is_mark = |char: char| matches!(char, ',' | ';' | ':' | '.' | '!' | '?' | '(' | ')' | '\n' | '–' | '—' | '|');
    text.split(is_mark).flat_map(|part| part.split(" - ")).map(str::trim).filter(|part| !part.is_empty())
}

type Place = (Says, usize, usize);

/// "Hypoallergenic" is no allergy.
fn apart_from_harmless(hits: &mut Vec<Place>) {
    let harmless: Vec<(usize, usize)> =
        hits.iter().filter(|(says, ..)| *says == Says::Harmless).map(|(_, start, end)| (*start, *end)).collect();
    hits.retain(|(_, start, end)| !harmless.iter().any(|(from, to)| from <= start && end <= to));
}

struct Word {
    folded: String,
    /// Where it begins in the clause, and in the folded clause.
    from: usize,
    start: usize,
}

struct Clause<'t> {
    text: &'t str,
    words: Vec<Word>,
    hits: Vec<Place>,
}

impl<'t> Clause<'t> {
    fn of(text: &'t str) -> Self {
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

    fn has(&self, lists: &[&str]) -> bool {
        self.words.iter().any(|word| lists.iter().any(|list| is_in(list, &word.folded)))
    }

    /// Whether it takes back what the clause before it denies: "but to nuts", "save for nuts", "nuts aside".
    fn takes_back(&self) -> bool {
        self.words.first().is_some_and(|word| is_in("but", &word.folded))
            || (self.has(&["except"]) && lexicon::told_by(self.text) != 0)
    }

    fn is_denied(&self, start: usize, is_doubtful: bool) -> bool {
        !is_doubtful && self.denial_of(start).is_some()
    }

    /// The first word of a plain negation directly before a word of an illness; `None`: there is none, or what follows takes it back.
    fn denial_of(&self, start: usize) -> Option<usize> {
        let ill = self.word_at(start);
        let is = |at: usize, list: &str| is_in(list, &self.words[at].folded);
        let goes_on = |at: usize| is(at, "between") || is(at, "no") || (is(ill, "noun") && is(at, "kind"));
        let first = (0..ill).rev().take_while(|at| goes_on(*at)).last()?;
        let denies = (first..ill).find(|at| is(*at, "no"))?;
        // "No milk and no nut allergy", "not allergic to nuts but to milk", "no allergies other than nuts".
        let mut others = (0..self.words.len()).filter(|at| !(first..=ill).contains(at));
        let goes_on = others.any(|at| is(at, "no") || is(at, "except")) || self.has(&["but"]);
        (!goes_on && !self.names_besides(first, ill)).then_some(denies)
    }

    /// Whether something eaten is named beside a denied illness that is not what it would be of: "has no EpiPen for nuts", and not "no
    /// allergy to nuts".
    fn names_besides(&self, first: usize, ill: usize) -> bool {
        let next = self.words.get(ill + 1);
        let is_of_it = next.is_some_and(|word| is_in("to", &word.folded));
        let is_liked = || self.hits.iter().any(|(says, ..)| *says == Says::Likes);
        let tells = |text: &str| lexicon::told_by(text) != 0;
        let before = &self.text[..self.words[first].from];
        let after = if is_of_it { "" } else { next.map_or("", |word| &self.text[word.from..]) };
        (tells(before) || tells(after)) && !is_liked()
    }

    /// Whether traces may be: "traces are ok".
    fn allows(&self) -> bool {
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
    fn kept(&self, is_doubtful: bool) -> &'t str {
        let ill = self.hits.iter().filter(|(says, ..)| matches!(says, Says::Ill { .. }));
        let liked = self.hits.iter().find(|(says, ..)| *says == Says::Likes);
        let from = if let Some((_, start, _)) = liked {
            let is_doubtful = ill.clone().next().is_some() || self.has(&["no", "but", "doubt"]);
            (!is_doubtful).then(|| self.word_at(*start))
        } else {
            let denials: Option<Vec<usize>> = ill.map(|(_, start, _)| self.denial_of(*start)).collect();
            denials.filter(|_| !is_doubtful).and_then(|all| all.into_iter().min())
        };
        from.map_or(self.text, |word| self.text[..self.words[word].from].trim_end())
    }
}

#[cfg(test)]
#[path = "illness_tests.rs"]
mod tests;
