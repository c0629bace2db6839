//! English: what precautions, occasions and languages are called.

use super::values::{ordinal, spoken, spoken_small};
use crate::{
    domain::{
        briefing::{Statement, Value, codes},
        occasion::OccasionKind,
        precaution::{Criticality, PrecautionKind, acts_as, acts_as_told, subject},
        precaution_illness::{danger, says_more},
        stems, substances,
    },
    phrasing::{text as given, value},
};

fn kind_of(statement: &Statement) -> PrecautionKind {
    match statement.code {
        codes::PRECAUTION_ALLERGY => PrecautionKind::Allergy,
        codes::PRECAUTION_INTOLERANCE => PrecautionKind::Intolerance,
        codes::PRECAUTION_DIET => PrecautionKind::Diet,
        codes::PRECAUTION_ABSTENTION => PrecautionKind::Abstention,
        codes::PRECAUTION_ACCESSIBILITY => PrecautionKind::Accessibility,
        _ => PrecautionKind::Topic,
    }
}

fn criticality_of(statement: &Statement) -> Criticality {
    match given(statement, "criticality") {
        "HIGH" => Criticality::High,
        "LOW" => Criticality::Low,
        _ => Criticality::Unknown,
    }
}

/// Whether its words are told with its name: they stand for its code, or say more than it does.
pub(super) fn is_told_with_words(statement: &Statement) -> bool {
    let (code, words) = (given(statement, "code"), given(statement, "text"));
    is_told_by_words(code) || says_more(kind_of(statement), code, words, criticality_of(statement))
}

/// What it is: "Tree nut allergy, life-threatening"; with its words only where they say more. Where its name ends, and how bad it is begins.
pub(super) fn precaution(statement: &Statement, text: &mut String) -> usize {
    let (kind, criticality) = (kind_of(statement), criticality_of(statement));
    let (code, words) = (given(statement, "code"), given(statement, "text"));
    precaution_with(kind, code, words, given(statement, "of_whom"), criticality, text);
    let name_ends = text.len() - how_bad(acts_as_worst(kind, code, words), danger(criticality, code, words)).len();
    // Higher criticality says more already.
    if danger(criticality, code, words) == Criticality::Low && given(statement, "severity") == "SEVERE" {
        text.push_str(", severe reaction");
    }
    name_ends
}

/// Codes that say nothing: the words beside them do.
const TOLD_BY_WORDS: [&str; 4] = ["OTHER", "OTHERS", "SEE_TEXT", "UNSPECIFIED"];

/// Whether a code says nothing by itself.
fn is_told_by_words(code: &str) -> bool {
    TOLD_BY_WORDS.contains(&code)
}

/// What a code says, without the kind that some repeat: "NUT_ALLERGY" is about nuts.
fn plain(code: &str) -> &str {
    const KINDS: [&str; 6] = ["_ALLERGY", "_ALLERGIES", "_ALLERGIC", "_INTOLERANCE", "_INTOLERANT", "_DIET"];
    let code = subject(code);
    KINDS.iter().find_map(|kind| code.strip_suffix(kind)).filter(|rest| !rest.is_empty()).unwrap_or(code)
}

/// A precaution in a list: "peanuts"; by its words where its code says nothing: "kiwi, banana and latex"; and by both where the code is a diet,
/// and they tell of an illness.
pub(super) fn named_by(code: &str, words: &str) -> String {
    let mut text = String::new();
    let words = words.split([';', '.']).next().unwrap_or_default().trim();
    if (is_told_by_words(code) || is_said_by_words(code, words)) && !words.is_empty() {
        let mut chars = words.chars();
        text.extend(chars.next().into_iter().flat_map(char::to_lowercase));
        text.push_str(chars.as_str());
    } else {
        spoken_small(plain(code), &mut text);
        text.push_str(disease(plain(code)).unwrap_or_default());
        if !words.is_empty() && says_more(PrecautionKind::Allergy, code, words, Criticality::High) {
            text.extend([" (", words, ")"]);
        }
    }
    text
}

