//! Substances that precautions are about, and diets: their codes, and which substances are parts of others. The table is
//! `data/substances.txt`.

use std::{collections::HashMap, sync::LazyLock};

use fnv::FnvBuildHasher;

/// A set of substances: bits by their order in the table. The bits are never stored or sent; codes are.
pub type Substances = u128;

/// Bits above the table that it leaves to substances that a policy adds.
const BITS_LEFT: u32 = 17;

/// That something is food or drink, whatever it contains: above the table, below what policies add, and only inside `words`.
pub const FOOD: Substances = 1 << (Substances::BITS - BITS_LEFT);

/// That a name says "raw", of whatever it names: below [`FOOD`], and only inside `words`.
pub const RAW: Substances = FOOD >> 1;

/// What of which something is raw, or not heated enough.
const RAW_STATES: [&str; 6] =
    ["RAW_EGG", "RAW_FISH", "RAW_MEAT", "RAW_MOLLUSCS", "RAW_CRUSTACEANS", "UNPASTEURISED_MILK"];

/// What meat may be, where somebody says it. Game may be wild boar, which is pork.
const KINDS_OF_MEAT: [&str; 6] = ["PORK", "BEEF", "LAMB", "GOAT", "HORSE", "POULTRY"];

/// What a precaution about a code forbids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Forbids {
    /// The substance, what it is a part of (there it may be), and what is a part of it.
    pub substances: Substances,
    /// What is forbidden besides, unless the venue vouches for it: meat, in a halal diet.
    pub unless_vouched: Substances,
    /// Two that must not be on one plate: meat and milk, in a kosher diet.
    pub apart: [Substances; 2],
    /// False: the table knows nothing of it.
    pub is_known: bool,
}

impl Forbids {
    /// The same, and what another code forbids.
    pub fn add(&mut self, other: Self) {
        self.substances |= other.substances;
        self.unless_vouched |= other.unless_vouched;
        self.apart.iter_mut().zip(other.apart).for_each(|(all, more)| *all |= more);
        self.is_known |= other.is_known;
    }

    /// Whether some contents must not be on one plate, which are not forbidden by themselves.
    pub fn keeps_apart(&self) -> bool {
        self.apart != [0; 2]
    }

    /// What of some contents must not be on one plate with the rest of them, and is not forbidden by itself.
    pub fn together(&self, contains: Substances) -> Substances {
        // Meat of which nobody says more is meat, though it may be pork.
        let forbidden = if self.apart == [0; 2] { self.substances } else { self.substances & !INDEX.meat.0 };
        let [one, other] = self.apart.map(|set| set & contains & !forbidden);
        if one != 0 && other != 0 { one | other } else { 0 }
    }
}

/// A row of the table.
#[derive(Default)]
struct Row {
    codes: Vec<&'static str>,
    part_of: Vec<&'static str>,
    /// What it is a state of: who must not have raw eggs may have others.
    state_of: Vec<&'static str>,
    /// What it never comes without.
    with: Vec<&'static str>,
}

/// A diet: what it leaves out; what it allows only where the venue vouches for how it was made; the stricter diets that
/// fit it too; and what must not be on one plate.
#[derive(Default)]
struct Diet {
    codes: Vec<&'static str>,
    leaves_out: Vec<&'static str>,
    vouched_for: Vec<&'static str>,
    fits_also: Vec<&'static str>,
    apart: Vec<&'static str>,
}

