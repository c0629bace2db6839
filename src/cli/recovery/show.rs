//! Issues and follow-ups as lines of a terminal.

use crate::{
    cli::lines::{below, line, minute, short},
    proto::{FollowUp, FollowUpDraft, GetRecoveryResponse, Issue, ListFollowUpsResponse, OwedFollowUp},
};

/// The issues of one customer, and the follow-ups below.
pub fn recovery(found: &GetRecoveryResponse) -> String {
    if found.issues.is_empty() && found.follow_ups.is_empty() {
        return "nothing went wrong, and nothing is owed\n".to_owned();
    }
    found.issues.iter().map(issue).chain(found.follow_ups.iter().map(follow_up)).collect()
}

/// What is owed at a venue, and how to see the rest.
pub fn owed(page: &ListFollowUpsResponse) -> String {
    let mut lines: String = page.follow_ups.iter().map(owed_one).collect();
    match (lines.is_empty(), page.next_page_token.as_str()) {
        (true, "") => lines.push_str("nothing is owed\n"),
        (_, "") => {}
        (_, token) => lines.push_str(&format!("there may be more: --page-token {token}\n")),
    }
    lines
}

fn issue(one: &Issue) -> String {
    let reported = one.reported.clone().unwrap_or_default();
    let first = line(&[
        &one.issue_id,
        short(one.state().as_str_name(), "ISSUE_STATE_"),
        short(reported.severity().as_str_name(), "ISSUE_SEVERITY_"),
        &reported.cause,
        &reported.venue_id,
        &reported.item,
        &minute(one.open_time.as_ref()),
        &format!("by {}", one.opened_by),
        &said("owner: ", &reported.owner),
    ]);
    [first, below(&reported.text), below(&said("resolved: ", &one.resolution))].concat()
}

fn follow_up(one: &FollowUp) -> String {
    let promised = one.promised.clone().unwrap_or_default();
    let state = short(one.state().as_str_name(), "FOLLOW_UP_STATE_");
    lines_of(one, &promised, &[state, &minute(promised.due_time.as_ref())])
}

fn owed_one(one: &OwedFollowUp) -> String {
    let known = one.follow_up.clone().unwrap_or_default();
    let promised = known.promised.clone().unwrap_or_default();
    let state = if one.overdue { "OVERDUE" } else { "OPEN" };
    let customer = below(&format!("customer: {}", one.customer_id));
    lines_of(&known, &promised, &[state, &one.due_local]) + &customer
}

fn lines_of(known: &FollowUp, promised: &FollowUpDraft, when: &[&str]) -> String {
    let kind = short(promised.kind().as_str_name(), "FOLLOW_UP_KIND_");
    let owner = said("owner: ", &promised.owner);
    let about = [kind, &promised.venue_id, &promised.place, &owner];
    line(&[&[known.follow_up_id.as_str()], when, &about].concat())
        + &below(what(known, promised))
        + &below(&known.clearance_text)
}

/// What was promised; of what must not be delivered, that and why instead.
fn what<'a>(known: &'a FollowUp, promised: &'a FollowUpDraft) -> &'a str {
    if known.conflict_text.is_empty() { &promised.text } else { &known.conflict_text }
}

/// A word with what it says; nothing when there is nothing to say.
fn said(word: &str, text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("{word}{text}") }
}
