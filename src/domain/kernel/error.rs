//! What the domain answers when something cannot be.

/// A value that breaks a rule of its field. Never holds the value itself: it may be personal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The field's path within the message, proto names, for example `customer.identities[2].value`.
    pub field: String,
    /// What is wrong and what would be right, in words.
    pub message: String,
    /// Another field of the same message that contradicts it, and what is wrong there.
    pub beside: Option<(&'static str, &'static str)>,
}

impl Violation {
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), message: message.into(), beside: None }
    }

    /// The same of two fields that contradict each other: the other one stands in the same message.
    #[must_use]
    pub fn beside(self, field: &'static str, message: &'static str) -> Self {
        Self { beside: Some((field, message)), ..self }
    }

    /// Each field at fault by its path, with what is wrong there.
    pub fn each(&self) -> impl Iterator<Item = (String, &str)> {
        let outer = self.field.rfind('.').map_or("", |at| &self.field[..=at]);
        let other = self.beside.map(|(field, message)| ([outer, field].concat(), message));
        std::iter::once((self.field.clone(), self.message.as_str())).chain(other)
    }

    /// The same violation seen from the message around it.
    #[must_use]
    pub fn within(mut self, outer: &str) -> Self {
        match (outer, self.field.as_str()) {
            ("", _) => {}
            (_, "") => outer.clone_into(&mut self.field),
            _ => self.field = format!("{outer}.{}", self.field),
        }
        self
    }
}

/// A change that is well formed, but that this profile cannot take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The profile holds as many as it may. `what` is plural, for example "preferences".
    LimitReached { what: &'static str, max: usize },
    /// The profile has no such part. `what` is singular, for example "precaution".
    Missing { what: &'static str },
    /// The profile has it already, and having it twice would mean nothing. `field` is the request's field.
    Duplicate { what: &'static str, field: &'static str },
    /// A precaution of high criticality is taken out of service by a second person only, and a death is confirmed by one.
    SecondPersonNeeded,
    /// What is said again has no room beside the words on record.
    NoRoomForText { max: usize },
    /// A pregnancy that is over was said again, and nobody said that it is another.
    PregnancyOver,
    /// It is not active any more, so it cannot be reviewed or ended.
    NotActive { what: &'static str },
    /// A household is several people: it must be said who is meant.
    WhomOfSeveral,
    /// No occasion and no precaution names this person.
    NobodyNamed,
    /// Nothing is promised to somebody who has died.
    Deceased,
    /// Nothing is promised to somebody who is barred.
    Barred,
    /// This takes a member of staff who is named to the server.
    StaffNotNamed,
    /// The day of somebody who is marked as deceased stays theirs: under another name it would be celebrated.
    OfTheDead,
    /// Nothing is celebrated of somebody who has died: whoever adds their day would wait for it in vain.
    DayOfTheDead,
    /// Only a resolved issue can be opened again.
    NotResolved,
}
