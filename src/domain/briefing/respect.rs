//! Respect: what must not go wrong. Never trimmed.

use std::cmp::Reverse;

use super::{
    asked,
    codes::{self, Code},
    marks, occasions,
    statement::{Basis, Form, Statement, Tact, Value},
};
use crate::domain::{
    gate::{self, Clearance, Cleared},
    insight::near,
    items::Menu,
    kernel::id::CustomerId,
    moment::{Moment, question::Question},
    parts::{
        precaution::{BasisKind, Criticality, Precaution, PrecautionDraft, PrecautionKind, PrecautionStatus, Severity},
        preference::{Preference, Stance},
    },
    profile::Profile,
};

pub(super) fn section(moment: &Moment<'_>) -> Vec<Statement> {
    let mut statements: Vec<Statement> = moment.precautions.iter().map(|known| listed(moment, known)).collect();
    statements.extend(asked::statement(moment));
    let unwanted = moment.preferences.iter().filter(|(known, confidence)| known.is_kept_away(*confidence));
    let mut unwanted: Vec<(&Preference, f64)> = unwanted.copied().collect();
    unwanted.sort_by(|one, other| {
        let avoid_first = |known: &Preference| Reverse(known.stance == Stance::Avoid);
        avoid_first(one.0).cmp(&avoid_first(other.0)).then(other.1.total_cmp(&one.1))
    });
    statements.extend(unwanted.into_iter().map(|(known, confidence)| kept_away(moment, known, confidence)));
    statements.extend(quiet_occasions(moment));
    statements.extend(marks::of_others(moment));
    statements
}

pub(super) fn code(kind: PrecautionKind) -> Code {
    match kind {
        PrecautionKind::Allergy => codes::PRECAUTION_ALLERGY,
        PrecautionKind::Intolerance => codes::PRECAUTION_INTOLERANCE,
        PrecautionKind::Diet => codes::PRECAUTION_DIET,
        PrecautionKind::Accessibility => codes::PRECAUTION_ACCESSIBILITY,
        PrecautionKind::Abstention => codes::PRECAUTION_ABSTENTION,
        PrecautionKind::Topic => codes::PRECAUTION_TOPIC,
    }
}

pub(super) fn tact(reported: &PrecautionDraft) -> Tact {
    if reported.is_never_mentioned() { Tact::NeverMention } else { Tact::Say }
}

fn status(known: &Precaution) -> &'static str {
    match known.reported.status {
        PrecautionStatus::Unconfirmed => "UNCONFIRMED",
        PrecautionStatus::Confirmed => "CONFIRMED",
        PrecautionStatus::Refuted => "REFUTED",
        PrecautionStatus::Resolved => "RESOLVED",
        PrecautionStatus::EnteredInError => "ENTERED_IN_ERROR",
    }
}

pub(super) fn parameters(known: &Precaution, menu: &Menu) -> Vec<(&'static str, Value)> {
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
        ("status", Value::Text(status(known).to_owned())),
    ];
    let text = reported.told_text();
    if !text.is_empty() {
        parameters.push(("text", Value::Text(text.into_owned())));
    }
    if !reported.is_own() {
        parameters.push(("of_whom", Value::Text(reported.told_whom().into_owned())));
    }
    if let Some(until) = reported.until {
        parameters.push(("until_time", Value::Time(until.time)));
    }
    match reported.basis.said {
        BasisKind::NotSaid => {}
        BasisKind::Consent => parameters.push(("basis", Value::Text("CONSENT".to_owned()))),
        BasisKind::ThisVisitOnly => parameters.push(("basis", Value::Text("THIS_VISIT_ONLY".to_owned()))),
    }
    if !gate::is_understood(known, menu) {
        parameters.push(("not_understood", Value::Number(1)));
    }
    parameters
}

fn listed(moment: &Moment<'_>, known: &Precaution) -> Statement {
    let mut parameters = parameters(known, moment.question.menu);
    parameters.push(("precaution_id", Value::Text(known.id.with_letter('p'))));
    let review = known.review.as_ref().map(|review| (moment.date_of(review.time), review.by.to_string()));
    Statement {
        code: code(known.reported.told_as()),
        parameters,
        basis: Basis::Precaution { on: moment.date_of(known.record_time), by: known.recorded_by.to_string(), review },
        form: Form::Section,
        tact: tact(&known.reported),
    }
}

/// A precaution that somebody says now.
pub(super) fn said(known: &Precaution, menu: &Menu) -> Statement {
    Statement {
        code: code(known.reported.told_as()),
        parameters: parameters(known, menu),
        basis: Basis::SaidNow,
        form: Form::Section,
        tact: tact(&known.reported),
    }
}

