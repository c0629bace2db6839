//! Percentages and volumes beside the name of a drink: "Hausbrand 42% vol", "Willi 40°", "Marc 4 cl" tell of alcohol, and "72% chocolate" of none.
//! The words are in `data/strength.txt`.

use std::{borrow::Cow, collections::HashMap, ops::Range, sync::LazyLock};

use fnv::FnvBuildHasher;

use super::{fold, other_things};

/// Drinks up to so many thousandths count as free of alcohol, as most countries have it.
const FREE_MAX: u64 = 500;
/// Above what spirits are sold with: "100% Arabica".
const SPIRIT_MAX: u64 = 96_000;
/// What a name of which nothing else is known must have: less is a fee or a discount, more is chocolate.
const UNKNOWN_DRINK: Range<u64> = 20_000..60_001;
/// What is as strong as beer; nectar has more of its fruit.
const MAY_BE_ALCOHOL: Range<u64> = 501..8_001;
/// A glass of spirits, in thousandths of a millilitre: 15 ml to 60 ml.
const SHOT: Range<u64> = 15_000..60_001;
/// Shorter words beside a volume name nothing.
const NAME_CHARS_MIN: usize = 3;
const THOUSAND: u64 = 1_000;
/// A number with more digits is none of a drink.
const DIGITS_MAX: usize = 6;

/// What is known of a name by its words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    Nothing,
    /// Alcohol, negated or not.
    Alcohol,
    /// Food or drink that holds nothing.
    Food,
    Something,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    /// Of alcohol, surely: "42% vol".
    Strong,
    Percent,
    /// In thousandths of a millilitre.
    Volume,
}

/// A number with its unit; in thousandths.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Amount {
    value: u64,
    unit: Unit,
    at: Range<usize>,
}

static LISTS: LazyLock<HashMap<&'static str, Vec<&'static str>, FnvBuildHasher>> = LazyLock::new(|| {
    let mut lists: HashMap<&'static str, Vec<&'static str>, FnvBuildHasher> = HashMap::default();
    let mut heading = "";
    for line in include_str!("data/strength.txt").lines().filter(|line| !line.starts_with('#')) {
        match line.strip_prefix('[') {
            Some(named) => heading = named.trim_end_matches(']'),
            None => lists.entry(heading).or_default().extend(line.split_whitespace()),
        }
    }
    lists
});

/// The same in one spelling, with the stars.
static WORDS: LazyLock<HashMap<&'static str, Vec<String>, FnvBuildHasher>> = LazyLock::new(|| {
    let spelt = |word: &&'static str| {
        let (before, after) = (word.starts_with('*'), word.ends_with('*'));
        let star = |is_open| if is_open { "*" } else { "" };
        let forms = fold::spellings(word.trim_matches('*'));
        forms.into_iter().map(move |form| [star(before), &form, star(after)].concat())
    };
    LISTS.iter().map(|(heading, words)| (*heading, words.iter().flat_map(spelt).collect())).collect()
});

fn is_in(heading: &str, word: &str) -> bool {
    let is_it = |known: &String| match (known.strip_prefix('*'), known.strip_suffix('*')) {
        (Some(end), _) => word.ends_with(end),
        (_, Some(beginning)) => word.starts_with(beginning),
        _ => known == word,
    };
    WORDS.get(heading).is_some_and(|words| words.iter().any(is_it))
}

