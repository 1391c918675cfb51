//! `mcp list`.

use paracle_host::clients::{Client, ClientError, Scope};
use serde_json::{Value, json};

use super::client::Place;
use crate::context::Context;
use crate::exit::Failure;
use crate::output;

/// Shows which clients have this host in their configuration, and where
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  paracle-host mcp list")]
pub(crate) struct List {
    /// What the clients call the server
    #[arg(long, default_value = "paracle", value_name = "NAME")]
    name: String,
}

/// One client's file, and what it says.
struct Line {
    client: Client,
    scope: Scope,
    file: Option<String>,
    state: String,
}

impl List {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        let place = Place::find(context)?;
        let mut lines = Vec::new();
        for client in Client::ALL {
            for scope in [Scope::Project, Scope::User] {
                lines.extend(self.look(&place, client, scope));
            }
        }
        if context.json {
            let lines = lines.iter().map(|line| {
                json!({
                    "client": line.client.name(),
                    "scope": line.scope.name(),
                    "file": line.file,
                    "state": line.state,
                })
            });
            return output::json(&lines.collect::<Vec<_>>());
        }
        output::text(&output::table(
            ["CLIENT", "SCOPE", "STATE", "FILE"],
            lines.into_iter().map(|line| {
                [
                    line.client.name().to_owned(),
                    line.scope.name().to_owned(),
                    line.state,
                    line.file.unwrap_or_default(),
                ]
            }),
        ))
    }

    /// Looks into one client's file; none where the client has no such file, or keeps it to itself.
    fn look(&self, place: &Place, client: Client, scope: Scope) -> Option<Line> {
        let (file, state) = match place.file(client, scope) {
            Err(ClientError::NoProject | ClientError::OwnCommand { .. }) => return None,
            Err(error) => (None, error.to_string()),
            Ok(file) => {
                let state = match file.entry(&self.name) {
                    Err(error) => error.to_string(),
                    Ok(None) if file.exists() => "not there".to_owned(),
                    Ok(None) => "no file".to_owned(),
                    Ok(Some(entry)) => state(place, &entry),
                };
                (Some(file.path().display().to_string()), state)
            }
        };
        Some(Line {
            client,
            scope,
            file,
            state,
        })
    }
}

/// Says whether an entry starts this program for this repository.
fn state(place: &Place, entry: &Value) -> String {
    if entry["command"] != json!(place.server.program) {
        let command = entry["command"].as_str().unwrap_or("nothing");
        return format!("starts another program: {command}");
    }
    if entry["args"] == json!(place.server.arguments) {
        return "installed".to_owned();
    }
    let arguments: Vec<&str> = entry["args"]
        .as_array()
        .map(|arguments| arguments.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    format!("installed, with other arguments: {}", arguments.join(" "))
}
