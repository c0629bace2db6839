//! What delighted yesterday is expected tomorrow.

use super::{Narrator, Played, Scene};
use crate::cli::demo::venues::BAR;

pub const SCENE: Scene = Scene {
    title: "The third box of chocolate",
    play,
    why: "Repeat a gesture and it becomes what is counted on; time makes it special again. So the next idea is a fresh one, and \
          nobody forgets the old one unawares.",
};

const GUEST: &str = "loyalty:GC-1009";

fn play(narrator: &Narrator) -> Played<'_> {
    Box::pin(async move {
        narrator.say("Marco Bianchi was given dark chocolate at the bar three times. What has become of it?")?;
        narrator.rapport(&["gesture", "list", "--identity", GUEST]).await?;
        narrator.say("So the chocolate is expected by now, and what is suggested at the bar is fresh:")?;
        narrator.rapport(&["brief", "--identity", GUEST, "--venue", BAR, "--section", "delight"]).await?;
        narrator.rapport(&["gesture", "suggest", "--identity", GUEST, "--venue", BAR, "--role", "manager"]).await
    })
}
