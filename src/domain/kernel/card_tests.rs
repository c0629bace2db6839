use proptest::prelude::*;

use super::*;

fn one(text: &str) -> Result<(), Violation> {
    refuse_card_data([("note", text)])
}

/// Published test numbers of the schemes.
const PANS: [&str; 14] = [
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
];

#[test]
fn card_numbers_are_refused_however_they_are_written() {
    for pan in PANS {
        assert!(one(pan).is_err(), "{pan}");
        assert!(one(&format!("card {pan}, thanks")).is_err(), "{pan}");
        assert!(one(&format!("on 2024-03-01 {pan} 12/27")).is_err(), "{pan}");
        for gap in [" ", "-", ".", " - ", "\u{a0}", "\u{2011}", "_", "/"] {
            let groups: Vec<&str> = (0..pan.len()).step_by(4).map(|at| &pan[at..pan.len().min(at + 4)]).collect();
            assert!(one(&groups.join(gap)).is_err(), "{pan} with {gap:?}");
        }
        let full_width: String = pan.chars().map(|digit| char::from_u32(digit as u32 + 0xfee0).unwrap()).collect();
        let arabic: String = pan.chars().map(|digit| char::from_u32(digit as u32 - 0x30 + 0x660).unwrap()).collect();
        assert!(one(&full_width).is_err(), "{pan}");
        assert!(one(&arabic).is_err(), "{pan}");
    }
    assert!(one("3782 822463 10005").is_err());
    // No telephone number has 16 digits, and a "+" of before is no "+" of this one.
    assert!(one("+4111 1111 1111 1111").is_err());
    assert!(one("pays by+4111111111111111").is_err());
    assert!(one("2+ 4222222222222").is_err());
    assert!(refuse_card_data([("a", "+"), ("b", "4222222222222")]).is_err());
    assert!(one("3056 930902 5904").is_err());
    assert!(one("4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1").is_err());
    assert!(one("41111-11111-111111").is_err());
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
        "CVV 123",
        "cvv:1234",
        "cvc2 = 123",
        "CVV2: 123",
        "my csc is 123",
        "cvv123",
        "123 CVV",
        "cvv code number 123",
        "\u{ff23}\u{ff36}\u{ff36} \u{ff11}\u{ff12}\u{ff13}",
    ] {
        assert!(one(text).is_err(), "{text}");
    }
    assert!(refuse_card_data([("a", "CVV"), ("b", "123")]).is_err());
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
    assert!(refuse_card_data_unless_issued([("value", own.as_str())], &prefixes).is_ok());
    assert!(refuse_card_data_unless_issued([("value", "6011111111111117")], &prefixes).is_err());
}

fn with_check_digit(body: &str) -> String {
    (0..10).map(|digit| format!("{body}{digit}")).find(|number| is_valid(number)).unwrap()
}

fn is_valid(number: &str) -> bool {
    let digits: Vec<u8> = number.bytes().map(|byte| byte - b'0').collect();
    luhn(&digits)
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
