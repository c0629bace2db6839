//! A briefing as a card: what must not go wrong first, then how to welcome, inform, anticipate and delight.
//!
//! The card carries colours always; `output::print` takes them away where nobody wants them.

use anstyle::{AnsiColor, Style};
use jiff::tz::TimeZone;
use prost_types::Timestamp;

use super::boxed::Boxed;
use crate::{
    cli::args,
    proto::{Briefing, BriefingState, IdentityType, PrecautionState, Statement, Tact},
};

/// How and for where the card is drawn.
pub struct Look {
    /// Columns of the terminal.
    pub width: usize,
    /// The venue's name.
    pub place: String,
    /// The venue's clock.
    pub zone: TimeZone,
}

const PLAIN: Style = Style::new();
const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const RED: Style = AnsiColor::Red.on_default();
const ALARM: Style = AnsiColor::Red.on_default().bold();
const NOTICE: Style = AnsiColor::Yellow.on_default();
const TITLE: Style = AnsiColor::Cyan.on_default().bold();

/// Precedes what must not go wrong: a sign too, for readers who do not see red.
const SIGN: &str = "▲ ";
const POINT: &str = "• ";
const INDENT: &str = "  ";

pub fn render(briefing: &Briefing, look: &Look) -> String {
    let when = briefing.as_of_time.as_ref().and_then(|time| local(time, look, "%a %d %b %Y, %H:%M"));
    let title = [Some(look.place.clone()), when].into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let mut card = Boxed::open(look.width, &title);
    card.blank();
    stale(&mut card, briefing);
    for statement in &briefing.headline {
        let is_precaution = statement.code.starts_with("PRECAUTION");
        let (sign, style) = if is_precaution { (SIGN, ALARM) } else { ("", BOLD) };
        card.paragraph(sign, &statement.text, style);
    }
    state(&mut card, briefing);
    card.blank();
    respect(&mut card, briefing, look);
    section(&mut card, "ACKNOWLEDGE", &briefing.acknowledge);
    section(&mut card, "COMMUNICATE", &briefing.communicate);
    section(&mut card, "ANTICIPATE", &briefing.anticipate);
    section(&mut card, "DELIGHT", &briefing.delight);
    if !briefing.withheld.is_empty() {
        card.rule("WITHHELD", NOTICE);
        for withheld in &briefing.withheld {
            let why = withheld.reason.to_lowercase().replace('_', " ");
            card.paragraph(POINT, &format!("{} ({why})", withheld.what), PLAIN);
        }
    }
    card.close(&footer(briefing, look))
}

fn stale(card: &mut Boxed, briefing: &Briefing) {
    if briefing.stale {
        let seconds = briefing.stale_age_ms / 1000;
        let text = format!("The store cannot be reached: this is what was known {seconds} s ago.");
        card.paragraph(SIGN, &text, NOTICE);
    }
}

/// What kind of answer it is, when it is not simply about one known customer.
fn state(card: &mut Boxed, briefing: &Briefing) {
    match briefing.state() {
        BriefingState::FirstVisit => card.paragraph("", "First visit: nobody is known by this.", BOLD),
        BriefingState::Ambiguous => {
            card.paragraph("", "Once you know, brief again with --customer and one of these:", PLAIN);
            for id in &briefing.candidate_ids {
                card.paragraph(POINT, id, PLAIN);
            }
        }
        BriefingState::Unreadable => card.paragraph(SIGN, "Records cannot be read. Tell who runs the service.", NOTICE),
        BriefingState::Known | BriefingState::Unspecified => {}
    }
}

/// Always there, because "nothing to respect" must not look like "nobody has asked".
fn respect(card: &mut Boxed, briefing: &Briefing, look: &Look) {
    card.rule("RESPECT", ALARM);
    let said = briefing.respect.iter().any(|statement| statement.code.starts_with("PRECAUTIONS_"));
    if !said {
        precaution_state(card, briefing, look);
    }
    for one in &briefing.respect {
        let is_calm = matches!(one.code.as_str(), "PRECAUTIONS_NONE_KNOWN" | "PRECAUTIONS_STILL_SO");
        let (sign, style) = if is_calm { (POINT, PLAIN) } else { (SIGN, RED) };
        statement(card, sign, one, style);
    }
}

fn precaution_state(card: &mut Boxed, briefing: &Briefing, look: &Look) {
    let asked = briefing.precautions_asked_time.as_ref().and_then(|time| local(time, look, "%d %b %Y"));
    let (text, style) = match briefing.precaution_state() {
        PrecautionState::Listed => return,
        PrecautionState::NoneKnown => match asked {
            Some(day) => (format!("None known; asked on {day}."), PLAIN),
            None => ("None known.".to_owned(), PLAIN),
        },
        PrecautionState::NotAsked => ("Nobody has asked about allergies and needs yet: ask.".to_owned(), NOTICE),
        PrecautionState::Withheld => ("Withheld from you: ask somebody who serves.".to_owned(), NOTICE),
        PrecautionState::Unavailable | PrecautionState::Unspecified => {
            ("Cannot be read at the moment: ask the customer.".to_owned(), NOTICE)
        }
    };
    card.paragraph("", &text, style);
}

fn section(card: &mut Boxed, title: &str, statements: &[Statement]) {
    if statements.is_empty() {
        return;
    }
    card.rule(title, TITLE);
    for one in statements {
        statement(card, POINT, one, PLAIN);
    }
}

