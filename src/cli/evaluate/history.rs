//! Purchases out of import files, in the order of time.

use std::{
    collections::{HashMap, HashSet, hash_map::Entry},
    fs::File,
    io::{BufReader, Read},
    path::Path,
};

use crate::{
    cli::{
        failure::Failure,
        import::{lines::Lines, progress::Progress, rows::Parser},
    },
    domain::{
        CustomerId, Timestamp, VenueId,
        id::SourceId,
        interaction::{Interaction, InteractionKind, Line, Purchase},
        money::{Currency, Money},
        policy::{Venue, parse_day_start, parse_zone},
    },
    proto::{self, import_record::Record},
};

const READ_BUFFER_BYTES: usize = 256 << 10;

/// A customer's purchase.
pub struct Bought {
    /// Customers are numbered from 0.
    pub customer: usize,
    pub interaction: Interaction,
}

/// All that was read.
pub struct Histories {
    pub customers: usize,
    /// Ordered by time.
    pub purchases: Vec<Bought>,
    /// Rows that the service would refuse.
    pub left_out: u64,
    /// Why the last of them.
    pub reason: Option<&'static str>,
}

/// Reads files, one after the other.
#[derive(Default)]
pub struct Reader {
    venues: HashMap<String, Venue>,
    customers: HashMap<String, usize>,
    known: HashSet<(String, String)>,
    purchases: Vec<Bought>,
    left_out: u64,
    reason: Option<&'static str>,
}

impl Reader {
    pub fn read(&mut self, path: &Path) -> Result<(), Failure> {
        let is_stdin = path == Path::new("-");
        let name = if is_stdin { "stdin".to_owned() } else { path.display().to_string() };
        let failed = |error: std::io::Error| Failure::Failed(format!("cannot read {name}: {error}"));
        let (reader, bytes): (Box<dyn Read>, Option<u64>) = if is_stdin {
            (Box::new(std::io::stdin()), None)
        } else {
            let file = File::open(path).map_err(failed)?;
            let bytes = file.metadata().map_err(failed)?.len();
            (Box::new(file), Some(bytes))
        };
        let parser = Parser::default();
        let mut lines = Lines::new(BufReader::with_capacity(READ_BUFFER_BYTES, reader));
        let (mut line, mut progress) = (Vec::new(), Progress::start(&name, bytes, 0));
        while let Some(ending) = lines.next(&mut line).map_err(failed)? {
            match parser.parse(lines.number, &line, ending) {
                None => {}
                Some(Ok(row)) => self.take(row.record),
                Some(Err(_)) => self.leave_out("the row is no import record"),
            }
            progress.at(lines.prefix.bytes, lines.number);
        }
        progress.finish();
        Ok(())
    }

    pub fn finish(self) -> Histories {
        let Self { venues: _, customers, mut purchases, left_out, reason, known: _ } = self;
        purchases.sort_by_key(|bought| bought.interaction.occur_time);
        Histories { customers: customers.len(), purchases, left_out, reason }
    }

    fn take(&mut self, record: Record) {
        match record {
            Record::Policy(policy) => {
                for raw in policy.venues {
                    match venue(&raw) {
                        Some(venue) => _ = self.venues.insert(raw.venue_id, venue),
                        None => self.leave_out("a venue of the policy is not valid"),
                    }
                }
            }
            Record::Customer(_) | Record::Item(_) => {}
            Record::Interaction(raw) => {
                if let Err(reason) = self.take_interaction(raw) {
                    self.leave_out(reason);
                }
            }
        }
    }

    fn take_interaction(&mut self, raw: proto::Interaction) -> Result<(), &'static str> {
        let Some(purchase) = raw.purchase else {
            return Ok(());
        };
        let key = match raw.customer.ok_or("it names no customer")? {
            proto::interaction::Customer::CustomerId(id) => id,
            proto::interaction::Customer::Identity(identity) => {
                format!("{}/{}/{}", identity.r#type, identity.issuer, identity.value)
            }
        };
        let venue = self.venues.get(&raw.venue_id).ok_or("its venue is not in a policy before it")?;
        let time = raw.occur_time.ok_or("it has no occur_time")?;
        let occur_time = Timestamp::new(time.seconds, time.nanos).map_err(|_| "its occur_time is out of range")?;
        let interaction = Interaction {
            source: SourceId::parse("source", &raw.source).map_err(|_| "its source is not valid")?,
            external_id: raw.external_id,
            kind: InteractionKind::Purchase,
            venue: venue.id.clone(),
            local: venue.local(occur_time),
            occur_time,
            purchase: Some(Purchase {
                lines: purchase.lines.into_iter().map(line).collect(),
                total: Money { currency: venue.currency, minor_units: 0 },
                party_size: 0,
            }),
            visit_external_id: raw.visit_external_id,
            text: String::new(),
            feedback: None,
            referred: None,
        };
        // What is reported again is recognised, as the service does.
        if self.known.insert((raw.source, interaction.external_id.clone())) {
            let next = self.customers.len();
            let customer = match self.customers.entry(key) {
                Entry::Occupied(known) => *known.get(),
                Entry::Vacant(free) => *free.insert(next),
            };
            self.purchases.push(Bought { customer, interaction });
        }
        Ok(())
    }

    fn leave_out(&mut self, reason: &'static str) {
        self.left_out += 1;
        self.reason = Some(reason);
    }
}

/// A stand-in for the id that the service would give: all that matters is that customers differ.
pub fn customer_id(number: usize) -> CustomerId {
    let mut bytes = [0; 16];
    bytes[8..].copy_from_slice(&(number as u64).to_be_bytes());
    CustomerId::from_bytes(bytes)
}

fn line(raw: proto::PurchaseLine) -> Line {
    let proto::PurchaseLine { item, category, quantity, amount_minor_units: _, seat: _ } = raw;
    Line { item, category, quantity, amount_minor_units: 0, seat: String::new() }
}

fn venue(raw: &proto::Venue) -> Option<Venue> {
    let (zone, zone_name) = parse_zone("", &raw.time_zone).ok()?;
    Some(Venue {
        id: VenueId::parse("", &raw.venue_id).ok()?,
        display_name: String::new(),
        brand: raw.brand.clone(),
        zone,
        zone_name,
        currency: Currency::parse("", &raw.currency_code).ok()?,
        day_start_minutes: parse_day_start("", &raw.business_day_start).ok()?,
        region: None,
        capabilities: Vec::new(),
        opening_hours: Vec::new(),
        language: String::new(),
    })
}
