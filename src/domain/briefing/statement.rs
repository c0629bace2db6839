//! A statement: one thing that staff should know. Its words are made from this, outside the domain.

use jiff::civil::{Date, DateTime};

use super::codes::Code;
use crate::domain::{
    gate::{Ask, Cleared},
    kernel::{money::Money, time::Timestamp},
    parts::{
        occasion::OccasionKind,
        precaution::{Criticality, PrecautionKind},
    },
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tact {
    Say,
    ActQuietly,
    NeverMention,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Text(String),
    Number(i64),
    Ratio(f64),
    Time(Timestamp),
    Money(Money),
    /// Something that is proposed.
    Item(Cleared<String>),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// Stable, for programs: `PRECAUTION_ALLERGY`.
    pub code: Code,
    pub parameters: Vec<(&'static str, Value)>,
    pub basis: Basis,
    pub form: Form,
    pub tact: Tact,
}

/// How much room a statement has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// In its section: a sentence.
    Section,
    /// In the headline: a line.
    Headline,
}

/// What a statement rests on: why it is made, and facts that the parameters do not hold. Dates are those on the venue's
/// calendar.
#[derive(Debug, Clone, PartialEq)]
pub enum Basis {
    /// An entry of the profile, as it was recorded.
    Recorded {
        on: Date,
        by: String,
    },
    /// A precaution, with its last review.
    Precaution {
        on: Date,
        by: String,
        review: Option<(Date, String)>,
    },
    /// One of the precautions of so many customers who share an identity.
    OfOneOf(usize),
    /// The most critical of several precautions; `more`: how many there are besides.
    MostCritical {
        more: usize,
    },
    /// What precautions find in a line of the basket.
    InLine(Vec<InLine>),
    /// All lines that must not be served, each with a substance.
    Lines(Vec<(LineName, String)>),
    /// What is to be asked about lines that are declared.
    Asks {
        asks: Vec<Asked>,
        /// The precautions for which it is asked; none: it is not told.
        found: Vec<InLine>,
        /// What is asked once about several lines: those. It is rare, and every statement has room for it.
        of: Option<Box<NamedLines>>,
        /// In the headline: how many different lines are open besides this.
        others: usize,
    },
    /// Lines that are not declared.
    NobodyDeclared(NamedLines),
    /// Lines that are not declared, and others about which something is to be asked; whether of the customer too.
    Open(NamedLines, bool),
    /// Said with the request.
    SaidNow,
    /// Allergies and intolerances that are life-threatening, or must be taken for it.
    LifeThreatening {
        /// Code and words of each, and whose it is.
        of: Vec<(String, String, String)>,
        /// Of all it is known.
        surely: bool,
        /// Precautions in all.
        all: usize,
    },
    /// A bar holds until that day.
    Barred {
        until: Date,
    },
    NobodyAsked,
    /// The store is not fit: whoever is here may have any precaution.
    RecordsUnreadable,
    NobodyKnown,
    OneNeverAsked,
    /// Something about food is listed, and nobody has asked what else there is.
    OthersNeverAsked,
    /// A household: whoever is here today may be somebody else than the one who answered.
    SeveralPeople,
    /// The customer has died: somebody else is here.
    SomebodyElse,
    /// Something that was recorded with the last answer has ended, or was taken back.
    AnswerOutdated,
    /// Asked on this day, and named none.
    Asked(Date),
    /// Asked last on this day, long ago.
    LastAnswer(Date),
    /// What was heard and seen of a preference.
    Evidence {
        stated: u32,
        observed: u32,
        inferred: u32,
        refused: u32,
        latest: Date,
    },
    NameOnRecord,
    NameWished,
    NotedWithName,
    LanguageOnRecord,
    Household,
    NoVisit,
    /// Counted from what was reported; the day of the last.
    Visits {
        last: Date,
    },
    /// Usual days between two visits; `None`: they came once.
    Interval(Option<f64>),
    /// An occasion that is kept on `next`; `moved`: a leap day, kept on the day before.
    Occasion {
        on: Date,
        by: String,
        next: Date,
        moved: bool,
    },
    Opened {
        on: Date,
        by: String,
    },
    Promised(Box<Promise>),
    SharedIdentity,
    NoName,
    NoDecision,
    /// A precaution that nobody has verified.
    Unverified {
        kind: PrecautionKind,
        criticality: Criticality,
    },
    Bought {
        usually: bool,
        cell: u8,
        last: Date,
        due: bool,
    },
    /// What others buy: beside what is in the basket, or here.
    Others {
        beside_basket: bool,
    },
    /// A gesture given so many times lately that they count on it.
    Given {
        name: Cleared<String>,
        last: Date,
    },
    Suggested {
        name: Cleared<String>,
        because: Because,
    },
}

/// What a precaution finds in a line of the basket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InLine {
    pub kind: PrecautionKind,
    pub code: String,
    /// Its words, where its code says nothing by itself.
    pub words: String,
    /// Empty: the customer's own.
    pub of_whom: String,
    pub criticality: Criticality,
    /// The code of what the line contains, or may.
    pub substance: String,
    /// It is its name that tells.
    pub is_named: bool,
    /// It may contain it.
    pub is_trace: bool,
    /// The precaution is never mentioned.
    pub is_quiet: bool,
}

