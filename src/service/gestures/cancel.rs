//! Taking back a gesture that is not delivered: its money is free again.

use super::{
    super::{
        Caller, Receipt,
        edit::{Edited, Plan},
        error::{Error, Result},
        profile::ChangeRequest,
        repeats::FirstLook,
        writes::{Writer, Writes},
    },
    money::{GestureBudgets, Held},
};
use crate::domain::{Change, Profile, gesture::Gesture, id::PartId};

impl Writes {
    /// Takes back a gesture and its delivery.
    pub async fn cancel_gesture(
        &self,
        caller: &Caller,
        change: ChangeRequest,
        id: PartId,
        reason: String,
    ) -> Result<Receipt> {
        self.run(caller, |writer, caller| async move { writer.cancel_gesture(&caller, &change, id, &reason).await })
            .await
    }
}

impl Writer {
    async fn cancel_gesture(
        &self,
        caller: &Caller,
        change: &ChangeRequest,
        id: PartId,
        reason: &str,
    ) -> Result<Receipt> {
        let profile = match self.readers.first_look(caller, change).await? {
            FirstLook::Repeated(_, repeated) => return Ok(repeated.receipt),
            FirstLook::New(profile) => profile,
        };
        let known = found(&profile, id)?;
        let held = self.return_money(caller, change, known).await?;
        let plan = |profile: &Profile, _: &[_]| {
            // Approved meanwhile: then there is money to give back.
            if found(profile, id)?.is_spent() != known.is_spent() {
                return Err(Error::Contended);
            }
            let cancelled = Change::GestureCancelled { id, reason: reason.to_owned() };
            Ok(Plan { tokens: held.tokens(), index: held.confirmations(), ..Plan::of(vec![cancelled]) })
        };
        let result = self.edit(caller, &change.target(), plan).await;
        if Edited::holds_unused(&result, |()| true) {
            self.holds.give_back_held(&held).await;
        }
        Ok(result?.receipt())
    }

    async fn return_money(&self, caller: &Caller, change: &ChangeRequest, known: &Gesture) -> Result<Held> {
        match GestureBudgets::of(caller, known) {
            None => Ok(Held::default()),
            Some(budgets) => self.holds.return_both(caller, change.customer, &budgets, known.given.cost).await,
        }
    }
}

fn found(profile: &Profile, id: PartId) -> Result<&Gesture> {
    profile.gesture(id).ok_or(Error::EntryNotFound("gesture"))
}
