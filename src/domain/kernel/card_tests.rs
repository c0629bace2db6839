use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization;

use super::*;

#[path = "card_kinds_tests.rs"]
mod kinds;

fn one(text: &str) -> Result<(), Violation> {
    refuse_card_data([("note", text)])
}

fn reference(text: &str) -> Result<(), Violation> {
    refuse_card_data_in([("external_id", text, Use::Reference)], &[])
}

/// Published test numbers of the schemes, and numbers of ranges that publish none.
const PANS: [&str; 18] = [
    "4111111111111111",
    "4222222222222",
    "5555555555554444",
    "2223003122003222",
    "378282246310005",
    "6011111111111117",
    "3530111333300000",
    "30569309025904",
    "38520000023237",
    "6200000000000005",
    "6759649826438453",
    "6304000000000000",
    "4000000000000000006",
    "5018000000000009",
    "135412345678911",
    "8200000000000001",
    "5080000000000002",
    "3530000000000003",
];

#[test]
fn card_numbers_are_refused_however_they_are_written() {
    for pan in PANS {
        // Thirteen digits of Visa, see below.
        let is_rare = pan.len() == 13;
        assert_eq!(one(pan).is_err(), !is_rare, "{pan}");
        assert!(one(&format!("card {pan}, thanks")).is_err(), "{pan}");
        assert_eq!(one(&format!("on 2024-03-01 {pan} 12/27")).is_err(), !is_rare, "{pan}");
        for gap in [" ", "-", ".", " - ", "\u{a0}", "\u{2011}", "_", "/"] {
            let groups: Vec<&str> = (0..pan.len()).step_by(4).map(|at| &pan[at..pan.len().min(at + 4)]).collect();
            assert!(one(&groups.join(gap)).is_err(), "{pan} with {gap:?}");
        }
        let full_width: String = pan.chars().map(|digit| char::from_u32(digit as u32 + 0xfee0).unwrap()).collect();
        let arabic: String = pan.chars().map(|digit| char::from_u32(digit as u32 - 0x30 + 0x660).unwrap()).collect();
        for digits in [full_width, arabic] {
            assert_eq!(one(&digits).is_err(), !is_rare, "{pan}");
            assert!(one(&format!("Visa: {digits}")).is_err(), "{pan}");
        }
    }
    assert!(one("3782 822463 10005").is_err());
    // No telephone number has 16 digits, and a "+" of before is no "+" of this one.
    assert!(one("+4111 1111 1111 1111").is_err());
    assert!(one("pays by+4111111111111111").is_err());
    assert!(one("2+ 378282246310005").is_err());
    assert!(refuse_card_data([("a", "+"), ("b", "378282246310005")]).is_err());
    assert!(one("3056 930902 5904").is_err());
    assert!(one("4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1").is_err());
    assert!(one("41111-11111-111111").is_err());
    assert!(one("table 12 41111 11111 111111 2 adults").is_err());
    assert!(one("1354 12345 678911").is_err());
    assert!(one("620000 0000000000000").is_err());
}

#[test]
fn thirteen_digits_alone_are_a_barcode_or_an_order() {
    // EAN of the German and the British range with the check digits of barcode and card, alone and as printed.
    for text in ["4000000000006", "4 000000 000006", "tea 4000000000006, two", "5018000000031", "4915550000009"] {
        assert!(one(text).is_ok() && reference(text).is_ok(), "{text}");
    }
    // Grouped as a card, or beside a word about cards.
    for text in
        ["4222 2222 2222 2", "4222 222 222 222", "4000-0000-0000-6", "Visa 4222222222222", "4222222222222 (card)"]
    {
        assert!(one(text).is_err() && reference(text).is_err(), "{text}");
    }
    assert!(one("card 4000000000006").is_err());
    // Shops sell cards, too.
    assert!(reference("Birthday card 4000000000006").is_ok());
    // The word belongs to the number in the same text alone, and not from afar.
    assert!(refuse_card_data([("text", "2 by card"), ("note", "4222222222222")]).is_ok());
    assert!(one("card for the room with a view, order 4222222222222").is_ok());
}

