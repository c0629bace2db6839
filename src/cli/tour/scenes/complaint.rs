//! Who waits for something to be made good is not sold to.

use super::{Narrator, Played, Scene};
use crate::{
    cli::demo::venues::HOTEL,
    proto::{
        IssueDraft, IssueSeverity, OpenIssueRequest, OpenIssueResponse, ResolveIssueRequest, ResolveIssueResponse,
    },
};

pub const SCENE: Scene = Scene {
    title: "A complaint silences selling",
    play,
    why: "While an issue is open nothing is recommended and nothing given, but what makes good. Her name, her allergy and her \
          birthday wishes stay; and when it is solved, the word with her is promised by the system itself.",
};

const GUEST: &str = "loyalty:GC-1017";
const BRIEF: &[&str] = &[
    "brief",
    "--identity",
    GUEST,
    "--venue",
    HOTEL,
    "--section",
    "communicate",
    "--section",
    "anticipate",
    "--section",
    "delight",
];

fn play(narrator: &Narrator) -> Played<'_> {
    Box::pin(async move {
        narrator.say("Elena calls the desk: her room is far too warm. The desk opens an issue:")?;
        let customer_id = narrator.customer_id(GUEST).await?;
        let issue = IssueDraft {
            severity: IssueSeverity::Major.into(),
            cause: "AIR_CONDITIONING".to_owned(),
            venue_id: HOTEL.to_owned(),
            item: "Room 412".to_owned(),
            owner: "jon".to_owned(),
            ..IssueDraft::default()
        };
        let request =
            OpenIssueRequest { customer_id: customer_id.clone(), issue: Some(issue), ..OpenIssueRequest::default() };
        let opened: OpenIssueResponse = narrator.call("RecoveryService/OpenIssue", request).await?;
        narrator.rapport(BRIEF).await?;
        narrator
            .say("No habit, no touch, no dessert: only the apology, and the wishes. Half an hour later it is cool:")?;
        let request = ResolveIssueRequest {
            customer_id,
            issue_id: opened.receipt.unwrap_or_default().created_ids.into_iter().next().unwrap_or_default(),
            resolution: "A new compressor.".to_owned(),
            ..ResolveIssueRequest::default()
        };
        let _: ResolveIssueResponse = narrator.call("RecoveryService/ResolveIssue", request).await?;
        narrator.rapport(BRIEF).await
    })
}
