//! Tools, as clients list them.

use rmcp::model::{Tool, ToolAnnotations};
use serde_json::{Map, Value};

use super::content::icons;
use super::result::meta;
use crate::mcp::clean;
use crate::model::{Annotations, TaskSupport, ToolInfo};

/// Where a tool's `_meta` says whether it may be answered with a task.
const TASK: &str = "dev.paracle/task";

/// Describes a tool to clients.
pub(in crate::mcp) fn tool(name: String, info: &ToolInfo) -> Tool {
    let description = clean::text(&info.description, clean::LONGEST_DESCRIPTION);
    let mut tool = Tool::new(name, description, arguments(&info.parameters))
        .with_annotations(annotations(info.annotations));
    tool.title = info
        .title
        .as_deref()
        .map(|title| clean::line(title, clean::LONGEST_TITLE));
    tool.output_schema = match &info.returns {
        Some(Value::Object(schema)) => Some(clean::schema(schema).into()),
        // `true` and `false` are schemas too, and tell a client nothing.
        Some(_) | None => None,
    };
    tool.icons = icons(&info.icons);
    tool.meta = match info.task {
        TaskSupport::Never => None,
        TaskSupport::Optional => Some(meta(TASK, "optional".into())),
        TaskSupport::Required => Some(meta(TASK, "required".into())),
    };
    tool
}

/// The protocol asks for an object's schema, even where the plugin's says nothing of it.
fn arguments(schema: &Value) -> Map<String, Value> {
    let mut schema = match schema {
        Value::Object(schema) => clean::schema(schema),
        _ => Map::new(),
    };
    schema.entry("type").or_insert_with(|| "object".into());
    schema
}

fn annotations(hints: Annotations) -> ToolAnnotations {
    ToolAnnotations::new()
        .read_only(hints.read_only)
        .destructive(hints.destructive)
        .idempotent(hints.idempotent)
        .open_world(hints.open_world)
}
