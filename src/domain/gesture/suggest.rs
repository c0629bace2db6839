//! Which gesture to give: ranked by what is known of this customer's own life, never what they count on before something
//! fresh.

use std::cmp::Reverse;

use super::{
    super::{
        Profile, Timestamp,
        briefing::{Moment, Question, occasions, respect, words},
        catalogue::{GestureType, Role},
        id::{PartId, RoleId},
        issue::Issue,
        money::Money,
        preference::{Preference, Stance},
    },
    Dimension, ExpectationLevel, Objection, Verdict,
    objection::agreement,
    verdict::{
        Considered, Expense, approving, business_plan, concept, cool_down_end, customer, process, team, tools,
        venue_cannot,
    },
};

/// Tastes that are looked at, the strongest first: what matters of a long list of likes.
const TASTES_MAX: usize = 8;
/// Types that are usually fit at once: what room is made for.
const FIT_MAX: usize = 16;
/// Warnings about what they count on in one briefing: more cannot be kept in mind.
const WARNINGS_MAX: usize = 2;

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

/// What of the customer's life speaks for a gesture.
struct Merit<'m> {
    makes_good: Option<&'m Issue>,
    occasion: Option<&'m occasions::Near<'m>>,
    taste: Option<&'m Preference>,
    /// It makes good, and nothing went wrong.
    idle: bool,
    given: u32,
    delighted: u32,
    declined: u32,
    last: Option<Timestamp>,
}

/// The order among gestures that stand equally: what speaks for it, what was not given for long, what costs less; at last
/// the name, so that the order is total.
type Rank<'a> = (Reverse<i32>, Option<Timestamp>, i64, &'a str);

impl<'m> Merit<'m> {
    fn of(moment: &'m Moment<'_>, asked: &Considered<'m>, issue: Option<PartId>) -> Self {
        let Considered { kind, entry: ledger, .. } = *asked;
        let named = issue.and_then(|id| moment.profile.issue(id));
        let makes_good =
            if kind.recovery { named.or_else(|| moment.profile.open_issues().first().copied()) } else { None };
        Self {
            makes_good,
            occasion: if kind.celebrates { moment.near.first() } else { None },
            taste: taste(moment, kind),
            idle: kind.recovery && makes_good.is_none(),
            given: ledger.map_or(0, |entry| entry.given),
            delighted: ledger.map_or(0, |entry| entry.delighted),
            declined: ledger.map_or(0, |entry| entry.declined),
            last: ledger.and_then(|entry| entry.times.last().copied()),
        }
    }

