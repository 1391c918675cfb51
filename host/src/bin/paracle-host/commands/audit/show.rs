//! `audit show`.

use paracle_host::model::{Audited, ExecutionId, PluginName};
use serde_json::Value;

use crate::context::Context;
use crate::exit::Failure;
use crate::output;

/// Shows the newest records of the audit journal, the oldest of them first
#[derive(Debug, clap::Args)]
#[command(after_help = "\
It shows what is written, and does not check it: `paracle-host audit verify` does.

Examples:
  paracle-host audit show --kind denied
  paracle-host audit show --plugin files --limit 10 --json")]
pub(crate) struct Show {
    /// Only of this execution
    #[arg(long, value_name = "ID")]
    execution: Option<ExecutionId>,
    /// Only of this plugin
    #[arg(long, value_name = "NAME")]
    plugin: Option<PluginName>,
    /// Only of this kind
    #[arg(long, value_name = "KIND", value_parser = clap::builder::PossibleValuesParser::new(Audited::KINDS))]
    kind: Option<String>,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 100)]
    limit: usize,
}

impl Show {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        let wanted = [
            ("execution", self.execution.map(String::from)),
            ("plugin", self.plugin.map(String::from)),
            ("kind", self.kind),
        ];
        let records = context.audit()?.records(self.limit, |record| {
            wanted.iter().all(|(key, value)| {
                value
                    .as_deref()
                    .is_none_or(|value| record.get(*key).and_then(Value::as_str) == Some(value))
            })
        })?;
        if context.json {
            return output::json(&records);
        }
        let rows = records.iter().map(|record| {
            [
                text(record, "seq"),
                text(record, "time"),
                text(record, "kind"),
                text(record, "execution"),
                match text(record, "tool") {
                    none if none.is_empty() => text(record, "plugin"),
                    tool => tool,
                },
                what(record),
            ]
        });
        output::text(&output::table(
            ["SEQ", "TIME", "KIND", "EXECUTION", "TOOL", "WHAT"],
            rows,
        ))
    }
}

fn text(record: &Value, key: &str) -> String {
    match record.get(key) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

/// Says what a record is about, in one cell.
fn what(record: &Value) -> String {
    let text = |key| text(record, key);
    match text("kind").as_str() {
        "call-began" => {
            let caller = record.get("caller").unwrap_or(&Value::Null);
            let name = self::text(caller, "name");
            format!("by {} {name}", self::text(caller, "by"))
        }
        "call-ended" => match text("commit") {
            none if none.is_empty() => text("outcome"),
            commit => format!(
                "{}, commit {}",
                text("outcome"),
                commit.get(..10).unwrap_or(&commit)
            ),
        },
        "denied" => format!("{}: {}", text("capability"), text("message")),
        "limit" => format!("{} of {}", text("limit"), text("value")),
        "http" => format!(
            "{} {} {}://{}:{}{} {}",
            text("decision"),
            text("method"),
            text("scheme"),
            text("host"),
            text("port"),
            text("path"),
            text("status")
        ),
        "socket" if text("port").is_empty() => {
            format!("{} look-up of {}", text("decision"), text("host"))
        }
        "socket" => format!(
            "{} {}://{}:{} at {}",
            text("decision"),
            text("protocol"),
            text("host"),
            text("port"),
            text("address")
        ),
        "granted" | "revoked" => format!("{} ({})", text("grant"), text("lasts")),
        "lost" => format!("{} records", text("records")),
        "mended" => format!("{} {}", text("found"), text("records")),
        _ => String::new(),
    }
    .trim_end()
    .to_owned()
}
