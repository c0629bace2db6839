use super::*;

fn set(all: &str) -> codes::Substances {
    all.split_whitespace().fold(0, |set, code| set | codes::of_code(code).expect(code))
}

#[test]
fn names_tell_of_what_they_hold() {
    for (name, codes) in [
        ("Tiramisu", "EGGS MILK GLUTEN ALCOHOL"),
        ("Panna cotta", "MILK"),
        ("Sea bass", "FISH"),
        ("Lasagne", "GLUTEN MILK"),
        ("Pad Thai", "PEANUTS"),
        ("Macarons", "ALMOND EGGS"),
        ("Gambas al ajillo", "CRUSTACEANS"),
        ("Milkshake", "MILK"),
        ("Erdnussbutter", "PEANUTS"),
        ("Erdnusssauce", "PEANUTS"),
        ("ERDNUẞSAUCE", "PEANUTS"),
        ("Käsespätzle", "MILK EGGS GLUTEN"),
        ("Kaesespaetzle", "MILK EGGS GLUTEN"),
        ("Engadiner Nusstorte", "TREE_NUTS GLUTEN"),
        ("Mandelkuchen", "ALMOND GLUTEN"),
        ("bacalhau à brás", "FISH EGGS"),
        ("Crème brûlée", "MILK EGGS"),
        ("CREME BRULEE", "MILK EGGS"),
        ("Moules-frites", "MOLLUSCS"),
        ("turrón de Jijona", "ALMOND"),
        ("Pastéis de nata", "MILK EGGS GLUTEN"),
        ("Feijoada", "PORK"),
        ("Spaghetti alla carbonara", "EGGS MILK PORK GLUTEN"),
        ("Trofie al pesto", "MILK GLUTEN"),
        ("Béchamel", "MILK"),
        ("Wiener Schnitzel", "GLUTEN EGGS BEEF"),
        ("nueces", "TREE_NUTS"),
        ("Gâteau aux noix", "TREE_NUTS GLUTEN"),
        ("vino rosso della casa", "ALCOHOL SULPHITES"),
        ("Rotwein", "ALCOHOL SULPHITES"),
        ("Almondcake", "ALMOND GLUTEN"),
        ("Gemüsebrühe", "CELERY"),
        ("Allioli", "EGGS"),
        ("Spanische Nüssli", "PEANUTS"),
        ("Disaronno", "ALMOND ALCOHOL"),
        ("Simit", "GLUTEN SESAME"),
        ("XO sauce", "CRUSTACEANS MOLLUSCS"),
        ("Takoyaki", "MOLLUSCS EGGS GLUTEN"),
        ("Gochujang", "SOY GLUTEN"),
        ("Haggis", "MEAT OATS"),
        ("Mirin", "ALCOHOL"),
        ("Steak tartare", "BEEF RAW_MEAT EGGS"),
        ("Mettigel", "PORK"),
        ("Linsenlasagne", "GLUTEN"),
        ("Pommes dauphine", "GLUTEN"),
        ("Quenelle de brochet sauce homardine", "FISH CRUSTACEANS"),
        ("Huesos de santo", "ALMOND"),
        ("Panadinhos de Frango", "GLUTEN CHICKEN"),
        ("Gnocchi di semolino", "MILK EGGS"),
        ("Crab Rangoon", "CRAB GLUTEN MILK"),
    ] {
        let told = told_by(name);
        for code in codes.split(' ') {
            assert!(told & set(code) != 0, "{name} tells of {code}");
        }
    }
}

