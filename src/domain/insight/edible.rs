//! What is certainly not food or drink. Everything else may be eaten: if a precaution is not understood, only what is listed
//! in `words/data/not_eaten.txt` stays allowed.

use crate::domain::{
    policy::ItemRules,
    words::{self, fold, other_things},
};

/// As a situation, a meal says when, not what.
const MEALS: &[&str] = &[
    "abendessen",
    "almoço",
    "almuerzo",
    "breakfast",
    "brunch",
    "cena",
    "colazione",
    "comida",
    "desayuno",
    "dinner",
    "déjeuner",
    "dîner",
    "frühstück",
    "jantar",
    "lunch",
    "mittagessen",
    "petit-déjeuner",
    "pranzo",
    "supper",
];

/// Whether an item may be food or drink: always, unless its category is in the list and its name does not say food.
/// The policy may add to the list, and take from it.
pub fn may_be(item: &str, category: &str, rules: &ItemRules) -> bool {
    let category = category.trim();
    if category.is_empty() {
        return true;
    }
    let is_category = |known: &String| is_same_category(category, known);
    let is_added = || rules.not_food_categories.iter().any(is_category);
    let is_taken = || rules.food_categories.iter().any(is_category);
    let is_not_eaten = other_things::is_one(category) && !is_taken() || is_added();
    !is_not_eaten || is_named(item)
}

/// Whether a category is one that the policy names, in the singular or the plural.
fn is_same_category(category: &str, known: &str) -> bool {
    let singular = category.strip_suffix(['s', 'S']).unwrap_or(category);
    fold::is_alike(category, known) || fold::is_alike(singular, known)
}

/// Whether a name alone says that something is eaten or drunk: it tells of a substance, or has a word of food.
pub fn is_named(name: &str) -> bool {
    words::is_food(name)
}

