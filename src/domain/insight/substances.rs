//! Substances that precautions are about: their codes, which of them are parts of others, and the words in names that
//! tell of them.
//!
//! The allergens, and the nuts and cereals among them, are those of Regulation (EU) 1169/2011, annex II; the others are
//! what diets and abstentions leave out. The table errs on the side of leaving something out; it makes no claim that
//! what is left in is safe.

use std::{borrow::Cow, collections::HashMap, sync::LazyLock};

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use fnv::FnvBuildHasher;

use crate::domain::kernel::stems;

/// Shortest word that also counts inside a longer one: "almond" in "almondcake", but "nut" not in "doughnut".
const INSIDE_CHARS_MIN: usize = 5;

/// A substance: the codes it is known by, the code of what it is a part of, and words in the names of items that tell of
/// it: in the singular, in small letters, with a comma and a blank between. Plurals are found too.
struct Substance {
    codes: &'static [&'static str],
    part_of: &'static str,
    words: &'static str,
}

const fn row(codes: &'static [&'static str], part_of: &'static str, words: &'static str) -> Substance {
    Substance { codes, part_of, words }
}

const SUBSTANCES: &[Substance] = &[
    // Nuts, as annex II names them. In daily speech peanuts are nuts too.
    row(&["NUTS", "NUT"], "", ""),
    row(
        &["TREE_NUTS", "TREE_NUT", "TREENUTS"],
        "NUTS",
        "nut, praline, nougat, gianduja, nutella, baklava, muesli, granola",
    ),
    row(&["ALMOND", "ALMONDS"], "TREE_NUTS", "almond, marzipan, frangipane, amaretto, amaretti, macaron, macaroon"),
    row(&["HAZELNUT", "HAZELNUTS"], "TREE_NUTS", "hazelnut"),
    row(&["WALNUT", "WALNUTS"], "TREE_NUTS", "walnut"),
    row(&["CASHEW", "CASHEWS"], "TREE_NUTS", "cashew"),
    row(&["PECAN", "PECANS"], "TREE_NUTS", "pecan"),
    row(&["BRAZIL_NUT", "BRAZIL_NUTS"], "TREE_NUTS", "brazil nut"),
    row(&["PISTACHIO", "PISTACHIOS"], "TREE_NUTS", "pistachio"),
    row(&["MACADAMIA", "MACADAMIAS"], "TREE_NUTS", "macadamia"),
    row(&["PEANUTS", "PEANUT", "GROUNDNUT", "GROUNDNUTS"], "NUTS", "peanut, groundnut, satay, monkey nut"),
    row(
        &["MILK", "DAIRY", "LACTOSE", "COW_MILK", "COWS_MILK"],
        "",
        "milk, cheese, butter, cream, yogurt, yoghurt, latte, cappuccino, flat white, macchiato, mozzarella, parmesan, \
         ricotta, whey, custard, gelato, kefir, feta, brie, ghee, fudge, caramel, eclair",
    ),
    row(
        &["EGGS", "EGG"],
        "",
        "egg, omelette, omelet, mayonnaise, mayo, meringue, frittata, quiche, aioli, custard, macaron, macaroon, eclair",
    ),
    row(&["SEAFOOD"], "", "seafood"),
    row(
        &["FISH"],
        "SEAFOOD",
        "fish, salmon, tuna, cod, trout, anchovy, sardine, herring, mackerel, halibut, haddock, tilapia, caviar, \
         seabass, sushi, sashimi",
    ),
    row(&["SHELLFISH"], "SEAFOOD", "shellfish"),
    row(
        &["CRUSTACEANS", "CRUSTACEAN"],
        "SHELLFISH",
        "crustacean, shrimp, prawn, crab, lobster, crayfish, langoustine, scampi",
    ),
    row(
        &["MOLLUSCS", "MOLLUSC", "MOLLUSKS", "MOLLUSK"],
        "SHELLFISH",
        "mussel, oyster, clam, scallop, squid, calamari, octopus, snail, escargot, mollusc",
    ),
    row(
        &["GLUTEN", "CEREALS", "COELIAC", "CELIAC"],
        "",
        "gluten, bread, pasta, spaghetti, noodle, flour, cake, croissant, bagel, biscuit, cookie, cracker, pizza, beer, \
         bun, roll, sandwich, toast, pastry, baguette, muffin, waffle, pretzel, muesli, granola, \
         eclair, pie, tart",
    ),
    row(&["WHEAT", "SPELT", "KHORASAN"], "GLUTEN", "wheat, spelt, couscous, bulgur, semolina, seitan"),
    row(&["RYE"], "GLUTEN", "rye"),
    row(&["BARLEY"], "GLUTEN", "barley"),
    row(&["OATS", "OAT"], "GLUTEN", ""),
    row(&["SOY", "SOYA", "SOYBEANS", "SOYBEAN"], "", "soy, soya, tofu, edamame, miso, tempeh"),
    row(&["CELERY"], "", "celery, celeriac"),
    row(&["MUSTARD"], "", "mustard"),
    row(&["SESAME", "SESAME_SEEDS"], "", "sesame, tahini, hummus, halva, falafel"),
    row(&["SULPHITES", "SULFITES", "SULPHUR_DIOXIDE", "SULFUR_DIOXIDE"], "", "wine, sulphite, sulfite, cider"),
    row(&["LUPIN", "LUPINE"], "", "lupin, lupine"),
    // What diets and abstentions leave out.
    row(
        &["ALCOHOL"],
        "",
        "alcohol, wine, beer, ale, lager, stout, cider, champagne, prosecco, cava, spirits, liquor, liqueur, whisky, \
         whiskey, vodka, gin, rum, tequila, brandy, cognac, cocktail, sake, vermouth, martini, negroni, spritz, aperol, \
         margarita, mojito, tiramisu, merlot, cabernet, chardonnay, riesling, bourbon, sherry, port, ipa, pilsner, \
         burgundy, rioja, grappa",
    ),
    row(&["MEAT"], "", "meat, sausage, burger, bolognese, meatball, schnitzel"),
    row(
        &["PORK"],
        "MEAT",
        "pork, ham, bacon, prosciutto, salami, chorizo, lard, pancetta, gelatin, gelatine, pepperoni",
    ),
    row(&["BEEF", "VEAL"], "MEAT", "beef, steak, veal"),
    row(&["LAMB", "MUTTON"], "MEAT", "lamb"),
    row(&["POULTRY"], "MEAT", "chicken, turkey, duck, goose, foie gras"),
    row(&["GAME"], "MEAT", "venison, rabbit"),
    row(
        &["CAFFEINE"],
        "",
        "caffeine, coffee, espresso, cappuccino, latte, macchiato, americano, ristretto, cola, matcha",
    ),
    row(&["HONEY"], "", "honey"),
];

