//! What must not be suggested: precautions, dislikes and refusals, matched by words.
//!
//! Venues do not say yet what their items contain, so names are all there is. The table errs on the side of leaving
//! something out; it makes no claim that what is left in is safe.

use super::{
    Moment,
    respect::is_kept_away,
    words::{self, Term},
};
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

/// Everything that must not be suggested to one customer here.
#[derive(Default)]
pub(super) struct Forbidden {
    /// Single words of the table.
    words: Vec<&'static str>,
    /// Names that forbid what has their words in a row: codes, what is disliked, and longer entries of the table.
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
        let text = text.to_lowercase();
        let text = words::terms(&text);
        for substance in SUBSTANCES {
            let coded = substance.codes.iter().any(|known| *known == code || diet.contains(known));
            // "Shellfish, and traces" in the words of another code counts too.
            if coded || (!text.is_empty() && substance.entries().any(|entry| tells_of(&text, entry))) {
                for entry in substance.entries() {
                    if entry.contains(' ') { self.add_name(entry) } else { self.words.push(entry) }
                }
            }
        }
        if named {
            self.add_name(code);
        }
    }

    fn add_name(&mut self, name: &str) {
        let name: Vec<String> =
            words::terms(&name.to_lowercase()).into_iter().map(|term| term.stem.to_owned()).collect();
        if !name.is_empty() {
            self.names.push(name);
        }
    }

    /// Whether an item may hold something forbidden.
    pub(super) fn covers(&self, item: &str, category: &str) -> bool {
        if self.words.is_empty() && self.names.is_empty() {
            return false;
        }
        [item, category].into_iter().any(|text| {
            let text = text.to_lowercase();
            let terms = words::terms(&text);
            self.words.iter().any(|word| tells_of(&terms, word))
                || self.names.iter().any(|name| {
                    terms.windows(name.len()).any(|row| row.iter().zip(name).all(|(term, stem)| term.stem == stem))
                })
        })
    }
}

impl Substance {
    fn entries(&self) -> impl Iterator<Item = &'static str> {
        self.words.split(',').map(|entry| entry.strip_prefix(' ').unwrap_or(entry))
    }
}

/// Whether a name has a word of the table: as a word of its own, or inside one when it is long enough.
fn tells_of(terms: &[Term<'_>], word: &str) -> bool {
    terms.iter().any(|term| {
        term.stem == word || (word.len() >= INSIDE_CHARS_MIN && term.word.len() > word.len() && has(term.word, word))
    })
}

/// A plain search: these texts are too short for a clever one.
fn has(text: &str, part: &str) -> bool {
    let (text, part) = (text.as_bytes(), part.as_bytes());
    text.windows(part.len()).any(|window| window[0] == part[0] && window == part)
}
