//! What is celebrated on the next days, by customers of a venue, in the order of the days.

use jiff::{
    ToSpan as _,
    civil::{Date, Time},
};

use super::{
    Caller, Readers, backfill,
    error::{Error, Result},
    get::{demanded, reached},
    tokens,
};
use crate::{
    domain::{
        CustomerId, Profile, Timestamp, Violation,
        briefing::WithheldReason,
        consent::{Part, Purpose, sees},
        id::PartId,
        near,
        occasion::{Celebration, Occasion, YearDay},
        policy::Venue,
    },
    store::{HintIndex, Revision, hints},
};

/// The most days of one list: this month and the next, for which a house plans. Each day is a read of the index.
pub const DAYS_MAX: i64 = 62;
/// Days where the last one is not said: a week.
const DAYS_DEFAULT: i64 = 7;
/// Who was at the venue within so many months is listed: a year and one more, for those who come once a year for their day.
const VISITED_MONTHS: i32 = 13;
/// Index entries, and then records, read at once: a record may take a MiB.
const READ_AT_ONCE: usize = 64;
/// Index entries looked at for one page: where few were at the venue, the page ends early, with a token to go on.
const LOOKED_AT_MAX: usize = 1_000;

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    pub venue: &'a Venue,
    /// `None`: the venue's business day.
    pub first: Option<Date>,
    /// `None`: a week from the first day on.
    pub last: Option<Date>,
    pub purpose: Purpose,
    pub page_size: usize,
}

/// The tokens of a request; empty: none.
#[derive(Debug, Clone, Default)]
pub struct Tokens {
    /// Of the page before.
    pub page: String,
    /// Of a customer who must be on the page.
    pub revision: String,
}

/// An occasion, whose it is, and when it is kept.
#[derive(Debug, Clone)]
pub struct Upcoming {
    pub customer: CustomerId,
    pub occasion: Occasion,
    pub next: Celebration,
    /// False: the customer was somewhere within the time, and the record does not tell where.
    pub is_of_venue: bool,
}

/// A page of occasions, the earliest first.
#[derive(Debug, Clone, Default)]
pub struct Page {
    pub occasions: Vec<Upcoming>,
    /// Empty: it was the last page.
    pub next_page_token: String,
    /// Somebody may be missing: old records are not all in the index, or a record does not open.
    pub is_incomplete: bool,
}

/// How far a list has come: this occasion, and all before it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Position {
    date: Date,
    /// Of the index.
    member: Vec<u8>,
    /// [`ALL_PARTS`]: the customer's last one.
    part: PartId,
}

const ALL_PARTS: PartId = PartId(u32::MAX);

/// The days of a list, and how far it has come. The days are those of the first page, whatever the clock says by now.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Course {
    last: Date,
    position: Position,
}

impl Readers {
    /// A page of what is celebrated from one day to another, by customers who were at the venue lately. Index entries are verified
    /// against the records.
    ///
    /// # Errors
    /// `Withheld`: the purpose sees nobody's occasions. Customers who did not agree to it are left out. `RevisionNotReached`: the
    /// customer of the token is not on the page, or not as of its revision.
    pub async fn list_upcoming_occasions(&self, caller: &Caller, asked: Asked<'_>, tokens: &Tokens) -> Result<Page> {
        let Tokens { page: token, revision } = tokens;
        tokens::refuse_malformed_revision_token(revision)?;
        if let Err(WithheldReason::Purpose) = sees(asked.purpose, &[], Part::Occasions) {
            return Err(Error::Withheld(WithheldReason::Purpose));
        }
        let today = asked.venue.local(caller.now).date;
        let Asked { venue, first, last, purpose, page_size: _ } = asked;
        let query = format!("ListUpcomingOccasions/{}/{first:?}/{last:?}/{purpose:?}", venue.id);
        let course = tokens::parse_page_token(&caller.index_key, query.as_bytes(), token)?;
        let (mut date, last, mut from) = match course.as_deref().and_then(Course::read) {
            Some(Course { last, position }) => (position.date, last, Some(position)),
            None => {
                let (first, last) = days(first, last, today)?;
                (first, last, None)
            }
        };
        let store = self.records.store.as_ref();
        let is_incomplete = !backfill::is_filled(store, &caller.principal.tenant).await?;
        let page = Page { is_incomplete, ..Page::default() };
        let since = visited_since(venue, today);
        let awaited = (!revision.is_empty()).then_some(revision.as_str());
        let mut list = List { readers: self, caller, asked, since, awaited, looked_at: 0, page };
        while date <= last {
            if let Some(position) = list.day(date, from.take()).await? {
                let course = Course { last, position }.bytes();
                list.page.next_page_token = tokens::page_token(&caller.index_key, query.as_bytes(), &course);
                break;
            }
            let Ok(next) = date.tomorrow() else { break };
            date = next;
        }
        if list.awaited.is_some() { Err(Error::RevisionNotReached) } else { Ok(list.page) }
    }
}

