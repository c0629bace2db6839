//! Levels of a relationship.

/// How close a customer is to the business.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RelationshipLevel {
    Basic,
    Engagement,
    Intimacy,
}
