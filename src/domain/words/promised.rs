//! What the words of a promise bring: "Ask the kitchen about nuts" and "Bring a menu without nuts" bring none, "Bring the nut cake"
//! does. In doubt, what is named is brought.

use std::{borrow::Cow, sync::LazyLock};

use super::{codes, fold, illness, lexicon, lifting, phrases};

/// `data/promises.txt`, in one spelling.
#[derive(Default)]
struct Words {
    /// Words that ask, with the words by which what they ask about is only spoken of.
    asks: Vec<(Vec<String>, Vec<String>)>,
    /// Words that tell somebody.
    tells: Vec<String>,
    /// What may be told of without bringing it: an allergy.
    told: Vec<String>,
    /// Words that ask for something to be brought.
    fetches: Vec<String>,
    /// Words that leave out what follows.
    avoids: Vec<String>,
    /// Those that do so where they stand last.
    avoids_before: Vec<String>,
    /// Beginnings of words that bring something, and of whoever may want it.
    brings: Vec<String>,
    /// What may stand before a word that asks.
    before: Vec<String>,
    /// Where another part begins.
    then: Vec<String>,
    /// How a part begins that, after one that asks, brings nothing.
    after: Vec<String>,
    /// Words by which what is left out may come all the same.
    doubt: Vec<String>,
    /// Words for what makes good what was brought already.
    makes_good: Vec<String>,
    /// Words for what was named before.
    them: Vec<String>,
    /// Words that leave something out, or keep it for somebody.
    holds: Vec<String>,
    or: Vec<String>,
    with: Vec<String>,
    /// The same of what "no" leaves out, and "without" does not.
    late: Vec<String>,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let mut words = Words::default();
    let spelt = |list: &str| -> Vec<String> { list.split_whitespace().flat_map(spellings).collect() };
    let mut heading = "";
    for line in include_str!("data/promises.txt").lines().filter(|line| !line.starts_with('#')) {
        let list = match heading {
            _ if line.starts_with('[') => {
                heading = line;
                continue;
            }
            "[asks]" => {
                words.asks.extend(line.split_once(':').map(|(asks, about)| (spelt(asks), spelt(about))));
                continue;
            }
            "[tells]" => &mut words.tells,
            "[told]" => &mut words.told,
            "[fetches]" => &mut words.fetches,
            "[avoids]" => &mut words.avoids,
            "[avoids-before]" => &mut words.avoids_before,
            "[brings]" => &mut words.brings,
            "[before]" => &mut words.before,
            "[then]" => &mut words.then,
            "[after]" => &mut words.after,
            "[doubt]" => &mut words.doubt,
            "[late]" => &mut words.late,
            "[makes-good]" => &mut words.makes_good,
            "[them]" => &mut words.them,
            "[holds]" => &mut words.holds,
            "[or]" => &mut words.or,
            "[with]" => &mut words.with,
            _ => {
                debug_assert!(line.is_empty(), "{line}");
                continue;
            }
        };
        list.extend(spelt(line));
    }
    words
});

/// A star at the end of a word stays: letters may follow.
pub(super) fn spellings(word: &str) -> Vec<String> {
    let star = if word.ends_with('*') { "*" } else { "" };
    fold::spellings(word).into_iter().map(|spelt| spelt + star).collect()
}

/// Whether a folded word is in a list.
pub(super) fn is_in(list: &[String], word: &str) -> bool {
    list.iter().any(|known| match known.strip_suffix('*') {
        Some(begins) => word.starts_with(begins),
        None => word == known,
    })
}

/// From so many letters on, a word that brings counts inside a longer one too: "hochbringen".
const INSIDE_CHARS_MIN: usize = 5;

pub(super) fn brings(word: &str) -> bool {
    let is_one = |known: &String| {
        word.starts_with(known.as_str()) || (known.len() >= INSIDE_CHARS_MIN && word.contains(known.as_str()))
    };
    WORDS.brings.iter().any(is_one)
}

/// A promise without what its words only ask, check or tell about, and without what they leave out.
pub fn brought(promise: &str) -> Cow<'_, str> {
    match illness::without_titled(promise) {
        Cow::Borrowed(promise) => brought_apart_from_people(promise),
        Cow::Owned(promise) => Cow::Owned(brought_apart_from_people(&promise).into_owned()),
    }
}

