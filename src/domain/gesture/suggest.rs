//! Which gesture to give: ranked by what is known of this customer's own life, never what they count on before something
//! fresh.

use std::cmp::Reverse;

use super::verdict::{Finding, Verdict, agreement};
use crate::domain::{
    gate::Cleared,
    insight::near::Near,
    kernel::{
        id::{PartId, RoleId},
        money::Money,
    },
    moment::{Moment, question::Question},
    parts::{issue::Issue, ledger::ExpectationLevel, preference::Preference},
    policy::{
        Venue,
        catalogue::{GestureType, Role},
    },
    profile::Profile,
    suitability::{
        dimensions::{
            Considered, Expense, approving, approving_for_anybody, barred, business_plan, concept, customer, process,
            team, tools,
        },
        merit::{Merit, rank_for_anybody},
        objection::{Dimension, Objection},
    },
};

/// The giver's role, and what is left of its money, in minor units of the venue's currency.
#[derive(Debug, Clone, Copy)]
pub struct GiverLimits<'a> {
    /// `None`: the policy does not know the caller's role.
    pub role: Option<&'a Role>,
    /// Of the venue's budget of the month.
    pub month_left: i64,
    /// Of the giver's authority for the business day.
    pub day_left: i64,
}

/// A type of gesture, judged for one customer here and now. `crate::phrasing` makes the texts from it.
#[derive(Debug, Clone)]
pub struct Suggested<'a> {
    /// The type in the catalogue.
    pub kind: &'a GestureType,
    /// `None`: it has no price here.
    pub cost: Option<Money>,
    /// What it is to this customer by now.
    pub expectation: ExpectationLevel,
    /// One for each dimension, in the order of [`Dimension::ALL`]. Of a type that the giver's role may not give at all, the
    /// team's alone: nothing is told of the customer.
    pub verdicts: Vec<Verdict<'a>>,
    /// When the team is against it: who may approve.
    pub approving: Vec<RoleId>,
    /// What speaks for it; `None`: the giver's role may not give it.
    pub reasons: Option<Reasons<'a>>,
    /// Where it would be given: its calendar says on which days something was.
    pub venue: &'a Venue,
}

/// What of the customer's life speaks for a gesture.
#[derive(Debug, Clone, Copy)]
pub struct Reasons<'a> {
    /// The issue that it makes good.
    pub makes_good: Option<&'a Issue>,
    /// The occasion that it celebrates.
    pub occasion: Option<Near<'a>>,
    /// The words for that day, as far as they may be said.
    pub label: &'a str,
    /// What they like of it.
    pub taste: Option<Cleared<&'a Preference>>,
    /// Where the taste was learnt, if it is tied to a venue.
    pub learnt_at: Option<&'a Venue>,
    /// How often it was given to them.
    pub given: u32,
    /// How often it delighted them.
    pub delighted: u32,
}

impl Suggested<'_> {
    pub fn is_suggested(&self) -> bool {
        self.verdicts.iter().all(Verdict::agrees)
    }

    /// Whether it may not be given at all: an objection that no approval overrules, or nobody who may approve.
    pub fn is_vetoed(&self) -> bool {
        let against = |verdict: &Verdict<'_>| !verdict.agrees() && verdict.dimension != Dimension::Team;
        self.verdicts.iter().any(against) || (!self.is_suggested() && self.approving.is_empty())
    }
}

/// The order of suggestions, before everything else.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    Suggested,
    NeedsApproval,
    Vetoed,
}

