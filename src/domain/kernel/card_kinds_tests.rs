//! Kinds of numbers, many of each: cards in every form they are written in, and numbers that are no card's.

use super::*;

/// `SplitMix64` (public domain): the same numbers in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) as usize % bound
    }

    /// A pattern with `#` for any digit.
    fn fill(&mut self, pattern: &str) -> String {
        let mut digit = |char| if char == '#' { char::from(b'0' + self.below(10) as u8) } else { char };
        pattern.chars().map(&mut digit).collect()
    }
}

/// First digits and length; several first digits of a range are drawn from.
const ISSUERS: [(&str, &[&str], usize); 31] = [
    ("Visa", &["4"], 16),
    ("Visa", &["4"], 13),
    ("Visa", &["4"], 19),
    ("Mastercard", &["51", "52", "53", "54", "55"], 16),
    ("Mastercard", &["2221", "2229", "223", "24", "26", "270", "2720"], 16),
    ("American Express", &["34", "37"], 15),
    ("Discover", &["6011", "65", "644", "649", "622126", "622925"], 16),
    ("Discover", &["6011"], 19),
    ("JCB", &["3528", "3540", "3589"], 16),
    ("Diners Club", &["300", "305", "309", "36", "38", "39"], 14),
    ("UnionPay", &["62", "81"], 16),
    ("UnionPay", &["62"], 17),
    ("UnionPay", &["62"], 18),
    ("UnionPay", &["62"], 19),
    ("Maestro", &["5018", "5020", "5038", "5893", "6304", "6759", "6761", "6762", "6763"], 16),
    ("Maestro", &["5018", "6759"], 13),
    ("Maestro", &["5018", "6759"], 19),
    ("Mir", &["2200", "2204"], 16),
    ("RuPay", &["60", "65", "81", "82", "508", "353", "356"], 16),
    ("Troy", &["9792"], 16),
    ("Elo", &["636368", "438935", "504175", "451416", "509048"], 16),
    ("Dankort", &["5019"], 16),
    ("Verve", &["506099", "650002"], 16),
    ("UATP", &["1"], 15),
    ("InterPayment", &["636"], 16),
    ("Hipercard", &["606282"], 16),
    ("Laser", &["6304", "6706", "6709", "6771"], 16),
    ("Solo", &["6334", "6767"], 18),
    ("Bankcard", &["5610", "560221"], 16),
    ("BORICA", &["2205"], 16),
    ("InstaPayment", &["637", "639"], 16),
];

