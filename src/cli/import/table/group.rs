//! Rows that follow each other and share a key become one interaction: the lines of a purchase.
//!
//! A purchase is recorded whole or not at all, because what is recorded once is not added to later. So one bad row
//! refuses its whole group; and a row that cannot be read, whose group is not known, refuses the groups around it.

use std::{
    collections::{HashSet, VecDeque, hash_map::DefaultHasher},
    hash::{Hash as _, Hasher as _},
};

use super::{
    super::{
        prefix::Prefix,
        rejects::{RawRow, Reject},
        rows::Row,
    },
    Made,
};
use crate::proto::{Interaction, import_record::Record};

/// Rows of one group: a purchase has at most 200 lines, and each row makes at least one.
const GROUP_ROWS_MAX: usize = 200;
/// Keys remembered, to tell when rows of one group do not follow each other: some 30 MB, more than a day of any chain.
const KEYS_MAX: usize = 1 << 20;

/// Collects groups.
pub struct Groups {
    key: Vec<usize>,
    open: Open,
    /// The place before the open group.
    place: Option<Prefix>,
    seen: HashSet<u64>,
    order: VecDeque<u64>,
}

/// A group whose end was not read yet.
#[derive(Default)]
struct Open {
    /// `None`: nothing is open, or a row that cannot be read was met; the next row belongs to it.
    key: Option<String>,
    rows: Vec<(u64, String)>,
    interaction: Option<Interaction>,
    rejects: Vec<Reject>,
    fault: Option<Refusal>,
    /// Parts of it were handed over already.
    is_flushed: bool,
}

#[derive(Clone, Copy)]
struct Refusal(&'static str, &'static str);

const NEIGHBOUR: Refusal = Refusal(
    "GROUP_REFUSED",
    "another row of the same group is bad, or one beside it cannot be read; mend them together",
);
const DIFFERS: Refusal = Refusal("GROUP_DIFFERS", "rows of one group differ in customer, source, key, kind or venue");
const TOO_LARGE: Refusal = Refusal("GROUP_TOO_LARGE", "a group has at most 200 rows");
const SCATTERED: Refusal = Refusal(
    "GROUP_SCATTERED",
    "the group was ended by rows of another one: sort the file by the columns of group_by, and import it again",
);

impl Groups {
    pub fn new(key: Vec<usize>) -> Self {
        let open = Open::default();
        Self { key, open, place: None, seen: HashSet::new(), order: VecDeque::new() }
    }

    /// The key of a row; `None` when it is empty.
    pub fn key(&self, fields: &[String]) -> Option<String> {
        let parts: Vec<&str> = self.key.iter().map(|place| fields[*place].as_str()).collect();
        parts.iter().any(|part| !part.is_empty()).then(|| parts.join("\0"))
    }

    /// Takes a row; `before` is the place before it.
    pub fn add(&mut self, made: Made, before: &Prefix, found: &mut Vec<Result<Row, Reject>>) {
        let Made { group, row } = made;
        let is_unread = self.open.key.is_none() && !self.open.rejects.is_empty();
        let is_same = group.is_some() && (is_unread || self.open.key == group);
        if !is_same {
            if group.is_none() && self.open.key.is_some() {
                self.open.fault.get_or_insert(NEIGHBOUR);
            }
            self.end(found);
            self.place = Some(before.clone());
        }
        if let Some(key) = &group
            && self.open.key.is_none()
        {
            if self.remember(key) {
                self.open.fault.get_or_insert(SCATTERED);
            }
            self.open.key = group;
        } else if group.is_none() {
            self.open.fault = Some(NEIGHBOUR);
        }
        match row {
            Ok(row) => self.open.add(row),
            Err(reject) => {
                self.open.fault.get_or_insert(NEIGHBOUR);
                self.open.rejects.push(reject);
            }
        }
        if self.open.rows.len() + self.open.rejects.len() > GROUP_ROWS_MAX {
            self.open.fault = Some(TOO_LARGE);
            self.open.flush(found);
        }
    }

    /// Ends the open group.
    pub fn end(&mut self, found: &mut Vec<Result<Row, Reject>>) {
        let mut open = std::mem::take(&mut self.open);
        match (open.fault, open.interaction.take()) {
            (None, Some(interaction)) => {
                let line = open.rows.first().map_or(0, |(line, _)| *line);
                let raw: Vec<String> = open.rows.into_iter().map(|(_, raw)| raw).collect();
                found.push(Ok(Row { line, raw: raw.join("\n"), record: Record::Interaction(interaction) }));
            }
            _ => open.flush(found),
        }
    }

    pub fn place(&self) -> Option<&Prefix> {
        if self.open.is_flushed { None } else { self.place.as_ref() }
    }

    /// True: the key was met before.
    fn remember(&mut self, key: &str) -> bool {
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        let hash = hasher.finish();
        if !self.seen.insert(hash) {
            return true;
        }
        self.order.push_back(hash);
        if self.order.len() > KEYS_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.seen.remove(&oldest);
        }
        false
    }
}

impl Open {
    fn add(&mut self, row: Row) {
        let Row { line, raw, record } = row;
        self.rows.push((line, raw));
        let Record::Interaction(interaction) = record else {
            return;
        };
        match &mut self.interaction {
            None => self.interaction = Some(interaction),
            Some(first) if is_same_head(first, &interaction) => {
                let lines = interaction.purchase.map(|purchase| purchase.lines).unwrap_or_default();
                first.purchase.get_or_insert_default().lines.extend(lines);
            }
            Some(_) => self.fault = Some(DIFFERS),
        }
    }

    /// Hands over all rows of a refused group, in the order of the file.
    fn flush(&mut self, found: &mut Vec<Result<Row, Reject>>) {
        let Refusal(reason, message) = self.fault.unwrap_or(NEIGHBOUR);
        let refused = self.rows.drain(..).map(|(line, raw)| Reject {
            line,
            reason: reason.to_owned(),
            field: String::new(),
            message: message.to_owned(),
            row: RawRow::Text(raw),
        });
        let mut rejects: Vec<Reject> = self.rejects.drain(..).chain(refused).collect();
        rejects.sort_by_key(|reject| reject.line);
        found.extend(rejects.into_iter().map(Err));
        self.is_flushed = true;
    }
}

/// Time, total and all else are those of the first row.
fn is_same_head(first: &Interaction, other: &Interaction) -> bool {
    let head = |one: &Interaction| {
        (one.source.clone(), one.external_id.clone(), one.customer.clone(), one.kind, one.venue_id.clone())
    };
    head(first) == head(other)
}