/// The table, turned over for asking.
struct Index {
    /// By order in the table: the code that is answered.
    names: Vec<&'static str>,
    /// By code: what a content with it holds, and what a precaution about it forbids.
    codes: HashMap<&'static str, (Substances, Forbids), FnvBuildHasher>,
    /// By order in the table: what a precaution about it forbids.
    related: Vec<Substances>,
    /// By order in the table: itself and its parts.
    below: Vec<Substances>,
    diets: Vec<Diet>,
    /// By code: its place among the diets.
    diets_by_code: HashMap<&'static str, usize, FnvBuildHasher>,
    /// All codes, each with the first of its row.
    first_codes: Vec<(&'static str, &'static str)>,
    /// Those whose parts are handled together in kitchens, or are alike to who is allergic: nuts, fish, crustaceans, molluscs.
    families: [Substances; 4],
    /// States, each with what it is a state of and the parts of that: raw eggs, and eggs.
    states: Vec<(Substances, Substances)>,
    /// The states of what is raw.
    raw: Substances,
    /// Milk in drinks, which a plant drink takes the place of, and the milk and lactose that come with it.
    milk_drink: (Substances, Substances),
    /// Meat of which nobody says what it is, and what it is where somebody does.
    meat: (Substances, Substances),
    /// Gelatine, and the animals of one of which it is.
    gelatine: (Substances, Substances),
}

static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let (rows, diets) = read(include_str!("data/substances.txt"));
    assert!(rows.len() < (Substances::BITS - BITS_LEFT - 1) as usize);
    let index_of = |code: &str| rows.iter().position(|row| row.codes.contains(&code));
    let set =
        |codes: &[&str]| codes.iter().filter_map(|code| index_of(code)).fold(0, |set: Substances, at| set | 1 << at);
    let wholes = |at: usize, states: bool| {
        let row = &rows[at];
        set(&row.part_of) | if states { set(&row.state_of) } else { 0 }
    };
    let closure = |at: usize, states: bool| {
        let mut all: Substances = 1 << at;
        loop {
            let more = indices(all).fold(all, |set, index| set | wholes(index, states));
            if more == all {
                break all;
            }
            all = more;
        }
    };
    let all = 0..rows.len();
    let below: Vec<Substances> = all
        .clone()
        .map(|at| all.clone().filter(|part| closure(*part, true) & 1 << at != 0).fold(0, |set, part| set | 1 << part))
        .collect();
    let related: Vec<Substances> = all.map(|at| closure(at, false) | below[at]).collect();
    let related_to = |codes: &[&str]| indices(set(codes)).fold(0, |set, at| set | related[at]);
    let mut codes = HashMap::default();
    for (at, row) in rows.iter().enumerate() {
        let forbids = Forbids { substances: related[at], is_known: true, ..Forbids::default() };
        codes.extend(row.codes.iter().map(|code| (*code, (1 << at | set(&row.with), forbids))));
    }
    for diet in &diets {
        let (substances, unless_vouched) = (related_to(&diet.leaves_out), related_to(&diet.vouched_for));
        // Gelatine is asked about by itself.
        let of = |code: &&str| index_of(code).map_or(0, |at| below[at]) & !set(&["GELATINE"]);
        let apart = if let [one, other] = &diet.apart[..] { [of(one), of(other)] } else { [0; 2] };
        let forbids = Forbids { substances, unless_vouched, apart, is_known: true };
        codes.extend(diet.codes.iter().map(|code| (*code, (0, forbids))));
    }
    let mut diets_by_code = HashMap::default();
    for (at, diet) in diets.iter().enumerate() {
        for code in &diet.codes {
            diets_by_code.entry(*code).or_insert(at);
        }
    }
    let families =
        ["TREE_NUTS", "FISH", "CRUSTACEANS", "MOLLUSCS"].map(|code| index_of(code).map_or(0, |at| below[at]));
    let states = rows
        .iter()
        .enumerate()
        .filter(|(_, row)| !row.state_of.is_empty())
        .map(|(at, row)| (1 << at, indices(set(&row.state_of)).fold(0, |set, whole| set | below[whole])));
    let states = states.collect();
    let raw = set(&RAW_STATES);
    let milk_drink = (set(&["MILK_DRINK"]), set(&["MILK", "LACTOSE", "MILK_DRINK"]));
    let kinds = indices(set(&KINDS_OF_MEAT)).fold(0, |set, at| set | below[at]) & !set(&["GELATINE"]);
    let meat = (set(&["MEAT"]), kinds);
    let gelatine = (set(&["GELATINE"]), index_of("GELATINE").map_or(0, |at| set(&rows[at].part_of)));
    let names = rows.iter().map(|row| row.codes[0]).collect();
    let lists = rows.iter().map(|row| &row.codes).chain(diets.iter().map(|diet| &diet.codes));
    let first_codes = lists.flat_map(|codes| codes.iter().map(|code| (*code, codes[0]))).collect();
    Index {
        names,
        codes,
        related,
        below,
        diets,
        diets_by_code,
        first_codes,
        families,
        states,
        raw,
        milk_drink,
        meat,
        gelatine,
    }
});