/// Whether the numbers of a name tell of alcohol. `named`: what its words do.
pub fn tells_of_alcohol(text: &str, named: Named) -> bool {
    let amounts = amounts(text);
    if named == Named::Alcohol && has_strength_besides(text) {
        return true;
    }
    if amounts.is_empty() {
        return false;
    }
    let is_alcohol = |one: &&Amount| one.unit != Unit::Volume && (FREE_MAX + 1..=SPIRIT_MAX).contains(&one.value);
    if amounts.iter().filter(is_alcohol).any(|one| one.unit == Unit::Strong) {
        return true;
    }
    let folded = fold::folded(text);
    let words = folded.split(' ').filter(|word| !word.starts_with(|first: char| first.is_ascii_digit()));
    let has = |list: &str| words.clone().any(|word| is_in(list, word));
    // "Parking 50%".
    let is_other_thing = || named == Named::Nothing && words.clone().any(other_things::is_one);
    if has("other") || is_other_thing() || (named != Named::Alcohol && has("not")) {
        return false;
    }
    let is_drink = || has("drinks");
    let has_volume = || amounts.iter().any(|one| one.unit == Unit::Volume);
    let by_percent = amounts.iter().filter(is_alcohol).any(|one| match named {
        Named::Alcohol => true,
        Named::Something => is_drink(),
        Named::Food => is_drink() || has_volume(),
        Named::Nothing => is_drink() || has_volume() || UNKNOWN_DRINK.contains(&one.value),
    });
    let is_name = |word: &str| word.len() >= NAME_CHARS_MIN && !is_unit(word);
    let is_shot = |one: &Amount| one.unit == Unit::Volume && SHOT.contains(&one.value);
    let is_spirit = || words.clone().any(is_name) && !has("no_spirit");
    by_percent || (named == Named::Nothing && amounts.iter().any(is_shot) && is_spirit())
}

/// Whether the numbers of a name may be of alcohol, where its words are of a drink that mostly has none: "juice 4%" may be fermented, or of
/// fruit.
pub fn may_tell_of_alcohol(text: &str) -> bool {
    let may_be = |one: &Amount| one.unit == Unit::Percent && MAY_BE_ALCOHOL.contains(&one.value);
    let folded = fold::folded(text);
    let has = |list: &str| folded.split(' ').any(|word| is_in(list, word));
    has("perhaps") && !has("other") && amounts(text).iter().any(may_be)
}

/// Whether a drink is to be had without alcohol, or with: "0,0/4,5".
fn has_strength_besides(text: &str) -> bool {
    let is_of_number = |char: char| char.is_ascii_digit() || matches!(char, '.' | ',');
    let strength = |number: &str| value(number).filter(|_| number.contains(['.', ',']));
    text.match_indices('/').any(|(at, _)| {
        let (before, after) = (text[..at].trim_end(), text[at + 1..].trim_start());
        let before = &before[before.trim_end_matches(is_of_number).len()..];
        let after = &after[..after.len() - after.trim_start_matches(is_of_number).len()];
        let both = strength(before).zip(strength(after));
        both.is_some_and(|(one, other)| {
            one.min(other) <= FREE_MAX && (FREE_MAX + 1..=SPIRIT_MAX).contains(&one.max(other))
        })
    })
}

/// A text without volumes of nothing: "Bier 0.0 l" says nothing of its alcohol.
pub fn without_empty_volumes(text: &str) -> Cow<'_, str> {
    let empty = amounts(text).into_iter().filter(|one| one.unit == Unit::Volume && one.value == 0);
    let (mut kept, mut from) = (String::new(), 0);
    for one in empty {
        kept.push_str(&text[from..one.at.start]);
        from = one.at.end;
    }
    if from == 0 { Cow::Borrowed(text) } else { Cow::Owned([&kept, &text[from..]].concat()) }
}

fn is_unit(word: &str) -> bool {
    ["strong", "percent", "degrees"].iter().any(|list| is_in(list, word)) || millilitres(word).is_some()
}

fn millilitres(word: &str) -> Option<u64> {
    let volumes = LISTS.get("volume")?.iter();
    let mut found = volumes.filter_map(|one| one.split_once('='));
    found.find(|(unit, _)| *unit == word)?.1.parse().ok()
}

