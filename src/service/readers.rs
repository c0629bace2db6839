//! The use cases that change nothing; each is in the file named after what it does.

use std::sync::Arc;

use super::{items::menus::Menus, rates::Guesses};
use crate::store::records::Records;

/// Reads what is stored, and works out what is asked about it.
#[derive(Clone)]
pub struct Readers {
    pub(super) records: Arc<Records>,
    pub(super) menus: Arc<Menus>,
    pub(super) guesses: Arc<Guesses>,
}
