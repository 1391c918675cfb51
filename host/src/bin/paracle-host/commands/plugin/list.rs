//! `plugin list`.

use paracle_host::model::Kind;
use serde_json::json;

use super::view::{self, View};
use crate::context::Context;
use crate::exit::Failure;
use crate::{output, waiting};

/// Lists the plugins, and below them those that could not be loaded, and what waits for your word
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  paracle-host plugin list --type tool")]
pub(crate) struct List {
    /// Only this kind: tool, provider, adapter, observer or memory
    #[arg(long = "type", value_name = "KIND", value_parser = kind)]
    kind: Option<Kind>,
}

impl List {
    pub(super) async fn run(self, context: &Context) -> Result<(), Failure> {
        let host = context.host().await?;
        let registry = host.registry();
        let plugins: Vec<View<'_>> = registry
            .plugins()
            .filter(|plugin| self.kind.is_none_or(|kind| plugin.info.kind == kind))
            .map(|plugin| View::of(&host, plugin))
            .collect::<Result<_, _>>()?;
        let failures = host.failures();
        let mut waits = host.waits()?;
        if context.json {
            return output::json(
                &json!({ "plugins": plugins, "failures": failures, "waiting": waits }),
            );
        }
        match self.kind {
            Some(kind) if plugins.is_empty() => {
                output::say(&format!("no {kind} plugin is loaded"))?;
            }
            _ => output::say(&view::table(&plugins))?,
        }
        if !failures.is_empty() {
            output::say(&format!("\n{}", view::failures(&failures)))?;
        }
        // Why one is not served stands there already.
        waits.retain(|wait| wait.served);
        if waits.is_empty() {
            return Ok(());
        }
        output::say(&format!(
            "\nwaiting for your word:\n{}",
            waiting::described(&waits, false)
        ))
    }
}

fn kind(word: &str) -> Result<Kind, String> {
    Kind::ALL
        .iter()
        .copied()
        .find(|kind| kind.name() == word)
        .ok_or_else(|| {
            let names: Vec<&str> = Kind::ALL.iter().map(|kind| kind.name()).collect();
            format!("the kinds are {}", names.join(", "))
        })
}
