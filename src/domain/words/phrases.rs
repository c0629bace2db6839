//! Codes as people write them: NUSSALLERGIE, NO_ALCOHOL, COELIAC_DISEASE.

use std::{
    borrow::Cow,
    cell::RefCell,
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use fnv::FnvBuildHasher;

use super::{
    codes::{self, Forbids, Substances},
    file::{self, Entry},
    fold, illness, lexicon,
    memo::{self, Lately},
    plural,
};

/// Longest name of one substance in words: "lait d'amande" has three.
const PHRASE_WORDS_MAX: usize = 4;
/// Shorter names begin too many words: "HAM".
const JOINED_CHARS_MIN: usize = 4;

/// Texts that each thread keeps what they name: what the guests of a house do not like, a few words each. 32 bytes each.
const NAMED_MAX: usize = 1_024;

thread_local! {
    static NAMED: RefCell<Lately<Substances>> = Lately::new(NAMED_MAX);
    static NAMED_INSIDE: RefCell<Lately<Substances>> = Lately::new(NAMED_MAX);
}

struct Phrases {
    /// What a precaution about it forbids, and the code that it means.
    known: HashMap<String, (Forbids, &'static str), FnvBuildHasher>,
    /// Codes of substances by their letters alone, whatever parts their words: "peanuts", "pinenuts".
    letters: HashMap<String, Forbids, FnvBuildHasher>,
    /// Words of a code that say nothing of what it is about: "allergy". With a star before: also at the end of a word.
    besides: HashMap<String, bool, FnvBuildHasher>,
    /// Names of substances themselves, and of no food that is made of them.
    names: HashMap<String, Substances, FnvBuildHasher>,
    /// The same, and those of what is made of one allergen alone: "tahini". What people keep away from for other reasons is nothing.
    allergens: HashMap<String, Substances, FnvBuildHasher>,
    /// Words before or after a name that say no more than it does: "anything with".
    any: HashSet<String, FnvBuildHasher>,
}

/// Codes that stand for more than they say as words: breakfast cereals are not all that has gluten.
const WIDER_THAN_WORDS: [&str; 4] = ["CEREALS", "CEREAL", "MALT", "VEAL"];

static PHRASES: LazyLock<Phrases> = LazyLock::new(|| {
    let mut known: HashMap<String, (Forbids, &'static str), FnvBuildHasher> = HashMap::default();
    let mut besides: HashMap<String, bool, FnvBuildHasher> = HashMap::default();
    let mut note = |phrase: String, forbids: Forbids, code: &'static str| {
        let (all, _) = known.entry(phrase).or_insert((Forbids::default(), code));
        all.add(forbids);
        all.is_known = true;
    };
    for (code, name) in codes::all() {
        note(fold::folded(code), codes::forbidden_by(code).unwrap_or_default(), name);
    }
    let is_name = |code: &str| !codes::is_diet(code) && !ILLNESSES.contains(&code);
    let of_letters = |code: &str| (letters_of(code), codes::forbidden_by(code).unwrap_or_default());
    let letters = codes::all().filter(|(code, _)| is_name(code)).map(|(code, _)| of_letters(code));
    let letters = letters.filter(|(letters, _)| letters.len() >= LETTERS_MIN).collect();
    let mut any = HashSet::default();
    let mut names: HashMap<String, Substances, FnvBuildHasher> = HashMap::default();
    let mut name = |phrase: String, code: &str| {
        *names.entry(phrase).or_default() |= codes::parts_of(codes::of_code(code).unwrap_or_default());
    };
    codes::all()
        .filter(|(code, _)| !WIDER_THAN_WORDS.contains(code))
        .for_each(|(code, _)| name(fold::folded(code), code));
    for entry in file::entries() {
        if entry.section == "codes" {
            for code in entry.codes.split_whitespace() {
                for form in forms(entry) {
                    name(form, code);
                }
            }
        }
        match entry.section {
            "words" | "codes" | "only" => {
                for code in entry.codes.split_whitespace() {
                    let Some(forbids) = codes::forbidden_by(code) else { continue };
                    for form in forms(entry) {
                        note(form, forbids, code);
                    }
                }
            }
            "besides" => {
                for form in forms(entry) {
                    *besides.entry(form).or_default() |= entry.is_open_before;
                }
            }
            "any" => drop(any.insert(fold::folded(entry.word))),
            _ => {}
        }
    }
    let allergens = allergens_of(&names);
    Phrases { known, letters, besides, names, allergens, any }
});

/// Codes of what people keep away from for other reasons than an allergy.
const KEPT_FROM_OTHERWISE: [&str; 5] = ["ALCOHOL", "COFFEE", "CAFFEINE", "MEAT", "GELATINE"];
/// Codes of what is in so many dishes that the name of one is none of the allergen: "toast".
const OF_MANY_DISHES: [&str; 6] = ["GLUTEN", "MILK", "LACTOSE", "MILK_DRINK", "EGGS", "RAW_EGG"];

fn allergens_of(names: &HashMap<String, Substances, FnvBuildHasher>) -> HashMap<String, Substances, FnvBuildHasher> {
    let otherwise = KEPT_FROM_OTHERWISE.iter().fold(0, |set, code| set | codes::with_parts(codes::alone(code)));
    let mut all = names.clone();
    let has_one = |entry: &Entry| {
        matches!(entry.section, "words" | "only")
            && !entry.codes.contains(' ')
            && !OF_MANY_DISHES.contains(&entry.codes)
    };
    for entry in file::entries().filter(has_one) {
        let Some(substances) = codes::of_code(entry.codes) else { continue };
        for form in forms(entry) {
            *all.entry(form).or_default() |= codes::parts_of(substances);
        }
    }
    all.insert(fold::folded("CEREALS"), codes::of_code("CEREALS").unwrap_or_default());
    all.retain(|_, substances| *substances != 0);
    all.values_mut().filter(|substances| **substances & otherwise != 0).for_each(|substances| *substances = 0);
    all
}

/// The allergens that a code names, by all its words (see [`allergens_in`]), or beside words that nobody knows: NUTS_STRICT. Digits at the end
/// of a word may be part of a name (E220), or count (NUTS2).
pub fn allergens_of_need(code: &str) -> Substances {
    let apart = apart_from_digits(code);
    let named = allergens_in(code) | allergens_in(&apart);
    if named != 0 { named } else { allergens_beside(&apart) | allergen_joined(&apart) }
}

/// A code with a blank before the digits that end its words: "NUTS 2", of NUTS2.
pub fn apart_from_digits(code: &str) -> Cow<'_, str> {
    let is_stuck = |pair: &[u8]| pair[0].is_ascii_alphabetic() && pair[1].is_ascii_digit();
    if !code.as_bytes().windows(2).any(is_stuck) {
        return Cow::Borrowed(code);
    }
    let mut apart = String::with_capacity(code.len() + 1);
    for char in code.chars() {
        if char.is_ascii_digit() && apart.ends_with(|last: char| last.is_ascii_alphabetic()) {
            apart.push(' ');
        }
        apart.push(char);
    }
    Cow::Owned(apart)
}

/// The allergen that begins a code in one word, where the rest of it is food too: PEANUTBUTTER.
fn allergen_joined(code: &str) -> Substances {
    let folded = fold::folded(code);
    let told = lexicon::told_by(code);
    if told == 0 || folded.contains(' ') {
        return 0;
    }
    let begins = |at: usize| {
        let (name, rest) = (folded.get(..at)?, folded.get(at..)?);
        let substances = PHRASES.allergens.get(name).copied().filter(|substances| substances & told != 0)?;
        (!CALLED_SO_TOO.contains(&name) && lexicon::told_by(rest) != 0).then_some(substances)
    };
    (JOINED_CHARS_MIN..folded.len()).find_map(begins).unwrap_or_default()
}

/// Who is fed milk, and no nuts.
const INFANTS: [&str; 3] = ["baby", "babies", "infant"];
/// Before an allergen they say that there is to be none.
const DENY: [&str; 9] = ["no", "without", "kein", "keine", "ohne", "sans", "senza", "sin", "sem"];

/// The names of allergens among the words of a code, but for what they plainly do not mean: FISH_TANK, LIKES_NUTS.
fn allergens_beside(code: &str) -> Substances {
    let written = code.replace('_', " ");
    let text = illness::without_likes(&written);
    let told = lexicon::told_by(&text);
    let folded = fold::folded(&text);
    let words: Vec<&str> = folded.split(' ').filter(|word| !word.is_empty()).collect();
    if words.len() < 2 {
        return 0;
    }
    let name = |words: &[&str]| {
        let phrase = words.join(" ");
        let named = named_in_text(&phrase, told).filter(|_| !CALLED_SO_TOO.contains(&phrase.as_str()))?;
        let stem = || PHRASES.allergens.get(stem_of_illness(&phrase)?);
        let allergen = PHRASES.allergens.get(&phrase).or_else(stem)?;
        Some(named & allergen).filter(|substances| *substances != 0)
    };
    let (mut all, mut at) = (0, 0);
    while at < words.len() {
        let lengths = (1..=PHRASE_WORDS_MAX.min(words.len() - at)).rev();
        let found = lengths.into_iter().find_map(|count| Some((count, name(&words[at..at + count])?)));
        let Some((count, substances)) = found else {
            at += 1;
            continue;
        };
        let before = if at > 0 { words[at - 1] } else { "" };
        // "No nut table" is no table of walnut.
        let is_denied_table = |next: &str| next.starts_with("table") && DENY.contains(&before);
        let is_thing = words.get(at + count).is_some_and(|next| illness::makes_thing(next) && !is_denied_table(next));
        let is_fed = || !INFANTS.contains(&before) || substances & codes::of_code("MILK").unwrap_or_default() != 0;
        let is_of_another = illness::makes_other(before) && is_fed();
        if !is_thing && !is_of_another {
            all |= substances;
        }
        at += count;
    }
    all
}

/// Names of allergens that are also words for something else: the sole of a shoe, sole occupancy, a perch, a leg.
const CALLED_SO_TOO: [&str; 11] =
    ["sole", "perch", "pike", "carp", "skate", "gamba", "moule", "ei", "mel", "game", "snail"];

/// The allergens that a code names, if all its words are names of such, or say nothing: NO_NUTS, PEANUTS_AND_MILK; none of a dish, or of a diet.
pub fn allergens_in(code: &str) -> Substances {
    let named = |phrase: &str| PHRASES.allergens.get(phrase).copied();
    let compound = |phrase: &str| {
        let mut endings = PHRASES.besides.iter().filter(|(_, is_ending)| **is_ending);
        endings.find_map(|(ending, _)| named(phrase.strip_suffix(ending.as_str())?))
    };
    let says_nothing = |phrase: &str| PHRASES.besides.contains_key(phrase) || PHRASES.any.contains(phrase);
    let of_words = |words: &[&str]| {
        let phrase = words.join(" ");
        let substances = named(&phrase).or_else(|| says_nothing(&phrase).then_some(0)).or_else(|| compound(&phrase))?;
        Some(Forbids { substances, is_known: substances != 0, ..Forbids::default() })
    };
    meaning_of(code, of_words).unwrap_or_default().substances
}

/// Codes of a substance that say an illness: other rules look for them as they are written.
const ILLNESSES: [&str; 2] = ["COELIAC", "CELIAC"];

/// Shorter names are soon made of other words.
const LETTERS_MIN: usize = 6;

fn letters_of(code: &str) -> String {
    fold::folded(code).replace(' ', "")
}

/// The substances of which a text is the name, and nothing but the name: "nuts", "Milch", "anything with nuts"; none of
/// "cheesecake", nor of "cheese".
pub fn named_as(text: &str) -> Substances {
    NAMED.with(|names| memo::lately(names, text, || read_named_as(text)))
}

fn read_named_as(text: &str) -> Substances {
    let folded = fold::folded(text);
    let of_name = |name: &str| PHRASES.names.get(name).copied();
    let beside = |(at, _): (usize, &str)| {
        let (before, after) = (&folded[..at], &folded[at + 1..]);
        let is_any = |words: &str| PHRASES.any.contains(words);
        if is_any(before) { of_name(after) } else { of_name(before).filter(|_| is_any(after)) }
    };
    of_name(&folded).or_else(|| folded.match_indices(' ').find_map(beside)).unwrap_or_default()
}

/// What a text names, by the names of substances that are words of it, and of which it tells: "also nuts" is peanuts too, as the code NUTS is.
pub fn names_in(text: &str) -> Substances {
    NAMED_INSIDE.with(|names| memo::lately(names, text, || read_names_in(text)))
}

fn read_names_in(text: &str) -> Substances {
    let told = lexicon::told_by(text);
    let folded = fold::folded(text);
    let words: Vec<&str> = folded.split([' ', char::from(fold::BREAK)]).filter(|word| !word.is_empty()).collect();
    let (mut all, mut at) = (0, 0);
    while at < words.len() {
        // The longest name first: "pine nuts" are not all nuts.
        let name = |count: usize| Some((count, named_in_text(&words[at..at + count].join(" "), told)?));
        let found = (1..=PHRASE_WORDS_MAX.min(words.len() - at)).rev().find_map(name);
        let (count, substances) = found.unwrap_or((1, 0));
        all |= substances;
        at += count;
    }
    all
}

/// What a name stands for in a text of which the words of dishes tell `told`. A name that is known as a code alone ("laktose", "eifrei") no
/// word of a dish tells of.
fn named_in_text(name: &str, told: Substances) -> Option<Substances> {
    let stem = || PHRASES.names.get(stem_of_illness(name)?);
    let substances = *PHRASES.names.get(name).or_else(stem)?;
    let is_code_alone = || lexicon::told_by(name) == 0 && !CALLED_SO_TOO.contains(&name);
    let counts = substances & told != 0 || is_code_alone();
    Some(if counts { substances } else { 0 })
}

/// How many words a name of a substance has that begins a text; one, if none does: "tree nuts" has two.
pub fn words_of_name(words: &[&str]) -> usize {
    let is_name = |count: &usize| named_as(&words[..*count].join(" ")) != 0;
    (2..=PHRASE_WORDS_MAX.min(words.len())).rev().find(is_name).unwrap_or(1)
}

/// Whether a word says nothing of what a precaution is about: "severe".
pub fn is_besides(word: &str) -> bool {
    PHRASES.besides.contains_key(word)
}

/// What a word is of that ends in one that says an illness: "hausstaub", of "Hausstauballergie".
pub fn stem_of_illness(word: &str) -> Option<&str> {
    let mut endings = PHRASES.besides.iter().filter(|(_, is_ending)| **is_ending);
    endings.find_map(|(ending, _)| word.strip_suffix(ending.as_str()).filter(|stem| !stem.is_empty()))
}

/// Whether a text has only words that say nothing of what a precaution is about: "severe allergy".
pub fn says_no_name(text: &str) -> bool {
    fold::folded(text).split(' ').all(|word| PHRASES.besides.contains_key(word) || illness::names_nothing(word))
}

/// Whether a text says of nothing but substances, by their names: "to nuts", "a las nueces".
pub fn is_of_names(text: &str) -> bool {
    let folded = fold::folded(text);
    let words: Vec<&str> = folded.split(' ').skip_while(|word| PHRASES.besides.contains_key(*word)).collect();
    !words.is_empty() && named_as(&words.join(" ")) != 0
}

fn forms(entry: Entry) -> Vec<String> {
    if entry.is_exact { fold::spellings(entry.word) } else { plural::forms(entry.language, entry.word) }
}

/// What a precaution with a code forbids, if every word of the code is understood. Of "COCONUT_MILK" only a part is, and so
/// nothing of it is: it is not milk.
pub fn meaning(code: &str) -> Option<Forbids> {
    meaning_of(code, |words| of_phrase(&words.join(" ")))
}

/// The same where names of substances may be parted as they are not in the table: "PEA_NUTS". Their letters are exactly those of a
/// name. What is joined ("TREENUT") is a slip: it may be another word. Diets are not understood so, nor illnesses: other rules look for these.
pub fn meaning_by_letters(code: &str) -> Option<Forbids> {
    let parted = |words: &[&str]| PHRASES.letters.get(&words.concat()).filter(|_| words.len() > 1).copied();
    meaning_of(code, |words| of_phrase(&words.join(" ")).or_else(|| parted(words)))
}

fn meaning_of(code: &str, of_words: impl Fn(&[&str]) -> Option<Forbids>) -> Option<Forbids> {
    let folded = fold::folded(code);
    let words: Vec<&str> = folded.split(' ').collect();
    let (mut all, mut at) = (Forbids::default(), 0);
    while at < words.len() {
        // The longest name first: "raw egg" is not "raw" and "egg".
        let mut lengths = (1..=PHRASE_WORDS_MAX.min(words.len() - at)).rev();
        let (length, forbids) = lengths.find_map(|length| Some((length, of_words(&words[at..at + length])?)))?;
        all.add(forbids);
        at += length;
    }
    all.is_known.then_some(all)
}

/// Of words that say nothing by themselves, nothing is forbidden.
fn of_phrase(phrase: &str) -> Option<Forbids> {
    let known = |phrase: &str| PHRASES.known.get(phrase).map(|(forbids, _)| *forbids);
    let compound = || {
        let mut endings = PHRASES.besides.iter().filter(|(_, is_ending)| **is_ending);
        endings.find_map(|(ending, _)| known(phrase.strip_suffix(ending.as_str())?))
    };
    // "EPIPEN", "SPRUE".
    let of_illness = || {
        let substances = illness::forbidden_by(phrase).filter(|_| !phrase.contains(' '))?;
        Some(Forbids { substances, is_known: substances != 0, ..Forbids::default() })
    };
    known(phrase)
        .or_else(|| PHRASES.besides.contains_key(phrase).then(Forbids::default))
        .or_else(compound)
        .or_else(of_illness)
}

/// The names by which codes are known, each with the code that it means.
pub(super) fn known() -> impl Iterator<Item = (&'static str, &'static str)> {
    PHRASES.known.iter().map(|(phrase, (_, code))| (phrase.as_str(), *code))
}

/// The names of allergens as the table of codes has them: "tree nuts".
pub(super) fn codes_of_allergens() -> impl Iterator<Item = &'static str> {
    let named = |(code, _): (&'static str, &'static str)| PHRASES.allergens.get_key_value(&fold::folded(code));
    codes::all().filter_map(named).filter(|(_, substances)| **substances != 0).map(|(name, _)| name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_a_substance_is_told_from_food_that_is_made_of_it() {
        let has = |text: &str, code: &str| named_as(text) & codes::of_code(code).unwrap_or_default() != 0;
        for (text, code) in [
            ("nuts", "ALMOND"),
            ("Nüsse", "WALNUT"),
            ("noix", "HAZELNUT"),
            ("milk", "MILK"),
            ("Milch", "LACTOSE"),
            ("lait", "MILK"),
            ("latte", "MILK"),
            ("leche", "MILK"),
            ("leite", "MILK"),
            ("egg", "EGGS"),
            ("Fish", "SALMON"),
            ("Pork", "PORK"),
            ("almendras", "ALMOND"),
            ("mandorle", "ALMOND"),
            ("amandes", "ALMOND"),
            ("amêndoas", "ALMOND"),
            ("Mandeln", "ALMOND"),
            ("fruits à coque", "HAZELNUT"),
            ("frutos de cascara", "ALMOND"),
            ("vino", "ALCOHOL"),
            ("anything alcoholic", "ALCOHOL"),
            ("anything with nuts", "ALMOND"),
            ("Nüsse aller Art", "WALNUT"),
            ("tutto con mandorle", "ALMOND"),
            ("todo con almendras", "ALMOND"),
            ("gambas", "SHRIMP"),
            ("frango", "CHICKEN"),
        ] {
            assert!(has(text, code), "{text}");
        }
        let peanuts = codes::of_code("PEANUTS").unwrap_or_default();
        for text in ["also nuts", "all nuts", "Nüsse", "noix", "frutos secos", "milk, nuts"] {
            assert!(names_in(text) & peanuts != 0, "{text}");
        }
        for text in ["pine nuts", "tree nuts", "walnuts", "ginger nuts", "coconut"] {
            assert_eq!(names_in(text) & peanuts, 0, "{text}");
        }
        for text in ["cheese", "cheesecake", "cereals", "beer", "walnut cake", "anything with cheese", "vegan", ""] {
            assert_eq!(named_as(text), 0, "{text}");
        }
        assert!(!has("coffee", "CAFFEINE") && has("caffeine", "CAFFEINE"), "tea is no coffee");
    }
}
