//! `cargo xtask conformance`: the suite of the Model Context Protocol against sandboxed fixtures over HTTP.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use serde_json::Value;

use crate::cargo::target_folder;
use crate::error::{At as _, Error};
use crate::fixtures::Fixtures;
use crate::node::Node;

/// The suite in its package.
const SUITE: &str = "@modelcontextprotocol/conformance";

/// The revisions of the protocol whose requirements are met: the last of each era.
const REVISIONS: [&str; 2] = ["2025-11-25", "2026-07-28"];

/// Scenarios that no revision scores, and that have to pass all the same: tasks, headers and schemas; all but
/// `tasks-status-notifications`, of which this version of the suite makes no check, whatever the server does.
const UNSCORED: [&str; 12] = [
    "tasks-lifecycle",
    "tasks-capability-negotiation",
    "tasks-wire-fields",
    "tasks-request-state-removal",
    "tasks-mrtr-input",
    "tasks-request-headers",
    "tasks-dispatch-and-envelope",
    "tasks-required-task-error",
    "tasks-mrtr-composition",
    "http-header-validation",
    "http-custom-header-server-validation",
    "json-schema-2020-12",
];

/// How long a server may take until it listens; it may have to compile the plugins.
const PATIENCE: Duration = Duration::from_mins(2);

/// What became of one scenario's checks.
#[derive(Default)]
struct Score {
    passed: usize,
    /// What was said of each check that failed, or warned.
    failed: Vec<String>,
}

/// Runs the suite in both revisions and prints one table.
pub(crate) fn conformance() -> Result<(), Error> {
    let node = Node::provide()?;
    let fixtures = Fixtures::make("conformance")?;
    let mut table = BTreeMap::new();
    let mut missing = Vec::new();
    for revision in REVISIONS {
        // A server of its own for each: what one run leaves open is not the other's.
        let server = Server::start(&fixtures)?;
        let results = target_folder().join("conformance").join(revision);
        let mut run = node.script(&format!("{SUITE}/dist/index.js"));
        run.args([
            "server",
            "--url",
            &server.url,
            "--requirements",
            revision,
            "-o",
        ]);
        let log = results.with_extension("log");
        let file = fs::File::create(&log).at("make", &log)?;
        eprintln!(
            "▸ the suite's requirements {revision}; its own words go into {}",
            log.display()
        );
        // Whether it failed is read from its results: its exit code does not count what is unscored.
        let status = run
            .arg(&results)
            .stdout(file)
            .stderr(Stdio::inherit())
            .status();
        status.map_err(|source| Error::Start {
            program: "node".to_owned(),
            source,
        })?;
        let ran = read(&results)?;
        let required = required(&node, revision)?;
        for scenario in &required {
            if !ran.contains_key(scenario) {
                missing.push(format!("{scenario} of {revision}"));
            }
        }
        for (scenario, score) in ran {
            let counts = required.contains(&scenario) || UNSCORED.contains(&scenario.as_str());
            table.insert((revision, scenario), (counts, score));
        }
    }
    missing.extend(UNSCORED.iter().filter_map(|scenario| {
        let ran = table.keys().any(|(_, other)| other == scenario);
        (!ran).then(|| (*scenario).to_owned())
    }));
    print(&table);
    verdict(&table, &missing)
}

/// A server over HTTP; dropped, it is gone.
struct Server {
    child: Child,
    url: String,
}

