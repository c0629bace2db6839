//! Indexes of hints: what they hold, in which order, and in which partition. A member is only a pointer to a record, and may be
//! out of date: whoever answers with customers' data by it verifies it against the record. Members hold no personal data
//! beside the customer's id: a day of the year is a keyed hash.
//!
//! A partition lies under one key; there are 256 of each index. A call reads a page of one of them.
//!
//! | index | partition | member |
//! |---|---|---|
//! | listing | the customer's bucket | customer |
//! | follow-ups, visits | first byte of the venue's digest | digest of the venue (8), time (8), customer (16), part (4) |
//! | occasions | first byte of the day's digest | digest of calendar, month and day (8), customer (16) |
//! | absences | the customer's bucket | time (8), customer (16) |
//!
//! Numbers are big-endian, and times as in [`keys::timeline_time`], so that members sort by them.

use super::{CustomerKey, keys};
use crate::domain::{
    VenueId,
    id::{CustomerId, PartId},
};

/// An index of hints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum HintIndex {
    /// Customers of a tenant.
    Listing,
    /// Follow-ups of a venue, by due time.
    FollowUps,
    /// Customers with something to celebrate, by calendar, month and day.
    Occasions,
    /// Customers, by the time at which they would count as slipping away.
    Absences,
    /// Reserved: no use case fills it. Planned visits to a venue, by time.
    Visits,
}

impl HintIndex {
    /// All of them, in the order of their stored numbers.
    pub const ALL: [Self; 5] = [Self::Listing, Self::FollowUps, Self::Occasions, Self::Absences, Self::Visits];
}

/// A member of an index, and where it lies.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Hint {
    /// Which index.
    pub index: HintIndex,
    /// Where in the index: see the table above.
    pub partition: u8,
    /// The sort key, with the customer's id in it: see the table above.
    pub member: Vec<u8>,
}

/// A page of members in byte order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HintRange {
    /// Inclusive; empty: from the first.
    pub from: Vec<u8>,
    /// Exclusive; `None`: to the last.
    pub to: Option<Vec<u8>>,
    /// The last member of the page before; `None`: the first page.
    pub after: Option<Vec<u8>>,
}

impl HintRange {
    /// The members that begin with these bytes.
    pub fn prefix(prefix: &[u8]) -> Self {
        let mut to = prefix.to_vec();
        while to.pop_if(|last| *last == u8::MAX).is_some() {}
        if let Some(last) = to.last_mut() {
            *last += 1;
        }
        Self { from: prefix.to_vec(), to: (!to.is_empty()).then_some(to), after: None }
    }

    /// What follows the last member of a page.
    #[must_use]
    pub fn after(self, member: Option<Vec<u8>>) -> Self {
        Self { after: member, ..self }
    }
}

/// Whose a hint is; `None` if the member cannot be one of its index.
pub fn customer_of(hint: &Hint) -> Option<CustomerId> {
    match hint.index {
        HintIndex::Listing => hint.member.as_slice().try_into().ok().map(CustomerId::from_bytes),
        HintIndex::FollowUps | HintIndex::Visits => parse_at_venue(&hint.member).map(|(_, customer, _)| customer),
        HintIndex::Occasions => parse_occasion(&hint.member).map(|(_, customer)| customer),
        HintIndex::Absences => parse_absence(&hint.member).map(|(_, customer)| customer),
    }
}

/// The customer's member of the index of all customers.
pub fn in_all_customers(key: &CustomerKey) -> Hint {
    let partition = keys::bucket(&key.tenant, &key.customer);
    Hint { index: HintIndex::Listing, partition, member: key.customer.as_bytes().to_vec() }
}

/// A follow-up that is due at a venue.
pub fn follow_up(venue: &VenueId, due_ms: i64, customer: CustomerId, part: PartId) -> Hint {
    at_venue(HintIndex::FollowUps, venue, due_ms, customer, part)
}

/// A visit that is planned to a venue.
pub fn visit(venue: &VenueId, time_ms: i64, customer: CustomerId, part: PartId) -> Hint {
    at_venue(HintIndex::Visits, venue, time_ms, customer, part)
}

fn at_venue(index: HintIndex, venue: &VenueId, time_ms: i64, customer: CustomerId, part: PartId) -> Hint {
    let digest = keys::venue_digest(venue);
    let time = keys::timeline_time(time_ms);
    let member = [&digest[..], &time, customer.as_bytes(), &part.0.to_be_bytes()].concat();
    Hint { index, partition: digest[0], member }
}

/// The partition of a venue's follow-ups and visits.
pub fn venue_partition(venue: &VenueId) -> u8 {
    keys::venue_digest(venue)[0]
}

/// A venue's follow-ups or visits from `from_ms` until before `to_ms`.
pub fn venue_range(venue: &VenueId, from_ms: i64, to_ms: i64) -> HintRange {
    let at = |time_ms| [keys::venue_digest(venue), keys::timeline_time(time_ms)].concat();
    HintRange { from: at(from_ms), to: Some(at(to_ms)), after: None }
}

/// When, whose and which part a member of follow-ups or visits is; `None` if it is no such member.
pub fn parse_at_venue(member: &[u8]) -> Option<(i64, CustomerId, PartId)> {
    let (_, rest) = member.split_first_chunk::<8>()?;
    let (time, rest) = rest.split_first_chunk::<8>()?;
    let (customer, part) = rest.split_first_chunk::<16>()?;
    let part = PartId(u32::from_be_bytes(part.try_into().ok()?));
    Some((keys::parse_timeline_time(*time), CustomerId::from_bytes(*customer), part))
}

/// A day of a calendar's year under the tenant's index key (`IndexKey::blind_day`).
pub type DayDigest = [u8; 8];

