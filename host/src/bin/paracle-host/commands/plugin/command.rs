//! The words after `plugin`.

use super::health::Health;
use super::list::List;
use super::load::Load;
use super::reload::Reload;
use super::show::Show;
use super::stats::Stats;
use crate::context::Context;
use crate::exit::Failure;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum PluginCommand {
    List(List),
    Show(Show),
    Health(Health),
    Load(Load),
    Reload(Reload),
    Stats(Stats),
}

impl PluginCommand {
    pub(crate) async fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::List(command) => command.run(context).await,
            Self::Show(command) => command.run(context).await,
            Self::Health(Health {}) => Health::run(context).await,
            Self::Load(command) => command.run(context).await,
            Self::Reload(command) => command.run(context).await,
            Self::Stats(Stats {}) => Stats::run(context).await,
        }
    }
}
