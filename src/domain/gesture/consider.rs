//! Whether a gesture may be given: all sides asked, the first that is against it answers.

use crate::domain::{
    kernel::{
        id::{PartId, RoleId},
        money::Money,
        time::Timestamp,
    },
    moment::{Moment, question::Question},
    parts::ledger::ExpectationLevel,
    policy::catalogue::{GestureType, Role},
    profile::Profile,
    suitability::{
        objection::{Dimension, Limit, Objection},
        sides::{Considered, Expense, approving, business_plan, concept, customer, process, team, tools},
    },
};

/// A gesture that staff ask to give, or a proposal to be approved.
#[derive(Debug, Clone, Copy)]
pub struct GestureQuery<'a> {
    pub kind: &'a GestureType,
    /// What it costs, if that was said when it was proposed; `None`: what the catalogue says.
    pub cost: Option<Money>,
    pub issue: Option<PartId>,
    /// The proposal that is to be approved.
    pub proposal: Option<PartId>,
    /// `None`: now.
    pub deliver_time: Option<Timestamp>,
    /// Of who gives or approves; `None`: the policy does not know it.
    pub role: Option<&'a Role>,
}

/// An objection that no role may overrule. It tells only a code of the customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Veto {
    pub dimension: Dimension,
    pub code: &'static str,
}

/// A gesture that nothing vetoes: it may be given, proposed or refused, as authority and budgets decide.
#[derive(Debug, Clone, PartialEq)]
pub struct NotVetoed {
    pub cost: Money,
    pub expectation: ExpectationLevel,
    /// `Some`: the role's authority does not reach.
    pub over: Option<OverAuthority>,
}

/// Why a role's authority does not reach, and whose does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OverAuthority {
    pub code: &'static str,
    /// `None`: not a matter of money.
    pub limit: Option<Limit>,
    /// The roles that may approve; none: nobody may.
    pub approving: Vec<RoleId>,
}

impl OverAuthority {
    /// Today's limit is passed: known only by drawing on the budget.
    pub fn today(approving: Vec<RoleId>) -> Self {
        Self { code: "OVER_AUTHORITY", limit: Some(Limit::PerDay), approving }
    }
}

impl From<Objection<'_>> for Veto {
    fn from(against: Objection<'_>) -> Self {
        Self { dimension: against.dimension(), code: against.code() }
    }
}

/// Asks all sides about a gesture, but not whether the two budgets have enough left: that is known by drawing on them.
pub fn consider(profile: &Profile, question: &Question<'_>, query: &GestureQuery<'_>) -> Result<NotVetoed, Veto> {
    let moment = Moment::of(profile, question);
    let GestureQuery { kind, issue, proposal, deliver_time, role, .. } = *query;
    let deliver_time = deliver_time.unwrap_or(question.now);
    let asked = Considered { proposal, deliver_time, ..Considered::of(&moment, kind) };
    let cost = query.cost.or_else(|| kind.cost(question.venue.currency));
    let against = customer(&moment, kind)
        .or_else(|| concept(&moment, &asked))
        .or_else(|| process(&moment, &asked))
        .or_else(|| tools(&moment, &asked))
        .or_else(|| business_plan(cost, None));
    let cost = match (against, cost) {
        (None, Some(cost)) => cost,
        (against, _) => return Err(against.unwrap_or(Objection::NoPrice).into()),
    };
    let expense = Expense { profile, kind, cost, issue, now: question.now };
    let over = team(&expense, role, None).map(|against| OverAuthority {
        code: against.code(),
        limit: match against {
            Objection::OverLimit { limit, .. } => Some(limit),
            _ => None,
        },
        approving: approving(&expense, &question.policy.rules),
    });
    Ok(NotVetoed { cost, expectation: asked.expectation, over })
}

/// The roles that may approve the gesture.
pub fn who_may_approve(
    profile: &Profile,
    question: &Question<'_>,
    query: &GestureQuery<'_>,
    cost: Money,
) -> Vec<RoleId> {
    let expense = Expense { profile, kind: query.kind, cost, issue: query.issue, now: question.now };
    approving(&expense, &question.policy.rules)
}
