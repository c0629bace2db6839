//! What must not be suggested: precautions, dislikes and refusals, matched by words.
//!
//! Venues do not say yet what their items contain, so names are all there is. The table errs on the side of leaving
//! something out; it makes no claim that what is left in is safe.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use super::{Moment, respect::is_kept_away, words};
use crate::domain::precaution::PrecautionKind;

/// Shortest word that also counts inside a longer one: "almond" in "almondcake", but "nut" not in "doughnut".
const INSIDE_CHARS_MIN: usize = 5;

/// A substance: the codes it is known by, and words in the names of items that tell of it: in the singular, in small
/// letters, with a comma and a blank between.
struct Substance {
    codes: &'static [&'static str],
    words: &'static str,
}

/// The fourteen allergens of Regulation (EU) 1169/2011, annex II, and what diets leave out.
const SUBSTANCES: &[Substance] = &[
    Substance {
        codes: &["TREE_NUTS", "TREE_NUT", "NUTS", "NUT", "TREENUTS"],
        words: "nut, almond, hazelnut, walnut, cashew, pecan, pistachio, macadamia, brazil nut, praline, \
                marzipan, nougat, frangipane, amaretto, gianduja, nutella, baklava, amaretti",
    },
    Substance {
        codes: &["PEANUTS", "PEANUT", "GROUNDNUT", "GROUNDNUTS", "NUTS", "NUT"],
        words: "peanut, groundnut, satay, monkey nut",
    },
    Substance {
        codes: &["MILK", "DAIRY", "LACTOSE", "COW_MILK", "COWS_MILK"],
        words: "milk, cheese, butter, cream, yogurt, yoghurt, latte, cappuccino, flat white, macchiato, \
                mozzarella, parmesan, ricotta, whey, custard, gelato, kefir, feta, brie, ghee",
    },
    Substance {
        codes: &["EGGS", "EGG"],
        words: "egg, omelette, omelet, mayonnaise, mayo, meringue, frittata, quiche, aioli, custard",
    },
    Substance {
        codes: &["FISH"],
        words: "fish, salmon, tuna, cod, trout, anchovy, anchovies, sardine, herring, mackerel, halibut, \
                haddock, tilapia, caviar, seabass, sushi, sashimi, seafood",
    },
    Substance {
        codes: &["CRUSTACEANS", "CRUSTACEAN", "SHELLFISH", "SEAFOOD"],
        words: "shellfish, crustacean, shrimp, prawn, crab, lobster, crayfish, langoustine, scampi, seafood",
    },
    Substance {
        codes: &["MOLLUSCS", "MOLLUSC", "MOLLUSKS", "MOLLUSK", "SHELLFISH", "SEAFOOD"],
        words: "mussel, oyster, clam, scallop, squid, calamari, octopus, snail, escargot, seafood, mollusc",
    },
    Substance {
        codes: &["GLUTEN", "WHEAT", "CEREALS", "COELIAC", "CELIAC", "RYE", "BARLEY"],
        words: "gluten, wheat, bread, pasta, spaghetti, noodle, flour, cake, croissant, bagel, biscuit, \
                cookie, cracker, pizza, barley, rye, spelt, beer, bun, roll, sandwich, toast, pastry, \
                couscous, bulgur, semolina, seitan, baguette, muffin, waffle, pretzel",
    },
    Substance { codes: &["SOY", "SOYA", "SOYBEANS", "SOYBEAN"], words: "soy, soya, tofu, edamame, miso, tempeh" },
    Substance { codes: &["CELERY"], words: "celery, celeriac" },
    Substance { codes: &["MUSTARD"], words: "mustard" },
    Substance { codes: &["SESAME", "SESAME_SEEDS"], words: "sesame, tahini, hummus, halva, falafel" },
    Substance {
        codes: &["SULPHITES", "SULFITES", "SULPHUR_DIOXIDE", "SULFUR_DIOXIDE"],
        words: "wine, sulphite, sulfite, cider",
    },
    Substance { codes: &["LUPIN", "LUPINE"], words: "lupin, lupine" },
    Substance {
        codes: &["ALCOHOL", "ALCOHOL_FREE", "NO_ALCOHOL", "HALAL"],
        words: "alcohol, wine, beer, ale, lager, stout, cider, champagne, prosecco, cava, spirits, liquor, \
                liqueur, whisky, whiskey, vodka, gin, rum, tequila, brandy, cognac, cocktail, sake, vermouth, \
                martini, negroni, spritz, aperol, margarita, mojito, tiramisu, merlot, cabernet, chardonnay, \
                riesling, bourbon, sherry, port, ipa, pilsner, burgundy, rioja, grappa",
    },
    Substance {
        codes: &["PORK", "HALAL", "KOSHER", "VEGETARIAN", "VEGAN"],
        words: "pork, ham, bacon, prosciutto, salami, chorizo, lard, pancetta, gelatin, gelatine, pepperoni",
    },
    Substance {
        codes: &["MEAT", "VEGETARIAN", "VEGAN", "PESCATARIAN", "NO_MEAT"],
        words: "meat, beef, steak, veal, lamb, chicken, turkey, duck, goose, sausage, burger, venison, rabbit, \
                bolognese, meatball, schnitzel, ham, bacon, pork, salami, foie gras",
    },
    Substance {
        codes: &["CAFFEINE"],
        words: "caffeine, coffee, espresso, cappuccino, latte, macchiato, americano, ristretto, cola, matcha",
    },
    Substance { codes: &["HONEY", "VEGAN"], words: "honey" },
];

