//! What `serve --demo` prints: where it listens, whom it knows, and three calls to copy.

use std::{env, path::PathBuf};

use anstyle::Style;
use unicode_width::UnicodeWidthStr as _;

use super::venues::{BAR, BEACH, DIRECTOR, HOTEL, RESTAURANT};

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

/// Name, identity, a venue to try, and what there is to see.
pub const CUSTOMERS: &[(&str, &str, &str, &str)] = &[
    ("Elena Marchetti", "room@zrh-lakeside:412", HOTEL, "birthday today, nut allergy, one evening of mariachi"),
    ("Tomás Herrera", "loyalty:GC-1002", BEACH, "mariachi for good; never asked about allergies"),
    ("James Whitfield", "loyalty:GC-1003", HOTEL, "no alcohol, and not a word about why"),
    ("Amara Okafor", "loyalty:GC-1004", RESTAURANT, "uses a wheelchair"),
    ("Keller family", "loyalty:GC-1005", RESTAURANT, "a household"),
    ("Nina Keller", "phone:+41446681800", RESTAURANT, "shares this phone with the family: ask who it is"),
    ("山田 花子", "loyalty:GC-1007", HOTEL, "a name, and how to say it"),
    ("Priya Raman", "loyalty:GC-1008", HOTEL, "anniversary tomorrow; leave the birthday alone"),
    ("Inês Carvalho", "email:ines.carvalho@example.com", BAR, "Friday evenings; add --at for one"),
    ("Hans Petersen", "loyalty:GC-2002", RESTAURANT, "a regular, back after eight months"),
    ("Sophie Lindqvist", "loyalty:GC-2003", RESTAURANT, "was asked, and has no allergies"),
    ("Leah Goldberg", "loyalty:GC-2004", RESTAURANT, "born on 29 February, keeps kosher"),
    ("Marco Bianchi", "loyalty:GC-1009", HOTEL, "made good with an apology; used to chocolate by now"),
    ("Lucía Vega", "loyalty:GC-1010", HOTEL, "an open issue, and a promise about to be missed"),
    ("Oskar Lind", "loyalty:GC-1011", HOTEL, "came every month, and is slipping away"),
    ("(nobody)", "phone:+41446681801", HOTEL, "a first visit"),
];

/// The page for a server at `url`.
pub fn page(url: &str) -> String {
    let command = command();
    let server = if url == crate::cli::connect::SERVER_DEFAULT { String::new() } else { format!(" --server {url}") };
    let host = url.trim_start_matches("http://");
    let mut page = format!("\n{BOLD}Rapport serves a demo at {url}{BOLD:#}  (Ctrl-C stops it)\n\n");
    let names = CUSTOMERS.iter().map(|customer| customer.0.width()).max().unwrap_or_default();
    let identities = CUSTOMERS.iter().map(|customer| customer.1.width()).max().unwrap_or_default();
    for (name, identity, venue, what) in CUSTOMERS {
        let (gap, space) = (" ".repeat(names - name.width()), " ".repeat(identities - identity.width()));
        page.push_str(&format!("  {BOLD}{name}{BOLD:#}{gap}  {identity}{space}  {venue:<12}  {DIM}{what}{DIM:#}\n"));
    }
    page.push_str(&format!(
        "\n{BOLD}Brief the front desk{BOLD:#}\n\n  {command} brief --identity room@zrh-lakeside:412 --venue {HOTEL}{server}\n"
    ));
    page.push_str(&format!(
        "\n{BOLD}Look at where the business stands{BOLD:#}\n\n  {command} review --role {DIRECTOR}{server}\n"
    ));
    page.push_str(&format!(
        "\n{BOLD}A briefing with buf{BOLD:#} {DIM}(Node.js){DIM:#}\n\n  \
        npx --yes @bufbuild/buf curl --protocol grpc --http2-prior-knowledge \\\n    \
        -d '{{\"subject\": {{\"identity\": {{\"type\": \"IDENTITY_TYPE_LOYALTY\", \"value\": \"GC-1017\"}}}},\n         \
        \"venueId\": \"{HOTEL}\", \"purpose\": \"PURPOSE_SERVICE\"}}' \\\n    \
        {url}/rapport.v1.BriefingService/GetBriefing\n"
    ));
    page.push_str(&format!(
        "\n{BOLD}And from Python{BOLD:#} {DIM}(in this repository, after: pip install grpcio-tools){DIM:#}\n\n{}\n",
        PYTHON.replace("HOST", host).replace("VENUE", HOTEL)
    ));
    page
}

/// Compiles the contract while it runs, so that there is nothing to generate first. One logical line, so that it can be
/// copied with its indentation.
const PYTHON: &str = r#"  python3 -c 'import sys, grpc; sys.path.insert(0, "proto"); \
  messages, services = grpc.protos_and_services("rapport/v1/briefing_service.proto"); \
  customers = grpc.protos("rapport/v1/customer.proto"); \
  card = customers.Identity(type="IDENTITY_TYPE_LOYALTY", value="GC-1017"); \
  request = messages.GetBriefingRequest(subject=messages.BriefingSubject(identity=card), \
                                        venue_id="VENUE", purpose="PURPOSE_SERVICE"); \
  answer = services.BriefingServiceStub(grpc.insecure_channel("HOST")).GetBriefing(request); \
  print(*(statement.text for statement in answer.briefing.headline), sep="\n")'"#;

/// How this program was called, so that the line can be copied.
fn command() -> String {
    let path = env::current_exe().unwrap_or_else(|_| PathBuf::from("rapport"));
    let folder = env::current_dir().unwrap_or_default();
    match path.strip_prefix(&folder) {
        // A bare name would be looked for elsewhere.
        Ok(below) if below.components().count() == 1 => format!("./{}", below.display()),
        Ok(below) => below.display().to_string(),
        Err(_) => path.display().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{args, connect::SERVER_DEFAULT};

    #[test]
    fn every_line_can_be_tried() {
        for (name, identity, ..) in CUSTOMERS {
            assert!(args::identity(identity).is_ok(), "{name}");
        }
    }

    #[test]
    fn calls_go_to_where_it_listens() {
        let page = page("http://127.0.0.1:7777");
        assert!(page.contains("--server http://127.0.0.1:7777\n"), "{page}");
        assert!(page.contains("http://127.0.0.1:7777/rapport.v1.BriefingService/GetBriefing"));
        assert!(page.contains("insecure_channel(\"127.0.0.1:7777\")"));
        assert!(!super::page(SERVER_DEFAULT).contains("--server"));
    }
}