impl Server {
    /// Starts a server on a port of its own, and waits until it says where.
    fn start(fixtures: &Fixtures) -> Result<Self, Error> {
        let mut command = fixtures.program();
        command.args(["mcp", "serve", "--http", "127.0.0.1:0"]);
        let spawned = command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn();
        let mut child = spawned.map_err(|source| Error::Start {
            program: fixtures.host.display().to_string(),
            source,
        })?;
        let (sender, said) = mpsc::channel();
        if let Some(words) = child.stderr.take() {
            std::thread::spawn(move || {
                for line in BufReader::new(words).lines().map_while(Result::ok) {
                    if let Some(url) = url(&line) {
                        drop(sender.send(url));
                    } else {
                        eprintln!("  {line}");
                    }
                }
            });
        }
        let mut server = Self {
            child,
            url: String::new(),
        };
        server.url = said.recv_timeout(PATIENCE).map_err(|_| {
            Error::Demo("the server did not say which address it listens on".to_owned())
        })?;
        Ok(server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself, which is as good.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Finds the endpoint in what a server says.
fn url(line: &str) -> Option<String> {
    let start = line.find("http://127.0.0.1:")?;
    let url: String = line[start..]
        .chars()
        .take_while(|c| !c.is_whitespace() && !"`\"',;)".contains(*c))
        .collect();
    let url = url.trim_end_matches(['.', '/']);
    Some(if url.ends_with("/mcp") {
        url.to_owned()
    } else {
        format!("{url}/mcp")
    })
}

/// Reads the scenarios that a revision scores, from the suite's own list.
fn required(node: &Node, revision: &str) -> Result<BTreeSet<String>, Error> {
    let list = node
        .modules()
        .join(SUITE)
        .join(format!("requirements/{revision}.yaml"));
    let text = fs::read_to_string(&list).at("read", &list)?;
    let servers = text.lines().skip_while(|line| *line != "server:").skip(1);
    let names = servers.map_while(|line| line.strip_prefix("  - "));
    let names: BTreeSet<String> = names.map(str::to_owned).collect();
    if names.is_empty() {
        return Err(Error::Demo(format!(
            "{} lists no scenario of a server",
            list.display()
        )));
    }
    Ok(names)
}

/// Reads what the suite wrote: a folder for each scenario, `server-SCENARIO-TIME`.
fn read(results: &Path) -> Result<BTreeMap<String, Score>, Error> {
    let mut scores = BTreeMap::new();
    for entry in fs::read_dir(results).at("read", results)? {
        let folder = entry.at("read", results)?;
        let name = folder.file_name().to_string_lossy().into_owned();
        let file = folder.path().join("checks.json");
        let text = fs::read_to_string(&file).at("read", &file)?;
        scores.insert(scenario_of(&name), score(&text, &file)?);
    }
    Ok(scores)
}

/// How long the time behind a result's name is, such as `-2026-11-23T20-00-00-000Z`.
const TIME: usize = 25;

/// Takes the time off a result's name.
fn scenario_of(folder: &str) -> String {
    let name = folder.strip_prefix("server-").unwrap_or(folder);
    let end = name.len().saturating_sub(TIME);
    name.get(..end).unwrap_or(name).to_owned()
}

fn score(text: &str, file: &Path) -> Result<Score, Error> {
    let checks: Vec<Value> = serde_json::from_str(text).map_err(|error| {
        Error::Demo(format!(
            "{} is not what the suite writes: {error}",
            file.display()
        ))
    })?;
    let mut score = Score::default();
    for check in checks {
        match check["status"].as_str() {
            Some("SUCCESS") => score.passed += 1,
            // A warning is a check that could not be made, or a rule that is advice; ours meet those as well.
            Some("FAILURE" | "WARNING") => {
                let text = |key: &str| check[key].as_str().unwrap_or_default().to_owned();
                score
                    .failed
                    .push(format!("{}: {}", text("id"), text("errorMessage")));
            }
            _ => {}
        }
    }
    Ok(score)
}

type Table = BTreeMap<(&'static str, String), (bool, Score)>;

fn print(table: &Table) {
    println!(
        "\n{:<11} {:<48} {:>6} {:>6}",
        "REVISION", "SCENARIO", "PASSED", "FAILED"
    );
    for ((revision, scenario), (counts, score)) in table {
        let note = if *counts { "" } else { "  (not asked for)" };
        println!(
            "{revision:<11} {scenario:<48} {:>6} {:>6}{note}",
            score.passed,
            score.failed.len()
        );
        for failed in &score.failed {
            println!("{:<11}   {failed}", "");
        }
    }
}

/// Says the sums, and fails unless all that counts passed.
fn verdict(table: &Table, missing: &[String]) -> Result<(), Error> {
    let mut failed = 0;
    for revision in REVISIONS {
        let scores = || {
            table
                .iter()
                .filter(|((of, _), _)| *of == revision)
                .map(|(_, score)| score)
        };
        let counted = || {
            scores()
                .filter(|(counts, _)| *counts)
                .map(|(_, score)| score)
        };
        let wrong = counted()
            .filter(|score| !score.failed.is_empty() || score.passed == 0)
            .count();
        println!(
            "{revision}: {} of {} scenarios, {} checks passed, {} failed",
            counted().count() - wrong,
            counted().count(),
            counted().map(|score| score.passed).sum::<usize>(),
            counted().map(|score| score.failed.len()).sum::<usize>(),
        );
        failed += wrong;
    }
    match (failed, missing) {
        (0, []) => Ok(()),
        (0, missing) => Err(Error::Demo(format!(
            "the suite did not run {}",
            missing.join(", ")
        ))),
        (failed, _) => Err(Error::Demo(format!("{failed} scenarios did not pass"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_servers_words_name_its_address() {
        for line in [
            "listening on http://127.0.0.1:4321/mcp; end it with Ctrl-C",
            "listening on `http://127.0.0.1:4321`.",
            "{\"url\":\"http://127.0.0.1:4321/mcp\"}",
        ] {
            assert_eq!(
                url(line).as_deref(),
                Some("http://127.0.0.1:4321/mcp"),
                "{line}"
            );
        }
        assert_eq!(url("nothing of it"), None);
    }

    #[test]
    fn a_results_name_is_its_scenario() {
        for scenario in ["tools-list", "json-schema-2020-12"] {
            assert_eq!(
                scenario_of(&format!("server-{scenario}-2026-11-23T20-00-00-000Z")),
                scenario
            );
        }
    }

    #[test]
    fn a_warning_is_no_pass() {
        let checks = r#"[{"status": "SUCCESS"}, {"status": "WARNING", "id": "a", "errorMessage": "b"}, {"status": "INFO"}]"#;
        let score = score(checks, Path::new("checks.json")).unwrap();
        assert_eq!((score.passed, score.failed), (1, vec!["a: b".to_owned()]));
    }
}
