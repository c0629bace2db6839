//! Reads Rust as far as the house rules need it: which paths a file names, and how long its functions are.
//! No parser: comments and strings are blanked, then words are joined. A path within a macro counts like any other.

/// The text with comments, strings and characters blanked, so that positions stay.
pub fn code(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let end = token_end(&chars, at);
        if end == at {
            out.push(chars[at]);
            at += 1;
        } else {
            out.extend(chars[at..end].iter().map(|c| if *c == '\n' { '\n' } else { ' ' }));
            at = end;
        }
    }
    out
}

/// Every string in the code: the character at which it begins, and what stands between its quotes.
pub fn strings(text: &str) -> Vec<(usize, String)> {
    let chars: Vec<char> = text.chars().collect();
    let (mut found, mut at) = (Vec::new(), 0);
    while at < chars.len() {
        let end = token_end(&chars, at);
        let token: String = chars[at..end].iter().collect();
        if token.starts_with(['"', 'r']) {
            found.push((at, token.trim_start_matches('r').trim_matches('#').trim_matches('"').to_owned()));
        }
        at = end.max(at + 1);
    }
    found
}

/// Where the comment, string or character that begins here ends; `at` when none begins.
fn token_end(chars: &[char], at: usize) -> usize {
    let peek = |ahead: usize| chars.get(at + ahead).copied().unwrap_or(' ');
    let find = |from: usize, what: &[char]| {
        (from..chars.len()).find(|i| chars[*i..].starts_with(what)).map_or(chars.len(), |i| i + what.len())
    };
    let in_word = at > 0 && (chars[at - 1].is_alphanumeric() || chars[at - 1] == '_') && chars[at - 1] != 'b';
    match (chars[at], peek(1)) {
        ('/', '/') => find(at, &['\n']) - 1,
        ('/', '*') => find(at + 2, &['*', '/']),
        ('r', '"' | '#') if !in_word => {
            let hashes = chars[at + 1..].iter().take_while(|c| **c == '#').count();
            if peek(1 + hashes) != '"' {
                return at; // A raw identifier.
            }
            let close: Vec<char> = std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
            find(at + 2 + hashes, &close)
        }
        ('"', _) => closing(chars, at, '"'),
        ('\'', '\\') => closing(chars, at, '\''),
        ('\'', _) if peek(2) == '\'' => at + 3,
        _ => at,
    }
}

/// Behind the closing quote, minding escapes.
fn closing(chars: &[char], open: usize, quote: char) -> usize {
    let mut at = open + 1;
    while at < chars.len() && chars[at] != quote {
        at += if chars[at] == '\\' { 2 } else { 1 };
    }
    (at + 1).min(chars.len())
}

/// Every path in the code with its line: `use` trees flattened, `self` and `super` resolved to `crate`.
pub fn resolved_paths(path: &str, text: &str) -> Vec<(usize, Vec<String>)> {
    let module = module_of(path);
    let mut paths = flat_paths(&code(text));
    for (_, segments) in &mut paths {
        if segments[0] == "rapport" {
            segments[0] = "crate".into(); // From the binary and the tests, the library.
        }
        let ups = segments.iter().take_while(|segment| *segment == "super").count();
        if path.starts_with("src/") && segments.len() > 1 && (ups > 0 || segments[0] == "self") {
            let base = module[..module.len().saturating_sub(ups).max(1)].to_vec();
            segments.splice(..ups.max(1), base);
        }
    }
    paths
}

/// `src/store/redb/mod.rs` is `crate::store::redb`.
fn module_of(path: &str) -> Vec<String> {
    let inner = path.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod");
    let parts = inner.split('/').filter(|part| !["lib", "main", "mod"].contains(part));
    std::iter::once("crate").chain(parts).map(String::from).collect()
}

fn flat_paths(code: &str) -> Vec<(usize, Vec<String>)> {
    let chars: Vec<char> = code.chars().collect();
    let (mut out, mut line, mut at) = (Vec::new(), 1, 0);
    // The prefixes of the open `use` groups, and the path being read.
    let (mut groups, mut current): (Vec<Vec<String>>, Vec<String>) = (Vec::new(), Vec::new());
    let mut joined = false;
    while at < chars.len() {
        let c = chars[at];
        let word = chars[at..].iter().take_while(|c| c.is_alphanumeric() || **c == '_').count();
        if word > 0 {
            if !joined {
                flush(&mut out, &mut current, line);
                current = groups.last().cloned().unwrap_or_default();
            }
            current.push(chars[at..at + word].iter().collect());
            (joined, at) = (false, at + word);
            continue;
        }
        if chars[at..].starts_with(&[':', ':']) {
            (joined, at) = (!current.is_empty(), at + 2);
            continue;
        }
        match c {
            '{' if joined => groups.push(std::mem::take(&mut current)),
            '}' if !groups.is_empty() => {
                flush(&mut out, &mut current, line);
                groups.pop();
            }
            '\n' => line += 1,
            _ => {}
        }
        if !c.is_whitespace() {
            flush(&mut out, &mut current, line);
            joined = false;
        }
        at += 1;
    }
    flush(&mut out, &mut current, line);
    out
}

fn flush(out: &mut Vec<(usize, Vec<String>)>, current: &mut Vec<String>, line: usize) {
    if !current.is_empty() {
        out.push((line, std::mem::take(current)));
    }
}

/// The first line and the number of lines of every function with a body.
pub fn functions(text: &str) -> Vec<(usize, usize)> {
    let code = code(text);
    let lines: Vec<&str> = code.lines().collect();
    let mut found = Vec::new();
    for (first, line) in lines.iter().enumerate() {
        if !line.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == "fn") || line.contains("fn(") {
            continue;
        }
        let (mut depth, mut open) = (0_i64, false);
        'body: for (last, line) in lines.iter().enumerate().skip(first) {
            for c in line.chars() {
                match c {
                    '{' => (depth, open) = (depth + 1, true),
                    '}' => depth -= 1,
                    ';' if !open && depth == 0 => break 'body,
                    '(' | '[' if !open => depth += 1,
                    ')' | ']' if !open => depth -= 1,
                    _ => {}
                }
                if open && depth == 0 {
                    found.push((first + 1, last - first + 1));
                    break 'body;
                }
            }
        }
    }
    found
}
