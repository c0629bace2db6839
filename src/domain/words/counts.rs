//! Counts, measures and marks that are written close to a name: "2xPad Thai", "20clRum", "Beer0.3", "½Rum", "Rum™". Tills leave the blank out.

/// What may stand between a number and a name: "2x", "20cl". Of one letter only the sign of a count: "2lemons" is two lemons.
const UNITS: [&str; 9] = ["x", "×", "*", "ml", "cl", "dl", "oz", "pcs", "stk"];

/// Marks that read as letters or digits of the word they stand at ("TM"), and what makes a picture of a digit.
const MARKS: [char; 7] = ['™', '℠', '®', '©', '№', '\u{20e3}', '\u{fe0f}'];

fn is_digit(char: char) -> bool {
    // Roman ones are letters besides; so are the numbers of Han, which are parts of names.
    let is_roman = || matches!(char, '\u{2160}'..='\u{2188}');
    let is_number = || MARKS.contains(&char) || is_roman() || (char.is_numeric() && !char.is_alphabetic());
    char.is_ascii_digit() || (!char.is_ascii() && is_number())
}

/// A text with a blank between each such count and the name. `None`: none stands close to one.
pub fn without_stuck_counts(text: &str) -> Option<String> {
    let mut parted = String::new();
    let (mut kept, mut before) = (0, ' ');
    for (at, char) in text.char_indices() {
        let begins = is_digit(before) && char.is_alphabetic() && !is_digit(char);
        let ends = before.is_alphabetic() && !is_digit(before) && is_digit(char);
        before = char;
        if at < kept || !(begins || ends) {
            continue;
        }
        let rest = &text[at..];
        let unit =
            UNITS.iter().find(|unit| rest.get(..unit.len()).is_some_and(|start| start.eq_ignore_ascii_case(unit)));
        let name = match unit.filter(|_| begins) {
            Some(unit) if !rest[unit.len()..].starts_with(char::is_alphabetic) => continue,
            Some(unit) => at + unit.len(),
            None => at,
        };
        parted.push_str(&text[kept..name]);
        parted.push(' ');
        kept = name;
    }
    (kept > 0).then(|| parted + &text[kept..])
}

/// Who orders a hundred of one thing writes it otherwise; a longer number is a size or a year.
const COUNT_DIGITS_MAX: usize = 2;
/// Measures are as short, and no word that lifts or names a dish is: "33 cl".
const UNIT_LETTERS_MAX: usize = 2;

/// Whether a text begins with a count of something: "1 alkoholfrei", of "1 Beer 1 alkoholfrei"; but not "33 cl".
pub fn begins_count(text: &str) -> bool {
    let rest = text.trim_start_matches(|char: char| char.is_ascii_digit());
    let is_count = (1..=COUNT_DIGITS_MAX).contains(&(text.len() - rest.len())) && !text.starts_with('0');
    let next = rest.strip_prefix(' ').and_then(|rest| rest.split(|char: char| !char.is_alphabetic()).next());
    is_count && next.is_some_and(|next| next.chars().count() > UNIT_LETTERS_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_measure_is_no_count() {
        for (text, expected) in
            [("1 alkoholfrei", true), ("12 vegan", true), ("33 cl", false), ("0 alcohol", false), ("2024 rosé", false)]
        {
            assert_eq!(begins_count(text), expected, "{text}");
        }
    }

    #[test]
    fn counts_are_parted_from_names() {
        for (text, parted) in [
            ("2xPad Thai", Some("2x Pad Thai")),
            ("Bring 2xPad Thai", Some("Bring 2x Pad Thai")),
            ("2Pad Thai", Some("2 Pad Thai")),
            ("50mlGin", Some("50ml Gin")),
            ("Beer0.3", Some("Beer 0.3")),
            ("Zunk2x", Some("Zunk 2x")),
            ("2lemons", Some("2 lemons")),
            ("2XBeer, 3xwine", Some("2X Beer, 3x wine")),
            ("2éclairs", Some("2 éclairs")),
            ("½Rum", Some("½ Rum")),
            ("①Rum", Some("① Rum")),
            ("ⅡRum", Some("Ⅱ Rum")),
            ("２Rum", Some("２ Rum")),
            ("2\u{fe0f}\u{20e3}Rum", Some("2\u{fe0f}\u{20e3} Rum")),
            ("Rum²", Some("Rum ²")),
            ("Rum™", Some("Rum ™")),
            ("五目御飯", None),
            ("2x Pad Thai", None),
            ("Rum 2cl", None),
            ("Bier 0.0 l", None),
            ("2", None),
            ("", None),
            ("Tea", None),
        ] {
            assert_eq!(without_stuck_counts(text).as_deref(), parted, "{text}");
        }
    }
}
