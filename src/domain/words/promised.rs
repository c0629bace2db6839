//! What the words of a promise bring: "Ask the kitchen about nuts" and "Bring a menu without nuts" bring none, "Bring the nut cake"
//! does. In doubt, what is named is brought.

use std::{borrow::Cow, sync::LazyLock};

use super::{fold, lifting};

/// `data/promises.txt`, in one spelling.
struct Words {
    /// Words that ask, with the words by which what they ask about is only spoken of.
    asks: Vec<(Vec<String>, Vec<String>)>,
    /// Beginnings of words that bring something.
    brings: Vec<String>,
    /// What may stand before a word that asks.
    before: Vec<String>,
    /// Where another part begins.
    then: Vec<String>,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let mut words = Words { asks: Vec::new(), brings: Vec::new(), before: Vec::new(), then: Vec::new() };
    let spelt = |list: &str| -> Vec<String> { list.split_whitespace().flat_map(fold::spellings).collect() };
    let mut heading = "";
    for line in include_str!("data/promises.txt").lines().filter(|line| !line.starts_with('#')) {
        if line.starts_with('[') {
            heading = line;
            continue;
        }
        match heading {
            "[asks]" => words.asks.extend(line.split_once(':').map(|(asks, about)| (spelt(asks), spelt(about)))),
            "[brings]" => words.brings.extend(spelt(line)),
            "[before]" => words.before.extend(spelt(line)),
            "[then]" => words.then.extend(spelt(line)),
            _ => debug_assert!(line.is_empty()),
        }
    }
    words
});

/// A promise without what its words only ask, check or tell about, and without what they leave out.
pub fn brought(promise: &str) -> Cow<'_, str> {
    let parts = parts(promise);
    let is_kept = |part: &&str| !only_asks(part);
    let is_free = |word: &str| FREE.iter().any(|free| word.to_lowercase().ends_with(free));
    if parts.iter().all(is_kept) && !promise.split_whitespace().any(is_free) {
        return lifting::without_left_out(promise).map_or(Cow::Borrowed(promise), Cow::Owned);
    }
    let words = |part: &str| part.split_whitespace().filter(|word| !is_free(word)).collect::<Vec<_>>().join(" ");
    let left = parts.into_iter().filter(is_kept).map(words).collect::<Vec<_>>().join(", ");
    Cow::Owned(lifting::without_left_out(&left).unwrap_or(left))
}

/// Endings of words that leave something out. "Nuts free" may be nuts for nothing.
const FREE: [&str; 6] = ["-free", "-frei", "-freie", "-freien", "-freier", "-freies"];

/// Sentences, and what commas, marks and words such as "and" part.
fn parts(promise: &str) -> Vec<&str> {
    let is_mark = |char: char| !char.is_alphanumeric() && !matches!(char, ' ' | '\'' | '\u{2019}' | '-' | '\u{2011}');
    let mut parts = Vec::new();
    for sentence in promise.split(is_mark).flat_map(|part| part.split(" - ")) {
        let (mut from, mut at) = (0, 0);
        for word in sentence.split_inclusive(' ') {
            // In French, the word says "there"; in Spanish "and".
            let is_il_y_a = word.trim() == "y" && sentence[at..].split(' ').nth(1) == Some("a");
            if !is_il_y_a && WORDS.then.contains(&fold::folded(word.trim())) {
                parts.push(&sentence[from..at]);
                from = at;
            }
            at += word.len();
        }
        parts.push(&sentence[from..]);
    }
    parts.retain(|part| !part.trim().is_empty());
    parts
}

/// Whether a part only asks, checks or tells about what it names.
fn only_asks(part: &str) -> bool {
    let folded = fold::folded(part);
    let words: Vec<&str> = folded.split(' ').collect();
    let has = |list: &[String], word: &str| list.iter().any(|known| known == word);
    let begun = words.iter().find(|word| !has(&WORDS.before, word));
    let ends = [begun, words.last()];
    let asks = |(asks, about): &(Vec<String>, Vec<String>)| {
        ends.into_iter().flatten().any(|word| has(asks, word))
            && (about.is_empty() || words.iter().any(|word| has(about, word)))
    };
    let brings = |word: &str| WORDS.brings.iter().any(|begins| word.starts_with(begins.as_str()));
    WORDS.asks.iter().any(asks) && !words.iter().any(|word| brings(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::words::{codes, told_by};

    fn brings_nuts(promise: &str) -> bool {
        told_by(&brought(promise)) & codes::with_parts(codes::of_code("NUTS").unwrap_or_default()) != 0
    }

    #[test]
    fn what_is_asked_checked_told_or_left_out_is_not_brought() {
        let promises = [
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
        ];
        let wrong: Vec<_> = promises.iter().filter(|promise| told_by(promise) == 0 || brings_nuts(promise)).collect();
        assert!(wrong.is_empty(), "{wrong:?}");
    }

    #[test]
    fn what_is_brought_is_told_and_so_is_what_is_in_doubt() {
        let promises = [
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
        ];
        let wrong: Vec<_> = promises.iter().filter(|promise| !brings_nuts(promise)).map(|one| brought(one)).collect();
        assert!(wrong.is_empty(), "{wrong:?}");
    }
}
