//! Searching tools, and calling one by its name: clients list tools once, and plugins may come later.

use std::cmp::Reverse;
use std::fmt::Write as _;

use rmcp::model::{CallToolResult, ContentBlock, Tool};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::tools::{self, OwnError, arguments};
use crate::mcp::caller::Caller;
use crate::mcp::{clean, names};

/// Tools that one search returns at the most: each costs the conversation its schemas.
pub(super) const MOST: usize = 50;

/// How much of a description a line of the answer shows, in characters.
const SHOWN: usize = 200;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    #[serde(default)]
    query: String,
    #[serde(default)]
    limit: Option<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Inner {
    name: String,
    #[serde(default)]
    arguments: Option<Map<String, Value>>,
}

/// Returns what `paracle_call` is to call, and with what.
pub(in crate::mcp) fn called(
    given: Map<String, Value>,
) -> Result<(String, Map<String, Value>), Box<CallToolResult>> {
    let Inner { name, arguments } = arguments(given).map_err(|error| Box::new(error.told()))?;
    Ok((name, arguments.unwrap_or_default()))
}

/// Finds the tools that have most of the words, those that are named so first.
pub(super) fn find(caller: &Caller, given: Map<String, Value>) -> Result<CallToolResult, OwnError> {
    let Query { query, limit } = arguments(given)?;
    let limit = limit.unwrap_or(10);
    if !(1..=MOST).contains(&limit) {
        return Err(OwnError::Arguments(format!(
            "`limit` has to be between 1 and {MOST}"
        )));
    }
    let words: Vec<String> = query.split_whitespace().map(str::to_lowercase).collect();
    let mut all = names::tools(&caller.host);
    all.extend(tools::tools(&caller.host));
    let mut found: Vec<(usize, Tool)> = all
        .into_iter()
        .map(|tool| (score(&tool, &words), tool))
        .filter(|(score, _)| *score > 0 || words.is_empty())
        .collect();
    found.sort_by(|(score, tool), (other, later)| {
        (Reverse(score), &tool.name).cmp(&(Reverse(other), &later.name))
    });
    let more = found.len() > limit;
    found.truncate(limit);
    let mut text = String::new();
    for (_, tool) in &found {
        let description = clean::line(tool.description.as_deref().unwrap_or_default(), SHOWN);
        // Writing into a text does not fail.
        let _ = writeln!(
            text,
            "{}: {description}\n  takes {}",
            tool.name,
            Value::Object(tool.input_schema.as_ref().clone())
        );
    }
    if found.is_empty() {
        text.push_str("No tool has any of these words.\n");
    }
    if more {
        text.push_str("There are more: take other words, or a larger `limit`.\n");
    }
    let tools: Vec<Tool> = found.into_iter().map(|(_, tool)| tool).collect();
    let mut result = CallToolResult::success(vec![ContentBlock::text(text)]);
    result.structured_content = Some(json!({ "tools": tools, "more": more }));
    Ok(result)
}

/// Counts words: in the name most of all.
fn score(tool: &Tool, words: &[String]) -> usize {
    let name = tool.name.to_lowercase();
    let said = format!(
        "{} {}",
        tool.title.as_deref().unwrap_or_default(),
        tool.description.as_deref().unwrap_or_default()
    );
    let said = said.to_lowercase();
    let one =
        |word: &String| 3 * usize::from(name.contains(word)) + usize::from(said.contains(word));
    words.iter().map(one).sum()
}