/// Its name, and how it writes a number.
type Form = (&'static str, fn(&str) -> String);

/// Grouped as on a card, or beside a word about cards: refused in every text.
const CLEAR_FORMS: [Form; 7] = [
    ("blanks", |pan| grouped(pan, " ")),
    ("dashes", |pan| grouped(pan, "-")),
    ("dots", |pan| grouped(pan, ".")),
    ("slashes", |pan| grouped(pan, "/")),
    ("hard blanks", |pan| grouped(pan, "\u{a0}")),
    ("single digits", |pan| pan.chars().map(String::from).collect::<Vec<_>>().join(" ")),
    ("a sentence", |pan| format!("card {pan} exp 12/29 thanks")),
];

/// Digits alone.
const BARE_FORMS: [Form; 3] =
    [("plain", str::to_owned), ("full-width", |pan| moved(pan, 0xff10)), ("Arabic", |pan| moved(pan, 0x660))];

fn moved(pan: &str, zero: u32) -> String {
    pan.bytes().filter_map(|byte| char::from_u32(u32::from(byte - b'0') + zero)).collect()
}

/// As a form for cards shows the digits.
fn grouped(pan: &str, gap: &str) -> String {
    let cuts: &[usize] = if pan.len() < 16 && pan.len() > 13 { &[4, 10] } else { &[4, 8, 12, 16] };
    let ends = cuts.iter().copied().filter(|cut| *cut < pan.len()).chain([pan.len()]);
    let starts = [0].into_iter().chain(cuts.iter().copied());
    starts.zip(ends).map(|(start, end)| &pan[start..end]).collect::<Vec<_>>().join(gap)
}

fn digits_of(text: &str) -> Vec<u8> {
    text.bytes().filter(u8::is_ascii_digit).map(|byte| byte - b'0').collect()
}

#[test]
fn cards_of_every_issuer_are_found_in_every_form() {
    let mut dice = Dice(18);
    let mut barcodes = 0;
    for (issuer, firsts, length) in ISSUERS.into_iter().flat_map(|issuer| [issuer; 60]) {
        let first = firsts[dice.below(firsts.len())];
        let pan = with_check_digit(&dice.fill(&format!("{first}{}", "#".repeat(length - 1 - first.len()))));
        let is_barcode = issuers::is_barcode(&digits_of(&pan));
        barcodes += usize::from(is_barcode);
        for (form, write) in CLEAR_FORMS {
            assert!(one(&write(&pan)).is_err(), "{issuer} {pan} in {form}");
            let is_missed = is_barcode && form == "a sentence";
            assert_eq!(reference(&write(&pan)).is_ok(), is_missed, "{issuer} {pan} in {form}");
        }
        for (form, write) in BARE_FORMS {
            // What thirteen digits need is told elsewhere.
            let is_missed = is_barcode || (issuer == "Visa" && length == 13);
            assert_eq!(one(&write(&pan)).is_ok(), is_missed, "{issuer} {pan} in {form}");
            assert!(reference(&write(&pan)).is_ok(), "{issuer} {pan} in {form}");
        }
    }
    assert!(barcodes > 0, "none of the numbers is a barcode, too");
}

/// Ends a body of digits with the check digit of EAN and GTIN.
fn barcode(body: &str) -> String {
    (0..10).map(|digit| format!("{body}{digit}")).find(|code| issuers::is_barcode(&digits_of(code))).unwrap()
}

/// Patterns of numbers that no card has: not one may be refused anywhere.
const NO_CARDS: [&str; 35] = [
    "+41 ## ### ## ##",
    "+4915#########",
    "004915#########",
    "4915#########",
    "49 15# ########",
    "+49 (0) 15# ########",
    "(###) ###-####",
    "044 ### ## ## / 079 ### ## ##",
    "########",
    "##########",
    "############",
    "202611########",
    "302-#######-#######",
    "89################",
    "17###########",
    "17##############",
    "3#################",
    "CH## #### #### #### #### #",
    "DE## #### #### #### #### ##",
    "DE####################",
    "AT## #### #### #### ####",
    "NO## #### #### ###",
    "2026-11-## 2026-12-##",
    "27.11.2026 1#:##",
    "47.######, 8.######",
    "##.## ##.## ##.## ##.##",
    "00340434############",
    "1Z################",
    "ZH ######, 079 ### ## ##",
    "1######## 1########",
    "62####### #########",
    "1## 1## 1## 1## 1## 1##",
    "meet at CSC ###",
    "CVC #### school trip",
    "40########-####-4###-8###-############",
];

#[test]
fn numbers_of_other_kinds_pass_everywhere() {
    let mut dice = Dice(43);
    let mut luck = 0;
    for pattern in NO_CARDS.into_iter().flat_map(|pattern| [pattern; 300]) {
        let text = dice.fill(pattern);
        luck += usize::from(issuers::luhn(&digits_of(&text)));
        assert!(one(&text).is_ok(), "{text}");
        assert!(reference(&text).is_ok(), "{text}");
    }
    // With the check digit of a card: else this proves little.
    assert!(luck > 34 * 20, "{luck}");
    for start in
        ["400", "440", "50", "5018", "6759", "76", "978", "979", "36"].into_iter().flat_map(|start| [start; 300])
    {
        let body = dice.fill(&format!("{start}{}", "#".repeat(12 - start.len())));
        let code = barcode(&body);
        let printed = format!("{} {} {}", &code[..1], &code[1..7], &code[7..]);
        let isbn = format!("{}-{}-{}-{}-{}", &code[..3], &code[3..4], &code[4..8], &code[8..12], &code[12..]);
        for text in [code.as_str(), &printed, &isbn, &format!("{code} x 2")] {
            assert!(one(text).is_ok() && reference(text).is_ok(), "{text}");
        }
    }
}

#[test]
fn no_random_uuid_is_a_card() {
    let mut dice = Dice(9562);
    let mut like_a_card = 0;
    for _ in 0..20_000 {
        let mut uuid = String::new();
        for pattern in "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx".chars() {
            uuid.push(match pattern {
                'x' => char::from(b"0123456789abcdef"[dice.below(16)]),
                'y' => char::from(b"89ab"[dice.below(4)]),
                _ => pattern,
            });
        }
        like_a_card += usize::from(one(&uuid).is_err());
        assert!(reference(&uuid).is_ok(), "{uuid}");
        assert!(reference(&uuid.to_uppercase()).is_ok(), "{uuid}");
    }
    // As words they are looked at: else this proves little.
    assert!(like_a_card > 0);
    for refused in ["2ba27c88-4580-4039-9628-56583f1be19c", "b858d274-9c02-4531-9215-22777a6f21f2"] {
        assert!(one(refused).is_err() && reference(refused).is_ok(), "{refused}");
        // More than a UUID is none.
        assert!(reference(&format!("{refused} card 4111-1111-1111-1111")).is_err());
    }
}

/// Numbers of other systems that are as long as a card's: with an issuer's first digits and a right check digit nothing tells
/// them from a card's.
const AS_LONG_AS_CARDS: [&str; 8] = [
    "##############",
    "################",
    "##################",
    "###################",
    "6###############",
    "8###############",
    "2#############",
    "####-####-####-####",
];

#[test]
fn what_passes_for_a_card_is_rare_among_references() {
    let mut dice = Dice(8);
    let (mut in_words, mut in_references, mut all) = (0, 0, 0);
    for pattern in AS_LONG_AS_CARDS.into_iter().flat_map(|pattern| [pattern; 1_000]) {
        let text = dice.fill(pattern);
        let digits = digits_of(&text);
        let is_like_a_card = issuers::luhn(&digits) && issuers::issued(&digits, &[]).is_some();
        let (word, reference) = (one(&text).is_err(), reference(&text).is_err());
        assert!(is_like_a_card || !(word || reference), "{text}");
        assert!(!reference || text.contains('-'), "{text}");
        all += 1;
        in_words += usize::from(word);
        in_references += usize::from(reference);
    }
    // Nearly all of them are receipts and orders, which are references.
    assert!(in_references * 100 < all, "{in_references} of {all} references");
    assert!(in_words * 40 < all && in_words > in_references * 2, "{in_words} of {all} in words");
}

proptest! {
    #[test]
    fn any_grouping_in_any_text_is_found(
        body in "(4|5[1-5]|60|65|82)[0-9]{14}",
        lens in prop::collection::vec(1_usize..=9, 1..=16),
        gap in "[ ._-]",
        before in "[a-z ,;]{0,20}[ (,;]",
        after in "([ ),;][a-z ,;]{0,20})?",
    ) {
        let pan = with_check_digit(&body[..15]);
        let mut groups = Vec::new();
        let mut rest = pan.as_str();
        for len in lens {
            let (group, others) = rest.split_at(len.min(rest.len()));
            groups.push(group);
            rest = others;
            if rest.is_empty() { break; }
        }
        if !rest.is_empty() { groups.push(rest); }
        // An amount.
        prop_assume!(groups.len() < 2 || groups[1..].iter().any(|group| group.len() != 3));
        let text = format!("{before}{}{after}", groups.join(&gap));
        prop_assert!(one(&text).is_err(), "{}", text);
        let in_fours = format!("{before}{}{after}", grouped(&pan, &gap));
        prop_assert!(one(&in_fours).is_err() && reference(&in_fours).is_err(), "{}", in_fours);
    }
}
