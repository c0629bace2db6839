//! Names of keys, read back.

use super::{bucket, budget, data_key, document, identity};
use crate::{
    domain::{CustomerId, TenantId},
    store::{BudgetKey, CustomerKey, DocumentKey, IdentityKey, keystore::KeyName},
};

/// The customer of a name of [`super::record`], [`super::requests`], [`super::history`] or [`super::timeline`]; `None` if it is no such name, or
/// lies in a bucket that is not the customer's.
pub fn parse_customer_name(name: &str) -> Option<CustomerKey> {
    let mut parts = name.split(':');
    let (_, bucket_tag) = (parts.next()?, parts.next()?);
    let tenant = TenantId::parse("tenant", parts.next()?).ok()?;
    let customer = CustomerId::parse("customer", parts.next()?).ok()?;
    (bucket_tag == format!("{{{:02x}}}", bucket(&tenant, &customer))).then_some(CustomerKey { tenant, customer })
}

/// The reverse of [`super::identity`]; `None` if it is no such name.
pub fn parse_identity(name: &str) -> Option<IdentityKey> {
    let mut parts = name.split(':').skip(2);
    let tenant = TenantId::parse("tenant", parts.next()?).ok()?;
    let version = parts.next()?.parse().ok()?;
    let key = IdentityKey { tenant, version, digest: u128::from_str_radix(parts.next()?, 16).ok()?.to_be_bytes() };
    (identity(&key) == name).then_some(key)
}

/// The reverse of [`super::budget`]; `None` if it is no such name.
pub fn parse_budget(name: &str) -> Option<BudgetKey> {
    let mut parts = name.split(':').skip(2);
    let tenant = TenantId::parse("tenant", parts.next()?).ok()?;
    let key = BudgetKey { tenant, name: unescaped(parts.next()?)? };
    (budget(&key) == name).then_some(key)
}

/// The reverse of [`super::document`]; `None` if it is no such name.
pub fn parse_document(name: &str) -> Option<DocumentKey> {
    let mut parts = name.split(':').skip(2);
    let tenant = TenantId::parse("tenant", parts.next()?).ok()?;
    let key = DocumentKey { tenant, name: unescaped(parts.next()?)? };
    (document(&key) == name).then_some(key)
}

/// Whose a name is that is a tenant's: of a document or a tally.
pub fn parse_tenant(name: &str) -> Option<TenantId> {
    TenantId::parse("tenant", name.split(':').nth(2)?).ok()
}

/// The reverse of [`super::data_key`]; `None` if it is no such name.
pub fn parse_data_key(name: &str) -> Option<KeyName> {
    let mut parts = name.split(':').skip(2);
    let tenant = TenantId::parse("tenant", parts.next()?).ok()?;
    let key = match (parts.next()?, parts.next()?) {
        ("customer", id) => KeyName::Customer(tenant, CustomerId::parse("customer", id).ok()?),
        ("index", version) => KeyName::Index(tenant, version.parse().ok()?),
        ("tenant", version) => KeyName::Tenant(tenant, version.parse().ok()?),
        _ => return None,
    };
    (data_key(&key) == name).then_some(key)
}

/// The reverse of [`super::push_escaped`]; `None` if the text is nothing that it wrote.
fn unescaped(text: &str) -> Option<String> {
    let (first, rest) = text.split_once('%').map_or((text, None), |(first, rest)| (first, Some(rest)));
    let mut name = first.as_bytes().to_vec();
    for part in rest.into_iter().flat_map(|rest| rest.split('%')) {
        name.push(u8::from_str_radix(part.get(..2)?, 16).ok()?);
        name.extend_from_slice(part.get(2..)?.as_bytes());
    }
    String::from_utf8(name).ok()
}
