//! Customers as callers see them: less what purpose and consent do not allow.

use super::{customer::*, purpose_out, time_out};
use crate::{
    domain::{
        CustomerId, Profile, Timestamp,
        consent::{Consent, Part, Purpose, sees},
        habits::{CELLS, DAYPARTS, Habits, Tally},
        identity::Identity,
        occasion::{Occasion, OccasionDraft},
        precaution::{Precaution, PrecautionDraft, PrecautionState},
        preference::Preference,
        profile::{Details, OwnIdentity},
    },
    proto,
    service::{Caller, tokens},
    store::records::Versioned,
};

/// Withheld from whoever does not see what a customer is worth: their lifetime value so far.
const SPEND: &str = "habits.spend";

/// The customer as `purpose` and role may see it.
pub fn customer_out(caller: &Caller, id: CustomerId, current: Versioned, purpose: Purpose) -> proto::Customer {
    let Versioned { profile, revision } = current;
    let mut withheld = Vec::new();
    let mut allowed = |part: Part| {
        let allowed = sees(purpose, &profile.consents, part).is_ok();
        if !allowed {
            withheld.push(part.field().to_owned());
        }
        allowed
    };
    let (name, language) = (allowed(Part::Name), allowed(Part::Language));
    let identities = allowed(Part::Identities);
    let precautions = allowed(Part::Precautions);
    let preferences = allowed(Part::Preferences);
    let occasions = allowed(Part::Occasions);
    let consents = allowed(Part::Consents);
    let habits = allowed(Part::Habits);
    let spend = caller.sees_value();
    if habits && !spend {
        withheld.push(SPEND.to_owned());
    }
    let state = if precautions { profile.precaution_state() } else { PrecautionState::Withheld };
    proto::Customer {
        customer_id: id.to_string(),
        details: Some(details_out(&profile.details, name, language)),
        identities: listed(identities, &profile.identities, own_identity_out),
        precaution_state: precaution_state_out(state),
        precautions_asked_time: profile.asked_time.filter(|_| precautions).map(time_out),
        precautions: precautions_out(&profile, precautions),
        preferences: listed(preferences, &profile.preferences, |one| preference_out(one, caller.now)),
        occasions: listed(occasions, &profile.occasions, occasion_out),
        consents: listed(consents, &profile.consents, consent_out),
        habits: habits.then(|| habits_out(&profile.habits, caller.now, spend)),
        create_time: Some(time_out(profile.create_time)),
        update_time: Some(time_out(profile.update_time)),
        etag: tokens::etag(revision),
        revision_token: tokens::revision_token(&caller.index_key, id, revision),
        withheld,
    }
}

fn listed<A, B>(allowed: bool, list: &[A], one: impl Fn(&A) -> B) -> Vec<B> {
    if allowed { list.iter().map(one).collect() } else { Vec::new() }
}

fn details_out(details: &Details, name: bool, language: bool) -> proto::CustomerDetails {
    proto::CustomerDetails {
        kind: customer_kind_out(details.kind),
        name: name.then(|| proto::PersonName {
            full: details.name.full.clone(),
            addressed_as: details.name.addressed_as.clone(),
            pronunciation: details.name.pronunciation.clone(),
        }),
        language: if language { details.language.clone() } else { String::new() },
    }
}

pub fn identity_out(identity: &Identity) -> proto::Identity {
    proto::Identity {
        r#type: identity_type_out(identity.kind),
        value: identity.value.clone(),
        issuer: identity.issuer.clone(),
        expire_time: None,
    }
}

fn own_identity_out(own: &OwnIdentity) -> proto::Identity {
    proto::Identity { expire_time: own.expire_time.map(time_out), ..identity_out(&own.identity) }
}

pub fn precaution_state_out(state: PrecautionState) -> i32 {
    let state = match state {
        PrecautionState::NotAsked => proto::PrecautionState::NotAsked,
        PrecautionState::NoneKnown => proto::PrecautionState::NoneKnown,
        PrecautionState::Listed => proto::PrecautionState::Listed,
        PrecautionState::Withheld => proto::PrecautionState::Withheld,
        PrecautionState::Unavailable => proto::PrecautionState::Unavailable,
    };
    state as i32
}

/// Active ones first.
fn precautions_out(profile: &Profile, allowed: bool) -> Vec<proto::Precaution> {
    let (active, past): (Vec<&Precaution>, Vec<&Precaution>) =
        profile.precautions.iter().partition(|precaution| precaution.is_active());
    if allowed { active.into_iter().chain(past).map(precaution_out).collect() } else { Vec::new() }
}