/// Substances, beyond those whose codes name them, that a diet leaves out.
const DIETS: &[(&str, &[&str])] = &[
    ("VEGAN", &["MILK", "EGGS", "FISH", "CRUSTACEANS", "MOLLUSCS"]),
    ("VEGETARIAN", &["FISH", "CRUSTACEANS", "MOLLUSCS"]),
    ("KOSHER", &["CRUSTACEANS", "MOLLUSCS"]),
];

/// The table as one automaton: a name is read once, whatever the number of words.
struct Lexicon {
    finder: AhoCorasick,
    /// For each word: the word, and the substances it tells of.
    words: Vec<(&'static str, Substances)>,
}

static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| {
    let mut words: Vec<(&'static str, Substances)> = Vec::new();
    for (place, substance) in SUBSTANCES.iter().enumerate() {
        for entry in substance.words.split(',').map(str::trim) {
            match words.iter_mut().find(|(word, _)| *word == entry) {
                Some((_, substances)) => *substances |= 1 << place,
                None => words.push((entry, 1 << place)),
            }
        }
    }
    let mut builder = AhoCorasick::builder();
    // The fastest kind: a few hundred kilobytes, once.
    builder.ascii_case_insensitive(true).kind(Some(AhoCorasickKind::DFA));
    let finder = builder.build(words.iter().map(|(word, _)| word));
    Lexicon { finder: finder.expect("the table is small and fixed"), words }
});

/// A set of places in [`SUBSTANCES`].
type Substances = u32;

const _: () = assert!(SUBSTANCES.len() <= Substances::BITS as usize);

/// What the words of a name tell of.
fn contents(text: &str) -> Substances {
    let mut found = 0;
    for hit in LEXICON.finder.find_overlapping_iter(text) {
        let (word, substances) = LEXICON.words[hit.pattern().as_usize()];
        if found & substances != substances && counts(text, word, hit.start(), hit.end()) {
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
    starts && (rest.is_empty() || words::is_plural_ending(last, rest))
}

/// Everything that must not be suggested to one customer here.
#[derive(Default)]
pub(super) struct Forbidden {
    substances: Substances,
    /// Names that forbid what has their words in a row: codes, and what is disliked.
    names: Vec<Vec<String>>,
}

impl Forbidden {
    pub(super) fn of(moment: &Moment<'_>) -> Self {
        let mut forbidden = Self::default();
        for known in moment.profile.precautions.iter().filter(|known| known.is_active()) {
            let reported = &known.reported;
            match reported.kind {
                PrecautionKind::Allergy | PrecautionKind::Intolerance | PrecautionKind::Abstention => {
                    forbidden.add(&reported.code, &reported.text, true);
                }
                // "Vegan burger" is for vegans: the name of a diet forbids nothing.
                PrecautionKind::Diet => {
                    let named = reported.code.starts_with("NO_") || reported.code.ends_with("_FREE");
                    forbidden.add(&reported.code, &reported.text, named);
                }
                PrecautionKind::Accessibility | PrecautionKind::Topic => {}
            }
        }
        for (known, confidence) in &moment.preferences {
            if is_kept_away(known, *confidence) {
                forbidden.add_name(&known.subject.item);
            }
        }
        forbidden
    }

    fn add(&mut self, code: &str, text: &str, named: bool) {
        // "NO_PORK" and "LACTOSE_FREE" are about pork and lactose.
        let code = code.strip_prefix("NO_").unwrap_or(code);
        let code = code.strip_suffix("_FREE").unwrap_or(code);
        let diet = DIETS.iter().find(|(diet, _)| *diet == code).map_or(&[][..], |(_, substances)| *substances);
        for (place, substance) in SUBSTANCES.iter().enumerate() {
            if substance.codes.iter().any(|known| *known == code || diet.contains(known)) {
                self.substances |= 1 << place;
            }
        }
        // "Shellfish, and traces" in the words of another code counts too.
        self.substances |= contents(text);
        if named {
            self.add_name(code);
        }
    }

    fn add_name(&mut self, name: &str) {
        let name: Vec<String> = words::stems(&name.to_lowercase()).into_iter().map(str::to_owned).collect();
        if !name.is_empty() {
            self.names.push(name);
        }
    }

    /// Whether an item may hold something forbidden.
    pub(super) fn covers(&self, item: &str, category: &str) -> bool {
        [item, category]
            .into_iter()
            .any(|text| (self.substances != 0 && contents(text) & self.substances != 0) || self.names_cover(text))
    }

    fn names_cover(&self, text: &str) -> bool {
        // Most names are not even in part in most texts; only then are its words taken apart.
        if !self.names.iter().any(|name| may_have(text, &name[0])) {
            return false;
        }
        let text = text.to_lowercase();
        let stems = words::stems(&text);
        self.names.iter().any(|name| stems.windows(name.len()).any(|row| row == name))
    }
}

/// Whether a text has a part, whatever the capitals; beyond ASCII: perhaps.
fn may_have(text: &str, part: &str) -> bool {
    if !text.is_ascii() || !part.is_ascii() {
        return true;
    }
    text.as_bytes().windows(part.len()).any(|window| window.eq_ignore_ascii_case(part.as_bytes()))
}
