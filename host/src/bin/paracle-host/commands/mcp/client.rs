//! Clients, as the command line names them, and the server that each is told to start.

use std::path::PathBuf;

use paracle_host::clients::{Client, ClientError, ClientFile, Scope, Server};
use paracle_host::config::{PersonFolders, named_folders};

use crate::context::Context;
use crate::exit::Failure;

/// A client's name.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(super) enum ClientName {
    /// Its file `claude_desktop_config.json`
    ClaudeDesktop,
    /// The project's file `.mcp.json`
    ClaudeCode,
    /// The project's file `.vscode/mcp.json`
    Vscode,
    /// The project's file `.cursor/mcp.json`
    Cursor,
}

/// A scope's name.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(super) enum ScopeName {
    /// The file in the project's folder
    Project,
    /// The file in your own folder
    User,
}

/// What there is to know before a client's file is looked at.
pub(super) struct Place {
    pub(super) server: Server,
    project: PathBuf,
    person: PersonFolders,
}

impl From<ClientName> for Client {
    fn from(name: ClientName) -> Self {
        match name {
            ClientName::ClaudeDesktop => Self::ClaudeDesktop,
            ClientName::ClaudeCode => Self::ClaudeCode,
            ClientName::Vscode => Self::Vscode,
            ClientName::Cursor => Self::Cursor,
        }
    }
}

impl From<ScopeName> for Scope {
    fn from(name: ScopeName) -> Self {
        match name {
            ScopeName::Project => Self::Project,
            ScopeName::User => Self::User,
        }
    }
}

impl Place {
    /// Finds the project, the person's folders, and this program.
    pub(super) fn find(context: &Context) -> Result<Self, Failure> {
        let person = PersonFolders::find().ok_or_else(|| {
            Failure::usage("no home folder is known, where clients keep their files: set HOME")
        })?;
        Ok(Self {
            server: server(context)?,
            project: context.folder()?,
            person,
        })
    }

    /// Reads a client's file.
    pub(super) fn file(&self, client: Client, scope: Scope) -> Result<ClientFile, ClientError> {
        client.file(scope, &self.project, &self.person, &self.server)
    }
}

/// Returns how a client starts this very program for this repository, or these.
pub(super) fn server(context: &Context) -> Result<Server, Failure> {
    let program = std::env::current_exe()
        .map_err(|error| Failure::failed(format!("cannot tell where this program is: {error}")))?;
    let (Some(program), Some(folders)) = (program.to_str(), context.folders()?) else {
        return Err(Failure::usage(
            "the program's or the folder's path is not UTF-8, which JSON cannot say: move it",
        ));
    };
    // A client starts the server with an environment of its own.
    let variables = named_folders()
        .into_iter()
        .filter_map(|(name, path)| Some((name.to_owned(), path.to_str()?.to_owned())));
    let mut arguments = Vec::new();
    for folder in folders {
        arguments.extend(["--repo".to_owned(), folder]);
    }
    arguments.extend(["mcp", "serve", "--stdio"].map(str::to_owned));
    Ok(Server {
        program: program.to_owned(),
        arguments,
        variables: variables.collect(),
    })
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        match error {
            ClientError::Io { .. } => Self::failed(error.to_string()),
            ClientError::NoProject
            | ClientError::OwnCommand { .. }
            | ClientError::LinkOut { .. }
            | ClientError::NoText(_)
            | ClientError::Comments(_)
            | ClientError::NotJson { .. }
            | ClientError::Shape { .. } => Self::usage(error.to_string()),
        }
    }
}
