//! What of a text may be said aloud where it tells of a pregnancy besides: all but the words that tell of it.

use super::{Told, WORDS, fold, folded, is_number, is_told};

/// Between two things that are said.
const MARKS: [char; 18] = [';', ':', '(', ')', '[', ']', '/', '+', '&', '!', '?', '|', '\n', '—', '–', '"', '•', '='];
/// German joins an illness to it in one word.
const PREFIXES: [&str; 2] = ["schwangerschafts", "gestations"];
/// What is left may tell of it anew, as its words stand together now: no text did so twice.
const ROUNDS_MAX: usize = 3;

/// A text without the words that tell of a pregnancy, and the small ones that hang on them: "also kiwi", of "also kiwi since the pregnancy".
/// What is secret beside one goes too, and what was only so with it. Everything else stays as it was written, negations too. May be empty.
/// `is_eaten`: whether words name something eaten, and nothing else.
pub fn left(text: &str, is_eaten: impl Fn(&str) -> bool) -> String {
    let mut left = once(text, &is_eaten);
    for _ in 1..ROUNDS_MAX {
        if !is_told(&left) {
            break;
        }
        left = once(&left, &is_eaten);
    }
    left
}

/// What is secret beside a pregnancy: the parts of a text that say so, as they were written.
pub fn secret(text: &str) -> String {
    let all = parts(text).into_iter().map(|(part, _)| part.trim()).filter(|part| is_secret(part));
    all.collect::<Vec<_>>().join(", ")
}

/// Whether a part says something that is not told with a pregnancy: who must not know, how it ended, how far it is.
fn is_secret(part: &str) -> bool {
    let folded = folded(part).replace(char::from(fold::BREAK), " ");
    let words: Vec<&str> = folded.split(' ').filter(|word| !word.is_empty()).collect();
    (0..words.len()).any(|at| WORDS.is_secret(&words[at..]))
}

fn once(text: &str, is_eaten: &impl Fn(&str) -> bool) -> String {
    let mut left = String::with_capacity(text.len());
    for (part, mark) in parts(text) {
        let rest = if is_secret(part) { Some(String::new()) } else { without(part, is_eaten) };
        match rest {
            None if left.ends_with('(') => left.extend([part.trim_start(), mark]),
            None => left.extend([part, mark]),
            Some(rest) if rest.is_empty() => {
                let opened = left.trim_end().strip_suffix('(').filter(|_| mark == ")");
                if let Some(before) = opened.map(|before| before.trim_end().len()) {
                    left.truncate(before);
                }
            }
            Some(rest) => {
                if !left.is_empty() && !left.ends_with(['(', ' ']) {
                    left.push(' ');
                }
                left.extend([&rest, mark]);
            }
        }
    }
    let hangs = |char: char| char.is_whitespace() || matches!(char, ',' | '.' | '-') || MARKS.contains(&char);
    let left = left.trim_start_matches(|char| hangs(char) && !matches!(char, '(' | '[' | '"'));
    left.trim_end_matches(|char| hangs(char) && !matches!(char, ')' | ']' | '"' | '!' | '?')).to_owned()
}

/// The parts of a text, each with the mark that ends it.
fn parts(text: &str) -> Vec<(&str, &str)> {
    let (mut all, mut begun) = (Vec::new(), 0);
    for (at, char) in text.char_indices().filter(|(at, char)| is_end(text, *at, *char)) {
        let end = at + char.len_utf8();
        all.push((&text[begun..at], &text[at..end]));
        begun = end;
    }
    all.push((&text[begun..], ""));
    all
}

fn is_end(text: &str, at: usize, char: char) -> bool {
    let next = text[at + char.len_utf8()..].chars().next();
    let is_digit = |char: Option<char>| char.is_some_and(|char| char.is_ascii_digit());
    match char {
        // "im 5. Monat", "2. Trimester".
        '.' => next.is_none_or(char::is_whitespace) && !is_digit(text[..at].chars().next_back()),
        ',' => !is_digit(next) || !is_digit(text[..at].chars().next_back()),
        _ => MARKS.contains(&char),
    }
}

