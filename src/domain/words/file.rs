//! Reading the data files: lists of words under headings. docs/words.md says how they are written.

use super::codes;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    English,
    German,
    French,
    Italian,
    Spanish,
    Portuguese,
}

/// The data files.
pub const FILES: [(Language, &str); 6] = [
    (Language::English, include_str!("data/en.txt")),
    (Language::German, include_str!("data/de.txt")),
    (Language::French, include_str!("data/fr.txt")),
    (Language::Italian, include_str!("data/it.txt")),
    (Language::Spanish, include_str!("data/es.txt")),
    (Language::Portuguese, include_str!("data/pt.txt")),
];

/// One word or several, and what the file says of it.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    pub language: Language,
    /// The heading it stands under.
    pub section: &'static str,
    /// The codes before the colon. Empty: none are.
    pub codes: &'static str,
    pub word: &'static str,
    /// Whether letters may stand before it: "sahne" in "Schlagsahne".
    pub is_open_before: bool,
    /// Whether letters may stand after it: "almond" in "almondcake". It has no plurals of its own then.
    pub is_open_after: bool,
    /// It has no plurals: the file has an exclamation mark after it.
    pub is_exact: bool,
}

/// All entries of all files.
pub fn entries() -> impl Iterator<Item = Entry> {
    FILES.into_iter().flat_map(|(language, text)| {
        let (mut section, mut codes) = ("", "");
        let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default());
        lines.flat_map(move |line| {
            let mut words = line;
            if let Some(heading) = line.strip_prefix('[') {
                (section, codes, words) = (heading.trim_end().trim_end_matches(']'), "", "");
            } else if let Some((before, after)) = line.split_once(':') {
                (codes, words) = (before, after);
            }
            let (section, codes) = (section, codes);
            let words = words.split(',').map(str::trim).filter(|word| !word.is_empty());
            words.map(move |word| entry(language, section, codes, word))
        })
    })
}

fn entry(language: Language, section: &'static str, codes: &'static str, word: &'static str) -> Entry {
    Entry {
        language,
        section,
        codes,
        word: word.trim_matches(['*', '!']),
        is_open_before: word.starts_with('*'),
        is_open_after: word.ends_with('*'),
        is_exact: word.ends_with('!'),
    }
}

impl Entry {
    /// The codes alone, without what they never come without.
    pub fn contents_alone(&self) -> codes::Substances {
        self.codes.split_whitespace().fold(0, |set, code| set | codes::alone(code))
    }

    /// What its codes stand for; nothing for "NONE".
    pub fn contents(&self) -> codes::Substances {
        self.codes.split_whitespace().fold(0, |set, code| set | codes::of_code(code).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECTIONS: &[(&str, bool)] = &[
        ("words", true),
        ("codes", true),
        ("dishes", true),
        ("only", true),
        ("lifts", true),
        ("instead", true),
        ("foods", false),
        ("raw", false),
        ("raw_whole", false),
        ("without", false),
        ("no", false),
        ("with", false),
        ("and", false),
        ("or", false),
        ("the", false),
        ("perhaps", false),
        ("base", false),
        ("free", false),
        ("besides", false),
        ("any", false),
    ];

    #[test]
    fn every_entry_has_a_known_heading_and_known_codes() {
        for entry in entries() {
            let section = SECTIONS.iter().find(|(name, _)| *name == entry.section);
            let (_, has_codes) = section.unwrap_or_else(|| panic!("{entry:?}: no such heading"));
            assert_eq!(entry.codes.is_empty(), !has_codes, "{entry:?}");
            for code in entry.codes.split_whitespace() {
                assert!(code == "NONE" || codes::of_code(code).is_some(), "{entry:?}: {code} is no code");
            }
            assert!(!entry.word.contains('*'), "{entry:?}: a star stands at an end");
        }
    }

    #[test]
    fn every_language_has_several_hundred_words_and_names_its_sources() {
        for (language, text) in FILES {
            let words = entries().filter(|entry| entry.language == language).count();
            assert!(words >= 400, "{language:?} has {words} words");
            assert!(text.starts_with("# ") && text.contains("# Sources:"), "{language:?}");
        }
    }
}
