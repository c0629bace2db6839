//! Phrases that the briefing and the gestures share.

use std::borrow::Cow;

use super::Moment;
use crate::domain::{
    insight::near::Near,
    kernel::{stems, words},
    parts::{
        occasion::{OccasionDraft, OccasionKind},
        precaution::{Criticality, Precaution, PrecautionKind},
        preference::Preference,
    },
};

/// What it is, without its words: "Tree nut allergy, life-threatening".
pub(in crate::domain) fn precaution(known: &Precaution) -> String {
    let reported = &known.reported;
    let spoken = words::spoken(&reported.code);
    let (singular, small) = (stems::singular(&spoken), || spoken.to_lowercase());
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
    capital(reason)
}

impl Near<'_> {
    /// "40th birthday of daughter Mia".
    pub(in crate::domain) fn name(&self) -> String {
        match self.next.number {
            Some(number) if self.occasion.reported.kind != OccasionKind::Other => {
                [&words::ordinal(number), " ", &occasion(&self.occasion.reported)].concat()
            }
            _ => occasion(&self.occasion.reported),
        }
    }
}

/// "birthday of daughter Mia", "wedding anniversary".
pub(in crate::domain) fn occasion(reported: &OccasionDraft) -> String {
    let label = reported.label.as_str();
    let what: Cow<'_, str> = match reported.kind {
        OccasionKind::Anniversary if label.is_empty() => "anniversary".into(),
        OccasionKind::Anniversary if !label.contains("anniversary") => format!("{label} anniversary").into(),
        _ if !label.is_empty() => label.into(),
        OccasionKind::Birthday => "birthday".into(),
        OccasionKind::Other | OccasionKind::Anniversary => "occasion".into(),
    };
    if reported.of_whom.is_empty() { what.into_owned() } else { format!("{what} of {}", reported.of_whom) }
}

/// With a capital at the beginning.
pub(in crate::domain) fn capital(mut text: String) -> String {
    let Some(first) = text.chars().next() else { return text };
    if first.is_ascii() {
        text[..1].make_ascii_uppercase();
        return text;
    }
    first.to_uppercase().chain(text.chars().skip(1)).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_sentence_begins_with_a_capital() {
        for (text, written) in [("wedding", "Wedding"), ("élan", "Élan"), ("ßa", "SSa"), ("40th", "40th"), ("", "")]
        {
            assert_eq!(super::capital(text.to_owned()), written);
        }
    }
}
