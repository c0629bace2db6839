//! The review in the terminal. Bars begin at zero and are linear; all bars of one section have the same scale, its largest
//! number, but where a bar is a share of something: then its full length is the whole.

use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthStr as _;

use crate::{
    cli::{brief::boxed::Boxed, money::amount},
    proto::{
        BudgetReview, CauseReview, ExpectationLevel, GestureOutcome, RelationshipLevel, ServiceReview, ServiceStandard,
        StandardReview,
    },
};

const PLAIN: Style = Style::new();
const DIM: Style = Style::new().dimmed();
const NOTICE: Style = AnsiColor::Yellow.on_default();
const TITLE: Style = AnsiColor::Cyan.on_default().bold();
const SIGN: &str = "▲ ";
/// Eighths of a column, the full one last.
const EIGHTHS: [char; 8] = ['▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'];
/// Rows of causes and gestures: the rest is in the JSON.
const ROWS_MAX: usize = 8;

/// One line of a chart.
struct Bar {
    label: String,
    value: i64,
    /// The value of a bar of full length; 0: there is nothing to draw.
    whole: i64,
    /// The text after the bar.
    words: String,
}

impl Bar {
    fn count(label: impl Into<String>, value: i64, whole: i64) -> Self {
        Self { label: label.into(), value, whole, words: value.to_string() }
    }
}

pub fn render(review: &ServiceReview, columns: usize) -> String {
    let place = if review.venue_id.is_empty() { "all venues" } else { &review.venue_id };
    let mut card = Boxed::open(columns, &format!("Service review · {} · {place}", review.month));
    levels(&mut card, review);
    standards(&mut card, review);
    issues(&mut card, review);
    follow_ups(&mut card, review);
    gestures(&mut card, review);
    advocacy(&mut card, review);
    budgets(&mut card, review);
    if review.other_events > 0 {
        let text = format!(
            "The review is incomplete: {} counted events, of all venues, could not be told apart and are missing from some rows.",
            review.other_events
        );
        card.paragraph(SIGN, &text, NOTICE);
    }
    let footer = policy(&mut card, review);
    card.close(&footer)
}

fn chart(card: &mut Boxed, bars: &[Bar]) {
    let widest = |of: fn(&Bar) -> usize| bars.iter().map(of).max().unwrap_or(0);
    let label = widest(|bar| bar.label.width()).min(card.columns() / 2);
    let words = widest(|bar| bar.words.width());
    let room = card.columns().saturating_sub(label + words + 2);
    for bar in bars {
        let drawn = draw(bar.value, bar.whole, room);
        card.cells(&[(&bar.label, label), (&drawn, room), (&bar.words, words)]);
    }
}

/// A bar of at most `room` columns. What is above zero, of a whole above zero, gets at least an eighth of a column.
fn draw(value: i64, whole: i64, room: usize) -> String {
    if value <= 0 || whole <= 0 || room == 0 {
        return String::new();
    }
    let most = room * EIGHTHS.len();
    let share = (value as f64 / whole as f64).min(1.0);
    let eighths = ((share * most as f64).round() as usize).max(1);
    let mut bar: String = std::iter::repeat_n(EIGHTHS[7], eighths / 8).collect();
    bar.extend((!eighths.is_multiple_of(8)).then(|| EIGHTHS[eighths % 8 - 1]));
    bar
}

fn levels(card: &mut Boxed, review: &ServiceReview) {
    let levels = review.levels.clone().unwrap_or_default();
    card.rule("CUSTOMERS", TITLE);
    let most = levels.counts.iter().map(|one| one.customers).max().unwrap_or(0);
    let bars: Vec<Bar> = levels.counts.iter().map(|one| Bar::count(level(one.level()), one.customers, most)).collect();
    chart(card, &bars);
    card.paragraph("", "Levels as of each customer's last change.", DIM);
    for one in &levels.movements {
        card.paragraph("• ", &format!("{} → {}: {}", level(one.from()), level(one.to()), one.movements), PLAIN);
    }
    let absences = review.absences.unwrap_or_default();
    let (now, new) = (absences.slipping_away, absences.newly_slipping_away);
    let text = format!("{now} slipping away now; for {new} of them it began in {}.", review.month);
    let (sign, style) = if absences.slipping_away > 0 { (SIGN, NOTICE) } else { ("", PLAIN) };
    card.paragraph(sign, &text, style);
}

fn standards(card: &mut Boxed, review: &ServiceReview) {
    card.rule("STANDARDS MET", TITLE);
    let bars: Vec<Bar> = review.standards.iter().map(standard).collect();
    chart(card, &bars);
}

fn standard(one: &StandardReview) -> Bar {
    let name = match one.standard() {
        ServiceStandard::Greet => "greet",
        ServiceStandard::Resolve => "resolve",
        ServiceStandard::FollowUp => "follow up",
        ServiceStandard::Unspecified => "?",
    };
    let within = one.within.as_ref().map(|within| format!(" within {}", duration(within.seconds)));
    let whole = one.met + one.missed;
    let words = match one.no_data.as_str() {
        "" if whole == 0 => "none was due".to_owned(),
        "" => format!("{} of {whole}", one.met),
        "NOT_RECORDED" => "not recorded yet".to_owned(),
        _ => "no standard".to_owned(),
    };
    Bar { label: format!("{name}{}", within.unwrap_or_default()), value: one.met, whole, words }
}

