//! How a domain value is stored and read back: one trait, and three macros that write it from tables.
//!
//! - [`mirror!`]: a struct and its stored message, as one list of fields for both directions.
//! - [`variants!`]: an enum and its stored oneof, as one list of variants for both directions.
//! - [`numbers!`]: an enum and its stored numbers.
//!
//! All three take the domain value and the stored message apart whole, so that a new field or variant on either side does
//! not compile until it is in the list.

use super::super::{Result, StoreError};

/// The domain value that is stored as an `S`. Which field is stored as what follows from the types of both.
pub trait Stored<S>: Sized {
    fn store(&self) -> S;
    fn read(raw: S) -> Result<Self>;
}

pub(super) fn damaged(what: &str) -> StoreError {
    StoreError::Corrupt(what.into())
}

impl<D: Stored<S>, S> Stored<Vec<S>> for Vec<D> {
    fn store(&self) -> Vec<S> {
        self.iter().map(D::store).collect()
    }

    fn read(raw: Vec<S>) -> Result<Self> {
        raw.into_iter().map(D::read).collect()
    }
}

impl<D: Stored<S>, S> Stored<Option<S>> for Option<D> {
    fn store(&self) -> Option<S> {
        self.as_ref().map(D::store)
    }

    fn read(raw: Option<S>) -> Result<Self> {
        raw.map(D::read).transpose()
    }
}

/// Another way to store a field than its types say; it is named after the field's colon.
pub(super) trait Form<D, S> {
    fn store(self, value: &D) -> S;
    fn read(self, raw: S) -> Result<D>;
}

/// What a field without a form has: as its types say.
pub(super) struct ByType;

impl<D: Stored<S>, S> Form<D, S> for ByType {
    fn store(self, value: &D) -> S {
        value.store()
    }

    fn read(self, raw: S) -> Result<D> {
        D::read(raw)
    }
}

/// A list of plain values, moved as a whole instead of one by one.
pub(super) struct AsIs;

impl<D: Clone> Form<D, D> for AsIs {
    fn store(self, value: &D) -> D {
        value.clone()
    }

    fn read(self, raw: D) -> Result<D> {
        Ok(raw)
    }
}

/// `None` is stored as the empty value: zero, or no text. So a present value must never be stored as that.
pub(super) struct EmptyIfNone;

impl<D: Stored<S>, S: Default + PartialEq> Form<Option<D>, S> for EmptyIfNone {
    fn store(self, value: &Option<D>) -> S {
        value.as_ref().map(D::store).unwrap_or_default()
    }

    fn read(self, raw: S) -> Result<Option<D>> {
        if raw == S::default() { Ok(None) } else { D::read(raw).map(Some) }
    }
}

/// A message that is left out when it would say nothing but defaults.
pub(super) struct UnsetIfDefault;

impl<D: Stored<S> + Default + PartialEq, S> Form<D, Option<S>> for UnsetIfDefault {
    fn store(self, value: &D) -> Option<S> {
        (*value != D::default()).then(|| value.store())
    }

    fn read(self, raw: Option<S>) -> Result<D> {
        raw.map_or_else(|| Ok(D::default()), D::read)
    }
}

/// Stored as an enum's number. Leaving out a variant does not compile; an unknown number is damage.
///
/// ```ignore
/// numbers!(Stance { Favourite = 1, Likes = 2, Dislikes = 3, Avoid = 4 });
/// ```
macro_rules! numbers {
    ($domain:ident { $($variant:ident = $number:literal),+ $(,)? }) => {
        impl $crate::store::codec::mirror::Stored<u32> for $domain {
            fn store(&self) -> u32 {
                match self { $(Self::$variant => $number),+ }
            }

            fn read(raw: u32) -> $crate::store::Result<Self> {
                match raw {
                    $($number => Ok(Self::$variant),)+
                    _ => Err($crate::store::codec::mirror::damaged(concat!("unknown number of ", stringify!($domain)))),
                }
            }
        }
    };
}

