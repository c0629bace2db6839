//! The note of a bucket's keys that were destroyed, and of which copies may be left: since when, and the name of the last.

/// The note once another key is destroyed. It differs from the one before, so that who removes copies of earlier keys knows it from theirs: no
/// key is destroyed twice.
pub fn note(there: Option<&[u8]>, now_ms: i64, name: &str) -> Vec<u8> {
    let since = there.and_then(since_ms).unwrap_or(now_ms);
    [since.to_be_bytes().as_slice(), name.as_bytes()].concat()
}

/// When the first of these keys was destroyed; `None`: the note is damaged.
pub fn since_ms(note: &[u8]) -> Option<i64> {
    note.first_chunk().map(|since| i64::from_be_bytes(*since))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_keeps_the_first_time_and_changes_with_each_key() {
        let first = note(None, 7, "key:{00}:a");
        let second = note(Some(&first), 9, "key:{00}:b");
        assert_eq!((since_ms(&first), since_ms(&second)), (Some(7), Some(7)));
        assert_ne!(first, second);
        assert_eq!(since_ms(&note(Some(b"damaged"), 9, "key:{00}:b")), Some(9));
    }
}
