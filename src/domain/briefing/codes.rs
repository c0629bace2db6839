//! The codes of all statements: stable, for programs. docs/statements.md explains each.

pub use Code::*;

macro_rules! codes {
    ($($name:ident),* $(,)?) => {
        /// What a statement says, for programs.
        #[allow(non_camel_case_types, clippy::upper_case_acronyms, reason = "a code stands here as it stands in the contract")]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code {
            $(
                /// docs/statements.md says when, and with which parameters.
                $name
            ),*
        }

        /// Every code that a briefing can hold.
        #[cfg(test)]
        pub const ALL: &[Code] = &[$($name),*];

        impl Code {
            /// Its name in the contract.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($name)),*
                }
            }
        }
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
    PRECAUTIONS_STILL_SO,
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
    POPULAR_ITEM,
    // Delight.
    OCCASION_WISH,
    FAVOURITE_TOUCH,
    EXPECTED_GESTURE,
    GESTURE_SUGGESTION,
}

impl std::fmt::Display for Code {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.name())
    }
}
