//! The policy's rules of giving and closeness.

use std::ops::RangeInclusive;

use prost_types::Duration;

use super::{
    CATEGORY_CHARS_MAX, NAME_CHARS_MAX, Parsed, count,
    mirror::{IntoWire, enum_table, parse, send, within},
    values::{each, from_text, from_text_maybe, given, no_card},
};
use crate::{
    domain::{
        VenueId, Violation, card,
        id::{GestureTypeId, RoleId},
        issue::IssueSeverity,
        limits::{CATALOGUE_MAX, CURRENCIES_MAX},
        money::{Currency, Money},
        policy::{
            ADDED_MAX, Authority, Budget, Contents, DECLARED_DAYS, Drift, GestureType, ItemRules, LegalAge, MayGive,
            Role, Rules, Standards,
        },
        substances, text,
    },
    proto,
};

enum_table!(issue_severity: proto::IssueSeverity = IssueSeverity {
    Minor = Minor, Major = Major, Critical = Critical,
});

const CAPABILITY_CHARS_MAX: usize = 40;
const CONTENTS_MAX: usize = 30;
const DIETS_MAX: usize = 8;
const NEEDS_MAX: usize = 8;
const TRIAL_VENUES_MAX: usize = 100;
const APPEALS_MAX: usize = 10;
/// More than any business gives away: ten billion of a currency with cents.
const AMOUNT_MAX: i64 = 1_000_000_000_000;
const DAY: i64 = 86_400;
/// Standards of service: a greeting is a matter of minutes, a resolution of days.
const GREET_MAX: i64 = DAY;
const STANDARD_MAX: i64 = 90 * DAY;
/// Three years, as of cool-downs and windows.
const WINDOW_MAX: i64 = 1_096 * DAY;
const WINDOW_MIN: i64 = 7 * DAY;
/// The highest of the three levels.
const LEVEL_MAX: u8 = 3;
const DELIVER_MINUTES_MAX: i32 = 7 * 24 * 60;
const DELIVER_MINUTES_DEFAULT: u32 = 60;
/// Categories that a policy counts as food, or not: a till has some dozens in all.
const EDIBLE_CATEGORIES_MAX: usize = 50;
/// The highest legal age of any place.
const LEGAL_AGE_MAX: u8 = 25;
/// Alone in a role's list: the role may give every gesture type.
const EVERY: &str = "*";

pub fn date(field: &str, raw: &str) -> Parsed<jiff::civil::Date> {
    raw.parse().map_err(|_| Violation::new(field, "must be a calendar date, for example \"2027-01-31\", or empty"))
}

/// Whole seconds, within bounds.
fn seconds(field: &str, raw: &Duration, most: i64) -> Parsed<u32> {
    let fits = raw.nanos == 0 && (0..=most).contains(&raw.seconds);
    let wrong = || Violation::new(field, format!("must be 0 to {most} whole seconds"));
    if fits { u32::try_from(raw.seconds).map_err(|_| wrong()) } else { Err(wrong()) }
}

pub(super) fn duration_out(seconds: u32) -> Duration {
    Duration { seconds: i64::from(seconds), nanos: 0 }
}

/// A standard of service: zero and unset are none.
fn standard(most: i64) -> impl Fn(&str, Option<Duration>) -> Parsed<Option<u32>> {
    move |field, raw| {
        let parsed = raw.map(|raw| seconds(field, &raw, most)).transpose()?;
        Ok(parsed.filter(|seconds| *seconds > 0))
    }
}

pub fn standards(field: &str, raw: proto::ServiceStandards) -> Parsed<Standards> {
    parse!(field, raw: proto::ServiceStandards => Standards {
        greet_within: standard(GREET_MAX),
        resolve_within: standard(STANDARD_MAX),
        follow_up_within: standard(STANDARD_MAX),
    })
}

fn standard_out(within: Option<u32>) -> Option<Duration> {
    within.map(duration_out)
}

send!(Standards => proto::ServiceStandards {
    greet_within: standard_out,
    resolve_within: standard_out,
    follow_up_within: standard_out,
});

fn amount(field: &str, raw: i64) -> Parsed<i64> {
    if (0..=AMOUNT_MAX).contains(&raw) {
        Ok(raw)
    } else {
        Err(Violation::new(field, format!("must be 0 to {AMOUNT_MAX} minor units")))
    }
}

fn money(field: &str, raw: proto::Money) -> Parsed<Money> {
    let proto::Money { currency_code, minor_units } = raw;
    within(field, || {
        let money = Money::parse("", &currency_code, minor_units)?;
        amount("minor_units", money.minor_units)?;
        Ok(money)
    })
}

/// A line for people, free of card numbers.
pub fn words(chars: RangeInclusive<usize>) -> impl Fn(&str, String) -> Parsed<String> {
    move |field, raw| {
        let line = text::line(field, &raw, chars.clone())?;
        card::refuse_card_data([(field, line.as_str())])?;
        Ok(line)
    }
}

