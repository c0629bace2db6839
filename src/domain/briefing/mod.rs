//! The briefing: what to respect, how to acknowledge, inform, anticipate and delight; each with its reason and tact.

mod acknowledge;
mod anticipate;
mod asked;
mod basket;
pub mod codes;
mod communicate;
mod delight;
mod folded;
mod headline;
mod marks;
mod occasions;
mod open;
mod recovery;
mod respect;
mod statement;
mod valid;

pub use basket::{CheckedLine, LineFinding};
pub use headline::HEADLINE_CHARS_MAX;
pub use statement::{
    Asked, Basis, Because, Conflict, Danger, Form, InLine, LineName, NamedLines, Promise, Promised, Statement, Tact,
    Value, WhyStopped,
};

pub use crate::domain::{
    moment::question::{Mask, Question},
    parts::consent::WithheldReason,
};

pub use recovery::{Stopped, judged};

use recovery::Owed;

use crate::domain::{
    gate::{self, Gate, TooYoungFor, Who},
    kernel::{
        id::{CustomerId, PartId},
        time::Timestamp,
    },
    moment::Moment,
    parts::{
        basket::Seat,
        consent::{Part, Purpose},
        identity::IdentityType,
        level::RelationshipLevel,
        precaution::{Precaution, PrecautionDraft, PrecautionState},
    },
    policy::Venue,
    profile::{CustomerKind, Profile},
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withheld {
    pub what: &'static str,
    pub reason: WithheldReason,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BriefingState {
    Known,
    FirstVisit,
    Ambiguous,
    /// Records cannot be read: whoever is here may be known.
    Unreadable,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Briefing {
    pub state: BriefingState,
    pub customer: Option<CustomerId>,
    pub candidates: Vec<CustomerId>,
    pub headline: Vec<Statement>,
    pub precaution_state: PrecautionState,
    pub asked_time: Option<Timestamp>,
    pub respect: Vec<Statement>,
    pub acknowledge: Vec<Statement>,
    pub communicate: Vec<Statement>,
    pub anticipate: Vec<Statement>,
    pub delight: Vec<Statement>,
    pub withheld: Vec<Withheld>,
    pub found_by: Option<IdentityType>,
    pub as_of: Timestamp,
    /// The first time at which the answer would differ. `None` with a basket.
    pub valid_until: Option<Timestamp>,
    /// `None`: not known, or withheld.
    pub relationship: Option<RelationshipLevel>,
    /// The precautions of `respect`, each with its id if they are all of one customer.
    pub precautions: Vec<(Option<PartId>, PrecautionDraft)>,
    /// One for each line of the basket.
    pub lines: Vec<CheckedLine>,
}

/// Lines that were checked against precautions said now.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckedItems {
    pub headline: Vec<Statement>,
    pub respect: Vec<Statement>,
    pub lines: Vec<CheckedLine>,
}

/// Checks the lines of a question against precautions that somebody says now: there is no customer.
pub fn check_items(precautions: &[Precaution], question: &Question<'_>) -> CheckedItems {
    let mut checked = basket::check(&union_gate(precautions.iter(), question), question, question.seat, false);
    let lines = std::mem::take(&mut checked.lines);
    let mut respect = std::mem::take(&mut checked.statements);
    respect.extend(
        precautions
            .iter()
            .filter(|known| !gate::is_understood(known, question.menu))
            .map(|known| respect::said(known, question.menu)),
    );
    let headline = headline::in_order(checked, headline::Besides::default()).collect();
    CheckedItems { headline, respect, lines }
}

/// What is known of nobody in particular: precautions alone.
fn union_gate<'a>(precautions: impl Iterator<Item = &'a Precaution>, question: &Question<'a>) -> Gate<'a> {
    let who = Who {
        is_asked: true,
        sees_precautions: true,
        habits: None,
        menu: question.menu,
        at: question.now,
        rules: &question.policy.rules.items,
    };
    Gate::of(precautions, std::iter::empty(), who)
}

/// The briefing about a known customer.
pub fn brief(customer: CustomerId, profile: &Profile, question: &Question<'_>) -> Briefing {
    let told = question.as_told();
    let moment = Moment::of(profile, &told);
    let mut briefing = Briefing::empty(BriefingState::Known, question);
    briefing.customer = Some(customer);
    briefing.valid_until = valid::until(&moment);
    if sees(&moment, Part::Precautions, &mut briefing.withheld, "respect") {
        briefing.precaution_state = profile.precaution_state(question.now);
        briefing.asked_time = profile.asked_time;
        briefing.respect = respect::section(&moment);
        let precautions = moment.precautions.iter();
        briefing.precautions = precautions.map(|known| (Some(known.id), known.reported.clone())).collect();
    }
    let mut checked = basket::check(moment.gate(), question, seat_of(question, [profile]), true);
    briefing.lines = std::mem::take(&mut checked.lines);
    briefing.respect.splice(0..0, std::mem::take(&mut checked.statements));
    if moment.may_see(Part::Precautions) {
        after_conflicts(&mut briefing.respect, marks::of_customer(&moment));
    }
    if let Err(reason) = moment.consented() {
        withhold_sections(&mut briefing.withheld, question.mask, reason);
        return briefing;
    }
    for (part, what) in [(Part::Name, "name"), (Part::Occasions, "occasions")] {
        sees(&moment, part, &mut briefing.withheld, what);
    }
    briefing.relationship = moment.may_see(Part::Relationship).then(|| moment.level());
    let mask = sections(&moment);
    if mask.acknowledge {
        briefing.acknowledge = acknowledge::section(&moment);
    }
    let is_owed = moment.may_see(Part::Recovery) && !profile.is_deceased();
    let owed = if is_owed { Owed::of(&moment) } else { Owed::default() };
    if mask.communicate {
        briefing.communicate = communicate::section(&moment, &owed);
    } else {
        // What must be stopped is told whatever sections are asked for.
        briefing.respect.extend(recovery::to_stop(&moment, &owed));
    }
    // An open issue silences selling.
    if mask.anticipate && !moment.is_unresolved {
        briefing.anticipate = anticipate::section(&moment);
    }
    if mask.delight {
        briefing.delight = delight::section(&moment);
    }
    briefing.headline = headline::known(&moment, &owed, checked);
    if !question.purpose.is_told_moments() {
        briefing.tell_days(question.venue);
    }
    briefing
}

/// Where those sit whose precautions these are. Of a household nobody says it: every plate may be theirs.
fn seat_of<'q, 'p>(question: &Question<'q>, profiles: impl IntoIterator<Item = &'p Profile>) -> Seat<'q> {
    let is_shared = profiles.into_iter().any(|profile| profile.details.kind == CustomerKind::Household);
    if is_shared { Seat::Customers("") } else { question.seat }
}

/// The sections that are made: while a manager is to be fetched, nothing is offered; nobody is told about the dead. A bar is a
/// matter of those who serve.
fn sections(moment: &Moment<'_>) -> Mask {
    let mask = moment.question.mask;
    let is_alive = !moment.profile.is_deceased();
    let is_welcome = moment.is_welcome();
    Mask {
        acknowledge: mask.acknowledge && is_alive,
        communicate: mask.communicate && is_alive,
        anticipate: mask.anticipate && is_welcome,
        delight: mask.delight && is_welcome,
    }
}

/// Puts marks into the section respect: before everything but what must not be served.
fn after_conflicts(respect: &mut Vec<Statement>, marks: Vec<Statement>) {
    let conflicts = respect.iter().take_while(|statement| statement.code == codes::BASKET_CONFLICT).count();
    respect.splice(conflicts..conflicts, marks);
}

/// Whether the purpose may see a part; notes what is withheld.
fn sees(moment: &Moment<'_>, part: Part, withheld: &mut Vec<Withheld>, what: &'static str) -> bool {
    match moment.sees(part) {
        Ok(()) => true,
        Err(reason) => {
            withheld.push(Withheld { what, reason });
            false
        }
    }
}

/// The briefing when no customer is found: what to ask.
pub fn brief_stranger(question: &Question<'_>) -> Briefing {
    let mut briefing = Briefing::empty(BriefingState::FirstVisit, question);
    if question.purpose == Purpose::Service {
        briefing.precaution_state = PrecautionState::NotAsked;
        briefing.respect = vec![asked::not_asked(Basis::NobodyKnown)];
        briefing.headline = vec![headline::short(asked::not_asked(Basis::NobodyAsked))];
    } else {
        briefing.withheld.push(Withheld { what: "respect", reason: WithheldReason::Purpose });
    }
    if question.mask.acknowledge {
        briefing.acknowledge = vec![acknowledge::first_visit(Basis::NobodyKnown)];
    }
    if question.mask.communicate {
        briefing.communicate = communicate::for_stranger();
    }
    briefing
}

/// Records cannot be read: nothing is known of anybody, and nothing is denied.
pub fn brief_unreadable(purpose: Purpose, mask: Mask, at: Timestamp) -> Briefing {
    let mut briefing = Briefing::of_nobody(BriefingState::Unreadable, at);
    briefing.precaution_state = PrecautionState::Unavailable;
    if purpose == Purpose::Service {
        briefing.headline = vec![headline::short(asked::not_asked(Basis::RecordsUnreadable))];
    }
    let sections = [
        ("respect", true),
        ("acknowledge", mask.acknowledge),
        ("communicate", mask.communicate),
        ("anticipate", mask.anticipate),
        ("delight", mask.delight),
    ];
    let wanted = sections.into_iter().filter(|(_, is_wanted)| *is_wanted);
    briefing.withheld = wanted.map(|(what, _)| Withheld { what, reason: WithheldReason::StoreUnfit }).collect();
    briefing
}

/// Several customers share the identity: the union of their precautions, and nothing else of theirs.
pub fn brief_candidates(candidates: &[(CustomerId, Profile)], question: &Question<'_>) -> Briefing {
    let mut briefing = Briefing::empty(BriefingState::Ambiguous, question);
    briefing.candidates = candidates.iter().map(|(id, _)| *id).collect();
    let ask = communicate::ask_who(candidates.len());
    if question.purpose == Purpose::Service {
        let profiles = || candidates.iter().map(|(_, profile)| profile);
        briefing.precaution_state = union_state(profiles().map(|profile| profile.precaution_state(question.now)));
        // The oldest answer is the one to be doubted first; one that was never asked leaves no time to give.
        let asked: Option<Vec<Timestamp>> = profiles().map(|profile| profile.asked_time).collect();
        briefing.asked_time = asked.and_then(|times| times.into_iter().min());
        let (section, precautions) = respect::union(candidates, question);
        let Question { policy, venue, menu, at, .. } = question;
        let young = TooYoungFor::of_all(profiles(), venue.date_of(*at), policy, venue, menu);
        // Whoever is here may be the companion of another of them.
        let gate = union_gate(precautions.iter().copied(), question).of_others_too(|_| true).too_young_for(young);
        let mut checked = basket::check(&gate, question, seat_of(question, profiles()), false);
        briefing.lines = std::mem::take(&mut checked.lines);
        briefing.respect = std::mem::take(&mut checked.statements);
        briefing.respect.extend(section);
        let marks = marks::of_candidates(candidates, question.now);
        let mark = marks.first().cloned();
        after_conflicts(&mut briefing.respect, marks);
        briefing.precautions = precautions.iter().map(|known| (None, known.reported.clone())).collect();
        let ask = asked::question_to_candidates(candidates, question.now);
        let precautions = headline::precaution(&precautions, question.menu, false);
        let besides = headline::Besides { mark, precautions, ask, stop: None };
        briefing.headline = headline::in_order(checked, besides).collect();
    } else {
        briefing.withheld.push(Withheld { what: "respect", reason: WithheldReason::Purpose });
    }
    briefing.headline.truncate(headline::HEADLINE_MAX - 1);
    briefing.headline.push(headline::short(ask.clone()));
    if question.mask.communicate {
        briefing.communicate = vec![ask];
    }
    briefing
}

/// Listed, if one of them has precautions; not asked, if one of them was not: staff must not conclude that there are none.
fn union_state(states: impl Iterator<Item = PrecautionState>) -> PrecautionState {
    let severity = |state: &PrecautionState| match state {
        PrecautionState::Listed => 4,
        PrecautionState::Unavailable => 3,
        PrecautionState::Withheld => 2,
        PrecautionState::NotAsked => 1,
        PrecautionState::NoneKnown => 0,
    };
    states.max_by_key(severity).unwrap_or(PrecautionState::NotAsked)
}

fn withhold_sections(withheld: &mut Vec<Withheld>, mask: Mask, reason: WithheldReason) {
    let sections = [
        ("headline", true),
        ("acknowledge", mask.acknowledge),
        ("communicate", mask.communicate),
        ("anticipate", mask.anticipate),
        ("delight", mask.delight),
    ];
    withheld.extend(sections.into_iter().filter(|(_, asked)| *asked).map(|(what, _)| Withheld { what, reason }));
}

/// What is left of a share where only days are told.
const HUNDREDTHS: f64 = 100.0;

impl Briefing {
    fn empty(state: BriefingState, question: &Question<'_>) -> Self {
        Self { lines: basket::unchecked(question), ..Self::of_nobody(state, question.at) }
    }

    /// Leaves out whose it is: to a purpose that may not see who has an identity, the answer by one must not tell it.
    pub fn withhold_whose(&mut self, reason: WithheldReason) {
        let what = if self.customer.is_some() { "customer_id" } else { "candidate_ids" };
        self.customer = None;
        self.candidates.clear();
        self.withheld.push(Withheld { what, reason });
    }

    /// Leaves of each time its business day at the venue. What decays with time tells it too, to the second: hundredths are left of that.
    fn tell_days(&mut self, venue: &Venue) {
        let told = [
            &mut self.headline,
            &mut self.respect,
            &mut self.acknowledge,
            &mut self.communicate,
            &mut self.anticipate,
            &mut self.delight,
        ];
        for (_, value) in told.into_iter().flatten().flat_map(|statement| &mut statement.parameters) {
            match value {
                Value::Time(time) => *time = venue.midnight_of(*time),
                Value::Ratio(ratio) => *ratio = (*ratio * HUNDREDTHS).round() / HUNDREDTHS,
                Value::Text(_) | Value::Number(_) | Value::Money(_) | Value::Item(_) => {}
            }
        }
    }

    fn of_nobody(state: BriefingState, at: Timestamp) -> Self {
        Self {
            state,
            customer: None,
            candidates: Vec::new(),
            headline: Vec::new(),
            precaution_state: PrecautionState::Withheld,
            asked_time: None,
            respect: Vec::new(),
            acknowledge: Vec::new(),
            communicate: Vec::new(),
            anticipate: Vec::new(),
            delight: Vec::new(),
            withheld: Vec::new(),
            found_by: None,
            as_of: at,
            valid_until: None,
            relationship: None,
            precautions: Vec::new(),
            lines: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests;
