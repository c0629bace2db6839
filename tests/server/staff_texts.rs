//! What staff read about lines, precautions and promises: whose it is, what to ask, and what it is really called.

use rapport::proto::*;

use super::{
    basket::{called, guest, modified, order, ordering, precaution, state, states},
    catalogue::{item, put},
    promises::{promise_for, recovery},
    world::*,
};

on_both!(
    a_line_says_whose_plate_it_is,
    what_is_asked_about_a_declared_line_is_said,
    lines_are_called_by_their_names,
    how_dangerous_it_is_is_never_cut,
    their_own_precautions_stand_before_those_of_others,
    what_is_declared_is_named_before_what_a_word_tells,
    what_follows_from_its_family_is_not_said_to_be_declared,
    a_plant_drink_takes_the_place_of_declared_milk,
    gelatine_is_of_an_animal_that_is_asked_for,
    a_name_in_one_word_or_apart_clears_nothing,
    codes_are_called_as_people_call_them,
    what_a_kitchen_carries_over_concerns_the_whole_family,
);

pub const SILENT: &str = "NOTHING_DECLARED_AGAINST_IT";

pub fn at(seat: &str, line: BasketLine) -> BasketLine {
    BasketLine { seat: seat.into(), ..line }
}

pub fn diet(code: &str) -> PrecautionDraft {
    precaution(PrecautionKind::Diet, code)
}

pub fn of(whom: &str, draft: PrecautionDraft) -> PrecautionDraft {
    PrecautionDraft { of_whom: whom.into(), ..draft }
}

pub fn high(draft: PrecautionDraft) -> PrecautionDraft {
    PrecautionDraft { criticality: Criticality::High as i32, ..draft }
}

fn unknown(draft: PrecautionDraft) -> PrecautionDraft {
    PrecautionDraft { criticality: Criticality::Unspecified as i32, ..draft }
}

/// The texts about lines, in their order.
pub fn told(briefing: &Briefing) -> Vec<&str> {
    let lines = briefing.respect.iter().filter(|one| one.code.starts_with("BASKET_"));
    lines.map(|one| one.text.as_str()).collect()
}

pub fn headline(briefing: &Briefing) -> Vec<&str> {
    briefing.headline.iter().map(|one| one.text.as_str()).collect()
}

fn parameter<'s>(statement: &'s Statement, name: &str) -> Option<&'s str> {
    let found = statement.parameters.iter().find(|one| one.name == name)?;
    match found.value.as_ref()? {
        parameter::Value::Text(text) => Some(text),
        _ => None,
    }
}

pub async fn told_of(world: &World, draft: PrecautionDraft, lines: Vec<BasketLine>) -> Briefing {
    let id = guest(world, vec![draft]).await;
    ordering(world, &id, lines).await
}

/// The state of a line, for a guest with one precaution.
pub async fn state_of(world: &World, draft: PrecautionDraft, line: &str) -> String {
    states(&told_of(world, draft, vec![order(line)]).await)[0].to_owned()
}

async fn a_line_says_whose_plate_it_is(world: World) {
    put(&world, vec![called(&["Walnut bread"], item("wb", &["WALNUT"])), called(&["Crackers"], item("g", &[]))]).await;
    let id = guest(&world, vec![allergy("NUTS")]).await;
    let lines = vec![
        at("3", order("Walnut bread")),
        order("Walnut bread"),
        at("12", order("Soup")),
        at("2", order("Crackers")),
    ];
    let briefing = ordering(&world, &id, lines).await;
    let expected = [
        "Seat 3: do not serve Walnut bread: it contains walnut.",
        "Do not serve Walnut bread: it contains walnut.",
        "Seat 12: Soup is not declared: ask the kitchen.",
    ];
    assert_eq!(told(&briefing)[..2], expected[..2]);
    assert!(told(&briefing).contains(&expected[2]), "{:?}", told(&briefing));
    assert_eq!(headline(&briefing)[0], "Conflict: seat 3: Walnut bread (walnut) +1 more: read all");
    let seats: Vec<_> = briefing.respect[..2].iter().map(|one| parameter(one, "seat")).collect();
    assert_eq!(seats, [Some("3"), None]);
    assert_eq!(parameter(&briefing.headline[0], "seat"), Some("3"));

    let low = PrecautionDraft { criticality: Criticality::Low as i32, ..allergy("WALNUT") };
    put(&world, vec![called(&["Crackers"], may_contain("g", "WALNUT"))]).await;
    let briefing = told_of(&world, low, vec![at("2", order("Crackers"))]).await;
    assert_eq!(told(&briefing), ["Seat 2: tell them of Crackers: it may contain walnut."]);

    // However little room there is: the verdict, the substance, and the name or the seat.
    let id = guest(&world, vec![allergy("TREE_NUTS")]).await;
    let long = "Slow-roasted saddle of lamb with a rosemary and walnut crust";
    let briefing = ordering(&world, &id, vec![at("A2", order(long)), order(long)]).await;
    assert_eq!(headline(&briefing)[0], "Conflict: seat A2: Slow-roasted… (walnut) +1 more: read all");
    let briefing = ordering(&world, &id, vec![at("Terrace table 12", order(long)), order(long)]).await;
    assert_eq!(headline(&briefing)[0], "Conflict: seat Terrace table 12: Slow-roasted s… (walnut) +1");
    let plain = "Roasted saddle of lamb with rosemary potatoes and glazed carrots";
    let briefing = ordering(&world, &id, vec![at("4", order(plain))]).await;
    let short = "Seat 4: Roasted saddle of… is not declared: ask the kitchen.";
    assert!(headline(&briefing).contains(&short), "{:?}", headline(&briefing));
}

