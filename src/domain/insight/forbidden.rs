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
    bans: Vec<Ban<'a>>,
    /// What the customer keeps away from.
    disliked: Vec<(Name, &'a Preference)>,
    /// A precaution about food is not understood: it may be about anything that is eaten.
    everything_edible: bool,
}

/// A name that forbids what has its words in a row, in the singular or the plural: the roots of its words.
struct Name(Vec<(String, bool)>);

/// A precaution about food or drink.
struct Ban<'a> {
    precaution: &'a Precaution,
    /// What it is about: "LACTOSE" of "LACTOSE_FREE".
    code: &'a str,
    /// The code as a name. `None`: the name of a diet forbids nothing.
    name: Option<Name>,
    /// By its code and by its words.
    forbids: Forbids,
    /// By its words alone: no venue vouches for them.
    told: Substances,
    is_diet: bool,
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
    /// From active precautions, the most critical first, and from what the customer keeps away from. The first precaution
    /// that speaks against something is the one that is named.
    pub fn of(
        precautions: impl Iterator<Item = &'a Precaution>,
        disliked: impl Iterator<Item = &'a Preference>,
    ) -> Self {
        let mut forbidden = Self::default();
        for known in precautions {
            if let Some(ban) = Ban::of(known) {
                forbidden.substances |= ban.forbids.substances;
                forbidden.everything_edible |= !ban.understood;
                forbidden.bans.push(ban);
            }
        }
        forbidden.disliked = disliked.filter_map(|known| Some((Name::of(&known.subject.item)?, known))).collect();
        forbidden
    }

    /// Whether an item may hold something forbidden, as far as names tell; and while a precaution is not understood, whether
    /// it may be food or drink at all.
    pub fn covers(&self, item: &str, category: &str) -> bool {
        (self.everything_edible && edible::may_be(item, category)) || self.tells_of(item, category)
    }

    /// The same of a preference, whose situation is said beside its item: "ice cream (with almonds)".
    pub fn covers_preference(&self, known: &Preference) -> bool {
        let subject = &known.subject;
        let situation = subject.situation.as_str();
        self.covers(&subject.item, &subject.category)
            || (!situation.is_empty()
                && ((self.everything_edible && edible::is_named_in_situation(situation)) || self.is_told_by(situation)))
    }

    fn tells_of(&self, item: &str, category: &str) -> bool {
        [item, category].into_iter().any(|text| self.is_told_by(text))
    }

    fn is_told_by(&self, text: &str) -> bool {
        let names = self.bans.iter().filter_map(|ban| ban.name.as_ref());
        let names = names.chain(self.disliked.iter().map(|(name, _)| name)).map(|name| (name, ()));
        (self.substances != 0 && substances::told_by(text) & self.substances != 0) || find_name(names, text).is_some()
    }

    /// What a precaution says against something of which the name alone is known: what the name tells of, else that nobody
    /// knows what it contains.
    pub fn against_name(&self, name: &str) -> Option<Ground<'a>> {
        let told = self.bans.iter().find_map(|ban| ban.told_by(name));
        let unknown = || self.bans.iter().find(|ban| ban.about_food).map(|ban| Ground::UnknownContents(ban.precaution));
        told.or_else(unknown)
    }

    /// What a precaution says against a type of gesture, whose contents are codes.
    pub fn against_precautions<'b>(&self, kind: &'b GestureType) -> Option<Ground<'b>>
    where
        'a: 'b,
    {
        self.bans.iter().find_map(|ban| ban.against(kind))
    }

    /// The same, and what the customer does not want.
    pub fn against<'b>(&self, kind: &'b GestureType) -> Option<Ground<'b>>
    where
        'a: 'b,
    {
        self.against_precautions(kind).or_else(|| {
            let mut texts = std::iter::once(&kind.display_name).chain(&kind.appeals_to);
            let disliked = || self.disliked.iter().map(|(name, known)| (name, *known));
            texts.find_map(|text| find_name(disliked(), text)).map(Ground::Disliked)
        })
    }
}

impl<'a> Ban<'a> {
    /// `None`: it is not about food or drink.
    fn of(precaution: &'a Precaution) -> Option<Self> {
        let reported = &precaution.reported;
        let is_diet = match reported.kind {
            PrecautionKind::Diet => true,
            PrecautionKind::Abstention => substances::is_diet(&reported.code),
            PrecautionKind::Allergy | PrecautionKind::Intolerance => false,
            PrecautionKind::Accessibility | PrecautionKind::Topic => return None,
        };
        // "Vegan burger" is for vegans: the name of a diet forbids nothing.
        let is_named = !is_diet || reported.code.starts_with("NO_") || reported.code.ends_with("_FREE");
        let code = subject(&reported.code);
        // "Shellfish, and traces" in the words of another code counts too.
        let told = substances::related_to(substances::told_by(&reported.text));
        let mut forbids = substances::forbidden_by(code);
        forbids.substances |= told;
        Some(Self {
            precaution,
            code,
            name: is_named.then(|| Name::of(code)).flatten(),
            forbids,
            told,
            is_diet,
            understood: is_understood(precaution),
            about_food: precaution.is_about_food() || forbids.substances != 0,
        })
    }