pub fn role(field: &str, raw: proto::Role) -> Parsed<Role> {
    parse!(field, raw: proto::Role => Role {
        {
            count("authorities", authorities.len(), 0..=CURRENCIES_MAX)?;
            count("gesture_type_ids", gesture_type_ids.len(), 0..=CATALOGUE_MAX)?;
        }
        may_give = gesture_type_ids: may_give_of,
        id = role_id: from_text(no_card(RoleId::parse)),
        display_name: words(1..=NAME_CHARS_MAX),
        authorities: each(authority),
        sees_value,
        sees_bars,
    })
}

fn may_give_of(field: &str, ids: Vec<String>) -> Parsed<MayGive> {
    if ids == [EVERY] {
        return Ok(MayGive::Every);
    }
    each(from_text(no_card(GestureTypeId::parse)))(field, ids).map(MayGive::These)
}

send!(Role => proto::Role {
    id = role_id,
    display_name,
    authorities,
    may_give = gesture_type_ids: may_give_out,
    sees_value,
    sees_bars,
});

fn may_give_out(may_give: MayGive) -> Vec<String> {
    match may_give {
        MayGive::Every => vec![EVERY.to_owned()],
        MayGive::These(types) => types.into_wire(),
    }
}

fn authority(field: &str, raw: proto::Authority) -> Parsed<Authority> {
    parse!(field, raw: proto::Authority => Authority {
        currency = currency_code: from_text(Currency::parse),
        per_gesture = per_gesture_minor_units: amount,
        per_guest = per_guest_minor_units: amount,
        per_incident = per_incident_minor_units: amount,
        per_day = per_day_minor_units: amount,
    })
}

send!(Authority => proto::Authority {
    currency = currency_code,
    per_gesture = per_gesture_minor_units,
    per_guest = per_guest_minor_units,
    per_incident = per_incident_minor_units,
    per_day = per_day_minor_units,
});

pub fn gesture_type(field: &str, raw: proto::GestureType) -> Parsed<GestureType> {
    parse!(field, raw: proto::GestureType => GestureType {
        {
            count("costs", costs.len(), 0..=CURRENCIES_MAX)?;
            count("contents", contents.len(), 0..=CONTENTS_MAX)?;
            count("suits_diets", suits_diets.len(), 0..=DIETS_MAX)?;
            count("needs", needs.len(), 0..=NEEDS_MAX)?;
            count("trial_venue_ids", trial_venue_ids.len(), 0..=TRIAL_VENUES_MAX)?;
            count("appeals_to", appeals_to.len(), 0..=APPEALS_MAX)?;
        }
        contents = (contents, contents_unknown): contents_of,
        id = gesture_type_id: from_text(no_card(GestureTypeId::parse)),
        display_name: words(1..=NAME_CHARS_MAX),
        costs: each(money),
        suits_diets: each(from_text(no_card(text::code))),
        cool_down_seconds = cool_down: |field, raw: Option<_>| seconds(field, &raw.unwrap_or_default(), WINDOW_MAX),
        recovery,
        celebrates,
        needs: each(from_text(no_card(capability))),
        trial_venues = trial_venue_ids: each(from_text(no_card(VenueId::parse))),
        appeals_to: each(words(1..=CATEGORY_CHARS_MAX)),
        level_min: level,
        deliver_within_minutes: delivery,
    })
}

fn contents_of(codes: Vec<String>, unknown: bool) -> Parsed<Contents> {
    if unknown && !codes.is_empty() {
        return Err(Violation::new("contents_unknown", "must be false when contents are given"));
    }
    let codes = each(from_text(no_card(text::code)))("contents", codes)?;
    Ok(if unknown { Contents::Unknown } else { Contents::Known(codes) })
}

/// 0 is the lowest level.
fn level(field: &str, raw: i32) -> Parsed<u8> {
    let level = u8::try_from(raw).ok().filter(|level| *level <= LEVEL_MAX);
    level.map(|level| level.max(1)).ok_or_else(|| Violation::new(field, "must be 0 to 3"))
}

/// Minutes until a gesture is delivered; 0 is the default.
fn delivery(field: &str, raw: i32) -> Parsed<u32> {
    match u32::try_from(raw) {
        Ok(0) => Ok(DELIVER_MINUTES_DEFAULT),
        Ok(minutes) if raw <= DELIVER_MINUTES_MAX => Ok(minutes),
        _ => Err(Violation::new(field, "must be 0 to 10080")),
    }
}

send!(GestureType => proto::GestureType {
    id = gesture_type_id,
    display_name,
    costs,
    (contents) = (contents, contents_unknown): contents_out,
    suits_diets,
    cool_down_seconds = cool_down: |seconds| (seconds > 0).then(|| duration_out(seconds)),
    recovery,
    celebrates,
    needs,
    trial_venues = trial_venue_ids,
    appeals_to,
    level_min,
    deliver_within_minutes,
});

fn contents_out(contents: Contents) -> (Vec<String>, bool) {
    match contents {
        Contents::Unknown => (Vec::new(), true),
        Contents::Known(codes) => (codes, false),
    }
}

