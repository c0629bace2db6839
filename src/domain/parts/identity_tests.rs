use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization;

use super::*;

const SWITZERLAND: Region = Region(*b"CH");

fn parse(kind: IdentityType, value: &str, region: Option<Region>) -> Result<String, Violation> {
    Identity::parse("identity", kind, "", value, region, &[]).map(|identity| identity.value)
}

fn phone(value: &str, region: Option<Region>) -> Result<String, Violation> {
    parse(IdentityType::Phone, value, region)
}

#[test]
fn phones_become_e164() {
    for value in ["+41 44 668 18 00", "+41446681800", "\u{ff0b}\u{ff14}\u{ff11}446681800", "+41 (0)44 668 18 00"] {
        assert_eq!(phone(value, None).unwrap(), "+41446681800", "{value}");
    }
    for value in ["044 668 18 00", "044/668-18-00", "0041 44 668 18 00", "044\u{2011}668\u{2011}18\u{2011}00"] {
        assert_eq!(phone(value, Some(SWITZERLAND)).unwrap(), "+41446681800", "{value}");
    }
    let arabic: String = "0446681800".chars().map(|char| char::from_u32(char as u32 - 0x30 + 0x660).unwrap()).collect();
    assert_eq!(phone(&arabic, Some(SWITZERLAND)).unwrap(), "+41446681800");
    // An Italian number keeps its leading zero.
    assert_eq!(phone("+39 06 6982", None).unwrap(), "+39066982");
    assert_eq!(phone("+1 415 555 2671", Some(SWITZERLAND)).unwrap(), "+14155552671");
}

#[test]
fn phones_that_are_none_are_refused() {
    for value in
        ["+41", "+41 1", "++41446681800", "+41 44 668 18 00 ext. 5", "abc", "+999123456789", "12", "+", "0", "()"]
    {
        let violation = phone(value, Some(SWITZERLAND)).unwrap_err();
        assert_eq!(violation.field, "identity.value", "{value}");
    }
    let violation = phone("044 668 18 00", None).unwrap_err();
    assert!(violation.message.contains("country code"), "{}", violation.message);
}

#[test]
fn mail_addresses_are_lowered() {
    assert_eq!(parse(IdentityType::Email, "Ana.Ferreira@Example.COM", None).unwrap(), "ana.ferreira@example.com");
    assert_eq!(parse(IdentityType::Email, "\u{ff41}na@example.com", None).unwrap(), "ana@example.com");
    let bad = ["a@localhost", "ana", "@example.com", "ana@", "Ana <a@example.com>", "a b@example.com", "a@[127.0.0.1]"];
    for value in bad {
        assert!(parse(IdentityType::Email, value, None).is_err(), "{value}");
    }
}

#[test]
fn keys_keep_their_case_and_may_hold_any_visible_sign() {
    for value in ["LOY-9f3A", "urn:opera:{7}:*", "4711 0815"] {
        assert_eq!(parse(IdentityType::System, value, None).unwrap(), value);
    }
    assert_eq!(parse(IdentityType::Loyalty, "\u{ff11}\u{ff12}3", None).unwrap(), "123");
}

#[test]
fn hostile_keys_are_refused() {
    let long = "x".repeat(10_240);
    for value in ["", "  ", "a\0b", "a\nb", "a\rb", "a\u{202e}b", "a\u{200b}b", long.as_str()] {
        for kind in [IdentityType::Loyalty, IdentityType::Phone, IdentityType::Email, IdentityType::Room] {
            assert!(parse(kind, value, None).is_err());
        }
    }
    let violation = Identity::parse("identity", IdentityType::Pms, "a\0", "7", None, &[]).unwrap_err();
    assert_eq!(violation.field, "identity.issuer");
    assert!(Identity::parse("identity", IdentityType::Pms, &"x".repeat(65), "7", None, &[]).is_err());
}

#[test]
fn a_compatible_form_that_grows_past_the_limit_is_refused() {
    // One character that stands for eighteen.
    assert!(parse(IdentityType::System, &"\u{fdfa}".repeat(100), None).is_err());
}

#[test]
fn keys_that_look_like_cards_are_refused_unless_issued() {
    for kind in [IdentityType::Loyalty, IdentityType::Pms, IdentityType::Pos, IdentityType::System] {
        for value in ["6011 1111 1111 1117", "4111-1111-1111-1111", "VISA-4111111111111111"] {
            let violation = parse(kind, value, None).unwrap_err();
            assert!(!violation.message.contains("1111"));
        }
        let issued = ["60111111".to_owned()];
        for value in ["6011111111111117", "6011 1111 1111 1117"] {
            assert!(Identity::parse("i", kind, "", value, None, &issued).is_ok());
        }
        assert!(Identity::parse("i", kind, "", "4111 1111 1111 1111", None, &issued).is_err());
        assert!(parse(kind, "6011111111111118", None).is_ok());
        // Tills and hotel systems number their customers as they like.
        let is_numbered_at_will = matches!(kind, IdentityType::Pms | IdentityType::Pos);
        assert_eq!(parse(kind, "6011111111111117", None).is_ok(), is_numbered_at_will);
        assert_eq!(parse(kind, "135412345678911", None).is_ok(), is_numbered_at_will);
    }
    let issued = ["4111".to_owned()];
    assert!(Identity::parse("i", IdentityType::Email, "", "4111111111111111@example.com", None, &issued).is_err());
}

