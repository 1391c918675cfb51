//! `cargo xtask fuzz`: the fuzz targets for longer than the tests run them.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::cargo::{cargo, host_tests, root, show};
use crate::error::Error;
use crate::wasm_std;

/// The targets of `tests/fuzz`; `tests/fuzzing.rs` checks that it runs each.
const TARGETS: &[&str] = &[
    "configuration",
    "grants",
    "mcp_lines",
    "metadata",
    "tree_names",
];

/// For how long a target runs where nobody says it.
const SECONDS: &str = "60";

/// What the words ask for.
#[derive(Debug, Default, PartialEq, Eq)]
struct Asked {
    target: Option<String>,
    seconds: Option<String>,
    seed: Option<String>,
    libfuzzer: bool,
}

/// Runs one target, or all, one after the other: by mutations on this compiler, or under libFuzzer where it is installed.
pub(crate) fn fuzz(words: &[String]) -> Result<(), Error> {
    let asked = parse(words)?;
    let targets: Vec<&str> = match &asked.target {
        Some(target) => vec![target],
        None => TARGETS.to_vec(),
    };
    let seconds = asked.seconds.as_deref().unwrap_or(SECONDS);
    for target in targets {
        if asked.libfuzzer {
            libfuzzer(target, seconds)?;
        } else {
            here(target, seconds, asked.seed.as_deref())?;
        }
    }
    Ok(())
}

/// Mutates the stored inputs in the tests' own binary: slower to find its way than libFuzzer, and always there.
fn here(target: &str, seconds: &str, seed: Option<&str>) -> Result<(), Error> {
    wasm_std::provide()?;
    // Other mutations each time; the seed is printed with what it finds.
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let seed = seed.map_or_else(|| now.as_secs().to_string(), str::to_owned);
    show(
        host_tests(&["--test", "all"])
            .args(["--exact", "--nocapture", &format!("fuzzing::{target}")])
            .env("PARACLE_FUZZ_SECONDS", seconds)
            .env("PARACLE_FUZZ_SEED", seed),
    )
}

fn libfuzzer(target: &str, seconds: &str) -> Result<(), Error> {
    let mut version = cargo();
    version
        .args(["+nightly", "fuzz", "--version"])
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null());
    if !version.status().is_ok_and(|status| status.success()) {
        return Err(Error::Usage(
            "libFuzzer needs a nightly compiler and cargo-fuzz: `rustup toolchain install nightly` and `cargo install \
             cargo-fuzz --locked`; without --libfuzzer the targets run on this compiler"
                .to_owned(),
        ));
    }
    show(
        cargo()
            .current_dir(root())
            .args([
                "+nightly",
                "fuzz",
                "run",
                "--fuzz-dir",
                "tests/fuzz",
                target,
            ])
            .args(["--", &format!("-max_total_time={seconds}")]),
    )
}

fn parse(words: &[String]) -> Result<Asked, Error> {
    let mut asked = Asked::default();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let place = match word.as_str() {
            "--libfuzzer" => {
                asked.libfuzzer = true;
                continue;
            }
            "--seconds" => &mut asked.seconds,
            "--seed" => &mut asked.seed,
            target if TARGETS.contains(&target) => {
                asked.target = Some(word.clone());
                continue;
            }
            unknown => {
                return Err(Error::Usage(format!(
                    "there is no fuzz target `{unknown}`; there are {}",
                    TARGETS.join(", ")
                )));
            }
        };
        let number = words.next().filter(|number| number.parse::<u64>().is_ok());
        *place = Some(
            number
                .cloned()
                .ok_or_else(|| Error::Usage(format!("`{word}` needs a number")))?,
        );
    }
    Ok(asked)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn the_targets_are_those_of_the_folder() {
        let mut there: Vec<String> = std::fs::read_dir(root().join("tests/fuzz/fuzz_targets"))
            .unwrap()
            .map(|entry| {
                entry
                    .unwrap()
                    .path()
                    .file_stem()
                    .unwrap()
                    .to_string_lossy()
                    .into_owned()
            })
            .collect();
        there.sort();
        assert_eq!(there, TARGETS);
    }

    #[test]
    fn words_are_a_target_and_numbers() {
        let asked = parse(&words("grants --seconds 5")).unwrap();
        assert_eq!(asked.target.as_deref(), Some("grants"));
        assert_eq!(asked.seconds.as_deref(), Some("5"));
        for wrong in ["nonsense", "--seconds", "--seconds soon", "--seed"] {
            assert_eq!(parse(&words(wrong)).unwrap_err().exit_code(), 2, "{wrong}");
        }
    }
}
