//! The service review on the wire.

use super::{Parsed, money_out, rules::duration_out, time_out};
use crate::{
    domain::{
        VenueId, Violation,
        catalogue::FOLLOW_UP_WITHIN_SECONDS,
        money::Money,
        policy::Rules,
        review::{Cause, Drifted, Figures, Given, Met, Month, Moved, Standard},
    },
    proto::{self, *},
    service::{
        Caller,
        review::{Asked, Spent},
    },
};

/// Causes in an answer: nobody reads more, and the most frequent come first.
const CAUSES_MAX: usize = 100;

pub fn asked(message: GetServiceReviewRequest) -> Parsed<Asked> {
    let GetServiceReviewRequest { month, venue_id } = message;
    let wrong = || Violation::new("month", "must be \"YYYY-MM\", for example \"2026-11\", or empty");
    let month = (!month.is_empty()).then(|| Month::parse(&month).ok_or_else(wrong)).transpose()?;
    let venue = (!venue_id.is_empty()).then(|| VenueId::parse("venue_id", &venue_id)).transpose()?;
    Ok(Asked { month, venue })
}

pub fn review_out(caller: &Caller, asked: &Asked, review: crate::service::review::ServiceReview) -> ServiceReview {
    let figures = review.figures;
    let policy = &caller.in_force.policy;
    let count = |level: RelationshipLevel| {
        let customers = review.levels.get(name(level.as_str_name())).copied().unwrap_or(0);
        LevelCount { level: level.into(), customers }
    };
    ServiceReview {
        month: review.month.to_string(),
        venue_id: asked.venue.as_ref().map(VenueId::to_string).unwrap_or_default(),
        as_of_time: Some(time_out(caller.now)),
        levels: Some(LevelReview {
            counts: [RelationshipLevel::Basic, RelationshipLevel::Engagement, RelationshipLevel::Intimacy]
                .map(count)
                .into(),
            movements: figures.moved.iter().map(moved_out).collect(),
        }),
        absences: Some(AbsenceReview {
            slipping_away: number(review.slipping),
            newly_slipping_away: number(review.newly_slipping),
        }),
        standards: standards(&policy.rules, &figures),
        issues: Some(IssueReview {
            opened: figures.opened,
            reopened: figures.reopened,
            resolved: figures.resolved,
            causes: figures.causes.iter().take(CAUSES_MAX).map(cause_out).collect(),
        }),
        promises: Some(PromiseReview {
            kept: figures.promises.kept,
            kept_late: figures.promises.kept_late,
            missed: figures.promises.missed,
            overdue: number(review.overdue),
        }),
        gestures: figures.given.iter().map(given_out).collect(),
        drift: figures.drifted.iter().map(drifted_out).collect(),
        advocacy: Some(AdvocacyReview {
            feedback: figures.feedback,
            mean_score: figures.mean_score(),
            referrals: figures.referrals,
        }),
        budgets: review.budgets.into_iter().map(spent_out).collect(),
        policy: Some(PolicyReview {
            owner: policy.owner.clone(),
            review_due_date: policy.rules.review_due.map(|due| due.to_string()).unwrap_or_default(),
            due: review.is_policy_due.unwrap_or(false),
        }),
        other_events: figures.others,
    }
}

fn standards(rules: &Rules, figures: &Figures) -> Vec<StandardReview> {
    let standards = &rules.standards;
    let follow_up = standards.follow_up_within.unwrap_or(FOLLOW_UP_WITHIN_SECONDS);
    let review = |standard: ServiceStandard, within: Option<u32>, met: Option<Met>, no_data: &str| {
        let Met { met, missed } = met.unwrap_or_default();
        let no_data = no_data.to_owned();
        StandardReview { standard: standard.into(), within: within.map(duration_out), met, missed, no_data }
    };
    let met = |standard| figures.standards.get(&standard).copied();
    let resolved = met(Standard::Resolve);
    let not_set = if standards.resolve_within.is_none() && resolved.is_none() { "NOT_SET" } else { "" };
    vec![
        review(ServiceStandard::Greet, standards.greet_within, None, "NOT_RECORDED"),
        review(ServiceStandard::Resolve, standards.resolve_within, resolved, not_set),
        review(ServiceStandard::FollowUp, Some(follow_up), met(Standard::FollowUp), ""),
    ]
}

fn moved_out(moved: &Moved) -> LevelMovement {
    LevelMovement { from: level(&moved.from), to: level(&moved.to), movements: moved.movements }
}

fn cause_out(cause: &Cause) -> CauseReview {
    let Cause { venue, cause, item, issues } = cause.clone();
    CauseReview { venue_id: venue, cause, item, issues }
}

fn given_out(given: &Given) -> GestureReview {
    GestureReview {
        venue_id: given.venue.clone(),
        gesture_type_id: given.kind.clone(),
        expectation: expectation(&given.expectation),
        outcome: proto::GestureOutcome::from_str_name(&format!("GESTURE_OUTCOME_{}", given.outcome))
            .unwrap_or_default()
            .into(),
        gestures: given.gestures,
    }
}

fn drifted_out(drifted: &Drifted) -> DriftReview {
    DriftReview {
        gesture_type_id: drifted.kind.clone(),
        became: expectation(&drifted.became),
        customers: drifted.customers,
    }
}

fn spent_out(spent: Spent) -> BudgetReview {
    BudgetReview {
        venue_id: spent.venue.to_string(),
        monthly: Some(money_out(spent.monthly)),
        spent: Some(money_out(Money { minor_units: spent.spent, ..spent.monthly })),
    }
}

/// Counters have the names of the contract's enums, without their prefix.
fn level(raw: &str) -> i32 {
    RelationshipLevel::from_str_name(&format!("RELATIONSHIP_LEVEL_{raw}")).unwrap_or_default().into()
}

fn expectation(raw: &str) -> i32 {
    proto::ExpectationLevel::from_str_name(&format!("EXPECTATION_LEVEL_{raw}")).unwrap_or_default().into()
}

fn name(level: &'static str) -> &'static str {
    level.trim_start_matches("RELATIONSHIP_LEVEL_")
}

fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
