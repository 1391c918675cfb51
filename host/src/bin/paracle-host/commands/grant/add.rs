//! `grant add`.

use jiff::civil;
use paracle_host::flow::Meant;
use paracle_host::grants::{By, Scope};
use paracle_host::model::{ExecutionId, Grant, Party, PluginName};

use super::wanted::Wanted;
use crate::context::{Context, loaded};
use crate::exit::Failure;
use crate::output;

/// Grants a plugin something on this machine, for its bytes and its `config:` as they are now
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Without --once, --execution or --until it holds until it is revoked. Servers that run see it at once. A directory has to be
there, and one in which code of yours lies or starts is granted `rw` with --code-runs-there, or not at all.

Examples:
  paracle-host grant add web --network 'https://*.example.com'
  paracle-host grant add web --network 'GET,POST https://api.example.com/v1' --secrets KEY@api.example.com
  paracle-host grant add files --directories /home/me/notes:/notes:ro --until 2099-12-31")]
pub(crate) struct Add {
    /// To which plugin
    plugin: PluginName,
    #[command(flatten)]
    wanted: Wanted,
    /// Also where what a plugin writes runs later as code of yours: folders of programs, start-up files
    #[arg(long)]
    code_runs_there: bool,
    /// For its next call only
    #[arg(long, conflicts_with_all = ["execution", "until"])]
    once: bool,
    /// For the calls of one execution
    #[arg(long, value_name = "ID", conflicts_with = "until")]
    execution: Option<ExecutionId>,
    /// Until the end of a day (2026-12-31, in UTC) or a time (RFC 3339)
    #[arg(long, value_name = "DATE", value_parser = end)]
    until: Option<jiff::Timestamp>,
}

impl Add {
    pub(super) async fn run(self, context: &Context) -> Result<(), Failure> {
        let grant = Grant::from(self.wanted);
        if grant.is_empty() {
            return Err(Failure::usage(
                "say what to grant: `--network`, `--directories`, `--workspace` and so on; --help has all",
            ));
        }
        if self.until.is_some_and(|end| end <= jiff::Timestamp::now()) {
            return Err(Failure::usage(
                "--until is in the past: name a time to come",
            ));
        }
        let host = context.host().await?;
        let plugin = loaded(&host, &self.plugin)?;
        let opinions = host.standing(&plugin, None, None)?.explain(&grant);
        if let Some(no) = opinions
            .iter()
            .find(|opinion| opinion.party == Party::Plugin && !opinion.allows)
        {
            return Err(Failure::usage(format!(
                "{}: the grant would have no effect, its author has to change that first",
                no.says
            )));
        }
        let scope = match (self.once, self.execution, self.until) {
            (true, ..) => Scope::Once,
            (_, Some(id), _) => Scope::Execution(id),
            (.., Some(end)) => Scope::Until(end),
            (false, None, None) => Scope::Always,
        };
        let meant = Meant {
            code_runs_there: self.code_runs_there,
            ..Meant::default()
        };
        let given = host.give(&plugin, grant, scope, By::Command, meant)?;
        host.close().await;
        if context.json {
            return output::json(&given);
        }
        output::say(&format!(
            "granted {}: {} ({})\nas {}: `paracle-host grant revoke {}` takes it back",
            given.plugin, given.grant, given.scope, given.id, given.id
        ))
    }
}

/// Reads the end of a grant: a time, or the end of a day.
fn end(text: &str) -> Result<jiff::Timestamp, String> {
    if let Ok(time) = text.parse() {
        return Ok(time);
    }
    text.parse::<civil::Date>()
        .and_then(civil::Date::tomorrow)
        .and_then(|next| next.to_zoned(jiff::tz::TimeZone::UTC))
        .map(|zoned| zoned.timestamp())
        .map_err(|_| {
            "write a day such as 2026-12-31, or a time such as 2026-12-31T18:00:00Z".to_owned()
        })
}