fn brought_apart_from_people(promise: &str) -> Cow<'_, str> {
    let parts = parts_of(promise);
    let is_spoken_of = |at: usize| {
        let is_brought_before = parts[..at].iter().any(Part::brings_what_follows);
        // "Walnut allergy: bring soda" names what it brings.
        let tells = parts[at].only_tells_of_an_allergy();
        let is_besides = |part: &Part<'_>| {
            part.only_asks()
                || part.brings_nothing()
                || (tells && lexicon::is_food(part.text) && !part.has(&WORDS.them))
        };
        parts[at].only_asks() && !is_brought_before && parts[at + 1..].iter().all(is_besides)
    };
    let is_free = |word: &&str| FREE.iter().any(|free| word.to_lowercase().ends_with(free));
    let (mut left, mut is_less) = (String::new(), false);
    for (at, part) in parts.iter().enumerate() {
        if is_spoken_of(at) {
            is_less = true;
            continue;
        }
        if !left.is_empty() {
            left.push_str(if part.goes_on { " " } else { ", " });
        }
        let text = part.avoiding();
        is_less |= matches!(text, Cow::Owned(_)) || text.split_whitespace().any(|word| is_free(&word));
        left.push_str(&text.split_whitespace().filter(|word| !is_free(word)).collect::<Vec<_>>().join(" "));
    }
    let left = if is_less { Cow::Owned(left) } else { Cow::Borrowed(promise) };
    if is_doubtful(promise) {
        return left;
    }
    match lifting::without_left_out(&left) {
        Some(without) if !makes_a_drink(&left, &without) => Cow::Owned(without),
        _ => left,
    }
}

/// Whether only what a drink is made without tells that it is none: "beer without alcohol".
fn makes_a_drink(text: &str, without: &str) -> bool {
    let alcohol = codes::of_code("ALCOHOL").map_or(0, codes::with_parts);
    let more = lifting::told_after_lifting(without) & !lifting::told_after_lifting(text);
    more & alcohol != 0 && more & !alcohol == 0
}

/// Whether a promise may bring what it says to leave out: "Don't forget the cake", "No cake before eight".
fn is_doubtful(promise: &str) -> bool {
    let folded = fold::folded(promise);
    let has = |list: &[String]| folded.split(' ').any(|word| is_in(list, word));
    // "No walnut cake? Bring it": a no that is answered; and what is held may be kept for somebody.
    let says_no = || lifting::says_no(promise);
    let is_answered =
        || promise.contains('?') || (says_no() && parts_of(promise).iter().skip(1).any(Part::brings_them));
    // "Without walnuts or with".
    let is_open = || {
        folded
            .split(' ')
            .zip(folded.split(' ').skip(1))
            .any(|(or, with)| is_in(&WORDS.or, or) && is_in(&WORDS.with, with))
    };
    has(&WORDS.doubt) || has(&WORDS.holds) || is_answered() || is_open() || (has(&WORDS.late) && says_no())
}

/// Endings of words that leave something out. "Nuts free" may be nuts for nothing.
const FREE: [&str; 6] = ["-free", "-frei", "-freie", "-freien", "-freier", "-freies"];

/// Whether a promise says when, or what is first: "before eight".
pub(super) fn says_when(promise: &str) -> bool {
    fold::folded(promise).split(' ').any(|word| is_in(&WORDS.late, word))
}

/// The parts of a promise.
pub(super) fn parts_of(promise: &str) -> Vec<Part<'_>> {
    parts(promise).into_iter().map(Part::of).collect()
}

/// A part of a promise.
pub(super) struct Part<'t> {
    pub text: &'t str,
    /// It begins with "and", and no mark stands before it.
    pub goes_on: bool,
    /// Folded, without what may stand before a word that asks.
    pub words: Vec<String>,
}

/// Sentences, and what commas, marks and words such as "and" part; with each, whether no mark stands before it.
fn parts(promise: &str) -> Vec<(&str, bool)> {
    let is_mark = |char: char| !char.is_alphanumeric() && !matches!(char, ' ' | '\'' | '\u{2019}' | '-' | '\u{2011}');
    let mut parts = Vec::new();
    for sentence in promise.split(is_mark).flat_map(|part| part.split(" - ")) {
        let (mut from, mut at) = (0, 0);
        for word in sentence.split_inclusive(' ') {
            // In French, the word says "there"; in Spanish "and".
            let is_il_y_a = word.trim() == "y" && sentence[at..].split(' ').nth(1) == Some("a");
            if !is_il_y_a && WORDS.then.contains(&fold::folded(word.trim())) {
                parts.push((&sentence[from..at], from > 0));
                from = at;
            }
            at += word.len();
        }
        parts.push((&sentence[from..], from > 0));
    }
    parts.retain(|(part, _)| !part.trim().is_empty());
    parts
}