/// A diet: what it leaves out; what it allows only where the venue vouches for how it was made; and the stricter diets that
/// fit it too.
struct Diet {
    code: &'static str,
    leaves_out: &'static [&'static str],
    vouched_for: &'static [&'static str],
    fits_also: &'static [&'static str],
}

const DIETS: &[Diet] = &[
    Diet { code: "VEGAN", leaves_out: &["MILK", "EGGS", "SEAFOOD", "MEAT", "HONEY"], vouched_for: &[], fits_also: &[] },
    Diet { code: "VEGETARIAN", leaves_out: &["SEAFOOD", "MEAT"], vouched_for: &[], fits_also: &["VEGAN"] },
    Diet { code: "PESCATARIAN", leaves_out: &["MEAT"], vouched_for: &[], fits_also: &["VEGAN", "VEGETARIAN"] },
    Diet { code: "HALAL", leaves_out: &["PORK", "ALCOHOL"], vouched_for: &["MEAT"], fits_also: &[] },
    Diet { code: "KOSHER", leaves_out: &["PORK", "SHELLFISH"], vouched_for: &["MEAT"], fits_also: &[] },
];

/// A set of indices in [`SUBSTANCES`].
pub type Substances = u128;

const _: () = assert!(SUBSTANCES.len() <= Substances::BITS as usize);

/// What a precaution about a code forbids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Forbids {
    /// The substance, what it is a part of (there it may be), and what is a part of it.
    pub substances: Substances,
    /// What is forbidden besides, unless the venue vouches for it: meat, in a halal diet.
    pub unless_vouched: Substances,
    /// False: the table knows nothing of it.
    pub is_known: bool,
}

