//! The tables of the evening, read.

use std::collections::{BTreeMap, BTreeSet};

use rapport::proto::*;

use super::{super::world::*, PHONE, at};

/// The rows of a table, as trimmed cells.
pub fn rows<const N: usize>(table: &'static str) -> Vec<[&'static str; N]> {
    let lines = table.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            cells.try_into().unwrap_or_else(|_| panic!("{N} cells: {line}"))
        })
        .collect()
}

/// What is true of a plate for a guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truth {
    Fine,
    Tell,
    Ask,
    Danger,
}

impl Truth {
    fn read(text: &str) -> Self {
        match text.trim() {
            "fine" => Self::Fine,
            "tell" => Self::Tell,
            "ask" => Self::Ask,
            "danger" => Self::Danger,
            other => panic!("no truth: {other}"),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    Ordered,
    Leaving,
}

pub struct Plate {
    pub table: &'static str,
    pub seat: &'static str,
    pub at: i64,
    pub leaves: i64,
    pub line: BasketLine,
    /// By guest: when it is ordered, and when it leaves.
    pub truth: BTreeMap<&'static str, (Truth, Truth)>,
    pub words: String,
}

impl Plate {
    pub fn truth(&self, guest: &str, moment: Moment) -> Truth {
        let (ordered, leaving) = self.truth.get(guest).copied().unwrap_or((Truth::Fine, Truth::Fine));
        if moment == Moment::Ordered { ordered } else { leaving }
    }
}

/// "2x Pad Thai - peanuts" as a till sends it.
fn line(order: &str, seat: &str) -> BasketLine {
    let mut line = with!(BasketLine { seat: seat.into() });
    let mut kind = None;
    for word in order.split(' ') {
        let next = match word {
            "+" => Some(ModifierKind::Added),
            "-" => Some(ModifierKind::LeftOut),
            ">" => Some(ModifierKind::Exchanged),
            _ => None,
        };
        let count = word.strip_suffix('x').and_then(|count| count.parse().ok());
        match (next, count) {
            (Some(next), _) => {
                kind = Some(next);
                line.modifiers.push(BasketModifier { kind: next as i32, item: String::new() });
            }
            (_, Some(count)) => line.quantity = count,
            _ => {
                let text =
                    if kind.is_some() { &mut line.modifiers.last_mut().expect("one").item } else { &mut line.item };
                text.push_str(if text.is_empty() { "" } else { " " });
                text.push_str(word);
            }
        }
    }
    line
}

pub fn plates() -> Vec<Plate> {
    let truth = |cell: &'static str| {
        let one = |text: &'static str| {
            let (guest, truth) = text.trim().split_once(": ").expect("a guest and a truth");
            let (ordered, leaving) = truth.split_once('>').unwrap_or((truth, truth));
            (guest, (Truth::read(ordered), Truth::read(leaving)))
        };
        cell.split(';').filter(|text| !text.is_empty()).map(one).collect()
    };
    rows(include_str!("orders.txt"))
        .into_iter()
        .map(|[table, seat, ordered, leaves, order, guests, why]| Plate {
            table,
            seat,
            at: at(ordered),
            leaves: at(leaves),
            line: line(order, seat),
            truth: truth(guests),
            words: format!("{ordered} {table}/{seat} {order} ({why})"),
        })
        .collect()
}

/// By what the till finds somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    Card(String),
    Phone,
    Says,
    Stranger(String),
}

/// Somebody at a table for whom the till asks.
pub struct Guest {
    pub table: &'static str,
    pub seat: &'static str,
    pub name: &'static str,
    pub found: Found,
    pub precautions: Vec<PrecautionDraft>,
    /// From when these are known.
    pub since: i64,
}

impl Guest {
    /// Whether any of what they must not have counts for a plate: one's own for one's own and for what is shared; a companion's
    /// for what is shared and for the others'.
    pub fn is_concerned(&self, plate: &Plate, now: i64) -> bool {
        let is_open = self.seat.is_empty() || plate.seat.is_empty();
        let counts = |one: &PrecautionDraft| is_open || (plate.seat == self.seat) == one.of_whom.is_empty();
        self.since <= now && self.precautions.iter().any(counts)
    }
}

