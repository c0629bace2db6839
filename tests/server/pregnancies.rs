//! A pregnancy is kept only as the customer said it, and never mentioned, in whatever words it was written.

use rapport::proto::*;

use super::world::*;

on_both!(a_pregnancy_in_other_words_needs_a_basis_and_is_quiet, what_only_sounds_like_a_pregnancy_is_said);

fn of(kind: PrecautionKind, code: &str, text: &str) -> PrecautionDraft {
    PrecautionDraft { kind: kind as i32, text: text.into(), ..allergy(code) }
}

fn add(id: &str, draft: PrecautionDraft) -> AddPrecautionsRequest {
    with!(AddPrecautionsRequest { customer_id: id.to_owned(), precautions: vec![draft] })
}

async fn a_pregnancy_in_other_words_needs_a_basis_and_is_quiet(world: World) {
    use PrecautionKind::{Abstention, Accessibility, Diet};
    let by_itself = [
        "schwangr",
        "preganant",
        "hochschwanger",
        "erwartet ein Kind",
        "in anderen Umständen",
        "expecting in May",
        "trying for a baby",
        "attend un bébé",
        "in attesa",
        "in dolce attesa",
        "espera un bebé",
        "à espera de bebé",
    ];
    let besides = [
        of(Accessibility, "OTHER", "hochschwanger, Stuhl mit Lehne"),
        of(Abstention, "ALCOHOL", "enceinte de 5 mois"),
        of(Diet, "VEGAN", "expecting in May"),
    ];
    let codes = ["HOCHSCHWANGER", "IN_DOLCE_ATTESA"].map(|code| (of(Diet, code, ""), true));
    let texts = by_itself.map(|text| (of(Diet, "OTHER", text), true));
    for (draft, ends) in codes.into_iter().chain(texts).chain(besides.map(|draft| (draft, false))) {
        let name = format!("{} {}", draft.code, draft.text);
        let ana = world.create(asked("Ana")).await.customer_id;
        let refused = refusal!(world, customers, add_precautions, add(&ana, draft.clone()));
        assert_field(&refused, "precautions[0].basis", &draft.text);
        let agreed = PrecautionDraft { basis: PrecautionBasis::Consent as i32, ..draft.clone() };
        world.customers().add_precautions(add(&ana, agreed)).await.expect("added");
        let known = world.get(&ana).await.precautions.remove(0).reported.expect("reported");
        assert_eq!(known.until_time.is_some(), ends, "{name}");
        let briefing = world.brief(by_id(&ana)).await;
        assert_eq!(briefing.respect[0].tact, Tact::NeverMention as i32, "{name}");
        let all = [&briefing.headline, &briefing.communicate, &briefing.delight].into_iter().flatten();
        for statement in all.filter(|one| one.tact() == Tact::Say) {
            let is_told = |words: &str| !words.is_empty() && statement.text.contains(words);
            assert!(!is_told(&draft.text) && !statement.text.contains("schwanger"), "{name}: {}", statement.text);
        }
    }
}

async fn what_only_sounds_like_a_pregnancy_is_said(world: World) {
    for text in
        ["A pregnant pause before the toast", "Expects a parcel", "Erwartungen sind hoch", "Expecting a child seat"]
    {
        let draft = of(PrecautionKind::Accessibility, "OTHER", text);
        let ana = world.create(CustomerDraft { precautions: vec![draft], ..asked("Ana") }).await.customer_id;
        assert_eq!(world.brief(by_id(&ana)).await.respect[0].tact, Tact::Say as i32, "{text}");
    }
    // A danger is said aloud, and needs no basis, whatever stands beside it.
    let danger = of(PrecautionKind::Allergy, "PEANUTS", "worse since she is expecting");
    let ana = world.create(CustomerDraft { precautions: vec![danger], ..asked("Ana") }).await.customer_id;
    assert_eq!(world.brief(by_id(&ana)).await.respect[0].tact, Tact::Say as i32);
}