/// The tables, turned over for asking.
struct Index {
    /// By code: the substance itself, and what a precaution about it forbids.
    codes: HashMap<&'static str, (Substances, Forbids), FnvBuildHasher>,
    /// By index in [`SUBSTANCES`]: what a precaution about it forbids.
    related: Vec<Substances>,
}

static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let index_of = |code: &str| SUBSTANCES.iter().position(|known| known.codes.contains(&code));
    let above = |index: usize| {
        let first = Some(index);
        std::iter::successors(first, |index| index_of(SUBSTANCES[*index].part_of))
            .fold(0, |set, index| set | 1 << index)
    };
    let up: Vec<Substances> = (0..SUBSTANCES.len()).map(above).collect();
    let below =
        |index: usize| (0..up.len()).filter(|other| up[*other] & 1 << index != 0).fold(0, |set, at| set | 1 << at);
    let related: Vec<Substances> = (0..up.len()).map(|index| up[index] | below(index)).collect();
    let all = |codes: &[&str]| codes.iter().filter_map(|code| index_of(code)).fold(0, |set, at| set | related[at]);
    let mut codes = HashMap::default();
    for (index, substance) in SUBSTANCES.iter().enumerate() {
        let forbids = Forbids { substances: related[index], unless_vouched: 0, is_known: true };
        codes.extend(substance.codes.iter().map(|code| (*code, (1 << index, forbids))));
    }
    for diet in DIETS {
        let forbids =
            Forbids { substances: all(diet.leaves_out), unless_vouched: all(diet.vouched_for), is_known: true };
        codes.insert(diet.code, (0, forbids));
    }
    Index { codes, related }
});

/// What a precaution with this code forbids. A code that the table does not have may be a part of what its words tell of:
/// a shrimp is a crustacean.
pub fn forbidden_by(code: &str) -> Forbids {
    match INDEX.codes.get(code) {
        Some((_, forbids)) => *forbids,
        None => Forbids { substances: related_to(told_by(code)), ..Forbids::default() },
    }
}

/// The substances that a code among contents stands for.
pub fn of_content(code: &str) -> Substances {
    match INDEX.codes.get(code) {
        Some((substances, _)) => *substances,
        None => told_by(code),
    }
}

/// Whether a code is that of a diet in the table.
pub fn is_diet(code: &str) -> bool {
    DIETS.iter().any(|diet| diet.code == code)
}

/// The code of one of some substances; `None`: there are none.
pub(in crate::domain) fn code_of(substances: Substances) -> Option<&'static str> {
    SUBSTANCES.get(substances.trailing_zeros() as usize).map(|known| known.codes[0])
}

/// Whether the table knows a code, or its words tell of something in the table. Against any other content only a precaution
/// with the very same code speaks.
pub fn is_known(code: &str) -> bool {
    INDEX.codes.contains_key(code) || told_by(code) != 0
}

/// Whether it is understood what a precaution with this code is about: the table has the code, or every word of it. Of
/// "COCONUT_MILK" only a part is understood, and so nothing of it is: it is not milk.
pub fn is_understood(code: &str) -> bool {
    INDEX.codes.contains_key(code) || code.split('_').all(is_word)
}

/// Whether a word is one of the table's, in the singular or the plural.
fn is_word(word: &str) -> bool {
    LEXICON.words.iter().any(|(known, _)| {
        let (start, ending) = word.split_at_checked(known.len()).unwrap_or_default();
        let last = known.as_bytes()[known.len() - 1];
        start.eq_ignore_ascii_case(known) && (ending.is_empty() || stems::is_plural_ending(last, ending))
    })
}

/// Substances, what they are parts of, and what is a part of them.
pub fn related_to(substances: Substances) -> Substances {
    let indices = (0..SUBSTANCES.len()).filter(|index| substances & 1 << index != 0);
    indices.fold(0, |set, index| set | INDEX.related[index])
}

/// Whether something that is vouched for under one diet is fit for another.
pub fn diet_fits(wanted: &str, vouched: &str) -> bool {
    wanted == vouched || DIETS.iter().any(|diet| diet.code == wanted && diet.fits_also.contains(&vouched))
}