pub fn may_contain(id: &str, code: &str) -> Item {
    let mut item = item(id, &[code]);
    for content in item.contents.iter_mut().flat_map(|contents| &mut contents.contents) {
        content.level = ContentLevel::MayContain as i32;
    }
    item
}

async fn what_is_asked_about_a_declared_line_is_said(world: World) {
    put(
        &world,
        vec![
            called(&["Beef burger"], item("burger", &["WHEAT"])),
            called(&["Steak"], item("steak", &["BEEF"])),
            called(&["Monday pudding"], item("pudding", &["EGGS", "MILK"])),
            called(&["House bowl"], item("bowl", &["WHEAT", "MILK"])),
            called(&["Chips"], item("chips", &[])),
        ],
    )
    .await;
    let no_pork = precaution(PrecautionKind::Abstention, "PORK");
    let pregnancy = PrecautionDraft { basis: PrecautionBasis::Consent as i32, ..diet("PREGNANCY") };
    let vegan_bowl = modified("House bowl", ModifierKind::LeftOut, "milk");
    for (draft, line, expected, ask) in [
        (no_pork.clone(), order("Beef burger"), "Ask the kitchen about Beef burger: which meat?", "WHICH_MEAT"),
        (diet("HALAL"), at("2", order("Steak")), "Seat 2: ask the kitchen about Steak: is the beef halal?", "VOUCHED"),
        (
            pregnancy,
            order("Monday pudding"),
            "Ask the kitchen about Monday pudding: unpasteurised milk, raw egg?",
            "RAW",
        ),
        (diet("VEGAN"), vegan_bowl, "Ask the kitchen about House bowl without milk: really without milk?", "LEFT_OUT"),
        (
            allergy("TRENUTS"),
            order("Chips"),
            "Ask the customer and the kitchen about Chips: trenuts is not among what is declared.",
            "CODE",
        ),
    ] {
        let briefing = told_of(&world, draft, vec![line]).await;
        assert_eq!(states(&briefing), ["NOT_DECLARED"], "{expected}");
        assert_eq!(told(&briefing), [expected]);
        let statement = briefing.respect.iter().find(|one| one.code == "BASKET_NOT_DECLARED").expect("a statement");
        assert_eq!(parameter(statement, "ask"), Some(ask));
        let is_quiet = expected.contains("Monday pudding");
        assert_eq!(statement.reason == "Act on it without a word.", is_quiet, "{}", statement.reason);
        assert_eq!(statement.tact() == Tact::ActQuietly, is_quiet, "{expected}");
    }
    // Each line says what to ask; what nobody has declared is told together, and so is what a code means.
    let lines = || vec![order("Beef burger"), order("Soup"), order("Chips"), order("Salad"), order("Beef burger")];
    let briefing = told_of(&world, no_pork, lines()).await;
    assert_eq!(
        told(&briefing),
        [
            "Ask the kitchen about 4 lines: 2 are not declared: Soup, Salad.",
            "Ask the kitchen about 2 × Beef burger: which meat?",
        ]
    );
    let short = "Ask: 2 × Beef burger: which meat? +2 more: read all";
    assert!(headline(&briefing).contains(&short), "{:?}", headline(&briefing));
    let briefing = told_of(&world, allergy("TRENUTS"), vec![order("Chips"), order("Steak")]).await;
    assert_eq!(
        told(&briefing),
        ["Ask the customer and the kitchen about 2 lines: trenuts is not among what is declared: Chips, Steak."]
    );
}