/// A domain struct and the stored message that mirrors it: each field once, for both directions.
///
/// ```ignore
/// mirror!(Example = stored::Example {
///     text,                                     // the same name in both; stored as the types say
///     rating: EmptyIfNone,                      // stored in this form
///     cool_down_seconds = cool_down,            // another name in the stored message; a form may follow
///     name => Name { full, pronunciation },     // a struct whose fields lie flat in the stored message,
///     cost => Money { minor_units = cost },     // all of them under the same names, or all of them named
///     (zone, zone_name) = (zone): ZoneName,     // several to several: `ZoneName::store` and `ZoneName::read` say how
/// });
/// ```
///
/// A message within another one must be there, unless the domain's field is an `Option`.
macro_rules! mirror {
    ($domain:ident = stored::$stored:ident { $($fields:tt)* }) => {
        mirror!(@ $domain $stored [] [] [] $($fields)*);

        impl $crate::store::codec::mirror::Stored<Option<$crate::store::stored::$stored>> for $domain {
            fn store(&self) -> Option<$crate::store::stored::$stored> {
                Some($crate::store::codec::mirror::Stored::store(self))
            }

            fn read(raw: Option<$crate::store::stored::$stored>) -> $crate::store::Result<Self> {
                let missing = || $crate::store::codec::mirror::damaged(concat!("a record without its ", stringify!($domain)));
                $crate::store::codec::mirror::Stored::read(raw.ok_or_else(missing)?)
            }
        }
    };

    // Sorts the list, field by field, into what the domain has, what the stored message has, and how each gets to the other.
    (@ $d:ident $s:ident [$($domain:tt)*] [$($stored:ident)*] [$($steps:tt)*]
        ($($f:ident),+) = ($($to:ident),+) : $form:ident $(, $($rest:tt)*)?) => {
        mirror!(@ $d $s [$($domain)* $($f,)+] [$($stored)* $($to)+]
            [$($steps)* {many ($($f),+) ($($to),+) $form}] $($($rest)*)?);
    };
    (@ $d:ident $s:ident [$($domain:tt)*] [$($stored:ident)*] [$($steps:tt)*]
        $f:ident => $inner:ident { $($in:ident),+ } $(, $($rest:tt)*)?) => {
        mirror!(@ $d $s [$($domain)* $f: $inner { $($in),+ },] [$($stored)* $($in)+]
            [$($steps)* $({one $in $in})+] $($($rest)*)?);
    };
    (@ $d:ident $s:ident [$($domain:tt)*] [$($stored:ident)*] [$($steps:tt)*]
        $f:ident => $inner:ident { $($in:ident = $to:ident $(: $form:ident)?),+ } $(, $($rest:tt)*)?) => {
        mirror!(@ $d $s [$($domain)* $f: $inner { $($in),+ },] [$($stored)* $($to)+]
            [$($steps)* $({one $in $to $($form)?})+] $($($rest)*)?);
    };
    (@ $d:ident $s:ident [$($domain:tt)*] [$($stored:ident)*] [$($steps:tt)*]
        $f:ident = $to:ident $(: $form:ident)? $(, $($rest:tt)*)?) => {
        mirror!(@ $d $s [$($domain)* $f,] [$($stored)* $to]
            [$($steps)* {one $f $to $($form)?}] $($($rest)*)?);
    };
    (@ $d:ident $s:ident [$($domain:tt)*] [$($stored:ident)*] [$($steps:tt)*]
        $f:ident $(: $form:ident)? $(, $($rest:tt)*)?) => {
        mirror!(@ $d $s [$($domain)* $f,] [$($stored)* $f]
            [$($steps)* {one $f $f $($form)?}] $($($rest)*)?);
    };
    (@ $d:ident $s:ident [$($domain:tt)*] [$($stored:ident)*] [$($step:tt)*]) => {
        impl $crate::store::codec::mirror::Stored<$crate::store::stored::$s> for $d {
            fn store(&self) -> $crate::store::stored::$s {
                let Self { $($domain)* } = self;
                $($crate::store::codec::mirror::step!(store $step);)*
                $crate::store::stored::$s { $($stored),* }
            }

            fn read(raw: $crate::store::stored::$s) -> $crate::store::Result<Self> {
                let $crate::store::stored::$s { $($stored),* } = raw;
                $($crate::store::codec::mirror::step!(read $step);)*
                Ok(Self { $($domain)* })
            }
        }
    };
}

