//! What everything else is made of: ids, text, money, time, errors, and who changes something.

pub mod author;
pub mod card;
mod card_scan;
pub mod error;
pub mod id;
mod issuers;
pub mod limits;
pub mod money;
pub mod name;
pub mod stems;
pub mod text;
pub mod time;
pub mod zone;
