//! The policy's optional rules (gestures, budgets, relationship levels) as stored messages, and back.

use super::{
    super::Result,
    mirror::{AsIs, EmptyIfNone, Stored, UnsetIfDefault, mirror},
};
use crate::domain::{
    money::Money,
    policy::{
        Authority, Budget, Contents, Drift, GestureType, ItemRules, LegalAge, LevelConditions, MayGive, OpeningHours,
        Role, Rules, Standards,
    },
};

mirror!(Rules = stored::Rules {
    review_due,
    // 0 seconds: not measured.
    standards => Standards {
        greet_within = greet_within: EmptyIfNone,
        resolve_within = resolve_within: EmptyIfNone,
        follow_up_within = follow_up_within: EmptyIfNone
    },
    roles,
    catalogue,
    budgets,
    engagement,
    intimacy,
    drift => Drift { expected_from = expected_from, generic_from = generic_from, window_days = drift_window },
    caps_from,
    items: UnsetIfDefault,
    bar_codes: AsIs,
    legal_ages,
    none_known_stands,
});

mirror!(
    ItemRules =
        stored::ItemRules { declared_days, added_substances: AsIs, not_food_categories: AsIs, food_categories: AsIs }
);

mirror!(LegalAge = stored::LegalAge { venue: EmptyIfNone, substance, years });

mirror!(Money = stored::Money { currency, minor_units });

mirror!(Role = stored::Role {
    id,
    display_name,
    authorities,
    (may_give) = (every_gesture_type, gesture_types): MayGiveForm,
    sees_value,
    sees_bars,
});

/// Every type, or these.
struct MayGiveForm;

impl MayGiveForm {
    fn store(may_give: &MayGive) -> (bool, Vec<String>) {
        match may_give {
            MayGive::Every => (true, Vec::new()),
            MayGive::These(types) => (false, types.store()),
        }
    }

    fn read(every: bool, types: Vec<String>) -> Result<MayGive> {
        if every { Ok(MayGive::Every) } else { Stored::read(types).map(MayGive::These) }
    }
}

mirror!(Authority = stored::Authority { currency, per_gesture, per_guest, per_incident, per_day });

mirror!(GestureType = stored::GestureType {
    id,
    display_name,
    costs,
    (contents) = (contents_unknown, contents): ContentsForm,
    suits_diets: AsIs,
    cool_down_seconds = cool_down,
    recovery,
    celebrates,
    needs: AsIs,
    trial_venues,
    appeals_to: AsIs,
    level_min,
    deliver_within_minutes,
});

/// Not known, or these codes.
struct ContentsForm;

impl ContentsForm {
    fn store(contents: &Contents) -> (bool, Vec<String>) {
        match contents {
            Contents::Unknown => (true, Vec::new()),
            Contents::Known(codes) => (false, codes.clone()),
        }
    }

    fn read(unknown: bool, codes: Vec<String>) -> Result<Contents> {
        Ok(if unknown { Contents::Unknown } else { Contents::Known(codes) })
    }
}

mirror!(Budget = stored::MonthlyBudget { venue, monthly });

mirror!(
    LevelConditions = stored::LevelConditions {
        visits_min,
        last_visit_days_max,
        stated_preferences_min,
        confirmed_preferences_min,
        feedback_min,
        mean_score_min,
        referrals_min,
    }
);

mirror!(OpeningHours = stored::OpeningHours { iso_weekday, open_minutes, close_minutes });
