//! An evening at a restaurant, as its till lives it: forty covers, a menu that changes, a kitchen that runs out, and one who
//! pays for the whole table.
//!
//! Three tables say what happens: what is sold (evening/menu.txt), who is there (evening/guests.txt), and what is ordered, with
//! what is true of each plate (evening/orders.txt), written by hand. The till asks twice for every guest at the table: when a
//! plate is ordered, and when it leaves the kitchen, unless it was stopped.

use std::collections::{BTreeMap, BTreeSet};

use rapport::proto::*;

use super::world::*;
use tables::{Found, Guest, Moment, Plate, Truth};

mod tables;

on_both!(every_dangerous_plate_is_shouted_before_it_leaves,);

/// Who pays for a table, and when. Strangers pay in cash.
const BILLS: [(&str, &str, &str); 11] = [
    ("T1", "Omar", "18:30"),
    ("T2", "Walter", "20:00"),
    ("T3", "Dino", "19:40"),
    ("T4", "Luc", "20:30"),
    ("T5", "Ines", "20:00"),
    ("T6", "Ivan", "19:40"),
    ("T7", "Vito", "20:00"),
    ("T8", "Alma", "20:45"),
    ("T9", "Ulla", "21:00"),
    ("T11", "Keller family", "20:30"),
    ("T12", "Zoe", "20:45"),
];
/// What the whole kitchen may carry over: told once, to the one who must not have it.
const CARRIED_OVER: (&str, &str) = ("SESAME", "Sami");
const PHONE: &str = "+41446681800";
const OPENING: &str = "15:00";
const DINNER: &str = "18:00";
const SUBSTITUTION: &str = "19:30";
const LABEL_READ: &str = "19:50";
/// Of a hundred lines, so many may be shouted that are not dangerous.
const FALSE_PER_HUNDRED: usize = 2;

/// A time of the evening: 13:00 in Zurich is the tests' noon.
fn at(clock: &str) -> i64 {
    let (hours, minutes) = clock.split_once(':').expect("hours and minutes");
    let number = |text: &str| text.parse::<i64>().expect("a number");
    NOON + (number(hours) - 13) * 3_600 + number(minutes) * 60
}

