//! `mcp serve`.

use std::io::IsTerminal as _;

use paracle_host::flow::Host;
use paracle_host::mcp;

use crate::beginning::Beginning;
use crate::context::Context;
use crate::exit::Failure;
use crate::output;
use crate::threads;
use crate::walled::WallOption;

/// Serves the tools of all plugins by the Model Context Protocol, on standard input and output
#[derive(Debug, clap::Args)]
#[command(after_help = "\
A client starts this itself: `paracle-host mcp config` prints what to paste.

Examples:
  paracle-host mcp serve --stdio
  paracle-host mcp serve --stdio --execution notes --include-dirty")]
pub(crate) struct Serve {
    /// Speaks on standard input and output, which is the only way in this version
    #[arg(long)]
    stdio: bool,
    #[command(flatten)]
    beginning: Beginning,
    #[command(flatten)]
    wall: WallOption,
}

impl Serve {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        let Self {
            stdio: _,
            beginning,
            wall,
        } = self;
        let (settings, wall) = context.behind_wall(&wall)?;
        beginning.check(&settings)?;
        threads::run(async move {
            let host = Host::open_behind(settings, wall).await?;
            if let Err(error) = host.follow() {
                tracing::warn!("{error}; what changes is loaded when this is started again");
            }
            if std::io::stdin().is_terminal() {
                output::tell(
                    "waiting for an MCP client's messages on standard input; `paracle-host mcp config` prints what to paste into one",
                );
            }
            let served = async {
                let (execution, _) = beginning.begin(&host).await?;
                Ok(mcp::serve_stdio(host.clone(), execution).await?)
            };
            let served = served.await;
            host.close().await;
            served
        })
    }
}
