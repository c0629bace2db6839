//! Random tables against a brute-force reading of the rules: diets, codes in other words, dishes of dishes, two dishes of one
//! name, what is no food, what was declared and does not count any more, what the kitchen carries over; companions, seats,
//! and several who share a phone.
//!
//! As in gate_oracle.rs, names tell nothing, and what must come out is written without the code that decides.

use std::collections::BTreeSet;

use rapport::proto::*;

use super::{
    common::scaled,
    gate_oracle::{Contents, Dice, Faults, NOT_UNDERSTOOD, Overlap, believes, gestures, order, overlap, said},
    gate_oracle_menu::{Facts, MENU_SECONDS, Menu},
    gestures::{giving, in_role, set},
    world::*,
};

on_both!(
    every_line_is_answered_by_all_that_the_menu_says,
    a_table_is_checked_for_those_who_sit_at_it,
    no_gift_is_proposed_that_somebody_at_the_table_must_not_have,
);

/// Baskets said at the counter, of the usual run and of the full one, on each store; a basket has [`LINES`] lines.
const BASKETS: (usize, usize) = (120, 30_000);
/// Tables of the usual run and of the full one; each orders [`ROUNDS`] baskets.
const TABLES: (usize, usize) = (12, 1_000);
const ROUNDS: usize = 8;
const LINES: usize = 12;
/// Customers to whom something may be given.
const CUSTOMERS: (usize, usize) = (24, 1_000);
/// After so many baskets, or tables, the whole menu is another.
const MENU_BASKETS: usize = 60;
const MENU_TABLES: usize = 4;

/// Codes as they are said, with what they mean.
const SAID: [(PrecautionKind, &str, &str); 22] = [
    (PrecautionKind::Allergy, "TREE_NUTS", "TREE_NUTS"),
    (PrecautionKind::Allergy, "WALNUT", "WALNUT"),
    (PrecautionKind::Allergy, "MANDEL", "ALMOND"),
    (PrecautionKind::Allergy, "ERDNUSS", "PEANUTS"),
    (PrecautionKind::Allergy, "PEANUT_ALLERGY", "PEANUTS"),
    (PrecautionKind::Allergy, "KREBSTIERE", "CRUSTACEANS"),
    (PrecautionKind::Allergy, "SHELLFISH", "SHELLFISH"),
    (PrecautionKind::Allergy, "POISSON", "FISH"),
    (PrecautionKind::Allergy, "SESAME", "SESAME"),
    (PrecautionKind::Allergy, NOT_UNDERSTOOD, NOT_UNDERSTOOD),
    (PrecautionKind::Intolerance, "LACTOSE_INTOLERANCE", "MILK"),
    (PrecautionKind::Intolerance, "COELIAC_DISEASE", "GLUTEN"),
    (PrecautionKind::Intolerance, "UOVA", "EGGS"),
    (PrecautionKind::Intolerance, "MUSTARD", "MUSTARD"),
    (PrecautionKind::Diet, "VEGAN", "VEGAN"),
    (PrecautionKind::Diet, "VEGETARIAN", "VEGETARIAN"),
    (PrecautionKind::Diet, "VEGETARISCH", "VEGETARIAN"),
    (PrecautionKind::Diet, "HALAL", "HALAL"),
    (PrecautionKind::Diet, "KOSHER", "KOSHER"),
    (PrecautionKind::Diet, NOT_UNDERSTOOD, NOT_UNDERSTOOD),
    (PrecautionKind::Abstention, "NO_ALCOHOL", "ALCOHOL"),
    (PrecautionKind::Abstention, "PORK", "PORK"),
];

fn meaning(precaution: &PrecautionDraft) -> &'static str {
    SAID.iter().find(|(_, code, _)| *code == precaution.code).expect("a code of the list").2
}

/// How much of what somebody must not have is in this.
fn meets(precaution: &PrecautionDraft, content: &str) -> Overlap {
    const ANIMALS: [&str; 4] = ["PORK", "FISH", "CRUSTACEANS", "MOLLUSCS"];
    let left_out: &[&str] = match meaning(precaution) {
        "VEGAN" => &["PORK", "FISH", "CRUSTACEANS", "MOLLUSCS", "MILK", "EGGS", "HONEY"],
        "VEGETARIAN" => &ANIMALS,
        "HALAL" => &["PORK", "ALCOHOL"],
        "KOSHER" => &["PORK", "CRUSTACEANS", "MOLLUSCS"],
        other => return overlap(other, content),
    };
    if left_out.contains(&content) { Overlap::Contains } else { Overlap::None }
}

