//! The demo's business: a hotel and its restaurant by a lake, a bar in Lisbon, and a beach hotel of another brand.

use prost_types::Duration;

use crate::proto::{Authority, Budget, GestureType, IssuedRange, Money, Policy, Role, ServiceStandards, Venue};

pub const HOTEL: &str = "zrh-lakeside";
pub const RESTAURANT: &str = "zrh-seeblick";
pub const BAR: &str = "lis-alfama";
pub const BEACH: &str = "cun-playa";

pub const ZURICH: &str = "Europe/Zurich";
pub const LISBON: &str = "Europe/Lisbon";
pub const CANCUN: &str = "America/Cancun";

/// Who may give anything, and sees the service review.
pub const MANAGER: &str = "manager";
const CHOCOLATIER: &str = "chocolatier";

pub fn policy() -> Policy {
    let seconds = |seconds| Some(Duration { seconds, nanos: 0 });
    let francs = |minor_units| Money { currency_code: "CHF".into(), minor_units };
    let euros = |minor_units| Money { currency_code: "EUR".into(), minor_units };
    let budget = |venue: &str, monthly: Money| Budget { venue_id: venue.into(), monthly: Some(monthly) };
    Policy {
        standards: Some(ServiceStandards {
            greet_within: seconds(300),
            resolve_within: seconds(3_600),
            follow_up_within: seconds(86_400),
        }),
        roles: vec![role(MANAGER, "Duty manager", true, 20_000), role("concierge", "Concierge", false, 3_000)],
        catalogue: vec![
            GestureType {
                gesture_type_id: "voucher".into(),
                display_name: "A voucher for the next stay".into(),
                costs: vec![francs(5_000)],
                recovery: true,
                ..GestureType::default()
            },
            GestureType {
                gesture_type_id: "chocolate".into(),
                display_name: "A box of dark chocolate".into(),
                costs: vec![euros(800)],
                contents: vec!["MILK".into(), "SOYBEANS".into()],
                needs: vec![CHOCOLATIER.into()],
                appeals_to: vec!["dark chocolate".into()],
                ..GestureType::default()
            },
        ],
        budgets: vec![budget(HOTEL, francs(20_000)), budget(BAR, euros(6_000))],
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

fn role(id: &str, name: &str, sees_value: bool, most: i64) -> Role {
    let authority = |code: &str| Authority {
        currency_code: code.into(),
        per_gesture_minor_units: most,
        per_guest_minor_units: most,
        per_incident_minor_units: most,
        per_day_minor_units: 5 * most,
    };
    Role {
        role_id: id.into(),
        display_name: name.into(),
        authorities: ["CHF", "EUR"].map(authority).into(),
        gesture_type_ids: vec!["*".into()],
        sees_value,
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
        capabilities: if id == BAR { vec![CHOCOLATIER.into()] } else { Vec::new() },
        ..Venue::default()
    }
}