/// The whole catalogue for a customer, the best first. `issue`: the one to compensate for.
pub fn suggest<'a>(
    profile: &'a Profile,
    question: &'a Question<'a>,
    limits: &GiverLimits<'_>,
    issue: Option<PartId>,
) -> Vec<Suggested<'a>> {
    let moment = Moment::of(profile, question);
    let mut ranked: Vec<(_, Suggested<'a>)> = Vec::new();
    for kind in &question.policy.rules.catalogue {
        if let Some(objection) = barred(kind, limits.role) {
            let one = withheld(question, kind, objection);
            let stale = Reverse(one.expectation.min(ExpectationLevel::Augmented));
            ranked.push(((class_of(&one), stale, rank_for_anybody(kind, one.cost)), one));
            continue;
        }
        let asked = Considered { deliver_time: question.now, ..Considered::of(&moment, kind) };
        let merit = Merit::of(&moment, &asked, issue);
        let one = judge(&moment, &asked, &merit, limits, issue);
        let stale = Reverse(one.expectation.min(ExpectationLevel::Augmented));
        ranked.push(((class_of(&one), stale, merit.rank(kind, one.cost)), one));
    }
    ranked.sort_by(|one, other| one.0.cmp(&other.0));
    ranked.into_iter().map(|(_, suggested)| suggested).collect()
}

fn class_of(one: &Suggested<'_>) -> Class {
    if one.is_suggested() {
        Class::Suggested
    } else if one.is_vetoed() {
        Class::Vetoed
    } else {
        Class::NeedsApproval
    }
}

/// A type that the giver's role may not give at all: judged as for anybody.
fn withheld<'a>(question: &'a Question<'a>, kind: &'a GestureType, objection: Objection<'a>) -> Suggested<'a> {
    let rules = &question.policy.rules;
    let cost = kind.cost(question.venue.currency);
    Suggested {
        kind,
        cost,
        expectation: ExpectationLevel::after(0, kind.is_on_trial(), &rules.drift),
        verdicts: vec![Verdict { dimension: Dimension::Team, finding: Finding::Against(objection) }],
        approving: approving_for_anybody(kind, cost, rules, question.now),
        reasons: None,
        venue: question.venue,
    }
}

fn judge<'a>(
    moment: &Moment<'a>,
    asked: &Considered<'a>,
    merit: &Merit<'_, 'a>,
    limits: &GiverLimits<'_>,
    issue: Option<PartId>,
) -> Suggested<'a> {
    let question = moment.question;
    let Considered { kind, expectation, .. } = *asked;
    let cost = kind.cost(question.venue.currency);
    let expense = cost.map(|cost| Expense { profile: moment.profile, kind, cost, issue, now: question.now });
    let objections: [Option<Objection<'a>>; 6] = [
        customer(moment, kind, asked.deliver_time).err(),
        concept(moment, asked),
        process(moment, asked),
        tools(moment, asked),
        business_plan(cost, Some(limits.month_left)),
        expense.as_ref().and_then(|expense| team(expense, limits.role, Some(limits.day_left))),
    ];
    let is_expected = expectation <= ExpectationLevel::Expected;
    let verdict = |(dimension, objection): (Dimension, Option<Objection<'a>>)| {
        let agreed = || Finding::For(agreement(dimension, kind, is_expected));
        Verdict { dimension, finding: objection.map_or_else(agreed, Finding::Against) }
    };
    let [.., team_objection] = objections;
    let needs_approval = team_objection.is_some();
    let rules = &question.policy.rules;
    Suggested {
        kind,
        cost,
        expectation,
        verdicts: Dimension::ALL.into_iter().zip(objections).map(verdict).collect(),
        approving: expense.filter(|_| needs_approval).map_or_else(Vec::new, |expense| approving(&expense, rules)),
        reasons: Some(reasons(moment, merit)),
        venue: question.venue,
    }
}

fn reasons<'a>(moment: &Moment<'a>, merit: &Merit<'_, 'a>) -> Reasons<'a> {
    let learnt_at = merit.taste.and_then(|known| known.get().venue.as_ref());
    Reasons {
        makes_good: merit.makes_good,
        occasion: merit.occasion.copied(),
        label: merit.occasion.map_or("", |near| moment.label_of(near.occasion)),
        taste: merit.taste,
        learnt_at: learnt_at.and_then(|venue| moment.question.policy.venue(venue)),
        given: merit.given,
        delighted: merit.delighted,
    }
}
