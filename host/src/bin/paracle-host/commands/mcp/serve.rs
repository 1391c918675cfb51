//! `mcp serve`.

use std::io::IsTerminal as _;
use std::net::SocketAddr;
use std::path::PathBuf;

use paracle_host::flow::Host;
use paracle_host::mcp::{self, Listening, Opening, Tokens};

use crate::beginning::Beginning;
use crate::context::Context;
use crate::exit::Failure;
use crate::output;
use crate::threads;
use crate::walled::WallOption;

/// Serves the tools of all plugins by the Model Context Protocol, on standard input and output or over HTTP
#[derive(Debug, clap::Args)]
#[command(after_help = "\
A client starts this itself: `paracle-host mcp config` prints what to paste.

Examples:
  paracle-host mcp serve --stdio
  paracle-host mcp serve --stdio --execution notes --include-dirty
  paracle-host mcp serve --http 127.0.0.1:8765 --token-file tokens")]
pub(crate) struct Serve {
    /// Speaks on standard input and output, which is the default
    #[arg(long, conflicts_with = "http")]
    stdio: bool,
    /// Serves Streamable HTTP there, at /mcp, until the process is asked to end; port 0 takes any that is free
    #[arg(long, value_name = "ADDR")]
    http: Option<SocketAddr>,
    /// Lets over HTTP only those call who have a token of this file
    #[arg(long, value_name = "PATH", requires = "http")]
    token_file: Option<PathBuf>,
    #[command(flatten)]
    beginning: Beginning,
    #[command(flatten)]
    wall: WallOption,
}

impl Serve {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        let Self {
            stdio: _,
            http,
            token_file,
            beginning,
            wall,
        } = self;
        if let Some(address) = http {
            if beginning.is_said() {
                return Err(Failure::usage(
                    "over HTTP each caller has an execution of its own: leave --execution, --from and --include-dirty out",
                ));
            }
            let tokens = token_file.as_deref().map(Tokens::read).transpose()?;
            let listening = Listening::open(Opening { address, tokens })?;
            return serve_http(context, &wall, listening);
        }
        let (settings, wall) = context.behind_wall(&wall)?;
        threads::run(async move {
            let host = Host::open_behind(settings, wall).await?;
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

/// Serves on an address that is listened on already, because behind the wall none can be.
fn serve_http(context: &Context, wall: &WallOption, listening: Listening) -> Result<(), Failure> {
    let (settings, wall) = context.behind_wall(wall)?;
    let address = listening.address();
    let json = context.json;
    threads::run(async move {
        let host = Host::open_behind(settings, wall).await?;
        output::tell(&format!("serving MCP at http://{address}/mcp"));
        if json {
            output::json(&serde_json::json!({
                "address": address.to_string(),
                "url": format!("http://{address}/mcp"),
            }))?;
        }
        let served = listening.serve(host.clone()).await;
        host.close().await;
        Ok(served?)
    })
}
