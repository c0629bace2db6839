//! Respect: what must not go wrong. Never trimmed.

use std::cmp::Reverse;

use super::{Moment, Statement, Tact, Value, codes, headline, occasions, words};
use crate::domain::{
    CustomerId, Profile, forbidden,
    precaution::{Criticality, Precaution, PrecautionKind, PrecautionState, PrecautionStatus, Severity},
    preference::{CONFIDENCE_TO_ASK, Preference, Stance},
};

pub(in crate::domain) fn section(moment: &Moment<'_>) -> Vec<Statement> {
    let profile = moment.profile;
    let mut statements: Vec<Statement> = active(profile).iter().map(|known| listed(moment, known)).collect();
    match profile.precaution_state() {
        PrecautionState::NotAsked => statements.push(not_asked("Nobody has asked this customer yet.")),
        PrecautionState::NoneKnown => statements.push(none_known(moment)),
        PrecautionState::Listed | PrecautionState::Withheld | PrecautionState::Unavailable => {}
    }
    let unwanted = moment.preferences.iter().filter(|(known, confidence)| is_kept_away(known, *confidence));
    let mut unwanted: Vec<(&Preference, f64)> = unwanted.copied().collect();
    unwanted.sort_by(|one, other| {
        let avoid_first = |known: &Preference| Reverse(known.stance == Stance::Avoid);
        avoid_first(one.0).cmp(&avoid_first(other.0)).then(other.1.total_cmp(&one.1))
    });
    statements.extend(unwanted.into_iter().map(|(known, confidence)| kept_away(moment, known, confidence)));
    statements.extend(quiet_occasions(moment));
    statements
}

/// Active precautions, the most critical first.
pub(in crate::domain) fn active(profile: &Profile) -> Vec<&Precaution> {
    let mut active: Vec<&Precaution> = profile.precautions.iter().filter(|known| known.is_active()).collect();
    active.sort_by_key(|known| rank(known));
    active
}

/// What is not known to be harmless comes before what is; then by kind; then the known danger before the unknown one.
fn rank(known: &Precaution) -> (bool, u8, bool, u8, u32) {
    let reported = &known.reported;
    let kind = match reported.kind {
        PrecautionKind::Allergy => 0,
        PrecautionKind::Intolerance => 1,
        PrecautionKind::Diet => 2,
        PrecautionKind::Abstention => 3,
        PrecautionKind::Accessibility => 4,
        PrecautionKind::Topic => 5,
    };
    let severity = match reported.severity {
        Severity::Severe => 0,
        Severity::Unknown => 1,
        Severity::Moderate => 2,
        Severity::Mild => 3,
    };
    let harmless = reported.criticality == Criticality::Low;
    (harmless, kind, reported.criticality == Criticality::Unknown, severity, known.id.0)
}

pub(in crate::domain) fn code(kind: PrecautionKind) -> &'static str {
    match kind {
        PrecautionKind::Allergy => codes::PRECAUTION_ALLERGY,
        PrecautionKind::Intolerance => codes::PRECAUTION_INTOLERANCE,
        PrecautionKind::Diet => codes::PRECAUTION_DIET,
        PrecautionKind::Accessibility => codes::PRECAUTION_ACCESSIBILITY,
        PrecautionKind::Abstention => codes::PRECAUTION_ABSTENTION,
        PrecautionKind::Topic => codes::PRECAUTION_TOPIC,
    }
}

pub(in crate::domain) fn tact(kind: PrecautionKind) -> Tact {
    if kind == PrecautionKind::Topic { Tact::NeverMention } else { Tact::Say }
}

/// What it is, without its words: "Tree nut allergy, life-threatening".
pub(in crate::domain) fn title(known: &Precaution) -> String {
    let reported = &known.reported;
    let spoken = words::spoken(&reported.code);
    let (singular, small) = (words::singular(&spoken), || spoken.to_lowercase());
    let danger = match (reported.kind, reported.criticality) {
        (PrecautionKind::Allergy | PrecautionKind::Intolerance, Criticality::High) => ", life-threatening",
        (PrecautionKind::Allergy | PrecautionKind::Intolerance, Criticality::Unknown) => ", treat as life-threatening",
        (PrecautionKind::Accessibility, Criticality::High) => ", essential",
        (_, Criticality::High) => ", strictly",
        (_, Criticality::Low | Criticality::Unknown) => "",
    };
    match reported.kind {
        PrecautionKind::Allergy => [singular, " allergy", danger].concat(),
        PrecautionKind::Intolerance => [singular, " intolerance", danger].concat(),
        PrecautionKind::Diet => ["Diet: ", &small(), danger].concat(),
        PrecautionKind::Accessibility => ["Accessibility: ", &small(), danger].concat(),
        PrecautionKind::Abstention => ["No ", &small(), danger].concat(),
        PrecautionKind::Topic => ["Do not mention: ", &small()].concat(),
    }
}

