//! What languages are called.

/// The languages that guests of most houses speak, by their subtag of BCP 47.
const NAMES: &[(&str, &str)] = &[
    ("ar", "Arabic"),
    ("bg", "Bulgarian"),
    ("bn", "Bengali"),
    ("ca", "Catalan"),
    ("cs", "Czech"),
    ("da", "Danish"),
    ("de", "German"),
    ("el", "Greek"),
    ("en", "English"),
    ("es", "Spanish"),
    ("et", "Estonian"),
    ("fa", "Persian"),
    ("fi", "Finnish"),
    ("fr", "French"),
    ("gsw", "Swiss German"),
    ("he", "Hebrew"),
    ("hi", "Hindi"),
    ("hr", "Croatian"),
    ("hu", "Hungarian"),
    ("id", "Indonesian"),
    ("it", "Italian"),
    ("ja", "Japanese"),
    ("ko", "Korean"),
    ("lt", "Lithuanian"),
    ("lv", "Latvian"),
    ("ms", "Malay"),
    ("nb", "Norwegian"),
    ("nl", "Dutch"),
    ("no", "Norwegian"),
    ("pl", "Polish"),
    ("pt", "Portuguese"),
    ("rm", "Romansh"),
    ("ro", "Romanian"),
    ("ru", "Russian"),
    ("sk", "Slovak"),
    ("sl", "Slovenian"),
    ("sr", "Serbian"),
    ("sv", "Swedish"),
    ("th", "Thai"),
    ("tl", "Filipino"),
    ("tr", "Turkish"),
    ("uk", "Ukrainian"),
    ("ur", "Urdu"),
    ("vi", "Vietnamese"),
    ("yue", "Cantonese"),
    ("zh", "Chinese"),
];

/// "Italian"; "Portuguese (pt-BR)" where the code says more; the code itself where we know no name.
pub(super) fn name(code: &str) -> String {
    let primary = code.split('-').next().unwrap_or(code);
    match NAMES.iter().find(|(known, _)| *known == primary) {
        Some((_, name)) if primary == code => (*name).to_owned(),
        Some((_, name)) => format!("{name} ({code})"),
        None => code.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn languages_have_names() {
        for (code, name) in
            [("it", "Italian"), ("pt-BR", "Portuguese (pt-BR)"), ("tlh", "tlh"), ("gsw", "Swiss German")]
        {
            assert_eq!(super::name(code), name);
        }
    }
}
