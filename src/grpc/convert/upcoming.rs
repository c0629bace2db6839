//! Upcoming occasions.

use jiff::civil::Date;

use super::{Parsed, mirror::IntoWire, page_size, purpose_or_service, recovery, values::from_text_maybe};
use crate::{
    domain::{Violation, consent::Purpose, label_for_others, occasion::Celebration, time::days_between},
    proto::{self, ListUpcomingOccasionsRequest},
    service::{
        Caller,
        upcoming::{Asked, Tokens, Upcoming},
    },
};

/// What is asked for, and the tokens.
pub fn asked(caller: &Caller, message: ListUpcomingOccasionsRequest) -> Parsed<(Asked<'_>, Tokens)> {
    let ListUpcomingOccasionsRequest {
        venue_id,
        first_date,
        last_date,
        page_size: size,
        page_token,
        purpose,
        revision_token,
    } = message;
    let asked = Asked {
        purpose: purpose_or_service("purpose", purpose, "ListUpcomingOccasions")?,
        venue: recovery::venue(caller, "venue_id", &venue_id)?,
        first: from_text_maybe(date)("first_date", first_date)?,
        last: from_text_maybe(date)("last_date", last_date)?,
        page_size: page_size(size)?,
    };
    Ok((asked, Tokens { page: page_token, revision: revision_token }))
}

fn date(field: &str, raw: &str) -> Parsed<Date> {
    let parsed = raw.parse().ok().filter(|date: &Date| date.to_string() == raw);
    parsed.ok_or_else(|| Violation::new(field, "must be a calendar date like \"2027-01-31\", or empty"))
}

pub fn upcoming_out(upcoming: Upcoming, today: Date, purpose: Purpose) -> proto::UpcomingOccasion {
    let Upcoming { customer, occasion, next: Celebration { date, number, moved }, is_of_venue } = upcoming;
    let mut occasion: proto::Occasion = occasion.into_wire();
    if !purpose.is_told_others() {
        occasion.recorded_by.clear();
    }
    if let (false, Some(reported)) = (purpose.reads_notes(), &mut occasion.reported) {
        reported.label = label_for_others(&reported.label).to_owned();
    }
    if !purpose.is_told_numbers() {
        occasion.occasion_id.clear();
    }
    proto::UpcomingOccasion {
        customer_id: customer.to_string(),
        occasion: Some(occasion),
        date: date.to_string(),
        days: i32::try_from(days_between(today, date)).unwrap_or(i32::MAX),
        number: number.map_or(0, i32::from),
        moved,
        venue_unknown: !is_of_venue,
    }
}
