//! Reads the machine's own package sources, in both formats that apt knows.

use std::path::{Path, PathBuf};

/// One package source: a mirror, suites of it, and the keys that sign them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) uris: Vec<String>,
    pub(crate) suites: Vec<String>,
    pub(crate) components: Vec<String>,
    /// Key files, or a whole key in the text; absent if the keys in `trusted.gpg.d` count.
    pub(crate) signed_by: Option<String>,
}

impl Entry {
    /// Says whether this is the archive of the distribution `codename`, or one of its parts.
    pub(crate) fn serves(&self, codename: &str) -> bool {
        let dash = format!("{codename}-");
        let slash = format!("{codename}/");
        let own = |suite: &String| {
            suite == codename || suite.starts_with(&dash) || suite.starts_with(&slash)
        };
        self.suites.iter().any(own) && self.components.iter().any(|component| component == "main")
    }

    /// Writes the entry as apt reads it, for other suites. An operator's `Trusted: yes` is not carried over: what this
    /// project downloads is verified.
    pub(crate) fn to_deb822(&self, suites: &[&str]) -> String {
        let mut text = format!(
            "Types: deb\nURIs: {}\nSuites: {}\nComponents: main\n",
            self.uris.join(" "),
            suites.join(" ")
        );
        if let Some(keys) = &self.signed_by {
            text += "Signed-By: ";
            text += keys;
            text.push('\n');
        }
        text.push('\n');
        text
    }
}

/// Reads every source file that apt would read.
pub(crate) fn read(list: &Path, parts: &Path) -> Vec<Entry> {
    let mut files = vec![list.to_owned()];
    let names = std::fs::read_dir(parts).into_iter().flatten().flatten();
    let mut names: Vec<PathBuf> = names.map(|entry| entry.path()).collect();
    names.sort();
    files.extend(names);
    let mut entries = Vec::new();
    for file in files {
        // Files of another ending are not apt's; an unreadable one is as good as none.
        let Ok(text) = std::fs::read_to_string(&file) else {
            continue;
        };
        match file.extension().and_then(|ending| ending.to_str()) {
            Some("list") => entries.extend(one_line(&text)),
            Some("sources") => entries.extend(deb822(&text)),
            _ => {}
        }
    }
    entries
}

/// Reads `deb [signed-by=…] URI SUITE COMPONENT…` lines.
fn one_line(text: &str) -> Vec<Entry> {
    let lines = text
        .lines()
        .map(|line| line.split('#').next().unwrap_or_default().trim());
    lines
        .filter_map(|line| {
            let mut rest = line
                .strip_prefix("deb")?
                .strip_prefix([' ', '\t'])?
                .trim_start();
            let mut signed_by = None;
            if let Some(options) = rest.strip_prefix('[') {
                let (options, after) = options.split_once(']')?;
                let mut options = options.split_whitespace();
                let keys = options.find_map(|option| option.strip_prefix("signed-by="));
                signed_by = keys.map(|keys| keys.replace(',', " "));
                rest = after;
            }
            let mut words = rest.split_whitespace().map(ToOwned::to_owned);
            let (uri, suite) = (words.next()?, words.next()?);
            Some(Entry {
                uris: vec![uri],
                suites: vec![suite],
                components: words.collect(),
                signed_by,
            })
        })
        .collect()
}

/// Reads paragraphs of `Types: deb`, `URIs:`, `Suites:`, `Components:`, `Signed-By:`.
fn deb822(text: &str) -> Vec<Entry> {
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    let paragraphs = lines.split(|line| line.trim().is_empty());
    paragraphs.filter_map(paragraph).collect()
}

fn paragraph(lines: &[&str]) -> Option<Entry> {
    let field = |name: &str| -> Option<String> {
        let (mut value, mut inside) = (None::<String>, false);
        for line in lines {
            if line.starts_with([' ', '\t']) {
                if let Some(value) = value.as_mut().filter(|_| inside) {
                    value.push('\n');
                    value.push_str(line);
                }
            } else if let Some((key, first)) = line.split_once(':') {
                inside = key.trim().eq_ignore_ascii_case(name);
                if inside {
                    value = Some(first.trim().to_owned());
                }
            }
        }
        value
    };
    let words = |name: &str| -> Vec<String> {
        field(name)
            .unwrap_or_default()
            .split_whitespace()
            .map(ToOwned::to_owned)
            .collect()
    };
    let off = field("Enabled").is_some_and(|value| value.eq_ignore_ascii_case("no"));
    if off || !words("Types").iter().any(|kind| kind == "deb") {
        return None;
    }
    Some(Entry {
        uris: words("URIs"),
        suites: words("Suites"),
        components: words("Components"),
        signed_by: field("Signed-By"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newer_format_is_read() {
        let text = "Types: deb\n# a comment\nURIs: http://mirror.example/debian\nSuites: trixie\n trixie-updates\n\
            Components: main contrib\nSigned-By: /keys/a.gpg\n\nTypes: deb-src\nURIs: http://mirror.example/debian\n\
            Suites: trixie\nComponents: main\n\nEnabled: no\nTypes: deb\nURIs: x\nSuites: trixie\nComponents: main\n";
        let entries = deb822(text);
        assert_eq!(entries.len(), 1, "{entries:?}");
        assert_eq!(entries[0].suites, ["trixie", "trixie-updates"]);
        assert_eq!(entries[0].signed_by.as_deref(), Some("/keys/a.gpg"));
        assert!(entries[0].serves("trixie") && !entries[0].serves("bookworm"));
    }

    #[test]
    fn a_key_in_the_text_stays_whole() {
        let text = "Types: deb\nURIs: http://mirror.example\nSuites: s\nComponents: main\n\
            Signed-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n abc\n";
        let entry = &deb822(text)[0];
        assert!(
            entry
                .to_deb822(&["t"])
                .ends_with("Signed-By: \n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n abc\n\n")
        );
    }

    #[test]
    fn the_older_format_is_read() {
        let text = "# deb http://a x main\ndeb-src http://a bookworm main\n\
            deb [arch=amd64 signed-by=/keys/a.gpg,/keys/b.gpg trusted=yes] http://a/debian bookworm main # here\n";
        let entries = one_line(text);
        assert_eq!(entries.len(), 1, "{entries:?}");
        assert_eq!(
            entries[0].to_deb822(&["trixie-backports"]),
            "Types: deb\nURIs: http://a/debian\nSuites: trixie-backports\nComponents: main\n\
             Signed-By: /keys/a.gpg /keys/b.gpg\n\n"
        );
    }

    #[test]
    fn another_vendor_s_source_is_not_the_archive() {
        let entries = one_line(
            "deb http://vendor.example bookworm stable\ndeb http://a bookworm-pgdg-x non-free\n",
        );
        assert!(entries.iter().all(|entry| !entry.serves("bookworm")));
    }
}
