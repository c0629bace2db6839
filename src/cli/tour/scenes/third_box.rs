//! What delighted yesterday is expected tomorrow.

use super::{Played, Scene, Stage};
use crate::cli::demo::venues::BAR;

pub const SCENE: Scene = Scene {
    title: "The third box of chocolate",
    play,
    why: "Repeat a gesture and it becomes what is counted on; time makes it special again. So the next idea is a fresh one, and \
          nobody forgets the old one unawares.",
};

const GUEST: &str = "loyalty:GC-1009";

fn play(stage: &Stage) -> Played<'_> {
    Box::pin(async move {
        stage.say("Marco Bianchi was given dark chocolate at the bar three times. What has become of it?")?;
        stage.rapport(&["gesture", "list", "--identity", GUEST]).await?;
        stage.say("So the chocolate is expected by now, and what is suggested at the bar is fresh:")?;
        stage.rapport(&["brief", "--identity", GUEST, "--venue", BAR, "--section", "delight"]).await?;
        stage.rapport(&["gesture", "suggest", "--identity", GUEST, "--venue", BAR, "--role", "manager"]).await
    })
}
