use super::*;

fn illness(text: &str) -> Option<Illness> {
    told(text, false).illness
}

#[test]
fn an_illness_is_told_in_whatever_words() {
    for text in [
        "shock anafilattico: noci",
        "choque anafiláctico nueces",
        "anafilaxia nueces",
        "anafilassi noci",
        "Adrenalinpen; Nüsse",
        "Notfallset: Haselnuss",
        "lebensgefährlich: Nüsse",
        "LEBENSGEFAEHRLICH: Nüsse",
        "severe reaction to nuts",
        "throat closes with nuts",
        "hypersensitive to nuts",
        "überempfindlich auf Nüsse",
        "Nuts, also traces",
        "auch Spuren von Nüssen",
        "tödlich: Erdnüsse",
        "gorge gonfle: noix",
        "Nussallergie",
        "allergic to zorgluberries",
    ] {
        assert_eq!(illness(text), Some(Illness::Allergy), "{text}");
    }
    for text in [
        "verträgt keine Nüsse",
        "Nüsse vertraegt sie nicht",
        "ne supporte pas les noix",
        "no tolera las nueces",
        "non tollera le noci",
        "não tolera nozes",
        "cannot tolerate nuts",
        "doctor forbids nuts",
        "Nussunverträglichkeit",
        "nut sensitivity",
        "sprue",
        "Zöliakie",
        "celíaca",
        "maladie cœliaque",
    ] {
        assert_eq!(illness(text), Some(Illness::Intolerance), "{text}");
    }
    for text in ["vegan", "severe", "verträgt Nüsse", "hypoallergenic pillow", "Celia, likes nuts", "doctor", "traces"]
    {
        assert_eq!(illness(text), None, "{text}");
    }
    assert!(told("sprue", false).substances & codes::alone("WHEAT") != 0);
}

#[test]
fn only_a_plain_negation_directly_before_denies_an_illness() {
    for text in [
        "no nut allergy",
        "no allergies",
        "No known food allergies.",
        "not allergic to nuts",
        "is not allergic",
        "isn't allergic to nuts",
        "keine Nussallergie",
        "keine bekannten Allergien",
        "nicht allergisch auf Nüsse",
        "pas d'allergie aux noix",
        "n'est pas allergique aux noix",
        "nessuna allergia alle noci",
        "non è allergico",
        "sin alergias",
        "no tiene ninguna alergia",
        "não é alérgico a nozes",
        "vegan, no nut allergy",
    ] {
        assert_eq!(illness(text), None, "{text}");
    }
    for text in [
        "no longer allergic to nuts",
        "not sure whether allergic",
        "not only allergic to nuts",
        "no, allergic to nuts",
        "No. Allergic to nuts",
        "no nuts - allergic",
        "no nuts allergy",
        "no nuts, allergy",
        "no milk allergic",
        "no nut allergic",
        "not allergic to nuts but to milk",
        "not allergic to nuts, but to milk",
        "no nut allergy?",
        "nicht mehr allergisch",
        "nicht nur allergisch auf Nüsse",
        "plus d'allergie",
        "no nut allergy and no milk",
        "no egg allergy, allergic to nuts",
        "never said allergic",
    ] {
        assert_eq!(illness(text), Some(Illness::Allergy), "{text}");
    }
    assert_eq!(illness("nuts, traces are ok"), None);
    assert_eq!(illness("Nüsse, Spuren kein Problem"), None);
    assert_eq!(illness("nuts, traces are not ok"), Some(Illness::Allergy));
    assert_eq!(illness("nuts, no traces"), Some(Illness::Allergy));
}

#[test]
fn a_denial_denies_only_what_it_stands_before() {
    for text in [
        "no allergies other than nuts",
        "No allergies, save for nuts",
        "No allergies (nuts aside)",
        "no allergies besides nuts",
        "no allergies other than kiwi",
        "not allergic to anything other than nuts",
        "not allergic to milk; nuts yes",
        "no allergies - nuts only",
        "keine Allergien bis auf Nüsse",
        "keine Allergien abgesehen von Nüssen",
        "aucune allergie à part les noix",
        "pas d'autre allergie que les noix",
        "nessuna allergia a parte noci",
        "nessuna allergia oltre a noci",
        "ninguna alergia aparte de nueces",
        "nenhuma alergia além de nozes",
        "has no EpiPen for nuts",
        "without EpiPen nuts",
    ] {
        assert_eq!(illness(text), Some(Illness::Allergy), "{text}");
    }
    for text in [
        "never without EpiPen: nuts",
        "nicht ohne EpiPen: Nüsse",
        "jamais sans EpiPen: noix",
        "mai senza EpiPen: noci",
        "nunca sin EpiPen: nueces",
        "no EpiPen with her, nuts",
        "without EpiPen today: nuts",
        "has no EpiPen; nuts",
        "no food allergies; nuts though",
        "no allergies. Well, nuts.",
        "none except nuts",
        "no allergies as far as nuts",
        "NKDA, nuts",
        "NKA except nuts",
        "keine Allergien; Nüsse schon",
        "pas d'allergies; noix oui",
        "nessuna allergia; noci sì",
        "sin alergias; nueces sí",
        "sem alergias; nozes sim",
    ] {
        assert_eq!(illness(text), Some(Illness::Allergy), "{text}");
    }
    for text in ["no EpiPen", "no EpiPen with her", "no EpiPen, likes nuts", "no nut allergy, no EpiPen"] {
        assert_eq!(illness(text), None, "{text}");
    }
    for text in [
        "no allergies, no pork",
        "no allergies, no nuts",
        "no allergies as far as I know",
        "NKDA",
        "NKDA, vegan",
        "NKDA, likes nuts",
        "no allergies. Coffee black please",
        "no allergies, coffee",
        "no allergies. Walnut cake as always",
    ] {
        assert_eq!(illness(text), None, "{text}");
    }
    assert_eq!(illness("no allergies, likes nuts"), None);
}

