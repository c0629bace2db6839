//! Recording interactions: each counts once, whenever and however often it arrives.

use std::{borrow::Cow, collections::BTreeMap};

use super::{
    super::{
        Caller, Readers, Request,
        briefing::Subject,
        edit::{Edited, Plan, Target},
        error::{Error, Result},
        identities::Found,
        writes::{Writer, Writes},
    },
    marks::{Marks, Sent},
};
use crate::{
    domain::{
        Change, CustomerId, Profile, Stamp, Violation,
        advocacy::BRINGS_ANOTHER,
        anticipation::{self, snapshot::Snapshot},
        habits::Habits,
        identity::Identity,
        interaction::Interaction,
        repurchase::Observation,
    },
    store::{EntryId, Lane, Revision, StoreError, codec::history::Entry, records::NewEntry},
};

/// An interaction as it was reported, parsed.
#[derive(Debug, Clone)]
pub struct Reported {
    /// Whose it is.
    pub subject: Subject,
    /// On the clock of its venue.
    pub interaction: Interaction,
    /// What was sent.
    pub sent: Sent,
}

/// What became of one reported interaction.
#[derive(Debug)]
pub enum Outcome {
    /// Counted, with this revision.
    Recorded {
        /// Whose it was found to be.
        customer: CustomerId,
        /// Of the commit that has it.
        revision: Revision,
    },
    /// Counted before, by the same source and key.
    Repeated {
        /// Whose it was found to be.
        customer: CustomerId,
        /// Of the record, which is not changed.
        revision: Revision,
    },
    /// Older than what is remembered: it cannot be told whether it was counted.
    BeforeHorizon {
        /// Whose it was found to be.
        customer: CustomerId,
        /// Of the record, which is not changed.
        revision: Revision,
    },
    /// Not valid; sending it again does not help.
    Refused(Error),
    /// Not stored, or not known whether stored; safe to send again.
    Retry(Error),
}

impl Outcome {
    pub(super) fn failed(error: Error) -> Self {
        match error {
            Error::Store(
                StoreError::Unavailable(_)
                | StoreError::Misconfigured(_)
                | StoreError::Evicting(_)
                | StoreError::Unknown(_)
                | StoreError::Full(_),
            )
            | Error::Contended
            | Error::TooManyUnknown { .. }
            | Error::Internal => Self::Retry(error),
            refused => Self::Refused(refused),
        }
    }
}

/// One reported interaction, with its index in the request.
struct Item<'a> {
    index: usize,
    reported: &'a Reported,
    marks: Marks,
}

/// What an attempt decided about one item, before the commit.
#[derive(Clone, Copy, PartialEq)]
enum Verdict {
    New,
    Repeated,
    BeforeHorizon,
    Differs,
}

/// What an attempt saw, before the commit.
#[derive(Default)]
struct Seen {
    /// One for each item.
    verdicts: Vec<Verdict>,
    /// For each new item: what it says about the customer's earlier purchases.
    told: Vec<Vec<Observation>>,
    /// Interactions in the history.
    kept: usize,
}

impl Writes {
    /// Records each interaction for itself; outcomes in the order given. One commit per customer.
    ///
    /// # Errors
    /// `Internal` alone: what became of each interaction is told by its outcome.
    pub async fn record(&self, caller: &Caller, reported: Vec<Reported>) -> Result<Vec<Outcome>> {
        self.run(caller, |writer, caller| async move { Ok(writer.record(&caller, &reported).await) }).await
    }
}

impl Writer {
    async fn record(&self, caller: &Caller, reported: &[Reported]) -> Vec<Outcome> {
        let mut outcomes: Vec<Option<Outcome>> = reported.iter().map(|_| None).collect();
        let groups = match self.group(caller, reported, &mut outcomes).await {
            Ok(groups) => groups,
            Err(fault) => return failures(reported.len(), &fault).collect(),
        };
        let recorded = groups.into_iter().map(|(customer, items)| self.record_for(caller, customer, items));
        for (index, outcome) in futures_util::future::join_all(recorded).await.into_iter().flatten() {
            outcomes[index] = Some(outcome);
        }
        outcomes.into_iter().map(|outcome| outcome.unwrap_or(Outcome::Retry(Error::Internal))).collect()
    }

