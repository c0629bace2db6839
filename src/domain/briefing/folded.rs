//! Lines of a basket as staff are told of them: equal ones at one seat once, with how many there are.

use super::statement::{InLine, LineName, Value};
use crate::domain::{
    gate::{Finding, LineCheck, LineState, ToldBy, is_plainly_left_out},
    insight::substances,
    moment::question::Question,
    parts::{basket::BasketLine, precaution::Precaution},
};

/// Equal lines, of which the first stands for all.
#[derive(Clone, Copy)]
pub(super) struct Folded<'c, 'g> {
    pub check: &'c LineCheck<'g>,
    /// How many lines they are.
    pub lines: usize,
    /// How many of it is ordered.
    pub times: usize,
}

/// The lines that were checked, equal ones at one seat together, each where the first of them stands. An item is the same by its id, by
/// its name, and whatever its capitals and hyphens.
pub(super) fn folded<'c, 'g>(checks: &'c [LineCheck<'g>], question: &Question<'_>) -> Vec<Folded<'c, 'g>> {
    let mut all: Vec<Folded<'c, 'g>> = Vec::with_capacity(checks.len());
    let mut hashes: Vec<u64> = Vec::with_capacity(checks.len());
    for check in checks {
        let line = &question.lines[check.index];
        // As many as the till says; one, if it says nothing.
        let times = usize::try_from(line.quantity).unwrap_or(usize::MAX).max(1);
        let hash = hash_of(line, question);
        // What cannot be read may be anything: two such lines need not be equal. And what is written otherwise may be known otherwise.
        let is_equal = |known: &Folded<'_, '_>| {
            let other = &question.lines[known.check.index];
            !other.is_garbled && is_equal(line, other, question) && known.check.is_same(check)
        };
        let place = (0..all.len()).find(|at| hashes[*at] == hash && !line.is_garbled && is_equal(&all[*at]));
        match place.map(|place| &mut all[place]) {
            Some(known) => {
                known.lines += 1;
                known.times = known.times.saturating_add(times);
            }
            None => {
                all.push(Folded { check, lines: 1, times });
                hashes.push(hash);
            }
        }
    }
    all
}

/// The letters of a name of which neither capitals nor hyphens matter.
fn letters(text: &str) -> impl Iterator<Item = char> {
    text.chars().flat_map(char::to_lowercase).map(|char| if char == '-' { ' ' } else { char })
}

fn texts(line: &BasketLine) -> impl Iterator<Item = (u8, &String)> {
    let of = |kind: u8, texts| std::iter::repeat(kind).zip(texts);
    std::iter::once((0, &line.item))
        .chain(of(1, &line.added))
        .chain(of(2, &line.exchanged))
        .chain(of(3, &line.left_out))
}

/// Bytes of a name that tell it from most others: its end, where the sides and the sauces of one dish differ.
const TOLD_BY_BYTES: usize = 12;

/// A factor that spreads bits: odd, with bits all over: 2^64 divided by the golden ratio.
const MIX: u64 = 0x9e37_79b9_7f4a_7c15;

/// The same for lines that are equal: most others are told apart without comparing their names.
fn hash_of(line: &BasketLine, question: &Question<'_>) -> u64 {
    let mut hash = 0_u64;
    for (kind, text) in texts(line) {
        let name = question.menu.name_of_id(text).unwrap_or(text);
        // Plain letters alone, whatever their capitals. The signs for kelvin and for a dotted capital have i and k as their small letters.
        let letters = name.bytes().rev().map(|byte| byte.to_ascii_lowercase());
        let letters = letters.filter(|byte| byte.is_ascii_alphanumeric() && !matches!(byte, b'i' | b'k'));
        let mix = |hash: u64, byte: u8| (hash.rotate_left(5) ^ u64::from(byte)).wrapping_mul(MIX);
        hash = letters.take(TOLD_BY_BYTES).fold(mix(hash, kind), mix);
    }
    hash
}

fn is_equal(line: &BasketLine, other: &BasketLine, question: &Question<'_>) -> bool {
    let all = |line| texts(line).map(|(kind, text)| (kind, question.menu.name_of_id(text).unwrap_or(text)));
    let is_same = |((kind, one), (other_kind, other)): ((u8, &str), (u8, &str))| {
        kind == other_kind && letters(one).eq(letters(other))
    };
    line.seat == other.seat && texts(line).count() == texts(other).count() && all(line).zip(all(other)).all(is_same)
}

