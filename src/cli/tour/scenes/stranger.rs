//! Nobody is known: an answer too, and not an error.

use super::{Narrator, Played, Scene};
use crate::cli::demo::venues::HOTEL;

pub const SCENE: Scene = Scene {
    title: "A stranger",
    play,
    why: "Not knowing an allergy is not the same as knowing of none: the first visit begins with the right questions.",
};

fn play(narrator: &Narrator) -> Played<'_> {
    Box::pin(async move {
        narrator.say("The phone rings, from a number that nobody has called from before:")?;
        narrator.rapport(&["brief", "--identity", "phone:+41446681801", "--venue", HOTEL]).await
    })
}
