//! What a customer was given, and what that has become to them.

use super::{
    super::{
        Caller, Readers,
        error::{Error, Result},
        recovery::Verdict,
    },
    delivery,
};
use crate::domain::{
    CustomerId,
    consent::{Part, Purpose},
    follow_up::FollowUp,
    gesture::{ExpectationLevel, Gesture, GestureState, LedgerEntry},
};

/// Gestures in one list: the latest are what staff ask about.
const LISTED_MAX: usize = 24;

/// A customer's gestures and ledger.
pub struct Gifts {
    /// The newest first.
    pub gestures: Vec<ListedGesture>,
    /// One entry per type, with what the type is to the customer now.
    pub ledger: Vec<(LedgerEntry, ExpectationLevel)>,
}

impl Readers {
    /// Lists a customer's gestures. Only for serving.
    pub async fn gestures(&self, caller: &Caller, customer: CustomerId, purpose: Purpose) -> Result<Gifts> {
        let profile = self.records.read(&caller.key(customer)).await?.ok_or(Error::CustomerNotFound)?.profile;
        profile.sees(purpose, Part::Gestures).map_err(Error::Withheld)?;
        let rules = &caller.in_force.policy.rules;
        let is_on_trial = |entry: &LedgerEntry| {
            rules.gesture_type(&entry.gesture_type).is_some_and(crate::domain::policy::GestureType::is_on_trial)
        };
        let expectation = |entry: &LedgerEntry| {
            profile.expectation(&entry.gesture_type, is_on_trial(entry), &rules.drift, caller.now)
        };
        let ledger = profile.ledger.iter().map(|entry| (entry.clone(), expectation(entry))).collect();
        let mut gestures: Vec<&Gesture> = profile.gestures.iter().collect();
        gestures.sort_by_key(|known| std::cmp::Reverse((known.give_time, known.id)));
        gestures.truncate(LISTED_MAX);
        let proposed: Vec<FollowUp> = gestures.iter().filter_map(|known| if_approved(caller, known)).collect();
        let (waiting, owed) = (
            self.verdicts(caller, &profile, &proposed).await?,
            self.verdicts(caller, &profile, &profile.follow_ups).await?,
        );
        let judged = || {
            let owed = profile.follow_ups.iter().map(|known| (known, Some(known.id))).zip(&owed);
            owed.chain(proposed.iter().map(|known| (known, None)).zip(&waiting))
        };
        let listed = |known: &Gesture| {
            let of = judged().find(|((follow_up, _), _)| follow_up.promised.gesture == Some(known.id));
            ListedGesture {
                gesture: known.clone(),
                delivery: of.and_then(|((_, id), _)| id),
                verdict: of.and_then(|(_, verdict)| verdict.clone()),
            }
        };
        let gestures = gestures.into_iter().map(listed).collect();
        Ok(Gifts { gestures, ledger })
    }
}

/// The delivery that a proposal would be promised with, were it approved now. `None`: it is no proposal, or its type is not in
/// the catalogue any more, and then nobody can approve it.
fn if_approved(caller: &Caller, known: &Gesture) -> Option<FollowUp> {
    let kind = caller.in_force.policy.rules.gesture_type(&known.given.gesture_type);
    let kind = kind.filter(|_| known.state == GestureState::Proposed)?;
    Some(FollowUp {
        id: known.id,
        promised: delivery(kind, &known.given, known.id, caller.now),
        promised_by: known.given_by.clone(),
        promise_time: caller.now,
        completion: None,
    })
}

/// A gesture with the follow-up that delivers it.
pub struct ListedGesture {
    /// As it was given or proposed.
    pub gesture: Gesture,
    /// The follow-up, while it is on record.
    pub delivery: Option<crate::domain::id::PartId>,
    /// Whether it may be delivered as it stands, or could be if it were approved now; `None`: nothing is owed any more.
    pub verdict: Option<Verdict>,
}
