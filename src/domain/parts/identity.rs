//! Identities: by what a customer is found, in one normal form.
//!
//! Values and issuers keep their case, but for mail addresses, rooms and tables: systems exist whose keys differ in case alone. Braces,
//! colons and asterisks are allowed, because a key of the store is made from a keyed hash of the identity, never from
//! its text.

use unicode_normalization::UnicodeNormalization;

use crate::domain::kernel::{
    card::{self, Use},
    error::Violation,
    text,
};

/// Longest value: see `text::EXTERNAL_ID_CHARS_MAX`.
pub const VALUE_CHARS_MAX: usize = text::EXTERNAL_ID_CHARS_MAX;
/// Longest issuer.
pub const ISSUER_CHARS_MAX: usize = 64;
/// Longest written telephone number: 15 digits (E.164), a prefix for dialling abroad, and a blank after each.
const PHONE_EXAMPLE: &str = "+41 44 668 18 00";
const PHONE_CHARS_MAX: usize = 40;

/// What kind of name a customer is found by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum IdentityType {
    /// A member's number in a loyalty programme.
    Loyalty,
    /// A guest's number in a property management system.
    Pms,
    /// A customer's number in a point-of-sale system.
    Pos,
    /// A number in any other system.
    System,
    /// A telephone number; families share one.
    Phone,
    /// An e-mail address; couples and offices share one.
    Email,
    /// A room of a venue, for a stay.
    Room,
    /// A table of a venue, for a visit.
    Table,
}

impl IdentityType {
    /// Stable, for programs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Loyalty => "LOYALTY",
            Self::Pms => "PMS",
            Self::Pos => "POS",
            Self::System => "SYSTEM",
            Self::Phone => "PHONE",
            Self::Email => "EMAIL",
            Self::Room => "ROOM",
            Self::Table => "TABLE",
        }
    }
}

impl IdentityType {
    /// Exclusive types belong to one customer each; the others to a bounded set.
    pub fn is_exclusive(self) -> bool {
        matches!(self, Self::Loyalty | Self::Pms | Self::Pos | Self::System)
    }

    /// The numbers of tills and hotel systems are as long as a card's and begin like one; programmes and other systems are
    /// asked to register theirs.
    fn use_of(self, value: &str) -> Use {
        match self {
            Self::Pms | Self::Pos => Use::Reference,
            Self::Loyalty | Self::System if card::is_uuid(value) => Use::Reference,
            Self::Loyalty | Self::System | Self::Phone | Self::Email | Self::Room | Self::Table => Use::Words,
        }
    }

    /// Rooms and tables are of a venue, which is their issuer: every house has a table 7.
    pub fn is_of_a_venue(self) -> bool {
        matches!(self, Self::Room | Self::Table)
    }

    /// Nobody issues a telephone number or a mail address: it is the same whoever noted it.
    fn has_issuer(self) -> bool {
        !matches!(self, Self::Phone | Self::Email)
    }
}

/// A normalised identity. Two are the same exactly when type, issuer and value are equal.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Identity {
    /// Decides who may have it, and how its value is normalised.
    pub kind: IdentityType,
    /// The programme, the system, or the venue of a room or table; empty: the only one, or none.
    pub issuer: String,
    /// In the normal form of its type: a telephone number in E.164, an e-mail address in small letters.
    pub value: String,
}

/// An ISO 3166-1 alpha-2 region, for telephone numbers without a country code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Region(pub [u8; 2]);

impl Region {
    /// A region with a telephone plan that we know; small letters are raised.
    pub fn parse(field: &str, raw: &str) -> Result<Self, Violation> {
        let upper = raw.trim_matches(' ').to_ascii_uppercase();
        let letters: Option<[u8; 2]> = upper.as_bytes().try_into().ok();
        match letters {
            Some(letters) if upper.parse::<phonenumber::country::Id>().is_ok() => Ok(Self(letters)),
            _ => Err(Violation::new(field, "must be an ISO 3166-1 alpha-2 region, for example \"CH\"")),
        }
    }

    fn country(self) -> Option<phonenumber::country::Id> {
        std::str::from_utf8(&self.0).ok()?.parse().ok()
    }
}

impl Identity {
    /// As a customer gets it: a telephone number or mail address without an issuer, a room or table in capitals.
    #[must_use]
    pub fn as_kept(self) -> Self {
        if self.kind.is_of_a_venue() {
            Self { value: text::in_capitals(&self.value), ..self }
        } else if self.kind.has_issuer() {
            self
        } else {
            Self { issuer: String::new(), ..self }
        }
    }

    /// The forms in which a customer may have it, the one of today first. Older records have telephone numbers and mail addresses
    /// with an issuer; rooms and tables without one, and as they were written: in capitals, small letters, or with one capital.
    pub fn forms(&self) -> Vec<Self> {
        if !self.kind.is_of_a_venue() {
            return std::iter::once(self.clone()).chain(self.without_issuer()).collect();
        }
        let (large, small) = (text::in_capitals(&self.value), self.value.to_lowercase());
        let large_before = self.value.to_uppercase();
        let first = small.chars().next().map_or(0, char::len_utf8);
        let begun = small[..first].to_uppercase() + &small[first..];
        let mut values: Vec<String> = Vec::new();
        for value in [large, large_before, self.value.clone(), small, begun] {
            if !values.contains(&value) {
                values.push(value);
            }
        }
        let of_venue = values.into_iter().map(|value| Self { value, ..self.clone() });
        let mut all: Vec<Self> = of_venue.flat_map(|form| [form.without_issuer(), Some(form)]).flatten().collect();
        // Those of the venue come before what may be of another.
        all.sort_by_key(|form| form.issuer.is_empty());
        all
    }