/// The table as one automaton: a name is read once for all words together.
struct Lexicon {
    finder: AhoCorasick,
    /// For each word, and for each plural that another ending makes: the word, and the substances it tells of.
    words: Vec<(Cow<'static, str>, Substances)>,
}

static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| {
    let mut words: Vec<(Cow<'static, str>, Substances)> = Vec::new();
    for (index, substance) in SUBSTANCES.iter().enumerate() {
        let singulars = substance.words.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        let plurals = singulars.clone().filter_map(|entry| stems::plural_of_y(entry).map(Cow::Owned));
        for entry in singulars.map(Cow::Borrowed).chain(plurals) {
            match words.iter_mut().find(|(word, _)| *word == entry) {
                Some((_, substances)) => *substances |= 1 << index,
                None => words.push((entry, 1 << index)),
            }
        }
    }
    let mut builder = AhoCorasick::builder();
    // The fastest kind: a few hundred kilobytes, once.
    builder.ascii_case_insensitive(true).kind(Some(AhoCorasickKind::DFA));
    let finder = builder.build(words.iter().map(|(word, _)| word.as_bytes()));
    Lexicon { finder: finder.expect("the table is small and fixed"), words }
});

/// What the words of a name tell of.
pub fn told_by(text: &str) -> Substances {
    let mut found = 0;
    for hit in LEXICON.finder.find_overlapping_iter(text) {
        let (word, substances) = &LEXICON.words[hit.pattern().as_usize()];
        if found & substances != *substances && counts(text, word, hit.start(), hit.end()) {
            found |= substances;
        }
    }
    found
}

/// Whether a word of the table counts where it was found: as a word of its own, also in the plural, or inside another
/// one when it is long enough.
fn counts(text: &str, word: &str, start: usize, end: usize) -> bool {
    if word.len() >= INSIDE_CHARS_MIN && !word.contains(' ') {
        return true;
    }
    let starts = !text[..start].chars().next_back().is_some_and(char::is_alphanumeric);
    let rest = &text[end..];
    let rest = &rest[..rest.find(|char: char| !char.is_alphanumeric()).unwrap_or(rest.len())];
    let last = word.as_bytes()[word.len() - 1];
    starts && (rest.is_empty() || stems::is_plural_ending(last, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a precaution about one code speaks against a content with another.
    fn vetoes(precaution: &str, content: &str) -> bool {
        forbidden_by(precaution).substances & of_content(content) != 0
    }

    #[test]
    fn a_part_and_its_whole_forbid_each_other_and_sisters_do_not() {
        for (precaution, content, expected) in [
            ("ALMOND", "ALMOND", true),
            ("ALMOND", "ALMONDS", true),
            ("ALMOND", "TREE_NUTS", true),
            ("ALMOND", "NUTS", true),
            ("ALMOND", "HAZELNUT", false),
            ("ALMOND", "PEANUTS", false),
            ("TREE_NUTS", "ALMOND", true),
            ("TREE_NUTS", "PEANUTS", false),
            ("NUTS", "PEANUT", true),
            ("NUTS", "BRAZIL_NUT", true),
            ("PEANUTS", "TREE_NUTS", false),
            ("SHELLFISH", "MOLLUSCS", true),
            ("MOLLUSCS", "CRUSTACEANS", false),
            ("FISH", "SHELLFISH", false),
            ("SEAFOOD", "FISH", true),
            ("WHEAT", "GLUTEN", true),
            ("WHEAT", "RYE", false),
            ("COELIAC", "OATS", true),
            ("LACTOSE", "MILK", true),
            ("PORK", "MEAT", true),
            ("PORK", "BEEF", false),
            ("SHRIMP", "CRUSTACEANS", true),
            ("CRUSTACEANS", "SHRIMP", true),
            ("SHRIMP", "MILK", false),
            ("KIWI", "MILK", false),
        ] {
            assert_eq!(vetoes(precaution, content), expected, "{precaution} and {content}");
        }
    }

    #[test]
    fn every_allergen_of_annex_ii_is_known() {
        let annex = [
            "GLUTEN",
            "WHEAT",
            "RYE",
            "BARLEY",
            "OATS",
            "CRUSTACEANS",
            "EGGS",
            "FISH",
            "PEANUTS",
            "SOYBEANS",
            "MILK",
            "TREE_NUTS",
            "ALMOND",
            "HAZELNUT",
            "WALNUT",
            "CASHEW",
            "PECAN",
            "BRAZIL_NUT",
            "PISTACHIO",
            "MACADAMIA",
            "CELERY",
            "MUSTARD",
            "SESAME",
            "SULPHITES",
            "LUPIN",
            "MOLLUSCS",
        ];
        for code in annex {
            assert!(forbidden_by(code).is_known && vetoes(code, code), "{code}");
        }
        let parts = SUBSTANCES.iter().filter(|known| !known.part_of.is_empty());
        for part in parts {
            assert!(SUBSTANCES.iter().any(|known| known.codes[0] == part.part_of), "{} is no substance", part.part_of);
        }
    }

    #[test]
    fn names_tell_of_substances_in_the_singular_and_the_plural() {
        for (name, code) in [
            ("Danish pastries", "GLUTEN"),
            ("danish pastry", "GLUTEN"),
            ("Two brandies", "ALCOHOL"),
            ("Whiskies of Islay", "ALCOHOL"),
            ("Sherries", "ALCOHOL"),
            ("Anchovies on toast", "FISH"),
            ("Almond", "ALMOND"),
            ("Macarons", "ALMOND"),
            ("Macarons", "EGGS"),
            ("Coconut macaroon", "EGGS"),
            ("Muesli", "GLUTEN"),
            ("Granola bar", "TREE_NUTS"),
            ("Eclairs", "GLUTEN"),
            ("Eclairs", "MILK"),
            ("Eclairs", "EGGS"),
            ("Apple pie", "GLUTEN"),
            ("Fruit tarts", "GLUTEN"),
            ("Caramel fudge", "MILK"),
        ] {
            assert!(told_by(name) & of_content(code) != 0, "{name} and {code}");
        }
        for name in ["A magpie", "Tartan", "Turkish delight", "A tarty jam"] {
            assert_eq!(told_by(name), 0, "{name}");
        }
        for code in ["PASTRIES", "ANCHOVIES", "ANCHOVY", "PIES"] {
            assert!(is_understood(code), "{code}");
        }
    }

    #[test]
    fn a_code_is_understood_whole_or_not_at_all() {
        for code in ["MILK", "TREENUTS", "SHRIMP", "SHRIMPS", "PEANUT", "RED_WINE", "HALAL"] {
            assert_eq!(is_understood(code), code != "RED_WINE", "{code}");
        }
        for code in
            ["", "_", "MANDEL", "NOIX", "TREENUT", "COCONUT_MILK", "BUTTERNUT", "KIWI", "OTHER", "SEE_TEXT", "NUTMEG"]
        {
            assert!(!is_understood(code), "{code}");
        }
    }

    #[test]
    fn diets_leave_out_what_they_do() {
        for (diet, content, forbidden, unless_vouched) in [
            ("VEGAN", "MILK", true, false),
            ("VEGAN", "ALMOND", false, false),
            ("VEGAN", "BEEF", true, false),
            ("VEGETARIAN", "EGGS", false, false),
            ("VEGETARIAN", "OYSTER", true, false),
            ("PESCATARIAN", "FISH", false, false),
            ("HALAL", "PORK", true, false),
            ("HALAL", "ALCOHOL", true, false),
            ("HALAL", "BEEF", false, true),
            ("KOSHER", "CRUSTACEANS", true, false),
            ("KOSHER", "POULTRY", false, true),
            ("KOSHER", "FISH", false, false),
        ] {
            let Forbids { substances, unless_vouched: vouched, is_known } = forbidden_by(diet);
            let hits = |set: Substances| set & of_content(content) != 0;
            assert!(is_known);
            assert_eq!((hits(substances), hits(vouched)), (forbidden, forbidden && hits(vouched) || unless_vouched));
        }
        assert!(diet_fits("VEGETARIAN", "VEGAN") && !diet_fits("VEGAN", "VEGETARIAN"));
        assert!(diet_fits("LOW_SALT", "LOW_SALT") && !diet_fits("HALAL", "KOSHER"));
    }
}