fn is_about_an_illness(precaution: &PrecautionDraft) -> bool {
    matches!(precaution.kind(), PrecautionKind::Allergy | PrecautionKind::Intolerance)
}

/// What a line must be answered with, by one precaution.
fn demanded(precaution: &PrecautionDraft, facts: &Facts, with_stale: bool) -> LineState {
    if meaning(precaution) == NOT_UNDERSTOOD {
        return if facts.is_edible { LineState::NotDeclared } else { LineState::NothingDeclaredAgainstIt };
    }
    let sources = || std::iter::once(&facts.known).chain(with_stale.then_some(&facts.stale));
    let left_out = || std::iter::once(&facts.left_out).chain(with_stale.then_some(&facts.stale_left_out));
    let put_in = || std::iter::once(&facts.put_in).chain(with_stale.then_some(&facts.stale_put_in));
    let contained =
        || sources().flat_map(|one| &one.contains).filter(|one| meets(precaution, one) == Overlap::Contains);
    let is_asked = |content| {
        let has = |one: &Contents| one.contains.contains(content);
        facts.is_edible && believes(precaution) && left_out().any(has) && !put_in().any(has)
    };
    let kin = sources()
        .flat_map(|one| &one.contains)
        .map(|content| meets(precaution, content))
        .filter(|one| *one == Overlap::May);
    let contains = contained().filter(|content| !is_asked(content)).map(|_| Overlap::Contains).chain(kin);
    let traces = sources().flat_map(|one| &one.may).map(|content| meets(precaution, content).min(Overlap::May));
    let is_allergy = precaution.kind() == PrecautionKind::Allergy;
    match contains.chain(traces).max().unwrap_or(Overlap::None) {
        Overlap::Contains => LineState::Conflict,
        Overlap::May if is_allergy && precaution.criticality() != Criticality::Low => LineState::Conflict,
        Overlap::May if is_about_an_illness(precaution) => LineState::MayContain,
        _ if facts.is_open || contained().any(is_asked) => LineState::NotDeclared,
        _ => LineState::NothingDeclaredAgainstIt,
    }
}

/// The worst of all; nobody's precautions: it is not checked.
fn worst(precautions: &[&PrecautionDraft], facts: &Facts, with_stale: bool) -> LineState {
    let all = precautions.iter().map(|precaution| demanded(precaution, facts, with_stale));
    all.max_by_key(|state| *state as i32).unwrap_or(LineState::Unspecified)
}

fn precaution(dice: &mut Dice) -> PrecautionDraft {
    let (kind, code, _) = SAID[dice.below(SAID.len())];
    let criticality = [Criticality::Unspecified, Criticality::Low, Criticality::High][dice.below(3)];
    PrecautionDraft {
        kind: kind as i32,
        code: code.into(),
        criticality: criticality as i32,
        ..PrecautionDraft::default()
    }
}

/// Some, no code twice.
fn precautions(dice: &mut Dice, count: usize) -> Vec<PrecautionDraft> {
    let mut all: Vec<PrecautionDraft> = Vec::new();
    for _ in 0..count {
        let one = precaution(dice);
        if all.iter().all(|other| other.code != one.code) {
            all.push(one);
        }
    }
    all
}

/// A line with its facts and the precautions that count for it.
struct Asked<'a> {
    line: &'a BasketLine,
    facts: &'a Facts,
    precautions: Vec<&'a PrecautionDraft>,
}

/// Whether two lines are the same, however many of it are ordered.
fn is_equal(one: &BasketLine, other: &BasketLine) -> bool {
    let once = |line: &BasketLine| BasketLine { quantity: 0, ..line.clone() };
    once(one) == once(other)
}

/// The same where a dish may be ordered by its id or by its name.
fn is_one_dish(one: &BasketLine, other: &BasketLine) -> bool {
    let number = |item: &str| {
        let called = ["Dish ", "Thing ", "d"].iter().find_map(|before| item.strip_prefix(before));
        called.unwrap_or(item).to_owned()
    };
    let numbered = |line: &BasketLine| {
        let mut line = line.clone();
        line.item = number(&line.item);
        line.modifiers.iter_mut().for_each(|one| one.item = number(&one.item));
        line
    };
    is_equal(&numbered(one), &numbered(other))
}

