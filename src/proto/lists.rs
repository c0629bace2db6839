//! Adds up, from a message's bytes and before prost builds anything, what the entries of all its lists will take in
//! memory by their own size (`size_of`). The texts that they own are not counted: together they are no longer than the
//! message.
//!
//! An entry of a list may take two bytes on the wire and hundreds in memory, so the size of a request says little
//! about the cost of reading it. build.rs writes down which fields are lists, from the contract.

use prost::{
    DecodeError,
    encoding::{DecodeContext, WireType, decode_key, decode_varint, skip_field},
};

/// The most memory that the entries of all lists of one request may take. The largest requests within the contract's
/// limits: a policy takes some 4 MB (1,000 venues 0.2, their 50,000 capabilities and 21,000 opening hours 2.4, 4,000
/// budgets 0.4, a full catalogue 0.8, roles 0.3), 100 interactions of 200 lines 1.8 MB. A list that grows is copied, so
/// that a request costs up to three times as much.
pub const ENTRY_BYTES_MAX: usize = 5 << 20;
/// An upper bound of the size of an entry. If one is larger, the compiler says so: raise it (see [`entry`]).
const ENTRY_SIZE_MAX: usize = 640;
/// Messages up to this size cannot exceed the limit and are not checked: each entry takes at least two bytes on the wire (a
/// packed number takes one, but is small in memory).
pub const SHORT_BYTES: usize = 2 * ENTRY_BYTES_MAX / ENTRY_SIZE_MAX;
/// The deepest nesting of messages; prost's own limit.
const DEPTH_MAX: usize = 100;

