//! `rapport record`: one piece of evidence, one precaution, one interaction, feedback, a referral or a mark from the shell.

pub mod bar;
pub mod deceased;
pub mod evidence;
pub mod feedback;
pub mod interaction;
pub mod precaution;
pub mod referral;

use clap::Subcommand;

use super::{
    Outcome, args,
    caller::CallerArgs,
    connect::{ServiceChannel, TargetArgs},
    failure::Failure,
    output,
};
use crate::proto::{Identity, LookupCustomerRequest, Purpose, Receipt, customer_service_client::CustomerServiceClient};

#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Why a customer is believed to like or dislike something
    Evidence(evidence::Args),
    /// Something that must not go wrong: an allergy, a diet, a need
    Precaution(precaution::Args),
    /// Something that happened: a purchase, a visit, a contact
    Interaction(interaction::Args),
    /// How a customer found it, as a score on a scale
    Feedback(feedback::Args),
    /// A customer who was brought by another one
    Referral(referral::Args),
    /// That somebody has died; it counts once a second person has said so
    Deceased(deceased::Args),
    /// That a manager is to be fetched before a customer is seated
    Bar(bar::Args),
}

/// Whom it concerns.
#[derive(clap::Args)]
#[group(required = true, multiple = false)]
pub struct WhoArgs {
    /// By what the customer is known: TYPE:VALUE or TYPE@ISSUER:VALUE
    #[arg(long, value_name = "TYPE:VALUE", value_parser = args::identity)]
    pub identity: Option<Identity>,
    /// The customer's id
    #[arg(long, value_name = "ID")]
    pub customer: Option<String>,
}

pub async fn run(args: Args) -> Result<Outcome, Failure> {
    match args.what {
        What::Evidence(args) => evidence::run(args).await,
        What::Precaution(args) => precaution::run(args).await,
        What::Interaction(args) => interaction::run(args).await,
        What::Feedback(args) => feedback::run(args).await,
        What::Referral(args) => referral::run(args).await,
        What::Deceased(args) => deceased::run(args).await,
        What::Bar(args) => bar::run(args).await,
    }
}

impl WhoArgs {
    /// The customer's id; an identity must be of exactly one customer. `venue`: where the caller is, for rooms and tables.
    pub async fn find(self, channel: ServiceChannel, venue: Option<&str>) -> Result<String, Failure> {
        let identity = match self {
            Self { customer: Some(id), .. } => return Ok(id),
            Self { identity, .. } => identity,
        };
        let request = LookupCustomerRequest {
            identities: identity.into_iter().collect(),
            venue_id: venue.unwrap_or_default().to_owned(),
            purpose: Purpose::Service.into(),
        };
        let answer = CustomerServiceClient::new(channel).lookup_customer(request).await?.into_inner();
        let mut ids: Vec<String> = answer.matches.into_iter().map(|found| found.customer_id).collect();
        match (ids.pop(), ids.len()) {
            (Some(id), 0) => Ok(id),
            (None, _) => {
                Err(Failure::Failed("nobody is known by this identity: import or create the customer first".into()))
            }
            (Some(id), _) => Err(Failure::Failed(format!(
                "several customers share this identity: ask who it is, then name one with --customer: {}, {id}",
                ids.join(", ")
            ))),
        }
    }
}

fn confirm(what: &str, receipt: Option<Receipt>) -> Result<Outcome, Failure> {
    let receipt = receipt.unwrap_or_default();
    let made =
        if receipt.created_ids.is_empty() { String::new() } else { format!(" as {}", receipt.created_ids.join(", ")) };
    output::print(&format!("recorded {what}{made} for {}\n", receipt.customer_id))?;
    Ok(Outcome::Done)
}

/// Where it is recorded and by whom, flattened by each subcommand.
#[derive(clap::Args)]
pub struct ServiceArgs {
    #[command(flatten)]
    caller: CallerArgs,
    #[command(flatten)]
    target: TargetArgs,
}

impl ServiceArgs {
    /// Does the work on a connection, and closes it.
    pub async fn call(
        self,
        work: impl AsyncFnOnce(ServiceChannel) -> Result<Outcome, Failure>,
    ) -> Result<Outcome, Failure> {
        let connection = self.target.connect(self.caller.into()).await?;
        let result = work(connection.channel()).await;
        connection.close().await;
        result
    }
}
