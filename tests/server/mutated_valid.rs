//! Valid requests of every method, made from the contract's descriptors: a new method gets its requests by itself. What a field may
//! hold follows from its name; ids are those of earlier answers.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    time::{SystemTime, UNIX_EPOCH},
};

use prost_reflect::{
    DescriptorPool, DynamicMessage, EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor, MethodDescriptor,
    ReflectMessage as _, Value,
};
use rapport::proto::{DESCRIPTORS, IdentityType, Policy};

use super::{crash_points::Dice, gestures::giving, world::*};

/// Customers at hand; who comes later takes the place of the last one.
const CUSTOMERS_MAX: usize = 12;
/// Ids, tokens and texts of answers that are remembered under each name.
const REMEMBERED_MAX: usize = 8;
/// Deeper messages are left out of requests: the contract has none.
const DEPTH_MAX: usize = 8;
const DAY: i64 = 86_400;
/// More than all gestures of a run cost, in minor units.
const PLENTY: i64 = 1_000_000_000_000;

/// Names of strings whose values are any of these.
const WORDS: &[(&str, &[&str])] = &[
    ("venue_id", &[VENUE, VENUE, VENUE, OTHER_VENUE]),
    ("trial_venue_ids", &[VENUE]),
    // Most of the others may be eaten, and so not be given to whom nobody asked.
    ("gesture_type_id", &["spa", "spa", "spa", "note", "tart", "dinner"]),
    ("item_id", &["tart", "sorbet", "tea"]),
    ("item_ids", &["tart", "sorbet", "tea"]),
    ("component_ids", &["tea"]),
    ("source", &["till-4"]),
    ("language", &["en", "de"]),
    ("code", &["PEANUTS", "MILK", "SESAME", "FISH"]),
    ("may_contain", &["SESAME", "PEANUTS"]),
    ("suits_diets", &["VEGAN"]),
    ("item", &["espresso", "tea", "House tart", "peanut butter cookie"]),
    ("category", &["drink", "dish"]),
    ("currency_code", &["CHF"]),
    ("cause", &["NOISE", "SLOW_SERVICE"]),
    ("open", &["08:00"]),
    ("close", &["20:00"]),
    ("owner", &["jo", "mara"]),
    ("deliver_owner", &["jo"]),
    ("paths", &["name", "language", "name.full"]),
    ("etag", &[""]),
    ("situation", &["", "breakfast"]),
    ("of_whom", &[""]),
];

/// Fields that a request never lacks.
const NEEDED: &[&str] =
    &["customer_id", "venue_id", "purpose", "reason", "identity", "identities", "items", "item_ids"];

/// A method of the contract.
#[derive(Debug, Clone)]
pub struct Method {
    pub path: String,
    pub of: MethodDescriptor,
}

pub fn methods() -> Vec<Method> {
    let pool = DescriptorPool::decode(DESCRIPTORS).expect("the build wrote them");
    let all = pool.services().flat_map(|service| service.methods().collect::<Vec<_>>());
    all.map(|of| Method { path: format!("/{}/{}", of.parent_service().full_name(), of.name()), of }).collect()
}

/// What earlier answers told: customers with their identities and the ids of their parts, and tokens.
#[derive(Default)]
pub struct Known {
    customers: VecDeque<Customer>,
    tokens: BTreeMap<String, VecDeque<String>>,
}

#[derive(Default)]
struct Customer {
    id: String,
    identities: VecDeque<DynamicMessage>,
    texts: BTreeMap<String, VecDeque<String>>,
}

impl Customer {
    /// What answers told under this name: first what was made, the newest before others.
    fn told(&self, name: &str) -> Vec<&String> {
        let made = self.texts.get(&name[..1]).filter(|_| is_part(name));
        made.into_iter().chain(self.texts.get(name)).flatten().collect()
    }
}

/// Whether a request names a part of a customer by it.
fn is_part(name: &str) -> bool {
    let is_known = WORDS.iter().any(|(known, _)| *known == name);
    name.ends_with("_id") && !is_known && !["customer_id", "request_id"].contains(&name)
}

/// The parts of a customer that a method asks for by their ids.
fn parts(method: &Method) -> Vec<String> {
    method.of.input().fields().map(|field| field.name().to_owned()).filter(|name| is_part(name)).collect()
}

fn remember<T>(all: &mut VecDeque<T>, one: T) {
    all.truncate(REMEMBERED_MAX - 1);
    all.push_front(one);
}

impl Known {
    /// Customers at hand.
    pub fn count(&self) -> usize {
        self.customers.len()
    }

