//! Taking in what happens to customers, taking it back, listing it.

mod again;
mod list;
mod record;
mod trim;
mod void;

pub use again::Named;
pub use list::ListQuery;
pub(crate) use list::Listed;
pub use record::{Outcome, Reported};
