//! The command itself.

use std::time::Duration;

use paracle_host::flow::Host;
use paracle_host::model::{Call, Caller, ExecutionId, ToolPath, Verb};

use super::ending::Ending;
use super::receipt::{self, Completion};
use super::what::What;
use super::{agent, arguments, person, signal, workflow};
use crate::beginning::Beginning;
use crate::context::{Context, absent};
use crate::exit::Failure;
use crate::walled::WallOption;
use crate::{log, threads};

/// Runs a tool, an agent or a workflow in an execution of its own, and says where its changes are
#[derive(Debug, clap::Args)]
#[command(after_help = "\
What the tool answers is on standard output; the receipt is on standard error, or with --json both are one document.
KEY=VALUE is read by the tool's schema: text stays as it is, anything else is JSON. KEY:=JSON is always JSON.
At a terminal a plugin that may ask you does so there; Ctrl-D declines, Ctrl-C ends the call.

Examples:
  paracle-host run files__write path=NOTES.md content=hi
  paracle-host run files__search --args '{\"pattern\": \"TODO\"}' --json
  paracle-host run repo-report__report --merge
  paracle-host run files__write path=NOTES.md content=hi --from v1.2
  paracle-host run repo-report__report --include-dirty
  paracle-host run files__write path=app/NOTES.md content=hi --repo app --repo lib --merge
  paracle-host run agent:reviewer \"look at the last commit\"
  paracle-host run workflow:bugfix issue=42 --dry-run
  paracle-host run workflow:bugfix --resume 01KB0ZC3N8M6T2V4X5Y7Z9A1B2")]
pub(crate) struct Run {
    /// A plugin, two underscores and its tool, such as `files__read`; or `agent:NAME`, or `workflow:NAME`
    #[arg(value_name = "TOOL")]
    what: What,
    /// Arguments, one by one; for an agent, what it is to do
    #[arg(value_name = "KEY=VALUE", conflicts_with = "args")]
    pub(super) pairs: Vec<String>,
    /// All arguments as one JSON object; `-` reads it from standard input, `@FILE` from a file
    #[arg(long, value_name = "JSON", allow_hyphen_values = true)]
    args: Option<String>,
    /// Merges what a successful call changed into the branch that it started from
    #[arg(long, conflicts_with = "no_merge")]
    pub(super) merge: bool,
    #[command(flatten)]
    ending: Ending,
    #[command(flatten)]
    pub(super) beginning: Beginning,
    /// Shows a workflow's graph, and what it would be given, and runs nothing
    #[arg(long = "dry-run")]
    pub(super) only_shows: bool,
    /// Goes on with a workflow's execution at the first steps that are not done
    #[arg(long, value_name = "ID", conflicts_with_all = ["execution", "from", "include_dirty", "only_shows"])]
    pub(super) resume: Option<ExecutionId>,
    /// The most time that the call may take, in milliseconds
    #[arg(long, value_name = "MS", value_parser = clap::value_parser!(u64).range(1..))]
    time: Option<u64>,
    #[command(flatten)]
    wall: WallOption,
}

impl Run {
    pub(crate) fn run(self, context: &Context) -> Result<(), Failure> {
        self.check_flags()?;
        // A file of arguments is the person's, and may be out of reach behind the wall.
        let given = self.args.as_deref().map(arguments::from_json).transpose()?;
        let (mut settings, wall) = context.behind_wall(&self.wall)?;
        self.beginning.check(&settings)?;
        self.ending.apply(&mut settings.git);
        for member in &mut settings.members {
            self.ending.apply(&mut member.settings.git);
        }
        threads::run(async move {
            let host = Host::open_behind(settings, wall).await?;
            let done = match self.what.clone() {
                What::Tool(path) => Box::pin(self.call(path, context, &host, given)).await,
                What::Agent(name) => Box::pin(agent::run(self, &name, context, &host)).await,
                What::Workflow(name) => {
                    Box::pin(workflow::run(self, &name, given, context, &host)).await
                }
            };
            host.close().await;
            done
        })
    }

    /// Refuses what only workflows have.
    fn check_flags(&self) -> Result<(), Failure> {
        let flag = match (self.only_shows, &self.resume) {
            (true, _) => "--dry-run",
            (false, Some(_)) => "--resume",
            (false, None) => return Ok(()),
        };
        match &self.what {
            What::Workflow(_) => Ok(()),
            What::Tool(_) | What::Agent(_) => Err(Failure::usage(format!(
                "`{flag}` is for workflows: paracle-host run workflow:NAME {flag}"
            ))),
        }
    }

    async fn call(
        self,
        path: ToolPath,
        context: &Context,
        host: &std::sync::Arc<Host>,
        given: Option<serde_json::Value>,
    ) -> Result<(), Failure> {
        if let Some(failure) = absent(host, &path.plugin) {
            return Err(failure);
        }
        if host.registry().get(&path.plugin).is_none()
            && let [main, _, ..] = &host.settings().members[..]
        {
            return Err(Failure::usage(format!(
                "there is no plugin {} in {} ({}): of several repositories, the first `--repo` brings the plugins and the configuration",
                path.plugin,
                main.member.name,
                main.member.path.display()
            )));
        }
        let arguments = match given {
            Some(arguments) => arguments,
            None => arguments::from_pairs(&self.pairs, schema(host, &path).as_ref())?,
        };
        let (id, included) = self.beginning.begin(host).await?;
        let mut call = Call::new(Verb::Tool { path, arguments }, id.clone(), Caller::Person);
        call.time = self.time.map(Duration::from_millis);
        call.client = person::link();
        signal::cancel(call.cancel.clone());

        let called = host.call(call).await;
        log::status("");
        let success = called
            .as_ref()
            .is_ok_and(|receipt| receipt.reply.error().is_none());
        let completed = host.complete(&id, success, self.merge).await;
        match called {
            Ok(receipt) => receipt::show(
                context,
                &receipt,
                included.as_ref(),
                &Completion::of(completed),
            ),
            Err(error) => {
                if let Err(error) = completed {
                    tracing::warn!(%error, "the execution could not be completed");
                }
                Err(error.into())
            }
        }
    }
}

/// Returns the schema of a tool's arguments; none if there is no such tool, which the call then says.
fn schema(host: &Host, path: &ToolPath) -> Option<serde_json::Value> {
    let registry = host.registry();
    let tool = registry.get(&path.plugin)?.tool(&path.tool)?;
    Some(tool.info.parameters.clone())
}