/// The numbers of a text that have a unit.
fn amounts(text: &str) -> Vec<Amount> {
    let bytes = text.as_bytes();
    let (mut found, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        if !bytes[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let start = at;
        let is_mark = |at: usize| matches!(bytes[at], b'.' | b',') && bytes.get(at + 1).is_some_and(u8::is_ascii_digit);
        while at < bytes.len() && (bytes[at].is_ascii_digit() || is_mark(at)) {
            at += 1;
        }
        // "B12" is a name, and "-20%" is taken off.
        let before = text[..start].chars().next_back();
        let is_apart = !before.is_some_and(|char| char.is_alphanumeric() || matches!(char, '-' | '−'));
        let Some(value) = value(&text[start..at]).filter(|_| is_apart) else { continue };
        if let Some((unit, factor, end)) = unit(text, start, at) {
            found.push(Amount { value: value * factor, unit, at: start..end });
            at = end;
        }
    }
    found
}

/// In thousandths; `None`: it is no number.
fn value(number: &str) -> Option<u64> {
    let (whole, part) = number.split_once(['.', ',']).unwrap_or((number, ""));
    if whole.len() > DIGITS_MAX || part.contains(['.', ',']) {
        return None;
    }
    let thousandths: String = part.chars().chain("000".chars()).take(3).collect();
    Some(whole.parse::<u64>().ok()? * THOUSAND + thousandths.parse::<u64>().ok()?)
}

/// The unit of a number, what it is to be multiplied with, and where the unit ends; `None`: it has none.
fn unit(text: &str, start: usize, end: usize) -> Option<(Unit, u64, usize)> {
    let skip = |from: usize, marks: &[char]| {
        let rest = &text[from..];
        from + (rest.len() - rest.trim_start_matches(|char: char| char.is_whitespace() || marks.contains(&char)).len())
    };
    let word_at = |from: usize| {
        let rest = &text[from..];
        let length = rest.find(|char: char| !char.is_alphabetic()).unwrap_or(rest.len());
        (fold::folded(&rest[..length]), from + length)
    };
    let word_before = || {
        let before = text[..start].trim_end_matches(|char: char| char.is_whitespace() || matches!(char, '.' | ':'));
        let from = before
            .rfind(|char: char| !char.is_alphabetic())
            .map_or(0, |at| at + before[at..].chars().next().map_or(0, char::len_utf8));
        fold::folded(&before[from..])
    };
    let strength = |past: usize| {
        let (after, past_word) = word_at(skip(past, &['.', '-', '/']));
        let (by, past_by) = word_at(skip(past_word, &[]));
        if is_in("by", &after) && is_in("by_volume", &by) {
            (Unit::Strong, 1, past_by)
        } else if is_in("strong", &after) {
            (Unit::Strong, 1, past_word)
        } else if is_in("strong", &word_before()) {
            (Unit::Strong, 1, past)
        } else {
            (Unit::Percent, 1, past)
        }
    };
    let at = skip(end, &[]);
    let mark = text[at..].chars().next().unwrap_or('\n');
    match mark {
        '%' | '％' | '﹪' => Some(strength(at + mark.len_utf8())),
        '°' | 'º' => {
            let past = at + mark.len_utf8();
            // "180 °C" is a temperature.
            let (scale, _) = word_at(skip(past, &[]));
            (!matches!(scale.as_str(), "c" | "f" | "celsius")).then(|| strength(past))
        }
        _ => {
            let (word, past) = word_at(at);
            if word.is_empty() {
                // "ABV 28", "cl 2".
                let unit = word_before();
                let volume = millilitres(&unit).map(|factor| (Unit::Volume, factor, end));
                return volume.or_else(|| is_in("strong_before", &unit).then_some((Unit::Strong, 1, end)));
            }
            if let Some(factor) = millilitres(&word) {
                return Some((Unit::Volume, factor, past));
            }
            if is_in("percent", &word) || is_in("degrees", &word) {
                return Some(strength(past));
            }
            // "12 vol. %", "80 proof"; "ABV 5".
            is_in("strong", &word).then_some((Unit::Strong, 1, past))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_a_drink_tell_of_alcohol() {
        for (text, named) in [
            ("Hausbrand 42% vol", Named::Nothing),
            ("Hausbrand 42 Vol.-%", Named::Nothing),
            ("Hausbrand 42%", Named::Nothing),
            ("40 vol hausbrand", Named::Nothing),
            ("Alc. 5% Hauslimo", Named::Food),
            ("Williams 4 cl", Named::Nothing),
            ("Williams 0,04 l", Named::Nothing),
            ("Willi 40°", Named::Nothing),
            ("Marc 2cl 40%", Named::Nothing),
            ("virgin colada 5%", Named::Alcohol),
            ("ginger beer 4%", Named::Food),
            ("beer 0.0% 4.5%", Named::Alcohol),
            ("gin 0,0 % tonic 5%", Named::Alcohol),
            ("rum 0.0 % 40 %", Named::Alcohol),
            ("4 cl 40 % vol", Named::Nothing),
            ("fruit beer 0.0% 4%", Named::Alcohol),
            ("Hausbrand 12.5 % by volume", Named::Food),
            ("Hausbrand 28 pct", Named::Nothing),
            ("Hausbrand 28％", Named::Nothing),
            ("Hauslimo alc. 28", Named::Food),
            ("Hauslimo ABV 28", Named::Food),
            ("malt drink 5%", Named::Something),
            ("beer 0,0/4,5", Named::Alcohol),
            ("Williams cl 2", Named::Nothing),
            ("1 oz Williams", Named::Nothing),
        ] {
            assert!(tells_of_alcohol(text, named), "{text}: {:?}", amounts(text));
        }
        for (text, named) in [
            ("72% chocolate", Named::Food),
            ("Edelschokolade 60%", Named::Nothing),
            ("3.5% milk 1 l", Named::Something),
            ("100% Arabica", Named::Nothing),
            ("virgin mojito 100% natural", Named::Alcohol),
            ("20% off", Named::Nothing),
            ("-20%", Named::Nothing),
            ("alcohol-free beer 20% Rabatt", Named::Alcohol),
            ("beer 0.0%", Named::Alcohol),
            ("beer 0,5 % vol", Named::Alcohol),
            ("Orangensaft 4 cl", Named::Food),
            ("Espresso 4 cl", Named::Something),
            ("4 cl", Named::Nothing),
            ("63° egg", Named::Something),
            ("Lachs 45°C", Named::Something),
            ("Oven 180 °C", Named::Nothing),
            ("Lemonade 0.3 l", Named::Food),
            ("Vitamin B12 2%", Named::Nothing),
            ("Room 42", Named::Nothing),
            ("Volume 2", Named::Nothing),
            ("Jazz vol. 2", Named::Nothing),
            ("Ahornsirup 2cl", Named::Nothing),
            ("Ginger shot 4cl", Named::Nothing),
            ("Shot of espresso 4 cl", Named::Something),
            ("broth 40°", Named::Nothing),
            ("beer 0,0", Named::Alcohol),
            ("beer 1/2", Named::Alcohol),
            ("50% discount", Named::Nothing),
            ("happy hour 50% cola", Named::Food),
            ("Voucher 30%", Named::Nothing),
            ("Parking 50%", Named::Nothing),
            ("Zimmer 25%", Named::Nothing),
        ] {
            assert!(!tells_of_alcohol(text, named), "{text}: {:?}", amounts(text));
        }
    }

    #[test]
    fn a_small_percentage_of_a_juice_may_be_alcohol() {
        for text in ["juice 4%", "Apfelsaft 5 %", "Schorle 5%", "nectar 1.5%"] {
            assert!(may_tell_of_alcohol(text), "{text}");
        }
        for text in ["juice 100%", "Nektar 50%", "Orangensaft 4 cl", "milk 3.5%", "juice 5% off", "Saft 0,5 %"] {
            assert!(!may_tell_of_alcohol(text), "{text}");
        }
    }

    #[test]
    fn a_volume_of_nothing_is_no_strength() {
        assert_eq!(without_empty_volumes("Bier 0.0 l"), "Bier ");
        for text in ["Bier 0.0", "Bier 0.0 0,5 l", "Bier 0,0 %"] {
            assert_eq!(without_empty_volumes(text), text);
        }
    }
}
