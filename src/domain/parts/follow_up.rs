//! Follow-ups: tasks that are owed to a customer by a time.

use crate::domain::kernel::{
    author::Author,
    id::{PartId, VenueId},
    time::Timestamp,
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

/// What rooms are called, behind the name of one: "Walnut Room", "Wine Bar".
const ROOMS: [&str; 14] = [
    "bar", "cellar", "garden", "hall", "lounge", "room", "salon", "stube", "suite", "table", "terrace", "tisch",
    "villa", "zimmer",
];
/// The words of such a name: more are a sentence.
const ROOM_WORDS_MAX: usize = 3;

/// What a place says of what is brought there; nothing, where it is plainly a room: "Walnut Room", "Table 7", and not "bar: rum".
pub(in crate::domain) fn told_place(place: &str) -> &str {
    let is_plain = place.chars().all(|char| char.is_alphanumeric() || matches!(char, ' ' | '-' | '\''));
    let is_room = |word: &str| ROOMS.iter().any(|room| room.eq_ignore_ascii_case(word));
    let mut words = place.split(' ');
    let is_numbered = words.all(|word| is_room(word) || word.starts_with(|first: char| first.is_ascii_digit()));
    let is_named = || place.split(' ').count() <= ROOM_WORDS_MAX && place.rsplit(' ').next().is_some_and(is_room);
    if is_plain && (is_numbered || is_named()) { "" } else { place }
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
        for place in ["", "412", "Room 412", "Table 7", "Walnut Room", "Wine bar", "The Oyster Lounge"] {
            assert_eq!(told_place(place), "", "{place}");
        }
        for place in ["bar: rum", "with walnut cake", "Room 412, rum", "Room 3 with rum", "at the bar rum", "Bar (rum)"]
        {
            assert_eq!(told_place(place), place);
        }
    }
}