/// A customer with something to celebrate on a day of the year.
pub fn occasion(day: DayDigest, customer: CustomerId) -> Hint {
    let member = [&day[..], customer.as_bytes()].concat();
    Hint { index: HintIndex::Occasions, partition: day_partition(day), member }
}

/// The partition of a day of the year.
pub fn day_partition(day: DayDigest) -> u8 {
    day[0]
}

/// The customers with something to celebrate on a day of the year.
pub fn day_range(day: DayDigest) -> HintRange {
    HintRange::prefix(&day)
}

/// Which day and whose a member of occasions is; `None` if it is no such member.
pub fn parse_occasion(member: &[u8]) -> Option<(DayDigest, CustomerId)> {
    let (day, customer) = member.split_first_chunk::<8>()?;
    Some((*day, CustomerId::from_bytes(customer.try_into().ok()?)))
}

/// The time at which a customer would count as slipping away.
pub fn absence(key: &CustomerKey, time_ms: i64) -> Hint {
    let member = [&keys::timeline_time(time_ms)[..], key.customer.as_bytes()].concat();
    Hint { index: HintIndex::Absences, partition: keys::bucket(&key.tenant, &key.customer), member }
}

/// The customers who would count as slipping away from `from_ms` until before `to_ms`; in every partition.
pub fn absence_range(from_ms: i64, to_ms: i64) -> HintRange {
    let at = |time_ms| keys::timeline_time(time_ms).to_vec();
    HintRange { from: at(from_ms), to: Some(at(to_ms)), after: None }
}

/// When and whose a member of absences is; `None` if it is no such member.
pub fn parse_absence(member: &[u8]) -> Option<(i64, CustomerId)> {
    let (time, customer) = member.split_first_chunk::<8>()?;
    Some((keys::parse_timeline_time(*time), CustomerId::from_bytes(customer.try_into().ok()?)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::TenantId;

    fn venue() -> VenueId {
        VenueId::parse("venue", "zrh-lakeside").unwrap()
    }

    fn key(customer: [u8; 16]) -> CustomerKey {
        let tenant = TenantId::parse("tenant", "acme").unwrap();
        CustomerKey { tenant, customer: CustomerId::from_bytes(customer) }
    }

    fn holds(range: &HintRange, member: &[u8]) -> bool {
        member >= range.from.as_slice() && range.to.as_ref().is_none_or(|to| member < to.as_slice())
    }

    /// Stored data depends on every byte of these.
    #[test]
    fn the_members_are_these() {
        let customer = CustomerId::from_bytes([0xcc; 16]);
        let hint = visit(&venue(), 258, customer, PartId(3));
        let digest = keys::venue_digest(&venue());
        assert_eq!(digest, *b"\x91\x08\xe2\x83\x2d\xee\xa3\x5e");
        assert_eq!(hint.partition, digest[0]);
        assert_eq!(hint.member, [&digest[..], b"\x80\0\0\0\0\0\x01\x02", &[0xcc; 16], b"\0\0\0\x03"].concat());
        assert_eq!(occasion([0xab; 8], customer).member, [[0xab; 8].as_slice(), &[0xcc; 16]].concat());
        assert_eq!(occasion([0xab; 8], customer).partition, 0xab);
        assert_eq!(
            absence(&key([0xcc; 16]), -1).member,
            [&b"\x7f\xff\xff\xff\xff\xff\xff\xff"[..], &[0xcc; 16]].concat()
        );
        assert_eq!(in_all_customers(&key([0xcc; 16])).member, [0xcc; 16]);
    }

    #[test]
    fn foreign_members_are_none() {
        for length in (0..60).filter(|length| *length != 36) {
            assert_eq!(parse_at_venue(&vec![0; length]), None);
        }
        assert_eq!((parse_occasion(&[1; 23]), parse_occasion(&[1; 25])), (None, None));
        assert_eq!(parse_absence(&[1; 25]), None);
    }

    proptest! {
        #[test]
        fn members_sort_by_time_and_come_back(a: i64, b: i64, customer: [u8; 16], part: u32) {
            let (id, part) = (CustomerId::from_bytes(customer), PartId(part));
            let member = |time| follow_up(&venue(), time, id, part).member;
            prop_assert_eq!(member(a).cmp(&member(b)), a.cmp(&b));
            prop_assert_eq!(parse_at_venue(&member(a)), Some((a, id, part)));
            prop_assert_eq!(holds(&venue_range(&venue(), a, b), &member(a)), a < b);
            let absent = |time| absence(&key(customer), time).member;
            prop_assert_eq!(absent(a).cmp(&absent(b)), a.cmp(&b));
            prop_assert_eq!(parse_absence(&absent(a)), Some((a, id)));
            prop_assert_eq!(holds(&absence_range(a, b), &absent(a)), a < b);
        }

        #[test]
        fn a_day_holds_its_own(day: DayDigest, other: DayDigest, customer: [u8; 16]) {
            let hint = occasion(day, CustomerId::from_bytes(customer));
            prop_assert_eq!(parse_occasion(&hint.member), Some((day, CustomerId::from_bytes(customer))));
            prop_assert!(holds(&day_range(day), &hint.member));
            prop_assert_eq!(holds(&day_range(other), &hint.member), day == other);
        }

        #[test]
        fn a_prefix_holds_what_begins_with_it(prefix: Vec<u8>, member: Vec<u8>, rest: Vec<u8>) {
            let range = HintRange::prefix(&prefix);
            prop_assert!(holds(&range, &[prefix.clone(), rest].concat()));
            prop_assert_eq!(holds(&range, &member), member.starts_with(&prefix));
        }
    }
}
