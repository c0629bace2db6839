//! `rapport record deceased`.

use super::{ServiceArgs, WhoArgs, confirm};
use crate::{
    cli::{Outcome, args, failure::Failure, output},
    proto::{
        GetCustomerRequest, MarkCustomerRequest, Purpose, customer_service_client::CustomerServiceClient,
        mark_customer_request::Mark,
    },
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
            let customer_id = args.who.find(channel.clone(), None).await?;
            let mut customers = CustomerServiceClient::new(channel);
            let request = MarkCustomerRequest {
                customer_id: customer_id.clone(),
                request_id: args::request_id(),
                etag: String::new(),
                reason: args.reason,
                of_whom: args.of_whom,
                mark: Some(Mark::Deceased(!args.undo)),
            };
            let answer = customers.mark_customer(request).await?.into_inner();
            if args.undo {
                return confirm("that it was wrong", answer.receipt);
            }
            let read =
                GetCustomerRequest { customer_id, purpose: Purpose::Service.into(), revision_token: String::new() };
            let customer = customers.get_customer(read).await?.into_inner().customer.unwrap_or_default();
            // Two people say so; a report that waits for the second changes nothing yet.
            let waits = customer.deceased.iter().any(|known| known.confirmed_by.is_empty());
            let outcome = confirm("the death", answer.receipt)?;
            if waits {
                output::print(
                    "it counts once a second person says so too: ask a colleague to run this under their name\n",
                )?;
            }
            Ok(outcome)
        })
        .await
}
