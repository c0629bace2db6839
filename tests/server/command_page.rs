//! docs/shell.md, run unchanged.

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
};

/// A served demo; it ends with the test.
struct Demo {
    child: Child,
    url: String,
}

impl Demo {
    /// Waits for the page that the demo prints once its customers are there.
    fn start() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_rapport"))
            .args(["serve", "--demo", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines().map_while(Result::ok);
        let url = lines.find_map(|line| Some(line.split_once("serves a demo at ")?.1.split_once(' ')?.0.to_owned()));
        // Read on, so that the program never blocks on its output.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, url: url.expect("it says where it serves") }
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn every_command_of_the_page_works_in_its_order() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/shell.md")).expect("the page");
    let blocks: Vec<&str> = page.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    let script = format!("set -e\nrapport() {{ '{}' \"$@\"; }}\n{}", env!("CARGO_BIN_EXE_rapport"), blocks.concat());
    let demo = Demo::start();
    let mut shell = Command::new("sh");
    shell.args(["-c", &script]).env("RAPPORT_SERVER", &demo.url).env("USER", "mara");
    let ran = shell.output().expect("a shell");
    let (out, err) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success(), "{out}\n{err}");
    // What stands behind a command in the page and names what it made.
    let made = blocks.iter().flat_map(|block| block.lines()).filter_map(|line| Some(line.split_once("# ")?.1));
    let made: Vec<&str> = made.filter(|words| words.contains(" as ")).collect();
    assert_eq!(made.len(), 4, "{made:?}");
    for words in made {
        assert!(out.contains(words), "{words} is not in:\n{out}");
    }
}
