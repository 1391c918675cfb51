//! `mcp config`.

use paracle_host::clients::Client;
use serde_json::json;

use super::client::{ClientName, server};
use crate::context::Context;
use crate::exit::Failure;
use crate::output;

/// Prints what to paste into a client's configuration, so that it starts this host for this repository
#[derive(Debug, clap::Args)]
#[command(after_help = "\
`paracle-host mcp install` puts it there itself.

Example:
  paracle-host mcp config --client vscode > .vscode/mcp.json")]
pub(crate) struct Config {
    /// For which client
    #[arg(long, visible_alias = "ide", value_enum, default_value_t = ClientName::ClaudeDesktop)]
    client: ClientName,
}

impl Config {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        let client = Client::from(self.client);
        let entry = server(context)?.entry(client);
        output::json(&json!({ client.key(): { "paracle": entry } }))?;
        if !context.json {
            output::tell(&format!(
                "Paste this into {}; keep what stands there already.",
                file(client)
            ));
        }
        Ok(())
    }
}

/// Says which file of the client's it goes into.
const fn file(client: Client) -> &'static str {
    match client {
        Client::ClaudeDesktop => "claude_desktop_config.json (Settings > Developer > Edit Config)",
        Client::ClaudeCode => ".mcp.json in the project",
        Client::Vscode => ".vscode/mcp.json in the project",
        Client::Cursor => ".cursor/mcp.json in the project, or ~/.cursor/mcp.json",
    }
}
