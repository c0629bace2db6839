//! The codes of all statements: stable, for programs. docs/statements.md explains each.

macro_rules! codes {
    ($($name:ident),* $(,)?) => {
        $(pub const $name: &str = stringify!($name);)*
        /// Every code that a briefing can hold.
        pub const ALL: &[&str] = &[$($name),*];
    };
}

codes! {
    // Respect.
    PRECAUTION_ALLERGY,
    PRECAUTION_INTOLERANCE,
    PRECAUTION_DIET,
    PRECAUTION_ACCESSIBILITY,
    PRECAUTION_ABSTENTION,
    PRECAUTION_TOPIC,
    PRECAUTIONS_NOT_ASKED,
    PRECAUTIONS_NONE_KNOWN,
    PREFERENCE_AVOID,
    PREFERENCE_DISLIKES,
    OCCASION_DO_NOT_CELEBRATE,
    // Acknowledge.
    NAME,
    NAME_PRONUNCIATION,
    LANGUAGE,
    HOUSEHOLD,
    FIRST_VISIT,
    VISITS,
    RETURNING_AFTER_ABSENCE,
    OCCASION_TODAY,
    OCCASION_SOON,
    // Communicate.
    ISSUE_OPEN,
    PROMISE_DUE,
    PROMISE_OVERDUE,
    ASK_WHO,
    ASK_NAME,
    ASK_CONSENT,
    ASK_PRECAUTIONS_AGAIN,
    CONFIRM_PRECAUTION,
    CONFIRM_PREFERENCE,
    // Anticipate.
    PREFERENCE_FAVOURITE,
    PREFERENCE_LIKES,
    HABIT_ITEM,
    // Delight.
    OCCASION_WISH,
    FAVOURITE_TOUCH,
    EXPECTED_GESTURE,
    GESTURE_SUGGESTION,
}
