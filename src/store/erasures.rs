//! Erasures that are under way. Each is noted before the customer's key is destroyed: who comes next can then remove what a crash
//! left, although nobody can read the record any more that says which entries of indexes and identities lead to it.

use super::{
    CustomerKey, LogEntry, Result,
    cas::{Decision, Effect, Lifetime},
    codec::erasures::{decode, encode},
};

/// Erasures of one bucket that are under way at once: one is over in milliseconds, or is finished within seconds of a crash. Each is
/// some KiB at the most, so a value is a few hundred.
pub const ERASURES_MAX: usize = 64;

/// An erasure that began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erasure {
    /// What the log says once the record is gone. The revision is that of the record; the counter of one that was lost is zero.
    pub left: LogEntry,
    /// By the clock of who erases, in milliseconds since 1970.
    pub begun_ms: i64,
}

impl Erasure {
    /// Whose it is.
    pub fn key(&self) -> &CustomerKey {
        &self.left.key
    }
}

/// Notes an erasure in place of an earlier one of the same customer; `false`: there are as many as may be.
pub fn begin(there: &[u8], erasure: &Erasure) -> Result<Decision<bool>> {
    let mut erasures = decode(there)?;
    erasures.retain(|other| other.key() != erasure.key());
    if erasures.len() >= ERASURES_MAX {
        return Ok(Decision::keep(false));
    }
    erasures.push(erasure.clone());
    Ok(Decision::put(true, encode(&erasures), Lifetime::Forever))
}

/// Drops the note of a customer's erasure, if it is there.
pub fn end(there: &[u8], key: &CustomerKey) -> Result<Decision<()>> {
    let mut erasures = decode(there)?;
    let before = erasures.len();
    erasures.retain(|erasure| erasure.key() != key);
    Ok(match erasures.len() {
        after if after == before => Decision::keep(()),
        0 => Decision { answer: (), effect: Effect::Remove },
        _ => Decision::put((), encode(&erasures), Lifetime::Forever),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{CustomerId, TenantId, TouchedParts},
        store::{IndexOp, Revision},
    };

    fn erasure(number: u8) -> Erasure {
        let key = CustomerKey {
            tenant: TenantId::parse("tenant", "hotel").expect("a name"),
            customer: CustomerId::from_bytes([number; 16]),
        };
        let revision = Revision { counter: 3, write_id: 9 };
        let left = LogEntry { key, revision, touched: TouchedParts::ERASED, index: vec![IndexOp::Unlist] };
        Erasure { left, begun_ms: 1_700_000_000_000 }
    }

    fn bytes(decided: Decision<bool>) -> Vec<u8> {
        let Effect::Put(bytes, Lifetime::Forever) = decided.effect else { panic!("{decided:?}") };
        bytes
    }

    #[test]
    fn a_customer_is_noted_once_and_a_bucket_holds_so_many() {
        let mut there = Vec::new();
        for number in 0..ERASURES_MAX {
            let number = u8::try_from(number).expect("small");
            there = bytes(begin(&there, &erasure(number)).expect("decodes"));
        }
        assert_eq!(begin(&there, &erasure(u8::MAX)).expect("decodes"), Decision::keep(false));
        let again = bytes(begin(&there, &erasure(0)).expect("decodes"));
        assert_eq!(decode(&again).expect("decodes").len(), ERASURES_MAX);
        assert_eq!(end(&there, erasure(u8::MAX).key()).expect("decodes"), Decision::keep(()));
        let Effect::Put(fewer, _) = end(&there, erasure(0).key()).expect("decodes").effect else { panic!("some stay") };
        assert_eq!(decode(&fewer).expect("decodes").len(), ERASURES_MAX - 1);
        let one = bytes(begin(&[], &erasure(0)).expect("decodes"));
        assert_eq!(end(&one, erasure(0).key()).expect("decodes").effect, Effect::Remove);
    }
}