impl Folded<'_, '_> {
    /// How staff know it: by the names of what is on it, and by what is left out that words or catalogue tell something of.
    pub fn name(&self, question: &Question<'_>) -> LineName {
        let (line, menu) = (&question.lines[self.check.index], question.menu);
        let called = |text: &str| menu.name_of_id(text).unwrap_or(text).to_owned();
        let (seat, item) = (line.seat.clone(), called(&line.item));
        let mut name = LineName { seat, item, times: self.times, ..LineName::default() };
        line.added.iter().for_each(|text| name.item.extend([" + ", &called(text)]));
        name.put_in = line.exchanged.iter().map(|text| called(text)).collect::<Vec<String>>().join(", ");
        for text in &line.left_out {
            // What is judged as put in was ordered without: staff must not read the reverse of the order.
            if !is_plainly_left_out(text, menu) {
                join(&mut name.unclear, &called(text));
            } else if let Some(item) = menu.name_of_id(text) {
                join(&mut name.left_out, item);
            } else if menu.told_by(text).all != 0 || menu.find(text).is_some() {
                join(&mut name.left_out, substances::after_no(text));
            }
        }
        // Oat milk for cow's milk; but a garden burger, without cheese.
        if let ([put_in], [out]) = (&line.exchanged[..], &line.left_out[..])
            && name.unclear.is_empty()
            && menu.told_by(put_in).all & menu.told_by(out).all != 0
        {
            name.in_place_of = name.left_out.clone();
        }
        name
    }

    /// How many there are, for programs.
    pub fn push_times(&self, parameters: &mut Vec<(&'static str, Value)>) {
        if self.times > 1 {
            parameters.push(("times", Value::Number(i64::try_from(self.times).unwrap_or(i64::MAX))));
        }
    }
}

fn join(all: &mut String, text: &str) {
    let between = if all.is_empty() { "" } else { ", " };
    all.extend([between, text]);
}

pub(super) fn count(lines: usize) -> Value {
    Value::Number(i64::try_from(lines).unwrap_or(i64::MAX))
}

/// The findings of a line that are of one state; what staff act on without a word apart from what they say.
#[derive(Clone, Copy)]
pub(super) struct Part<'c, 'g> {
    pub line: &'c Folded<'c, 'g>,
    pub state: LineState,
    /// `None`: whether or not it is mentioned.
    pub is_quiet: Option<bool>,
}

impl<'c, 'g> Part<'c, 'g> {
    /// What is to be asked about a line; of staff alone, where it is for what is never mentioned.
    pub fn questions(line: &'c Folded<'c, 'g>) -> impl Iterator<Item = Self> {
        let parts =
            [false, true].map(|is_quiet| Self { line, state: LineState::NotDeclared, is_quiet: Some(is_quiet) });
        parts.into_iter().filter(|part| part.findings().any(|found| found.ask.is_some()))
    }

    /// What speaks against a line, or may: what it contains, and apart from that, since a kitchen that makes the plate anew must know of
    /// both, what it may contain.
    pub fn warnings(line: &'c Folded<'c, 'g>) -> impl Iterator<Item = Self> {
        let states = [LineState::Conflict, LineState::MayContain].into_iter();
        let parts =
            states.flat_map(move |state| [false, true].map(|is_quiet| Self { line, state, is_quiet: Some(is_quiet) }));
        parts.filter(|part| part.findings().next().is_some())
    }

    pub fn findings(self) -> impl Iterator<Item = &'c Finding<'g>> {
        let is_meant = move |found: &&Finding<'g>| self.is_quiet.is_none_or(|quiet| quiet == found.is_never_mentioned);
        self.line.check.findings.iter().filter(move |found| found.state == self.state).filter(is_meant)
    }
}

/// The parameters that say what a line is called.
pub(super) const LINE_NAME: [&str; 6] = ["item", "exchanged", "exchanged_for", "left_out", "left_out_unclear", "seat"];

/// What a line is called, for programs.
pub(super) fn push_name(parameters: &mut Vec<(&'static str, Value)>, name: LineName) {
    parameters.push(("item", Value::Text(name.item)));
    let texts = [
        ("exchanged", name.put_in),
        ("exchanged_for", name.in_place_of),
        ("left_out", name.left_out),
        ("left_out_unclear", name.unclear),
        ("seat", name.seat),
    ];
    parameters
        .extend(texts.into_iter().filter(|(_, text)| !text.is_empty()).map(|(key, text)| (key, Value::Text(text))));
}

pub(super) fn in_line(precaution: &Precaution, substance: &str) -> InLine {
    let reported = &precaution.reported;
    InLine {
        kind: reported.told_as(),
        code: reported.code.clone(),
        words: reported.telling_words().into_owned(),
        of_whom: reported.told_whom().into_owned(),
        criticality: reported.criticality,
        substance: substance.to_owned(),
        is_named: false,
        is_trace: false,
        is_quiet: false,
    }
}

/// What precautions find, for texts. Those that are never mentioned are no reason that is told.
pub(super) fn in_lines<'c, 'g: 'c>(findings: impl Iterator<Item = &'c Finding<'g>>) -> Vec<InLine> {
    let in_line = |one: &Finding<'_>| {
        Some(InLine {
            is_named: one.told_by == ToldBy::Name,
            is_trace: one.is_trace,
            is_quiet: one.is_never_mentioned,
            ..in_line(one.precaution?, one.substance)
        })
    };
    findings.filter_map(in_line).collect()
}
