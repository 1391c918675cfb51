//! `mcp serve`.

use std::io::IsTerminal as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use paracle_host::flow::Host;
use paracle_host::mcp::{self, Listening, Opening, Tokens};
use paracle_host::wall::Ports;

use crate::beginning::Beginning;
use crate::context::Context;
use crate::exit::Failure;
use crate::output;
use crate::threads;
use crate::walled::{WallOption, behind_wall};

/// Serves the tools of all plugins by the Model Context Protocol, on standard input and output or over HTTP
#[derive(Debug, clap::Args)]
#[command(after_help = "\
A client starts this itself: `paracle-host mcp config` prints what to paste.

Examples:
  paracle-host mcp serve --stdio
  paracle-host mcp serve --stdio --execution notes --include-dirty
  paracle-host mcp serve --http 127.0.0.1:8765 --token-file tokens
  paracle-host mcp serve --http 0.0.0.0:8765 --token-file tokens --tls-cert cert.pem --tls-key key.pem")]
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
    /// Speaks TLS, with the certificate of this PEM file
    #[arg(long, value_name = "PATH", requires_all = ["http", "tls_key"])]
    tls_cert: Option<PathBuf>,
    /// The certificate's key, a PEM file that only this user can read
    #[arg(long, value_name = "PATH", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
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
            tls_cert,
            tls_key,
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
            let opening = Opening {
                address,
                tokens,
                tls: tls_cert.zip(tls_key),
            };
            return serve_http(context, &wall, opening);
        }
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

/// Serves on an address that is listened on before the wall is up, because behind it none can be.
fn serve_http(context: &Context, wall: &WallOption, opening: Opening) -> Result<(), Failure> {
    let settings = context.settings_of_all()?;
    let listening = Listening::open(opening, &settings)?;
    let (settings, wall) = behind_wall(settings, wall, |needs| {
        needs.read.extend(listening.keys_file().map(Path::to_owned));
        if let (Ports::These(ports), Some(port)) = (&mut needs.connect, listening.keys_port()) {
            ports.push(port);
        }
    })?;
    let (address, url, json) = (listening.address(), listening.url(), context.json);
    threads::run(async move {
        let host = Host::open_behind(settings, wall).await?;
        output::tell(&match listening.issuer() {
            Some(issuer) => format!("serving MCP at {url} to those whom {issuer} vouches for"),
            None => format!("serving MCP at {url}"),
        });
        if json {
            output::json(&serde_json::json!({ "address": address.to_string(), "url": url }))?;
        }
        let served = listening.serve(host.clone()).await;
        host.close().await;
        Ok(served?)
    })
}
