//! Statements about occasions: their parameters and basis.

use super::{
    codes,
    statement::{Basis, Form, Statement, Tact, Value},
};
use crate::domain::{
    insight::near::Near,
    moment::Moment,
    parts::occasion::{Occasion, OccasionKind},
};

impl<'a> Near<'a> {
    pub(super) fn parameters(&self, moment: &Moment<'a>) -> Vec<(&'static str, Value)> {
        let mut parameters = parameters(self.occasion, moment.label_of(self.occasion), moment);
        parameters.push(("date", Value::Text(self.next.date.to_string())));
        parameters.push(("days", Value::Number(self.days)));
        if let Some(number) = self.next.number {
            parameters.push(("number", Value::Number(i64::from(number))));
        }
        parameters
    }

    pub(super) fn basis(&self, moment: &Moment<'_>) -> Basis {
        let Occasion { record_time, recorded_by, .. } = self.occasion;
        let is_told = moment.question.purpose.is_told_others();
        let by = if is_told { recorded_by.to_string() } else { String::new() };
        let on = moment.date_of(*record_time);
        Basis::Occasion { on, by, next: self.next.date, moved: self.next.moved }
    }

    pub(super) fn acknowledged(&self, moment: &Moment<'a>) -> Statement {
        Statement {
            code: if self.days == 0 { codes::OCCASION_TODAY } else { codes::OCCASION_SOON },
            parameters: self.parameters(moment),
            basis: self.basis(moment),
            form: Form::Section,
            tact: Tact::Say,
        }
    }
}

/// Those of an occasion: its own, and when it is.
const PARAMETERS_MAX: usize = 8;

pub(super) fn recorded(moment: &Moment<'_>, occasion: &Occasion) -> Basis {
    Basis::Recorded { on: moment.date_of(occasion.record_time), by: occasion.recorded_by.to_string() }
}

/// `label`: the words for the day, as far as they may be said.
pub(super) fn parameters(occasion: &Occasion, label: &str, moment: &Moment<'_>) -> Vec<(&'static str, Value)> {
    let reported = &occasion.reported;
    let kind = match reported.kind {
        OccasionKind::Birthday => "BIRTHDAY",
        OccasionKind::Anniversary => "ANNIVERSARY",
        OccasionKind::Other => "OTHER",
    };
    let mut parameters = Vec::with_capacity(PARAMETERS_MAX);
    if moment.question.purpose.is_told_numbers() {
        parameters.push(("occasion_id", Value::Text(occasion.id.with_letter('o'))));
    }
    parameters.push(("kind", Value::Text(kind.to_owned())));
    if !reported.of_whom.is_empty() {
        parameters.push(("of_whom", Value::Text(reported.of_whom.clone())));
    }
    if reported.once {
        parameters.push(("once", Value::Number(1)));
    }
    if !label.is_empty() {
        parameters.push(("label", Value::Text(label.to_owned())));
    }
    parameters
}
