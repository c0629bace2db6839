//! Ordinary words of one language that are, or have inside, words of another that tell of something: "pepe in grani" is no cheese.

use super::*;

/// They tell of nothing, negated or not.
const TELLS_OF_NOTHING: &[&str] = &[
    // Italian.
    "Verdure degli orti",
    "Insalata negli anni",
    "Verdure fatte in casa",
    "Mezze porzioni",
    "Filo d'olio",
    "Lenticchie tiepide",
    "Zuppe rapide",
    "Frutti puri",
    "Pepe in grani",
    "Mais in grani",
    "Pomodoro secco",
    "Origano secco",
    "Peperoncino secco",
    "Fungo secco",
    "Radicchio amaro",
    "Tè amaro",
    "Insalata Capri",
    "Pomodori al sole",
    "Insalata sarda",
    // German.
    "Asia Gemüse",
    "Asia Reis",
    "Asia Bowl",
    "Sauerkraut mit Kümmel",
    "Jäger Salat",
    "Aus Küchen der Welt",
    "Küchenkräuter",
    "Gruß vom Küchenchef",
    "Berliner Kartoffeln",
    "Alpen Kräutertee",
    "Frisch aus Töpfen",
    "Zwei Löffelchen",
    "Stillende Mütter",
    "Drogen",
    "Grippe",
    "Schlamm",
    // English.
    "Tamarind rice",
    "Tamarind chutney",
    "Tamarind juice",
    "Choco shake",
    "Choco banana",
    "Ancho chili",
    "Serrano salsa",
    "Pepita salad",
    "Brick-oven potatoes",
    "Dole pineapple juice",
    "Melange of vegetables",
    "Drumstick leaves",
    "Cubano beans",
    "Gathering",
    "Selfish",
    "Nitrogen sorbet",
    "Firecracker cauliflower",
    "Butterleaf salad",
    "Salmonberry jam",
    "Lemon rind",
    // French.
    "Tomates séchées au soleil",
    "Mélange de légumes",
    "Mélange de salades",
    "Persil haché",
    "Tranches minces de betterave",
    "Légumes moulés",
    "Assiette des lieux",
    "Formule midi",
    "Église",
    "Pamplemousse",
    "Sorbier",
    "Flamme",
    "Tomates en grappe",
    "Riz persillé",
    "Champignons persillés",
    "Bouillie de mil",
    "Marmite de légumes",
    "Orange maltaise",
    // Spanish.
    "Jalea de membrillo",
    "Jalea de guayaba",
    "Ensalada de brotes",
    "Pepita de calabaza",
    "Chile ancho",
    "Rueda de piña",
    "Rueda de tomate",
    "Menú escolar",
    "Ensalada de tunas y nopales",
    "Menú de mayo",
    "Toma de agua",
    "Sopita de verduras",
    "Tapita de la casa",
    "Anís estrella",
    "Plato estrella",
    "Fruta del Pacífico",
    "Menú de matrimonio",
    "Anniversario di matrimonio",
    // Portuguese.
    "Menu do Porto",
    "Banana da Madeira",
    "Salada de brotos",
    "Folha de loureiro",
];

/// They tell of these, and of nothing else that readers label.
const TELLS_ONLY_OF: &[(&str, &str)] = &[
    ("Pane degli angeli", "GLUTEN"),
    ("Mezze lune", "EGGS GLUTEN"),
    ("Asia Tofu", "SOY"),
    ("Korn Salat", "GLUTEN"),
    ("Vegetable broth", "CELERY"),
    ("Butterflied chicken", "CHICKEN MEAT"),
    ("Champagne ham", "PORK MEAT"),
    ("Œuf coulant", "EGGS"),
    ("Arroz cubano", "EGGS"),
    ("Coca de trampó", "GLUTEN"),
    ("Mayonesa casera", "EGGS"),
    ("Tripas à moda do Porto", "PORK MEAT"),
    ("Bife à moda do Porto", "BEEF MEAT"),
    ("Bolo da Madeira", "MILK EGGS GLUTEN"),
    ("Camarones del Pacífico", "CRUSTACEANS"),
];

/// The words keep their meaning elsewhere.
const STILL_TELLS: &[(&str, &str)] = &[
    ("Egli im Bierteig", "FISH"),
    ("Eglifilet", "FISH"),
    ("Pide mit Spinat", "GLUTEN"),
    ("Soleier", "EGGS"),
    ("Amaro", "ALCOHOL"),
    ("Secco", "ALCOHOL"),
    ("Korn", "ALCOHOL"),
    ("Apfelkuchen", "GLUTEN"),
    ("Berliner", "GLUTEN"),
    ("Jägermeister", "ALCOHOL"),
    ("Angusrind", "BEEF"),
    ("Choco frito", "MOLLUSCS"),
    ("Arroz con choco", "MOLLUSCS"),
    ("Tiras de choco", "MOLLUSCS"),
    ("Bife ancho", "BEEF"),
    ("Jamón serrano", "PORK"),
    ("Falafelpita", "GLUTEN"),
    ("Brick au thon", "GLUTEN"),
    ("Wiener Melange", "MILK"),
    ("Mélange de noix", "TREE_NUTS"),
    ("Cubano", "PORK"),
    ("Steak haché", "MEAT"),
    ("Moules marinières", "MUSSEL"),
    ("Lieu noir", "FISH"),
    ("Jalea mixta", "FISH"),
    ("Tuna tartare", "FISH"),
    ("Burger mayo", "EGGS"),
    ("Toma piemontese", "MILK"),
    ("Valtellina casera", "MILK"),
    ("Moscow mule", "ALCOHOL"),
    ("Feta", "MILK"),
    ("Schweinelende", "MEAT"),
    ("Lammhack", "LAMB"),
    ("Vinho do Porto", "ALCOHOL"),
    ("Molho da Madeira", "ALCOHOL"),
    ("Grana padano", "MILK"),
    ("Formaggio di capra", "MILK"),
    ("Champagne", "ALCOHOL"),
    ("Mezze", "SESAME"),
    ("Matjeshering", "FISH"),
    ("Tempura de brotes", "GLUTEN"),
];

