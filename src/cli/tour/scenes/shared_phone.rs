//! Several customers behind one telephone number.

use super::{Narrator, Played, Scene};
use crate::cli::demo::venues::RESTAURANT;

pub const SCENE: Scene = Scene {
    title: "A shared phone",
    play,
    why: "A guess would brief the wrong person; until somebody asks, the kitchen hears of everybody's allergies, and of \
          nothing else.",
};

fn play(narrator: &Narrator) -> Played<'_> {
    Box::pin(async move {
        narrator.say("The Keller family and their daughter share a phone. It calls to book a table:")?;
        narrator.rapport(&["brief", "--identity", "phone:+41446681800", "--venue", RESTAURANT]).await?;
        narrator.say("\"May I ask who is calling?\" It is Nina. Now by her id:")?;
        let nina = narrator.customer_id("loyalty:GC-1006").await?;
        narrator.rapport(&["brief", "--customer", &nina, "--venue", RESTAURANT]).await
    })
}