/// The rows and the diets of the table.
fn read(text: &'static str) -> (Vec<Row>, Vec<Diet>) {
    let (mut rows, mut diets) = (Vec::new(), Vec::new());
    let mut in_diets = false;
    for line in
        text.lines().map(|line| line.split('#').next().unwrap_or_default()).filter(|line| !line.trim().is_empty())
    {
        if let Some(heading) = line.strip_prefix('[') {
            in_diets = heading.starts_with("diets");
            continue;
        }
        let mut parts: [Vec<&str>; 5] = Default::default();
        let mut at = 0;
        for word in line.split_whitespace() {
            match word {
                "<" | ":" => at = 1,
                "^" | "|" => at = 2,
                "+" | ">" => at = 3,
                "&" => at = 4,
                code => parts[at].push(code),
            }
        }
        let [codes, second, third, fourth, apart] = parts;
        if in_diets {
            diets.push(Diet { codes, leaves_out: second, vouched_for: third, fits_also: fourth, apart });
        } else {
            rows.push(Row { codes, part_of: second, state_of: third, with: fourth });
        }
    }
    (rows, diets)
}

fn indices(substances: Substances) -> impl Iterator<Item = usize> {
    let mut left = substances;
    std::iter::from_fn(move || {
        let next = (left != 0).then(|| left.trailing_zeros() as usize)?;
        left &= left - 1;
        Some(next)
    })
}

/// What a content with a code of the table holds.
pub fn of_code(code: &str) -> Option<Substances> {
    INDEX.codes.get(code).map(|(contents, _)| *contents)
}

/// What a precaution with a code of the table forbids.
pub fn forbidden_by(code: &str) -> Option<Forbids> {
    INDEX.codes.get(code).map(|(_, forbids)| *forbids)
}

/// The code of one of some substances; `None`: there are none. Milk in drinks is milk to everybody who reads of it.
pub fn code_of(substances: Substances) -> Option<&'static str> {
    let (drink, milk) = INDEX.milk_drink;
    let first = substances & substances.wrapping_neg();
    let told = if first == drink { milk } else { first };
    INDEX.names.get(told.trailing_zeros() as usize).copied()
}

/// Each of some substances by itself, in the order of the table.
pub fn each(substances: Substances) -> impl Iterator<Item = Substances> {
    indices(substances).map(|at| 1 << at)
}

/// All codes that the table has, and for each the first one of its row.
pub fn all() -> impl Iterator<Item = (&'static str, &'static str)> {
    INDEX.first_codes.iter().copied()
}

/// Substances, what they are parts of, and what is a part of them.
pub fn related_to(substances: Substances) -> Substances {
    indices(substances).filter_map(|at| INDEX.related.get(at)).fold(0, |set, related| set | related)
}

/// Substances and their parts.
pub fn with_parts(substances: Substances) -> Substances {
    indices(substances).filter_map(|at| INDEX.below.get(at)).fold(0, |set, below| set | below)
}

/// Substances and their parts, without states of them that are not among them: of coffee not its caffeine, which tea has too.
pub fn parts_of(substances: Substances) -> Substances {
    let states = INDEX.states.iter().fold(0, |set, (state, _)| set | state);
    with_parts(substances) & !(states & !substances)
}

