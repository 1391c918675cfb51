//! `mcp serve`.

use std::io::IsTerminal as _;

use paracle_host::mcp;

use crate::context::Context;
use crate::exit::Failure;
use crate::output;

/// Serves the tools of all plugins by the Model Context Protocol, on standard input and output
#[derive(Debug, clap::Args)]
#[command(after_help = "\
A client starts this itself: `paracle-host mcp config` prints what to paste.

Example:
  paracle-host mcp serve --stdio")]
pub(crate) struct Serve {
    /// Speaks on standard input and output, which is the only way in this version
    #[arg(long)]
    stdio: bool,
}

impl Serve {
    pub(super) async fn run(self, context: &Context) -> Result<(), Failure> {
        let Self { stdio: _ } = self;
        let host = context.host().await?;
        if std::io::stdin().is_terminal() {
            output::tell(
                "waiting for an MCP client's messages on standard input; `paracle-host mcp config` prints what to paste into one",
            );
        }
        let served = mcp::serve_stdio(host.clone()).await;
        host.close().await;
        Ok(served?)
    }
}
