//! The second wall, as the command line asks for it.

use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use paracle_host::config::Settings;
use paracle_host::flow::{self, Needs};
use paracle_host::model::{Access, Wall, WallMode};

use crate::context::Context;
use crate::exit::Failure;

/// The option of the commands that run plugins' tools.
#[derive(Debug, clap::Args)]
pub(crate) struct WallOption {
    /// Confines this process to what its configuration needs: `required` does not start without, `auto` warns where the kernel
    /// cannot, `off` does not. Default: `wall:` in the person's own config.yaml, else auto
    #[arg(long, value_name = "MODE", hide_possible_values = true,
        value_parser = PossibleValuesParser::new(WallMode::ALL.map(|(name, _)| name)).try_map(|name| name.parse::<WallMode>()))]
    pub(crate) wall: Option<WallMode>,
}

impl Context {
    /// Reads the configuration and confines this process to what it needs. Has to come before the first thread.
    pub(crate) fn behind_wall(&self, option: &WallOption) -> Result<(Settings, Wall), Failure> {
        let settings = self.settings()?;
        let mode = option.wall.unwrap_or(settings.person.wall);
        let wall = flow::confine(&settings, mode, needs(&settings))?;
        Ok((settings, wall))
    }
}

/// Returns what grants need outside of the repository.
pub(crate) fn needs(settings: &Settings) -> Needs {
    let mut needs = Needs::default();
    // Grants that cannot be read open nothing, and end the calls that would need them.
    for rule in flow::granted_directories(settings).unwrap_or_default() {
        match rule.access {
            Access::None => {}
            Access::ReadOnly => needs.read.push(rule.path),
            Access::ReadWrite => needs.write.push(rule.path),
        }
    }
    needs
}
