//! Recovery: what went wrong and what is owed.

use super::{
    Caller, Readers, Receipt,
    edit::Plan,
    error::{Error, Result},
    gestures,
    profile::ChangeRequest,
    tokens,
    writes::{Writer, Writes},
};
use crate::{
    domain::{
        Change, CustomerId, Profile, Timestamp, VenueId,
        briefing::{self, Stopped},
        consent::{self, Part, Purpose},
        follow_up::{FollowUp, FollowUpDraft, FollowUpKind},
        gate::Clearance,
        id::PartId,
        issue::Issue,
        policy::{FOLLOW_UP_WITHIN_SECONDS, Venue},
    },
    store::{HintIndex, hints},
};

/// Which follow-ups are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filter {
    Owed,
    /// Until the end of the venue's business day.
    DueToday,
    Overdue,
}

/// A follow-up with whom it is owed to.
#[derive(Debug, Clone)]
pub struct Owed {
    pub customer: CustomerId,
    pub follow_up: Judged,
}

/// A follow-up, and whether it may be kept as it stands.
#[derive(Debug, Clone)]
pub struct Judged {
    pub follow_up: FollowUp,
    /// `None`: it is completed.
    pub verdict: Option<Verdict>,
}

/// Whether something that is owed may be delivered by now.
pub type Verdict = std::result::Result<Clearance, Box<Stopped>>;

/// A customer's issues and follow-ups.
pub struct Recovery {
    pub issues: Vec<Issue>,
    pub follow_ups: Vec<Judged>,
}

/// Index entries read at once.
const HINTS_AT_ONCE: usize = 200;
/// Index entries looked at for one page: a page full of completed ones is left early, with a token to go on.
const HINTS_PER_PAGE_MAX: usize = 1_000;

impl Writes {
    /// Resolves an issue, and promises a follow-up with the customer, unless they have died or are barred: due at `due`, else by the
    /// policy's standard.
    pub async fn resolve_issue(
        &self,
        caller: &Caller,
        change: ChangeRequest,
        id: PartId,
        resolution: String,
        due: Option<Timestamp>,
    ) -> Result<Receipt> {
        self.run(
            caller,
            |writer, caller| async move { writer.resolve_issue(&caller, &change, id, &resolution, due).await },
        )
        .await
    }
}

impl Writer {
    async fn resolve_issue(
        &self,
        caller: &Caller,
        change: &ChangeRequest,
        id: PartId,
        resolution: &str,
        due: Option<Timestamp>,
    ) -> Result<Receipt> {
        let standard = caller.in_force.policy.rules.standards.follow_up_within.unwrap_or(FOLLOW_UP_WITHIN_SECONDS);
        let by_standard = caller.now.checked_add(jiff::SignedDuration::from_secs(i64::from(standard)));
        let due_time = due.or(by_standard.ok()).unwrap_or(caller.now);
        let plan = |profile: &Profile, _: &[_]| {
            let issue = profile.issue(id).ok_or(Error::EntryNotFound("issue"))?;
            let about = match (issue.reported.item.as_str(), issue.reported.text.as_str()) {
                ("", "") => words_of(&issue.reported.cause),
                ("", text) => text.to_owned(),
                (item, _) => format!("{}, {item}", words_of(&issue.reported.cause)),
            };
            let promise = FollowUpDraft {
                kind: FollowUpKind::AfterIssue,
                // Stored as it is made, like what staff write themselves: later requests read it in whatever language they name.
                text: format!("Ask whether all is well now: {about}."),
                owner: issue.reported.owner.clone(),
                due_time,
                venue: issue.reported.venue.clone(),
                place: String::new(),
                issue: Some(id),
                gesture: None,
            };
            let mut changes = vec![Change::IssueResolved { id, resolution: resolution.to_owned() }];
            // Of somebody who has died, nobody asks whether all is well now; nor is anything promised to who is barred.
            if !profile.needs_manager(caller.now) {
                changes.push(Change::FollowUpPromised(promise));
            }
            Ok(Plan::of(changes))
        };
        Ok(self.edit(caller, &change.target(), plan).await?.receipt())
    }
}

impl Readers {
    /// Issues and follow-ups of a customer. Only for serving.
    pub async fn recovery(&self, caller: &Caller, customer: CustomerId, purpose: Purpose) -> Result<Recovery> {
        let profile = self.records.read(&caller.key(customer)).await?.ok_or(Error::CustomerNotFound)?.profile;
        profile.sees(purpose, Part::Recovery).map_err(Error::Withheld)?;
        let verdicts = self.verdicts(caller, &profile, &profile.follow_ups).await?;
        let (mut issues, known) = (profile.issues, profile.follow_ups.into_iter());
        let mut follow_ups: Vec<Judged> =
            known.zip(verdicts).map(|(follow_up, verdict)| Judged { follow_up, verdict }).collect();
        issues.sort_by_key(|issue| (!issue.is_open(), std::cmp::Reverse((issue.open_time, issue.id))));
        follow_ups
            .sort_by_key(|Judged { follow_up, .. }| (!follow_up.is_open(), follow_up.promised.due_time, follow_up.id));
        Ok(Recovery { issues, follow_ups })
    }

