//! `rapport record feedback`.

use super::{
    ServiceArgs, WhoArgs,
    interaction::{What, record},
};
use crate::{
    cli::{Outcome, failure::Failure},
    proto::{Feedback, Interaction, InteractionKind},
};

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    who: WhoArgs,
    /// How they found it, within the scale
    #[arg(long)]
    score: i32,
    /// The lowest and the highest score of the scale
    #[arg(long, value_name = "FROM-TO", default_value = "0-10", value_parser = scale)]
    scale: (i32, i32),
    #[command(flatten)]
    what: What,
    #[command(flatten)]
    target: ServiceArgs,
}

pub async fn run(args: Args) -> Result<Outcome, Failure> {
    let (scale_min, scale_max) = args.scale;
    let interaction = Interaction {
        kind: InteractionKind::Feedback.into(),
        feedback: Some(Feedback { score: args.score, scale_min, scale_max }),
        ..args.what.interaction(args.who)
    };
    args.target.call(async move |channel| record(channel, interaction).await).await
}

fn scale(text: &str) -> Result<(i32, i32), String> {
    let ends = text.split_once('-').and_then(|(from, to)| Some((from.parse().ok()?, to.parse().ok()?)));
    ends.ok_or_else(|| "must be two whole numbers, for example 1-5".to_owned())
}
