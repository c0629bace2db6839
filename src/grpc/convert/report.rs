//! The service review on the wire.

use super::{
    Parsed,
    mirror::{IntoWire, send},
    rules::duration_out,
};
use crate::{
    domain::{
        VenueId, Violation,
        catalogue::FOLLOW_UP_WITHIN_SECONDS,
        money::Money,
        policy::Rules,
        review::{Cause, Drifted, Figures, Given, Met, Month, Moved, Promises, Standard},
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
    let crate::service::review::ServiceReview {
        month,
        figures,
        levels,
        slipping,
        newly_slipping,
        overdue,
        budgets,
        is_policy_due,
    } = review;
    let policy = &caller.in_force.policy;
    let standards = standards(&policy.rules, &figures);
    let mean_score = figures.mean_score();
    let Figures {
        moved,
        opened,
        reopened,
        resolved,
        standards: _,
        mut causes,
        promises: Promises { kept, kept_late, missed },
        given,
        drifted,
        feedback,
        score_sum: _,
        referrals,
        others,
    } = figures;
    causes.truncate(CAUSES_MAX);
    let count = |level: RelationshipLevel| {
        let customers = levels.get(name(level.as_str_name())).copied().unwrap_or(0);
        LevelCount { level: level.into(), customers }
    };
    ServiceReview {
        month: month.to_string(),
        venue_id: asked.venue.clone().into_wire(),
        as_of_time: caller.now.into_wire(),
        levels: Some(LevelReview {
            counts: [RelationshipLevel::Basic, RelationshipLevel::Engagement, RelationshipLevel::Intimacy]
                .map(count)
                .into(),
            movements: moved.into_wire(),
        }),
        absences: Some(AbsenceReview {
            slipping_away: slipping.into_wire(),
            newly_slipping_away: newly_slipping.into_wire(),
        }),
        standards,
        issues: Some(IssueReview { opened, reopened, resolved, causes: causes.into_wire() }),
        promises: Some(PromiseReview { kept, kept_late, missed, overdue: overdue.into_wire() }),
        gestures: given.into_wire(),
        drift: drifted.into_wire(),
        advocacy: Some(AdvocacyReview { feedback, mean_score, referrals }),
        budgets: budgets.into_wire(),
        policy: Some(PolicyReview {
            owner: policy.owner.clone(),
            review_due_date: policy.rules.review_due.map(|due| due.to_string()).unwrap_or_default(),
            due: is_policy_due.unwrap_or(false),
        }),
        other_events: others,
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

send!(Moved => proto::LevelMovement { from: level, to: level, movements });

send!(Cause => proto::CauseReview { venue = venue_id, cause, item, issues });

send!(Given => proto::GestureReview {
    venue = venue_id,
    kind = gesture_type_id,
    expectation: level_of_expectation,
    outcome: outcome_of,
    gestures,
});

send!(Drifted => proto::DriftReview { kind = gesture_type_id, became: level_of_expectation, customers });

impl IntoWire<BudgetReview> for Spent {
    fn into_wire(self) -> BudgetReview {
        let Self { venue, monthly, spent } = self;
        let spent = Money { minor_units: spent, ..monthly };
        BudgetReview { venue_id: venue.into_wire(), monthly: monthly.into_wire(), spent: spent.into_wire() }
    }
}

/// Counters have the names of the contract's enums, without their prefix.
fn level(raw: String) -> i32 {
    RelationshipLevel::from_str_name(&format!("RELATIONSHIP_LEVEL_{raw}")).unwrap_or_default().into()
}

fn level_of_expectation(raw: String) -> i32 {
    proto::ExpectationLevel::from_str_name(&format!("EXPECTATION_LEVEL_{raw}")).unwrap_or_default().into()
}

fn outcome_of(raw: String) -> i32 {
    proto::GestureOutcome::from_str_name(&format!("GESTURE_OUTCOME_{raw}")).unwrap_or_default().into()
}

fn name(level: &'static str) -> &'static str {
    level.trim_start_matches("RELATIONSHIP_LEVEL_")
}
