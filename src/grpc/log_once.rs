//! Log lines that say the same until somebody acts: each is written once.

use std::sync::{Mutex, PoisonError};

/// Texts that stay the same until somebody acts: each is written once.
pub(super) struct LogOnce(Mutex<Vec<String>>);

/// The causes of one misconfiguration differ by the command that was refused; there are fewer commands than this.
const TEXTS_MAX: usize = 64;

impl LogOnce {
    pub(super) const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    /// Whether to write the line now.
    pub(super) fn is_new(&self, text: &str) -> bool {
        let mut texts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = texts.len() < TEXTS_MAX && !texts.iter().any(|said| said == text);
        if is_new {
            texts.push(text.to_owned());
        }
        is_new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_written_once_and_only_so_many_are() {
        let once = LogOnce::new();
        assert!(once.is_new("a") && once.is_new("b") && !once.is_new("a") && !once.is_new("b"));
        let new = (0..TEXTS_MAX).filter(|number| once.is_new(&number.to_string())).count();
        assert_eq!(new, TEXTS_MAX - 2);
    }
}
