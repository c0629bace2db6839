//! Which occasions are near, for acknowledging and delighting.

use std::borrow::Cow;

use jiff::civil::Date;

use super::{Moment, Statement, Tact, Value, codes, words};
use crate::domain::{
    Profile,
    occasion::{Celebration, Occasion, OccasionDraft, OccasionKind},
};

/// Days ahead in which an occasion is worth a word.
pub(in crate::domain) const DAYS_AHEAD: i64 = 7;

/// An occasion that is kept today or soon.
pub(in crate::domain) struct Near<'a> {
    pub occasion: &'a Occasion,
    pub next: Celebration,
    pub days: i64,
}

/// Occasions to celebrate within [`DAYS_AHEAD`], the nearest first.
pub(in crate::domain) fn near(profile: &Profile, today: Date) -> Vec<Near<'_>> {
    let celebrated = profile.occasions.iter().filter(|occasion| !occasion.reported.do_not_celebrate);
    let mut near: Vec<Near<'_>> = celebrated
        .filter_map(|occasion| {
            let next = occasion.reported.date.next_on_or_after(today)?;
            let days = words::days_between(today, next.date);
            (days <= DAYS_AHEAD).then_some(Near { occasion, next, days })
        })
        .collect();
    near.sort_by_key(|near| (near.days, near.occasion.id));
    near
}

impl Near<'_> {
    /// "40th birthday of daughter Mia".
    pub(in crate::domain) fn name(&self) -> String {
        match self.next.number {
            Some(number) if self.occasion.reported.kind != OccasionKind::Other => {
                [&words::ordinal(number), " ", &name_of(&self.occasion.reported)].concat()
            }
            _ => name_of(&self.occasion.reported),
        }
    }

    pub(in crate::domain) fn parameters(&self) -> Vec<(&'static str, Value)> {
        let mut parameters = parameters(self.occasion);
        parameters.push(("date", Value::Text(self.next.date.to_string())));
        parameters.push(("days", Value::Number(self.days)));
        if let Some(number) = self.next.number {
            parameters.push(("number", Value::Number(i64::from(number))));
        }
        parameters
    }

    pub(in crate::domain) fn reason(&self, moment: &Moment<'_>) -> String {
        let mut reason = recorded(moment, self.occasion);
        if self.next.moved {
            reason.push_str(" 29 February is kept on 28 February in common years.");
        }
        reason
    }

    pub(in crate::domain) fn acknowledged(&self, moment: &Moment<'_>) -> Statement {
        Statement {
            code: if self.days == 0 { codes::OCCASION_TODAY } else { codes::OCCASION_SOON },
            parameters: self.parameters(),
            text: match self.days {
                0 | 1 => [&capital(self.name()), " ", &words::in_days(self.days), "."].concat(),
                _ => {
                    let (name, date) = (capital(self.name()), words::day(self.next.date));
                    [&name, " ", &words::in_days(self.days), ", on ", &date, "."].concat()
                }
            },
            reason: self.reason(moment),
            tact: Tact::Say,
        }
    }
}

pub(in crate::domain) fn recorded(moment: &Moment<'_>, occasion: &Occasion) -> String {
    ["Recorded on ", &moment.day_of(occasion.record_time), " by ", &occasion.recorded_by, "."].concat()
}

pub(in crate::domain) fn parameters(occasion: &Occasion) -> Vec<(&'static str, Value)> {
    let reported = &occasion.reported;
    let kind = match reported.kind {
        OccasionKind::Birthday => "BIRTHDAY",
        OccasionKind::Anniversary => "ANNIVERSARY",
        OccasionKind::Other => "OTHER",
    };
    let mut parameters =
        vec![("occasion_id", Value::Text(words::part('o', occasion.id))), ("kind", Value::Text(kind.to_owned()))];
    if !reported.of_whom.is_empty() {
        parameters.push(("of_whom", Value::Text(reported.of_whom.clone())));
    }
    if !reported.label.is_empty() {
        parameters.push(("label", Value::Text(reported.label.clone())));
    }
    parameters
}

/// "birthday of daughter Mia", "wedding anniversary".
pub(in crate::domain) fn name_of(reported: &OccasionDraft) -> String {
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
