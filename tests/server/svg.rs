//! Coloured text of a terminal as an SVG: text stays text, and colours follow the reader's light or dark.

use std::fmt::Write as _;

use anstream::adapter::strip_str;
use unicode_width::UnicodeWidthStr as _;

/// Pixels: a column, a line, and the margin around all.
const COLUMN: f64 = 8.4;
const LINE: f64 = 17.0;
const MARGIN: f64 = 14.0;

/// Colours of both looks have a contrast of at least 4.5 to their ground, as WCAG 2 asks of text.
const STYLE: &str = "\
    text { font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace; \
    white-space: pre; fill: #1f2328 }\n\
    .ground { fill: #ffffff; stroke: #d1d9e0 }\n\
    .dim { fill: #656d76 } .bold { font-weight: bold } .red { fill: #b3111d } .yellow { fill: #7d4e00 } .cyan { fill: #0550ae }\n\
    @media (prefers-color-scheme: dark) {\n\
    text { fill: #e6edf3 }\n\
    .ground { fill: #0d1117; stroke: #3d444d }\n\
    .dim { fill: #9198a1 } .red { fill: #ff7b72 } .yellow { fill: #d29922 } .cyan { fill: #79c0ff }\n\
    }\n";

/// Lines with colours, all of one width, as a picture.
pub fn of(lines: &[&str], title: &str) -> String {
    let columns = lines.iter().map(|line| strip_str(line).to_string().width()).max().unwrap_or_default();
    let width = COLUMN * columns as f64;
    let (whole_width, whole_height) = (width + 2.0 * MARGIN, LINE * lines.len() as f64 + 2.0 * MARGIN);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" viewBox=\"0 0 {whole_width:.1} {whole_height:.1}\" \
        width=\"{whole_width:.1}\" height=\"{whole_height:.1}\">\n<title>{}</title>\n<style>\n{STYLE}</style>\n\
        <rect class=\"ground\" x=\"0.5\" y=\"0.5\" width=\"{:.1}\" height=\"{:.1}\" rx=\"8\"/>\n",
        escaped(title),
        whole_width - 1.0,
        whole_height - 1.0
    );
    for (place, line) in lines.iter().enumerate() {
        // The baseline stands at three quarters of a line.
        let y = MARGIN + LINE * (place as f64 + 0.75);
        // The frame closes in any font.
        let fit = format!("textLength=\"{width:.1}\" lengthAdjust=\"spacingAndGlyphs\"");
        writeln!(svg, "<text x=\"{MARGIN:.1}\" y=\"{y:.1}\" {fit}>{}</text>", spans(line)).expect("a String grows");
    }
    svg.push_str("</svg>\n");
    svg
}

/// A line's pieces, each with the classes of its colours.
fn spans(line: &str) -> String {
    let (mut out, mut classes) = (String::new(), Vec::new());
    for (place, piece) in line.split("\u{1b}[").enumerate() {
        let text = match (place, piece.split_once('m')) {
            (0, _) | (_, None) => piece,
            (_, Some((codes, text))) => {
                classes = codes.split(';').fold(std::mem::take(&mut classes), styled);
                text
            }
        };
        match (text.is_empty(), classes.is_empty()) {
            (true, _) => {}
            (false, true) => out.push_str(&escaped(text)),
            (false, false) => {
                write!(out, "<tspan class=\"{}\">{}</tspan>", classes.join(" "), escaped(text))
                    .expect("a String grows");
            }
        }
    }
    out
}

fn styled(mut classes: Vec<&'static str>, code: &str) -> Vec<&'static str> {
    match code {
        "0" | "" => classes.clear(),
        "1" => classes.push("bold"),
        "2" => classes.push("dim"),
        "31" => classes.push("red"),
        "33" => classes.push("yellow"),
        "36" => classes.push("cyan"),
        other => panic!("the picture has no colour for {other}"),
    }
    classes
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[test]
fn colours_become_classes() {
    let line = "\u{1b}[2m│\u{1b}[0m \u{1b}[1m\u{1b}[31m▲ a < b\u{1b}[0m";
    let expected = "<tspan class=\"dim\">│</tspan> <tspan class=\"bold red\">▲ a &lt; b</tspan>";
    assert_eq!(spans(line), expected);
}
