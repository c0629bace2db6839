//! Giving a gesture, or proposing it to somebody with more authority.

use super::{
    super::{
        Caller, Readers, Receipt,
        edit::{Edited, Plan, Repeated},
        error::{Error, Result},
        profile::ChangeRequest,
        repeats::FirstLook,
        writes::{Writer, Writes},
    },
    approve::Proposal,
    delivery, drawn_on, kind_of,
    money::{Drawing, GestureBudgets, Held},
    over_authority, question, role, role_id,
};
use crate::{
    domain::{
        Change, Profile, Timestamp, VenueId,
        gesture::{GestureDraft, GestureQuery, NotVetoed, OverAuthority, barred, consider, who_may_approve},
        id::{GestureTypeId, PartId, RoleId},
        money::Money,
        policy::{GestureType, Role, Venue},
    },
    store::codec::requests::GestureMade,
};

/// A gesture as it is asked for.
#[derive(Debug, Clone)]
pub struct Give {
    /// From the catalogue of the policy.
    pub kind: GestureTypeId,
    /// Whose budget of the month is drawn on.
    pub venue: VenueId,
    /// What it makes good, if it makes anything good.
    pub issue: Option<PartId>,
    /// For the customer; empty: none.
    pub note: String,
    /// Where in the venue to deliver it, a room or table; empty: not said.
    pub place: String,
    /// `None`: as the type says.
    pub deliver_time: Option<Timestamp>,
    /// Who delivers it; empty: not said.
    pub deliver_owner: String,
    /// If the caller's authority does not reach: propose it instead of refusing.
    pub propose: bool,
}

/// What was stored.
#[derive(Debug, Clone)]
pub struct Given {
    /// Has the ids of the gesture and of its delivery.
    pub receipt: Receipt,
    /// Whether it waits for approval. Then nothing is drawn on a budget.
    pub proposed: bool,
    /// When proposed: who may approve.
    pub approving: Vec<RoleId>,
}

/// What the plan decided on the newest profile.
#[derive(Default)]
struct Decided {
    /// False: it is proposed.
    is_given: bool,
    approving: Vec<RoleId>,
}

/// A request to give, with what it names looked up in the policy.
struct Asked<'a> {
    caller: &'a Caller,
    give: &'a Give,
    venue: &'a Venue,
    kind: &'a GestureType,
    role_id: RoleId,
}

impl Writes {
    /// Gives a gesture and promises its delivery, in one commit; or proposes it.
    pub async fn give_gesture(&self, caller: &Caller, change: ChangeRequest, give: Give) -> Result<Given> {
        self.run(caller, |writer, caller| async move { writer.give_gesture(&caller, &change, &give).await }).await
    }
}

impl Writer {
    async fn give_gesture(&self, caller: &Caller, change: &ChangeRequest, give: &Give) -> Result<Given> {
        let profile = match self.readers.first_look(caller, change).await? {
            FirstLook::Repeated(profile, repeated) => return Ok(first_answer(caller, &profile, repeated)),
            FirstLook::New(profile) => profile,
        };
        let caller = &self.readers.with_menu(caller.clone(), &give.venue).await?;
        let asked = Asked {
            caller,
            give,
            venue: caller.venue("venue_id", &give.venue)?,
            kind: kind_of(caller, &give.kind)?,
            role_id: role_id(caller)?,
        };
        let held = self.draw_for(change, &asked, &asked.consider(&profile)?, &profile).await?;
        let plan = |profile: &Profile, _: &[_]| {
            let considered = asked.consider(profile)?;
            let is_given = considered.over.is_none() && (considered.cost.minor_units == 0 || held.is_some());
            let approving = if is_given { Vec::new() } else { asked.to_approve(profile, &considered)? };
            let drawn = held.as_ref().filter(|_| is_given);
            Ok(Plan {
                changes: asked.changes(profile, &considered, !is_given),
                tokens: drawn.map(Held::tokens).unwrap_or_default(),
                index: drawn.map(Held::confirmations).unwrap_or_default(),
                gesture: Some(if is_given { GestureMade::Given } else { GestureMade::Proposed }),
                outcome: Decided { is_given, approving },
                ..Plan::default()
            })
        };
        let result = self.edit(caller, &change.target(), plan).await;
        if let Some(held) = &held
            && Edited::holds_unused(&result, |decided| decided.is_given)
        {
            self.holds.give_back_held(held).await;
        }
        match result? {
            Edited::Done { receipt, outcome: Decided { is_given, approving } } => {
                Ok(Given { receipt, proposed: !is_given, approving })
            }
            // Carried out by its twin since the first look: only the newest profile has what came of it.
            Edited::Repeated(_) => self.readers.first_gift(caller, change).await?.ok_or(Error::Contended),
        }
    }

    /// Draws the cost, if the caller's authority reaches. `None`: nothing needs to be drawn, or only a proposal is left.
    async fn draw_for(
        &self,
        change: &ChangeRequest,
        asked: &Asked<'_>,
        considered: &NotVetoed,
        profile: &Profile,
    ) -> Result<Option<Held>> {
        let cost = considered.cost;
        if let Some(over) = &considered.over {
            return if asked.give.propose { Ok(None) } else { Err(over_authority(over.clone())) };
        }
        if cost.minor_units == 0 {
            return Ok(None);
        }
        let Asked { caller, venue, .. } = *asked;
        let budgets = GestureBudgets::now(caller, venue, cost.currency);
        let limits = limits(caller, venue, role(caller), cost);
        match self.holds.draw_both(caller, change.customer, &budgets, cost, limits).await? {
            Drawing::Held(held) => Ok(Some(held)),
            Drawing::MonthShort { left } => Err(Error::BudgetSpent { left: Money { minor_units: left, ..cost } }),
            Drawing::DayShort if asked.give.propose => Ok(None),
            Drawing::DayShort => Err(over_authority(OverAuthority::today(asked.approving(profile, cost)))),
        }
    }
}