/// Whether words tell of an illness that their code does not: "vegan", and "nut allergy".
fn is_said_by_words(code: &str, words: &str) -> bool {
    let kind = acts_as(PrecautionKind::Diet, code);
    (substances::is_diet(code) || !substances::is_understood(code)) && says_more(kind, code, words, Criticality::High)
}

/// What follows the name of coeliac disease, which is neither called an allergy nor an intolerance, in whatever language the code is;
/// `None`: it is another code.
fn disease(plain: &str) -> Option<&'static str> {
    const DISEASE: [&str; 6] = ["DISEASE", "KRANKHEIT", "MALADIE", "MALATTIA", "ENFERMEDAD", "DOENCA"];
    // Looked for by its letters first: this is asked of every precaution that is written.
    let has_letters = |text: &str| text.as_bytes().windows(STEM.len()).any(|letters| letters == STEM);
    if !has_letters(plain) {
        return None;
    }
    let is_coeliac = |word: &str| word.contains("OELIA") || word.contains("CELIA");
    let is_it =
        plain.split('_').any(is_coeliac) && plain.split('_').all(|word| is_coeliac(word) || DISEASE.contains(&word));
    is_it.then_some(if matches!(plain, "COELIAC" | "CELIAC") { " disease" } else { "" })
}

/// Letters of coeliac disease in each of the languages.
const STEM: &[u8] = b"ELIA";

/// Whether a code says itself that it is an allergy or intolerance: "NUSSALLERGIE".
fn says_kind(plain: &str) -> bool {
    ["ALLERG", "ALERG", "INTOLER"].iter().any(|kind| plain.contains(kind))
}

/// How it is called, and how bad it is; by its words where its code says nothing: "Allergy: kiwi, banana and latex"; and with them where they
/// say more: "Diet: vegan; nut allergy, life-threatening". `of_whom`: empty, if it is the customer's own.
pub(super) fn precaution_with(
    kind: PrecautionKind,
    code: &str,
    words: &str,
    of_whom: &str,
    criticality: Criticality,
    text: &mut String,
) {
    let how_bad = how_bad(acts_as_worst(kind, code, words), danger(criticality, code, words));
    let said = words.trim_end_matches(['.', '!', '?']);
    if !is_told_by_words(code) || words.is_empty() {
        precaution_of(kind, code, text);
        if says_more(kind, code, words, criticality) {
            text.extend(["; ", said]);
        }
        tell_whom(of_whom, text);
        return text.push_str(how_bad);
    }
    text.push_str(match kind {
        PrecautionKind::Allergy => "Allergy: ",
        PrecautionKind::Intolerance => "Intolerance: ",
        PrecautionKind::Diet => "Diet: ",
        PrecautionKind::Accessibility => "Accessibility: ",
        PrecautionKind::Abstention => "Keeps away from: ",
        PrecautionKind::Topic => "Do not mention: ",
    });
    text.push_str(said);
    tell_whom(of_whom, text);
    text.push_str(how_bad);
}

/// What it acts as at the worst, by its code or by its words.
fn acts_as_worst(kind: PrecautionKind, code: &str, words: &str) -> PrecautionKind {
    acts_as_told(acts_as(kind, code), words)
}

fn tell_whom(of_whom: &str, text: &mut String) {
    if !of_whom.is_empty() {
        text.extend([" (", of_whom, ")"]);
    }
}

