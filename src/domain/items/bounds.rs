//! How much of a venue's items is kept, and why no more.

/// Items that a venue sells: many times the menu of a large hotel. A snapshot of so many takes some 5 MB.
pub const ITEMS_MAX: usize = 10_000;
/// Items that are stored together: a part is what a change of one item writes again.
pub const PART_ITEMS: usize = 256;
/// Versions of one item, or of a kitchen, that stay readable: more than one a week for [`HISTORY_DAYS`].
pub const VERSIONS_MAX: usize = 64;
/// How long earlier versions stay readable: 13 months, so that a year can be compared with the one before.
pub const HISTORY_DAYS: i64 = 396;
/// Components within components: a menu, its dish, the dish's sauce, the sauce's stock, with room for more.
pub const COMPONENT_DEPTH_MAX: usize = 8;
/// Other versions of one item of which a menu keeps the names: those that nothing of it is called by now.
pub const UNSOLD_VERSIONS_MAX: usize = 8;
/// Such versions in one menu, those of the nearest times: as many as there are items that are sold.
pub const UNSOLD_MAX: usize = ITEMS_MAX;