async fn lines_are_called_by_their_names(world: World) {
    put(
        &world,
        vec![
            called(&["Pizza Funghi", "Pilzpizza"], item("10123", &["WHEAT", "MILK"])),
            called(&["Walnuts"], item("20456", &["WALNUT"])),
            called(&[], item("30789", &["WALNUT"])),
            called(&["Wobble"], item("40111", &[])),
        ],
    )
    .await;
    let pizza = |kind, what: &str| modified("10123", kind, what);
    for (line, name) in [
        (pizza(ModifierKind::Added, "20456"), "Pizza Funghi + Walnuts"),
        (modified("Pilzpizza", ModifierKind::Added, "walnuts"), "Pilzpizza + walnuts"),
        (modified("20456", ModifierKind::LeftOut, "no nuts"), "Walnuts without nuts"),
        (modified("20456", ModifierKind::LeftOut, "crushed nuts"), "Walnuts without crushed nuts"),
        // A course of a menu, which no word tells of.
        (modified("20456", ModifierKind::LeftOut, "40111"), "Walnuts without Wobble"),
        // What the words know nothing of says nothing.
        (modified("20456", ModifierKind::LeftOut, "parsley"), "Walnuts"),
        // Nobody can tell what this leaves out: it is told as the till writes it.
        (pizza(ModifierKind::LeftOut, "garlic sub walnuts"), "Pizza Funghi without \"garlic sub walnuts\" (not clear)"),
        // It has no name.
        (order("30789"), "30789"),
    ] {
        let briefing = told_of(&world, allergy("WALNUT"), vec![line]).await;
        let text = &briefing.respect[0].text;
        assert!(text.starts_with(&format!("Do not serve {name}: ")), "{name}: {text}");
    }
    let briefing = told_of(&world, diet("VEGAN"), vec![pizza(ModifierKind::LeftOut, "cheese")]).await;
    assert!(headline(&briefing)[0].starts_with("Diet: vegan"), "{:?}", headline(&briefing));
    let told = told(&briefing)[0];
    assert!(told.starts_with("Ask the kitchen about Pizza Funghi without cheese: "), "{told}");
}

async fn how_dangerous_it_is_is_never_cut(world: World) {
    let long = "MACADAMIA_NUTS_AND_QUEENSLAND_NUTS_AND_BRAZIL_NUTS";
    let low = |code: &str| PrecautionDraft { criticality: Criticality::Low as i32, ..allergy(code) };
    let words = "kiwi, banana, latex, and everything else that grows on trees in the tropics";
    let other = PrecautionDraft { text: words.into(), ..allergy("OTHER") };
    for (first, ending) in [
        (high(allergy(long)), ", life-threatening +2 more: read all"),
        (unknown(allergy(long)), ", treat as life-threatening +2 more: read all"),
        (high(other), ", life-threatening +2 more: read all"),
        (high(of("my daughter-in-law Wilhelmina", allergy(long))), ", life-threatening +2 more: read all"),
    ] {
        let id = guest(&world, vec![low("FISH"), low("MILK"), first]).await;
        let briefing = ordering(&world, &id, Vec::new()).await;
        let text = headline(&briefing)[0];
        assert!(text.ends_with(ending) && text.chars().count() <= 60, "{text}");
    }
}

async fn their_own_precautions_stand_before_those_of_others(world: World) {
    let son = |code: &str| of("my son", high(allergy(code)));
    let id = guest(&world, vec![son("EGGS"), son("MILK"), high(allergy("SESAME")), unknown(allergy("FISH"))]).await;
    let briefing = ordering(&world, &id, vec![order("Sesame and egg salad")]).await;
    // What is known to be dangerous first; of these the customer's own.
    assert!(headline(&briefing)[1].starts_with("Sesame, eggs, milk"), "{:?}", headline(&briefing));
    let codes: Vec<_> = briefing.precautions.iter().map(|one| one.code.as_str()).collect();
    assert_eq!(codes, ["SESAME", "EGGS", "MILK", "FISH"]);
    assert_eq!(parameter(&briefing.respect[0], "substance"), Some("SESAME"));
}

async fn what_is_declared_is_named_before_what_a_word_tells(world: World) {
    put(&world, vec![called(&["Pesto"], item("pesto", &["CASHEW"]))]).await;
    let id = guest(&world, vec![allergy("TREE_NUTS")]).await;
    for (text, substance) in [("Bring Pesto", "cashew"), ("Bring a walnut cake", "walnut")] {
        promise_for(&world, &id, VENUE, text, world.now_ms() / 1_000 + 60).await;
        let owed = recovery(&world, &id).await.follow_ups;
        let one = owed.iter().find(|one| one.promised.as_ref().is_some_and(|it| it.text == text)).expect("it is owed");
        assert!(one.conflict_text.contains(&format!("; it contains {substance}.")), "{}", one.conflict_text);
    }
}

