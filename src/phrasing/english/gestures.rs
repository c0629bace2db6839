//! English: what speaks for and against a gesture.

use super::{
    names::{capital, is_numbered, occasion_of, precaution_with},
    reasons::{NOT_MENTIONED, UNKNOWN_CONTENTS, contains, dated, evidence, not_understood},
    values::{counted, day, days_ahead, number, ordinal, spoken_small},
    written,
};
use crate::domain::{
    gesture::{Agreement, Finding, Limit, Near, Objection, Reasons, Suggested, Verdict},
    issue::Issue,
    money::Money,
    occasion::OccasionKind,
    policy::Venue,
    precaution::Precaution,
    preference::{Preference, Stance},
};

/// "Makes good: air conditioning, since 2 March 2026. 40th birthday tomorrow. Favourite: chinotto. Stated once, …"
pub(super) fn suggestion(suggested: &Suggested<'_>) -> String {
    let Suggested { reasons: Some(reasons), venue, .. } = suggested else {
        return String::new();
    };
    written(|text| {
        if let Some(issue) = reasons.makes_good {
            text.push_str("Makes good: ");
            spoken_small(&issue.reported.cause, text);
            dated(", since ", venue.date_of(issue.open_time), text);
        }
        if let Some(near) = &reasons.occasion {
            next_sentence(text);
            near_occasion(near, reasons.label, text);
        }
        if let Some(known) = reasons.taste {
            next_sentence(text);
            liking(known.get(), reasons.learnt_at, venue, text);
        }
        history(reasons, text);
    })
}

fn next_sentence(text: &mut String) {
    if !text.is_empty() {
        text.push(' ');
    }
}

/// "40th birthday of daughter Mia tomorrow."
fn near_occasion(near: &Near<'_>, label: &str, text: &mut String) {
    let reported = &near.occasion.reported;
    let start = text.len();
    if let Some(years) = near.next.number
        && reported.kind != OccasionKind::Other
        && !is_numbered(label)
    {
        ordinal(i64::from(years), text);
        text.push(' ');
    }
    occasion_of((reported.kind, reported.once), label, &reported.of_whom, text);
    capital(text, start);
    text.push(' ');
    days_ahead(near.days, text);
    text.push('.');
}

/// "Favourite: chinotto. Stated once, on 2 March 2026. Learnt at Lisbon, Alfama."
fn liking(known: &Preference, learnt_at: Option<&Venue>, venue: &Venue, text: &mut String) {
    let before = if known.stance == Stance::Favourite { "Favourite: " } else { "Likes: " };
    text.extend([before, &known.subject.item, ". "]);
    learnt(known, venue, text);
    if let Some(learnt_at) = learnt_at {
        text.extend([" Learnt at ", &learnt_at.display_name, "."]);
    }
}

/// "Stated once, on 2 March 2026."
fn learnt(known: &Preference, venue: &Venue, text: &mut String) {
    let counts = [&known.stated, &known.observed, &known.inferred, &known.refused].map(|tally| tally.count);
    evidence(counts, venue.date_of(known.last_time), text);
}

/// How often they were given it, and how they found it.
fn history(reasons: &Reasons<'_>, text: &mut String) {
    match (reasons.delighted, reasons.given) {
        (0, 0) if text.is_empty() => text.push_str("Nobody has given it to them yet."),
        (0, 0) => {}
        (0, given) => {
            next_sentence(text);
            text.push_str("Given ");
            counted(i64::from(given), "time", text);
            text.push_str(" before.");
        }
        (delighted, _) => {
            next_sentence(text);
            text.push_str("It delighted them ");
            counted(i64::from(delighted), "time", text);
            text.push('.');
        }
    }
}

pub(super) fn verdict(verdict: &Verdict<'_>, venue: &Venue) -> String {
    match verdict.finding {
        Finding::For(agreement) => agreed(agreement).to_owned(),
        Finding::Against(objection) => objected(objection, venue),
    }
}

