//! The demo's business: a hotel and its restaurant by a lake, a bar in Lisbon, and a beach hotel of another brand.

use crate::{cli::policy::yaml, proto::Policy};

pub const HOTEL: &str = "zrh-lakeside";
pub const RESTAURANT: &str = "zrh-seeblick";
pub const BAR: &str = "lis-alfama";
pub const BEACH: &str = "cun-playa";

pub const ZURICH: &str = "Europe/Zurich";
pub const LISBON: &str = "Europe/Lisbon";
pub const CANCUN: &str = "America/Cancun";

/// Who may give anything.
pub const MANAGER: &str = "manager";
/// Who sees the service review.
pub const DIRECTOR: &str = "director";

/// The policy of the example in `examples/hotel`.
const POLICY: &str = include_str!("../../../examples/hotel/policy.yaml");

pub fn policy() -> Policy {
    yaml::read(POLICY).map(|document| document.policy).expect("the tests read it")
}
