//! Issues: what went wrong, until it is made good.

use super::{
    Effect, Profile, Refusal, Sections, Stamp, Timestamp,
    apply::{made, next_part, touched},
    change::Author,
    follow_up,
    id::{PartId, VenueId},
    limits::ISSUES_MAX,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum IssueSeverity {
    Minor,
    Major,
    Critical,
}

/// An issue as it was reported. `cause` is upper case, `A-Z0-9_`, so that it can be counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssueDraft {
    pub severity: IssueSeverity,
    pub cause: String,
    pub venue: VenueId,
    pub item: String,
    pub text: String,
    /// Who is to solve it; empty: nobody yet.
    pub owner: String,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Issue {
    pub id: PartId,
    /// As reported, with today's owner.
    pub reported: IssueDraft,
    pub opened_by: Author,
    /// When it was opened, or opened again.
    pub open_time: Timestamp,
    /// `None`: it is open.
    pub resolve_time: Option<Timestamp>,
    pub resolution: String,
    pub reopen_count: u32,
}

impl Issue {
    pub fn is_open(&self) -> bool {
        self.resolve_time.is_none()
    }
}

impl Profile {
    pub fn issue(&self, id: PartId) -> Option<&Issue> {
        self.issues.iter().find(|issue| issue.id == id)
    }

    /// Open issues, the worst and oldest first.
    pub fn open_issues(&self) -> Vec<&Issue> {
        let mut open: Vec<&Issue> = self.issues.iter().filter(|issue| issue.is_open()).collect();
        open.sort_by_key(|issue| (std::cmp::Reverse(issue.reported.severity), issue.open_time, issue.id));
        open
    }

    pub fn has_open_issue(&self) -> bool {
        self.issues.iter().any(Issue::is_open)
    }
}

/// Opens an issue. When there is no room left, the one that was resolved first gives way; its history stays.
pub(super) fn open(profile: &mut Profile, draft: &IssueDraft, stamp: &Stamp) -> Result<Effect, Refusal> {
    if profile.issues.len() >= ISSUES_MAX {
        let resolved = profile.issues.iter().enumerate().filter(|(_, issue)| !issue.is_open());
        let Some((place, _)) = resolved.min_by_key(|(_, issue)| (issue.resolve_time, issue.id)) else {
            return Err(Refusal::LimitReached { what: "open issues", max: ISSUES_MAX });
        };
        profile.issues.remove(place);
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
    Ok(made(Sections::RECOVERY, id))
}

pub(super) fn assign(profile: &mut Profile, id: PartId, owner: &str) -> Result<Effect, Refusal> {
    let issue = found(profile, id)?;
    if !issue.is_open() {
        return Err(Refusal::NotActive { what: "issue" });
    }
    owner.clone_into(&mut issue.reported.owner);
    Ok(touched(Sections::RECOVERY))
}

pub(super) fn resolve(profile: &mut Profile, id: PartId, resolution: &str, stamp: &Stamp) -> Result<Effect, Refusal> {
    let issue = found(profile, id)?;
    if !issue.is_open() {
        return Err(Refusal::NotActive { what: "issue" });
    }
    issue.resolve_time = Some(stamp.at);
    resolution.clone_into(&mut issue.resolution);
    Ok(touched(Sections::RECOVERY))
}

pub(super) fn reopen(profile: &mut Profile, id: PartId, stamp: &Stamp) -> Result<Effect, Refusal> {
    let issue = found(profile, id)?;
    let Some(resolved) = issue.resolve_time.take() else {
        return Err(Refusal::NotResolved);
    };
    issue.resolution.clear();
    issue.open_time = stamp.at;
    issue.reopen_count = issue.reopen_count.saturating_add(1);
    follow_up::drop_word(profile, id, resolved);
    Ok(touched(Sections::RECOVERY))
}

fn found(profile: &mut Profile, id: PartId) -> Result<&mut Issue, Refusal> {
    profile.issues.iter_mut().find(|issue| issue.id == id).ok_or(Refusal::Missing { what: "issue" })
}