/// Compares an answer with what is demanded.
fn compare(faults: &mut Faults, asked: &[Asked], checks: &[LineCheck], headline: &[Statement], respect: &[Statement]) {
    assert_eq!(checks.len(), asked.len());
    let (mut conflicts, mut dishes) = (Vec::new(), Vec::new());
    for (at, (one, check)) in asked.iter().zip(checks).enumerate() {
        let Asked { line, facts, precautions } = one;
        let of = |with_stale| worst(precautions, facts, with_stale);
        let (found, wanted) = (check.state(), [of(false), of(true)]);
        let words = || {
            let drafts: Vec<_> = precautions.iter().map(|one| (*one).clone()).collect();
            format!("{} at seat {:?}, {facts:?}, for {}", order(line), line.seat, said(&drafts))
        };
        faults.expect(check.line == i32::try_from(at).expect("few lines") && wanted.contains(&found), || {
            format!("{}, not {}: {}", found.as_str_name(), wanted[0].as_str_name(), words())
        });
        // Each that speaks against it is named, and no other.
        let conflicting = check.findings.iter().filter(|one| one.state() == LineState::Conflict);
        let named: BTreeSet<_> = conflicting.map(|one| one.precaution_code.as_str()).collect();
        let against = |with_stale| -> BTreeSet<&str> {
            let all = precautions.iter().filter(|one| demanded(one, facts, with_stale) == LineState::Conflict);
            all.map(|one| one.code.as_str()).collect()
        };
        faults.expect(named == against(false) || named == against(true), || format!("named {named:?}: {}", words()));
        // Equal lines at one seat are told once.
        let is_first = !asked[..at].iter().any(|other| is_equal(other.line, line));
        if found == LineState::Conflict && is_first {
            conflicts.push(i64::try_from(at).expect("few lines"));
            // One dish may be, whatever the till calls it: of what is sold no more an id has no name.
            let is_first = !asked[..at].iter().any(|other| is_one_dish(other.line, line));
            dishes.extend(is_first.then(|| i64::try_from(at).expect("few lines")));
        }
    }
    let told: Vec<&Statement> = respect.iter().filter(|one| one.code == "BASKET_CONFLICT").collect();
    let mut lines: Vec<i64> = told.iter().map(|one| number(one, "line").expect("which line")).collect();
    lines.sort_unstable();
    let is_told_once =
        lines.iter().all(|line| conflicts.contains(line)) && dishes.iter().all(|line| lines.contains(line));
    faults.expect(is_told_once, || format!("conflicts {conflicts:?}, of them told {lines:?}"));
    let first = headline.first().map_or("", |one| one.code.as_str());
    faults.expect((first == "BASKET_CONFLICT") != conflicts.is_empty(), || format!("{conflicts:?}, and first {first}"));
    // Of a line that nobody has declared it is told also beside what is known against it for others.
    let is_open = |(one, check): &(&Asked, &LineCheck), with_stale| {
        let is_known = |precaution| demanded(precaution, one.facts, with_stale) == LineState::Conflict;
        check.state() == LineState::NotDeclared
            || (one.facts.is_open && one.precautions.iter().any(|precaution| !is_known(precaution)))
    };
    let open = [false, true].map(|with_stale| asked.iter().zip(checks).filter(|one| is_open(one, with_stale)).count());
    let folded: Vec<_> = respect.iter().filter(|one| one.code == "BASKET_NOT_DECLARED").collect();
    let counted: Vec<_> = folded.iter().filter_map(|one| number(one, "lines")).collect();
    let (least, most) = (open[0].min(open[1]), open[0].max(open[1]));
    let is_counted = |count: &i64| usize::try_from(*count).is_ok_and(|count| (least.max(1)..=most).contains(&count));
    let is_told = if least > 0 { counted.len() == 1 } else { counted.len() <= 1 };
    faults.expect(is_told && counted.iter().all(is_counted), || format!("{open:?} lines are open, told {counted:?}"));
}

fn number(statement: &Statement, name: &str) -> Option<i64> {
    let parameter = statement.parameters.iter().find(|parameter| parameter.name == name)?;
    match parameter.value {
        Some(parameter::Value::Number(number)) => Some(number),
        _ => None,
    }
}