    fn rank<'a>(&self, kind: &'a GestureType, cost: Option<Money>) -> Rank<'a> {
        let taste = match self.taste.map(|known| known.stance) {
            Some(Stance::Favourite) => 3,
            Some(Stance::Likes | Stance::Dislikes | Stance::Avoid) => 2,
            None => 0,
        };
        let weight = 8 * i32::from(self.makes_good.is_some())
            + 4 * i32::from(self.occasion.is_some())
            + taste
            + i32::from(self.delighted > 0)
            - 4 * i32::from(self.declined > self.delighted)
            - 4 * i32::from(self.idle);
        (Reverse(weight), self.last, cost.map_or(i64::MAX, |cost| cost.minor_units), kind.id.as_str())
    }

    /// The same in few words, for the briefing, whose other sections tell the rest.
    fn hint(&self) -> String {
        let occasion = || self.occasion.map(|near| ["For the ", &occasions::name_of(&near.occasion.reported)].concat());
        let taste = || self.taste.map(|known| ["They like ", &known.subject.item].concat());
        let issue = self.makes_good.map(|issue| ["Makes good ", &words::spoken(&issue.reported.cause)].concat());
        issue.or_else(occasion).or_else(taste).unwrap_or_else(|| "Nothing that they count on yet".to_owned())
    }

    /// "Makes good: air conditioning. 40th birthday tomorrow. Favourite: chinotto, stated once, …"
    fn reason(&self, moment: &Moment<'_>) -> String {
        let mut parts: Vec<String> = Vec::with_capacity(4);
        if let Some(issue) = self.makes_good {
            let cause = words::spoken(&issue.reported.cause).to_lowercase();
            parts.push(format!("Makes good: {cause}, since {}.", moment.day_of(issue.open_time)));
        }
        if let Some(near) = self.occasion {
            parts.push(format!("{} {}.", occasions::capital(near.name()), words::in_days(near.days)));
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
    format!("{verb}: {}. {}{learnt}", known.subject.item, respect::preference_reason(moment, known))
}

/// The strongest liking that a type appeals to.
fn taste<'m>(moment: &'m Moment<'_>, kind: &GestureType) -> Option<&'m Preference> {
    let meets = |known: &Preference| {
        let subject = &known.subject;
        kind.appeals_to.iter().any(|word| is_same_thing(word, &subject.item) || is_same_thing(word, &subject.category))
    };
    moment.believed().iter().take(TASTES_MAX).map(|(known, _)| *known).find(|known| meets(known))
}

/// Letters of an English plural.
const PLURAL_CHARS_MAX: usize = 2;

/// The same but for capitals and an English plural.
fn is_same_thing(one: &str, other: &str) -> bool {
    // Most differ in length or begin differently, and cost no more than this.
    if one.len().abs_diff(other.len()) > PLURAL_CHARS_MAX {
        return false;
    }
    let first = |text: &str| text.as_bytes().first().map_or(0, u8::to_ascii_lowercase);
    let (begins, begins_other) = (first(one), first(other));
    if begins != begins_other && begins.is_ascii() && begins_other.is_ascii() {
        return false;
    }
    words::is_same(words::singular(one), words::singular(other))
}

/// The best gesture that is fresh, for the briefing: without asking what is left of budgets and authority, and looking at
/// precautions only for what would be suggested, because that costs most.
pub(in crate::domain) fn top<'a>(moment: &Moment<'a>) -> Option<(&'a GestureType, String)> {
    let question = moment.question;
    let catalogue = &question.policy.rules.catalogue;
    if catalogue.is_empty() || !question.venue.is_open_at(question.at) {
        return None;
    }
    let mut fit: Vec<(Rank<'a>, &'a GestureType, Merit<'_>)> = Vec::with_capacity(FIT_MAX.min(catalogue.len()));
    for kind in catalogue {
        let Some(cost) = kind.cost(question.venue.currency) else { continue };
        let asked = Considered::of(moment, kind);
        let against =
            concept(moment, &asked).or_else(|| process(moment, &asked)).or_else(|| venue_cannot(question.venue, kind));
        if against.is_some() || (asked.expectation <= ExpectationLevel::Expected && !kind.recovery) {
            continue;
        }
        let merit = Merit::of(moment, &asked, None);
        if !merit.idle {
            fit.push((merit.rank(kind, Some(cost)), kind, merit));
        }
    }
    fit.sort_by(|one, other| one.0.cmp(&other.0));
    let (_, kind, merit) = fit.into_iter().find(|(_, kind, _)| customer(moment, kind).is_none())?;
    Some((kind, merit.hint()))
}

/// What the customer counts on, was given on their last visits, and has not got on this business day. Nobody counts on what
/// makes good, nor on a celebration without an occasion.
pub(in crate::domain) fn warnings<'a>(moment: &Moment<'a>) -> Vec<Warning<'a>> {
    let question = moment.question;
    let rules = &question.policy.rules;
    let mut warnings = Vec::new();
    for entry in &moment.profile.ledger {
        let recent = entry.recent(&rules.drift, question.now);
        if recent < usize::from(rules.drift.expected_from) {
            continue;
        }
        let (Some(kind), Some(last)) = (rules.gesture_type(&entry.gesture_type), entry.times.last()) else { continue };
        let asked = Considered::of(moment, kind);
        // That it is expected speaks for the warning, not against it.
        let fresh = Considered { expectation: ExpectationLevel::Augmented, ..asked };
        let is_due = !kind.recovery
            && question.venue.local(*last).date < moment.local.date
            && concept(moment, &fresh).is_none()
            && cool_down_end(entry, kind).is_none_or(|until| until <= question.now)
            && process(moment, &asked).is_none()
            && venue_cannot(question.venue, kind).is_none()
            && customer(moment, kind).is_none();
        if is_due {
            warnings.push(Warning { kind, expectation: asked.expectation, times: recent, last: *last });
        }
        if warnings.len() == WARNINGS_MAX {
            break;
        }
    }
    warnings
}

/// Something that would be missed.
pub(in crate::domain) struct Warning<'a> {
    pub kind: &'a GestureType,
    /// EXPECTED or GENERIC.
    pub expectation: ExpectationLevel,
    /// How often it was given within the policy's window.
    pub times: usize,
    pub last: Timestamp,
}
