//! What is owed has a time, and somebody who keeps it.

use super::{Narrator, Played, Scene};
use crate::{
    cli::{demo::venues::HOTEL, failure::Failure},
    proto::{
        CompleteFollowUpRequest, CompleteFollowUpResponse, FollowUpKind, FollowUpState, ListFollowUpsRequest,
        ListFollowUpsResponse, Purpose,
    },
};

pub const SCENE: Scene = Scene {
    title: "The promise kept",
    play,
    why: "A promise without a time is a wish. Each has a due time, a place in the desk's list, and a line in the guest's \
          briefing until it is kept.",
};

const GUEST: &str = "loyalty:GC-1010";
const BRIEF: &[&str] = &["brief", "--identity", GUEST, "--venue", HOTEL, "--section", "communicate"];

fn play(narrator: &Narrator) -> Played<'_> {
    Box::pin(async move {
        narrator.say("Somebody promised to call Lucía back. What was promised at this house?")?;
        let customer_id = narrator.customer_id(GUEST).await?;
        let request = ListFollowUpsRequest {
            venue_id: HOTEL.to_owned(),
            purpose: Purpose::Service.into(),
            ..ListFollowUpsRequest::default()
        };
        let owed: ListFollowUpsResponse = narrator.call("RecoveryService/ListFollowUps", request).await?;
        let mut promise = None;
        for one in &owed.follow_ups {
            let (Some(known), local) = (&one.follow_up, &one.due_local) else { continue };
            // What the scenes before have just made owed may not be in the list yet: indexes follow at their own pace.
            let of_old = known.promised.as_ref().filter(|promised| promised.kind() == FollowUpKind::Promise);
            let Some(promised) = of_old else { continue };
            narrator.finding(&format!("{local}  {}", promised.text))?;
            if one.customer_id == customer_id {
                promise = Some(known.follow_up_id.clone());
            }
        }
        let promise = promise.ok_or_else(|| Failure::Failed("the demo owes Lucía nothing".to_owned()))?;
        narrator.rapport(BRIEF).await?;
        narrator.say("Jon calls her, and she is glad he did:")?;
        let request = CompleteFollowUpRequest {
            customer_id,
            follow_up_id: promise,
            state: FollowUpState::Done.into(),
            rating: 5,
            ..CompleteFollowUpRequest::default()
        };
        let _: CompleteFollowUpResponse = narrator.call("RecoveryService/CompleteFollowUp", request).await?;
        narrator.rapport(BRIEF).await
    })
}
