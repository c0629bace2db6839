//! Texts that tell of a pregnancy, and texts that only sound like it.

use super::*;

const TELLS: &[&str] = &[
    "aspettiamo un bambino",
    "esperamos un bebé",
    "esperamos um bebê",
    "voy a ser mamá",
    "vou ser mãe",
    "vou ter um bebé",
    "diventerò mamma",
    "ich werde Mutter",
    "premier trimestre",
    "primer trimestre",
    "primeiro trimestre",
    "diabète gestationnel",
    "Gestationsdiabetes",
    "🤰",
    "alcohol no estoy embarazada",
    "no wine, I am pregnant",
    "non bevo, sono incinta",
    "im Mai schwanger",
    "pregnant: no wine",
    "She is pregnant",
    "preganant",
    "pregnent",
    "expecting",
    "She's expecting. No wine",
    "expecting in May",
    "expecting in 3 weeks",
    "Expects a baby in June",
    "expecting their second child",
    "mother-to-be",
    "trying for a baby",
    "baby on the way",
    "in the family way",
    "schwangr",
    "hochschwanger, Stuhl mit Lehne",
    "Schwangerschaftsdiabetes",
    "Eine Schwangere",
    "erwartet ein Kind",
    "erwartet im Mai ihr zweites Kind",
    "erwarten Nachwuchs",
    "in anderen Umständen",
    "in anderen Umstaenden",
    "Kinderwunschbehandlung",
    "enceinte de 5 mois",
    "attend un bébé",
    "attend son premier enfant",
    "essaie d’avoir un bébé",
    "è incinta",
    "in attesa",
    "in attesa da 5 mesi",
    "in attesa di un bambino",
    "in dolce attesa",
    "aspetta un bambino",
    "está embarazada",
    "embarasada",
    "espera un bebé",
    "en estado de buena esperanza",
    "Grávida.",
    "à espera de bebé",
    "está de esperanças",
    "6 months along",
    "Baby due in March",
    "having a baby in June",
    "carrying twins",
    "in her second trimester",
    "Mother-to-be needs a chair",
    "Mum to be, no wine",
    "baby is on the way",
    "schwangere Frau",
    "Baby unterwegs",
    "werdende Mutter",
    "wird bald Mutter",
    "erwartet ihr zweites Kind",
    "erwartet ihr Kind im Mai",
    "encinta",
    "preñada",
    "gravid",
    "espera un hijo",
    "va a tener un bebé",
    "futura madre",
    "doce espera",
    "attend un enfant",
    "bientôt maman",
    "bébé prévu en mai",
    "va avoir un bébé",
    "aspetta un figlio",
    "incinta di 5 mesi",
    "vai ter um bebé",
    "futura mãe",
    "gravidda",
    "preg.",
    "soon-to-be mom",
    "unborn baby",
    "due date 3 March",
    "expecting her second",
    "Entbindung im Mai",
    "va être maman",
    "sarà mamma",
    "va a ser mamá",
    "espera un hijo en mayo",
    "Baby kommt im Mai",
    "no wine pregnant",
    "not sure if pregnant",
    "was pregnant last year and is pregnant again",
];

const SOUNDS_LIKE_IT: &[&str] = &[
    "não está grávida",
    "não grávida",
    "nao gravida",
    "je ne suis pas enceinte",
    "je ne suis plus enceinte",
    "non sono incinta",
    "no estoy embarazada",
    "não estou grávida",
    "I am not pregnant",
    "ich bin nicht schwanger",
    "pregnant: no",
    "Schwanger: nein.",
    "weder schwanger noch krank",
    "kein Kinderwunsch",
    "nunca grávida",
    "enceintes acoustiques",
    "Ich werde Mutter anrufen",
    "",
    "No onions",
    "vegetarian",
    "Ms Grav",
    "Gravadlax",
    "A pregnant pause before the toast",
    "expects a parcel",
    "expecting a parcel in May",
    "expecting a child seat",
    "expects baby carrots",
    "Expects a baby cot in the room",
    "will attend a baby shower",
    "Erwartungen",
    "Erwartet Gäste",
    "mit Kind unterwegs",
    "Kind bekommt Kindermenü",
    "prägnante Aromen",
    "Schwager isst keine Nüsse",
    "in attesa del tavolo",
    "in attesa di conferma",
    "en estado líquido",
    "espera en el bar",
    "attend un taxi",
    "dans l'enceinte de l'hôtel",
    "saveur prégnante",
    "Gravidade alta",
    "embaraçada com o barulho",
    "situación embarazosa",
    "prenant des anticoagulants: pas de pamplemousse",
    "en prenant",
    "Mother to be seated near the door",
    "Mum to be called before the dessert",
    "attend son enfant à la gare",
    "espera a su hijo",
    "aspetta suo figlio",
    "erwartet ihr Kind um 8",
    "expecting in May a new hip",
    "having a baby chair",
    "having a baby with them",
    "bébé en route depuis Paris",
    "Baby unterwegs nach Zürich",
    "second trimester at school",
    "carrying twins in a sling",
    "walks two months along the coast",
    "not pregnant",
    "erwartet ein Kind am Bahnhof",
    "attend un enfant à la gare",
    "aspetta un figlio alla stazione",
    "trying for a baby grand",
    "enceinte du château",
    "is no longer pregnant",
    "nicht mehr schwanger",
    "n'est pas enceinte",
    "non è incinta",
    "ya no está embarazada",
    "não está grávida",
    "was pregnant last year",
    "war letztes Jahr schwanger",
    "était enceinte l'année dernière",
    "silencio expectante",
    "alles nach Gestalt und gestattet",
];