/// The substances of the families in which one of some is.
pub fn families_of(substances: Substances) -> Substances {
    INDEX.families.iter().filter(|family| **family & substances != 0).fold(0, |set, family| set | family)
}

/// What may be in a state that is among some substances: eggs may be raw.
pub fn wholes_of_states(substances: Substances) -> Substances {
    INDEX.states.iter().filter(|(state, _)| state & substances != 0).fold(0, |set, (_, whole)| set | whole)
}

/// States that are among some substances, of which others may be: eggs may be raw.
pub fn states_of(substances: Substances, contains: Substances) -> Substances {
    let states = INDEX.states.iter().filter(|(state, whole)| state & substances != 0 && whole & contains != 0);
    states.fold(0, |set, (state, _)| set | state)
}

/// What words tell of, where one of them says "raw": what of it may be so is.
pub fn with_raw(told: Substances) -> Substances {
    if told & RAW == 0 { told } else { (told & !RAW) | states_of(INDEX.raw, told) }
}

/// What something holds, by its contents and by its names, where a text beside it says that it is raw. Eggs and milk are only if they are
/// named: those that a dish is made with are cooked all the same.
pub fn made_raw(contains: Substances, named: Substances) -> Substances {
    let only_by_name = ["RAW_EGG", "UNPASTEURISED_MILK"].map(alone).into_iter().fold(0, |set, one| set | one);
    let of = |set: Substances| states_of(INDEX.raw, set & !INDEX.gelatine.0);
    (of(contains) & !only_by_name) | of(named)
}

/// Milk in drinks, and the milk and lactose that come with it.
pub fn milk_drink() -> (Substances, Substances) {
    INDEX.milk_drink
}

/// Meat of which nobody says what it is, and what it is where somebody does.
pub fn meat() -> (Substances, Substances) {
    INDEX.meat
}

/// Gelatine, and the animals of one of which it is.
pub fn gelatine() -> (Substances, Substances) {
    INDEX.gelatine
}

fn diet_of(code: &str) -> Option<&'static Diet> {
    INDEX.diets_by_code.get(code).map(|at| &INDEX.diets[*at])
}

/// Whether a code is that of a diet in the table.
pub fn is_diet(code: &str) -> bool {
    diet_of(code).is_some()
}

/// The codes of a diet, of which `diet` is the first.
pub fn codes_of_diet(diet: &str) -> impl Iterator<Item = &'static str> {
    diet_of(diet).into_iter().flat_map(|known| known.codes.iter().copied())
}

/// Whether a code is one of a diet's, or has one as a word: `PREGNANCY_DIET`. `diet`: the first of its codes.
pub fn is_about_diet(diet: &str, code: &str) -> bool {
    code.split('_').any(|word| diet_of(word).is_some_and(|known| known.codes[0] == diet))
}

/// Whether something that is vouched for under one diet is fit for another.
pub fn diet_fits(wanted: &str, vouched: &str) -> bool {
    wanted == vouched
        || diet_of(wanted).zip(diet_of(vouched)).is_some_and(|(wanted, vouched)| {
            std::ptr::eq(wanted, vouched) || wanted.fits_also.contains(&vouched.codes[0])
        })
}

/// A substance of the table without what it never comes without: lactose alone.
pub fn alone(code: &str) -> Substances {
    INDEX.names.iter().position(|name| *name == code).map_or(0, |at| 1 << at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_substance_is_told_by_its_first_code_and_milk_in_drinks_as_milk() {
        let set = |code: &str| of_code(code).unwrap_or_else(|| panic!("{code} is no code"));
        assert_eq!(code_of(set("HAZELNUTS")), Some("HAZELNUT"));
        assert_eq!(code_of(alone("MILK_DRINK")), Some("MILK"));
        assert_eq!(code_of(0), None);
    }
}