/// What staff do while nobody knows what a precaution is about.
pub(in crate::domain) const NOT_UNDERSTOOD: &str =
    "the code is not understood: ask the customer and the kitchen, and record it under a known code.";

fn text(known: &Precaution) -> String {
    let words = &known.reported.text;
    let mut text = title(known) + if words.is_empty() { "." } else { ". " } + words;
    if !forbidden::is_understood(known) {
        let is_ended = text.ends_with(['.', '!', '?']);
        text.extend([if is_ended { " " } else { ". " }, &occasions::capital(NOT_UNDERSTOOD.to_owned())]);
    }
    text
}

fn status(known: &Precaution) -> (&'static str, &'static str) {
    match known.reported.status {
        PrecautionStatus::Unconfirmed => ("UNCONFIRMED", "not confirmed yet"),
        PrecautionStatus::Confirmed => ("CONFIRMED", "confirmed"),
        PrecautionStatus::Refuted => ("REFUTED", "refuted"),
        PrecautionStatus::Resolved => ("RESOLVED", "resolved"),
        PrecautionStatus::EnteredInError => ("ENTERED_IN_ERROR", "entered in error"),
    }
}

fn parameters(known: &Precaution) -> Vec<(&'static str, Value)> {
    let reported = &known.reported;
    let criticality = match reported.criticality {
        Criticality::Unknown => "UNKNOWN",
        Criticality::Low => "LOW",
        Criticality::High => "HIGH",
    };
    let severity = match reported.severity {
        Severity::Unknown => "UNKNOWN",
        Severity::Mild => "MILD",
        Severity::Moderate => "MODERATE",
        Severity::Severe => "SEVERE",
    };
    let mut parameters = vec![
        ("code", Value::Text(reported.code.clone())),
        ("criticality", Value::Text(criticality.to_owned())),
        ("severity", Value::Text(severity.to_owned())),
        ("status", Value::Text(status(known).0.to_owned())),
    ];
    if !reported.text.is_empty() {
        parameters.push(("text", Value::Text(reported.text.clone())));
    }
    if !forbidden::is_understood(known) {
        parameters.push(("not_understood", Value::Number(1)));
    }
    parameters
}

fn listed(moment: &Moment<'_>, known: &Precaution) -> Statement {
    let mut parameters = parameters(known);
    parameters.push(("precaution_id", Value::Text(words::part('p', known.id))));
    let recorded = moment.day_of(known.record_time);
    let state = status(known).1;
    let reason = match &known.review {
        Some(review) => {
            let reviewed = moment.day_of(review.time);
            format!("Recorded on {recorded} by {}, {state} on {reviewed} by {}.", known.recorded_by, review.by)
        }
        None => ["Recorded on ", &recorded, " by ", &known.recorded_by, ", ", state, "."].concat(),
    };
    Statement {
        code: code(known.reported.kind),
        parameters,
        text: text(known),
        reason,
        tact: tact(known.reported.kind),
    }
}

pub(in crate::domain) fn not_asked(reason: &str) -> Statement {
    Statement {
        code: codes::PRECAUTIONS_NOT_ASKED,
        parameters: Vec::new(),
        text: "Ask about allergies, diets and other needs before serving.".to_owned(),
        reason: reason.to_owned(),
        tact: Tact::Say,
    }
}

fn none_known(moment: &Moment<'_>) -> Statement {
    let asked = moment.profile.asked_time;
    let reason = asked.map_or_else(String::new, |time| format!("Asked on {}.", moment.day_of(time)));
    Statement {
        code: codes::PRECAUTIONS_NONE_KNOWN,
        parameters: asked.map(|time| ("asked_time", Value::Time(time))).into_iter().collect(),
        text: "Named no allergies or needs when asked.".to_owned(),
        reason,
        tact: Tact::Say,
    }
}

/// Keeping something away costs little, so weak belief is enough; a single observation is not.
pub(in crate::domain) fn is_kept_away(known: &Preference, confidence: f64) -> bool {
    !known.stance.is_positive() && known.is_more_than_one_observation() && confidence >= CONFIDENCE_TO_ASK
}

fn kept_away(moment: &Moment<'_>, known: &Preference, confidence: f64) -> Statement {
    let (code, verb) = match known.stance {
        Stance::Avoid => (codes::PREFERENCE_AVOID, "Keep away"),
        Stance::Dislikes | Stance::Likes | Stance::Favourite => (codes::PREFERENCE_DISLIKES, "Dislikes"),
    };
    let situation = situation(known);
    Statement {
        code,
        parameters: preference_parameters(known, confidence),
        text: [verb, ": ", &known.subject.item, &situation, "."].concat(),
        reason: preference_reason(moment, known),
        tact: preference_tact(known),
    }
}

