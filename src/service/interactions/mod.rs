//! Taking in what happens to customers, taking it back, listing it.

mod again;
mod list;
mod marks;
mod record;
mod trim;
mod void;

pub use again::{Named, Refused};
pub use list::ListQuery;
pub(crate) use list::Listed;
pub use marks::Sent;
pub(super) use marks::entry_id;
pub use record::{Outcome, Reported};
