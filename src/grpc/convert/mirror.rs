//! Conversion between domain values and the contract's messages: two traits, and three macros that write conversions
//! from tables.
//!
//! - [`send!`]: a domain struct as a message, as one list of fields. It implements [`IntoWire`], or is an expression.
//! - [`parse!`]: a message as a domain struct, as one list of fields in the order in which they are checked. It is an expression.
//! - [`enum_table!`]: an enum of the contract and one of the domain, both ways. It implements both traits.
//!
//! Both structs are taken apart and built whole, so that a new field on either side does not compile until it is in the list.

use super::Parsed;

/// A domain value that is sent as a `W`. How a field is sent follows from its two types.
pub trait IntoWire<W> {
    fn into_wire(self) -> W;
}

/// A domain value that is parsed from a `W` without any rule but its type: enums and booleans.
pub trait FromWire<W>: Sized {
    fn from_wire(field: &str, raw: W) -> Parsed<Self>;
}

impl<D: IntoWire<W>, W> IntoWire<Vec<W>> for Vec<D> {
    fn into_wire(self) -> Vec<W> {
        self.into_iter().map(D::into_wire).collect()
    }
}

impl<D: IntoWire<W>, W> IntoWire<Option<W>> for Option<D> {
    fn into_wire(self) -> Option<W> {
        self.map(D::into_wire)
    }
}

impl FromWire<Self> for bool {
    fn from_wire(_: &str, raw: Self) -> Parsed<Self> {
        Ok(raw)
    }
}

/// Parses a message whose violations have paths relative to it, and puts `outer` before them. A path is only built when
/// there is a violation.
pub fn within<T>(outer: &str, parse: impl FnOnce() -> Parsed<T>) -> Parsed<T> {
    parse().map_err(|violation| violation.within(outer))
}

/// Sends `value` in the way that a field names.
pub fn send_by<D, W>(how: impl FnOnce(D) -> W, value: D) -> W {
    how(value)
}

/// Parses `raw` in the way that a field names.
pub fn parse_by<W, D>(how: impl FnOnce(&str, W) -> Parsed<D>, field: &str, raw: W) -> Parsed<D> {
    how(field, raw)
}

/// A two-way table between an enum of the contract and one of the domain. Leaving out a variant of the domain's does
/// not compile. What is not in the table (the zero value, numbers of a newer contract) is a violation; an absent value
/// is sent as zero. A name before the table makes a function that parses, for fields that are parsed by hand, outside a
/// list of `parse!`.
///
/// ```ignore
/// enum_table!(proto::PreferenceScope = Scope { Venue = Venue, Brand = Brand, Tenant = Tenant });
/// ```
macro_rules! enum_table {
    ($read:ident: proto::$wire:ident = $domain:ident { $($w:ident = $d:ident),+ $(,)? }) => {
        enum_table!(proto::$wire = $domain { $($w = $d),+ });

        pub fn $read(field: &str, raw: i32) -> $crate::grpc::convert::Parsed<$domain> {
            $crate::grpc::convert::mirror::FromWire::from_wire(field, raw)
        }
    };
    (proto::$wire:ident = $domain:ident { $($w:ident = $d:ident),+ $(,)? }) => {
        impl $crate::grpc::convert::mirror::IntoWire<i32> for $domain {
            fn into_wire(self) -> i32 {
                match self { $(Self::$d => $crate::proto::$wire::$w as i32),+ }
            }
        }

        impl $crate::grpc::convert::mirror::IntoWire<i32> for Option<$domain> {
            fn into_wire(self) -> i32 {
                self.map_or(0, $crate::grpc::convert::mirror::IntoWire::into_wire)
            }
        }

        impl $crate::grpc::convert::mirror::FromWire<i32> for $domain {
            fn from_wire(field: &str, raw: i32) -> $crate::grpc::convert::Parsed<Self> {
                match $crate::proto::$wire::try_from(raw) {
                    $(Ok($crate::proto::$wire::$w) => Ok(Self::$d),)+
                    _ => Err($crate::grpc::convert::one_of(field, &[$($crate::proto::$wire::$w.as_str_name()),+])),
                }
            }
        }
    };
}