    /// Whether some customer has what a method asks for.
    pub fn can(&self, method: &Method) -> bool {
        self.customers.iter().any(|customer| parts(method).iter().all(|name| !customer.told(name).is_empty()))
    }

    /// Lets another customer be the first: this one has all lists full some day.
    pub fn go_on(&mut self) {
        self.customers.pop_front();
    }

    pub fn learn_customer(&mut self, id: &str) {
        if self.customers.iter().any(|known| known.id == id) {
            return;
        }
        self.customers.truncate(CUSTOMERS_MAX - 1);
        self.customers.push_back(Customer { id: id.to_owned(), ..Customer::default() });
    }

    fn of(&self, id: &str) -> Option<usize> {
        self.customers.iter().position(|known| known.id == id)
    }

    /// Remembers what stands in a message, at any depth, of this customer, or of whom it names.
    fn take(&mut self, message: &DynamicMessage, customer: Option<usize>) {
        let named = text(message, "customer_id").and_then(|id| self.of(&id));
        let customer = named.or(customer);
        if message.descriptor().full_name() == "rapport.v1.Identity" {
            if let Some(at) = customer {
                remember(&mut self.customers[at].identities, message.clone());
            }
            return;
        }
        for (field, value) in message.fields() {
            let values = match value {
                Value::List(values) => values.as_slice(),
                value => std::slice::from_ref(value),
            };
            for value in values {
                match (value, customer) {
                    (Value::Message(message), _) => self.take(message, customer),
                    (Value::String(text), _) if field.name().ends_with("_token") => {
                        let name = field.name().trim_start_matches("next_").to_owned();
                        remember(self.tokens.entry(name).or_default(), text.clone());
                    }
                    (Value::String(text), Some(at)) => {
                        let texts = &mut self.customers[at].texts;
                        remember(texts.entry(called(field.name(), text)).or_default(), text.clone());
                    }
                    _ => {}
                }
            }
        }
    }

    /// Takes in what a call that was carried out tells.
    pub fn learn(&mut self, method: &Method, request: &DynamicMessage, answer: &DynamicMessage) {
        let id = text(request, "customer_id").unwrap_or_default();
        match method.of.name() {
            "EraseCustomer" => self.customers.retain(|known| known.id != id),
            "CreateCustomer" => {
                let receipt = answer.get_field_by_name("receipt");
                let receipt = receipt.as_deref().and_then(Value::as_message).expect("a receipt");
                self.learn_customer(&text(receipt, "customer_id").expect("an id"));
            }
            _ => self.take(answer, self.of(&id)),
        }
    }
}

fn text(message: &DynamicMessage, name: &str) -> Option<String> {
    message.get_field_by_name(name)?.as_str().map(str::to_owned)
}

/// Of a part that belongs to one kind of its message (a purchase, to PURCHASE): whether the message is of that kind.
fn is_of_kind(message: &DynamicMessage, field: &FieldDescriptor) -> Option<bool> {
    let kind = message.descriptor().get_field_by_name("kind")?;
    let (Kind::Enum(kinds), Kind::Message(_)) = (kind.kind(), field.kind()) else { return None };
    let own = format!("_KIND_{}", field.name().to_uppercase());
    let own = kinds.values().find(|value| value.name().ends_with(&own))?;
    Some(message.get_field(&kind).as_enum_number() == Some(own.number()))
}

/// What requests call a text of an answer. A receipt says what was made by its letter: `o1` is an occasion.
fn called(name: &str, text: &str) -> String {
    if name == "created_ids" { text[..1].to_owned() } else { name.to_owned() }
}

pub fn one_of<'a, T>(dice: &mut Dice, all: &'a [T]) -> &'a T {
    &all[dice.roll(all.len() as u64) as usize]
}

/// Makes one request.
pub struct Maker<'a> {
    pub known: &'a Known,
    pub dice: &'a mut Dice,
    customer: Option<&'a Customer>,
    /// How many of a hundred optional fields are there.
    full: u64,
}

impl<'a> Maker<'a> {
    pub fn new(known: &'a Known, dice: &'a mut Dice) -> Self {
        let full = *one_of(dice, &[20, 50, 90]);
        Self { known, dice, customer: None, full }
    }

    pub fn request(&mut self, method: &Method) -> DynamicMessage {
        let input = method.of.input();
        // Mostly about the first customer who has what it asks for, so that one of them comes to have something of everything. What
        // ends that begins at the other end.
        let has = |customer: &&Customer| parts(method).iter().all(|name| !customer.told(name).is_empty());
        let able: Vec<&Customer> = self.known.customers.iter().filter(has).collect();
        self.customer = match (method.of.name(), self.dice.roll(10)) {
            ("EraseCustomer" | "MarkCustomer", _) => self.known.customers.back(),
            (_, 0..6) => able.first().copied().or(self.known.customers.front()),
            (_, 6..9) if !able.is_empty() => Some(*one_of(self.dice, &able)),
            _ => self.known.customers.back(),
        };
        self.message(&input, "", 0)
    }