/// How often the kitchen must be told of: at least, and at most.
fn warnings(menu: &Menu, precautions: &[&PrecautionDraft]) -> (usize, usize) {
    let ill = precautions.iter().filter(|one| is_about_an_illness(one) && meaning(one) != NOT_UNDERSTOOD);
    let all = ill.flat_map(|one| menu.kitchen.iter().map(|code| meets(one, code)));
    match all.max().unwrap_or(Overlap::None) {
        Overlap::None => (0, 0),
        // A nut that is not theirs: the rules leave open whether it is worth a word.
        Overlap::May => (0, 1),
        Overlap::Contains => (1, 1),
    }
}

/// Told once, whatever is ordered.
fn compare_kitchen(faults: &mut Faults, menu: &Menu, precautions: &[&PrecautionDraft], respect: &[Statement]) {
    let (least, most) = warnings(menu, precautions);
    let told = respect.iter().filter(|one| one.code == "KITCHEN_MAY_CONTAIN").count();
    faults.expect((least..=most).contains(&told), || {
        let drafts: Vec<_> = precautions.iter().map(|one| (*one).clone()).collect();
        format!("told {told} times of a kitchen with {:?}, for {}", menu.kitchen, said(&drafts))
    });
}

async fn every_line_is_answered_by_all_that_the_menu_says(world: World) {
    let mut dice = Dice(3);
    let mut faults = Faults::default();
    let mut menu = Menu::throw(&mut dice);
    for basket in 0..scaled(BASKETS.0, BASKETS.1) {
        if basket % MENU_BASKETS == 0 {
            menu = Menu::throw(&mut dice);
            menu.declare(&world, NOON + (basket / MENU_BASKETS) as i64 * MENU_SECONDS).await;
        }
        let count = 1 + dice.below(3);
        let precautions = precautions(&mut dice, count);
        let seat = dice.of(&["", "1"]);
        let lines: Vec<_> = (0..LINES).map(|_| menu.line(&mut dice, &["", "1", "2"])).collect();
        let request = with!(CheckItemsRequest {
            venue_id: VENUE.into(),
            basket_lines: lines.iter().map(|(line, _)| line.clone()).collect(),
            precautions: precautions.clone(),
            seat: seat.into()
        });
        let answer = world.briefings().check_items(request).await.expect("checked").into_inner();
        let asked: Vec<_> = lines
            .iter()
            .map(|(line, facts)| {
                let counts = seat.is_empty() || line.seat.is_empty() || line.seat == seat;
                Asked { line, facts, precautions: precautions.iter().filter(|_| counts).collect() }
            })
            .collect();
        compare(&mut faults, &asked, &answer.line_checks, &answer.headline, &answer.respect);
        compare_kitchen(&mut faults, &menu, &precautions.iter().collect::<Vec<_>>(), &answer.respect);
    }
    faults.assert_none();
}

/// Precautions of a customer, some of them a companion's.
fn of_a_table(dice: &mut Dice) -> Vec<PrecautionDraft> {
    let count = dice.below(4);
    let mut all = precautions(dice, count);
    for one in &mut all {
        if dice.one_in(3) {
            one.of_whom = dice.of(&["my son", "my wife"]).into();
        }
    }
    all
}

/// Whether it counts for a line: one's own for one's own plate and for what is shared; a companion's for what is shared, and for
/// the others' plates, since nobody says where they sit. Without a customer's seat, and for a household, nobody knows whose plate it is.
fn counts(precaution: &PrecautionDraft, customer_seat: &str, line: &BasketLine) -> bool {
    let is_open = customer_seat.is_empty() || line.seat.is_empty();
    is_open || (line.seat == customer_seat) == precaution.of_whom.is_empty()
}

