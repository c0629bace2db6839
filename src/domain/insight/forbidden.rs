//! What one customer must not be served or given: precautions, dislikes and refusals, against names and against codes.

use super::{
    edible,
    substances::{self, Forbids, Substances},
};
use crate::domain::{
    kernel::stems,
    parts::{
        precaution::{Precaution, PrecautionKind, subject},
        preference::Preference,
    },
    policy::catalogue::{Contents, GestureType},
};

/// Everything that must not be suggested to one customer here.
#[derive(Default)]
pub(in crate::domain) struct Forbidden<'a> {
    /// What the names of items must not tell of.
    substances: Substances,
    names: Vec<Name<'a>>,
    bans: Vec<Ban<'a>>,
    /// A precaution about food is not understood: it may be about anything that is eaten.
    everything_edible: bool,
}

/// A name that forbids what has its words in a row.
struct Name<'a> {
    stems: Vec<String>,
    /// Bytes of the first stem that its singular and its plural have in common.
    begins: usize,
    source: Source<'a>,
}

/// Who says a name.
#[derive(Clone, Copy)]
enum Source<'a> {
    /// Codes tell of it better, where there are codes.
    Precaution(&'a Precaution),
    /// The customer keeps away from it.
    Disliked(&'a Preference),
}

/// A precaution about food or drink.
struct Ban<'a> {
    precaution: &'a Precaution,
    /// What it is about: "LACTOSE" of "LACTOSE_FREE".
    code: &'a str,
    forbids: Forbids,
    understood: bool,
    /// False: it is known to be about nothing that is eaten, as feathers are.
    about_food: bool,
}

/// What speaks against giving something.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::domain) enum Ground<'a> {
    /// It contains this, or may.
    Contains(&'a Precaution, &'a str),
    /// Its contents are not known.
    UnknownContents(&'a Precaution),
    /// The precaution's code is not understood.
    NotUnderstood(&'a Precaution),
    Disliked(&'a Preference),
}

impl<'a> Forbidden<'a> {
    /// From active precautions, and from what the customer keeps away from.
    pub fn of(
        precautions: impl Iterator<Item = &'a Precaution>,
        disliked: impl Iterator<Item = &'a Preference>,
    ) -> Self {
        let mut forbidden = Self::default();
        for known in precautions {
            let reported = &known.reported;
            match reported.kind {
                PrecautionKind::Allergy | PrecautionKind::Intolerance | PrecautionKind::Abstention => {
                    forbidden.add(known, true);
                }
                // "Vegan burger" is for vegans: the name of a diet forbids nothing.
                PrecautionKind::Diet => {
                    let named = reported.code.starts_with("NO_") || reported.code.ends_with("_FREE");
                    forbidden.add(known, named);
                }
                PrecautionKind::Accessibility | PrecautionKind::Topic => {}
            }
        }
        for known in disliked {
            forbidden.add_name(&known.subject.item, Source::Disliked(known));
        }
        forbidden
    }

    fn add(&mut self, precaution: &'a Precaution, named: bool) {
        let code = subject(&precaution.reported.code);
        let mut forbids = substances::forbidden_by(code);
        // "Shellfish, and traces" in the words of another code counts too.
        forbids.substances |= substances::related_to(substances::told_by(&precaution.reported.text));
        self.substances |= forbids.substances;
        let understood = is_understood(precaution);
        self.everything_edible |= !understood;
        let about_food = precaution.is_about_food() || forbids.substances != 0;
        self.bans.push(Ban { precaution, code, forbids, understood, about_food });
        if named {
            self.add_name(code, Source::Precaution(precaution));
        }
    }

    fn add_name(&mut self, name: &str, source: Source<'a>) {
        let stems: Vec<String> = stems::stems(&name.to_lowercase()).into_iter().map(str::to_owned).collect();
        if let Some(first) = stems.first() {
            let begins = stems::root(first).0.len();
            self.names.push(Name { stems, begins, source });
        }
    }

    /// Whether an item may hold something forbidden, as far as names tell; and while a precaution is not understood, whether
    /// it may be food or drink at all.
    pub fn covers(&self, item: &str, category: &str) -> bool {
        (self.everything_edible && edible::may_be(item, category)) || self.tells_of(item, category)
    }

    /// The same of a preference, whose situation is said beside its item: "ice cream (with almonds)".
    pub fn covers_preference(&self, known: &Preference) -> bool {
        let subject = &known.subject;
        self.covers(&subject.item, &subject.category)
            || (!subject.situation.is_empty() && self.is_told_by(&subject.situation))
    }

    fn tells_of(&self, item: &str, category: &str) -> bool {
        [item, category].into_iter().any(|text| self.is_told_by(text))
    }

    fn is_told_by(&self, text: &str) -> bool {
        (self.substances != 0 && substances::told_by(text) & self.substances != 0)
            || find_name(self.names.iter(), text).is_some()
    }

    /// What a precaution says against something of which the name alone is known: what the name tells of, else that nobody
    /// knows what it contains.
    pub fn against_name(&self, name: &str) -> Option<Ground<'a>> {
        let told = self.bans.iter().find_map(|ban| ban.told_by(name, &self.names));
        let unknown = || self.bans.iter().find(|ban| ban.about_food).map(|ban| Ground::UnknownContents(ban.precaution));
        told.or_else(unknown)
    }

    /// What a precaution says against a type of gesture, whose contents are codes.
    pub fn against_precautions<'b>(&self, kind: &'b GestureType) -> Option<Ground<'b>>
    where
        'a: 'b,
    {
        self.bans.iter().find_map(|ban| ban.against(kind, &self.names))
    }

    /// The same, and what the customer does not want.
    pub fn against<'b>(&self, kind: &'b GestureType) -> Option<Ground<'b>>
    where
        'a: 'b,
    {
        self.against_precautions(kind).or_else(|| {
            let texts = std::iter::once(&kind.display_name).chain(&kind.appeals_to);
            let disliked = || self.names.iter().filter(|name| matches!(name.source, Source::Disliked(_)));
            texts.filter_map(|text| find_name(disliked(), text)).find_map(|name| match name.source {
                Source::Disliked(known) => Some(Ground::Disliked(known)),
                Source::Precaution(_) => None,
            })
        })
    }
}