    fn against<'b>(&self, kind: &'b GestureType) -> Option<Ground<'b>>
    where
        'a: 'b,
    {
        let Contents::Known(contents) = &kind.contents else {
            return self.about_food.then_some(Ground::UnknownContents(self.precaution));
        };
        if self.is_vouched_for(kind) {
            // Vouched for is the diet, not what the customer said besides: "vegan, allergic to almonds".
            let content = if contents.is_empty() {
                substances::code_of(substances::told_by(&kind.display_name) & self.told)
            } else {
                let hit = contents.iter().find(|content| substances::of_content(content) & self.told != 0);
                hit.map(String::as_str)
            };
            return content.map(|content| Ground::Contains(self.precaution, content));
        }
        if contents.is_empty() {
            let name = &kind.display_name;
            let not_understood = || (!self.understood && edible::is_named(name)).then_some(self.precaution);
            return self.told_by(name).or_else(|| not_understood().map(Ground::NotUnderstood));
        }
        // A diet that the table does not know may speak against anything.
        let is_strange_diet = self.is_diet && !self.forbids.is_known && self.forbids.substances == 0;
        let forbidden = self.forbids.substances | self.forbids.unless_vouched;
        let hit = contents.iter().find(|content| {
            is_strange_diet || *content == self.code || substances::of_content(content) & forbidden != 0
        });
        let not_understood = || (!self.understood).then_some(self.precaution);
        hit.map(|content| Ground::Contains(self.precaution, content))
            .or_else(|| not_understood().map(Ground::NotUnderstood))
    }

    /// Whether the venue vouches that a type fits the diet.
    fn is_vouched_for(&self, kind: &GestureType) -> bool {
        let fits = |vouched: &String| substances::diet_fits(&self.precaution.reported.code, vouched);
        self.is_diet && kind.suits_diets.iter().any(fits)
    }

    /// What the words of a name tell of that it forbids.
    fn told_by(&self, name: &str) -> Option<Ground<'a>> {
        let forbidden = self.forbids.substances | self.forbids.unless_vouched;
        let told = if forbidden == 0 { 0 } else { substances::told_by(name) & forbidden };
        let own = || find_name(self.name.iter().map(|own| (own, self.code)), name);
        substances::code_of(told).or_else(own).map(|content| Ground::Contains(self.precaution, content))
    }
}

impl Name {
    /// `None`: it has no words.
    fn of(name: &str) -> Option<Self> {
        let lower = name.to_lowercase();
        let roots: Vec<(String, bool)> = roots(&lower).map(|(root, ended)| (root.to_owned(), ended)).collect();
        (!roots.is_empty()).then_some(Self(roots))
    }
}

fn roots(lower: &str) -> impl Iterator<Item = (&str, bool)> {
    stems::stems(lower).into_iter().map(stems::root)
}

/// Whether it is understood what a precaution is about. One about food that is not may be about anything that is eaten;
/// its words help, and do not decide: they may name one substance of several.
pub(in crate::domain) fn is_understood(precaution: &Precaution) -> bool {
    !precaution.is_about_food() || substances::is_understood(subject(&precaution.reported.code))
}

/// What stands beside the first of some names that a text has.
fn find_name<'n, T>(names: impl Iterator<Item = (&'n Name, T)> + Clone, text: &str) -> Option<T> {
    // Most texts have no word that begins like a name; only of others are the roots made.
    let begins = |word: &[u8]| names.clone().any(|(name, _)| begins_with(word, &name.0[0].0));
    if names.clone().next().is_none() || (text.is_ascii() && !ascii_words(text).any(begins)) {
        return None;
    }
    let text = text.to_lowercase();
    let roots: Vec<(&str, bool)> = roots(&text).collect();
    let is_row = |row: &[(&str, bool)], name: &Name| {
        row.iter().zip(&name.0).all(|(one, (root, ended))| *one == (root.as_str(), *ended))
    };
    let mut names = names;
    names.find(|(name, _)| roots.windows(name.0.len()).any(|row| is_row(row, name))).map(|(_, of)| of)
}

/// The words of a text that is ASCII.
fn ascii_words(text: &str) -> impl Iterator<Item = &[u8]> {
    text.as_bytes().split(|byte| !byte.is_ascii_alphanumeric())
}

/// Whether a word begins like another, whatever its capitals.
fn begins_with(word: &[u8], lower: &str) -> bool {
    word.get(..lower.len()).is_some_and(|start| start.eq_ignore_ascii_case(lower.as_bytes()))
}
