//! Random precautions, baskets, catalogues and gestures against a brute-force reading of what was declared.
//!
//! What must come out is written here from the rules alone (docs/integrate.md), without the code that decides. Names of items
//! tell nothing ("Dish 17"), so only what is declared counts. Diets, components, the kitchen and the table's others are in
//! gate_oracle_table.rs.

use rapport::proto::*;

use super::{
    catalogue::put,
    common::scaled,
    gestures::{giving, in_role, set},
    world::*,
};

on_both!(every_line_is_answered_as_its_declared_contents_demand, nothing_is_proposed_that_declared_contents_forbid,);

/// Baskets of the usual run and of the full one, on each store; a basket has [`LINES`] lines.
const BASKETS: (usize, usize) = (120, 42_000);
const LINES: usize = 12;
/// Customers of the usual run and of the full one.
const CUSTOMERS: (usize, usize) = (24, 2_000);
/// After so many baskets, all dishes are declared anew.
const MENU_BASKETS: usize = 60;
/// A failure shows so many.
const FAULTS_SHOWN: usize = 40;
/// Dishes of the catalogue; names beyond them are declared by nobody.
const DISHES: usize = 60;
const UNDECLARED: usize = 6;
const GESTURES: usize = 12;

const NUTS: [&str; 5] = ["ALMOND", "HAZELNUT", "WALNUT", "CASHEW", "PISTACHIO"];
const GRAINS: [&str; 3] = ["WHEAT", "RYE", "BARLEY"];
const SHELLFISH: [&str; 2] = ["CRUSTACEANS", "MOLLUSCS"];
/// What dishes are declared to contain.
const CONTENTS: [&str; 21] = [
    "ALMOND",
    "HAZELNUT",
    "WALNUT",
    "CASHEW",
    "PISTACHIO",
    "WHEAT",
    "RYE",
    "BARLEY",
    "CRUSTACEANS",
    "MOLLUSCS",
    "PEANUTS",
    "MILK",
    "EGGS",
    "FISH",
    "CELERY",
    "MUSTARD",
    "SESAME",
    "ALCOHOL",
    "PORK",
    "HONEY",
    "TREE_NUTS",
];
/// What customers must not have: as groups, as members, and one that nobody understands.
pub const AVOIDED: [&str; 14] = [
    "TREE_NUTS",
    "WALNUT",
    "HAZELNUT",
    "GLUTEN",
    "SHELLFISH",
    "CRUSTACEANS",
    "PEANUTS",
    "MILK",
    "EGGS",
    "FISH",
    "CELERY",
    "MUSTARD",
    "SESAME",
    "XQ_17",
];
pub const NOT_UNDERSTOOD: &str = "XQ_17";

/// The same numbers for the same seed, on every machine (SplitMix64).
pub struct Dice(pub u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, most: usize) -> usize {
        (self.next() % most as u64) as usize
    }

    pub fn of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.below(all.len())]
    }

    pub fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }
}

/// What differs from what is demanded; all is looked at before a test fails.
#[derive(Default)]
pub struct Faults(Vec<String>);

impl Faults {
    pub fn expect(&mut self, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.0.push(what());
        }
    }

    pub fn assert_none(&self) {
        let Self(all) = self;
        assert!(all.is_empty(), "{} faults, the first: {:#?}", all.len(), &all[..all.len().min(FAULTS_SHOWN)]);
    }
}

/// How much of what somebody avoids is in something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Overlap {
    None,
    May,
    Contains,
}

pub fn overlap(avoided: &str, content: &str) -> Overlap {
    let members: &[&str] = match avoided {
        "TREE_NUTS" => &NUTS,
        "GLUTEN" => &GRAINS,
        "SHELLFISH" => &SHELLFISH,
        _ => &[],
    };
    if avoided == content || members.contains(&content) || (content == "TREE_NUTS" && NUTS.contains(&avoided)) {
        Overlap::Contains
    } else if NUTS.contains(&avoided) && NUTS.contains(&content) {
        Overlap::May
    } else {
        Overlap::None
    }
}

#[derive(Debug, Clone, Default)]
pub struct Contents {
    pub contains: Vec<&'static str>,
    pub may: Vec<&'static str>,
}

