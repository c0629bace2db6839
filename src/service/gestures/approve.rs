//! Approving a proposal: a second person, within their own authority.

use super::{
    super::{
        Caller, Receipt,
        edit::{Edited, Plan},
        error::{Error, Result},
        profile::ChangeRequest,
        repeats::FirstLook,
        writes::{Writer, Writes},
    },
    delivery, drawn_on,
    give::limits,
    money::{Drawing, GestureBudgets, Held},
    over_authority, question, role, role_id,
};
use crate::domain::{
    Change, Profile,
    gesture::{
        Dimension, Gesture, GestureQuery, GestureState, NotVetoed, OverAuthority, Veto, barred, consider,
        who_may_approve,
    },
    id::{PartId, RoleId},
    money::Money,
    policy::{GestureType, Venue},
};

/// A proposal, with its type and venue as the policy has them now.
pub(super) struct Proposal<'a> {
    gesture: &'a Gesture,
    kind: &'a GestureType,
    venue: &'a Venue,
}

impl Writes {
    /// Approves a proposal: it is given from now on, and its delivery promised. What may speak against it is judged anew, by the
    /// policy and the profile of now and the expectation level that follows from them, but by the cost of the proposal. The gesture
    /// keeps the cost and the expectation level that it was proposed with.
    pub async fn approve_gesture(&self, caller: &Caller, change: ChangeRequest, id: PartId) -> Result<Receipt> {
        self.run(caller, |writer, caller| async move { writer.approve_gesture(&caller, &change, id).await }).await
    }
}

impl Writer {
    async fn approve_gesture(&self, caller: &Caller, change: &ChangeRequest, id: PartId) -> Result<Receipt> {
        let profile = match self.readers.first_look(caller, change).await? {
            FirstLook::Repeated(_, repeated) => return Ok(repeated.receipt),
            FirstLook::New(profile) => profile,
        };
        let approver = role_id(caller)?;
        let venue = Proposal::find(caller, &profile, id)?.venue.id.clone();
        let caller = &self.readers.with_menu(caller.clone(), &venue).await?;
        let held = self.draw_for_approval(caller, change, &profile, id).await?;
        let plan = |profile: &Profile, _: &[_]| {
            let proposal = Proposal::find(caller, profile, id)?;
            let considered = proposal.consider(caller, profile)?;
            if let Some(over) = considered.over {
                return Err(over_authority(over));
            }
            let promise = delivery(proposal.kind, &proposal.gesture.given, id, caller.now);
            let drawn_on = drawn_on(caller, proposal.venue, considered.cost);
            let approved = Change::GestureApproved { id, role: approver.clone(), drawn_on };
            Ok(Plan {
                tokens: held.tokens(),
                index: held.confirmations(),
                ..Plan::of(vec![approved, Change::FollowUpPromised(promise)])
            })
        };
        let result = self.edit(caller, &change.target(), plan).await;
        if Edited::holds_unused(&result, |()| true) {
            self.holds.give_back_held(&held).await;
        }
        Ok(result?.receipt())
    }

    async fn draw_for_approval(
        &self,
        caller: &Caller,
        change: &ChangeRequest,
        profile: &Profile,
        id: PartId,
    ) -> Result<Held> {
        let proposal = Proposal::find(caller, profile, id)?;
        let NotVetoed { cost, over, .. } = proposal.consider(caller, profile)?;
        if let Some(over) = over {
            return Err(over_authority(over));
        }
        if cost.minor_units == 0 {
            return Ok(Held::default());
        }
        let venue = proposal.venue;
        let budgets = GestureBudgets::now(caller, venue, cost.currency);
        let limits = limits(caller, venue, role(caller), cost);
        match self.holds.draw_both(caller, change.customer, &budgets, cost, limits).await? {
            Drawing::Held(held) => Ok(held),
            Drawing::MonthShort { left } => Err(Error::BudgetSpent { left: Money { minor_units: left, ..cost } }),
            Drawing::DayShort => Err(over_authority(OverAuthority::today(proposal.approving(caller, profile)))),
        }
    }
}

impl<'a> Proposal<'a> {
    /// The proposal, if it still is one, and the policy still knows its type and venue.
    pub(super) fn find(caller: &'a Caller, profile: &'a Profile, id: PartId) -> Result<Self> {
        let gesture = profile.gesture(id).ok_or(Error::EntryNotFound("gesture"))?;
        if gesture.state != GestureState::Proposed {
            return Err(Error::NotActive { what: "proposal" });
        }
        let gone = |dimension, code| Error::GestureVetoed(Veto { dimension, code, of_words: None });
        let policy = &caller.in_force.policy;
        let kind = policy.rules.gesture_type(&gesture.given.gesture_type);
        Ok(Self {
            gesture,
            kind: kind.ok_or_else(|| gone(Dimension::Concept, "NOT_IN_CATALOGUE"))?,
            venue: policy.venue(&gesture.given.venue).ok_or_else(|| gone(Dimension::Tools, "NO_VENUE"))?,
        })
    }

    fn query(&self, caller: &'a Caller) -> GestureQuery<'a> {
        let given = &self.gesture.given;
        GestureQuery {
            kind: self.kind,
            cost: Some(given.cost),
            issue: given.issue,
            proposal: Some(self.gesture.id),
            deliver_time: given.deliver_time.filter(|time| *time > caller.now),
            note: &given.note,
            place: &given.place,
            role: role(caller),
        }
    }

    /// The roles that may approve it.
    pub(super) fn approving(&self, caller: &'a Caller, profile: &Profile) -> Vec<RoleId> {
        let cost = self.gesture.given.cost;
        who_may_approve(profile, &question(caller, self.venue), &self.query(caller), cost)
    }

    fn consider(&self, caller: &'a Caller, profile: &Profile) -> Result<NotVetoed> {
        let (question, query) = (question(caller, self.venue), self.query(caller));
        if let Some(over) = barred(&question, &query) {
            return Err(over_authority(over));
        }
        consider(profile, &question, &query).map_err(Error::GestureVetoed)
    }
}
