//! A gesture is judged in six dimensions; one veto is enough.

use super::{Narrator, Played, Scene};
use crate::{
    cli::{demo::venues::HOTEL, failure::Failure},
    proto::{Purpose, SuggestGesturesRequest, SuggestGesturesResponse},
};

pub const SCENE: Scene = Scene {
    title: "A dessert, but not the almond one",
    play,
    why: "Whoever brings the dessert may decide alone, because six sides have agreed before: the guest, the concept, the \
          process, the house, the budget and the role. A precaution vetoes everything.",
};

const GUEST: &str = "loyalty:GC-1017";
const TART: &str = "almond-tart";
/// More than the catalogue holds.
const ALL: i32 = 50;

fn play(narrator: &Narrator) -> Played<'_> {
    Box::pin(async move {
        narrator.say("It is Elena Marchetti's birthday. What may the concierge give her, on his own authority?")?;
        narrator.rapport(&["gesture", "suggest", "--identity", GUEST, "--venue", HOTEL, "--role", "concierge"]).await?;
        narrator.say("The kitchen is proud of its almond tart. What speaks against it?")?;
        let request = SuggestGesturesRequest {
            customer_id: narrator.customer_id(GUEST).await?,
            venue_id: HOTEL.to_owned(),
            limit: ALL,
            include_vetoed: true,
            purpose: Purpose::Service.into(),
            ..SuggestGesturesRequest::default()
        };
        let answer: SuggestGesturesResponse = narrator.call("GestureService/SuggestGestures", request).await?;
        let tart = answer.gestures.into_iter().find(|gesture| gesture.gesture_type_id == TART);
        let tart = tart.ok_or_else(|| Failure::Failed("the demo's catalogue has no almond tart".to_owned()))?;
        for verdict in &tart.verdicts {
            let dimension = verdict.dimension().as_str_name().trim_start_matches("VERDICT_DIMENSION_").to_lowercase();
            let (sign, dimension) = (if verdict.agrees { '+' } else { '-' }, dimension.replace('_', " "));
            narrator.finding(&format!("{sign} {dimension}: {}", verdict.reason))?;
        }
        Ok(())
    })
}
