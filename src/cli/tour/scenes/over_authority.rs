//! Beyond one's own authority, a second person decides.

use super::{Narrator, Played, Scene};
use crate::{
    cli::{demo::venues::HOTEL, failure::Failure},
    proto::{GetRecoveryRequest, GetRecoveryResponse, GiveGestureRequest, GiveGestureResponse, IssueState, Purpose},
};

pub const SCENE: Scene = Scene {
    title: "More than a concierge may give",
    play,
    why: "The front line decides what it can, and knows at once who decides the rest. The money is held before anything is \
          stored, so that two desks together never spend the same budget twice.",
};

const GUEST: &str = "loyalty:GC-1010";

fn play(narrator: &Narrator) -> Played<'_> {
    Box::pin(async move {
        narrator.say(
            "Lucía Vega's room was not repaired in time. The night should be on the house, the concierge finds:",
        )?;
        let customer_id = narrator.customer_id(GUEST).await?;
        let request = GetRecoveryRequest { customer_id: customer_id.clone(), purpose: Purpose::Service.into() };
        let known: GetRecoveryResponse = narrator.call("RecoveryService/GetRecovery", request).await?;
        let open = known.issues.iter().find(|issue| issue.state() == IssueState::Open);
        let open = open.ok_or_else(|| Failure::Failed("the demo's Lucía has no open issue".to_owned()))?;
        let request = GiveGestureRequest {
            customer_id,
            gesture_type_id: "refund-night".to_owned(),
            venue_id: HOTEL.to_owned(),
            issue_id: open.issue_id.clone(),
            propose: true,
            ..GiveGestureRequest::default()
        };
        let proposed: GiveGestureResponse = narrator.call("GestureService/GiveGesture", request).await?;
        narrator.finding(&format!("Proposed. It may be approved by: {}.", proposed.approving_role_ids.join(", ")))?;
        narrator.say("The duty manager looks at it, and agrees:")?;
        let gesture = proposed.receipt.unwrap_or_default().created_ids.into_iter().next().unwrap_or_default();
        let approve = ["gesture", "approve", "--identity", GUEST, "--gesture", &gesture];
        narrator.rapport(&[&approve[..], &["--staff", "vera", "--role", "manager"]].concat()).await
    })
}
