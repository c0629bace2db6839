//! What a tenant has decided about the items that its venues sell.

/// Days after which contents no longer count, where the policy does not say: a season's menu.
pub const DECLARED_DAYS: u16 = 90;
/// Codes of substances that a policy may add: each takes a place in the sets that the menu is made of.
pub const ADDED_MAX: usize = 16;

/// The rules of declared contents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemRules {
    /// How long contents count after they were declared or confirmed.
    pub declared_days: u16,
    /// Codes of substances that the built-in table does not have.
    pub added_substances: Vec<String>,
    /// Categories of what is not eaten, beside the built-in ones, in small letters.
    pub not_food_categories: Vec<String>,
    /// Built-in categories of what is not eaten that hold food all the same, in small letters.
    pub food_categories: Vec<String>,
}

impl Default for ItemRules {
    fn default() -> Self {
        Self {
            declared_days: DECLARED_DAYS,
            added_substances: Vec::new(),
            not_food_categories: Vec::new(),
            food_categories: Vec::new(),
        }
    }
}

impl ItemRules {
    /// The place of a code among those that the policy has added.
    pub fn added(&self, code: &str) -> Option<usize> {
        self.added_substances.iter().take(ADDED_MAX).position(|added| added == code)
    }
}