impl<'t> Part<'t> {
    fn of((text, goes_on): (&'t str, bool)) -> Self {
        let folded = fold::folded(text);
        let words = folded.split(' ').skip_while(|word| is_in(&WORDS.before, word) || is_in(&WORDS.then, word));
        Self { text, goes_on, words: words.map(str::to_owned).collect() }
    }

    fn begins_with(&self, list: &[String]) -> bool {
        self.words.first().is_some_and(|word| is_in(list, word))
    }

    fn begins_or_ends_with(&self, list: &[String]) -> bool {
        self.begins_with(list) || self.words.last().is_some_and(|word| is_in(list, word))
    }

    fn has(&self, list: &[String]) -> bool {
        self.words.iter().any(|word| is_in(list, word))
    }

    fn brings(&self) -> bool {
        self.words.iter().any(|word| brings(word))
    }

    /// Whether it only asks, checks or tells about what it names: the words that say so stand before what is named.
    pub fn only_asks(&self) -> bool {
        if self.brings() || self.has(&WORDS.doubt) {
            return false;
        }
        let is_told = || self.begins_or_ends_with(&WORDS.tells) && self.has(&WORDS.told);
        let asks = |(asks, about): &(Vec<String>, Vec<String>)| {
            let Some(at) = self.words.iter().position(|word| is_in(about, word)) else { return false };
            let (before, after) = self.words.split_at(at);
            let fetches = before.iter().any(|word| is_in(&WORDS.fetches, word));
            let told = |words: &[String]| lexicon::told_by(&words.join(" ")) != 0;
            // "Check the cake for nuts", but not "Check the nut cake for table 4".
            let is_between = || is_in(&WORDS.fetches, &after[0]) && told(after);
            self.begins_or_ends_with(asks) && !fetches && (!told(before) || is_between())
        };
        is_told()
            || self.begins_or_ends_with(&WORDS.makes_good)
            || self.only_tells_of_an_allergy()
            || WORDS.asks.iter().any(asks)
    }

    /// "Allergy to nuts", "he is allergic to nuts", "nut allergy": beside it stand names of substances, and nothing to eat.
    fn only_tells_of_an_allergy(&self) -> bool {
        let Some(at) = self.words.iter().position(|word| is_in(&WORDS.told, word)) else { return false };
        let (before, after) = (&self.words[..at], self.words[at + 1..].join(" "));
        let tells = |words: &[String]| lexicon::told_by(&words.join(" ")) != 0;
        let is_name = |from: usize| phrases::named_as(&before[from..].join(" ")) != 0 && !tells(&before[..from]);
        (!tells(before) || (0..before.len()).any(is_name))
            && (lexicon::told_by(&after) == 0 || phrases::is_of_names(&after))
    }

    /// Whether, after what only asks, it surely brings nothing of what is asked about: "and call back", "before dinner", "8:30".
    pub fn brings_nothing(&self) -> bool {
        let begins = |list: &[String]| self.begins_with(list);
        let speaks = begins(&WORDS.after)
            || begins(&WORDS.tells)
            || WORDS.asks.iter().any(|(asks, _)| begins(asks))
            || self.has(&WORDS.told);
        let is_time = || {
            let first = fold::folded(self.text.split_whitespace().next().unwrap_or_default());
            is_in(&WORDS.late, &first) && self.words.len() <= TIME_WORDS_MAX
        };
        let is_short = || self.words.iter().all(|word| word.len() < WORD_CHARS_MIN);
        !self.brings() && (speaks || is_short() || is_time())
    }

    /// Whether it brings something, and does not say what: "Serve, after asking about the cake".
    fn brings_what_follows(&self) -> bool {
        self.brings() && self.words.len() <= TIME_WORDS_MAX && !lexicon::is_food(self.text)
    }

    /// "Bring it", "add some": what stands before.
    fn brings_them(&self) -> bool {
        self.brings() && self.has(&WORDS.them) && !lexicon::is_food(self.text)
    }

    /// "Avoid nuts" is "without nuts".
    fn avoiding(&self) -> Cow<'t, str> {
        let is_last = self.words.last().is_some_and(|word| is_in(&WORDS.avoids_before, word));
        if !self.begins_with(&WORDS.avoids) && !is_last {
            return Cow::Borrowed(self.text);
        }
        let avoids = |word: &String| is_in(&WORDS.avoids, word) || is_in(&WORDS.avoids_before, word);
        let rest = self.words.iter().filter(|word| !avoids(word));
        Cow::Owned(std::iter::once("without").chain(rest.map(String::as_str)).collect::<Vec<_>>().join(" "))
    }
}

/// "Before dinner", "after the main course".
const TIME_WORDS_MAX: usize = 4;
/// Shorter ones are numbers, hours and the like.
const WORD_CHARS_MIN: usize = 3;

#[cfg(test)]
#[path = "promised_tests.rs"]
mod tests;
