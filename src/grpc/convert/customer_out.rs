//! Customers as callers see them: less what purpose and consent do not allow.

use super::{
    mark,
    mirror::{IntoWire, enum_table, send},
    values::part_id,
};
use crate::{
    domain::{
        CustomerId, Profile, Timestamp,
        briefing::WithheldReason,
        consent::{Consent, Part, Purpose, is_granted},
        habits::{CELLS, DAYPARTS, Habits, Spend, Tally},
        identity::Identity,
        label_for_others, may_be_celebrated,
        money::Money,
        occasion::{CalendarDate, Occasion, OccasionDraft},
        precaution::{Precaution, PrecautionDraft, PrecautionState, RecordBasis, Review, Until},
        preference::{EvidenceTally, Preference, Stance, Subject},
        profile::{Details, Name, ProfileIdentity},
        time::DAY_SECONDS,
    },
    proto,
    service::{Caller, tokens},
    store::records::Versioned,
};

enum_table!(proto::PrecautionState = PrecautionState {
    NotAsked = NotAsked, NoneKnown = NoneKnown, Listed = Listed, Withheld = Withheld, Unavailable = Unavailable,
});

/// Withheld from roles that do not see what a customer is worth: their lifetime value so far.
const SPEND: &str = "habits.spend";
/// Withheld from roles that do not see why a customer is barred.
const BAR_WHY: [&str; 3] = ["bar.code", "bar.text", "bar.barred_by"];

/// Withheld from a purpose that the customer did not agree to.
const RECORD: [&str; 3] = ["details.kind", "create_time", "update_time"];

/// Withheld from purposes that are not told revisions.
const REVISION: [&str; 3] = ["update_time", "etag", "revision_token"];
/// Withheld from purposes that do not read notes.
const EVIDENCE: &str = "consents.evidence";
/// Withheld from purposes that are not told of others.
const AUTHORS: [&str; 2] = ["preferences.recorded_by", "occasions.recorded_by"];
/// Withheld from purposes that do not see all that is numbered: a number left out tells that something has it.
const NUMBERS: &str = "occasions.occasion_id";
/// Withheld from those who do not read notes, where they name something eaten or drunk, or tell of a pregnancy.
const LABELS: &str = "occasions.label";
/// Withheld from those who may not see precautions, also where there are none: many an allergy is first noted as what is to be kept away.
const AVOIDED: &str = "preferences.avoided";
/// Withheld where only days are told: of somebody who came once, it is the hour when.
const HOURS: &str = "habits.visits_by_hour";

/// What is left of a number that decays with time, where only days are told.
const HUNDREDTHS: f64 = 100.0;

/// The customer as `purpose` and role may see it.
pub fn customer_out(caller: &Caller, id: CustomerId, current: Versioned, purpose: Purpose) -> proto::Customer {
    let is_agreed = is_granted(purpose, current.profile.consents_told(purpose));
    let mut customer = parts_out(caller, id, current, purpose);
    if !is_agreed {
        withhold_record(&mut customer);
    }
    withhold_for(purpose, &mut customer);
    if !purpose.is_told_moments() {
        tell_days(&mut customer);
    }
    customer
}

/// Leaves of each time its day, by UTC: a customer's times are of many venues. What decays with time tells it too, to the second.
fn tell_days(customer: &mut proto::Customer) {
    let rounded = |number: f64| (number * HUNDREDTHS).round() / HUNDREDTHS;
    customer.preferences.iter_mut().for_each(|one| one.confidence = rounded(one.confidence));
    if let Some(habits) = &mut customer.habits {
        habits.visits_by_hour.clear();
        customer.withheld.push(HOURS.to_owned());
        habits.usual_interval_days = habits.usual_interval_days.map(f64::round);
        let items = habits.items.iter_mut().chain(&mut habits.categories);
        items.for_each(|one| one.recent_weight = rounded(one.recent_weight));
    }
    let of_preferences = customer.preferences.iter_mut().flat_map(|one| [&mut one.first_time, &mut one.last_time]);
    let of_habits = customer.habits.iter_mut().flat_map(|habits| {
        let items = habits.items.iter_mut().chain(&mut habits.categories);
        let own = [&mut habits.first_visit_time, &mut habits.last_visit_time, &mut habits.horizon_time];
        own.into_iter().chain(items.flat_map(|one| [&mut one.first_time, &mut one.last_time]))
    });
    let of_consents = customer.consents.iter_mut().map(|one| &mut one.decide_time);
    let own = [&mut customer.create_time, &mut customer.update_time];
    let all = own.into_iter().chain(of_preferences).chain(of_habits).chain(of_consents);
    for time in all.flatten() {
        *time = prost_types::Timestamp { seconds: time.seconds - time.seconds.rem_euclid(DAY_SECONDS), nanos: 0 };
    }
}

