//! Who changed something, and when.

use std::{fmt, ops::Deref};

use super::time::Timestamp;

/// Who caused a change, as the server knew them: the device, and the member of staff if one was named.
///
/// It is kept as it is written, `mara@till-4`, and read as that text by [`Deref`]. Ids of customers, marks of requests
/// and names of budgets are derived from it and stored records hold it, so the written form must never change.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Author {
    written: String,
    /// Bytes of the member of staff at the beginning; 0: none is named.
    staff_bytes: usize,
}

impl Author {
    /// `staff`: empty if none is named.
    pub fn new(staff: &str, device: &str) -> Self {
        if staff.is_empty() {
            return Self { written: device.to_owned(), staff_bytes: 0 };
        }
        Self { written: [staff, "@", device].concat(), staff_bytes: staff.len() }
    }

    /// Reads the written form. Every text is one: without a member of staff it is a device.
    pub fn read(written: String) -> Self {
        // Byte by byte: each look-up reads many of these, and preparing `rfind` costs more than a name has letters.
        let staff_bytes = written.bytes().rposition(|byte| byte == b'@').unwrap_or(0);
        Self { written, staff_bytes }
    }

    pub fn staff(&self) -> Option<&str> {
        (self.staff_bytes > 0).then(|| &self.written[..self.staff_bytes])
    }

    pub fn device(&self) -> &str {
        if self.staff_bytes == 0 { &self.written } else { &self.written[self.staff_bytes + 1..] }
    }

    pub fn as_str(&self) -> &str {
        &self.written
    }

    /// Whether a reviewer is shown to be somebody else than the recorder: a named member of staff, and another one. The
    /// device does not matter: walking to another till does not make a second person.
    pub fn is_second_person(&self, recorder: &Self) -> bool {
        match (self.staff(), recorder.staff()) {
            (None, _) => false,
            (Some(_), None) => true,
            (Some(one), Some(other)) => !one.eq_ignore_ascii_case(other),
        }
    }
}

impl Deref for Author {
    type Target = str;

    fn deref(&self) -> &str {
        &self.written
    }
}

impl fmt::Display for Author {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.written)
    }
}

impl From<Author> for String {
    fn from(author: Author) -> Self {
        author.written
    }
}

impl From<&Author> for String {
    fn from(author: &Author) -> Self {
        author.written.clone()
    }
}

/// When something was done, and who did it.
#[derive(Debug, Clone, PartialEq)]
pub struct Stamp {
    pub at: Timestamp,
    pub by: Author,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_author_is_written_as_staff_at_device() {
        for (staff, device, written) in [
            ("mara", "till-4", "mara@till-4"),
            ("", "till-4", "till-4"),
            ("mara.m_2", "unknown-device", "mara.m_2@unknown-device"),
            ("", "", ""),
        ] {
            let author = Author::new(staff, device);
            assert_eq!(author.as_str(), written);
            assert_eq!(Author::read(written.to_owned()), author);
            assert_eq!((author.staff().unwrap_or(""), author.device()), (staff, device));
        }
    }

    #[test]
    fn whatever_was_stored_is_written_back_unchanged() {
        for (written, staff) in
            [("a@b@till", Some("a@b")), ("@till", None), ("mara@", Some("mara")), ("ß@é", Some("ß"))]
        {
            let author = Author::read(written.to_owned());
            assert_eq!((author.as_str(), author.staff()), (written, staff));
            assert_eq!(String::from(author), written);
        }
    }
}
