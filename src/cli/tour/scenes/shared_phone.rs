//! Several customers behind one telephone number.

use super::{Narrator, Played, Scene};
use crate::cli::demo::venues::RESTAURANT;

pub const SCENE: Scene = Scene {
    title: "A shared phone",
    play,
    why: "A guess would brief the wrong person. Until it is clear who calls, the briefing has the ids and precautions of all \
          who share the number, and nothing else of theirs.",
};

fn play(narrator: &Narrator) -> Played<'_> {
    Box::pin(async move {
        narrator.say(
            "The Keller family is one customer, a household; their daughter Nina is another. Both are known by the same phone \
             number. Somebody calls from it to book a table:",
        )?;
        narrator.rapport(&["brief", "--identity", "phone:+41446681800", "--venue", RESTAURANT]).await?;
        narrator.say("\"May I ask who is calling?\" It is Nina. Now by her id:")?;
        let nina = narrator.customer_id("loyalty:GC-1006").await?;
        narrator.rapport(&["brief", "--customer", &nina, "--venue", RESTAURANT]).await
    })
}
