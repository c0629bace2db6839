//! What the domain found, in words: one file per language. The domain says code, parameters, basis and tact; here they
//! become text and reason.

mod english;

use crate::domain::briefing::{Form, Statement, Value};

/// A language that statements can be written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Language {
    #[default]
    English,
}

impl Language {
    /// Its tag of BCP 47.
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
        }
    }

    /// The language of a tag of BCP 47, by its primary subtag; English where we do not write it.
    pub fn of(tag: &str) -> Self {
        let primary = tag.split('-').next().unwrap_or(tag);
        let known = [Self::English].into_iter().find(|known| primary.eq_ignore_ascii_case(known.tag()));
        known.unwrap_or_default()
    }
}

/// A statement's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    pub text: String,
    pub reason: String,
}

/// What a statement says, and why, for people. A function of its own, so that `scripts/count` finds it.
#[inline(never)]
pub fn words(language: Language, statement: &Statement) -> Words {
    match language {
        Language::English => Words { text: english::text(statement), reason: english::reason(statement) },
    }
}

/// A parameter that is a text; empty: the statement has no such.
fn text<'s>(statement: &'s Statement, name: &str) -> &'s str {
    match value(statement, name) {
        Some(Value::Text(text)) => text,
        _ => "",
    }
}

/// A parameter that is a number; 0: the statement has no such.
fn number(statement: &Statement, name: &str) -> i64 {
    match value(statement, name) {
        Some(Value::Number(number)) => *number,
        _ => 0,
    }
}

fn value<'s>(statement: &'s Statement, name: &str) -> Option<&'s Value> {
    statement.parameters.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
}

/// Whether a statement has one line of room.
fn is_headline(statement: &Statement) -> bool {
    statement.form == Form::Headline
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_we_do_not_write_is_read_in_english() {
        for tag in ["en-GB", "EN", "de-CH", "tlh", ""] {
            assert_eq!(Language::of(tag).tag(), "en", "{tag}");
        }
    }
}