    /// Items by customer, with the identities resolved.
    async fn group<'a>(
        &self,
        caller: &Caller,
        reported: &'a [Reported],
        outcomes: &mut [Option<Outcome>],
    ) -> Result<BTreeMap<CustomerId, Vec<Item<'a>>>> {
        let customers = self.readers.customers_of(caller, reported.iter().map(|one| &one.subject)).await?;
        let mut groups: BTreeMap<CustomerId, Vec<Item<'a>>> = BTreeMap::new();
        for (index, (one, customer)) in reported.iter().zip(customers).enumerate() {
            let customer = match customer {
                Ok(customer) => customer,
                Err(fault) => {
                    outcomes[index] = Some(Outcome::failed(fault));
                    continue;
                }
            };
            let interaction = &one.interaction;
            // Named by identity, the customer is known only now.
            if interaction.referred == Some(customer) {
                let itself = Violation::new("referral.referred_customer_id", BRINGS_ANOTHER);
                outcomes[index] = Some(Outcome::Refused(itself.into()));
                continue;
            }
            let marks = Marks::of(caller, &interaction.source, &interaction.external_id, &one.sent);
            groups.entry(customer).or_default().push(Item { index, reported: one, marks });
        }
        Ok(groups)
    }

    /// Records one customer's items in one commit.
    async fn record_for(&self, caller: &Caller, customer: CustomerId, items: Vec<Item<'_>>) -> Vec<(usize, Outcome)> {
        let ids: Vec<EntryId> = items.iter().map(|item| item.marks.id).collect();
        let request = Request::default();
        let target = Target { customer, request: &request, etag: None, entries: &ids };
        let others = caller.copurchase.as_deref().map(|read| &read.snapshot);
        let plan = |profile: &Profile, entries: &[Option<Entry>]| {
            let verdicts = judge(profile, &items, entries);
            let told = tell(&profile.habits, &items, &verdicts, others);
            let (changes, entries) = news(caller, &items, &verdicts);
            let outcome = Seen { verdicts, told, kept: profile.habits.kept as usize };
            Ok(Plan { changes, entries, outcome, ..Plan::default() })
        };
        let edited = match self.edit(caller, &target, plan).await {
            Ok(Edited::Done { receipt, outcome }) => Ok((receipt.revision, outcome)),
            // Without a request id none is recognised.
            Ok(Edited::Repeated(_)) => Err(Error::Internal),
            Err(fault) => Err(fault),
        };
        let (revision, Seen { verdicts, told, kept }) = match edited {
            Ok(edited) => edited,
            Err(fault) => {
                let outcomes = failures(items.len(), &fault);
                return items.iter().map(|item| item.index).zip(outcomes).collect();
            }
        };
        let new = new(&items, &verdicts).map(|item| &item.reported.interaction);
        self.copurchase.count(caller, customer, new.clone().zip(&told));
        self.trim_if_long(caller, customer, kept + new.count()).await;
        let outcome = |verdict: &Verdict| match verdict {
            Verdict::New => Outcome::Recorded { customer, revision },
            Verdict::Repeated => Outcome::Repeated { customer, revision },
            Verdict::BeforeHorizon => Outcome::BeforeHorizon { customer, revision },
            Verdict::Differs => Outcome::Refused(Error::InteractionDiffers),
        };
        items.iter().zip(&verdicts).map(|(item, verdict)| (item.index, outcome(verdict))).collect()
    }
}

impl Readers {
    /// The customer that each subject names, with one look-up for all identities. Whoever asks for too many that nobody has is not answered
    /// about any; who is named by id is not looked up.
    pub(super) async fn customers_of(
        &self,
        caller: &Caller,
        subjects: impl Iterator<Item = &Subject> + Clone + Send,
    ) -> Result<Vec<Result<CustomerId>>> {
        let mut identities: Vec<Identity> = Vec::new();
        for subject in subjects.clone() {
            if let Subject::Identity(identity) = subject
                && !identities.contains(identity)
            {
                identities.push(identity.clone());
            }
        }
        let found = match self.find_each(caller, &identities).await {
            Err(fault @ Error::TooManyUnknown { .. }) => identities.iter().map(|_| Err(fault.clone())).collect(),
            found => found?,
        };
        let one = |subject: &Subject| match subject {
            Subject::Customer(customer) => Ok(*customer),
            Subject::Identity(identity) => {
                the_only(identities.iter().position(|known| known == identity).and_then(|at| found.get(at)))
            }
        };
        Ok(subjects.map(one).collect())
    }
}

