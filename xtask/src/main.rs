//! The project's own commands, called as `cargo xtask VERB`.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command talks to a terminal"
)]

mod bench;
mod cargo;
mod check;
mod clients;
mod conformance;
mod demo;
mod demo_agent;
mod dist;
mod error;
mod fixtures;
mod fuzz;
mod gateway;
mod guests;
mod languages;
mod mcp_client;
mod node;
mod progress;
mod python;
mod replay;
mod scratch_repository;
mod trials;
mod wasm_std;

use std::process::ExitCode;

use error::Error;

const HELP: &str = "\
The project's own commands; each gets what it needs first and shows what it does.

Usage: cargo xtask VERB [ARGUMENTS]

  demo            builds everything, then runs a sandboxed tool on a clone of this repository
  test [ARGS]     runs every test; ARGS go to `cargo test`
  checks          checks format and lints, with warnings as errors
  ci              checks, then test, as .ci/run does
  bench [ARGS]    measures the host beside its floors and prints one table; --smoke only runs each bench once
  fuzz [TARGET]   feeds mutated bytes to what reads bytes; --seconds N for how long, --libfuzzer where cargo-fuzz is installed
  crash-test      kills the program at 500 random instants and checks what is left; --kills N, --seed N, --repo PATH for more repositories
  crowd-test      64 executions of 8 processes merge into one branch at once, beside a person who collects garbage
  leak-test       calls the release 1,000,000 times, connects to it 10,000 times and checks that nothing grows; --calls N, --reconnects N
  gateway         has the provider `openai` ask a gateway that others wrote (LiteLLM, with answers of its own making)
  languages       makes guests in C and Python with pinned tools, and tries them on the workspace
  merge-replay R  makes the merges of a repository's history again by `paracle-host git merge`, and compares them with git's
  merge-equivalence  random merges by ours and by git, the same or not; --merges N, --seed N
  conformance     runs the conformance suite of the Model Context Protocol against sandboxed fixtures, for both eras
  clients         has the Inspector and Python's clients call the fixtures over standard input and output
  dist            builds the release, and makes an MCPB bundle and a registry's server.json of it
  wasm-std        gets a std for wasm32-wasip2 and says how a shell uses it
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.split_first() {
        None => {
            print!("{HELP}");
            Ok(())
        }
        Some((verb, rest)) => run(verb, rest),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(error.exit_code())
        }
    }
}

fn run(verb: &str, rest: &[String]) -> Result<(), Error> {
    match verb {
        "demo" => none(verb, rest).and_then(|()| demo::demo()),
        "test" => check::test(rest),
        "checks" => none(verb, rest).and_then(|()| check::checks()),
        "ci" => none(verb, rest).and_then(|()| check::ci()),
        "bench" => bench::bench(rest),
        "fuzz" => fuzz::fuzz(rest),
        "crash-test" => trials::crash(rest),
        "crowd-test" => trials::crowd(rest),
        "leak-test" => trials::leak(rest),
        "gateway" => none(verb, rest).and_then(|()| gateway::gateway()),
        "languages" => none(verb, rest).and_then(|()| languages::languages()),
        "merge-replay" => replay::replay(rest),
        "merge-equivalence" => replay::equivalence(rest),
        "conformance" => none(verb, rest).and_then(|()| conformance::conformance()),
        "clients" => none(verb, rest).and_then(|()| clients::clients()),
        "dist" => dist::dist(rest),
        "wasm-std" => none(verb, rest).and_then(|()| wasm_std::wasm_std()),
        "help" | "--help" | "-h" => {
            print!("{HELP}");
            Ok(())
        }
        unknown => Err(Error::Usage(format!("there is no verb `{unknown}`"))),
    }
}

/// Refuses arguments where a verb takes none.
fn none(verb: &str, rest: &[String]) -> Result<(), Error> {
    match rest.first() {
        None => Ok(()),
        Some(first) => Err(Error::Usage(format!(
            "`{verb}` takes no arguments, but got `{first}`"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_verb_is_bad_usage() {
        let error = run("tset", &[]).unwrap_err();
        assert_eq!(error.exit_code(), 2);
        assert!(
            error.to_string().contains("there is no verb `tset`"),
            "{error}"
        );
    }

    #[test]
    fn a_stray_argument_is_bad_usage() {
        assert_eq!(
            run("demo", &["--fast".to_owned()]).unwrap_err().exit_code(),
            2
        );
    }
}
