//! What somebody is about to order.

/// A line of a basket.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BasketLine {
    /// The item's name as the till says it, or its id.
    pub item: String,
    /// What is added to it.
    pub added: Vec<String>,
    /// What is put in another thing's place.
    pub exchanged: Vec<String>,
    /// What is left out of it.
    pub left_out: Vec<String>,
    /// Whose plate it is; empty: not said, so it may be anybody's.
    pub seat: String,
}

impl BasketLine {
    /// A line of which the item alone is known.
    pub fn of(item: String) -> Self {
        Self { item, ..Self::default() }
    }

    /// The names of all that is in it.
    pub(in crate::domain) fn texts(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.item).chain(&self.added).chain(&self.exchanged).map(String::as_str)
    }
}
