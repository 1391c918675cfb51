//! The clients that are known, and the shape of what each reads.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::{ClientError, ClientFile};
use crate::config::PersonFolders;

/// A program that starts MCP servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Client {
    /// Claude Desktop.
    ClaudeDesktop,
    /// Claude Code.
    ClaudeCode,
    /// Visual Studio Code.
    Vscode,
    /// Cursor.
    Cursor,
}

/// For whom a client starts a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// For whoever works in the project: the file is in its folder.
    Project,
    /// For this person, in every project.
    User,
}

/// What a client is told to start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// The program, by its absolute path.
    pub program: String,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// What its environment has beside the client's own.
    pub variables: Vec<(String, String)>,
}

impl Client {
    /// Every one, in the order in which they are shown.
    pub const ALL: [Self; 4] = [
        Self::ClaudeDesktop,
        Self::ClaudeCode,
        Self::Vscode,
        Self::Cursor,
    ];

    /// Returns the name that the command line has for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ClaudeDesktop => "claude-desktop",
            Self::ClaudeCode => "claude-code",
            Self::Vscode => "vscode",
            Self::Cursor => "cursor",
        }
    }

    /// Returns the key under which the client lists its servers.
    pub const fn key(self) -> &'static str {
        match self {
            Self::ClaudeDesktop | Self::ClaudeCode | Self::Cursor => "mcpServers",
            Self::Vscode => "servers",
        }
    }

    /// Returns the scope of an entry where nobody says.
    pub const fn usual_scope(self) -> Scope {
        match self {
            Self::ClaudeDesktop => Scope::User,
            Self::ClaudeCode | Self::Vscode | Self::Cursor => Scope::Project,
        }
    }

    /// Returns the file of a scope that the client reads, or why there is none to edit.
    ///
    /// `server` is what would be put there: where the client has a command of its own for it, the error says that.
    pub fn file(
        self,
        scope: Scope,
        project: &Path,
        person: &PersonFolders,
        server: &Server,
    ) -> Result<ClientFile, ClientError> {
        let (base, path): (&Path, PathBuf) = match (self, scope) {
            (Self::ClaudeDesktop, Scope::User) => (
                &person.applications,
                person
                    .applications
                    .join("Claude/claude_desktop_config.json"),
            ),
            (Self::ClaudeDesktop, Scope::Project) => return Err(ClientError::NoProject),
            (Self::ClaudeCode, Scope::Project) => (project, project.join(".mcp.json")),
            (Self::ClaudeCode, Scope::User) => {
                return Err(ClientError::OwnCommand {
                    client: "Claude Code",
                    command: server.claude_command(),
                });
            }
            (Self::Vscode, Scope::Project) => (project, project.join(".vscode/mcp.json")),
            (Self::Vscode, Scope::User) => {
                return Err(ClientError::OwnCommand {
                    client: "VS Code",
                    command: server.code_command(),
                });
            }
            (Self::Cursor, Scope::Project) => (project, project.join(".cursor/mcp.json")),
            (Self::Cursor, Scope::User) => (&person.home, person.home.join(".cursor/mcp.json")),
        };
        ClientFile::open(base, path, self.key(), scope)
    }

    /// Tells whether the client wants to be told how the server speaks.
    const fn names_transport(self) -> bool {
        match self {
            Self::ClaudeDesktop | Self::Cursor => false,
            Self::ClaudeCode | Self::Vscode => true,
        }
    }
}

impl Scope {
    /// Returns the name that the command line has for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Project => "project",
            Self::User => "user",
        }
    }
}

impl Server {
    /// Writes what a client reads of a server.
    pub fn entry(&self, client: Client) -> Map<String, Value> {
        let mut entry = Map::new();
        if client.names_transport() {
            entry.insert("type".to_owned(), json!("stdio"));
        }
        entry.insert("command".to_owned(), json!(self.program));
        entry.insert("args".to_owned(), json!(self.arguments));
        if !self.variables.is_empty() {
            let variables = self
                .variables
                .iter()
                .map(|(name, value)| (name.clone(), json!(value)));
            entry.insert("env".to_owned(), Value::Object(variables.collect()));
        }
        entry
    }

    /// Writes the command by which Claude Code keeps a server for a person.
    fn claude_command(&self) -> String {
        let mut words = vec!["claude", "mcp", "add", "--scope", "user", "paracle"];
        let variables: Vec<String> = self
            .variables
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        for variable in &variables {
            words.extend(["--env", variable]);
        }
        words.extend(["--", &self.program]);
        words.extend(self.arguments.iter().map(String::as_str));
        in_shell(&words)
    }

    /// Writes the command by which VS Code keeps a server for a person.
    fn code_command(&self) -> String {
        let mut entry = self.entry(Client::Vscode);
        entry.shift_insert(0, "name".to_owned(), json!("paracle"));
        in_shell(&["code", "--add-mcp", &Value::Object(entry).to_string()])
    }
}

/// Quotes words for a shell.
fn in_shell(words: &[&str]) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:@%+,".contains(c);
    let quoted = words.iter().map(|word| {
        if !word.is_empty() && word.chars().all(plain) {
            (*word).to_owned()
        } else {
            format!("'{}'", word.replace('\'', r"'\''"))
        }
    });
    quoted.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_to_type_is_quoted() {
        assert_eq!(
            in_shell(&["code", "", "a b", "it's"]),
            r"code '' 'a b' 'it'\''s'"
        );
    }
}
