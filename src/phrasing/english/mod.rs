//! English: what a statement says.
//!
//! Each sentence is written into one String with room for it: sentences are most of what composing costs.

mod basket;
mod gestures;
mod levels;
mod names;
mod reasons;
mod short;
mod values;

use jiff::civil::Date;

use super::{Phrases, Words, is_headline, number as given_number, proposed, text as given};
use names::{capital, is_told_with_words, language, occasion, occasion_unnumbered, precaution, precaution_with};
use values::{day, days_ahead, month, number, spoken_small};

use crate::domain::{
    briefing::{Basis, HEADLINE_CHARS_MAX, Promised, Statement, Tact, codes},
    gesture::{Suggested, Verdict},
    policy::Venue,
    precaution::{Criticality, PrecautionKind},
    relationship::{Cap, Condition},
};

/// Room for a usual sentence.
const SENTENCE_BYTES: usize = 96;

/// What staff do about a code that is not understood; without its first letter, which is a capital where a sentence begins.
const NOT_UNDERSTOOD: &str =
    "he code is not understood: ask the customer and the kitchen, and record it under a known code.";

pub(super) struct English;

impl Phrases for English {
    fn statement(&self, statement: &Statement) -> Words {
        let mut words = Words { text: text(statement), reason: reasons::reason(statement) };
        let clearance = given(statement, "clearance");
        let told = self.clearance(clearance);
        if !told.is_empty() {
            // That nobody asked is why to be careful; the rest is what to do.
            let onto = if clearance == "NOT_ASKED" { words.reason.to_mut() } else { &mut words.text };
            onto.extend([" ", told]);
        }
        words
    }

    fn suggestion(&self, suggested: &Suggested<'_>) -> String {
        gestures::suggestion(suggested)
    }

    fn verdict(&self, verdict: &Verdict<'_>, venue: &Venue) -> String {
        gestures::verdict(verdict, venue)
    }

    fn clearance(&self, clearance: &str) -> &'static str {
        match clearance {
            "NOT_ASKED" => "Nobody has asked them about allergies and diets.",
            "MAY_CONTAIN" => "It may contain traces of what they bear badly: tell them.",
            "CHECK_WITH_KITCHEN" => "Check with the kitchen first.",
            _ => "",
        }
    }

    fn condition(&self, condition: &Condition) -> String {
        levels::condition(condition)
    }

    fn cap(&self, cap: Cap) -> String {
        levels::cap(cap).to_owned()
    }
}

/// A sentence, written into a text with room for it.
fn written(write: impl FnOnce(&mut String)) -> String {
    let mut text = String::with_capacity(SENTENCE_BYTES);
    write(&mut text);
    text
}

fn text(statement: &Statement) -> String {
    written(|text| {
        if is_headline(statement) {
            headline(statement, text);
            // Whatever gives way within it: a display has no more room.
            cut(text, HEADLINE_CHARS_MAX);
        } else {
            sentence(statement, text);
        }
    })
}

/// A line of the headline: as the sentence, but shorter where there are shorter words, and cut where it is too long.
fn headline(statement: &Statement, text: &mut String) {
    match (statement.code, &statement.basis) {
        (_, Basis::MostCritical { more }) => return short::precaution_line(statement, *more, text),
        (codes::PRECAUTIONS_NOT_ASKED, Basis::SeveralPeople | Basis::SomebodyElse) => {
            text.push_str("Ask who is here today, and about allergies and diets.");
        }
        (codes::PRECAUTIONS_NOT_ASKED, Basis::OthersNeverAsked) => {
            text.push_str("Ask about other allergies and diets.");
        }
        (codes::PRECAUTIONS_NOT_ASKED, Basis::RecordsUnreadable) => {
            text.push_str("Ask everybody about allergies: records cannot be read");
        }
        (codes::PRECAUTIONS_NOT_ASKED, Basis::AnswerOutdated) => text.push_str("Ask again about allergies and diets."),
        (_, Basis::LifeThreatening { of, surely, all }) => {
            // The words of a single one say more than a list of one.
            if short::life_threatening(of, *surely, *all, text) < 2 {
                text.clear();
                short::precaution_line(statement, *all - 1, text);
            }
            return;
        }
        (codes::BASKET_MAY_CONTAIN, Basis::Lines(all)) => return short::lines("May contain: ", all, text),
        (_, Basis::Lines(all)) => return short::lines("Conflict: ", all, text),
        (codes::BASKET_NOT_DECLARED, _) => return short::not_declared_short(statement, text),
        (codes::KITCHEN_MAY_CONTAIN, _) => return short::kitchen_short(statement, text),
        (codes::PRECAUTIONS_NOT_ASKED, _) => text.push_str("Ask about allergies and diets."),
        (codes::ISSUE_OPEN, _) => {
            text.push_str("Open issue: ");
            about(statement, text);
        }
        (codes::NAME, _) => text.push_str(given(statement, "name")),
        (codes::OCCASION_TODAY | codes::OCCASION_SOON, _) => name_with_occasion(statement, text),
        _ => sentence(statement, text),
    }
    let mut rest = String::new();
    short::more(usize::try_from(given_number(statement, "more")).unwrap_or(usize::MAX), &mut rest);
    cut(text, HEADLINE_CHARS_MAX - rest.len());
    text.push_str(&rest);
}

