//! What the words of a precaution forbid that is another matter than its code.

use std::cell::{OnceCell, RefCell};

use super::Ban;
use crate::domain::{
    insight::substances::{self, Forbids, Substances},
    items::Menu,
    parts::precaution::{Precaution, PrecautionKind, illness_told, kind_of, subject},
    words::{self, Lately},
};

impl<'a> Ban<'a> {
    /// What a precaution is about, if that is food or drink; and the illness that its words tell of besides: "vegan, allergic to almonds",
    /// "peanuts, coeliac too", "wheelchair, nut allergy"; and the pregnancy: "vegan, expecting in May".
    pub fn each_of(precaution: &'a Precaution, menu: &Menu) -> impl Iterator<Item = Self> {
        let own = Self::of(precaution, menu);
        let by_text = Self::of_illness(precaution, own.as_ref(), menu);
        let is_known = own.iter().chain(&by_text).all(|ban| ban.understood);
        let unknown = if is_known { Self::of_unknown(precaution, menu) } else { None };
        own.into_iter().chain(by_text).chain(unknown).chain(Self::of_pregnancy(precaution))
    }

    /// The pregnancy that a precaution about something else tells of, which is perhaps said aloud itself.
    fn of_pregnancy(precaution: &'a Precaution) -> Option<Self> {
        let tells_besides = precaution.reported.tells_of_pregnancy_besides();
        let forbids = substances::forbidden_by(substances::PREGNANCY);
        tells_besides.then(|| Self {
            code: substances::PREGNANCY,
            diet: substances::PREGNANCY,
            told: 0,
            is_diet: true,
            is_never_mentioned: OnceCell::from(true),
            ..Self::besides(precaution, PrecautionKind::Diet, forbids)
        })
    }

    /// What the words of a precaution tell of that is another matter than its code.
    fn besides(precaution: &'a Precaution, kind: PrecautionKind, forbids: Forbids) -> Self {
        Self {
            precaution,
            kind,
            code: subject(&precaution.reported.code),
            name: None,
            diet: &precaution.reported.code,
            forbids,
            told: forbids.substances,
            is_diet: false,
            understood: forbids.is_known,
            unknown: String::new(),
            about_food: true,
            is_low: precaution.reported.is_mild(),
            plates: precaution.reported.plates(),
            is_never_mentioned: OnceCell::new(),
            in_lines: OnceCell::new(),
        }
    }

    /// What the words of a precaution name beside an illness, and beside what is known, that nobody knows: "nut allergy, strawberry allergy".
    fn of_unknown(precaution: &'a Precaution, menu: &Menu) -> Option<Self> {
        let reported = &precaution.reported;
        let kind = kind_of(reported.illness_in_text().illness?);
        let unknown = reported.unknown_allergens(|item| menu.added_in(item) != 0);
        let is_any = !unknown.is_empty();
        is_any.then(|| Self { unknown, ..Self::besides(precaution, kind, Forbids::default()) })
    }

    /// The illness that the words of a precaution tell of: what they name. Where they name nothing, it is what the precaution itself is about;
    /// but where they name what nobody knows ("allergic to strawberries"), it may be anything. `None`: its own says as much.
    fn of_illness(precaution: &'a Precaution, own: Option<&Self>, menu: &Menu) -> Option<Self> {
        let reported = &precaution.reported;
        let illness = reported.illness_in_text();
        let kind = kind_of(illness.illness?);
        let said = reported.said();
        let text = substances::without_likes(&said);
        let named = match illness.substances | named_in_illness(&text, menu) {
            // "Eats nuts, and swells up": in doubt it is not only liked.
            0 => named_in_illness(&said, menu),
            named => named,
        };
        let (own_kind, forbids) = own.map_or((None, 0), |own| (Some(own.kind), own.forbids.substances));
        let is_as_bad = own_kind == Some(PrecautionKind::Allergy) || own_kind == Some(kind);
        let (told, understood) = match (named, own) {
            // "Wheelchair; carries an EpiPen": of nobody says what.
            (0, None) if reported.is_nameless_illness() => (0, false),
            (0, None) => return None,
            (0, Some(_)) if is_as_bad || reported.is_ill_of_no_food() => return None,
            (0, Some(own)) => (own.forbids.substances, !illness.is_named || substances::says_no_name(&text)),
            _ if is_as_bad => (named & !forbids, true),
            _ => (named, true),
        };
        let forbids = Forbids { substances: told, is_known: understood, ..Forbids::default() };
        let unknown = || match reported.unknown_allergens(|item| menu.added_in(item) != 0) {
            unknown if unknown.is_empty() && reported.text.is_empty() => reported.told_whom().into_owned(),
            unknown if unknown.is_empty() => reported.told_text().into_owned(),
            unknown => unknown,
        };
        (told != 0 || !understood).then(|| Self {
            unknown: if understood { String::new() } else { unknown() },
            ..Self::besides(precaution, kind, forbids)
        })
    }
}

/// Texts that each thread keeps what they name: those of a few hundred guests. 32 bytes each.
const TEXTS_MAX: usize = 1_024;

thread_local! {
    static NAMED: RefCell<Lately<Substances>> = Lately::new(TEXTS_MAX);
}

/// What words name, by its own name or by that of the illness. "Vegan, allergic to almonds": the diet is none of the illness.
fn named_in_illness(text: &str, menu: &Menu) -> Substances {
    let named = || {
        let by_words = substances::forbidden_by_words_that(text, |word| {
            let code = word.to_uppercase();
            illness_told(word).is_some() || (substances::is_code(&code) && !substances::is_diet(&code))
        });
        substances::told_in_words(text) | by_words
    };
    NAMED.with(|texts| words::lately(texts, text, named)) | menu.added_in(text)
}
