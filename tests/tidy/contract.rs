//! The contract: each part of it has a comment.

use super::{assert_clean, files};

#[test]
fn every_part_of_the_contract_is_documented() {
    let contract: Vec<_> =
        files("proto").into_iter().filter(|(path, _)| path.starts_with("proto/rapport/v1/")).collect();
    assert!(!contract.is_empty(), "the contract was not found");
    assert_clean(contract.iter().flat_map(|(path, text)| proto_faults(path, text)));
}

/// Messages, enums, services and all their parts must have a comment on the line above.
fn proto_faults(path: &str, text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let (mut above, mut continued) = ("", false);
    for (index, line) in text.lines().map(str::trim).enumerate() {
        let first = line.split([' ', '=']).next().unwrap_or("");
        let exempt = ["", "//", "}", "syntax", "package", "import", "option", "reserved"].contains(&first);
        if !exempt && !continued && !above.starts_with("//") {
            faults.push(format!("{path}:{}: no comment above: {line}", index + 1));
        }
        if !line.starts_with("//") {
            continued = !line.is_empty() && !line.ends_with([';', '{', '}']);
        }
        above = line;
    }
    faults
}

#[test]
fn an_undocumented_field_is_found() {
    let text =
        "// A.\nmessage A {\n  // B.\n  string b = 1;\n  string c = 2;\n}\n\n// E.\nenum E {\n  E_UNSPECIFIED = 0;\n}";
    assert_eq!(proto_faults("proto/rapport/v1/a.proto", text).len(), 2);
}
