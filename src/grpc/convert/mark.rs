//! Marks of a person: deceased, barred.

use super::{
    Parsed, SHORT_CHARS_MAX,
    mirror::{IntoWire, parse, send},
    reason,
    rules::words,
    time,
};
use crate::{
    domain::{
        Change, Stamp, Violation,
        mark::{Bar, Barred, Deceased},
    },
    proto::{self, mark_customer_request::Mark},
    service::Caller,
};

/// A bar is looked at again after a year at the latest.
const BAR_SECONDS_MAX: i64 = 366 * 86_400;
/// What the roles that see bars read at a glance.
const BAR_CHARS_MAX: usize = 140;

/// What MarkCustomer changes.
pub fn change(caller: &Caller, mark: Option<Mark>, of_whom: String, because: String) -> Parsed<Change> {
    let of_whom = words(0..=SHORT_CHARS_MAX)("of_whom", of_whom)?;
    match mark.ok_or_else(|| Violation::new("deceased", "must be given, or a bar, or lift_bar"))? {
        Mark::Deceased(deceased) => Ok(Change::DeceasedMarked { deceased, of_whom, reason: reason(&because)? }),
        Mark::Bar(_) | Mark::LiftBar(_) if !of_whom.is_empty() => {
            Err(Violation::new("of_whom", "must be empty: only the customer is barred"))
        }
        Mark::Bar(_) if !because.is_empty() => {
            Err(Violation::new("reason", "must be empty: the text of the bar says why"))
        }
        Mark::Bar(raw) => bar(caller, "bar", raw).map(Change::BarSet),
        Mark::LiftBar(true) => Ok(Change::BarLifted { reason: reason(&because)? }),
        Mark::LiftBar(false) => Err(Violation::new("lift_bar", "must be true")),
    }
}

fn bar(caller: &Caller, field: &str, raw: proto::Bar) -> Parsed<Bar> {
    parse!(field, raw: proto::Bar => Bar {
        code: |field, raw: String| {
            let known = caller.in_force.policy.rules.bar_codes();
            let wrong = || Violation::new(field, format!("must be one of the policy's: {}", known.join(", ")));
            if known.contains(&raw.as_str()) { Ok(raw) } else { Err(wrong()) }
        },
        text: words(0..=BAR_CHARS_MAX),
        until = until_time: |field, raw| {
            let latest = caller.now.as_second() + BAR_SECONDS_MAX;
            let until = time(field, raw)?.filter(|until| *until > caller.now && until.as_second() <= latest);
            until.ok_or_else(|| Violation::new(field, "must be in the future, and at most a year ahead"))
        },
        _ = barred_by,
        _ = bar_time,
    })
}

send!(Deceased => proto::Deceased {
    of_whom,
    reported_by,
    report_time,
    (confirmed) = (confirmed_by, confirm_time): confirmed_out,
});

fn confirmed_out(confirmed: Option<Stamp>) -> (String, Option<prost_types::Timestamp>) {
    confirmed.map(|stamp| (stamp.by.into_wire(), stamp.at.into_wire())).unwrap_or_default()
}

/// Why, and by whom, is for some roles only.
pub fn bar_out(barred: Barred, sees_why: bool) -> proto::Bar {
    let Barred { bar: Bar { code, text, until }, by, time } = barred;
    let told = |text: String| if sees_why { text } else { String::new() };
    proto::Bar {
        code: told(code),
        text: told(text),
        until_time: until.into_wire(),
        barred_by: told(by.into()),
        bar_time: time.into_wire(),
    }
}
