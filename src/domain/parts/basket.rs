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
    /// How many of it; 0 is 1.
    pub quantity: u32,
    /// Not all that the till wrote can be read: nobody knows what it contains.
    pub is_garbled: bool,
}

/// Whose plate a call says that precautions are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seat<'s> {
    /// The customer's: their own precautions are about it, those of others with them about the other plates. Empty: not said.
    Customers(&'s str),
    /// That of whoever the precautions of the call are said of, all of them. Empty: not said.
    OfAll(&'s str),
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
