//! English: why a statement is made.

use std::borrow::Cow;

use jiff::civil::Date;

use super::{
    NOT_UNDERSTOOD, basket,
    names::{capital, occasion_of, precaution_with},
    values::{cell, clock, counted, day, number, spoken, spoken_small},
    written,
};
use crate::{
    domain::briefing::{Basis, Because, Conflict, Danger, Promise, Promised, Statement, WhyStopped},
    phrasing::{number as given_number, text as given},
};

pub(super) fn reason(statement: &Statement) -> Cow<'static, str> {
    let fixed = match &statement.basis {
        Basis::Lines(_) if given_number(statement, "too_young") != 0 => TOO_YOUNG,
        Basis::InLine(found) if found.is_empty() => TOO_YOUNG,
        Basis::Lines(_) => "Their precautions speak against it.",
        Basis::NobodyDeclared(_) => "What it contains is not declared, or no longer.",
        Basis::Open(..) => "What is declared does not say enough, or nobody has declared it.",
        Basis::SaidNow => "Said now.",
        Basis::LifeThreatening { .. } => "The most critical precautions.",
        Basis::MostCritical { .. } => "The most critical precaution.",
        Basis::NobodyAsked => "Nobody has asked this customer yet.",
        Basis::RecordsUnreadable => "Records cannot be read: whoever is here may be known.",
        Basis::NobodyKnown => "Nobody is known here by this identity.",
        Basis::OneNeverAsked => "At least one of the customers who share this identity was never asked.",
        Basis::OthersNeverAsked => "It was noted; nobody has asked this customer what else there is.",
        Basis::SeveralPeople => "Several people share this: whoever is here today may not be the one who was asked.",
        Basis::SomebodyElse => "Whoever is here today is not the one who was asked.",
        Basis::AnswerOutdated => "What was on record with the last answer no longer holds: nobody has asked since.",
        Basis::NameOnRecord => "The name on record.",
        Basis::NameWished => "How the customer wants to be addressed.",
        Basis::NotedWithName => "Noted with the name.",
        Basis::LanguageOnRecord => "The preferred language on record.",
        Basis::Household => "Recorded as a household.",
        Basis::NoVisit => "No visit was recorded.",
        Basis::Visits { .. } => "Counted from what tills and desks reported.",
        Basis::Interval(None) => "Came once before.",
        Basis::SharedIdentity => "The identity belongs to several customers.",
        Basis::NoName => "No name is on record.",
        Basis::NoDecision => "No decision is on record.",
        Basis::Unverified { .. } => "Nobody has verified it yet.",
        // With dates, names or counts in them.
        Basis::InLine(found) | Basis::Asks { found, .. } => return written(|text| basket::because(found, text)).into(),
        Basis::Recorded { on, by } => return written(|text| recorded(*on, by, text)).into(),
        Basis::Barred { until } => return written(|text| dated("A bar is on record until ", *until, text)).into(),
        Basis::Occasion { on, by, moved, .. } => return written(|text| occasion(*on, by, *moved, text)).into(),
        Basis::Precaution { on, by, review } => {
            return written(|text| precaution(statement, (*on, by), review.as_ref(), text)).into();
        }
        Basis::OfOneOf(customers) => return written(|text| of_one_of(*customers, text)).into(),
        Basis::Asked(on) => return written(|text| dated("Asked on ", *on, text)).into(),
        Basis::LastAnswer(on) => return written(|text| dated("The last answer is from ", *on, text)).into(),
        Basis::Evidence { stated, observed, inferred, refused, latest } => {
            return written(|text| evidence([*stated, *observed, *inferred, *refused], *latest, text)).into();
        }
        Basis::Interval(Some(usual)) => return format!("Usually comes every {:.0} days.", usual.max(1.0)).into(),
        Basis::Opened { on, by } => return written(|text| opened(statement, *on, by, text)).into(),
        Basis::Promised(promise) => return written(|text| promised(promise, text)).into(),
        Basis::Bought { cell, last, due, .. } => {
            return written(|text| bought(statement, *cell, *last, *due, text)).into();
        }
        Basis::Others { beside_basket } => return written(|text| others(statement, *beside_basket, text)).into(),
        Basis::Given { last, .. } => return written(|text| given_lately(statement, *last, text)).into(),
        Basis::Suggested { because, .. } => return written(|text| suggested(because, text)).into(),
    };
    Cow::Borrowed(fixed)
}