/// What was shouted, and what should have been: a conflict is a plate and a guest.
#[derive(Default)]
struct Tally {
    backend: &'static str,
    lines: usize,
    /// Pairs of a line and a guest whose precautions it was checked against.
    checked: usize,
    conflicts: BTreeSet<(usize, &'static str)>,
    shouted: BTreeSet<(usize, &'static str)>,
    doubled: Vec<String>,
    untrue: Vec<String>,
    other: Vec<String>,
}

impl Tally {
    fn assert_right(&self, plates: &[Plate]) {
        let missed: Vec<_> = self.conflicts.difference(&self.shouted).collect();
        let missed: Vec<_> = missed.iter().map(|(at, guest)| format!("{guest}: {}", plates[*at].words)).collect();
        println!(
            "the evening on {}: {} lines, {} checks against somebody's precautions; {} conflicts, {} missed, {} shouted twice, \
             {} shouted falsely ({:.1} of 100 lines)",
            self.backend,
            self.lines,
            self.checked,
            self.conflicts.len(),
            missed.len(),
            self.doubled.len(),
            self.untrue.len(),
            self.untrue.len() as f64 * 100.0 / self.lines as f64,
        );
        println!("shouted falsely: {:#?}; answered otherwise: {:#?}", self.untrue, self.other);
        assert!(missed.is_empty(), "missed: {missed:#?}");
        assert!(self.doubled.is_empty(), "shouted twice: {:#?}", self.doubled);
        assert!(self.untrue.len() * 100 <= FALSE_PER_HUNDRED * self.lines, "shouted falsely: {:#?}", self.untrue);
        assert!(self.other.is_empty(), "answered otherwise: {:#?}", self.other);
    }
}

/// What the till shows.
struct Shown {
    checks: Vec<LineCheck>,
    headline: Vec<Statement>,
    respect: Vec<Statement>,
}

struct Evening {
    world: World,
    guests: Vec<Guest>,
    plates: Vec<Plate>,
    /// Customers by name.
    ids: BTreeMap<&'static str, String>,
    /// Plates that were shouted.
    stopped: BTreeSet<usize>,
    tally: Tally,
}

async fn every_dangerous_plate_is_shouted_before_it_leaves(world: World) {
    let mut evening = Evening::open(world).await;
    let plates = &evening.plates;
    let mut times: BTreeSet<i64> = plates.iter().flat_map(|plate| [plate.at, plate.leaves]).collect();
    times.extend([SUBSTITUTION, LABEL_READ].map(at));
    times.extend(BILLS.map(|(_, _, when)| at(when)));
    times.extend(evening.guests.iter().map(|guest| guest.since));
    for now in times.split_off(&(at(OPENING) + 1)) {
        evening.world.set_clock(now);
        evening.happen(now).await;
        evening.serve(now).await;
    }
    evening.tally.assert_right(&evening.plates);
}

impl Evening {
    /// Who is expected, and what is on the menu.
    async fn open(world: World) -> Self {
        let (mut guests, mut ids): (Vec<Guest>, _) = (Vec::new(), BTreeMap::new());
        for (guest, identity) in tables::guests() {
            if let Some(identity) = identity {
                let mut draft = CustomerDraft { identities: vec![identity], ..asked(guest.name) };
                if guest.since == 0 {
                    draft.precautions.clone_from(&guest.precautions);
                }
                if guest.name.ends_with("family") {
                    draft.details.as_mut().expect("details").kind = CustomerKind::Household as i32;
                }
                ids.insert(guest.name, world.create(draft).await.customer_id);
            }
            // A phone is asked once, with what all have that share it.
            match guests.iter_mut().find(|other| guest.found == Found::Phone && other.found == Found::Phone) {
                Some(family) => family.precautions.extend(guest.precautions),
                None if guest.found == Found::Phone => guests.push(Guest { name: "Kellers", ..guest }),
                None => guests.push(guest),
            }
        }
        let plates = tables::plates();
        for plate in &plates {
            for name in plate.truth.keys() {
                assert!(guests.iter().any(|guest| guest.name == *name && guest.table == plate.table), "{name}");
            }
        }
        let tally = Tally {
            backend: if world.redis.is_some() { "Redis" } else { "redb" },
            lines: plates.len(),
            ..Tally::default()
        };
        let evening = Self { world, guests, plates, ids, stopped: BTreeSet::new(), tally };
        evening.world.set_clock(at(OPENING));
        let (carried, _) = CARRIED_OVER;
        let kitchen = with!(DeclareKitchenRequest { venue_id: VENUE.into(), may_contain: vec![carried.into()] });
        evening.world.catalogue().declare_kitchen(kitchen).await.expect("declared");
        evening.put("").await;
        evening.put(DINNER).await;
        evening
    }

    /// Puts the menu's rows of this time; those of dinner are put ahead.
    async fn put(&self, from: &str) {
        let from_time = if from == DINNER { time(at(DINNER)) } else { None };
        let request = with!(PutItemsRequest { venue_id: VENUE.into(), items: tables::items(from), from_time });
        self.world.catalogue().put_items(by("chef", request)).await.expect("put");
    }

    /// What happens besides orders.
    async fn happen(&self, now: i64) {
        let bread = || Some(with!(ItemSelection { item_ids: vec!["bread".into()] }));
        if now == at(SUBSTITUTION) {
            self.put(SUBSTITUTION).await;
            let changed = with!(MarkItemsChangedRequest { venue_id: VENUE.into(), items: bread() });
            self.world.catalogue().mark_items_changed(by("chef", changed)).await.expect("marked");
        }
        if now == at(LABEL_READ) {
            let read = with!(ConfirmItemsRequest { venue_id: VENUE.into(), items: bread() });
            self.world.catalogue().confirm_items(by("chef", read)).await.expect("confirmed");
        }
        for guest in self.guests.iter().filter(|guest| guest.since == now) {
            let only_today = |draft: &PrecautionDraft| PrecautionDraft {
                basis: PrecautionBasis::ThisVisitOnly as i32,
                venue_id: VENUE.into(),
                ..draft.clone()
            };
            let precautions = guest.precautions.iter().map(only_today).collect();
            let said = with!(AddPrecautionsRequest { customer_id: self.ids[guest.name].clone(), precautions });
            self.world.customers().add_precautions(by("mara", said)).await.expect("added");
        }
        for (table, payer, _) in BILLS.iter().filter(|(_, _, when)| at(when) == now) {
            let served = self
                .plates
                .iter()
                .enumerate()
                .filter(|(at, plate)| plate.table == *table && plate.leaves <= now && !self.stopped.contains(at));
            let lines = served.map(|(_, plate)| PurchaseLine {
                seat: plate.seat.into(),
                quantity: f64::from(plate.line.quantity.max(1)),
                ..super::world::line(&plate.line.item, 1_900)
            });
            let bill = Interaction {
                occur_time: time(now),
                ..purchase(&self.ids[payer], &format!("bill-{table}"), lines.collect())
            };
            let request = RecordInteractionsRequest { interactions: vec![bill] };
            let answer = self.world.interactions().record_interactions(request).await.expect("answered").into_inner();
            assert!(answer.results[0].outcome() == RecordOutcome::Recorded, "{answer:?}");
        }
    }

    /// What is ordered now, and what leaves now, for everybody at its table.
    async fn serve(&mut self, now: i64) {
        let tables: BTreeSet<_> = self.plates.iter().map(|plate| plate.table).collect();
        for table in tables {
            for moment in [Moment::Ordered, Moment::Leaving] {
                let concerned = |at: &usize| {
                    let plate = &self.plates[*at];
                    plate.table == table
                        && match moment {
                            Moment::Ordered => plate.at == now,
                            Moment::Leaving => plate.leaves == now && !self.stopped.contains(at),
                        }
                };
                let basket: Vec<usize> = (0..self.plates.len()).filter(concerned).collect();
                if basket.is_empty() {
                    continue;
                }
                for guest in 0..self.guests.len() {
                    if self.guests[guest].table == table {
                        let shown = self.ask(&self.guests[guest], &basket).await;
                        self.judge(guest, &basket, moment, &shown);
                    }
                }
            }
        }
    }

    async fn ask(&self, guest: &Guest, basket: &[usize]) -> Shown {
        let basket_lines: Vec<_> = basket.iter().map(|at| self.plates[*at].line.clone()).collect();
        let mut briefings = self.world.briefings();
        let subject = match &guest.found {
            Found::Card(card) | Found::Stranger(card) => loyalty(card),
            Found::Phone => identity(IdentityType::Phone, PHONE),
            Found::Says => {
                let request = with!(CheckItemsRequest {
                    venue_id: VENUE.into(),
                    basket_lines,
                    precautions: guest.precautions.clone(),
                    seat: guest.seat.into()
                });
                let answer = briefings.check_items(request).await.expect("checked").into_inner();
                let CheckItemsResponse { line_checks, headline, respect } = answer;
                return Shown { checks: line_checks, headline, respect };
            }
        };
        let request =
            GetBriefingRequest { basket_lines, customer_seat: guest.seat.into(), ..briefing(by_identity(subject)) };
        let answer = briefings.get_briefing(request).await.expect("answered").into_inner();
        let Briefing { line_checks, headline, respect, .. } = answer.briefing.expect("a briefing");
        Shown { checks: line_checks, headline, respect }
    }

    /// Compares what the till shows with what is true.
    fn judge(&mut self, guest: usize, basket: &[usize], moment: Moment, shown: &Shown) {
        let Self { guests, plates, tally, stopped, world, .. } = self;
        let guest = &guests[guest];
        assert_eq!(shown.checks.len(), basket.len());
        for (number, (check, at)) in shown.checks.iter().zip(basket).enumerate() {
            let plate = &plates[*at];
            let is_checked = guest.is_concerned(plate, world.now_ms() / 1_000);
            let truth = plate.truth(guest.name, moment);
            let words = || format!("{moment:?}, for {}: {}", guest.name, plate.words);
            tally.checked += usize::from(is_checked && moment == Moment::Ordered);
            let shouts = conflicts(shown).filter(|line| *line == number).count();
            if truth == Truth::Danger {
                tally.conflicts.insert((*at, guest.name));
            }
            if shouts > 0 && truth != Truth::Danger {
                tally.untrue.push(words());
            } else if shouts > 1 || (shouts > 0 && !tally.shouted.insert((*at, guest.name))) {
                tally.doubled.push(words());
            }
            if shouts > 0 {
                tally.shouted.insert((*at, guest.name));
                stopped.insert(*at);
            }
            let state = check.state();
            let is_right = match truth {
                Truth::Danger => state == LineState::Conflict,
                Truth::Ask => state == LineState::NotDeclared,
                Truth::Tell => state == LineState::MayContain,
                Truth::Fine if !is_checked => state == LineState::Unspecified,
                Truth::Fine => state == LineState::NothingDeclaredAgainstIt,
            };
            // What is shouted falsely has its own bound.
            if (state == LineState::Conflict) != (shouts > 0) || (!is_right && (shouts == 0 || truth == Truth::Danger))
            {
                tally.other.push(format!("{}, {shouts} shouts: {}", state.as_str_name(), words()));
            }
        }
        let count = |code: &str| shown.respect.iter().filter(|one| one.code == code).count();
        let is_first = shown.headline.first().is_some_and(|one| one.code == "BASKET_CONFLICT");
        let open = shown.checks.iter().filter(|check| check.state() == LineState::NotDeclared).count();
        let (_, warned) = CARRIED_OVER;
        for (holds, what) in [
            (is_first == (count("BASKET_CONFLICT") > 0), "conflicts come first"),
            // Also of a line that something else speaks against.
            ((usize::from(open > 0)..=1).contains(&count("BASKET_NOT_DECLARED")), "what is open is told once"),
            (count("KITCHEN_MAY_CONTAIN") == usize::from(guest.name == warned), "the kitchen is told of once"),
        ] {
            if !holds {
                tally.other.push(format!("{what}; {moment:?}, for {}: {}", guest.name, plates[basket[0]].words));
            }
        }
    }
}

/// The lines that are shouted.
fn conflicts(shown: &Shown) -> impl Iterator<Item = usize> {
    let line = |statement: &Statement| {
        let parameter = statement.parameters.iter().find(|parameter| parameter.name == "line")?;
        let Some(parameter::Value::Number(line)) = parameter.value else { return None };
        usize::try_from(line).ok()
    };
    let told = shown.respect.iter().filter(|one| one.code == "BASKET_CONFLICT");
    told.map(move |one| line(one).expect("which line"))
}