/// A domain struct as a message of the contract: each field once.
///
/// ```ignore
/// send!(Example => proto::Example {
///     text,                                         // the same name in both; sent as the types say
///     id = example_id: part_id('e'),                // another name in the message; sent in this way
///     total: Money::rounded,                        // any function from the domain's value to the message's
///     reported => Draft { kind, venue = venue_id }, // a struct whose fields lie flat in the message
///     (review) = (reviewed_by, review_time): parts, // one field as several: `parts` makes a tuple
///     proposed = _,                                 // not sent
///     + state: state,                               // not of this struct: this expression
/// });
/// ```
///
/// This form makes an `impl IntoWire`, also for a message within another one. `send!(value: Example => …)` is an expression,
/// for what needs more than the value itself.
macro_rules! send {
    ($domain:ident => proto::$wire:ident { $($fields:tt)* }) => {
        impl $crate::grpc::convert::mirror::IntoWire<$crate::proto::$wire> for $domain {
            fn into_wire(self) -> $crate::proto::$wire {
                let value = self;
                send!(value: $domain => proto::$wire { $($fields)* })
            }
        }

        impl $crate::grpc::convert::mirror::IntoWire<Option<$crate::proto::$wire>> for $domain {
            fn into_wire(self) -> Option<$crate::proto::$wire> {
                Some(self.into_wire())
            }
        }
    };
    ($value:ident: $domain:ident => proto::$wire:ident { $($fields:tt)* }) => {
        send!(@ $wire [] $domain $value [] [] [] [] $($fields)*)
    };

    // Sorts the list, field by field: `d`, how the struct at hand is taken apart; `m`, how the message is built; `before`, what
    // must be made first; `flat`, the structs within that come after this one.
    (@ $w:ident [$($let:tt)*] $t:ident $v:ident [$($d:tt)*] [$($m:tt)*] [$($before:tt)*] [$($flat:tt)*]
        + $to:ident : $extra:expr $(, $($rest:tt)*)?) => {
        send!(@ $w [$($let)*] $t $v [$($d)*] [$($m)* $to: $extra,]
            [$($before)*] [$($flat)*] $($($rest)*)?)
    };
    (@ $w:ident [$($let:tt)*] $t:ident $v:ident [$($d:tt)*] [$($m:tt)*] [$($before:tt)*] [$($flat:tt)*]
        ($f:ident) = ($($to:ident),+) : $how:expr $(, $($rest:tt)*)?) => {
        send!(@ $w [$($let)*] $t $v [$($d)* $f,] [$($m)* $($to,)+]
            [$($before)* let ($($to),+) = $crate::grpc::convert::mirror::send_by($how, $f);] [$($flat)*] $($($rest)*)?)
    };
    (@ $w:ident [$($let:tt)*] $t:ident $v:ident [$($d:tt)*] [$($m:tt)*] [$($before:tt)*] [$($flat:tt)*]
        $f:ident => $inner:ident { $($in:tt)* } $(, $($rest:tt)*)?) => {
        send!(@ $w [$($let)*] $t $v [$($d)* $f,] [$($m)*]
            [$($before)*] [$($flat)* {$inner $f $($in)*}] $($($rest)*)?)
    };
    (@ $w:ident [$($let:tt)*] $t:ident $v:ident [$($d:tt)*] [$($m:tt)*] [$($before:tt)*] [$($flat:tt)*]
        $f:ident = _ $(, $($rest:tt)*)?) => {
        send!(@ $w [$($let)*] $t $v [$($d)* $f: _,] [$($m)*]
            [$($before)*] [$($flat)*] $($($rest)*)?)
    };
    (@ $w:ident [$($let:tt)*] $t:ident $v:ident [$($d:tt)*] [$($m:tt)*] [$($before:tt)*] [$($flat:tt)*]
        $f:ident = $to:ident $(: $how:expr)? $(, $($rest:tt)*)?) => {
        send!(@ $w [$($let)*] $t $v [$($d)* $f,]
            [$($m)* $to: send!(= $f $(, $how)?),] [$($before)*] [$($flat)*] $($($rest)*)?)
    };
    (@ $w:ident [$($let:tt)*] $t:ident $v:ident [$($d:tt)*] [$($m:tt)*] [$($before:tt)*] [$($flat:tt)*]
        $f:ident $(: $how:expr)? $(, $($rest:tt)*)?) => {
        send!(@ $w [$($let)*] $t $v [$($d)* $f,]
            [$($m)* $f: send!(= $f $(, $how)?),] [$($before)*] [$($flat)*] $($($rest)*)?)
    };
    (@ $w:ident [$($let:tt)*] $t:ident $v:ident [$($d:tt)*] [$($m:tt)*] [$($before:tt)*]
        [{$inner:ident $f:ident $($in:tt)*} $($flat:tt)*]) => {
        send!(@ $w [$($let)* let $t { $($d)* } = $v;] $inner $f [] [$($m)*]
            [$($before)*] [$($flat)*] $($in)*)
    };
    (@ $w:ident [$($let:tt)*] $t:ident $v:ident [$($d:tt)*] [$($m:tt)*] [$($before:tt)*] []) => {{
        $($let)*
        let $t { $($d)* } = $v;
        $($before)*
        $crate::proto::$w { $($m)* }
    }};

    // One field.
    (= $f:ident) => {
        $crate::grpc::convert::mirror::IntoWire::into_wire($f)
    };
    (= $f:ident, $how:expr) => {
        $crate::grpc::convert::mirror::send_by($how, $f)
    };
}

