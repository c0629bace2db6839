//! A regular guest on a special day, with something that must not go wrong.

use super::{Narrator, Played, Scene};
use crate::cli::demo::venues::HOTEL;

pub const SCENE: Scene = Scene {
    title: "A card is swiped",
    play,
    why: "The allergy stands first and is never trimmed, decayed or outvoted; the almond cake she was once seen to like, \
          and one evening of mariachi music in Cancún, are nowhere.",
};

fn play(narrator: &Narrator) -> Played<'_> {
    Box::pin(async move {
        narrator
            .say("Elena Marchetti arrives at the front desk with her loyalty card. One call, by the number on it:")?;
        narrator.rapport(&["brief", "--identity", "loyalty:GC-1017", "--venue", HOTEL]).await
    })
}
