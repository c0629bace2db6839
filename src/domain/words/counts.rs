//! Counts and measures that are written close to a name: "2xPad Thai", "20clRum", "Beer0.3". Tills leave the blank out.

/// What may stand between a number and a name: "2x", "20cl". Of one letter only the sign of a count: "2lemons" is two lemons.
const UNITS: [&str; 9] = ["x", "×", "*", "ml", "cl", "dl", "oz", "pcs", "stk"];

/// A text with a blank between each such count and the name. `None`: none stands close to one.
pub fn without_stuck_counts(text: &str) -> Option<String> {
    let mut parted = String::new();
    let (mut kept, mut before) = (0, ' ');
    for (at, char) in text.char_indices() {
        let begins = before.is_ascii_digit() && char.is_alphabetic();
        let ends = before.is_alphabetic() && char.is_ascii_digit();
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

#[cfg(test)]
mod tests {
    use super::*;

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
