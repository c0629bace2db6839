//! The policy's rules of giving and closeness.

use prost_types::Duration;

use super::{
    CATEGORY_CHARS_MAX, NAME_CHARS_MAX, Parsed, count, enum_table, found::Found, money_out, path, relationship,
};
use crate::{
    domain::{
        VenueId, Violation, card,
        id::{GestureTypeId, RoleId},
        issue::IssueSeverity,
        limits::{BUDGETS_MAX, CATALOGUE_MAX, CURRENCIES_MAX, ROLES_MAX},
        money::{Currency, Money},
        policy::{
            Authority, Budget, Contents, Drift, ENGAGEMENT, GestureType, INTIMACY, MayGive, OpeningHours, Role, Rules,
            Standards, Venue, parse_day_start,
        },
        text,
    },
    proto,
};

enum_table!(issue_severity, issue_severity_out, proto::IssueSeverity, IssueSeverity, {
    Minor = Minor, Major = Major, Critical = Critical,
});

/// What a venue can do: a page of names.
const CAPABILITIES_MAX: usize = 50;
const CAPABILITY_CHARS_MAX: usize = 40;
/// Three spans a day.
const OPENING_HOURS_MAX: usize = 21;
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
const DELIVER_MINUTES_MAX: i32 = 7 * 24 * 60;
const DELIVER_MINUTES_DEFAULT: u32 = 60;
/// Gives that all types within a role's list, at most as many as there are.
const EVERY: &str = "*";

/// What of the policy message is about rules.
pub struct RulesFields {
    pub review_due_date: String,
    pub standards: Option<proto::ServiceStandards>,
    pub roles: Vec<proto::Role>,
    pub catalogue: Vec<proto::GestureType>,
    pub budgets: Vec<proto::Budget>,
    pub engagement: Option<proto::LevelConditions>,
    pub intimacy: Option<proto::LevelConditions>,
    pub drift: Option<proto::Drift>,
    pub caps_from: i32,
}

pub fn rules(field: &str, raw: RulesFields, found: &mut Found) -> Rules {
    let at = |name: &str| path(field, name);
    let conditions = |name: &str, raw: Option<proto::LevelConditions>, default| {
        raw.map_or(Ok(default), |raw| relationship::conditions(&at(name), raw))
    };
    Rules {
        review_due: found.one(date(&at("review_due_date"), &raw.review_due_date)),
        standards: found.one(standards(&at("standards"), raw.standards.unwrap_or_default())),
        roles: found.each(&at("roles"), raw.roles, 0..=ROLES_MAX, role),
        catalogue: found.each(&at("catalogue"), raw.catalogue, 0..=CATALOGUE_MAX, gesture_type),
        budgets: found.each(&at("budgets"), raw.budgets, 0..=BUDGETS_MAX, budget),
        engagement: found.or(conditions("engagement", raw.engagement, ENGAGEMENT), ENGAGEMENT),
        intimacy: found.or(conditions("intimacy", raw.intimacy, INTIMACY), INTIMACY),
        drift: found.one(drift(&at("drift"), raw.drift)),
        caps_from: match raw.caps_from {
            0 => IssueSeverity::Major,
            number => found.or(issue_severity(&at("caps_from"), number), IssueSeverity::Major),
        },
    }
}

/// Each entry of a list, with its path.
fn each<A, B>(field: &str, list: Vec<A>, parse: impl Fn(&str, A) -> Parsed<B>) -> Parsed<Vec<B>> {
    list.into_iter().enumerate().map(|(place, raw)| parse(&format!("{field}[{place}]"), raw)).collect()
}

