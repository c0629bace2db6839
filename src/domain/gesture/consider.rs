//! Whether a gesture may be given; [`Dimension`] says in which order it is asked.

use crate::domain::{
    gate::Cleared,
    kernel::{
        id::{GestureTypeId, PartId, RoleId},
        money::Money,
        time::Timestamp,
    },
    moment::{Moment, question::Question},
    parts::{follow_up::told_place, ledger::ExpectationLevel},
    policy::catalogue::{GestureType, Role},
    profile::Profile,
    suitability::{
        dimensions::{
            self, Considered, Expense, approving, approving_for_anybody, business_plan, concept, customer, process,
            team, tools,
        },
        objection::{Dimension, Limit, Objection},
    },
};

/// A gesture that staff ask to give, or a proposal to be approved.
#[derive(Debug, Clone, Copy)]
pub struct GestureQuery<'a> {
    pub kind: &'a GestureType,
    /// Of a proposal: the cost that was noted when it was proposed, whatever the catalogue says by now. `None`: it was not
    /// proposed before, and costs what the catalogue says.
    pub cost: Option<Money>,
    pub issue: Option<PartId>,
    /// The proposal that is to be approved.
    pub proposal: Option<PartId>,
    /// `None`: now.
    pub deliver_time: Option<Timestamp>,
    /// The words that go with it; empty: none.
    pub note: &'a str,
    /// Where it is delivered; empty: not said.
    pub place: &'a str,
    /// Of who gives or approves; `None`: the policy does not know it.
    pub role: Option<&'a Role>,
}

/// An objection in any dimension but the team's: no role's approval overrules it. The team's is an [`OverAuthority`], even if
/// no role may approve. A veto tells of the customer the objection's code (see [`Objection::code`]), its dimension and whether it is the
/// words alone, and no more. Of a proposal whose type or venue has left the policy the code is NOT_IN_CATALOGUE or NO_VENUE.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Veto {
    pub dimension: Dimension,
    pub code: &'static str,
    /// If something speaks against its words alone: the field that has them. The gesture may be given with others, or without.
    pub of_words: Option<&'static str>,
}

/// A gesture that nothing vetoes: it may be given, proposed or refused, as authority and budgets decide.
#[derive(Debug, Clone, PartialEq)]
pub struct NotVetoed {
    pub kind: Cleared<GestureTypeId>,
    pub cost: Money,
    pub expectation: ExpectationLevel,
    /// `Some`: the role may not give it by itself.
    pub over: Option<OverAuthority>,
}

/// Why a role may not give a gesture by itself, and which roles may approve it: the policy does not know the role, the role may
/// not give the type, or a limit is exceeded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OverAuthority {
    pub code: &'static str,
    /// `None`: not a matter of money.
    pub limit: Option<Limit>,
    /// The roles that may approve; none: nobody may.
    pub approving: Vec<RoleId>,
}

impl OverAuthority {
    /// Today's limit is exceeded: known only when the day's budget refuses the hold.
    pub fn today(approving: Vec<RoleId>) -> Self {
        Self { code: "OVER_AUTHORITY", limit: Some(Limit::PerDay), approving }
    }
}

impl From<Objection<'_>> for Veto {
    fn from(against: Objection<'_>) -> Self {
        Self { dimension: against.dimension(), code: against.code(), of_words: None }
    }
}

/// Why the role may not give this type to anybody; to be asked before [`consider`]. The answer depends on
/// nothing of the customer but the cost of a proposal, so that a role that is refused learns nothing else of them. One that proposes the type all the same learns whether anything speaks
/// against it, not what, and who may approve it for this customer.
pub fn barred(question: &Question<'_>, query: &GestureQuery<'_>) -> Option<OverAuthority> {
    let against = dimensions::barred(query.kind, query.role)?;
    let cost = query.cost.or_else(|| query.kind.cost(question.venue.currency));
    let approving = approving_for_anybody(query.kind, cost, &question.policy.rules, question.now);
    Some(OverAuthority { code: against.code(), limit: None, approving })
}

/// Judges a gesture in all dimensions, except for what is left of the two budgets: they decide that themselves, when holds
/// are placed on them.
pub fn consider(profile: &Profile, question: &Question<'_>, query: &GestureQuery<'_>) -> Result<NotVetoed, Veto> {
    let moment = Moment::of(profile, question);
    let GestureQuery { kind, issue, proposal, deliver_time, role, .. } = *query;
    let deliver_time = deliver_time.unwrap_or(question.now);
    let asked = Considered { proposal, deliver_time, ..Considered::of(&moment, kind) };
    let cost = query.cost.or_else(|| kind.cost(question.venue.currency));
    let cleared = customer(&moment, kind, deliver_time);
    let against = concept(&moment, &asked)
        .or_else(|| process(&moment, &asked))
        .or_else(|| tools(&moment, &asked))
        .or_else(|| business_plan(cost, None));
    let (cleared, cost) = match (cleared, against, cost) {
        (Ok(cleared), None, Some(cost)) => (cleared, cost),
        (Err(against), ..) => return Err(against.into()),
        (_, against, _) => return Err(against.unwrap_or(Objection::NoPrice).into()),
    };
    for (field, words) in
        [("note", query.note), ("place", told_place(query.place, |name| question.menu.find(name).is_some()))]
    {
        if let Some(against) = dimensions::words(&moment, words, deliver_time) {
            return Err(Veto { of_words: Some(field), ..against.into() });
        }
    }
    let expense = Expense { profile, kind, cost, issue, now: question.now };
    let over = team(&expense, role, None).map(|against| OverAuthority {
        code: against.code(),
        limit: match against {
            Objection::OverLimit { limit, .. } => Some(limit),
            _ => None,
        },
        approving: approving(&expense, &question.policy.rules),
    });
    Ok(NotVetoed { kind: cleared.id(), cost, expectation: asked.expectation, over })
}

/// The roles that may approve the gesture at this cost.
pub fn who_may_approve(
    profile: &Profile,
    question: &Question<'_>,
    query: &GestureQuery<'_>,
    cost: Money,
) -> Vec<RoleId> {
    let expense = Expense { profile, kind: query.kind, cost, issue: query.issue, now: question.now };
    approving(&expense, &question.policy.rules)
}
