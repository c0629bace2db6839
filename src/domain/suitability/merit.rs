//! What speaks for a gesture, and which one is best.

use std::cmp::Reverse;

use super::dimensions::{Considered, concept, customer, process, venue_cannot};
use crate::domain::{
    gate::Cleared,
    insight::near::Near,
    kernel::{id::PartId, money::Money, stems, text::is_same, time::Timestamp},
    moment::Moment,
    parts::{
        issue::Issue,
        ledger::ExpectationLevel,
        preference::{Preference, Stance},
    },
    policy::catalogue::GestureType,
    words::fold::is_same_item,
};

/// Capacity reserved for suitable types; most catalogues have fewer.
const SUITABLE_CAPACITY: usize = 16;
/// Preferences compared with a type, the strongest first: the weaker ones of a long list do not matter.
const TASTES_MAX: usize = 8;

/// What of the customer's life speaks for a gesture.
pub(in crate::domain) struct Merit<'m, 'a> {
    pub makes_good: Option<&'a Issue>,
    pub occasion: Option<&'m Near<'a>>,
    pub taste: Option<Cleared<&'a Preference>>,
    /// Whether it is a recovery gesture and there is no issue to compensate for.
    pub idle: bool,
    pub given: u32,
    pub delighted: u32,
    pub declined: u32,
    pub last: Option<Timestamp>,
}

/// The order among suitable gestures: the stronger reasons first, then what was given longest ago, then what costs less; the
/// id comes last, so that the order is total.
pub(in crate::domain) type Rank<'a> = (Reverse<i32>, Option<Timestamp>, i64, &'a str);

impl<'m, 'a> Merit<'m, 'a> {
    pub fn of(moment: &'m Moment<'a>, asked: &Considered<'a>, issue: Option<PartId>) -> Self {
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

    pub fn rank(&self, kind: &'a GestureType, cost: Option<Money>) -> Rank<'a> {
        let taste = match self.taste.map(|known| known.get().stance) {
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
}

/// The order of a type of which nothing of the customer is told.
pub(in crate::domain) fn rank_for_anybody(kind: &GestureType, cost: Option<Money>) -> Rank<'_> {
    (Reverse(0), None, cost.map_or(i64::MAX, |cost| cost.minor_units), kind.id.as_str())
}

/// The strongest liking that a type appeals to.
fn taste<'a>(moment: &Moment<'a>, kind: &GestureType) -> Option<Cleared<&'a Preference>> {
    let matches = |known: &Preference| {
        let subject = &known.subject;
        kind.appeals_to.iter().any(|word| is_same_thing(word, &subject.item) || is_same_thing(word, &subject.category))
    };
    moment.believed().iter().take(TASTES_MAX).map(|(known, _)| *known).find(|known| matches(known.get()))
}

/// Letters of an English plural.
const PLURAL_CHARS_MAX: usize = 2;

/// The same but for how it is written, and an English plural.
fn is_same_thing(one: &str, other: &str) -> bool {
    // An accent takes bytes, and may stand on the first letter.
    if !(one.is_ascii() && other.is_ascii()) && is_same_item(one, other) {
        return true;
    }
    // Most differ in length or begin differently, and cost no more than this.
    if one.len().abs_diff(other.len()) > PLURAL_CHARS_MAX {
        return false;
    }
    let first = |text: &str| text.as_bytes().first().map_or(0, u8::to_ascii_lowercase);
    let (begins, begins_other) = (first(one), first(other));
    if begins != begins_other && begins.is_ascii() && begins_other.is_ascii() {
        return false;
    }
    let ((root, ended), (other_root, other_ended)) = (stems::root(one), stems::root(other));
    ended == other_ended && is_same(root, other_root)
}

/// The best gesture that the customer does not count on yet, for the briefing. It ignores what is left of budgets and
/// authority. Precautions are compared last, best type first, because that costs most.
pub(in crate::domain) fn top<'m, 'a: 'm>(moment: &'m Moment<'a>) -> Option<(Cleared<&'a GestureType>, Merit<'m, 'a>)> {
    let question = moment.question;
    let catalogue = &question.policy.rules.catalogue;
    if catalogue.is_empty() || !question.venue.is_open_at(question.at) {
        return None;
    }
    let mut suitable: Vec<(Rank<'a>, &'a GestureType, Merit<'m, 'a>)> =
        Vec::with_capacity(SUITABLE_CAPACITY.min(catalogue.len()));
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
            suitable.push((merit.rank(kind, Some(cost)), kind, merit));
        }
    }
    suitable.sort_by(|one, other| one.0.cmp(&other.0));
    suitable.into_iter().find_map(|(_, kind, merit)| Some((customer(moment, kind, question.at).ok()?, merit)))
}
