//! Commands that the program names to a person: they lead to the repositories that this one was told of.

use std::borrow::Cow;
use std::path::Path;
use std::sync::OnceLock;

use paracle_host::flow::NamedFolder;

const PROGRAM: &str = "paracle-host ";

/// What takes several repositories.
const OF_SEVERAL: [&str; 2] = ["run", "mcp"];

const OF_ONE: [&str; 7] = [
    "audit",
    "doctor",
    "execution",
    "git",
    "grant",
    "init",
    "plugin",
];

static FOLDERS: OnceLock<Words> = OnceLock::new();

/// The words that name the repositories.
struct Words {
    all: String,
    first: String,
}

impl Words {
    fn of(folders: &[NamedFolder]) -> Option<Self> {
        let path = |folder: &NamedFolder| folder.path.to_str().map(ToOwned::to_owned);
        let mut all = String::new();
        for folder in folders {
            let path = path(folder)?;
            let word = match &folder.name {
                Some(name) => format!("{name}={path}"),
                None => path,
            };
            all = format!("{all}--repo {} ", quoted(&word));
        }
        let first = format!("--repo {} ", quoted(&path(folders.first()?)?));
        Some(Self { all, first })
    }
}

/// Notes the repositories that the command was told of.
pub(crate) fn lead_to(folders: &[NamedFolder]) {
    if let Some(words) = Words::of(folders)
        && FOLDERS.set(words).is_err()
    {
        tracing::debug!("the repositories were noted before");
    }
}

/// Adds the repositories to each command of this program that a text names and that has none.
pub(crate) fn led(text: &str) -> Cow<'_, str> {
    match FOLDERS.get() {
        Some(words) if text.contains(PROGRAM) => Cow::Owned(with(text, words)),
        _ => Cow::Borrowed(text),
    }
}

fn with(text: &str, words: &Words) -> String {
    let mut parts = text.split(PROGRAM);
    let mut led = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        led.push_str(PROGRAM);
        let command = part.split(['`', '\n']).next().unwrap_or_default();
        let verb = command.split(' ').next().unwrap_or_default();
        if !command.contains("--repo") {
            if OF_SEVERAL.contains(&verb) {
                led.push_str(&words.all);
            } else if OF_ONE.contains(&verb) {
                led.push_str(&words.first);
            }
        }
        led.push_str(part);
    }
    led
}

/// Returns the words that lead to a repository.
pub(crate) fn to(folder: &Path) -> String {
    format!("--repo {}", quoted(&folder.display().to_string()))
}

/// Writes a word as a shell reads it.
fn quoted(word: &str) -> Cow<'_, str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./=+:@%,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        Cow::Borrowed(word)
    } else {
        Cow::Owned(format!("'{}'", word.replace('\'', r"'\''")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: Option<&str>, path: &str) -> NamedFolder {
        NamedFolder {
            name: name.map(|name| name.parse().unwrap()),
            path: path.into(),
        }
    }

    #[test]
    fn a_command_leads_to_the_repositories_it_was_told_of_once() {
        let words = Words::of(&[folder(None, "my app"), folder(Some("kit"), "../lib")]).unwrap();
        let first = "see `paracle-host git merge x` or\nparacle-host run a__b; paracle-host 0.1";
        let led = with(first, &words);
        assert_eq!(
            led,
            "see `paracle-host --repo 'my app' git merge x` or\n\
             paracle-host --repo 'my app' --repo kit=../lib run a__b; paracle-host 0.1"
        );
        assert_eq!(with(&led, &words), led);
        let named = "`paracle-host git merge x --repo /there`";
        assert_eq!(with(named, &words), named);
    }
}
