use super::*;
use crate::domain::words::{codes, told_by};

fn brings_nuts(promise: &str) -> bool {
    told_by(&brought(promise)) & codes::with_parts(codes::of_code("NUTS").unwrap_or_default()) != 0
}

const SPOKEN_OF: &[&str] = &[
    "Ask the kitchen about nuts",
    "Please ask the chef whether the cake has nuts.",
    "Check for nuts",
    "We will check the dessert for nuts, and call back",
    "Tell the kitchen about the nut allergy",
    "Bring a menu without nuts",
    "Bring the menu (no nuts)",
    "Bring the nut-free menu",
    "Avoid nuts",
    "Küche nach Nüssen fragen",
    "Bitte in der Küche wegen der Nüsse nachfragen",
    "Menü ohne Nüsse bringen",
    "Keine Nüsse",
    "Demander à la cuisine s'il y a des noix",
    "Vérifier si le gâteau contient des noix",
    "Apporter un menu sans noix",
    "Chiedere in cucina se ci sono noci",
    "Portare un menù senza noci",
    "Preguntar a la cocina por las nueces",
    "Traer un menú sin nueces",
    "Perguntar à cozinha sobre nozes",
    "Trazer uma ementa sem nozes",
    "Ask the kitchen about nuts before dinner, please",
    "Ask about nuts at 8:30",
    "Ask about nuts and tell the kitchen about the nut allergy",
    "Check the cake for nuts",
    "Bring a menu without nuts before eight",
    "Bring a menu without nuts and milk",
    "Pas de noix",
    "Nüsse vermeiden",
    "Éviter les noix",
    "Bring a menu without tree nuts",
    "Traer un menú sin frutos secos",
    "Trazer uma ementa sem frutos de casca rija",
    "Remember: allergy to nuts",
    "Note: he is allergic to nuts",
    "Remember the nut allergy",
    "Recordar: alergia a las nueces",
    "Nut allergy: bring soda",
    "Bring a menu without nuts and serve it at eight",
    "Refund the nut cake",
    "Apologise for the nut cake",
    "Nusskuchen erstatten",
];