/// "Ms Ferreira: 40th birthday today".
fn name_with_occasion(statement: &Statement, text: &mut String) {
    let name = given(statement, "name");
    if !name.is_empty() {
        text.extend([name, ": "]);
    }
    occasion(statement, text);
    if name.is_empty() {
        capital(text, 0);
    }
    text.push(' ');
    days_ahead(given_number(statement, "days"), text);
}

fn sentence(statement: &Statement, text: &mut String) {
    match statement.code {
        codes::PRECAUTION_ALLERGY
        | codes::PRECAUTION_INTOLERANCE
        | codes::PRECAUTION_DIET
        | codes::PRECAUTION_ACCESSIBILITY
        | codes::PRECAUTION_ABSTENTION
        | codes::PRECAUTION_TOPIC => listed(statement, text),
        codes::BASKET_CONFLICT => basket::conflict(statement, text),
        codes::BASKET_MAY_CONTAIN => basket::may_contain(statement, text),
        codes::BASKET_NOT_DECLARED | codes::BASKET_ASK => basket::not_declared(statement, text),
        codes::KITCHEN_MAY_CONTAIN => basket::kitchen(statement, text),
        codes::PRECAUTIONS_NOT_ASKED => text.push_str(match statement.basis {
            Basis::SeveralPeople | Basis::SomebodyElse => {
                "Ask who is here today, and about allergies, diets and other needs before serving."
            }
            Basis::OthersNeverAsked => "Ask about other allergies, diets and needs before serving.",
            Basis::AnswerOutdated => "Ask again about allergies, diets and other needs before serving.",
            _ => "Ask about allergies, diets and other needs before serving.",
        }),
        codes::PRECAUTIONS_NONE_KNOWN => none_known(statement, text),
        codes::PRECAUTIONS_STILL_SO => text.push_str("Ask whether this is still so, and all."),
        codes::MARKED_DECEASED | codes::OTHER_DECEASED => deceased(statement, text),
        codes::BARRED => text.push_str(barred(&statement.basis)),
        codes::PREFERENCE_AVOID => item(statement, "Keep away: ", text),
        codes::PREFERENCE_DISLIKES => item(statement, "Dislikes: ", text),
        codes::PREFERENCE_FAVOURITE => proposal(statement, "Favourite: ", text),
        codes::PREFERENCE_LIKES => proposal(statement, "Likes: ", text),
        codes::CONFIRM_PREFERENCE => proposal(statement, "Ask whether they like ", text),
        codes::FAVOURITE_TOUCH => proposal(statement, "Have ready before they ask: ", text),
        codes::OCCASION_DO_NOT_CELEBRATE => quiet(statement, text),
        codes::OCCASION_TODAY | codes::OCCASION_SOON => acknowledged(statement, text),
        codes::OCCASION_WISH => wish(statement, text),
        codes::NAME => {
            let wished = statement.basis == Basis::NameWished;
            let before = if wished { "Address as " } else { "The name is " };
            text.extend([before, given(statement, "name"), "."]);
        }
        codes::NAME_PRONUNCIATION => text.extend(["Said: ", given(statement, "pronunciation"), "."]),
        codes::LANGUAGE => {
            text.push_str("Speak ");
            language(given(statement, "language"), text);
            text.push_str(" if you can.");
        }
        codes::HOUSEHOLD => text.push_str("A household: several people share this profile."),
        codes::FIRST_VISIT => text.push_str("Welcome them: no earlier visit is known."),
        codes::VISITS => visits(statement, text),
        codes::RETURNING_AFTER_ABSENCE => {
            text.push_str("Back after ");
            number(given_number(statement, "days"), text);
            text.push_str(" days: welcome them back.");
        }
        codes::ISSUE_OPEN => {
            text.push_str("Not solved yet: ");
            about(statement, text);
            text.push_str(". Apologise, and say what is being done.");
        }
        codes::PROMISE_DUE => promised(statement, "", text),
        codes::PROMISE_OVERDUE => promised(statement, "Overdue: ", text),
        codes::ASK_WHO => ask_who(statement, text),
        codes::ASK_NAME => text.push_str("Ask how they want to be addressed."),
        codes::ASK_CONSENT => text.push_str("Ask whether they want to hear about offers."),
        codes::ASK_PRECAUTIONS_AGAIN => text.push_str("Ask again about allergies and diets."),
        codes::CONFIRM_PRECAUTION => unverified(statement, text),
        codes::HABIT_ITEM | codes::POPULAR_ITEM => bought(statement, text),
        codes::EXPECTED_GESTURE | codes::GESTURE_SUGGESTION => gesture(statement, text),
    }
}

