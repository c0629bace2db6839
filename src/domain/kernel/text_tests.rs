use proptest::prelude::*;

use super::*;

#[test]
fn composed_and_decomposed_letters_are_one() {
    assert_eq!(line("f", "Ana Luci\u{301}a", 1..=20).unwrap(), "Ana Luc\u{ed}a");
    assert_eq!(line("f", "Ana Luc\u{ed}a", 1..=20).unwrap(), "Ana Luc\u{ed}a");
}

#[test]
fn blanks_are_plain_and_trimmed() {
    assert_eq!(line("f", " \u{3000}Ms\u{a0}Ferreira\u{2003} ", 1..=20).unwrap(), "Ms Ferreira");
    assert_eq!(line("f", "   ", 0..=20).unwrap(), "");
    assert!(line("f", "   ", 1..=20).is_err());
}

#[test]
fn what_cannot_be_seen_is_refused_and_not_echoed() {
    let refused = [
        "a\0b",
        "a\nb",
        "a\rb",
        "a\tb",
        "a\u{7f}b",
        "a\u{85}b",
        "a\u{2028}b",
        "a\u{202e}b",
        "a\u{2066}b",
        "a\u{200f}b",
        "a\u{200b}b",
        "a\u{200d}b",
        "a\u{feff}b",
        "a\u{ad}b",
        "a\u{2060}b",
        "a\u{e0041}b",
        "a\u{fdd0}b",
        "a\u{3164}b",
        "a\u{180e}b",
        "a\u{34f}b",
        "\u{1ffff}",
    ];
    for raw in refused {
        let violation = line("name.full", raw, 1..=20).unwrap_err();
        assert_eq!(violation.field, "name.full");
        assert!(violation.message.is_ascii(), "{:?}", violation.message);
    }
}

#[test]
fn joiners_stand_inside_words_of_scripts_that_have_them() {
    for kept in [
        // Persian, and Sinhala, Bengali, Hindi, Malayalam, where a joiner may end a word.
        "علی\u{200c}رضا",
        "ශ්\u{200d}රී ලංකා",
        "র\u{200d}\u{9cd}যাব",
        "क्\u{200d}ष",
        "राज्\u{200c}य",
        "രാജന്\u{200d}",
        "രാജന്\u{200d} നായർ",
    ] {
        assert_eq!(line("f", kept, 1..=40).as_deref(), Ok(kept));
        assert!(key("f", kept, 1..=40).is_err() && external_id("f", kept).is_err(), "{kept}");
        let without = kept.replace(is_joiner, "");
        assert!(is_same(kept, &without) && is_same(&without, kept) && !is_same(kept, "علی"), "{kept}");
    }
    for refused in [
        "a\u{200c}b",
        "é\u{200d}é",
        "\u{200c}علی",
        "علی\u{200c}",
        "علی\u{200c} رضا",
        "علی \u{200c}رضا",
        "علی\u{200c}\u{200c}رضا",
        "علی\u{200c}a",
        "a\u{200c}علی",
        "\u{664}\u{200c}\u{661}",
        "\u{96a}\u{200d}\u{967}",
        "علی\u{200e}رضا",
        "علی\u{200b}رضا",
        "\u{1f468}\u{200d}\u{1f469}",
    ] {
        assert!(line("f", refused, 1..=40).is_err(), "{refused:?}");
    }
}

#[test]
fn emoji_lose_their_presentation_selector_only() {
    assert_eq!(line("f", "I \u{2764}\u{fe0f} tea", 1..=20).unwrap(), "I \u{2764} tea");
}

#[test]
fn length_is_counted_in_characters_of_the_normal_form() {
    assert!(line("f", &"e\u{301}".repeat(20), 1..=20).is_ok());
    assert!(line("f", &"\u{e9}".repeat(21), 1..=20).is_err());
    assert!(line("f", &"x".repeat(10_240), 1..=128).is_err());
    assert!(line("f", "", 1..=20).is_err());
}

#[test]
fn lower_lines_are_lower() {
    assert_eq!(lower_line("f", "Drink", 1..=64).unwrap(), "drink");
    assert_eq!(lower_line("f", "FR\u{dc}HST\u{dc}CK", 1..=64).unwrap(), "fr\u{fc}hst\u{fc}ck");
    // The lower case of a capital I with a dot has two characters.
    assert!(lower_line("f", "\u{130}", 1..=1).is_err());
}

#[test]
fn codes_are_raised() {
    assert_eq!(code("f", "tree_nuts").unwrap(), "TREE_NUTS");
    for raw in ["", "TREE NUTS", "N\u{dc}SSE", "A-B", &"A".repeat(65)] {
        assert!(code("f", raw).is_err(), "{raw}");
    }
    assert!(code("f", &"A".repeat(64)).is_ok());
}

#[test]
fn language_tags_are_well_formed_and_canonical() {
    for (raw, canonical) in [
        ("", ""),
        ("PT-br", "pt-BR"),
        ("zh-hant-tw", "zh-Hant-TW"),
        ("es-419", "es-419"),
        ("de-CH-1996", "de-CH-1996"),
        ("en-a-bb-x-Cc", "en-a-bb-x-cc"),
    ] {
        assert_eq!(language("f", raw).unwrap(), canonical);
    }
    for raw in ["e", "en_US", "en--US", "-en", "en-", "en-x", "englishes-GB", "12", "fran\u{e7}ais", "x-klingon"] {
        assert!(language("f", raw).is_err(), "{raw}");
    }
    assert!(language("f", &["en"; 13].join("-")).is_err());
}

