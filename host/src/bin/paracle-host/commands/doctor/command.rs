//! The words after `doctor`.

use crate::context::Context;
use crate::exit::Failure;

/// Attacks this host with hostile plugins, and says how each attack ended
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Each attack is a plugin that does its worst in a repository made for it, while another plugin is called without a pause. \
It is held if it ended with the error that it should, the host lives, and every call of the neighbour was answered \
right. Ends with 0 only if every attack was held. Nothing of yours is read or written; the attacks' compiled code is kept in \
the cache folder.

Examples:
  paracle-host doctor --attack
  paracle-host doctor --attack memory-bomb read-only --json
  paracle-host doctor --list")]
pub(crate) struct Doctor {
    /// Runs these attacks; all of them if none is named
    #[arg(long, value_name = "NAME", num_args = 0.., conflicts_with = "list")]
    attack: Option<Vec<String>>,
    /// Lists the attacks, and runs none
    #[arg(long)]
    list: bool,
}

impl Doctor {
    #[cfg(feature = "bundled-plugins")]
    pub(crate) async fn run(self, context: &Context) -> Result<(), Failure> {
        match self.attack {
            _ if self.list => super::attack::list(context.json),
            Some(names) => super::attack::run(names, context.json).await,
            None => Err(Failure::usage(
                "say what to look at: `paracle-host doctor --attack`",
            )),
        }
    }

    #[cfg(not(feature = "bundled-plugins"))]
    #[expect(clippy::unused_async, reason = "as in a build that has the attacks")]
    pub(crate) async fn run(self, _: &Context) -> Result<(), Failure> {
        Err(Failure::usage(
            "this paracle-host was built without the attacking plugins; build it with the feature `bundled-plugins`",
        ))
    }
}