/// One step of [`mirror!`]: makes the stored fields out of the domain's, or the reverse, under their names.
macro_rules! step {
    (store {one $f:ident $to:ident}) => {
        let $to = $crate::store::codec::mirror::Form::store($crate::store::codec::mirror::ByType, $f);
    };
    (store {one $f:ident $to:ident $form:ident}) => {
        let $to = $crate::store::codec::mirror::Form::store($form, $f);
    };
    (store {many ($($f:ident),+) ($to:ident) $form:ident}) => {
        let $to = $form::store($($f),+);
    };
    (store {many ($($f:ident),+) ($($to:ident),+) $form:ident}) => {
        let ($($to),+) = $form::store($($f),+);
    };
    (read {one $f:ident $to:ident}) => {
        let $f = $crate::store::codec::mirror::Form::read($crate::store::codec::mirror::ByType, $to)?;
    };
    (read {one $f:ident $to:ident $form:ident}) => {
        let $f = $crate::store::codec::mirror::Form::read($form, $to)?;
    };
    (read {many ($f:ident) ($($to:ident),+) $form:ident}) => {
        let $f = $form::read($($to),+)?;
    };
    (read {many ($($f:ident),+) ($($to:ident),+) $form:ident}) => {
        let ($($f),+) = $form::read($($to),+)?;
    };
}

/// A domain enum and the stored oneof that mirrors it: each variant once, for both directions.
///
/// ```ignore
/// variants!(Change = stored::change::Change {
///     ConsentRecorded(consent),                 // one value; stored as the types say, or `(consent: Form)`
///     IssueAssigned { id, owner },              // fields, in the stored message `IssueAssigned`
///     Voided { reason } + { record_time },      // what follows `+` is left empty here, and is the caller's to fill and read
/// });
/// ```
macro_rules! variants {
    ($domain:ident = stored::$module:ident::$oneof:ident { $(
        $variant:ident $(($value:ident $(: $form:ident)?))?
        $({ $($f:ident $(: $field_form:ident)?),+ } $(+ { $($extra:ident),+ })?)?
    ),+ $(,)? }) => {
        impl $crate::store::codec::mirror::Stored<$crate::store::stored::$module::$oneof> for $domain {
            fn store(&self) -> $crate::store::stored::$module::$oneof {
                match self { $(
                    Self::$variant $(($value))? $({ $($f),+ })? => {
                        $($crate::store::codec::mirror::step!(store {one $value $value $($form)?});)?
                        $($($crate::store::codec::mirror::step!(store {one $f $f $($field_form)?});)+)?
                        $crate::store::stored::$module::$oneof::$variant(
                            $($value)?
                            $($crate::store::stored::$variant { $($f,)+ $($($extra: Default::default(),)+)? })?
                        )
                    }
                )+ }
            }

            fn read(raw: $crate::store::stored::$module::$oneof) -> $crate::store::Result<Self> {
                Ok(match raw { $(
                    $crate::store::stored::$module::$oneof::$variant(
                        $($value)?
                        $($crate::store::stored::$variant { $($f,)+ $($($extra: _,)+)? })?
                    ) => {
                        $($crate::store::codec::mirror::step!(read {one $value $value $($form)?});)?
                        $($($crate::store::codec::mirror::step!(read {one $f $f $($field_form)?});)+)?
                        Self::$variant $(($value))? $({ $($f),+ })?
                    }
                )+ })
            }
        }
    };
}

pub(super) use {mirror, numbers, step, variants};
