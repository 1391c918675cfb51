//! `plugin load`.

use paracle_host::registry::Source;
use serde_json::json;

use super::view::{self, View};
use crate::context::Context;
use crate::exit::Failure;
use crate::output;

/// Loads all plugins for a try, and says which could not be loaded, and why; it adds none and changes nothing
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Every command that needs plugins loads them itself. To add one, put its file into .parac/plugins, or list its `path:` in
.parac/config/plugins.yaml; a server that runs takes it over with the next start of its client.

Ends with 2 if one could not be loaded.

Example:
  paracle-host plugin load --source directory")]
pub(crate) struct Load {
    /// Only what comes from there
    #[arg(long, value_enum, default_value_t = From::All)]
    source: From,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum From {
    /// Everywhere
    All,
    /// Files in .parac/plugins
    Directory,
    /// Paths in .parac/config/plugins.yaml
    Config,
    /// Installed packages: there are none in this version
    EntryPoints,
}

impl From {
    const fn takes(self, source: Source) -> bool {
        match self {
            Self::All => true,
            Self::Directory => matches!(source, Source::Directory),
            Self::Config => matches!(source, Source::Config),
            Self::EntryPoints => false,
        }
    }
}

impl Load {
    pub(super) async fn run(self, context: &Context) -> Result<(), Failure> {
        let host = context.host().await?;
        let folder = host
            .settings()
            .parac
            .as_ref()
            .map(|parac| parac.join("plugins"));
        let registry = host.registry();
        let plugins: Vec<View<'_>> = registry
            .plugins()
            .filter(|plugin| self.source.takes(plugin.source))
            .map(|plugin| View::of(&host, plugin))
            .collect::<Result<_, _>>()?;
        let mut failures = host.failures();
        failures.retain(|failure| {
            let inside = folder
                .as_ref()
                .is_some_and(|folder| failure.path.starts_with(folder));
            self.source.takes(if inside {
                Source::Directory
            } else {
                Source::Config
            })
        });
        if context.json {
            output::json(&json!({ "plugins": plugins, "failures": failures }))?;
        } else if self.source == From::EntryPoints {
            output::text(
                "no plugin comes from installed packages: this version loads .parac/plugins and what plugins.yaml lists",
            )?;
        } else {
            for plugin in &plugins {
                let line = format!(
                    "loaded {} {} from {}",
                    plugin.name,
                    plugin.version,
                    plugin.path.display()
                );
                output::text(&line)?;
            }
            if plugins.is_empty() && failures.is_empty() {
                output::text("there is no plugin to load")?;
            }
            for failure in &failures {
                output::tell(&output::printable(&format!(
                    "not loaded: {}",
                    view::failed(failure)
                )));
            }
        }
        match failures.len() {
            0 => Ok(()),
            1 => Err(Failure::usage("one plugin could not be loaded; the others were").told()),
            some => Err(Failure::usage(format!(
                "{some} plugins could not be loaded; the others were"
            ))
            .told()),
        }
    }
}
