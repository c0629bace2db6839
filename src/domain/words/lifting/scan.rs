//! The words of a text: which belong together, and which marks and counts stand between them.

use super::Word;
use crate::domain::words::{
    counts,
    fold::{self, BREAK},
};

/// Marks between two things of which each stands apart: "Vegan/beef burger".
const JOINERS: [char; 5] = ['/', '&', '+', '|', '\\'];
/// These too, after a blank: "Burger * bacon", but not "vegan* burger" nor "col·laboració".
const JOINERS_APART: [char; 3] = ['*', '\u{b7}', '_'];

/// The words of a text, and which of them stand together.
pub(super) fn words(text: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let (mut read, mut part, mut segment, mut is_new, mut is_break) = (0, 0, 0, true, false);
    fold::symbols(text, |symbol, at| {
        if symbol == BREAK || symbol == fold::BLANK {
            is_break = symbol == BREAK;
            is_new = true;
        } else {
            let to = at + text[at..].chars().next().map_or(0, char::len_utf8);
            match words.last_mut() {
                Some(word) if !is_new => (word.to, word.end) = (to, read + 1),
                last => {
                    // One character may be letters of several words: "㏂".
                    let between = last.map_or("", |last| {
                        if is_w(&text[last.from..last.to]) { "" } else { text.get(last.to..at).unwrap_or_default() }
                    });
                    let is_apart = || between.starts_with(' ') && between.contains(JOINERS_APART);
                    let is_counted = || between == " " && counts::begins_count(&text[at..]);
                    let is_joined = between.contains(JOINERS) || is_apart() || is_counted();
                    let divides = !between.is_empty() && (is_break || is_joined || between.contains(" - "));
                    part += usize::from(divides);
                    segment += usize::from(divides && !is_joined);
                    words.push(Word {
                        from: at,
                        to,
                        start: read,
                        end: read + 1,
                        part,
                        segment,
                        is_joined,
                        group: 0,
                        role: None,
                        is_negated: false,
                        comes_with: false,
                    });
                }
            }
            is_new = false;
        }
        read += 1;
    });
    words
}

/// "w/o" is one word.
fn is_w(word: &str) -> bool {
    word.eq_ignore_ascii_case("w")
}
