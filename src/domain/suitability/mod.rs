//! What speaks for and against a gesture for one customer, here and now. The briefing and the gestures both ask it.

pub(in crate::domain) mod dimensions;
pub(in crate::domain) mod merit;
pub(in crate::domain) mod missed;
pub(in crate::domain) mod objection;
