//! `mcp inspect`.

use paracle_host::clients::Client;
use serde_json::{Value, json};

use super::client::server;
use super::lookout::Lookout;
use crate::context::Context;
use crate::exit::Failure;
use crate::output;

/// Shows what a client sees: tools with their schemas, prompts, resources, instructions, and how long each is
#[derive(Debug, clap::Args)]
#[command(after_help = "\
A server is started as a client starts it, and asked. What is listed goes into an assistant's context: the sizes are in characters.

Examples:
  paracle-host mcp inspect
  paracle-host mcp inspect --json")]
pub(crate) struct Inspect {}

/// What can be listed: the capability that says so, the method, where its answer has the list, and what names an item.
const LISTS: [(&str, &str, &str, &str); 4] = [
    ("tools", "tools/list", "tools", "name"),
    ("prompts", "prompts/list", "prompts", "name"),
    ("resources", "resources/list", "resources", "uri"),
    (
        "resources",
        "resources/templates/list",
        "resourceTemplates",
        "uriTemplate",
    ),
];

impl Inspect {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        let Self {} = self;
        let server = server(context)?;
        let (mut lookout, said) = Lookout::start(&server)?;
        let instructions = said["instructions"].as_str().unwrap_or_default().to_owned();
        let mut seen = json!({
            "server": said["serverInfo"],
            "protocol": said["protocolVersion"],
            "capabilities": said["capabilities"],
            "instructions": instructions,
        });
        let mut sizes = json!({ "instructions": instructions.chars().count() });
        let mut rows = Vec::new();
        for (capability, method, key, name) in LISTS {
            let items = if said["capabilities"].get(capability).is_some() {
                lookout.list(method, key)?
            } else {
                Vec::new()
            };
            sizes[key] = json!(items.iter().map(size).sum::<usize>());
            rows.extend(items.iter().map(|item| row(key, name, item)));
            seen[key] = Value::Array(items);
        }
        drop(lookout);
        seen["characters"] = sizes.clone();
        seen["config"] = Value::Object(server.entry(Client::ClaudeDesktop));
        if context.json {
            return output::json(&seen);
        }
        output::text(&instructions)?;
        output::text("")?;
        output::text(&output::table(
            ["KIND", "NAME", "CHARACTERS", "DESCRIPTION"],
            rows,
        ))?;
        let sizes = sizes.as_object().into_iter().flatten();
        let sizes: Vec<String> = sizes.map(|(what, size)| format!("{what} {size}")).collect();
        output::text(&format!("\ncharacters: {}", sizes.join(", ")))
    }
}

/// Returns how many characters of a context an item takes, as JSON.
fn size(item: &Value) -> usize {
    item.to_string().chars().count()
}

fn row(key: &str, name: &str, item: &Value) -> [String; 4] {
    let text = |key: &str| item[key].as_str().unwrap_or_default();
    let kind = match key {
        "tools" => "tool",
        "prompts" => "prompt",
        "resources" => "resource",
        _ => "template",
    };
    let sentence = text("description").lines().next().unwrap_or_default();
    [
        kind.to_owned(),
        text(name).to_owned(),
        size(item).to_string(),
        sentence.to_owned(),
    ]
}
