//! Changes of issues.

use super::{
    delivery,
    effect::{Effect, TouchedParts, made, next_part, touched},
};
use crate::domain::{
    kernel::{author::Stamp, error::Refusal, id::PartId, limits::ISSUES_MAX},
    parts::issue::{Issue, IssueDraft},
    profile::Profile,
};

/// Opens an issue. At the limit, the one that was resolved first is dropped; its history stays.
pub(super) fn open(profile: &mut Profile, draft: &IssueDraft, stamp: &Stamp) -> Result<Effect, Refusal> {
    if profile.issues.len() >= ISSUES_MAX {
        let resolved = profile.issues.iter().enumerate().filter(|(_, issue)| !issue.is_open());
        let Some((index, _)) = resolved.min_by_key(|(_, issue)| (issue.resolve_time, issue.id)) else {
            return Err(Refusal::LimitReached { what: "open issues", max: ISSUES_MAX });
        };
        profile.issues.remove(index);
    }
    let id = next_part(profile);
    profile.issues.push(Issue {
        id,
        reported: draft.clone(),
        opened_by: stamp.by.clone(),
        open_time: stamp.at,
        resolve_time: None,
        resolution: String::new(),
        reopen_count: 0,
    });
    Ok(made(TouchedParts::RECOVERY, id))
}

pub(super) fn assign(profile: &mut Profile, id: PartId, owner: &str) -> Result<Effect, Refusal> {
    let issue = found(profile, id)?;
    if !issue.is_open() {
        return Err(Refusal::NotActive { what: "issue" });
    }
    owner.clone_into(&mut issue.reported.owner);
    Ok(touched(TouchedParts::RECOVERY))
}

pub(super) fn resolve(profile: &mut Profile, id: PartId, resolution: &str, stamp: &Stamp) -> Result<Effect, Refusal> {
    let issue = found(profile, id)?;
    if !issue.is_open() {
        return Err(Refusal::NotActive { what: "issue" });
    }
    issue.resolve_time = Some(stamp.at);
    resolution.clone_into(&mut issue.resolution);
    Ok(touched(TouchedParts::RECOVERY))
}

pub(super) fn reopen(profile: &mut Profile, id: PartId, stamp: &Stamp) -> Result<Effect, Refusal> {
    let issue = found(profile, id)?;
    let Some(resolved) = issue.resolve_time.take() else {
        return Err(Refusal::NotResolved);
    };
    issue.resolution.clear();
    issue.open_time = stamp.at;
    issue.reopen_count = issue.reopen_count.saturating_add(1);
    delivery::drop_after_issue(profile, id, resolved);
    Ok(touched(TouchedParts::RECOVERY))
}

fn found(profile: &mut Profile, id: PartId) -> Result<&mut Issue, Refusal> {
    profile.issues.iter_mut().find(|issue| issue.id == id).ok_or(Refusal::Missing { what: "issue" })
}