fn date(field: &str, raw: &str) -> Parsed<Option<jiff::civil::Date>> {
    let wrong = || Violation::new(field, "must be a calendar date, for example \"2027-01-31\", or empty");
    if raw.is_empty() { Ok(None) } else { raw.parse().map(Some).map_err(|_| wrong()) }
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

fn standards(field: &str, raw: proto::ServiceStandards) -> Parsed<Standards> {
    let proto::ServiceStandards { greet_within, resolve_within, follow_up_within } = raw;
    let one = |name: &str, raw: Option<Duration>, most| {
        let parsed = raw.map(|raw| seconds(&path(field, name), &raw, most)).transpose()?;
        Ok(parsed.filter(|seconds| *seconds > 0))
    };
    Ok(Standards {
        greet_within: one("greet_within", greet_within, GREET_MAX)?,
        resolve_within: one("resolve_within", resolve_within, STANDARD_MAX)?,
        follow_up_within: one("follow_up_within", follow_up_within, STANDARD_MAX)?,
    })
}

fn amount(field: &str, raw: i64) -> Parsed<i64> {
    if (0..=AMOUNT_MAX).contains(&raw) {
        Ok(raw)
    } else {
        Err(Violation::new(field, format!("must be 0 to {AMOUNT_MAX} minor units")))
    }
}

fn money(field: &str, raw: proto::Money) -> Parsed<Money> {
    let proto::Money { currency_code, minor_units } = raw;
    let money = Money::parse(field, &currency_code, minor_units)?;
    amount(&path(field, "minor_units"), money.minor_units)?;
    Ok(money)
}

/// A line for people, free of card numbers.
fn words(field: &str, raw: &str, most: usize) -> Parsed<String> {
    let line = text::line(field, raw, 1..=most)?;
    card::refuse([(field, line.as_str())])?;
    Ok(line)
}

fn role(field: &str, raw: proto::Role) -> Parsed<Role> {
    let proto::Role { role_id, display_name, authorities, gesture_type_ids, sees_value } = raw;
    let at = |name: &str| path(field, name);
    count(&at("authorities"), authorities.len(), 0..=CURRENCIES_MAX)?;
    count(&at("gesture_type_ids"), gesture_type_ids.len(), 0..=CATALOGUE_MAX)?;
    let may_give = if gesture_type_ids.len() == 1 && gesture_type_ids[0] == EVERY {
        MayGive::Every
    } else {
        let kind = |at: &str, raw: String| GestureTypeId::parse(at, &raw);
        MayGive::These(each(&at("gesture_type_ids"), gesture_type_ids, kind)?)
    };
    Ok(Role {
        id: RoleId::parse(&at("role_id"), &role_id)?,
        display_name: words(&at("display_name"), &display_name, NAME_CHARS_MAX)?,
        authorities: each(&at("authorities"), authorities, authority)?,
        may_give,
        sees_value,
    })
}

fn authority(field: &str, raw: proto::Authority) -> Parsed<Authority> {
    let proto::Authority {
        currency_code,
        per_gesture_minor_units,
        per_guest_minor_units,
        per_incident_minor_units,
        per_day_minor_units,
    } = raw;
    let at = |name: &str| path(field, name);
    Ok(Authority {
        currency: Currency::parse(&at("currency_code"), &currency_code)?,
        per_gesture: amount(&at("per_gesture_minor_units"), per_gesture_minor_units)?,
        per_guest: amount(&at("per_guest_minor_units"), per_guest_minor_units)?,
        per_incident: amount(&at("per_incident_minor_units"), per_incident_minor_units)?,
        per_day: amount(&at("per_day_minor_units"), per_day_minor_units)?,
    })
}

fn gesture_type(field: &str, raw: proto::GestureType) -> Parsed<GestureType> {
    let proto::GestureType {
        gesture_type_id,
        display_name,
        costs,
        contents,
        contents_unknown,
        suits_diets,
        cool_down,
        recovery,
        celebrates,
        needs,
        trial_venue_ids,
        appeals_to,
        level_min,
        deliver_within_minutes,
    } = raw;
    let at = |name: &str| path(field, name);
    count(&at("costs"), costs.len(), 0..=CURRENCIES_MAX)?;
    count(&at("contents"), contents.len(), 0..=CONTENTS_MAX)?;
    count(&at("suits_diets"), suits_diets.len(), 0..=DIETS_MAX)?;
    count(&at("needs"), needs.len(), 0..=NEEDS_MAX)?;
    count(&at("trial_venue_ids"), trial_venue_ids.len(), 0..=TRIAL_VENUES_MAX)?;
    count(&at("appeals_to"), appeals_to.len(), 0..=APPEALS_MAX)?;
    if contents_unknown && !contents.is_empty() {
        return Err(Violation::new(at("contents_unknown"), "must be false when contents are given"));
    }
    let code = |at: &str, raw: String| text::code(at, &raw);
    let contents = each(&at("contents"), contents, code)?;
    let level_min = u8::try_from(level_min.max(1)).ok().filter(|level| *level <= 3 && raw.level_min >= 0);
    let within = Some(deliver_within_minutes).filter(|minutes| (0..=DELIVER_MINUTES_MAX).contains(minutes));
    let within = within.and_then(|minutes| u32::try_from(minutes).ok());
    Ok(GestureType {
        id: GestureTypeId::parse(&at("gesture_type_id"), &gesture_type_id)?,
        display_name: words(&at("display_name"), &display_name, NAME_CHARS_MAX)?,
        costs: each(&at("costs"), costs, money)?,
        contents: if contents_unknown { Contents::Unknown } else { Contents::Known(contents) },
        suits_diets: each(&at("suits_diets"), suits_diets, code)?,
        cool_down_seconds: seconds(&at("cool_down"), &cool_down.unwrap_or_default(), WINDOW_MAX)?,
        recovery,
        celebrates,
        needs: each(&at("needs"), needs, |at, raw| capability(at, &raw))?,
        trial_venues: each(&at("trial_venue_ids"), trial_venue_ids, |at, raw| VenueId::parse(at, &raw))?,
        appeals_to: each(&at("appeals_to"), appeals_to, |at, raw| words(at, &raw, CATEGORY_CHARS_MAX))?,
        level_min: level_min.ok_or_else(|| Violation::new(at("level_min"), "must be 0 to 3"))?,
        deliver_within_minutes: match within {
            Some(0) => DELIVER_MINUTES_DEFAULT,
            Some(minutes) => minutes,
            None => return Err(Violation::new(at("deliver_within_minutes"), "must be 0 to 10080")),
        },
    })
}

fn capability(field: &str, raw: &str) -> Parsed<String> {
    let fits = (1..=CAPABILITY_CHARS_MAX).contains(&raw.len())
        && raw.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
    let wrong = || Violation::new(field, "must be 1 to 40 characters of letters, digits and \"._-\"");
    if fits { Ok(raw.to_owned()) } else { Err(wrong()) }
}

fn budget(field: &str, raw: proto::Budget) -> Parsed<Budget> {
    let proto::Budget { venue_id, monthly } = raw;
    let monthly = monthly.ok_or_else(|| Violation::new(path(field, "monthly"), "must be given"))?;
    Ok(Budget {
        venue: VenueId::parse(&path(field, "venue_id"), &venue_id)?,
        monthly: money(&path(field, "monthly"), monthly)?,
    })
}

/// 0 is the default; the domain checks the order of the two numbers.
fn drift(field: &str, raw: Option<proto::Drift>) -> Parsed<Drift> {
    let Some(proto::Drift { expected_from, generic_from, window }) = raw else {
        return Ok(Drift::default());
    };
    let times = |name: &str, raw: i32, default: u8| match u8::try_from(raw) {
        Ok(0) => Ok(default),
        Ok(times) => Ok(times),
        Err(_) => Err(Violation::new(path(field, name), "must be 0 to 12")),
    };
    let default = Drift::default();
    let window_days = match window {
        None => default.window_days,
        Some(raw) => {
            let seconds = i64::from(seconds(&path(field, "window"), &raw, WINDOW_MAX)?);
            let days = u16::try_from(seconds / DAY).ok().filter(|_| seconds >= WINDOW_MIN);
            days.ok_or_else(|| Violation::new(path(field, "window"), "must be 7 to 1096 days"))?
        }
    };
    Ok(Drift {
        expected_from: times("expected_from", expected_from, default.expected_from)?,
        generic_from: times("generic_from", generic_from, default.generic_from)?,
        window_days,
    })
}

/// What a venue can do, and when.
pub fn abilities(
    field: &str,
    capabilities: Vec<String>,
    hours: Vec<proto::OpeningHours>,
) -> Parsed<(Vec<String>, Vec<OpeningHours>)> {
    let at = |name: &str| path(field, name);
    count(&at("capabilities"), capabilities.len(), 0..=CAPABILITIES_MAX)?;
    count(&at("opening_hours"), hours.len(), 0..=OPENING_HOURS_MAX)?;
    let capabilities = each(&at("capabilities"), capabilities, |at, raw| capability(at, &raw))?;
    Ok((capabilities, each(&at("opening_hours"), hours, opening_hours)?))
}

fn opening_hours(field: &str, raw: proto::OpeningHours) -> Parsed<OpeningHours> {
    let proto::OpeningHours { iso_weekday, open, close } = raw;
    let weekday = i8::try_from(iso_weekday).ok().filter(|day| (1..=7).contains(day));
    Ok(OpeningHours {
        iso_weekday: weekday.ok_or_else(|| Violation::new(path(field, "iso_weekday"), "must be 1 to 7"))?,
        open_minutes: parse_day_start(&path(field, "open"), &open)?,
        close_minutes: parse_day_start(&path(field, "close"), &close)?,
    })
}

pub fn hours_out(venue: &Venue) -> Vec<proto::OpeningHours> {
    let clock = |minutes: i16| format!("{:02}:{:02}", minutes / 60, minutes % 60);
    let one = |hours: &OpeningHours| proto::OpeningHours {
        iso_weekday: i32::from(hours.iso_weekday),
        open: clock(hours.open_minutes),
        close: clock(hours.close_minutes),
    };
    venue.opening_hours.iter().map(one).collect()
}

/// The rules as fields of the policy message.
pub fn rules_out(rules: &Rules) -> RulesFields {
    let Standards { greet_within, resolve_within, follow_up_within } = rules.standards;
    let budget = |budget: &Budget| proto::Budget {
        venue_id: budget.venue.as_str().to_owned(),
        monthly: Some(money_out(budget.monthly)),
    };
    RulesFields {
        review_due_date: rules.review_due.map(|due| due.to_string()).unwrap_or_default(),
        standards: (rules.standards != Standards::default()).then(|| proto::ServiceStandards {
            greet_within: greet_within.map(duration_out),
            resolve_within: resolve_within.map(duration_out),
            follow_up_within: follow_up_within.map(duration_out),
        }),
        roles: rules.roles.iter().map(role_out).collect(),
        catalogue: rules.catalogue.iter().map(gesture_type_out).collect(),
        budgets: rules.budgets.iter().map(budget).collect(),
        // What is the default is left unset, as it was sent.
        engagement: (rules.engagement != ENGAGEMENT).then(|| relationship::conditions_out(&rules.engagement)),
        intimacy: (rules.intimacy != INTIMACY).then(|| relationship::conditions_out(&rules.intimacy)),
        drift: (rules.drift != Drift::default()).then(|| proto::Drift {
            expected_from: i32::from(rules.drift.expected_from),
            generic_from: i32::from(rules.drift.generic_from),
            window: Some(Duration { seconds: rules.drift.window_seconds(), nanos: 0 }),
        }),
        caps_from: match rules.caps_from {
            IssueSeverity::Major => 0,
            other => issue_severity_out(other),
        },
    }
}

fn role_out(role: &Role) -> proto::Role {
    let authority = |authority: &Authority| proto::Authority {
        currency_code: authority.currency.as_str().to_owned(),
        per_gesture_minor_units: authority.per_gesture,
        per_guest_minor_units: authority.per_guest,
        per_incident_minor_units: authority.per_incident,
        per_day_minor_units: authority.per_day,
    };
    proto::Role {
        role_id: role.id.as_str().to_owned(),
        display_name: role.display_name.clone(),
        authorities: role.authorities.iter().map(authority).collect(),
        gesture_type_ids: match &role.may_give {
            MayGive::Every => vec![EVERY.to_owned()],
            MayGive::These(kinds) => kinds.iter().map(|kind| kind.as_str().to_owned()).collect(),
        },
        sees_value: role.sees_value,
    }
}

fn gesture_type_out(kind: &GestureType) -> proto::GestureType {
    let (contents_unknown, contents) = match &kind.contents {
        Contents::Unknown => (true, Vec::new()),
        Contents::Known(codes) => (false, codes.clone()),
    };
    proto::GestureType {
        gesture_type_id: kind.id.as_str().to_owned(),
        display_name: kind.display_name.clone(),
        costs: kind.costs.iter().copied().map(money_out).collect(),
        contents,
        contents_unknown,
        suits_diets: kind.suits_diets.clone(),
        cool_down: (kind.cool_down_seconds > 0).then(|| duration_out(kind.cool_down_seconds)),
        recovery: kind.recovery,
        celebrates: kind.celebrates,
        needs: kind.needs.clone(),
        trial_venue_ids: kind.trial_venues.iter().map(|venue| venue.as_str().to_owned()).collect(),
        appeals_to: kind.appeals_to.clone(),
        level_min: i32::from(kind.level_min),
        deliver_within_minutes: i32::try_from(kind.deliver_within_minutes).unwrap_or(i32::MAX),
    }
}
