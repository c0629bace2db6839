//! Precautions that are about nothing eaten or drunk.

use std::sync::LazyLock;

use crate::domain::words::{fold, no_food};

/// Codes of precautions that have nothing to do with eating or drinking, in order.
pub static PRECAUTIONS_NOT_EATEN: LazyLock<Vec<&'static str>> =
    LazyLock::new(|| no_food::CODES.iter().map(String::as_str).collect());

/// Whether words name one of them, written as words are: "house dust mites".
pub(super) fn is_not_eaten(words: &str) -> bool {
    no_food::is_one(&fold::folded(words).replace(' ', ""))
}
