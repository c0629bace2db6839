//! A seal opens where it was made, with the key it was made with, and nowhere else.

use super::*;
use crate::{
    domain::{
        CustomerId, TenantId,
        occasion::{Calendar, YearDay},
    },
    hex,
};

fn customer(tenant: &str, byte: u8) -> CustomerKey {
    CustomerKey {
        tenant: TenantId::parse("tenant", tenant).expect("a name"),
        customer: CustomerId::from_bytes([byte; 16]),
    }
}

fn sealed(key: &DataKey, place: &AssociatedData<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    key.seal(place, b"nut allergy".to_vec(), &mut out).expect("seals");
    out
}

#[test]
fn opens_in_its_place_only() {
    let key = DataKey::new(&[7; KEY_LEN]).expect("a key");
    let (ana, ben) = (customer("hotel", 1), customer("hotel", 2));
    let place = AssociatedData::Record { key: &ana, header: b"revision 4" };
    let bytes = sealed(&key, &place);
    assert_eq!(bytes.len(), b"nut allergy".len() + SEAL_OVERHEAD);
    let mut opened = key.open(&place, &bytes).expect("opens");
    assert_eq!(&*opened, b"nut allergy");
    opened.wipe();
    assert!(opened.iter().all(|byte| *byte == 0) && opened.len() == b"nut allergy".len(), "nothing of it is left");
    let other_tenant = customer("shop", 1);
    for wrong in [
        AssociatedData::Record { key: &ana, header: b"revision 5" },
        AssociatedData::Record { key: &ben, header: b"revision 4" },
        AssociatedData::Record { key: &other_tenant, header: b"revision 4" },
        AssociatedData::Entry { key: &ana, format: 1, lane: Lane::Changes, id: &[0; 16] },
    ] {
        assert!(matches!(key.open(&wrong, &bytes), Err(StoreError::Corrupt(_))));
    }
}

#[test]
fn a_flipped_bit_or_another_key_is_damage() {
    let key = DataKey::new(&[7; KEY_LEN]).expect("a key");
    let ana = customer("hotel", 1);
    let place = AssociatedData::Entry { key: &ana, format: 1, lane: Lane::Interactions, id: &[3; 16] };
    let bytes = sealed(&key, &place);
    for bit in 0..bytes.len() * 8 {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(key.open(&place, &flipped).is_err(), "bit {bit}");
    }
    for length in 0..bytes.len() {
        assert!(key.open(&place, &bytes[..length]).is_err(), "cut to {length}");
    }
    assert!(DataKey::new(&[8; KEY_LEN]).expect("a key").open(&place, &bytes).is_err());
}

#[test]
fn two_seals_of_the_same_bytes_differ() {
    let key = DataKey::new(&[7; KEY_LEN]).expect("a key");
    let ana = customer("hotel", 1);
    let place = AssociatedData::Record { key: &ana, header: b"h" };
    assert_ne!(sealed(&key, &place), sealed(&key, &place));
}

#[tokio::test]
async fn the_wrapping_key_is_made_once_and_kept_private() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("deeper").join("wrapping.key");
    let first = LocalKeys::from_file(&path).expect("made");
    assert_eq!(std::fs::metadata(&path).expect("a file").permissions().mode() & 0o777, 0o600);
    let wrapped = first.wrap(b"name", &[9; KEY_LEN]).await.expect("wraps");
    let again = LocalKeys::from_file(&path).expect("read");
    assert_eq!(*again.unwrap(b"name", &wrapped).await.expect("unwraps"), [9; KEY_LEN]);
    assert!(again.unwrap(b"another name", &wrapped).await.is_err());
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).expect("a mode");
    assert!(matches!(LocalKeys::from_file(&path), Err(LocalKeysError::Mode(_))));

    // Drafts of others, that anybody may read, are not written into.
    let shared = folder.path().join("other.key");
    for name in ["other.new", "other.new-0000000000000000"] {
        std::fs::write(folder.path().join(name), b"").unwrap();
    }
    LocalKeys::from_file(&shared).unwrap();
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&shared), 0o600);
    let drafts = std::fs::read_dir(folder.path()).unwrap().flatten().filter(|entry| {
        entry.file_name().to_string_lossy().starts_with("other.new") && entry.metadata().unwrap().len() > 0
    });
    assert_eq!(drafts.count(), 0, "no draft is left, and none that was there is filled");
    assert!(matches!(LocalKeys::from_base64("c2hvcnQ="), Err(LocalKeysError::Form)));
}

