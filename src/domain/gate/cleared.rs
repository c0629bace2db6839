//! What has passed the gate.

use super::known::{Item, Own};
use crate::domain::{
    insight::anticipation::Expected, kernel::id::GestureTypeId, parts::preference::Preference,
    policy::catalogue::GestureType,
};

/// How something passed the gate, the more careful the later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Clearance {
    /// Nothing is known against it.
    Free,
    /// Nobody has asked the customer for precautions.
    NobodyAsked,
    /// It may contain a trace of what the customer bears badly.
    MayContain,
    /// Nobody has declared what it contains: the kitchen must be asked.
    CheckWithKitchen,
}

impl Clearance {
    /// Its name in a statement's parameters; `None`: there is nothing to say.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::Free => None,
            Self::NobodyAsked => Some("NOT_ASKED"),
            Self::MayContain => Some("MAY_CONTAIN"),
            Self::CheckWithKitchen => Some("CHECK_WITH_KITCHEN"),
        }
    }
}

/// Something that may be proposed to a customer. Only the gate makes one:
///
/// ```
/// use rapport::domain::gate::{Clearance, Cleared};
/// fn name(of: &Cleared<String>) -> (&str, Clearance) {
///     (of.get(), of.clearance())
/// }
/// ```
///
/// ```compile_fail,E0451
/// use rapport::domain::gate::{Clearance, Cleared};
/// let around = Cleared { what: "Almond tart".to_owned(), clearance: Clearance::Free };
/// ```
///
/// ```compile_fail,E0624
/// use rapport::domain::gate::{Clearance, Cleared};
/// let around = Cleared::new("Almond tart".to_owned(), Clearance::Free);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cleared<T> {
    what: T,
    clearance: Clearance,
}

impl<T> Cleared<T> {
    /// The gate's own.
    pub(super) fn new(what: T, clearance: Clearance) -> Self {
        Self { what, clearance }
    }

    /// What has passed.
    pub fn get(&self) -> &T {
        &self.what
    }

    /// How it has passed.
    pub fn clearance(&self) -> Clearance {
        self.clearance
    }

    /// The same, as carefully as something besides has passed.
    pub(in crate::domain) fn at_least(self, besides: Clearance) -> Self {
        Self { clearance: self.clearance.max(besides), ..self }
    }
}

impl Cleared<&Preference> {
    /// Its item alone.
    pub(in crate::domain) fn name(&self) -> Cleared<String> {
        Cleared::new(self.what.subject.item.clone(), self.clearance)
    }
}

impl Cleared<Expected<'_>> {
    /// Its item alone.
    pub(in crate::domain) fn name(&self) -> Cleared<String> {
        Cleared::new(self.what.item.to_owned(), self.clearance)
    }
}

impl Cleared<&GestureType> {
    /// Its name alone.
    pub(in crate::domain) fn name(&self) -> Cleared<String> {
        Cleared::new(self.what.display_name.clone(), self.clearance)
    }

    /// Its id alone.
    pub(in crate::domain) fn id(&self) -> Cleared<GestureTypeId> {
        Cleared::new(self.what.id.clone(), self.clearance)
    }
}

impl Cleared<&str> {
    /// The same text, kept.
    pub(in crate::domain) fn kept(&self) -> Cleared<String> {
        Cleared::new(self.what.to_owned(), self.clearance)
    }
}

/// Something with a name, a category and an owner, for the gate to look at.
pub(in crate::domain) trait Named {
    fn item(&self) -> Item<'_>;
}

impl Named for &Preference {
    fn item(&self) -> Item<'_> {
        let subject = &self.subject;
        let own = Some(Own { stated: self.stated.last });
        Item { name: &subject.item, category: &subject.category, situation: &subject.situation, own }
    }
}

impl Named for Expected<'_> {
    fn item(&self) -> Item<'_> {
        let own = self.tally.map(|_| Own::default());
        Item { name: self.item, category: self.category, situation: "", own }
    }
}