/// A message of the contract as a domain struct: each field once, parsed in the order of the list.
///
/// ```ignore
/// parse!(field, raw: proto::Example => Example {
///     kind,                                       // the same name in both; parsed as the types say
///     text: line(1..=TEXT_CHARS_MAX),             // parsed in this way: any function of a field's name and its raw value
///     venue = venue_id: from_text(VenueId::parse),// another name in the message
///     subject => Subject { item: line(1..=9) },   // a struct of the domain whose fields lie flat in the message
///     (zone, name) = time_zone: from_text(zone),  // one field as several, out of a tuple
///     contents = (contents, unknown): contents,   // several as one: the function gets them all, and no name
///     _ = version,                                // not read
///     { card::refuse_card_data([("text", text.as_str())])?; } // a rule: fields above are parsed, fields below are raw
///     + gesture: None,                            // not of the message: this expression
/// })
/// ```
///
/// Violations name the message's fields; `field` is the path of the message itself, and is put before them.
macro_rules! parse {
    ($field:expr, $raw:ident: proto::$wire:ident => $domain:ident { $($fields:tt)* }) => {
        parse!(@ $field, $raw $wire $domain [] [] [] $($fields)*)
    };

    // Sorts the list, field by field: `w`, how the message is taken apart; `s`, the steps; `d`, how the struct is built.
    (@ $field:expr, $raw:ident $wire:ident $domain:ident [$($w:tt)*] [$($s:tt)*] [$($d:tt)*]
        { $($rule:tt)* } $($rest:tt)*) => {
        parse!(@ $field, $raw $wire $domain [$($w)*] [$($s)* $($rule)*] [$($d)*] $($rest)*)
    };
    (@ $field:expr, $raw:ident $wire:ident $domain:ident [$($w:tt)*] [$($s:tt)*] [$($d:tt)*]
        + $f:ident : $extra:expr $(, $($rest:tt)*)?) => {
        parse!(@ $field, $raw $wire $domain [$($w)*] [$($s)*] [$($d)* $f: $extra,]
            $($($rest)*)?)
    };
    (@ $field:expr, $raw:ident $wire:ident $domain:ident [$($w:tt)*] [$($s:tt)*] [$($d:tt)*]
        _ = $from:ident $(, $($rest:tt)*)?) => {
        parse!(@ $field, $raw $wire $domain [$($w)* $from: _,] [$($s)*] [$($d)*] $($($rest)*)?)
    };
    (@ $field:expr, $raw:ident $wire:ident $domain:ident [$($w:tt)*] [$($s:tt)*] [$($d:tt)*]
        ($($f:ident),+) = $from:ident : $how:expr $(, $($rest:tt)*)?) => {
        parse!(@ $field, $raw $wire $domain [$($w)* $from,]
            [$($s)* let ($($f),+) = parse!(= $from, $how)?;] [$($d)* $($f,)+] $($($rest)*)?)
    };
    (@ $field:expr, $raw:ident $wire:ident $domain:ident [$($w:tt)*] [$($s:tt)*] [$($d:tt)*]
        $f:ident = ($($from:ident),+) : $how:ident $(, $($rest:tt)*)?) => {
        parse!(@ $field, $raw $wire $domain [$($w)* $($from,)+]
            [$($s)* let $f = $how($($from),+)?;] [$($d)* $f,] $($($rest)*)?)
    };
    (@ $field:expr, $raw:ident $wire:ident $domain:ident [$($w:tt)*] [$($s:tt)*] [$($d:tt)*]
        $f:ident => $inner:ident { $($in:ident : $how:expr),+ $(,)? } $(, $($rest:tt)*)?) => {
        parse!(@ $field, $raw $wire $domain [$($w)* $($in,)+]
            [$($s)* $(let $in = parse!(= $in, $how)?;)+ let $f = $inner { $($in),+ };]
            [$($d)* $f,] $($($rest)*)?)
    };
    (@ $field:expr, $raw:ident $wire:ident $domain:ident [$($w:tt)*] [$($s:tt)*] [$($d:tt)*]
        $f:ident = $from:ident $(: $how:expr)? $(, $($rest:tt)*)?) => {
        parse!(@ $field, $raw $wire $domain [$($w)* $from,]
            [$($s)* let $f = parse!(= $from $(, $how)?)?;] [$($d)* $f,] $($($rest)*)?)
    };
    (@ $field:expr, $raw:ident $wire:ident $domain:ident [$($w:tt)*] [$($s:tt)*] [$($d:tt)*]
        $f:ident $(: $how:expr)? $(, $($rest:tt)*)?) => {
        parse!(@ $field, $raw $wire $domain [$($w)* $f,]
            [$($s)* let $f = parse!(= $f $(, $how)?)?;] [$($d)* $f,] $($($rest)*)?)
    };
    (@ $field:expr, $raw:ident $wire:ident $domain:ident [$($w:tt)*] [$($s:tt)*] [$($d:tt)*]) => {
        $crate::grpc::convert::mirror::within($field, || {
            let $crate::proto::$wire { $($w)* } = $raw;
            $($s)*
            Ok($domain { $($d)* })
        })
    };

    // One field.
    (= $from:ident) => {
        $crate::grpc::convert::mirror::FromWire::from_wire(stringify!($from), $from)
    };
    (= $from:ident, $how:expr) => {
        $crate::grpc::convert::mirror::parse_by($how, stringify!($from), $from)
    };
}

pub(crate) use {enum_table, parse, send};
