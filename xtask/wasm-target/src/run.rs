//! The one door to other programs: runs one to its end and keeps what it said for the error.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::error::{At, Error};

/// How many of a failed program's last lines an error carries: enough for cargo's error and its cause.
const TAIL: usize = 12;

/// Runs `command` and returns its standard output; `what` completes "failed to …".
pub(crate) fn run(what: &str, command: &mut Command) -> Result<String, Error> {
    // Messages are read by people and, for apt and rustc, by this crate: one language.
    let output = command
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::null())
        .output()
        .map_err(|source| Error::Start {
            program: command.get_program().to_string_lossy().into_owned(),
            source,
        })?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = if output.stderr.is_empty() {
        &output.stdout
    } else {
        &output.stderr
    };
    Err(Error::Failed {
        what: what.to_owned(),
        output: tail(&String::from_utf8_lossy(said)),
    })
}

/// Copies a folder without the sub-folder `except` of its top level.
pub(crate) fn copy_folder(from: &Path, to: &Path, except: &str) -> Result<(), Error> {
    std::fs::create_dir_all(to).at("create", to)?;
    for entry in std::fs::read_dir(from).at("read", from)? {
        let entry = entry.at("read", from)?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if entry.file_name() == except {
            continue;
        }
        if source.is_dir() {
            copy_folder(&source, &target, "")?;
        } else {
            std::fs::copy(&source, &target).at("copy", &source)?;
        }
    }
    Ok(())
}

/// Returns the last lines of a program's output, on one line if there is only one.
fn tail(text: &str) -> String {
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    lines[lines.len().saturating_sub(TAIL)..]
        .join("\n")
        .trim()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_carries_the_last_lines_only() {
        let lines: Vec<String> = (0..40).map(|n| format!("line {n}")).collect();
        let text = lines.join("\n\n");
        assert!(tail(&text).starts_with("line 28\n"));
        assert!(tail(&text).ends_with("line 39"));
        assert_eq!(tail("one\n"), "one");
    }

    #[test]
    fn a_missing_program_is_named() {
        let error = run("x", &mut Command::new("paracle-no-such-program")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the program `paracle-no-such-program` is not installed"
        );
    }
}
