//! A line of which several things are to be known: each is told, whatever else is; and illnesses that stand in the words of a precaution.

use rapport::proto::*;

use super::{
    basket::{called, guest, modified, order, ordering, precaution, states},
    catalogue::{item, put},
    plates::{allergy, in_words},
    staff_texts::{SILENT, diet, high, may_contain, told, told_of},
    world::*,
};

on_both!(
    what_nobody_declared_is_told_beside_what_is_known,
    what_is_left_out_takes_nothing_else_out,
    a_worse_finding_hides_no_question_of_the_same_precaution,
    a_quiet_question_is_told_to_staff_alone,
    a_name_alone_asks_what_may_be_raw,
    gelatine_hides_no_meat,
    an_illness_in_the_words_of_any_precaution_counts,
    the_worst_illness_in_words_counts,
    an_illness_by_what_nobody_knows_may_be_by_anything,
);

fn low(mut draft: PrecautionDraft) -> PrecautionDraft {
    draft.criticality = Criticality::Low as i32;
    draft
}

fn pregnancy() -> PrecautionDraft {
    PrecautionDraft { basis: PrecautionBasis::Consent as i32, ..diet("PREGNANCY") }
}

async fn what_nobody_declared_is_told_beside_what_is_known(world: World) {
    put(&world, vec![called(&["House fries"], may_contain("fries", "WHEAT"))]).await;
    let wheat = low(precaution(PrecautionKind::Intolerance, "WHEAT"));
    let id = guest(&world, vec![high(allergy("PEANUTS")), wheat]).await;
    let line = modified("House fries", ModifierKind::Added, "Sauce of the day");
    assert_eq!(
        told(&ordering(&world, &id, vec![line]).await),
        [
            "Tell them of House fries + Sauce of the day: it may contain wheat.",
            "House fries + Sauce of the day is not declared: ask the kitchen."
        ]
    );
    // For programs too: what is known of one hides from none what nobody knows.
    let briefing = ordering(&world, &id, vec![modified("House fries", ModifierKind::Added, "Sauce of the day")]).await;
    assert_eq!(states(&briefing), ["MAY_CONTAIN"]);
    let found: Vec<_> = briefing.line_checks[0]
        .findings
        .iter()
        .map(|one| (one.precaution_code.as_str(), one.state().as_str_name()))
        .collect();
    // The sauce may hold wheat as well.
    let unknown = "LINE_STATE_NOT_DECLARED";
    assert_eq!(found, [("WHEAT", "LINE_STATE_MAY_CONTAIN"), ("PEANUTS", unknown), ("WHEAT", unknown)]);
    let unknown = &briefing.line_checks[0].findings[1];
    assert_eq!((unknown.substance.as_str(), unknown.told_by), ("PEANUTS", ToldBy::Unspecified as i32));
    assert!(!unknown.precaution_id.is_empty());
    let milk = low(precaution(PrecautionKind::Intolerance, "MILK"));
    let id = guest(&world, vec![high(allergy("TREE_NUTS")), milk]).await;
    let briefing = ordering(&world, &id, vec![order("Crème brûlée")]).await;
    assert!(told(&briefing).contains(&"Crème brûlée is not declared: ask the kitchen."), "{:?}", told(&briefing));
}