fn precaution_out(precaution: &Precaution) -> proto::Precaution {
    let Precaution { id, reported, recorded_by, record_time, review } = precaution;
    let PrecautionDraft { kind, code, text, criticality, severity, status } = reported;
    proto::Precaution {
        precaution_id: format!("p{}", id.0),
        reported: Some(proto::PrecautionDraft {
            kind: precaution_kind_out(*kind),
            code: code.clone(),
            text: text.clone(),
            criticality: criticality_out(*criticality),
            severity: severity_out(*severity),
            status: precaution_status_out(*status),
        }),
        recorded_by: recorded_by.into(),
        record_time: Some(time_out(*record_time)),
        reviewed_by: review.as_ref().map(|review| String::from(&review.by)).unwrap_or_default(),
        review_time: review.as_ref().map(|review| time_out(review.time)),
        review_reason: review.as_ref().map(|review| review.reason.clone()).unwrap_or_default(),
    }
}

fn preference_out(preference: &Preference, now: Timestamp) -> proto::Preference {
    let number = |count: u32| i32::try_from(count).unwrap_or(i32::MAX);
    proto::Preference {
        preference_id: preference.subject.preference_id(),
        category: preference.subject.category.clone(),
        item: preference.subject.item.clone(),
        situation: preference.subject.situation.clone(),
        stance: stance_out(preference.stance),
        confidence: preference.confidence(now),
        scope: scope_out(preference.scope),
        venue_id: preference.venue.as_ref().map(|venue| venue.as_str().to_owned()).unwrap_or_default(),
        stated_count: number(preference.stated.count),
        observed_count: number(preference.observed.count),
        inferred_count: number(preference.inferred.count),
        refused_count: number(preference.refused.count),
        first_time: Some(time_out(preference.first_time)),
        last_time: Some(time_out(preference.last_time)),
        recorded_by: (&preference.last_by).into(),
    }
}

fn occasion_out(occasion: &Occasion) -> proto::Occasion {
    let Occasion { id, reported, recorded_by, record_time } = occasion;
    let OccasionDraft { kind, date, of_whom, label, do_not_celebrate } = reported;
    proto::Occasion {
        occasion_id: format!("o{}", id.0),
        reported: Some(proto::OccasionDraft {
            kind: occasion_kind_out(*kind),
            date: Some(proto::CalendarDate {
                calendar: calendar_out(date.calendar),
                year: date.year.map(i32::from),
                month: i32::from(date.month),
                day: i32::from(date.day),
                leap_month: date.leap_month,
            }),
            of_whom: of_whom.clone(),
            label: label.clone(),
            do_not_celebrate: *do_not_celebrate,
        }),
        recorded_by: recorded_by.into(),
        record_time: Some(time_out(*record_time)),
    }
}

fn consent_out(consent: &Consent) -> proto::Consent {
    proto::Consent {
        purpose: purpose_out(consent.purpose),
        state: consent_state_out(consent.state),
        decide_time: Some(time_out(consent.decide_time)),
        evidence: consent.evidence.clone(),
    }
}

fn habits_out(habits: &Habits, now: Timestamp, sees_spend: bool) -> proto::Habits {
    let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    let by_weekday = |cells: &[u32]| -> Vec<i64> {
        cells.chunks(DAYPARTS).map(|day| day.iter().map(|count| i64::from(*count)).sum()).collect()
    };
    proto::Habits {
        visit_count: number(habits.visits),
        purchase_count: number(habits.purchases),
        line_count: number(habits.lines),
        contact_count: number(habits.contacts),
        first_visit_time: habits.first_visit.map(time_out),
        last_visit_time: habits.last_visit.map(time_out),
        usual_interval_days: habits.usual_interval_days(),
        visits_by_weekday: if habits.visit_cells.len() == CELLS { by_weekday(&habits.visit_cells) } else { Vec::new() },
        visits_by_hour: habits.visit_hours.iter().map(|count| i64::from(*count)).collect(),
        spend: listed(sees_spend, &habits.spend, |spend| proto::CurrencySpend {
            total: Some(proto::Money {
                currency_code: spend.currency.as_str().to_owned(),
                minor_units: spend.minor_units,
            }),
            purchase_count: number(spend.purchases),
        }),
        items: tallies_out(habits, &habits.items, now),
        categories: tallies_out(habits, &habits.categories, now),
        horizon_time: habits.horizon.map(time_out),
    }
}

/// Most bought first.
fn tallies_out(habits: &Habits, tallies: &[Tally], now: Timestamp) -> Vec<proto::ItemHabit> {
    let second = |seconds: i64| prost_types::Timestamp { seconds, nanos: 0 };
    let one = |tally: &Tally| proto::ItemHabit {
        key: tally.key.clone(),
        category: tally.category.clone(),
        count: i64::from(tally.count),
        recent_weight: habits.weight(tally, now),
        first_time: Some(second(tally.first)),
        last_time: Some(second(tally.last)),
        at_least: tally.at_least,
    };
    let mut out: Vec<proto::ItemHabit> = tallies.iter().map(one).collect();
    out.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.key.cmp(&b.key)));
    out
}