#[test]
fn signs_tell_of_an_illness_and_the_worst_of_danger() {
    for text in ["nuts: collapsed", "unconscious after nuts", "nuts, was intubated", "Notarzt: Nüsse", "nuts: 911"] {
        assert!(told(text, false).is_dangerous, "{text}");
    }
    for text in [
        "nuts: severe",
        "nuts, lips swell",
        "Nüsse: schwer",
        "noix: grave",
        "nuts: loses consciousness",
        "nuts: convulsions",
        "nuts: wheezing",
        "nuts: itchy throat",
        "Nüsse: Atemstillstand",
        "Nüsse: Krampfanfall",
        "Nüsse: geschwollene Lippen",
        "noix: perd connaissance",
        "noix: lèvres bleues",
        "noci: sviene",
        "noci: labbra gonfie",
        "nueces: se desmaya",
        "nueces: paro respiratorio",
        "nozes: desmaio",
        "nozes: lábios inchados",
    ] {
        assert!(told(text, false).is_dangerous, "{text}");
    }
    for text in [
        "nut reaction",
        "nuts: OAS",
        "nuts, EoE",
        "nuts: FPIES",
        "nuts, MCAS",
        "nuts: IgE 90",
        "tingling lips: nuts",
        "Kreuzreaktion: Nüsse",
        "asthma from nuts",
        "Nüsse: Mundbrennen",
        "nueces: hormigueo",
    ] {
        let told = told(text, false);
        assert_eq!((told.illness, told.is_dangerous), (Some(Illness::Allergy), false), "{text}");
    }
    for text in ["lactose int.", "migraine from nuts", "dermatitis herpetiformis", "no debe comer nueces"] {
        assert_eq!(illness(text), Some(Illness::Intolerance), "{text}");
    }
    for text in ["CMA", "IPLV", "KMPA"] {
        assert!(told(text, false).substances & codes::alone("MILK") != 0, "{text}");
    }
    // What many live with says nothing of what they eat.
    for text in [
        "asthma, tea with honey",
        "cough; milk with honey",
        "danger of falling, milk in tea",
        "emergency contact: Mr Almond",
    ] {
        assert_eq!(illness(text), None, "{text}");
    }
    for text in ["itch from nuts", "nuts: hives", "Ausschlag: Nüsse", "prurito: noci"] {
        let told = told(text, false);
        assert_eq!((told.illness, told.is_dangerous), (Some(Illness::Allergy), false), "{text}");
    }
    for text in ["itches", "collapsed", "emergency contact: wife"] {
        assert_eq!(illness(text), None, "{text}");
    }
}

#[test]
fn words_may_ask_that_there_are_no_traces() {
    for text in
        ["also traces", "no traces", "auch Spuren", "aussi traces", "anche tracce", "también trazas", "vestígios"]
    {
        assert!(told(text, true).asks_traces, "{text}");
    }
    for text in ["traces are ok", "Spuren kein Problem", "all nuts", "severe"] {
        assert!(!told(text, true).asks_traces, "{text}");
    }
}

#[test]
fn a_code_tells_of_an_illness_and_denies_none() {
    for (code, expected) in [
        ("NUT_ALLERGY", Some(Illness::Allergy)),
        ("NO_NUT_ALLERGY", Some(Illness::Allergy)),
        ("SEVERE_NUTS", Some(Illness::Allergy)),
        ("EPIPEN_NUTS", Some(Illness::Allergy)),
        ("NUTS_TRACES", Some(Illness::Allergy)),
        ("NUT_SENSITIVITY", Some(Illness::Intolerance)),
        ("NUSS_UNVERTRAEGLICHKEIT", Some(Illness::Intolerance)),
        ("NUSSUNVERTRAEGLICHKEIT", Some(Illness::Intolerance)),
        ("COELIAC", Some(Illness::Intolerance)),
        ("HYPOALLERGENIC_PILLOW", None),
        ("VEGAN", None),
        ("SEVERE_VEGAN", None),
    ] {
        assert_eq!(told_by_code(code).illness, expected, "{code}");
    }
}

