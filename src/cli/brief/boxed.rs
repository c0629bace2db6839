//! Text in a frame: measures, wraps and pads by the columns that characters take, two for many of East Asia.

use anstyle::Style;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use crate::cli::output::tame;

/// Narrower than this and words break; the terminal may then wrap the frame itself.
pub const WIDTH_MIN: usize = 40;
/// Wider lines are hard to read.
pub const WIDTH_MAX: usize = 84;
/// The frame and a space on either side.
const FRAME: usize = 4;

/// A frame that grows line by line. Text from outside is made safe for terminals.
pub struct Boxed {
    text: String,
    /// Columns between the frame's sides.
    inner: usize,
}

const DIM: Style = Style::new().dimmed();

impl Boxed {
    /// Opens the frame; the title is in its top edge.
    pub fn open(columns: usize, title: &str) -> Self {
        let inner = columns.clamp(WIDTH_MIN, WIDTH_MAX) - FRAME;
        let mut boxed = Self { text: String::new(), inner };
        boxed.edge('╭', '╮', title, Style::new().bold());
        boxed
    }

    /// A line across the frame with a title in it.
    pub fn rule(&mut self, title: &str, style: Style) {
        self.edge('├', '┤', title, style);
    }

    /// Closes the frame.
    pub fn close(mut self, title: &str) -> String {
        self.edge('╰', '╯', title, DIM);
        self.text
    }

    pub fn blank(&mut self) {
        self.row("", "", Style::new());
    }

    /// Text after a sign, wrapped; following lines are indented by the sign's width.
    pub fn paragraph(&mut self, sign: &str, text: &str, style: Style) {
        let text = tame(text);
        let room = self.inner.saturating_sub(sign.width()).max(1);
        let indent = " ".repeat(sign.width());
        for (place, line) in wrap(&text, room).iter().enumerate() {
            self.row(if place == 0 { sign } else { &indent }, line, style);
        }
    }

    /// Columns between the frame's sides.
    pub fn columns(&self) -> usize {
        self.inner
    }

    /// Texts side by side, a space apart, each cut or filled to its columns.
    pub fn cells(&mut self, cells: &[(&str, usize)]) {
        let cell = |(text, columns): &(&str, usize)| {
            let text = cut(&tame(text), *columns);
            let fill = " ".repeat(columns.saturating_sub(text.width()));
            format!("{text}{fill}")
        };
        let line: Vec<String> = cells.iter().map(cell).collect();
        self.row("", &cut(&line.join(" "), self.inner), Style::new());
    }

    fn row(&mut self, sign: &str, line: &str, style: Style) {
        let fill = " ".repeat(self.inner.saturating_sub(sign.width() + line.width()));
        self.text.push_str(&format!("{DIM}│{DIM:#} {style}{sign}{line}{style:#}{fill} {DIM}│{DIM:#}\n"));
    }

    fn edge(&mut self, left: char, right: char, title: &str, style: Style) {
        let title = cut(&tame(title), self.inner.saturating_sub(1));
        // The sides and one dash before the title.
        let (shown, taken) = if title.is_empty() {
            (String::new(), 0)
        } else {
            (format!(" {style}{title}{style:#} "), title.width() + 2)
        };
        let dashes = "─".repeat((self.inner + FRAME).saturating_sub(3 + taken));
        self.text.push_str(&format!("{DIM}{left}─{DIM:#}{shown}{DIM}{dashes}{right}{DIM:#}\n"));
    }
}

/// Lines of at most `room` columns. Breaks between words; a word longer than a line is broken.
pub fn wrap(text: &str, room: usize) -> Vec<String> {
    let (mut lines, mut line) = (Vec::new(), String::new());
    for word in text.split_whitespace() {
        let gap = usize::from(!line.is_empty());
        if line.width() + gap + word.width() <= room {
            line.push_str(if gap == 1 { " " } else { "" });
            line.push_str(word);
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        for letter in word.chars() {
            if !line.is_empty() && line.width() + letter.width().unwrap_or(0) > room {
                lines.push(std::mem::take(&mut line));
            }
            line.push(letter);
        }
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

/// The text within `room` columns, with an ellipsis if it was longer.
fn cut(text: &str, room: usize) -> String {
    if text.width() <= room {
        return text.to_owned();
    }
    let (mut kept, mut columns) = (String::new(), 1);
    for letter in text.chars() {
        columns += letter.width().unwrap_or(0);
        if columns > room {
            break;
        }
        kept.push(letter);
    }
    kept.push('…');
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_wrap_by_columns() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("unbreakable", 4), ["unbr", "eaka", "ble"]);
        assert_eq!(wrap("東京都 港区", 6), ["東京都", "港区"]);
        assert_eq!(wrap("東京都港区", 5), ["東京", "都港", "区"]);
        assert_eq!(wrap("", 5), [""]);
    }

    #[test]
    fn long_titles_are_cut() {
        assert_eq!(cut("short", 5), "short");
        assert_eq!(cut("longer", 5), "long…");
        assert_eq!(cut("東京都港区", 6), "東京…");
    }
}
