//! The forms of a word: singular and plural, in six languages. More forms than a language has do no harm; one that is missing
//! hides a word.

use super::{file::Language, fold};
use crate::domain::kernel::stems;

/// Short German words have every ending: "Ei", "Eier".
const GERMAN_SHORT_MAX: usize = 4;

/// Between two words, these say what the first is made of or comes with: the second has one form.
const PREPOSITIONS: &[&str] = &[
    "a", "ai", "al", "all", "alla", "alle", "allo", "ao", "au", "aux", "com", "con", "d", "da", "de", "del", "della",
    "di", "do", "en", "in",
];

/// All forms of a word or of several words, in one spelling. Of several, the first, the last or all are in the plural.
pub fn forms(language: Language, word: &str) -> Vec<String> {
    declined(language, word, &[])
}

/// The same of a dish, in which what follows "of" stays: "croquetas de jamón".
pub fn forms_of_dish(language: Language, dish: &str) -> Vec<String> {
    declined(language, dish, PREPOSITIONS)
}

fn declined(language: Language, word: &str, prepositions: &[&str]) -> Vec<String> {
    let mut forms = Vec::new();
    for spelling in fold::spellings(word) {
        let words: Vec<Vec<String>> = spelling.split(' ').map(|word| of_one(language, word)).collect();
        let [first, .., last] = &words[..] else {
            forms.extend(words.concat());
            continue;
        };
        let middle: String =
            spelling.split(' ').skip(1).take(words.len() - 2).fold(" ".to_owned(), |so_far, word| so_far + word + " ");
        let joined = |one: &String, other: &String| format!("{one}{middle}{other}");
        let last = if prepositions.contains(&middle.trim()) { &last[..1] } else { last };
        forms.extend(last.iter().map(|other| joined(&first[0], other)));
        // "crèmes brûlées"; English and German decline the last word alone.
        if !matches!(language, Language::English | Language::German) {
            forms.extend(first[1..].iter().map(|one| joined(one, &last[0])));
            forms.extend(first[1..].iter().flat_map(|one| last[1..].iter().map(move |other| joined(one, other))));
        }
    }
    forms
}

/// One word in its forms; the word itself is the first.
fn of_one(language: Language, word: &str) -> Vec<String> {
    let mut forms = vec![word.to_owned()];
    // A digit or an article has no plural.
    if word.len() <= 1 || ["di", "de", "da", "al", "la", "el", "il", "en"].contains(&word) {
        return forms;
    }
    let ends = |ending: &str| word.strip_suffix(ending);
    let changed = |pairs: &[(&str, &str)]| -> Vec<String> {
        pairs.iter().filter_map(|(from, to)| Some(ends(from)?.to_owned() + to)).collect()
    };
    match language {
        Language::English => forms.extend(english(word)),
        Language::German if word.ends_with('e') => forms.push(word.to_owned() + "n"),
        Language::German => {
            let endings: &[&str] = match word {
                _ if word.ends_with("ier") || word.len() <= GERMAN_SHORT_MAX => &["e", "n", "en", "er", "s"],
                _ if word.ends_with("el") || word.ends_with("er") => &["n", "s"],
                _ => &["e", "en", "s"],
            };
            forms.extend(endings.iter().map(|ending| word.to_owned() + ending));
        }
        Language::French => {
            forms.extend(changed(&[("eau", "eaux"), ("al", "aux"), ("eu", "eux"), ("ou", "oux")]));
            forms.push(word.to_owned() + "s");
        }
        Language::Italian => forms.extend(changed(&[
            ("o", "i"),
            ("io", "i"),
            ("co", "chi"),
            ("go", "ghi"),
            ("a", "e"),
            ("a", "i"),
            ("ca", "che"),
            ("ga", "ghe"),
            ("cia", "ce"),
            ("gia", "ge"),
            ("e", "i"),
        ])),
        Language::Spanish => {
            forms.extend(changed(&[("z", "ces")]));
            forms.push(with_s(word));
        }
        Language::Portuguese => {
            // "rum" is foreign; its plural would be the English "runs".
            forms.extend(changed(&[("m", "ns")]).into_iter().filter(|form| form.len() > 4));
            forms.extend(changed(&[
                ("al", "ais"),
                ("el", "eis"),
                ("il", "is"),
                ("ol", "ois"),
                ("ao", "oes"),
                ("ao", "aes"),
            ]));
            forms.push(with_s(word));
        }
    }
    forms
}

/// "s" after a vowel, "es" after a consonant.
fn with_s(word: &str) -> String {
    word.to_owned() + if word.ends_with(['a', 'e', 'i', 'o', 'u']) { "s" } else { "es" }
}

fn english(word: &str) -> Vec<String> {
    let last = word.as_bytes()[word.len() - 1];
    let regular = ["s", "es"].into_iter().filter(|ending| stems::is_plural_ending(last, ending));
    let es = (word.ends_with("ss")).then_some("es");
    regular.chain(es).map(|ending| word.to_owned() + ending).chain(stems::plural_of_y(word)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plurals_are_forms_of_a_word() {
        for (language, word, plural) in [
            (Language::English, "anchovy", "anchovies"),
            (Language::English, "brazil nut", "brazil nuts"),
            (Language::German, "Ei", "eier"),
            (Language::German, "Käse", "kase"),
            (Language::German, "Käse", "kaese"),
            (Language::French, "gâteau", "gateaux"),
            (Language::French, "crème brûlée", "cremes brulees"),
            (Language::Italian, "vongola", "vongole"),
            (Language::Italian, "fungo", "funghi"),
            (Language::Spanish, "nuez", "nueces"),
            (Language::Spanish, "patata brava", "patatas bravas"),
            (Language::Portuguese, "camarão", "camaroes"),
            (Language::Portuguese, "pastel de nata", "pasteis de nata"),
        ] {
            assert!(forms(language, word).iter().any(|form| form == plural), "{word}: {:?}", forms(language, word));
        }
    }
}
