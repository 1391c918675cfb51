//! `cargo xtask bench`: what the host costs, beside the floor of it, in one table.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::cargo::{cargo, program, show, target_folder};
use crate::error::{At, Error};
use crate::wasm_std;

/// The benches, by their names in `benches/Cargo.toml`.
const BENCHES: &[&str] = &[
    "calls",
    "executions",
    "steps",
    "workflow",
    "stop",
    "neighbour",
    "mcp",
    "memory",
    "redact",
];

/// Where benches read which program they are to start.
const PROGRAM: &str = "PARACLE_HOST";

/// What is measured: criterion's group, what the host does in it, and what the floor is.
const ROWS: &[(&str, &str, &str)] = &[
    (
        "fresh-instance",
        "tool call, fresh instance",
        "bare wasmtime",
    ),
    ("live-instance", "tool call, live instance", "bare wasmtime"),
    ("execution-1k", "execution, 1,000 files", "git worktree"),
    ("execution-100k", "execution, 100,000 files", "git worktree"),
];

/// Measures, then prints each median beside its floor; `--smoke` only runs each bench once. Other arguments are
/// criterion's: a part of a group's name measures that group alone.
pub(crate) fn bench(arguments: &[String]) -> Result<(), Error> {
    wasm_std::provide()?;
    match arguments.split_first() {
        Some((first, rest)) if first == "--smoke" => smoke(rest),
        _ => measure(arguments),
    }
}

/// Runs each bench once, on the build that the tests use, to see that it works.
fn smoke(arguments: &[String]) -> Result<(), Error> {
    let program = program("dev")?;
    let mut bench = command(&["--profile", "dev"]);
    show(bench.arg("--test").args(arguments).env(PROGRAM, program))
}

fn measure(arguments: &[String]) -> Result<(), Error> {
    let results = target_folder().join("criterion");
    // Only what this run measures is printed: numbers of two runs make no ratio.
    for (group, ..) in ROWS {
        let folder = results.join(group);
        if folder.exists() {
            fs::remove_dir_all(&folder).at("remove", folder)?;
        }
    }
    let mut bench = command(&[]);
    bench.args(arguments).env("CRITERION_HOME", &results);
    show(bench.env(PROGRAM, program("release")?))?;
    let again = [&["cargo xtask bench".to_owned()], arguments]
        .concat()
        .join(" ");
    print!(
        "\n{}\nMedians of one run; the ratio says more than the times. Again: {again}\n",
        table(&results)?
    );
    Ok(())
}

/// Prepares `cargo bench`; what is added to it goes to criterion.
fn command(options: &[&str]) -> Command {
    let mut bench = cargo();
    // The whole workspace, as the tests build it, so that both have the same features and share their dependencies.
    bench
        .args(["bench", "--workspace", "--locked"])
        .args(options);
    for name in BENCHES {
        bench.args(["--bench", name]);
    }
    bench.arg("--");
    bench
}

/// Writes what was measured, a line each; a group that was filtered out has none.
fn table(results: &Path) -> Result<String, Error> {
    let mut table = line(["what", "ours", "floor", "ratio", "the floor is"]);
    for (group, what, floor_is) in ROWS {
        let (ours, floor) = (
            median(results, group, "ours")?,
            median(results, group, "floor")?,
        );
        if let (Some(ours), Some(floor)) = (ours, floor) {
            let ratio = format!("{:.2}", ours / floor);
            table += &line([what, &time(ours), &time(floor), &ratio, floor_is]);
        }
    }
    Ok(table)
}

fn line([what, ours, floor, ratio, floor_is]: [&str; 5]) -> String {
    format!("{what:<28}{ours:>10}{floor:>12}{ratio:>8}   {floor_is}\n")
}

/// Reads a median that criterion wrote, in nanoseconds.
fn median(results: &Path, group: &str, name: &str) -> Result<Option<f64>, Error> {
    let file = results.join(group).join(name).join("new/estimates.json");
    if !file.exists() {
        return Ok(None);
    }
    let estimates = fs::read_to_string(&file).at("read", &file)?;
    let estimates: Value = serde_json::from_str(&estimates)
        .map_err(|error| Error::Demo(format!("{} is no JSON: {error}", file.display())))?;
    Ok(estimates["median"]["point_estimate"].as_f64())
}

/// Writes nanoseconds in the unit that keeps them readable.
fn time(nanoseconds: f64) -> String {
    match nanoseconds {
        small if small < 1e6 => format!("{:.1} µs", small / 1e3),
        middle if middle < 1e9 => format!("{:.1} ms", middle / 1e6),
        large => format!("{:.2} s", large / 1e9),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_keep_their_unit() {
        assert_eq!(time(9_400.0), "9.4 µs");
        assert_eq!(time(3_140_000.0), "3.1 ms");
        assert_eq!(time(5_200_000_000.0), "5.20 s");
    }

    #[test]
    fn what_was_not_measured_has_no_line() -> Result<(), Error> {
        assert_eq!(table(Path::new("/nowhere"))?.lines().count(), 1);
        Ok(())
    }
}
