//! The policy's rules of giving and closeness as stored messages, and back.

use jiff::civil::{Date, date};

use super::{
    super::{Result, stored},
    moments::{gesture_type_back, role_back},
    profile::{Numbered, all, damaged, must, venue},
};
use crate::domain::{
    issue::IssueSeverity,
    money::{Currency, Money},
    policy::{
        Authority, Budget, Contents, Drift, GestureType, LevelConditions, MayGive, OpeningHours, Role, Rules, Standards,
    },
};

/// Dates are stored as days since this one.
const EPOCH: Date = date(1970, 1, 1);

pub(super) fn encode(rules: &Rules) -> stored::Rules {
    stored::Rules {
        review_due: rules.review_due.and_then(|due| EPOCH.until(due).ok()).map(|span| span.get_days()),
        greet_within: rules.standards.greet_within.unwrap_or(0),
        resolve_within: rules.standards.resolve_within.unwrap_or(0),
        follow_up_within: rules.standards.follow_up_within.unwrap_or(0),
        roles: rules.roles.iter().map(role).collect(),
        catalogue: rules.catalogue.iter().map(gesture_type).collect(),
        budgets: rules.budgets.iter().map(budget).collect(),
        engagement: Some(conditions(&rules.engagement)),
        intimacy: Some(conditions(&rules.intimacy)),
        expected_from: u32::from(rules.drift.expected_from),
        generic_from: u32::from(rules.drift.generic_from),
        drift_window: u32::from(rules.drift.window_days),
        caps_from: rules.caps_from.number(),
    }
}

pub(super) fn decode(raw: stored::Rules) -> Result<Rules> {
    let due = |days: i32| {
        let span = jiff::Span::new().try_days(days).map_err(|_| damaged("a date"))?;
        EPOCH.checked_add(span).map_err(|_| damaged("a date"))
    };
    let seconds = |seconds: u32| (seconds > 0).then_some(seconds);
    Ok(Rules {
        review_due: raw.review_due.map(due).transpose()?,
        standards: Standards {
            greet_within: seconds(raw.greet_within),
            resolve_within: seconds(raw.resolve_within),
            follow_up_within: seconds(raw.follow_up_within),
        },
        roles: all(raw.roles, role_back_whole)?,
        catalogue: all(raw.catalogue, gesture_type_back_whole)?,
        budgets: all(raw.budgets, budget_back)?,
        engagement: conditions_back(must(raw.engagement, "conditions")?),
        intimacy: conditions_back(must(raw.intimacy, "conditions")?),
        drift: Drift {
            expected_from: small(raw.expected_from)?,
            generic_from: small(raw.generic_from)?,
            window_days: u16::try_from(raw.drift_window).map_err(|_| damaged("a window"))?,
        },
        caps_from: IssueSeverity::from_number(raw.caps_from)?,
    })
}

fn small(number: u32) -> Result<u8> {
    u8::try_from(number).map_err(|_| damaged("a small number"))
}

fn money(value: &Money) -> stored::Money {
    stored::Money { currency: value.currency.as_str().to_owned(), minor_units: value.minor_units }
}

fn money_back(raw: stored::Money) -> Result<Money> {
    Ok(Money { currency: currency_back(&raw.currency)?, minor_units: raw.minor_units })
}

fn currency_back(raw: &str) -> Result<Currency> {
    Currency::parse("currency", raw).map_err(|_| damaged("a currency"))
}

fn role(value: &Role) -> stored::Role {
    let authority = |value: &Authority| stored::Authority {
        currency: value.currency.as_str().to_owned(),
        per_gesture: value.per_gesture,
        per_guest: value.per_guest,
        per_incident: value.per_incident,
        per_day: value.per_day,
    };
    let (every_gesture_type, gesture_types) = match &value.may_give {
        MayGive::Every => (true, Vec::new()),
        MayGive::These(kinds) => (false, kinds.iter().map(|kind| kind.as_str().to_owned()).collect()),
    };
    stored::Role {
        id: value.id.as_str().to_owned(),
        display_name: value.display_name.clone(),
        authorities: value.authorities.iter().map(authority).collect(),
        gesture_types,
        every_gesture_type,
        sees_value: value.sees_value,
    }
}

