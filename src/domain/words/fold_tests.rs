use proptest::prelude::*;

use super::*;

#[test]
fn spellings_of_one_word_are_alike() {
    for (text, expected) in [
        ("Crème  brûlée", "creme brulee"),
        ("CREME-BRULEE", "creme brulee"),
        ("Cre\u{300}me", "creme"),
        ("lait d’amande", "lait d amande"),
        ("Œuf", "oeuf"),
        ("Nüsse, Käse (Süßes)", "nusse kase susses"),
        ("  Mac & Cheese!", "mac cheese"),
        ("Erd\u{ad}nuss", "erdnuss"),
        ("ＭＩＬＫ", "milk"),
        ("Ł ø", "l o"),
        ("Bánh đậu phộng", "banh dau phong"),
        ("ĐUVEČ", "duvec"),
        ("Þorskur ðŋŧħ", "thorskur dnth"),
        ("чай", "~~~"),
        ("…", ""),
    ] {
        assert_eq!(folded(text), expected, "{text}");
    }
    assert_eq!(spellings("Käse"), ["kase", "kaese"]);
}

#[derive(Default)]
struct Parts(String);

impl Reader for Parts {
    fn ascii(&mut self, byte: u8) {
        self.0.push(char::from(byte));
    }

    fn other(&mut self, part: char) {
        self.0.push(part);
    }
}

proptest! {
    /// What is decomposed letter by letter is what the whole text decomposes to.
    #[test]
    fn letters_are_decomposed_alone_and_together(text in "[a-zA-Z ,\u{a0}-\u{2ff}]{0,24}|\\PC{0,12}") {
        let mut parts = Parts::default();
        decomposed(&text, &mut parts);
        prop_assert_eq!(parts.0, text.nfkd().collect::<String>());
    }
}

#[test]
fn other_accents_are_other_words() {
    for (one, other) in [
        ("pâte", "pâté"),
        ("cà chiên", "cá chiên"),
        ("Käse", "Kåse"),
        ("øre", "öre"),
        ("pèche", "pêche"),
        ("đá", "dá"),
        ("kożle", "koźle"),
    ] {
        assert!(plain(one) == plain(other) && accents(one) != accents(other), "{one} and {other}");
    }
    for (one, other) in [
        ("Crème-brûlée", "CRÈME  BRÛLÉE"),
        ("Cre\u{300}me", "Crème"),
        ("Œufs à la Coque", "oeufs à la coque"),
        ("Weißer Käse", "WEISSER KÄSE"),
        ("İskender köfte", "iskender köfte"),
        ("creme", "CREME"),
        ("crème brûlée", "crème brulée"),
    ] {
        assert_eq!(accents(one), accents(other), "{one} and {other}");
    }
    assert_eq!((accents("pate"), accents("Straße"), accents("чай")), (0, 0, 0));
}

#[test]
fn an_item_is_the_same_however_it_is_written() {
    for (one, other) in [
        ("Crème brûlée", "creme brulee"),
        ("CREME-BRULEE", "Crème Brûlée"),
        ("Cre\u{300}mebru\u{302}le\u{301}e", "creme brulee"),
        ("Œufs", "oeufs"),
        ("Käse", "KAESE"),
        ("oat-milk", "Oatmilk"),
        ("Τυρί", "τυρι"),
        ("Phở đặc biệt", "Pho dac biet"),
        ("Đuveč", "DUVEC"),
        ("Harðfiskur", "hardfiskur"),
        ("Þorramatur", "Thorramatur"),
        ("İnci", "İNCİ"),
        ("inci", "İNCİ"),
        ("IŞIK", "ışık"),
        ("\u{390}", "\u{3aa}\u{301}"),
        ("Καφές", "ΚΑΦΈΣ"),
        ("ΚΑΦΕΣ", "καφές"),
        ("Weißbier", "WEISSBIER"),
        ("WEIẞBIER", "weissbier"),
        ("crème brulée", "Crème brûlée"),
        ("creme brûlée", "crème brûlée"),
        ("crème brulee", "creme brûlée"),
        ("crème-brulee", "Crèmebrûlée"),
        ("Île flottante", "ile flottante"),
        ("Käse-Soufflé", "KAESESOUFFLÉ"),
    ] {
        assert!(is_same_item(one, other) && is_same_item(other, one), "{one} and {other}");
    }
    for (one, other) in [
        ("pâte", "pâté"),
        ("pâte brisée", "pâté brise"),
        ("mûre", "muré"),
        ("kożle", "koźle"),
        ("Käse", "Kåse"),
        ("1.5 l", "15 l"),
        ("Crème 1.5", "Creme 15"),
        ("creme", "cremes"),
        ("кофе", "кефа"),
        ("か", "が"),
        ("☕", "🍵"),
    ] {
        assert!(!is_same_item(one, other) && !is_same_item(other, one), "{one} and {other}");
    }
}

#[test]
fn joiners_make_no_other_name() {
    for (one, other) in [("علی\u{200c}رضا", "علیرضا"), ("ക്\u{200d}ഷ", "ക്ഷ")] {
        assert_eq!(plain(one), plain(other));
    }
}

#[test]
fn a_comma_beside_a_blank_separates() {
    let mut seen = Vec::new();
    symbols("é , b", |symbol, at| seen.push((symbol, at)));
    assert_eq!(seen, [(b'e', 0), (BREAK, 5), (b'b', 5)]);
}
