//! `plugin stats`.

use paracle_host::model::Kind;
use serde_json::{Map, Value, json};

use crate::context::Context;
use crate::exit::Failure;
use crate::output;

/// Counts the plugins by kind
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  paracle-host plugin stats --json")]
pub(crate) struct Stats {}

impl Stats {
    pub(super) async fn run(context: &Context) -> Result<(), Failure> {
        let host = context.host().await?;
        let registry = host.registry();
        let count = |kind: Kind| {
            registry
                .plugins()
                .filter(|plugin| plugin.info.kind == kind)
                .count()
        };
        let kinds: Vec<(Kind, usize)> =
            Kind::ALL.iter().map(|kind| (*kind, count(*kind))).collect();
        let (total, tools) = (registry.plugins().count(), registry.tools().count());
        let failed = host.failures().len();
        if context.json {
            let by_kind: Map<String, Value> = kinds
                .iter()
                .map(|(kind, count)| (kind.to_string(), json!(count)))
                .collect();
            return output::json(
                &json!({ "total": total, "by_kind": by_kind, "tools": tools, "failed": failed }),
            );
        }
        let mut rows: Vec<[String; 2]> = kinds
            .iter()
            .map(|(kind, count)| [kind.to_string(), count.to_string()])
            .collect();
        rows.push(["all".to_owned(), total.to_string()]);
        output::text(&output::table(["KIND", "PLUGINS"], rows))?;
        output::text(&format!("{tools} tools; {failed} could not be loaded"))
    }
}
