//! Identifiers. Parsed once at the edge; inside, the type is the proof.

use std::{fmt, sync::Arc};

use super::error::Violation;

/// A customer's id: 128 bits, written as 26 characters of Crockford's base 32 in lower case.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CustomerId([u8; 16]);

/// Crockford's alphabet: no i, l, o, u, so that an id can be read aloud.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

impl CustomerId {
    /// Characters of the written form: 128 bits / 5, rounded up.
    pub const CHARS: usize = 26;

    /// An id as it is stored. Anything goes: 16 bytes make an id.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The id as it is stored.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// Parses the written form, exactly as the server wrote it.
    pub fn parse(field: &str, raw: &str) -> Result<Self, Violation> {
        Self::decode(raw).ok_or_else(|| {
            Violation::new(
                field,
                "must be a customer id as the server gave it: 26 characters of 0-9 and a-z without i, l, o and u, the first of 0-7",
            )
        })
    }

    fn decode(raw: &str) -> Option<Self> {
        if raw.len() != Self::CHARS {
            return None;
        }
        let mut value: u128 = 0;
        for (index, byte) in raw.bytes().enumerate() {
            let digit = ALPHABET.iter().position(|known| *known == byte)? as u128;
            // 26 × 5 = 130 bits: the first character carries only three.
            if index == 0 && digit > 7 {
                return None;
            }
            value = (value << 5) | digit;
        }
        Some(Self(value.to_be_bytes()))
    }

    /// Appends the written form. Keys of the store are made with it: it costs less than formatting.
    pub fn push_to(&self, out: &mut String) {
        let value = u128::from_be_bytes(self.0);
        for index in 0..Self::CHARS {
            let shift = 5 * (Self::CHARS - 1 - index);
            out.push(char::from(ALPHABET[((value >> shift) & 31) as usize]));
        }
    }
}

impl fmt::Display for CustomerId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::with_capacity(Self::CHARS);
        self.push_to(&mut text);
        out.write_str(&text)
    }
}

impl fmt::Debug for CustomerId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

/// A short name out of letters, digits and `._-`: safe in keys, logs and page tokens.
fn parse_name(field: &str, raw: &str) -> Result<Arc<str>, Violation> {
    let fits = (1..=NAME_CHARS_MAX).contains(&raw.len())
        && raw.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
    if fits {
        Ok(raw.into())
    } else {
        Err(Violation::new(field, "must be 1 to 64 characters of letters, digits and \"._-\""))
    }
}

/// Longest name of a tenant, venue or source: fits a screen and a key.
pub const NAME_CHARS_MAX: usize = 64;

macro_rules! name {
    ($(#[$doc:meta])* $type:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $type(Arc<str>);

        impl $type {
            /// 1 to 64 characters of letters, digits and `._-`.
            pub fn parse(field: &str, raw: &str) -> Result<Self, Violation> {
                parse_name(field, raw).map(Self)
            }

            /// As it was parsed.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str(&self.0)
            }
        }

        impl fmt::Debug for $type {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str(&self.0)
            }
        }
    };
}

name! {
    /// A business. Comes from verified credentials only, never from a request.
    TenantId
}
name! {
    /// One of a business's places.
    VenueId
}
name! {
    /// A system that reports interactions.
    SourceId
}
name! {
    /// An entry of the catalogue of gestures.
    GestureTypeId
}
name! {
    /// A role of the policy.
    RoleId
}

/// Identifies a part of a profile, unique within it: `p7`, `o2`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PartId(pub u32);

/// Characters of a usual id of a part.
const CHARS_USUAL: usize = 8;

impl PartId {
    /// The id as callers know it, with the letter of its kind: "p7".
    pub fn with_letter(self, letter: char) -> String {
        let mut text = String::with_capacity(CHARS_USUAL);
        text.push(letter);
        // Mostly one digit, and made for each finding in a basket: that need not be formatted.
        match u8::try_from(self.0) {
            Ok(digit @ 0..=9) => text.push(char::from(b'0' + digit)),
            _ => text.push_str(&self.0.to_string()),
        }
        text
    }
}

/// The random token of a hold. The customer's slot says what became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HoldToken(pub [u8; 16]);

#[cfg(test)]
mod tests {
    #[test]
    fn a_parts_id_has_the_letter_of_its_kind() {
        assert_eq!(super::PartId(17).with_letter('p'), "p17");
    }
}
