//! Answers as lines of a terminal: what the commands share.

use prost_types::Timestamp;

use super::{
    args,
    brief::boxed::{WIDTH_MAX, WIDTH_MIN, wrap},
    output::{self, tame},
};

/// One line of what is there, two blanks between; text from outside is made safe for terminals.
pub fn line(parts: &[&str]) -> String {
    let parts: Vec<String> = parts.iter().filter(|part| !part.is_empty()).map(|part| tame(part)).collect();
    format!("{}\n", parts.join("  "))
}

/// Indented under a line, and broken where the terminal ends; nothing when there is nothing to say.
pub fn below(text: &str) -> String {
    const INDENT: &str = "    ";
    let room = output::width().clamp(WIDTH_MIN, WIDTH_MAX) - INDENT.len();
    let said = Some(tame(text)).filter(|text| !text.is_empty());
    said.iter().flat_map(|text| wrap(text, room)).fold(String::new(), |all, line| all + INDENT + &line + "\n")
}

/// A value of an enum without the enum's name: "OPEN" of ISSUE_STATE_OPEN.
pub fn short<'a>(name: &'a str, prefix: &str) -> &'a str {
    name.strip_prefix(prefix).unwrap_or(name)
}

/// To the minute, in UTC; empty when it is not said.
pub fn minute(time: Option<&Timestamp>) -> String {
    let time = time.and_then(args::time);
    time.map(|time| time.strftime("%Y-%m-%dT%H:%MZ").to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_said_takes_no_place() {
        assert_eq!(line(&["i5", "", "Room\u{1b}412"]), "i5  Room 412\n");
        assert_eq!((below(""), below("a word")), (String::new(), "    a word\n".to_owned()));
        assert_eq!(minute(None), "");
        assert_eq!(minute(Some(&Timestamp { seconds: 1_514_590_259, nanos: 0 })), "2017-12-29T23:30Z");
    }
}
