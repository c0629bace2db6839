//! `rapport brief`: the briefing for one customer, as a card or as proto3-JSON.

pub mod boxed;
pub mod card;

use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use jiff::tz::TimeZone;
use prost_types::Timestamp;

use super::{
    Outcome, args,
    caller::Caller,
    connect::{ServiceChannel, TargetArgs},
    failure::Failure,
    output,
};
use crate::proto::{
    BriefingSection, BriefingSubject, GetBriefingRequest, GetPolicyRequest, Identity, Purpose, Venue,
    briefing_service_client::BriefingServiceClient, briefing_subject::Subject,
    policy_service_client::PolicyServiceClient,
};

#[derive(clap::Args)]
pub struct Args {
    /// By what the customer is known: TYPE:VALUE or TYPE@ISSUER:VALUE, for example phone:+41446681800
    #[arg(long, value_name = "TYPE:VALUE", value_parser = args::identity, required_unless_present = "customer",
        conflicts_with = "customer")]
    identity: Option<Identity>,
    /// The customer's id
    #[arg(long, value_name = "ID")]
    customer: Option<String>,
    /// Where the customer is: a venue of the policy
    #[arg(long, value_name = "ID")]
    venue: String,
    /// The time it is for, RFC 3339 [default: now]
    #[arg(long, value_name = "TIME", value_parser = args::parse_time)]
    at: Option<Timestamp>,
    /// An item chosen already; may be repeated
    #[arg(long = "item", value_name = "ITEM")]
    items: Vec<String>,
    /// Only this section, besides headline and respect; may be repeated
    #[arg(long = "section", value_name = "SECTION", value_parser = args::one_of("BRIEFING_SECTION",
        &["acknowledge", "communicate", "anticipate", "delight"],
        |name| BriefingSection::from_str_name(name).map(i32::from)))]
    sections: Vec<i32>,
    /// Why it is read
    #[arg(long, default_value = "service", value_parser = purpose())]
    purpose: i32,
    /// Print the answer as proto3-JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    target: TargetArgs,
}

fn purpose() -> impl clap::builder::TypedValueParser<Value = i32> {
    PossibleValuesParser::new(["service", "marketing", "analytics"]).map(|word| {
        i32::from(match word.as_str() {
            "marketing" => Purpose::Marketing,
            "analytics" => Purpose::Analytics,
            _ => Purpose::Service,
        })
    })
}

pub async fn run(args: Args) -> Result<Outcome, Failure> {
    let connection = args.target.connect(Caller::of_shell()).await?;
    let result = brief(connection.channel(), args).await;
    connection.close().await;
    result
}

async fn brief(channel: ServiceChannel, args: Args) -> Result<Outcome, Failure> {
    let subject = match (args.customer, args.identity) {
        (Some(id), _) => Some(Subject::CustomerId(id)),
        (None, identity) => identity.map(Subject::Identity),
    };
    let request = GetBriefingRequest {
        subject: Some(BriefingSubject { subject }),
        venue_id: args.venue.clone(),
        at: args.at,
        basket_items: args.items,
        purpose: args.purpose,
        sections: args.sections,
        ..GetBriefingRequest::default()
    };
    let answer = BriefingServiceClient::new(channel.clone()).get_briefing(request).await?.into_inner();
    if args.json {
        return output::answer("GetBriefingResponse", &answer);
    }
    let mut briefing = answer.briefing.unwrap_or_default();
    if args.at.is_some() {
        // It says how long a till may keep the answer, which is no use to somebody who asks about another time.
        briefing.valid_until_time = None;
    }
    let venue = venue(channel, &args.venue).await.unwrap_or_default();
    let look = card::Look {
        width: output::width(),
        zone: TimeZone::get(&venue.time_zone).unwrap_or(TimeZone::UTC),
        place: if venue.display_name.is_empty() { args.venue } else { venue.display_name },
    };
    output::done(&card::render(&briefing, &look))
}

/// The venue's name and clock. A card without them is still a card, so errors are nothing to stop at.
async fn venue(channel: ServiceChannel, id: &str) -> Option<Venue> {
    let answer = PolicyServiceClient::new(channel).get_policy(GetPolicyRequest { version: 0 }).await.ok()?;
    answer.into_inner().policy?.venues.into_iter().find(|venue| venue.venue_id == id)
}
