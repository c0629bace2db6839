//! Codes that say that there is nothing: NONE, NO_ALLERGIES, KEINE, NKDA, N_A. Other systems fill a field with them. Taken for a
//! precaution, each would be an allergy that nobody understands.

/// What stands for "none" by itself.
const WHOLE: [&str; 12] = [
    "N_A",
    "NIL",
    "NKA",
    "NKDA",
    "NKFA",
    "NONE_REPORTED",
    "NONE_SAID",
    "NO_FOOD_ALLERGIES",
    "NO_FOOD_ALLERGY",
    "NO_KNOWN_FOOD_ALLERGIES",
    "NO_KNOWN_FOOD_ALLERGY",
    "NULL",
];

/// Words that negate, of the languages of the substances.
const NEGATIONS: [&str; 26] = [
    "AUCUN",
    "AUCUNE",
    "KEIN",
    "KEINE",
    "KEINEN",
    "KEINERLEI",
    "NA",
    "NEIN",
    "NENHUM",
    "NENHUMA",
    "NESSUN",
    "NESSUNA",
    "NESSUNO",
    "NICHTS",
    "NINGUN",
    "NINGUNA",
    "NINGUNO",
    "NO",
    "NON",
    "NONE",
    "NOT",
    "NOTHING",
    "PAS",
    "RIEN",
    "SEM",
    "SIN",
];

/// Words beside a negation that name nothing.
const FILLERS: [&str; 36] = [
    "ALERGIA",
    "ALERGIAS",
    "ALLERGIA",
    "ALLERGIE",
    "ALLERGIEN",
    "ALLERGIES",
    "ALLERGIC",
    "ALLERGY",
    "ANGABE",
    "ANGABEN",
    "APPLICABLE",
    "BEKANNT",
    "BEKANNTEN",
    "CONNUE",
    "CONOCIDA",
    "CONOCIDAS",
    "D",
    "DE",
    "DIET",
    "DIETARY",
    "DIETS",
    "INTOLERANCE",
    "INTOLERANCES",
    "INTOLERANZ",
    "INTOLERANZEN",
    "KNOWN",
    "NEEDS",
    "NOTA",
    "NOTE",
    "OF",
    "PRECAUTIONS",
    "REQUIREMENTS",
    "RESTRICTIONS",
    "SPECIAL",
    "UNVERTRAEGLICHKEIT",
    "UNVERTRAEGLICHKEITEN",
];

/// Whether a code says that there is nothing. One that names anything ("NO_PORK", "SIN_GLUTEN") does not.
pub fn says_none(code: &str) -> bool {
    let is_negation = |word: &str| NEGATIONS.contains(&word);
    let mut words = code.split('_').filter(|word| !word.is_empty());
    WHOLE.contains(&code)
        || (code.split('_').any(is_negation) && words.all(|word| is_negation(word) || FILLERS.contains(&word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_that_names_nothing_says_none() {
        for code in [
            "NONE",
            "NO",
            "NO_ALLERGIES",
            "NO_KNOWN_ALLERGIES",
            "KEINE",
            "KEINE_ALLERGIEN",
            "NKDA",
            "N_A",
            "NA",
            "AUCUNE_ALLERGIE",
            "PAS_D_ALLERGIE",
            "SIN_ALERGIAS",
            "NESSUNA",
            "NENHUMA",
            "NONE_KNOWN",
            "NO_SPECIAL_DIET",
        ] {
            assert!(says_none(code), "{code}");
        }
        for code in [
            "NO_PORK",
            "SIN_GLUTEN",
            "NO_NUTS",
            "KEINE_NUESSE",
            "OTHER",
            "UNKNOWN",
            "NUTS",
            "ALLERGIES",
            "MILK",
            "NO_FOOD",
            "PEANUTS_NONE",
            "",
        ] {
            assert!(!says_none(code), "{code}");
        }
    }
}