impl<'a> Ban<'a> {
    fn against<'b>(&self, kind: &'b GestureType, names: &[Name<'a>]) -> Option<Ground<'b>>
    where
        'a: 'b,
    {
        let Contents::Known(contents) = &kind.contents else {
            return self.about_food.then_some(Ground::UnknownContents(self.precaution));
        };
        let reported = &self.precaution.reported;
        let is_diet = reported.kind == PrecautionKind::Diet;
        if is_diet && kind.suits_diets.iter().any(|vouched| substances::diet_fits(&reported.code, vouched)) {
            return None;
        }
        if contents.is_empty() {
            let name = &kind.display_name;
            let not_understood = || (!self.understood && edible::is_named(name)).then_some(self.precaution);
            return self.told_by(name, names).or_else(|| not_understood().map(Ground::NotUnderstood));
        }
        // A diet that the table does not know may speak against anything.
        let is_strange_diet = is_diet && !self.forbids.is_known && self.forbids.substances == 0;
        let forbidden = self.forbids.substances | self.forbids.unless_vouched;
        let hit = contents.iter().find(|content| {
            is_strange_diet || *content == self.code || substances::of_content(content) & forbidden != 0
        });
        let not_understood = || (!self.understood).then_some(self.precaution);
        hit.map(|content| Ground::Contains(self.precaution, content))
            .or_else(|| not_understood().map(Ground::NotUnderstood))
    }

    /// What the words of a name tell of that it forbids.
    fn told_by(&self, name: &str, names: &[Name<'a>]) -> Option<Ground<'a>> {
        let forbidden = self.forbids.substances | self.forbids.unless_vouched;
        let told = if forbidden == 0 { 0 } else { substances::told_by(name) & forbidden };
        let is_own =
            |name: &&Name<'a>| matches!(name.source, Source::Precaution(known) if std::ptr::eq(known, self.precaution));
        let content =
            substances::code_of(told).or_else(|| find_name(names.iter().filter(is_own), name).map(|_| self.code));
        content.map(|content| Ground::Contains(self.precaution, content))
    }
}

/// Whether it is understood what a precaution is about. One about food that is not may be about anything that is eaten;
/// its words help, and do not decide: they may name one substance of several.
pub(in crate::domain) fn is_understood(precaution: &Precaution) -> bool {
    !precaution.is_about_food() || substances::is_understood(subject(&precaution.reported.code))
}

fn find_name<'n, 'a: 'n>(names: impl Iterator<Item = &'n Name<'a>> + Clone, text: &str) -> Option<&'n Name<'a>> {
    // Most texts have no word that begins like a name; only of others are the stems made.
    let begins = |word: &[u8]| names.clone().any(|name| begins_with(word, &name.stems[0][..name.begins]));
    if names.clone().next().is_none() || (text.is_ascii() && !ascii_words(text).any(begins)) {
        return None;
    }
    let text = text.to_lowercase();
    let stems = stems::stems(&text);
    let mut names = names;
    let is_row =
        |row: &[&str], name: &Name<'_>| row.iter().zip(&name.stems).all(|(one, other)| stems::is_same_word(one, other));
    names.find(|name| stems.windows(name.stems.len()).any(|row| is_row(row, name)))
}

/// The words of a text that is ASCII.
fn ascii_words(text: &str) -> impl Iterator<Item = &[u8]> {
    text.as_bytes().split(|byte| !byte.is_ascii_alphanumeric())
}

/// Whether a word begins like another, whatever its capitals.
fn begins_with(word: &[u8], lower: &str) -> bool {
    word.get(..lower.len()).is_some_and(|start| start.eq_ignore_ascii_case(lower.as_bytes()))
}