fn barred(basis: &Basis) -> &'static str {
    match basis {
        Basis::OfOneOf(_) => "One of them is barred: fetch the manager before seating.",
        _ => "Fetch the manager before seating.",
    }
}

/// "Marked deceased on 3 May 2026: fetch a manager." "Deceased, marked on 3 May 2026: my son. Do not ask after them."
fn deceased(statement: &Statement, text: &mut String) {
    let of_whom = given(statement, "of_whom");
    match &statement.basis {
        Basis::Recorded { on, .. } if of_whom.is_empty() => {
            text.push_str("Marked deceased on ");
            day(*on, text);
            text.push_str(": fetch a manager.");
        }
        Basis::Recorded { on, .. } => {
            text.push_str("Deceased, marked on ");
            day(*on, text);
            text.extend([": ", of_whom, ". Do not ask after them."]);
        }
        _ => text.push_str("One of them is marked deceased: fetch a manager."),
    }
}

/// What was answered in an earlier visit is asked for again.
fn none_known(statement: &Statement, text: &mut String) {
    // A wheelchair is listed beside it: that is a need.
    let has_needs = given_number(statement, "has_needs") != 0;
    match &statement.basis {
        Basis::Asked(on) if given_number(statement, "ask_again") != 0 => {
            text.push_str(if has_needs { "Named nothing about food on " } else { "Named none on " });
            day(*on, text);
            text.push_str(": ask again.");
        }
        _ if has_needs => text.push_str("Named nothing about food when asked."),
        _ => text.push_str("Named no allergies or needs when asked."),
    }
}

fn ask_who(statement: &Statement, text: &mut String) {
    text.push_str("Ask who it is: ");
    let candidates = given_number(statement, "candidates");
    number(candidates, text);
    text.push_str(if candidates == 1 { " customer share this." } else { " customers share this." });
}

fn unverified(statement: &Statement, text: &mut String) {
    if let Basis::Unverified { kind, criticality } = &statement.basis {
        text.push_str("Confirm with the customer: ");
        let (code, words) = (given(statement, "code"), given(statement, "text"));
        let is_danger = matches!(kind, PrecautionKind::Allergy | PrecautionKind::Intolerance);
        if is_danger && *criticality == Criticality::Unknown {
            // How to treat it until then stands in respect: here it is asked.
            precaution_with(*kind, code, words, given(statement, "of_whom"), Criticality::Low, text);
            text.push_str("; ask whether it is life-threatening.");
        } else {
            precaution_with(*kind, code, words, given(statement, "of_whom"), *criticality, text);
            text.push('.');
        }
    }
}

/// What they buy, or others.
fn bought(statement: &Statement, text: &mut String) {
    let item = proposed(statement);
    match &statement.basis {
        Basis::Bought { usually: true, .. } => text.extend(["Usually buys ", item, "."]),
        Basis::Bought { usually: false, .. } => text.extend(["Sometimes buys ", item, "."]),
        Basis::Others { beside_basket: true } => text.extend(["Others often buy ", item, " with this."]),
        Basis::Others { beside_basket: false } => text.extend(["Others often buy ", item, " here."]),
        _ => {}
    }
}

/// A gesture that they count on, or one to think of.
fn gesture(statement: &Statement, text: &mut String) {
    match &statement.basis {
        Basis::Given { name, .. } => {
            let expected = match given(statement, "expectation") {
                "GENERIC" => "They take it for granted, as part of the service: ",
                _ => "They count on it: ",
            };
            text.extend([expected, name.get(), "."]);
        }
        Basis::Suggested { name, .. } => text.extend(["Consider giving: ", name.get(), "."]),
        _ => {}
    }
}

