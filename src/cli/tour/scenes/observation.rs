//! What was observed once is asked about; what was observed twice is acted on, quietly.

use super::{Narrator, Played, Scene};
use crate::cli::{
    args,
    demo::venues::{RESTAURANT, ZURICH},
    failure::Failure,
};

pub const SCENE: Scene = Scene {
    title: "An observation, and when it counts",
    play,
    why: "Seen once, it is a question to ask; seen again, it is acted on, but quietly, because she never said so.",
};

const CARD: &str = "loyalty:GC-2003";
const BRIEF: &[&str] =
    &["brief", "--identity", CARD, "--venue", RESTAURANT, "--section", "communicate", "--section", "anticipate"];

fn play(narrator: &Narrator) -> Played<'_> {
    Box::pin(async move {
        narrator.say("Last week Sophie Lindqvist had lunch, and somebody noticed where she sat down:")?;
        observe(narrator, 7).await?;
        narrator.rapport(BRIEF).await?;
        narrator.say("A question, not a fact. Yesterday she came again, and walked straight to the same bench:")?;
        observe(narrator, 1).await?;
        narrator.rapport(BRIEF).await
    })
}

async fn observe(narrator: &Narrator, days_ago: i64) -> Result<(), Failure> {
    let when = args::time(&narrator.days.ago(days_ago, 12, 30, ZURICH)).unwrap_or_default().to_string();
    let what = ["record", "evidence", "--identity", CARD, "--category", "table", "--item", "the bench by the stove"];
    let how = ["--stance", "likes", "--source", "observed", "--venue", RESTAURANT, "--at", &when];
    narrator.rapport(&[&what[..], &how].concat()).await
}