/// The limits of the month's and the day's budget. Where none is configured, the limit is 0.
pub(super) fn limits(caller: &Caller, venue: &Venue, role: Option<&Role>, cost: Money) -> (i64, i64) {
    let month = caller.in_force.policy.rules.budget(&venue.id, cost.currency);
    let day = role.and_then(|role| role.authority(cost.currency));
    (month.map_or(0, |budget| budget.monthly.minor_units), day.map_or(0, |authority| authority.per_day))
}

impl Readers {
    /// What a request came to that would be refused now; `None`: it was not carried out before.
    pub async fn first_gift(&self, caller: &Caller, change: &ChangeRequest) -> Result<Option<Given>> {
        let before = self.carried_out(caller, change.customer, &change.request).await?;
        Ok(before.map(|(profile, repeated)| first_answer(caller, &profile, repeated)))
    }
}

/// The answer to a request that was carried out before. A proposal tells who may approve it now: nobody, once it is decided.
fn first_answer(caller: &Caller, profile: &Profile, repeated: Repeated) -> Given {
    let proposed = was_proposal(&repeated);
    let gesture = repeated.receipt.created.first().and_then(|name| name.strip_prefix('g')?.parse().ok().map(PartId));
    let proposal = gesture.filter(|_| proposed).and_then(|id| Proposal::find(caller, profile, id).ok());
    let approving = proposal.map(|proposal| proposal.approving(caller, profile)).unwrap_or_default();
    Given { receipt: repeated.receipt, proposed, approving }
}

/// Whether an already answered request made a proposal instead of giving the gesture.
fn was_proposal(repeated: &Repeated) -> bool {
    match repeated.gesture {
        Some(made) => made == GestureMade::Proposed,
        // Stored by an older release without this field: a given gesture made two ids, its own and its delivery's; a proposal one.
        None => repeated.receipt.created.len() == 1,
    }
}

impl Asked<'_> {
    fn query(&self) -> GestureQuery<'_> {
        GestureQuery {
            kind: self.kind,
            cost: None,
            issue: self.give.issue,
            proposal: None,
            deliver_time: self.give.deliver_time,
            note: &self.give.note,
            place: &self.give.place,
            role: role(self.caller),
        }
    }

    /// What the role may not do at all is asked first, and refused the same about everybody. A role that the policy knows may
    /// propose what it may not give; what speaks against it is not told then.
    fn consider(&self, profile: &Profile) -> Result<NotVetoed> {
        let (question, query) = (question(self.caller, self.venue), self.query());
        let barred = barred(&question, &query);
        if let Some(over) = &barred
            && !(self.give.propose && query.role.is_some())
        {
            return Err(over_authority(over.clone()));
        }
        if self.give.issue.is_some_and(|issue| profile.issue(issue).is_none()) {
            return Err(Error::EntryNotFound("issue"));
        }
        consider(profile, &question, &query).map_err(|veto| barred.map_or(Error::GestureVetoed(veto), over_authority))
    }

    fn approving(&self, profile: &Profile, cost: Money) -> Vec<RoleId> {
        who_may_approve(profile, &question(self.caller, self.venue), &self.query(), cost)
    }

    /// Who may approve what the caller may not give; refused when it is not to be proposed, or nobody may.
    fn to_approve(&self, profile: &Profile, considered: &NotVetoed) -> Result<Vec<RoleId>> {
        let approving = self.approving(profile, considered.cost);
        let over = considered.over.clone().unwrap_or_else(|| OverAuthority::today(approving.clone()));
        if self.give.propose && !approving.is_empty() { Ok(approving) } else { Err(over_authority(over)) }
    }

    fn changes(&self, profile: &Profile, considered: &NotVetoed, proposed: bool) -> Vec<Change> {
        let give = self.give;
        let draft = GestureDraft {
            gesture_type: considered.kind.get().clone(),
            venue: self.venue.id.clone(),
            cost: considered.cost,
            note: give.note.clone(),
            place: give.place.clone(),
            deliver_time: give.deliver_time,
            deliver_owner: give.deliver_owner.clone(),
            issue: give.issue,
            expectation: considered.expectation,
            role: self.role_id.clone(),
            proposed,
            drawn_on: drawn_on(self.caller, self.venue, considered.cost).filter(|_| !proposed),
        };
        if proposed {
            return vec![Change::GestureGiven(draft)];
        }
        let promise = delivery(self.kind, &draft, PartId(profile.next_part), self.caller.now);
        vec![Change::GestureGiven(draft), Change::FollowUpPromised(promise)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{domain::CustomerId, store::Revision};

    #[test]
    fn a_repeated_request_is_told_as_what_it_came_to() {
        let was = |created: &[&str], gesture| {
            let revision = Revision { counter: 4, write_id: 9 };
            let created = created.iter().map(|name| (*name).to_owned()).collect();
            let customer = CustomerId::from_bytes([1; 16]);
            was_proposal(&Repeated { receipt: Receipt { customer, revision, created, replayed: true }, gesture })
        };
        assert!(was(&["g1", "f2"], Some(GestureMade::Proposed)));
        assert!(!was(&["g1"], Some(GestureMade::Given)));
        // Stored by an older release: the number of ids tells.
        assert!(was(&["g1"], None));
        assert!(!was(&["g1", "f2"], None));
    }
}
