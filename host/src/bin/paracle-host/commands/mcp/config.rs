//! `mcp config`.

use paracle_host::config::named_folders;
use serde_json::{Value, json};

use crate::context::Context;
use crate::exit::Failure;
use crate::output;

/// Prints what to paste into a client's configuration, so that it starts this host for this repository
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  paracle-host mcp config --client vscode > .vscode/mcp.json")]
pub(crate) struct Config {
    /// For which client
    #[arg(long, value_enum, default_value_t = Client::ClaudeDesktop)]
    client: Client,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Client {
    /// Its file `claude_desktop_config.json`
    ClaudeDesktop,
    /// The project's file `.mcp.json`
    ClaudeCode,
    /// The project's file `.vscode/mcp.json`
    Vscode,
    /// The project's file `.cursor/mcp.json`
    Cursor,
}

impl Client {
    /// Returns the key under which the client lists its servers, and the file that it does it in.
    const fn place(self) -> (&'static str, &'static str) {
        match self {
            Self::ClaudeDesktop => (
                "mcpServers",
                "claude_desktop_config.json (Settings > Developer > Edit Config)",
            ),
            Self::ClaudeCode => ("mcpServers", ".mcp.json in the project"),
            Self::Vscode => ("servers", ".vscode/mcp.json in the project"),
            Self::Cursor => (
                "mcpServers",
                ".cursor/mcp.json in the project, or ~/.cursor/mcp.json",
            ),
        }
    }

    /// Tells whether the client wants to be told how the server speaks.
    const fn names_transport(self) -> bool {
        match self {
            Self::ClaudeDesktop | Self::Cursor => false,
            Self::ClaudeCode | Self::Vscode => true,
        }
    }
}

impl Config {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        let program = std::env::current_exe().map_err(|error| {
            Failure::failed(format!("cannot tell where this program is: {error}"))
        })?;
        let folders = context.folders()?;
        let (Some(program), Some(folders)) = (program.to_str(), folders) else {
            return Err(Failure::usage(
                "the program's or the folder's path is not UTF-8, which JSON cannot say: move it",
            ));
        };
        let mut words = Vec::new();
        for folder in folders {
            words.extend(["--repo".to_owned(), folder]);
        }
        words.extend(["mcp", "serve", "--stdio"].map(str::to_owned));
        let mut server = json!({ "command": program, "args": words });
        // A client starts the server with an environment of its own.
        let variables: serde_json::Map<String, Value> = named_folders()
            .into_iter()
            .filter_map(|(name, path)| Some((name.to_owned(), json!(path.to_str()?))))
            .collect();
        if !variables.is_empty() {
            server["env"] = Value::Object(variables);
        }
        if let (true, Value::Object(server)) = (self.client.names_transport(), &mut server) {
            server.shift_insert(0, "type".to_owned(), json!("stdio"));
        }
        let (key, file) = self.client.place();
        output::json(&json!({ key: { "paracle": server } }))?;
        if !context.json {
            output::tell(&format!(
                "Paste this into {file}; keep what stands there already."
            ));
        }
        Ok(())
    }
}