async fn what_is_left_out_takes_nothing_else_out(world: World) {
    let of = |name: &str, id: &str, code: &str| called(&[name], item(id, &[code]));
    put(
        &world,
        vec![
            of("Bratwurst", "wurst", "WHEAT"),
            of("Rum cake", "cake", "WHEAT"),
            of("Leek soup", "soup", "MILK"),
            of("Shelled mix", "mix", "PISTACHIO"),
        ],
    )
    .await;
    let intolerance = |code: &str| low(precaution(PrecautionKind::Intolerance, code));
    for (whose, line, left_out) in [
        (diet("VEGETARIAN"), "Bratwurst", "Speck"),
        (diet("NO_PORK"), "Bratwurst", "Speck"),
        (diet("HALAL"), "Bratwurst", "Speck"),
        (precaution(PrecautionKind::Abstention, "ALCOHOL"), "Rum cake", "Amaretto"),
        (intolerance("ALCOHOL"), "Rum cake", "Amaretto"),
        (pregnancy(), "Leek soup", "cheese"),
    ] {
        let briefing = told_of(&world, whose.clone(), vec![modified(line, ModifierKind::LeftOut, left_out)]).await;
        assert_eq!(states(&briefing), ["NOT_DECLARED"], "{} without {left_out} for {}", line, whose.code);
        assert!(!told(&briefing).is_empty());
    }
    // Traces of other nuts stay.
    let without = modified("Shelled mix", ModifierKind::LeftOut, "pistachios");
    assert_eq!(states(&told_of(&world, intolerance("WALNUT"), vec![without]).await), ["MAY_CONTAIN"]);
}

async fn a_worse_finding_hides_no_question_of_the_same_precaution(world: World) {
    let of = |name: &str, id: &str, codes: &[&str]| called(&[name], item(id, codes));
    put(&world, vec![of("Roast beef", "roast", &["BEEF"]), of("House red", "red", &["ALCOHOL"])]).await;
    let line = || modified("Roast beef", ModifierKind::Added, "House red");
    for (whose, question) in [
        (diet("HALAL"), "Ask the kitchen about Roast beef + House red: is the beef halal?"),
        (pregnancy(), "Ask the kitchen about Roast beef + House red: raw meat?"),
    ] {
        let briefing = told_of(&world, whose, vec![line()]).await;
        assert_eq!(told(&briefing), ["Do not serve Roast beef + House red: it contains alcohol.", question]);
    }
}

async fn a_quiet_question_is_told_to_staff_alone(world: World) {
    put(&world, vec![called(&["House salad"], item("salad", &["EGGS"]))]).await;
    let id = guest(&world, vec![pregnancy(), high(allergy("SOMETHING_RARE"))]).await;
    let briefing = ordering(&world, &id, vec![order("House salad")]).await;
    let quiet: Vec<_> = briefing.respect.iter().filter(|one| one.text.contains("raw egg")).collect();
    assert!(!quiet.is_empty());
    for one in quiet {
        assert!(one.tact() == Tact::ActQuietly, "{}", one.text);
        assert!(!one.text.contains("customer"), "{}", one.text);
    }
}

async fn a_name_alone_asks_what_may_be_raw(world: World) {
    put(&world, vec![called(&["Plain rice"], item("rice", &[]))]).await;
    for (line, question) in [("Grilled salmon", "raw fish?"), ("Beef burger", "raw meat?")] {
        let briefing = told_of(&world, pregnancy(), vec![order(line)]).await;
        assert_eq!(states(&briefing), ["NOT_DECLARED"], "{line}");
        let asked = briefing.respect.iter().find(|one| one.text.contains(question));
        assert!(asked.is_some_and(|one| one.tact() == Tact::ActQuietly), "{line}: {:?}", told(&briefing));
    }
    let briefing = told_of(&world, pregnancy(), vec![order("Steak tartare")]).await;
    assert!(told(&briefing).iter().any(|one| one.contains("raw meat")), "{:?}", told(&briefing));
}

async fn gelatine_hides_no_meat(world: World) {
    put(&world, vec![called(&["House cotta"], item("cotta", &["GELATINE"]))]).await;
    let line = modified("House cotta", ModifierKind::Added, "bacon");
    let briefing = told_of(&world, diet("VEGETARIAN"), vec![line]).await;
    assert!(told(&briefing)[0].contains("pork"), "{:?}", told(&briefing));
}

