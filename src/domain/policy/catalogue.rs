//! The part of the policy that says what may be given, by whom, and at whose cost; and what a relationship needs.

use std::collections::HashSet;

use jiff::civil::Date;

use super::{ages::LegalAge, items::ItemRules};
pub use crate::domain::parts::ledger::Drift;
use crate::domain::{
    kernel::{
        error::Violation,
        id::{GestureTypeId, RoleId, VenueId},
        limits::GIVES_KEEP,
        money::{Currency, Money},
    },
    parts::issue::IssueSeverity,
};

/// A span of a weekday in which a venue is open; `close` at or before `open`: on the next day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpeningHours {
    /// 1 is Monday, 7 is Sunday.
    pub iso_weekday: i8,
    /// Minutes after midnight.
    pub open_minutes: i16,
    pub close_minutes: i16,
}

/// The business's own time limits, in seconds; `None`: not measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Standards {
    pub greet_within: Option<u32>,
    pub resolve_within: Option<u32>,
    pub follow_up_within: Option<u32>,
}

/// The follow-up after an issue, where the policy does not say: the next day at the latest.
pub const FOLLOW_UP_WITHIN_SECONDS: u32 = 24 * 3_600;

/// The period of `Authority::per_guest`, in days.
pub const GUEST_DAYS: i64 = 30;

/// How much a role may give away in one currency, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Authority {
    pub currency: Currency,
    pub per_gesture: i64,
    /// Within [`GUEST_DAYS`] for one customer.
    pub per_guest: i64,
    /// For one issue.
    pub per_incident: i64,
    /// Of one member of staff on one business day.
    pub per_day: i64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MayGive {
    Every,
    These(Vec<GestureTypeId>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    pub id: RoleId,
    pub display_name: String,
    pub authorities: Vec<Authority>,
    pub may_give: MayGive,
    pub sees_value: bool,
    /// Whether it is told why a customer is barred, and by whom.
    pub sees_bars: bool,
}

impl Role {
    pub fn authority(&self, currency: Currency) -> Option<&Authority> {
        self.authorities.iter().find(|authority| authority.currency == currency)
    }

    pub fn may_give(&self, kind: &GestureTypeId) -> bool {
        match &self.may_give {
            MayGive::Every => true,
            MayGive::These(kinds) => kinds.contains(kind),
        }
    }
}

/// What a gesture type contains.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Contents {
    Unknown,
    /// Codes of substances; none: nothing a precaution could be about.
    Known(Vec<String>),
}

/// An entry of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GestureType {
    pub id: GestureTypeId,
    pub display_name: String,
    /// One per currency; none in a venue's currency: it cannot be given there.
    pub costs: Vec<Money>,
    pub contents: Contents,
    pub suits_diets: Vec<String>,
    pub cool_down_seconds: u32,
    pub recovery: bool,
    pub celebrates: bool,
    pub needs: Vec<String>,
    /// Empty: everywhere, not on trial.
    pub trial_venues: Vec<VenueId>,
    pub appeals_to: Vec<String>,
    /// 1 BASIC, 2 ENGAGEMENT, 3 INTIMACY.
    pub level_min: u8,
    pub deliver_within_minutes: u32,
}

impl GestureType {
    pub fn cost(&self, currency: Currency) -> Option<Money> {
        self.costs.iter().find(|cost| cost.currency == currency).copied()
    }

    pub fn is_on_trial(&self) -> bool {
        !self.trial_venues.is_empty()
    }
}

/// Money for gestures of one venue, per calendar month on its clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Budget {
    pub venue: VenueId,
    pub monthly: Money,
}

/// The conditions of a relationship level; 0: no such condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LevelConditions {
    pub visits_min: u32,
    pub last_visit_days_max: u32,
    pub stated_preferences_min: u32,
    pub confirmed_preferences_min: u32,
    pub feedback_min: u32,
    /// Thousandths of the scale.
    pub mean_score_min: u32,
    pub referrals_min: u32,
}

const NOTHING: LevelConditions = LevelConditions {
    visits_min: 0,
    last_visit_days_max: 0,
    stated_preferences_min: 0,
    confirmed_preferences_min: 0,
    feedback_min: 0,
    mean_score_min: 0,
    referrals_min: 0,
};

/// ENGAGEMENT, where the policy does not say: they come back, and have said what they like.
pub const ENGAGEMENT: LevelConditions =
    LevelConditions { visits_min: 3, last_visit_days_max: 180, stated_preferences_min: 1, ..NOTHING };
/// Where the policy does not say: regulars whose wishes are known and confirmed.
pub const INTIMACY: LevelConditions = LevelConditions {
    visits_min: 8,
    last_visit_days_max: 90,
    stated_preferences_min: 3,
    confirmed_preferences_min: 2,
    ..NOTHING
};

/// The part of the policy about gestures and relationship levels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    pub review_due: Option<Date>,
    pub standards: Standards,
    pub roles: Vec<Role>,
    pub catalogue: Vec<GestureType>,
    pub budgets: Vec<Budget>,
    pub engagement: LevelConditions,
    pub intimacy: LevelConditions,
    pub drift: Drift,
    /// An open issue from this severity on keeps the relationship at BASIC.
    pub caps_from: IssueSeverity,
    pub items: ItemRules,
    /// Why a customer may be barred; none: [`BAR_CODES`].
    pub bar_codes: Vec<String>,
    /// From which age something may be offered, where it is not the default.
    pub legal_ages: Vec<LegalAge>,
    /// Whether "no allergies and diets" stands at the next visit; else it is asked for anew.
    pub none_known_stands: bool,
}