/// Leaves out what only those who serve are told, whatever the customer agreed to.
fn withhold_for(purpose: Purpose, customer: &mut proto::Customer) {
    let proto::Customer { preferences, occasions, consents, withheld, .. } = customer;
    let mut withhold = |what: &str| {
        if withheld.iter().all(|known| known != what) {
            withheld.push(what.to_owned());
        }
    };
    if !purpose.reads_notes() && !consents.is_empty() {
        for one in consents.iter_mut() {
            one.evidence.clear();
        }
        withhold(EVIDENCE);
    }
    if !purpose.reads_notes() && hide_labels(occasions) {
        withhold(LABELS);
    }
    if !purpose.is_told_others() {
        let [of_preferences, of_occasions] = AUTHORS;
        if !preferences.is_empty() {
            for one in preferences.iter_mut() {
                one.recorded_by.clear();
            }
            withhold(of_preferences);
        }
        if !occasions.is_empty() {
            for one in occasions.iter_mut() {
                one.recorded_by.clear();
            }
            withhold(of_occasions);
        }
    }
    if !purpose.is_told_numbers() && !occasions.is_empty() {
        for one in occasions.iter_mut() {
            one.occasion_id.clear();
        }
        withhold(NUMBERS);
    }
    if !purpose.is_told_revisions() {
        REVISION.into_iter().for_each(withhold);
        customer.update_time = None;
        customer.etag.clear();
        customer.revision_token.clear();
    }
}

/// Leaves out the words for days that a briefing does not say either; whether there are any.
fn hide_labels(occasions: &mut [proto::Occasion]) -> bool {
    let mut is_hidden = false;
    for reported in occasions.iter_mut().filter_map(|one| one.reported.as_mut()) {
        let told = label_for_others(&reported.label).to_owned();
        is_hidden |= told != reported.label;
        reported.label = told;
    }
    is_hidden
}

/// Leaves out what the record is of, and since when it is kept.
fn withhold_record(customer: &mut proto::Customer) {
    if let Some(details) = &mut customer.details {
        details.kind = proto::CustomerKind::Unspecified as i32;
    }
    (customer.create_time, customer.update_time) = (None, None);
    customer.withheld.extend(RECORD.map(str::to_owned));
}

