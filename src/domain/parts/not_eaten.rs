//! Precautions that are about nothing eaten or drunk.

/// Codes of precautions that have nothing to do with eating or drinking. Latex and nickel are not among them: they get into
/// food.
pub const PRECAUTIONS_NOT_EATEN: &[&str] = &[
    "ACARI",
    "ACARIENS",
    "ACAROS",
    "ADHESIVE",
    "ADHESIVES",
    "AMOXICILLIN",
    "ANIMAL_HAIR",
    "ANTIBIOTIC",
    "ANTIBIOTICS",
    "ANTIBIOTIKA",
    "ASPIRIN",
    "BEE",
    "BEES",
    "BEE_STING",
    "BEE_STINGS",
    "BEE_VENOM",
    "BIENEN",
    "BIRCH_POLLEN",
    "CAT",
    "CATS",
    "CAT_HAIR",
    "CHAT",
    "CHATS",
    "CHIEN",
    "CHIENS",
    "CHLORINE",
    "CONTRAST_DYE",
    "COSMETICS",
    "DAUNEN",
    "DETERGENT",
    "DETERGENTS",
    "DOG",
    "DOGS",
    "DOG_HAIR",
    "DOWN",
    "DUST",
    "DUSTMITES",
    "DUST_MITES",
    "FEATHER",
    "FEATHERS",
    "FEDERN",
    "FRAGRANCE",
    "FRAGRANCES",
    "GAMBLING",
    "GRAMINACEE",
    "GRAMINEAS",
    "GRAMINEES",
    "GRASS",
    "GRASSES",
    "HAUSSTAUB",
    "HAY_FEVER",
    "HEUSCHNUPFEN",
    "HOUSE_DUST",
    "HOUSE_DUST_MITES",
    "IBUPROFEN",
    "INSECT_STING",
    "INSECT_STINGS",
    "INSEKTENSTICHE",
    "MITES",
    "NICOTINE",
    "PENICILINA",
    "PENICILLIN",
    "PENICILLINA",
    "PENICILLINE",
    "PENIZILLIN",
    "PERFUME",
    "PERFUMES",
    "PETS",
    "PET_HAIR",
    "PLASTER",
    "PLASTERS",
    "POLEN",
    "POLLEN",
    "POLLENS",
    "POLLINE",
    "RHUME_DES_FOINS",
    "SMOKE",
    "SMOKING",
    "SOAP",
    "SUN",
    "SUNLIGHT",
    "TIERHAARE",
    "TOBACCO",
    "WASP_STING",
    "WASP_STINGS",
    "WOOL",
];

/// Whether words name one of them, written as words are: "house dust mites".
pub(super) fn is_not_eaten(words: &str) -> bool {
    let is_it = |code: &&str| {
        let letters = code.bytes().filter(|byte| *byte != b'_').map(|byte| byte.to_ascii_lowercase());
        letters.eq(words.bytes().filter(|byte| *byte != b' '))
    };
    PRECAUTIONS_NOT_EATEN.iter().any(is_it)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_that_are_no_food_are_in_order() {
        assert!(PRECAUTIONS_NOT_EATEN.is_sorted());
    }
}
