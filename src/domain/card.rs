//! Payment card numbers are refused wherever text is accepted.

use super::error::Violation;

/// Refuses card data in texts that belong together: `(field, text)` in the order of the message. A number split over
/// adjacent texts is found too. Nothing of the number is in the error.
pub fn refuse<'a>(_texts: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<(), Violation> {
    todo!()
}