/// HMAC-SHA-256 computed outside of this program. If one of these moves, no occasion that is stored is found any more.
#[test]
fn where_the_days_of_the_year_lie_never_changes() {
    let key = IndexKey::new(TenantId::parse("", "inn").expect("a name"), 1, &[7; KEY_LEN]);
    for (calendar, expected) in [(Calendar::Gregorian, "202f17e8b98b8af4"), (Calendar::Chinese, "89e68275e61b8149")] {
        let mut digits = String::new();
        hex::push(&mut digits, &key.blind_day(YearDay { calendar, month: 3, day: 14 }));
        assert_eq!(digits, expected);
    }
}

#[test]
fn what_the_index_key_seals_is_not_read_without_it() {
    let tenant = || TenantId::parse("", "inn").expect("a name");
    let key = IndexKey::new(tenant(), 1, &[7; KEY_LEN]);
    let plain = [7; 40];
    let bytes = key.seal(Label::PageToken, b"query", &plain);
    assert_eq!(bytes.len(), plain.len() + SEAL_OVERHEAD);
    assert!(!bytes.windows(4).any(|some| some == &plain[..4]));
    assert_eq!(key.open(Label::PageToken, b"query", &bytes).as_deref(), Some(&plain[..]));
    assert_ne!(bytes[..12], key.seal(Label::PageToken, b"other", &plain)[..12], "no nonce is used for two messages");
    assert_ne!(bytes[..12], key.seal(Label::PageToken, b"query", &[7; 41])[..12]);
    let other = IndexKey::new(tenant(), 1, &[8; KEY_LEN]);
    assert_eq!(other.open(Label::PageToken, b"query", &bytes), None);
    assert_eq!(key.open(Label::PageToken, b"other", &bytes), None);
    assert_eq!(key.open(Label::RevisionToken, b"query", &bytes), None);
    for bit in 0..bytes.len() * 8 {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(key.open(Label::PageToken, b"query", &flipped), None, "bit {bit}");
    }
    for length in 0..bytes.len() {
        assert_eq!(key.open(Label::PageToken, b"query", &bytes[..length]), None, "cut to {length}");
    }
}

#[test]
fn a_tenants_key_opens_in_its_place_and_for_its_use_alone() {
    let key = TenantKey::new(&[7; KEY_LEN], 0);
    let mut bytes = Vec::new();
    key.seal(Use::Log, b"ana", b"beside", b"nut allergy".to_vec(), &mut bytes).expect("seals");
    assert_eq!(&*key.open(Use::Log, b"ana", b"beside", &bytes).expect("opens"), b"nut allergy");
    assert!(key.open(Use::Log, b"ben", b"beside", &bytes).is_err());
    assert!(key.open(Use::Log, b"ana", b"besides", &bytes).is_err());
    assert!(key.open(Use::Value, b"ana", b"beside", &bytes).is_err());
    assert!(TenantKey::new(&[8; KEY_LEN], 0).open(Use::Log, b"ana", b"beside", &bytes).is_err());
    let wrapped = key.wrap(b"ana", &[9; KEY_LEN]).expect("wraps");
    assert!(is_wrapped_by_tenant_key(&wrapped));
    assert_eq!(*key.unwrap(b"ana", &wrapped).expect("unwraps"), [9; KEY_LEN]);
    assert!(key.unwrap(b"ben", &wrapped).is_err());
    for at in 0..wrapped.len() {
        let mut flipped = wrapped.clone();
        flipped[at] ^= 1;
        assert!(key.unwrap(b"ana", &flipped).is_err(), "byte {at}");
        assert!(key.unwrap(b"ana", &wrapped[..at]).is_err(), "cut to {at}");
    }
}

#[tokio::test]
async fn what_the_wrapping_key_wraps_is_told_from_what_a_tenants_key_wraps() {
    let keys = LocalKeys::from_bytes(&[7; KEY_LEN]).expect("a key");
    let wrapped = keys.wrap(b"ana", &[9; KEY_LEN]).await.expect("wraps");
    assert!(!is_wrapped_by_tenant_key(&wrapped));
}