#[test]
fn a_text_tells_of_a_pregnancy_in_words_and_paraphrases() {
    for text in TELLS {
        assert!(is_told(text), "{text}");
    }
    for code in ["HOCHSCHWANGER", "EXPECTING_A_BABY", "IN_DOLCE_ATTESA", "SCHWANGR"] {
        assert!(is_told(&words_of(code)), "{code}");
    }
}

#[test]
fn what_only_sounds_like_it_is_no_pregnancy() {
    for text in SOUNDS_LIKE_IT {
        assert!(!is_told(text), "{text}");
    }
    assert!(is_something_else("not pregnant") && is_something_else("PRENANT") && !is_something_else("No onions"));
}

#[test]
fn what_tells_of_nothing_else_is_known_from_what_does() {
    for text in [
        "pregnant",
        "She is pregnant",
        "Elle est enceinte de 5 mois",
        "hochschwanger",
        "expecting in May",
        "schwangere Frau",
        "in attesa da 5 mesi",
        "WEEK 20 PREGNAT",
        "5th month pregnant, expecting twins",
        "espera un bebé",
    ] {
        assert!(is_all(text), "{text}");
    }
    for text in ["pregnant, no cucumber", "Schwangerschaftsdiabetes", "hochschwanger, Stuhl mit Lehne", "No onions", ""]
    {
        assert!(!is_all(text), "{text}");
    }
}

#[test]
fn a_day_tells_of_a_birth_to_come_in_more_words() {
    for label in [
        "due date",
        "Birth of our daughter",
        "Geburtstermin",
        "baby due",
        "our baby, due",
        "Parto",
        "arrivée du bébé",
        "Baby shower",
        "Gender reveal",
        "First ultrasound",
        "Due",
        "due in May",
        "Due on 3 May",
        "due 3.5.",
    ] {
        assert!(is_told_of_day(label), "{label}");
    }
    for label in [
        "Geburtstag",
        "Date of birthday",
        "Due anni insieme",
        "Noi due",
        "Per due",
        "Due cuori in maggio",
        "Silver wedding",
        "",
    ] {
        assert!(!is_told_of_day(label), "{label}");
    }
}

#[test]
fn who_is_not_born_yet_is_told_by_name() {
    for name in [
        "our baby, due",
        "our baby (due)",
        "le bébé à venir",
        "the twins we expect",
        "bump",
        "our bump",
        "expected child",
        "Baby in May",
        "Baby im Mai",
        "baby-to-be",
        "kid on the way",
        "the little one on the way",
        "futuro bebé",
        "unser Kind unterwegs",
        "bimbo in arrivo",
        "bebé a caminho",
        "bebé en camino",
        "unborn",
    ] {
        assert!(is_told_of_person(name), "{name}");
    }
    for name in
        ["my son", "baby Mia", "Mai", "May", "our baby", "the twins", "kid", "little one", "due figlie", "Speed", ""]
    {
        assert!(!is_told_of_person(name), "{name}");
    }
}

#[test]
fn with_child_is_a_pregnancy_where_nothing_else_is_said() {
    for text in
        ["with child", "She is with child", "vegan, with child", "28 weeks along", "28 weeks pregnant", "28 weeks gone"]
    {
        assert!(is_told(text), "{text}");
    }
    for text in [
        "table with child",
        "travels with child",
        "with child seat",
        "guest with child",
        "28 weeks",
        "open 28 weeks a year",
    ] {
        assert!(!is_told(text), "{text}");
    }
    for text in ["pregnant, 28 weeks", "enceinte, 28 semaines", "schwanger, 28. Woche", "28. SSW", "28 weeks pregnant"]
    {
        assert!(is_all(text), "{text}");
    }
}

#[test]
fn what_is_said_besides_is_left_without_it() {
    for (text, left) in [
        ("coeliac since childhood, now pregnant", "coeliac since childhood"),
        ("pregnant and coeliac", "coeliac"),
        ("coeliac and pregnant, 5th month", "coeliac"),
        ("nut allergy; expecting a baby in May", "nut allergy"),
        ("pregnant wife", "wife"),
        ("my pregnant wife", "wife"),
        ("schwangere Frau", "Frau"),
        ("Ana, pregnant", "Ana"),
        ("wife expecting in May", "wife"),
        ("pregnant", ""),
        ("Zöliakie, schwanger", "Zöliakie"),
        ("not pregnant, coeliac", "not pregnant, coeliac"),
    ] {
        assert_eq!(without(text), left, "{text}");
        assert!(!is_told(&without(text)), "{text}");
    }
}
