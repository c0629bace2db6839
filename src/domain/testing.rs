//! Makers of domain values for tests.

use super::{
    Author, Profile, Stamp, Timestamp, VenueId,
    catalogue::{Contents, GestureType},
    follow_up::{FollowUpDraft, FollowUpKind},
    gate::{Cleared, Gate, Who},
    gesture::{ExpectationLevel, GestureDraft},
    id::SourceId,
    id::{GestureTypeId, RoleId},
    interaction::{Interaction, InteractionKind, Line, Purchase},
    issue::{IssueDraft, IssueSeverity},
    items::Menu,
    money::{Currency, Money},
    occasion::{Calendar, CalendarDate, OccasionDraft, OccasionKind},
    policy::{ItemRules, Policy, Venue, parse_zone},
    precaution::{Criticality, PrecautionDraft, PrecautionKind, PrecautionStatus, RecordBasis, Severity},
    preference::{Evidence, EvidenceSource, Preference, Scope, Stance, Subject},
};

pub fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub fn stamp(text: &str, by: &str) -> Stamp {
    Stamp { at: time(text), by: Author::read(by.to_owned()) }
}

pub fn venue(id: &str, brand: &str, zone: &str, day_start_minutes: i16) -> Venue {
    let (zone, zone_name) = parse_zone("", zone).unwrap();
    Venue {
        id: VenueId::parse("", id).unwrap(),
        display_name: id.to_owned(),
        brand: brand.to_owned(),
        zone,
        zone_name,
        currency: Currency::parse("", "USD").unwrap(),
        day_start_minutes,
        region: None,
        capabilities: Vec::new(),
        opening_hours: Vec::new(),
        language: String::new(),
    }
}

/// Two venues of one brand, one of another; in New York, where a business day starts at four.
pub fn policy() -> Policy {
    let zone = "America/New_York";
    let venues =
        vec![venue("here", "inn", zone, 240), venue("sister", "inn", zone, 240), venue("other", "bar", zone, 240)];
    Policy::new("Guest Relations".to_owned(), venues, None, Vec::new()).unwrap()
}

pub fn profile() -> Profile {
    Profile::new(time("2017-01-01T00:00:00Z"))
}

pub fn precaution(kind: PrecautionKind, code: &str, criticality: Criticality) -> PrecautionDraft {
    PrecautionDraft {
        kind,
        code: code.to_owned(),
        text: String::new(),
        criticality,
        severity: Severity::Unknown,
        status: PrecautionStatus::Unconfirmed,
        of_whom: String::new(),
        until: None,
        basis: RecordBasis::default(),
    }
}

pub fn evidence(item: &str, stance: Stance, source: EvidenceSource, venue: Option<&str>, at: &str) -> Evidence {
    Evidence {
        subject: Subject { category: "drink".to_owned(), item: item.to_owned(), situation: String::new() },
        stance,
        source,
        venue: venue.map(|id| VenueId::parse("", id).unwrap()),
        observe_time: time(at),
        scope: if source == EvidenceSource::Stated { Scope::Tenant } else { Scope::Venue },
    }
}

pub fn occasion(kind: OccasionKind, year: Option<i32>, month: i32, day: i32) -> OccasionDraft {
    OccasionDraft {
        kind,
        date: CalendarDate::parse("", Calendar::Gregorian, year, month, day, false).unwrap(),
        of_whom: String::new(),
        label: String::new(),
        do_not_celebrate: false,
        once: false,
    }
}

/// A purchase at the venue "here".
pub fn purchase(external_id: &str, at: &str, items: &[(&str, &str)]) -> Interaction {
    purchase_at(external_id, time(at), items)
}

pub fn purchase_at(external_id: &str, at: Timestamp, items: &[(&str, &str)]) -> Interaction {
    let venue = venue("here", "inn", "America/New_York", 240);
    let line = |(item, category): &(&str, &str)| Line {
        item: (*item).to_owned(),
        category: (*category).to_owned(),
        quantity: 1.0,
        amount_minor_units: 100,
        seat: String::new(),
    };
    Interaction {
        source: SourceId::parse("", "till-4").unwrap(),
        external_id: external_id.to_owned(),
        kind: InteractionKind::Purchase,
        local: venue.local(at),
        venue: venue.id,
        occur_time: at,
        purchase: Some(Purchase {
            lines: items.iter().map(line).collect(),
            total: Money { currency: Currency::parse("", "USD").unwrap(), minor_units: 100 * items.len() as i64 },
            party_size: 0,
        }),
        visit_external_id: String::new(),
        text: String::new(),
        feedback: None,
        referred: None,
    }
}

pub fn issue(cause: &str, item: &str) -> IssueDraft {
    IssueDraft {
        severity: IssueSeverity::Major,
        cause: cause.to_owned(),
        venue: VenueId::parse("", "here").unwrap(),
        item: item.to_owned(),
        text: String::new(),
        owner: String::new(),
    }
}

pub fn promise(text: &str) -> FollowUpDraft {
    FollowUpDraft {
        kind: FollowUpKind::Promise,
        text: text.to_owned(),
        owner: String::new(),
        due_time: time("2017-12-15T22:00:00Z"),
        venue: VenueId::parse("", "here").unwrap(),
        place: String::new(),
        issue: None,
        gesture: None,
    }
}

/// A type of gesture that costs 5.00 dollars and has nothing in it.
static NO_RULES: std::sync::LazyLock<ItemRules> = std::sync::LazyLock::new(ItemRules::default);

/// What they like, as the gate lets it through to somebody of whom nothing is known but that they were asked.
pub fn cleared(known: &Preference) -> Cleared<&Preference> {
    let (menu, at) = (Menu::nothing(), Timestamp::MIN);
    let who = Who { is_asked: true, sees_precautions: true, habits: None, menu, at, rules: &NO_RULES };
    Gate::of(std::iter::empty(), std::iter::empty(), who).admit(known).expect("nothing is against it")
}

pub fn gesture_type(id: &str) -> GestureType {
    GestureType {
        id: GestureTypeId::parse("", id).unwrap(),
        display_name: format!("The {id}"),
        costs: vec![Money { currency: Currency::parse("", "USD").unwrap(), minor_units: 500 }],
        contents: Contents::Known(Vec::new()),
        suits_diets: Vec::new(),
        cool_down_seconds: 0,
        recovery: false,
        celebrates: false,
        needs: Vec::new(),
        trial_venues: Vec::new(),
        appeals_to: Vec::new(),
        level_min: 1,
        deliver_within_minutes: 60,
    }
}

/// That type, given at the venue "here".
pub fn gift(id: &str) -> GestureDraft {
    let kind = gesture_type(id);
    GestureDraft {
        cost: kind.costs[0],
        gesture_type: kind.id,
        venue: VenueId::parse("", "here").unwrap(),
        note: String::new(),
        place: String::new(),
        deliver_time: None,
        deliver_owner: String::new(),
        issue: None,
        expectation: ExpectationLevel::Augmented,
        role: RoleId::parse("", "concierge").unwrap(),
        proposed: false,
        drawn_on: None,
    }
}