fn agreed(agreement: Agreement) -> &'static str {
    match agreement {
        Agreement::NothingAgainst => "Nothing known of them speaks against it.",
        Agreement::CountedOn => "They count on it: it will not surprise them.",
        Agreement::OnTrial => "It is on trial here.",
        Agreement::MoreThanExpected => "More than they count on.",
        Agreement::MakesGood => "It makes good.",
        Agreement::NotLately => "Nothing is unresolved, and it was not given lately.",
        Agreement::VenueCan => "The venue can do it.",
        Agreement::WithinBudget => "The budget has room for it.",
        Agreement::WithinAuthority => "Within your authority.",
    }
}

fn objected(objection: Objection<'_>, venue: &Venue) -> String {
    let fixed = match objection {
        Objection::Contains(known, content) => {
            return written(|text| {
                precaution(known, text);
                contains(content, text);
            });
        }
        Objection::ContainsQuietly(content) => {
            return written(|text| {
                text.push_str(NOT_MENTIONED);
                contains(content, text);
            });
        }
        Objection::UnknownContents(known) => {
            return written(|text| {
                precaution(known, text);
                text.push_str(UNKNOWN_CONTENTS);
            });
        }
        Objection::NotUnderstood(known) if known.reported.is_never_mentioned() => return [NOT_MENTIONED, "."].concat(),
        Objection::NotUnderstood(known) => {
            return written(|text| {
                precaution(known, text);
                not_understood(text);
            });
        }
        Objection::Disliked(known) => {
            return written(|text| {
                text.extend(["They do not want ", &known.subject.item, ". "]);
                learnt(known, venue, text);
            });
        }
        Objection::NotAsked => "Nobody has asked them about allergies and diets: ask first, and record the answer.",
        Objection::TooYoung => "They are too young for it here.",
        Objection::FetchManager => "Fetch a manager first.",
        Objection::DoNotCelebrate => "A day that they do not celebrate.",
        Objection::LevelTooLow { needed: 3 } => "It is for those who are closest to the house.",
        Objection::LevelTooLow { .. } => "It is for regulars.",
        Objection::TrialElsewhere => "It is on trial at other venues.",
        Objection::Generic => "They take it for granted by now.",
        Objection::NothingToCelebrate => "Nothing to celebrate is near.",
        Objection::OpenIssue(issue) => return written(|text| unsolved(issue, venue, text)),
        Objection::CoolDown { until } => {
            return written(|text| dated("Given not long ago; again from ", venue.date_of(until), text));
        }
        Objection::UnderWay => "One is proposed, or given and not delivered yet.",
        Objection::VenueCannot(need) => return ["The venue cannot do it: ", need, "."].concat(),
        Objection::Closed => "The venue is closed then.",
        Objection::NoPrice => "The catalogue has no price in the venue's currency.",
        Objection::BudgetSpent { left } => {
            return written(|text| amount("Of this month's budget ", left, " is left.", text));
        }
        Objection::RoleUnknown => "The policy does not know your role: it may give nothing.",
        Objection::TypeNotAllowed => "Your role may not give this.",
        Objection::OverLimit { limit, left } => {
            return written(|text| amount("Your role may give ", left, within(limit), text));
        }
    };
    fixed.to_owned()
}

/// "Tree nut allergy, life-threatening".
fn precaution(known: &Precaution, text: &mut String) {
    let reported = &known.reported;
    if reported.is_never_mentioned() {
        return text.push_str(NOT_MENTIONED);
    }
    let (code, words) = (&reported.code, reported.telling_words());
    precaution_with(reported.told_as(), code, &words, &reported.told_whom(), reported.criticality, text);
}

fn unsolved(issue: &Issue, venue: &Venue, text: &mut String) {
    text.push_str("An issue is open since ");
    day(venue.date_of(issue.open_time), text);
    text.push_str(": ");
    spoken_small(&issue.reported.cause, text);
    text.push_str(". Solve it first.");
}

fn within(limit: Limit) -> &'static str {
    match limit {
        Limit::PerGesture => " for one gesture.",
        Limit::PerGuest => " for this guest within 30 days.",
        Limit::PerIncident => " for this issue.",
        Limit::PerDay => " for today.",
    }
}

/// "CHF 1250 minor units": how many decimals a currency has is not known here.
fn amount(before: &str, money: Money, after: &str, text: &mut String) {
    text.extend([before, money.currency.as_str(), " "]);
    number(money.minor_units, text);
    text.extend([" minor units", after]);
}

#[cfg(test)]
#[path = "gestures_tests.rs"]
mod tests;