fn parts_out(caller: &Caller, id: CustomerId, current: Versioned, purpose: Purpose) -> proto::Customer {
    let Versioned { profile, revision } = current;
    let mut withheld = Vec::new();
    let mut allowed = |part: Part| {
        let allowed = profile.sees(purpose, part).is_ok();
        if !allowed {
            withheld.push(part.field().to_owned());
        }
        allowed
    };
    let (name, language) = (allowed(Part::Name), allowed(Part::Language));
    let identities = allowed(Part::Identities);
    let (precautions, preferences) = (allowed(Part::Precautions), allowed(Part::Preferences));
    let (occasions, habits) = (allowed(Part::Occasions), allowed(Part::Habits));
    withheld.extend((preferences && !precautions).then(|| AVOIDED.to_owned()));
    let spend = caller.sees_value();
    if habits && !spend {
        withheld.push(SPEND.to_owned());
    }
    let (now, sees_why) = (caller.now, caller.sees_bars());
    let state = if precautions { profile.precaution_state(now) } else { PrecautionState::Withheld };
    if precautions && !sees_why && profile.barred.is_some() {
        withheld.extend(BAR_WHY.map(str::to_owned));
    }
    let decided = profile.consents_told(purpose).to_vec();
    let told = if occasions { occasions_told(&profile, precautions, now) } else { Vec::new() };
    // What else a profile has is told by other calls: issues, follow-ups, gestures, the relationship.
    let Profile {
        details,
        identities: own,
        precautions: listed,
        asked_time,
        preferences: believed,
        occasions: _,
        consents: _,
        habits: counted,
        create_time,
        update_time,
        issues: _,
        follow_ups: _,
        gestures: _,
        ledger: _,
        advocacy: _,
        counted_level: _,
        deceased,
        barred,
        next_part: _,
        change_count: _,
    } = profile;
    proto::Customer {
        customer_id: id.to_string(),
        details: Some(details_out(details, name, language)),
        identities: only_if(identities, own).into_iter().map(own_identity_out).collect(),
        precaution_state: state.into_wire(),
        precautions_asked_time: asked_time.filter(|_| precautions).into_wire(),
        precautions: active_first(only_if(precautions, listed), now).into_wire(),
        preferences: preferences_told(only_if(preferences, believed), precautions, now),
        occasions: told.into_wire(),
        consents: decided.into_wire(),
        habits: habits.then(|| habits_out(counted, now, spend)),
        create_time: create_time.into_wire(),
        update_time: update_time.into_wire(),
        deceased: only_if(precautions, deceased).into_wire(),
        bar: barred.filter(|_| precautions).map(|barred| mark::bar_out(barred, sees_why)),
        etag: tokens::etag(revision),
        revision_token: tokens::revision_token(&caller.index_key, id, revision),
        withheld,
    }
}

/// Who may not see marks must not learn of them, nor celebrate for want of them.
fn occasions_told(profile: &Profile, sees_marks: bool, now: Timestamp) -> Vec<Occasion> {
    let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
    let is_told = |known: &&Occasion| sees_marks || may_be_celebrated(profile, &known.reported, today);
    profile.occasions.iter().filter(is_told).cloned().collect()
}

fn preferences_told(believed: Vec<Preference>, avoided: bool, now: Timestamp) -> Vec<proto::Preference> {
    let told = believed.into_iter().filter(|one| avoided || one.stance != Stance::Avoid);
    told.map(|one| preference_out(one, now)).collect()
}

fn only_if<T>(allowed: bool, list: Vec<T>) -> Vec<T> {
    if allowed { list } else { Vec::new() }
}

fn details_out(details: Details, with_name: bool, with_language: bool) -> proto::CustomerDetails {
    send!(details: Details => proto::CustomerDetails {
        kind,
        name: |name: Name| with_name.then(|| name.into_wire()),
        language: |language: String| if with_language { language } else { String::new() },
        is_child = child: |is_child| with_name && is_child,
    })
}

send!(Name => proto::PersonName { full, addressed_as, pronunciation });