/// By its code alone: "Tree nut allergy".
fn precaution_of(kind: PrecautionKind, code: &str, text: &mut String) {
    match kind {
        PrecautionKind::Allergy | PrecautionKind::Intolerance => {
            let start = text.len();
            // "No nut allergy" would say the opposite.
            let plain = plain(code);
            spoken(plain, text);
            // A plural is known of the table's own codes; those of another language are shown as they were written.
            let is_code = substances::is_code(plain);
            if is_code {
                let kept = start + stems::singular(&text[start..]).len();
                text.truncate(kept);
            }
            text.push_str(match (disease(plain), kind) {
                (Some(disease), _) => disease,
                _ if !is_code && says_kind(plain) => "",
                (None, PrecautionKind::Allergy) => " allergy",
                (None, _) => " intolerance",
            });
        }
        PrecautionKind::Diet => text.push_str("Diet: "),
        PrecautionKind::Accessibility => text.push_str("Accessibility: "),
        PrecautionKind::Abstention if substances::is_diet(code) => text.push_str("Diet: "),
        // "No fasting" would say the opposite.
        PrecautionKind::Abstention if !substances::is_understood(code) => text.push_str("Abstention: "),
        PrecautionKind::Abstention => text.push_str("No "),
        PrecautionKind::Topic => text.push_str("Do not mention: "),
    }
    if !matches!(kind, PrecautionKind::Allergy | PrecautionKind::Intolerance) {
        let code = match kind {
            PrecautionKind::Abstention => plain(code),
            PrecautionKind::Diet => code.strip_suffix("_DIET").unwrap_or(code),
            _ => code,
        };
        spoken_small(code, text);
    }
}

fn how_bad(kind: PrecautionKind, criticality: Criticality) -> &'static str {
    match (kind, criticality) {
        (PrecautionKind::Topic, _) => "",
        (PrecautionKind::Allergy | PrecautionKind::Intolerance, Criticality::High) => ", life-threatening",
        (PrecautionKind::Allergy | PrecautionKind::Intolerance, Criticality::Unknown) => ", treat as life-threatening",
        (PrecautionKind::Accessibility, Criticality::High) => ", essential",
        (_, Criticality::High) => ", strictly",
        (_, Criticality::Low | Criticality::Unknown) => "",
    }
}

/// "40th birthday of daughter Mia".
pub(super) fn occasion(statement: &Statement, text: &mut String) {
    if let Some(Value::Number(years)) = value(statement, "number")
        && given(statement, "kind") != "OTHER"
        && !is_numbered(given(statement, "label"))
    {
        ordinal(*years, text);
        text.push(' ');
    }
    occasion_unnumbered(statement, text);
}

/// Whether a label says a number itself: "25th wedding anniversary" gets no second one.
pub(super) fn is_numbered(label: &str) -> bool {
    label.starts_with(|first: char| first.is_ascii_digit())
}

/// "birthday of daughter Mia", "wedding anniversary".
pub(super) fn occasion_unnumbered(statement: &Statement, text: &mut String) {
    let kind = match given(statement, "kind") {
        "BIRTHDAY" => OccasionKind::Birthday,
        "ANNIVERSARY" => OccasionKind::Anniversary,
        _ => OccasionKind::Other,
    };
    let is_once = value(statement, "once").is_some();
    occasion_of((kind, is_once), given(statement, "label"), given(statement, "of_whom"), text);
}

/// What happens once is called by its label alone: "wedding", not "wedding anniversary".
pub(super) fn occasion_of((kind, is_once): (OccasionKind, bool), label: &str, of_whom: &str, text: &mut String) {
    match kind {
        _ if is_once && !label.is_empty() => text.push_str(label),
        OccasionKind::Anniversary if label.is_empty() => text.push_str("anniversary"),
        OccasionKind::Anniversary if !says_anniversary(label) => text.extend([label, " anniversary"]),
        _ if !label.is_empty() => text.push_str(label),
        OccasionKind::Birthday => text.push_str("birthday"),
        OccasionKind::Other | OccasionKind::Anniversary => text.push_str("occasion"),
    }
    if !of_whom.is_empty() {
        text.extend([" of ", of_whom]);
    }
}

/// Whether the words of a label say already that it is an anniversary, whatever their capitals.
fn says_anniversary(label: &str) -> bool {
    label.to_ascii_lowercase().contains("anniversary")
}

