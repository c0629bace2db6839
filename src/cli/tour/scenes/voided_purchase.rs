//! What was counted can be taken back exactly.

use super::{Narrator, Played, Scene};
use crate::{
    cli::{
        args,
        demo::venues::{RESTAURANT, ZURICH},
        failure::Failure,
    },
    proto::{VoidInteractionRequest, VoidInteractionResponse},
};

pub const SCENE: Scene = Scene {
    title: "A bill on the wrong card",
    play,
    why: "Habits are whole counts, so a purchase that was not hers is taken back to the last digit, and it stays in the \
          history, marked, with the reason.",
};

const CARD: &str = "loyalty:GC-1004";
const BRIEF: &[&str] = &["brief", "--identity", CARD, "--venue", RESTAURANT, "--section", "anticipate"];
const MISTAKE: &str = "tour-bill-3";

fn play(narrator: &Narrator) -> Played<'_> {
    Box::pin(async move {
        narrator.say("Dr Okafor has had the perch fillets before. Two more bills arrive from the till:")?;
        record(narrator, "tour-bill-2", 11).await?;
        record(narrator, MISTAKE, 4).await?;
        narrator.rapport(BRIEF).await?;
        narrator.say("Three times make a habit. But the last bill was the next table's: the till takes it back.")?;
        let request = VoidInteractionRequest {
            customer_id: narrator.customer_id(CARD).await?,
            source: "till-4".to_owned(),
            external_id: MISTAKE.to_owned(),
            reason: "Charged to the wrong card.".to_owned(),
        };
        let _: VoidInteractionResponse = narrator.call("InteractionService/VoidInteraction", request).await?;
        narrator.rapport(BRIEF).await
    })
}

async fn record(narrator: &Narrator, key: &str, days_ago: i64) -> Result<(), Failure> {
    let when = args::time(&narrator.days.ago(days_ago, 19, 30, ZURICH)).unwrap_or_default().to_string();
    let what = ["record", "interaction", "--identity", CARD, "--kind", "purchase", "--venue", RESTAURANT];
    let bill = ["--source", "till-4", "--external-id", key, "--at", &when, "--line", "perch fillets|main|1|4400"];
    narrator.rapport(&[&what[..], &bill].concat()).await
}
