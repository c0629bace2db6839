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
        ("Swap the mocktail for wine", "ALCOHOL"),
        ("Replace the mocktail by gin", "ALCOHOL"),
        ("First a mocktail later wine", "ALCOHOL"),
        ("Mocktail at six wine at eight", "ALCOHOL"),
        ("Wine after the mocktail", "ALCOHOL"),
        ("Mocktail for him gin for her", "ALCOHOL"),
        ("Upgrade the mocktail to wine", "ALCOHOL"),
        ("Ersetze den Mocktail durch Gin", "ALCOHOL"),
        ("Remplacer le mocktail par du vin", "ALCOHOL"),
        ("Cambiar el mocktail por vino", "ALCOHOL"),
        ("Swap vegan bacon for bacon", "PORK"),
        ("Replace vegan sausage by beef", "BEEF"),
        ("Vegan dinner at six bacon at eight", "PORK"),
        ("Vegan starter bacon main", "PORK"),
        ("Ersetze veganen Speck durch Speck", "PORK"),
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
fn what_is_put_on_a_dish_stands_apart_from_what_lifts() {
    let rows = [
        ("Vegan burger w/ bacon", "PORK"),
        ("Vegan burger w bacon", "PORK"),
        ("Veganer Burger m. Speck", "PORK"),
        ("Veganer Burger m/ Speck", "PORK"),
        ("Burger végan av. bacon", "PORK"),
        ("Hambúrguer vegano c/ queijo", "MILK"),
        ("Burger vegano c. pancetta", "PORK"),
        ("Hamburguesa vegana c/ queso", "MILK"),
        ("Vegan burger x bacon", "PORK"),
        ("Vegan burger add bacon", "PORK"),
        ("Vegan burger but bacon", "PORK"),
        ("Vegan burger \u{b7} bacon", "PORK"),
        ("Vegan burger * bacon", "PORK"),
        ("Vegan burger-bacon", "PORK"),
        ("vegan burger bacon", "PORK"),
        ("Bean burger bacon", "PORK"),
        ("Veganer Burger Speck", "PORK"),
        ("Burger vegano pancetta", "PORK"),
        ("Pizza vegana jamón", "PORK"),
        ("Burger végétarien bacon", "PORK"),
        ("Sandes vegana presunto", "PORK"),
        ("beef burger vegan mayo", "BEEF"),
        ("Vegan mayo beef burger", "BEEF"),
        ("Beef burger vegan bun", "BEEF"),
        ("vegan wrap chicken", "CHICKEN"),
        ("half vegan half pepperoni pizza", "PORK"),
        ("pizza mitad vegana mitad jamón", "PORK"),
        ("Pizza metà vegana metà prosciutto", "PORK"),
        ("Pizza halb vegan halb Salami", "PORK"),
        ("Pizza moitié végane moitié jambon", "PORK"),
        ("Pizza metade vegana metade presunto", "PORK"),
        ("not-so-vegan beef burger", "BEEF"),
        ("Nicht so veganer Rindsburger", "BEEF"),
        ("Almost vegan beef burger", "BEEF"),
        ("Beef burger instead of vegan", "BEEF"),
        ("virgin mojito w/ rum", "ALCOHOL"),
        ("Virgin mojito rum", "ALCOHOL"),
        ("alcohol-free beer w/ vodka shot", "ALCOHOL"),
        ("non-alcoholic beer and a shot", "ALCOHOL"),
        ("Alkoholfreies Bier und ein Kurzer", "ALCOHOL"),
        ("Cerveza sin alcohol y un chupito", "ALCOHOL"),
        ("lactose-free cake w/ cream", "LACTOSE"),
    ];
    let lifted: Vec<_> = rows.iter().filter(|(name, code)| left(name, code) == 0).collect();
    assert!(lifted.is_empty(), "{lifted:?}");
    let rows = [
        ("Vegan burger", "MEAT"),
        ("Vegan chicken burger", "MEAT"),
        ("Chicken burger, vegan", "MEAT"),
        ("Chicken burger vegan", "MEAT"),
        ("Burger vegan 200 g", "MEAT"),
        ("Vegan burger (w/o bacon)", "MEAT"),
        ("Lasagne M vegan", "MEAT"),
        ("vegan* burger", "MEAT"),
        ("Vegan burger instead of beef", "MEAT"),
        ("Vegan ham-cheese toast", "PORK"),
        ("Salsiccia vegana", "MEAT"),
        ("Spezzatino vegano piccante", "MEAT"),
        ("Gluten-free burger bun", "GLUTEN"),
        ("Virgin mojito", "ALCOHOL"),
        ("Alkoholfreier Gin Tonic", "ALCOHOL"),
        ("Half pint alcohol-free beer", "ALCOHOL"),
        ("Decaf with a shot of ginger", "ALCOHOL"),
    ];
    let told: Vec<_> = rows.iter().filter(|(name, code)| left(name, code) != 0).collect();
    assert!(told.is_empty(), "{told:?}");
}

