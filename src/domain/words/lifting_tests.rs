use super::*;

fn left(name: &str, code: &str) -> Substances {
    told_after_lifting(name) & codes::related_to(codes::of_code(code).unwrap_or_else(|| panic!("{code} is no code")))
}

#[test]
fn what_and_adds_is_negated_only_if_it_plainly_goes_on() {
    let rows = [
        ("Coffee without sugar and almond cake", "ALMOND"),
        ("Coffee without sugar and an almond cake", "ALMOND"),
        ("Kaffee ohne Zucker und Mandelkuchen", "ALMOND"),
        ("Kaffee ohne Milch und Mandelkuchen", "ALMOND"),
        ("Tee ohne Zucker und Pralinen", "TREE_NUTS"),
        ("Café sans sucre et gâteau aux amandes", "ALMOND"),
        ("Caffè senza zucchero e torta alle mandorle", "ALMOND"),
        ("Caffè senza latte e cornetto", "GLUTEN"),
        ("Café sin azúcar y tarta de almendras", "ALMOND"),
        ("Café sem açúcar e bolo de amêndoa", "ALMOND"),
        ("Cola no ice and rum", "ALCOHOL"),
        ("Cola ohne Eis und Rum", "ALCOHOL"),
        ("Coca sans glaçons et rhum", "ALCOHOL"),
        ("Cola senza ghiaccio e rum", "ALCOHOL"),
        ("Cola sin hielo y vodka", "ALCOHOL"),
        ("Cola sem gelo e rum", "ALCOHOL"),
        ("Kaffee ohne Milch und Cognac", "ALCOHOL"),
        ("Pizza without onions and extra ham", "PORK"),
        ("Pizza without onions and ham", "PORK"),
        ("Pizza ohne Zwiebeln und Schinken", "PORK"),
        ("Pizza sans oignons et jambon", "PORK"),
        ("Pizza senza cipolla e prosciutto", "PORK"),
        ("Pizza sin cebolla y jamón", "PORK"),
        ("Pizza sem cebola e fiambre", "PORK"),
        ("Soup without cream and bread", "GLUTEN"),
        ("Salad without egg and ham on top", "PORK"),
        ("Salad without egg & ham", "PORK"),
    ];
    let cleared: Vec<_> = rows.iter().filter(|(name, code)| left(name, code) == 0).collect();
    assert!(cleared.is_empty(), "{cleared:?}");
    let rows = [
        ("Salad without nuts and milk", "MILK"),
        ("Salat ohne Nüsse und Milch", "MILK"),
        ("Salade sans noix et lait", "MILK"),
        ("Insalata senza noci e latte", "MILK"),
        ("Ensalada sin nueces y leche", "MILK"),
        ("Salada sem nozes e leite", "MILK"),
        ("Coffee without sugar and milk", "MILK"),
        ("Insalata senza lattosio e glutine", "GLUTEN"),
        ("Salat ohne Ei und Schinken", "PORK"),
        ("Pizza without onions or ham", "PORK"),
        ("Pizza senza cipolla né prosciutto", "PORK"),
        ("Pizza sin cebolla ni jamón", "PORK"),
        ("Pizza hold the ham", "PORK"),
        ("Pizza w/o ham", "PORK"),
        ("Pizza pas de jambon", "PORK"),
    ];
    let told: Vec<_> = rows.iter().filter(|(name, code)| left(name, code) != 0).collect();
    assert!(told.is_empty(), "{told:?}");
}

#[test]
fn a_word_that_lifts_says_nothing_of_what_stands_apart() {
    let rows = [
        ("Vegan/Beef Burger", "BEEF"),
        ("Beef/Vegan Burger", "BEEF"),
        ("Vegan & beef platter", "BEEF"),
        ("Beef & vegan platter", "BEEF"),
        ("Vegan + beef platter", "BEEF"),
        ("Vegan - beef platter", "BEEF"),
        ("Vegan: beef platter", "BEEF"),
        ("Vegan, beef burger", "BEEF"),
        ("vegetarian-fed beef", "BEEF"),
        ("Vegetarian fed chicken", "CHICKEN"),
        ("Rind, vegetarisch ernährt", "BEEF"),
        ("poulet nourri végétarien", "CHICKEN"),
        ("pollo alimentado vegetariano", "CHICKEN"),
        ("Steak with vegan sauce", "BEEF"),
        ("Steak mit veganem Salat", "BEEF"),
        ("Steak et salade végane", "BEEF"),
        ("Bistecca con insalata vegana", "BEEF"),
        ("Steak and vegan salad", "BEEF"),
        ("Steak, vegan salad", "BEEF"),
        ("Steak, vegan chicken", "BEEF"),
        ("Filete de ternera con salsa vegana", "BEEF"),
        ("Wine and alcohol-free drinks", "ALCOHOL"),
        ("Wein, alkoholfreie Säfte", "ALCOHOL"),
        ("Lasagne, auch vegan", "MEAT"),
    ];
    let lifted: Vec<_> = rows.iter().filter(|(name, code)| left(name, code) == 0).collect();
    assert!(lifted.is_empty(), "{lifted:?}");
    let rows = [
        ("Lasagne (vegan)", "MEAT"),
        ("Lasagne - vegan", "MEAT"),
        ("Lasagne, vegan & gluten-free", "MEAT"),
        ("VEGAN: Lasagne", "MEAT"),
        ("Bier, alkoholfrei, 0.5 l", "ALCOHOL"),
        ("Latte macchiato mit Hafermilch", "MILK"),
        ("Latte with oat milk", "MILK"),
        ("vegan/vegetarian burger", "MEAT"),
    ];
    let told: Vec<_> = rows.iter().filter(|(name, code)| left(name, code) != 0).collect();
    assert!(told.is_empty(), "{told:?}");
}

#[test]
fn one_character_may_be_several_words() {
    for text in ["\u{fdfa}, vegan", "vegan \u{33c2}", "without \u{fdfa} and \u{33c2}"] {
        assert_eq!(told_after_lifting(text), 0, "{text}");
        without_left_out(text);
    }
}