fn kept_away(moment: &Moment<'_>, known: &Preference, confidence: f64) -> Statement {
    Statement {
        code: match known.stance {
            Stance::Avoid => codes::PREFERENCE_AVOID,
            Stance::Dislikes | Stance::Likes | Stance::Favourite => codes::PREFERENCE_DISLIKES,
        },
        parameters: preference_parameters(known, confidence),
        basis: evidence(moment, known),
        form: Form::Section,
        tact: preference_tact(known),
    }
}

/// What was heard and seen of a preference.
pub(super) fn evidence(moment: &Moment<'_>, known: &Preference) -> Basis {
    Basis::Evidence {
        stated: known.stated.count,
        observed: known.observed.count,
        inferred: known.inferred.count,
        refused: known.refused.count,
        latest: moment.date_of(known.last_time),
    }
}

/// What the customer said may be spoken about; what was noticed may not.
pub(super) fn preference_tact(known: &Preference) -> Tact {
    if known.is_stated() { Tact::Say } else { Tact::ActQuietly }
}

fn preference_parameters(known: &Preference, confidence: f64) -> Vec<(&'static str, Value)> {
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

/// Parameters of what they like: item, category, confidence, situation, clearance.
const LIKED_PARAMETERS: usize = 5;

/// A statement that proposes what they like.
pub(super) fn liked(moment: &Moment<'_>, code: Code, known: &Cleared<&Preference>, confidence: f64) -> Statement {
    let of = known.get();
    let mut parameters = Vec::with_capacity(LIKED_PARAMETERS);
    parameters.extend([
        ("item", Value::Item(known.name())),
        ("category", Value::Text(of.subject.category.clone())),
        ("confidence", Value::Ratio(confidence)),
    ]);
    if !of.subject.situation.is_empty() {
        parameters.push(("situation", Value::Text(of.subject.situation.clone())));
    }
    tell_clearance(known.clearance(), &mut parameters);
    Statement { code, parameters, basis: evidence(moment, of), form: Form::Section, tact: preference_tact(of) }
}

/// How an item passed the gate, where there is something to say.
pub(super) fn tell_clearance(clearance: Clearance, parameters: &mut Vec<(&'static str, Value)>) {
    parameters.extend(clearance.name().map(|name| ("clearance", Value::Text(name.to_owned()))));
}

/// Days that must not be celebrated: always included, so that no wishes are given by mistake.
fn quiet_occasions(moment: &Moment<'_>) -> impl Iterator<Item = Statement> {
    let profile = moment.profile;
    let quiet = profile.occasions.iter().filter(|occasion| occasion.reported.do_not_celebrate);
    let quiet = quiet.filter(|occasion| occasion.reported.next_quiet(moment.local.date).is_some());
    quiet.filter(|occasion| !near::is_of_the_dead(profile, &occasion.reported)).map(|occasion| {
        let date = occasion.reported.date;
        let mut parameters = occasions::parameters(occasion, &occasion.reported.label, moment);
        parameters.push(("month", Value::Number(i64::from(date.month))));
        parameters.push(("day", Value::Number(i64::from(date.day))));
        Statement {
            code: codes::OCCASION_DO_NOT_CELEBRATE,
            parameters,
            basis: occasions::recorded(moment, occasion),
            form: Form::Section,
            tact: Tact::NeverMention,
        }
    })
}

/// The precautions of all candidates, each kind and code once, and those precautions, the most critical first.
pub(super) fn union<'c>(
    candidates: &'c [(CustomerId, Profile)],
    question: &Question<'_>,
) -> (Vec<Statement>, Vec<&'c Precaution>) {
    let mut all: Vec<&Precaution> =
        candidates.iter().flat_map(|(_, profile)| profile.active_precautions(question.now)).collect();
    all.sort_by_cached_key(|known| known.rank());
    let mut distinct: Vec<&Precaution> = Vec::with_capacity(all.len());
    for known in all {
        // Words differ and may matter, so only what says the same is left out.
        let same = |kept: &&Precaution| {
            let (one, other) = (&kept.reported, &known.reported);
            (one.kind, &one.code, &one.text, &one.of_whom) == (other.kind, &other.code, &other.text, &other.of_whom)
        };
        if !distinct.iter().any(same) {
            distinct.push(known);
        }
    }
    let mut statements: Vec<Statement> = distinct
        .iter()
        .map(|known| Statement {
            code: code(known.reported.told_as()),
            parameters: parameters(known, question.menu),
            basis: Basis::OfOneOf(candidates.len()),
            form: Form::Section,
            tact: tact(&known.reported),
        })
        .collect();
    statements.extend(asked::statement_to_candidates(candidates, question, &distinct));
    (statements, distinct)
}
