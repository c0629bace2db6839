//! The demo's business: a hotel and its restaurant by a lake, a bar in Lisbon, and a beach hotel of another brand.

use jiff::SignedDuration;

use crate::{cli::policy::yaml, proto::Policy};

pub const HOTEL: &str = "zrh-lakeside";
pub const RESTAURANT: &str = "zrh-seeblick";
pub const BAR: &str = "lis-alfama";
pub const BEACH: &str = "cun-playa";

pub const ZURICH: &str = "Europe/Zurich";
pub const LISBON: &str = "Europe/Lisbon";
pub const CANCUN: &str = "America/Cancun";

/// When the hotel's business day starts, after midnight on its clock: its policy says the same.
pub const DAY_STARTS: SignedDuration = SignedDuration::from_hours(4);

/// Who may give anything.
pub const MANAGER: &str = "manager";
/// Who sees the service review.
pub const DIRECTOR: &str = "director";

/// The policy of the example in `examples/hotel`.
const POLICY: &str = include_str!("../../../examples/hotel/policy.yaml");

pub fn policy() -> Policy {
    yaml::read(POLICY).map(|document| document.policy).expect("the tests read it")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_says_when_the_business_day_starts() {
        let hotel = policy().venues.into_iter().find(|venue| venue.venue_id == HOTEL).expect("the hotel");
        assert_eq!(hotel.time_zone, ZURICH);
        assert_eq!(hotel.business_day_start, format!("{:02}:00", DAY_STARTS.as_hours()));
    }
}