/// The fields of a message that are lists, or that hold lists.
pub struct Lists(pub &'static [Field]);

/// One such field.
pub struct Field {
    pub number: u32,
    /// The size of one entry in memory; 0: the field is not a list, but a message that contains lists.
    pub size: usize,
    /// How numbers are packed.
    pub packed: Option<Packed>,
    /// The lists within.
    pub lists: Option<&'static Lists>,
}

/// How long packed numbers are.
#[derive(Clone, Copy)]
pub enum Packed {
    Varint,
    FourBytes,
    EightBytes,
}

/// Why a message is not read.
#[derive(Debug, PartialEq)]
pub enum Refused {
    /// Its lists take more than there may be.
    TooMuch,
    /// It is nested too deeply.
    TooDeep,
    /// It is no message.
    Malformed(DecodeError),
}

impl From<DecodeError> for Refused {
    fn from(error: DecodeError) -> Self {
        Self::Malformed(error)
    }
}

impl Lists {
    /// Adds up what the lists of a message take.
    pub fn check(&self, message: &[u8]) -> Result<(), Refused> {
        let mut left = ENTRY_BYTES_MAX;
        self.walk(message, DEPTH_MAX, &mut left)
    }

    fn walk(&self, mut bytes: &[u8], depth: usize, left: &mut usize) -> Result<(), Refused> {
        let depth = depth.checked_sub(1).ok_or(Refused::TooDeep)?;
        while !bytes.is_empty() {
            let (number, wire) = decode_key(&mut bytes)?;
            let start = bytes;
            skip_field(wire, number, &mut bytes, DecodeContext::default())?;
            let Some(field) = self.0.iter().find(|field| field.number == number) else {
                continue;
            };
            let mut content = &start[..start.len() - bytes.len()];
            if wire != WireType::LengthDelimited {
                spend(left, field.size)?;
                continue;
            }
            decode_varint(&mut content)?;
            spend(left, field.packed.map_or(1, |packed| packed.count(content)).saturating_mul(field.size))?;
            if let Some(lists) = field.lists {
                lists.walk(content, depth, left)?;
            }
        }
        Ok(())
    }
}

fn spend(left: &mut usize, bytes: usize) -> Result<(), Refused> {
    *left = left.checked_sub(bytes).ok_or(Refused::TooMuch)?;
    Ok(())
}

impl Packed {
    /// How many numbers stand in these bytes.
    fn count(self, bytes: &[u8]) -> usize {
        match self {
            // The last byte of each has its highest bit unset.
            Self::Varint => bytes.iter().filter(|byte| **byte < 0x80).count(),
            Self::FourBytes => bytes.len() / 4,
            Self::EightBytes => bytes.len() / 8,
        }
    }
}

/// The size of an entry. Does not compile if it is over [`ENTRY_SIZE_MAX`].
pub const fn entry<T>() -> usize {
    assert!(size_of::<T>() <= ENTRY_SIZE_MAX, "an entry is larger than ENTRY_SIZE_MAX says: raise it");
    size_of::<T>()
}

#[cfg(test)]
mod tests {
    use prost::Message;

    use super::*;
    use crate::proto::{
        Budget, GestureType, Interaction, OpeningHours, Policy, Purchase, PurchaseLine, RecordInteractionsRequest,
        SetPolicyRequest, Streamed, Venue,
    };

    fn check<M: Message + Streamed>(message: &M) -> Result<(), Refused> {
        M::LISTS.expect("it has lists").check(&message.encode_to_vec())
    }

    #[test]
    fn what_the_contract_allows_is_read() {
        let line = PurchaseLine { item: "tea".to_owned(), ..PurchaseLine::default() };
        let purchase = Purchase { lines: vec![line; 200], ..Purchase::default() };
        let interaction = Interaction { purchase: Some(purchase), ..Interaction::default() };
        assert_eq!(check(&RecordInteractionsRequest { interactions: vec![interaction; 100] }), Ok(()));
        let venue = Venue {
            capabilities: vec!["terrace".to_owned(); 50],
            opening_hours: vec![OpeningHours::default(); 21],
            ..Venue::default()
        };
        // So many contents, instead of all lists of a gesture type.
        let gesture = GestureType { contents: vec!["almonds".to_owned(); 300], ..GestureType::default() };
        let policy = Policy {
            venues: vec![venue; 1_000],
            budgets: vec![Budget::default(); 4_000],
            catalogue: vec![gesture; 200],
            ..Policy::default()
        };
        assert_eq!(check(&SetPolicyRequest { policy: Some(policy) }), Ok(()));
    }

    #[test]
    fn lists_are_bounded_wherever_they_stand() {
        let fits = ENTRY_BYTES_MAX / size_of::<Interaction>();
        let of = |count| RecordInteractionsRequest { interactions: vec![Interaction::default(); count] };
        assert_eq!(check(&of(fits)), Ok(()));
        assert_eq!(check(&of(fits + 1)), Err(Refused::TooMuch));
        let fits = (ENTRY_BYTES_MAX - size_of::<Venue>()) / size_of::<String>();
        let of = |count| {
            let venue = Venue { capabilities: vec![String::new(); count], ..Venue::default() };
            SetPolicyRequest { policy: Some(Policy { venues: vec![venue], ..Policy::default() }) }
        };
        assert_eq!(check(&of(fits)), Ok(()));
        assert_eq!(check(&of(fits + 1)), Err(Refused::TooMuch));
    }

    const NUMBERS: Lists = Lists(&[
        Field { number: 1, size: ENTRY_BYTES_MAX / 8, packed: Some(Packed::Varint), lists: None },
        Field { number: 2, size: ENTRY_BYTES_MAX / 8, packed: Some(Packed::FourBytes), lists: None },
        Field { number: 3, size: ENTRY_BYTES_MAX / 8, packed: Some(Packed::EightBytes), lists: None },
    ]);

    #[test]
    fn numbers_are_counted_packed_and_alone() {
        let full: [&[u8]; 6] = [
            &[&[0x0a, 9][..], &[0x80, 1, 1, 1, 1, 1, 1, 1, 1]].concat(),
            &[0x08, 1].repeat(8),
            &[&[0x12, 32][..], &[0; 32]].concat(),
            &[0x15, 0, 0, 0, 0].repeat(8),
            &[&[0x1a, 64][..], &[0; 64]].concat(),
            &[0x19, 0, 0, 0, 0, 0, 0, 0, 0].repeat(8),
        ];
        for message in full {
            assert_eq!(NUMBERS.check(message), Ok(()), "{message:?}");
            let more = [message, &[0x08, 1]].concat();
            assert_eq!(NUMBERS.check(&more), Err(Refused::TooMuch), "{message:?}");
            let other = [message, &[0x20, 1]].concat();
            assert_eq!(NUMBERS.check(&other), Ok(()), "what is no list is free");
        }
    }

    static ENDLESS: Lists = Lists(&[Field { number: 1, size: 0, packed: None, lists: Some(&ENDLESS) }]);

    #[test]
    fn depth_is_bounded_and_bytes_that_are_no_message_are_told() {
        let nested = |depth: usize| {
            (0..depth).fold(Vec::new(), |inner: Vec<u8>, _| {
                let mut outer = vec![0x0a];
                prost::encoding::encode_varint(inner.len() as u64, &mut outer);
                [outer, inner].concat()
            })
        };
        assert_eq!(ENDLESS.check(&nested(DEPTH_MAX - 1)), Ok(()));
        assert_eq!(ENDLESS.check(&nested(DEPTH_MAX)), Err(Refused::TooDeep));
        for malformed in [&[0x80][..], &[0x0a, 5, 1], &[0x0a], &[0x0b], &[0x0c], &[0, 1]] {
            assert!(matches!(NUMBERS.check(malformed), Err(Refused::Malformed(_))), "{malformed:?}");
        }
    }
}
