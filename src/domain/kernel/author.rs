//! Who changed something, and when.

use super::time::Timestamp;

/// Who caused a change: device and staff, as the server knew them. Example: `mara@till-4`.
pub type Author = String;

/// When and by whom.
#[derive(Debug, Clone, PartialEq)]
pub struct Stamp {
    pub at: Timestamp,
    pub by: Author,
}

/// Whether the reviewer is shown to be somebody else than the recorder: a named member of staff, and another one. The
/// device does not matter: walking to another till does not make a second person.
pub fn is_second_person(reviewer: &str, recorder: &str) -> bool {
    fn staff(author: &str) -> Option<&str> {
        author.rsplit_once('@').map(|(staff, _)| staff).filter(|staff| !staff.is_empty())
    }
    match (staff(reviewer), staff(recorder)) {
        (None, _) => false,
        (Some(_), None) => true,
        (Some(one), Some(other)) => !one.eq_ignore_ascii_case(other),
    }
}
