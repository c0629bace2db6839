//! Names that are nearly something else: what stands apart in them is not negated, and a name with other accents is another name.

use rapport::proto::*;

use super::{
    basket::{guest, modified, order, ordering, precaution, states},
    catalogue::{item, put},
    gestures::{giving, in_role, set},
    staff_texts::{at, diet},
    world::*,
};

on_both!(
    what_is_joined_to_what_is_left_out_is_served,
    a_diet_in_a_name_says_nothing_of_what_stands_beside_it,
    a_name_with_other_accents_is_not_the_declared_item,
    what_may_be_raw_is_asked_for_a_pregnancy,
    a_gift_that_is_eaten_waits_until_somebody_has_asked,
    coffee_without_its_caffeine_is_coffee,
    a_gift_with_an_item_in_its_name_waits_too,
    who_keeps_away_from_nuts_gets_none,
    a_line_of_the_headline_fits_whatever_is_asked,
);

/// An item with one name.
fn called(id: &str, name: &str, codes: &[&str]) -> Item {
    Item { names: vec![ItemName { language: String::new(), text: name.into() }], ..item(id, codes) }
}

async fn states_of(world: &World, draft: PrecautionDraft, items: &[&str]) -> Vec<String> {
    let id = guest(world, vec![draft]).await;
    let briefing = ordering(world, &id, items.iter().map(|item| order(item)).collect()).await;
    states(&briefing).into_iter().map(str::to_owned).collect()
}

async fn what_is_joined_to_what_is_left_out_is_served(world: World) {
    let abstains = || precaution(PrecautionKind::Abstention, "ALCOHOL");
    let halal = || precaution(PrecautionKind::Diet, "HALAL");
    for (draft, items, expected) in [
        (
            allergy("ALMOND"),
            vec![
                "Coffee without sugar and almond cake",
                "Kaffee ohne Zucker und Mandelkuchen",
                "Café sans sucre et gâteau aux amandes",
                "Caffè senza zucchero e torta alle mandorle",
                "Café sin azúcar y tarta de almendras",
                "Café sem açúcar e bolo de amêndoa",
            ],
            "CONFLICT",
        ),
        (abstains(), vec!["Cola no ice and rum", "Cola ohne Eis und Rum", "Cola senza ghiaccio e rum"], "CONFLICT"),
        (halal(), vec!["Pizza without onions and extra ham", "Pizza ohne Zwiebeln und Schinken"], "CONFLICT"),
        // What plainly goes on is left out too: nobody declared the rest.
        (halal(), vec!["Salat ohne Ei und Schinken", "Pizza without onions or ham"], "NOT_DECLARED"),
        (allergy("MILK"), vec!["Salad without nuts and milk", "Salat ohne Nüsse und Milch"], "NOT_DECLARED"),
    ] {
        assert_eq!(states_of(&world, draft, &items).await, vec![expected; items.len()], "{items:?}");
    }
}

async fn a_diet_in_a_name_says_nothing_of_what_stands_beside_it(world: World) {
    let vegan = || precaution(PrecautionKind::Diet, "VEGAN");
    let conflicts = [
        "Vegan/Beef Burger",
        "Vegan & beef platter",
        "Vegan - beef platter",
        "vegetarian-fed beef",
        "Steak with vegan sauce",
        "Steak mit veganem Salat",
        "Bistecca con insalata vegana",
        "Steak and vegan salad",
    ];
    assert_eq!(states_of(&world, vegan(), &conflicts).await, ["CONFLICT"; 8]);
    let put_on = [
        "Vegan burger w/ bacon",
        "Veganer Burger m. Speck",
        "Burger végan av. bacon",
        "Hambúrguer vegano c/ queijo",
        "Vegan burger add bacon",
        "Vegan burger-bacon",
        "beef burger vegan mayo",
        "vegan wrap chicken",
        "half vegan half pepperoni pizza",
        "pizza mitad vegana mitad jamón",
        "not-so-vegan burger",
    ];
    assert_eq!(states_of(&world, vegan(), &put_on).await, ["CONFLICT"; 11]);
    let lifted = ["Vegan burger", "Lasagne (vegan)", "Latte with oat milk", "Vegan chicken burger", "Salsiccia vegana"];
    assert_eq!(states_of(&world, vegan(), &lifted).await, ["NOT_DECLARED"; 5]);
    let abstains = precaution(PrecautionKind::Abstention, "ALCOHOL");
    let drinks = [
        "virgin mojito w/ rum",
        "alcohol-free beer w/ vodka shot",
        "non-alcoholic beer and a shot",
        "Schlummertrunk",
        "café com cheirinho",
    ];
    assert_eq!(states_of(&world, abstains, &drinks).await, ["CONFLICT"; 5]);
}