#[test]
fn what_is_liked_is_no_matter_of_a_precaution() {
    for (text, kept) in [
        ("likes nuts and tofu", ""),
        ("vegan, eats fish", "vegan, "),
        ("nut allergy. prefers tofu", "nut allergy, "),
        ("mag Nüsse", ""),
        ("elle aime les noix", "elle"),
        ("le gusta el pescado", "le"),
        ("gosta de peixe", ""),
        ("gli piace il pesce", "gli"),
        ("vegetarian, no nut allergy", "vegetarian, "),
        ("keine Nussallergie, kein Schwein", ", kein Schwein"),
    ] {
        assert_eq!(without_likes(text), kept, "{text}");
    }
    for text in [
        "does not like nuts",
        "doesn't eat fish, likes no nuts",
        "eats only fish",
        "mag keine Nüsse",
        "mag Nüsse nicht",
        "isst lieber ohne Nüsse",
        "n'aime pas les noix",
        "no le gusta el pescado",
        "prefers to avoid nuts",
        "likes it nut free",
        "likes nuts but is allergic",
        "ill when he eats nuts",
        "nuts",
        "no milk allergic",
        "likes nuts?",
        "eats everything except nuts",
        "eats everything bar nuts",
        "eats everything other than nuts",
        "eats anything excluding nuts",
        "prefers to skip nuts",
        "isst gern nussfrei",
        "mange tout hormis les noix",
    ] {
        assert_eq!(without_likes(text), text, "{text}");
    }
}

#[test]
fn what_nobody_knows_is_told_beside_what_is_known() {
    let unknown = |text| unknown_items(text, false, |item| lexicon::told_by(item) != 0 || item.contains("vegan"));
    for (text, expected) in [
        ("nut allergy, strawberry allergy", &["strawberry allergy"][..]),
        ("also allergic to lemon", &["also allergic to lemon"]),
        ("allergies: nuts, strawberry, kiwi", &["strawberry", "kiwi"]),
        ("Allergies: nuts; kiwi", &["kiwi"]),
        ("allergic to nuts and lemon", &["lemon"]),
        ("lemon and nut allergy", &["lemon"]),
        ("kiwi: allergic", &["kiwi"]),
        ("strawberry anaphylaxis", &["strawberry anaphylaxis"]),
        ("Erdbeerallergie", &["Erdbeerallergie"]),
        ("allergisch auf Nüsse und Erdbeeren", &["Erdbeeren"]),
        ("allergique aux noix et aux fraises", &["aux fraises"]),
        ("allergico a noci e fragole", &["fragole"]),
        ("alergia: nueces y kiwi", &["kiwi"]),
        ("alergia a nozes e morangos", &["morangos"]),
        ("not allergic to nuts, but to kiwi", &["but to kiwi"]),
        ("nut/kiwi allergy", &["kiwi allergy"]),
        ("EpiPen for strawberries", &["EpiPen for strawberries"]),
        ("carries an EpiPen because of kiwi", &["carries an EpiPen because of kiwi"]),
        ("EpiPen (strawberry)", &["strawberry"]),
        ("KIWI: EpiPen", &["KIWI"]),
        ("reacts to strawberries", &["reacts to strawberries"]),
        ("can't have kiwi", &["can't have kiwi"]),
        ("does not tolerate onion", &["does not tolerate onion"]),
        ("verträgt keinen Knoblauch", &["verträgt keinen Knoblauch"]),
        ("kiwi can kill", &["kiwi can kill"]),
        ("allergic to nuts; lemon", &["lemon"]),
        ("nut allergy. Lemon too.", &["Lemon too"]),
        ("nut allergy (also lemon)", &["also lemon"]),
    ] {
        assert_eq!(unknown(text), expected, "{text}");
    }
    for text in [
        "severe nut allergy, carries an EpiPen",
        "EpiPen in handbag",
        "allergic to nuts since childhood",
        "allergic to nuts, vegan. Window seat",
        "allergic to nuts, likes kiwi and lemon",
        "not allergic to strawberries, kiwi",
        "no known food allergies",
        "no further allergies or intolerances",
        "never had any allergies",
        "Allergies: none",
        "kiwi",
        "highly allergic to nuts, also traces",
        "allergic to nuts, traces are ok",
        "hypoallergenic pillow",
        "husband allergic",
        "reacts to loud noise",
        "can't have visitors",
        "nut allergy. Likes lemon too.",
        "WHEELCHAIR: EpiPen",
        "allergic to nuts; window seat",
        "allergic to nuts, seats them by the large window on the left",
    ] {
        assert_eq!(unknown(text), [""; 0], "{text}");
    }
}
