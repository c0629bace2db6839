//! Plays scenes: shows calls, makes them, and explains them in the terminal.

use anstyle::{AnsiColor, Style};
use prost::Message;
use tonic::transport::Channel;
use tonic_prost::ProstCodec;
use unicode_width::UnicodeWidthStr as _;

use crate::cli::{
    Outcome, args,
    brief::boxed::{self, WIDTH_MAX, WIDTH_MIN},
    caller::Caller,
    connect::{SERVER_DEFAULT, ServiceChannel},
    demo::days::Days,
    failure::Failure,
    json, output,
};
use crate::proto::{LookupCustomerRequest, Purpose, customer_service_client::CustomerServiceClient};

const TITLE: Style = AnsiColor::Cyan.on_default().bold();
const COMMAND: Style = AnsiColor::Green.on_default();
const MEANING: Style = AnsiColor::Yellow.on_default();
const DIM: Style = Style::new().dimmed();
/// Before the first line of a command.
const PROMPT: &str = "  $ ";
/// Before the other lines.
const CONTINUED: &str = "      ";
/// After each line but the last; lines of a quoted message need none.
const CONTINUES: &str = " \\";

/// A demo server, and the terminal.
pub struct Narrator {
    url: String,
    channel: Channel,
    /// Who makes the calls of the contract. For a command of this program it is the user, unless its flags name somebody.
    caller: Caller,
    pub days: Days,
    waits: bool,
    width: usize,
}

impl Narrator {
    pub fn new(url: String, channel: Channel, caller: Caller, days: Days, waits: bool) -> Self {
        Self { url, channel, caller, days, waits, width: output::width().clamp(WIDTH_MIN, WIDTH_MAX) }
    }

    /// The demo server, with who calls in each call.
    pub fn channel(&self) -> ServiceChannel {
        self.caller.clone().on(self.channel.clone())
    }

    /// The id of the first customer that a look-up for serving finds by an identity.
    pub async fn customer_id(&self, identity: &str) -> Result<String, Failure> {
        let identities = vec![args::identity(identity).map_err(Failure::Usage)?];
        let request = LookupCustomerRequest { identities, venue_id: String::new(), purpose: Purpose::Service.into() };
        let answer = CustomerServiceClient::new(self.channel()).lookup_customer(request).await?.into_inner();
        let found = answer.matches.into_iter().next();
        found.map(|found| found.customer_id).ok_or_else(|| Failure::Failed(format!("the demo has no {identity}")))
    }

    pub fn title(&self, number: usize, of: usize, title: &str) -> Result<(), Failure> {
        let shown = format!("━━ {number} of {of} · {title} ");
        let line = "━".repeat(self.width.saturating_sub(shown.width()));
        output::print(&format!("\n\n{TITLE}{shown}{line}{TITLE:#}\n"))
    }

    /// A paragraph.
    pub fn say(&self, text: &str) -> Result<(), Failure> {
        self.paragraph("", text, Style::new())
    }

    /// Why a scene matters.
    pub fn why(&self, text: &str) -> Result<(), Failure> {
        self.paragraph("→ ", text, MEANING)
    }

    /// What was found out.
    pub fn finding(&self, text: &str) -> Result<(), Failure> {
        self.paragraph("  ", text, Style::new().bold())
    }

    fn paragraph(&self, sign: &str, text: &str, style: Style) -> Result<(), Failure> {
        let indent = " ".repeat(sign.width());
        let lines = boxed::wrap(text, self.width - sign.width());
        let lines = lines.iter().enumerate().map(|(place, line)| {
            let before = if place == 0 { sign } else { &indent };
            format!("{style}{before}{line}{style:#}\n")
        });
        output::print(&format!("\n{}", lines.collect::<String>()))
    }

    /// Shows a command of this program, and runs it against the demo server.
    pub async fn rapport(&self, args: &[&str]) -> Result<(), Failure> {
        self.show(args)?;
        output::print("\n")?;
        let args = [args, &["--server", &self.url]].concat();
        match crate::cli::obey(&args).await? {
            Outcome::Done => Ok(()),
            Outcome::Partly | Outcome::Own(_) => {
                Err(Failure::Failed("a scene could not be played to its end".to_owned()))
            }
        }
    }

