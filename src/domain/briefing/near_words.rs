//! Occasions that are near, in words.

use super::{
    codes,
    statement::{Statement, Tact, Value},
};
use crate::domain::{
    insight::near::Near,
    kernel::words,
    moment::{Moment, phrases},
    parts::occasion::{Occasion, OccasionKind},
};

impl Near<'_> {
    pub(super) fn parameters(&self) -> Vec<(&'static str, Value)> {
        let mut parameters = parameters(self.occasion);
        parameters.push(("date", Value::Text(self.next.date.to_string())));
        parameters.push(("days", Value::Number(self.days)));
        if let Some(number) = self.next.number {
            parameters.push(("number", Value::Number(i64::from(number))));
        }
        parameters
    }

    pub(super) fn reason(&self, moment: &Moment<'_>) -> String {
        let mut reason = recorded(moment, self.occasion);
        if self.next.moved {
            reason.push_str(" 29 February is kept on 28 February in common years.");
        }
        reason
    }

    pub(super) fn acknowledged(&self, moment: &Moment<'_>) -> Statement {
        Statement {
            code: if self.days == 0 { codes::OCCASION_TODAY } else { codes::OCCASION_SOON },
            parameters: self.parameters(),
            text: match self.days {
                0 | 1 => [&phrases::capital(self.name()), " ", &words::in_days(self.days), "."].concat(),
                _ => {
                    let (name, date) = (phrases::capital(self.name()), words::day(self.next.date));
                    [&name, " ", &words::in_days(self.days), ", on ", &date, "."].concat()
                }
            },
            reason: self.reason(moment),
            tact: Tact::Say,
        }
    }
}

pub(super) fn recorded(moment: &Moment<'_>, occasion: &Occasion) -> String {
    ["Recorded on ", &moment.day_of(occasion.record_time), " by ", &occasion.recorded_by, "."].concat()
}

pub(super) fn parameters(occasion: &Occasion) -> Vec<(&'static str, Value)> {
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
