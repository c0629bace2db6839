//! Who calls, as the command line says it: a device and, where one is known, a member of staff. What is recorded carries
//! both, so that a briefing can say where it comes from.

use tonic::{
    Request, Status,
    metadata::{Ascii, MetadataValue},
    service::{Interceptor, interceptor::InterceptedService},
    transport::Channel,
};

use super::connect::ServiceChannel;

/// The device, when none is named.
const DEVICE: &str = "rapport-cli";
/// The service's own bound on names.
const NAME_CHARS_MAX: usize = 64;

/// Says who calls in the metadata of every call.
#[derive(Debug, Clone, Default)]
pub struct Caller {
    device: Option<Name>,
    staff: Option<Name>,
    role: Option<Name>,
}

/// A name that the service accepts: 1 to 64 letters, digits and `._-`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name(MetadataValue<Ascii>);

/// Who calls.
#[derive(Debug, clap::Args)]
pub struct CallerArgs {
    /// Who you are; what is recorded carries it [default: $USER]
    #[arg(long, value_name = "NAME", value_parser = Name::parse)]
    staff: Option<Name>,
    /// The device you are at [default: rapport-cli]
    #[arg(long, value_name = "NAME", value_parser = Name::parse)]
    device: Option<Name>,
    /// Your role; the policy says what each may give and see
    #[arg(long, value_name = "NAME", value_parser = Name::parse)]
    role: Option<Name>,
}

impl Name {
    pub fn parse(text: &str) -> Result<Self, String> {
        let is_legal = (1..=NAME_CHARS_MAX).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
        let value = is_legal.then(|| text.parse().ok()).flatten();
        value.map(Self).ok_or_else(|| "must be 1 to 64 letters, digits, \".\", \"_\" or \"-\"".to_owned())
    }
}

impl Caller {
    /// The user of this shell.
    pub fn of_shell() -> Self {
        Self::named(DEVICE, &std::env::var("USER").unwrap_or_default())
    }

    /// A device and a member of staff; what is no legal name is left out.
    pub fn named(device: &str, staff: &str) -> Self {
        Self { device: Name::parse(device).ok(), staff: Name::parse(staff).ok(), role: None }
    }

    /// The same in a role of the policy.
    pub fn in_role(self, role: &str) -> Self {
        Self { role: Name::parse(role).ok(), ..self }
    }

    /// The headers that say it, by name and value.
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.metadata().filter_map(|(key, value)| Some((key, value.to_str().ok()?)))
    }

    fn metadata(&self) -> impl Iterator<Item = (&'static str, &MetadataValue<Ascii>)> {
        let names = [("rapport-device", &self.device), ("rapport-staff", &self.staff), ("rapport-role", &self.role)];
        names.into_iter().filter_map(|(key, name)| Some((key, &name.as_ref()?.0)))
    }

    /// Says it on a connection.
    pub fn on(self, channel: Channel) -> ServiceChannel {
        InterceptedService::new(channel, self)
    }
}

impl From<CallerArgs> for Caller {
    fn from(args: CallerArgs) -> Self {
        let shell = Self::of_shell();
        Self { device: args.device.or(shell.device), staff: args.staff.or(shell.staff), role: args.role }
    }
}

impl Interceptor for Caller {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        for (key, value) in self.metadata() {
            request.metadata_mut().insert(key, value.clone());
        }
        Ok(request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_that_the_service_accepts() {
        for right in ["mara", "till-4", "a.b_c-D9", &"x".repeat(64)] {
            assert!(Name::parse(right).is_ok(), "{right}");
        }
        for wrong in ["", "o'neill", "zoë", "a b", &"x".repeat(65)] {
            assert!(Name::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_no_name_is_left_out() {
        let request = Caller::named("desk-1", "DOMAIN\\mara").call(Request::new(())).expect("passes");
        assert_eq!(request.metadata().get("rapport-device").map(|name| name.as_bytes()), Some(&b"desk-1"[..]));
        assert!(request.metadata().get("rapport-staff").is_none());
    }
}
