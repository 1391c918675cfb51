//! The command itself.

use std::time::Duration;

use paracle_host::flow::Host;
use paracle_host::model::{Call, Caller, ToolPath, Verb};

use super::ending::Ending;
use super::receipt::{self, Completion};
use super::{arguments, person, signal};
use crate::beginning::Beginning;
use crate::context::{Context, absent};
use crate::exit::Failure;
use crate::walled::WallOption;
use crate::{log, threads};

/// Calls a tool in an execution of its own, and says where its changes are
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
  paracle-host run files__write path=app/NOTES.md content=hi --repo app --repo lib --merge")]
pub(crate) struct Run {
    /// The plugin, two underscores and the tool, such as `files__read`
    tool: ToolPath,
    /// Arguments, one by one
    #[arg(value_name = "KEY=VALUE", conflicts_with = "args")]
    pairs: Vec<String>,
    /// All arguments as one JSON object; `-` reads it from standard input, `@FILE` from a file
    #[arg(long, value_name = "JSON", allow_hyphen_values = true)]
    args: Option<String>,
    /// Merges what a successful call changed into the branch that it started from
    #[arg(long, conflicts_with = "no_merge")]
    merge: bool,
    #[command(flatten)]
    ending: Ending,
    #[command(flatten)]
    beginning: Beginning,
    /// The most time that the call may take, in milliseconds
    #[arg(long, value_name = "MS", value_parser = clap::value_parser!(u64).range(1..))]
    time: Option<u64>,
    #[command(flatten)]
    wall: WallOption,
}

impl Run {
    pub(crate) fn run(self, context: &Context) -> Result<(), Failure> {
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
            let done = Box::pin(self.call(context, &host, given)).await;
            host.close().await;
            done
        })
    }

    async fn call(
        self,
        context: &Context,
        host: &std::sync::Arc<Host>,
        given: Option<serde_json::Value>,
    ) -> Result<(), Failure> {
        if let Some(failure) = absent(host, &self.tool.plugin) {
            return Err(failure);
        }
        if host.registry().get(&self.tool.plugin).is_none()
            && let [main, _, ..] = &host.settings().members[..]
        {
            return Err(Failure::usage(format!(
                "there is no plugin {} in {} ({}): of several repositories, the first `--repo` brings the plugins and the configuration",
                self.tool.plugin,
                main.member.name,
                main.member.path.display()
            )));
        }
        let arguments = match given {
            Some(arguments) => arguments,
            None => arguments::from_pairs(&self.pairs, schema(host, &self.tool).as_ref())?,
        };
        let path = self.tool;
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
