//! Lines that staff are told of together: what nobody has declared by its names, and equal lines once.

use rapport::proto::*;

use super::{
    basket::{called, guest, modified, order, ordering, precaution, states},
    catalogue::{item, put},
    staff_texts::{at, diet, headline, high, may_contain, told, told_of},
    world::*,
};

on_both!(what_nobody_has_declared_is_named, equal_lines_are_told_once);

async fn what_nobody_has_declared_is_named(world: World) {
    put(&world, vec![called(&["Steak"], item("steak", &["BEEF"]))]).await;
    let sorbets = || vec![at("1", order("Sorbet")), at("2", order("Lamb kebab")), order("Steak")];
    let briefing = told_of(&world, high(allergy("PEANUTS")), sorbets()).await;
    assert_eq!(told(&briefing), ["2 lines are not declared: ask the kitchen: seat 1: Sorbet, seat 2: Lamb kebab."]);
    let short = "Not declared, ask: seat 1: Sorbet, seat 2: Lamb kebab";
    assert!(headline(&briefing).contains(&short), "{:?}", headline(&briefing));
    // Beside a question too.
    let briefing = told_of(&world, diet("HALAL"), sorbets()).await;
    let first = "Ask the kitchen about 3 lines: 2 are not declared: seat 1: Sorbet, seat 2: Lamb kebab.";
    assert_eq!(told(&briefing)[0], first);

    // What does not fit is counted, in a sentence and in the headline.
    let long = |number: usize| order(&format!("Chef's surprise of the house number {number:02}"));
    let briefing = told_of(&world, allergy("PEANUTS"), (10..40).map(long).collect()).await;
    assert_eq!(states(&briefing), ["NOT_DECLARED"; 30]);
    let text = told(&briefing)[0];
    let named = text.matches("Chef's surprise").count();
    assert!(text.starts_with("30 lines are not declared: ask the kitchen: Chef's surprise of the house number 10, "));
    assert!(named > 5 && text.ends_with(&format!(", +{}.", 30 - named)) && text.chars().count() < 320, "{text}");
    let short = *headline(&briefing).iter().find(|line| line.starts_with("Not declared")).expect("a line");
    assert!(short.ends_with(" +29 more: read all") && short.chars().count() <= 60, "{short}");
    // One that is longer than all the room.
    let endless = BasketLine {
        modifiers: (0..8)
            .map(|_| BasketModifier { kind: ModifierKind::Added as i32, item: "sauce of the day".repeat(4) })
            .collect(),
        ..order("Soup")
    };
    let briefing = told_of(&world, allergy("PEANUTS"), vec![endless, order("Bread")]).await;
    let text = told(&briefing)[0];
    assert!(text.ends_with("…, +1.") && text.chars().count() < 320, "{text}");
}

async fn equal_lines_are_told_once(world: World) {
    put(
        &world,
        vec![
            called(&["Pad Thai"], item("thai", &["PEANUTS"])),
            called(&["Granola"], may_contain("granola", "PEANUTS")),
            called(&["Steak"], item("steak", &["BEEF"])),
        ],
    )
    .await;
    let of = |line: &BasketLine, times: usize| vec![line.clone(); times];
    let briefing = told_of(&world, high(allergy("PEANUTS")), of(&order("Pad Thai"), 12)).await;
    assert_eq!(states(&briefing), ["CONFLICT"; 12]);
    assert_eq!(told(&briefing), ["Do not serve 12 × Pad Thai: it contains peanuts."]);
    assert_eq!(headline(&briefing)[0], "Conflict: 12 × Pad Thai (peanuts)");
    assert_eq!(number(&briefing.headline[0], "lines"), Some(12));
    let conflict = &briefing.respect[0];
    assert_eq!((number(conflict, "line"), number(conflict, "times")), (Some(0), Some(12)));

    // At one seat, with the same changes; as many as the till says.
    let thai = |seat: &str, quantity: i32| BasketLine { quantity, ..at(seat, order("Pad Thai")) };
    let mild = || modified("Pad Thai", ModifierKind::LeftOut, "chili");
    let lines = vec![thai("1", 0), thai("2", 3), mild(), thai("1", 2), order("Pad Thai")];
    let briefing = told_of(&world, high(allergy("PEANUTS")), lines).await;
    assert_eq!(
        told(&briefing),
        [
            "Seat 1: do not serve 3 × Pad Thai: it contains peanuts.",
            "Seat 2: do not serve 3 × Pad Thai: it contains peanuts.",
            "Do not serve Pad Thai: it contains peanuts.",
            "Do not serve Pad Thai: it contains peanuts.",
        ]
    );
    assert_eq!(headline(&briefing)[0], "Conflict: seat 1: 3 × Pad Thai (peanuts) +3 more: read all");

    // So it is with what may be in it, with questions, with what nobody has declared, and with what cannot be read.
    let low = PrecautionDraft { criticality: Criticality::Low as i32, ..allergy("PEANUTS") };
    let id = guest(&world, vec![low, precaution(PrecautionKind::Diet, "HALAL")]).await;
    let lines = [of(&order("Granola"), 2), of(&order("Steak"), 2), of(&order("Soup"), 2), of(&order(""), 2)].concat();
    let briefing = ordering(&world, &id, lines).await;
    assert_eq!(
        told(&briefing),
        [
            "Tell them of 2 × Granola: it may contain peanuts.",
            "Ask the kitchen about 6 lines: 4 are not declared: 2 × Soup, ?, ?.",
            "Ask the kitchen about 2 × Steak: is the beef halal?",
        ]
    );
    let briefing = told_of(&world, diet("HALAL"), of(&order("Steak"), 2)).await;
    assert_eq!(told(&briefing), ["Ask the kitchen about 2 × Steak: is the beef halal?"]);
    let briefing = told_of(&world, allergy("PEANUTS"), of(&order("Soup"), 2)).await;
    assert_eq!(told(&briefing), ["2 × Soup is not declared: ask the kitchen."]);
    assert_eq!(number(&briefing.respect[0], "lines"), Some(2));
}

fn number(statement: &Statement, name: &str) -> Option<i64> {
    let found = statement.parameters.iter().find(|one| one.name == name)?;
    match found.value.as_ref()? {
        parameter::Value::Number(number) => Some(*number),
        _ => None,
    }
}