/// Makes the letter at `start` a capital.
pub(super) fn capital(text: &mut String, start: usize) {
    let Some(first) = text[start..].chars().next() else { return };
    if first.is_ascii() {
        text[start..=start].make_ascii_uppercase();
    } else {
        let raised: String = first.to_uppercase().collect();
        text.replace_range(start..start + first.len_utf8(), &raised);
    }
}

/// The languages that guests of most houses speak, by their subtag of BCP 47.
const LANGUAGES: &[(&str, &str)] = &[
    ("ar", "Arabic"),
    ("bg", "Bulgarian"),
    ("bn", "Bengali"),
    ("ca", "Catalan"),
    ("cs", "Czech"),
    ("da", "Danish"),
    ("de", "German"),
    ("el", "Greek"),
    ("en", "English"),
    ("es", "Spanish"),
    ("et", "Estonian"),
    ("fa", "Persian"),
    ("fi", "Finnish"),
    ("fr", "French"),
    ("gsw", "Swiss German"),
    ("he", "Hebrew"),
    ("hi", "Hindi"),
    ("hr", "Croatian"),
    ("hu", "Hungarian"),
    ("id", "Indonesian"),
    ("it", "Italian"),
    ("ja", "Japanese"),
    ("ko", "Korean"),
    ("lt", "Lithuanian"),
    ("lv", "Latvian"),
    ("ms", "Malay"),
    ("nb", "Norwegian"),
    ("nl", "Dutch"),
    ("no", "Norwegian"),
    ("pl", "Polish"),
    ("pt", "Portuguese"),
    ("rm", "Romansh"),
    ("ro", "Romanian"),
    ("ru", "Russian"),
    ("sk", "Slovak"),
    ("sl", "Slovenian"),
    ("sr", "Serbian"),
    ("sv", "Swedish"),
    ("th", "Thai"),
    ("tl", "Filipino"),
    ("tr", "Turkish"),
    ("uk", "Ukrainian"),
    ("ur", "Urdu"),
    ("vi", "Vietnamese"),
    ("yue", "Cantonese"),
    ("zh", "Chinese"),
];

/// "Italian"; "Portuguese (pt-BR)" where the code says more; the code itself where we know no name.
pub(super) fn language(code: &str, text: &mut String) {
    let primary = code.split('-').next().unwrap_or(code);
    match LANGUAGES.iter().find(|(known, _)| *known == primary) {
        Some((_, name)) if primary == code => text.push_str(name),
        Some((_, name)) => text.extend([name, " (", code, ")"]),
        None => text.push_str(code),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_have_names() {
        for (code, name) in
            [("it", "Italian"), ("pt-BR", "Portuguese (pt-BR)"), ("tlh", "tlh"), ("gsw", "Swiss German")]
        {
            let mut text = String::new();
            language(code, &mut text);
            assert_eq!(text, name);
        }
    }

    #[test]
    fn no_precaution_reads_as_its_opposite() {
        for (kind, code, written) in [
            (PrecautionKind::Allergy, "NO_NUTS", "Nut allergy"),
            (PrecautionKind::Intolerance, "LACTOSE_FREE", "Lactose intolerance"),
            (PrecautionKind::Abstention, "VEGAN", "Diet: vegan"),
            (PrecautionKind::Abstention, "NO_PORK", "No pork"),
            (PrecautionKind::Abstention, "ALCOHOL", "No alcohol"),
            (PrecautionKind::Diet, "NO_PORK", "Diet: no pork"),
        ] {
            let mut text = String::new();
            precaution_with(kind, code, "", "", Criticality::Low, &mut text);
            assert_eq!(text, written, "{code}");
        }
    }

    #[test]
    fn a_sentence_begins_with_a_capital() {
        for (text, written) in [("wedding", "Wedding"), ("élan", "Élan"), ("ßa", "SSa"), ("40th", "40th"), ("", "")]
        {
            let mut raised = ["a ", text].concat();
            capital(&mut raised, 2);
            assert_eq!(raised, ["a ", written].concat());
        }
    }
}