/// "Tree nut allergy, life-threatening. Also traces."
fn listed(statement: &Statement, text: &mut String) {
    precaution(statement, text);
    // They are told once.
    let words = if is_told_with_words(statement) { "" } else { given(statement, "text") };
    text.push_str(if words.is_empty() { "." } else { ". " });
    text.push_str(words);
    if given(statement, "basis") == "THIS_VISIT_ONLY" {
        text.push_str(if text.ends_with(['.', '!', '?']) { " For this visit only." } else { ". For this visit only." });
    }
    // Nobody asks about what is never mentioned.
    if given_number(statement, "not_understood") != 0 && statement.tact != Tact::NeverMention {
        let is_ended = text.ends_with(['.', '!', '?']);
        text.extend([if is_ended { " T" } else { ". T" }, NOT_UNDERSTOOD]);
    }
}

fn item(statement: &Statement, before: &str, text: &mut String) {
    named(statement, before, given(statement, "item"), text);
}

fn proposal(statement: &Statement, before: &str, text: &mut String) {
    named(statement, before, proposed(statement), text);
}

fn named(statement: &Statement, before: &str, item: &str, text: &mut String) {
    text.extend([before, item]);
    let situation = given(statement, "situation");
    if !situation.is_empty() {
        text.extend([" (", situation, ")"]);
    }
    text.push('.');
}

fn quiet(statement: &Statement, text: &mut String) {
    text.push_str("Do not celebrate or mention: ");
    occasion(statement, text);
    text.push_str(" (");
    number(given_number(statement, "day"), text);
    text.extend([" ", month(given_number(statement, "month")), ")."]);
}

fn acknowledged(statement: &Statement, text: &mut String) {
    occasion(statement, text);
    capital(text, 0);
    text.push(' ');
    let days = given_number(statement, "days");
    days_ahead(days, text);
    if let Some(next) = next_of(&statement.basis)
        && days > 1
    {
        text.push_str(", on ");
        day(next, text);
    }
    text.push('.');
}

fn next_of(basis: &Basis) -> Option<Date> {
    match basis {
        Basis::Occasion { next, .. } => Some(*next),
        _ => None,
    }
}

fn wish(statement: &Statement, text: &mut String) {
    let days = given_number(statement, "days");
    // To wish in advance is bad luck for many.
    if days > 0 {
        text.push_str("Prepare good wishes: ");
        occasion(statement, text);
        text.push(' ');
        days_ahead(days, text);
        text.push('.');
        return;
    }
    let (before, numbered) = match given(statement, "kind") {
        _ if !given(statement, "of_whom").is_empty() => ("Send good wishes for the ", true),
        // An age is not called across a lobby.
        "BIRTHDAY" => ("Wish a happy ", false),
        "ANNIVERSARY" => ("Wish a happy ", true),
        _ => ("Give good wishes: ", true),
    };
    text.push_str(before);
    if numbered {
        occasion(statement, text);
    } else {
        occasion_unnumbered(statement, text);
    }
    text.push('.');
}

fn visits(statement: &Statement, text: &mut String) {
    let visits = given_number(statement, "visits");
    number(visits, text);
    text.push_str(if visits == 1 { " visit so far, on " } else { " visits so far, the last on " });
    if let Basis::Visits { last } = &statement.basis {
        day(*last, text);
    }
    text.push('.');
}

/// "air conditioning, Room 412".
fn about(statement: &Statement, text: &mut String) {
    spoken_small(given(statement, "cause"), text);
    let item = given(statement, "item");
    if !item.is_empty() {
        text.extend([", ", item]);
    }
}

/// What was promised; `before`: what is said before it, unless it must not be delivered.
fn promised(statement: &Statement, before: &str, text: &mut String) {
    if let Basis::Promised(promise) = &statement.basis {
        let (before, promised, after) = match &promise.what {
            Promised::Keep(promised) => (before, promised.get(), "."),
            Promised::Stop(promised, _) => ("Do not deliver: ", promised, "."),
            // In a hurry, "Do not deliver: Never serve nuts" reads as its reverse.
            Promised::NotServed(promised, _) => ("Check with the kitchen: \"", promised, "\"."),
        };
        text.extend([before, promised.trim_end_matches('.'), after]);
    }
}

/// At most so many characters, with an ellipsis where something was cut.
fn cut(text: &mut String, chars_max: usize) {
    if text.len() <= chars_max || text.char_indices().nth(chars_max).is_none() {
        return;
    }
    let kept = text.char_indices().nth(chars_max.saturating_sub(1)).map_or(0, |(at, _)| at);
    text.truncate(kept);
    text.truncate(text.trim_end().len());
    text.push('…');
}