fn occasion(on: Date, by: &str, moved: bool, text: &mut String) {
    recorded(on, by, text);
    if moved {
        text.push_str(" 29 February is kept on 28 February in common years.");
    }
}

/// "Recorded on 2 March 2026 by mara@till-4, confirmed on 3 March 2026 by jo@desk."
fn precaution(statement: &Statement, (on, by): (Date, &str), review: Option<&(Date, String)>, text: &mut String) {
    recorded(on, by, text);
    text.truncate(text.len() - 1);
    text.extend([", ", status(statement)]);
    if let Some((reviewed, by)) = review {
        text.push_str(" on ");
        day(*reviewed, text);
        text.extend([" by ", by]);
    }
    text.push('.');
}

fn of_one_of(customers: usize, text: &mut String) {
    text.push_str("One of the ");
    number(customers as i64, text);
    text.push_str(" customers who share this identity.");
}

fn opened(statement: &Statement, on: Date, by: &str, text: &mut String) {
    dated("Opened on ", on, text);
    text.truncate(text.len() - 1);
    text.extend([" by ", by, ". "]);
    let owner = given(statement, "owner");
    text.extend(if owner.is_empty() { ["Nobody has taken it on.", ""] } else { [owner, " is on it."] });
}

fn others(statement: &Statement, beside_basket: bool, text: &mut String) {
    let what = if beside_basket { "Bought beside what is chosen" } else { "Among what is bought most here" };
    text.extend([what, ", by at least "]);
    number(given_number(statement, "customers_min"), text);
    text.push_str(" customers.");
}

fn given_lately(statement: &Statement, last: Date, text: &mut String) {
    text.push_str("Given ");
    counted(given_number(statement, "times"), "time", text);
    text.push_str(" lately, the last on ");
    day(last, text);
    text.push_str(", and not yet today.");
}

pub(super) fn dated(before: &str, on: Date, text: &mut String) {
    text.push_str(before);
    day(on, text);
    text.push('.');
}

/// "Recorded on 2 March 2026 by mara@till-4."
fn recorded(on: Date, by: &str, text: &mut String) {
    text.push_str("Recorded on ");
    day(on, text);
    // Not everybody is told who it was.
    if !by.is_empty() {
        text.extend([" by ", by]);
    }
    text.push('.');
}

fn status(statement: &Statement) -> &'static str {
    match given(statement, "status") {
        "UNCONFIRMED" => "not confirmed yet",
        "CONFIRMED" => "confirmed",
        "REFUTED" => "refuted",
        "RESOLVED" => "resolved",
        _ => "entered in error",
    }
}

/// "Stated once, observed 3 times, the latest on 2 March 2026."
pub(super) fn evidence(counts: [u32; 4], latest: Date, text: &mut String) {
    let start = text.len();
    for (verb, count) in ["stated", "observed", "inferred", "refused"].into_iter().zip(counts) {
        if count == 0 {
            continue;
        }
        if text.len() > start {
            text.push_str(", ");
        }
        text.push_str(verb);
        match count {
            1 => text.push_str(" once"),
            2 => text.push_str(" twice"),
            _ => {
                text.push(' ');
                number(i64::from(count), text);
                text.push_str(" times");
            }
        }
    }
    let is_one = counts.iter().map(|count| u64::from(*count)).sum::<u64>() == 1;
    dated(if is_one { ", on " } else { ", the latest on " }, latest, text);
    capital(text, start);
}

const TOO_YOUNG: &str = "They are too young for it here.";