fn duration(seconds: i64) -> String {
    match seconds {
        _ if seconds % 86_400 == 0 => format!("{} d", seconds / 86_400),
        _ if seconds % 3_600 == 0 => format!("{} h", seconds / 3_600),
        _ if seconds % 60 == 0 => format!("{} min", seconds / 60),
        _ => format!("{seconds} s"),
    }
}

fn issues(card: &mut Boxed, review: &ServiceReview) {
    let Some(issues) = &review.issues else { return };
    card.rule("ISSUES", TITLE);
    let reopened = if issues.reopened == 0 { String::new() } else { format!("{} reopened, ", issues.reopened) };
    card.paragraph("", &format!("{} opened, {reopened}{} resolved.", issues.opened, issues.resolved), PLAIN);
    let most = issues.causes.iter().map(|one| one.issues).max().unwrap_or(0);
    let bars = issues.causes.iter().take(ROWS_MAX).map(|one| Bar::count(cause(one, review), one.issues, most));
    chart(card, &bars.collect::<Vec<_>>());
    more(card, issues.causes.len());
}

fn cause(one: &CauseReview, review: &ServiceReview) -> String {
    let words = one.cause.to_lowercase().replace('_', " ");
    let item = if one.item.is_empty() { String::new() } else { format!(", {}", one.item) };
    let at = if review.venue_id.is_empty() { format!(" · {}", one.venue_id) } else { String::new() };
    format!("{words}{item}{at}")
}

/// Of every kind; the contract calls them promises.
fn follow_ups(card: &mut Boxed, review: &ServiceReview) {
    let promises = review.promises.unwrap_or_default();
    card.rule("FOLLOW-UPS", TITLE);
    let most = [promises.kept, promises.kept_late, promises.missed, promises.overdue].into_iter().max().unwrap_or(0);
    chart(
        card,
        &[
            Bar::count("kept", promises.kept, most),
            Bar::count("kept late", promises.kept_late, most),
            Bar::count("missed", promises.missed, most),
            Bar::count("overdue now", promises.overdue, most),
        ],
    );
}

fn gestures(card: &mut Boxed, review: &ServiceReview) {
    if review.gestures.is_empty() && review.drift.is_empty() {
        return;
    }
    card.rule("GESTURES", TITLE);
    let most = review.gestures.iter().map(|one| one.gestures).max().unwrap_or(0);
    let label = |one: &crate::proto::GestureReview| {
        let outcome = match one.outcome() {
            GestureOutcome::Delighted => ", delighted",
            GestureOutcome::Neutral => ", neutral",
            GestureOutcome::Declined => ", declined",
            GestureOutcome::Unspecified => "",
        };
        let at = if review.venue_id.is_empty() { format!(" · {}", one.venue_id) } else { String::new() };
        format!("{} ({}{outcome}){at}", one.gesture_type_id, expectation(one.expectation()))
    };
    let bars = review.gestures.iter().take(ROWS_MAX).map(|one| Bar::count(label(one), one.gestures, most));
    chart(card, &bars.collect::<Vec<_>>());
    more(card, review.gestures.len());
    for one in &review.drift {
        let became = expectation(one.became()).to_uppercase();
        let text = format!("{} became {became} for {} customers.", one.gesture_type_id, one.customers);
        card.paragraph(SIGN, &text, NOTICE);
    }
}

fn more(card: &mut Boxed, rows: usize) {
    if rows > ROWS_MAX {
        card.paragraph("", &format!("{} more: --json has them.", rows - ROWS_MAX), DIM);
    }
}

fn advocacy(card: &mut Boxed, review: &ServiceReview) {
    let Some(advocacy) = &review.advocacy else { return };
    if advocacy.feedback == 0 && advocacy.referrals == 0 {
        return;
    }
    card.rule("ADVOCACY", TITLE);
    let score = advocacy.mean_score.map(|score| format!(", on average {:.0} % of the scale", score * 100.0));
    let text = format!("Feedback was given {} times{}.", advocacy.feedback, score.unwrap_or_default());
    card.paragraph("", &text, PLAIN);
    card.paragraph("", &format!("Brought by others: {}.", advocacy.referrals), PLAIN);
}

fn budgets(card: &mut Boxed, review: &ServiceReview) {
    if review.budgets.is_empty() {
        return;
    }
    card.rule("BUDGETS SPENT", TITLE);
    let bars: Vec<Bar> = review.budgets.iter().map(budget).collect();
    chart(card, &bars);
}