async fn a_name_with_other_accents_is_not_the_declared_item(world: World) {
    put(&world, vec![called("v1", "cà chiên", &["SESAME"]), called("v2", "Pâte maison", &["GLUTEN"])]).await;
    let items = ["cà chiên", "CA CHIEN", "cá chiên"];
    let expected = ["NOTHING_DECLARED_AGAINST_IT", "NOTHING_DECLARED_AGAINST_IT", "NOT_DECLARED"];
    let checked = states_of(&world, allergy("FISH"), &items).await;
    assert_eq!(checked, expected);
    // What is known still counts.
    assert_eq!(states_of(&world, allergy("SESAME"), &["cá chiên"]).await, ["CONFLICT"]);
    assert_eq!(states_of(&world, allergy("MILK"), &["Pâté maison"]).await, ["NOT_DECLARED"]);
}

async fn what_may_be_raw_is_asked_for_a_pregnancy(world: World) {
    let house = [("d1", "EGGS"), ("d2", "FISH"), ("d3", "MILK"), ("d4", "BEEF"), ("d5", "WHEAT"), ("d6", "RAW_EGG")];
    put(&world, house.iter().map(|(id, code)| item(id, &[code])).collect()).await;
    let suits = Item { suits_diets: vec!["PREGNANCY".into()], ..item("d7", &["EGGS"]) };
    put(&world, vec![suits]).await;
    let pregnant =
        PrecautionDraft { basis: PrecautionBasis::Consent as i32, ..precaution(PrecautionKind::Diet, "PREGNANCY") };
    put(&world, vec![item("d8", &["MUSSEL"]), item("d9", &["SHRIMP"])]).await;
    let checked = states_of(&world, pregnant.clone(), &["d1", "d2", "d3", "d4", "d5", "d6", "d7", "d8", "d9"]).await;
    let [ask, free] = ["NOT_DECLARED", "NOTHING_DECLARED_AGAINST_IT"];
    assert_eq!(checked, [ask, ask, ask, ask, free, "CONFLICT", free, ask, ask]);
    let raw = [
        "Oysters",
        "Austern",
        "Steak rare",
        "Entrecôte saignante",
        "Rumpsteak englisch",
        "Bistecca al sangue",
        "Solomillo poco hecho",
        "Bife mal passado",
        "Tuna tataki",
        "Rohschinken",
        "Poached egg",
        "Kibbeh nayeh",
    ];
    assert_eq!(states_of(&world, pregnant, &raw).await, ["CONFLICT"; 12]);
}

async fn coffee_without_its_caffeine_is_coffee(world: World) {
    let items = ["Decaf espresso", "Entkoffeinierter Kaffee", "Déca", "Caffè decaffeinato", "Café descafeinado"];
    assert_eq!(states_of(&world, allergy("COFFEE"), &items).await, ["CONFLICT"; 5]);
    let abstains = || precaution(PrecautionKind::Abstention, "CAFFEINE");
    assert_eq!(states_of(&world, abstains(), &items).await, ["NOT_DECLARED"; 5]);
    assert_eq!(states_of(&world, abstains(), &["Espresso", "Cola"]).await, ["CONFLICT"; 2]);
}

async fn a_gift_that_is_eaten_waits_until_somebody_has_asked(world: World) {
    let ana = world.create(named("Ana")).await.customer_id;
    for (name, expected) in [
        ("Handwritten note", "OK"),
        ("Welcome amenity", "NOT_ASKED"),
        ("Betthupferl", "NOT_ASKED"),
        ("Schoggi", "NOT_ASKED"),
        ("Friandises", "NOT_ASKED"),
        ("Cioccolatini", "NOT_ASKED"),
        ("Bombones", "NOT_ASKED"),
        ("Docinhos", "NOT_ASKED"),
        ("Pintxos", "NOT_ASKED"),
        ("Elevenses", "NOT_ASKED"),
        ("Erfrischung", "NOT_ASKED"),
        ("Rafraîchissement", "NOT_ASKED"),
        ("Rinfresco", "NOT_ASKED"),
        ("Cesta de Natal", "NOT_ASKED"),
        ("Osternest", "NOT_ASKED"),
        ("Easter basket", "NOT_ASKED"),
        ("Couvert", "NOT_ASKED"),
        ("Bubbles", "NOT_ASKED"),
        ("Sparkling", "NOT_ASKED"),
    ] {
        assert_eq!(verdict_of_gift(&world, &ana, name, &[]).await, expected, "{name}");
    }
}

