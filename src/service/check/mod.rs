//! Checks the store (`rapport fsck`): every record opens, and everything that points to records agrees with them. On demand it
//! repairs what can be repaired. Sealed data that does not open is left in place, and reported for its customer alone.
//!
//! It may run beside a running service. What looks wrong is looked at twice, the second time after the index worker has
//! caught up, and is repaired by the steps of a use case: compare-and-set, and the protocol of holds.

mod budgets;
mod customers;
mod identity_entries;
mod items;
mod logs;
mod names;
mod repair;

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Caller, Maintenance, backfill, entries::Entry, error::Result, gestures::recount::Uncounted, interactions::entry_id,
    restore::maintainer,
};
use crate::{
    domain::{CustomerId, TenantId},
    store::{
        BudgetKey, CustomerKey, Hint, IdentityEntry, IdentityKey, StoreError,
        fitness::{Losses, Missing},
        records::NewEntry,
    },
};

/// Things looked at at once: lets a store over the network answer many in the time of one.
const AT_ONCE: usize = 16;

/// What can be wrong. The name is for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// DATA_LOSS: the record does not open or decode.
    RecordDamaged,
    /// DATA_LOSS: the stores are not whole. Nothing else can be checked.
    StoreUnfit,
    /// DATA_LOSS: a customer's key is committed, an identity of theirs is confirmed, or there is history, but no record and no
    /// tombstone.
    RecordLost,
    /// DATA_LOSS: the data key is missing from the key store.
    KeyMissing,
    /// DATA_LOSS: the data key does not unwrap.
    KeyDamaged,
    /// DATA_LOSS: an entry of the history does not open or decode.
    EntryDamaged,
    /// An entry lies under an id or time that its content does not have, so that no reader finds it.
    EntryMisplaced,
    /// The profile counts other entries than the history has.
    HistoryCount,
    /// The remembered requests do not decode.
    RequestsDamaged,
    /// A list is longer than any change lets it become.
    BoundExceeded,
    /// The customer was erased; something of it is still there.
    ErasedData,
    /// A customer is not found by an identity that the profile has.
    IdentityMissing,
    /// An identity finds a customer that does not have it.
    IdentityPhantom,
    /// The customers behind an identity do not decode.
    IdentityDamaged,
    /// A hold that nobody confirmed or freed in time.
    HoldOverdue,
    /// A budget counts less than the gestures on record drew on it, and could be overspent.
    BudgetUncounted,
    /// A budget does not decode: nothing can be drawn on it.
    BudgetDamaged,
    /// A customer is not found through an index.
    HintMissing,
    /// An index names a customer that does not exist, or something that they do not have.
    HintPhantom,
    /// Positions of a log contradict each other, or entries are missing.
    LogBroken,
    /// DATA_LOSS: the items of a venue do not decode, or a part of them is missing. They count as not declared.
    ItemsDamaged,
    /// DATA_LOSS: the policy in force does not open. Calls are refused until one is set.
    PolicyDamaged,
    /// DATA_LOSS: a policy was set, and is gone. Calls are refused until one is set.
    PolicyLost,
    /// The key of a record does not say that it was committed: if the record were lost, nobody would know.
    KeyUncommitted,
    /// A key that no release of this program wrote. Its code says FOREIGN_NAME.
    UnknownKey,
}