/// Whether it is believed that something was left out: then it is asked about, and is no conflict any more.
pub fn believes(precaution: &PrecautionDraft) -> bool {
    match precaution.kind() {
        PrecautionKind::Allergy => false,
        PrecautionKind::Intolerance => precaution.criticality() == Criticality::Low,
        _ => true,
    }
}

/// What a line must be answered with, by one precaution; `None`: nobody has declared it. `left_out`: a dish that is left out of it.
fn demanded(precaution: &PrecautionDraft, contents: &[Option<&Contents>], left_out: Option<&Contents>) -> LineState {
    if precaution.code == NOT_UNDERSTOOD {
        return LineState::NotDeclared;
    }
    let declared = || contents.iter().copied().flatten();
    let is_asked = |content: &&str| {
        believes(precaution)
            && overlap(&precaution.code, content) == Overlap::Contains
            && left_out.is_some_and(|left_out| left_out.contains.contains(content))
    };
    let contained = || declared().flat_map(|one| one.contains.iter().copied());
    let all = contained().filter(|content| !is_asked(content)).map(|content| overlap(&precaution.code, content));
    let traces =
        declared().flat_map(|one| &one.may).map(|content| overlap(&precaution.code, content).min(Overlap::May));
    let is_allergy = precaution.kind() == PrecautionKind::Allergy;
    match all.chain(traces).max().unwrap_or(Overlap::None) {
        Overlap::Contains => LineState::Conflict,
        Overlap::May if is_allergy && precaution.criticality() != Criticality::Low => LineState::Conflict,
        Overlap::May if is_allergy || precaution.kind() == PrecautionKind::Intolerance => LineState::MayContain,
        _ if contents.iter().any(Option::is_none) || contained().any(|content| is_asked(&content)) => {
            LineState::NotDeclared
        }
        _ => LineState::NothingDeclaredAgainstIt,
    }
}

fn worst(precautions: &[PrecautionDraft], contents: &[Option<&Contents>], left_out: Option<&Contents>) -> LineState {
    let all = precautions.iter().map(|precaution| demanded(precaution, contents, left_out));
    all.max_by_key(|state| *state as i32).expect("there is a precaution")
}

/// Precautions in a failure's text: messages print only their names.
pub fn said(precautions: &[PrecautionDraft]) -> String {
    let one = |one: &PrecautionDraft| {
        let (kind, criticality) = (one.kind().as_str_name(), one.criticality().as_str_name());
        format!("{kind} {} {criticality} {}", one.code, one.of_whom)
    };
    precautions.iter().map(one).collect::<Vec<_>>().join(", ")
}

pub fn order(line: &BasketLine) -> String {
    let modifier = |one: &BasketModifier| format!(" {} {}", one.kind().as_str_name(), one.item);
    line.modifiers.iter().fold(line.item.clone(), |text, one| text + &modifier(one))
}

fn precaution(dice: &mut Dice) -> PrecautionDraft {
    if dice.one_in(6) {
        let kind = PrecautionKind::Abstention as i32;
        return PrecautionDraft { kind, code: "ALCOHOL".into(), ..PrecautionDraft::default() };
    }
    let kind = if dice.one_in(3) { PrecautionKind::Intolerance } else { PrecautionKind::Allergy };
    let criticality = [Criticality::Unspecified, Criticality::Low, Criticality::High][dice.below(3)];
    PrecautionDraft {
        kind: kind as i32,
        code: dice.of(&AVOIDED).into(),
        criticality: criticality as i32,
        ..PrecautionDraft::default()
    }
}

/// One to three, no code twice.
fn precautions(dice: &mut Dice) -> Vec<PrecautionDraft> {
    let mut all: Vec<PrecautionDraft> = Vec::new();
    for _ in 0..=dice.below(3) {
        let one = precaution(dice);
        if all.iter().all(|other| other.code != one.code) {
            all.push(one);
        }
    }
    all
}

pub fn contents(dice: &mut Dice) -> Contents {
    let mut made = Contents::default();
    for _ in 0..dice.below(4) {
        let content = dice.of(&CONTENTS);
        if made.contains.contains(&content) || made.may.contains(&content) {
            continue;
        }
        if dice.one_in(3) { made.may.push(content) } else { made.contains.push(content) }
    }
    made
}

fn dish(at: usize) -> String {
    format!("Dish {at}")
}