/// The verdict about the customer on a gift that is called so, and declares these contents.
async fn verdict_of_gift(world: &World, customer: &str, name: &str, contents: &[&str]) -> String {
    let mut policy = giving();
    let note = policy.catalogue.iter_mut().find(|kind| kind.gesture_type_id == "note").expect("a note");
    note.display_name = name.into();
    note.contents = contents.iter().map(|code| (*code).to_owned()).collect();
    set(world, policy).await;
    let request = with!(SuggestGesturesRequest {
        customer_id: customer.into(),
        venue_id: VENUE.into(),
        include_vetoed: true,
        limit: 50,
        purpose: Purpose::Service as i32
    });
    let all = world.gestures().suggest_gestures(in_role("jon", "manager", request)).await.expect("suggested");
    let gestures = all.into_inner().gestures;
    let note = gestures.iter().find(|one| one.gesture_type_id == "note").expect("in the catalogue");
    let verdict = note.verdicts.iter().find(|one| one.dimension() == VerdictDimension::Customer);
    verdict.expect("a verdict").code.clone()
}

/// A gesture with an item's name inside its own is eaten, whatever it declares.
async fn a_gift_with_an_item_in_its_name_waits_too(world: World) {
    put(&world, vec![called("s1", "Chef's Surprise", &["ALMOND"])]).await;
    let ana = world.create(named("Ana")).await.customer_id;
    let bo = world.create(CustomerDraft { precautions: vec![allergy("TRENUTS")], ..asked("Bo") }).await.customer_id;
    for (name, unasked, not_understood) in
        [("Chef's Surprise small", "NOT_ASKED", "PRECAUTION_NOT_UNDERSTOOD"), ("Handwritten note", "OK", "OK")]
    {
        assert_eq!(verdict_of_gift(&world, &ana, name, &[]).await, unasked, "{name}");
        assert_eq!(verdict_of_gift(&world, &bo, name, &[]).await, not_understood, "{name}");
    }
}

/// "Keep away: nuts" is about what contains nuts.
async fn who_keeps_away_from_nuts_gets_none(world: World) {
    put(&world, vec![called("s1", "Wobble", &["WALNUT"])]).await;
    for (disliked, expected) in [("nuts", "DISLIKED"), ("Nüsse", "DISLIKED"), ("egg", "OK")] {
        let evidence = vec![EvidenceDraft { stance: Stance::Avoid as i32, ..stated(disliked) }];
        let ana = world.create(CustomerDraft { evidence, ..asked("Ana") }).await.customer_id;
        for (name, contents) in [("Surprise", &["WALNUT"][..]), ("A wobble", &[]), ("Walnuts", &[])] {
            assert_eq!(verdict_of_gift(&world, &ana, name, contents).await, expected, "{disliked}: {name}");
        }
        assert_eq!(verdict_of_gift(&world, &ana, "Nut-free sorbet", &[]).await, "OK", "{disliked}");
    }
}

/// A display has sixty characters.
async fn a_line_of_the_headline_fits_whatever_is_asked(world: World) {
    const ROOM: usize = 60;
    let items = ["Panna", "Xo risotto", "Blancmange crustacé aux nuits de Bourgogne façon mémé"];
    let [panna, risotto] = [("q-g", "Panna", &["GELATINE"][..]), ("q-b", "Xo risotto", &["MILK", "SALMON", "BEEF"])];
    put(&world, [panna, risotto].map(|(id, name, codes)| called(id, name, codes)).to_vec()).await;
    let mut asked = 0;
    for draft in [diet("VEGAN"), diet("HALAL"), precaution(PrecautionKind::Intolerance, "LACTOSE")] {
        let id = guest(&world, vec![draft]).await;
        for (item, out, seat) in items.iter().flat_map(|item| {
            let outs = ["", "milk", "gelatine", "Xorü", "Caesar salad with anchovies"];
            outs.into_iter().flat_map(move |out| ["", "1", "ABCDEFGHIJKLMNOP"].map(|seat| (*item, out, seat)))
        }) {
            let line = if out.is_empty() { order(item) } else { modified(item, ModifierKind::LeftOut, out) };
            let line = BasketLine { quantity: 3, ..at(seat, line) };
            let other = at("9", modified("Xo risotto", ModifierKind::LeftOut, "milk"));
            for lines in [vec![line.clone()], vec![line, other]] {
                for one in ordering(&world, &id, lines).await.headline {
                    assert!(one.text.chars().count() <= ROOM, "{}", one.text);
                    asked += usize::from(one.text.contains('?'));
                }
            }
        }
    }
    assert!(asked > 0, "questions are among them");
}
