//! `rapport record deceased`.

use super::{ServiceArgs, WhoArgs, confirm};
use crate::{
    cli::{Outcome, args, failure::Failure},
    proto::{MarkCustomerRequest, customer_service_client::CustomerServiceClient, mark_customer_request::Mark},
};

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    who: WhoArgs,
    /// Somebody else than the customer, as an occasion or a precaution names them, for example "my son"
    #[arg(long, default_value = "", hide_default_value = true)]
    of_whom: String,
    /// It was wrong: undo it
    #[arg(long)]
    undo: bool,
    /// How it is known
    #[arg(long)]
    reason: String,
    #[command(flatten)]
    target: ServiceArgs,
}

pub async fn run(args: Args) -> Result<Outcome, Failure> {
    args.target
        .call(async move |channel| {
            let request = MarkCustomerRequest {
                customer_id: args.who.find(channel.clone(), None).await?,
                request_id: args::request_id(),
                etag: String::new(),
                reason: args.reason,
                of_whom: args.of_whom,
                mark: Some(Mark::Deceased(!args.undo)),
            };
            let answer = CustomerServiceClient::new(channel).mark_customer(request).await?.into_inner();
            confirm(if args.undo { "that it was wrong" } else { "the death" }, answer.receipt)
        })
        .await
}
