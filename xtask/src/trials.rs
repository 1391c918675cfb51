//! `cargo xtask crash-test`, `crowd-test` and `leak-test`: what the tests try a few times, tried often.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::cargo::{host_tests, program, root, show};
use crate::error::Error;
use crate::wasm_std;

/// How many processes are killed where nobody says it.
const KILLS: &str = "500";

/// An option: its word, the variable that the test reads, and whether it is a number.
type Option = (&'static str, &'static str, bool);

const CRASH: &[Option] = &[
    ("--kills", "PARACLE_CRASH_KILLS", true),
    ("--seed", "PARACLE_CRASH_SEED", true),
    ("--repo", "PARACLE_CRASH_REPOSITORIES", false),
];

const CROWD: &[Option] = &[
    ("--processes", "PARACLE_CROWD_PROCESSES", true),
    ("--executions", "PARACLE_CROWD_EXECUTIONS", true),
];

const LEAK: &[Option] = &[
    ("--calls", "PARACLE_LEAK_CALLS", true),
    ("--reconnects", "PARACLE_LEAK_RECONNECTS", true),
];

/// Calls and connects again and again to what people install, and checks that nothing grows.
pub(crate) fn leak(words: &[String]) -> Result<(), Error> {
    let mut given = parse(words, LEAK)?;
    default(&mut given, "PARACLE_LEAK_CALLS", "1000000");
    default(&mut given, "PARACLE_LEAK_RECONNECTS", "10000");
    wasm_std::provide()?;
    let program = program("release")?;
    given.push(("PARACLE_HOST", program.to_string_lossy().into_owned()));
    run("leaks::", &given)
}

/// Kills the program at random instants, and checks after each what must hold.
pub(crate) fn crash(words: &[String]) -> Result<(), Error> {
    let mut given = parse(words, CRASH)?;
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    default(&mut given, "PARACLE_CRASH_KILLS", KILLS);
    // Other instants each time; the seed is printed.
    default(&mut given, "PARACLE_CRASH_SEED", &now.as_secs().to_string());
    run("crash::", &given)
}

/// Has many processes edit and merge into one branch at once, alone and beside a person who commits and collects garbage.
pub(crate) fn crowd(words: &[String]) -> Result<(), Error> {
    let mut given = parse(words, CROWD)?;
    default(&mut given, "PARACLE_CROWD_PROCESSES", "8");
    default(&mut given, "PARACLE_CROWD_EXECUTIONS", "64");
    run("crowd::", &given)
}

/// Sets what nobody said.
fn default(given: &mut Vec<(&'static str, String)>, variable: &'static str, value: &str) {
    if given.iter().all(|(other, _)| *other != variable) {
        given.push((variable, value.to_owned()));
    }
}

fn run(tests: &str, variables: &[(&'static str, String)]) -> Result<(), Error> {
    wasm_std::provide()?;
    show(
        host_tests(&["--test", "all"])
            .args(["--nocapture", "--test-threads=1", tests])
            .envs(variables.iter().cloned()),
    )
}

/// Reads options with their values; one that is given again is added behind a colon.
fn parse(words: &[String], options: &[Option]) -> Result<Vec<(&'static str, String)>, Error> {
    let mut given: Vec<(&'static str, String)> = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let Some((_, variable, is_number)) = options.iter().find(|(name, ..)| name == word) else {
            let names: Vec<&str> = options.iter().map(|(name, ..)| *name).collect();
            return Err(Error::Usage(format!(
                "there is no option `{word}`; there are {}",
                names.join(", ")
            )));
        };
        let value = words
            .next()
            .filter(|value| !is_number || value.parse::<u64>().is_ok());
        let value = value.ok_or_else(|| Error::Usage(format!("`{word}` needs a value")))?;
        let value = if *is_number {
            value.clone()
        } else {
            root().join(value).to_string_lossy().into_owned()
        };
        match given.iter_mut().find(|(other, _)| other == variable) {
            Some((_, before)) => *before = format!("{before}:{value}"),
            None => given.push((variable, value)),
        }
    }
    Ok(given)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn words_become_the_variables_of_the_test() {
        let given = parse(&words("--kills 5 --repo /a --repo /b"), CRASH).unwrap();
        let kills = ("PARACLE_CRASH_KILLS", "5".to_owned());
        let repositories = ("PARACLE_CRASH_REPOSITORIES", "/a:/b".to_owned());
        assert_eq!(given, [kills, repositories]);
        for wrong in ["--kills", "--kills many", "--processes 3", "500"] {
            assert_eq!(
                parse(&words(wrong), CRASH).unwrap_err().exit_code(),
                2,
                "{wrong}"
            );
        }
    }
}