/// A part without what tells of it; `None`: nothing does.
fn without(part: &str, is_eaten: &impl Fn(&str) -> bool) -> Option<String> {
    let written: Vec<&str> = part.split_whitespace().collect();
    let spelt: Vec<String> = written.iter().map(|word| folded(word).replace(char::from(fold::BREAK), " ")).collect();
    let each = spelt.iter().enumerate().flat_map(|(at, spelt)| spelt.split(' ').map(move |word| (at, word)));
    let (of, words): (Vec<usize>, Vec<&str>) = each.filter(|(_, word)| !word.is_empty()).unzip();
    if is_time(&words) {
        return Some(String::new());
    }
    let mut is_left = vec![true; words.len()];
    let (mut at, mut is_condition) = (0, false);
    while at < words.len() {
        at += match WORDS.told_at(&words, at) {
            Told::Pregnancy(_, count) => {
                let end = at + count + after(&words[at + count..]);
                let begin = at - before(&words, at);
                is_condition |= words[begin..at].iter().any(|word| WORDS.has("[hangs]", word));
                is_left[begin..end].fill(false);
                end - at
            }
            Told::SomethingElse(count) => count,
            Told::Nothing => 1,
        };
    }
    if is_left.iter().all(|is_left| *is_left) {
        return None;
    }
    let mut kept: Vec<String> = Vec::new();
    let mut is_cut = true;
    for (at, word) in written.iter().enumerate() {
        let all: Vec<usize> = (0..of.len()).filter(|word| of[*word] == at).collect();
        let rest: Vec<&str> = all.iter().filter(|word| is_left[**word]).map(|word| words[*word]).collect();
        if all.is_empty() {
            // A dash beside what is gone.
            kept.extend((!is_cut).then(|| (*word).to_owned()));
            continue;
        }
        is_cut = rest.len() < all.len();
        if is_cut {
            while kept.last().is_some_and(|last| !last.contains(char::is_alphanumeric)) {
                kept.pop();
            }
        }
        match (is_cut, illness_in(&spelt[at])) {
            (false, _) => kept.push((*word).to_owned()),
            (true, Some(illness)) => kept.push(illness.to_owned()),
            (true, None) => kept.extend(rest.iter().map(|word| (*word).to_owned())),
        }
    }
    let rest = kept.join(" ");
    let left: Vec<&str> = (0..words.len()).filter(|at| is_left[*at]).map(|at| words[at]).collect();
    Some(if is_held_only_then(&left, is_condition, &rest, is_eaten) { String::new() } else { rest })
}

/// Whether what is left of a part held only during the pregnancy: alone, it would be said of all times. "EpiPen not allowed", of "when
/// pregnant"; "mild", of "unless pregnant". "No shellfish" stays: it is kept from at any time.
fn is_held_only_then(left: &[&str], is_condition: bool, rest: &str, is_eaten: &impl Fn(&str) -> bool) -> bool {
    if left.iter().any(|word| WORDS.has("[restricts]", word)) {
        return true;
    }
    let denies = |word: &str| has_any(&["[denies]", "[no]", "[cannot]"], word);
    let keeps_from =
        left.first().is_some_and(|first| denies(first)) && rest.split_once(' ').is_some_and(|(_, what)| is_eaten(what));
    is_condition && !keeps_from && left.iter().any(|word| denies(word))
}

/// "diabetes", in "Schwangerschaftsdiabetes".
fn illness_in(word: &str) -> Option<&str> {
    PREFIXES.iter().find_map(|prefix| word.strip_prefix(prefix)).filter(|illness| !illness.is_empty())
}

fn has_any(lists: &[&str], word: &str) -> bool {
    lists.iter().any(|list| WORDS.has(list, word))
}

/// "5th month", "in May": beside a pregnancy it says since when.
fn is_time(words: &[&str]) -> bool {
    let is_number_or_when = |word: &&str| is_number(word) || WORDS.has("[when]", word);
    let has_when = words.iter().any(|word| WORDS.has("[when]", word));
    has_when && words.iter().all(|word| is_number_or_when(word) || WORDS.has("[between]", word))
}

/// How many words before it hang on it: "since the", "as she is". A number does only before a time: who is to be called at 144 stays.
fn before(words: &[&str], at: usize) -> usize {
    const HANG: [&str; 8] = ["[joins]", "[when]", "[between]", "[filler]", "[child]", "[is]", "[own]", "[hangs]"];
    let hangs = |at: &usize| {
        let is_of_time = || words.get(at + 1).is_some_and(|next| WORDS.has("[when]", next));
        // "Week 20 pregnant".
        let is_after_time = || at.checked_sub(1).is_some_and(|before| WORDS.has("[when]", words[before]));
        let is_unit = || words[*at].len() == 1 && at.checked_sub(1).is_some_and(|before| is_number(words[before]));
        // "2 l": one letter after a number is what it counts.
        (has_any(&HANG, words[*at]) && !is_unit()) || (is_number(words[*at]) && (is_of_time() || is_after_time()))
    };
    (0..at).rev().take_while(hangs).count()
}

