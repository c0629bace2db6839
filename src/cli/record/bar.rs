//! `rapport record bar`.

use super::{ServiceArgs, WhoArgs, confirm};
use crate::{
    cli::{Outcome, args, failure::Failure},
    proto::{Bar, MarkCustomerRequest, customer_service_client::CustomerServiceClient, mark_customer_request::Mark},
};

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    who: WhoArgs,
    /// Why, as a code of the policy, for example UNPAID
    #[arg(long, required_unless_present = "lift", requires = "until")]
    code: Option<String>,
    /// Words for the roles that see bars
    #[arg(long, default_value = "", hide_default_value = true)]
    text: String,
    /// Until when, at most a year ahead, for example 2026-05-17T12:00:00Z
    #[arg(long, value_parser = args::parse_time)]
    until: Option<prost_types::Timestamp>,
    /// The bar is over; say why
    #[arg(long, value_name = "REASON", conflicts_with_all = ["code", "text", "until"])]
    lift: Option<String>,
    #[command(flatten)]
    target: ServiceArgs,
}

pub async fn run(args: Args) -> Result<Outcome, Failure> {
    args.target
        .call(async move |channel| {
            let customer_id = args.who.find(channel.clone(), None).await?;
            let bar = Bar {
                code: args.code.unwrap_or_default(),
                text: args.text,
                until_time: args.until,
                barred_by: String::new(),
                bar_time: None,
            };
            let (what, mark, reason) = match args.lift {
                Some(reason) => ("that the bar is over", Mark::LiftBar(true), reason),
                None => ("the bar", Mark::Bar(bar), String::new()),
            };
            let request = MarkCustomerRequest {
                customer_id,
                request_id: args::request_id(),
                etag: String::new(),
                reason,
                of_whom: String::new(),
                mark: Some(mark),
            };
            let answer = CustomerServiceClient::new(channel).mark_customer(request).await?.into_inner();
            confirm(what, answer.receipt)
        })
        .await
}