fn budget(one: &BudgetReview) -> Bar {
    let (monthly, spent) = (one.monthly.clone().unwrap_or_default(), one.spent.clone().unwrap_or_default());
    let share = if monthly.minor_units > 0 { spent.minor_units * 100 / monthly.minor_units } else { 0 };
    Bar {
        label: format!("{} {}", one.venue_id, monthly.currency_code),
        value: spent.minor_units,
        whole: monthly.minor_units,
        words: format!("{share} % of {}", amount(&monthly)),
    }
}

fn policy(card: &mut Boxed, review: &ServiceReview) -> String {
    let policy = review.policy.clone().unwrap_or_default();
    if policy.due {
        card.paragraph(SIGN, &format!("The policy was to be reviewed on {}.", policy.review_due_date), NOTICE);
    }
    let due = if policy.review_due_date.is_empty() || policy.due {
        String::new()
    } else {
        format!(", to be reviewed on {}", policy.review_due_date)
    };
    if policy.owner.is_empty() { due } else { format!("policy of {}{due}", policy.owner) }
}

fn level(level: RelationshipLevel) -> &'static str {
    level.as_str_name().trim_start_matches("RELATIONSHIP_LEVEL_")
}

fn expectation(level: ExpectationLevel) -> String {
    level.as_str_name().trim_start_matches("EXPECTATION_LEVEL_").to_lowercase()
}

#[cfg(test)]
mod tests {
    use anstream::adapter::strip_str;

    use super::*;
    use crate::proto::{
        AbsenceReview, DriftReview, GestureReview, IssueReview, LevelCount, LevelReview, Money, PolicyReview,
        PromiseReview,
    };

    fn review() -> ServiceReview {
        let level = |level: RelationshipLevel, customers| LevelCount { level: level.into(), customers };
        let money = |minor_units| Some(Money { currency_code: "CHF".into(), minor_units });
        ServiceReview {
            month: "2026-11".into(),
            levels: Some(LevelReview {
                counts: vec![
                    level(RelationshipLevel::Basic, 40),
                    level(RelationshipLevel::Engagement, 10),
                    level(RelationshipLevel::Intimacy, 0),
                ],
                movements: Vec::new(),
            }),
            absences: Some(AbsenceReview { slipping_away: 3, newly_slipping_away: 1 }),
            standards: vec![StandardReview {
                standard: ServiceStandard::Resolve.into(),
                within: Some(prost_types::Duration { seconds: 3_600, nanos: 0 }),
                met: 3,
                missed: 1,
                no_data: String::new(),
            }],
            issues: Some(IssueReview {
                opened: 4,
                // Opened in other months, or reopened twice.
                reopened: 5,
                causes: vec![CauseReview {
                    venue_id: "zrh".into(),
                    cause: "AIR_CONDITIONING".into(),
                    item: "Room \u{1b}[31m".repeat(20),
                    issues: 4,
                }],
                ..IssueReview::default()
            }),
            promises: Some(PromiseReview { kept: 1_000_000, overdue: 1, ..PromiseReview::default() }),
            gestures: vec![GestureReview { gesture_type_id: "sorbet".into(), gestures: 2, ..GestureReview::default() }],
            drift: vec![DriftReview {
                gesture_type_id: "sorbet".into(),
                became: ExpectationLevel::Expected.into(),
                customers: 2,
            }],
            budgets: vec![BudgetReview { venue_id: "zrh".into(), monthly: money(20_000), spent: money(5_000) }],
            policy: Some(PolicyReview { owner: "Ana".into(), review_due_date: "2026-11-01".into(), due: true }),
            ..ServiceReview::default()
        }
    }

    #[test]
    fn bars_are_linear_from_zero_and_never_hide_what_is_there() {
        assert_eq!((draw(0, 10, 8), draw(5, 0, 8), draw(5, 10, 0)), (String::new(), String::new(), String::new()));
        assert_eq!(draw(10, 10, 8), "████████");
        assert_eq!(draw(5, 10, 8), "████");
        assert_eq!(draw(1, 16, 8), "▌");
        assert_eq!(draw(1, 1_000_000, 8), "▏");
        assert_eq!(draw(20, 10, 8), "████████", "no longer than the whole");
    }

    #[test]
    fn every_line_is_as_wide_as_the_frame() {
        for (columns, expected) in [(10, 40), (61, 61), (300, 84)] {
            let text = strip_str(&render(&review(), columns)).to_string();
            for line in text.lines() {
                assert_eq!(line.width(), expected, "{line}");
            }
        }
    }

    #[test]
    fn it_says_what_it_shows() {
        let text = strip_str(&render(&review(), 80)).to_string();
        for words in [
            "Service review · 2026-11 · all venues",
            "3 slipping away now; for 1 of them it began in 2026-11.",
            "4 opened, 5 reopened, 0 resolved.",
            "FOLLOW-UPS",
            "resolve within 1 h",
            "3 of 4",
            "25 % of 200.00",
            "sorbet became EXPECTED for 2 customers.",
            "The policy was to be reviewed on 2026-11-01.",
            "policy of Ana",
        ] {
            assert!(text.contains(words), "{words}: {text}");
        }
        assert!(!text.contains('\u{1b}'), "text from outside cannot steer the terminal");
    }
}