/// They have words inside, or look like words, that tell of something; they themselves tell of nothing.
const TELLS_OF_NOTHING: &[&str] = &[
    "Fruit platter",
    "Butternut soup",
    "Eggplant",
    "Mandelentzündung",
    "Muskatnuss",
    "Muskatnüsse",
    "Coconut",
    "Kokosmilch",
    "noix de coco",
    "leche de coco",
    "noce moscata",
    "noz-moscada",
    "Al dente",
    "Parlamente",
    "Geburtstagsfeier",
    "Genuss pur",
    "Weintrauben",
    "Feldsalat",
    "Omakase",
    "Reis",
    "Ginger ale",
    "Pan-fried courgettes",
    "Kirschen",
    "Hopfen",
    "Forum",
    "Insekten",
    "Rice noodles",
    "Farine de sarrasin",
    "Buchweizen",
    "Carte des vins",
    "Weinkarte",
    "Forelli",
    "Chargrilled peppers",
    "Hamlet",
    "Wellness",
    "Tee",
    "Preiselbeeren",
    "the bill",
    "as far as they met",
    "pure silk",
    "he runs",
    "two brothers",
    "opera tickets",
    "the committee",
    "in lieu",
    "Gift wrap",
    "unwrapped",
    "Preiselbeere",
    "Nüsslisalat",
    "Nuesslisalat",
    "Eierschwämmli",
    "Eierfrucht",
    "Galettes de sarrasin",
    "Galette de blé noir",
    "Auberginenkaviar",
    "caramelised onions",
    "Acqua frizzante",
    "Haricots beurre",
    "Pommes noisettes",
    "Riz soufflé",
    "Farinha, de mandioca, torrada",
    "Couve, manteiga, refogada",
    "Pisto manchego",
    "Cacao en polvo",
    "Chancho en piedra",
    "Agua de tuna",
    "Crab apple",
    "Caju, suco concentrado",
    "Quinoa taboulé",
    "Uova di Pasqua",
    "Lievito di birra",
    "Beeren",
    "Beerenkompott",
    "Honigmelone",
    "Johannisbrot",
    "Glass noodles",
    "Jellyfish",
];

#[test]
fn nothing_is_told_from_inside_another_word() {
    for name in TELLS_OF_NOTHING {
        assert_eq!(codes::code_of(told_by(name)), None, "{name}");
    }
}

/// What a name tells of, and what a word inside a longer one of it would tell of.
const LONGER_WORDS: &[(&str, &str, &str)] = &[
    ("Doughnut", "GLUTEN", "TREE_NUTS"),
    ("Peanuts", "PEANUTS", "TREE_NUTS"),
    ("Peanut butter", "PEANUTS", "MILK"),
    ("Champagne", "ALCOHOL", "PORK"),
    ("Schweinebraten", "PORK", "ALCOHOL"),
    ("Flusskrebse", "CRUSTACEANS", "FISH"),
    ("Crayfish tails", "CRUSTACEANS", "FISH"),
    ("noix de Saint-Jacques", "MOLLUSCS", "TREE_NUTS"),
    ("latte di mandorla", "ALMOND", "CAFFEINE"),
    ("Lombo de bacalhau", "FISH", "MEAT"),
    ("Shellfish", "CRUSTACEANS", "FISH"),
    ("Sweetbread", "MEAT", "GLUTEN"),
    ("Almôndegas", "MEAT", "TREE_NUTS"),
    ("Agneau de lait", "LAMB", "MILK"),
    ("Kalbsnuss", "BEEF", "TREE_NUTS"),
    ("Roe deer", "VENISON", "FISH"),
    ("Nüsslisalat mit Ei", "EGGS", "TREE_NUTS"),
    ("Eierschwämmli-Ragout", "MEAT", "EGGS"),
    ("Buckwheat galette", "MILK", "GLUTEN"),
    ("Buckwheat pancakes", "EGGS", "GLUTEN"),
    ("Crêpe de sarrasin", "EGGS", "GLUTEN"),
    ("Buchweizenpfannkuchen", "EGGS", "GLUTEN"),
    ("Crespelle di grano saraceno", "EGGS", "GLUTEN"),
    ("Tortitas de trigo sarraceno", "EGGS", "GLUTEN"),
    ("Panqueca de trigo sarraceno", "EGGS", "GLUTEN"),
    ("Lachsschinken", "PORK", "FISH"),
    ("Kasseler Nussschinken", "PORK", "TREE_NUTS"),
    ("Bierwurst", "MEAT", "ALCOHOL"),
    ("Bierschinken", "PORK", "GLUTEN"),
    ("Eierschwammerlgulasch", "MEAT", "EGGS"),
    ("Hamburger Pannfisch", "FISH", "MEAT"),
    ("Palatschinken", "EGGS", "PORK"),
    ("Schmalz", "PORK", "GLUTEN"),
    ("Limburger", "MILK", "MEAT"),
    ("Terrine de gibier", "MEAT", "ALCOHOL"),
    ("Morbier", "MILK", "ALCOHOL"),
    ("Langues de chat", "EGGS", "MEAT"),
    ("Camembert rôti", "MILK", "GLUTEN"),
    ("Head cheese", "PORK", "MILK"),
    ("Egg cream", "MILK", "EGGS"),
    ("Almond tofu", "MILK", "SOY"),
    ("Baba ghanoush", "SESAME", "ALCOHOL"),
    ("Prawn cocktail", "CRUSTACEANS", "ALCOHOL"),
    ("Kedgeree", "FISH", "GLUTEN"),
    ("Banoffee pie", "MILK", "EGGS"),
    ("Tortilla de trigo", "GLUTEN", "EGGS"),
    ("Buey de mar", "CRAB", "BEEF"),
    ("Muslitos de pollo", "CHICKEN", "TREE_NUTS"),
    ("Fideos encebollados", "GLUTEN", "FISH"),
    ("Ovos moles", "EGGS", "PEANUTS"),
    ("Peixinhos da horta", "GLUTEN", "FISH"),
    ("Salame de chocolate", "GLUTEN", "PORK"),
    ("Pão de queijo", "MILK", "GLUTEN"),
    ("Gnocchetti sardi", "GLUTEN", "FISH"),
    ("Mezze maniche", "GLUTEN", "SESAME"),
    ("Prosciutto crudo", "PORK", "FISH"),
    ("Torta caprese", "ALMOND", "GLUTEN"),
    ("Thon mi-cuit", "FISH", "EGGS"),
    ("Escargot", "SNAIL", "MILK"),
    ("Tocino de cielo", "EGGS", "MILK"),
    ("Pan de cazón", "FISH", "GLUTEN"),
    ("Queso de puerco", "PORK", "MILK"),
    ("Truchas de batata", "GLUTEN", "FISH"),
];