async fn menu(world: &World) {
    let of = |name: &str, id: &str, code: &str| called(&[name], item(id, &[code]));
    put(
        world,
        vec![
            of("House penne", "penne", "WHEAT"),
            of("Silk pudding", "silk", "MILK"),
            of("House bites", "bites", "WALNUT"),
            called(&["House bar"], may_contain("bar", "WALNUT")),
        ],
    )
    .await;
}

async fn an_illness_in_the_words_of_any_precaution_counts(world: World) {
    menu(&world).await;
    use PrecautionKind::{Abstention, Accessibility, Allergy, Diet, Intolerance, Topic};
    for (kind, code, text, line) in [
        (Diet, "HALAL", "coeliac", "House penne"),
        (Diet, "KOSHER", "Zöliakie", "House penne"),
        (Diet, "PESCATARIAN", "celíaca", "House penne"),
        (Diet, "HALAL", "lactose intolerant", "Silk pudding"),
        (Diet, "HALAL", "nut allergy, coeliac", "House penne"),
        (Allergy, "PEANUTS", "coeliac too", "House penne"),
        (Allergy, "FEATHERS", "nut allergy", "House bites"),
        (Intolerance, "LACTOSE", "coeliac", "House penne"),
        (Abstention, "CAFFEINE", "coeliac", "House penne"),
        (Accessibility, "OTHER", "nut allergy", "House bites"),
        (Accessibility, "WHEELCHAIR", "Carries an EpiPen: nuts", "House bites"),
        (Topic, "OTHER", "nut allergy", "House bites"),
    ] {
        let briefing = told_of(&world, high(in_words(kind, code, text)), vec![order(line)]).await;
        assert_eq!(states(&briefing), ["CONFLICT"], "{code}, {text}");
    }
    // What is no illness of food is none.
    for (code, text) in [("OTHER", "allergic to feathers"), ("WHEELCHAIR", "likes nuts")] {
        let briefing = told_of(&world, in_words(Accessibility, code, text), vec![order("House bites")]).await;
        assert_eq!(states(&briefing), ["UNSPECIFIED"], "{code}, {text}");
    }
    let briefing = told_of(&world, diet("VEGAN"), vec![order("House bar")]).await;
    assert_eq!(states(&briefing), [SILENT], "traces are nothing to a diet");
}

async fn the_worst_illness_in_words_counts(world: World) {
    menu(&world).await;
    use PrecautionKind::{Diet, Intolerance};
    for (kind, code, text) in [
        (Diet, "OTHER", "coeliac, nut allergy"),
        (Diet, "HALAL", "gluten intolerance, nut allergy"),
        (Diet, "VEGAN", "Nuts, also traces. Carries an EpiPen."),
        (Diet, "VEGAN", "shock anafilattico: noci"),
        (Diet, "VEGAN", "lebensgefährlich: Nüsse"),
        (Diet, "VEGAN", "hypersensitive to nuts"),
        (Diet, "GLUTEN_INTOLERANCE_NUT_ALLERGY", ""),
        (Intolerance, "NUT_ALLERGY", ""),
        (Intolerance, "LACTOSE", "nut allergy, anaphylaxis"),
    ] {
        let briefing = told_of(&world, high(in_words(kind, code, text)), vec![order("House bar")]).await;
        assert_eq!(states(&briefing), ["CONFLICT"], "{code}, {text}: a trace is as bad");
    }
}

async fn an_illness_by_what_nobody_knows_may_be_by_anything(world: World) {
    menu(&world).await;
    for text in ["allergic to zorgluberries", "Zorglubeerenallergie", "allergies unknown"] {
        let briefing = told_of(&world, in_words(PrecautionKind::Diet, "HALAL", text), vec![order("House penne")]).await;
        assert_eq!(states(&briefing), ["NOT_DECLARED"], "{text}");
    }
    let briefing =
        told_of(&world, in_words(PrecautionKind::Diet, "VEGAN", "severe allergy"), vec![order("House penne")]).await;
    assert_eq!(states(&briefing), [SILENT], "it is what the diet leaves out");
}
