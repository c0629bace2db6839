//! What is known of an item, and of whoever it is for, as the table of the gate asks it.

use crate::domain::kernel::time::Timestamp;

/// Something to propose, as the gate sees it.
#[derive(Clone, Copy)]
pub(in crate::domain) struct Item<'i> {
    pub name: &'i str,
    pub category: &'i str,
    /// Of a preference: "with almonds" may stand there.
    pub situation: &'i str,
    /// `None`: it is known from others alone.
    pub own: Option<Own>,
}

/// Whether keeping a promise puts something before the customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::domain) enum Serves {
    Surely,
    /// Words of staff, about anything.
    Perhaps,
    Nothing,
}

/// How the customer's own item is known.
#[derive(Clone, Copy, Default)]
pub(in crate::domain) struct Own {
    /// When they last stated it themselves.
    pub stated: Option<Timestamp>,
}

/// What a precaution leaves to be known of the customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Knowledge {
    /// An allergy or intolerance to something eaten or drunk.
    Food,
    /// A diet or abstention: the name decides where nothing is declared.
    Diet,
    NotUnderstood,
}

/// What is known of an item, as far as one precaution goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    Free,
    /// Declared as perhaps containing it, where that is told and vetoes nothing.
    Traces,
    NotDeclared {
        confirmed_since: bool,
    },
    Contains,
}

impl<'i> Item<'i> {
    /// All that it says.
    pub fn texts(&self) -> impl Iterator<Item = &'i str> {
        [self.name, self.category, self.situation].into_iter().filter(|text| !text.is_empty())
    }
}