    fn happens(&mut self, percent: u64) -> bool {
        self.dice.roll(100) < percent
    }

    fn message(&mut self, kind: &MessageDescriptor, name: &str, depth: usize) -> DynamicMessage {
        match kind.full_name() {
            "google.protobuf.Timestamp" => return seconds(kind, self.moment(name)),
            "google.protobuf.Duration" => return seconds(kind, 60 * (1 + self.dice.roll(60)) as i64),
            "rapport.v1.Identity" => return self.identity(kind),
            // A policy of random parts would never be consistent.
            "rapport.v1.Policy" => return same(kind, &policy_of_all()),
            _ => {}
        }
        let mut message = DynamicMessage::new(kind.clone());
        let oneofs: Vec<_> = kind.oneofs().filter(|oneof| !oneof.is_synthetic()).collect();
        let chosen: BTreeSet<u32> =
            oneofs.iter().map(|oneof| one_of(self.dice, &oneof.fields().collect::<Vec<_>>()).number()).collect();
        for field in kind.fields() {
            let is_of_oneof = field.containing_oneof().is_some_and(|oneof| !oneof.is_synthetic());
            let is_there = if is_of_oneof {
                chosen.contains(&field.number())
            } else {
                is_of_kind(&message, &field).unwrap_or_else(|| self.has(&field, depth))
            };
            if is_there && depth < DEPTH_MAX {
                let value = if field.is_list() {
                    Value::List((0..=self.dice.roll(2)).map(|_| self.value(&field, depth)).collect())
                } else {
                    self.value(&field, depth)
                };
                message.set_field(&field, value);
            }
        }
        message
    }

    fn has(&mut self, field: &FieldDescriptor, depth: usize) -> bool {
        let name = field.name();
        if is_part(name) && name != "external_id" {
            return self.customer.is_some_and(|customer| !customer.told(name).is_empty());
        }
        let is_of_ours =
            matches!(field.kind(), Kind::Message(kind) if !kind.full_name().starts_with("google.protobuf"));
        if depth == 0 && (NEEDED.contains(&name) || is_of_ours) {
            return true;
        }
        // A choice that is left out says nothing, and hardly anything may be said of no place.
        if matches!(field.kind(), Kind::Enum(_)) || name == "venue_id" {
            return self.happens(95);
        }
        // What an entry is about must be said; and not every entry has parts.
        let is_about = [
            "category",
            "code",
            "contents",
            "date",
            "day",
            "external_id",
            "item",
            "item_id",
            "iso_weekday",
            "label",
            "language",
            "month",
            "names",
            "occur_time",
            "propose",
            "source",
            "text",
        ];
        let full = if is_about.contains(&name) { 90 } else { self.full };
        self.happens(full)
    }

    fn value(&mut self, field: &FieldDescriptor, depth: usize) -> Value {
        match field.kind() {
            Kind::Message(kind) => Value::Message(self.message(&kind, field.name(), depth + 1)),
            Kind::Enum(kind) => Value::EnumNumber(self.choice(&kind)),
            Kind::String => Value::String(self.text(field.name(), depth)),
            Kind::Bytes => Value::Bytes(vec![7; self.dice.roll(64) as usize].into()),
            Kind::Bool => Value::Bool(self.happens(50)),
            Kind::Double => Value::F64(1.0 + self.dice.roll(3) as f64),
            Kind::Float => Value::F32(1.0),
            Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => Value::I32(self.number(field.name()) as i32),
            Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => Value::I64(self.number(field.name())),
            Kind::Uint32 | Kind::Fixed32 => Value::U32(self.number(field.name()) as u32),
            Kind::Uint64 | Kind::Fixed64 => Value::U64(self.number(field.name()) as u64),
        }
    }

    /// Mostly a choice that says something, and mostly the first: the plainest case.
    fn choice(&mut self, kind: &EnumDescriptor) -> i32 {
        let numbers: Vec<i32> = kind.values().map(|value| value.number()).filter(|number| *number != 0).collect();
        let is_plain = ["rapport.v1.Purpose", "rapport.v1.Calendar"].contains(&kind.full_name());
        if self.happens(if is_plain { 95 } else { 40 }) { numbers[0] } else { *one_of(self.dice, &numbers) }
    }