/// The first and the last day that are listed.
fn days(first: Option<Date>, last: Option<Date>, today: Date) -> std::result::Result<(Date, Date), Violation> {
    let first = match first {
        Some(first) if first < today => {
            return Err(Violation::new("first_date", "must be the venue's business day or later; empty is that day"));
        }
        first => first.unwrap_or(today),
    };
    let within = |days: i64| first.saturating_add((days - 1).days());
    match last {
        None => Ok((first, within(DAYS_DEFAULT))),
        Some(last) if last < first => Err(Violation::new("last_date", "must not be before the first day")),
        Some(last) if last > within(DAYS_MAX) => {
            let text = format!("must be at most {} days after the first day: ask for later days anew", DAYS_MAX - 1);
            Err(Violation::new("last_date", text))
        }
        Some(last) => Ok((first, last)),
    }
}

/// The time since which a customer must have been at the venue.
fn visited_since(venue: &Venue, today: Date) -> Timestamp {
    let day = today.saturating_sub(VISITED_MONTHS.months());
    venue.zone.rules().to_timestamp(day.to_datetime(Time::midnight())).unwrap_or(Timestamp::MIN)
}

/// A page that is being filled.
struct List<'a> {
    readers: &'a Readers,
    caller: &'a Caller,
    asked: Asked<'a>,
    since: Timestamp,
    /// The revision token of a customer who must be on the page, and is not yet.
    awaited: Option<&'a str>,
    looked_at: usize,
    page: Page,
}

impl List<'_> {
    /// Adds what is celebrated on a day, after a position; where it stopped, if that is before the end of the day.
    async fn day(&mut self, date: Date, mut from: Option<Position>) -> Result<Option<Position>> {
        for day in YearDay::kept_on(date) {
            let digest = self.caller.index_key.blind_day(day);
            // The days of the year before that of the position are done.
            if from.as_ref().is_some_and(|position| !position.member.starts_with(&digest)) {
                continue;
            }
            let mut from = from.take();
            let mut range = hints::day_range(digest);
            if let Some(position) = &from {
                // With its own member: the customer may celebrate more on that day.
                range.from.clone_from(&position.member);
            }
            loop {
                let (store, tenant) = (&self.readers.records.store, &self.caller.principal.tenant);
                let partition = hints::day_partition(digest);
                let found = store.hints(tenant, HintIndex::Occasions, partition, &range, READ_AT_ONCE).await?;
                let members: Vec<Vec<u8>> = found.into_iter().map(|(member, _)| member).collect();
                let Some(last) = members.last().cloned() else { break };
                let stopped = self.take(date, day, &members, from.take()).await?;
                self.looked_at += members.len();
                if stopped.is_some() {
                    return Ok(stopped);
                }
                if self.looked_at >= LOOKED_AT_MAX {
                    return Ok(Some(Position { date, member: last, part: ALL_PARTS }));
                }
                if members.len() < READ_AT_ONCE {
                    break;
                }
                range = range.after(Some(last));
            }
        }
        Ok(None)
    }

    /// Adds what these customers celebrate; where it stopped, if the page is full.
    async fn take(
        &mut self,
        date: Date,
        day: YearDay,
        members: &[Vec<u8>],
        from: Option<Position>,
    ) -> Result<Option<Position>> {
        let named = members.iter().filter_map(|member| Some((member, hints::parse_occasion(member)?.1)));
        let named: Vec<(&Vec<u8>, CustomerId)> = named.collect();
        let keys: Vec<_> = named.iter().map(|(_, customer)| self.caller.key(*customer)).collect();
        for ((member, customer), record) in named.into_iter().zip(self.readers.records.read_many(&keys).await?) {
            let current = match record {
                Ok(Some(current)) => current,
                // Erased since.
                Ok(None) => continue,
                // Others are listed all the same.
                Err(_) => {
                    self.page.is_incomplete = true;
                    continue;
                }
            };
            let done = from.as_ref().filter(|position| position.member == *member).map(|position| position.part);
            let Some(is_of_venue) = self.lists(&current.profile, date) else { continue };
            // Of one day, they are in the order of their ids.
            for celebrated in near::celebrations(&current.profile, date, 0) {
                let part = celebrated.occasion.id;
                let is_of_day = celebrated.occasion.reported.date.year_day() == day;
                if !is_of_day || done.is_some_and(|done| part <= done) {
                    continue;
                }
                self.found(customer, current.revision)?;
                let (occasion, next) = (celebrated.occasion.clone(), celebrated.next);
                self.page.occasions.push(Upcoming { customer, occasion, next, is_of_venue });
                if self.page.occasions.len() >= self.asked.page_size {
                    return Ok(Some(Position { date, member: member.clone(), part }));
                }
            }
        }
        Ok(None)
    }

    /// Notes that a customer is on the page: the one of the token must be there as of its revision.
    fn found(&mut self, customer: CustomerId, current: Revision) -> Result<()> {
        let token = self.awaited.unwrap_or_default();
        if let Ok(demanded @ Some(_)) = demanded(self.caller, customer, token) {
            reached(demanded, current)?;
            self.awaited = None;
        }
        Ok(())
    }

    /// Whether a customer's occasions of a day are listed; with it, whether they were surely at the venue. A bar that has ended
    /// by that day hides nothing of it; and none hides anything from a purpose that is not told of bars: beside the same customer's
    /// record, the gap would tell.
    fn lists(&self, profile: &Profile, date: Date) -> Option<bool> {
        profile.sees(self.asked.purpose, Part::Occasions).ok()?;
        let begins = self.asked.venue.day_start(date).unwrap_or(Timestamp::MAX);
        if !profile.is_welcome(self.asked.purpose, begins.max(self.caller.now)) {
            return None;
        }
        match profile.habits.was_at(&self.asked.venue.id, self.since) {
            Some(false) => None,
            was_there => Some(was_there.is_some()),
        }
    }
}