impl Fault {
    /// The name, for programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::RecordDamaged => "RECORD_DAMAGED",
            Self::StoreUnfit => "STORE_UNFIT",
            Self::RecordLost => "RECORD_LOST",
            Self::KeyMissing => "KEY_MISSING",
            Self::KeyDamaged => "KEY_DAMAGED",
            Self::EntryDamaged => "ENTRY_DAMAGED",
            Self::EntryMisplaced => "ENTRY_MISPLACED",
            Self::HistoryCount => "HISTORY_COUNT",
            Self::RequestsDamaged => "REQUESTS_DAMAGED",
            Self::BoundExceeded => "BOUND_EXCEEDED",
            Self::ErasedData => "ERASED_DATA",
            Self::IdentityMissing => "IDENTITY_MISSING",
            Self::IdentityPhantom => "IDENTITY_PHANTOM",
            Self::IdentityDamaged => "IDENTITY_DAMAGED",
            Self::HoldOverdue => "HOLD_OVERDUE",
            Self::BudgetUncounted => "BUDGET_UNCOUNTED",
            Self::BudgetDamaged => "BUDGET_DAMAGED",
            Self::HintMissing => "HINT_MISSING",
            Self::HintPhantom => "HINT_PHANTOM",
            Self::LogBroken => "LOG_BROKEN",
            Self::ItemsDamaged => "ITEMS_DAMAGED",
            Self::PolicyDamaged => "POLICY_DAMAGED",
            Self::PolicyLost => "POLICY_LOST",
            Self::KeyUncommitted => "KEY_UNCOMMITTED",
            Self::UnknownKey => "FOREIGN_NAME",
        }
    }

    /// Whether it is only told: a hold that is overdue is settled when somebody wants the identity or the budget, and a key that is not
    /// committed hides nothing as long as its record is there.
    pub fn is_harmless(self) -> bool {
        matches!(self, Self::HoldOverdue | Self::KeyUncommitted)
    }

    /// Whether something a customer told is lost, unless a backup has it.
    pub fn is_data_loss(self) -> bool {
        matches!(
            self,
            Self::RecordDamaged
                | Self::StoreUnfit
                | Self::RecordLost
                | Self::KeyMissing
                | Self::KeyDamaged
                | Self::EntryDamaged
                | Self::ItemsDamaged
                | Self::PolicyDamaged
                | Self::PolicyLost
        )
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which kind.
    pub fault: Fault,
    /// A customer's id, or the name of a key. Nothing personal.
    pub at: String,
    /// What exactly, for people.
    pub what: String,
    /// Whether it is repaired by now.
    pub repaired: bool,
}

/// Something that looks wrong, and what would repair it.
struct Suspicion {
    fault: Fault,
    at: String,
    what: String,
    repair: Repair,
}

enum Repair {
    /// Nothing can, without losing what may still be of use.
    None,
    TakeEntry(CustomerKey, IdentityKey),
    FreeEntry(IdentityKey, IdentityEntry),
    PutHint(CustomerKey, Hint),
    DropHint(Entry),
    Erase(CustomerKey),
    DropNotes(u8),
    ForgetRequests(CustomerKey),
    TrimHistory(CustomerKey),
    SettleBudget(BudgetKey),
    CountIn(Uncounted),
    CommitKey(CustomerKey),
}

impl Suspicion {
    fn of(key: &CustomerKey, fault: Fault, what: impl Into<String>, repair: Repair) -> Self {
        Self { fault, at: format!("customers/{}", key.customer), what: what.into(), repair }
    }

    fn at(name: &str, fault: Fault, what: impl Into<String>, repair: Repair) -> Self {
        // Others may have written here too: a name of theirs may hold what moves a terminal's cursor.
        Self { fault, at: name.escape_debug().to_string(), what: what.into(), repair }
    }
}

/// What was looked at, and how much was wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Records.
    pub customers: u64,
    /// Entries of histories.
    pub entries: u64,
    /// Entries of identities.
    pub identities: u64,
    /// Members of indexes.
    pub hints: u64,
    /// Budgets of any period.
    pub budgets: u64,
    /// Entries that the index worker has not carried out.
    pub log_entries: u64,
    /// Wrapped data keys.
    pub keys: u64,
    /// Keys of erased customers.
    pub tombstones: u64,
    /// Keys without a record that are not committed: of customers that were about to be made. They do no harm.
    pub unused_keys: u64,
    /// By fault: repaired, left.
    pub faults: BTreeMap<Fault, (u64, u64)>,
}

impl Report {
    /// Findings that are repaired.
    pub fn repaired(&self) -> u64 {
        self.faults.values().map(|(repaired, _)| repaired).sum()
    }

    /// Findings that are not, and do harm.
    pub fn left(&self) -> u64 {
        self.faults.iter().filter(|(fault, _)| !fault.is_harmless()).map(|(_, (_, left))| left).sum()
    }

    /// Findings that are not, and do no harm.
    pub fn harmless(&self) -> u64 {
        self.faults.iter().filter(|(fault, _)| fault.is_harmless()).map(|(_, (_, left))| left).sum()
    }
}