async fn what_follows_from_its_family_is_not_said_to_be_declared(world: World) {
    put(
        &world,
        vec![
            called(&["Crunch"], item("crunch", &["HAZELNUT"])),
            called(&["Bar"], may_contain("bar", "HAZELNUT")),
            called(&["Mix"], may_contain("mix", "TREE_NUTS")),
            called(&["Loaf"], may_contain("loaf", "WALNUT")),
            called(&["Trail"], item("trail", &["TREE_NUTS"])),
            called(&["Pan"], item("pan", &["HAKE"])),
            called(&["Monday pudding"], item("pudding", &["EGGS"])),
        ],
    )
    .await;
    for (code, line, told_by, text) in [
        ("WALNUT", "Crunch", "RELATED", "it may contain walnut (declared: hazelnut)."),
        ("WALNUT", "Bar", "RELATED", "it may contain walnut (declared: hazelnut)."),
        ("WALNUT", "Mix", "DECLARED", "it may contain tree nuts."),
        ("WALNUT", "Loaf", "DECLARED", "it may contain walnut."),
        ("WALNUT", "Trail", "DECLARED", "it contains tree nuts."),
        ("COD", "Pan", "RELATED", "it may contain cod (declared: hake)."),
        ("RAW_EGG", "Monday pudding", "RELATED", "it may contain raw egg (declared: eggs)."),
    ] {
        let briefing = told_of(&world, allergy(code), vec![order(line)]).await;
        let check = &briefing.line_checks[0];
        assert_eq!(state(check), "CONFLICT", "{line}");
        assert_eq!(check.findings[0].told_by().as_str_name(), format!("TOLD_BY_{told_by}"), "{line}");
        assert_eq!(told(&briefing), [format!("Do not serve {line}: {text}")]);
        assert_eq!(parameter(&briefing.respect[0], "told_by"), Some(told_by));
    }
}

async fn a_plant_drink_takes_the_place_of_declared_milk(world: World) {
    put(
        &world,
        vec![
            called(&["Cappuccino"], item("capp", &["MILK"])),
            called(&["Flat white"], item("8001", &["MILK"])),
            called(&["Morning cup"], item("morning", &["MILK", "COFFEE"])),
            called(&["Cheesecake"], item("cake", &["MILK", "EGGS"])),
            called(&["Oat milk"], item("oat", &["OATS"])),
            called(&["Egg punch"], item("punch", &["MILK", "EGGS"])),
        ],
    )
    .await;
    let vegan = diet("VEGAN");
    for (draft, line, what, expected) in [
        (&vegan, "Cappuccino", "Oat milk", "NOT_DECLARED"),
        (&vegan, "Cappuccino", "oat", "NOT_DECLARED"),
        (&vegan, "8001", "Oat milk", "NOT_DECLARED"),
        (&vegan, "Flat white", "Hafermilch", "NOT_DECLARED"),
        (&vegan, "Morning cup", "Oat milk", "NOT_DECLARED"),
        (&vegan, "Cheesecake", "Oat milk", "CONFLICT"),
        (&vegan, "Egg punch", "Oat milk", "CONFLICT"),
        (&vegan, "Cappuccino", "Whole milk", "CONFLICT"),
        (&allergy("MILK"), "Cappuccino", "Oat milk", "CONFLICT"),
    ] {
        let line = modified(line, ModifierKind::Exchanged, what);
        let briefing = told_of(&world, draft.clone(), vec![line.clone()]).await;
        assert_eq!(states(&briefing), [expected], "{line:?}");
    }
}

