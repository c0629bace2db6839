//! `rapport record referral`.

use super::{
    ServiceArgs, WhoArgs,
    interaction::{What, record},
};
use crate::{
    cli::{Outcome, failure::Failure},
    proto::{Interaction, InteractionKind, Referral},
};

#[derive(clap::Args)]
pub struct Args {
    /// Who brought them
    #[command(flatten)]
    who: WhoArgs,
    /// Whom they brought, by customer id
    #[arg(long, value_name = "ID")]
    brought: String,
    #[command(flatten)]
    what: What,
    #[command(flatten)]
    target: ServiceArgs,
}

pub async fn run(args: Args) -> Result<Outcome, Failure> {
    let interaction = Interaction {
        kind: InteractionKind::Referral.into(),
        referral: Some(Referral { referred_customer_id: args.brought }),
        ..args.what.interaction(args.who)
    };
    args.target.call(async move |channel| record(channel, interaction).await).await
}
