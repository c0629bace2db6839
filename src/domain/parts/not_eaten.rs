//! Precautions that are about nothing eaten or drunk.

/// Codes of precautions that have nothing to do with eating or drinking. Latex and nickel are not among them: they get into
/// food.
pub const PRECAUTIONS_NOT_EATEN: &[&str] = &[
    "ANIMAL_HAIR",
    "ANTIBIOTIC",
    "ANTIBIOTICS",
    "ANTIBIOTIKA",
    "ASPIRIN",
    "BEE_STING",
    "BEE_STINGS",
    "CAT",
    "CATS",
    "CAT_HAIR",
    "CHLORINE",
    "CONTRAST_DYE",
    "DETERGENT",
    "DETERGENTS",
    "DOG",
    "DOGS",
    "DOG_HAIR",
    "DOWN",
    "DUST",
    "DUST_MITES",
    "FEATHER",
    "FEATHERS",
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_that_are_no_food_are_in_order() {
        assert!(PRECAUTIONS_NOT_EATEN.is_sorted());
    }
}