/// The one customer that has an identity.
fn the_only(found: Option<&Result<Vec<Found>>>) -> Result<CustomerId> {
    match found {
        Some(Ok(customers)) => match customers.as_slice() {
            [only] => Ok(only.customer),
            [] => Err(Error::IdentityUnknown),
            _ => Err(Error::IdentityAmbiguous),
        },
        Some(Err(fault)) => Err(fault.clone()),
        None => Err(Error::IdentityUnknown),
    }
}

/// One fault of many items.
fn failures(count: usize, fault: &Error) -> impl Iterator<Item = Outcome> {
    (0..count).map(|_| Outcome::failed(fault.clone()))
}

/// What is new, known or too old. The same key twice in one request: the second is a repetition of the first.
fn judge(profile: &Profile, items: &[Item<'_>], entries: &[Option<Entry>]) -> Vec<Verdict> {
    let horizon = profile.habits.horizon.map(|horizon| horizon.as_millisecond());
    let mut verdicts: Vec<Verdict> = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let interaction = &item.reported.interaction;
        let twin = items[..index].iter().position(|earlier| earlier.marks.id == item.marks.id);
        let known = match twin {
            Some(twin) if verdicts[twin] == Verdict::New => {
                Some(items[twin].reported.interaction.tells_the_same(interaction))
            }
            _ => {
                let entry = entries.get(index).and_then(Option::as_ref);
                entry.map(|entry| item.marks.is_of_same(entry, interaction))
            }
        };
        verdicts.push(match known {
            Some(true) => Verdict::Repeated,
            Some(false) => Verdict::Differs,
            None if horizon.is_some_and(|horizon| interaction.occur_time.as_millisecond() <= horizon) => {
                Verdict::BeforeHorizon
            }
            None => Verdict::New,
        });
    }
    verdicts
}

fn new<'a>(items: &'a [Item<'a>], verdicts: &'a [Verdict]) -> impl Iterator<Item = &'a Item<'a>> + Clone {
    items.iter().zip(verdicts).filter(|(_, verdict)| **verdict == Verdict::New).map(|(item, _)| item)
}

/// What each new item says about the customer's earlier purchases (see `anticipation::observe`). Items of the same call are
/// counted one after the other.
fn tell(habits: &Habits, items: &[Item<'_>], verdicts: &[Verdict], others: Option<&Snapshot>) -> Vec<Vec<Observation>> {
    let mut habits = Cow::Borrowed(habits);
    let mut new = new(items, verdicts).map(|item| &item.reported.interaction).peekable();
    let mut all = Vec::new();
    while let Some(interaction) = new.next() {
        all.push(anticipation::observe(&habits, interaction, others));
        if new.peek().is_some() {
            habits.to_mut().fold(interaction);
        }
    }
    all
}

/// The changes and entries of what is new.
fn news(caller: &Caller, items: &[Item<'_>], verdicts: &[Verdict]) -> (Vec<Change>, Vec<NewEntry>) {
    let stamp = Stamp { at: caller.now, by: caller.principal.author() };
    let (mut changes, mut entries) = (Vec::new(), Vec::new());
    for item in new(items, verdicts) {
        let change = Change::InteractionRecorded(item.reported.interaction.clone());
        changes.push(change.clone());
        entries.push(NewEntry {
            lane: Lane::Interactions,
            id: item.marks.id,
            time_ms: item.reported.interaction.occur_time.as_millisecond(),
            entry: Entry { change, stamp: stamp.clone(), fingerprint: item.marks.fingerprint.to_vec(), original: None },
        });
    }
    (changes, entries)
}
