//! Standard output, which may be a pipe whose reader has gone.

use std::io::{ErrorKind, Write as _};

use prost::Message;

use super::{Outcome, failure::Failure, json};

/// Writes to standard output; colours only where a terminal wants them.
pub fn print(text: &str) -> Result<(), Failure> {
    let mut out = anstream::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        // `rapport brief … | head` is no failure.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(Failure::Failed(format!("cannot write to standard output: {error}"))),
        Ok(()) => Ok(()),
    }
}

/// Writes a line to standard error. If it is closed, the line is dropped, which is no failure.
pub fn tell(line: &str) {
    let _ = writeln!(anstream::stderr().lock(), "{line}");
}

/// Writes an answer as the last thing that a command does.
pub fn done(text: &str) -> Result<Outcome, Failure> {
    print(text)?;
    Ok(Outcome::Done)
}

/// Writes an answer as proto3-JSON; `name` is its message in the contract.
pub fn answer<M: Message>(name: &str, answer: &M) -> Result<Outcome, Failure> {
    let text = json::write(&json::descriptor(name), answer, true);
    done(&format!("{}\n", text.map_err(|fault| Failure::Failed(fault.message))?))
}

/// Columns of the terminal; 80 when there is none, as for a file or a pipe.
pub fn width() -> usize {
    const WITHOUT_TERMINAL: usize = 80;
    terminal_size::terminal_size().map_or(WITHOUT_TERMINAL, |(width, _)| usize::from(width.0))
}

/// Text from outside, made safe for a terminal: no control characters (they could move the cursor or worse), and none
/// that turn the direction of writing.
pub fn tame(text: &str) -> String {
    let is_wild = |letter: char| {
        letter.is_control()
            || matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|letter| if is_wild(letter) { ' ' } else { letter }).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        assert_eq!(super::tame("a\u{1b}[31mb\u{202e}c\nd"), "a [31mb c d");
    }
}
