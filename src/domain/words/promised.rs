//! What the words of a promise bring: "Ask the kitchen about nuts" and "Bring a menu without nuts" bring none, "Bring the nut cake"
//! does. In doubt, what is named is brought.

use std::{borrow::Cow, sync::LazyLock};

use super::{fold, lexicon, lifting, phrases};

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

fn brings(word: &str) -> bool {
    let is_one = |known: &String| {
        word.starts_with(known.as_str()) || (known.len() >= INSIDE_CHARS_MIN && word.contains(known.as_str()))
    };
    WORDS.brings.iter().any(is_one)
}

/// A promise without what its words only ask, check or tell about, and without what they leave out.
pub fn brought(promise: &str) -> Cow<'_, str> {
    let parts = parts_of(promise);
    let is_spoken_of = |at: usize| {
        let is_brought_before = parts[..at].iter().any(Part::brings_what_follows);
        parts[at].only_asks()
            && !is_brought_before
            && parts[at + 1..].iter().all(|part| part.only_asks() || part.brings_nothing())
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
    lifting::without_left_out(&left).map_or(left, Cow::Owned)
}

/// Whether a promise may bring what it says to leave out: "Don't forget the cake", "No cake before eight".
fn is_doubtful(promise: &str) -> bool {
    let folded = fold::folded(promise);
    let has = |list: &[String]| folded.split(' ').any(|word| is_in(list, word));
    has(&WORDS.doubt) || (has(&WORDS.late) && lifting::says_no(promise))
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
        is_told() || self.only_tells_of_an_allergy() || WORDS.asks.iter().any(asks)
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
    fn brings_nothing(&self) -> bool {
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
mod tests {
    use super::*;
    use crate::domain::words::{codes, told_by};

    fn brings_nuts(promise: &str) -> bool {
        told_by(&brought(promise)) & codes::with_parts(codes::of_code("NUTS").unwrap_or_default()) != 0
    }

    const SPOKEN_OF: &[&str] = &[
        "Ask the kitchen about nuts",
        "Please ask the chef whether the cake has nuts.",
        "Check for nuts",
        "We will check the dessert for nuts, and call back",
        "Tell the kitchen about the nut allergy",
        "Bring a menu without nuts",
        "Bring the menu (no nuts)",
        "Bring the nut-free menu",
        "Avoid nuts",
        "Küche nach Nüssen fragen",
        "Bitte in der Küche wegen der Nüsse nachfragen",
        "Menü ohne Nüsse bringen",
        "Keine Nüsse",
        "Demander à la cuisine s'il y a des noix",
        "Vérifier si le gâteau contient des noix",
        "Apporter un menu sans noix",
        "Chiedere in cucina se ci sono noci",
        "Portare un menù senza noci",
        "Preguntar a la cocina por las nueces",
        "Traer un menú sin nueces",
        "Perguntar à cozinha sobre nozes",
        "Trazer uma ementa sem nozes",
        "Ask the kitchen about nuts before dinner, please",
        "Ask about nuts at 8:30",
        "Ask about nuts and tell the kitchen about the nut allergy",
        "Check the cake for nuts",
        "Bring a menu without nuts before eight",
        "Bring a menu without nuts and milk",
        "Pas de noix",
        "Nüsse vermeiden",
        "Éviter les noix",
        "Bring a menu without tree nuts",
        "Traer un menú sin frutos secos",
        "Trazer uma ementa sem frutos de casca rija",
        "Remember: allergy to nuts",
        "Note: he is allergic to nuts",
        "Remember the nut allergy",
        "Recordar: alergia a las nueces",
    ];

    const BROUGHT: &[&str] = &[
        "Bring the nut cake",
        "Nut cake at eight",
        "Ask about the table. Nut cake at eight.",
        "Ask about the sauce, then the nut cake",
        "Ask the kitchen for nuts",
        "Ask the chef to make the nut cake",
        "Ask whether we can serve the nut cake",
        "Ask about dinner and bring the nut cake",
        "Ask about allergies before the nut cake",
        "Tell the kitchen to send nuts",
        "Nut cake - ask about the sauce",
        "Check the nut cake is ready",
        "Bring nuts free of charge",
        "Nuts, free",
        "Not without nuts",
        "Bring the menu with or without nuts",
        "Do not forget the nut cake",
        "Without fail: the nut cake",
        "Nusskuchen bringen",
        "Küche bitten, Nusskuchen zu backen",
        "Nusskuchen bringen und nach dem Tisch fragen",
        "Nicht ohne Nüsse",
        "Demander des noix",
        "Apporter le gâteau aux noix",
        "Vérifier si le gâteau aux noix est prêt",
        "Chiedere le noci",
        "Portare la torta di noci",
        "Pedir nueces",
        "Traer la tarta de nueces",
        "Trazer o bolo de nozes",
        "Pedir nozes",
        // What is asked about comes afterwards.
        "Ask if she wants the nut cake and bring it",
        "Ask if she wants the nut cake, then deliver",
        "Ask if she wants the nut cake. Take it up.",
        "Ask about the nut cake and put it in the room",
        "Ask about the nut cake, then up to room 12",
        "Ask the kitchen about the nut cake and bring a slice",
        "Ask about the nut cake. If so, one for table 4.",
        "Fragen, ob sie Nusskuchen möchte, und ihn bringen",
        "Nach dem Nusskuchen fragen und bring ihn",
        "Nach dem Nusskuchen fragen und hochbringen",
        "Nach dem Nusskuchen fragen, dann aufs Zimmer",
        "Demander si elle veut le gâteau aux noix et l'apporter",
        "Demander au sujet du gâteau aux noix et le monter",
        "Chiedere se vuole la torta di noci e portarla",
        "Informarsi sulla torta di noci e servirla",
        "Preguntar por la tarta de nueces y llevárselo",
        "Preguntar por la tarta de nueces y subirla",
        "Perguntar sobre o bolo de nozes e levá-lo",
        "Perguntar sobre o bolo de nozes e servi-lo",
        // It is offered, or asked for.
        "Ask whether she would like the nut cake",
        "Ask for a piece of nut cake if possible",
        "Tell her about the nut cake we have for her",
        "Inform her about the nut cake",
        "Sie über den Nusskuchen informieren",
        "L'informer au sujet du gâteau aux noix",
        "Informarla sulla torta di noci",
        "Informarle sobre la tarta de nueces",
        "Informá-la sobre o bolo de nozes",
        "Remind the kitchen about the nut cake",
        // Not to be forgotten, or late.
        "Don't forget the nut cake",
        "Nicht den Nusskuchen vergessen",
        "Ohne den Nusskuchen zu vergessen",
        "Ne pas oublier le gâteau aux noix",
        "Non dimenticare la torta di noci",
        "No olvidar la tarta de nueces",
        "Não esquecer o bolo de nozes",
        "No nut cake before 8",
        "No nut cake until the speech",
        "Keinen Nusskuchen vor acht",
        "Noch keinen Nusskuchen bringen",
        "Pas de gâteau aux noix avant huit heures",
        "Avoid delay with the nut cake",
        "Verzögerung beim Nusskuchen vermeiden",
        "Éviter tout retard pour le gâteau aux noix",
        "Evitare ritardi con la torta di noci",
        "Evitar retrasos con la tarta de nueces",
        "Evitar atrasos com o bolo de nozes",
        "Ohne Nusskuchen geht sie nicht",
        "Without the nut cake she stays away",
        "Sans gâteau aux noix elle ne part pas",
        "Senza torta di noci non va via",
        "No se va sin tarta de nueces",
        "Sem bolo de nozes não sai",
        "No nut cake, no party",
        "Kein Nusskuchen, kein Fest",
        "Never without her nut cake",
        "Coffee without sugar and nut cake",
        // Not of an allergy alone.
        "Nuts to the allergic lady",
        "Allergy-friendly nut cake at eight",
        "Nut cake, allergy noted",
        "Note: allergic to milk, nut cake at eight",
    ];

    #[test]
    fn only_a_verb_at_the_end_leaves_out_what_stands_before() {
        for (promise, expected) in
            [("Nuts for Evita", true), ("Evita nuts", false), ("Nüsse bitte vermeiden", false), ("Avoid nuts", false)]
        {
            assert_eq!(brings_nuts(promise), expected, "{promise}");
        }
    }

    #[test]
    fn what_is_asked_checked_told_or_left_out_is_not_brought() {
        let wrong: Vec<_> = SPOKEN_OF.iter().filter(|promise| told_by(promise) == 0 || brings_nuts(promise)).collect();
        assert!(wrong.is_empty(), "{wrong:?}");
    }

    #[test]
    fn what_is_brought_is_told_and_so_is_what_is_in_doubt() {
        let wrong: Vec<_> = BROUGHT.iter().filter(|promise| !brings_nuts(promise)).map(|one| brought(one)).collect();
        assert!(wrong.is_empty(), "{wrong:?}");
    }
}
