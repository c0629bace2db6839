//! The tour as a whole, and what is recorded of it: `docs/tour.txt`, `docs/card.svg`, and the excerpt in the README.
//!
//! `RAPPORT_RENEW=1 cargo test --test server tour` records anew; without it the recordings are compared, apart from ids and
//! measured times.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anstream::adapter::strip_str;
use unicode_width::UnicodeWidthStr as _;

use crate::svg;

/// What each scene must say on any day.
const SCENES: [(&str, &[&str]); 11] = [
    (
        "A card is swiped",
        &["brief --identity loyalty:GC-1017", "▲ Tree nut allergy, life-threatening", "birthday today"],
    ),
    ("A stranger", &["First visit", "Ask about allergies, diets and other needs", "Ask how they want to be addressed"]),
    ("A shared phone", &["2 customers share this", "▲ Peanut allergy", "brief --customer", "Address as Nina"]),
    ("An observation, and when it counts", &["Ask whether they like the bench", "Likes: the bench", "Observed twice"]),
    ("A bill on the wrong card", &["Usually buys perch fillets", "VoidInteraction", "\"externalId\": \"tour-bill-3\""]),
    (
        "A dessert, but not the almond one",
        &[
            "-H 'rapport-role: concierge'",
            "- customer: Tree nut allergy",
            "+ concept:",
            "+ process:",
            "+ tools:",
            "+ business plan:",
            "+ team:",
        ],
    ),
    (
        "A complaint silences selling",
        &["Open issue: air conditioning, Room 412", "Wish a happy birthday", "Ask whether all is well now"],
    ),
    ("The third box of chocolate", &["dark-chocolate: EXPECTED; given 3", "+ handwritten-note"]),
    (
        "More than a concierge may give",
        &["-H 'rapport-staff: mara'", "It may be approved by: manager, director.", "approved; its delivery is owed as"],
    ),
    ("The promise kept", &["Call back about the room.", "FOLLOW_UP_STATE_DONE"]),
    ("A thousand briefings", &["1,000 briefings: half within", "rapport bench"]),
];

/// Saturday noon by the lake.
const RECORDED_AT: &str = "2026-03-14T12:00:00Z";

fn tour(args: &[&str], env: &[(&str, &str)]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rapport"));
    command.arg("tour").args(args).env_clear().envs(env.iter().copied());
    let output = command.output().expect("the program was built");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn every_scene_is_told_to_its_end() {
    let told = tour(&[], &[("NO_COLOR", "1")]);
    assert!(!told.contains('\u{1b}'), "no colours where nobody wants them");
    let acts: Vec<&str> = told.split("━━ ").filter(|act| act.contains(" of ")).collect();
    assert_eq!(acts.len(), SCENES.len());
    for (act, (title, words)) in acts.iter().zip(SCENES) {
        assert!(act.contains(title) && act.contains("\n→ "), "{title}: {act}");
        for word in words {
            assert!(act.contains(word), "{title} lacks {word}: {act}");
        }
    }
    let (swiped, voided) = (acts[0].to_lowercase(), acts[4]);
    let card = &swiped[swiped.find('╭').expect("a card")..swiped.rfind('╰').expect("closed")];
    assert!(!card.contains("almond") && !card.contains("mariachi"), "{card}");
    let after = voided.rsplit('╭').next().expect("a card");
    assert!(!after.contains("Usually buys"), "{after}");
    for line in told.lines().filter(|line| !line.contains("http://")) {
        assert!(line.width() <= 80, "{line}");
    }
}

#[test]
fn what_is_recorded_of_it_is_true() {
    let told = tour(&["--at", RECORDED_AT], &[("CLICOLOR_FORCE", "1")]);
    let card = &told[told.find('╭').expect("a card")..];
    // The frame's first corner may stand behind a colour.
    let lines: Vec<&str> = card.lines().collect();
    let last = lines.iter().position(|line| line.contains('╰')).expect("closed");
    recorded("docs/card.svg", &svg::of(&lines[..=last], "A briefing as it is shown at the front desk"));
    let text = strip_str(&told).to_string();
    recorded("docs/tour.txt", &text);

    let readme = fs::read_to_string(root().join("README.md")).expect("README.md");
    let excerpts: Vec<&str> = readme.split("```text\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(!excerpts.is_empty(), "the README shows nothing of the tour");
    let text = timeless(&text);
    for excerpt in excerpts {
        for part in timeless(excerpt).split("…\n").filter(|part| !part.trim().is_empty()) {
            assert!(text.contains(part.trim_end()), "README.md shows what the tour does not say:\n{part}");
        }
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// Compares with the recording, or makes it.
fn recorded(path: &str, now: &str) {
    let file = root().join(path);
    if std::env::var_os("RAPPORT_RENEW").is_some() {
        fs::write(&file, now).expect("written");
    }
    let before = fs::read_to_string(&file).unwrap_or_default();
    let differing = timeless(&before)
        .lines()
        .zip(timeless(now).lines())
        .find(|(one, other)| one != other)
        .map(|(one, other)| format!("recorded: {one}\nnow:      {other}"));
    assert!(
        timeless(&before) == timeless(now),
        "{path} is out of date: RAPPORT_RENEW=1 cargo test --test server tour\n{}",
        differing.unwrap_or_else(|| "one of them ends earlier".to_owned())
    );
}

/// The text without what differs from run to run: customers' ids and measured times.
fn timeless(text: &str) -> String {
    const ID_LETTERS: usize = 26;
    let is_id = |word: &str| {
        word.len() == ID_LETTERS && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    let is_time = |word: &str| word.contains('.') && word.parse::<f64>().is_ok();
    let words = text.split_inclusive(|letter: char| !letter.is_ascii_alphanumeric() && letter != '.');
    words
        .map(|word| {
            let bare = word.trim_end_matches(|letter: char| !letter.is_ascii_alphanumeric());
            if is_id(bare) {
                word.replace(bare, "ID")
            } else if is_time(bare) {
                word.replace(bare, "TIME")
            } else {
                word.to_owned()
            }
        })
        .collect()
}

#[test]
fn recordings_are_compared_apart_from_ids_and_times() {
    let one = "╰─ 03h8tz0xvcv34470ztb6qjxedj · found\nhalf within 0.58 ms, 99 of 100 within 5.95 ms";
    let other = "╰─ 72bp30a3e7s22j0gmzz0ecbec4 · found\nhalf within 1.2 ms, 99 of 100 within 15.0 ms";
    assert_eq!(timeless(one), timeless(other));
    assert_ne!(timeless(one), timeless(&other.replace("found", "lost")));
}
