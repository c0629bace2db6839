//! The codes of all statements: stable, for programs. docs/statements.md explains each.

pub use Code::*;

macro_rules! codes {
    ($($name:ident = $number:literal),* $(,)?) => {
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

            /// Its number in the contract, which never changes.
            pub fn number(self) -> i32 {
                match self {
                    $(Self::$name => $number),*
                }
            }
        }
    };
}

codes! {
    // A manager is fetched, or somebody on record has died.
    MARKED_DECEASED = 43,
    BARRED = 44,
    OTHER_DECEASED = 45,
    // Respect.
    BASKET_CONFLICT = 38,
    BASKET_MAY_CONTAIN = 39,
    BASKET_NOT_DECLARED = 40,
    BASKET_ASK = 46,
    KITCHEN_MAY_CONTAIN = 42,
    PRECAUTION_ALLERGY = 1,
    PRECAUTION_INTOLERANCE = 2,
    PRECAUTION_DIET = 3,
    PRECAUTION_ACCESSIBILITY = 4,
    PRECAUTION_ABSTENTION = 5,
    PRECAUTION_TOPIC = 6,
    PRECAUTIONS_NOT_ASKED = 7,
    PRECAUTIONS_NONE_KNOWN = 8,
    PRECAUTIONS_STILL_SO = 41,
    PREFERENCE_AVOID = 9,
    PREFERENCE_DISLIKES = 10,
    OCCASION_DO_NOT_CELEBRATE = 11,
    // Acknowledge.
    NAME = 12,
    NAME_PRONUNCIATION = 13,
    LANGUAGE = 14,
    HOUSEHOLD = 15,
    FIRST_VISIT = 16,
    VISITS = 17,
    RETURNING_AFTER_ABSENCE = 18,
    OCCASION_TODAY = 19,
    OCCASION_SOON = 20,
    // Communicate.
    ISSUE_OPEN = 21,
    PROMISE_DUE = 22,
    PROMISE_OVERDUE = 23,
    ASK_WHO = 24,
    ASK_NAME = 25,
    ASK_CONSENT = 26,
    ASK_PRECAUTIONS_AGAIN = 27,
    CONFIRM_PRECAUTION = 28,
    CONFIRM_PREFERENCE = 29,
    // Anticipate.
    PREFERENCE_FAVOURITE = 30,
    PREFERENCE_LIKES = 31,
    HABIT_ITEM = 32,
    POPULAR_ITEM = 33,
    // Delight.
    OCCASION_WISH = 34,
    FAVOURITE_TOUCH = 35,
    EXPECTED_GESTURE = 36,
    GESTURE_SUGGESTION = 37,
}

impl std::fmt::Display for Code {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.name())
    }
}