/// Everybody for whom the till asks, and what it has of them.
pub fn guests() -> Vec<(Guest, Option<Identity>)> {
    let covers = rows(include_str!("guests.txt"));
    assert_eq!(covers.len(), 40, "covers");
    let mut guests = Vec::new();
    for [table, seat, name, asked_by, avoids] in covers {
        let (since, avoids) = match avoids.split_once(' ') {
            Some((clock, rest)) if clock.contains(':') => (at(clock), rest),
            _ => (0, avoids),
        };
        let precautions: Vec<_> = avoids.split("; ").filter(|text| !text.is_empty()).map(precaution).collect();
        let card = format!("GC-{name}");
        let (found, identity) = match asked_by {
            "card" => (Found::Card(card.clone()), Some(loyalty(&card))),
            "Kellers" => (Found::Phone, Some(identity(IdentityType::Phone, PHONE))),
            "says" => (Found::Says, None),
            "stranger" => (Found::Stranger(card), None),
            "-" => continue,
            other => panic!("{name} is asked by {other}"),
        };
        guests.push((Guest { table, seat, name, found, precautions, since }, identity));
    }
    let is_recorded = |guest: &Guest| guest.found != Found::Says && guest.since == 0 && !guest.precautions.is_empty();
    assert_eq!(guests.iter().filter(|(guest, _)| is_recorded(guest)).count(), 6, "with precautions");
    assert_eq!(guests.iter().filter(|(_, identity)| identity.is_none()).count(), 4, "unknown guests");
    guests
}

/// "of my son: ALLERGY EGGS HIGH SEVERE".
fn precaution(text: &str) -> PrecautionDraft {
    let (whose, rest) = text.split_once(": ").unwrap_or(("", text));
    let mut draft = with!(PrecautionDraft { of_whom: whose.trim_start_matches("of ").into() });
    for (number, word) in rest.split(' ').enumerate() {
        let kind = PrecautionKind::from_str_name(&format!("PRECAUTION_KIND_{word}"));
        let criticality = Criticality::from_str_name(&format!("CRITICALITY_{word}"));
        let severity = ReactionSeverity::from_str_name(&format!("REACTION_SEVERITY_{word}"));
        match number {
            0 => draft.kind = kind.expect("a kind") as i32,
            1 => word.clone_into(&mut draft.code),
            _ if criticality.is_some() => draft.criticality = criticality.expect("one") as i32,
            _ => draft.severity = severity.expect("a criticality or a severity") as i32,
        }
    }
    draft
}

/// The menu's rows of a time, as items.
pub fn items(from: &str) -> Vec<Item> {
    let menu = rows(include_str!("menu.txt"));
    let undeclared = menu.iter().filter(|[_, _, _, contains, _, _]| *contains == "?").count();
    let ids: BTreeSet<_> = menu.iter().map(|[id, ..]| id).collect();
    assert!(undeclared * 5 >= ids.len(), "a fifth is not declared: {undeclared} of {}", ids.len());
    let item = |[id, _, names, contains, may, parts]: [&str; 6]| {
        let name = |text: &str| {
            let (language, text) = text.split_once(' ').expect("a language and a name");
            ItemName { language: language.into(), text: text.into() }
        };
        let content = |code: &str, level: ContentLevel| ItemContent { code: code.into(), level: level as i32 };
        let mut contents = with!(ItemContents { source: ContentSource::Recipe as i32 });
        let codes = contains.split(' ').filter(|code| !["-", "?", "parts", "thing"].contains(code));
        contents.contents.extend(codes.map(|code| content(code, ContentLevel::Contains)));
        contents.contents.extend(may.split_whitespace().map(|code| content(code, ContentLevel::MayContain)));
        with!(Item {
            item_id: id.into(),
            names: names.split("; ").map(name).collect(),
            not_food: contains == "thing",
            contents: (!["?", "parts", "thing"].contains(&contains)).then_some(contents),
            component_ids: parts.split_whitespace().map(str::to_owned).collect()
        })
    };
    menu.into_iter().filter(|[_, since, ..]| *since == from).map(item).collect()
}
