//! A regular guest on a special day, with something that must not go wrong.

use super::{Narrator, Played, Scene};
use crate::cli::demo::venues::HOTEL;

pub const SCENE: Scene = Scene {
    title: "A card is swiped",
    play,
    why: "The allergy stands first: active precautions are never left out, do not fade with time, and no preference \
          outweighs them. So the almond cake she once said she likes is not suggested. Nor is mariachi music: it was \
          observed once, in Cancún, and counts only there.",
};

fn play(narrator: &Narrator) -> Played<'_> {
    Box::pin(async move {
        narrator
            .say("Elena Marchetti arrives at the front desk with her loyalty card. One call, by the number on it:")?;
        narrator.rapport(&["brief", "--identity", "loyalty:GC-1017", "--venue", HOTEL]).await
    })
}
