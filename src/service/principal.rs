//! Who calls: the device, the staff member behind it, their role, and the tenant they belong to.

use std::net::IpAddr;

use crate::domain::{Author, TenantId};

/// The device of a caller who names none.
pub const DEVICE_UNKNOWN: &str = "unknown-device";

/// How the principal became known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// Asserted by the caller. Accepted on loopback, or where the operator said so.
    Asserted,
}

/// A caller, as the server knows it. The tenant never comes from a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// The business they act for.
    pub tenant: TenantId,
    /// The device or service. Example: `till-4`.
    pub device: String,
    /// The member of staff; empty: nobody in particular.
    pub staff: String,
    /// As the policy names it; one that it does not name may give nothing.
    pub role: String,
    /// How far it may be believed.
    pub proof: Proof,
    /// The address, or with IPv6 the network, that the call comes from; `None`: this process.
    pub peer: Option<IpAddr>,
}

/// Whose calls are counted together: those of a device, or, where none is named, of a peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CountedAs<'a> {
    /// By its name.
    Device(&'a str),
    /// By its address, or its network.
    Peer(IpAddr),
}

impl Principal {
    /// Whose calls it counts among; `None`: nobody's, as it comes from this process.
    pub fn counted_as(&self) -> Option<CountedAs<'_>> {
        let peer = self.peer?;
        Some(if self.device == DEVICE_UNKNOWN { CountedAs::Peer(peer) } else { CountedAs::Device(&self.device) })
    }

    /// How the principal is written into what it records. Example: `mara@till-4`.
    pub fn author(&self) -> Author {
        Author::new(&self.staff, &self.device)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        service::{create::derived_id, edit::derived_mark, gestures::money::blinded},
        store::sealing::{IndexKey, KEY_LEN},
    };

    const METHOD: &str = "/rapport.v1.CustomerService/CreateCustomer";

    fn principal(staff: &str) -> Principal {
        Principal {
            tenant: TenantId::parse("", "inn").unwrap(),
            device: "till-4".to_owned(),
            staff: staff.to_owned(),
            role: String::new(),
            proof: Proof::Asserted,
            peer: None,
        }
    }

    fn hex(bytes: [u8; 16]) -> String {
        format!("{:032x}", u128::from_be_bytes(bytes))
    }

    /// HMAC-SHA-256 of the written author, computed outside of this program. If one of these moves, a create that is
    /// repeated across an upgrade makes a second customer, and a day's budget is spent twice.
    #[test]
    fn what_is_derived_from_an_author_never_changes() {
        let key = IndexKey::new(TenantId::parse("", "inn").unwrap(), 1, &[7; KEY_LEN]);
        for (staff, written, id, mark, budget) in [
            (
                "mara",
                "mara@till-4",
                "6xxbte31cy5p3kbp728jpqnj9r",
                "991190b3cf4189a54b60fe6177a86ddf",
                "d16a3ee432560004bd2f535a558254d5",
            ),
            (
                "",
                "till-4",
                "6vs8j7gvk4vnr3xd2te71wjsv5",
                "cb8c50536db7c0eb16448372bc30d385",
                "d8bd074c565dd60347491fdd4152f577",
            ),
        ] {
            let author = principal(staff).author();
            assert_eq!(author.as_str(), written);
            assert_eq!(derived_id(&key, &author, METHOD, "request-1").to_string(), id);
            assert_eq!(hex(derived_mark(&key, &author, METHOD, "request-1")), mark);
            assert_eq!(blinded(&key, &author), budget);
        }
    }
}