#[test]
fn references_must_look_like_cards() {
    for pan in PANS {
        assert!(reference(pan).is_ok(), "{pan}");
        assert!(reference(&format!("R-{pan}/1")).is_ok(), "{pan}");
        let fours: Vec<&str> = (0..pan.len()).step_by(4).map(|at| &pan[at..pan.len().min(at + 4)]).collect();
        for text in
            [fours.join(" "), fours.join("-"), format!("card {pan}"), format!("CARD-{pan}"), format!("{pan} Visa")]
        {
            assert!(reference(&text).is_err(), "{text}");
        }
    }
    assert!(reference("3782 822463 10005").is_err());
    assert!(reference("41111111 11111111").is_err());
    assert!(reference("41111-11111-111111").is_ok());
    assert!(reference("4111111111111111 CVV 737").is_err());
    assert!(reference(";4111111111111111=2512?").is_err());
    // A card is as split over references as over words, but two of them in a list are two numbers.
    let split = |texts: [&str; 2]| refuse_card_data_in(texts.map(|text| ("item", text, Use::Reference)), &[]);
    assert!(split(["4111 1111", "1111 1111"]).is_err());
    assert!(split(["41111111", "11111111"]).is_ok());
    let mixed = |one, other| refuse_card_data_in([("a", "41111111", one), ("b", "11111111", other)], &[]);
    assert!(mixed(Use::Words, Use::Words).is_err());
    assert!(mixed(Use::Reference, Use::Words).is_ok());
}

#[test]
fn accounts_and_parcels_are_no_cards() {
    // Of a published example, and of digits that hold a card's number.
    for text in ["CH93 0076 2011 6238 5295 7", "IBAN DE89 3704 0044 0532 0130 00", "FI2112345600000785"] {
        assert!(one(text).is_ok(), "{text}");
    }
    assert!(one("CH12 4111 1111 1111 1111 2").is_ok());
    assert!(one("1Z4111111111111111").is_ok());
    // Not long enough, of no country, with wrong check digits, no parcel.
    for text in [
        "CH12 4111 1111 1111 1111",
        "QQ12 4111 1111 1111 1111 2",
        "FI4111111111111111",
        "2Z4111111111111111",
        "z4111111111111111",
    ] {
        assert!(one(text).is_err(), "{text}");
    }
}

#[test]
fn a_long_text_is_read_once() {
    // Where the work grew with the square of the length, these would take minutes.
    for part in ["4 ", "1-", "cvv ", "cvv: 1 ", "4111 ", "card ", "CH12 ", "4+", "=", "4111111111111112 "] {
        assert!(one(&part.repeat(20_000)).is_ok(), "{part}");
    }
}

#[test]
fn a_number_split_over_neighbouring_texts_is_found() {
    for cut in 1..15 {
        let (one, other) = "4111111111111111".split_at(cut);
        let violation = refuse_card_data([("name.full", one), ("name.addressed_as", other)]).unwrap_err();
        assert_eq!(violation.field, "name.addressed_as");
        assert!(
            refuse_card_data([("a", format!("pays by {one}").as_str()), ("b", ""), ("c", other)]).is_err(),
            "{cut}"
        );
    }
    assert!(refuse_card_data([("a", "4111 1111"), ("b", "1111"), ("c", "1111")]).is_err());
    // Words between them are another matter.
    assert!(refuse_card_data([("a", "4111 1111 and"), ("b", "1111 1111")]).is_ok());
    assert!(refuse_card_data([("a", "4111 1111"), ("b", "table"), ("c", "1111 1111")]).is_ok());
}

#[test]
fn verification_codes_and_stripes_are_refused() {
    for text in [
        "cvv:1234",
        "cvc2 = 123",
        "CVV 123",
        "cvv123",
        "123 CVV",
        "CVV2 123",
        "CVC2: 123",
        "my card's csc is 123",
        "visa cvv123",
        "card: 123 CVV",
        "cvv code number 123",
        "CVC 123, exp 12/29",
        "Karte, CVC 0454",
        "\u{ff23}\u{ff36}\u{ff36}\u{ff1a} \u{ff11}\u{ff12}\u{ff13}",
    ] {
        assert!(one(text).is_err() && reference(text).is_err(), "{text}");
    }
    assert!(refuse_card_data([("a", "CVV:"), ("b", "123")]).is_err());
    assert!(refuse_card_data([("a", "CVV"), ("b", "123")]).is_err());
    assert!(refuse_card_data([("a", "Visa, CVV"), ("b", "123")]).is_err());
    assert!(one("%B4111111111111111^DOE/JOHN^25121010000000000000?").is_err());
    assert!(one(";4111111111111111=25121010000000000000?").is_err());
    assert!(one(";5413330089020011=2512?").is_err());
}