/// The same of a situation: "with strawberries", but not "breakfast".
pub fn is_named_in_situation(situation: &str) -> bool {
    let situation = situation.trim().to_lowercase();
    !MEALS.contains(&situation.as_str()) && is_named(&situation)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::parts::precaution::PRECAUTIONS_NOT_EATEN;

    #[test]
    fn only_what_is_plainly_something_else_is_not_food() {
        for (item, category, expected) in [
            ("high floor", "room", false),
            ("by the window", "Seats", false),
            ("firm pillow", "bedding", false),
            ("Neue Zürcher Zeitung", "newspaper", false),
            ("mariachi", "music", false),
            ("jogging shoes", "shoes", false),
            ("Chinotto", "drink", true),
            ("Surprise of the house", "", true),
            ("Club sandwich", "room service", true),
            ("Almond milk bath", "service", true),
            ("Mystery", "toom", true),
            ("fruit basket", "room", true),
            ("Chocolates on the pillow", "room", true),
            ("minibar", "Room", true),
            ("breakfast in bed", "service", true),
            ("Macarons", "greeting", true),
            ("strawberries", "decoration", true),
            ("Fensterplatz", "Plätze", true),
            ("hoher Stock", "Zimmer", false),
            ("am Fenster", "SITZPLAETZE", false),
            ("Ledersofa", "Moebel", false),
            ("calme", "chambres", false),
            ("Le Monde", "JOURNAUX", false),
            ("près de la fenêtre", "Sièges", false),
            ("piano alto", "camere", false),
            ("chitarra", "Musica", false),
            ("vista mar", "HABITACIONES", false),
            ("El País", "periodicos", false),
            ("alto", "colchões", false),
            ("andar alto", "Quarto", false),
            ("Público", "jornais", false),
            ("de Sintra", "travesseiros", true),
            ("fraises", "Chambre", true),
            ("Pistazien", "Zimmer", true),
            ("plat du jour", "plat", true),
            ("menu", "tavola", true),
            ("чай", "чай", true),
        ] {
            assert_eq!(may_be(item, category, &ItemRules::default()), expected, "{item} ({category})");
        }
    }

    /// Gifts that are eaten, whatever they are called.
    #[test]
    fn gifts_that_are_eaten_are_food() {
        let gifts = [
            "Welcome amenity, Petit four, Petits fours, Mignardises, Turndown sweet, Sweet treats, Friandises, Finger food, Bites",
            "Schoggi, Milchschoggi, Friandises, Betthupferl, Bettmümpfeli, Pralinen, Konfekt, Teekonfekt, Luxemburgerli, Guetzli",
            "Leckereien, Naschereien, Süsse Aufmerksamkeit, Knabberzeug, Geschenkkorb, Plätzchen, Willkommenstrunk, Trüffel",
            "friandise, mignardises, petits fours, gâteries, chocolats, truffes, panier gourmand, coupe de bienvenue, confiseries",
            "cioccolatini, pasticcini, dolci, dolciumi, leccornie, assaggi, biscotti, calice di benvenuto, golosità, gianduiotti",
            "bombones, chucherías, dulces, golosinas, pastelitos, trufas, copa de bienvenida, canapés, delicias, detalle dulce",
            "bombons, docinhos, doces, guloseimas, bolachas, salgadinhos, cabaz gourmet, iguarias, trufas, mimo doce",
            "Nightcap, Wee dram, Snifter, Sundowner, Tipple, Cuppa, Swift half, Sweetmeats, Cheeseboard, Welcome tray, Fruit bowl",
            "Absacker, Schnäpsli, Apéro, Apéro riche, Stehapéro, Verdauerli, Gspritzter, Cüpli, Feierabendbier, Gläschen, Käfeli",
            "coup de rouge, coup de blanc, pousse-café, trou normand, coupette, petit four, mise en bouche, encas, quatre-heures",
            "ammazzacaffè, cicchetti, bicchierino, grappino, goccetto, aperitivino, apericena, merendina, pensiero goloso, assaggino",
            "Picada, Caña, Trago, Pintxo, chupito, copita, cañita, cafecito, tapita, merendola, zurito, picoteo, piscolabis",
            "beberete, petisco, petiscada, lanchinho, copinho, cafezinho, ginjinha, chopinho, pastelinho, tira-gosto, miminho doce",
        ];
        let gifts = gifts.iter().flat_map(|list| list.split(", "));
        let missed: Vec<_> = gifts.filter(|gift| !is_named(gift)).collect();
        assert!(missed.is_empty(), "{missed:?}");
        for other in
            ["Handwritten note", "Room upgrade", "Späte Abreise", "Amenity kit", "Massage", "Fleurs", "Fiori", "Flores"]
        {
            assert!(!is_named(other), "{other}");
        }
    }

    #[test]
    fn a_meal_as_a_situation_says_when() {
        for (situation, expected) in [
            ("with strawberries", true),
            ("after dessert", true),
            ("with almonds", true),
            ("breakfast", false),
            ("Lunch", false),
            ("evening", false),
            ("on Sundays", false),
        ] {
            assert_eq!(is_named_in_situation(situation), expected, "{situation}");
        }
    }

    #[test]
    fn no_category_of_the_list_is_food() {
        assert!(MEALS.is_sorted() && MEALS.iter().all(|meal| is_named(meal)));
        for food in [
            "apple",
            "beverage",
            "chocolate",
            "dessert",
            "crisps",
            "ice",
            "pudding",
            "rice",
            "smoothie",
            "tea",
            "truffle",
        ] {
            assert!(is_named(food) && !other_things::is_one(food), "{food}");
            assert_eq!(words::told_by(food), 0, "{food} is food, whatever it contains");
        }
        let named: Vec<&str> = other_things::all().filter(|category| is_named(category)).collect();
        assert!(named.is_empty(), "{named:?} are food");
        for food in ["platz", "platte", "plat", "place", "mets", "bouquet", "coussin", "travesseiro", "tapa", "planta"]
        {
            assert!(!other_things::is_one(food), "{food}");
        }
        for code in PRECAUTIONS_NOT_EATEN.iter() {
            assert_eq!(words::told_by(code), 0, "{code}");
        }
        for name in
            ["A handwritten note", "Late check-out, until two", "A better room", "Flowers", "Gift wrap", "500 points"]
        {
            assert!(!is_named(name), "{name}");
        }
    }
}
