//! Kinds of numbers in every kind of field: cards of all issuers are refused; barcodes, receipts and accounts are not.

use rapport::proto::*;

use super::{
    cards::{assert_card, assert_draft, assert_item},
    gate_oracle::Dice,
    world::*,
};

on_both!(
    cards_of_all_issuers_are_refused_in_every_kind_of_field,
    numbers_of_other_kinds_are_taken_in_every_kind_of_field,
    a_school_trip_brings_no_verification_code,
);

/// A pattern with `#` for any digit.
fn fill(dice: &mut Dice, pattern: &str) -> String {
    let digit = |char| if char == '#' { char::from(b'0' + dice.below(10) as u8) } else { char };
    pattern.chars().map(digit).collect()
}

/// The same with the check digit of a card (ISO/IEC 7812) at the end, or that of a barcode (EAN).
fn checked(dice: &mut Dice, pattern: &str, is_card: bool) -> String {
    let body = fill(dice, pattern);
    let sum = |number: &str| -> u32 {
        let weigh = |(index, byte): (usize, u8)| match (u32::from(byte - b'0'), index % 2) {
            (value, 0) => value,
            (value, _) if is_card => value * 2 - if value > 4 { 9 } else { 0 },
            (value, _) => value * 3,
        };
        number.bytes().rev().enumerate().map(weigh).sum()
    };
    let right = |number: &String| sum(number).is_multiple_of(10);
    (0..10).map(|digit| format!("{body}{digit}")).find(right).expect("one of ten is right")
}

/// Visa, Mastercard, American Express, Discover, JCB, Diners Club, UnionPay, Maestro, Mir, RuPay, Troy, Elo, UATP: without the
/// check digit.
const ISSUERS: [&str; 17] = [
    "4##############",
    "4#################",
    "4###########",
    "52#############",
    "2221###########",
    "34############",
    "6011###########",
    "3528###########",
    "36###########",
    "62################",
    "6759###########",
    "2200###########",
    "82#############",
    "508############",
    "9792###########",
    "509048#########",
    "1#############",
];

async fn cards_of_all_issuers_are_refused_in_every_kind_of_field(world: World) {
    let id = world.create(named("Ana")).await.customer_id;
    let before = world.dump().await;
    let mut dice = Dice(18);
    for pattern in ISSUERS {
        let card = checked(&mut dice, pattern, true);
        let groups: Vec<&str> = (0..card.len()).step_by(4).map(|at| &card[at..card.len().min(at + 4)]).collect();
        let clear = [groups.join(" "), groups.join("-"), format!("pays by card {card}")];
        // Thirteen digits alone are taken for a barcode.
        let alone = (card.len() > 13).then(|| card.clone());
        for card in clear.iter().chain(&alone) {
            assert_draft(&world, "details.name.full", card, named(card)).await;
            assert_item(&world, "text", Interaction { text: card.clone(), ..purchase(&id, "1", vec![line("tea", 1)]) })
                .await;
            for kind in [IdentityType::Loyalty, IdentityType::System, IdentityType::Room] {
                let keyed = with!(CustomerDraft { identities: vec![identity(kind, card)] });
                assert_draft(&world, "identities[0].value", card, keyed).await;
            }
        }
        for card in &clear {
            for kind in [IdentityType::Pms, IdentityType::Pos] {
                let keyed = with!(CustomerDraft { identities: vec![identity(kind, card)] });
                assert_draft(&world, "identities[0].value", card, keyed).await;
            }
            assert_item(&world, "external_id", purchase(&id, card, vec![line("tea", 1)])).await;
            assert_item(&world, "purchase.lines[0].item", purchase(&id, "1", vec![line(card, 1)])).await;
            let request = GetBriefingRequest { basket_items: vec![card.clone()], ..briefing(by_id(&id)) };
            assert_card(&refusal!(world, briefings, get_briefing, request), "basket_items[0]", card);
        }
    }
    world.assert_unchanged(&before).await;
}