/// Declares all dishes; what each contains.
async fn menu(world: &World, dice: &mut Dice) -> Vec<Contents> {
    let made: Vec<Contents> = (0..DISHES).map(|_| contents(dice)).collect();
    let items = made.iter().enumerate().map(|(at, made)| {
        let level = |codes: &[&str], level: ContentLevel| -> Vec<ItemContent> {
            codes.iter().map(|code| ItemContent { code: (*code).into(), level: level as i32 }).collect()
        };
        let all = [level(&made.contains, ContentLevel::Contains), level(&made.may, ContentLevel::MayContain)].concat();
        let contents = with!(ItemContents { contents: all, source: ContentSource::Recipe as i32 });
        let name = ItemName { language: "en".into(), text: dish(at) };
        with!(Item { item_id: format!("d{at}"), names: vec![name], contents: Some(contents) })
    });
    put(world, items.collect()).await;
    made
}

/// A line with what counts for it: its own contents, and those of what is added to it or put in; and the dish that is left out of it.
fn line_of(dice: &mut Dice, menu: &[Contents]) -> (BasketLine, Vec<Option<usize>>, Option<usize>) {
    let pick = |dice: &mut Dice| dice.below(menu.len() + UNDECLARED);
    let declared = |at: usize| (at < menu.len()).then_some(at);
    let at = pick(dice);
    let mut counts = vec![declared(at)];
    let item = if declared(at).is_some() && dice.one_in(2) { format!("d{at}") } else { dish(at) };
    let (mut modifiers, mut left_out) = (Vec::new(), None);
    if dice.one_in(3) {
        let other = pick(dice);
        let kind = [ModifierKind::Added, ModifierKind::LeftOut, ModifierKind::Exchanged][dice.below(3)];
        // What is left out brings nothing, unless nobody knows the name: its words may put something in.
        if kind == ModifierKind::LeftOut && declared(other).is_some() {
            left_out = declared(other);
        } else {
            counts.push(declared(other));
        }
        modifiers.push(BasketModifier { kind: kind as i32, item: dish(other) });
    }
    (with!(BasketLine { item, modifiers }), counts, left_out)
}

async fn every_line_is_answered_as_its_declared_contents_demand(world: World) {
    let mut dice = Dice(1);
    let mut faults = Faults::default();
    let mut dishes = Vec::new();
    for basket in 0..scaled(BASKETS.0, BASKETS.1) {
        if basket % MENU_BASKETS == 0 {
            world.set_clock(NOON + (basket / MENU_BASKETS) as i64);
            dishes = menu(&world, &mut dice).await;
        }
        let precautions = precautions(&mut dice);
        let lines: Vec<_> = (0..LINES).map(|_| line_of(&mut dice, &dishes)).collect();
        let request = with!(CheckItemsRequest {
            venue_id: VENUE.into(),
            basket_lines: lines.iter().map(|(line, ..)| line.clone()).collect(),
            precautions: precautions.clone()
        });
        let answer = world.briefings().check_items(request).await.expect("checked").into_inner();
        assert_eq!(answer.line_checks.len(), LINES);
        for (at, ((line, counts, left_out), check)) in lines.iter().zip(&answer.line_checks).enumerate() {
            let counts: Vec<_> = counts.iter().map(|at| at.map(|at| &dishes[at])).collect();
            let left_out = left_out.map(|at| &dishes[at]);
            assert_eq!(check.line, i32::try_from(at).expect("few lines"));
            let (found, wanted) = (check.state().as_str_name(), worst(&precautions, &counts, left_out).as_str_name());
            faults.expect(found == wanted, || {
                format!("{found}, not {wanted}: {} of {counts:?} for {}", order(line), said(&precautions))
            });
        }
        let conflicts = answer.line_checks.iter().filter(|check| check.state() == LineState::Conflict).count();
        let told = answer.respect.iter().filter(|statement| statement.code == "BASKET_CONFLICT").count();
        faults
            .expect((told > 0) == (conflicts > 0), || format!("basket {basket}: {told} of {conflicts} conflicts told"));
        let first = answer.headline.first().map_or("nothing", |statement| statement.code.as_str());
        faults.expect(conflicts == 0 || first == "BASKET_CONFLICT", || format!("basket {basket}: {first} comes first"));
    }
    faults.assert_none();
}