fn statement(card: &mut Boxed, sign: &str, statement: &Statement, style: Style) {
    card.paragraph(sign, &statement.text, style);
    let tact = match statement.tact() {
        Tact::ActQuietly => "Act on it quietly.",
        Tact::NeverMention => "Never mention it.",
        Tact::Say | Tact::Unspecified => "",
    };
    let reason = [tact, statement.reason.as_str()].into_iter().filter(|part| !part.is_empty());
    let reason = reason.collect::<Vec<_>>().join(" ");
    if !reason.is_empty() {
        card.paragraph(INDENT, &reason, DIM);
    }
}

fn footer(briefing: &Briefing, look: &Look) -> String {
    let found = match briefing.found_by() {
        IdentityType::Unspecified => None,
        kind => {
            kind.as_str_name().strip_prefix("IDENTITY_TYPE_").map(|name| format!("found by {}", name.to_lowercase()))
        }
    };
    let id = (!briefing.customer_id.is_empty()).then(|| briefing.customer_id.clone());
    let until = briefing.valid_until_time.as_ref().and_then(|time| local(time, look, "%d %b %H:%M"));
    let until = until.map(|time| format!("until {time}"));
    [id, found, until].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// The time on the venue's clock.
fn local(time: &Timestamp, look: &Look, format: &str) -> Option<String> {
    Some(args::time(time)?.to_zoned(look.zone.clone()).strftime(format).to_string())
}

#[cfg(test)]
mod tests {
    use anstream::adapter::strip_str;
    use unicode_width::UnicodeWidthStr as _;

    use super::*;

    fn say(code: &str, text: &str, reason: &str, tact: Tact) -> Statement {
        let (code, text, reason) = (code.to_owned(), text.to_owned(), reason.to_owned());
        Statement { code, text, reason, tact: tact.into(), ..Statement::default() }
    }

    fn look(width: usize) -> Look {
        Look { width, place: "Lakeside, Zürich".into(), zone: TimeZone::get("Europe/Zurich").expect("bundled") }
    }

    fn known() -> Briefing {
        Briefing {
            state: BriefingState::Known.into(),
            customer_id: "6xxbte31cy5p3kbp728jpqnj9r".into(),
            headline: vec![
                say("PRECAUTION_ALLERGY", "Nut allergy, life-threatening", "", Tact::Say),
                say("NAME_OCCASION", "山田 花子: birthday today", "", Tact::Say),
            ],
            precaution_state: PrecautionState::Listed.into(),
            respect: vec![say("PRECAUTION_ALLERGY", "Nuts, also traces.", "Stated, confirmed.", Tact::Say)],
            anticipate: vec![say("PREFERENCE", "Double espresso", "Observed 4 times.", Tact::ActQuietly)],
            found_by: IdentityType::Phone.into(),
            as_of_time: Some(Timestamp { seconds: 1_514_568_600, nanos: 0 }),
            ..Briefing::default()
        }
    }

    #[test]
    fn a_card_reads_from_the_top() {
        let expected = "\
╭─ Lakeside, Zürich · Fri 29 Dec 2017, 18:30 ──╮
│                                              │
│ ▲ Nut allergy, life-threatening              │
│ 山田 花子: birthday today                    │
│                                              │
├─ RESPECT ────────────────────────────────────┤
│ ▲ Nuts, also traces.                         │
│   Stated, confirmed.                         │
├─ ANTICIPATE ─────────────────────────────────┤
│ • Double espresso                            │
│   Act on it quietly. Observed 4 times.       │
╰─ 6xxbte31cy5p3kbp728jpqnj9r · found by phone ╯
";
        assert_eq!(strip_str(&render(&known(), &look(48))).to_string(), expected);
    }

    #[test]
    fn every_line_is_as_wide_as_the_frame() {
        let mut briefing = known();
        let long = "説明 ".repeat(60) + &"x".repeat(200);
        briefing.delight.push(say("GESTURE", &long, &long, Tact::NeverMention));
        for (columns, expected) in [(10, 40), (61, 61), (300, 84)] {
            let card = render(&briefing, &look(columns));
            for line in strip_str(&card).to_string().lines() {
                assert_eq!(line.width(), expected, "{line}");
            }
        }
    }

    #[test]
    fn respect_is_never_silent() {
        let states = [
            (PrecautionState::NotAsked, "Nobody has asked"),
            (PrecautionState::NoneKnown, "None known; asked on 29 Dec 2017."),
            (PrecautionState::Withheld, "Withheld from you"),
            (PrecautionState::Unavailable, "Cannot be read"),
        ];
        for (state, words) in states {
            let precautions_asked_time = Some(Timestamp { seconds: 1_514_568_600, nanos: 0 });
            let briefing = Briefing { precaution_state: state.into(), precautions_asked_time, ..Briefing::default() };
            let card = strip_str(&render(&briefing, &look(80))).to_string();
            assert!(card.contains("RESPECT") && card.contains(words), "{card}");
        }
    }

    #[test]
    fn other_answers_say_what_they_are() {
        let mut briefing = Briefing { state: BriefingState::Ambiguous.into(), stale: true, ..Briefing::default() };
        briefing.stale_age_ms = 42_000;
        briefing.candidate_ids = vec!["c1".into(), "c2".into()];
        let card = strip_str(&render(&briefing, &look(80))).to_string();
        assert!(
            card.contains("brief again with --customer") && card.contains("• c2") && card.contains("42 s ago"),
            "{card}"
        );
        briefing.set_state(BriefingState::FirstVisit);
        assert!(render(&briefing, &look(80)).contains("First visit"));
    }

    #[test]
    fn text_from_outside_cannot_steer_the_terminal() {
        let mut briefing = known();
        briefing.respect[0].text = "\u{1b}]0;owned\u{7}Nuts".into();
        let card = render(&briefing, &look(60));
        assert!(!card.contains("\u{1b}]") && !card.contains('\u{7}') && card.contains("Nuts"));
    }
}