/// Why a customer may be barred, where the policy does not say.
const BAR_CODES: [&str; 6] = ["AGGRESSION", "DAMAGE", "HARASSMENT", "THEFT", "UNPAID", "OTHER"];

impl Default for Rules {
    fn default() -> Self {
        Self {
            review_due: None,
            standards: Standards::default(),
            roles: Vec::new(),
            catalogue: Vec::new(),
            budgets: Vec::new(),
            engagement: ENGAGEMENT,
            intimacy: INTIMACY,
            drift: Drift::default(),
            caps_from: IssueSeverity::Major,
            items: ItemRules::default(),
            bar_codes: Vec::new(),
            legal_ages: Vec::new(),
            none_known_stands: false,
        }
    }
}

impl Rules {
    pub fn role(&self, id: &str) -> Option<&Role> {
        self.roles.iter().find(|role| role.id.as_str() == id)
    }

    /// The codes of which one says why a customer is barred.
    pub fn bar_codes(&self) -> Vec<&str> {
        if self.bar_codes.is_empty() { BAR_CODES.to_vec() } else { self.bar_codes.iter().map(String::as_str).collect() }
    }

    pub fn gesture_type(&self, id: &GestureTypeId) -> Option<&GestureType> {
        self.catalogue.iter().find(|kind| kind.id == *id)
    }

    /// The monthly budget of a venue in a currency; none: no money.
    pub fn budget(&self, venue: &VenueId, currency: Currency) -> Option<&Budget> {
        self.budgets.iter().find(|budget| budget.venue == *venue && budget.monthly.currency == currency)
    }

    /// Violations of: ids are unique, and every id that is referred to exists. Paths are those of the policy message.
    pub(in crate::domain) fn faults(&self, is_venue: impl Fn(&VenueId) -> bool) -> Vec<Violation> {
        let mut faults = Vec::new();
        let mut kinds = HashSet::new();
        for (index, kind) in self.catalogue.iter().enumerate() {
            let at = |name: &str| format!("catalogue[{index}].{name}");
            if !kinds.insert(&kind.id) {
                faults.push(Violation::new(at("gesture_type_id"), "must be unique within the catalogue"));
            }
            faults.extend(doubled(
                kind.costs.iter().map(|cost| cost.currency),
                &at("costs"),
                "one amount per currency",
            ));
            if let Some(venue) = kind.trial_venues.iter().position(|venue| !is_venue(venue)) {
                faults.push(Violation::new(at(&format!("trial_venue_ids[{venue}]")), "must be a venue of the policy"));
            }
        }
        faults.extend(self.faults_of_roles(&kinds));
        for (index, budget) in self.budgets.iter().enumerate() {
            if !is_venue(&budget.venue) {
                faults.push(Violation::new(format!("budgets[{index}].venue_id"), "must be a venue of the policy"));
            }
        }
        for (index, age) in self.legal_ages.iter().enumerate() {
            if age.venue.as_ref().is_some_and(|venue| !is_venue(venue)) {
                faults.push(Violation::new(format!("legal_ages[{index}].venue_id"), "must be a venue of the policy"));
            }
        }
        let pairs = self.legal_ages.iter().map(|age| (&age.venue, &age.substance));
        faults.extend(doubled(pairs, "legal_ages", "one age per venue and substance"));
        let pairs = self.budgets.iter().map(|budget| (&budget.venue, budget.monthly.currency));
        faults.extend(doubled(pairs, "budgets", "one budget per venue and currency"));
        if !(2 <= self.drift.expected_from
            && self.drift.expected_from < self.drift.generic_from
            && usize::from(self.drift.generic_from) <= GIVES_KEEP)
        {
            faults.push(Violation::new("drift", "must have 2 <= expected_from < generic_from <= 12"));
        }
        faults
    }

    fn faults_of_roles(&self, kinds: &HashSet<&GestureTypeId>) -> Vec<Violation> {
        let mut faults = Vec::new();
        let mut roles = HashSet::new();
        for (index, role) in self.roles.iter().enumerate() {
            let at = |name: &str| format!("roles[{index}].{name}");
            if !roles.insert(&role.id) {
                faults.push(Violation::new(at("role_id"), "must be unique within the policy"));
            }
            let currencies = role.authorities.iter().map(|authority| authority.currency);
            faults.extend(doubled(currencies, &at("authorities"), "one authority per currency"));
            if let MayGive::These(given) = &role.may_give
                && let Some(kind) = given.iter().position(|kind| !kinds.contains(kind))
            {
                let field = at(&format!("gesture_type_ids[{kind}]"));
                faults.push(Violation::new(field, "must be a gesture type of the catalogue, or \"*\" alone"));
            }
        }
        faults
    }
}

/// The violation of a list in which a key comes twice.
fn doubled<T: Eq + std::hash::Hash>(
    mut keys: impl Iterator<Item = T>,
    field: &str,
    rule: &'static str,
) -> Option<Violation> {
    let mut seen = HashSet::new();
    keys.any(|key| !seen.insert(key)).then(|| Violation::new(field, format!("must hold {rule}")))
}