#[test]
fn a_longer_word_counts_instead_of_the_one_inside_it() {
    for (name, told, not_told) in LONGER_WORDS {
        let found = told_by(name);
        assert!(found & codes::related_to(set(told)) != 0, "{name} tells of {told}");
        assert_eq!(found & codes::with_parts(set(not_told)), 0, "{name} does not tell of {not_told}");
    }
}

#[test]
fn negations_lift_what_they_name_and_told_by_keeps_it() {
    for (name, codes) in [
        ("Oat milk latte", "MILK"),
        ("Hafermilch-Cappuccino", "MILK"),
        ("Caffè con latte di soia", "MILK"),
        ("Gluten-free pasta", "GLUTEN"),
        ("Glutenfreie Pasta", "GLUTEN"),
        ("pasta al pesto, senza glutine", "GLUTEN"),
        ("Pizza (gluten free)", "GLUTEN"),
        ("pâtes sans gluten", "GLUTEN"),
        ("pan sin gluten", "GLUTEN"),
        ("pão sem glúten", "GLUTEN"),
        ("Lactose-free yoghurt", "LACTOSE"),
        ("Alcohol-free beer", "ALCOHOL"),
        ("Alkoholfreies Bier", "ALCOHOL"),
        ("cerveza sin alcohol", "ALCOHOL"),
        ("Heineken 0.0", "ALCOHOL"),
        ("birra analcolica", "ALCOHOL"),
        ("Virgin mojito", "ALCOHOL"),
        ("Vegan burger", "MEAT"),
        ("hamburguesa vegana", "MEAT"),
        ("Vegetarische Lasagne", "MEAT"),
        ("Burger without bacon", "PORK"),
        ("Salat ohne Ei und Schinken", "EGGS"),
        ("Salat ohne Ei und Schinken", "PORK"),
        ("Espresso, decaf", "CAFFEINE"),
        ("Spinach lasagne", "MEAT"),
        ("Spinach and ricotta cannelloni, vegetable moussaka", "MEAT"),
        ("Vegetable toad in the hole", "MEAT"),
        ("Fischgulasch", "MEAT"),
        ("Lasagnes aux légumes", "MEAT"),
        ("Lasagne di verdure", "MEAT"),
        ("Carpaccio d'arance", "BEEF"),
        ("Hamburguesa de garbanzos", "MEAT"),
        ("Feijoada de legumes", "PORK"),
        ("Chicken lasagne", "BEEF"),
        ("Tournedos de saumon", "MEAT"),
    ] {
        let substances = codes::with_parts(codes::alone(codes));
        assert!(told_by(name) & substances != 0, "{name} tells of {codes}");
        assert_eq!(told_after_lifting(name) & substances, 0, "{name} lifts {codes}");
    }
}