#[test]
fn regions_are_those_with_a_telephone_plan() {
    assert_eq!(Region::parse("region", "ch").unwrap(), SWITZERLAND);
    for raw in ["", "C", "CHE", "ZZ", "\u{dc}S", "00"] {
        assert!(Region::parse("region", raw).is_err(), "{raw}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn normal_forms_stay_as_they_are(value in "\\PC{1,30}") {
        for kind in [IdentityType::System, IdentityType::Email, IdentityType::Phone] {
            if let Ok(normal) = parse(kind, &value, Some(SWITZERLAND)) {
                prop_assert_eq!(parse(kind, &normal, None).unwrap(), normal);
            }
        }
    }

    #[test]
    fn written_phones_stay_as_they_are(value in "[+]?[0-9 ()./-]{3,20}") {
        if let Ok(normal) = phone(&value, Some(SWITZERLAND)) {
            prop_assert!(normal.starts_with('+') && normal[1..].bytes().all(|byte| byte.is_ascii_digit()));
            prop_assert_eq!(phone(&normal, None).unwrap(), normal);
        }
    }

    #[test]
    fn equivalent_values_are_one(value in "[\u{e0}-\u{ff}\u{1ea0}-\u{1ef9}a-z]{1,20}") {
        let decomposed: String = value.nfd().collect();
        prop_assert_eq!(parse(IdentityType::Room, &value, None), parse(IdentityType::Room, &decomposed, None));
    }

    #[test]
    fn anything_can_be_read(value in any::<String>(), issuer in any::<String>()) {
        for kind in [IdentityType::Phone, IdentityType::Email, IdentityType::Loyalty, IdentityType::Table] {
            let _ = Identity::parse("i", kind, &issuer, &value, Some(SWITZERLAND), &[]);
        }
    }
}

/// SplitMix64 (public domain): the same numbers in every run.
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[test]
fn mobile_numbers_of_a_cards_length_are_no_cards() {
    let mut seed = 7;
    let numbers = |prefix: &'static str, digits: u32, count: usize, seed: &mut u64| -> Vec<String> {
        let most = 10_u64.pow(digits);
        let number = |_| format!("{prefix}{:0width$}", next(seed) % most, width = digits as usize);
        (0..count).map(number).collect()
    };
    let german = numbers("+4915", 9, 2_000, &mut seed);
    let austrian = numbers("+43664", 8, 400, &mut seed);
    let is_card = |violation: &Violation| violation.message.contains("payment card");
    for (numbers, luck) in [(german, 150), (austrian, 20)] {
        // Many would pass for a card's if nobody saw the "+": else this proves nothing.
        let like_cards = numbers.iter().filter(|number| {
            let unseen = format!("card {}", &number[1..]);
            card::refuse_card_data([("note", unseen.as_str())]).is_err()
        });
        assert!(like_cards.count() > luck);
        for number in numbers {
            assert!(!phone(&number, None).is_err_and(|violation| is_card(&violation)), "{number}");
            for text in [number.clone(), format!("call{number}"), format!("Tel. {number}"), format!("({number})")] {
                assert!(card::refuse_card_data([("note", text.as_str())]).is_ok(), "{text}");
            }
            // As one dials abroad: the texts around it know no "+", the identity is a telephone's all the same.
            let dialled = number.replacen('+', "00", 1);
            assert!(!phone(&dialled, Some(SWITZERLAND)).is_err_and(|violation| is_card(&violation)), "{dialled}");
        }
    }
}

#[test]
fn a_card_is_no_telephone() {
    for value in ["+4111 1111 1111 1111", "+4111111111111111", "4222 2222 2222 2", "+5555 5555 5555 4444"] {
        let violation = phone(value, Some(Region(*b"DE"))).unwrap_err();
        assert!(violation.message.contains("payment card"), "{value}: {}", violation.message);
    }
}

#[test]
fn a_room_has_the_forms_of_before_and_those_of_its_venue_come_first() {
    let of = |issuer: &str, value: &str| Identity {
        kind: IdentityType::Room,
        issuer: issuer.to_owned(),
        value: value.to_owned(),
    };
    let expected = ["SUITE 1B", "suite 1B", "suite 1b", "Suite 1b"];
    let forms = of("here", "suite 1B").forms();
    let expected: Vec<Identity> = ["here", ""].iter().flat_map(|at| expected.map(|value| of(at, value))).collect();
    assert_eq!(forms, expected);
    assert_eq!(of("here", "suite 1B").as_kept(), forms[0]);
    // Of a number there is one, and of a loyalty number only itself: systems exist whose keys differ in case alone.
    assert_eq!(of("here", "612").forms(), [of("here", "612"), of("", "612")]);
    let number = Identity { kind: IdentityType::Loyalty, ..of("miles", "gc-1") };
    assert_eq!(number.forms().as_slice(), [number.clone()].as_slice());
    assert_eq!(number.clone().as_kept(), number);
}

#[test]
fn a_room_is_kept_alike_however_it_is_written() {
    let kept = |value: &str| {
        let room = Identity { kind: IdentityType::Room, issuer: "here".to_owned(), value: value.to_owned() };
        // One kept before, in the capitals of its own letters, is still found.
        let before = Identity { value: value.to_uppercase(), ..room.clone() };
        assert!(room.forms().contains(&before), "{value}");
        room.as_kept()
    };
    for (one, other) in
        [("İnci", "İNCİ"), ("İnci", "inci"), ("\u{390}", "\u{3aa}\u{301}"), ("Gauß", "GAUẞ"), ("Gauß", "gauss")]
    {
        assert_eq!(kept(one), kept(other), "{one} and {other}");
    }
}
