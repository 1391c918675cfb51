//! Calls cargo and other programs for the root workspace, in the open: the command, its own output, its seconds.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use crate::error::Error;

/// Returns the root of the repository.
pub(crate) fn root() -> PathBuf {
    let own = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let own = own.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")));
    own.parent().map(Path::to_owned).unwrap_or(own)
}

/// Returns the folder that cargo builds the root workspace into, for instance `target`.
pub(crate) fn target_folder() -> PathBuf {
    let set = std::env::var_os("CARGO_TARGET_DIR").map(|set| root().join(set));
    set.unwrap_or_else(|| root().join("target"))
}

/// Prepares a cargo call in the root workspace that is the same as if a person had typed it.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // `cargo run` describes this binary to it; a build script that looks at such a variable would run again each time.
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if [
            "CARGO_MANIFEST_",
            "CARGO_PKG_",
            "CARGO_BIN_",
            "CARGO_CRATE_",
        ]
        .iter()
        .any(|prefix| text.starts_with(prefix))
        {
            command.env_remove(&name);
        }
    }
    command.current_dir(root());
    command
}

/// Prepares a run of tests of the host: which ones is said by cargo's own word, such as `--lib`.
pub(crate) fn host_tests(which: &[&str]) -> Command {
    let mut command = cargo();
    command.args(["test", "--locked", "--package", "paracle-host"]);
    command.args(which).arg("--");
    command
}

/// Builds the program, to be started as people's clients do, and returns where it is.
pub(crate) fn program(profile: &str) -> Result<PathBuf, Error> {
    let mut build = cargo();
    // As in the benches and the tests: the whole workspace, so that all is built once.
    build.args([
        "build",
        "--workspace",
        "--bins",
        "--locked",
        "--profile",
        profile,
    ]);
    show(&mut build)?;
    let folder = if profile == "dev" { "debug" } else { profile };
    let name = format!("paracle-host{}", std::env::consts::EXE_SUFFIX);
    Ok(target_folder().join(folder).join(name))
}

/// Runs a command whose output people should see.
pub(crate) fn show(command: &mut Command) -> Result<(), Error> {
    let line = line(command);
    eprintln!("▸ {line}");
    let start = Instant::now();
    let status = command.status().map_err(|source| Error::Start {
        program: line.clone(),
        source,
    })?;
    eprintln!("  {:.1} s", start.elapsed().as_secs_f64());
    if status.success() {
        Ok(())
    } else {
        Err(Error::Failed { command: line })
    }
}

/// Runs a command and returns its standard output.
pub(crate) fn capture(command: &mut Command) -> Result<String, Error> {
    let line = line(command);
    let output = command.stderr(std::process::Stdio::inherit()).output();
    let output = output.map_err(|source| Error::Start {
        program: line.clone(),
        source,
    })?;
    if !output.status.success() {
        return Err(Error::Failed { command: line });
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Writes a command as a person would type it.
pub(crate) fn line(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let mut line = program
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    for argument in command.get_args() {
        line.push(' ');
        line.push_str(&argument.to_string_lossy());
    }
    line
}