#[test]
fn a_text_is_bounded_as_it_is_spelt_out() {
    // Letters of languages, however many marks they have.
    for letter in ["\u{1faf}", "\u{d7a3}", "\u{1ed9}", "\u{fb03}", "\u{fdf2}"] {
        assert_eq!(line("f", &letter.repeat(80), 0..=80).unwrap().chars().count(), 80, "{letter}");
    }
    // Signs that stand for 18 letters each.
    let sign = "\u{fdfa}";
    assert_eq!(line("f", &sign.repeat(17), 0..=80).unwrap(), sign.repeat(17));
    for parse in [line, item, lower_line] {
        let refused = parse("precautions[0].text", &sign.repeat(18), 0..=80).unwrap_err();
        assert_eq!(refused.field, "precautions[0].text");
        assert!(refused.message.contains("more than 320 letters"), "{refused:?}");
    }
    assert_eq!(readable(&sign.repeat(80), 80), format!("{}…", sign.repeat(17)));
}

#[test]
fn marks_that_show_nothing_are_dropped_from_names_of_items() {
    for (raw, expected) in [
        ("Wal\u{ad}nuss", "Walnuss"),
        ("\u{1f468}\u{200d}\u{1f469} menu", "\u{1f468}\u{1f469} menu"),
        ("tea\u{fe00}", "tea"),
        ("نان\u{200c}ها", "نان\u{200c}ها"),
    ] {
        assert_eq!(item("f", raw, 1..=20).unwrap(), expected);
    }
    assert!(item("f", "tea\u{202e}", 1..=20).is_err() && item("f", "\u{ad}", 1..=20).is_err());
}

#[test]
fn what_can_be_read_of_a_text_is_a_line() {
    for (raw, expected) in [
        ("Tab\tbed\n", "Tab bed"),
        ("a\u{202e}b\u{200b}\u{feff}", "ab"),
        ("\u{200d}\0", ""),
        ("12345678901", "123456789…"),
        ("1234567890", "1234567890"),
    ] {
        assert_eq!(readable(raw, 10), expected, "{raw:?}");
    }
}

#[test]
fn digits_of_every_script_have_their_value() {
    for (char, value) in [('7', 7), ('\u{ff17}', 7), ('\u{667}', 7), ('\u{96d}', 7), ('\u{1d7d5}', 7)] {
        assert_eq!(decimal_digit(char), Some(value));
    }
    for char in ['a', '\u{ff1a}', '\u{e9}', '\u{b2}', '\u{10ffff}'] {
        assert_eq!(decimal_digit(char), None);
    }
}

#[test]
fn capitals_make_no_other_name() {
    for (one, other) in [
        ("İnci", "inci"),
        ("İNCİ", "inci"),
        ("IŞIK", "ışık"),
        ("Strauß", "STRAUSS"),
        ("STRAUẞ", "strauß"),
        ("\u{390}", "\u{399}\u{308}\u{301}"),
        ("ΚΑΦΕΣ", "καφες"),
        ("Čaj", "ČAJ"),
    ] {
        assert!(is_same(one, other) && is_same(other, one), "{one} and {other}");
        assert!(has_same_letters(one, other) && has_same_letters(other, one), "{one} and {other}");
        assert_eq!(in_capitals(one), in_capitals(other), "{one} and {other}");
        assert_eq!(unaccented(one), unaccented(other), "{one} and {other}");
    }
    for (one, other) in [("Strauß", "straus"), ("inci", "incı s"), ("ϊ", "\u{390}"), ("z\u{307}", "z")] {
        assert!(!is_same(one, other) && in_capitals(one) != in_capitals(other), "{one} and {other}");
    }
}

proptest! {
    #[test]
    fn a_normal_form_stays_as_it_is(raw in any::<String>()) {
        if let Ok(text) = line("f", &raw, 0..=200) {
            prop_assert_eq!(line("f", &text, 0..=200).unwrap(), text);
        }
    }

    #[test]
    fn lower_case_stays_as_it_is(raw in "\\PC{0,40}") {
        if let Ok(text) = lower_line("f", &raw, 0..=200) {
            prop_assert_eq!(lower_line("f", &text, 0..=200).unwrap(), text);
        }
    }

    #[test]
    fn equivalent_texts_are_one(raw in "\\PC{0,40}") {
        let decomposed: String = raw.nfd().collect();
        prop_assert_eq!(line("f", &raw, 0..=400), line("f", &decomposed, 0..=400));
    }

    #[test]
    fn language_never_panics(raw in any::<String>()) {
        if let Ok(tag) = language("f", &raw) {
            prop_assert_eq!(language("f", &tag).unwrap(), tag);
        }
    }
}

#[test]
fn letters_without_marks_of_their_own_may_be_read_alone() {
    for letter in '\0'..'\u{300}' {
        let text = format!("a{letter}I{letter}");
        assert_eq!(letter_by_letter(&text), with_marks(&text), "{letter:?}");
    }
}