async fn gelatine_is_of_an_animal_that_is_asked_for(world: World) {
    put(&world, vec![called(&["Panna cotta"], item("panna", &["MILK", "GELATINE"]))]).await;
    let abstains = |code| precaution(PrecautionKind::Abstention, code);
    for (draft, expected) in [
        (abstains("PORK"), "NOT_DECLARED"),
        (abstains("BEEF"), "NOT_DECLARED"),
        (diet("HALAL"), "NOT_DECLARED"),
        (diet("VEGETARIAN"), "CONFLICT"),
        (diet("PESCATARIAN"), "CONFLICT"),
        (abstains("MEAT"), "CONFLICT"),
        (abstains("GELATINE"), "CONFLICT"),
        (PrecautionDraft { text: "and no gelatine".into(), ..abstains("PORK") }, "CONFLICT"),
        (allergy("PORK"), "CONFLICT"),
        (abstains("CHICKEN"), SILENT),
    ] {
        let briefing = told_of(&world, draft.clone(), vec![order("panna")]).await;
        assert_eq!(states(&briefing), [expected], "{draft:?}");
        if expected == "NOT_DECLARED" {
            assert_eq!(briefing.line_checks[0].findings[0].substance, "GELATINE");
            // Of a diet that says how meat must be made, that is the question.
            let is_halal = draft.code == "HALAL";
            let question = if is_halal { "is the gelatine halal?" } else { "gelatine of which animal?" };
            assert_eq!(told(&briefing), [format!("Ask the kitchen about Panna cotta: {question}")]);
        }
    }
}

async fn a_name_in_one_word_or_apart_clears_nothing(world: World) {
    put(
        &world,
        vec![
            called(&["Iced tea"], item("tea", &["CELERY"])),
            called(&["Lemon sorbet"], item("sorbet", &[])),
            called(&["Nut ella"], item("spread", &[])),
        ],
    )
    .await;
    let celery = |items: &[&str]| items.iter().map(|item| order(item)).collect::<Vec<_>>();
    let lines = ["icedtea", "ice tea", "Ice-Tea", "icetea", "Iced teas", "Icedteas"];
    let briefing = told_of(&world, allergy("CELERY"), celery(&lines)).await;
    assert_eq!(states(&briefing), ["CONFLICT"; 6]);
    let lines = ["Iced tea", "iced-tea", "icedtea", "lemonsorbet", "Lemon sorbet", "LEMON SORBETS", "tea"];
    let briefing = told_of(&world, allergy("FISH"), celery(&lines)).await;
    let ask = "NOT_DECLARED";
    assert_eq!(states(&briefing), [SILENT, SILENT, ask, ask, SILENT, ask, SILENT]);
    // What the words tell in the one spelling counts too.
    let briefing = told_of(&world, allergy("NUTS"), celery(&["Nut ella"])).await;
    assert_eq!(states(&briefing), ["CONFLICT"]);
}

async fn codes_are_called_as_people_call_them(world: World) {
    let intolerance = |code| precaution(PrecautionKind::Intolerance, code);
    for (draft, expected) in [
        (high(allergy("COELIAC_DISEASE")), "Coeliac disease, life-threatening."),
        (high(intolerance("COELIAC")), "Coeliac disease, life-threatening."),
        (high(intolerance("ZOELIAKIE")), "Zoeliakie, life-threatening."),
        (high(allergy("ENFERMEDAD_CELIACA")), "Enfermedad celiaca, life-threatening."),
        (high(allergy("FRUTOS_SECOS")), "Frutos secos allergy, life-threatening."),
        (high(allergy("NUECES")), "Nueces allergy, life-threatening."),
        (high(allergy("NUSSALLERGIE")), "Nussallergie, life-threatening."),
        (high(allergy("TREE_NUTS")), "Tree nut allergy, life-threatening."),
        (high(allergy("NUT_ALLERGY")), "Nut allergy, life-threatening."),
    ] {
        let id = guest(&world, vec![draft]).await;
        let briefing = ordering(&world, &id, Vec::new()).await;
        let listed = briefing.respect.iter().find(|one| one.code.starts_with("PRECAUTION_")).expect("a precaution");
        assert!(listed.text.starts_with(expected), "{}", listed.text);
    }
}

async fn what_a_kitchen_carries_over_concerns_the_whole_family(world: World) {
    put(&world, vec![called(&["Rice"], item("rice", &[]))]).await;
    let kitchen = ["HAZELNUT", "SHRIMP", "COD"].map(str::to_owned).to_vec();
    let declared = with!(DeclareKitchenRequest { venue_id: VENUE.to_owned(), may_contain: kitchen });
    world.catalogue().declare_kitchen(declared).await.expect("declared");
    for (code, expected) in [
        ("WALNUT", Some("hazelnut")),
        ("TREE_NUTS", Some("hazelnut")),
        ("CRAB", Some("shrimp")),
        ("SALMON", Some("cod")),
        ("PEANUTS", None),
    ] {
        let briefing = told_of(&world, allergy(code), vec![order("Rice")]).await;
        let kitchen = briefing.respect.iter().find(|one| one.code == "KITCHEN_MAY_CONTAIN");
        let expected = expected.map(|substance| format!("Ask the kitchen: everything may contain {substance}."));
        assert_eq!(kitchen.map(|one| one.text.clone()), expected, "{code}");
    }
}
