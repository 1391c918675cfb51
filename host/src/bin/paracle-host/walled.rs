//! The second wall, as the command line asks for it.

use std::path::Path;

use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use paracle_host::config::Settings;
use paracle_host::flow::{self, Needs};
use paracle_host::model::{Access, Grant, PortPattern, Wall, WallMode};
use paracle_host::wall::Ports;

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
        behind_wall(self.settings_of_all()?, option, |_| {})
    }
}

/// Confines this process to what a configuration needs, and to what is added to it.
pub(crate) fn behind_wall(
    settings: Settings,
    option: &WallOption,
    add: impl FnOnce(&mut Needs),
) -> Result<(Settings, Wall), Failure> {
    let mode = option.wall.unwrap_or(settings.person.wall);
    let mut needs = needs(&settings);
    add(&mut needs);
    let wall = flow::confine(&settings, mode, needs)?;
    Ok((settings, wall))
}

/// The ports that stay open, so that what a person grants while a server runs can be reached: the web's, and name servers'.
const USUAL: [u16; 3] = [53, 80, 443];

/// Returns what grants need outside of the repository.
pub(crate) fn needs(settings: &Settings) -> Needs {
    // Grants that cannot be read open nothing, and end the calls that would need them.
    let granted = flow::granted_beyond(settings).unwrap_or_default();
    let mut needs = Needs {
        read: settings.person.secret_files().map(Path::to_owned).collect(),
        connect: ports(&granted),
        ..Needs::default()
    };
    for rule in granted.directories {
        match rule.access {
            Access::None => {}
            Access::ReadOnly => needs.read.push(rule.path),
            Access::ReadWrite => needs.write.push(rule.path),
        }
    }
    needs
}

fn ports(granted: &Grant) -> Ports {
    let mut ports = USUAL.to_vec();
    for rule in &granted.network {
        match rule.port {
            PortPattern::Usual => {}
            PortPattern::One(port) => ports.push(port),
            PortPattern::Any => return Ports::All,
        }
    }
    ports.extend(granted.sockets.iter().map(|rule| rule.port));
    Ports::These(ports)
}
