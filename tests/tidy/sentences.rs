//! The domain says facts: words for people are made outside it, but for the texts of errors.

use super::{
    assert_clean, files,
    layers::{is_test, without_tests},
    reading::{code, strings},
};

/// Files of the domain that may have words all the same, and why.
const WORDED: &[(&str, &str)] = &[
    ("src/domain/kernel/text.rs", "what a violation says that a text must not contain"),
    ("src/domain/parts/advocacy.rs", "what a violation says of a referral"),
    ("src/domain/policy/catalogue.rs", "the rules of a catalogue, which a violation names"),
];

/// What takes a text that is in no answer: the text of an error, of a panic, of a lint's exception. It stands between the
/// brackets.
const NO_ANSWER: &[&str] = &["Violation::new", "Refusal::LimitReached", "expect", "allow"];

const DOMAIN: &str = "src/domain/";

#[test]
fn the_domain_has_no_words_for_people() {
    let files = files("rs");
    assert_clean(files.iter().flat_map(|(path, text)| sentence_faults(path, text)));
    assert_clean(needless_exceptions(&files));
}

/// The strings of a file of the domain that are words for people.
fn sentence_faults(path: &str, text: &str) -> Vec<String> {
    if !path.starts_with(DOMAIN) || is_test(path) || WORDED.iter().any(|(worded, _)| path == *worded) {
        return Vec::new();
    }
    let found = sentences(text).into_iter();
    found
        .map(|(line, words)| format!("{path}:{line}: \"{words}\": say a fact, and its words in src/phrasing/"))
        .collect()
}

/// Files that may have words, and have none.
fn needless_exceptions(files: &[(String, String)]) -> Vec<String> {
    let text = |worded: &str| files.iter().find(|(path, _)| path == worded).map(|(_, text)| text.as_str());
    let needless = WORDED.iter().filter(|(path, _)| text(path).is_none_or(|text| sentences(text).is_empty()));
    needless.map(|(path, _)| format!("{path}: has no words, and needs no exception")).collect()
}

fn sentences(text: &str) -> Vec<(usize, String)> {
    let text = without_tests(text);
    let chars: Vec<char> = code(text).chars().collect();
    let for_people =
        strings(text).into_iter().filter(|(at, words)| is_for_people(words) && !is_no_answer(&chars[..*at]));
    for_people.map(|(at, words)| (1 + chars[..at].iter().filter(|c| **c == '\n').count(), words)).collect()
}

/// Several words, a word with a capital, or one that ends a sentence. Names for programs have none of these.
fn is_for_people(words: &str) -> bool {
    let mut depth = 0_usize;
    let filled_in = |c: &char| {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => return depth == 0,
        }
        false
    };
    let words: Vec<char> = words.chars().filter(filled_in).collect();
    let has_word = words.iter().any(|c| c.is_lowercase());
    let ends = |pair: &[char]| pair[0].is_uppercase() && pair[1].is_lowercase();
    let is_end = words.ends_with(&['.']) && words.iter().rev().nth(1).is_some_and(|c| c.is_lowercase());
    has_word && (is_end || words.iter().any(|c| c.is_whitespace()) || words.windows(2).any(ends))
}

/// Whether what stands here is between the brackets of something whose text is in no answer. `before`: the code up to here.
fn is_no_answer(before: &[char]) -> bool {
    let mut depth = 0_usize;
    for (at, c) in before.iter().enumerate().rev() {
        match c {
            ')' | '}' | ']' => depth += 1,
            '(' | '{' | '[' if depth > 0 => depth -= 1,
            '(' | '{' | '[' => {
                let head: String = before[..at].iter().collect();
                let head = head.trim_end();
                let start = head.rfind(|c: char| !c.is_alphanumeric() && c != '_' && c != ':').map_or(0, |at| at + 1);
                if NO_ANSWER.contains(&&head[start..]) {
                    return true;
                }
            }
            _ => {}
        }
    }
    false
}

#[test]
fn a_sentence_in_the_domain_is_found() {
    let wrong = [
        "fn a() -> &'static str { \"It is for regulars.\" }",
        "fn a(day: &str) -> String { format!(\"Given not long ago; again from {day}\") }",
        "fn a() { text.push_str(\"Favourite\"); }",
        "fn a() { text.push_str(\" once\"); }",
        "fn a() { text.push_str(r#\"visits.\"#); }",
        "const A: [&str; 2] = [\"EXPECTED\",\n\"They count on it\"];",
        "fn a() { let b = Violation::new(\"b\", c); format!(\"{d} more visits\") }",
    ];
    for text in wrong {
        assert_eq!(sentence_faults("src/domain/gesture/a.rs", text).len(), 1, "{text}");
        assert_eq!(sentence_faults("src/phrasing/english/a.rs", text), Vec::<String>::new());
    }
    let right = [
        "fn a() { \"TREE_NUTS\"; \"visits_min\"; \"details.name\"; format!(\"drift|{kind}|{}\", 7); b(\"s\") } // It is one.",
        "fn a() { return Err(Violation::new(field, format!(\"must be 0 to {most}\"))) }",
        "fn a() { Err(Refusal::LimitReached { what: \"open issues\", max: ISSUES_MAX }) }",
        "#[allow(dead_code, reason = \"it is read by tests\")]",
        "fn a() { b.expect(\"a parsed code is ASCII\") }",
        "#[cfg(test)]\nmod tests {\n    const A: &str = \"It is one.\";\n}",
    ];
    for text in right {
        assert_eq!(sentence_faults("src/domain/gesture/a.rs", text), Vec::<String>::new());
    }
    assert_eq!(needless_exceptions(&[]).len(), WORDED.len());
}
