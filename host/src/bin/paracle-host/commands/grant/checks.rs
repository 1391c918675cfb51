//! `grant checks`.

use std::path::Path;

use paracle_host::grants::{ApprovedCommand, Grants, Scope};
use paracle_host::model::{Audited, GrantRecord, MergeCheck, Origin};
use serde_json::json;

use crate::context::Context;
use crate::exit::Failure;
use crate::output;

/// Shows the commands that git.yaml lets check merges, and approves them on this machine
#[derive(Debug, clap::Args)]
#[command(after_help = "\
A repository that you cloned brings a git.yaml that you did not write, and a command of it is a program that runs as you, outside
of the sandbox, on files that executions wrote: a test runner runs what they hold. None runs before you approved it here, word by
word, and only `git merge` runs it.

Examples:
  paracle-host grant checks
  paracle-host grant checks --approve")]
pub(crate) struct Checks {
    /// Approves the commands as they are now, in the place of those that were approved before
    #[arg(long, conflicts_with = "withdraw")]
    approve: bool,
    /// Takes all approvals back
    #[arg(long)]
    withdraw: bool,
}

impl Checks {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        let settings = context.settings()?;
        let grants = Grants::new(&settings.own, settings.project());
        let commands: Vec<Vec<String>> = settings
            .git
            .checks
            .iter()
            .filter_map(|check| match check {
                MergeCheck::Command { command, .. } => Some(command.clone()),
                MergeCheck::Tool { .. } => None,
            })
            .collect();
        if self.approve || self.withdraw {
            let at = jiff::Timestamp::now();
            let approved = commands.iter().filter(|_| self.approve);
            let approved = approved
                .cloned()
                .map(|command| ApprovedCommand { command, at });
            grants.approve_commands(approved.collect())?;
            self.keep(context, &settings.own, &commands);
        }
        let approved = grants.approved_commands()?;
        let is_approved =
            |command: &[String]| approved.iter().any(|approved| approved.command == command);
        if context.json {
            let list: Vec<_> = commands
                .iter()
                .map(|command| json!({ "command": command, "approved": is_approved(command) }))
                .collect();
            return output::json(&list);
        }
        if commands.is_empty() {
            return output::text("git.yaml names no command that checks merges");
        }
        let lines: Vec<String> = commands
            .iter()
            .map(|command| {
                let state = if is_approved(command) {
                    "approved    "
                } else {
                    "not approved"
                };
                // As words: what a shell would make of them does not matter, because none is asked.
                format!("{state}  {command:?}")
            })
            .collect();
        output::text(&lines.join("\n"))
    }

    /// Keeps in the audit journal what the person said. That they said it is so even where there is no journal.
    fn keep(&self, context: &Context, own: &Path, commands: &[Vec<String>]) {
        let Ok(audit) = context.audit() else {
            return;
        };
        let record = GrantRecord {
            digest: None,
            grant: format!("checks of merges by commands: {commands:?}"),
            lasts: Scope::Always.to_string(),
        };
        let what = if self.approve {
            Audited::Granted(record)
        } else {
            Audited::Revoked(record)
        };
        if let Err(error) = audit.tell(own, Origin::default(), what) {
            tracing::warn!(%error, "what was said of checks is not in the audit journal");
        }
    }
}
