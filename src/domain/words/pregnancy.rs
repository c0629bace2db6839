//! Whether a text tells of a pregnancy, or of the wish for one: "expecting in May", "in anderen Umständen". The words are in
//! `data/pregnancy.txt`. In doubt it does: what is kept quiet for nothing does less harm than what is said aloud.

use std::{collections::HashMap, sync::LazyLock};

use fnv::FnvBuildHasher;

use super::fold;

/// Shorter words are too like others for a slip.
const SLIP_CHARS_MIN: usize = 8;
/// "Expecting in early May their first child" has five.
const FILLERS_MAX: usize = 6;

/// What words that stand one after the other say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Says {
    Pregnant,
    /// If nothing follows, or only when.
    AtTheEnd,
    /// If a child follows.
    Expects,
    /// After a child.
    Coming,
    SomethingElse,
}

#[derive(Default)]
struct Words {
    /// By the first word: the words after it, the longest first.
    phrases: HashMap<String, Vec<(Vec<String>, Says)>, FnvBuildHasher>,
    /// Found inside longer words.
    inside: Vec<String>,
    /// Those in which a slip may be.
    long: Vec<String>,
    when: Vec<String>,
    between: Vec<String>,
    filler: Vec<String>,
    child: Vec<String>,
    things: Vec<String>,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let mut words = Words::default();
    let mut heading = "";
    let lines = include_str!("data/pregnancy.txt").lines().filter(|line| !line.starts_with('#'));
    for line in lines {
        if line.starts_with('[') {
            heading = line;
            continue;
        }
        for entry in line.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
            for form in fold::spellings(entry.trim_matches('*')) {
                words.add(heading, form, entry.ends_with('*'));
            }
        }
    }
    for phrases in words.phrases.values_mut() {
        // What is something else first, then the longest.
        phrases.sort_by_key(|(rest, says)| (*says != Says::SomethingElse, std::cmp::Reverse(rest.len())));
    }
    words
});

impl Words {
    fn add(&mut self, heading: &str, form: String, is_inside: bool) {
        let says = match heading {
            "[words]" => {
                if form.len() >= SLIP_CHARS_MIN {
                    self.long.push(form.clone());
                }
                if is_inside {
                    return self.inside.push(form);
                }
                Says::Pregnant
            }
            "[phrases]" => Says::Pregnant,
            "[ends]" => Says::AtTheEnd,
            "[expects]" => Says::Expects,
            "[coming]" => Says::Coming,
            "[not]" => Says::SomethingElse,
            "[when]" => return self.when.push(form),
            "[between]" => return self.between.push(form),
            "[filler]" => return self.filler.push(form),
            "[child]" => return self.child.push(form),
            _ => return self.things.push(form),
        };
        let mut each = form.split(' ').map(str::to_owned);
        let first = each.next().unwrap_or_default();
        self.phrases.entry(first).or_default().push((each.collect(), says));
    }

    /// Whether a part of a text, up to a comma or the like, tells of it.
    fn tell(&self, part: &[&str]) -> bool {
        let mut at = 0;
        while let Some(word) = part.get(at) {
            let after = &part[at + 1..];
            let known = self.phrases.get(*word).map_or(&[][..], Vec::as_slice);
            let mut said =
                known.iter().filter(|(rest, _)| after.len() >= rest.len() && rest.iter().eq(&after[..rest.len()]));
            let is_other = said.clone().find(|(_, says)| *says == Says::SomethingElse);
            if let Some((rest, _)) = is_other {
                at += rest.len() + 1;
                continue;
            }
            let tells = said.any(|(rest, says)| match says {
                Says::Pregnant => true,
                Says::AtTheEnd => self.is_only_when(&after[rest.len()..]),
                Says::Expects => self.begins_with_child(&after[rest.len()..]),
                Says::Coming => at > 0 && has(&self.child, part[at - 1]),
                Says::SomethingElse => false,
            });
            if tells || self.inside.iter().any(|inside| word.contains(inside.as_str())) || self.is_slip(word) {
                return true;
            }
            at += 1;
        }
        false
    }

    /// "in May", "di 5 mesi", or nothing.
    fn is_only_when(&self, rest: &[&str]) -> bool {
        let is_between = |word: &&&str| has(&self.between, word) || word.bytes().all(|byte| byte.is_ascii_digit());
        match rest.iter().find(|word| !is_between(word)) {
            Some(word) => has(&self.when, word),
            None => rest.is_empty(),
        }
    }

