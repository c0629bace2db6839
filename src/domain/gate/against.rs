//! What may speak against giving something: the gate's verdicts.

use crate::domain::parts::{precaution::Precaution, preference::Preference};

/// What speaks against giving something.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::domain) enum Ground<'a> {
    Precaution(Against<'a>),
    Disliked(&'a Preference),
    /// By what is known of their age.
    TooYoung,
    /// No answer about precautions stands (never asked, a household, or outdated), and it may be eaten or drunk.
    NotAsked,
}

/// Why something promised must not be delivered.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::domain) enum Stop<'a> {
    Precaution(Against<'a>),
    TooYoung,
    /// Its own words say that it is not to be served ("Never serve nuts"), for whatever reason: what a precaution has against it; none: they
    /// are too young.
    NotServed(Option<Against<'a>>),
    /// Its own words deny twice ("No cake without nuts"): they may order what a precaution, or their age, speaks against.
    DeniedTwice(Option<Against<'a>>),
    /// The customer is barred.
    FetchManager,
    /// It celebrates a day that is kept quiet by now, or of somebody who has died.
    DoNotCelebrate,
    /// What it celebrates is not on record any more.
    NothingToCelebrate,
}

impl Stop<'_> {
    /// Stable, for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Precaution(against) | Self::NotServed(Some(against)) | Self::DeniedTwice(Some(against)) => {
                against.code()
            }
            Self::TooYoung | Self::NotServed(None) | Self::DeniedTwice(None) => "TOO_YOUNG",
            Self::FetchManager => "FETCH_MANAGER",
            Self::DoNotCelebrate => "DO_NOT_CELEBRATE",
            Self::NothingToCelebrate => "NOTHING_TO_CELEBRATE",
        }
    }
}

/// A precaution, and what it has against something.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::domain) struct Against<'a> {
    pub precaution: &'a Precaution,
    pub how: How<'a>,
    /// It is the pregnancy that an allergy tells of besides: that one is said aloud, and this is not.
    pub is_quiet: bool,
}

impl Against<'_> {
    /// Stable, for programs.
    pub fn code(&self) -> &'static str {
        match self.how {
            How::Contains(_) => "PRECAUTION",
            How::UnknownContents => "CONTENTS_UNKNOWN",
            How::NotUnderstood => "PRECAUTION_NOT_UNDERSTOOD",
        }
    }
}

/// What a precaution has against something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::domain) enum How<'a> {
    /// It contains this, or may: a code.
    Contains(&'a str),
    /// Its contents are not known.
    UnknownContents,
    /// The precaution's code is not understood.
    NotUnderstood,
}
