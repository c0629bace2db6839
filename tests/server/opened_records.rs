//! Records that are kept open: while the sealed record is the same, and no longer than it may be.

use std::sync::Arc;

use rapport::{
    domain::CustomerId,
    proto::*,
    service::{
        briefing::{Resolved, Subject},
        opened::OpenedRecords,
    },
};

use super::{
    basket::{order, ordering, states},
    world::*,
};

on_both!(a_record_is_opened_once_until_it_changes, a_precaution_counts_in_the_next_answer);

async fn a_record_is_opened_once_until_it_changes(world: World) {
    let receipt = world.create(asked("Ana")).await;
    let id = CustomerId::parse("id", &receipt.customer_id).expect("an id");
    let subject = Subject::Customer(id);
    let fetched = async || {
        let caller = world.caller().await;
        match world.server.core.rapport.readers().resolve(&caller, &subject, "").await {
            Ok(Resolved::Record { fetched, .. }) => fetched,
            _ => panic!("she has a record"),
        }
    };
    let records = OpenedRecords::default();
    let first = records.open(records.begin(), &fetched().await).expect("opens");
    let again = records.open(records.begin(), &fetched().await).expect("opens");
    assert!(Arc::ptr_eq(&first, &again), "the sealed record is the same");

    let evidence = with!(RecordEvidenceRequest { customer_id: receipt.customer_id, evidence: vec![stated("tea")] });
    world.customers().record_evidence(evidence).await.expect("recorded");
    let changed = records.open(records.begin(), &fetched().await).expect("opens");
    assert_eq!((first.profile.preferences.len(), changed.profile.preferences.len()), (0, 1));

    // Who was forgotten is opened anew, and not kept for a look-up that began before.
    let begun = records.begin();
    let last = fetched().await;
    records.forget(&last.key);
    let [one, other] = [(); 2].map(|()| records.open(begun, &last).expect("opens"));
    assert!(!Arc::ptr_eq(&one, &changed) && !Arc::ptr_eq(&one, &other));
}

/// Baskets are checked against the record as it is.
async fn a_precaution_counts_in_the_next_answer(world: World) {
    let id = world.create(asked("Ana")).await.customer_id;
    for expected in ["UNSPECIFIED", "CONFLICT"] {
        for _ in 0..2 {
            assert_eq!(states(&ordering(&world, &id, vec![order("Peanut soup")]).await), [expected]);
        }
        let precautions = vec![allergy("PEANUTS")];
        let add = with!(AddPrecautionsRequest { customer_id: id.clone(), precautions });
        world.customers().add_precautions(add).await.expect("added");
    }
}
