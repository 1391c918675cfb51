//! `plugin reload`.

use paracle_host::model::PluginName;

use super::show::unknown;
use super::view::View;
use crate::context::{Context, absent};
use crate::exit::Failure;
use crate::output;

/// Loads a plugin from its file again, and says what it is now
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  paracle-host plugin reload files")]
pub(crate) struct Reload {
    /// Which plugin
    name: PluginName,
}

impl Reload {
    pub(super) async fn run(self, context: &Context) -> Result<(), Failure> {
        // A process that begins has loaded everything from its file just now.
        let host = context.host().await?;
        if let Some(failure) = absent(&host, &self.name) {
            return Err(failure);
        }
        let registry = host.registry();
        let plugin = registry
            .get(&self.name)
            .ok_or_else(|| unknown(&self.name))?;
        let view = View::of(plugin);
        if context.json {
            return output::json(&view);
        }
        output::text(&format!(
            "loaded {} {} from {}\n{}",
            view.name,
            view.version,
            view.path.display(),
            view.digest
        ))
    }
}