    fn number(&mut self, name: &str) -> i64 {
        match name {
            "year" => 1980,
            "version" => 0,
            "scale_max" => 5,
            "scale_min" => 1,
            "amount_minor_units" | "minor_units" => 100 * (1 + self.dice.roll(50) as i64),
            _ => 1 + self.dice.roll(5) as i64,
        }
    }

    /// A moment that a field of this name may be about.
    fn moment(&mut self, name: &str) -> i64 {
        let days = 1 + self.dice.roll(20) as i64;
        let is_ahead = ["expire_time", "until_time", "deliver_time", "due_time", "follow_up_due_time"].contains(&name);
        let is_now = ["at", "end_time", "from_time", "ask_time"].contains(&name);
        now()
            + if is_now {
                -1
            } else if is_ahead {
                days * DAY
            } else {
                -days * DAY / 40
            }
    }

    fn text(&mut self, name: &str, depth: usize) -> String {
        if let Some((_, words)) = WORDS.iter().find(|(known, _)| *known == name) {
            return (*one_of(self.dice, words)).to_owned();
        }
        match name {
            "customer_id" => return self.customer.map(|customer| customer.id.clone()).unwrap_or_default(),
            "referred_customer_id" => {
                return self.known.customers.back().map(|customer| customer.id.clone()).unwrap_or_default();
            }
            "request_id" => return format!("request-{}", self.dice.roll(u64::MAX)),
            "first_date" => return date(now()),
            "last_date" => return date(now() + 14 * DAY),
            "month" => return date(now())[..7].to_owned(),
            // Of something new; what is named beside a customer's id is there already.
            "external_id" | "visit_external_id" if depth > 0 && self.happens(80) => {
                return format!("bill-{}", self.dice.roll(u64::MAX));
            }
            "page_token" | "revision_token" => {
                let told = self.known.tokens.get(name).filter(|_| self.dice.roll(4) == 0);
                return told.map(|told| told[self.dice.roll(told.len() as u64) as usize].clone()).unwrap_or_default();
            }
            _ => {}
        }
        // What answers called so, of the same customer: mostly the newest.
        let told = self.customer.map(|customer| customer.told(name)).unwrap_or_default();
        if !told.is_empty() {
            let at = self.dice.roll(2) * self.dice.roll(told.len() as u64);
            return told[at as usize].clone();
        }
        (*one_of(self.dice, &["window", "a word of theirs", "Ana", "by the lake"])).to_owned()
    }

    fn identity(&mut self, kind: &MessageDescriptor) -> DynamicMessage {
        let own = self.customer.map(|customer| &customer.identities).filter(|own| !own.is_empty());
        if let Some(own) = own.filter(|_| self.dice.roll(2) == 0) {
            return own[self.dice.roll(own.len() as u64) as usize].clone();
        }
        let number = self.dice.roll(1_000_000);
        let identity = match self.dice.roll(4) {
            0 => identity(IdentityType::Email, &format!("guest{number}@example.com")),
            1 => identity(IdentityType::Phone, &format!("+4179{number:07}")),
            _ => loyalty(&format!("C-{number}")),
        };
        same(kind, &identity)
    }
}

/// A policy under which the manager may do everything, however often, and others may propose it.
pub fn policy_of_all() -> Policy {
    let mut policy = giving();
    for role in &mut policy.roles {
        let is_manager = role.role_id == "manager";
        (role.sees_value, role.sees_bars) = (is_manager, is_manager);
        role.gesture_type_ids = vec!["*".to_owned()];
        for authority in &mut role.authorities {
            authority.per_gesture_minor_units = if is_manager { PLENTY } else { 0 };
            (authority.per_guest_minor_units, authority.per_incident_minor_units) = (PLENTY, PLENTY);
            authority.per_day_minor_units = PLENTY;
        }
    }
    for money in policy.budgets.iter_mut().filter_map(|budget| budget.monthly.as_mut()) {
        money.minor_units = PLENTY;
    }
    policy
}

fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("later").as_secs() as i64
}

/// The day of a second, in UTC.
fn date(seconds: i64) -> String {
    let moment = jiff::Timestamp::from_second(seconds).expect("a time");
    moment.to_string()[..10].to_owned()
}

/// A message as its dynamic twin.
pub fn same(kind: &MessageDescriptor, message: &impl prost::Message) -> DynamicMessage {
    DynamicMessage::decode(kind.clone(), message.encode_to_vec().as_slice()).expect("the same message")
}

fn seconds(kind: &MessageDescriptor, seconds: i64) -> DynamicMessage {
    let mut message = DynamicMessage::new(kind.clone());
    message.set_field_by_name("seconds", Value::I64(seconds));
    message
}
