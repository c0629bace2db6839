//! `rapport review`: the service review of a month, with small charts or as proto3-JSON.

mod charts;

use super::{
    Outcome,
    caller::CallerArgs,
    connect::{ServiceChannel, TargetArgs},
    failure::Failure,
    output,
};
use crate::proto::{GetServiceReviewRequest, report_service_client::ReportServiceClient};

#[derive(clap::Args)]
#[command(after_help = "\
Only for roles that see what customers are worth (sees_value in the policy): give yours with --role. What each number means, \
and what it cannot tell, stands in docs/review.md.")]
pub struct Args {
    /// The month, YYYY-MM [default: the current one]
    #[arg(long, value_name = "MONTH", default_value = "", hide_default_value = true)]
    month: String,
    /// Only this venue of the policy
    #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
    venue: String,
    /// Print the answer as proto3-JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    caller: CallerArgs,
    #[command(flatten)]
    target: TargetArgs,
}

pub async fn run(args: Args) -> Result<Outcome, Failure> {
    let connection = args.target.connect(args.caller.into()).await?;
    let result = review(connection.channel(), args.month, args.venue, args.json).await;
    connection.close().await;
    result
}

async fn review(channel: ServiceChannel, month: String, venue_id: String, as_json: bool) -> Result<Outcome, Failure> {
    let request = GetServiceReviewRequest { month, venue_id };
    let answer = ReportServiceClient::new(channel).get_service_review(request).await?.into_inner();
    if as_json {
        return output::answer("GetServiceReviewResponse", &answer);
    }
    output::done(&charts::render(&answer.review.unwrap_or_default(), output::width()))
}