#[test]
fn negations_lift_nothing_else() {
    let rows = [
        ("Alcohol-free beer with a shot of vodka", "ALCOHOL"),
        ("Vegan burger with cheese", "MILK"),
        ("Gluten-free pasta with bread", "GLUTEN"),
        ("Lactose-free yoghurt", "MILK"),
        ("Oat milk latte", "GLUTEN"),
        ("Oat milk latte with whipped cream", "MILK"),
        ("Oat milk cheesecake", "MILK"),
        ("Lasagne senza formaggio", "MILK"),
        ("Pâtes sans crème au saumon", "FISH"),
        ("Gluten-free pasta with cheese", "MILK"),
        ("Almond milk", "ALMOND"),
        ("lait d'amande", "ALMOND"),
        ("Martini in extra virgin olive oil", "ALCOHOL"),
        ("No name cheese burger", "MILK"),
        ("Red wine", "ALCOHOL"),
        ("Non-vegan burger", "MEAT"),
        ("Not vegan burger", "MEAT"),
        ("Nicht vegane Lasagne", "MEAT"),
        ("Wine, not alcohol-free", "ALCOHOL"),
        ("Vegan option: beef burger", "BEEF"),
        ("Lasagne (vegan on request)", "MEAT"),
        ("Lasagne auf Wunsch vegan", "MEAT"),
        ("Pâtes (sans gluten sur demande)", "GLUTEN"),
        ("Vegan lasagne or lasagne bolognese", "MEAT"),
        ("Lasagne, vegan oder klassisch", "MEAT"),
        ("Vegan oder Lasagne", "MEAT"),
        ("Lasagnes véganes ou lasagnes bolognaise", "MEAT"),
        ("Lasagne vegane o al ragù", "MEAT"),
        ("Hamburguesa vegana o de ternera", "BEEF"),
        ("Hambúrguer vegano ou de vaca", "BEEF"),
        ("Pasta with or without cheese", "MILK"),
        ("Pasta mit oder ohne Käse", "MILK"),
        ("Virgin olive oil and red wine", "ALCOHOL"),
        ("Mocktail with a shot of rum", "ALCOHOL"),
        ("Vegan bowl with chicken", "CHICKEN"),
        ("Vegan burger and mozzarella", "MILK"),
        ("Nut-free brownie with walnuts", "WALNUT"),
        ("bol végétalien au fromage", "MILK"),
        ("pizza végane aux anchois", "FISH"),
        ("tarte végétale à la crème", "MILK"),
        ("crêpe végane à l'emmental", "MILK"),
        ("bol végétarien garni de jambon", "PORK"),
        ("bowl vegano al formaggio", "MILK"),
        ("panino vegetariano alle acciughe", "FISH"),
        ("pasta vegana ai gamberi", "CRUSTACEANS"),
        ("bol vegano con queso", "MILK"),
        ("bol vegano al queso", "MILK"),
        ("hamburguesa vegetariana a la crema de bacalao", "FISH"),
        ("taça vegana ao queijo", "MILK"),
        ("bowl vegano em molho de queijo", "MILK"),
        ("vegane Bowl im Käsekorb", "MILK"),
        ("vegane Bowl samt Käse", "MILK"),
        ("Lamb and lentil stew", "LAMB"),
        ("Beef and vegetable lasagne", "BEEF"),
        ("Lasagne with spinach", "MEAT"),
        ("Lasagne, Spinat", "MEAT"),
        ("Schnitzel Gemüse Pommes", "MEAT"),
        ("Lasagne without spinach", "MEAT"),
        ("Prawn and steak skewer", "BEEF"),
        ("Lasagne di carne alle verdure", "MEAT"),
        ("Chicken lasagne", "MEAT"),
        ("Arroz de pato", "PORK"),
        ("Spinach lasagne", "MILK"),
    ];
    let is_lifted = |(name, codes): &&(&str, &str)| told_after_lifting(name) & codes::related_to(set(codes)) == 0;
    let lifted: Vec<_> = rows.iter().filter(is_lifted).collect();
    assert!(lifted.is_empty(), "{lifted:?}");
}