pub(in crate::domain) fn situation(known: &Preference) -> String {
    let situation = &known.subject.situation;
    if situation.is_empty() { String::new() } else { [" (", situation, ")"].concat() }
}

/// What the customer said may be spoken about; what was noticed may not.
pub(in crate::domain) fn preference_tact(known: &Preference) -> Tact {
    if known.is_stated() { Tact::Say } else { Tact::ActQuietly }
}

pub(in crate::domain) fn preference_parameters(known: &Preference, confidence: f64) -> Vec<(&'static str, Value)> {
    let subject = &known.subject;
    let mut parameters = vec![
        ("item", Value::Text(subject.item.clone())),
        ("category", Value::Text(subject.category.clone())),
        ("confidence", Value::Ratio(confidence)),
    ];
    if !subject.situation.is_empty() {
        parameters.push(("situation", Value::Text(subject.situation.clone())));
    }
    parameters
}

/// Room for what is usually said of a preference.
const REASON_BYTES: usize = 96;

/// "Stated once, observed 3 times, the latest on 2 March 2026."
pub(in crate::domain) fn preference_reason(moment: &Moment<'_>, known: &Preference) -> String {
    let sources = [
        ("stated", known.stated.count),
        ("observed", known.observed.count),
        ("inferred", known.inferred.count),
        ("refused", known.refused.count),
    ];
    let mut reason = String::with_capacity(REASON_BYTES);
    for (verb, count) in sources.into_iter().filter(|(_, count)| *count > 0) {
        if !reason.is_empty() {
            reason.push_str(", ");
        }
        reason.push_str(verb);
        match count {
            1 => reason.push_str(" once"),
            2 => reason.push_str(" twice"),
            _ => reason.extend([" ", &count.to_string(), " times"]),
        }
    }
    let latest = moment.day_of(known.last_time);
    let is_one = sources.iter().map(|(_, count)| u64::from(*count)).sum::<u64>() == 1;
    reason.extend([if is_one { ", on " } else { ", the latest on " }, &latest, "."]);
    occasions::capital(reason)
}

/// Days that hurt: always said, so that nobody wishes well by mistake.
fn quiet_occasions(moment: &Moment<'_>) -> impl Iterator<Item = Statement> {
    let quiet = moment.profile.occasions.iter().filter(|occasion| occasion.reported.do_not_celebrate);
    quiet.map(|occasion| {
        let date = occasion.reported.date;
        let mut parameters = occasions::parameters(occasion);
        parameters.push(("month", Value::Number(i64::from(date.month))));
        parameters.push(("day", Value::Number(i64::from(date.day))));
        Statement {
            code: codes::OCCASION_DO_NOT_CELEBRATE,
            parameters,
            text: format!(
                "Do not celebrate or mention: {} ({} {}).",
                occasions::name_of(&occasion.reported),
                date.day,
                words::month(date.month)
            ),
            reason: occasions::recorded(moment, occasion),
            tact: Tact::NeverMention,
        }
    })
}

/// The precautions of all candidates, each kind and code once, with the most critical for the headline.
pub(in crate::domain) fn union(candidates: &[(CustomerId, Profile)]) -> (Vec<Statement>, Option<Statement>) {
    let mut all: Vec<&Precaution> = candidates.iter().flat_map(|(_, profile)| active(profile)).collect();
    all.sort_by_key(|known| rank(known));
    let mut distinct: Vec<&Precaution> = Vec::with_capacity(all.len());
    for known in all {
        // Words differ and may matter, so only what says the same is left out.
        let same = |kept: &&Precaution| {
            (kept.reported.kind, &kept.reported.code, &kept.reported.text)
                == (known.reported.kind, &known.reported.code, &known.reported.text)
        };
        if !distinct.iter().any(same) {
            distinct.push(known);
        }
    }
    let reason = format!("One of the {} customers who share this identity.", candidates.len());
    let mut statements: Vec<Statement> = distinct
        .iter()
        .map(|known| Statement {
            code: code(known.reported.kind),
            parameters: parameters(known),
            text: text(known),
            reason: reason.clone(),
            tact: tact(known.reported.kind),
        })
        .collect();
    let first = headline::precaution(&distinct);
    let unasked = candidates.iter().any(|(_, profile)| profile.precaution_state() == PrecautionState::NotAsked);
    if unasked || candidates.is_empty() {
        statements.push(not_asked("At least one of the customers who share this identity was never asked."));
    }
    (statements, first)
}
