//! `plugin reload`.

use paracle_host::model::PluginName;

use super::view::View;
use crate::context::{Context, loaded};
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
        let plugin = loaded(&host, &self.name)?;
        let view = View::of(&host, &plugin)?;
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
