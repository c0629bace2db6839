//! Codes with a slip of the pen: TREENUT, PEANUTZ, PREGNENT_DIET.

use super::{codes, fold, needs, phrases};

/// From so many letters on, two slips are one word misspelt; in a shorter one they make another word.
const TWO_SLIPS_CHARS_MIN: usize = 8;
/// Shorter words are too like each other: "HAM" and "YAM".
const SLIP_CHARS_MIN: usize = 4;
/// Blanks that the longest name of a substance has: "lait d'amande" has two. A code may be written without them.
const BLANKS_MAX: usize = 4;
/// Shorter needs are soon an allergen with a slip that they have nothing to do with: "SIGHT", "MILE".
const NEED_CHARS_MIN: usize = 6;

/// The code that one with a slip was most likely meant to be.
pub fn suggestion(code: &str) -> Option<&'static str> {
    let (meant, slips_max) = meant(code)?;
    let near = phrases::known().filter(|(phrase, _)| phrase.len().abs_diff(meant.len()) <= slips_max + BLANKS_MAX);
    let slips = near.filter_map(|(phrase, code)| {
        let slips = strsim::osa_distance(&phrase.replace(' ', ""), &meant);
        (slips <= slips_max).then_some((slips, code))
    });
    slips.min().map(|(_, code)| code)
}

/// What a code says without words that say nothing by themselves, and how many slips may be in it; `None`: it is too short for any.
fn meant(code: &str) -> Option<(String, usize)> {
    let meant = telling(code);
    match meant.len() {
        ..SLIP_CHARS_MIN => None,
        SLIP_CHARS_MIN..TWO_SLIPS_CHARS_MIN => Some((meant, 1)),
        _ => Some((meant, 2)),
    }
}

/// The words of a code that say something by themselves, in one.
fn telling(code: &str) -> String {
    fold::folded(code).split(' ').filter(|word| !phrases::is_besides(word)).collect()
}

/// Whether a code that is not understood, or a word of it, was most likely meant to be one of a diet's: PREGNENT_DIET.
/// `diet`: the first of its codes.
pub fn is_slip_of_diet(diet: &str, code: &str) -> bool {
    if codes::forbidden_by(code).is_some() || phrases::meaning(code).is_some() {
        return false;
    }
    // All words are compared only with what is near: it is asked of each precaution that is shown.
    let is_near = |(meant, slips_max): (String, usize)| {
        let mut near = codes::codes_of_diet(diet).filter(|known| known.len().abs_diff(meant.len()) <= slips_max);
        near.any(|known| strsim::osa_distance(&known.to_lowercase(), &meant) <= slips_max)
    };
    let is_slip = |words: &str| meant(words).is_some_and(is_near) && suggestion(words) == Some(diet);
    is_slip(code) || code.split('_').any(is_slip)
}

/// Whether a code that was noted as a need is the name of an allergen with a slip, or without its blanks: GLUTAN, TREENUT, NUTZ. Words that are
/// like one and mean something else (HEARING is no herring) stand in `data/needs.txt`.
pub fn is_slip_of_allergen(code: &str) -> bool {
    let meant = telling(code);
    if needs::is_no_slip(&meant) {
        return false;
    }
    // "NUTZ", whatever its length.
    let plural = meant.strip_suffix('z').map(|singular| [singular, "s"].concat());
    let is_long = meant.len() >= NEED_CHARS_MIN;
    phrases::codes_of_allergens().any(|name| {
        if plural.as_deref() == Some(name) {
            return true;
        }
        is_long
            && name.len() >= NEED_CHARS_MIN
            && name.len().abs_diff(meant.len()) <= 1 + BLANKS_MAX
            && strsim::osa_distance(&name.replace(' ', ""), &meant) <= 1
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_allergen_with_a_slip_is_told_from_other_needs() {
        for code in [
            "NUTZ",
            "EGGZ",
            "PEANUTZ",
            "TREENUT",
            "TREENUTS",
            "GLUTAN",
            "SESAMEE",
            "ALMMOND",
            "HAZELNUST",
            "CASHEWZ",
            "LACTOZE",
        ] {
            assert!(is_slip_of_allergen(code), "{code}");
        }
        for code in OTHER_NEEDS.split_whitespace() {
            assert!(!is_slip_of_allergen(code), "{code}");
        }
    }

    /// What hotels and restaurants note as a need or a topic.
    const OTHER_NEEDS: &str = "
        WHEELCHAIR HEARING HEARING_LOOP HARD_OF_HEARING SIGHT BLIND DEAF WALKER CRUTCHES STROLLER PRAM SERVICE_DOG GUIDE_DOG RAMP LIFT
        ELEVATOR GROUND_FLOOR LOW_BED GRAB_BAR SHOWER_CHAIR LARGE_PRINT BRAILLE QUIET_ROOM AUTISM DEMENTIA ANXIETY PTSD DIABETES INSULIN
        ASTHMA EPILEPSY PACEMAKER OXYGEN DIALYSIS CANE STICK SCOOTER HIGH_CHAIR COT CRIB DIVORCE DEATH WIDOW RELIGION POLITICS SOBRIETY WEIGHT
        FERTILITY MISCARRIAGE ILLNESS CANCER SURGERY JOB MONEY AGE EX_WIFE SON DAUGHTER MOTHER FATHER WAR ELECTION FOOTBALL TAXES
        ROLLSTUHL GEHHILFE HOERGERAET BLINDENHUND SEHBEHINDERT TREPPEN AUFZUG ERDGESCHOSS SCHEIDUNG TOD KRANKHEIT POLITIK GELD ALTER
        FAUTEUIL_ROULANT SURDITE CECITE ASCENSEUR DEUIL DIVORCE SEDIA_A_ROTELLE SORDITA ASCENSORE LUTTO SILLA_DE_RUEDAS SORDERA ASCENSOR DUELO
        CADEIRA_DE_RODAS SURDEZ ELEVADOR LUTO";
}