#[test]
fn what_a_text_negates_is_taken_out_of_it() {
    for (text, expected) in [
        ("chinotto, no ice", "chinotto"),
        ("Chinotto ohne Eis", "Chinotto"),
        ("Cola sans glaçons", "Cola"),
        ("acqua senza ghiaccio", "acqua"),
        ("agua sin hielo", "agua"),
        ("água sem gelo", "água"),
        ("burger without the onions or pickles, with cheese", "burger with cheese"),
        ("sugar-free cola", "cola"),
        ("Kaffee mit Milch, ohne Zucker", "Kaffee mit Milch"),
        ("Iced tea", "Iced tea"),
    ] {
        assert_eq!(unlifted(text), expected, "{text}");
    }
}

/// What readers labelled: the allergens of annex II, alcohol and meats.
const LABELS: [&str; 18] = [
    "GLUTEN",
    "CRUSTACEANS",
    "EGGS",
    "FISH",
    "PEANUTS",
    "SOYBEANS",
    "MILK",
    "TREE_NUTS",
    "CELERY",
    "MUSTARD",
    "SESAME",
    "SULPHITES",
    "LUPIN",
    "MOLLUSCS",
    "ALCOHOL",
    "PORK",
    "BEEF",
    "MEAT",
];

/// Of what readers say that dishes hold, this much is told.
const FOUND_PERCENT_MIN: usize = 90;
/// Of what is told after negations, this much at most is in none of the readers' lists.
const FALSE_PERCENT_MAX: usize = 3;

#[test]
fn most_of_what_readers_say_of_dishes_is_told_and_little_else() {
    let forbidden = |code: &str| codes::forbidden_by(code).unwrap_or_else(|| panic!("{code} is no code")).substances;
    let list = |codes: &'static str| codes.split(',').filter(|code| *code != "-");
    let mut failed = Vec::new();
    for language in ["en", "de", "fr", "it", "es", "pt"] {
        let (mut dishes, mut labels, mut found, mut told, mut wrong, mut faults) = (0, 0, 0, 0, 0, String::new());
        for row in include_str!("data/dishes.tsv").lines().map(|line| line.split('\t').collect::<Vec<_>>()) {
            let [of, dish, contains, may_contain, _source] = row[..] else { continue };
            if of != language {
                continue;
            }
            dishes += 1;
            for code in list(contains) {
                let is_found = told_by(dish) & forbidden(code) != 0;
                (labels, found) = (labels + 1, found + usize::from(is_found));
                if !is_found {
                    faults += &format!("\n{dish}: {code} is not told");
                }
            }
            let allowed = list(contains).chain(list(may_contain)).fold(0, |set, code| set | forbidden(code));
            for code in LABELS.into_iter().filter(|code| told_after_lifting(dish) & codes::with_parts(set(code)) != 0) {
                let is_wrong = allowed & codes::with_parts(set(code)) == 0;
                (told, wrong) = (told + 1, wrong + usize::from(is_wrong));
                if is_wrong {
                    faults += &format!("\n{dish}: {code} is a false alarm");
                }
            }
        }
        assert!(dishes >= 60, "{language} has {dishes} dishes");
        println!("{language}: {found} of {labels} found; {wrong} of {told} told are false alarms{faults}");
        if found * 100 < labels * FOUND_PERCENT_MIN || wrong * 100 > told * FALSE_PERCENT_MAX {
            failed.push(language);
        }
    }
    assert!(failed.is_empty(), "{failed:?}");
}