/// Gestures with random contents; what each contains, `None`: nobody knows.
pub fn gestures(dice: &mut Dice) -> (Vec<GestureType>, Vec<Option<Contents>>) {
    let cost = Money { currency_code: "CHF".into(), minor_units: 0 };
    (0..GESTURES)
        .map(|at| {
            let known = (!dice.one_in(4)).then(|| Contents { may: Vec::new(), ..contents(dice) });
            let kind = GestureType {
                gesture_type_id: format!("kind-{at}"),
                display_name: format!("Kind {at}"),
                costs: vec![cost.clone()],
                contents: known.iter().flat_map(|known| &known.contains).map(|code| (*code).to_owned()).collect(),
                contents_unknown: known.is_none(),
                ..GestureType::default()
            };
            (kind, known)
        })
        .unzip()
}

/// Why a thing of these contents must not be proposed at all; `None`: it may be.
fn forbids(precautions: &[PrecautionDraft], known: Option<&Contents>) -> Option<&'static str> {
    if known.is_some_and(|known| known.contains.is_empty() && known.may.is_empty()) {
        return None;
    }
    let is_food = |one: &&PrecautionDraft| matches!(one.kind(), PrecautionKind::Allergy | PrecautionKind::Intolerance);
    if precautions.iter().any(|one| one.code == NOT_UNDERSTOOD) {
        return Some("a code is not understood");
    }
    match known {
        None => precautions.iter().find(is_food).map(|_| "nobody knows what is in it"),
        Some(known) => (worst(precautions, &[Some(known)], None) == LineState::Conflict).then_some("it contains it"),
    }
}

async fn nothing_is_proposed_that_declared_contents_forbid(world: World) {
    let mut dice = Dice(2);
    let mut faults = Faults::default();
    let (catalogue, known) = gestures(&mut dice);
    let giving = giving();
    let roles = giving.roles.iter().filter(|role| role.role_id == "manager").cloned().collect();
    set(&world, Policy { catalogue, roles, ..giving }).await;
    let dishes = menu(&world, &mut dice).await;
    let mut proposed = (0, 0);
    for _ in 0..scaled(CUSTOMERS.0, CUSTOMERS.1) {
        let precautions = precautions(&mut dice);
        let liked: Vec<usize> = (0..4).map(|_| dice.below(dishes.len() + UNDECLARED)).collect();
        let id = guest(&world, &precautions, &liked).await;
        let request = with!(SuggestGesturesRequest {
            customer_id: id.clone(),
            venue_id: VENUE.into(),
            limit: 50,
            include_vetoed: true
        });
        let answer = world.gestures().suggest_gestures(in_role("mara", "manager", request)).await.expect("suggested");
        for one in answer.into_inner().gestures.iter().filter(|one| one.suggested) {
            let at: usize = one.gesture_type_id["kind-".len()..].parse().expect("a number");
            let why = forbids(&precautions, known[at].as_ref());
            faults.expect(why.is_none(), || {
                format!("suggested: {:?} for {}, though {}", known[at], said(&precautions), why.unwrap_or_default())
            });
            proposed.0 += 1;
        }
        let briefing = world.brief(by_id(&id)).await;
        for statement in briefing.anticipate.iter().chain(&briefing.delight) {
            for item in values(std::slice::from_ref(statement), "item") {
                let Some(at) = liked.iter().find(|at| dish(**at).eq_ignore_ascii_case(item)) else { continue };
                let (why, contents) = (forbids(&precautions, dishes.get(*at)), dishes.get(*at));
                faults.expect(why.is_none(), || {
                    let (code, why) = (&statement.code, why.unwrap_or_default());
                    format!("{code}: {item} of {contents:?} for {}, though {why}", said(&precautions))
                });
                proposed.1 += 1;
            }
        }
    }
    faults.assert_none();
    assert!(proposed.0 > 0 && proposed.1 > 0, "something harmless is proposed: {proposed:?}");
}

/// A customer who said a day ago, before the precautions were recorded, that they like these dishes.
async fn guest(world: &World, precautions: &[PrecautionDraft], liked: &[usize]) -> String {
    let evidence = |at: &usize| EvidenceDraft { observe_time: time(NOON - 86_400), ..stated(&dish(*at)) };
    let draft = CustomerDraft {
        precautions: precautions.to_vec(),
        precautions_asked: true,
        evidence: liked.iter().map(evidence).collect(),
        ..named("Guest")
    };
    world.create(draft).await.customer_id
}
