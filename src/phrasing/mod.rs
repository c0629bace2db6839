//! What the domain found, in words: one module per language. The domain says codes, parameters and what they rest on; here
//! they become texts and reasons.
//!
//! Another language is a module that implements [`Phrases`], and a row of [`languages!`]. It does not compile until it has
//! words for everything.

mod english;

use std::borrow::Cow;

use crate::domain::{
    briefing::{Form, Statement, Value},
    gate::Clearance,
    gesture::{Suggested, Verdict},
    policy::Venue,
    relationship::{Cap, Condition},
};

/// What a language has words for.
trait Phrases {
    fn statement(&self, statement: &Statement) -> Words;
    /// What speaks for a gesture.
    fn suggestion(&self, suggested: &Suggested<'_>) -> String;
    /// Why a gesture is right or wrong in one dimension. `venue`: its calendar says on which day something was.
    fn verdict(&self, verdict: &Verdict<'_>, venue: &Venue) -> String;
    /// What staff must know or do before they propose or deliver something; empty: nothing.
    fn clearance(&self, clearance: &str) -> &'static str;
    /// What is missing of a condition of a level.
    fn condition(&self, condition: &Condition) -> String;
    /// Why a level is capped.
    fn cap(&self, cap: Cap) -> String;
}

/// The languages, each with its tag of BCP 47 and its words. The first is written where no other is known.
macro_rules! languages {
    ($first:ident = $first_tag:literal: $first_phrases:path $(, $language:ident = $tag:literal: $phrases:path)* $(,)?) => {
        /// A language that answers can be written in.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
        pub enum Language {
            #[default]
            $first,
            $($language,)*
        }

        impl Language {
            const ALL: &[Self] = &[Self::$first, $(Self::$language,)*];

            /// Its tag of BCP 47.
            pub fn tag(self) -> &'static str {
                match self {
                    Self::$first => $first_tag,
                    $(Self::$language => $tag,)*
                }
            }

            fn phrases(self) -> &'static dyn Phrases {
                match self {
                    Self::$first => &$first_phrases,
                    $(Self::$language => &$phrases,)*
                }
            }
        }
    };
}

languages! {
    English = "en": english::English,
}

impl Language {
    /// The language of a tag of BCP 47, by its primary subtag; English where we do not write it.
    pub fn of(tag: &str) -> Self {
        let primary = tag.split('-').next().unwrap_or(tag);
        let known = Self::ALL.iter().find(|known| primary.eq_ignore_ascii_case(known.tag()));
        known.copied().unwrap_or_default()
    }

    /// The language that a request names, else the venue's.
    pub fn chosen(named: &str, venue: &Venue) -> Self {
        Self::of(if named.is_empty() { &venue.language } else { named })
    }
}

/// A statement's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    pub text: String,
    pub reason: Cow<'static, str>,
}

/// What a statement says, and why, for people. A function of its own, so that `scripts/count` finds it.
#[inline(never)]
pub fn words(language: Language, statement: &Statement) -> Words {
    language.phrases().statement(statement)
}

/// What must not be delivered, and why, in one text.
pub fn stopped(language: Language, statement: &Statement) -> String {
    let Words { mut text, reason } = words(language, statement);
    text.push(' ');
    text.push_str(&reason);
    text
}

/// What staff must know or do before they deliver something; empty: nothing.
pub fn clearance(language: Language, clearance: Clearance) -> &'static str {
    language.phrases().clearance(clearance.name().unwrap_or_default())
}

/// What speaks for a gesture.
pub fn suggestion(language: Language, suggested: &Suggested<'_>) -> String {
    language.phrases().suggestion(suggested)
}

/// Why a gesture is right or wrong in one dimension.
pub fn verdict(language: Language, verdict: &Verdict<'_>, venue: &Venue) -> String {
    language.phrases().verdict(verdict, venue)
}

/// What is missing of a condition of a level.
pub fn condition(language: Language, condition: &Condition) -> String {
    language.phrases().condition(condition)
}

/// Why a level is capped.
pub fn cap(language: Language, cap: Cap) -> String {
    language.phrases().cap(cap)
}

/// A parameter that is a text; empty: the statement has none of that name.
fn text<'s>(statement: &'s Statement, name: &str) -> &'s str {
    match value(statement, name) {
        Some(Value::Text(text)) => text,
        _ => "",
    }
}

/// The item that a statement proposes; empty: it proposes none. Nothing else is worded as a proposal.
fn proposed(statement: &Statement) -> &str {
    match value(statement, "item") {
        Some(Value::Item(item)) => item.get(),
        _ => "",
    }
}

/// A parameter that is a number; 0: the statement has none of that name.
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
