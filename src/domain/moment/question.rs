//! What is asked about a customer.

use crate::domain::{
    insight::anticipation::snapshot::Snapshot,
    items::Menu,
    kernel::time::Timestamp,
    parts::{
        basket::{BasketLine, Seat},
        consent::Purpose,
    },
    policy::{Policy, Venue},
};

/// The sections asked for. Respect and headline always are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Mask {
    /// How to recognise the customer.
    pub acknowledge: bool,
    /// What to ask, confirm and tell them.
    pub communicate: bool,
    /// What they will probably want.
    pub anticipate: bool,
    /// Wishes and gestures.
    pub delight: bool,
}

impl Mask {
    /// What a caller gets who names no section.
    pub const ALL: Self = Self { acknowledge: true, communicate: true, anticipate: true, delight: true };
    /// Respect and headline alone.
    pub const NONE: Self = Self { acknowledge: false, communicate: false, anticipate: false, delight: false };
}

/// What a briefing is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    pub policy: &'a Policy,
    pub venue: &'a Venue,
    /// The server's clock: decides what is valid.
    pub now: Timestamp,
    /// The time it is for: moves occasions and anticipation only.
    pub at: Timestamp,
    pub purpose: Purpose,
    pub mask: Mask,
    pub basket: &'a [String],
    /// The lines of the same basket.
    pub lines: &'a [BasketLine],
    /// Whose plate the precautions are about.
    pub seat: Seat<'a>,
    /// What the venue has declared of what it sells.
    pub menu: &'a Menu,
    /// What other customers buy, as far as it is known.
    pub others: Option<&'a Snapshot>,
}

impl Question<'_> {
    /// The question as its purpose may ask it. Who is told no moments asks about a business day: by asking about each hour of it one
    /// would learn at which hours the customer came.
    #[must_use]
    pub fn as_told(self) -> Self {
        if self.purpose.is_told_moments() {
            return self;
        }
        let day = self.venue.local(self.at).date;
        Self { at: self.venue.day_start(day).unwrap_or(self.at), ..self }
    }
}