#[test]
fn what_is_raw_by_its_name_is_told() {
    let rows = [
        ("Steak rare", "RAW_MEAT"),
        ("Burger medium rare", "RAW_MEAT"),
        ("Raw prawns", "RAW_CRUSTACEANS"),
        ("Entrecôte saignante", "RAW_MEAT"),
        ("Steak saignant", "RAW_MEAT"),
        ("Steak bleu", "RAW_MEAT"),
        ("Rumpsteak englisch", "RAW_MEAT"),
        ("Entrecôte blutig", "RAW_MEAT"),
        ("Roher Lachs", "RAW_FISH"),
        ("Bistecca al sangue", "RAW_MEAT"),
        ("Gambero crudo", "RAW_CRUSTACEANS"),
        ("Prosciutto crudo", "RAW_MEAT"),
        ("Solomillo poco hecho", "RAW_MEAT"),
        ("Bife mal passado", "RAW_MEAT"),
        ("Bacalhau cru", "RAW_FISH"),
        ("Beef tartare", "RAW_MEAT"),
        ("Tuna tataki", "RAW_FISH"),
        ("Beef tataki", "RAW_MEAT"),
        ("Raw scallops", "RAW_MOLLUSCS"),
        ("Gravlax", "RAW_FISH"),
        ("Oysters", "RAW_MOLLUSCS"),
        ("Austern", "RAW_MOLLUSCS"),
        ("Huîtres", "RAW_MOLLUSCS"),
        ("Ostriche", "RAW_MOLLUSCS"),
        ("Ostras", "RAW_MOLLUSCS"),
        ("Sashimi", "RAW_FISH"),
        ("Ceviche de camarones", "RAW_CRUSTACEANS"),
        ("Poached egg", "RAW_EGG"),
        ("Pochiertes Ei", "RAW_EGG"),
        ("Œuf mollet", "RAW_EGG"),
        ("Uovo alla coque", "RAW_EGG"),
        ("Huevo poché", "RAW_EGG"),
        ("Ovo escalfado", "RAW_EGG"),
        ("Kibbeh nayeh", "RAW_MEAT"),
        ("Rohschinken", "RAW_MEAT"),
        ("Pizza salami", "RAW_MEAT"),
        ("Brie", "UNPASTEURISED_MILK"),
        ("Camembert au lait cru", "UNPASTEURISED_MILK"),
        ("Rohmilchkäse", "UNPASTEURISED_MILK"),
    ];
    let is_told = |name: &str, code: &str| left(name, code) & codes::alone(code) != 0;
    let untold: Vec<_> = rows.iter().filter(|(name, code)| !is_told(name, code)).collect();
    assert!(untold.is_empty(), "{untold:?}");
    let rows = [
        ("Steak, well done", "RAW_MEAT"),
        ("Raw vegan cheesecake", "UNPASTEURISED_MILK"),
        ("Chicken cordon bleu", "RAW_MEAT"),
        ("Rare old whisky", "RAW_MEAT"),
        ("Oyster sauce", "RAW_MOLLUSCS"),
        ("Austernpilze", "RAW_MOLLUSCS"),
        ("Pasta, olio a crudo", "RAW_EGG"),
    ];
    let told: Vec<_> = rows.iter().filter(|(name, code)| is_told(name, code)).collect();
    assert!(told.is_empty(), "{told:?}");
    // A name that says nothing but "raw" is none of food.
    assert_eq!((lexicon::all_in("Rare book"), told_after_lifting("Rare book")), (0, 0));
}

