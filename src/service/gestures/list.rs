//! What a customer was given, and what that has become to them.

use super::super::{
    Caller, Readers,
    error::{Error, Result},
    recovery::Verdict,
};
use crate::domain::{
    CustomerId,
    consent::{Part, Purpose},
    gesture::{ExpectationLevel, Gesture, LedgerEntry},
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
        let verdicts = self.verdicts(caller, &profile).await?;
        let listed = |known: &Gesture| {
            let mut owed = profile.follow_ups.iter().zip(&verdicts);
            let of = owed.find(|(follow_up, _)| follow_up.promised.gesture == Some(known.id));
            ListedGesture {
                gesture: known.clone(),
                delivery: of.map(|(follow_up, _)| follow_up.id),
                verdict: of.and_then(|(_, verdict)| verdict.clone()),
            }
        };
        let gestures = gestures.into_iter().take(LISTED_MAX).map(listed).collect();
        Ok(Gifts { gestures, ledger })
    }
}

/// A gesture with the follow-up that delivers it.
pub struct ListedGesture {
    /// As it was given or proposed.
    pub gesture: Gesture,
    /// The follow-up, while it is on record.
    pub delivery: Option<crate::domain::id::PartId>,
    /// Whether it may be delivered as it stands; `None`: nothing is owed any more, or nothing yet.
    pub verdict: Option<Verdict>,
}
