//! What integration tests share.

#![allow(dead_code, reason = "every test binary uses another part")]

pub mod hang;
pub mod redis;

/// How much is asked for: the usual count, times `RAPPORT_TEST_SCALE`; or, with "full", the count that is promised.
pub fn scaled(usual: usize, full: usize) -> usize {
    match std::env::var("RAPPORT_TEST_SCALE").as_deref() {
        Ok("full") => full,
        Ok(scale) => (usual * scale.parse::<usize>().expect("RAPPORT_TEST_SCALE is a number or \"full\"")).min(full),
        Err(_) => usual,
    }
}