/// Numbers that no text may be refused for. Those with `true` get the check digit of a barcode.
const OTHERS: [(&str, bool); 13] = [
    ("+4915#########", false),
    ("4915#########", false),
    ("+41 ## ### ## ##", false),
    ("400#########", true),
    ("440#########", true),
    ("501#########", true),
    ("978#########", true),
    ("302-#######-#######", false),
    ("CH## #### #### #### #### #", false),
    ("DE## #### #### #### #### ##", false),
    ("1Z################", false),
    ("17###########", false),
    ("3#################", false),
];
/// Receipts and keys of tills that have all a card has, but for the check digit.
const RECEIPTS: [&str; 4] = ["4##############", "52#############", "6011###########", "1#############"];

/// Records what must be taken.
async fn assert_taken(world: &World, interactions: Vec<Interaction>) {
    for interactions in interactions.chunks(100) {
        let request = RecordInteractionsRequest { interactions: interactions.to_vec() };
        let results = world.interactions().record_interactions(request).await.unwrap().into_inner().results;
        for (interaction, result) in interactions.iter().zip(results) {
            assert_eq!(result.error, None, "{interaction:?}");
        }
    }
}

async fn numbers_of_other_kinds_are_taken_in_every_kind_of_field(world: World) {
    let mut dice = Dice(43);
    let bought = |id: &str, number: &str| Interaction {
        visit_external_id: number.to_owned(),
        ..purchase(id, number, vec![line(number, 1), line("tea", 1), line(number, 2)])
    };
    for (pattern, is_barcode) in OTHERS {
        let mut draw = || if is_barcode { checked(&mut dice, pattern, false) } else { fill(&mut dice, pattern) };
        let numbers: Vec<String> = (0..40).map(|_| draw()).collect();
        let id = world.create(named(&numbers[0])).await.customer_id;
        let noted = |(index, number): (usize, &String)| Interaction {
            text: format!("as {number}, they say"),
            ..bought(&id, &format!("{number}/{index}"))
        };
        assert_taken(&world, numbers.iter().enumerate().map(noted).collect()).await;
        let request = GetBriefingRequest { basket_items: numbers, ..briefing(by_id(&id)) };
        world.briefings().get_briefing(request).await.expect("no card");
    }
    for pattern in RECEIPTS {
        let numbers: Vec<String> = (0..10).map(|_| checked(&mut dice, pattern, true)).collect();
        let keys = [IdentityType::Pms, IdentityType::Pos].map(|kind| identity(kind, &numbers[0]));
        let id = world.create(with!(CustomerDraft { identities: keys.to_vec() })).await.customer_id;
        assert_eq!(world.brief(by_identity(identity(IdentityType::Pos, &numbers[0]))).await.customer_id, id);
        assert_taken(&world, numbers.iter().map(|number| bought(&id, number)).collect()).await;
        let keyed = with!(CustomerDraft { identities: vec![loyalty(&numbers[0])] });
        assert_draft(&world, "identities[0].value", &numbers[0], keyed).await;
    }
}

async fn a_school_trip_brings_no_verification_code(world: World) {
    for text in ["meet at CSC 635", "CVC 0454 school trip", "CSC 120, CVC 110"] {
        let id = world.create(named(text)).await.customer_id;
        let met = Interaction { text: text.to_owned(), ..purchase(&id, text, vec![line(text, 1)]) };
        assert_taken(&world, vec![met]).await;
    }
    let id = world.create(named("Ana")).await.customer_id;
    for text in ["CVC2 635", "Visa, CVC 0454", "CSC 6354 of the card", "4111111111111111 CVV 737"] {
        assert_draft(&world, "details.name.full", text, named(text)).await;
        assert_item(&world, "external_id", purchase(&id, text, vec![line("tea", 1)])).await;
    }
}
