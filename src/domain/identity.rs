//! Identities: by what a customer is found, in one normal form.

use super::error::Violation;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum IdentityType {
    Loyalty,
    Pms,
    Pos,
    System,
    Phone,
    Email,
    Room,
    Table,
}

impl IdentityType {
    /// Exclusive types belong to one customer each; the others to a bounded set.
    pub fn is_exclusive(self) -> bool {
        matches!(self, Self::Loyalty | Self::Pms | Self::Pos | Self::System)
    }
}

/// A normalised identity. Two are the same exactly when type, issuer and value are equal.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Identity {
    pub kind: IdentityType,
    pub issuer: String,
    pub value: String,
}

/// An ISO 3166-1 alpha-2 region, for telephone numbers without a country code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Region(pub [u8; 2]);

impl Identity {
    /// Normalises: E.164 for phones (`region` where no country code is given), lower-cased mail addresses, NFKC for all
    /// others. `issued_prefixes`: the digits with which the tenant's own card-like numbers begin.
    pub fn parse(
        _field: &str,
        _kind: IdentityType,
        _issuer: &str,
        _value: &str,
        _region: Option<Region>,
        _issued_prefixes: &[String],
    ) -> Result<Self, Violation> {
        todo!()
    }
}