#[test]
fn ordinary_numbers_pass() {
    for text in [
        "+41 44 668 18 00",
        "+1 415 555 2671",
        "+4915123456789",
        // The check digit is that of a card.
        "+4915550000009",
        "tel+4915550000009",
        "call +49 1555 0000009 after 18:00",
        "+34 612 345 678",
        "044 668 18 00 / 079 123 45 67",
        "2017-12-31 14:05:22",
        "20171231140522",
        "1,234,567.50",
        "4.111.111.111.111.111",
        "Room 1204, table 12, 2 adults",
        "4111111111111112",
        "1234567890123456",
        "0000000000000000",
        "9999999999999999999999",
        "CVV unknown",
        "CVV: unknown, room 123",
        "meet at CSC 635",
        "CVC 0454 school trip",
        "635 CSC",
        "CVC 1 beat CSC 120 to 110",
        "CVC 0454 school trip, all of them pay by card",
        "302-1234567-7654321",
        "cvs 1234 store",
        "door security code 1234",
        "order 41111111111111111111111111",
        "prefers 16 pillows, 4 blankets",
        "",
    ] {
        assert!(one(text).is_ok(), "{text}");
    }
    // Price look-up numbers of fruit begin with 4; many side by side are no card.
    let fruit: Vec<(&str, &str)> = ["4011", "4087", "4225", "3283"].into_iter().map(|code| ("item", code)).collect();
    assert!(refuse_card_data(fruit).is_ok());
}

#[test]
fn issued_numbers_pass() {
    let prefixes = ["60110099".to_owned()];
    let own = with_check_digit("601100991234567");
    assert!(one(&own).is_err());
    let key = |value: &str| refuse_card_data_in([("value", value, Use::Words)], &prefixes);
    assert!(key(&own).is_ok());
    assert!(key("6011111111111117").is_err());
}

fn with_check_digit(body: &str) -> String {
    (0..10).map(|digit| format!("{body}{digit}")).find(|number| is_valid(number)).unwrap()
}

fn is_valid(number: &str) -> bool {
    let digits: Vec<u8> = number.bytes().map(|byte| byte - b'0').collect();
    issuers::luhn(&digits)
}

proptest! {
    #[test]
    fn the_number_is_never_in_the_error(body in "4[0-9]{14}", before in "[a-z ]{0,10}") {
        let pan = with_check_digit(&body);
        let violation = one(&format!("{before} {pan}")).unwrap_err();
        prop_assert!(!violation.message.chars().any(|char| char.is_ascii_digit()));
        prop_assert_eq!(violation.field, "note");
    }

    #[test]
    fn fours_are_found_with_any_gap(body in "5[1-5][0-9]{13}", gap in "[^\\p{L}\\p{N}]{0,3}") {
        // Compatibility forms may turn one character into several.
        prop_assume!(gap.nfkc().count() <= 3 && !gap.nfkc().any(char::is_alphanumeric));
        let pan = with_check_digit(&body);
        let groups: Vec<&str> = (0..16).step_by(4).map(|at| &pan[at..at + 4]).collect();
        prop_assert!(one(&groups.join(&gap)).is_err());
    }

    #[test]
    fn anything_can_be_read(texts in prop::collection::vec(any::<String>(), 0..5)) {
        let _ = refuse_card_data(texts.iter().map(|text| ("f", text.as_str())));
    }

    #[test]
    fn digits_and_gaps_can_be_read(text in "[0-9 .+;=^-]{0,80}") {
        let _ = one(&text);
    }

    #[test]
    fn wrong_check_digits_pass(body in "4[0-9]{14}", off in 1u8..10) {
        let pan = with_check_digit(&body);
        let last = (pan.as_bytes()[15] - b'0' + off) % 10;
        let wrong = format!("{body}{last}");
        prop_assert!(one(&wrong).is_ok());
    }
}
