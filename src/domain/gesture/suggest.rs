//! Which gesture to give: ranked by what is known of this customer's own life, never what they count on before something
//! fresh.

use std::cmp::Reverse;

use super::verdict::{Verdict, agreement};
use crate::domain::{
    kernel::{
        id::{PartId, RoleId},
        money::Money,
        words,
    },
    moment::{Moment, phrases, question::Question},
    parts::{
        ledger::ExpectationLevel,
        preference::{Preference, Stance},
    },
    policy::catalogue::{GestureType, Role},
    profile::Profile,
    suitability::{
        merit::Merit,
        objection::{Dimension, Objection},
        sides::{Considered, Expense, approving, business_plan, concept, customer, process, team, tools},
    },
};

/// Who asks, and what is left of the money, in minor units of the venue's currency.
#[derive(Debug, Clone, Copy)]
pub struct Till<'a> {
    /// `None`: the policy does not know the caller's role.
    pub role: Option<&'a Role>,
    pub month_left: i64,
    pub day_left: i64,
}

/// A type of gesture, looked at for one customer here and now.
#[derive(Debug, Clone, PartialEq)]
pub struct Suggested<'a> {
    pub kind: &'a GestureType,
    /// `None`: it has no price here.
    pub cost: Option<Money>,
    pub expectation: ExpectationLevel,
    /// One of each dimension, in their order.
    pub verdicts: Vec<Verdict>,
    /// When the team is against it: who may approve.
    pub approving: Vec<RoleId>,
    pub reason: String,
}

impl Suggested<'_> {
    pub fn is_suggested(&self) -> bool {
        self.verdicts.iter().all(|verdict| verdict.agrees)
    }

    /// Whether something speaks against it that no colleague may put right.
    pub fn is_vetoed(&self) -> bool {
        let against = |verdict: &Verdict| !verdict.agrees && verdict.dimension != Dimension::Team;
        self.verdicts.iter().any(against) || (!self.is_suggested() && self.approving.is_empty())
    }
}

/// The whole catalogue for a customer, the best first. `issue`: what is to be made good.
pub fn suggest<'a>(
    profile: &'a Profile,
    question: &'a Question<'a>,
    till: &Till<'_>,
    issue: Option<PartId>,
) -> Vec<Suggested<'a>> {
    let moment = Moment::of(profile, question);
    let mut ranked: Vec<(_, Suggested<'a>)> = Vec::new();
    for kind in &question.policy.rules.catalogue {
        let one = look(&moment, kind, till, issue);
        let class = if one.is_suggested() {
            0
        } else if one.is_vetoed() {
            2
        } else {
            1
        };
        let stale = Reverse(one.expectation.min(ExpectationLevel::Augmented));
        let merit = Merit::of(&moment, &Considered::of(&moment, kind), issue);
        ranked.push(((class, stale, merit.rank(kind, one.cost)), one));
    }
    ranked.sort_by(|one, other| one.0.cmp(&other.0));
    ranked.into_iter().map(|(_, suggested)| suggested).collect()
}

fn look<'a>(moment: &Moment<'a>, kind: &'a GestureType, till: &Till<'_>, issue: Option<PartId>) -> Suggested<'a> {
    let question = moment.question;
    let cost = kind.cost(question.venue.currency);
    let asked = Considered { deliver_time: question.now, ..Considered::of(moment, kind) };
    let expectation = asked.expectation;
    let expense = cost.map(|cost| Expense { profile: moment.profile, kind, cost, issue, now: question.now });
    let objections: [Option<Objection<'_>>; 6] = [
        customer(moment, kind),
        concept(moment, &asked),
        process(moment, &asked),
        tools(moment, &asked),
        business_plan(cost, Some(till.month_left)),
        expense.as_ref().and_then(|expense| team(expense, till.role, Some(till.day_left))),
    ];
    let is_expected = expectation <= ExpectationLevel::Expected;
    let verdict = |(dimension, objection): (Dimension, Option<Objection<'_>>)| match objection {
        Some(against) => Verdict { dimension, agrees: false, code: against.code(), reason: against.reason(moment) },
        None => agreement(dimension, kind, is_expected),
    };
    let needs_approval = objections[5].is_some();
    let rules = &question.policy.rules;
    Suggested {
        kind,
        cost,
        expectation,
        verdicts: Dimension::ALL.into_iter().zip(objections).map(verdict).collect(),
        approving: expense.filter(|_| needs_approval).map_or_else(Vec::new, |expense| approving(&expense, rules)),
        reason: Merit::of(moment, &asked, issue).reason(moment),
    }
}

impl Merit<'_> {
    /// "Makes good: air conditioning. 40th birthday tomorrow. Favourite: chinotto, stated once, …"
    fn reason(&self, moment: &Moment<'_>) -> String {
        let mut parts: Vec<String> = Vec::with_capacity(4);
        if let Some(issue) = self.makes_good {
            let cause = words::spoken(&issue.reported.cause).to_lowercase();
            parts.push(format!("Makes good: {cause}, since {}.", moment.day_of(issue.open_time)));
        }
        if let Some(near) = self.occasion {
            parts.push(format!("{} {}.", phrases::capital(near.name()), words::in_days(near.days)));
        }
        if let Some(known) = self.taste {
            parts.push(liking(moment, known));
        }
        match (self.delighted, self.given) {
            (0, 0) if parts.is_empty() => parts.push("Nobody has given it to them yet.".to_owned()),
            (0, 0) => {}
            (0, given) => parts.push(format!("Given {} before.", words::counted(u64::from(given), "time"))),
            (delighted, _) => {
                parts.push(format!("It delighted them {}.", words::counted(u64::from(delighted), "time")));
            }
        }
        parts.join(" ")
    }
}

/// "Favourite: chinotto. Stated once, on 2 March 2026. Learnt at Lisbon, Alfama."
fn liking(moment: &Moment<'_>, known: &Preference) -> String {
    let verb = if known.stance == Stance::Favourite { "Favourite" } else { "Likes" };
    let learnt = known.venue.as_ref().and_then(|id| moment.question.policy.venue(id));
    let learnt = learnt.map(|venue| format!(" Learnt at {}.", venue.display_name)).unwrap_or_default();
    format!("{verb}: {}. {}{learnt}", known.subject.item, phrases::preference_reason(moment, known))
}