/// Names of which no word tells, of what always holds it.
const ALWAYS_HOLDS: &[(&str, &str)] = &[
    ("Encebollado", "FISH"),
    ("Carbayón", "ALMOND EGGS"),
    ("Tigres", "MOLLUSCS"),
    ("Matrimonio", "FISH"),
    ("Bikini", "MILK PORK GLUTEN"),
    ("Tacos de res", "BEEF"),
    ("Trago de la casa", "ALCOHOL"),
    ("Caña de cortesía", "ALCOHOL GLUTEN"),
    ("Absacker", "ALCOHOL"),
    ("Snaps", "ALCOHOL"),
    ("Welcome shot", "ALCOHOL"),
    ("Regaliz", "GLUTEN"),
    ("Sobrasada", "RAW_MEAT"),
    ("Cecina", "RAW_MEAT"),
    ("Crudo de res", "RAW_MEAT"),
    ("Carne apache", "RAW_MEAT"),
    ("Esqueixada", "RAW_FISH"),
    ("Mayonesa casera", "RAW_EGG"),
    ("Solomillo término medio", "RAW_MEAT"),
    ("Entrecot jugoso", "RAW_MEAT"),
    ("Vuelve a la vida", "RAW_MOLLUSCS"),
    ("Huevos pasados por agua", "RAW_EGG"),
];

fn set(all: &str) -> codes::Substances {
    all.split(' ').fold(0, |set, code| set | codes::of_code(code).unwrap_or_else(|| panic!("{code} is no code")))
}

#[test]
fn an_ordinary_word_of_another_language_tells_of_nothing() {
    let wrong: Vec<_> = TELLS_OF_NOTHING
        .iter()
        .filter(|name| told_by(name) != 0)
        .map(|name| (name, codes::code_of(told_by(name))))
        .collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    for (name, all) in TELLS_ONLY_OF {
        let all = codes::with_parts(codes::related_to(set(all)));
        assert_eq!(codes::code_of(told_by(name) & !all), None, "{name}");
    }
}

#[test]
fn what_the_word_means_in_its_own_language_is_still_told() {
    for (name, all) in TELLS_ONLY_OF.iter().chain(STILL_TELLS).chain(ALWAYS_HOLDS) {
        let missing: Vec<_> = all.split(' ').filter(|code| told_by(name) & codes::with_parts(set(code)) == 0).collect();
        assert!(missing.is_empty(), "{name}: {missing:?}");
    }
}

#[test]
fn cured_meat_is_eaten_raw_unless_it_is_cooked() {
    let raw = codes::alone("RAW_MEAT");
    for name in [
        "Chorizo",
        "Salami",
        "Jamón",
        "Jamón ibérico",
        "Mailänder Salami",
        "Tabla de jamón y queso",
        "Assiette de chorizo",
        "Salame felino",
        "Tábua de chouriço",
        "Caña de lomo",
    ] {
        assert!(told_after_lifting(name) & raw != 0, "{name}");
    }
    for name in ["Jamón cocido", "Croquetas de jamón", "Lentejas con chorizo", "Chouriço assado", "Schinken"] {
        assert_eq!(told_after_lifting(name) & raw, 0, "{name}");
    }
}

#[test]
fn what_one_word_tells_is_what_dishes_of_that_name_hold() {
    let set = |code: &str| codes::with_parts(codes::alone(code));
    for (name, code, expected) in [
        ("Hambúrguer de frango", "BEEF", false),
        ("Hambúrguer de frango", "CHICKEN", true),
        ("Hambúrguer", "MEAT", true),
        ("Burger", "MEAT", true),
        ("Palmera", "GLUTEN", true),
        ("Palmera", "MILK", true),
        ("Palmeras de hojaldre", "MILK", true),
        // Corn salad, as lamb's lettuce is called; in two words it may be a salad of grains.
        ("Kornsalat", "GLUTEN", false),
        ("Kornsalat", "ALCOHOL", false),
        ("Korn Salat", "GLUTEN", true),
        ("Feldsalat", "GLUTEN", false),
        ("Maiskornsalat", "ALCOHOL", false),
        ("Nüsslisalat", "NUTS", false),
        ("Caña", "ALCOHOL", true),
        ("Caldo de cana", "ALCOHOL", false),
        ("Zumo de caña", "ALCOHOL", false),
        ("Absacker", "ALCOHOL", true),
        ("Un coup de rouge", "ALCOHOL", true),
    ] {
        assert_eq!(told_after_lifting(name) & set(code) != 0, expected, "{name} and {code}");
    }
}
