//! Who calls: the device, the staff member behind it, their role, and the tenant they belong to.

use crate::domain::TenantId;

/// How the principal became known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// Asserted by the caller. Accepted on loopback, or where the operator said so.
    Asserted,
}

/// A caller, as the server knows it. The tenant never comes from a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    pub tenant: TenantId,
    /// The device or service. Example: `till-4`.
    pub device: String,
    /// The member of staff; empty: nobody in particular.
    pub staff: String,
    pub role: String,
    pub proof: Proof,
}

impl Principal {
    /// How the principal is written into what it records. Example: `mara@till-4`.
    pub fn author(&self) -> String {
        if self.staff.is_empty() { self.device.clone() } else { format!("{}@{}", self.staff, self.device) }
    }
}