/// How many words after it go on with it: "in May", "with twins and". What is denied after it ("no", "not") is something else.
fn after(rest: &[&str]) -> usize {
    const TIME: [&str; 5] = ["[between]", "[when]", "[filler]", "[own]", "[child]"];
    let mut count = 0;
    loop {
        let is_of_it = count == 0 || WORDS.has("[with]", rest[count - 1]);
        let run = rest[count..].iter().take_while(|word| is_number(word) || has_any(&TIME, word)).count();
        let ends = |word: &&str| WORDS.has("[when]", word) || (is_of_it && WORDS.has("[child]", word));
        let time = rest[count..count + run].iter().rposition(ends).map_or(0, |last| last + 1);
        let joins = |word: &&&str| has_any(&["[joins]", "[is]", "[so]"], word);
        let joined = rest[count + time..].iter().take_while(joins).count();
        count += time + joined;
        if time + joined == 0 {
            return count;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_words_of_a_pregnancy_are_left_out() {
        for (text, said) in [
            ("also sesame and kiwi since the pregnancy", "also sesame and kiwi"),
            ("mustard when pregnant", "mustard"),
            ("pregnancy rash from latex", "rash from latex"),
            ("not even traces: pregnant", "not even traces"),
            ("pregnant - not even traces", "not even traces"),
            ("traces too as she is pregnant", "traces too"),
            ("throat closed during pregnancy", "throat closed"),
            ("pregnant and cannot take antihistamine", "cannot take antihistamine"),
            ("pregnant no antihistamine", "no antihistamine"),
            ("call 144 at once she is pregnant", "call 144 at once"),
            ("also bee stings since she was pregnant", "also bee stings"),
            ("hives (wheals, avoid during pregnancy)", "hives (wheals, avoid)"),
            ("EpiPen not allowed when pregnant", ""),
            ("never anaphylactic before the pregnancy", ""),
            ("mild unless pregnant; carries EpiPen", "carries EpiPen"),
            ("tolerates traces except when pregnant", ""),
            ("keine Reaktion vor der Schwangerschaft", ""),
            ("pas allergique avant la grossesse", ""),
            ("no shellfish since the pregnancy", "no shellfish"),
            ("oxygen 2 l since the pregnancy", "oxygen 2 l"),
            ("schwanger im 5. Monat, EpiPen", "EpiPen"),
            ("week 20 pregnant 2 EpiPens", "2 EpiPens"),
            ("pregnant, husband must not know, miscarriage last year, traces", "traces"),
            ("EpiPen, pregnant, nobody at the table knows", "EpiPen"),
            ("pregnant (5th month, a girl), no honey", "no honey"),
            ("schwanger, Vater unbekannt, Notfallset", "Notfallset"),
            ("enceinte, ne pas le dire à son mari, noix", "noix"),
            ("nuts (pregnant) and 2.5 ml adrenaline", "nuts and 2.5 ml adrenaline"),
            ("sesame: pregnant", "sesame"),
            ("sesame/pregnant", "sesame"),
            ("sesame (pregnant)", "sesame"),
            ("pregnant + sesame", "sesame"),
            ("sesame & pregnant", "sesame"),
            ("pregnant — sesame", "sesame"),
            ("aussi sésame depuis la grossesse", "aussi sésame"),
            ("anche sesamo durante la gravidanza", "anche sesamo"),
            ("también sésamo desde el embarazo", "también sésamo"),
            ("também sésamo durante a gravidez", "também sésamo"),
            ("auch Sesam, seit sie schwanger ist", "auch Sesam"),
            ("pregnant with EpiPen", "EpiPen"),
            ("pregnant with twins and EpiPen", "EpiPen"),
            ("enceinte et allergique aux noix", "allergique aux noix"),
            ("carries adrenaline while pregnant", "carries adrenaline"),
            ("schwanger und hat Adrenalin dabei", "hat Adrenalin dabei"),
            ("gestational diabetes, no sugar", "diabetes, no sugar"),
            ("Schwangerschaftsdiabetes, kein Zucker", "diabetes, kein Zucker"),
            ("kiwi, pregnant, 5th month", "kiwi"),
            ("28 weeks pregnant, EpiPen", "EpiPen"),
            ("expecting her first child in May, traces", "traces"),
            ("EpiPen; not pregnant", "EpiPen; not pregnant"),
            ("pregnant", ""),
        ] {
            assert_eq!(left(text, |what| what == "shellfish"), said, "{text}");
        }
    }

    #[test]
    fn what_is_secret_beside_a_pregnancy_is_found() {
        assert_eq!(secret("pregnant, her boss must not know, no honey"), "her boss must not know");
        assert_eq!(secret("no honey, EpiPen"), "");
    }
}
