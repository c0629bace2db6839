//! Several customers behind one telephone number.

use super::{Played, Scene, Stage};
use crate::cli::demo::venues::RESTAURANT;

pub const SCENE: Scene = Scene {
    title: "A shared phone",
    play,
    why: "A guess would brief the wrong person; until somebody asks, the kitchen hears of everybody's allergies, and of \
          nothing else.",
};

fn play(stage: &Stage) -> Played<'_> {
    Box::pin(async move {
        stage.say("The Keller family and their daughter share a phone. It calls to book a table:")?;
        stage.rapport(&["brief", "--identity", "phone:+41446681800", "--venue", RESTAURANT]).await?;
        stage.say("\"May I ask who is calling?\" It is Nina. Now by her id:")?;
        let nina = stage.customer_id("loyalty:GC-1006").await?;
        stage.rapport(&["brief", "--customer", &nina, "--venue", RESTAURANT]).await
    })
}
