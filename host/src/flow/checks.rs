//! What has to pass on a merged tree before a branch moves to it: plugins' tools, and commands that the person approved on
//! this machine.

use std::sync::Arc;
use std::time::Duration;

use super::Host;
use crate::config::Settings;
use crate::git::{Ran, Repo};
use crate::grants::Grants;
use crate::model::{Call, Caller, CommitId, ExecutionId, MergeCheck, Verb};

/// How many of a command's last lines are told.
const LINES: usize = 20;

/// The checks of one merge.
pub(super) struct Checks<'a> {
    pub(super) settings: &'a Settings,
    pub(super) repo: Repo,
    pub(super) execution: ExecutionId,
    /// Runs the tools; a check by a tool does not pass without.
    pub(super) host: Option<Arc<Host>>,
    /// Whether a person asked for this merge by the command that merges: only then are commands run.
    pub(super) commands: bool,
    pub(super) runtime: tokio::runtime::Handle,
}

impl Checks<'_> {
    /// Lets each check pass on a merged commit, in their order; the first that does not says why. Blocks.
    pub(super) fn pass(&self, commit: &CommitId) -> Result<(), String> {
        for check in &self.settings.git.checks {
            let done = match check {
                MergeCheck::Command { command, time } => self.command(commit, command, *time),
                MergeCheck::Tool { tool, arguments } => {
                    let arguments = serde_json::Value::Object(arguments.clone());
                    let path = tool.clone();
                    self.tool(commit, Verb::Tool { path, arguments })
                }
            };
            done.map_err(|why| {
                format!("the check {check} of .parac/config/git.yaml did not pass: {why}")
            })?;
        }
        Ok(())
    }

    fn command(&self, commit: &CommitId, command: &[String], time: Duration) -> Result<(), String> {
        if !self.commands {
            return Err(format!(
                "a command runs only where a person merges: `paracle-host git merge {}`",
                self.execution
            ));
        }
        let grants = Grants::new(&self.settings.own, self.settings.project());
        let approved = grants
            .approved_commands()
            .map_err(|error| error.to_string())?;
        if !approved.iter().any(|one| one.command == command) {
            return Err(
                "it is a command that the repository brings, and you did not approve it on this machine: `paracle-host \
                 grant checks` shows what it would run"
                    .to_owned(),
            );
        }
        let ran = self
            .repo
            .run_on(commit, command, time)
            .map_err(|error| error.to_string())?;
        judge(&ran, time)
    }

    fn tool(&self, commit: &CommitId, verb: Verb) -> Result<(), String> {
        let Some(host) = &self.host else {
            return Err("no plugin is loaded here".to_owned());
        };
        let mut call = Call::new(verb, self.execution.clone(), Caller::Person);
        call.at = Some(commit.clone());
        let receipt = self
            .runtime
            .block_on(host.call(call))
            .map_err(|error| error.to_string())?;
        receipt.reply.error().map_or(Ok(()), Err)
    }
}

fn judge(ran: &Ran, time: Duration) -> Result<(), String> {
    let ended = match ran.code {
        Some(0) => return Ok(()),
        Some(code) => format!("it ended with {code}"),
        None if ran.late => format!("it was stopped after {} s", time.as_secs()),
        None => "it was stopped by a signal".to_owned(),
    };
    let lines: Vec<&str> = ran.said.lines().collect();
    let last = lines[lines.len().saturating_sub(LINES)..].join("\n");
    Err(if last.is_empty() {
        ended
    } else {
        format!("{ended}, with these last words:\n{last}")
    })
}
