//! `mcp token`.

use std::path::PathBuf;

use paracle_host::mcp;
use serde_json::json;

use crate::context::Context;
use crate::exit::Failure;
use crate::output;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum TokenCommand {
    New(New),
}

/// Makes a token, and prints it this once; the file keeps only its digest
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  paracle-host mcp token new ada --token-file ~/.config/paracle-host/tokens"
)]
pub(crate) struct New {
    /// Whose it is: the journal names who called by it
    name: String,
    /// The file of tokens, which is made if it is not there
    #[arg(long, value_name = "PATH")]
    token_file: PathBuf,
}

impl TokenCommand {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        let Self::New(New { name, token_file }) = self;
        let token = mcp::new_token(&token_file, &name)?;
        if context.json {
            return output::json(&json!({ "name": name, "token": token }));
        }
        output::text(&token)
    }
}