const BROUGHT: &[&str] = &[
    "Bring the nut cake",
    "Nut cake at eight",
    "Ask about the table. Nut cake at eight.",
    "Ask about the sauce, then the nut cake",
    "Ask the kitchen for nuts",
    "Ask the chef to make the nut cake",
    "Ask whether we can serve the nut cake",
    "Ask about dinner and bring the nut cake",
    "Ask about allergies before the nut cake",
    "Tell the kitchen to send nuts",
    "Nut cake - ask about the sauce",
    "Check the nut cake is ready",
    "Bring nuts free of charge",
    "Nuts, free",
    "Not without nuts",
    "Bring the menu with or without nuts",
    "Do not forget the nut cake",
    "Without fail: the nut cake",
    "Nusskuchen bringen",
    "Küche bitten, Nusskuchen zu backen",
    "Nusskuchen bringen und nach dem Tisch fragen",
    "Nicht ohne Nüsse",
    "Demander des noix",
    "Apporter le gâteau aux noix",
    "Vérifier si le gâteau aux noix est prêt",
    "Chiedere le noci",
    "Portare la torta di noci",
    "Pedir nueces",
    "Traer la tarta de nueces",
    "Trazer o bolo de nozes",
    "Pedir nozes",
    // What is asked about comes afterwards.
    "Ask if she wants the nut cake and bring it",
    "Ask if she wants the nut cake, then deliver",
    "Ask if she wants the nut cake. Take it up.",
    "Ask about the nut cake and put it in the room",
    "Ask about the nut cake, then up to room 12",
    "Ask the kitchen about the nut cake and bring a slice",
    "Ask about the nut cake. If so, one for table 4.",
    "Fragen, ob sie Nusskuchen möchte, und ihn bringen",
    "Nach dem Nusskuchen fragen und bring ihn",
    "Nach dem Nusskuchen fragen und hochbringen",
    "Nach dem Nusskuchen fragen, dann aufs Zimmer",
    "Demander si elle veut le gâteau aux noix et l'apporter",
    "Demander au sujet du gâteau aux noix et le monter",
    "Chiedere se vuole la torta di noci e portarla",
    "Informarsi sulla torta di noci e servirla",
    "Preguntar por la tarta de nueces y llevárselo",
    "Preguntar por la tarta de nueces y subirla",
    "Perguntar sobre o bolo de nozes e levá-lo",
    "Perguntar sobre o bolo de nozes e servi-lo",
    // It is offered, or asked for.
    "Ask whether she would like the nut cake",
    "Ask for a piece of nut cake if possible",
    "Tell her about the nut cake we have for her",
    "Inform her about the nut cake",
    "Sie über den Nusskuchen informieren",
    "L'informer au sujet du gâteau aux noix",
    "Informarla sulla torta di noci",
    "Informarle sobre la tarta de nueces",
    "Informá-la sobre o bolo de nozes",
    "Remind the kitchen about the nut cake",
    // Not to be forgotten, or late.
    "Don't forget the nut cake",
    "Nicht den Nusskuchen vergessen",
    "Ohne den Nusskuchen zu vergessen",
    "Ne pas oublier le gâteau aux noix",
    "Non dimenticare la torta di noci",
    "No olvidar la tarta de nueces",
    "Não esquecer o bolo de nozes",
    "No nut cake before 8",
    "No nut cake until the speech",
    "Keinen Nusskuchen vor acht",
    "Noch keinen Nusskuchen bringen",
    "Pas de gâteau aux noix avant huit heures",
    "Avoid delay with the nut cake",
    "Verzögerung beim Nusskuchen vermeiden",
    "Éviter tout retard pour le gâteau aux noix",
    "Evitare ritardi con la torta di noci",
    "Evitar retrasos con la tarta de nueces",
    "Evitar atrasos com o bolo de nozes",
    "Ohne Nusskuchen geht sie nicht",
    "Without the nut cake she stays away",
    "Sans gâteau aux noix elle ne part pas",
    "Senza torta di noci non va via",
    "No se va sin tarta de nueces",
    "Sem bolo de nozes não sai",
    "No nut cake, no party",
    "Kein Nusskuchen, kein Fest",
    "Never without her nut cake",
    "Coffee without sugar and nut cake",
    "Refund the nut cake and bring another",
    "Nut allergy: bring it",
    // A no that is answered, or none.
    "No walnut cake? Bring it",
    "No walnuts? add some",
    "No walnut cake; bring one",
    "No walnut cake - bring it",
    "Kein Walnusskuchen? Einen bringen",
    "Bring cake without walnuts or with",
    "Hold the walnut cake, she comes at nine",
    "Hold the nuts for him",
    // Not of an allergy alone.
    "Nuts to the allergic lady",
    "Allergy-friendly nut cake at eight",
    "Nut cake, allergy noted",
    "Note: allergic to milk, nut cake at eight",
];

#[test]
fn only_a_verb_at_the_end_leaves_out_what_stands_before() {
    for (promise, expected) in
        [("Nuts for Evita", true), ("Evita nuts", false), ("Nüsse bitte vermeiden", false), ("Avoid nuts", false)]
    {
        assert_eq!(brings_nuts(promise), expected, "{promise}");
    }
}

#[test]
fn what_is_asked_checked_told_or_left_out_is_not_brought() {
    let wrong: Vec<_> = SPOKEN_OF.iter().filter(|promise| told_by(promise) == 0 || brings_nuts(promise)).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn what_is_brought_is_told_and_so_is_what_is_in_doubt() {
    let wrong: Vec<_> = BROUGHT.iter().filter(|promise| !brings_nuts(promise)).map(|one| brought(one)).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}