#[test]
fn one_thing_is_told_from_several() {
    let plain = "walnuts|no walnuts|keine Nüsse|the walnut dressing|grated parmesan|pas de noix|crème-brûlée|crushed nuts|garlic|Zwiebeln|\
        mozzarella cheese|pas d'amandes|salsa di noci|salsa de nueces|molho de nozes|hold the nuts|Kümmel|the sauce|Walnusssauce|\
        butter sauce|cheese sauce|cream sauce|sauce au beurre|walnut sauce|sauce aux noix|pesto sauce|wine sauce|sauce au vin|\
        brandy sauce|noix concassées|nueces picadas|gehackte Nüsse|raw onion|Romesco|no Romesco|the Romesco sauce|Dukkah mix";
    let is_item = |text: &str| ["Romesco", "Dukkah mix"].contains(&text);
    let wrong: Vec<&str> = plain.split('|').filter(|text| !is_one_thing(text, is_item)).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    let others = "|celery, add walnuts|celery + walnuts on top|celery / walnuts|no dressing but walnuts|none, extra walnuts|\
        celery and walnuts|Sellerie, dafür Nüsse|céleri avec noix|sedano c/ noci|nothing without walnuts|with walnuts instead|\
        one of the five nuts that we have|+ walnuts|walnuts!|2x nuts|nuts 2|no without nuts|not without nuts|蒜换花生|Doppelkäse|\
        extra nuts|added nuts|do nuts|Extranüsse|salt nuts|sauce Erdnüsse|spread almonds|more sauce|the house sauce|nuts sauce swap|\
        garlic Romesco|Romesco please|Käse Nusskäse|Nusskäse Käse|Brot Nussbrot|milk walnut milk|\
        nut-free|nutfree|nussfrei|sans noix|sin nueces|ohne Nüsse|without nuts|GF|glutenfrei|sans gluten|vegan|veggie|meatless|\
        halal|cooked|pasteurised|virgin|mocktail|alkoholfrei|well done";
    let wrong: Vec<&str> = others.split('|').filter(|text| is_one_thing(text, is_item)).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

/// In any language, a word that is not known may put in what is named after it, keep it, or only make it less.
#[test]
fn what_may_be_put_in_is_not_one_thing() {
    for (words, left_out, put_in) in [
        ("sub|swap for|replaced by|use|put|more|only|just|give|exchange for|gives|for|→|=|>", "garlic", "peanuts"),
        ("cambiar por|por|poner|mejor|solo|en vez", "ajo", "cacahuate"),
        ("gegen|stattdessen|lieber|nur|tauschen gegen|statt|mehr", "Knoblauch", "Erdnüsse"),
        ("remplacé par|contre|plutôt|mettre|seulement", "ail", "cacahuètes"),
        ("invece|mettere|cambiare|solo", "aglio", "arachidi"),
        ("trocar por|colocar|mais", "alho", "amendoim"),
        ("sub|stattdessen|cambiar por", "chicken", "shrimp"),
        ("sub", "croutons", "flour tortilla"),
        ("except|außer|sauf|tranne|excepto|exceto|salvo", "all", "almonds"),
        ("less|fewer|light|weniger|moins de|meno|menos|poche|pocas|double|doppelt|keep|leave|nur|ok|just", "", "nuts"),
    ] {
        for word in words.split('|') {
            let text = format!("{left_out} {word} {put_in}");
            assert!(!is_one_thing(text.trim(), |_| false), "{text}");
        }
    }
    for text in
        "almonds instead|nuts ok|NUTS YES|noix à part|nueces a parte|almonds aparte|noci separat|nuts on the side"
            .split('|')
    {
        assert!(!is_one_thing(text, |_| false), "{text}");
    }
}

#[test]
fn one_character_may_be_several_words() {
    for text in ["\u{fdfa}, vegan", "vegan \u{33c2}", "without \u{fdfa} and \u{33c2}"] {
        assert_eq!(told_after_lifting(text), 0, "{text}");
        without_left_out(text);
    }
}