pub fn capability(field: &str, raw: &str) -> Parsed<String> {
    let fits = (1..=CAPABILITY_CHARS_MAX).contains(&raw.len())
        && raw.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
    let wrong = || Violation::new(field, "must be 1 to 40 characters of letters, digits and \"._-\"");
    if fits { Ok(raw.to_owned()) } else { Err(wrong()) }
}

pub fn budget(field: &str, raw: proto::Budget) -> Parsed<Budget> {
    parse!(field, raw: proto::Budget => Budget {
        monthly: given,
        venue = venue_id: from_text(no_card(VenueId::parse)),
        { let monthly = money("monthly", monthly)?; }
    })
}

send!(Budget => proto::Budget { venue = venue_id, monthly });

/// 0 and unset are the default; the domain checks the order of the two numbers.
pub fn drift(field: &str, raw: proto::Drift) -> Parsed<Drift> {
    let default = Drift::default();
    parse!(field, raw: proto::Drift => Drift {
        window_days = window: |field, raw: Option<_>| raw.map_or(Ok(default.window_days), |raw| days(field, &raw)),
        expected_from: |field, raw| times(field, raw, default.expected_from),
        generic_from: |field, raw| times(field, raw, default.generic_from),
    })
}

fn days(field: &str, raw: &Duration) -> Parsed<u16> {
    let seconds = i64::from(seconds(field, raw, WINDOW_MAX)?);
    let days = u16::try_from(seconds / DAY).ok().filter(|_| seconds >= WINDOW_MIN);
    days.ok_or_else(|| Violation::new(field, "must be 7 to 1096 days"))
}

fn times(field: &str, raw: i32, default: u8) -> Parsed<u8> {
    match u8::try_from(raw) {
        Ok(0) => Ok(default),
        Ok(times) => Ok(times),
        Err(_) => Err(Violation::new(field, "must be 0 to 12")),
    }
}

send!(Drift => proto::Drift {
    expected_from,
    generic_from,
    window_days = window: |days| Some(Duration { seconds: i64::from(days) * DAY, nanos: 0 }),
});

pub fn legal_age(field: &str, raw: proto::LegalAge) -> Parsed<LegalAge> {
    parse!(field, raw: proto::LegalAge => LegalAge {
        venue = venue_id: from_text_maybe(no_card(VenueId::parse)),
        substance: |field, raw: String| if raw.is_empty() { Ok(raw) } else { no_card(text::code)(field, &raw) },
        years: |field, raw| {
            let years = u8::try_from(raw).ok().filter(|years| *years <= LEGAL_AGE_MAX);
            years.ok_or_else(|| Violation::new(field, "must be 0 to 25"))
        },
    })
}

send!(LegalAge => proto::LegalAge { venue = venue_id, substance, years });

/// Ages for substances that no item can be declared to contain would keep nothing from anybody.
pub fn no_strange_substances(field: &str, rules: &Rules) -> Result<(), Vec<Violation>> {
    let is_strange = |age: &LegalAge| {
        let code = &age.substance;
        !code.is_empty() && substances::of_content(code) == 0 && rules.items.added(code).is_none()
    };
    let strange = rules.legal_ages.iter().enumerate().filter(|(_, age)| is_strange(age));
    let rule = "must be a known substance, one of item_rules.added_substances, or empty";
    let faults: Vec<_> = strange.map(|(at, _)| Violation::new(format!("{field}[{at}].substance"), rule)).collect();
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

/// Unset: the default.
pub fn items(field: &str, raw: proto::ItemRules) -> Parsed<ItemRules> {
    parse!(field, raw: proto::ItemRules => ItemRules {
        {
            count("added_substances", added_substances.len(), 0..=ADDED_MAX)?;
            count("not_food_categories", not_food_categories.len(), 0..=EDIBLE_CATEGORIES_MAX)?;
            count("food_categories", food_categories.len(), 0..=EDIBLE_CATEGORIES_MAX)?;
        }
        declared_days = declared_for: declared_days,
        added_substances: each(from_text(no_card(text::code))),
        not_food_categories: each(from_text(no_card(category))),
        food_categories: each(from_text(no_card(category))),
    })
}

fn category(field: &str, raw: &str) -> Parsed<String> {
    text::lower_line(field, raw, 1..=CATEGORY_CHARS_MAX)
}

fn declared_days(field: &str, raw: Option<Duration>) -> Parsed<u16> {
    let Some(raw) = raw else { return Ok(DECLARED_DAYS) };
    let days = u16::try_from(i64::from(seconds(field, &raw, WINDOW_MAX)?) / DAY).ok();
    let is_whole = raw.seconds % DAY == 0 && raw.seconds > 0;
    days.filter(|_| is_whole).ok_or_else(|| Violation::new(field, "must be 1 to 1096 whole days"))
}

send!(ItemRules => proto::ItemRules {
    declared_days = declared_for: |days| Some(Duration { seconds: i64::from(days) * DAY, nanos: 0 }),
    added_substances,
    not_food_categories,
    food_categories,
});
