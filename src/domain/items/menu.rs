//! What one venue has declared at one moment: the contents of its items as sets, found by id or name.

use crate::domain::insight::substances::{self, Substances};

/// What a venue has declared, at one moment.
#[derive(Debug, Default)]
pub struct Menu {
    kitchen: Substances,
}

/// What is declared of an item, or of all items that a text may mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Declared<'m> {
    /// What it contains.
    pub contains: Substances,
    /// What it may contain besides.
    pub may_contain: Substances,
    /// False: it is listed, and its contents are unknown, or too old to count.
    pub is_declared: bool,
    /// It is nothing to eat or drink.
    pub not_food: bool,
    /// For which diets the venue vouches that it is suitable.
    pub suits: Suits<'m>,
    /// It must not be proposed to minors.
    pub not_for_minors: bool,
    /// Its category; empty: none, or the items that are meant have different ones.
    pub category: &'m str,
}

/// Diets for which an item is suitable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Suits<'m> {
    /// The codes of the menu's diets.
    codes: &'m [String],
    /// Indices in `codes`.
    mask: u64,
}

static NOTHING: Menu = Menu { kitchen: 0 };

impl Menu {
    /// The menu of a venue that has declared nothing.
    pub fn nothing() -> &'static Self {
        &NOTHING
    }

    /// What is declared of the item with this id, or else of all items with this name in any language, whatever its
    /// capitals and accents. `None`: nothing of that name is listed.
    pub fn find(&self, _text: &str) -> Option<Declared<'_>> {
        None
    }

    /// What the venue's kitchen may carry over to everything that it makes.
    pub fn kitchen(&self) -> Substances {
        self.kitchen
    }

    /// The substances that a code stands for: those of the table, or the one that the policy has added under this code.
    pub fn of_code(&self, code: &str) -> Substances {
        substances::of_content(code)
    }
}

impl Suits<'_> {
    /// Whether it is suitable for a diet: the very one, or a stricter one.
    pub fn diet(&self, code: &str) -> bool {
        let mut named = self.codes.iter().enumerate().filter(|(index, _)| self.mask & 1 << index != 0);
        named.any(|(_, vouched)| substances::diet_fits(code, vouched))
    }
}