/// Bytes of a date.
const DATE_LEN: usize = 4;

impl Course {
    fn bytes(&self) -> Vec<u8> {
        let Self { last, position: Position { date, member, part } } = self;
        [&date_bytes(*last)[..], &date_bytes(*date), &part.0.to_be_bytes(), member].concat()
    }

    /// `None`: no list wrote it.
    fn read(bytes: &[u8]) -> Option<Self> {
        let (last, rest) = bytes.split_first_chunk::<DATE_LEN>()?;
        let (date, rest) = rest.split_first_chunk::<DATE_LEN>()?;
        let (part, member) = rest.split_first_chunk::<4>()?;
        let part = PartId(u32::from_be_bytes(*part));
        Some(Self {
            last: read_date(*last)?,
            position: Position { date: read_date(*date)?, member: member.to_vec(), part },
        })
    }
}

fn date_bytes(date: Date) -> [u8; DATE_LEN] {
    let [high, low] = date.year().to_be_bytes();
    [high, low, date.month().to_be_bytes()[0], date.day().to_be_bytes()[0]]
}

fn read_date([high, low, month, day]: [u8; DATE_LEN]) -> Option<Date> {
    Date::new(i16::from_be_bytes([high, low]), i8::from_be_bytes([month]), i8::from_be_bytes([day])).ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const TODAY: Date = date(2026, 3, 14);

    #[test]
    fn days_are_a_week_where_nothing_is_said_and_two_months_at_most() {
        let far = date(2031, 12, 30);
        for (first, last, expected) in [
            (None, None, (TODAY, date(2026, 3, 20))),
            (Some(TODAY), Some(TODAY), (TODAY, TODAY)),
            (None, Some(date(2026, 5, 14)), (TODAY, date(2026, 5, 14))),
            (Some(far), None, (far, date(2032, 1, 5))),
            (Some(Date::MAX), None, (Date::MAX, Date::MAX)),
        ] {
            assert_eq!(days(first, last, TODAY).unwrap(), expected);
        }
        for (first, last, field) in [
            (Some(date(2026, 3, 13)), None, "first_date"),
            (None, Some(date(2026, 3, 13)), "last_date"),
            (None, Some(date(2026, 5, 15)), "last_date"),
            (Some(far), Some(Date::MAX), "last_date"),
        ] {
            assert_eq!(days(first, last, TODAY).unwrap_err().field, field);
        }
    }

    #[test]
    fn where_a_list_has_come_to_is_read_back() {
        for (last, at) in [(TODAY, TODAY), (Date::MAX, Date::MIN)] {
            let position = Position { date: at, member: vec![7; 24], part: ALL_PARTS };
            let course = Course { last, position };
            assert_eq!(Course::read(&course.bytes()), Some(course.clone()));
        }
        for length in 0..12 {
            assert_eq!(Course::read(&vec![1; length]), None);
        }
    }
}