/// What is known of stores that are not whole, where nothing else can be checked: `fault` says what is wrong.
pub fn check_unfit(fault: &str, losses: &Losses, tell: &mut dyn FnMut(Event<'_>)) -> Report {
    let unfit = Finding { fault: Fault::StoreUnfit, at: "stores".into(), what: fault.to_owned(), repaired: false };
    tell(Event::Found(&unfit));
    for (key, missing) in &losses.named {
        let (fault, what) = match missing {
            Missing::Record => (Fault::RecordLost, "a key without its record"),
            Missing::Key => (Fault::KeyMissing, "a record without its key"),
        };
        let Suspicion { fault, at, what, repair: _ } = Suspicion::of(key, fault, what, Repair::None);
        tell(Event::Found(&Finding { fault, at, what, repaired: false }));
    }
    let counts =
        [(Fault::StoreUnfit, 1), (Fault::RecordLost, losses.without_record), (Fault::KeyMissing, losses.without_key)];
    let faults = counts.into_iter().filter(|(_, left)| *left > 0).map(|(fault, left)| (fault, (0, left)));
    Report { faults: faults.collect(), ..Report::default() }
}

/// What a check tells while it runs.
pub enum Event<'a> {
    /// So many more things were looked at.
    Looked(u64),
    /// After it was repaired, if it could be.
    Found(&'a Finding),
}

/// A check under way.
struct Check<'a> {
    parts: &'a Maintenance,
    caller: Caller,
    /// Whether the index of occasions has old records too.
    is_backfilled: bool,
    is_repairing: bool,
    report: Report,
    /// Where a lost record or an unfinished erasure was told: once, whatever led to it.
    told: BTreeSet<(Fault, String)>,
    tell: &'a mut (dyn FnMut(Event<'_>) + Send),
}

impl Maintenance {
    /// Looks at everything of a tenant, and at the logs. First the index worker catches up, as at any start.
    ///
    /// # Errors
    /// Those of a store that does not answer. What is wrong inside is told by `tell`, and counted in the report.
    pub async fn check(
        &self,
        tenant: &TenantId,
        repair: bool,
        tell: &mut (dyn FnMut(Event<'_>) + Send),
    ) -> Result<Report> {
        let caller = self.callers.enter_to_mend(maintainer(tenant)).await?;
        let is_backfilled = backfill::is_filled(self.records.store.as_ref(), tenant).await?;
        let (report, told) = (Report::default(), BTreeSet::new());
        let mut check = Check { parts: self, caller, is_backfilled, is_repairing: repair, report, told, tell };
        // A log that is broken stops the worker, and is found below.
        let caught_up = self.worker.catch_up().await;
        check.logs().await?;
        let is_caught_up = caught_up.is_ok();
        // Nor does it work where there is no room, but what is there can be looked at.
        let has_no_room = !repair && matches!(&caught_up, Err(StoreError::Full(_)));
        if check.report.left() == 0 && !has_no_room {
            caught_up?;
        }
        // Records first: they decide about everything else.
        check.customers().await?;
        check.leftovers().await?;
        check.erasures().await?;
        check.identity_entries().await?;
        check.hints().await?;
        // A broken log may hold confirmations that the worker cannot reach, so that spent amounts are unknown.
        if is_caught_up {
            check.budgets().await?;
        }
        check.keys().await?;
        check.policy().await?;
        check.items().await?;
        Ok(check.report)
    }
}

impl Check<'_> {
    fn tenant(&self) -> &TenantId {
        &self.caller.principal.tenant
    }

    fn key(&self, customer: CustomerId) -> CustomerKey {
        self.caller.key(customer)
    }

    /// Repairs what looked wrong twice, if asked to, and reports it.
    async fn report_and_repair(&mut self, suspicions: Vec<Suspicion>) -> Result<()> {
        for Suspicion { fault, at, what, repair } in suspicions {
            let is_told_once = matches!(fault, Fault::RecordLost | Fault::ErasedData);
            if is_told_once && !self.told.insert((fault, at.clone())) {
                continue;
            }
            let repaired = self.is_repairing && self.carry_out(&repair).await?;
            let finding = Finding { fault, at, what, repaired };
            let counts = self.report.faults.entry(fault).or_default();
            *(if repaired { &mut counts.0 } else { &mut counts.1 }) += 1;
            (self.tell)(Event::Found(&finding));
        }
        Ok(())
    }
}

/// Whether an interaction lies under the id and time that its content gives.
fn id_matches_content(caller: &Caller, entry: &NewEntry) -> bool {
    use crate::domain::Change;
    match &entry.entry.change {
        Change::InteractionRecorded(interaction) | Change::InteractionVoided { interaction, .. } => {
            entry.id == entry_id(caller, &interaction.source, &interaction.external_id)
                && entry.time_ms == interaction.occur_time.as_millisecond()
        }
        _ => true,
    }
}