fn promised(promise: &Promise, text: &mut String) {
    if let Promised::Stop(_, conflict) | Promised::NotServed(_, conflict) = &promise.what {
        match conflict {
            WhyStopped::Precaution(conflict) => against(conflict, text),
            WhyStopped::TooYoung("") => text.push_str(TOO_YOUNG),
            // What denies or exchanges it may not bring it.
            WhyStopped::TooYoung(substance) => {
                let is_quoted = matches!(promise.what, Promised::NotServed(..));
                text.push_str(if is_quoted { "It names " } else { "It contains " });
                spoken_small(substance, text);
                text.push_str(", and they are too young for it here.");
            }
            WhyStopped::FetchManager => text.push_str("A manager decides first."),
            WhyStopped::NotCelebrated => text.push_str("There is nothing to celebrate any more, or it is kept quiet."),
        }
        text.push(' ');
    }
    text.extend(["Promised by ", promise.by.as_str(), " for "]);
    day(promise.due.date(), text);
    text.push_str(" at ");
    clock(promise.due, text);
    text.push('.');
}

/// "Tree nut allergy, life-threatening; it contains almond."
fn against(conflict: &Conflict, text: &mut String) {
    if conflict.is_never_mentioned {
        text.push_str(NOT_MENTIONED);
    } else {
        let Conflict { kind, code, words, of_whom, criticality, .. } = conflict;
        precaution_with(*kind, code, words, of_whom, *criticality, text);
    }
    match &conflict.how {
        Danger::Contains(content) => contains(content, text),
        Danger::Ordered(content) => {
            text.push_str("; it conflicts: it may order ");
            spoken_small(content, text);
            text.push('.');
        }
        Danger::Named(content) => {
            text.push_str("; it names ");
            spoken_small(content, text);
            text.push('.');
        }
        Danger::UnknownContents => text.push_str(UNKNOWN_CONTENTS),
        Danger::NotUnderstood if conflict.is_never_mentioned => text.push('.'),
        Danger::NotUnderstood => not_understood(text),
    }
}

/// Instead of a precaution that staff act on without a word.
pub(super) const NOT_MENTIONED: &str = "A precaution that is not mentioned";
/// What follows a precaution: how it is against what is to be served.
pub(super) const UNKNOWN_CONTENTS: &str = "; what it contains is not known.";

pub(super) fn contains(content: &str, text: &mut String) {
    text.push_str("; it contains ");
    spoken_small(content, text);
    text.push('.');
}

pub(super) fn not_understood(text: &mut String) {
    text.extend(["; t", NOT_UNDERSTOOD]);
}

/// "Bought in 10 of 20 visits, 10 of them on Friday evenings, last on 8 December 2017."
fn bought(statement: &Statement, at: u8, last: Date, due: bool, text: &mut String) {
    let given = |name| given_number(statement, name);
    text.push_str("Bought in ");
    // Evicted once, perhaps, and counted afresh: then no number of ours is the whole.
    if given("at_least") != 0 {
        text.push_str("at least ");
    }
    number(given("count"), text);
    text.push_str(" of ");
    counted(given("visits"), "visit", text);
    let here = given("count_at_such_times");
    if here > 0 {
        text.push_str(", ");
        number(here, text);
        // The time of day is known of the newest purchases only.
        text.push_str(if given("count_at_such_times_at_least") != 0 { " or more of them on " } else { " of them on " });
        cell(at, text);
    }
    text.push_str(", last on ");
    day(last, text);
    text.push_str(if due { "; due again." } else { "." });
}

fn suggested(because: &Because, text: &mut String) {
    match because {
        Because::MakesGood(cause) => {
            text.push_str("Makes good ");
            spoken(cause, text);
        }
        Because::Occasion { kind, label, of_whom } => {
            text.push_str("For the ");
            occasion_of((*kind, false), label, of_whom, text);
        }
        Because::Taste(item) => text.extend(["They like ", item.get()]),
        Because::Fresh => text.push_str("Nothing that they count on yet"),
    }
    text.push_str(". Budget and authority are still to be asked for.");
}
