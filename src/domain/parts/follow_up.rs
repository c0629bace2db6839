//! Follow-ups: tasks that are owed to a customer by a time.

use crate::domain::{
    kernel::{
        author::Author,
        id::{PartId, VenueId},
        time::Timestamp,
    },
    words,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FollowUpKind {
    /// Asking the customer whether all is well after an issue was resolved.
    AfterIssue,
    /// A promise by staff.
    Promise,
    /// The delivery of a gesture.
    Delivery,
}

/// What the text of a delivery says besides the name of the gesture: its note. All of it, if the gesture had another name.
pub(in crate::domain) fn besides<'t>(name: &str, text: &'t str) -> &'t str {
    match text.strip_prefix(name) {
        Some("") => "",
        // The name, a comma and words for people, a colon, the note.
        Some(rest) => rest.strip_prefix(',').and_then(|rest| rest.split_once(": ")).map_or(text, |(_, note)| note),
        None => text,
    }
}

/// What rooms are called, behind the name of one: "Walnut Room".
const ROOMS: [&str; 14] = [
    "bar", "cellar", "garden", "hall", "lounge", "room", "salon", "stube", "suite", "table", "terrace", "tisch",
    "villa", "zimmer",
];
/// What is drunk in a bar, and is no bar to eat: "Wine bar".
const DRUNK_IN_BARS: [&str; 9] = ["beer", "bier", "cocktail", "gin", "rum", "vino", "wein", "whisky", "wine"];
/// What stands before the name of a room.
const ARTICLES: [&str; 8] = ["the", "der", "die", "das", "le", "la", "il", "el"];

/// What a place says of what is brought there; nothing, where it is plainly a room: "Walnut Room", "Table 7", and not "bar: rum", nor what may
/// be eaten itself: "Nut bar", "Walnut cake table". `is_sold`: whether the catalogue has something of a name.
pub(in crate::domain) fn told_place(place: &str, is_sold: impl Fn(&str) -> bool) -> &str {
    let is_plain = place.chars().all(|char| char.is_alphanumeric() || matches!(char, ' ' | '-' | '\''));
    if !is_plain {
        return place;
    }
    let is_one_of = |list: &[&str], word: &str| list.iter().any(|known| known.eq_ignore_ascii_case(word));
    let is_room = |word: &str| is_one_of(&ROOMS, word);
    let is_numbered =
        || place.split(' ').all(|word| is_room(word) || word.starts_with(|first: char| first.is_ascii_digit()));
    let words: Vec<&str> = place.split(' ').collect();
    let is_named = || match words[..] {
        [name, room] => is_room(room) && is_name_of_room(name, room, &is_sold),
        [article, name, room] if is_one_of(&ARTICLES, article) => {
            is_room(room) && is_name_of_room(name, room, &is_sold)
        }
        _ => false,
    };
    if is_numbered() || is_named() { "" } else { place }
}

/// Whether both are plainly the name of a room: nothing that is eaten, or sold, is called so.
fn is_name_of_room(name: &str, room: &str, is_sold: impl Fn(&str) -> bool) -> bool {
    let whole = [name, " ", room].concat();
    if is_sold(&whole) || words::told_by(&whole) & !words::told_by(name) != 0 {
        return false;
    }
    // A bar is also a thing to eat.
    let is_bar = room.eq_ignore_ascii_case("bar");
    let is_drunk = || DRUNK_IN_BARS.iter().any(|drunk| drunk.eq_ignore_ascii_case(name));
    !is_bar || is_drunk() || !(words::is_food(name) || is_sold(name))
}

/// A follow-up as it was promised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FollowUpDraft {
    pub kind: FollowUpKind,
    pub text: String,
    /// Who keeps it; empty: not said.
    pub owner: String,
    pub due_time: Timestamp,
    pub venue: VenueId,
    pub place: String,
    pub issue: Option<PartId>,
    pub gesture: Option<PartId>,
}

/// How it ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Completion {
    pub by: Author,
    pub time: Timestamp,
    /// False: it was missed.
    pub kept: bool,
    /// How the customer took it, 1 to 5; 0: not said.
    pub rating: u8,
}

#[derive(Debug, Clone, PartialEq)]
pub struct FollowUp {
    pub id: PartId,
    pub promised: FollowUpDraft,
    pub promised_by: Author,
    pub promise_time: Timestamp,
    /// `None`: it is owed.
    pub completion: Option<Completion>,
}

impl FollowUp {
    pub fn is_open(&self) -> bool {
        self.completion.is_none()
    }

    pub fn is_overdue(&self, now: Timestamp) -> bool {
        self.is_open() && self.promised.due_time <= now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_that_is_plainly_a_room_brings_nothing() {
        let is_sold = |name: &str| ["Dot bar", "Goober", "Cold Bliss", "Bliss Room"].contains(&name);
        let rooms = ["", "412", "Room 412", "Table 7", "Walnut Room", "Wine bar", "The Oyster Lounge", "Lobby bar"];
        for place in rooms.into_iter().chain(["Wine cellar", "Beer garden", "Sky Lounge"]) {
            assert_eq!(told_place(place, is_sold), "", "{place}");
        }
        for place in [
            "Nut bar",
            "Hazelnut bar",
            "Peanut butter bar",
            "Hazelnut chocolate bar",
            "Nougat bar",
            "Granola bar",
            "Walnut cake table",
            "Nut cake terrace",
            "Dot bar",
            "Goober bar",
            "Cold Bliss Room",
            "Bliss Room",
        ] {
            assert_eq!(told_place(place, is_sold), place);
        }
        for place in ["bar: rum", "with walnut cake", "Room 412, rum", "Room 3 with rum", "at the bar rum", "Bar (rum)"]
        {
            assert_eq!(told_place(place, is_sold), place);
        }
    }
}
