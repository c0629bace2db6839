//! A clock that is wrong: what is changed meanwhile is neither lost nor mistaken for something older.

use rapport::proto::*;
use tonic::Code;

use super::world::*;

on_both!(a_clock_that_jumps_loses_no_change,);

const YEAR: i64 = 365 * 86_400;

/// Fault: The clock is wrong.
async fn a_clock_that_jumps_loses_no_change(world: World) {
    let first = world.create(CustomerDraft { identities: vec![loyalty("GC-1")], ..named("Ana") }).await;
    let (id, mut receipt) = (first.customer_id.clone(), first);
    let codes = ["PEANUTS", "MILK", "SESAME", "FISH"];
    for (code, moment) in codes.iter().zip([NOON - YEAR, NOON + YEAR, NOON - 60, NOON]) {
        world.set_clock(moment);
        let precautions = vec![allergy(code)];
        let stale = receipt.etag.clone();
        let add = with!(AddPrecautionsRequest { customer_id: id.clone(), precautions, etag: stale.clone() });
        receipt = world.customers().add_precautions(add).await.expect("added").into_inner().receipt.expect("a receipt");
        let read = GetCustomerRequest { revision_token: receipt.revision_token.clone(), ..get(&id) };
        world.customers().get_customer(read).await.expect("its own change is seen");
        let late = with!(UpdateCustomerRequest { customer_id: id.clone(), etag: stale, details: named("Bo").details });
        assert_refused(&refusal!(world, customers, update_customer, late), Code::Aborted, "ETAG_MISMATCH");
    }
    assert_eq!(world.get(&id).await.precautions.len(), codes.len());
    let briefing = world.brief(by_identity(loyalty("GC-1"))).await;
    assert_eq!(briefing.precaution_state, PrecautionState::Listed as i32);
}