    /// What the gate says of each of some follow-ups of a profile, in their order; `None`: it is completed. Each is judged by the
    /// menu of its own venue, and anew each time: a precaution or a recipe may be newer than the promise.
    pub(super) async fn verdicts(
        &self,
        caller: &Caller,
        profile: &Profile,
        follow_ups: &[FollowUp],
    ) -> Result<Vec<Option<Verdict>>> {
        let mut there: Vec<(&VenueId, Caller)> = Vec::new();
        let mut verdicts = Vec::with_capacity(follow_ups.len());
        for known in follow_ups {
            let id = &known.promised.venue;
            if known.is_open() && !there.iter().any(|(venue, _)| *venue == id) {
                there.push((id, self.with_menu(caller.clone(), id).await?));
            }
            let caller = there.iter().find(|(venue, _)| *venue == id).filter(|_| known.is_open());
            verdicts.push(caller.and_then(|(_, caller)| verdict(caller, profile, known)));
        }
        Ok(verdicts)
    }

    /// A page of what is owed at a venue, the earliest due first. Index entries are verified against the records.
    pub async fn list_follow_ups(
        &self,
        caller: &Caller,
        venue: &Venue,
        purpose: Purpose,
        filter: Filter,
        page_size: usize,
        token: &str,
    ) -> Result<(Vec<Owed>, String)> {
        consent::sees(purpose, &[], Part::Recovery).map_err(Error::Withheld)?;
        let caller = &self.with_menu(caller.clone(), &venue.id).await?;
        let query = format!("ListFollowUps/{}/{filter:?}", venue.id);
        let position = tokens::parse_page_token(&caller.index_key, query.as_bytes(), token)?;
        let until_ms = match filter {
            Filter::Owed => i64::MAX,
            Filter::DueToday => venue.day_end(caller.now).as_millisecond(),
            // Due exactly now is overdue.
            Filter::Overdue => caller.now_ms() + 1,
        };
        let mut range = hints::venue_range(&venue.id, 0, until_ms).after(position);
        let (mut page, mut looked_at) = (Vec::with_capacity(page_size), 0);
        loop {
            let wanted = (page_size - page.len()).min(HINTS_AT_ONCE);
            let partition = hints::venue_partition(&venue.id);
            let tenant = &caller.principal.tenant;
            let store = &self.records.store;
            let found = store.hints(tenant, HintIndex::FollowUps, partition, &range, wanted).await?;
            looked_at += found.len();
            let Some((last, _)) = found.last() else {
                return Ok((page, String::new()));
            };
            let (last, is_end) = (last.clone(), found.len() < wanted);
            self.verify_owed(caller, venue, found.iter().map(|(member, _)| member.as_slice()), &mut page).await?;
            if is_end {
                return Ok((page, String::new()));
            }
            if page.len() >= page_size || looked_at >= HINTS_PER_PAGE_MAX {
                return Ok((page, tokens::page_token(&caller.index_key, query.as_bytes(), &last)));
            }
            range = range.after(Some(last));
        }
    }

    /// Adds what is really owed.
    async fn verify_owed(
        &self,
        caller: &Caller,
        venue: &Venue,
        members: impl Iterator<Item = &[u8]>,
        page: &mut Vec<Owed>,
    ) -> Result<()> {
        let named: Vec<(i64, CustomerId, PartId)> = members.filter_map(hints::parse_at_venue).collect();
        let keys: Vec<_> = named.iter().map(|(_, customer, _)| caller.key(*customer)).collect();
        let records = self.records.read_many(&keys).await?;
        for ((due_ms, customer, part), record) in named.into_iter().zip(records) {
            // A record that cannot be read must not hide what is owed to other customers.
            let Ok(Some(record)) = record else { continue };
            // Nobody calls on the dead.
            if record.profile.is_deceased() {
                continue;
            }
            let known = record.profile.follow_up(part).filter(|known| {
                known.is_open()
                    && known.promised.venue == venue.id
                    && known.promised.due_time.as_millisecond() == due_ms
            });
            let judged = |follow_up: &FollowUp| Judged {
                follow_up: follow_up.clone(),
                verdict: verdict(caller, &record.profile, follow_up),
            };
            page.extend(known.map(|known| Owed { customer, follow_up: judged(known) }));
        }
        Ok(())
    }
}

/// What the gate says of what is owed. Where the policy has its venue no more, nothing is declared there, but names still tell.
/// `None`: the policy has no venue at all.
fn verdict(caller: &Caller, profile: &Profile, known: &FollowUp) -> Option<Verdict> {
    let policy = &caller.in_force.policy;
    let venue = policy.venue(&known.promised.venue).or(policy.venues.first())?;
    Some(briefing::judged(profile, &gestures::question(caller, venue), known))
}

/// A cause in words: "AIR_CONDITIONING" is "air conditioning".
fn words_of(cause: &str) -> String {
    cause.to_lowercase().replace('_', " ")
}
