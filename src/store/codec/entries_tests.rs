use proptest::prelude::*;

use super::*;
use crate::{domain::CustomerId, store::StoreError};

fn tenant() -> TenantId {
    TenantId::parse("tenant", "acme").unwrap()
}

fn identity() -> IdentityKey {
    IdentityKey { tenant: tenant(), version: 7, digest: [3; 16] }
}

fn budget() -> BudgetKey {
    BudgetKey { tenant: tenant(), name: "venue:{a}".into() }
}

fn entries() -> Vec<IdentityEntry> {
    let entry = |number: u8, state, expire_ms| IdentityEntry {
        customer: CustomerId::from_bytes([number; 16]),
        token: HoldToken([number + 1; 16]),
        state,
        expire_ms,
    };
    vec![entry(1, EntryState::Held { deadline_ms: 5 }, None), entry(9, EntryState::Confirmed, Some(-4))]
}

fn log() -> LogEntry {
    LogEntry {
        key: CustomerKey { tenant: tenant(), customer: CustomerId::from_bytes([2; 16]) },
        revision: Revision { counter: 4, write_id: u64::MAX },
        touched: TouchedParts::DETAILS.with(TouchedParts::HABITS),
        index: vec![
            IndexOp::Confirm { identity: identity(), token: HoldToken([5; 16]) },
            IndexOp::Release { identity: identity(), token: HoldToken([6; 16]) },
            IndexOp::List,
            IndexOp::Unlist,
            IndexOp::ConfirmBudget { key: budget(), token: HoldToken([7; 16]) },
        ],
    }
}

#[test]
fn identity_entries_come_back() {
    assert_eq!(decode_identities(&encode_identities(&entries())).unwrap(), entries());
    assert_eq!(decode_identities(&[]).unwrap(), []);
}

#[test]
fn a_moment_of_zero_stays_a_moment() {
    let mut entries = entries();
    entries[0].state = EntryState::Held { deadline_ms: 0 };
    entries[0].expire_ms = Some(0);
    let back = decode_identities(&encode_identities(&entries)).unwrap();
    assert_eq!(back[0].state, EntryState::Held { deadline_ms: 1 });
    assert_eq!(back[0].expire_ms, Some(1));
}

#[test]
fn a_log_entry_comes_back() {
    assert_eq!(decode_log(&encode_log(&log())).unwrap(), log());
}

#[test]
fn the_bytes_of_a_log_entry_are_these() {
    let short = LogEntry { index: vec![IndexOp::List], touched: TouchedParts(0x81), ..log() };
    let golden: &[u8] = b"\x0a\x04acme\x12\x10\x02\x02\x02\x02\x02\x02\x02\x02\x02\x02\x02\x02\x02\x02\x02\x02\
        \x18\x04\x21\xff\xff\xff\xff\xff\xff\xff\xff\x28\x81\x01\x32\x02\x18\x01";
    assert_eq!(encode_log(&short), golden);
}

#[test]
fn history_and_documents_come_back() {
    let entry = decode_history([1; 16], Bytes::from_static(b"\0\0\0\0\0\0\0\0sealed")).unwrap();
    assert_eq!(entry, HistoryEntry { id: [1; 16], time_ms: i64::MIN, bytes: Bytes::from_static(b"sealed") });

    let document = Document { revision: Revision { counter: 1, write_id: 2 }, bytes: Bytes::from_static(b"words") };
    assert_eq!(decode_document(encode_document(&document).into()).unwrap(), document);
}

#[test]
fn wrapped_keys_and_tombstones_come_back() {
    for entry in [
        KeyEntry::Wrapped(Bytes::new()),
        KeyEntry::Wrapped(Bytes::from_static(b"t")),
        KeyEntry::Committed(Bytes::from_static(b"w")),
        KeyEntry::Tombstone,
    ] {
        assert_eq!(decode_key(encode_key(&entry).into()).unwrap(), entry);
    }
    for bad in [&b""[..], b"x", b"tt"] {
        assert!(matches!(decode_key(Bytes::from_static(bad)), Err(StoreError::Corrupt(_))));
    }
}

#[test]
fn a_foreign_tenant_name_is_damage() {
    let mut foreign = stored::LogEntry::decode(encode_log(&log()).as_slice()).unwrap();
    foreign.tenant = "a:b".into();
    assert!(matches!(decode_log(&foreign.encode_to_vec()), Err(StoreError::Corrupt(_))));
}

proptest! {
    #[test]
    fn damage_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = decode_identities(&bytes);
        let _ = decode_log(&bytes);
        let _ = crate::store::codec::budgets::decode_budget(&bytes);
        let _ = crate::store::codec::tallies::decode_tally(&bytes);
        let _ = decode_history([0; 16], bytes.clone().into());
        let _ = decode_document(bytes.into());
    }

    #[test]
    fn a_flipped_bit_never_panics(at in 0_usize..200, bit in 0_u8..8) {
        for mut bytes in [encode_log(&log()), encode_identities(&entries())] {
            let at = at % bytes.len();
            bytes[at] ^= 1 << bit;
            let _ = decode_identities(&bytes);
            let _ = decode_log(&bytes);
        }
    }

    #[test]
    fn a_cut_log_entry_never_reads_as_the_whole(cut in 0_usize..100) {
        let bytes = encode_log(&log());
        if let Ok(entry) = decode_log(&bytes[..cut.min(bytes.len() - 1)]) {
            prop_assert_ne!(entry, log());
        }
    }
}
