//! A call's answer: what the tool said, and where its changes are.

use rmcp::model::{CallToolResult, ContentBlock, MetaObject};
use serde_json::{Value, json};

use super::content::block;
use crate::mcp::answer::{Answer, Open};
use crate::mcp::{clean, failure};
use crate::model::{ExecutionId, Landed, Output, Receipt, Reply};

/// Where a result's `_meta` says what became of the call.
pub(in crate::mcp) const RECEIPT: &str = "dev.paracle/receipt";

/// Changed paths that an answer's text names; `_meta` has all of them.
const NAMED_PATHS: usize = 20;

/// The longest path or note in an answer's text, in characters.
const LONGEST_LINE: usize = 1000;

/// Makes the answer to a call: what the plugin said, and where its changes are.
pub(in crate::mcp) fn result(receipt: Receipt, open: Open) -> Answer {
    let meta = receipt_meta(&receipt);
    let call = receipt.call.to_string();
    let Receipt {
        reply,
        landed,
        execution,
        notes,
        ..
    } = receipt;
    let mut result = match reply {
        Reply::Tool(Ok(output)) => success(output),
        Reply::Tool(Err(error)) => failure::of_tool(&error),
        // The verb was a tool's, so these cannot be; if they are, the caller learns it.
        Reply::Chat(_)
        | Reply::Models(_)
        | Reply::Resources(_)
        | Reply::Read(_)
        | Reply::Prompt(_)
        | Reply::Complete(_) => failure::not_a_tool(),
    };
    let said = result.content.len();
    for landed in &landed {
        result
            .content
            .push(ContentBlock::text(place(landed, &execution, open)));
    }
    for note in &notes {
        result.content.push(ContentBlock::text(format!(
            "Note: {}.",
            clean::line(note, LONGEST_LINE)
        )));
    }
    result
        .meta
        .get_or_insert_default()
        .insert(RECEIPT.to_owned(), meta);
    Answer { result, said, call }
}

/// Says where a call's changes are, and when they can be merged: until then its execution is open.
fn place(landed: &Landed, execution: &ExecutionId, open: Open) -> String {
    let (changed, paths) = (counted(landed.changed.len()), paths(landed));
    let branch = &landed.branch;
    let (of, wanted) = match &landed.member {
        None => (String::new(), branch.as_str()),
        // All of its repositories merge, or none does.
        Some(member) => (format!(" of {member}"), execution.as_str()),
    };
    match &landed.kept {
        None => format!(
            "{changed} on branch {branch}{of} of execution {execution}: {paths}. {open}, a person merges it with \
             `paracle-host git merge {wanted}`.",
        ),
        Some(kept) => format!(
            "{changed} of execution {execution}, which waits for decisions: {paths}. They are under {kept} until all conflicts are \
             decided."
        ),
    }
}

fn success(output: Output) -> CallToolResult {
    let Output {
        content,
        structured,
    } = output;
    let mut content: Vec<_> = content.into_iter().map(block).collect();
    if let (true, Some(structured)) = (content.is_empty(), &structured) {
        // Clients from before structured results read the text.
        content.push(ContentBlock::text(structured.to_string()));
    }
    let mut result = CallToolResult::success(content);
    result.structured_content = structured;
    result
}

fn receipt_meta(receipt: &Receipt) -> Value {
    let mut meta = json!({
        "execution": receipt.execution,
        "call": receipt.call.to_string(),
        "plugin": receipt.plugin,
        "version": receipt.version.to_string(),
        "digest": receipt.digest,
        "usage": receipt.usage,
        "wall": receipt.wall,
        "notes": receipt.notes,
    });
    if let Value::Object(meta) = &mut meta {
        match &receipt.landed[..] {
            [] => {}
            [landed @ Landed { member: None, .. }] => {
                if let Value::Object(fields) = json!(landed) {
                    meta.extend(fields);
                }
            }
            several => {
                meta.insert("repositories".to_owned(), json!(several));
            }
        }
    }
    if let (false, Value::Object(meta)) = (receipt.given_up.is_empty(), &mut meta) {
        meta.insert("given_up".to_owned(), json!(receipt.given_up));
    }
    if let (false, Value::Object(meta)) = (receipt.directories.is_empty(), &mut meta) {
        meta.insert("directories".to_owned(), json!(receipt.directories));
    }
    meta
}

fn counted(changed: usize) -> String {
    match changed {
        1 => "Changed 1 file".to_owned(),
        more => format!("Changed {more} files"),
    }
}

/// Names come from the plugin, so they are cleaned: a path must not read like the host's own words.
fn paths(landed: &Landed) -> String {
    let named: Vec<_> = landed
        .named()
        .iter()
        .take(NAMED_PATHS)
        .map(|edit| clean::line(&edit.path, LONGEST_LINE))
        .collect();
    let named = named.join(", ");
    match landed.changed.len().saturating_sub(NAMED_PATHS) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

/// Makes `_meta` of one member.
pub(in crate::mcp) fn meta(key: &str, value: Value) -> MetaObject {
    let mut meta = MetaObject::new();
    meta.insert(key.to_owned(), value);
    meta
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