fn role_back_whole(raw: stored::Role) -> Result<Role> {
    let authority = |raw: stored::Authority| {
        Ok(Authority {
            currency: currency_back(&raw.currency)?,
            per_gesture: raw.per_gesture,
            per_guest: raw.per_guest,
            per_incident: raw.per_incident,
            per_day: raw.per_day,
        })
    };
    let may_give = if raw.every_gesture_type {
        MayGive::Every
    } else {
        MayGive::These(all(raw.gesture_types, |kind| gesture_type_back(&kind))?)
    };
    Ok(Role {
        id: role_back(&raw.id)?,
        display_name: raw.display_name,
        authorities: all(raw.authorities, authority)?,
        may_give,
        sees_value: raw.sees_value,
    })
}

fn gesture_type(value: &GestureType) -> stored::GestureType {
    let (contents_unknown, contents) = match &value.contents {
        Contents::Unknown => (true, Vec::new()),
        Contents::Known(codes) => (false, codes.clone()),
    };
    stored::GestureType {
        id: value.id.as_str().to_owned(),
        display_name: value.display_name.clone(),
        costs: value.costs.iter().map(money).collect(),
        contents,
        contents_unknown,
        suits_diets: value.suits_diets.clone(),
        cool_down: value.cool_down_seconds,
        recovery: value.recovery,
        celebrates: value.celebrates,
        needs: value.needs.clone(),
        trial_venues: value.trial_venues.iter().map(|venue| venue.as_str().to_owned()).collect(),
        appeals_to: value.appeals_to.clone(),
        level_min: u32::from(value.level_min),
        deliver_within_minutes: value.deliver_within_minutes,
    }
}

fn gesture_type_back_whole(raw: stored::GestureType) -> Result<GestureType> {
    Ok(GestureType {
        id: gesture_type_back(&raw.id)?,
        display_name: raw.display_name,
        costs: all(raw.costs, money_back)?,
        contents: if raw.contents_unknown { Contents::Unknown } else { Contents::Known(raw.contents) },
        suits_diets: raw.suits_diets,
        cool_down_seconds: raw.cool_down,
        recovery: raw.recovery,
        celebrates: raw.celebrates,
        needs: raw.needs,
        trial_venues: all(raw.trial_venues, |id| venue(&id))?,
        appeals_to: raw.appeals_to,
        level_min: small(raw.level_min)?,
        deliver_within_minutes: raw.deliver_within_minutes,
    })
}

fn budget(value: &Budget) -> stored::MonthlyBudget {
    stored::MonthlyBudget { venue: value.venue.as_str().to_owned(), monthly: Some(money(&value.monthly)) }
}

fn budget_back(raw: stored::MonthlyBudget) -> Result<Budget> {
    Ok(Budget { venue: venue(&raw.venue)?, monthly: money_back(must(raw.monthly, "a budget")?)? })
}

fn conditions(value: &LevelConditions) -> stored::LevelConditions {
    let LevelConditions {
        visits_min,
        last_visit_days_max,
        stated_preferences_min,
        confirmed_preferences_min,
        feedback_min,
        mean_score_min,
        referrals_min,
    } = *value;
    stored::LevelConditions {
        visits_min,
        last_visit_days_max,
        stated_preferences_min,
        confirmed_preferences_min,
        feedback_min,
        mean_score_min,
        referrals_min,
    }
}

fn conditions_back(raw: stored::LevelConditions) -> LevelConditions {
    let stored::LevelConditions {
        visits_min,
        last_visit_days_max,
        stated_preferences_min,
        confirmed_preferences_min,
        feedback_min,
        mean_score_min,
        referrals_min,
    } = raw;
    LevelConditions {
        visits_min,
        last_visit_days_max,
        stated_preferences_min,
        confirmed_preferences_min,
        feedback_min,
        mean_score_min,
        referrals_min,
    }
}

pub(super) fn hours(value: &OpeningHours) -> stored::OpeningHours {
    stored::OpeningHours {
        iso_weekday: u32::from(value.iso_weekday.unsigned_abs()),
        open_minutes: u32::from(value.open_minutes.unsigned_abs()),
        close_minutes: u32::from(value.close_minutes.unsigned_abs()),
    }
}

pub(super) fn hours_back(raw: stored::OpeningHours) -> Result<OpeningHours> {
    let minutes = |minutes: u32| i16::try_from(minutes).map_err(|_| damaged("opening hours"));
    Ok(OpeningHours {
        iso_weekday: i8::try_from(raw.iso_weekday).map_err(|_| damaged("a weekday"))?,
        open_minutes: minutes(raw.open_minutes)?,
        close_minutes: minutes(raw.close_minutes)?,
    })
}
