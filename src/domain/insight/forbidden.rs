//! What one customer must not be served or given: precautions, dislikes and refusals, against names and against codes.

use super::{
    edible,
    substances::{self, Forbids, Substances},
};
use crate::domain::{
    kernel::stems,
    parts::{
        precaution::{Precaution, PrecautionKind},
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
    /// What the customer keeps away from; `None`: a precaution, which codes tell of better.
    disliked: Option<&'a Preference>,
}

/// A precaution about food or drink.
struct Ban<'a> {
    precaution: &'a Precaution,
    /// What it is about: "LACTOSE" of "LACTOSE_FREE".
    code: &'a str,
    forbids: Forbids,
    understood: bool,
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
            forbidden.add_name(&known.subject.item, Some(known));
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
        self.bans.push(Ban { precaution, code, forbids, understood });
        if named {
            self.add_name(code, None);
        }
    }

    fn add_name(&mut self, name: &str, disliked: Option<&'a Preference>) {
        let stems: Vec<String> = stems::stems(&name.to_lowercase()).into_iter().map(str::to_owned).collect();
        if !stems.is_empty() {
            self.names.push(Name { stems, disliked });
        }
    }

    /// Whether an item may hold something forbidden, as far as names tell; and while a precaution is not understood, whether
    /// it may be food or drink at all.
    pub fn covers(&self, item: &str, category: &str) -> bool {
        (self.everything_edible && edible::may_be(item, category)) || self.tells_of(item, category)
    }

    fn tells_of(&self, item: &str, category: &str) -> bool {
        [item, category].into_iter().any(|text| {
            (self.substances != 0 && substances::told_by(text) & self.substances != 0)
                || find_name(self.names.iter(), text).is_some()
        })
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
            let texts = std::iter::once(&kind.display_name).chain(&kind.appeals_to);
            let disliked = || self.names.iter().filter(|name| name.disliked.is_some());
            let mut found = texts.filter_map(|text| find_name(disliked(), text));
            found.next().and_then(|name| name.disliked).map(Ground::Disliked)
        })
    }
}

impl<'a> Ban<'a> {
    fn against<'b>(&self, kind: &'b GestureType) -> Option<Ground<'b>>
    where
        'a: 'b,
    {
        let Contents::Known(contents) = &kind.contents else {
            return Some(Ground::UnknownContents(self.precaution));
        };
        let reported = &self.precaution.reported;
        let is_diet = reported.kind == PrecautionKind::Diet;
        if is_diet && kind.suits_diets.iter().any(|vouched| substances::diet_fits(&reported.code, vouched)) {
            return None;
        }
        // A diet that the table does not know may speak against anything.
        let is_strange_diet = is_diet && !self.forbids.is_known && self.forbids.substances == 0;
        let forbidden = self.forbids.substances | self.forbids.unless_vouched;
        let hit = contents.iter().find(|content| {
            is_strange_diet || *content == self.code || substances::of_content(content) & forbidden != 0
        });
        let not_understood = || (!self.understood && !contents.is_empty()).then_some(self.precaution);
        hit.map(|content| Ground::Contains(self.precaution, content))
            .or_else(|| not_understood().map(Ground::NotUnderstood))
    }
}

/// What a precaution's code is about: "NO_PORK" and "LACTOSE_FREE" are about pork and lactose.
fn subject(code: &str) -> &str {
    let code = code.strip_prefix("NO_").unwrap_or(code);
    code.strip_suffix("_FREE").unwrap_or(code)
}

/// Whether it is understood what a precaution is about. One about food that is not may be about anything that is eaten;
/// its words help, and do not decide: they may name one substance of several.
pub(in crate::domain) fn is_understood(precaution: &Precaution) -> bool {
    let code = subject(&precaution.reported.code);
    !precaution.reported.kind.is_about_food()
        || substances::is_understood(code)
        || edible::is_about_something_else(code)
}

fn find_name<'n, 'a: 'n>(names: impl Iterator<Item = &'n Name<'a>> + Clone, text: &str) -> Option<&'n Name<'a>> {
    // Most texts have no word that begins like a name; only of others are the stems made.
    let begins = |word: &[u8]| names.clone().any(|name| begins_with(word, &name.stems[0]));
    if names.clone().next().is_none() || (text.is_ascii() && !ascii_words(text).any(begins)) {
        return None;
    }
    let text = text.to_lowercase();
    let stems = stems::stems(&text);
    let mut names = names;
    names.find(|name| stems.windows(name.stems.len()).any(|row| row == name.stems))
}

/// The words of a text that is ASCII.
fn ascii_words(text: &str) -> impl Iterator<Item = &[u8]> {
    text.as_bytes().split(|byte| !byte.is_ascii_alphanumeric())
}

/// Whether a word begins like another, whatever its capitals.
fn begins_with(word: &[u8], lower: &str) -> bool {
    word.get(..lower.len()).is_some_and(|start| start.eq_ignore_ascii_case(lower.as_bytes()))
}