    /// Shows a command of this program.
    pub fn show(&self, args: &[&str]) -> Result<(), Failure> {
        let mut pieces = vec!["rapport".to_owned()];
        for arg in args {
            match pieces.last_mut() {
                // A value stays with its flag.
                Some(flag) if flag.starts_with("--") && !flag.contains(' ') && !arg.starts_with("--") => {
                    *flag = format!("{flag} {}", quoted(arg));
                }
                _ => pieces.push(quoted(arg)),
            }
        }
        command(&self.lines(pieces))
    }

    /// Pieces of a command on as few lines as they need.
    fn lines(&self, pieces: impl IntoIterator<Item = String>) -> Vec<String> {
        let room = self.width - CONTINUED.width() - CONTINUES.width();
        let mut lines: Vec<String> = Vec::new();
        for piece in pieces {
            match lines.last_mut() {
                Some(line) if line.width() + 1 + piece.width() <= room => *line = format!("{line} {piece}"),
                _ => lines.push(piece),
            }
        }
        lines
    }

    /// Makes a call of the contract; first shows how buf would make the same one to a server at the usual address: the headers
    /// that say who calls, message, address. `method`: service and method.
    pub async fn call<Q, A>(&self, method: &str, request: Q) -> Result<A, Failure>
    where
        Q: Message + 'static,
        A: Message + Default + 'static,
    {
        let name = method.rsplit('/').next().unwrap_or(method);
        let message = json::write(&json::descriptor(&format!("{name}Request")), &request, true);
        let message = message.map_err(|fault| Failure::Failed(fault.message))?;
        let path = format!("/rapport.v1.{method}");
        let mut lines = vec!["npx --yes @bufbuild/buf curl --protocol grpc --http2-prior-knowledge".to_owned()];
        lines.extend(
            self.lines(
                self.caller.headers().map(|(name, value)| format!("-H {}", quoted(&format!("{name}: {value}")))),
            ),
        );
        lines.push(format!("-d {}", quoted(&message).replace('\n', &format!("\n{CONTINUED}"))));
        lines.push(format!("{SERVER_DEFAULT}{path}"));
        command(&lines)?;
        let mut client = tonic::client::Grpc::new(self.channel());
        client.ready().await.map_err(|_| Failure::Failed("the tour's own server does not answer".to_owned()))?;
        let path = path.parse().map_err(|_| Failure::Failed(format!("{path} is no path")))?;
        let answer = client.unary(tonic::Request::new(request), path, ProstCodec::<Q, A>::default()).await?;
        Ok(answer.into_inner())
    }

    /// Waits until the user wants to go on.
    pub async fn wait(&self) {
        if !self.waits {
            return;
        }
        let (done, pressed) = tokio::sync::oneshot::channel();
        // Not a thread of the runtime: when the runtime ends, it waits for its own threads, and a signal must end the tour while
        // nobody presses Enter.
        std::thread::spawn(move || {
            let mut line = String::new();
            // Without a keyboard there is nobody to wait for.
            let _ = std::io::stdin().read_line(&mut line);
            done.send(())
        });
        let asked = output::print(&format!("\n{DIM}Enter: the next scene. Ctrl-C: the end.{DIM:#} "));
        if asked.is_ok() {
            let _ = pressed.await;
        }
    }
}

fn command(lines: &[String]) -> Result<(), Failure> {
    let text = lines.join(&format!("{CONTINUES}\n{CONTINUED}"));
    output::print(&format!("\n{DIM}{PROMPT}{DIM:#}{COMMAND}{text}{COMMAND:#}\n"))
}

/// An argument as a shell takes it.
fn quoted(word: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_.,:/@+=".contains(letter);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn arguments_are_quoted_where_a_shell_would_take_them_apart() {
        for (word, expected) in [
            ("loyalty:GC-1017", "loyalty:GC-1017"),
            ("+41446681800", "+41446681800"),
            ("two words", "'two words'"),
            ("it's", r"'it'\''s'"),
            ("a|b", "'a|b'"),
            ("", "''"),
        ] {
            assert_eq!(quoted(word), expected);
        }
    }
}
