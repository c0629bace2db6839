//! The demo's business: a hotel and its restaurant by a lake, a bar in Lisbon, and a beach hotel of another brand.

use crate::proto::{IssuedRange, Policy, Venue};

pub const HOTEL: &str = "zrh-lakeside";
pub const RESTAURANT: &str = "zrh-seeblick";
pub const BAR: &str = "lis-alfama";
pub const BEACH: &str = "cun-playa";

pub const ZURICH: &str = "Europe/Zurich";
pub const LISBON: &str = "Europe/Lisbon";
pub const CANCUN: &str = "America/Cancun";

pub fn policy() -> Policy {
    Policy {
        owner: "Head of Guest Relations".into(),
        venues: vec![
            venue(HOTEL, "Lakeside Hotel, Zurich", "Lakeside", ZURICH, "CHF", "CH"),
            venue(RESTAURANT, "Seeblick at the Lakeside, Zurich", "Lakeside", ZURICH, "CHF", "CH"),
            venue(BAR, "Bar Alfama, Lisbon", "Lakeside", LISBON, "EUR", "PT"),
            venue(BEACH, "Playa, Cancún", "Playa", CANCUN, "MXN", "MX"),
        ],
        default_region: "CH".into(),
        issued_ranges: vec![IssuedRange { prefix: "60110099".into(), label: "Gold Circle card".into() }],
        ..Policy::default()
    }
}

fn venue(id: &str, name: &str, brand: &str, zone: &str, currency: &str, region: &str) -> Venue {
    Venue {
        venue_id: id.into(),
        display_name: name.into(),
        brand: brand.into(),
        time_zone: zone.into(),
        currency_code: currency.into(),
        business_day_start: "04:00".into(),
        region: region.into(),
        ..Venue::default()
    }
}