send!(Identity => proto::Identity { kind = r#type, value, issuer, + expire_time: None });

/// Says that customers who were found are left out.
pub fn withheld_matches(reason: WithheldReason) -> proto::Withheld {
    proto::Withheld { what: "matches".to_owned(), reason: reason.into_wire() }
}

pub fn identity_out(identity: &Identity) -> proto::Identity {
    identity.clone().into_wire()
}

fn own_identity_out(own: ProfileIdentity) -> proto::Identity {
    let ProfileIdentity { identity, token: _, expire_time } = own;
    proto::Identity { expire_time: expire_time.into_wire(), ..identity.into_wire() }
}

fn active_first(precautions: Vec<Precaution>, now: Timestamp) -> Vec<Precaution> {
    let (mut active, past): (Vec<_>, Vec<_>) = precautions.into_iter().partition(|known| known.is_active(now));
    active.extend(past);
    active
}

send!(PrecautionDraft => proto::PrecautionDraft {
    kind,
    code,
    text,
    criticality,
    severity,
    status,
    of_whom,
    (until) = (until_time, until_departure): until_out,
    + venue_id: String::new(),
    basis => RecordBasis { said = basis, how = basis_evidence, time = basis_time },
});

fn until_out(until: Option<Until>) -> (Option<prost_types::Timestamp>, bool) {
    until.map(|Until { time, is_departure }| (time.into_wire(), is_departure)).unwrap_or_default()
}

send!(Precaution => proto::Precaution {
    id = precaution_id: part_id('p'),
    reported,
    recorded_by,
    first_said_by = _,
    record_time,
    (review) = (reviewed_by, review_time, review_reason): review_out,
});

fn review_out(review: Option<Review>) -> (String, Option<prost_types::Timestamp>, String) {
    review.map(|Review { by, time, reason }| (by.into_wire(), time.into_wire(), reason)).unwrap_or_default()
}

fn preference_out(preference: Preference, now: Timestamp) -> proto::Preference {
    let preference_id = preference.subject.preference_id();
    let confidence = preference.confidence(now);
    // When each kind of evidence came last shows in the confidence.
    let count = |EvidenceTally { count, last: _ }| count.into_wire();
    send!(preference: Preference => proto::Preference {
        + preference_id: preference_id,
        subject => Subject { category, item, situation },
        stance,
        + confidence: confidence,
        scope,
        venue = venue_id,
        stated = stated_count: count,
        observed = observed_count: count,
        inferred = inferred_count: count,
        refused = refused_count: count,
        first_time,
        last_time,
        last_by = recorded_by,
    })
}

send!(CalendarDate => proto::CalendarDate { calendar, year, month, day, leap_month });

send!(OccasionDraft => proto::OccasionDraft { kind, date, of_whom, label, do_not_celebrate, once });

send!(Occasion => proto::Occasion { id = occasion_id: part_id('o'), reported, recorded_by, record_time });

send!(Consent => proto::Consent { purpose, state, decide_time, evidence });

fn habits_out(habits: Habits, now: Timestamp, sees_spend: bool) -> proto::Habits {
    let usual_interval_days = habits.usual_interval_days();
    let weights = |tallies: &[Tally]| -> Vec<f64> { tallies.iter().map(|one| habits.weight(one, now)).collect() };
    let (item_weights, category_weights) = (weights(&habits.items), weights(&habits.categories));
    let by_weekday = |cells: Vec<u32>| {
        let sum = |day: &[u32]| day.iter().map(|count| i64::from(*count)).sum();
        if cells.len() == CELLS { cells.chunks(DAYPARTS).map(sum).collect() } else { Vec::new() }
    };
    send!(habits: Habits => proto::Habits {
        visits = visit_count,
        purchases = purchase_count,
        lines = line_count,
        contacts = contact_count,
        first_visit = first_visit_time,
        last_visit = last_visit_time,
        + usual_interval_days: usual_interval_days,
        visit_cells = visits_by_weekday: by_weekday,
        visit_hours = visits_by_hour,
        spend: |spend| only_if(sees_spend, spend).into_wire(),
        items: |items| most_first(items, item_weights),
        categories: |categories| most_first(categories, category_weights),
        horizon = horizon_time,
        // How the counts are kept.
        newest_period = _,
        recent = _,
        whereabouts = _,
        items_evicted = _,
        categories_evicted = _,
        kept = _,
    })
}

impl IntoWire<proto::CurrencySpend> for Spend {
    fn into_wire(self) -> proto::CurrencySpend {
        let Self { currency, minor_units, purchases } = self;
        let total = Money { currency, minor_units };
        proto::CurrencySpend { total: total.into_wire(), purchase_count: purchases.into_wire() }
    }
}

/// Most bought first.
fn most_first(tallies: Vec<Tally>, weights: Vec<f64>) -> Vec<proto::ItemHabit> {
    let weighed = tallies.into_iter().zip(weights);
    let mut out: Vec<proto::ItemHabit> = weighed.map(|(tally, weight)| tally_out(tally, weight)).collect();
    out.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.key.cmp(&b.key)));
    out
}

fn tally_out(tally: Tally, recent_weight: f64) -> proto::ItemHabit {
    let second = |seconds: i64| Some(prost_types::Timestamp { seconds, nanos: 0 });
    send!(tally: Tally => proto::ItemHabit {
        key,
        category,
        count,
        + recent_weight: recent_weight,
        first = first_time: second,
        last = last_time: second,
        at_least,
        // The weight and the briefing are worked out from these.
        periods = _,
        recent = _,
    })
}
