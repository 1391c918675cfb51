//! A grant as flags, by the keys that it has in `plugins.yaml`.

use paracle_host::model::{
    Access, DirectoryRule, Grant, HttpRule, PluginName, SecretRule, SocketRule, ToolPattern,
};

/// What is to be granted, or asked about.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "What")]
pub(super) struct Wanted {
    /// The execution's git tree
    #[arg(long, value_enum, value_name = "ACCESS")]
    workspace: Option<Tree>,
    /// HTTP requests: `[METHOD,…] SCHEME://HOST[:PORT][/PATH] [private]`
    #[arg(long, value_name = "RULE")]
    network: Vec<HttpRule>,
    /// Raw sockets: `tcp://HOST:PORT [private]` or `udp://HOST:PORT [private]`
    #[arg(long, value_name = "RULE")]
    sockets: Vec<SocketRule>,
    /// A directory of this machine: `PATH:AT:ro` or `PATH:AT:rw`
    #[arg(long, value_name = "RULE")]
    directories: Vec<DirectoryRule>,
    /// A secret, and where it may go: `NAME@HOST[,HOST…]`
    #[arg(long, value_name = "RULE")]
    secrets: Vec<SecretRule>,
    /// Tools of other plugins: `PLUGIN__TOOL`, `PLUGIN__*` or `*`
    #[arg(long, value_name = "TOOL")]
    tools: Vec<ToolPattern>,
    /// A provider plugin
    #[arg(long, value_name = "PLUGIN")]
    completions: Vec<PluginName>,
    /// Questions to whoever calls, and to the person behind them
    #[arg(long)]
    ask: bool,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Tree {
    ReadOnly,
    ReadWrite,
}

impl From<Wanted> for Grant {
    fn from(wanted: Wanted) -> Self {
        Self {
            workspace: match wanted.workspace {
                None => Access::None,
                Some(Tree::ReadOnly) => Access::ReadOnly,
                Some(Tree::ReadWrite) => Access::ReadWrite,
            },
            completions: wanted.completions,
            tools: wanted.tools,
            network: wanted.network,
            sockets: wanted.sockets,
            directories: wanted.directories,
            secrets: wanted.secrets,
            ask: wanted.ask,
        }
    }
}
