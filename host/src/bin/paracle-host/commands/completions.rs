//! `completions`: what a shell needs in order to complete the words.

use clap::CommandFactory as _;
use clap_complete::Shell;

use crate::cli::Cli;
use crate::exit::Failure;
use crate::output;

/// Writes a script that completes the words of this command line in a shell
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  paracle-host completions bash > ~/.local/share/bash-completion/completions/paracle-host"
)]
pub(crate) struct Completions {
    /// Which shell
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "paracle-host", &mut script);
        output::text(&String::from_utf8_lossy(&script))
    }
}