/// How staff know a line of the basket.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LineName {
    /// Empty: not said.
    pub seat: String,
    /// How many of it are ordered, in equal lines together.
    pub times: usize,
    /// By its name, with what is added to it.
    pub item: String,
    /// What is put in another thing's place, with commas between; empty: nothing.
    pub put_in: String,
    /// What of that which is left out it takes the place of; empty: nobody says.
    pub in_place_of: String,
    /// What is left out of it that somebody may not have, with commas between; empty: nothing.
    pub left_out: String,
    /// What the order leaves out in words of which nobody can tell what they take away, as the till writes them.
    pub unclear: String,
}

/// Lines by their names, in the order of the basket.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NamedLines {
    /// The first of them.
    pub named: Vec<LineName>,
    /// How many different ones there are.
    pub all: usize,
}

impl NamedLines {
    /// More names than a sentence has room for: of the shortest ones too.
    pub const MAX: usize = 40;
}

/// One thing to ask about a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub ask: Ask,
    /// The code of what it is about; empty: the precaution's code is not understood.
    pub substance: String,
    /// The code of the precaution, where the question is about it; empty: it is not, or is not told.
    pub code: String,
    /// The precaution's words, where its code says nothing by itself.
    pub words: String,
}

/// What was promised.
#[derive(Debug, Clone, PartialEq)]
pub struct Promise {
    pub what: Promised,
    pub by: String,
    /// On the venue's clock.
    pub due: DateTime,
}

/// Something promised: to be kept, or to be stopped.
#[derive(Debug, Clone, PartialEq)]
pub enum Promised {
    Keep(Cleared<String>),
    /// Its words, and what speaks against it.
    Stop(String, WhyStopped),
    /// The same of words that deny: they may say themselves that it is not to be served.
    NotServed(String, WhyStopped),
}

/// Why something promised must not be delivered.
#[derive(Debug, Clone, PartialEq)]
pub enum WhyStopped {
    Precaution(Conflict),
    /// For a substance, as a code; empty: it is not one.
    TooYoung(&'static str),
    FetchManager,
    /// What it celebrates is kept quiet by now, or is not on record any more.
    NotCelebrated,
}

/// A precaution that something speaks against.
#[derive(Debug, Clone, PartialEq)]
pub struct Conflict {
    /// Staff act on it without a word, and are not told which precaution it is.
    pub is_never_mentioned: bool,
    pub kind: PrecautionKind,
    pub code: String,
    /// Its words, where its code says nothing by itself.
    pub words: String,
    /// Empty: the customer's own.
    pub of_whom: String,
    pub criticality: Criticality,
    pub how: Danger,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Danger {
    /// The code of a substance in it.
    Contains(String),
    /// The code of a substance that its words name.
    Named(String),
    /// The same of words that deny twice, and may order it.
    Ordered(String),
    UnknownContents,
    NotUnderstood,
}

/// What speaks most for a gesture.
#[derive(Debug, Clone, PartialEq)]
pub enum Because {
    /// The cause of the issue that it makes good.
    MakesGood(String),
    Occasion {
        kind: OccasionKind,
        label: String,
        of_whom: String,
    },
    /// What they like.
    Taste(Cleared<String>),
    Fresh,
}
