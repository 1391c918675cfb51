//! Globs, by way of a regular expression.

use paracle_plugin_sdk::prelude::ToolError;
use regex_lite::Regex;

/// Compiles a glob: `*` and `?` stay within a name, `**` does not, `{a,b}` is either, and one without `/` matches in
/// any folder.
pub(crate) fn compile(glob: &str) -> Result<Regex, ToolError> {
    let mut pattern = String::from(if glob.contains('/') { "^" } else { "^(?:.*/)?" });
    let mut rest = glob.trim_start_matches('/');
    let mut braces = 0_u32;
    while let Some(letter) = rest.chars().next() {
        let (taken, meaning) = if rest.starts_with("**/") {
            (3, "(?:.*/)?".to_owned())
        } else if rest.starts_with("**") {
            (2, ".*".to_owned())
        } else {
            let meaning = match letter {
                '*' => "[^/]*".to_owned(),
                '?' => "[^/]".to_owned(),
                '{' => {
                    braces += 1;
                    "(?:".to_owned()
                }
                '}' if braces > 0 => {
                    braces -= 1;
                    ")".to_owned()
                }
                ',' if braces > 0 => "|".to_owned(),
                other => regex_lite::escape(other.encode_utf8(&mut [0; 4])),
            };
            (letter.len_utf8(), meaning)
        };
        pattern += &meaning;
        rest = &rest[taken..];
    }
    pattern.push('$');
    Regex::new(&pattern)
        .map_err(|e| ToolError::invalid_value("/glob", format!("`{glob}` is not a glob: {e}")))
}

#[cfg(test)]
mod tests {
    use super::compile;

    #[test]
    fn globs_match_as_people_expect() {
        let matches = |glob: &str, path: &str| compile(glob).is_ok_and(|glob| glob.is_match(path));
        for (glob, path) in [
            ("*.rs", "src/a/main.rs"),
            ("src/**/*.rs", "src/main.rs"),
            ("src/**/*.rs", "src/a/b/main.rs"),
            ("**/target/**", "a/target/x/y"),
            ("*.{c,h}", "x/y.h"),
            ("a?c", "abc"),
            ("/Cargo.toml", "Cargo.toml"),
        ] {
            assert!(matches(glob, path), "{glob} {path}");
        }
        for (glob, path) in [
            ("*.rs", "main.rsx"),
            ("src/*.rs", "src/a/main.rs"),
            ("a.c", "abc"),
            ("/Cargo.toml", "host/Cargo.toml"),
            ("a,b", "a"),
        ] {
            assert!(!matches(glob, path), "{glob} {path}");
        }
        assert!(compile("{").is_err());
    }
}