    /// "her first child", and not "a child seat".
    fn begins_with_child(&self, rest: &[&str]) -> bool {
        let fills = |word: &&&str| has(&self.filler, word) || has(&self.when, word);
        let skipped = rest.iter().take(FILLERS_MAX).take_while(fills).count();
        let is_thing = || rest.get(skipped + 1).is_some_and(|next| has(&self.things, next));
        rest.get(skipped).is_some_and(|word| has(&self.child, word)) && !is_thing()
    }

    /// Whether a word is one letter away from a long one. It is asked of every word of a text, so the first letter must be right.
    fn is_slip(&self, word: &str) -> bool {
        word.len() + 1 >= SLIP_CHARS_MIN
            && self.long.iter().any(|long| {
                long.as_bytes()[0] == word.as_bytes()[0]
                    && long.len().abs_diff(word.len()) <= 1
                    && strsim::osa_distance(long, word) == 1
            })
    }
}

fn has(list: &[String], word: &str) -> bool {
    list.iter().any(|known| known == word)
}

/// Whether a text tells of a pregnancy, or of the wish for one.
pub fn is_told(text: &str) -> bool {
    if text.is_empty() {
        return false;
    }
    let mut folded = String::with_capacity(text.len());
    // A full stop ends what is said, where a blank follows.
    fold::symbols(&text.replace(". ", ", "), |symbol, _| folded.push(char::from(symbol)));
    folded.split(char::from(fold::BREAK)).any(|part| {
        let words: Vec<&str> = part.split(' ').filter(|word| !word.is_empty()).collect();
        WORDS.tell(&words)
    })
}

/// The same of a code: IN_DOLCE_ATTESA, HOCHSCHWANGER.
pub fn is_code(code: &str) -> bool {
    is_told(&code.replace('_', " "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_tells_of_a_pregnancy_in_words_and_paraphrases() {
        for text in [
            "She is pregnant",
            "preganant",
            "pregnent",
            "expecting",
            "She's expecting. No wine",
            "expecting in May",
            "expecting in 3 weeks",
            "Expects a baby in June",
            "expecting their second child",
            "mother-to-be",
            "trying for a baby",
            "baby on the way",
            "in the family way",
            "schwangr",
            "hochschwanger, Stuhl mit Lehne",
            "Schwangerschaftsdiabetes",
            "Eine Schwangere",
            "erwartet ein Kind",
            "erwartet im Mai ihr zweites Kind",
            "erwarten Nachwuchs",
            "in anderen Umständen",
            "in anderen Umstaenden",
            "Kinderwunschbehandlung",
            "enceinte de 5 mois",
            "attend un bébé",
            "attend son premier enfant",
            "essaie d’avoir un bébé",
            "è incinta",
            "in attesa",
            "in attesa da 5 mesi",
            "in attesa di un bambino",
            "in dolce attesa",
            "aspetta un bambino",
            "está embarazada",
            "embarasada",
            "espera un bebé",
            "en estado de buena esperanza",
            "Grávida.",
            "à espera de bebé",
            "está de esperanças",
        ] {
            assert!(is_told(text), "{text}");
        }
        for code in ["HOCHSCHWANGER", "EXPECTING_A_BABY", "IN_DOLCE_ATTESA", "SCHWANGR"] {
            assert!(is_code(code), "{code}");
        }
    }

    #[test]
    fn what_only_sounds_like_it_is_no_pregnancy() {
        for text in [
            "",
            "No onions",
            "vegetarian",
            "Ms Grav",
            "Gravadlax",
            "A pregnant pause before the toast",
            "expects a parcel",
            "expecting a parcel in May",
            "expecting a child seat",
            "expects baby carrots",
            "Expects a baby cot in the room",
            "will attend a baby shower",
            "Erwartungen",
            "Erwartet Gäste",
            "mit Kind unterwegs",
            "Kind bekommt Kindermenü",
            "prägnante Aromen",
            "Schwager isst keine Nüsse",
            "in attesa del tavolo",
            "in attesa di conferma",
            "en estado líquido",
            "espera en el bar",
            "attend un taxi",
            "dans l'enceinte de l'hôtel",
            "saveur prégnante",
            "Gravidade alta",
            "embaraçada com o barulho",
            "situación embarazosa",
        ] {
            assert!(!is_told(text), "{text}");
        }
    }
}
