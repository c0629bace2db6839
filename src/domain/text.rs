//! Text as it may be kept: NFC, one line, nothing invisible.

use std::ops::RangeInclusive;

use super::error::Violation;

/// A line of text of so many characters: NFC, trimmed; control, bidirectional and zero-width characters are refused.
pub fn line(_field: &str, _raw: &str, _chars: RangeInclusive<usize>) -> Result<String, Violation> {
    todo!()
}
