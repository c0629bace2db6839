//! Restores of records that name what only one of them may have.

use rapport::{
    domain::identity::IdentityType as Kind,
    proto::*,
    service::restore::Restored,
    store::portable::{self, Line},
};

use crate::{
    command_line::{POLICY, Shell, assert_ran},
    copies::{Copy, lines},
    soundness::assert_sound,
    world::*,
};

on_both!(who_names_a_card_of_another_is_restored_without_it);

/// A lost record is a lost allergy: two records name one card, and both are there.
async fn who_names_a_card_of_another_is_restored_without_it(world: World) {
    let guest = |card: &str, code: &str| {
        let identities = vec![loyalty(card), identity(IdentityType::Email, "a@example.com")];
        CustomerDraft { identities, precautions: vec![allergy(code)], ..named("Guest") }
    };
    for (card, code) in [("GC-1", "TREE_NUTS"), ("GC-2", "PEANUTS")] {
        world.create(guest(card, code)).await;
    }
    let exported = lines(&world.server.core).await;
    let copy = Copy::empty(&world, Backend::Redb).await;
    let Ok(Line::Header(header)) = portable::parse(&exported[0]) else { panic!("a header") };
    let maintenance = copy.core.rapport.maintenance();
    let restore_to = maintenance.restore(&copy.core.tenant, &header, false).await.expect("of this tenant");
    let both = exported.iter().filter_map(|line| match portable::parse(line).expect("reads back") {
        Line::Customer(id, mut whole) => {
            "GC-1".clone_into(&mut whole.profile.identities[0].identity.value);
            Some((id, *whole))
        }
        _ => None,
    });
    let both = both.collect::<Vec<_>>();
    for again in [false, true] {
        let first = if again { Restored::Same } else { Restored::New };
        for ((id, whole), expected) in both.iter().zip([first, Restored::Without(vec![Kind::Loyalty])]) {
            let restored = restore_to.customer(*id, whole.clone()).await.expect("restored");
            assert_eq!(restored, expected, "again: {again}");
            // The index worker confirms who has it.
            restore_to.finish().await.expect("the store works");
        }
    }
    let caller = copy.core.rapport.callers().enter(world.caller().await.principal).await.expect("the store works");
    for (index, (id, whole)) in both.iter().enumerate() {
        let there = copy.core.rapport.readers().get(&caller, *id, "").await.expect("found").profile;
        assert_eq!(there.precautions, whole.profile.precautions);
        assert_eq!(there.identities.len(), 2 - index, "the card is the first one's, and each has the mail");
    }
    // Something else that differs is no such thing.
    let (id, mut other) = both[1].clone();
    other.profile.precautions.clear();
    let refused = restore_to.customer(id, other).await.expect_err("differs");
    assert_eq!(refused.reason(), "CUSTOMER_DIFFERS");
    assert_sound(&copy.core).await;
}

/// Two customers, the second of whom has the card of the first in the export.
#[test]
fn the_program_says_whose_card_another_has() {
    let shell = Shell::new();
    let guest = |name: &str, card: &str| {
        format!(
            r#"{{"customer": {{"details": {{"name": {{"full": "{name}"}}}},
            "identities": [{{"type": "IDENTITY_TYPE_LOYALTY", "value": "{card}"}}]}}}}"#
        )
    };
    let (ana, bo) = (guest("Ana", "GC-1001"), guest("Bo", "GC-1002"));
    shell.write("in.ndjson", &[POLICY, &ana, &bo]);
    let on = |args: &[&str], store: &str, keys: &str| {
        let flags = ["--wrapping-key-file", "wrapping.key", "--store", store, "--keys", keys, "--log-level", "warn"];
        shell.run(&[args, &flags].concat())
    };
    assert_ran(&on(&["import", "in.ndjson"], "redb:data", "file:keys"), 0, "");
    assert_ran(&on(&["export", "out.ndjson"], "redb:data", "file:keys"), 0, "");
    let path = shell.folder.path().join("out.ndjson");
    let text = std::fs::read_to_string(&path).expect("text");
    std::fs::write(&path, text.replace("GC-1002", "GC-1001")).expect("written");
    let restored = on(&["restore", "out.ndjson"], "redb:copy", "file:copy-keys");
    assert_ran(&restored, 1, "customers without an identity that another has 1; rejected 0");
    let left = std::fs::read_to_string(shell.folder.path().join("out.ndjson.rejects.ndjson")).expect("named");
    assert!(left.contains("IDENTITY_LEFT_OUT") && left.contains("without LOYALTY"), "{left}");
    assert_ran(&on(&["fsck"], "redb:copy", "file:copy-keys"), 0, "sound");
}
