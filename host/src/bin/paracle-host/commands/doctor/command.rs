//! The command itself.

use serde_json::json;

use super::behind::Behind;
use super::check::{Check, State};
use super::{git, ground, journal, plugins, wall};
use crate::context::Context;
use crate::exit::Failure;
use crate::{output, threads};

/// Looks at what the host stands on: folders, git, the repository, the audit journal, plugins, what they were granted, the second wall
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Ends with 2 if something is a problem; a warning is none. Secrets are read as a call would, and never shown.

With --attack, each attack is a plugin that does its worst in a repository made for it, while another plugin is called without \
a pause. It is held if it ended with the error that it should, the host lives, and every call of the neighbour was answered \
right. Ends with 0 only if every attack was held. Nothing of yours is read or written; the attacks' compiled code is kept in \
the cache folder.

Examples:
  paracle-host doctor --json
  paracle-host doctor --attack
  paracle-host doctor --attack memory-bomb read-only --json
  paracle-host doctor --list")]
pub(crate) struct Doctor {
    #[command(flatten)]
    behind: Behind,
    #[cfg(feature = "bundled-plugins")]
    #[command(flatten)]
    attacks: super::attack::Attacks,
}

impl Doctor {
    pub(crate) fn run(self, context: &Context) -> Result<(), Failure> {
        if let Some(trial) = self.behind.trial() {
            return trial.run(context);
        }
        #[cfg(feature = "bundled-plugins")]
        if self.attacks.are_asked_for() {
            return self.attacks.run(context.json);
        }
        threads::run(async {
            let checks = look(context).await;
            show(context, &checks)
        })
    }
}

async fn look(context: &Context) -> Vec<Check> {
    let mut checks = vec![git::program()];
    let settings = match context.settings() {
        Ok(settings) => settings,
        Err(failure) => {
            let todo = "mend the configuration: nothing runs before that";
            checks.push(Check::problem("configuration", failure.message(), todo));
            return checks;
        }
    };
    checks.push(ground::configuration(&settings));
    checks.push(ground::cache(&settings));
    checks.push(ground::own(&settings));
    checks.extend(git::repository(&settings));
    checks.extend(journal::look(&settings));
    let (looked, failures) = plugins::look(&settings).await;
    checks.extend(looked);
    checks.push(wall::look(context, &settings, &failures));
    checks
}

fn show(context: &Context, checks: &[Check]) -> Result<(), Failure> {
    let count = |state| checks.iter().filter(|check| check.state == state).count();
    let (problems, warnings) = (count(State::Problem), count(State::Warning));
    if context.json {
        output::json(&json!({ "checks": checks, "problems": problems, "warnings": warnings }))?;
    } else {
        let lines: Vec<String> = checks.iter().flat_map(lines).collect();
        output::text(&output::printable(&lines.join("\n")))?;
    }
    match problems {
        0 => Ok(()),
        1 => Err(Failure::usage("there is 1 problem").told()),
        more => Err(Failure::usage(format!("there are {more} problems")).told()),
    }
}

fn lines(check: &Check) -> Vec<String> {
    let mut lines = vec![format!(
        "{:8} {}: {}",
        check.state.name(),
        check.name,
        several(&check.found)
    )];
    lines.extend(
        check
            .todo
            .iter()
            .map(|todo| format!("{:8} → {}", "", several(todo))),
    );
    lines
}

/// What goes on in another line is set in: it cannot be taken for a check of its own.
fn several(text: &str) -> String {
    text.replace('\n', &format!("\n{:11}", ""))
}
