//! `rapport occasions`: what customers of a venue celebrate on the next days.

use super::{
    Outcome,
    connect::ServiceChannel,
    failure::Failure,
    lines::{below, line, short},
    output,
    record::ServiceArgs,
};
use crate::proto::{
    ListUpcomingOccasionsRequest, ListUpcomingOccasionsResponse, OccasionKind, Purpose, UpcomingOccasion,
    customer_service_client::CustomerServiceClient,
};

#[derive(clap::Args)]
pub struct Args {
    /// A venue of the policy, where they were within the last 13 months
    #[arg(long, value_name = "ID")]
    venue: String,
    /// The first day, for example 2026-11-27 [default: the venue's business day]
    #[arg(long, value_name = "DATE", default_value = "", hide_default_value = true)]
    from: String,
    /// The last day, at most 61 days later [default: six days later]
    #[arg(long, value_name = "DATE", default_value = "", hide_default_value = true)]
    to: String,
    /// Entries per page, at most 200
    #[arg(long, value_name = "COUNT", default_value_t = 50)]
    page_size: i32,
    /// The next page, as the page before names it
    #[arg(long, value_name = "TOKEN", default_value = "", hide_default_value = true, allow_hyphen_values = true)]
    page_token: String,
    /// Print the answer as proto3-JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    target: ServiceArgs,
}

pub async fn run(args: Args) -> Result<Outcome, Failure> {
    let Args { venue, from, to, page_size, page_token, json, target } = args;
    let work = async move |channel: ServiceChannel| {
        let request = ListUpcomingOccasionsRequest {
            venue_id: venue,
            first_date: from,
            last_date: to,
            page_size,
            page_token,
            purpose: Purpose::Service.into(),
            revision_token: String::new(),
        };
        let answer = CustomerServiceClient::new(channel).list_upcoming_occasions(request).await?.into_inner();
        if json {
            return output::answer("ListUpcomingOccasionsResponse", &answer);
        }
        output::done(&shown(&answer))
    };
    target.call(work).await
}

/// The occasions, and how to see the rest.
fn shown(page: &ListUpcomingOccasionsResponse) -> String {
    let mut lines: String = page.occasions.iter().map(one).collect();
    if lines.is_empty() && page.next_page_token.is_empty() {
        lines.push_str("nothing is celebrated on these days\n");
    }
    if page.incomplete {
        lines.push_str("somebody may be missing: older records are still being indexed, or one cannot be read\n");
    }
    if !page.next_page_token.is_empty() {
        lines.push_str(&format!("there may be more: --page-token {}\n", page.next_page_token));
    }
    lines
}

fn one(upcoming: &UpcomingOccasion) -> String {
    let occasion = upcoming.occasion.clone().unwrap_or_default().reported.unwrap_or_default();
    let when = match upcoming.days {
        0 => "today".to_owned(),
        1 => "in 1 day".to_owned(),
        // The list began before midnight.
        -1 => "yesterday".to_owned(),
        days if days < 0 => format!("{} days ago", days.unsigned_abs()),
        days => format!("in {days} days"),
    };
    let number = match (upcoming.number, occasion.kind()) {
        (0, _) => String::new(),
        (number, OccasionKind::Birthday) => format!("turns {number}"),
        (1, _) => "1 year".to_owned(),
        (number, _) => format!("{number} years"),
    };
    let told = |is_so: bool, text: &'static str| if is_so { text } else { "" };
    let first = line(&[
        &upcoming.date,
        &when,
        short(occasion.kind().as_str_name(), "OCCASION_KIND_"),
        &occasion.label,
        &number,
        &if occasion.of_whom.is_empty() { String::new() } else { format!("of: {}", occasion.of_whom) },
        told(upcoming.moved, "the day is 29 February"),
        told(upcoming.venue_unknown, "venue not known"),
    ]);
    first + &below(&format!("customer: {}", upcoming.customer_id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::{Occasion, OccasionDraft};

    fn upcoming(kind: OccasionKind, days: i32, number: i32) -> UpcomingOccasion {
        let reported = OccasionDraft { kind: kind.into(), ..OccasionDraft::default() };
        let occasion = Occasion { reported: Some(reported), ..Occasion::default() };
        let (customer_id, date) = ("c1".to_owned(), "2026-11-28".to_owned());
        UpcomingOccasion { customer_id, occasion: Some(occasion), date, days, number, ..UpcomingOccasion::default() }
    }

    #[test]
    fn each_occasion_says_when_and_what_it_is() {
        let born = upcoming(OccasionKind::Birthday, 0, 40);
        let mut wed = upcoming(OccasionKind::Anniversary, 1, 1);
        wed.venue_unknown = true;
        let mut other = upcoming(OccasionKind::Other, 2, 0);
        other.moved = true;
        let draft = other.occasion.as_mut().and_then(|one| one.reported.as_mut()).expect("a draft");
        (draft.of_whom, draft.label) = ("sister\u{1b} Ada".to_owned(), "opening".to_owned());
        let page = ListUpcomingOccasionsResponse {
            occasions: vec![born, wed, other],
            next_page_token: "t".to_owned(),
            incomplete: true,
        };
        assert_eq!(
            shown(&page),
            "2026-11-28  today  BIRTHDAY  turns 40\n    customer: c1\n\
             2026-11-28  in 1 day  ANNIVERSARY  1 year  venue not known\n    customer: c1\n\
             2026-11-28  in 2 days  OTHER  opening  of: sister  Ada  the day is 29 February\n    customer: c1\n\
             somebody may be missing: older records are still being indexed, or one cannot be read\n\
             there may be more: --page-token t\n"
        );
        for (days, expected) in [(-1, "yesterday"), (-2, "2 days ago"), (i32::MIN, "2147483648 days ago")] {
            let told = one(&upcoming(OccasionKind::Birthday, days, 0));
            assert!(told.starts_with(&format!("2026-11-28  {expected}  BIRTHDAY\n")), "{told}");
        }
        let none = ListUpcomingOccasionsResponse::default();
        assert_eq!(shown(&none), "nothing is celebrated on these days\n");
        let more = ListUpcomingOccasionsResponse { next_page_token: "t".to_owned(), ..none };
        assert_eq!(shown(&more), "there may be more: --page-token t\n");
    }
}