    /// The same without an issuer: a telephone number or mail address as it is kept, though an older record may have it with
    /// one; a room or table as older records have it. `None`: it has none, or is another with another.
    fn without_issuer(&self) -> Option<Self> {
        let may_lack_it = self.kind.is_of_a_venue() || !self.kind.has_issuer();
        (may_lack_it && !self.issuer.is_empty()).then(|| Self { issuer: String::new(), ..self.clone() })
    }

    /// Normalises: E.164 for phones (`region` where no country code is given), lower-cased mail addresses, NFKC for all
    /// others. `issued_prefixes`: the digits with which the tenant's own card-like numbers begin.
    ///
    /// A valid telephone number is no card's, though its digits may pass the check of one: one in ten +49 15… does.
    ///
    /// `field` is the path of the identity; violations name its `value` or `issuer`.
    pub fn parse(
        field: &str,
        kind: IdentityType,
        issuer: &str,
        value: &str,
        region: Option<Region>,
        issued_prefixes: &[String],
    ) -> Result<Self, Violation> {
        let value_field = within(field, "value");
        let issuer_field = within(field, "issuer");
        let issuer = compatible(&issuer_field, issuer, 0..=ISSUER_CHARS_MAX)?;
        let value = compatible(&value_field, value, 1..=VALUE_CHARS_MAX)?;
        let issued_prefixes = if kind.is_exclusive() { issued_prefixes } else { &[] };
        card::refuse_card_data([(issuer_field.as_str(), issuer.as_str())])?;
        if kind == IdentityType::Phone
            && is_dialled(&value)
            && let Ok(value) = phone(&value_field, &value, region)
        {
            return Ok(Self { kind, issuer, value });
        }
        let texts = [
            (value_field.as_str(), value.as_str(), kind.use_of(&value)),
            (issuer_field.as_str(), issuer.as_str(), Use::Words),
        ];
        card::refuse_card_data_in(texts, issued_prefixes)?;
        let value = match kind {
            IdentityType::Phone => phone(&value_field, &value, region)?,
            IdentityType::Email => email(&value_field, &value)?,
            IdentityType::Loyalty
            | IdentityType::Pms
            | IdentityType::Pos
            | IdentityType::System
            | IdentityType::Room
            | IdentityType::Table => value,
        };
        Ok(Self { kind, issuer, value })
    }
}

fn within(field: &str, name: &str) -> String {
    if field.is_empty() { name.to_owned() } else { format!("{field}.{name}") }
}

/// A line in NFKC: full-width and plain letters are one.
fn compatible(field: &str, raw: &str, chars: std::ops::RangeInclusive<usize>) -> Result<String, Violation> {
    let plain = text::key(field, raw, chars.clone())?;
    if plain.is_ascii() {
        return Ok(plain);
    }
    // The compatible form may be longer, and may end in a blank.
    let compatible: String = plain.nfkc().collect();
    text::line(field, &compatible, chars)
}

/// Whether a number begins as one is dialled: with "+", "00" or "0". No card number does; national numbers without it
/// are shorter than a card's where they are in use.
fn is_dialled(value: &str) -> bool {
    let first = value.chars().find(|char| *char == '+' || text::decimal_digit(*char).is_some());
    first.is_some_and(|char| char == '+' || text::decimal_digit(char) == Some(0))
}

/// Reads the tables of telephone numbers now rather than for the first number.
pub fn warm_up() {
    // All of them are read for a number that is one.
    let number = phone("", PHONE_EXAMPLE, None);
    debug_assert!(number.is_ok());
}

/// E.164, for example "+41446681800".
fn phone(field: &str, value: &str, region: Option<Region>) -> Result<String, Violation> {
    let mut plain = String::with_capacity(value.len());
    for char in value.chars() {
        match text::decimal_digit(char) {
            Some(digit) => plain.push(char::from(b'0' + digit)),
            None if matches!(char, '+' | ' ' | '-' | '.' | '/' | '(' | ')') => plain.push(char),
            // Hyphens and dashes, as word processors write them.
            None if matches!(char, '\u{2010}'..='\u{2015}' | '\u{2212}') => plain.push('-'),
            None => return Err(not_a_phone(field)),
        }
    }
    if plain.len() > PHONE_CHARS_MAX || plain.rfind('+').is_some_and(|index| index > 0) {
        return Err(not_a_phone(field));
    }
    let international = plain.starts_with('+');
    let country = match region.and_then(Region::country) {
        _ if international => None,
        Some(country) => Some(country),
        None => {
            return Err(Violation::new(
                field,
                "has no country code, and neither venue nor policy has a default region; write it like \"+41446681800\"",
            ));
        }
    };
    // The library takes nonsense apart: only what it calls valid is a number.
    let number = phonenumber::parse(country, &plain).ok().filter(phonenumber::is_valid);
    number.map(|number| number.format().mode(phonenumber::Mode::E164).to_string()).ok_or_else(|| not_a_phone(field))
}

fn not_a_phone(field: &str) -> Violation {
    Violation::new(
        field,
        format!("must be a valid telephone number without extension, for example \"{PHONE_EXAMPLE}\""),
    )
}

/// Lower case, also before the "@": no provider in use distinguishes addresses by case.
fn email(field: &str, value: &str) -> Result<String, Violation> {
    let lower: String = value.to_lowercase().nfkc().collect();
    let options = email_address::Options::default().with_required_tld().without_display_text().without_domain_literal();
    let fits = lower.chars().count() <= VALUE_CHARS_MAX
        && !lower.contains(char::is_whitespace)
        && email_address::EmailAddress::parse_with_options(&lower, options).is_ok();
    if fits { Ok(lower) } else { Err(Violation::new(field, "must be a mail address, for example \"ana@example.com\"")) }
}

#[cfg(test)]
#[path = "identity_tests.rs"]
mod tests;