async fn a_table_is_checked_for_those_who_sit_at_it(world: World) {
    let mut dice = Dice(4);
    let mut faults = Faults::default();
    let mut menu = Menu::throw(&mut dice);
    for table in 0..scaled(TABLES.0, TABLES.1) {
        if table % MENU_TABLES == 0 {
            menu = Menu::throw(&mut dice);
            menu.declare(&world, NOON + i64::try_from(table).expect("few") * MENU_SECONDS).await;
        }
        // One in three is a family that shares a phone.
        let members = if dice.one_in(3) { 2 } else { 1 };
        let phone = identity(IdentityType::Phone, &format!("+4144668{table:04}"));
        let (mut all, mut subject) = (Vec::new(), by_identity(phone.clone()));
        let mut is_household = false;
        for member in 0..members {
            let of_one = of_a_table(&mut dice);
            let mut draft = CustomerDraft {
                precautions: of_one.clone(),
                identities: vec![phone.clone()],
                ..asked(&format!("Member {member}"))
            };
            if dice.one_in(4) {
                draft.details.as_mut().expect("details").kind = CustomerKind::Household as i32;
                is_household = true;
            }
            let id = world.create(draft).await.customer_id;
            if members == 1 && dice.one_in(2) {
                subject = by_id(&id);
            }
            all.extend(of_one);
        }
        for _ in 0..ROUNDS {
            // Whoever of them sits there, with a shared phone nobody knows.
            let customer_seat = if members == 1 { dice.of(&["", "1"]) } else { "" };
            let lines: Vec<_> = (0..LINES).map(|_| menu.line(&mut dice, &["", "1", "2"])).collect();
            let request = GetBriefingRequest {
                basket_lines: lines.iter().map(|(line, _)| line.clone()).collect(),
                customer_seat: customer_seat.into(),
                ..briefing(subject.clone())
            };
            let answer = world.briefings().get_briefing(request).await.expect("answered").into_inner();
            let Briefing { line_checks, headline, respect, .. } = answer.briefing.expect("a briefing");
            let known_seat = if is_household { "" } else { customer_seat };
            let of = |line| all.iter().filter(|one| counts(one, known_seat, line)).collect();
            let asked: Vec<_> =
                lines.iter().map(|(line, facts)| Asked { line, facts, precautions: of(line) }).collect();
            compare(&mut faults, &asked, &line_checks, &headline, &respect);
            // Nobody answers for a household.
            let question = respect.iter().any(|one| one.code == "PRECAUTIONS_NOT_ASKED");
            faults.expect(question == is_household, || format!("table {table}: {is_household}, asked: {question}"));
            compare_kitchen(&mut faults, &menu, &all.iter().collect::<Vec<_>>(), &respect);
        }
    }
    faults.assert_none();
}

/// Why something must not be given at all.
fn forbids(precautions: &[PrecautionDraft], known: Option<&Contents>) -> Option<String> {
    let is_edible = known.is_none_or(|known| !known.contains.is_empty());
    let facts =
        Facts { known: known.cloned().unwrap_or_default(), is_open: known.is_none(), is_edible, ..Facts::default() };
    let against = precautions.iter().find(|one| match demanded(one, &facts, false) {
        LineState::Conflict => true,
        LineState::NotDeclared => is_about_an_illness(one) || meaning(one) == NOT_UNDERSTOOD,
        _ => false,
    })?;
    Some(format!("{} {}", against.code, against.of_whom))
}

async fn no_gift_is_proposed_that_somebody_at_the_table_must_not_have(world: World) {
    let mut dice = Dice(5);
    let mut faults = Faults::default();
    let (catalogue, known) = gestures(&mut dice);
    let giving = giving();
    let roles = giving.roles.iter().filter(|role| role.role_id == "manager").cloned().collect();
    set(&world, Policy { catalogue, roles, ..giving }).await;
    let (mut proposed, mut forbidden) = (0, 0);
    for _ in 0..scaled(CUSTOMERS.0, CUSTOMERS.1) {
        let precautions = of_a_table(&mut dice);
        let draft = CustomerDraft { precautions: precautions.clone(), ..asked("Guest") };
        let id = world.create(draft).await.customer_id;
        let request =
            with!(SuggestGesturesRequest { customer_id: id, venue_id: VENUE.into(), limit: 50, include_vetoed: true });
        let answer = world.gestures().suggest_gestures(in_role("mara", "manager", request)).await.expect("suggested");
        for one in answer.into_inner().gestures {
            let at: usize = one.gesture_type_id["kind-".len()..].parse().expect("a number");
            let why = forbids(&precautions, known[at].as_ref());
            proposed += usize::from(one.suggested);
            forbidden += usize::from(why.is_some());
            faults.expect(!one.suggested || why.is_none(), || {
                format!("suggested: {:?} for {}, though {}", known[at], said(&precautions), why.unwrap_or_default())
            });
        }
    }
    faults.assert_none();
    assert!(proposed > 0 && forbidden > 0, "some may be given, some not: {proposed}, {forbidden}");
}
